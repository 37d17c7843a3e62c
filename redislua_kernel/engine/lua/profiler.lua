-- The Lua side of profiling.
--
-- What is profiled runs as a copy that counts (see counting.py), and so do the functions that it
-- reaches by its upvalues. Copies share the values, but not the variables themselves: what sets
-- variables of its library, or finds functions of it in tables, is left as it is. There a hook
-- counts the lines, which costs more.
--
-- A hook also takes samples of what our own library code is called from: Lua does not keep time.
--
-- Loaded when a state is profiled for the first time.
--
-- host:
--   callers -> the functions that call commands: each -> true
--   entries -> chunk name -> what makes the entry of a function (see redis.lua)
--   sandbox -> what sandbox.lua returned

local host = ...

local getinfo, sandbox = debug.getinfo, host.sandbox
local getupvalue, setupvalue = debug.getupvalue, debug.setupvalue
local raw_metatable = debug.getmetatable
local ipairs, loadstring, next, setmetatable, type = ipairs, loadstring, next, setmetatable, type
local getfenv, setfenv = getfenv, setfenv
local dump = sandbox.dump
local look, real_tables = sandbox.state.look_at_all, sandbox.real_tables

-- In instructions. From sample to sample it varies: else it would keep step with a loop. Where a
-- hook counts, they are all there is to tell of time.
local OFTEN, SELDOM, POLL_EVERY = 500, 2000, 10000
-- So many values are looked through for functions.
local MOST_VALUES = 10000

-- By line, from 0 on, for the lines that have code: hits, if the hook counts, and the instructions
-- that samples stand for, without those on the way to commands and back. What loadstring makes is counted with the chunk then, for to tell it apart
-- would cost too much.
local hits, samples
local chunk = ""

-- Samples

local on_event
local random, period = 1, 0

-- A generator of its own: scripts have the other one.
local function wait_for_next()
  random = random * 16807 % 2147483647
  local least = hits and OFTEN or SELDOM
  period = least + random % (2 * least)
  if not sandbox.state.killed then
    sandbox.set_hook(on_event, hits and "l" or "", period)
  end
end

-- What counts itself needs samples only of what it calls.
local function take_sample()
  local level = 3
  local info = getinfo(level, "Slf")
  local needs, called = hits or info.source ~= chunk, nil
  while info and info.source ~= chunk do
    level, called = level + 1, info.func or called -- a tail call has none
    info = getinfo(level, "Slf")
  end
  needs = needs and not host.callers[called or false]
  local count = needs and info and samples[info.currentline]
  if count then
    samples[info.currentline] = count + period
  end
end

function on_event(event, line)
  if event == "line" then
    local count = hits[line]
    if count then
      hits[line] = count + 1
    end
    return
  end
  look()
  take_sample()
  wait_for_next()
end

-- Copies

local count                 -- of Python: gives a dump with counters, what it is known by, and how
                            -- many of them are upvalues and how many in a table; or nothing
local copies = {}           -- function -> its copy, or false
local counters = {}         -- of each copy: how to find the counters
local attempt               -- the functions that are copied with the one that is to run
local looked_at             -- so many values were looked through for it

-- Tell whether a value that copies share leads to functions that would not count.
local function leads_to_code(value, seen)
  local kind = type(value)
  if kind == "function" then
    return getinfo(value, "S").source == chunk
  elseif kind ~= "table" or real_tables[value] or seen[value] then
    return kind == "thread"
  end
  seen[value] = true
  for key, item in next, value do
    looked_at = looked_at + 1
    if looked_at > MOST_VALUES or leads_to_code(key, seen) or leads_to_code(item, seen) then
      return true
    end
  end
  return leads_to_code(raw_metatable(value), seen)
end

local function start_counters(made, known_as, owned, cells, rest)
  for slot = owned + 1, owned + cells do
    setupvalue(made, slot, 0)
  end
  local numbers = {}
  for place = 1, rest do
    numbers[place] = 0
  end
  if rest > 0 then
    setupvalue(made, owned + cells + 1, numbers)
  end
  counters[#counters + 1] = {
    made = made, known_as = known_as, first = owned + 1, last = owned + cells, numbers = numbers,
  }
end

local copy

-- What a copy has in the place of an upvalue; nothing, and false: there can be no copy.
local function shared(value)
  if type(value) == "function" and getinfo(value, "S").source == chunk then
    local made = copy(value)
    return made, made
  end
  return value, not leads_to_code(value, {})
end

function copy(f)
  if copies[f] ~= nil then
    return copies[f]
  end
  attempt[#attempt + 1] = f
  local code, known_as, cells, rest = count(dump(f))
  if not code then
    return false
  end
  local made, owned = setfenv(loadstring(code), getfenv(f)), getinfo(f, "u").nups
  copies[f] = made
  for slot = 1, owned do
    local _, value = getupvalue(f, slot)
    local taken, is_fine = shared(value)
    if not is_fine then
      return false
    end
    setupvalue(made, slot, taken)
  end
  start_counters(made, known_as, owned, cells, rest)
  return made
end

-- Give the function behind an entry.
local function function_of(entry)
  local slot = 1
  local name, value = getupvalue(entry, slot)
  while name and name ~= "f" do
    slot = slot + 1
    name, value = getupvalue(entry, slot)
  end
  return value
end

-- Give the entry of a copy that counts; or nil.
local function stand_in(name, entry, count_dump)
  chunk = name
  local f = function_of(entry)
  if getinfo(f, "S").source ~= chunk then
    return entry -- a library may register one of ours
  end
  count, attempt, looked_at = count_dump, {}, 0
  local known = #counters
  local made = copy(f)
  if made then
    return host.entries[name](made)
  end
  for _, each in ipairs(attempt) do
    copies[each] = false
  end
  for place = #counters, known + 1, -1 do
    counters[place] = nil
  end
  return nil
end

-- Give the counters of all copies in one list: before those of each, what it is known by.
local function read()
  local numbers = {}
  for _, each in ipairs(counters) do
    numbers[#numbers + 1] = each.known_as
    for slot = each.first, each.last do
      local _, number = getupvalue(each.made, slot)
      numbers[#numbers + 1] = number
    end
    for _, number in ipairs(each.numbers) do
      numbers[#numbers + 1] = number
    end
  end
  return numbers
end

local function forget()
  copies, counters = setmetatable({}, { __mode = "k" }), {}
end

return {
  attach = function()
    forget()
    hits = nil
    wait_for_next()
  end,
  -- Without hits, the hook counts no lines.
  begin = function(name, hits_by_line, samples_by_line)
    chunk, hits, samples = name, hits_by_line or nil, samples_by_line
    wait_for_next()
  end,
  detach = function()
    forget()
    sandbox.set_hook(sandbox.state.hook, "", POLL_EVERY)
  end,
  read = read,
  -- Call what a traced command is reached by.
  tell = function(callable, times)
    local call = sandbox.state.with_line(callable)
    for _ = 1, times do
      call("word")
    end
  end,
  stand_in = stand_in,
}
