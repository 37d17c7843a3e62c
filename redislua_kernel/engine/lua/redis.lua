-- The `redis` object of scripts and functions, and the entry by which the engine runs them.
--
-- host:
--   resolve(name)   -> the Python callable behind a command, true, three short ways to it, or nil (see
--                      below), and what gives further ones of the second kind: for options, and for
--                      one word of three; or nil, if it is not to be kept
--   call_unkept(name, ...) runs such a command
--   answer, left(), integers -> what a short way left: see `call`
--   memory          -> what memory.lua returned
--   fetch()         -> the elements of the array that the last command replied
--   call_many(callable, words, count): the same call with all words, the name first, in a table
--   between_words   -> what stands between the words of a text: see `join`
--   missing         -> stands for a name that was not given at all
--   log(level, text), setresp(version), set_repl(targets), sha1(text), check_acl(...)
--   poll()          -> true once the running script is to stop; else after how many instructions
--                      to ask again
--   killed_text     -> the error of a stopped script
--   dialect         -> what the server calls things (see dialect.py)
--   sandbox         -> what sandbox.lua returned
--   write_position  -> what err_handler_def.lua returned
--
-- A Python callable takes the words after the name, and never raises: it answers one plain value
-- (string, number, false for null), or `true`, a kind and a value, or `true` alone for the status OK.
-- Kinds: see `finish`. The short ways are Python objects: to get an item of the first is a call with
-- that one word, to set an item of the second a call with two, and to get one of the third a call with
-- many, as one text. That costs about half. Where the second leaves integers is a number that comes with it.

local host = ...

local error, ipairs, type, tonumber, tostring, select = error, ipairs, type, tonumber, tostring, select
local setmetatable, rawget, rawset, next, unpack = setmetatable, rawget, rawset, next, unpack
local setfenv, getinfo = setfenv, debug.getinfo
local sethook, gethook = debug.sethook, debug.gethook
local stock_pcall = pcall
local byte, find, gsub, sub, concat = string.byte, string.find, string.gsub, string.sub, table.concat
local format, lower = string.format, string.lower
local floor = math.floor
local gcinfo = gcinfo
local sandbox, resolve, fetch, poll = host.sandbox, host.resolve, host.fetch, host.poll
local get_item, set_item = sandbox.get_item, sandbox.set_item
local answer, left, integers = host.answer, host.left, host.integers
local call_unkept, memory = host.call_unkept, host.memory
local witness, look_at_memory = memory.witness, memory.look
local write_position = host.write_position
local dialect = host.dialect
local API = dialect.api
local state, proxy = sandbox.state, sandbox.proxy
local STACK_LIMIT = sandbox.stack_limit

-- Kinds of a reply that is no plain value
local STATUS, ERROR, ARRAY, TABLE, TRUE, NESTED, ENTRIES, AGAIN = 1, 2, 3, 4, 5, 6, 7, 8

-- A debugger shows what a function of the API complains of.
local function tell(text)
  if state.debugger then
    state.debugger.complain(text)
  end
end

local function raise(text)
  tell(text)
  error({ err = "ERR " .. text }, 0)
end

-- redis.call and redis.pcall

local MUCH = 2 ^ 20 -- kilobytes: if all words together cannot have more, they are not weighed
local weigh_words, weight -- see below
local MANY = 24 -- from here on, arguments cost less as one text, or else as one table
local BETWEEN = host.between_words

-- A short way for two words: an object to set an item of, and where it leaves integers; `false` for none.
local function new_way(object, place)
  return object and { object, place } or false
end

-- Short ways with options: a tree whose branches are the words of the options. What is no word
-- of a script stands beside them.
local WAY, BIND, LEFT = {}, {}, {}
local MOST_WORDS, MOST_BOUND = 6, 256 -- the name, two words, three of options; and how many such

local function new_ways(bind)
  return { [BIND] = bind, [LEFT] = MOST_BOUND }
end

local function bind_options(ways, ...)
  if ways[LEFT] == 0 then
    return nil
  end
  local node = ways
  for place = 1, select("#", ...) do
    local word = select(place, ...)
    if type(word) ~= "string" and (type(word) ~= "number" or word ~= word) then
      return nil
    end
    node[word] = node[word] or {}
    node = node[word]
  end
  ways[LEFT] = ways[LEFT] - 1
  node[WAY] = new_way(ways[BIND](...))
  return node[WAY]
