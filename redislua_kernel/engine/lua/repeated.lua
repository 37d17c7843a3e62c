-- Short ways of calls whose words are the same each time, but for one or two: a key, a value. The words that
-- are the same (options, a group, the names of fields) need not be handed over again.
--
-- Which are the same is learned from a part of the calls that have no such way yet: what is seen twice, and not
-- too long after, gets one.

local select, type, unpack, concat = select, type, unpack, table.concat

local EACH, FORGET = 8, 256 -- each so manieth call is looked at; after so many, what was seen is forgotten
local MOST_WAYS, LONGEST = 128, 64 -- how many ways there are, and how long a word may be that is known

-- Follow words in a tree of which they are the branches: give what is there after so many of them.
local function follow(node, count, a, b, c, d, e, f, g, h, i, j)
  node = node[a]
  if count == 1 or not node then
    return node
  end
  node = node[b]
  if count == 2 or not node then
    return node
  end
  node = node[c]
  if count == 3 or not node then
    return node
  end
  node = node[d]
  if count == 4 or not node then
    return node
  end
  node = node[e]
  if count == 5 or not node then
    return node
  end
  node = node[f]
  if count == 6 or not node then
    return node
  end
  node = node[g]
  if count == 7 or not node then
    return node
  end
  node = node[h]
  if count == 8 or not node then
    return node
  end
  node = node[i]
  if count == 9 or not node then
    return node
  end
  return node[j]
end

-- Which words differ from call to call, and whether the one at a place among so many does.
local FIRST_TWO, FIRST_AND_LAST, FIRST, LAST_BUT_ONE = "first two", "first and last", "first", "last but one"
local is_free = {
  [FIRST_TWO] = function(place)
    return place <= 2
  end,
  [FIRST_AND_LAST] = function(place, count)
    return place == 1 or place == count
  end,
  [FIRST] = function(place)
    return place == 1
  end,
  [LAST_BUT_ONE] = function(place, count)
    return place == count - 1
  end,
}

-- `bind` gives a way for all words that are not free, or nothing. The trees of those that are known stand at
-- the numbers of words.
local function new_ways(bind, free)
  local has_one = free == FIRST or free == LAST_BUT_ONE
  return { bind = bind, free = free, has_one = has_one, seen = {}, missed = 0, left = MOST_WAYS }
end

local function is_known(word)
  local kind = type(word)
  return (kind == "string" and #word <= LONGEST) or (kind == "number" and word == word)
end

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
      if not is_known(word) then
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
  local node = ways[count] or {}
  ways[count] = node
  for place = 1, #known - 1 do
    node[known[place]] = node[known[place]] or {}
    node = node[known[place]]
  end
  node[known[#known]] = ways.bind(unpack(known)) or false
end

-- Give the way for a call with so many words after the name, and the words it takes; nothing: learn it.
local function find_way(ways, count, a, b, c, d, e, f, g, h, i, j, k)
  local tree, free = ways[count], ways.free
  if not tree then
    return nil
  elseif free == FIRST_AND_LAST then
    return follow(tree, count - 2, b, c, d, e, f, g, h, i, j), a, (select(count, a, b, c, d, e, f, g, h, i, j, k))
  elseif free == FIRST_TWO then
    return follow(tree, count - 2, c, d, e, f, g, h, i, j, k), a, b
  elseif free == FIRST then
    return follow(tree, count - 1, b, c, d, e, f, g, h, i, j, k), a
  end
  local node = follow(tree, count - 2, a, b, c, d, e, f, g, h, i)
  local key, last = select(count - 1, a, b, c, d, e, f, g, h, i, j, k)
  return node and node[last], key
end

return { new_ways = new_ways, find_way = find_way, learn = learn }
