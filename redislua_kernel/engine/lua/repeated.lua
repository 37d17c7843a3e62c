-- Short ways of calls whose words are the same each time, but for one or two: a key, a value. The words that
-- are the same (options, a group, the names of fields) need not be handed over again.
--
-- host: learning -> what learning.lua returned

local host = ...

local select, unpack, concat = select, unpack, table.concat
local setmetatable, rawget, loadstring = setmetatable, rawget, loadstring
local EACH, FORGET, can_be_known = host.learning.EACH, host.learning.FORGET, host.learning.can_be_known

local MOST_WAYS = 128 -- so many ways there are

-- Which words differ from call to call, and whether the one at a place among so many does.
local FIRST_TWO, FIRST_AND_LAST, FIRST_AND_THIRD = "first two", "first and last", "first and third"
local FIRST, LAST_BUT_ONE = "first", "last but one"
local is_free = {
  [FIRST_TWO] = function(place)
    return place <= 2
  end,
  [FIRST_AND_LAST] = function(place, count)
    return place == 1 or place == count
  end,
  [FIRST_AND_THIRD] = function(place)
    return place == 1 or place == 3
  end,
  [FIRST] = function(place)
    return place == 1
  end,
  [LAST_BUT_ONE] = function(place, count)
    return place == count - 1
  end,
}

-- The words that are known are branches of a tree, with the ways at its ends. Behind others is `unknown`, which
-- has no branches but itself: so nobody need look on the way whether there is one.
local unknown = {}
local branches = {
  __index = function()
    return unknown
  end,
}
setmetatable(unknown, branches)

-- Make a tree, and what gives for so many words the way at its end, `false` where there is none, or `unknown`; and
-- the words that are free. Such a function is written for each number of words, so that it has neither loops nor
-- questions: `function(w1, w2, w3) return tree[w2][w3], w1 end`.
local function new_finder(free, count)
  local words, steps, free_words = {}, {}, {}
  for place = 1, count do
    local word = "w" .. place
    words[place] = word
    if is_free[free](place, count) then
      free_words[#free_words + 1] = word
    else
      steps[#steps + 1] = "[" .. word .. "]"
    end
  end
  local found = "tree" .. concat(steps) .. ", " .. concat(free_words, ", ")
  local text = "local tree = ... return function(" .. concat(words, ", ") .. ") return " .. found .. " end"
  local tree = setmetatable({}, branches)
  return tree, loadstring(text, "=sandbox")(tree)
end

-- `bind` gives a way for all words that are not free, or nothing. At the number of words after the name is what
-- finds a way for them.
local function new_ways(bind, free)
  local has_one, trees = free == FIRST or free == LAST_BUT_ONE, {}
  local ways = { bind = bind, free = free, has_one = has_one, trees = trees, seen = {}, missed = 0, left = MOST_WAYS }
  return setmetatable(ways, {
    __index = function(ways, count)
      trees[count], ways[count] = new_finder(free, count)
      return ways[count]
    end,
  })
end

-- Look at the words of a call for which no way is known.
local function learn(ways, count, ...)
  ways.missed = ways.missed + 1
  if ways.missed % EACH ~= 0 or ways.left == 0 then
    return
  elseif ways.missed % FORGET == 0 then
    ways.seen = {}
  end
  local known = {}
  for place = 1, count do
    if not is_free[ways.free](place, count) then
      local word = select(place, ...)
      if not can_be_known(word) then
        return
      end
      known[#known + 1] = word
    end
  end
  local name = concat(known, "\0")
  if not ways.seen[name] then
    ways.seen[name] = true
    return
  end
  ways.left = ways.left - 1
  local node = ways.trees[count]
  for place = 1, #known - 1 do
    local word = known[place]
    node[word] = rawget(node, word) or setmetatable({}, branches)
    node = node[word]
  end
  node[known[#known]] = ways.bind(unpack(known)) or false
end

return { new_ways = new_ways, learn = learn, unknown = unknown }
