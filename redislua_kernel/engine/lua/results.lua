-- What a script returned, on its way to becoming a reply: a plain value goes as it is, a table as a flat
-- list of tokens that Python puts together (see results.py). They are what the script's entry gives, so that
-- Python need not ask for them.
--
-- host:
--   returned(value, others) -> told of a result, while somebody wants to, and how many there were beside; gives
--                      whether somebody still does
--   marks stand between the tokens; memory, sandbox -> what these files returned

local host = ...

local type, rawget, next, unpack, select, format = type, rawget, next, unpack, select, string.format
local getmetatable, gcinfo = getmetatable, gcinfo
local STACK_LIMIT, real_tables = host.sandbox.stack_limit, host.sandbox.real_tables
local memory = host.memory
local weigh, weigh_anew = memory.weigh, memory.weigh_anew

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
    for key, item in next, real_tables[field] or field do
      flatten(key, out, height + 4)
      flatten(item, out, height + 3)
    end
    out[#out + 1] = MARK.close
    return
  end
  field = rawget(value, "set")
  if type(field) == "table" then
    out[#out + 1] = MARK.set
    for key in next, real_tables[field] or field do
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

-- Give all tokens of a value, in a table.
local function all_tokens(value, height)
  local out = {}
  saw_error = false
  weigh_anew()
  flatten(value, out, height)
  if saw_error then
    out[#out + 1] = MARK.saw_error
  end
  return out
end

-- The same for what stands within an array; with `twice`, within another one.
local function tokens_within(value, twice)
  return all_tokens(value, twice and 4 or 3)
end

local FEW = 200 -- so many tokens cost less one by one than in a table
local MOST = STACK_LIMIT / 2 -- as many elements are given as they are

-- Tell whether a table without a metatable is an array, whatever it holds beside its elements.
local function is_bare_array(value)
  return not (
    value.err or value.ok or value.double or value.big_number or value.verbatim_string or value.map or value.set
  )
end

-- The same for any table: who has a metatable is looked at more closely.
local function is_array(value)
  return getmetatable(value) == nil and is_bare_array(value)
end

local function weigh_all(value, count)
  for place = 1, count do
    local item = value[place]
    if type(item) == "string" then
      weigh(item)
    end
  end
end

-- Tell whether all together could be too long, if there are so many elements.
local function is_much(count)
  return count * gcinfo() > memory.longest / 1024
end

-- Tell whether an array of so many elements, whose last one is a table, is short, and that is the only one.
local function has_one_within(value, count, last)
  if count == 1 or count > 4 or not is_array(last) then
    return false
  end
  for place = 1, count - 1 do
    if type(value[place]) == "table" then
      return false
    end
  end
  local inner = #last
  return inner <= MOST and type(last[inner]) ~= "table"
end

-- Give the tokens of such an array: how many elements stand before the last one, as a negative number; these; and
-- what that one holds.
local function tokens_with_last(value, count, last)
  local inner = #last
  if is_much(count + inner) then
    weigh_anew()
    weigh_all(value, count - 1)
    weigh_all(last, inner)
  end
  if count == 2 then
    return -1, value[1], unpack(last, 1, inner)
  elseif count == 3 then
    return -2, value[1], value[2], unpack(last, 1, inner)
  end
  return -3, value[1], value[2], value[3], unpack(last, 1, inner)
end

-- Put the elements of an array into a list behind a place: plain values, and other arrays, each behind
-- `true` and how much there is of it. Gives the place of the last; nil: there is something else.
local function put_nested(value, out, place, depth)
  local count = #value
  if place + count > FEW or not is_array(value) then
    return nil
  end
  for number = 1, count do
    local item = value[number]
    local kind = type(item)
    place = place + 1
    if kind == "string" then
      if #item > LONG then
        weigh(item)
      end
      out[place] = item
    elseif kind == "number" or item == false then
      out[place] = item
    elseif kind == "table" and depth > 1 then
      local last = place + 1
      out[place], out[last] = true, 0 -- in order, or Lua would not keep them as an array
      last = put_nested(item, out, last, depth - 1)
      if not last then
        return nil
      end
      out[place + 1] = last - place - 1
      place = last
    else
      return nil
    end
  end
  return place
end

local NESTED = 8 -- so deep is what Python reads element by element

-- Give the tokens of a table: in a table if they are many. What most scripts return needs no marks: the
-- elements of an array behind their number, in which Python sees what they are, and where the first nil is;
-- the same with one array as the last element; `false` and arrays within one; or `true` and a status.
local function tokens_of(value)
  local is_bare = getmetatable(value) == nil
  if is_bare and is_bare_array(value) then
    local count = #value
    local last = value[count]
    if count == 0 then
      return 0, nil -- two results, as any table has
    elseif type(last) == "table" then
      if has_one_within(value, count, last) then
        return tokens_with_last(value, count, last)
      end
      local out = { nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, nil } -- room for a few
      weigh_anew()
      local place = put_nested(value, out, 0, NESTED)
      if place then
        return false, unpack(out, 1, place)
      end
    elseif count <= MOST then
      if is_much(count) then
        weigh_anew()
        weigh_all(value, count)
      end
      return count, unpack(value, 1, count)
    end
  elseif is_bare and type(value.ok) == "string" and type(value.err) ~= "string" then
    return true, value.ok
  end
  local out = all_tokens(value, 2)
  if #out <= FEW then
    return unpack(out)
  end
  return out
end

local is_watched = false

local function watch()
  is_watched = true
end

-- What many scripts return, and what is found sooner than a type.
local small = {}
for number = 0, 255 do
  small[number] = true
end

-- Give what a script returned as Python takes it: one plain value, two tokens or more, or a table of them.
local function give(value, ...)
  if is_watched then
    is_watched = host.returned(value, select("#", ...))
  end
  if small[value] or type(value) ~= "table" then
    return value
  end
  return tokens_of(value)
end

-- A table that is returned may hold others so often that there is no end to it.
host.sandbox.state.stoppable[flatten] = true

return { give = give, tokens_within = tokens_within, watch = watch }
