-- The functions of `string` that take a pattern, which must not be such that it takes all of C's stack.
--
-- Stock Lua calls itself in C for each part of a pattern that may stand for more or fewer characters: many
-- enough of them end the process. What a script calls by its name is the stock function itself if a table of
-- ours says that the pattern is harmless: see stock_calls.py. However else it is called, there is a wrapper,
-- which looks into that table, and below which errors have to be given the script's position.
--
-- host: sandbox -> what sandbox.lua returned; by_pattern: what the names of hidden globals begin with

local host = ...

local error, type, select, next, setmetatable = error, type, select, next, setmetatable
local stock_pcall, unpack, string = pcall, unpack, string
local find, gsub = string.find, string.gsub
local fail = host.sandbox.fail

local MOST_PARTS = 2 ^ 14 -- each takes some 200 bytes of a stack that has 8 MB
local SHORT, MOST_KNOWN = 64, 1024 -- how long the patterns are that are kept, and how many

local function has_many_parts(pattern)
  return #pattern > MOST_PARTS and select(2, gsub(pattern, "[*+?-]", "", MOST_PARTS + 1)) > MOST_PARTS
end

-- Make a table from patterns to what may be called with each: a stock function, or its wrapper.
local function choices(stock, wrapper)
  local left = MOST_KNOWN
  return setmetatable({}, { __index = function(known, pattern)
    if type(pattern) ~= "string" then
      return stock
    elseif #pattern > SHORT then
      return has_many_parts(pattern) and wrapper or stock
    elseif left == 0 then
      for each in next, known do
        known[each] = nil
      end
      left = MOST_KNOWN
    end
    left = left - 1
    known[pattern] = stock
    return stock
  end })
end

local function pack(ok, ...)
  return ok, select("#", ...), { ... }
end

-- What is called for each match may fail, or be stopped: that goes through as it is.
local CALLED = { ["function"] = true, table = true }

-- Give what stands around a stock function, and the table of what may be called in its place.
local function guarded(stock)
  local choice
  local function wrapper(...)
    local text, pattern, third, fourth = ...
    if choice[pattern] ~= stock and not (fourth and stock == find) then
      error("pattern too complex", 2)
    end
    if stock == gsub and CALLED[type(third)] then
      -- What is wrong with the others shows before anything is called.
      if not stock_pcall(gsub, text, pattern, "", fourth) then
        fail(gsub, ...)
      end
      return gsub(...)
    end
    local ok, count, results = pack(stock_pcall(stock, ...))
    if not ok then
      fail(stock, ...)
    end
    return unpack(results, 1, count)
  end
  choice = choices(stock, wrapper)
  return wrapper, choice
end

local function hide(name, wrapper, stock, choice)
  host.sandbox.hide(name, wrapper, stock)
  host.sandbox.hidden[host.by_pattern .. name] = choice
end

for _, name in next, { "find", "match", "gsub", "gmatch" } do
  local stock = string[name]
  local wrapper, choice = guarded(stock)
  string[name] = wrapper
  hide(name, wrapper, stock, choice)
  if name == "gmatch" then
    string.gfind = wrapper
    hide("gfind", wrapper, stock, choice)
  end
end
host.sandbox.mark({ string.find, string.match, string.gsub, string.gmatch })
