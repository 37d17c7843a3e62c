-- What a script's result loses when it becomes a reply: see debugging/losses.py.
--
-- Loaded when somebody first wants to know. It looks as `flatten` in results.lua does, without
-- metamethods, and gives a flat list: a path, a kind, and two facts, again and again.
--
-- host:
--   sandbox -> what sandbox.lua returned

local real_tables = (...).sandbox.real_tables
local type, rawget, next, floor, tostring, format = type, rawget, next, math.floor, tostring, string.format

local MOST_ELEMENTS, MOST_LOSSES, DEEPEST = 10000, 8, 100

-- Fields that make a table another reply than an array, and their types.
local OTHER_REPLIES = {
  err = "string", ok = "string", double = "number", big_number = "string", verbatim_string = "table", set = "table",
}

local losses, seen

local function lose(path, kind, first, second)
  if #losses < MOST_LOSSES * 4 then
    local place = #losses
    losses[place + 1], losses[place + 2], losses[place + 3], losses[place + 4] = path, kind, first, second
  end
end

-- How a key is called: a table or a function could say so itself, by a metamethod.
local function name_of(key)
  local kind = type(key)
  return (kind == "string" or kind == "number" or kind == "boolean") and tostring(key) or kind
end

local function is_other_reply(value)
  for field, kind in next, OTHER_REPLIES do
    if type(rawget(value, field)) == kind then
      return true
    end
  end
  return false
end

local find

local function find_in_table(value, path, depth)
  value = real_tables[value] or value -- beside the globals stands what no script sees
  local map = rawget(value, "map")
  if type(map) == "table" then
    for key, item in next, real_tables[map] or map do
      find(item, path .. "[" .. name_of(key) .. "]", depth + 1)
    end
    return
  end
  local count = 0
  local item = rawget(value, 1)
  while item ~= nil and seen < MOST_ELEMENTS do
    count = count + 1
    find(item, path .. "[" .. count .. "]", depth + 1)
    item = rawget(value, count + 1)
  end
  if item ~= nil then
    return
  end
  local beyond, names, first = 0, 0, nil
  for key in next, value do
    seen = seen + 1
    if seen > MOST_ELEMENTS then
      return
    elseif type(key) ~= "number" or key < 1 or key ~= floor(key) then
      names = names + 1
      local name = name_of(key)
      first = first and (first < name and first or name) or name
    elseif key > count then
      beyond = beyond + 1
    end
  end
  if beyond > 0 then
    lose(path .. "[" .. count + 1 .. "]", "nil", beyond, count)
  end
  if names > 0 then
    lose(path, "names", names, first)
  end
end

function find(value, path, depth)
  seen = seen + 1
  local kind = type(value)
  if seen > MOST_ELEMENTS or depth > DEEPEST or value == nil or kind == "string" or kind == "boolean" then
    return
  elseif kind == "number" then
    if value ~= value or value >= 2 ^ 63 or value < -2 ^ 63 then
      lose(path, "range", tostring(value), 0)
    elseif value ~= floor(value) then
      lose(path, "fraction", format("%.17g", value), 0)
    end
  elseif kind ~= "table" then
    lose(path, "type", kind, 0)
  elseif not is_other_reply(value) then
    find_in_table(value, path, depth)
  end
end

return {
  find = function(value)
    losses, seen = {}, 0
    find(value, "", 1)
    return losses
  end,
}
