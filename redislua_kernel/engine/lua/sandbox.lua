-- The sandbox: what a script or a function may reach, and nothing else.
--
-- Runs once in the raw state. Stock Lua has no readonly tables, so a protected table is an
-- empty proxy that reads through to the real one; the functions that look past metatables
-- (pairs, rawset, table.insert, ...) are wrapped to see the real table and to refuse writes.
-- Every wrapper lives in the chunk "=sandbox": the error handler skips its frames, so that
-- errors carry the line of the script.
--
-- host: libraries (cjson, ...), the `real_tables` they look into, and rewrite(f, binds_calls), which gives a
--   compiled function as it is to run (see rewriting.py); not_enough, Lua's error in want of memory, and what
--   memory.lua and generator.lua returned;
--   library_functions and protected, the names of hidden globals, and ours and stock, what those of others begin with;
--   nesting, widen_brackets(code) and restore_brackets(code, message): see long_strings.py
-- returns: make_globals(api) -> environment, globals; renew_cjson(globals); proxy(table); ...

local host = ...

local error, type, tonumber, select, next = error, type, tonumber, select, next
local getmetatable, setmetatable, rawget, rawset = getmetatable, setmetatable, rawget, rawset
local pairs, ipairs, setfenv, loadstring, load = pairs, ipairs, setfenv, loadstring, load
local stock_pcall, stock_xpcall, unpack = pcall, xpcall, unpack
local string, table, math, coroutine = string, table, math, coroutine
local floor, byte, dump, find, gsub = math.floor, string.byte, string.dump, string.find, string.gsub
local concat = table.concat
local sethook, getinfo, raw_metatable = debug.sethook, debug.getinfo, debug.getmetatable

local READONLY = "Attempt to modify a readonly table"
local STACK_LIMIT = 8000 -- LUAI_MAXCSTACK: what unpack may push at once

-- Python's functions are userdata, and so is a KeyboardInterrupt on its way through a script: nothing shows in them.
-- Only our own code gets and sets items of what it knows to have some.
local opaque = raw_metatable(host.poll)
local get_item, set_item = opaque.__index, opaque.__newindex
opaque.__index, opaque.__newindex, opaque.__tostring, opaque.__metatable = nil, nil, nil, false

local real_tables = host.real_tables -- proxy -> the table behind it; the libraries read it too
local proxies = setmetatable({}, { __mode = "k" }) -- the other way
local state = {
  killed = false,
  stoppable = {}, -- functions of ours that go through a script's tables, which may have no end
}

local function refuse_write()
  error(READONLY, 2)
end

local function proxy(real, meta)
  meta = meta or {}
  meta.__index, meta.__newindex = real, refuse_write
  local made = setmetatable({}, meta)
  real_tables[made], proxies[real] = real, made
  return made
end

-- Give the error of a stock function the name under which a script has called its wrapper.
local function with_name(message, call)
  message = gsub(message, "^(bad argument #%d+ to )'.-'", "%1'" .. (call.name or "?") .. "'")
  if call.namewhat == "method" then -- the first argument is what stands before the colon
    message = gsub(message, "^bad argument #(%d+) to ('.-') (.*)", function(index, name, why)
      if index == "1" then
        return "calling " .. name .. " on bad self " .. why
      end
      return "bad argument #" .. index - 1 .. " to " .. name .. " " .. why
    end)
  end
  return message
end

-- Call a stock function that is going to fail, and raise its error as if the script had
-- called it: the script's position, and the name under which it called.
local function fail(stock, ...)
  local call = getinfo(2, "n")
  local _, message = stock_pcall(stock, ...)
  error(with_name(message, call), 3)
end

-- A number as C casts it to an int; nil for what is no number.
local function to_int(value)
  local number = tonumber(value)
  if number and number >= 0 and number < 2 ^ 31 then
    return number - number % 1
  elseif not number or number ~= number or number <= -2 ^ 63 or number >= 2 ^ 63 then
    return number and 0
  end
  local low = (number < 0 and -floor(-number) or floor(number)) % 2 ^ 32
  return low < 2 ^ 31 and low or low - 2 ^ 32
end

-- The functions that are C code in the reference and Lua code here, and what calls them.
local wrappers = setmetatable({}, { __mode = "k" })

