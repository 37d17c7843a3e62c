-- Values where a script has stopped: how they cross to Python, as text, what tables hold, and how that is set.
--
-- host: sandbox -> what sandbox.lua returned

local host = ...

local next, select, setmetatable, tostring, type = next, select, setmetatable, tostring, type
local rawget, rawset = rawget, rawset
local huge, max, min = math.huge, math.max, math.min
local byte, concat, format, gsub, sub = string.byte, table.concat, string.format, string.gsub, string.sub
local state, real_tables = host.sandbox.state, host.sandbox.real_tables
local look = state.look_at_all

-- Python takes a coroutine that has not begun for its function: coroutines cross in boxes.
local boxes = setmetatable({}, { __mode = "k" })

local function boxed(value)
  if type(value) ~= "thread" then
    return value
  end
  local box = {}
  boxes[box] = value
  return box
end

local function unboxed(value)
  return type(value) == "table" and boxes[value] or value
end

-- Values as text, as the reference's debugger writes them. Tables may hold each other so often that there is no
-- end to it: of what nobody asks for, only the keys are looked at.

local ESCAPES = { ["\\"] = "\\\\", ['"'] = '\\"', ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t",
  ["\a"] = "\\a", ["\b"] = "\\b" }
local MOST_NESTED = 10
local LOOK_EVERY = 1000 -- entries

local room = 0 -- how many characters there is still use for, at least
local looked_at = 0

local function quote(text)
  return '"' .. gsub(text, '[%z\1-\31"\\\127-\255]', function(char)
    return ESCAPES[char] or format("\\x%02x", byte(char))
  end) .. '"'
end

local text_of

local function text_of_table(value, nesting)
  local list, full, expected = {}, {}, 1
  for key, item in next, real_tables[value] or value do
    looked_at = looked_at + 1
    if looked_at % LOOK_EVERY == 0 then
      look()
    end
    if key ~= expected then
      list = nil
    end
    if room > 0 then
      local name = text_of(key, nesting) -- first, as it stands in front: there is room for it
      local text = text_of(item, nesting)
      if list then
        list[expected] = text
      end
      full[expected] = "[" .. name .. "]=" .. text
    elseif not list then
      break
    end
    expected = expected + 1
  end
  return "{" .. concat(list or full, "; ") .. "}"
end

local function whole_text_of(value, nesting)
  if nesting == MOST_NESTED then
    return "<max recursion level reached! Nested table?>"
  end
  local kind = type(value)
  if kind == "string" then
    return quote(#value > room and sub(value, 1, max(room, 0)) or value)
  elseif kind == "number" then
    return format("%g", value)
  elseif kind == "table" then
    return text_of_table(value, nesting + 1)
  elseif kind == "nil" or kind == "boolean" then
    return tostring(value)
  elseif kind == "userdata" then
    kind = "light-userdata" -- cjson.null; a script has no other
  end
  return format('"%s@%s"', kind, gsub(tostring(value), "^%w+: ", "", 1))
end

function text_of(value, nesting)
  local text = whole_text_of(unboxed(value), nesting)
  room = room - #text
  return text
end

state.stoppable[text_of_table] = true

-- Give a value's text; of a long one at least `most` characters.
local function text_for(most, value)
  room = most and 4 * most or huge -- keys take room, too, and may not show
  return text_of(value, 0)
end

local function texts(...)
  local made = {}
  for place = 1, select("#", ...) do
    made[place] = text_for(nil, (select(place, ...)))
  end
  return concat(made, ", ")
end

-- A table holds a list, and other entries beside it. The list of a large table lies in front of
-- them, and more than so many others are not counted.
local LARGE = 10000

local function others(value, length)
  local function iterate(_, key)
    local item
    repeat
      key, item = next(value, key)
    until type(key) ~= "number" or key < 1 or key > length or key % 1 ~= 0
    return key, item
  end
  return iterate, nil, length > LARGE and length or nil
end

-- How much a table holds: the length of its list, and how many other entries.
local function sizes(value)
  value = real_tables[value] or value
  local length, count = #value, 0
  for _ in others(value, length) do
    count = count + 1
    if count == LARGE then
      break
    end
  end
  return length, count
end

-- What a table holds, the list first: from the entry `first` on, at most `most` of them.
local function contents(value, first, most)
  value = real_tables[value] or value
  local found, length = {}, #value
  for place = first, min(length, first + most - 1) do
    found[#found + 1] = { key = place, value = boxed(rawget(value, place)) }
  end
  local place = length
  for key, item in others(value, length) do
    if #found >= most then
      break
    end
    place = place + 1
    if place >= first then
      found[#found + 1] = { key = boxed(key), value = boxed(item) }
    end
  end
  return found
end

local function set_entry(value, key, item)
  if real_tables[value] then
    return false, "Attempt to modify a readonly table"
  elseif key == nil or key ~= key then
    return false, "table index is nil or NaN"
  end
  rawset(value, unboxed(key), unboxed(item))
  return true, nil
end

return {
  boxed = boxed, unboxed = unboxed,
  text_for = text_for, texts = texts,
  sizes = sizes, contents = contents, set_entry = set_entry,
}
