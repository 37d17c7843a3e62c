-- Errors: {err, source, line}, the position being that of the script's own frame.
--
-- host: write_position(error, info) -> what err_handler_def.lua returned; sandbox

local host = ...

local error, type, tonumber, tostring, unpack = error, type, tonumber, tostring, unpack
local getinfo = debug.getinfo
local sandbox, write_position = host.sandbox, host.write_position
local state = sandbox.state

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

-- For the handler of an error: the line of the script's, or library's, own code that raised it.
local function line_raised()
  local info = position(4) -- 3 is the handler
  return info and info.currentline
end

-- `level` is that of what raised the error, seen from here.
local function locate_error(err, level)
  local info = position(level + 1)
  if type(err) ~= "table" then
    err = { err = "ERR " .. tostring(sandbox.without_our_place(err)) }
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

return {
  handle_error = handle_error, line_raised = line_raised, raise = raise, record_error = record_error, take_failure = take_failure, tell = tell,
}