-- What only rewritten code reads, by names that no variable can have.
local hidden = {}

-- Builtins that look past metatables

local builtins = {}

-- They take `...` where the stock function tells nil from no value.

function builtins.pairs(...)
  local value = ...
  if type(value) ~= "table" then
    fail(pairs, ...)
  elseif real_tables[value] then
    return builtins.next, value, nil
  end
  return next, value, nil
end

function builtins.next(...)
  local value, key = ...
  if type(value) ~= "table" then
    fail(next, ...)
  end
  return next(real_tables[value] or value, key)
end

function builtins.rawget(...)
  local value, key = ...
  if type(value) ~= "table" or select("#", ...) < 2 then
    fail(rawget, ...)
  end
  return rawget(real_tables[value] or value, key)
end

function builtins.rawset(...)
  local value, key, item = ...
  if type(value) ~= "table" or select("#", ...) < 3 then
    fail(rawset, ...)
  elseif real_tables[value] then
    error(READONLY, 0)
  end
  return rawset(value, key, item)
end

-- A protected library has no metatable of its own. The globals have: proxy -> the metatable that
-- a script sees.
local visible_metatables = setmetatable({}, { __mode = "k" })

function builtins.setmetatable(...)
  local value, meta = ...
  if type(value) ~= "table" or type(meta) ~= "table" and (meta ~= nil or select("#", ...) < 2) then
    fail(setmetatable, ...)
  end
  local old = raw_metatable(value)
  if old and rawget(old, "__metatable") ~= nil then
    fail(setmetatable, value, meta)
  elseif real_tables[value] then
    error(READONLY, 0)
  end
  if meta and wrappers[rawget(meta, "__call")] then
    wrappers[value] = true -- a tail call of it is one of the library function
  end
  return setmetatable(value, real_tables[meta] or meta)
end

function builtins.getmetatable(...)
  local value = ...
  if real_tables[value] then
    return visible_metatables[value]
  elseif select("#", ...) == 0 then
    fail(getmetatable)
  end
  local meta = getmetatable(value)
  return proxies[meta] or meta
end

function builtins.unpack(...)
  local list, first, last = ...
  if type(list) ~= "table" then
    fail(unpack, ...)
  end
  local from = first == nil and 1 or to_int(first)
  local to = last == nil and #list or to_int(last)
  if not from or not to then
    fail(unpack, ...)
  end
  local given = last ~= nil and 3 or first ~= nil and 2 or 1
  if to - from + 1 + given > STACK_LIMIT then
    error("too many results to unpack", 2)
  end
  -- Arguments take stack too: no more of them than were given.
  if last ~= nil then
    return unpack(list, from, to)
  elseif first ~= nil then
    return unpack(list, from)
  end
  return unpack(list)
end

-- Errors

-- Levels count what a script sees. What it calls is one frame in the reference; here that is
-- the C function behind a wrapper, and the wrapper another.
local function with_wrappers(level)
  local real = 2 -- the caller of `error`, seen from here
  while level > 0 do
    real = real + 1
    local info = getinfo(real, "S")
    if not info then
      break
    elseif info.source ~= "=sandbox" then
      level = level - 1
    end
  end
  return real - 1
end

function builtins.error(...)
  local message, level = ...
  if level == nil then
    error(message, 2)
  end
  level = to_int(level)
  if not level then
    fail(error, ...)
  end
  error(message, level > 0 and with_wrappers(level) or 0)
end

-- An exception of Python's, which scripts must not catch: Ctrl-C.
local function is_foreign(err)
  return type(err) == "userdata" and raw_metatable(err) == opaque
end

-- Where C calls nest as deep as they may, a hook cannot be called, and Lua puts in front where it was to
-- run. If that was our code, it is C in the reference, and has no place.
local function without_our_place(err)
  return err == "sandbox:0: C stack overflow" and "C stack overflow" or err
end

-- A script that catches errors for ever is looked at here, too: the deepest calls have no hook, and in
-- a killed script each thread has its own. Gives the error as the script sees it.
local function look_again(err)
  if is_foreign(err) then
    error(err, 0)
  elseif type(err) == "string" and find(err, host.not_enough, 1, true) then
    host.memory.note_failure()
  elseif state.killed or type(err) == "string"
    and (find(err, "C stack overflow", 1, true) or err == "error in error handling") then
    state.look()
  end
  return without_our_place(err)
