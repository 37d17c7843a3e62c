-- What a script returned, on its way to becoming a reply: a plain value goes as it is, a table as a flat
-- list of tokens that Python puts together (see convert.py). They are what the script's entry gives, so that
-- Python need not ask for them.
--
-- host:
--   returned(value, others) -> told of a result, while somebody wants to, and how many there were beside; gives
--                      whether somebody still does
--   marks stand between the tokens; memory, sandbox -> what these files returned

local host = ...

local type, rawget, next, unpack, select, format = type, rawget, next, unpack, select, string.format
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

-- Give how many elements a table has that holds nothing else than a few plain values; nil: it has something
-- else.
local function count_plain(value)
  local count = 0
  for key, item in next, value do
    count = count + 1
    if key ~= count or count > FEW then
      return nil
    end
    local kind = type(item)
    if kind == "string" then
      if #item > LONG then
        weigh(item)
      end
    elseif kind ~= "number" and kind ~= "boolean" then
      return nil
    end
  end
  return count
end

-- Put the elements of a table into a list behind a place: plain values, and other such tables, each behind
-- `true` and how much there is of it. Gives the place of the last; nil: there is something else.
local function put_nested(value, out, place, depth)
  local count = 0
  for key, item in next, value do
    count = count + 1
    if key ~= count or place >= FEW then
      return nil
    end
    place = place + 1
    local kind = type(item)
    if kind == "string" then
      if #item > LONG then
        weigh(item)
      end
      out[place] = item
    elseif kind == "number" or item == false then
      out[place] = item
    elseif kind == "table" and depth > 1 then
      local last = put_nested(item, out, place + 1, depth - 1)
      if not last then
        return nil
      end
      out[place], out[place + 1] = true, last - place - 1
      place = last
    else
      return nil
    end
  end
  return place
end

local NESTED = 8 -- so deep is what Python reads element by element

-- Give the tokens of a table: in a table if they are many. Of what most scripts return they need no marks: a
-- number and as many plain values; `true` and a status; or `false` and tables within one.
local function tokens_of(value)
  saw_error = false
  weigh_anew()
  local count = count_plain(value)
  if count == 0 then
    return 0, nil -- two results, as any table has
  elseif count then
    return count, unpack(value, 1, count)
  end
  local status = rawget(value, "ok")
  if type(status) == "string" and type(rawget(value, "err")) ~= "string" then
    return true, status
  end
  local out = {}
  weigh_anew()
  local last = put_nested(value, out, 0, NESTED)
  if last then
    return false, unpack(out, 1, last)
  end
  out = {}
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

local is_watched = false

local function watch()
  is_watched = true
end

-- Give what a script returned as Python takes it: one plain value, two tokens or more, or a table of them.
local function give(value, ...)
  if is_watched then
    is_watched = host.returned(value, select("#", ...))
  end
  if type(value) == "table" then
    return tokens_of(value)
  end
  return value
end

-- A table that is returned may hold others so often that there is no end to it.
host.sandbox.state.stoppable[flatten] = true

return { give = give, watch = watch }
