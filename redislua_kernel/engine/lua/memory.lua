-- How much memory a state holds, in kilobytes, and who stops a script that holds too much.
--
-- It is looked at between instructions, every now and then, and before Python is called if garbage has been
-- collected since: then what is in use may have become much more. A collection goes through at once, as soon
-- as what is in use has doubled, or is suspicious; before Python's strings get their room, too. So
-- whatever takes much is seen before the next call, and the call itself hardly has to look.
--
-- host: fill() takes note that the script holds too much
-- returns what follows; `stop` is set by interrupts.lua

local host = ...

local type, select, setmetatable = type, select, setmetatable
local collectgarbage, gcinfo = collectgarbage, gcinfo
local floor, huge, max, min = math.floor, math.huge, math.max, math.min

local most, suspicious = huge, huge
local memory = {
  is_full = false,
  longest = huge, -- the longest string that there is room for, in bytes
}

function memory.limit(kilobytes, from)
  most, suspicious = kilobytes, from
  memory.longest = kilobytes * 1024
end

local function fill()
  memory.is_full = true
  host.fill()
end

-- Each collection halves the buffer that Lua has for long strings.
local function holds_too_much()
  local before
  repeat
    before = gcinfo()
    collectgarbage()
  until gcinfo() <= most or gcinfo() > before * 0.9
  if gcinfo() > most then
    fill()
  end
  return memory.is_full
end

-- For the hook.
function memory.is_too_much()
  return gcinfo() > suspicious and holds_too_much()
end

-- Holds a table as long as no garbage is collected.
local witness = setmetatable({}, { __mode = "v" })
memory.witness = witness

-- To be called where there is no table in `witness`.
local function look()
  local used = gcinfo()
  -- The next collection comes when there is twice as much, but no later than that is suspicious.
  collectgarbage("setpause", max(110, min(200, floor(100 * suspicious / used))))
  if used > suspicious / 2 and (memory.is_full or holds_too_much()) then
    memory.stop(3, true)
  end
  witness[1] = {}
end
memory.look = look

-- Make a function of Python's look before it is called.
function memory.heed(f)
  return function(...)
    if not witness[1] then
      look()
    end
    return f(...)
  end
end

-- An allocation is going to fail.
function memory.lack()
  fill()
  memory.stop(3, true)
end

-- An allocation has failed, or a script says so. Who has caught that error must not go on: there is
-- hardly any room.
function memory.note_failure()
  if gcinfo() > most / 4 then
    fill()
    memory.stop(4, true)
  end
end

-- Python gets a copy of each text, however often it stands there: all together must not be too long.
local weight = 0

function memory.weigh_anew()
  weight = 0
end

function memory.weigh(text)
  weight = weight + #text
  if weight > memory.longest then
    memory.lack()
  end
end

function memory.weigh_words(...)
  weight = 0
  for place = 1, select("#", ...) do
    local word = select(place, ...)
    if type(word) == "string" then
      memory.weigh(word)
    end
  end
end

collectgarbage("setstepmul", 2 ^ 30) -- what a collection has begun, it ends

return memory
