-- The debugger's side of Lua: the hook that decides at each line whether to stop there, what
-- stands on the stack where a script has stopped, and what can be asked and set there.
--
-- Loaded when a state is debugged for the first time. While nothing is attached, no hook of this
-- file is set.
--
-- host:
--   callers        -> the functions that call commands: each -> true
--   environments   -> chunk name -> the environment of its globals
--   sandbox, values -> what sandbox.lua and debugger_values.lua returned
--   glance()       -> asked now and then: why to stop here, or nil
--   visit(line, frames) -> asked on a line that wants it: whether to stop
--   stopped(reason, line, frames) -> blocks while the script is stopped; gives how to go on
--                     ("into", "over", "out", "run"), or also the error that is to end it
--   raised(text, frames) -> an error that nothing catches, told where it was raised
--   printed(line, text) -> what redis.debug() was given
--   complained(text) -> why a function of the API has failed

local host = ...

local error, ipairs, next, pcall, setmetatable = error, ipairs, next, pcall, setmetatable
local getfenv, loadstring, setfenv, tostring, type = getfenv, loadstring, setfenv, tostring, type
local getinfo, getlocal, setlocal = debug.getinfo, debug.getlocal, debug.setlocal
local getupvalue, setupvalue, sethook = debug.getupvalue, debug.setupvalue, debug.sethook
local sandbox, values = host.sandbox, host.values
local boxed, unboxed, text_for, texts = values.boxed, values.unboxed, values.text_for, values.texts
local create, resume = sandbox.threads.create, sandbox.threads.resume
local running, status = sandbox.threads.running, sandbox.threads.status
local state, get_item = sandbox.state, sandbox.get_item
local look = state.look_at_all

local POLL_EVERY = 10000
local EVALUATION_POLL = 1000
local MOST_FRAMES = 100 -- of each end of a deep stack
local ANY_DEPTH = 1 / 0
local SCRIPT = "@user_script"

local chunk = ""        -- the name of the chunk that is debugged
local lines = {}        -- line -> true: stop there; "ask": let Python decide
local limit             -- while stepping: the greatest height on which to stop
local stepper           -- the coroutine that steps; nil: the script itself
local announced = false -- redis.breakpoint() was called
local current           -- while stopped or stepping into all: the line that was reached last
local on_event

-- How many levels there are from the caller on.
local function count_levels()
  local low, high = 1, 2
  while getinfo(high, "l") do
    low, high = high, high * 2
  end
  while high - low > 1 do
    local middle = (low + high - (low + high) % 2) / 2
    if getinfo(middle, "l") then
      low = middle
    else
      high = middle
    end
  end
  return low - 1
end

local function count_levels_of(thread)
  local count = 0
  while getinfo(thread, count, "l") do
    count = count + 1
  end
  return count
end

-- Frames: a copy of what stands on the stack, innermost first. `height` counts from the bottom
-- of the stack, so that it stays true while more is called on top.

local function is_ours(info)
  return info.source == "=sandbox" or info.what == "C" or info.what == "tail"
end

