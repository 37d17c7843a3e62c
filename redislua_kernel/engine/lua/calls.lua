-- redis.call and redis.pcall: how a command is reached, and what its reply becomes in Lua.
--
-- host:
--   resolve(name)   -> the Python callable behind a command, true, whether it gives arrays, three short ways
--                      to it, or nil (see below), and what gives further ones: for words that are always the
--                      same, for one word of three, and for one of two; which words the first of these leaves
--                      free (see repeated.lua); and what gives a callable for so many words alone; or nil, if it
--                      is not to be kept
--   call_unkept(name, ...) runs such a command
--   answer, left(), integers -> what a short way left: see `call`
--   call_many(callable, words, count): the same call with all words, the name first, in a table; `false`
--                      for what is not kept
--   most_words      -> so many words of a call are taken one by one: see call_sites.py
--   missing         -> stands for a name that was not given at all
--   memory, repeated, sandbox -> what these files returned
--
-- A Python callable takes the words after the name, and never raises: it answers one plain value
-- (string, number, false for null), or `true`, a kind and a value, or `true` alone for the status OK.
-- Kinds: see `finish`. One that gives arrays answers the elements, of which the first is not `true`, or like
-- others. The short ways are Python objects: to get an item of the first is a call with
-- that one word, to set an item of the second a call with two, and the third is called without any word: it
-- asks for all of them (`give_words`). That costs about half. Where the second leaves integers is a number
-- that comes with it.

local host = ...

local error, type, select, setmetatable, rawget, unpack = error, type, select, setmetatable, rawget, unpack
local gcinfo, running = gcinfo, coroutine.running
local sandbox, memory, resolve, call_unkept = host.sandbox, host.memory, host.resolve, host.call_unkept
local answer, left, integers = host.answer, host.left, host.integers
local state, get_item, set_item = sandbox.state, sandbox.get_item, sandbox.set_item
local new_ways, learn_words, unknown = host.repeated.new_ways, host.repeated.learn, host.repeated.unknown
local witness, look_at_memory, weigh_words = memory.witness, memory.look, memory.weigh_words

-- Kinds of a reply that is no plain value
local STATUS, ERROR, ARRAY, VALUE, TRUE, NESTED, ENTRIES, AGAIN, PLACE, STREAMS, ENTRY, STREAM =
  1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12

local MUCH = 2 ^ 20 -- kilobytes: if all words together cannot have more, they are not weighed
local FEW = 200 -- so many elements may be unpacked at once
local MANY = 24 -- from here on, arguments cost less if Python asks for them, or else as one table

-- A short way for two words: an object to set an item of, and where it leaves integers; `false` for none.
local function new_way(object, place)
  return object and { object, place } or false
end

