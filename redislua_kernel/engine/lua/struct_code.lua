-- Makes Lua functions that pack and unpack one format of struct: what the format says is worked out once.
--
-- They do what is usual and say so by what they answer: an odd argument, or data that is too short, is left to the
-- careful code in struct.lua, errors and all. A format with floats or doubles goes through Python's struct, for one
-- call there costs less than the bits of two doubles here.
--
-- host.struct_pack(format, ...), struct_unpack(format, data) and struct_size(format) are Python's; the first two must
-- not be given what they refuse.

local host = ...
local byte, char, find, format, gsub = string.byte, string.char, string.find, string.format, string.gsub
local rep, sub, upper = string.rep, string.sub, string.upper
local concat, loadstring, type = table.concat, loadstring, type

-- Upvalues and registers of a Lua function are few.
local MOST_ITEMS, MOST_BYTES = 40, 100

-- Python's letters for integers by their size; and, because half of what eight bytes hold is no integer to lupa, those
-- for two words instead.
local LETTERS = { [1] = 'b', [2] = 'h', [4] = 'i', [8] = 'q' }
local WORDS = { ['<'] = { q = 'Ii', Q = 'II' }, ['>'] = { q = 'iI', Q = 'II' } }

local function new_code()
  local lines = {}
  local function add(...)
    lines[#lines + 1] = format(...)
  end
  return lines, add
end

-- Run the text of a chunk whose `...` are what it uses.
local function make(lines, ...)
  local names = 'local byte, char, find, sub, type, python = ...\n'
  return loadstring(names .. concat(lines, '\n'), '=sandbox')(byte, char, find, sub, type, ...)
end

----------------------------------------------------------------------------------------------------- the layout

-- The zeros in front of an item, given `padding`; nothing where they depend on the length of a string.
local function place_items(items, padding)
  local offset, bytes = 0, 0
  for index = 1, #items do
    local item = items[index]
    local size = item.size
    if not size or (item.kind == 'integer' and (size == 0 or size > 8)) then
      return nil
    elseif item.alignment ~= 1 then
      items.is_aligned = true
      if not offset then
        return nil
      end
      item.zeros = padding(item, offset)
    else
      item.zeros = 0
    end
    if item.kind == 's' or (item.kind == 'c' and size == 0) then
      offset = nil
    elseif offset then
      offset = offset + item.zeros + size
    end
    bytes = bytes + item.zeros + (item.kind == 'c' and 0 or size)
  end
  return #items > 0 and #items <= MOST_ITEMS and bytes <= MOST_BYTES
end

-- The format by Python's rules, if it knows one; in this one are floats, and all is in one order of bytes.
local function python_format(items)
  local letters, has_floats, big = {}, false, nil
  for index = 1, #items do
    local item = items[index]
    local kind, letter = item.kind, item.kind
    if kind == 'integer' then
      letter = LETTERS[item.size]
      letter = letter and not item.signed and upper(letter) or letter
    elseif kind == 'f' or kind == 'd' then
      has_floats = true
    elseif kind ~= 'x' then
      return nil
    end
    if not letter or (big ~= nil and kind ~= 'x' and item.big ~= big) then
      return nil
    elseif kind ~= 'x' then
      big = item.big
    end
    letters[index] = rep('x', item.zeros) .. letter
  end
  return has_floats and (big and '>' or '<') .. concat(letters) or nil
end

------------------------------------------------------------------------------------------------------- packing

-- Each checks a value, and answers nothing at all when it is not a usual one.
local function add_integer_check(add, name, item, exactly)
  local lowest, highest = -2 ^ 53, 2 ^ 53
  if exactly and item.size < 8 then
    lowest, highest = item.signed and -2 ^ (8 * item.size - 1) or 0, 2 ^ (8 * item.size)
    highest = (item.signed and highest / 2 or highest) - 1
  elseif exactly and not item.signed then
    lowest = 0
  end
  add("if type(%s) ~= 'number' or %s %% 1 ~= 0 or %s > %.0f or %s < %.0f then return end", name, name, name, highest, name, lowest)
end

-- Zero may be negative, which Python is not told.
local function add_float_check(add, name, item)
  local condition = "type(NAME) ~= 'number' or NAME ~= NAME or NAME == 0 and 1 / NAME < 0"
  if item.kind == 'f' then
    condition = condition .. ' or NAME > 3.4028234663852886e38 or NAME < -3.4028234663852886e38'
  end
  add('if %s then return end', (gsub(condition, 'NAME', name)))
end

local function takes_value(item)
  return item.kind ~= 'x'
end

local function value_names(items)
  local names = {}
  for index = 1, #items do
    if takes_value(items[index]) then
      names[#names + 1] = 'v' .. index
    end
  end
  return concat(names, ', ')
end

local function python_packer(items, pack)
  local lines, add = new_code()
  local names = value_names(items)
  add('return function(_, %s)', names)
  for index = 1, #items do
    local item, name = items[index], 'v' .. index
    if item.kind == 'integer' then
      add_integer_check(add, name, item, true)
    elseif takes_value(item) then
      add_float_check(add, name, item)
    end
  end
  add('return python(%s) end', names)
  return make(lines, pack)
end

-- The bytes of an integer as formulas, in the item's order.
local function integer_bytes(add, name, item)
  local size, made = item.size, {}
  local low, high = name, name .. 'h'
  if size > 4 then
    low = name .. 'l'
    add('local %s = %s %% 4294967296', low, name)
    add('local %s = (%s - %s) / 4294967296', high, name, low)
  end
  for place = 0, size - 1 do
    local word, shift = place < 4 and low or high, place % 4
    local text = format('%s %% %.0f', word, 256 ^ (shift + 1))
    if shift > 0 then
      text = format('(%s - %s %% %.0f) / %.0f', text, word, 256 ^ shift, 256 ^ shift)
    end
    made[item.big and size - place or place + 1] = text
  end
  return concat(made, ', ')
end

local function plain_packer(items)
  local lines, add = new_code()
  add('return function(_%s)', (gsub(value_names(items), '^.', ', %0')))
  local parts, bytes = {}, {}
  local function end_bytes()
    if #bytes > 0 then
      parts[#parts + 1] = 'char(' .. concat(bytes, ', ') .. ')'
      bytes = {}
    end
  end
  for index = 1, #items do
    local item, name = items[index], 'v' .. index
    for _ = 1, item.zeros + (item.kind == 'x' and 1 or 0) do
      bytes[#bytes + 1] = '0'
    end
    if item.kind == 'integer' then
      add_integer_check(add, name, item)
      bytes[#bytes + 1] = integer_bytes(add, name, item)
    elseif takes_value(item) then
      add("if type(%s) ~= 'string' or #%s < %d then return end", name, name, item.size)
      end_bytes()
      parts[#parts + 1] = item.kind == 's' and name .. " .. '\\0'" or item.size == 0 and name or format('sub(%s, 1, %d)', name, item.size)
    end
  end
  end_bytes()
  add('return %s end', concat(parts, ' .. '))
  return make(lines)
end

----------------------------------------------------------------------------------------------------- unpacking

-- Both functions of an unpacker share the values: read(data, position) tells whether it found them all, and
-- values() answers them and the position after.
local ALIGNED = 'if first ~= nil and first ~= 1 then return end first = 1'
local ANYWHERE = [[
  if first == nil then
    first = 1
  elseif type(first) ~= 'number' or first < 1 or first > 2147483648 or first % 1 ~= 0 then
    return
  end]]

local function finish_unpacker(is_aligned, lines, add, names, declared, ...)
  names[#names + 1] = 'at'
  add('return true end, function() return %s end', concat(names, ', '))
  lines[1] = format('local at, %s\nreturn function(data, first)\n%s', concat(declared, ', '), is_aligned and ALIGNED or ANYWHERE)
  return make(lines, ...)
end

local function python_unpacker(items, unpack_fields, size)
  local lines, add = new_code()
  add('')
  local names, declared, fields = {}, {}, {}
  local after = {}
  for index = 1, #items do
    local item, name = items[index], 'v' .. index
    if takes_value(item) then
      names[#names + 1] = name
      declared[#declared + 1] = name
      if item.kind == 'integer' and item.size == 8 then
        local words = item.big and { name .. 'h', name } or { name, name .. 'h' }
        fields[#fields + 1] = concat(words, ', ')
        declared[#declared + 1] = name .. 'h'
        after[#after + 1] = format('%s = %sh * 4294967296 + %s', name, name, name)
      else
        fields[#fields + 1] = name
        if item.kind == 'f' then -- a NaN is not the same for all Pythons
          after[#after + 1] = format('if %s ~= %s then return end', name, name)
        end
      end
    end
  end
  add('if #data < first + %d then return end', size - 1)
  add('if #data ~= %d then data = sub(data, first, first + %d) end', size, size - 1)
  add('%s = python(data)', concat(fields, ', '))
  add('%s', concat(after, '\n'))
  add('at = first + %d', size)
  return finish_unpacker(items.is_aligned, lines, add, names, declared, unpack_fields)
end

-- A formula for the integer in the bytes of these names.
local function integer_value(add, bytes, item)
  local size, low, high = #bytes, {}, {}
  local last = bytes[item.big and 1 or size]
  if item.signed then
    add('if %s >= 128 then %s = %s - 256 end', last, last, last)
  end
  for place = 0, size - 1 do
    local name = bytes[item.big and size - place or place + 1]
    local terms = place < 4 and low or high
    terms[#terms + 1] = place % 4 == 0 and name or format('%s * %.0f', name, 256 ^ (place % 4))
  end
  if size > 4 then
    return format('(%s) * 4294967296 + (%s)', concat(high, ' + '), concat(low, ' + '))
  end
  return concat(low, ' + ')
end

-- Reads integers in front of a string, or of the end, with one call of byte.
local function add_integers(add, items, from, to)
  local size, names = 0, {}
  local fields = {}
  for index = from, to do
    local item = items[index]
    size = size + item.zeros
    fields[index] = {}
    for place = 1, item.size do
      fields[index][place] = 'b' .. size + place
    end
    size = size + item.size
  end
  for place = 1, size do
    names[place] = 'b' .. place
  end
  add('if #data < at + %d then return end', size - 1)
  add('local %s = byte(data, at, at + %d)', concat(names, ', '), size - 1)
  for index = from, to do
    if items[index].kind == 'integer' then
      add('v%d = %s', index, integer_value(add, fields[index], items[index]))
    end
  end
  add('at = at + %d', size)
end

local function add_string(add, items, index, names)
  local item, name = items[index], 'v' .. index
  if item.kind == 's' then
    add("local stop = find(data, '\\0', at, true)")
    add('if not stop then return end')
    add('%s = sub(data, at, stop - 1)', name)
    add('at = stop + 1')
    return true
  end
  local size = item.size .. ''
  if item.size == 0 then
    local before = items[index - 1]
    if not before or before.kind ~= 'integer' then
      return false
    end
    size = 'v' .. index - 1
    names[#names] = nil
    add('if %s < 0 then return end', size)
  end
  add('if #data < at + %s - 1 then return end', size)
  add('%s = sub(data, at, at + %s - 1)', name, size)
  add('at = at + %s', size)
  return true
end

local BYTES = { integer = true, x = true }

local function plain_unpacker(items)
  local lines, add = new_code()
  add('')
  add('at = first')
  local names, declared, index = {}, { 'none' }, 1
  while index <= #items do
    add('do')
    if BYTES[items[index].kind] then
      local from = index
      while items[index] and BYTES[items[index].kind] do
        if takes_value(items[index]) then
          names[#names + 1], declared[#declared + 1] = 'v' .. index, 'v' .. index
        end
        index = index + 1
      end
      add_integers(add, items, from, index - 1)
    else
      if items[index].kind == 'f' or items[index].kind == 'd' or not add_string(add, items, index, names) then
        return nil
      end
      names[#names + 1], declared[#declared + 1] = 'v' .. index, 'v' .. index
      index = index + 1
    end
    add('end')
  end
  return finish_unpacker(items.is_aligned, lines, add, names, declared)
end

-- Give what packs a format, and what unpacks it from the first byte (if the format is aligned) or from any: functions
-- that answer nothing when they leave the call to others. `padding(item, offset)` tells the zeros before an item.
local function compile(items, padding)
  if not place_items(items, padding) then
    return nil
  end
  local python = python_format(items)
  if python then
    local in_words = gsub(python, '[qQ]', WORDS[sub(python, 1, 1)])
    local function pack(...)
      return host.struct_pack(python, ...)
    end
    local function unpack_fields(...)
      return host.struct_unpack(in_words, ...)
    end
    return python_packer(items, pack), python_unpacker(items, unpack_fields, host.struct_size(python))
  end
  for index = 1, #items do
    if items[index].kind == 'f' or items[index].kind == 'd' then
      return nil
    end
  end
  return plain_packer(items), plain_unpacker(items)
end

return { compile = compile }
