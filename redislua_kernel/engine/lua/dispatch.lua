-- How calls reach commands: what Python compiles of one when it is first called, kept by its name.
--
-- host:
--   resolve(name)   -> all ways to a command, by the names of `Compiled` in calls/compiled.py; nil: they are not to
--                      be kept
--   call_unkept(name, ...) runs such a command
--   most_words      -> so many words of a call are taken one by one: see call_sites.py
--   pinned, repeated, sandbox -> what these files returned
--
-- A Python callable takes the words after the name, never raises, and answers what replies.lua makes a value of.
-- The short ways are Python objects: to get an item of `one` is a call with that one word, to set an item of `two`
-- a call with two, and `many` is called without any word: it asks for all of them. That costs about half.

local host = ...

local setmetatable, rawget = setmetatable, rawget
local resolve, call_unkept, state = host.resolve, host.call_unkept, host.sandbox.state
local new_ways, new_pins = host.repeated.new_ways, host.pinned.new_pins

local EARLY = 8 -- so many calls of a command with so many words are too few to compile it for them

-- A short way for two words: an object to set an item of, and where it leaves integers; `false` for none.
local function new_way(object, place)
  return object and { object, place } or false
end

-- Callables for so many words alone, by the names of commands: what has one, and is called a few times with so
-- many words, gets it. The others are those for any number of words.
local function new_counted(count, calls, severals)
  local called = {}
  return setmetatable({}, {
    __index = function(counted, name)
      local callable, several = calls[name], severals[name]
      if several then
        called[name] = (called[name] or 0) + 1
        if called[name] < EARLY then
          return callable
        end
        callable = several(count - 1) or callable
      end
      if rawget(calls, name) then
        counted[name] = callable
      end
      return callable
    end,
  })
end

-- Make the tables of what calls reach, each by the names of commands.
local function new_dispatch(is_traced)
  local arrays, ones, twos, manys, repeated, pinned, halved, severals = {}, {}, {}, {}, {}, {}, {}, {}
  local calls = setmetatable({}, {
    __index = function(calls, name)
      local ways = resolve(name)
      local callable = ways and ways.call or function(...)
        return call_unkept(name, ...)
      end
      if is_traced then
        callable = state.with_line(callable)
      end
      if ways then
        local one, two, bind, pin, half = ways.one, ways.two, ways.bind, ways.pin, ways.half
        calls[name], arrays[name], manys[name], severals[name] = callable, ways.gives_array, ways.many, ways.several
        ones[name] = one and is_traced and state.ways_by_line(one) or one
        twos[name] = two and new_way(two, ways.place)
        halved[name] = half and new_pins(half)
        repeated[name] = bind and new_ways(function(...)
          local object, place = bind(...)
          return place and new_way(object, place) or object
        end, ways.free)
        pinned[name] = pin and new_pins(function(place, word)
          return new_way(pin(place, word))
        end)
      end
      return callable
    end,
  })
  local counted = {}
  for count = 1, host.most_words do
    counted[count] = new_counted(count, calls, severals)
  end
  return {
    calls = calls, arrays = arrays, ones = ones, twos = twos, manys = manys,
    repeated = repeated, pinned = pinned, halved = halved, counted = counted,
  }
end

return { new_dispatch = new_dispatch }
