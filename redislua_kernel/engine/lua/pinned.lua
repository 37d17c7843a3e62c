-- Short ways of commands with two or three words: where one is the same in many calls (a key, a field, a bit,
-- the end of a range), it need not be handed over again.
--
-- host: learning -> what learning.lua returned

local host = ...

local EACH, FORGET, can_be_known = host.learning.EACH, host.learning.FORGET, host.learning.can_be_known

local PIN, MISSED, FREE, SEEN = 1, 4, 5, 6 -- places of a list; at 2 and 3 are the ways by one word and by the other
local MOST_PINNED = 32 -- so many words have a way of their own

-- `pin` gives the way for a word at a place, or nothing.
local function new_pins(pin)
  return { pin, {}, {}, 0, MOST_PINNED, { nil, {}, {} } }
end

local function learn_word(pins, place, word)
  local seen = pins[SEEN][place]
  if seen[word] then
    pins[FREE] = pins[FREE] - 1
    pins[place][word] = pins[PIN](place, word)
    return pins[place][word]
  elseif can_be_known(word) then
    seen[word] = true
  end
end

-- Give a new way for one of two words that have none yet, and the other word; or nothing, and the first.
local function learn(pins, second, third)
  local missed, way = pins[MISSED] + 1, nil
  pins[MISSED] = missed
  if missed % EACH == 0 and pins[FREE] > 0 then
    if missed % FORGET == 0 then
      pins[SEEN] = { nil, {}, {} }
    end
    way = learn_word(pins, 2, second)
    if way then
      return way, third
    end
    way = learn_word(pins, 3, third)
  end
  return way, second
end

return { new_pins = new_pins, learn = learn }
