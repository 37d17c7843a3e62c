-- The replies of commands, as Python gives them, into Lua values.
--
-- A command answers one plain value (string, number, false for null), or `true`, a kind and what the kind needs,
-- or `true` alone for the status OK. One that gives arrays answers the elements, of which the first is not `true`,
-- or like others.

local error, unpack = error, unpack

-- Kinds of a reply that is no plain value
local STATUS, ERROR, ARRAY, VALUE, TRUE, NESTED, ENTRIES, AGAIN, PLACE, STREAMS, ENTRY, STREAM =
  1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12
local FEW = 200 -- so many elements may be unpacked at once

-- Make an array of `count` elements from a flat list, in which `true` and a length stand before
-- the elements of an array within it; give the array and the place after it.
local function unflatten(flat, place, count)
  local array = {}
  for number = 1, count do
    local item = flat[place]
    if item == true then
      array[number], place = unflatten(flat, place + 2, flat[place + 1])
    else
      array[number], place = item, place + 1
    end
  end
  return array, place
end

-- Copy some elements of a list. A table that is made of a few at once does not grow step by step.
local function copy(list, first, last)
  if last - first < FEW then
    return { unpack(list, first, last) }
  end
  local copied = {}
  for place = first, last do
    copied[place - first + 1] = list[place]
  end
  return copied
end

-- Make the entries of a stream from a flat list: how many fields each has, these, all ids, and all values, field
-- by field. Or `false`, all ids, how many words each has, and these. Give the place after them, too.
local function make_entries(flat, first, count)
  local width = flat[first]
  local ids = first + (width or 0)
  -- With all ids at once, the table has room for the entries, which take their places.
  local entries = count < FEW and { unpack(flat, ids + 1, ids + count) } or {}
  if not width then
    local counts = ids + count
    local place = counts + count + 1
    for number = 1, count do
      local after = place + flat[counts + number]
      entries[number], place = { flat[ids + number], copy(flat, place, after - 1) }, after
    end
    return entries, place
  elseif width == 1 then -- as most have
    local name, values = flat[first + 1], ids + count
    for number = 1, count do
      entries[number] = { flat[ids + number], { name, flat[values + number] } }
    end
    return entries, values + count + 1
  end
  local words, values = {}, ids + count
  for field = 1, width do
    words[2 * field - 1] = flat[first + field]
  end
  for number = 1, count do
    local place = values + number
    for field = 1, width do
      words[2 * field], place = flat[place], place + count
    end
    entries[number] = { flat[ids + number], copy(words, 1, 2 * width) }
  end
  return entries, values + width * count + 1
end

-- Make the entries of some streams: the key of each, how many there are, and these.
local function make_streams(flat, place, count)
  local streams = {}
  for number = 1, count do
    local entries, after = make_entries(flat, place + 2, flat[place + 1])
    streams[number], place = { flat[place], entries }, after
  end
  return streams
end

-- The same for a lone one: its id and its words.
local function make_entry(id, ...)
  return { { id, { ... } } }
end

local function make_stream(key, id, ...)
  return { { key, { { id, { ... } } } } }
end

-- Make an array of what lies flat in a table: `true` and the kind; another table that has it all, or
-- `false`; how many elements the array has; and these.
local function build(reply)
  local kind, flat, place, count = reply[2], reply[3], 1, reply[4]
  if not flat then
    flat, place = reply, 5
  end
  if kind == ENTRIES then
    return (make_entries(flat, place, count))
  elseif kind == STREAMS then
    return make_streams(flat, place, count)
  end
  return (unflatten(flat, place, count))
end

-- Make the Lua value of a reply that is no plain one.
local function finish(raising, kind, ...)
  if kind == nil then
    return { ok = "OK" }
  elseif kind == ARRAY then
    return { ... }
  elseif kind == PLACE then
    return { { ... } }
  elseif kind == ENTRY then
    return make_entry(...)
  elseif kind == STREAM then
    return make_stream(...)
  elseif kind == NESTED or kind == ENTRIES or kind == STREAMS then
    return build({ true, kind, ... })
  end
  local value, from_command = ...
  if kind == VALUE then
    return value
  elseif kind == STATUS then
    return { ok = value }
  elseif kind == TRUE then
    return true
  end
  local err = { err = value }
  if from_command then
    err.ignore_error_stats_update = true
  end
  if raising then
    error(err, 0)
  end
  return err
end

local function conclude(raising, reply, ...)
  if reply == true then
    return finish(raising, ...)
  end
  return reply
end

-- Make the Lua value of what a command has answered that gives arrays: its answers in a table.
local function conclude_array(raising, reply)
  if reply[1] ~= true then
    return reply
  end
  local kind = reply[2]
  if kind == NESTED or kind == ENTRIES or kind == STREAMS then
    return build(reply)
  end
  return finish(raising, unpack(reply, 2))
end

return { AGAIN = AGAIN, conclude = conclude, conclude_array = conclude_array, finish = finish }
