-- The tables of keys and arguments that a run is given.
--
-- The words of a run come one by one, behind their shape: how many there are, times `many`, and how many of them
-- are keys. What makes the tables of them is written for each shape, so that nothing is counted, moved or asked
-- there: `function(w1, w2, w3) return { w1 }, { w2, w3 } end`.
--
-- host:
--   many            -> so many words are never given one by one
-- returns `fresh` and `shared`, which give by the shape what makes the tables: new ones, or the same for all runs.
-- These are for who only reads items of them (see uses.py), and so needs none of his own.

local host = ...

local concat, setmetatable, loadstring = table.concat, setmetatable, loadstring
local MANY = host.many

local TABLES = -1 -- the shape of many words, which come as two tables
local FEW = 12 -- so many words may stay in tables that are shared: they are not let go until others come

local function new_maker(shape, is_shared)
  local count = shape % MANY
  local total = (shape - count) / MANY
  local words, keys, arguments, steps = {}, {}, {}, {}
  for place = 1, total do
    local word, own, name = "w" .. place, keys, "keys"
    if place > count then
      own, name = arguments, "arguments"
    end
    words[place], own[#own + 1] = word, word
    steps[place] = name .. "[" .. #own .. "] = " .. word
  end
  local head = "return function(" .. concat(words, ", ") .. ") "
  if is_shared then
    head = "local keys, arguments = {}, {} " .. head .. concat(steps, " ")
    return loadstring(head .. " return keys, arguments end", "=sandbox")()
  end
  local made = "{" .. concat(keys, ", ") .. "}, {" .. concat(arguments, ", ") .. "}"
  return loadstring(head .. "return " .. made .. " end", "=sandbox")()
end

local fresh = setmetatable({
  [TABLES] = function(keys, arguments)
    return keys, arguments
  end,
}, {
  __index = function(fresh, shape)
    fresh[shape] = new_maker(shape, false)
    return fresh[shape]
  end,
})

local shared = setmetatable({}, {
  __index = function(shared, shape)
    local is_few = shape >= 0 and shape < (FEW + 1) * MANY
    shared[shape] = is_few and new_maker(shape, true) or fresh[shape]
    return shared[shape]
  end,
})

return { fresh = fresh, shared = shared }
