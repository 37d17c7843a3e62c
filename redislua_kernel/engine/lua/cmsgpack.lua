-- cmsgpack: MessagePack as lua-cmsgpack 0.4.0 reads and writes it.

local arguments, number_codec, real_tables = ...
local argument_error, raise = arguments.argument_error, arguments.raise
local check_integer, check_string, to_int32 = arguments.check_integer, arguments.check_string, arguments.to_int32
local double_string, float_bytes, is_float = number_codec.double_string, number_codec.float_bytes, number_codec.is_float
local to_double, to_float = number_codec.to_double, number_codec.to_float
local byte, char, format, sub = string.byte, string.char, string.format, string.sub
local concat, error, floor, next = table.concat, error, math.floor, next
local select, type, unpack_table = select, type, unpack

-- The most values a C function may keep on Lua's stack.
local C_STACK = 8000
-- A table nested deeper than this packs as nil.
local MAX_NESTING = 16
local NO_LIMIT = 2 ^ 31 - 1

----------------------------------------------------------------------------------------------------- packing

-- The first bytes of what is most frequent: small integers, short strings, small tables.
local INTEGER, STRING, ARRAY, MAP = {}, {}, {}, {}
for number = -32, 127 do
  INTEGER[number] = char(number % 256)
end
for length = 0, 31 do
  STRING[length] = char(0xA0 + length)
end
for length = 0, 15 do
  ARRAY[length] = char(0x90 + length)
  MAP[length] = char(0x80 + length)
end

local function uint16(tag, number)
  return char(tag, floor(number / 256) % 256, number % 256)
end

local function uint32(tag, number)
  return char(tag, floor(number / 16777216) % 256, floor(number / 65536) % 256, floor(number / 256) % 256, number % 256)
end

local function uint64(tag, number)
  local high = uint32(tag, floor(number / 4294967296))
  return high .. sub(uint32(0, number % 4294967296), 2)
end

local function pack_integer(number)
  if number >= 0 then
    if number <= 0xFF then
      return char(0xCC, number)
    elseif number <= 0xFFFF then
      return uint16(0xCD, number)
    elseif number <= 0xFFFFFFFF then
      return uint32(0xCE, number)
    end
    return uint64(0xCF, number)
  elseif number >= -0x80 then
    return char(0xD0, number % 256)
  elseif number >= -0x8000 then
    return uint16(0xD1, number)
  elseif number >= -0x80000000 then
    return uint32(0xD2, number)
  end
  return uint64(0xD3, number)
end

local function pack_number(number)
  if number % 1 == 0 and number >= -2 ^ 63 and number < 2 ^ 63 then
    return INTEGER[number] or pack_integer(number)
  elseif is_float(number) then
    return char(0xCA, float_bytes(number))
  end
  return '\203' .. double_string(number)
end

local function string_header(length)
  if length <= 0xFF then
    return char(0xD9, length)
  elseif length <= 0xFFFF then
    return uint16(0xDA, length)
  end
  return uint32(0xDB, length)
end

local function table_header(length, tag)
  return length <= 0xFFFF and uint16(tag, length) or uint32(tag + 1, length)
end

-- The packing in progress: it calls nothing of the script's, so there is never more than one.
local buffer, size

-- Are the keys 1 to the number of keys? Answers that number, too.
local function is_array(t)
  local count, array = 0, true
  for _ in next, t do
    count = count + 1
    if array and t[count] == nil then
      array = false
    end
  end
  return array, count
end

local append

local function append_table(t, level)
  t = real_tables[t] or t
  local array, count = is_array(t)
  size = size + 1
  if array then
    buffer[size] = ARRAY[count] or table_header(count, 0xDC)
    for index = 1, count do
      append(t[index], level)
    end
    return
  end
  buffer[size] = MAP[count] or table_header(count, 0xDE)
  for key, value in next, t do
    append(key, level)
    append(value, level)
  end
end

function append(value, level)
  local kind = type(value)
  if kind == 'string' then
    local length = #value
    buffer[size + 1] = STRING[length] or string_header(length)
    buffer[size + 2] = value
    size = size + 2
  elseif kind == 'number' then
    size = size + 1
    buffer[size] = INTEGER[value] or pack_number(value)
  elseif kind == 'table' and level < MAX_NESTING then
    append_table(value, level + 1)
  else
    size = size + 1
    buffer[size] = kind ~= 'boolean' and '\192' or value and '\195' or '\194'
  end
