-- IEEE 754 numbers from and to their bytes, most significant byte first.
--
-- Only a NaN goes through `host.pack_double` and `host.unpack_double`, which are Python's: Lua cannot see its bits.
-- So are those that do many numbers at once: one call there costs as much as the bits of two doubles here.

local host = ...
local byte, char = string.byte, string.char
local floor, frexp, setmetatable = math.floor, math.frexp, setmetatable

local function word_bytes(word)
  return floor(word / 16777216), floor(word / 65536) % 256, floor(word / 256) % 256, word % 256
end

----------------------------------------------------------------------------------------------------- to bytes

local function is_negative(number)
  return number < 0 or (number == 0 and 1 / number < 0)
end

-- Both halves of the 64 bits of a magnitude.
local function magnitude_words(magnitude)
  if magnitude == 1 / 0 then
    return 0x7FF00000, 0
  end
  local fraction, exponent = frexp(magnitude)
  if exponent <= -1022 then
    local mantissa = magnitude * 2 ^ 537 * 2 ^ 537
    return floor(mantissa / 4294967296), mantissa % 4294967296
  elseif magnitude == 0 then
    return 0, 0
  end
  local mantissa = fraction * 2 ^ 53
  return (exponent + 1021) * 1048576 + floor(mantissa / 4294967296), mantissa % 4294967296
end

-- Both halves of the 64 bits of a double.
local function double_words(number)
  if number ~= number then
    local b1, b2, b3, b4, b5, b6, b7, b8 = byte(host.pack_double(number), 1, 8)
    return ((b1 * 256 + b2) * 256 + b3) * 256 + b4, ((b5 * 256 + b6) * 256 + b7) * 256 + b8
  elseif is_negative(number) then
    local high, low = magnitude_words(-number)
    return high + 2147483648, low
  end
  return magnitude_words(number)
end

local function any_double_string(number)
  local high, low = double_words(number)
  local b1, b2, b3, b4 = word_bytes(high)
  return char(b1, b2, b3, b4, word_bytes(low))
end

-- The eight bytes as a string, the quick way for what is neither tiny nor infinite.
local function double_string(number)
  local sign, magnitude = 0, number
  if number < 0 then
    sign, magnitude = 128, -number
  end
  local fraction, exponent = frexp(magnitude)
  if exponent < -1020 or not (magnitude > 0 and magnitude < 1 / 0) then
    return any_double_string(number)
  end
  local mantissa = fraction * 9007199254740992 - 4503599627370496
  exponent = exponent + 1022
  local low = mantissa % 4294967296
  local high = (mantissa - low) / 4294967296
  local b8, b7, b6 = low % 256, low % 65536, low % 16777216
  local b4, b3 = high % 256, high % 65536
  local nibble = exponent % 16
  return char(
    sign + (exponent - nibble) / 16,
    nibble * 16 + (high - b3) / 65536,
    (b3 - b4) / 256,
    b4,
    (low - b6) / 16777216,
    (b6 - b7) / 65536,
    (b7 - b8) / 256,
    b8
  )
end

local function float_magnitude(magnitude)
  if magnitude == 0 or magnitude == 1 / 0 then
    return magnitude == 0 and 0 or 0x7F800000
  end
  local fraction, exponent = frexp(magnitude)
  -- Adding and taking off 2^52 rounds half to even. A mantissa that overflows carries into the exponent.
  local word
  if exponent < -125 then
    word = magnitude * 2 ^ 149 + 2 ^ 52 - 2 ^ 52
  else
    word = (exponent + 125) * 8388608 + (fraction * 16777216 + 2 ^ 52 - 2 ^ 52)
  end
  return word < 0x7F800000 and word or 0x7F800000
end

-- A NaN keeps the upper bits of what it carries, and becomes a quiet one.
local function float_nan(number)
  local high, low = double_words(number)
  local sign = high < 2147483648 and 0 or 2147483648
  return sign + 0x7FC00000 + high % 524288 * 8 + floor(low / 536870912)
end

local function float_bytes(number)
  if number ~= number then
    return word_bytes(float_nan(number))
  elseif is_negative(number) then
    return word_bytes(float_magnitude(-number) + 2147483648)
  end
  return word_bytes(float_magnitude(number))
end

-- Does the number survive as a float?
local function is_float(number)
  if number - number ~= 0 then
    return number == number
  end
  local fraction, exponent = frexp(number)
  if exponent < -125 then
    return number * 2 ^ 149 % 1 == 0
  end
  return exponent <= 128 and fraction * 16777216 % 1 == 0
end

--------------------------------------------------------------------------------------------------- from bytes

-- What to multiply a mantissa by, with the number's sign, by the bits in front of the mantissa. The exponents of
-- zero, of tiny numbers, of infinity and NaN have none.
local function scales(special, smallest)
  return setmetatable({}, {
    __index = function(made, bits)
      local exponent = bits % (special + 1)
      if exponent == 0 or exponent == special then
        return nil
      end
      local scale = 2 ^ (exponent - 1 + smallest) * (bits > special and -1 or 1)
      made[bits] = scale
      return scale
    end,
  })
end

local DOUBLE_SCALES = scales(2047, -1074)
local FLOAT_SCALES = scales(255, -149)

local function special_value(negative, mantissa, exponent, smallest)
  local magnitude = exponent == 0 and mantissa * smallest or 1 / 0
  return negative and -magnitude or magnitude
end

local function special_double(mantissa, ...)
  local b1, b2 = ...
  local exponent = b1 % 128 * 16 + floor(b2 / 16)
  if exponent == 2047 and mantissa ~= 0 then
    return (host.unpack_double(char(...)))
  end
  return special_value(b1 >= 128, mantissa, exponent, 2 ^ -1074)
end

local function to_double(b1, b2, b3, b4, b5, b6, b7, b8)
  local low_bits = b2 % 16
  local mantissa = (((((low_bits * 256 + b3) * 256 + b4) * 256 + b5) * 256 + b6) * 256 + b7) * 256 + b8
  local scale = DOUBLE_SCALES[b1 * 16 + (b2 - low_bits) / 16]
  if scale then
    return (mantissa + 4503599627370496) * scale
  end
  return special_double(mantissa, b1, b2, b3, b4, b5, b6, b7, b8)
end

-- A NaN becomes a quiet double that carries the same.
local function special_float(mantissa, b1, b2)
  local exponent = b1 % 128 * 2 + floor(b2 / 128)
  if exponent == 255 and mantissa ~= 0 then
    local carried = mantissa % 4194304
    local high = 0x7FF80000 + floor(carried / 8) + (b1 >= 128 and 2147483648 or 0)
    local d1, d2, d3, d4 = word_bytes(high)
    return (host.unpack_double(char(d1, d2, d3, d4, word_bytes(carried % 8 * 536870912))))
  end
  return special_value(b1 >= 128, mantissa, exponent, 2 ^ -149)
end

local function to_float(b1, b2, b3, b4)
  local low_bits = b2 % 128
  local mantissa = (low_bits * 256 + b3) * 256 + b4
  local scale = FLOAT_SCALES[b1 * 2 + (b2 - low_bits) / 128]
  if scale then
    return (mantissa + 8388608) * scale
  end
  return special_float(mantissa, b1, b2)
end

return {
  double_string = double_string,
  double_words = double_words,
  float_bytes = float_bytes,
  is_float = is_float,
  pack_numbers = host.pack_numbers,
  read_numbers = host.read_numbers,
  to_double = to_double,
  to_float = to_float,
}
