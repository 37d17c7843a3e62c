-- cmsgpack: MessagePack as lua-cmsgpack 0.4.0 reads and writes it.

local arguments, number_codec, real_tables = ...
local argument_error, raise = arguments.argument_error, arguments.raise
local check_integer, check_string, to_int32 = arguments.check_integer, arguments.check_string, arguments.to_int32
local to_double, to_float = number_codec.to_double, number_codec.to_float
local double_string, float_bytes, is_float = number_codec.double_string, number_codec.float_bytes, number_codec.is_float
local pack_numbers, read_numbers = number_codec.pack_numbers, number_codec.read_numbers
local byte, char, format, sub = string.byte, string.char, string.format, string.sub
local concat, error, frexp, next = table.concat, error, math.frexp, next
local select, type, unpack_table = select, type, unpack

-- The most values a C function may keep on Lua's stack.
local C_STACK = 8000
-- A table nested deeper than this packs as nil.
local MAX_NESTING = 16
local NO_LIMIT = 2 ^ 31 - 1

----------------------------------------------------------------------------------------------------- packing

-- Values packed: small integers, booleans, and short strings that were seen before.
local PACKED_MAX, PACKED_LENGTH = 1000, 40
local packed, packed_count

-- The first bytes of small tables.
local ARRAY, MAP = {}, {}
for length = 0, 15 do
  ARRAY[length] = char(0x90 + length)
  MAP[length] = char(0x80 + length)
end

local function forget_strings()
  packed, packed_count = { [true] = '\195', [false] = '\194' }, 0
  for number = -32, 127 do
    packed[number] = char(number % 256)
  end
end

forget_strings()

local function uint16(tag, number)
  local low = number % 256
  return char(tag, (number - low) / 256 % 256, low)
end

local function uint32(tag, number)
  local b0, b1, b2 = number % 256, number % 65536, number % 16777216
  return char(tag, (number - b2) / 16777216 % 256, (b2 - b1) / 65536, (b1 - b0) / 256, b0)
end

local function uint64(tag, number)
  local low = number % 4294967296
  local high = (number - low) / 4294967296 % 4294967296
  local b0, b1, b2 = low % 256, low % 65536, low % 16777216
  local b4, b5, b6 = high % 256, high % 65536, high % 16777216
  return char(
    tag,
    (high - b6) / 16777216,
    (b6 - b5) / 65536,
    (b5 - b4) / 256,
    b4,
    (low - b2) / 16777216,
    (b2 - b1) / 65536,
    (b1 - b0) / 256,
    b0
  )
end

-- Those of one byte are in `packed`.
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

-- A number with a fraction, as a float if it survives that. Nothing if it is tiny.
local function pack_fraction(number)
  local sign = 0
  if number < 0 then
    sign, number = 128, -number
  end
  local fraction, exponent = frexp(number)
  if exponent < -125 then
    return nil
  end
  local mantissa = fraction * 16777216 - 8388608
  local rest = mantissa % 1
  local b0, b1 = mantissa % 256, mantissa % 65536
  if rest == 0 then
    local odd = exponent % 2
    return char(0xCA, sign + (exponent + 126 - odd) / 2, odd * 128 + (mantissa - b1) / 65536, (b1 - b0) / 256, b0)
  end
  -- The upper 20 bits of the mantissa, and the lower 32.
  local high = (mantissa - mantissa % 8) / 8
  local low = (mantissa % 8) * 536870912
  local h0, h1 = high % 256, high % 65536
  local l0, l1, l2 = low % 256, low % 65536, low % 16777216
  local odd = (exponent + 1022) % 16
  return char(
    0xCB,
    sign + (exponent + 1022 - odd) / 16,
    odd * 16 + (high - h1) / 65536,
    (h1 - h0) / 256,
    h0,
    (low - l2) / 16777216,
    (l2 - l1) / 65536,
    (l1 - l0) / 256,
    l0
  )
end

local function pack_number(number)
  if number % 1 == 0 then
    if number >= -2 ^ 63 and number < 2 ^ 63 then
      return pack_integer(number)
    end
  elseif number - number == 0 then
    local text = pack_fraction(number)
    if text then
      return text
    end
  end
  if is_float(number) then
    return char(0xCA, float_bytes(number))
  end
  return '\203' .. double_string(number)
end

local function string_header(length)
  if length <= 31 then
    return char(0xA0 + length)
  elseif length <= 0xFF then
    return char(0xD9, length)
  elseif length <= 0xFFFF then
    return uint16(0xDA, length)
  end
  return uint32(0xDB, length)
end

