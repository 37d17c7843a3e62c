-- The pseudo-random generator behind math.random: the 48-bit one of `lrand48`, so that a seed gives the
-- sequence that it gives on the reference.
--
-- returns random() -> the next number, from 0 to 2^31 - 1; seed(n), of which the last 32 bits count

local floor = math.floor

local HALF = 2 ^ 24 -- numbers are exact up to 2^53: the 48 bits are kept, and multiplied, by halves
local HIGH_FACTOR, LOW_FACTOR, ADDEND = 0x5DE, 0xECE66D, 0xB

local high, low = 0x1234AB, 0xCD330E -- where the sequence of each start begins

local function random()
  local product = low * LOW_FACTOR + ADDEND
  local rest = product % HALF
  high = (high * LOW_FACTOR + low * HIGH_FACTOR + (product - rest) / HALF) % HALF
  low = rest
  return high * 128 + floor(rest / 131072)
end

local function seed(value)
  value = value % 2 ^ 32
  high, low = floor(value / 256), value % 256 * 65536 + 0x330E
end

return { random = random, seed = seed }