end

-- Short ways of commands with three words: where one of them is the same in many calls (a field, a bit, the
-- end of a range), it need not be handed over again. Which are the same is learned from a part of the calls
-- that have no such word yet: what is seen twice, and not too long after, gets a way of its own.
local PIN, MISSED, FREE, SEEN = 1, 4, 5, 6 -- places of a list; at 2 and 3 are the ways by second and third word
local EACH, FORGET = 8, 256 -- each so manieth call is looked at; after so many, what was seen is forgotten
local MOST_PINNED, LONGEST = 32, 64 -- how many words have a way of their own, and how long they may be

local function new_pins(pin)
  return { pin, {}, {}, 0, MOST_PINNED, { nil, {}, {} } }
end

local function learn_word(pins, place, word)
  local seen = pins[SEEN][place]
  if seen[word] then
    pins[FREE] = pins[FREE] - 1
    pins[place][word] = new_way(pins[PIN](place, word))
    return pins[place][word]
  elseif (type(word) == "string" and #word <= LONGEST) or (type(word) == "number" and word == word) then
    seen[word] = true
  end
end

-- Give the short way for one of two words, the second of which has none yet, and the other word.
local function pinned_way(pins, second, third)
  local way = pins[3][third]
  if way then
    return way, second
  end
  local missed = pins[MISSED] + 1
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

-- Give the short way of a command with as many words of options, or nothing if it has none.
local function bound_way(ways, count, first, second, third)
  local node = ways[first]
  if node and count > 1 then
    node = node[second]
    if node and count > 2 then
      node = node[third]
    end
  end
  local way = node and node[WAY]
  if way == nil then
    return bind_options(ways, unpack({ first, second, third }, 1, count))
  end
  return way
end

local function new_dispatch(is_traced)
  local ones, twos, manys, bound, pinned = {}, {}, {}, {}, {}
  local calls = setmetatable({}, {
    __index = function(calls, name)
      local callable, keep, one, two, place, many, bind, pin = resolve(name)
      if not callable then
        function callable(...)
          return call_unkept(name, ...)
        end
      end
      if is_traced then
        callable, one = state.with_line(callable), one and state.ways_by_line(one)
        two, many, bind, pin = nil, nil, nil, nil
      end
      if keep then
        calls[name], ones[name], twos[name], manys[name] = callable, one, two and new_way(two, place), many
        bound[name], pinned[name] = bind and new_ways(bind), pin and new_pins(pin)
      end
      return callable
    end,
  })
  return { calls = calls, ones = ones, twos = twos, manys = manys, bound = bound, pinned = pinned }
end

-- What a script may call depends on its mode (read-only, out of memory, ...): each mode has
-- tables of its own, so that a call checks nothing.
local dispatches = {}
local calls, ones, twos, manys, bound, pinned

local function use_dispatch(mode, is_traced)
  local found = dispatches[mode]
  if not found then
    found = new_dispatch(is_traced)
    dispatches[mode] = found
  end
  calls, ones, twos, manys = found.calls, found.ones, found.twos, found.manys
  bound, pinned = found.bound, found.pinned
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

-- Make the entries of a stream from a flat list: how many words each has, or `false`; their ids;
-- how many words they have, one by one, if they differ in that; and all their words.
local function make_entries(flat, count)
  local entries, width = {}, flat[1]
  local place = width and count + 1 or 2 * count + 1
  for number = 1, count do
    local length = width or flat[1 + count + number]
    local words = { flat[place + 1], flat[place + 2] } -- most have two
    for other = 3, length do
      words[other] = flat[place + other]
    end
    entries[number] = { flat[1 + number], words }
    place = place + length
  end
  return entries
end

-- Make the Lua value of a reply that is no plain one. Arrays wait in `fetch`: as further
-- results of the call itself they would cost every other call.
local function finish(raising, kind, value, from_command)
  if kind == nil then
    return { ok = "OK" }
  elseif kind == ARRAY then
    return { fetch() }
  elseif kind == TABLE then
    return value
  elseif kind == NESTED then
    return (unflatten(value or { fetch() }, 1, from_command))
  elseif kind == ENTRIES then
    return make_entries(value or { fetch() }, from_command)
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

-- Give many words as one text: their number, and what stands between words after it and each other;
-- or nothing, if they cannot be given so. Numbers must look as Python would write them.
local function join(words, count)
  words[1] = count
  local ok, text = stock_pcall(concat, words, BETWEEN, 1, count)
  if not ok then
    return nil
  end
  for place = 2, count do
    local word = words[place]
    if word .. "" ~= word then -- no string
      if word % 1 ~= 0 or word >= 1e14 or word <= -1e14 or (word == 0 and 1 / word < 0) then
        return nil
      end
    end
  end
  return text
end

local function call_many(words, count)
  local name = words[1]
  local callable, way = calls[name], manys[name]
  local text = way and join(words, count)
  if text then
    local reply, kind, value, from_command = get_item(way, text), nil, nil, nil
    if reply == nil then
      reply, kind, value, from_command = left()
    elseif reply == true then
      kind = ARRAY
    end
    if kind ~= AGAIN then
      return reply, kind, value, from_command
    end
  end
  words[1] = name
  return host.call_many(callable, words, count)
end

-- Run a command with no word after its name, or with many.
local function call_by_count(count, ...)
  if count > 4 and count * gcinfo() > MUCH then
    weigh_words(...)
  end
  if count == 1 then
    return calls[...]()
  elseif count > MANY then
    return call_many({ ... }, count)
  elseif count == 0 then
    return calls[host.missing]()
  end
  return calls[...](select(2, ...))
end

-- The two differ in one word: a function that both called would cost every call one more. A short
-- way gives one value: `true` for an array that waits. What needs several it leaves for `left`, and
-- gives nil. From the second nothing comes back: it puts the value into `answer`, `true` where several
-- are left; but an integer stays in `integers`, at the place of the way, where the next call often finds
-- the same; and for OK there is nothing.

local function call(...)
  if not witness[1] then
    look_at_memory()
  end
  local count = select("#", ...)
  local name, first, second, third = ...
  local reply, kind, value, from_command
  if count == 2 then
    local way = ones[name]
    if way then
      reply = get_item(way, first)
      if reply == nil then
        reply, kind, value, from_command = left()
      elseif reply == true then
        return { fetch() }
      end
    else
      reply, kind, value, from_command = calls[name](first)
    end
  else
    local way
    if count == 3 then
      way = twos[name]
    elseif count > 3 and count <= MOST_WORDS then
      local pins = count == 4 and pinned[name]
      if pins then
        way = pins[2][second]
        if way then
          second = third
        else
          way, second = pinned_way(pins, second, third)
        end
      else
        local ways = bound[name]
        way = ways and bound_way(ways, count - 3, select(4, ...))
      end
    end
    if way then
      set_item(way[1], first, second)
      reply = answer[1]
      if reply == nil then
        reply = integers[way[2]]
        if reply == nil then
          return { ok = "OK" }
        end
        return reply
      end
      answer[1] = nil
      if reply == true then
        reply, kind, value, from_command = left()
      end
    elseif count == 3 then
      reply, kind, value, from_command = calls[name](first, second)
    elseif count == 4 then
      reply, kind, value, from_command = calls[name](first, second, third)
    else
      reply, kind, value, from_command = call_by_count(count, ...)
    end
  end
  if reply ~= true then
    return reply
  end
  return finish(true, kind, value, from_command)
end

local function pcall(...)
  if not witness[1] then
    look_at_memory()
  end
  local count = select("#", ...)
  local name, first, second, third = ...
  local reply, kind, value, from_command
  if count == 2 then
    local way = ones[name]
    if way then
      reply = get_item(way, first)
      if reply == nil then
        reply, kind, value, from_command = left()
      elseif reply == true then
        return { fetch() }
      end
    else
      reply, kind, value, from_command = calls[name](first)
    end
  else
    local way
    if count == 3 then
      way = twos[name]
    elseif count > 3 and count <= MOST_WORDS then
      local pins = count == 4 and pinned[name]
      if pins then
        way = pins[2][second]
        if way then
          second = third
        else
          way, second = pinned_way(pins, second, third)
        end
      else
        local ways = bound[name]
        way = ways and bound_way(ways, count - 3, select(4, ...))
      end
    end
    if way then
      set_item(way[1], first, second)
      reply = answer[1]
      if reply == nil then
        reply = integers[way[2]]
        if reply == nil then
          return { ok = "OK" }
        end
        return reply
      end
      answer[1] = nil
      if reply == true then
        reply, kind, value, from_command = left()
      end
    elseif count == 3 then
      reply, kind, value, from_command = calls[name](first, second)
    elseif count == 4 then
      reply, kind, value, from_command = calls[name](first, second, third)
    else
      reply, kind, value, from_command = call_by_count(count, ...)
    end
  end
  if reply ~= true then
    return reply
  end
  return finish(false, kind, value, from_command)
end

-- The other functions of the API

local function bad_arguments()
  tell("wrong number or type of arguments")
  return { err = "ERR wrong number or type of arguments" }
end

local function reply_table(field, ...)
  local text = ...
  if select("#", ...) ~= 1 or type(text) ~= "string" then
    return bad_arguments()
  end
  return { [field] = text }
end

local function status_reply(...)
  return reply_table("ok", ...)
end

local function error_reply(...)
  local text = ...
  if select("#", ...) ~= 1 or type(text) ~= "string" then
    return bad_arguments()
  end
  -- "-CODE text", "CODE text" and "text" are all taken; a lone word gets the code ERR.
  if byte(text) == 45 then
    text = sub(text, 2)
  end
  tell("-" .. text)
  text = gsub(text, "%z.*", "")
  local space = find(text, " ", 1, true)
  local code, message = "ERR", text
  if space then
    code, message = sub(text, 1, space - 1), sub(text, space + 1)
  end
  if space or dialect.trims_lone_words then
    message = gsub(gsub(message, "^[\r\n]+", ""), "[\r\n]+$", "")
  end
  return { err = code .. " " .. message }
end

local function sha1hex(...)
  if select("#", ...) ~= 1 then
    raise("wrong number of arguments")
  end
  local text = ...
  if type(text) == "number" then
    text = tostring(text)
  end
  return host.sha1(type(text) == "string" and text or "")
end

local function log(...)
  local count = select("#", ...)
  if count < 2 then
    raise(API .. ".log() requires two arguments or more.")
  end
  local level = tonumber((...))
  if not level then
    raise("First argument must be a number (log level).")
  end
  level = level < 0 and -floor(-level) or floor(level)
  if not (level >= 0 and level <= 3) then -- NaN is no level either
    raise("Invalid log level.")
  end
  local parts = {}
  for place = 2, count do
    local part = select(place, ...)
    if type(part) == "string" or type(part) == "number" then
      parts[#parts + 1] = tostring(part)
    end
  end
  host.log(level, concat(parts, " "))
end

local function setresp(...)
  if select("#", ...) ~= 1 then
    raise(API .. ".setresp() requires one argument.")
  end
  local version = tonumber((...))
  version = version and (version < 0 and -floor(-version) or floor(version))
  if version ~= 2 and version ~= 3 then
    raise("RESP version must be 2 or 3.")
  end
  host.setresp(version)
end

local function set_repl(...)
  if select("#", ...) ~= 1 then
    raise(API .. ".set_repl() requires one argument.")
  end
  local targets = tonumber((...)) or 0
  targets = targets < 0 and -floor(-targets) or floor(targets)
  if not (targets >= 0 and targets <= 3) then -- NaN is none either
    raise("Invalid replication flags. Use REPL_AOF, REPL_REPLICA, REPL_ALL or REPL_NONE.")
  end
  host.set_repl(targets)
end

local function acl_check_cmd(...)
  weigh_words(...)
  local allowed, text = host.check_acl(...)
  if text then
    tell(gsub(text, "^ERR ", ""))
    error({ err = text }, 0)
  end
  return allowed
end

local function breakpoint()
  local debugger = state.debugger
  if debugger then
    debugger.breakpoint()
    return true
  end
  return false
end

local function debug_print(...)
  local debugger = state.debugger
  if debugger then
    debugger.print(...)
  end
end

local function replicate_commands()
  return true
end

local logging = {
  log = log, LOG_DEBUG = 0, LOG_VERBOSE = 1, LOG_NOTICE = 2, LOG_WARNING = 3,
}

local function merge(...)
  local made = {}
  for place = 1, select("#", ...) do
    for key, value in next, (select(place, ...)) do
      made[key] = value
    end
  end
  return made
end

-- Set one by one as the reference does, so that `pairs` gives the same order; then what a
-- dialect has beside.
local ORDER = {
  "call", "pcall", "log", "LOG_DEBUG", "LOG_VERBOSE", "LOG_NOTICE", "LOG_WARNING", "REDIS_VERSION_NUM",
  "REDIS_VERSION", "setresp", "sha1hex", "error_reply", "status_reply", "set_repl", "REPL_NONE", "REPL_AOF",
  "REPL_SLAVE", "REPL_REPLICA", "REPL_ALL", "acl_check_cmd", "breakpoint", "debug", "replicate_commands",
}

local function in_order(api)
  local made = {}
  for place = 1, #ORDER do
    local name = ORDER[place]
    if api[name] ~= nil then
      made[name] = api[name]
    end
  end
  for name, value in next, api do
    made[name] = value
  end
  return made
end

local function_api = merge(logging, dialect.constants, {
  call = call, pcall = pcall, error_reply = error_reply, status_reply = status_reply,
  sha1hex = sha1hex, setresp = setresp, set_repl = set_repl, acl_check_cmd = acl_check_cmd,
  REPL_NONE = 0, REPL_AOF = 1, REPL_SLAVE = 2, REPL_REPLICA = 2, REPL_ALL = 3,
})
local script_api = merge(function_api, {
  breakpoint = breakpoint, debug = debug_print, replicate_commands = replicate_commands,
})

-- redis.register_function

local REGISTER = API .. ".register_function"

local loading -- what FUNCTION LOAD collects: a list of {name, callback, flags, description}

local function text_of(value)
  return type(value) == "string" and value or type(value) == "number" and tostring(value) or nil
end

-- A name as C compares it: up to its first zero byte, in any case.
local function folded(name)
  return lower((gsub(name, "%z.*", "")))
end

local function read_flags(list)
  local flags, place = {}, 1
  while list[place] ~= nil do
    local flag = list[place]
    if type(flag) ~= "string" or not host.function_flags[folded(flag)] then
      raise("unknown flag given")
    end
    flags[place] = folded(flag)
    place = place + 1
  end
  return flags
end

local function read_named(arguments)
  if type(arguments) ~= "table" then
    raise("calling " .. REGISTER .. " with a single argument is only applicable to Lua "
      .. "table (representing named arguments).")
  end
  local name, callback, description, flags
  for key, value in next, sandbox.real_tables[arguments] or arguments do
    if type(key) ~= "string" and type(key) ~= "number" then
      raise("named argument key given to " .. REGISTER .. " is not a string")
    end
    key = folded(key)
    if key == "function_name" then
      name = text_of(value) or raise("function_name argument given to " .. REGISTER .. " must be a string")
    elseif key == "description" then
      description = text_of(value) or raise("description argument given to " .. REGISTER .. " must be a string")
    elseif key == "callback" then
      if type(value) ~= "function" then
        raise("callback argument given to " .. REGISTER .. " must be a function")
      end
      callback = value
    elseif key == "flags" then
      if type(value) ~= "table" then
        raise("flags argument to " .. REGISTER .. " must be a table representing function flags")
      end
      flags = read_flags(value)
    else
      raise("unknown argument given to " .. REGISTER)
    end
  end
  if not name then
    raise(REGISTER .. " must get a function name argument")
  elseif not callback then
    raise(REGISTER .. " must get a callback argument")
  end
  return name, callback, flags or {}, description
end

local function register_function(...)
  if not loading then
    raise(REGISTER .. " can only be called on FUNCTION LOAD command")
  end
  local count = select("#", ...)
  if count < 1 or count > 2 then
    raise("wrong number of arguments to " .. REGISTER)
  end
  local name, callback, flags, description
  if count == 1 then
    name, callback, flags, description = read_named((...))
  else
    name, callback = text_of((...)), (select(2, ...))
    flags = {}
    if not name then
      raise("first argument to " .. REGISTER .. " must be a string")
    elseif type(callback) ~= "function" then
      raise("second argument to " .. REGISTER .. " must be a function")
    end
  end
  local problem = host.refuse_function(name)
  if problem then
    raise(problem)
  end
  loading[#loading + 1] = { name, callback, flags, description or false }
end

local load_api = merge(logging, dialect.constants, { register_function = register_function })

sandbox.mark(script_api)
sandbox.mark(load_api)

-- The two environments

local script_environment, script_globals = sandbox.make_globals(in_order(script_api))
local function_environment, function_globals, function_meta = sandbox.make_globals(in_order(function_api))
-- While a library loads, its globals are the load API alone.
local load_globals = setmetatable({
  redis = proxy(setmetatable(load_api, { __index = sandbox.missing_global })),
}, { __index = sandbox.missing_global })

for _, alias in ipairs(dialect.api_aliases) do
  for _, globals in ipairs({ script_globals, function_globals, load_globals }) do
    globals[alias] = globals.redis
  end
end

-- Errors: {err, source, line}, the position being that of the script's own frame

-- Where the reference's pcall fails to look into an error, in C.
local IN_C = { source = "=[C]", currentline = -1 }

local function position(level)
  local info = getinfo(level, "Slf")
  if info and info.what == "C" then
    level = level + 1
    info = getinfo(level, "Slf")
  end
  if info and info.func == sandbox.refuse_piece then
    level = level + 3 -- past the reader and the `load` that called it
    info = getinfo(level, "Slf")
  end
  while info and (info.source == "=sandbox" or info.what == "tail") do
    if info.func == sandbox.unwrap_error then
      return IN_C
    end
    level = level + 1
    info = getinfo(level, "Slf")
  end
  return info
end

-- `level` is that of what raised the error, seen from here.
local function locate_error(err, level)
  local info = position(level + 1)
  if type(err) ~= "table" then
    err = { err = "ERR " .. tostring(err) }
  end
  if info then
    write_position(err, info)
  end
  return err
end

local function handle_error(err)
  local located = locate_error(err, 3)
  return located
end

sandbox.mark({ handle_error })
for _, name in ipairs(dialect.error_handlers) do
  script_globals[name] = handle_error -- the reference leaves it in sight
end

-- The error that ended a script; lupa itself hands on texts alone.
local failure

-- Runs as the handler of all that Python calls.
local function record_error(err)
  local is_foreign = sandbox.is_foreign(err)
  if state.raised and not is_foreign then
    state.raised(err)
  end
  local located = locate_error(is_foreign and { err = err } or err, 3)
  local text = located.err
  if type(text) == "number" then
    text = tostring(text)
  end
  failure = {
    (is_foreign or type(text) == "string") and text or "ERR unknown error", located.source or false,
    tonumber(located.line) or false, located.ignore_error_stats_update == true,
  }
  return located -- `load` gives it to the script
end

local function take_failure()
  local taken = failure
  failure = nil
  if taken then
    return unpack(taken)
  end
end

-- Replies: a plain value goes as it is, anything else as a flat list of tokens that Python
-- puts together (see convert.py).

local MARK = host.marks
local saw_error = false

-- How far the reference fills its stack: one place for each array around a value, more for a map
-- or a set, and four for what it reads from a table.
local HIGHEST = STACK_LIMIT - 4
local LONG = 64 -- shorter texts take no more than they do in Lua

local function flatten(value, out, height)
  local kind = type(value)
  if height > HIGHEST then
    out[#out + 1] = MARK.too_deep
    return
  elseif kind == "string" then
    if #value > LONG then
      state.weigh(value)
    end
    out[#out + 1] = value
    return
  elseif kind == "number" or kind == "boolean" then
    out[#out + 1] = value
    return
  elseif kind ~= "table" then
    out[#out + 1] = MARK.null
    return
  end
  local field = rawget(value, "err")
  if type(field) == "string" then
    -- Statistics count an error once: not again the one that a command has given.
    local is_counted = rawget(value, "ignore_error_stats_update") == true
    out[#out + 1] = is_counted and MARK.counted_error or MARK.error
    out[#out + 1] = field
    saw_error = true
    return
  end
  field = rawget(value, "ok")
  if type(field) == "string" then
    out[#out + 1] = MARK.status
    out[#out + 1] = field
    return
  end
  field = rawget(value, "double")
  if type(field) == "number" then
    out[#out + 1] = MARK.double
    out[#out + 1] = format("%.17g", field) -- as a number, -0 would lose its sign
    return
  end
  field = rawget(value, "big_number")
  if type(field) == "string" then
    out[#out + 1] = MARK.big_number
    out[#out + 1] = field
    return
  end
  field = rawget(value, "verbatim_string")
  if type(field) == "table" then
    local format, text = rawget(field, "format"), rawget(field, "string")
    if type(format) == "string" and type(text) == "string" then
      out[#out + 1] = MARK.verbatim
      out[#out + 1] = format
      out[#out + 1] = text
      return
    end
  end
  field = rawget(value, "map")
  if type(field) == "table" then
    out[#out + 1] = MARK.map
    for key, item in next, field do
      flatten(key, out, height + 4)
      flatten(item, out, height + 3)
    end
    out[#out + 1] = MARK.close
    return
  end
  field = rawget(value, "set")
  if type(field) == "table" then
    out[#out + 1] = MARK.set
    for key in next, field do
      flatten(key, out, height + 3)
    end
    out[#out + 1] = MARK.close
    return
  end
  out[#out + 1] = MARK.array
  local place = 1
  local item = rawget(value, place)
  while item ~= nil do
    flatten(item, out, height + 1)
    place = place + 1
    item = rawget(value, place)
  end
  out[#out + 1] = MARK.close
end

local FEW = 200 -- so many results cost less than a table

-- Give how many elements a table has that holds nothing else than a few strings and numbers; nil: it has
-- something else.
local function count_plain(value)
  local count = #value
  if count > FEW or next(value, count > 0 and count or nil) ~= nil then
    return nil
  end
  for place = 1, count do
    local item = rawget(value, place)
    local kind = type(item)
    if kind == "string" then
      if #item > LONG then
        state.weigh(item)
      end
    elseif kind ~= "number" then
      return nil
    end
  end
  return count
end

-- Give the tokens of a table that a script returned: in a table if they are many. Of what most scripts
-- return they need no marks: a number and as many plain values; or true and a status.
local function tokens_of(value)
  saw_error, weight = false, 0
  local count = count_plain(value)
  if count then
    return count, unpack(value, 1, count)
  end
  local status = rawget(value, "ok")
  if type(status) == "string" and type(rawget(value, "err")) ~= "string" then
    return true, status
  end
  local out = {}
  weight = 0
  flatten(value, out, 2)
  if saw_error then
    out[#out + 1] = MARK.saw_error
  end
  if #out <= FEW then
    return unpack(out)
  end
  return out
end

-- Entries: what Python calls to run a script or a function. They take nothing; or the number of
-- keys, the keys, and the arguments; or, where these are many, TABLES and two tables.

local TABLES = -1

-- Few keys are told from the arguments by the place of their parameters.

local function after_two(first, second, ...)
  return { first, second }, { ... }
end

local function after_three(first, second, third, ...)
  return { first, second, third }, { ... }
end

local function after_four(first, second, third, fourth, ...)
  return { first, second, third, fourth }, { ... }
end

local after_few = { [2] = after_two, [3] = after_three, [4] = after_four }

-- Give the first `count` of some words, and the others.
local function split(count, ...)
  local words = { ... }
  local total = #words
  if count == total then
    return words, {}
  end
  local others = {}
  for place = count + 1, total do
    others[place - count], words[place] = words[place], nil
  end
  return words, others
end

local function many_keys(count, ...)
  if count == TABLES then
    return ...
  end
  local after = after_few[count]
  if after then
    return after(...)
  end
  return split(count, ...)
end

-- A tail call leaves no frame of ours below the script, whose depth is limited.

local function script_entry(f)
  setfenv(f, script_environment)
  return function(count, first, ...)
    if count == nil then
      script_globals.KEYS, script_globals.ARGV = {}, {}
    elseif count == 1 then
      script_globals.KEYS, script_globals.ARGV = { first }, { ... }
    elseif count == 0 then
      script_globals.KEYS, script_globals.ARGV = {}, { first, ... }
    else
      script_globals.KEYS, script_globals.ARGV = many_keys(count, first, ...)
    end
    return f()
  end
end

local function function_entry(f)
  return function(count, first, ...)
    if count == nil then
      return f({}, {})
    elseif count == 1 then
      return f({ first }, { ... })
    elseif count == 0 then
      return f({}, { first, ... })
    end
    return f(many_keys(count, first, ...))
  end
end

-- Run a library's main function and give the list of what it registers, or nil and the error.
local function load_library(f)
  setfenv(f, function_environment)
  loading = {}
  function_meta.__index = load_globals
  local ok, err = stock_pcall(f)
  function_meta.__index = function_globals
  local registered = loading
  loading = nil
  if not ok then
    local text = err
    if type(err) == "table" then
      text = err.err
    elseif type(err) == "string" or type(err) == "number" then
      text = "ERR " .. err
    end
    return nil, "Error registering functions: " .. tostring(text or "(null)")
  end
  for place = 1, #registered do
    registered[place][2] = function_entry(registered[place][2])
  end
  return registered
end

-- Interrupts: the hook asks now and then; a script that is to stop is stopped again at every
-- further instruction, so that no pcall survives.

local POLL_EVERY = 10000
local poll_every = POLL_EVERY
local hook

-- `level` is that of what runs, seen from the caller; `anywhere`: also in the midst of our code.
local function stop(level, anywhere)
  state.killed = true
  sethook(hook, "", 1)
  -- Our own code is let through: it is on its way out to the script or to Python. A table that is
  -- returned may hold others so often that there is no end to it.
  local running = getinfo(level + 1, "Sf")
  if anywhere or running.source ~= "=sandbox" or running.func == flatten then
    error({ err = host.killed_text() }, 0)
  end
end

memory.stop = stop

-- Python gets a copy of each text, however often it stands there.
local function weigh(text)
  weight = weight + #text
  if weight > memory.longest then
    memory.lack()
  end
end

function weigh_words(...)
  weight = 0
  for place = 1, select("#", ...) do
    local word = select(place, ...)
    if type(word) == "string" then
      weigh(word)
    end
  end
end

local function look()
  if memory.is_full or poll() == true then
    stop(2)
  end
end

-- Where each instruction takes long, as one that searches a long text, it asks after fewer of them.
function hook()
  if memory.is_full then
    stop(2)
    return
  elseif memory.is_too_much() then
    stop(2, true)
  end
  local wish = poll()
  if wish == true then
    stop(2)
  elseif wish ~= POLL_EVERY or poll_every ~= POLL_EVERY then
    poll_every = wish
    if gethook() == hook then -- a debugger that has just come has its own
      sethook(hook, "", wish)
    end
  end
end

local function revive()
  state.killed, memory.is_full = false, false
  answer[1] = nil -- what was stopped may have left it
  sandbox.restart_hook()
end

state.look, state.hook, state.weigh = look, hook, weigh
sandbox.set_hook(hook, "", POLL_EVERY)

-- A flush starts afresh what scripts, or functions, have set in cjson.

local function reset_functions()
  sandbox.renew_cjson(function_globals)
end

local function reset_scripts()
  sandbox.renew_cjson(script_globals)
end

return {
  callers = { [call] = true, [pcall] = true },
  chunk_environments = {
    ["@user_function"] = function_environment,
    ["@user_script"] = script_environment,
  },
  entries = { ["@user_function"] = function_entry, ["@user_script"] = script_entry },
  load_library = load_library,
  record_error = record_error,
  reset_functions = reset_functions,
  reset_scripts = reset_scripts,
  revive = revive,
  script_entry = script_entry,
  take_failure = take_failure,
  tokens_of = tokens_of,
  use_dispatch = use_dispatch,
}