end

local function pack(...)
  local count = select('#', ...)
  if count == 0 then
    argument_error(pack, 0, 'MessagePack pack needs input.')
  elseif count > C_STACK / 2 then
    argument_error(pack, 0, 'Too many arguments for MessagePack pack.')
  end
  buffer, size = {}, 0
  if count == 1 then
    append((...), 0)
  else
    local values = { ... }
    for index = 1, count do
      append(values[index], 0)
    end
  end
  local result = concat(buffer, '', 1, size)
  buffer = nil
  return result
end

--------------------------------------------------------------------------------------------------- unpacking

-- The input in progress, its length, and the function the script called.
local data, data_length, unpack_api

local function missing_bytes()
  raise(unpack_api, 'Missing bytes in input.')
end

local function need(last)
  if last > data_length then
    missing_bytes()
  end
end

local function check_slots(slots, text)
  if slots > C_STACK then
    raise(unpack_api, 'stack overflow (' .. text .. ')')
  end
end

local read

-- A key the table refuses is refused by Lua itself, which knows no position in C code.
local function check_key(key)
  if key == nil then
    error('table index is nil', 0)
  elseif key ~= key then
    error('table index is NaN', 0)
  end
end

local function read_array(position, length, slots)
  check_slots(slots + 2, 'in function mp_decode_to_lua_array')
  local array = {}
  for index = 1, length do
    array[index], position = read(position, slots + 2)
  end
  return array, position
end

local function read_map(position, length, slots)
  local map = {}
  for _ = 1, length do
    local key, value
    key, position = read(position, slots + 1)
    value, position = read(position, slots + 2)
    check_key(key)
    map[key] = value
  end
  return map, position
end

local function read_string(position, length)
  local last = position + length - 1
  need(last)
  return sub(data, position, last), last + 1
end

local function uint8_at(position)
  need(position)
  return byte(data, position), position + 1
end

local function uint16_at(position)
  need(position + 1)
  local high, low = byte(data, position, position + 1)
  return 256 * high + low, position + 2
end

local function uint32_at(position)
  need(position + 3)
  local b3, b2, b1, b0 = byte(data, position, position + 3)
  return 16777216 * b3 + 65536 * b2 + 256 * b1 + b0, position + 4
end

local function int64_at(position)
  need(position + 7)
  local high, low = uint32_at(position), uint32_at(position + 4)
  return (high < 2147483648 and high or high - 4294967296) * 4294967296 + low, position + 8
end

local function signed_reader(read_unsigned, width)
  local half, whole = 2 ^ (8 * width - 1), 2 ^ (8 * width)
  return function(position)
    local number = read_unsigned(position)
    return number < half and number or number - whole, position + width
  end
end

local function sized_reader(read_length, read_content)
  return function(position, slots)
    local length, content = read_length(position)
    return read_content(content, length, slots)
  end
end

-- By first byte. A reader is given the position after it.
local READERS = {
  [0xC0] = function(position) return nil, position end,
  [0xC2] = function(position) return false, position end,
  [0xC3] = function(position) return true, position end,
  [0xCA] = function(position)
    need(position + 3)
    return to_float(byte(data, position, position + 3)), position + 4
  end,
  [0xCB] = function(position)
    need(position + 7)
    return to_double(byte(data, position, position + 7)), position + 8
  end,
  [0xCC] = uint8_at,
  [0xCD] = uint16_at,
  [0xCE] = uint32_at,
  [0xCF] = int64_at,
  [0xD0] = signed_reader(uint8_at, 1),
  [0xD1] = signed_reader(uint16_at, 2),
  [0xD2] = signed_reader(uint32_at, 4),
  [0xD3] = int64_at,
  [0xD9] = sized_reader(uint8_at, read_string),
  [0xDA] = sized_reader(uint16_at, read_string),
  [0xDB] = sized_reader(uint32_at, read_string),
  [0xDC] = sized_reader(uint16_at, read_array),
  [0xDD] = sized_reader(uint32_at, read_array),
  [0xDE] = sized_reader(uint16_at, read_map),
  [0xDF] = sized_reader(uint32_at, read_map),
}