-- Short ways of commands with two or three words: where one is the same in many calls (a key, a field, a bit,
-- the end of a range), it need not be handed over again. Which are the same is learned from a part of the calls
-- that have no such word yet: what is seen twice, and not too long after, gets a way of its own.
local PIN, MISSED, FREE, SEEN = 1, 4, 5, 6 -- places of a list; at 2 and 3 are the ways by one word and by the other
local EACH, FORGET = 8, 256 -- each so manieth call is looked at; after so many, what was seen is forgotten
local MOST_PINNED, LONGEST = 32, 64 -- how many words have a way of their own, and how long they may be

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
  elseif (type(word) == "string" and #word <= LONGEST) or (type(word) == "number" and word == word) then
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

-- Callables for so many words alone, by the names of commands: what has one, and is called a few times with so
-- many words, gets it. The others are those for any number of words.
local function new_counted(count, calls, severals)
  local called = {}
  return setmetatable({}, {
    __index = function(counted, name)
      local callable, several = calls[name], severals[name]
      if several then
        called[name] = (called[name] or 0) + 1
        if called[name] < EACH then
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

local function new_dispatch(is_traced)
  local arrays, ones, twos, manys, repeated, pinned, halved, severals = {}, {}, {}, {}, {}, {}, {}, {}
  local calls = setmetatable({}, {
    __index = function(calls, name)
      local callable, keep, gives_array, one, two, place, many, bind, pin, half, free, several = resolve(name)
      if not callable then
        function callable(...)
          return call_unkept(name, ...)
        end
      end
      if is_traced then
        callable, one = state.with_line(callable), one and state.ways_by_line(one)
        two, many, bind, pin, half, several = nil, nil, nil, nil, nil, nil
      end
      if keep then
        calls[name], arrays[name], manys[name], severals[name] = callable, gives_array, many, several
        ones[name], twos[name] = one, two and new_way(two, place)
        halved[name] = half and new_pins(half)
        repeated[name] = bind and new_ways(function(...)
          local object, leaves = bind(...)
          return leaves and new_way(object, leaves) or object
        end, free)
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

-- What a script may call depends on its mode (read-only, out of memory, ...): each mode has
-- tables of its own, so that a call checks nothing.
local dispatches = {}
local calls, arrays, ones, twos, manys, repeated, pinned, halved, counted
local hands_line

local function use_dispatch(mode, is_traced)
  local found = dispatches[mode]
  if not found then
    found = new_dispatch(is_traced)
    dispatches[mode] = found
  end
  calls, arrays, ones, twos, manys = found.calls, found.arrays, found.ones, found.twos, found.manys
  repeated, pinned, halved, hands_line = found.repeated, found.pinned, found.halved, is_traced
  counted = found.counted
  get_item = is_traced and state.get_traced or sandbox.get_item
end

-- Make an array of `count` elements from a flat list, in which `true` and a length stand before
-- the elements of an array within it; give the array and the place after it.
local function unflatten(flat, place, count)
  local array = {}
  for number = 1, count do
    local item = flat[place]
    if item == true then
      array[number], place = unflatten(flat, place + 2, flat[place + 1])
    else
      array[number], place = item, place + 1
    end
  end
  return array, place
end

-- Copy some elements of a list. A table that is made of a few at once does not grow step by step.
local function copy(list, first, last)
  if last - first < FEW then
    return { unpack(list, first, last) }
  end
  local copied = {}
  for place = first, last do
    copied[place - first + 1] = list[place]
  end
  return copied
end

-- Make the entries of a stream from a flat list: how many fields each has, these, all ids, and all values, field
-- by field. Or `false`, all ids, how many words each has, and these. Give the place after them, too.
local function make_entries(flat, first, count)
  local width = flat[first]
  local ids = first + (width or 0)
  -- With all ids at once, the table has room for the entries, which take their places.
  local entries = count < FEW and { unpack(flat, ids + 1, ids + count) } or {}
  if not width then
    local counts = ids + count
    local place = counts + count + 1
    for number = 1, count do
      local after = place + flat[counts + number]
      entries[number], place = { flat[ids + number], copy(flat, place, after - 1) }, after
    end
    return entries, place
  elseif width == 1 then -- as most have
    local name, values = flat[first + 1], ids + count
    for number = 1, count do
      entries[number] = { flat[ids + number], { name, flat[values + number] } }
    end
    return entries, values + count + 1
  end
  local words, values = {}, ids + count
  for field = 1, width do
    words[2 * field - 1] = flat[first + field]
  end
  for number = 1, count do
    local place = values + number
    for field = 1, width do
      words[2 * field], place = flat[place], place + count
    end
    entries[number] = { flat[ids + number], copy(words, 1, 2 * width) }
  end
  return entries, values + width * count + 1
end

-- Make the entries of some streams: the key of each, how many there are, and these.
local function make_streams(flat, place, count)
  local streams = {}
  for number = 1, count do
    local entries, after = make_entries(flat, place + 2, flat[place + 1])
    streams[number], place = { flat[place], entries }, after
  end
  return streams
end

-- The same for a lone one: its id and its words.
local function make_entry(id, ...)
  return { { id, { ... } } }
end

local function make_stream(key, id, ...)
  return { { key, { { id, { ... } } } } }
end

-- Make an array of what lies flat in a table: `true` and the kind; another table that has it all, or
-- `false`; how many elements the array has; and these.
local function build(reply)
  local kind, flat, place, count = reply[2], reply[3], 1, reply[4]
  if not flat then
    flat, place = reply, 5
  end
  if kind == ENTRIES then
    return (make_entries(flat, place, count))
  elseif kind == STREAMS then
    return make_streams(flat, place, count)
  end
  return (unflatten(flat, place, count))
end

-- Make the Lua value of a reply that is no plain one.
local function finish(raising, kind, ...)
  if kind == nil then
    return { ok = "OK" }
  elseif kind == ARRAY then
    return { ... }
  elseif kind == PLACE then
    return { { ... } }
  elseif kind == ENTRY then
    return make_entry(...)
  elseif kind == STREAM then
    return make_stream(...)
  elseif kind == NESTED or kind == ENTRIES or kind == STREAMS then
    return build({ true, kind, ... })
  end
  local value, from_command = ...
  if kind == VALUE then
    return value
  elseif kind == STATUS then
    return { ok = value }
  elseif kind == TRUE then
    return true
  end
  local err = { err = value }
  if from_command then
    err.ignore_error_stats_update = true
  end
  if raising then
    error(err, 0)
  end
  return err
end

local function conclude(raising, reply, ...)
  if reply == true then
    return finish(raising, ...)
  end
  return reply
end

-- Make the Lua value of what a command has answered that gives arrays: its answers in a table.
local function conclude_array(raising, reply)
  if reply[1] ~= true then
    return reply
  end
  local kind = reply[2]
  if kind == NESTED or kind == ENTRIES or kind == STREAMS then
    return build(reply)
  end
  return finish(raising, unpack(reply, 2))
end

-- The same for any command, by its name.
local function conclude_any(raising, name, reply, ...)
  if reply == true then
    return finish(raising, ...)
  elseif arrays[name] then
    return { reply, ... }
  end
  return reply
end

-- The words of a call of many, the name first, and their number: Python asks for them, and gets all at once.
local given, given_count

local function give_words()
  local words = given
  given = nil -- nobody else holds them when the call is over
  return unpack(words, 1, given_count)
end

local function call_with_table(raising, words, count)
  local name = words[1]
  local callable = calls[name]
  -- Who is traced is told its line by a function of Lua's, kept or not.
  local is_known = hands_line or rawget(calls, name) ~= nil
  return conclude_any(raising, name, host.call_many(is_known and callable, words, count))
end

local function conclude_many(raising, words, count, reply, kind, ...)
  if reply == true and kind == AGAIN then
    return call_with_table(raising, words, count)
  end
  return conclude(raising, reply, kind, ...)
end

local function call_many(raising, words, count)
  local name = words[1]
  local way = calls[name] and manys[name]
  if not way or running() then -- Python can ask a coroutine for nothing
    return call_with_table(raising, words, count)
  end
  given, given_count = words, count
  if not arrays[name] then
    return conclude_many(raising, words, count, way())
  end
  local reply = { way() }
  if reply[1] == true and reply[2] == AGAIN then
    return call_with_table(raising, words, count)
  end
  return conclude_array(raising, reply)
end

-- A short way gives one value. What needs several it leaves for `left`, and gives nil. From the second nothing
-- comes back: it puts the value into `answer`, `true` where several are left; but an integer stays in `integers`,
-- at the place of the way, where the next call often finds the same; and for OK there is nothing.

-- Nearly every call tells in the script's text how many words it has, and reaches a function for that many
-- (see call_sites.py): nothing is counted then, and nothing put together.

local function call_of_one(raising)
  return function(name)
    if not witness[1] then
      look_at_memory()
    end
    return conclude_any(raising, name, calls[name]())
  end
end

local function call_of_two(raising)
  return function(name, first)
    if not witness[1] then
      look_at_memory()
    end
    local way = ones[name]
    if not way then
      local callable = calls[name]
      if arrays[name] then
        return conclude_array(raising, { callable(first) })
      end
      return conclude(raising, callable(first))
    end
    local reply = get_item(way, first)
    if reply ~= nil then
      return reply
    end
    return conclude(raising, left())
  end
end

-- Where nobody takes the reply (`drops`), a call of the second way makes no table of OK, and reads no integer.
-- To read what it has left stands here twice: a function for both would be one more for each call.

-- Commands whose words may all be the same each time, but for one or two, have ways of their own then: see
-- repeated.lua.
local function call_of_many(raising, count, drops)
  local given = count - 1
  return function(name, ...)
    if not witness[1] then
      look_at_memory()
    end
    local ways, way, one, two = repeated[name], nil, nil, nil
    if ways then
      way, one, two = ways[given](...)
      if way == unknown then
        learn_words(ways, given, ...)
        way = nil
      end
    end
    if not way then
      if count * gcinfo() > MUCH then
        weigh_words(name, ...)
      end
      local callable = counted[count][name]
      if arrays[name] then
        return conclude_array(raising, { callable(...) })
      end
      return conclude(raising, callable(...))
    elseif ways.has_one then
      local reply = get_item(way, one)
      if reply ~= nil then
        return reply
      end
      return conclude_any(raising, name, left())
    end
    set_item(way[1], one, two)
    local reply = answer[1]
    if reply == nil then
      if drops then
        return
      end
      reply = integers[way[2]]
      if reply == nil then
        return { ok = "OK" }
      end
      return reply
    end
    answer[1] = nil
    if reply == true then
      return conclude_any(raising, name, left())
    end
    return reply
  end
end

local function call_of_more(raising, count, drops)
  local has_three, many = count == 3, call_of_many(raising, count, drops)
  return function(name, first, second, third)
    if not witness[1] then
      look_at_memory()
    end
    local way, one, two
    if has_three then
      local pins = halved[name]
      if pins then
        way, one = pins[2][second], first
        if not way then
          way, one = pins[3][first], second
          if not way then
            way, one = learn(pins, second, first)
          end
        end
        if way then
          local reply = get_item(way, one)
          if reply ~= nil then
            return reply
          end
          return conclude(raising, left())
        end
      end
      way, one, two = twos[name], first, second
    else
      local pins = pinned[name]
      if pins then
        way, one, two = pins[2][second], first, third
        if not way then
          way, two = pins[3][third], second
          if not way then
            way, two = learn(pins, second, third)
          end
        end
      elseif repeated[name] then
        return many(name, first, second, third)
      end
    end
    if way then
      set_item(way[1], one, two)
      local reply = answer[1]
      if reply == nil then
        if drops then
          return
        end
        reply = integers[way[2]]
        if reply == nil then
          return { ok = "OK" }
        end
        return reply
      end
      answer[1] = nil
      if reply == true then
        return conclude(raising, left())
      end
      return reply
    end
    local callable = counted[count][name]
    if has_three then
      if arrays[name] then
        return conclude_array(raising, { callable(first, second) })
      end
      return conclude(raising, callable(first, second))
    elseif arrays[name] then
      return conclude_array(raising, { callable(first, second, third) })
    end
    return conclude(raising, callable(first, second, third))
  end
end

-- Make what calls a command with any number of words, and the functions for so many.
local function make_call(raising)
  local calls_of = { call_of_one(raising), call_of_two(raising) }
  local dropping = { unpack(calls_of) }
  for count = 3, host.most_words do
    local call_of = count > 4 and call_of_many or call_of_more
    calls_of[count], dropping[count] = call_of(raising, count), call_of(raising, count, true)
  end
  local function call(...)
    local count = select("#", ...)
    local call_of_so_many = calls_of[count]
    if call_of_so_many then
      return call_of_so_many(...)
    end
    if not witness[1] then
      look_at_memory()
    end
    if count == 0 then
      return conclude(raising, calls[host.missing]())
    elseif count * gcinfo() > MUCH then
      weigh_words(...)
    end
    if count > MANY then
      return call_many(raising, { ... }, count)
    end
    return conclude_any(raising, (...), calls[...](select(2, ...)))
  end
  return call, { [false] = calls_of, [true] = dropping }
end

local call, calls_of = make_call(true)
local pcall, pcalls_of = make_call(false)

return {
  call = call, pcall = pcall, give_words = give_words, use_dispatch = use_dispatch,
  of_so_many = { call = calls_of, pcall = pcalls_of },
}
