-- redis.register_function, which collects what a library gives while it is loaded.
--
-- host: refuse_function(name) -> why a function may not be called so, or nil; function_flags -> those that
-- there are; dialect, failures, memory, sandbox

local host = ...

local type, tostring, next, select = type, tostring, next, select
local gsub, lower = string.gsub, string.lower
local sandbox, raise, memory = host.sandbox, host.failures.raise, host.memory

local REGISTER = host.dialect.api .. ".register_function"

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

sandbox.state.stoppable[read_flags] = true

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
  memory.weigh(name)
  memory.weigh(description or "")
  local problem = host.refuse_function(name)
  if problem then
    raise(problem)
  end
  loading[#loading + 1] = { name, callback, flags, description or false }
end

local function begin()
  loading = {}
  memory.weigh_anew()
end

local function finish()
  local registered = loading
  loading = nil
  return registered
end

return { begin = begin, finish = finish, register_function = register_function }