local function read_locals(level)
  local found, slot = {}, 1
  local name, value = getlocal(level + 1, slot)
  while name do
    if name ~= "(*temporary)" then
      found[#found + 1] = { name = name, value = boxed(value), slot = slot }
    end
    slot = slot + 1
    name, value = getlocal(level + 1, slot)
  end
  return found
end

local function read_upvalues(f)
  local found, slot = {}, 1
  local name, value = getupvalue(f, slot)
  while name do
    if name ~= "" then
      found[#found + 1] = { name = name, value = boxed(value), slot = slot }
    end
    slot = slot + 1
    name, value = getupvalue(f, slot)
  end
  return found
end

local function frame_at(level, height)
  local info = getinfo(level + 1, "nSlf")
  if is_ours(info) then
    return nil
  end
  return {
    name = info.name or false, line = info.currentline, source = info.source, what = info.what,
    func = info.func, height = height, thread = running() or false,
    locals = read_locals(level + 1), upvalues = read_upvalues(info.func), pending = {},
  }
end

-- KEYS and ARGV: the next script has others under these names.
local function globals_of(outermost)
  local found = {}
  if outermost and outermost.source == SCRIPT then
    local environment = host.environments[SCRIPT]
    for place, name in ipairs({ "KEYS", "ARGV" }) do
      found[place] = { name = name, value = environment[name] }
    end
  end
  return found
end

local function capture()
  local count = count_levels()
  local frames = { left_out = 0 }
  local level = 2
  while level <= count do
    if #frames == MOST_FRAMES and count - level > MOST_FRAMES then
      frames.left_out = count - MOST_FRAMES - level
      level = count - MOST_FRAMES
    end
    frames[#frames + 1] = frame_at(level, count - level)
    level = level + 1
  end
  frames.globals = globals_of(frames[#frames])
  return frames
end

-- Which events the hook gets. Every line is one while the user steps. Without that, a function
-- that has no breakpoint in it pays for its calls alone, and a script that has none for nothing.
-- Where calls come so often that lines cost less, the hook gets lines for a while. A hook belongs
-- to one coroutine, so with more than one there is no such saving.

local MOST_CALLS = 100 -- between two counts
local PATIENCE = 200   -- counts

local calls, patience = 0, 0
local has_threads = false
local interest = setmetatable({}, { __mode = "k" }) -- function -> whether it has a breakpoint
local events = ""
local is_unsure = false -- after a tail call's return: which function this is shows on its next line

local function has_breakpoint(f)
  local known = interest[f]
  if known == nil then
    known = false
    if getinfo(f, "S").source == chunk then
      for line in next, getinfo(f, "L").activelines do
        known = known or lines[line] ~= nil
      end
    end
    interest[f] = known
  end
  return known
end

local function listen(to)
  if to ~= events then
    events = to
    sandbox.set_hook(on_event, events, POLL_EVERY)
  end
end

-- Listen to what the function on this level, seen from the caller, makes worth it.
local function listen_in(level)
  local info = getinfo(level + 1, "f")
  listen(info and info.func and has_breakpoint(info.func) and "crl" or "cr")
end

local function arm()
  if has_threads or limit or announced or patience > 0 then
    listen("l")
  elseif next(lines) then
    listen("crl")
    is_unsure = true
  else
    listen("")
  end
end

-- Stopping

local function go_on(how, height)
  limit, stepper = nil, running()
  if how == "into" then
    limit = ANY_DEPTH
  elseif how == "over" then
    limit = height
  elseif how == "out" then
    limit = height - 1
  end
  arm()
end

local function stop(reason, line)
  limit, announced, current = nil, false, line
  local frames = capture()
  local how, text = host.stopped(reason, line, frames)
  if how ~= "into" then
    current = nil
  end
  if text then
    error({ err = text }, 0)
  end
  go_on(how, frames[1] and frames[1].height or 0)
  look()
end

-- Whether a step ends on the line whose hook calls this. One that began in a coroutine ends
-- outside it, too, once the coroutine has yielded or returned.
local function is_step_over()
  if limit == ANY_DEPTH then
    return true
  end
  local here = running()
  if here == stepper then
    return getinfo(limit + 5, "l") == nil -- on top stand this, on_line, on_event and the frame
  end
  return stepper ~= nil and status(stepper) ~= "normal"
end

local function on_line(line, wish)
  if current and line > 0 then
    current = line
  end
  if is_unsure and not (wish or limit or announced) then
    is_unsure = false
    if events == "crl" then
      listen_in(3)
    end
  elseif getinfo(3, "S").source ~= chunk then
    return
  elseif announced then
    stop("call", line)
  elseif wish == true then
    stop("breakpoint", line)
  elseif wish and host.visit(line, capture()) then
    stop("breakpoint", line)
  elseif limit and is_step_over() then
    stop("step", line)
  end
end

local function on_count()
  look()
  local reason = host.glance()
  if reason then
    local info = getinfo(3, "Sl")
    if info.source == chunk then
      stop(reason, info.currentline)
    elseif reason == "pause" then
      limit = ANY_DEPTH
    end
  end
  calls, patience = 0, patience - 1
  arm()
end

function on_event(event, line)
  if event == "line" then
    local wish = lines[line]
    if wish or limit or announced or is_unsure then
      on_line(line, wish)
    end
  elseif event == "count" then
    on_count()
  elseif event == "tail return" then
    listen("crl")
    is_unsure = true
  else
    calls = calls + 1
    if calls > MOST_CALLS then
      patience = PATIENCE
      listen("l")
    else
      listen_in(event == "call" and 2 or 3)
    end
  end
end

-- Setting variables

local function find(list, name)
  for place = #list, 1, -1 do -- what was declared last hides the others
    if list[place].name == name then
      return list[place]
    end
  end
end

-- Give true, or false and why not.
local function assign(frame, variable, value)
  if host.callers[unboxed(variable.value) or false] then -- see call_sites.py: the script would not notice
    return false, "its calls are bound to the function that it is, so it cannot be set"
  end
  variable.value = value
  if find(frame.locals, variable.name) == variable or not setupvalue(frame.func, variable.slot, unboxed(value)) then
    frame.pending[#frame.pending + 1] = variable
  end
  return true, nil
end

-- A coroutine cannot reach the stack it was started from: what it sets is set when it has ended.
local function settle(frame)
  local pending = frame.pending
  if #pending == 0 then
    return
  end
  frame.pending = {}
  local thread = frame.thread
  if thread and thread ~= running() then
    local level = count_levels_of(thread) - 1 - frame.height
    for _, variable in ipairs(pending) do
      setlocal(thread, level, variable.slot, unboxed(variable.value))
    end
  else
    local level = count_levels() - frame.height
    for _, variable in ipairs(pending) do
      setlocal(level, variable.slot, unboxed(variable.value))
    end
  end
end

-- The variables of a frame as the globals of a piece of code.
local function scope_of(frame)
  local globals = getfenv(frame.func)
  local function variable(name)
    return find(frame.locals, name) or find(frame.upvalues, name)
  end
  return setmetatable({}, {
    __index = function(_, name)
      local found = variable(name)
      if found then
        return unboxed(found.value)
      end
      return globals[name]
    end,
    __newindex = function(_, name, value)
      local found = variable(name)
      if found then
        local ok, problem = assign(frame, found, boxed(value))
        if not ok then
          error(name .. ": " .. problem, 0)
        end
      else
        globals[name] = value
      end
    end,
  })
end

local function error_text(err)
  if type(err) == "table" then
    err = err.err
  end
  return (type(err) == "string" or type(err) == "number") and tostring(err) or "(null)"
end

-- Run a piece of code, an expression if it is one: give true and its value, or false and a text.
-- Without a frame it sees the globals alone, of this chunk. It runs in a coroutine: a hook's own thread takes no
-- hooks, and code without an end could not be stopped.
local function evaluate(frame, of_chunk, code, name)
  local f, problem = loadstring("return " .. code, name)
  if not f then
    f, problem = loadstring(sandbox.text_only(code), name)
  end
  if not f then
    return false, problem
  end
  f = sandbox.rewrite(f, false) -- a variable of the frame may be called `redis`
  setfenv(f, frame and scope_of(frame) or host.environments[of_chunk])
  local thread = create(f)
  sethook(thread, look, "", EVALUATION_POLL)
  local ok, value = resume(thread)
  if frame and not frame.is_past then
    settle(frame)
  end
  if not ok then
    return false, error_text(value)
  elseif status(thread) == "suspended" then
    return false, "attempt to yield from the debugger"
  end
  return true, boxed(value)
end

-- In want of memory, or once the script was killed, not even that can be done.
local function evaluate_safely(...)
  local ok, is_done, value = pcall(evaluate, ...)
  if not ok then
    return false, error_text(is_done)
  end
  return is_done, value
end

-- What failures.lua tells of

local debugger = {}

function debugger.breakpoint()
  announced = true
  arm()
end

-- A coroutine is about to be made.
function debugger.branch()
  has_threads = true
  arm()
end

function debugger.print(...)
  host.printed(current or getinfo(3, "l").currentline, texts(...))
end

function debugger.complain(text)
  host.complained(text)
end

-- The handler of an error runs where it was raised, on top of all that is still there.
local function raised(err)
  local frames = capture()
  host.raised(error_text(err), frames)
  for _, frame in ipairs(frames) do
    frame.is_past = true
  end
end

-- The line of what has called redis.call, on whose level the caller of this is. It is found in Lua,
-- for Python always looks at the stack of the script itself, even while a coroutine runs.
local function calling_line()
  local level = 4 -- on top stand this, its caller, and redis.call
  local info = getinfo(level, "l")
  while info and info.currentline <= 0 do -- our code has no lines, and C has none
    level = level + 1
    info = getinfo(level, "l")
  end
  return info and info.currentline or 0
end

-- Give a callable that is told, before the words, the line of the call.
function state.with_line(callable)
  return function(...)
    return callable(calling_line(), ...)
  end
end

-- Short ways (see dispatch.lua) of a command that is traced: one for each line, made by `short_way`.
function state.ways_by_line(short_way)
  return setmetatable({}, {
    __index = function(ways, line)
      local way = short_way(line)
      ways[line] = way
      return way
    end,
  })
end

-- Spelled out for the common case: nearly all that it costs is to find the line.
function state.get_traced(ways, word)
  local info = getinfo(3, "l")
  local line = info and info.currentline or 0
  return get_item(ways[line > 0 and line or calling_line()], word)
end

local function watch_errors(wanted)
  state.raised = wanted and raised or nil
end

local function attach()
  state.debugger = debugger
  events = nil
  arm()
end

local function detach()
  state.debugger, lines, limit = nil, {}, nil
  sandbox.set_hook(state.hook, "", POLL_EVERY)
end

-- A run begins: of this chunk, stopping at its first line if `enters`.
local function begin(name, enters)
  chunk, limit, stepper, announced = name, enters and ANY_DEPTH or nil, nil, false
  current = nil
  calls, patience, has_threads = 0, 0, false
  arm()
end

local function set_lines(wanted)
  lines, interest = wanted, setmetatable({}, { __mode = "k" })
  arm()
end

return {
  assign = function(frame, variable, value)
    local ok, problem = assign(frame, variable, value)
    if not frame.is_past then
      settle(frame)
    end
    return ok, problem
  end,
  attach = attach,
  begin = begin,
  contents = values.contents,
  detach = detach,
  evaluate = evaluate_safely,
  set_entry = values.set_entry,
  set_lines = set_lines,
  sizes = values.sizes,
  text_of = function(value, most)
    local ok, text = pcall(text_for, most, value)
    return ok and text or "<" .. error_text(text) .. ">"
  end,
  type_of = function(value)
    return type(unboxed(value))
  end,
  watch_errors = watch_errors,
}
