-- What a script returned, on its way to becoming a reply: a plain value goes as it is, anything else as a
-- flat list of tokens that Python puts together (see convert.py).
--
-- host: marks stand between the tokens; memory, sandbox -> what these files returned

local host = ...

local type, rawget, next, unpack, format = type, rawget, next, unpack, string.format
local STACK_LIMIT = host.sandbox.stack_limit
local weigh, weigh_anew = host.memory.weigh, host.memory.weigh_anew

local MARK = host.marks
local saw_error = false

-- How far the reference fills its stack: one place for each array around a value, more for a map
-- or a set, and four for what it reads from a table.
local HIGHEST = STACK_LIMIT - 4
local LONG = 64 -- shorter texts take no more than they do in Lua

local function put(out, text)
  if #text > LONG then
    weigh(text)
  end
  out[#out + 1] = text
end

local function flatten(value, out, height)
  local kind = type(value)
  if height > HIGHEST then
    out[#out + 1] = MARK.too_deep
    return
  elseif kind == "string" then
    put(out, value)
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
    put(out, field)
    saw_error = true
    return
  end
  field = rawget(value, "ok")
  if type(field) == "string" then
    out[#out + 1] = MARK.status
    put(out, field)
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
    put(out, field)
    return
  end
  field = rawget(value, "verbatim_string")
  if type(field) == "table" then
    local format, text = rawget(field, "format"), rawget(field, "string")
    if type(format) == "string" and type(text) == "string" then
      out[#out + 1] = MARK.verbatim
      put(out, format)
      put(out, text)
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
        weigh(item)
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
  saw_error = false
  weigh_anew()
  local count = count_plain(value)
  if count then
    return count, unpack(value, 1, count)
  end
  local status = rawget(value, "ok")
  if type(status) == "string" and type(rawget(value, "err")) ~= "string" then
    return true, status
  end
  local out = {}
  weigh_anew()
  flatten(value, out, 2)
  if saw_error then
    out[#out + 1] = MARK.saw_error
  end
  if #out <= FEW then
    return unpack(out)
  end
  return out
end

-- A table that is returned may hold others so often that there is no end to it.
host.sandbox.state.stoppable[flatten] = true

return { tokens_of = tokens_of }