-- Answers the value at `position` and the position after it.
function read(position, slots)
  local first = byte(data, position)
  if not first then
    missing_bytes()
  elseif slots >= C_STACK then
    check_slots(slots + 1, 'too many return values at once; use unpack_one or unpack_limit instead.')
  end
  if first < 0x80 then
    return first, position + 1
  elseif first < 0x90 then
    return read_map(position + 1, first - 0x80, slots)
  elseif first < 0xA0 then
    return read_array(position + 1, first - 0x90, slots)
  elseif first < 0xC0 then
    local last = position + first - 0xA0
    if last > data_length then
      missing_bytes()
    end
    return sub(data, position + 1, last), last + 1
  elseif first >= 0xE0 then
    return first - 256, position + 1
  end
  local reader = READERS[first]
  if not reader then
    raise(unpack_api, 'Bad data format in input.')
  end
  return reader(position + 1, slots)
end

-- More values than `unpack` itself can return at once.
local function results(values, count)
  if count <= 7000 then
    return unpack_table(values, 1, count)
  end
  return values[1], values[2], values[3], values[4], values[5], unpack_table(values, 6, count)
end

-- Reads values into `values` from `position` on until there are `limit`. Answers how many and the position after.
local function read_values(values, count, position, limit, slots)
  while position <= data_length and count < limit do
    values[count + 1], position = read(position, count + slots)
    count = count + 1
  end
  data = nil
  return count, position
end

local function optional_integer(api, index, value, count)
  return value == nil and 0 or check_integer(api, index, value, count)
end

local function check_range(api, text, limit, offset)
  local layout
  if offset < 0 or limit < 0 then
    layout = 'Invalid request to unpack with offset of %d and limit of %d.'
  elseif offset > #text then
    layout = 'Start offset %d greater than input length %d.'
  else
    return
  end
  raise(api, format(layout, to_int32(offset), to_int32(#text)))
end

-- Answers the offset of the value after the last one read (or -1 at the end of the input), the values and how many.
-- `all` stands for no limit and no offset in front.
local function unpack_some(api, text, count, limit, offset)
  text = check_string(api, 1, text, count)
  check_range(api, text, limit, offset)
  local all = limit == 0 and offset == 0
  local values, position = {}, offset + 1
  data, data_length, unpack_api = text, #text, api
  count, position = read_values(values, 0, position, all and NO_LIMIT or limit, 1)
  if all then
    return nil, values, count
  end
  check_slots(count + 2, 'in function mp_unpack_full')
  return position > #text and -1 or position - 1, values, count
end

local function unpack_all(...)
  local text = ...
  local slots = select('#', ...)
  text = check_string(unpack_all, 1, text, slots)
  if text == '' then
    return
  end
  data, data_length, unpack_api = text, #text, unpack_all
  local value, position = read(1, slots)
  if position > data_length then
    return value
  end
  local values = { value }
  local count = read_values(values, 1, position, NO_LIMIT, slots)
  return results(values, count)
end

local function unpack_one(...)
  local text, offset = ...
  local count = select('#', ...)
  offset = optional_integer(unpack_one, 2, offset, count)
  local next_offset, values, found = unpack_some(unpack_one, text, count, 1, offset)
  return next_offset, results(values, found)
end

local function unpack_limit(...)
  local text, limit, offset = ...
  local count = select('#', ...)
  limit = check_integer(unpack_limit, 2, limit, count)
  offset = optional_integer(unpack_limit, 3, offset, count)
  local next_offset, values, found = unpack_some(unpack_limit, text, count, limit, offset)
  if not next_offset then
    return results(values, found)
  end
  return next_offset, results(values, found)
end

-- Filled one by one as in C, so that `pairs` gives the same order.
local library = {}
library.pack = pack
library.unpack = unpack_all
library.unpack_one = unpack_one
library.unpack_limit = unpack_limit
library._NAME = 'cmsgpack'
library._VERSION = 'lua-cmsgpack 0.4.0'
library._COPYRIGHT = 'Copyright (C) 2012, Salvatore Sanfilippo'
library._DESCRIPTION = 'MessagePack C implementation for Lua'
return library
