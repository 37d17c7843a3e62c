-- Argument checks in the words of Lua's C library.
--
-- The script libraries are C code in a real server. Their errors carry the position of the script line that
-- called them and the name they were called by, so both are looked up from the stack, only once a check failed:
-- `api` is always the library function the script called.

local error, floor, ceil, tonumber, type = error, math.floor, math.ceil, tonumber, type
local getinfo = debug.getinfo

-- The level of the running `api` function, as seen by the function that calls level_of.
local function level_of(api)
  local level = 2
  while getinfo(level, 'f').func ~= api do
    level = level + 1
  end
  return level - 1
end

local function raise(api, message)
  local level = level_of(api) + 1
  error(message, level)
end

local function argument_error(api, index, text)
  local level = level_of(api)
  local call = getinfo(level, 'n')
  local name = call.name or '?'
  if call.namewhat == 'method' then
    index = index - 1
    if index == 0 then
      error("calling '" .. name .. "' on bad self (" .. text .. ')', level + 1)
    end
  end
  error('bad argument #' .. index .. " to '" .. name .. "' (" .. text .. ')', level + 1)
end

-- `count` is how many arguments the script passed: one beyond it has no value, which is not the same as nil.
local function type_error(api, index, expected, value, count)
  local got = index > count and 'no value' or type(value)
  argument_error(api, index, expected .. ' expected, got ' .. got)
end

local function check_number(api, index, value, count)
  local number = tonumber(value)
  if not number then
    type_error(api, index, 'number', value, count)
  end
  return number
end

-- Numbers are strings to C code, too.
local function check_string(api, index, value, count)
  local kind = type(value)
  if kind == 'string' then
    return value
  elseif kind == 'number' then
    return value .. ''
  end
  type_error(api, index, 'string', value, count)
end

-- A double as x86-64 converts it to a 64-bit integer: towards zero, and the smallest one if it does not fit.
local function to_int64(number)
  if number >= -2 ^ 63 and number < 2 ^ 63 then
    return number < 0 and ceil(number) or floor(number)
  end
  return -2 ^ 63
end

local function to_int32(number)
  local low = to_int64(number) % 2 ^ 32
  return low < 2 ^ 31 and low or low - 2 ^ 32
end

local function check_integer(api, index, value, count)
  return to_int64(check_number(api, index, value, count))
end

return {
  argument_error = argument_error,
  check_integer = check_integer,
  check_number = check_number,
  check_string = check_string,
  raise = raise,
  to_int32 = to_int32,
  to_int64 = to_int64,
}
