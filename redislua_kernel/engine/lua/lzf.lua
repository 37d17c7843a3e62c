-- LZF compression, step by step: see rdb/lzf.py, which runs it.
--
-- begin(text, limit) starts on a text; each step() goes a little further, and gives true while
-- there is more to do, then the stream, or nil if that does not fit into `limit` bytes.

local byte, char, sub, concat = string.byte, string.char, string.sub, table.concat
local floor, max = math.floor, math.max

local MOST_LITERALS, FARTHEST, LONGEST, STEP = 32, 8192, 264, 2 ^ 20

-- The last places by the hash of the three bytes there, counted from the first byte of all texts
-- there ever were: so it need not be emptied for the next.
local seen, before = {}, 0
for slot = 0, 65535 do seen[slot] = 0 end

-- The text; where its last three bytes begin; where the literal bytes to be written begin, and
-- where we are: all places count from 0.
local text, limit, last, literals, place = '', 0, 0, 0, 0
-- The pieces of the stream, how many there are, and their bytes.
local out, count, size = {}, 0, 0

-- The bytes that literals take with their control bytes, that of an open run included.
local function run_size(bytes)
  return bytes + (bytes - bytes % MOST_LITERALS) / MOST_LITERALS + 1
end

-- Where literals fill the room that is left, their control bytes counted.
local function place_when_full()
  local room = limit - size
  local bytes = max(floor((room - 1) * MOST_LITERALS / (MOST_LITERALS + 1)), 0)
  while run_size(bytes) < room do bytes = bytes + 1 end
  return literals + bytes
end

local function put(piece)
  count = count + 1
  out[count] = piece
  size = size + #piece
end

local function flush(stop)
  while literals < stop do
    local bytes = stop - literals
    if bytes > MOST_LITERALS then bytes = MOST_LITERALS end
    put(char(bytes - 1))
    put(sub(text, literals + 1, literals + bytes))
    literals = literals + bytes
  end
end

local function refer(distance, bytes)
  local offset, extra = distance - 1, bytes - 2
  local low = offset % 256
  local high = (offset - low) / 256
  if extra < 7 then
    put(char(high + extra * 32, low))
  else
    put(char(high + 224, extra - 7, low))
  end
end

local function slot_of(first, second, third)
  return (first * 256 + second - 5 * (first * 65536 + second * 256 + third)) % 65536
end

local function match_size(found)
  -- The reference stops two bytes before the end, but looks at 19 once it is that near.
  local most = #text - place - 2
  if most > LONGEST then most = LONGEST end
  if most > 16 and most < 19 then most = 19 end
  local bytes = 3
  while bytes < most and byte(text, found + bytes + 1) == byte(text, place + bytes + 1) do
    bytes = bytes + 1
  end
  return bytes
end

local function begin(new_text, new_limit)
  before = before + #text
  text, limit, last = new_text, new_limit, #new_text - 2
  literals, place = 0, 0
  out, count, size = {}, 0, 0
end

local function finish(result)
  local was_long = #text > STEP
  before = before + #text
  text, out = '', {}
  if was_long then collectgarbage() end
  return result
end

local function step()
  local stop = place + STEP
  if stop > last then stop = last end
  local first, second = byte(text, place + 1, place + 2)
  local full = place_when_full()
  while place < stop do
    local third = byte(text, place + 3)
    local slot = slot_of(first, second, third)
    local found = seen[slot] - before
    seen[slot] = before + place
    -- The very first place is never referred to.
    local matches = found > 0 and place - found <= FARTHEST
    if matches then
      local a, b, c = byte(text, found + 1, found + 3)
      matches = a == first and b == second and c == third
    end
    if matches then
      local bytes, open = match_size(found), place - literals
      if size + run_size(open) - (open == 0 and 1 or 0) + 4 >= limit then return finish(nil) end
      flush(place)
      refer(place - found, bytes)
      place = place + bytes
      literals = place
      full = place_when_full()
      if place >= last then break end
      -- The reference remembers only the last two places that a match covers.
      local a, b, c, d = byte(text, place - 1, place + 2)
      seen[slot_of(a, b, c)] = before + place - 2
      seen[slot_of(b, c, d)] = before + place - 1
      first, second = c, d
    else
      if place >= full then return finish(nil) end
      place = place + 1
      first, second = second, third
    end
  end
  if place < last then return true end
  if size + run_size(place - literals) + 3 > limit then return finish(nil) end
  flush(#text)
  return finish(concat(out, '', 1, count))
end

return begin, step
