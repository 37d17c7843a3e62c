-- The `redis` object of scripts and functions, and the entries by which the engine runs them.
--
-- host:
--   log(level, text), setresp(version), set_repl(targets), sha1(text), check_acl(...)
--   uses, use_of_parameters(f) -> what a function does with its keys and arguments: see uses.py
--   dialect         -> what the server calls things (see dialect.py)
--   calls, failures, memory, parameters, registering, results, sandbox -> what these files returned

local host = ...

local error, ipairs, type, tonumber, tostring, select = error, ipairs, type, tonumber, tostring, select
local setmetatable, next, rawset, setfenv, stock_xpcall = setmetatable, next, rawset, setfenv, xpcall
local byte, find, gsub, sub, concat = string.byte, string.find, string.gsub, string.sub, table.concat
local floor = math.floor
local sandbox, dialect, registering, failures = host.sandbox, host.dialect, host.registering, host.failures
local state, proxy = sandbox.state, sandbox.proxy
local call, pcall = host.calls.call, host.calls.pcall
local tell, raise = failures.tell, failures.raise
local give = host.results.give
local fresh, shared = host.parameters.fresh, host.parameters.shared
local API, USES = dialect.api, host.uses

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
  host.memory.weigh_words(...)
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

local load_api = merge(logging, dialect.constants, { register_function = host.registering.register_function })

sandbox.mark(script_api)
sandbox.mark(load_api)

-- Where calls are bound to: see call_sites.py. While a library loads, it may call no command.
local bound_calls = {}
for field, ways in next, host.calls.of_so_many do
  for drops, calls_of in next, ways do
    sandbox.mark(calls_of)
    for count, f in ipairs(calls_of) do
      local name = host.hidden_name(field, count, drops)
      bound_calls[name], sandbox.hidden[name] = f, f
    end
  end
end

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

sandbox.mark({ failures.handle_error })
for _, name in ipairs(dialect.error_handlers) do
  script_globals[name] = failures.handle_error -- the reference leaves it in sight
end

-- Entries: what Python calls to run a script or a function. They take nothing; or the shape of the words, and these:
-- see parameters.lua.

-- One frame of ours lies below the script, whose depth is limited to some 16,000: it costs a third of what it
-- would take Python to ask for what has been returned. Behind `or` a function has no name, as where C calls it.

local function script_entry(f, use)
  setfenv(f, script_environment)
  if use == USES.nothing then
    return function(shape, ...)
      if state.raised then
        script_globals.KEYS, script_globals.ARGV = fresh[shape or 0](...)
      end
      local run = f
      return give((run or nil)())
    end
  end
  local tables = use == USES.reading and shared or fresh
  return function(shape, ...)
    local made = state.raised and fresh or tables
    script_globals.KEYS, script_globals.ARGV = made[shape or 0](...)
    local run = f
    return give((run or nil)())
  end
end

local function function_entry(f, use)
  if use == USES.nothing then
    return function()
      local run = f
      return give((run or nil)())
    end
  end
  local tables = use == USES.reading and shared or fresh
  return function(shape, ...)
    local made = state.raised and fresh or tables
    local run = f
    return give((run or nil)(made[shape or 0](...)))
  end
end

-- Run a library's main function and give the list of what it registers, or nil, the error and its line.
local function load_library(f)
  setfenv(f, function_environment)
  registering.begin()
  function_meta.__index = load_globals
  for name in next, bound_calls do
    rawset(function_environment, name, nil)
  end
  local line
  local ok, err = stock_xpcall(f, function(raised)
    line = failures.line_raised()
    return raised
  end)
  for name, bound in next, bound_calls do
    rawset(function_environment, name, bound)
  end
  function_meta.__index = function_globals
  local registered = registering.finish()
  if not ok then
    local text = err
    if type(err) == "table" then
      text = err.err
    elseif type(err) == "string" or type(err) == "number" then
      text = "ERR " .. err
    end
    return nil, "Error registering functions: " .. tostring(text or "(null)"), line
  end
  for place = 1, #registered do
    local f = registered[place][2]
    registered[place][2] = function_entry(f, host.use_of_parameters(f))
  end
  return registered
end

-- A flush starts afresh what scripts, or functions, have set in cjson.

local function reset_functions()
  sandbox.renew_cjson(function_globals)
end

local function reset_scripts()
  sandbox.renew_cjson(script_globals)
end

local callers = { [call] = true, [pcall] = true }
for _, f in next, bound_calls do
  callers[f] = true
end

return {
  callers = callers,
  chunk_environments = {
    ["@user_function"] = function_environment,
    ["@user_script"] = script_environment,
  },
  entries = { ["@user_function"] = function_entry, ["@user_script"] = script_entry },
  load_library = load_library,
  reset_functions = reset_functions,
  reset_scripts = reset_scripts,
  script_entry = script_entry,
}
