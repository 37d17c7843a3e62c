-- Words that are the same in call after call need not be handed over again: they get short ways of their own (see
-- pinned.lua and repeated.lua). Which they are is learned from a part of the calls that have no such way yet: what
-- is seen twice, and not too long after, gets one.

local type = type

local LONGEST = 64 -- how long a word may be that is known

-- Tell whether a word can be known: it is found again, and to keep it costs little.
local function can_be_known(word)
  local kind = type(word)
  return (kind == "string" and #word <= LONGEST) or (kind == "number" and word == word)
end

return {
  EACH = 8, -- each so manieth call is looked at
  FORGET = 256, -- after so many, what was seen is forgotten
  can_be_known = can_be_known,
}
