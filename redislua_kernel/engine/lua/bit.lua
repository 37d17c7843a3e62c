-- bit: 32-bit logic on doubles, as Lua BitOp does it.
--
-- Words are unsigned (0 to 2^32-1) inside and made signed on the way out. `and` goes through a table of byte
-- pairs; `or` and `xor` follow from it by addition: a|b = a+b-(a&b), a^b = a+b-2(a&b).

local arguments = ...
local check_number = arguments.check_number
local format, frexp, select, type = string.format, math.frexp, select, type
local sub, upper = string.sub, string.upper

local WORD, HALF = 2 ^ 32, 2 ^ 31
local EXACT = 2 ^ 51

local POWER = {}
for bits = 0, 32 do
  POWER[bits] = 2 ^ bits
end

-- What is no integer below 2^51 is rounded as the processor does it when it adds 2^52 + 2^51: fractions go half
-- to even, big numbers lose low bits, and the lower half of the mantissa is the word.
local function odd_word(number)
  local sum = number + (2 ^ 52 + 2 ^ 51)
  if sum - sum ~= 0 then -- not a number, or infinite
    return 0
  end
  local mantissa = frexp(sum)
  return (mantissa < 0 and -mantissa or mantissa) * 2 ^ 53 % WORD
end

local function word(api, index, value, count)
  if type(value) ~= 'number' then
    value = check_number(api, index, value, count)
  end
  if value % 1 == 0 and value < EXACT and value > -EXACT then
    return value % WORD
  end
  return odd_word(value)
end

local function signed(value)
  return value < HALF and value or value - WORD
end

-- AND[256 * a + b] = a & b for bytes; made on first use, for most scripts have no bits.
local AND

local function make_and_table()
  AND = {}
  for a = 0, 255 do
    for b = 0, 255 do
      local a_low, b_low = a % 2, b % 2
      local rest = a > 1 and AND[128 * (a - a_low) + (b - b_low) / 2] or 0
      AND[256 * a + b] = 2 * rest + a_low * b_low
    end
  end
end

local function both(a, b)
  if b < 256 then
    a = a % 256
    return AND[256 * a + b]
  end
  local a0, b0 = a % 256, b % 256
  local a1, b1 = a % 65536 - a0, b % 65536 - b0
  a, b = a - a0 - a1, b - b0 - b1
  local a2, b2 = a % 16777216, b % 16777216
  return AND[256 * a0 + b0]
    + 256 * AND[a1 + b1 / 256]
    + 65536 * AND[(a2 + b2 / 256) / 256]
    + 16777216 * AND[(a - a2 + (b - b2) / 256) / 65536]
end

local function either(a, b)
  return a + b - both(a, b)
end

local function differing(a, b)
  return a + b - 2 * both(a, b)
end

-- The first argument is checked first, the others from the last one back.
local function fold(api, combine, ...)
  local count = select('#', ...)
  local result = word(api, 1, (...), count)
  for index = count, 2, -1 do
    result = combine(result, word(api, index, (select(index, ...)), count))
  end
  return signed(result)
end

local function folding(combine)
  local function api(...)
    if not AND then
      make_and_table()
    end
    local a, b = ...
    if select('#', ...) ~= 2 or type(a) ~= 'number' or type(b) ~= 'number' then
      local result = fold(api, combine, ...)
      return result
    end
    if a % 1 == 0 and a < EXACT and a > -EXACT then
      a = a % WORD
    else
      a = odd_word(a)
    end
    if b % 1 == 0 and b < EXACT and b > -EXACT then
      b = b % WORD
    else
      b = odd_word(b)
    end
    local result = combine(a, b)
    return result < HALF and result or result - WORD
  end
  return api
end

local function shift_left(value, bits)
  return value * POWER[bits] % WORD
end

local function shift_right(value, bits)
  return (value - value % POWER[bits]) / POWER[bits]
end

local function shift_arithmetically(value, bits)
  local sign = value < HALF and 0 or WORD - POWER[32 - bits]
  return shift_right(value, bits) + sign
end

local function rotate_left(value, bits)
  return shift_left(value, bits) + shift_right(value, 32 - bits)
end

local function rotate_right(value, bits)
  return rotate_left(value, (32 - bits) % 32)
end

local function swap_bytes(value)
  local b0, b1, b2 = value % 256, value % 65536, value % 16777216
  return b0 * 16777216 + (b1 - b0) * 256 + (b2 - b1) / 256 + (value - b2) / 16777216
end

local function shifting(shift)
  local function api(...)
    local value, bits = ...
    local count = select('#', ...)
    value = word(api, 1, value, count)
    local result = shift(value, word(api, 2, bits, count) % 32)
    return result < HALF and result or result - WORD
  end
  return api
end

local function unary(change)
  local function api(...)
    local result = change(word(api, 1, (...), select('#', ...)))
    return result < HALF and result or result - WORD
  end
  return api
end

-- A negative number of digits asks for capitals; more than eight are eight.
local function tohex(...)
  local value, digits = ...
  local count = select('#', ...)
  local text = format('%08x', word(tohex, 1, value, count))
  if count < 2 then
    return text
  end
  digits = signed(word(tohex, 2, digits, count))
  if digits < 0 then
    text, digits = upper(text), -digits
  end
  return digits < 8 and sub(text, 9 - digits) or text
end

return {
  arshift = shifting(shift_arithmetically),
  band = folding(both),
  bnot = unary(function(value) return WORD - 1 - value end),
  bor = folding(either),
  bswap = unary(swap_bytes),
  bxor = folding(differing),
  lshift = shifting(shift_left),
  rol = shifting(rotate_left),
  ror = shifting(rotate_right),
  rshift = shifting(shift_right),
  tobit = unary(function(value) return value end),
  tohex = tohex,
}
