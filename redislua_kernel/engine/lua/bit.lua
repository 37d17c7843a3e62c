-- bit: 32-bit logic on doubles, as Lua BitOp does it.
--
-- Words are unsigned (0 to 2^32-1) inside and made signed on the way out. `and` goes through a table of byte
-- pairs; `or` and `xor` follow from it by addition: a|b = a+b-(a&b), a^b = a+b-2(a&b).
--
-- In C these take no longer than the call of a Lua function. So each is made from a text in which nothing is
-- called for the usual arguments; all others are left to careful code.

local arguments, codec = ...
local check_number = arguments.check_number
local double_words = codec.double_words
local format, frexp, gsub, loadstring, select = string.format, math.frexp, string.gsub, loadstring, select
local next, setmetatable, sub, type, unpack, upper = next, setmetatable, string.sub, type, unpack, string.upper

local WORD, HALF = 2 ^ 32, 2 ^ 31

-- Adding this rounds a number to an integer, half to even, and leaves the lowest 32 bits as they were.
local ROUNDING = 2 ^ 52 + 2 ^ 51

-- From 2^51 on the sum has no place for the lowest bits: the word is the lower half of its mantissa then.
local function large_word(number)
  local sum = number + ROUNDING
  if sum ~= sum then
    local _, low = double_words(sum)
    return low
  elseif sum - sum ~= 0 then -- infinite
    return 0
  end
  local mantissa = frexp(sum)
  return (mantissa < 0 and -mantissa or mantissa) * 2 ^ 53 % WORD
end

local function word(api, index, value, count)
  if type(value) ~= 'number' then
    value = check_number(api, index, value, count)
  end
  if value < 2 ^ 51 and value > -2 ^ 51 then
    return (value + ROUNDING) % WORD
  end
  return large_word(value)
end

local function signed(value)
  return value < HALF and value or value - WORD
end

---------------------------------------------------------------------------------------------------- templates

-- USUAL(x): is it a number to which ROUNDING can be added? SIGNED(x): return the word as the library does.
local MACROS = {
  USUAL = "type%1 == 'number' and %1 < 2251799813685248 and %1 > -2251799813685248",
  WORD = '(%1 + 6755399441055744) %% 4294967296',
  SIGNED = 'local result = %1 return result < 2147483648 and result or result - 4294967296',
}

