-- The sandbox: what a script or a function may reach, and nothing else.
--
-- Runs once in the raw state. Stock Lua has no readonly tables, so a protected table is an
-- empty proxy that reads through to the real one; the functions that look past metatables
-- (pairs, rawset, table.insert, ...) are wrapped to see the real table and to refuse writes.
-- Every wrapper lives in the chunk "=sandbox": the error handler skips its frames, so that
-- errors carry the line of the script.
--
-- host: libraries (cjson, ...), random() and seed(n) of the reference's generator, and
--   loadstring(code, name), which keeps the callers of library functions on the stack
-- returns: make_globals(api, loose) -> environment, globals; proxy(table); is_wrapper(f)

local host = ...

local error, type, tonumber, select, next = error, type, tonumber, select, next
local getmetatable, setmetatable, rawget, rawset = getmetatable, setmetatable, rawget, rawset
local pairs, ipairs, setfenv, loadstring, load = pairs, ipairs, setfenv, loadstring, load
local stock_pcall, stock_xpcall, unpack = pcall, xpcall, unpack
local string, table, math, coroutine = string, table, math, coroutine
local floor, byte, dump, find, gsub = math.floor, string.byte, string.dump, string.find, string.gsub
local sethook, getinfo = debug.sethook, debug.getinfo

local READONLY = "Attempt to modify a readonly table"
local STACK_LIMIT = 8000 -- LUAI_MAXCSTACK: what unpack may push at once

local real_tables = setmetatable({}, { __mode = "k" }) -- proxy -> the table behind it
local state = { killed = false }

local function refuse_write()
  error(READONLY, 2)
end

local function proxy(real, meta)
  meta = meta or {}
  meta.__index, meta.__newindex = real, refuse_write
  local made = setmetatable({}, meta)
  real_tables[made] = real
  return made
end

-- The table behind a proxy; any other value as it is.
local function real(value)
  return real_tables[value] or value
end

-- Call a stock function that is going to fail, and raise its error as if the script had
-- called it: the script's position, and the name under which it called.
local function fail(stock, ...)
  local name = getinfo(2, "n").name or "?"
  local _, message = stock_pcall(stock, ...)
  error((gsub(message, "'%?'", "'" .. name .. "'", 1)), 3)
end

-- Builtins that look past metatables

local builtins = {}

function builtins.pairs(value, ...)
  if real_tables[value] then
    return next, real_tables[value], nil
  end
  if type(value) ~= "table" then
    fail(pairs, value, ...)
  end
  return next, value, nil
end

function builtins.next(value, key)
  return next(real(value), key)
end

function builtins.rawget(value, key)
  return rawget(real(value), key)
end

function builtins.rawset(value, key, item)
  if real_tables[value] then
    error(READONLY, 0)
  end
  return rawset(value, key, item)
end

-- A protected library has no metatable of its own; those of the globals and of strings are
-- shown as protected tables. A real metatable -> what a script sees of it.
local visible_metatables = setmetatable({}, { __mode = "k" })

function builtins.setmetatable(value, meta, ...)
  if real_tables[value] then
    error(READONLY, 0)
  end
  if type(value) ~= "table" or (type(meta) ~= "table" and meta ~= nil) then
    fail(setmetatable, value, meta, ...)
  end
  return setmetatable(value, meta)
end

function builtins.getmetatable(...)
  local value = ...
  if real_tables[value] then
    return visible_metatables[value]
  end
  local meta = getmetatable(...)
  return visible_metatables[meta] or meta
end