end

local function unwrap_error(ok, ...)
  if ok then
    return ok, ...
  end
  local err = ...
  if type(err) == "table" then
    local text = err.err
    if type(text) == "string" or type(text) == "number" then
      return ok, text
    end
    return ok, err, text -- the reference leaves on the stack what is no text
  end
  return ok, look_again(err)
end

local function keep_error(ok, ...)
  if not ok then
    return ok, look_again((...))
  end
  return ok, ...
end

function builtins.pcall(...)
  if select("#", ...) == 0 then
    return unwrap_error(stock_pcall(true)) -- what the reference calls then
  end
  return unwrap_error(stock_pcall(...))
end

function builtins.xpcall(...)
  local f, handler = ...
  if select("#", ...) < 2 then
    fail(stock_xpcall, ...)
  end
  if type(handler) ~= "function" or wrappers[handler] then
    return keep_error(stock_xpcall(f, handler))
  end
  return keep_error(stock_xpcall(f, function(err)
    -- A handler runs where no hook fires: a killed script must not loop in one.
    if is_foreign(err) then
      return err
    end
    err = look_again(err)
    if state.killed then
      return err
    end
    return handler(err)
  end))
end

-- Tells the functions that are C code in the reference.
local function is_library(f)
  return wrappers[f] or getinfo(f, "S").what == "C"
end

local function mark(functions)
  for _, f in pairs(functions) do
    if type(f) == "function" then
      wrappers[f] = true
    end
  end
end

-- Coroutines: a hook belongs to one thread, so each new one gets it.

local hook, hook_events, hook_count

local function hooked(thread)
  if hook then
    sethook(thread, hook, hook_events, state.killed and 1 or hook_count)
  end
  return thread
end

local function restart_hook()
  sethook(hook, hook_events, hook_count)
end

local function set_hook(f, events, count)
  hook, hook_events, hook_count = f, events, count
  restart_hook()
end

local create, resume, running, wrap = coroutine.create, coroutine.resume, coroutine.running, coroutine.wrap
local threads = { create = create, resume = resume, running = running, status = coroutine.status }

function coroutine.create(...)
  local f = ...
  if type(f) ~= "function" then
    fail(create, ...)
  elseif is_library(f) then
    fail(create, error)
  end
  if state.debugger then
    state.debugger.branch()
  end
  return hooked(create(f))
end

function coroutine.resume(...)
  if type((...)) ~= "thread" then
    fail(resume, ...)
  end
  return keep_error(resume(...))
end

function coroutine.wrap(...)
  local f = ...
  if type(f) ~= "function" then
    fail(wrap, ...)
  elseif is_library(f) then
    fail(wrap, error)
  end
  if state.debugger then
    state.debugger.branch()
  end
  -- wrap hides its thread: the thread hooks itself before it runs f.
  local function start(...)
    hooked(running())
    return f(...)
  end
  return wrap(start)
end

-- Loading code: text only, which does not pass for ours

-- Hooks and the error handler let "=sandbox" through. C reads a name up to its first zero byte.
local function foreign_name(name)
  return find(name .. "\0", "^=sandbox%z") and "@sandbox" or name
end

local function text_only(code)
  -- A space in front keeps bytecode from being taken for such; the parser then refuses
  -- the escape character with the reference's message.
  if type(code) == "string" and byte(code) == 27 then
    return " " .. code
  end
  return code
end

-- A text as C sees it: numbers are texts, too.
local function text_of(value)
  return type(value) == "string" and value or type(value) == "number" and value .. "" or nil
end

-- For a reader, which `load` calls: it is `load` that refuses, and its caller who is told.
local function refuse_piece()
  error("reader function must return a string", 5)
end

-- Tells the error of code that only our Lua refuses: with longer brackets it compiles.
local function is_nesting(message)
  return type(message) == "string" and find(message, host.nesting, 1, true)
end

local function compile(code, name)
  local f, message = loadstring(code, name)
  look_again(message)
  if f or not is_nesting(message) then
    return f, message
  end
  f, message = loadstring(host.widen_brackets(code), name)
  return f, message and host.restore_brackets(code, message)
