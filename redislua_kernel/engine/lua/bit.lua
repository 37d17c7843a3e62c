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
-- The usual counts for a shift, which need no check.
local SHIFTS = {}
for bits = 0, 31 do
  SHIFTS[bits] = bits
end

-- Adding it rounds a number to an integer, half to even, and leaves the lowest 32 bits as they were.
local ROUNDING = 2 ^ 52 + 2 ^ 51

-- From 2^51 on the sum has no place for the lowest bits: the word is the lower half of its mantissa then.
local function large_word(number)
  local sum = number + ROUNDING
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
  if value < EXACT and value > -EXACT then
    return (value + ROUNDING) % WORD
  end
  return large_word(value)
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

-- a&b is a remainder if b is one of these masks of low bits.
local MODULUS = {}
for bits = 0, 32 do
  MODULUS[2 ^ bits - 1] = 2 ^ bits
end

-- The words' a&b, and of it and the sum everything else: `sum` and `common` are their factors.
local function combine(a, b, sum, common)
  if not AND then
    make_and_table()
  end
  local a0, b0 = a % 256, b % 256
  local a1, b1 = a % 65536 - a0, b % 65536 - b0
  local a2, b2 = a % 16777216 - a0 - a1, b % 16777216 - b0 - b1
  local both = AND[256 * a0 + b0]
    + 256 * AND[a1 + b1 / 256]
    + 65536 * AND[(a2 + b2 / 256) / 256]
    + 16777216 * AND[(a - a0 - a1 - a2 + (b - b0 - b1 - b2) / 256) / 65536]
  return sum * (a + b) + common * both
end

-- The first argument is checked first, the others from the last one back.
local function fold(api, sum, common, ...)
  local count = select('#', ...)
  local result = word(api, 1, (...), count)
  for index = count, 2, -1 do
    result = combine(result, word(api, index, (select(index, ...)), count), sum, common)
  end
  return signed(result)
end

local function is_small(value)
  return type(value) == 'number' and value < EXACT and value > -EXACT
end

local function folding(sum, common)
  local function api(...)
    local a, b = ...
    local modulus, result = MODULUS[b], nil
    if select('#', ...) == 2 and type(a) == 'number' and a < EXACT and a > -EXACT then
      if modulus then
        a = (a + ROUNDING) % WORD
        result = sum * (a + b) + common * (a % modulus)
        return result < HALF and result or result - WORD
      elseif is_small(b) then
        result = combine((a + ROUNDING) % WORD, (b + ROUNDING) % WORD, sum, common)
        return result < HALF and result or result - WORD
      end
    end
    result = fold(api, sum, common, ...)
    return result
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
  local whole = (value - value % POWER[bits]) / POWER[bits]
  return value < HALF and whole or whole + WORD - POWER[32 - bits]
end

local function rotate_left(value, bits)
  local kept = value % POWER[32 - bits]
  return kept * POWER[bits] + (value - kept) / POWER[32 - bits]
end

local function rotate_right(value, bits)
  local low = value % POWER[bits]
  return (value - low) / POWER[bits] + low * POWER[32 - bits]
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
    bits = SHIFTS[bits] or word(api, 2, bits, count) % 32
    local result = shift(value, bits)
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

-- In the order of the C library, and so in that of its `pairs`.
return {
  tobit = unary(function(value) return value end),
  bnot = unary(function(value) return WORD - 1 - value end),
  band = folding(0, 1),
  bor = folding(1, -1),
  bxor = folding(1, -2),
  lshift = shifting(shift_left),
  rshift = shifting(shift_right),
  arshift = shifting(shift_arithmetically),
  rol = shifting(rotate_left),
  ror = shifting(rotate_right),
  bswap = unary(swap_bytes),
  tohex = tohex,
}
