-- redis.call and redis.pcall: the ways to a command, of which a call takes the shortest.
--
-- host:
--   answer, left(), integers -> what a short way left: see below
--   call_many(callable, words, count): the same call with all words, the name first, in a table; `false`
--                      for what is not kept
--   most_words      -> so many words of a call are taken one by one: see call_sites.py
--   missing         -> stands for a name that was not given at all
--   dispatch, memory, pinned, repeated, replies, sandbox -> what these files returned

local host = ...

local select, rawget, unpack = select, rawget, unpack
local gcinfo, running = gcinfo, coroutine.running
local answer, left, integers = host.answer, host.left, host.integers
local sandbox, memory, replies = host.sandbox, host.memory, host.replies
local state, get_item, set_item = sandbox.state, sandbox.get_item, sandbox.set_item
local witness, look_at_memory, weigh_words = memory.witness, memory.look, memory.weigh_words
local new_dispatch, learn_word = host.dispatch.new_dispatch, host.pinned.learn
local learn_words, unknown = host.repeated.learn, host.repeated.unknown
local finish, conclude, conclude_array, AGAIN = replies.finish, replies.conclude, replies.conclude_array, replies.AGAIN

local MUCH = 2 ^ 20 -- kilobytes: if all words together cannot have more, they are not weighed
local MANY = 24 -- from here on, arguments cost less if Python asks for them, or else as one table

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

-- Make the Lua value of what a command has answered, by its name: it may give arrays.
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

-- A short way (see dispatch.lua) gives one value. What needs several it leaves for `left`, and gives nil. From the second nothing
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
      return integers[way[2]] or { ok = "OK" }
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
            way, one = learn_word(pins, second, first)
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
            way, two = learn_word(pins, second, third)
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
        return integers[way[2]] or { ok = "OK" }
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