-- Make a function from the text of its body, where `...` are its arguments, `api` is itself, and `result` its formula.
-- Upvalues are given by name.
local function build(body, result, upvalues)
  local text = gsub(body, 'RESULT', (gsub(result, '%%', '%%%%')))
  for macro, meaning in next, MACROS do
    text = gsub(text, macro .. '(%b())', meaning)
  end
  local names, values = 'type', { type }
  for name, value in next, upvalues do
    names, values[#values + 1] = names .. ', ' .. name, value
  end
  text = 'local ' .. names .. ' = ... local function api(...) ' .. text .. ' end return api'
  return loadstring(text, '=sandbox')(unpack(values))
end

----------------------------------------------------------------------------------------------- and, or and xor

-- AND[256 * a + b] = a & b for bytes; filled on first use, for most scripts have no bits.
local AND = setmetatable({}, {
  __index = function(both, key)
    setmetatable(both, nil)
    for a = 0, 255 do
      for b = 0, 255 do
        local a_low, b_low = a % 2, b % 2
        local rest = a > 1 and both[128 * (a - a_low) + (b - b_low) / 2] or 0
        both[256 * a + b] = 2 * rest + a_low * b_low
      end
    end
    return both[key]
  end,
})

-- Masks that are one run of ones: a&b is the difference of two remainders then.
local ABOVE, BELOW = {}, {}
for from = 0, 31 do
  for to = from + 1, 32 do
    ABOVE[2 ^ to - 2 ^ from], BELOW[2 ^ to - 2 ^ from] = 2 ^ to, 2 ^ from
  end
end

-- The result is a formula of the words a and b and of `both`, which is a & b.
local COMBINE = [[
  local AND = AND
  if a < 65536 and b < 65536 then
    local a0, b0 = a % 256, b % 256
    local both = AND[256 * a0 + b0] + 256 * AND[a - a0 + (b - b0) / 256]
    return RESULT
  end
  local a0, a1, a2 = a % 256, a % 65536, a % 16777216
  local b0, b1, b2 = b % 256, b % 65536, b % 16777216
  local both = AND[256 * a0 + b0]
    + 256 * AND[a1 - a0 + (b1 - b0) / 256]
    + 65536 * AND[(a2 - a1 + (b2 - b1) / 256) / 256]
    + 16777216 * AND[(a - a2 + (b - b2) / 256) / 65536]
  SIGNED(RESULT)
]]
local FOLD = [[
  local a, b = ...
  local above = ABOVE[b]
  if select('#', ...) == 2 and USUAL(a) then
    if above then
      a = WORD(a)
      local both = a % above - a % BELOW[b]
      SIGNED(RESULT)
    elseif USUAL(b) then
      a, b = WORD(a), WORD(b)
]] .. COMBINE .. [[
    end
  end
  return (fold(api, combine, ...))
]]

-- The first argument is checked first, the others from the last one back.
local function fold(api, combine, ...)
  local values, count = { ... }, select('#', ...)
  local result = word(api, 1, values[1], count)
  for index = count, 2, -1 do
    result = combine(result, word(api, index, values[index], count)) % WORD
  end
  return signed(result)
end

local function folding(result)
  local combine = build('local a, b = ... ' .. COMBINE, result, { AND = AND })
  return build(FOLD, result, { ABOVE = ABOVE, AND = AND, BELOW = BELOW, combine = combine, fold = fold, select = select })
end

-------------------------------------------------------------------------------------------- shifts and the rest

-- Powers of two by the usual counts for a shift, and those of the other side: 2^(32-count).
local POWER, OTHER = {}, {}
for bits = 0, 31 do
  POWER[bits], OTHER[bits] = 2 ^ bits, 2 ^ (32 - bits)
end

local SHIFT = [[
  local value, count = ...
  local power, other = POWER[count], OTHER[count]
  if power and USUAL(value) then
    value = WORD(value)
  else
    value, power, other = shift_words(api, ...)
  end
  SIGNED(RESULT)
]]

local function shift_words(api, ...)
  local value, bits = ...
  local count = select('#', ...)
  value = word(api, 1, value, count)
  bits = word(api, 2, bits, count) % 32
  return value, POWER[bits], OTHER[bits]
end

local function shifting(result)
  return build(SHIFT, result, { OTHER = OTHER, POWER = POWER, shift_words = shift_words })
end

local UNARY = [[
  local value = ...
  value = USUAL(value) and WORD(value) or first_word(api, ...)
  SIGNED(RESULT)
]]

local function first_word(api, ...)
  return word(api, 1, (...), select('#', ...))
end

local function unary(result)
  return build(UNARY, result, { first_word = first_word })
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
  tobit = unary('value'),
  bnot = unary('4294967295 - value'),
  band = folding('both'),
  bor = folding('a + b - both'),
  bxor = folding('a + b - 2 * both'),
  lshift = shifting('value * power % 4294967296'),
  rshift = shifting('(value - value % power) / power'),
  arshift = shifting('(value - value % power) / power + (value < 2147483648 and 0 or 4294967296 - other)'),
  rol = shifting('value % other * power + (value - value % other) / other'),
  ror = shifting('(value - value % power) / power + value % power * other'),
  bswap = unary([[value % 256 * 16777216 + (value % 65536 - value % 256) * 256
    + (value % 16777216 - value % 65536) / 256 + (value - value % 16777216) / 16777216]]),
  tohex = tohex,
}
