-- struct: C structures from and to strings, as Roberto Ierusalimschy's struct library does it.
--
-- A format is compiled once into a list of items. What is wrong with it is an item, too: the values in front of it
-- are handled, and checked, first. One that comes again is made a function (see struct_code.lua), which this code
-- stands behind.

local arguments, number_codec, _, code = ...
local argument_error, raise = arguments.argument_error, arguments.raise
local check_integer, check_number, check_string = arguments.check_integer, arguments.check_number, arguments.check_string
local to_int64 = arguments.to_int64
local double_string, float_bytes = number_codec.double_string, number_codec.float_bytes
local to_double, to_float = number_codec.to_double, number_codec.to_float
local byte, char, find, match, rep = string.byte, string.char, string.find, string.match, string.rep
local reverse, sub = string.reverse, string.sub
local concat, floor, select, tonumber, type, unpack = table.concat, math.floor, select, tonumber, type, unpack

-- The most values a C function may keep on Lua's stack.
local C_STACK = 8000
local MAX_INTEGER, MAX_ALIGNMENT, INT_MAX = 32, 8, 2 ^ 31 - 1

----------------------------------------------------------------------------------------------------- formats

local INTEGER_SIZES = { b = 1, B = 1, h = 2, H = 2, i = 4, I = 4, l = 8, L = 8, T = 8 }
local OTHER_SIZES = { c = 1, d = 8, f = 4, s = 0, x = 1 }

local function is_power_of_two(number)
  while number > 1 and number % 2 == 0 do
    number = number / 2
  end
  return number == 1
end

-- Answers the number at `position`, or `default`, and the position after it; nothing if it is no C int.
local function read_number(text, position, default)
  local digits = match(text, '^%d+', position)
  if not digits then
    return default, position
  end
  local number = tonumber(digits)
  if number <= INT_MAX then
    return number, position + #digits
  end
end

local function broken(text)
  return { kind = 'broken', text = text }
end

local function item_with_size(option, size)
  if option == 'c' or not INTEGER_SIZES[option] then
    return { kind = option, size = size }
  elseif size > MAX_INTEGER then
    return broken('integral size ' .. size .. ' is larger than limit of ' .. MAX_INTEGER)
  end
  return { kind = 'integer', size = size, signed = option == option:lower() }
end

-- Changes the layout; answers the position after the option, or nothing and what is wrong with it.
local function change_layout(layout, option, text, position)
  if option == '!' then
    local alignment, after = read_number(text, position, MAX_ALIGNMENT)
    if not alignment then
      return nil, broken('integral size overflow')
    elseif not is_power_of_two(alignment) then
      return nil, broken('alignment ' .. alignment .. ' is not a power of 2')
    end
    layout.alignment = alignment
    return after
  end
  if option ~= ' ' then
    layout.big = option == '>'
  end
  return position
end

local function next_item(layout, text, position)
  local option = sub(text, position, position)
  local size = INTEGER_SIZES[option] or OTHER_SIZES[option]
  position = position + 1
  if not size then
    if find(option, '^[ !<>]') then
      local after, wrong = change_layout(layout, option, text, position)
      return wrong, after
    end
    return { kind = 'invalid', option = option }, position
  end
  if find(option, '^[ciI]') then
    size, position = read_number(text, position, size)
    if not size then
      return broken('integral size overflow')
    end
  end
  local item = item_with_size(option, size)
  item.big, item.alignment = layout.big, layout.alignment
  return item, position
end