end

local function make_loaders(environment)
  local function enclose(f, ...)
    if f then
      return setfenv(host.rewrite(f), environment)
    end
    return f, ...
  end
  local loaders = {}
  function loaders.loadstring(...)
    local code, name = text_of(...), text_of(select(2, ...))
    if not code or not name and select(2, ...) ~= nil then
      fail(loadstring, ...)
    end
    return enclose(compile(text_only(code), name and foreign_name(name) or code))
  end
  function loaders.load(...)
    local reader, name = ...
    if type(reader) ~= "function" or name ~= nil and not text_of(name) then
      fail(load, ...)
    end
    name = name and foreign_name(name .. "")
    local pieces, at_once, ended = {}, false, false
    local function read()
      if ended then
        return nil
      end
      repeat
        local piece = select(1, reader)() -- a function without a name, as C calls it
        if piece ~= nil and not text_of(piece) then
          refuse_piece()
        end
        ended = piece == nil or piece == ""
        if not ended then
          pieces[#pieces + 1] = #pieces == 0 and text_only(piece) or piece
        end
      until ended or not at_once
      if at_once then
        return host.widen_brackets(concat(pieces))
      end
      return not ended and pieces[#pieces] or nil
    end
    local f, message = load(read, name)
    if not f and is_nesting(message) then
      at_once = true
      f, message = load(read, name)
      if type(message) == "string" then
        message = host.restore_brackets(concat(pieces), message)
      end
    end
    return enclose(f, message)
  end
  return loaders
end

-- Garbage collection: what could stall the collector is only remembered.

local COLLECT = { collect = true, count = true, step = true, stop = true, restart = true }
local settings = { setpause = 200, setstepmul = 200 }
local collectgarbage = collectgarbage

function builtins.collectgarbage(...)
  local option, argument = ...
  local former = settings[option]
  if option ~= nil and not COLLECT[option] and not former
    or argument ~= nil and not tonumber(argument) then
    fail(collectgarbage, ...)
  elseif former then
    settings[option] = to_int(argument or 0)
    return former
  elseif option == "stop" or option == "restart" then
    return 0
  end
  return collectgarbage(option, option == "step" and 0 or argument)
end

-- Libraries: changed where they are, for a copy would list its functions in another order

function string.dump(...)
  local f = ...
  if type(f) ~= "function" then
    fail(dump, ...)
  elseif is_library(f) then
    error("unable to dump given function", 2)
  end
  return dump(f)
end

-- One call of this one may take very much memory, and long for it.

local rep, memory = string.rep, host.memory

function string.rep(...)
  local text, count = ...
  local kind, number = type(text), tonumber(count)
  if kind ~= "string" and kind ~= "number" or not number then
    fail(rep, ...)
  elseif kind == "string" and (number < 0 or #text * number > memory.longest)
    and #text * to_int(number) > memory.longest then
    memory.lack()
  end
  return rep(...)
end

-- What else looks past metatables (remove, sort, getn, ...) finds a proxy empty, as the
-- reference finds these tables, for they hold no array.

local insert, foreach = table.insert, table.foreach

function table.insert(...)
  local value, place = ...
  local count = select("#", ...)
  if type(value) ~= "table" or count < 2 or count > 3 or count == 3 and not tonumber(place) then
    fail(insert, ...)
  elseif real_tables[value] then
    error(READONLY, 0)
  end
  return insert(...)
end

function table.foreach(...)
  local value, f = ...
  if type(value) ~= "table" or type(f) ~= "function" then
    fail(foreach, ...)
  end
  return foreach(real_tables[value] or value, f)
end

-- The reference's own generator: the same sequence from the same seed.
local RAND_MAX = 2147483647
local random, seed = host.generator.random, host.generator.seed
local stock_random, stock_randomseed = math.random, math.randomseed

function math.random(...)
  local r = random() % RAND_MAX / RAND_MAX
  local lower, upper = ...
  if lower == nil and select("#", ...) == 0 then
    return r
  end
  local count = select("#", ...)
  if count == 1 then
    lower, upper = 1, to_int(lower)
  else
    lower, upper = to_int(lower), to_int(upper)
  end
  if count > 2 or not lower or not upper or lower > upper then
    fail(stock_random, ...)
  end
  return floor(r * to_int(upper - lower + 1)) + lower
end

function math.randomseed(...)
  local value = to_int((...))
  if not value then
    fail(stock_randomseed, ...)
  end
  seed(value)
end

local libraries = {
  string = string, table = table, math = math, coroutine = coroutine,
  os = { clock = os.clock },
}
for name, library in pairs(host.libraries) do
  libraries[name] = library
end

real_tables[libraries.cjson.null] = libraries.cjson.null -- has no metatable that shows

local protected = {}
for name, library in pairs(libraries) do
  protected[name] = proxy(library)
end

proxies[getmetatable("")] = proxy({ __index = protected.string })

local STOCK = { "assert", "gcinfo", "ipairs", "rawequal", "select", "tonumber", "tostring",
  "type", "_VERSION" }
local raw_globals = getfenv(0)

local function missing_global(_, name)
  if type(name) ~= "string" and type(name) ~= "number" then
    error("Second argument to luaProtectedTableError must be a string or number", 2)
  end
  local text = gsub(name, "%z.*", "") -- as C reads it
  error("Script attempted to access nonexistent global variable '" .. text .. "'", 2)
end

local plain_cjson = libraries.cjson.new

-- cjson.new(): a cjson with settings of its own.
local function new_cjson()
  local fresh = plain_cjson()
  fresh.new = new_cjson
  mark(fresh)
  return fresh
end

-- Scripts and functions have each their own settings of cjson, which last until a flush.
local function renew_cjson(globals)
  globals.cjson = proxy(new_cjson())
end

-- Make an environment whose globals are the builtins, the libraries and the `redis` API. Code runs in a table
-- that has what is hidden beside them, and that no code ever gets: what it has as `_G` is another one.
local function make_globals(api)
  local globals = setmetatable({}, { __index = missing_global })
  local meta = { __index = globals, __newindex = refuse_write }
  local environment, shown = setmetatable({}, meta), proxy(globals)
  for _, name in ipairs(STOCK) do
    globals[name] = raw_globals[name]
  end
  for name, f in pairs(builtins) do
    globals[name] = f
  end
  for name, f in pairs(make_loaders(environment)) do
    globals[name] = f
    wrappers[f] = true
  end
  for name, library in pairs(protected) do
    globals[name] = library
  end
  renew_cjson(globals)
  globals._G = shown
  globals.redis = proxy(api)
  for name, value in pairs(hidden) do
    rawset(environment, name, value)
  end
  visible_metatables[shown] = proxy({ __index = missing_global })
  return environment, globals, meta
end

hidden[host.library_functions] = wrappers -- tail calls read it: see tail_calls.py
hidden[host.protected] = real_tables

-- Let calls by a name reach a stock function, and not ours, where that is harmless: see stock_calls.py.
local function hide(name, ours, stock)
  hidden[host.ours .. name], hidden[host.stock .. name] = ours, stock
end

hide("error", builtins.error, error)
hide("insert", table.insert, insert)
hide("next", builtins.next, next)
hide("pairs", builtins.pairs, pairs)
hide("rawget", builtins.rawget, rawget)
hide("rawset", builtins.rawset, rawset)
hide("unpack", builtins.unpack, unpack)

mark(builtins)
for _, library in pairs(libraries) do
  mark(library)
end

return {
  dump = dump, -- the stock one, which dumps our functions, too
  fail = fail,
  get_item = get_item,
  hidden = hidden,
  hide = hide,
  is_foreign = is_foreign,
  without_our_place = without_our_place,
  rewrite = host.rewrite,
  make_globals = make_globals,
  mark = mark,
  missing_global = missing_global,
  proxy = proxy,
  real_tables = real_tables,
  refuse_piece = refuse_piece,
  renew_cjson = renew_cjson,
  restart_hook = restart_hook,
  set_item = set_item,
  set_hook = set_hook,
  stack_limit = STACK_LIMIT,
  state = state,
  text_only = text_only,
  threads = threads, -- the stock functions, which hook nothing
  unwrap_error = unwrap_error,
}