local function pack_string(text)
  local result = string_header(#text) .. text
  if #text <= PACKED_LENGTH then
    if packed_count == PACKED_MAX then
      forget_strings()
    end
    packed[text] = result
    packed_count = packed_count + 1
  end
  return result
end

local function table_header(length, tag)
  return length <= 0xFFFF and uint16(tag, length) or uint32(tag + 1, length)
end

-- The packing in progress: it calls nothing of the script's, so there is never more than one.
local buffer, size

-- Are the keys, which come in no order, 1 to the number of keys? Answers that number, too.
local function is_shuffled_array(t)
  local count, max = 0, 0
  local array = true
  for key in next, t do
    count = count + 1
    if type(key) ~= 'number' or key < 1 or key % 1 ~= 0 then
      array = false
    elseif key > max then
      max = key
    end
  end
  return array and max == count, count
end

local function is_array(t)
  local count = 0
  for key in next, t do
    count = count + 1
    if key ~= count then
      return is_shuffled_array(t)
    end
  end
  return true, count
end

local append_table

local function append(value, level)
  local text = packed[value]
  if not text then
    local kind = type(value)
    if kind == 'string' then
      text = pack_string(value)
    elseif kind == 'number' then
      text = pack_number(value)
    elseif kind == 'table' and level < MAX_NESTING then
      return append_table(value, level + 1)
    else
      text = '\192'
    end
  end
  size = size + 1
  buffer[size] = text
end

-- Runs of long numbers are packed many at once: the least that is worth it, and the most.
local RUN_MIN, RUN_MAX = 8, 100

-- Does a number take nine bytes, or five of a float?
local function is_long(value)
  return type(value) == 'number' and (value > 4294967295 or value % 1 ~= 0)
end

-- Packs what starts at `index` as one run, if it is one. Answers the last index tried, and whether it went well.
local function append_run(t, index, count)
  local last = index + RUN_MAX - 1
  if last > count then
    last = count
  end
  local text = is_long(t[index + RUN_MIN - 1]) and is_long(t[last]) and pack_numbers(unpack_table(t, index, last))
  if text then
    size = size + 1
    buffer[size] = text
  end
  return last, text
end

local function append_array(t, count, level)
  local packed, buffer, append = packed, buffer, append
  local index, tried = 1, 0
  while index <= count do
    local value, done = t[index], false
    local text = packed[value]
    if text then
      size = size + 1
      buffer[size] = text
    else
      if index > tried and index + RUN_MIN <= count and is_long(value) then
        tried, done = append_run(t, index, count)
      end
      if done then
        index = tried
      else
        append(value, level)
      end
    end
    index = index + 1
  end
end

local function append_map(t, level)
  local packed, buffer, append = packed, buffer, append
  for key, value in next, t do
    local text = packed[key]
    if text then
      size = size + 1
      buffer[size] = text
    else
      append(key, level)
    end
    text = packed[value]
    if text then
      size = size + 1
      buffer[size] = text
    else
      append(value, level)
    end
  end
end

function append_table(t, level)
  t = real_tables[t] or t
  local array, count = is_array(t)
  size = size + 1
  if array then
    buffer[size] = ARRAY[count] or table_header(count, 0xDC)
    append_array(t, count, level)
  else
    buffer[size] = MAP[count] or table_header(count, 0xDE)
    append_map(t, level)
  end
end

local function pack_one(value)
  buffer, size = {}, 0
  append(value, 0)
  return size == 1 and buffer[1] or concat(buffer, '', 1, size)
end

local function pack_many(count, ...)
  local values = { ... }
  buffer, size = {}, 0
  for index = 1, count do
    append(values[index], 0)
  end
  return concat(buffer, '', 1, size)
end

local function pack(...)
  local count = select('#', ...)
  if count == 1 then
    local value = ...
    local text = packed[value] or pack_one(value)
    return text
  elseif count == 0 then
    argument_error(pack, 0, 'MessagePack pack needs input.')
  elseif count > C_STACK / 2 then
    argument_error(pack, 0, 'Too many arguments for MessagePack pack.')
  end
  local text = pack_many(count, ...)
  return text
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

local CONSTANTS = { [0xC2] = false, [0xC3] = true }

-- How many bytes a number takes, by its first byte.
local WIDTHS = {
  [0xCA] = 5, [0xCB] = 9, [0xCC] = 2, [0xCD] = 3, [0xCE] = 5, [0xCF] = 9,
  [0xD0] = 2, [0xD1] = 3, [0xD2] = 5, [0xD3] = 9,
}

-- Reads a run of numbers of one kind at once into an array, which has room for `room` more. Answers how many there
-- were, and the position after.
local function read_run(array, length, room, first, position)
  local width = WIDTHS[first]
  if byte(data, position + (RUN_MIN - 1) * width) ~= first or byte(data, position + 3 * width) ~= first then
    return 0, position
  end
  local most = room < RUN_MAX and room or RUN_MAX
  local numbers = { read_numbers(sub(data, position, position + most * width - 1)) }
  for index = 1, #numbers do
    local number = numbers[index]
    if number ~= number and first == 0xCA then -- not the same for all Pythons
      local at = position + (index - 1) * width
      number = to_float(byte(data, at + 1, at + 4))
    end
    array[length + index] = number
  end
  return #numbers, position + #numbers * width
end

local function read_array(position, length, slots)
  check_slots(slots + 2, 'in function mp_decode_to_lua_array')
  local array, index = {}, 1
  local data, has_room = data, slots + 2 < C_STACK
  while index <= length do
    local first, found = byte(data, position), 0
    if not first or not has_room then
      array[index], position = read(position, slots + 2)
    elseif first < 0x80 then
      array[index], position = first, position + 1
    elseif CONSTANTS[first] ~= nil then
      array[index], position = CONSTANTS[first], position + 1
    elseif first >= 0xA0 and first < 0xC0 and position + first - 0xA0 <= data_length then
      local last = position + first - 0xA0
      array[index], position = sub(data, position + 1, last), last + 1
    else
      if WIDTHS[first] and length - index >= RUN_MIN - 1 then
        found, position = read_run(array, index - 1, length - index + 1, first, position)
        index = index + found
      end
      if found == 0 then
        array[index], position = read(position, slots + 2)
      end
    end
    if found == 0 then
      index = index + 1
    end
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

-- The length at `position`, of as many bytes; and the position after it.
local function read_length(position, width)
  need(position + width - 1)
  local b0, b1, b2, b3 = byte(data, position, position + width - 1)
  if width == 1 then
    return b0, position + 1
  elseif width == 2 then
    return 256 * b0 + b1, position + 2
  end
  return 16777216 * b0 + 65536 * b1 + 256 * b2 + b3, position + 4
end

-- What holds others, and its length's width, by first byte.
local SIZED = {
  [0xD9] = { read_string, 1 }, [0xDA] = { read_string, 2 }, [0xDB] = { read_string, 4 },
  [0xDC] = { read_array, 2 }, [0xDD] = { read_array, 4 },
  [0xDE] = { read_map, 2 }, [0xDF] = { read_map, 4 },
}

-- Numbers but doubles. `position` is the one after the first byte. 64-bit integers are all signed here.
local function read_number(first, position)
  if first == 0xCC or first == 0xD0 then
    need(position)
    local number = byte(data, position)
    return (first == 0xCC or number < 128) and number or number - 256, position + 1
  elseif first == 0xCD or first == 0xD1 then
    need(position + 1)
    local b0, b1 = byte(data, position, position + 1)
    return 256 * ((first == 0xCD or b0 < 128) and b0 or b0 - 256) + b1, position + 2
  end
  local b0, b1, b2, b3, b4, b5, b6, b7 = byte(data, position, position + 7)
  if first == 0xCE or first == 0xD2 then
    need(position + 3)
    if first == 0xD2 and b0 >= 128 then
      b0 = b0 - 256
    end
    return 16777216 * b0 + 65536 * b1 + 256 * b2 + b3, position + 4
  elseif first == 0xCA then
    need(position + 3)
    return to_float(b0, b1, b2, b3), position + 4
  end
  need(position + 7)
  if b0 >= 128 then
    b0 = b0 - 256
  end
  -- Both halves are exact, so that only their sum is rounded.
  local high, low = 16777216 * b0 + 65536 * b1 + 256 * b2 + b3, 16777216 * b4 + 65536 * b5 + 256 * b6 + b7
  return high * 4294967296 + low, position + 8
end

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
  elseif first == 0xCB then
    if position + 8 > data_length then
      missing_bytes()
    end
    return to_double(byte(data, position + 1, position + 8)), position + 9
  elseif first >= 0xCA and first <= 0xD3 then
    return read_number(first, position + 1)
  elseif first < 0xC4 and first ~= 0xC1 then
    return CONSTANTS[first], position + 1
  end
  local sized = SIZED[first]
  if not sized then
    raise(unpack_api, 'Bad data format in input.')
  end
  local length, content = read_length(position + 1, sized[2])
  return sized[1](content, length, slots)
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