local function compile(text)
  local items, layout = { control_first = find(text, '^[ !<>]') }, { big = false, alignment = 1 }
  local position, length = 1, #match(text, '^%Z*')
  while position and position <= length do
    local item
    item, position = next_item(layout, text, position)
    items[#items + 1] = item
  end
  return items
end

-- Short formats seen before, and the functions of those that were seen twice.
local FORMATS_MAX, FORMAT_LENGTH = 500, 100
local formats, format_count = {}, 0
local packers, readers, results_of = {}, {}, {}

local make_functions

local function format_items(api, text, count)
  local items = formats[text]
  if items then
    make_functions(text, items)
    return items
  end
  text = check_string(api, 1, text, count)
  items = compile(text)
  if #text <= FORMAT_LENGTH then
    if format_count == FORMATS_MAX then
      formats, format_count = {}, 0
      packers, readers, results_of = {}, {}, {}
    end
    formats[text] = items
    format_count = format_count + 1
  end
  return items
end

local function small_and(a, b)
  local result, bit = 0, 1
  while a > 0 and b > 0 do
    local a_low, b_low = a % 2, b % 2
    result = result + a_low * b_low * bit
    a, b, bit = (a - a_low) / 2, (b - b_low) / 2, 2 * bit
  end
  return result
end

-- The padding in front of an item at `offset`. The library computes it with bit masks, for sizes like 3 as well.
local function padding(item, offset)
  local size = item.size
  if size == 0 or item.kind == 'c' then
    return 0
  elseif size > item.alignment then
    size = item.alignment
  end
  return small_and(size - small_and(offset % 2 ^ 32, size - 1), size - 1)
end

function make_functions(text, items)
  if items.is_made then
    return
  end
  items.is_made = true
  local packer, reader, results = code.compile(items, padding)
  packers[text], readers[text], results_of[text] = packer, reader, results
end

local function fail(api, item)
  if item.kind == 'invalid' then
    argument_error(api, 1, "invalid format option '" .. item.option .. "'")
  end
  raise(api, item.text)
end

----------------------------------------------------------------------------------------------------- packing

-- Both halves of the 64 bits that x86-64 makes of a double: beyond the unsigned range 0, below the signed 2^63.
local function integer_words(number)
  if number >= 2 ^ 63 then
    local rest = number < 2 ^ 64 and number or 0
    return floor(rest / 4294967296), rest % 4294967296
  end
  local whole = to_int64(number)
  return floor(whole / 4294967296) % 4294967296, whole % 4294967296
end

-- Little-endian bytes; those beyond the eighth are zero, for negative numbers, too.
local function integer_bytes(number, size)
  local high, low = integer_words(number)
  local bytes = {}
  for index = 1, 4 do
    bytes[index], bytes[index + 4] = low % 256, high % 256
    low, high = floor(low / 256), floor(high / 256)
  end
  if size <= 8 then
    return char(unpack(bytes, 1, size))
  end
  return char(unpack(bytes)) .. rep('\0', size - 8)
end

local function pack_8_bytes(number, big)
  local low = number % 4294967296
  local high = (number - low) / 4294967296 % 4294967296
  local b0, b1, b2 = low % 256, low % 65536, low % 16777216
  local b3, b4, b5, b6 = (low - b2) / 16777216, high % 256, high % 65536, high % 16777216
  local b7 = (high - b6) / 16777216
  b1, b2, b5, b6 = (b1 - b0) / 256, (b2 - b1) / 65536, (b5 - b4) / 256, (b6 - b5) / 65536
  return big and char(b7, b6, b5, b4, b3, b2, b1, b0) or char(b0, b1, b2, b3, b4, b5, b6, b7)
end

local function pack_integer(number, item)
  local size, big = item.size, item.big
  if number % 1 == 0 and number < 2 ^ 53 and number > -2 ^ 53 then
    if size == 1 then
      return char(number % 256)
    elseif size == 2 then
      local low = number % 256
      local high = (number - low) / 256 % 256
      return big and char(high, low) or char(low, high)
    elseif size == 4 then
      local b0, b1, b2 = number % 256, number % 65536, number % 16777216
      local b3 = (number - b2) / 16777216 % 256
      b0, b1, b2 = b0, (b1 - b0) / 256, (b2 - b1) / 65536
      return big and char(b3, b2, b1, b0) or char(b0, b1, b2, b3)
    elseif size == 8 then
      return pack_8_bytes(number, big)
    end
  end
  local bytes = integer_bytes(number, size)
  return big and reverse(bytes) or bytes
end

local function pack_float(number, item)
  local bytes = item.kind == 'd' and double_string(number) or char(float_bytes(number))
  return item.big and bytes or reverse(bytes)
end

local function pack_string(api, item, text, index)
  if item.kind == 's' then
    return text .. '\0'
  elseif #text < item.size then
    argument_error(api, index + 1, 'string too short')
  end
  return item.size == 0 and text or sub(text, 1, item.size)
end

local TEXT_KINDS = { c = true, s = true }

local function pack_item(api, item, value, index)
  if item.kind == 'x' then
    return '\0', index
  elseif item.text or item.option then
    fail(api, item)
  elseif TEXT_KINDS[item.kind] then
    local text = check_string(api, index, value, index)
    return pack_string(api, item, text, index), index + 1
  end
  local number = check_number(api, index, value, index)
  if item.kind == 'integer' then
    return pack_integer(number, item), index + 1
  end
  return pack_float(number, item), index + 1
end

local function pack(...)
  local packer = packers[...]
  local packed = packer and packer(...)
  if packed then
    return packed
  end
  local items = format_items(pack, (...), select('#', ...))
  local values = { ... }
  local parts, count, offset, index = {}, 0, 0, 2
  for position = 1, #items do
    local item, part = items[position]
    if item.alignment ~= 1 and item.size then
      local zeros = padding(item, offset)
      count = count + 1
      parts[count] = rep('\0', zeros)
      offset = offset + zeros
    end
    local value = values[index]
    if item.kind == 'integer' and type(value) == 'number' then
      part, index = pack_integer(value, item), index + 1
    else
      part, index = pack_item(pack, item, value, index)
    end
    count = count + 1
    parts[count] = part
    offset = offset + #part
  end
  return count == 1 and parts[1] or concat(parts, '', 1, count)
end

--------------------------------------------------------------------------------------------------- unpacking

local function unsigned_bytes(data, first, last, step)
  local number = 0
  for index = first, last, step do
    number = 256 * number + byte(data, index)
  end
  return number
end

-- An integer of any size is read into 64 bits, so that only the last eight bytes count. The sign of a longer one is
-- looked for where the processor's shift, modulo 64, puts it.
local function unpack_any_integer(data, first, size, big, signed)
  local kept = size < 8 and size or 8
  local low, high
  if big then
    local last = first + size - 1
    low = unsigned_bytes(data, last - (kept < 4 and kept or 4) + 1, last, 1)
    high = kept > 4 and unsigned_bytes(data, last - kept + 1, last - 4, 1) or 0
  else
    low = unsigned_bytes(data, first + (kept < 4 and kept or 4) - 1, first, -1)
    high = kept > 4 and unsigned_bytes(data, first + kept - 1, first + 4, -1) or 0
  end
  if not signed then
    return high * 4294967296 + low
  end
  local shift = (size * 8 - 1) % 64
  if shift < 32 then
    local negative = high > 0 or low >= 2 ^ shift
    return negative and low % 2 ^ shift - 2 ^ shift or low
  end
  local half = 2 ^ (shift - 32)
  return (high < half and high or high % half - half) * 4294967296 + low
end

local function unpack_8_bytes(data, first, big, signed)
  local b0, b1, b2, b3, b4, b5, b6, b7 = byte(data, first, first + 7)
  if big then
    b0, b1, b2, b3, b4, b5, b6, b7 = b7, b6, b5, b4, b3, b2, b1, b0
  end
  if signed and b7 >= 128 then
    b7 = b7 - 256
  end
  -- Both halves are exact, so that only their sum is rounded.
  local low = b0 + 256 * b1 + 65536 * b2 + 16777216 * b3
  return (b4 + 256 * b5 + 65536 * b6 + 16777216 * b7) * 4294967296 + low
end

local function unpack_integer(data, first, item)
  local size, big, signed = item.size, item.big, item.signed
  local number, half
  if size == 4 then
    local b0, b1, b2, b3 = byte(data, first, first + 3)
    if big then
      b0, b1, b2, b3 = b3, b2, b1, b0
    end
    number, half = b0 + 256 * b1 + 65536 * b2 + 16777216 * b3, 2147483648
  elseif size == 1 then
    number, half = byte(data, first), 128
  elseif size == 2 then
    local b0, b1 = byte(data, first, first + 1)
    number, half = big and 256 * b0 + b1 or b0 + 256 * b1, 32768
  elseif size == 8 then
    return unpack_8_bytes(data, first, big, signed)
  else
    return unpack_any_integer(data, first, size, big, signed)
  end
  return signed and number >= half and number - 2 * half or number
end

local function unpack_float(data, first, item)
  local bytes = sub(data, first, first + item.size - 1)
  if not item.big then
    bytes = reverse(bytes)
  end
  if item.kind == 'd' then
    return to_double(byte(bytes, 1, 8))
  end
  return to_float(byte(bytes, 1, 4))
end

-- A size taken from the data, as x86-64 converts a double to size_t.
local function to_size(number)
  if number >= 2 ^ 64 then
    return 0
  elseif number <= -1 or number >= 2 ^ 63 or number ~= number then
    return 2 ^ 63 -- at least: longer than any data
  end
  return to_int64(number)
end

local function too_short(api)
  argument_error(api, 2, 'data string too short')
end

-- Fields of the other kinds: answers the number of results and the position after.
local function unpack_item(api, item, data, first, results, count)
  local kind, size = item.kind, item.size
  if kind == 'x' then
    return count, first + 1
  elseif kind == 'd' or kind == 'f' then
    results[count + 1] = unpack_float(data, first, item)
    return count + 1, first + size
  elseif kind == 's' then
    local zero = find(data, '\0', first, true)
    if not zero then
      raise(api, 'unfinished string in data')
    end
    results[count + 1] = sub(data, first, zero - 1)
    return count + 1, zero + 1
  elseif kind ~= 'c' then
    fail(api, item)
  end
  if size == 0 then
    local number = count > 0 and tonumber(results[count])
    if not number then
      raise(api, "format 'c0' needs a previous size")
    end
    size, count = to_size(number), count - 1
    if size > #data - first + 1 then
      too_short(api)
    end
  end
  results[count + 1] = sub(data, first, first + size - 1)
  return count + 1, first + size
end

local function unpack_items(api, items, data, first, slots)
  local length = #data
  local results, count = {}, 0
  if items.control_first and first > length + 1 then
    too_short(api)
  end
  for position = 1, #items do
    local item = items[position]
    local size = item.size or 0
    if item.text then
      fail(api, item)
    elseif item.alignment ~= 1 and item.size then
      first = first + padding(item, first - 1)
    end
    if first + size - 1 > length then
      too_short(api)
    elseif slots + count + 2 > C_STACK then
      raise(api, 'stack overflow (too many results)')
    end
    if item.kind == 'integer' then
      count = count + 1
      results[count] = unpack_integer(data, first, item)
      first = first + size
    else
      count, first = unpack_item(api, item, data, first, results, count)
    end
  end
  return results, count, first
end

-- The offset argument, 1-based; an unsigned number in C, so that a negative one is beyond any data.
local function check_offset(api, offset, count)
  if offset == nil then
    return 1
  end
  offset = check_integer(api, 3, offset, count)
  if offset == 0 then
    argument_error(api, 3, 'offset must be 1 or greater')
  end
  return offset
end

local function unpack_struct(...)
  local text, data, offset = ...
  local reader = readers[text]
  if reader and type(data) == 'string' and reader(data, offset) then
    return results_of[text]()
  end
  local slots = select('#', ...)
  local items = format_items(unpack_struct, text, slots)
  if type(data) ~= 'string' then
    data = check_string(unpack_struct, 2, data, slots)
  end
  offset = check_offset(unpack_struct, offset, slots)
  if not items[1] and not items.control_first then
    return offset
  elseif offset < 0 then
    offset = offset + 2 ^ 64
  end
  local results, count, after = unpack_items(unpack_struct, items, data, offset, slots)
  if count == 1 then
    return results[1], after
  elseif count < 7000 then
    results[count + 1] = after
    return unpack(results, 1, count + 1)
  end
  -- What Lua's unpack cannot do for its own arguments' sake.
  local a, b, c, d, e = unpack(results, 1, 5)
  results[count + 1] = after
  return a, b, c, d, e, unpack(results, 6, count + 1)
end

---------------------------------------------------------------------------------------------------- the size

local function size(...)
  local text = ...
  local items = format_items(size, text, select('#', ...))
  local total = items.total or 0
  if items.total then
    return total
  end
  for position = 1, #items do
    local item = items[position]
    if item.text or (item.option and not find(item.option, '^%w')) then
      fail(size, item)
    elseif item.size then
      total = total + padding(item, total) + item.size
      if item.kind == 's' then
        argument_error(size, 1, "option 's' has no fixed size")
      elseif item.kind == 'c' and item.size == 0 then
        argument_error(size, 1, "option 'c0' has no fixed size")
      end
    end
  end
  items.total = total
  return total
end

return { pack = pack, unpack = unpack_struct, size = size } -- in the order of the C library's `pairs`
