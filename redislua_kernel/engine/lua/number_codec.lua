-- IEEE 754 numbers from and to their bytes, most significant byte first. One kind of NaN per sign.

local char = string.char
local floor, frexp, ldexp, tostring = math.floor, math.frexp, math.ldexp, tostring

local NEGATIVE_NAN = 0 / 0
local NAN = -NEGATIVE_NAN
if tostring(NAN) == '-nan' then -- the processor decides
  NEGATIVE_NAN, NAN = NAN, NEGATIVE_NAN
end

-- The sign bit and the magnitude.
local function split_sign(number)
  if number ~= number then
    return tostring(number) == '-nan' and 1 or 0, number
  elseif number < 0 or (number == 0 and 1 / number < 0) then
    return 1, -number
  end
  return 0, number
end

local function word_bytes(word)
  return floor(word / 16777216), floor(word / 65536) % 256, floor(word / 256) % 256, word % 256
end

-- Both halves of the 64 bits of a magnitude.
local function double_words(magnitude)
  if magnitude ~= magnitude then
    return 0x7FF80000, 0
  elseif magnitude == 1 / 0 then
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

local function double_bytes(number)
  local sign, magnitude = split_sign(number)
  local high, low = double_words(magnitude)
  local b1, b2, b3, b4 = word_bytes(high + sign * 2147483648)
  return b1, b2, b3, b4, word_bytes(low)
end

-- The eight bytes as a string, the quick way for what is neither tiny nor infinite.
local function double_string(number)
  local sign, magnitude = 0, number
  if number < 0 then
    sign, magnitude = 128, -number
  end
  local fraction, exponent = frexp(magnitude)
  if exponent < -1020 or not (magnitude > 0 and magnitude < 1 / 0) then
    return char(double_bytes(number))
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

local function float_word(magnitude)
  if magnitude ~= magnitude then
    return 0x7FC00000
  elseif magnitude == 0 or magnitude == 1 / 0 then
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

local function float_bytes(number)
  local sign, magnitude = split_sign(number)
  return word_bytes(float_word(magnitude) + sign * 2147483648)
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

local function assemble(negative, mantissa, exponent, special, hidden)
  local magnitude
  if exponent == special then
    if mantissa ~= 0 then
      return negative and NEGATIVE_NAN or NAN
    end
    magnitude = 1 / 0
  elseif exponent == 0 then
    magnitude = ldexp(mantissa, hidden.smallest)
  else
    magnitude = ldexp(mantissa + hidden.bit, exponent - 1 + hidden.smallest)
  end
  return negative and -magnitude or magnitude
end

local DOUBLE = { bit = 2 ^ 52, smallest = -1074 }
local FLOAT = { bit = 2 ^ 23, smallest = -149 }

local function to_double(b1, b2, b3, b4, b5, b6, b7, b8)
  local low_bits = b2 % 16
  local mantissa = (((((low_bits * 256 + b3) * 256 + b4) * 256 + b5) * 256 + b6) * 256 + b7) * 256 + b8
  return assemble(b1 >= 128, mantissa, b1 % 128 * 16 + (b2 - low_bits) / 16, 2047, DOUBLE)
end

local function to_float(b1, b2, b3, b4)
  local low_bits = b2 % 128
  local mantissa = (low_bits * 256 + b3) * 256 + b4
  return assemble(b1 >= 128, mantissa, b1 % 128 * 2 + (b2 - low_bits) / 128, 255, FLOAT)
end

return {
  double_string = double_string,
  float_bytes = float_bytes,
  is_float = is_float,
  to_double = to_double,
  to_float = to_float,
}
