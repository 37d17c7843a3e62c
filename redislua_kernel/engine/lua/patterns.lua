-- The functions of `string` that take a pattern, which must not be such that it takes all of C's stack.
--
-- Stock Lua calls itself in C for each part of a pattern that may stand for more or fewer characters: many
-- enough of them end the process. To count them takes a function of ours above the stock one, whose errors have
-- no position then. So patterns that cannot fail are known by heart, and others are tried. What fails in spite
-- of it, failures.lua gives its position.
--
-- host: sandbox -> what sandbox.lua returned

local host = ...

local error, type, select, stock_pcall, unpack = error, type, select, pcall, unpack
local byte, find, match = string.byte, string.find, string.match
local gsub, gmatch = string.gsub, string.gmatch
local fail = host.sandbox.fail

local MOST_PARTS = 2 ^ 14 -- each takes some 200 bytes of a stack that has 8 MB
local SHORT, MOST_KNOWN = 64, 1024 -- how long the patterns are that are known by heart, and how many

-- What cannot fail: patterns, and what stands in their place. And patterns that were met: true for those met
-- once, which were not looked at yet.
local sound, plain, met, left = {}, {}, {}, MOST_KNOWN

-- Give the place after a set, which begins at this one with its bracket; nil: it has no end.
local function after_set(pattern, place)
  place = place + (byte(pattern, place + 1) == 94 and 2 or 1) -- ^
  local first = place
  while place <= #pattern do
    local char = byte(pattern, place)
    if char == 93 and place > first then -- ]
      return place + 1
    end
    place = place + (char == 37 and 2 or 1) -- %
  end
end

-- Tell whether a pattern is well-formed: no error can come of it, whatever it meets. Of what is rare
-- (%b, %f, %1) that is not found out.
local function is_sound(pattern)
  local place, open, captures = 1, 0, 0
  while place and place <= #pattern do
    local char = byte(pattern, place)
    if char == 40 then -- (
      open, captures = open + 1, captures + 1
    elseif char == 41 then -- )
      open = open - 1
    end
    if open < 0 or captures > 32 then
      return false
    end
    if char == 37 then -- %
      if not find(pattern, "^[^bf%d]", place + 1) then
        return false
      end
      place = place + 2
    elseif char == 91 then -- [
      place = after_set(pattern, place)
    else
      place = place + 1
    end
  end
  return place ~= nil and open == 0
end

-- Keep something that is known by heart; if there is too much of it, forget the rest.
local function keep(kind, text, value)
  if left == 0 then
    sound, plain, met, left = {}, {}, {}, MOST_KNOWN
    return
  end
  left = left - 1
  kind[text] = value
end

local function is_short(text)
  return type(text) == "string" and #text <= SHORT
end

-- What is met for the second time may be met often.
local function learn(pattern)
  if not is_short(pattern) then
    return
  elseif met[pattern] == nil then
    keep(met, pattern, true)
  elseif met[pattern] then
    met[pattern] = false
    if is_sound(pattern) then
      keep(sound, pattern, true)
    end
  end
end

local function learn_replacement(text)
  if is_short(text) and not find(text, "%", 1, true) then
    keep(plain, text, true)
  end
end

-- To be called by a wrapper, whose caller is told.
local function refuse_many_parts(pattern)
  if type(pattern) == "string" and #pattern > MOST_PARTS
    and select(2, gsub(pattern, "[*+?-]", "", MOST_PARTS + 1)) > MOST_PARTS then
    error("pattern too complex", 3)
  end
end

local function pack(ok, ...)
  return ok, select("#", ...), { ... }
end

local function matching(stock)
  return function(...)
    local text, pattern, from, is_plain = ...
    if sound[pattern] and (from == nil or from == 1 or type(from) == "number") then
      return stock(...)
    elseif not is_plain or stock ~= find then
      refuse_many_parts(pattern)
      learn(pattern)
    elseif type(from) == "number" and type(text) == "string" and type(pattern) == "string" then
      learn(pattern)
      return stock(...)
    end
    local ok, count, results = pack(stock_pcall(stock, ...))
    if not ok then
      fail(stock, ...)
    end
    return unpack(results, 1, count)
  end
end

string.find, string.match = matching(find), matching(match)

-- What is called for each match may fail, or be stopped: that goes through as it is.
local CALLED = { ["function"] = true, table = true }

function string.gsub(...)
  local text, pattern, replacement, most = ...
  if sound[pattern] and (most == nil or type(most) == "number") then
    if plain[replacement] or CALLED[type(replacement)] and type(text) == "string" then
      return gsub(...)
    end
    learn_replacement(replacement)
  end
  refuse_many_parts(pattern)
  learn(pattern)
  if CALLED[type(replacement)] then
    -- What is wrong with the others shows before anything is called.
    if not stock_pcall(gsub, text, pattern, "", most) then
      fail(gsub, ...)
    end
    return gsub(...)
  end
  local ok, changed, count = stock_pcall(gsub, ...)
  if not ok then
    fail(gsub, ...)
  end
  return changed, count
end

-- What it gives fails where it is called, which is no wrapper.
function string.gmatch(...)
  local text, pattern = ...
  if sound[pattern] and type(text) == "string" then
    return gmatch(...)
  elseif type(text) ~= "string" or type(pattern) ~= "string" then
    local ok, found = stock_pcall(gmatch, ...)
    if not ok then
      fail(gmatch, ...)
    end
    return found
  end
  refuse_many_parts(pattern)
  learn(pattern)
  return gmatch(...)
end

string.gfind = string.gmatch
host.sandbox.mark({ string.find, string.match, string.gsub, string.gmatch })

return { stock = { [find] = true, [match] = true, [gsub] = true } }