function builtins.unpack(list, first, last, ...)
  if type(list) ~= "table" then
    fail(unpack, list, first, last, ...)
  end
  local from, to = tonumber(first or 1), tonumber(last or #list)
  if not from or not to then
    fail(unpack, list, first, last, ...)
  end
  local given = last and 3 or first and 2 or 1
  if to - from + 1 + given > STACK_LIMIT then
    error("too many results to unpack", 2)
  end
  -- Arguments take stack too: no more of them than were given.
  if last then
    return unpack(list, from, to)
  elseif first then
    return unpack(list, from)
  end
  return unpack(list)
end

-- Errors

-- A script that catches errors for ever is looked at here, too: where C calls nest as deep as
-- they may, a hook cannot be called any more, and in a killed script each thread has its own.
local function look_again(err)
  if state.killed or type(err) == "string"
    and (find(err, "C stack overflow", 1, true) or err == "error in error handling") then
    state.look()
  end
end

local function unwrap_error(ok, err, ...)
  if not ok then
    if type(err) == "table" then
      local text = err.err
      if type(text) == "string" or type(text) == "number" then
        return ok, text
      end
      return ok, err, text -- the reference leaves on the stack what is no text
    end
    look_again(err)
  end
  return ok, err, ...
end

local function keep_error(ok, err, ...)
  if not ok then
    look_again(err)
  end
  return ok, err, ...
end

function builtins.pcall(...)
  return unwrap_error(stock_pcall(...))
end

function builtins.xpcall(f, handler)
  return keep_error(stock_xpcall(f, function(err)
    -- A handler runs where no hook fires: a killed script must not loop in one.
    look_again(err)
    if state.killed then
      return err
    end
    return handler(err)
  end))
end

-- Coroutines: a hook belongs to one thread, so each new one gets it.

local hook, hook_count

local function hooked(thread)
  if hook then
    sethook(thread, hook, "", state.killed and 1 or hook_count)
  end
  return thread
end

local coroutines = {}
for name, f in pairs(coroutine) do
  coroutines[name] = f
end

function coroutines.create(f)
  if type(f) ~= "function" then
    return coroutine.create(f)
  end
  return hooked(coroutine.create(f))
end

function coroutines.resume(thread, ...)
  if type(thread) ~= "thread" then
    return coroutine.resume(thread, ...) -- the stock error
  end
  return keep_error(coroutine.resume(thread, ...))
end

function coroutines.wrap(f)
  if type(f) ~= "function" then
    return coroutine.wrap(f)
  end
  -- wrap hides its thread: the thread hooks itself before it runs f.
  local function start(...)
    hooked(coroutine.running())
    return f(...)
  end
  return coroutine.wrap(start)
end

-- Loading code: text only

local function text_only(code)
  -- A space in front keeps bytecode from being taken for such; the parser then refuses
  -- the escape character with the reference's message.
  if type(code) == "string" and byte(code) == 27 then
    return " " .. code
  end
  return code
end

local function make_loaders(environment)
  local function enclose(f, ...)
    if f then
      setfenv(f, environment)
    end
    return f, ...
  end
  local loaders = {}
  function loaders.loadstring(code, name)
    name = name or code
    if type(code) == "string" and type(name) == "string" then
      return enclose(host.loadstring(text_only(code), name))
    end
    return enclose(loadstring(text_only(code), name))
  end
  function loaders.load(reader, name)
    if type(reader) ~= "function" then
      return load(reader, name)
    end
    local first = true
    return enclose(load(function()
      local piece = reader()
      if first and piece ~= nil and piece ~= "" then
        first = false
        return text_only(piece)
      end
      return piece
    end, name))
  end
  return loaders
end

-- Garbage collection: only what cannot stall the collector.

local COLLECT = { collect = true, count = true, step = true, stop = true, restart = true,
  setpause = true, setstepmul = true }
local collectgarbage = collectgarbage

function builtins.collectgarbage(option, argument)
  if option ~= nil and not COLLECT[option] then
    return collectgarbage(option, argument) -- the stock error
  end
  if option == "stop" or option == "restart" or option == "setpause" or option == "setstepmul" then
    return option == "setpause" and 200 or option == "setstepmul" and 200 or 0
  end
  return collectgarbage(option, option == "step" and 0 or argument)
end

-- Libraries

local function copy(source)
  local made = {}
  for key, value in pairs(source) do
    made[key] = value
  end
  return made
end

local strings, tables, maths = copy(string), copy(table), copy(math)

local wrappers = setmetatable({}, { __mode = "k" })

function strings.dump(f)
  if wrappers[f] then
    error("unable to dump given function", 2)
  end
  return dump(f)
end

-- `plain` tells of arguments with which the stock function cannot fail.
local function protect(name, plain)
  local stock = table[name]
  tables[name] = function(value, ...)
    if real_tables[value] then
      error(READONLY, 0)
    end
    if type(value) ~= "table" or not plain(...) then
      fail(stock, value, ...)
    end
    return stock(value, ...)
  end
end

local function is_optional_number(place)
  return place == nil or tonumber(place)
end

protect("remove", is_optional_number)
protect("setn", tonumber)
protect("sort", function(compare)
  return compare == nil or type(compare) == "function"
end)

local insert = table.insert

function tables.insert(value, ...)
  if real_tables[value] then
    error(READONLY, 0)
  end
  local count = select("#", ...)
  if type(value) == "table" and count == 1 then
    rawset(value, #value + 1, (...))
  elseif type(value) == "table" and count == 2 and tonumber((...)) then
    insert(value, ...)
  else
    fail(insert, value, ...)
  end
end

for _, name in ipairs({ "foreach", "foreachi", "getn", "maxn" }) do
  local stock = table[name]
  tables[name] = function(value, ...)
    return stock(real(value), ...)
  end
end

-- The reference's own generator (as lrand48): the same sequence from the same seed.
local RAND_MAX = 2147483647
local random, seed = host.random, host.seed

local function check_int(value, place, name)
  local number = tonumber(value)
  if not number then
    local got = value == nil and "no value" or type(value)
    error("bad argument #" .. place .. " to '" .. name .. "' (number expected, got " .. got .. ")", 3)
  end
  return number < 0 and -floor(-number) or floor(number)
end

function maths.random(...)
  local r = random() % RAND_MAX / RAND_MAX
  local count = select("#", ...)
  if count == 0 then
    return r
  end
  local name = getinfo(1, "n").name or "?"
  if count == 1 then
    local upper = check_int((...), 1, name)
    if upper < 1 then
      error("bad argument #1 to '" .. name .. "' (interval is empty)", 2)
    end
    return floor(r * upper) + 1
  end
  if count > 2 then
    error("wrong number of arguments", 2)
  end
  local lower, upper = ...
  lower, upper = check_int(lower, 1, name), check_int(upper, 2, name)
  if lower > upper then
    error("bad argument #2 to '" .. name .. "' (interval is empty)", 2)
  end
  return floor(r * (upper - lower + 1)) + lower
end

function maths.randomseed(value)
  seed(check_int(value, 1, getinfo(1, "n").name or "?"))
end

local libraries = {
  string = strings, table = tables, math = maths, coroutine = coroutines,
  os = { clock = os.clock },
}
for name, library in pairs(host.libraries) do
  libraries[name] = library
end

local protected = {}
for name, library in pairs(libraries) do
  protected[name] = proxy(library)
end

-- Strings find their methods in the sandbox's library.
getmetatable("").__index = strings
visible_metatables[getmetatable("")] = proxy({ __index = protected.string })

local STOCK = { "assert", "error", "gcinfo", "ipairs", "rawequal", "select", "tonumber", "tostring",
  "type", "_VERSION" }
local raw_globals = getfenv(0)

local function missing_global(_, name)
  if type(name) ~= "string" and type(name) ~= "number" then
    error("Second argument to luaProtectedTableError must be a string or number", 2)
  end
  error("Script attempted to access nonexistent global variable '" .. name .. "'", 2)
end

-- Make an environment whose globals are the builtins, the libraries and the `redis` API.
local function make_globals(api)
  local globals = setmetatable({}, { __index = missing_global })
  local meta = {}
  local environment = proxy(globals, meta)
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
  globals._G = environment
  globals.redis = proxy(api)
  visible_metatables[environment] = proxy({ __index = missing_global })
  return environment, globals, meta
end

local function mark(functions)
  for _, f in pairs(functions) do
    if type(f) == "function" then
      wrappers[f] = true
    end
  end
end

mark(builtins)
for _, library in pairs(libraries) do
  mark(library)
end

return {
  make_globals = make_globals,
  mark = mark,
  missing_global = missing_global,
  proxy = proxy,
  set_hook = function(f, count)
    hook, hook_count = f, count
    sethook(f, "", count)
  end,
  state = state,
}
