-- cjson: JSON as lua-cjson 2.1.0 reads and writes it.
--
-- Decoding has two parsers. The quick one takes a member or an element with one pattern and gives up on whatever
-- is unusual; then the careful one starts again from the first byte: it goes token by token, knows every number
-- that strtod takes, and finds the error. Tables must be filled key by key in the order of the text: the order
-- of `pairs`, and so of `encode`, depends on it.

local arguments, _, real_tables, _, host = ...
local resolve_escapes = host.resolve_escapes
local argument_error, raise = arguments.argument_error, arguments.raise
local check_integer, check_string, to_int32 = arguments.check_integer, arguments.check_string, arguments.to_int32
local byte, char, find, format, gsub = string.byte, string.char, string.find, string.format, string.gsub
local lower, match, sub = string.lower, string.match, string.sub
local concat, floor, next, select = table.concat, math.floor, next, select
local rawget, setmetatable, tonumber, type = rawget, setmetatable, tonumber, type

-- The most values a C function may keep on Lua's stack. Nesting takes of it, so it bounds the depth.
local C_STACK = 8000
local INT_MAX = 2 ^ 31 - 1

-- A light userdata of address zero in the real library. Scripts can compare and print it, nothing else.
local null = newproxy(true)
getmetatable(null).__tostring = function() return 'userdata: (nil)' end
getmetatable(null).__metatable = false

--------------------------------------------------------------------------------------------------- encoding

local ESCAPES = { ['"'] = '\\"', ['\\'] = '\\\\', ['/'] = '\\/', ['\127'] = '\\u007f' }
for code = 0, 31 do
  ESCAPES[char(code)] = format('\\u%04x', code)
end
for letter, control in ('b\bt\tn\nf\fr\r'):gmatch('(%l)(%c)') do
  ESCAPES[control] = '\\' .. letter
end

-- A long text is faster searched for one plain character after another.
local SHORT = 40

local function needs_escapes(text)
  if #text <= SHORT then
    return not find(text, '^[^%c"\\/]*$')
  end
  return find(text, '"', 1, true) or find(text, '\\', 1, true) or find(text, '/', 1, true) or not find(text, '^%C*$')
end

-- Texts of values: of words, small integers, and of short strings that were seen before (`strings` has only these);
-- `next_texts` has them behind a comma. Keys mostly come again, too: `first_keys` has them as '{"key":', `next_keys`
-- as ',"key":'.
local STRINGS_MAX = 1000
local SMALL_MAX = 1000
local strings, texts, next_texts, first_keys, next_keys, string_count

local function forget_strings()
  strings, first_keys, next_keys, string_count = {}, {}, {}, 0
  texts = { [true] = 'true', [false] = 'false', [null] = 'null' }
  next_texts = { [true] = ',true', [false] = ',false', [null] = ',null' }
end

forget_strings()

local function quote(text)
  local result = '"' .. (needs_escapes(text) and gsub(text, '[%c"\\/]', ESCAPES) or text) .. '"'
  if #text <= SHORT then
    if string_count == STRINGS_MAX then
      forget_strings()
    end
    strings[text], texts[text], next_texts[text] = result, result, ',' .. result
    string_count = string_count + 1
  end
  return result
end

-- The encoding in progress. There is never more than one: encoding calls nothing of the script's.
local buffer, size, config, encode_api = {}, 0, nil, nil

local function unserialisable(value, reason)
  raise(encode_api, 'Cannot serialise ' .. type(value) .. ': ' .. reason)
end

local function number_text(number)
  if number - number ~= 0 then
    local mode = config.encode_invalid_numbers
    if not mode then
      unserialisable(number, 'must not be NaN or Inf')
    elseif mode == 'null' then
      return 'null'
    elseif number ~= number then
      return 'nan'
    end
  end
  local layout = config.number_format
  if layout then
    return format(layout, number)
  elseif number > 0 and number <= SMALL_MAX and number % 1 == 0 then
    local text = number .. ''
    texts[number], next_texts[number] = text, ',' .. text
    return text
  end
  return number -- concatenation writes %.14g, too
end

-- The length of a table with keys other than 1 to #t, or -1 for an object.
local function sparse_length(t)
  local max, items = 0, 0
  for key in next, t do
    if type(key) ~= 'number' or key < 1 or floor(key) ~= key then
      return -1
    end
    if key > max then
      max = key <= INT_MAX and key or -2 ^ 31
    end
    items = items + 1
  end
  local ratio = config.encode_sparse_ratio
  if ratio > 0 and max > to_int32(items * ratio) and max > config.encode_sparse_safe then
    if not config.encode_sparse_convert then
      unserialisable(t, 'excessively sparse array')
    end
    return -1
  end
  return max
end

-- The length of an array, -1 or 0 for an object; and whether its keys come one after another.
local function array_length(t)
  local length = 0
  for key in next, t do
    length = length + 1
    if key ~= length then
      return sparse_length(t), false
    end
  end
  return length, true
end

local append_table

local function append(value, depth, slots)
  local text = texts[value]
  if not text then
    local kind = type(value)
    if kind == 'string' then
      text = quote(value)
    elseif kind == 'number' then
      text = number_text(value)
    elseif kind == 'table' then
      return append_table(value, depth + 1, slots) -- tail calls keep one Lua frame a level
    elseif value == nil then
      text = 'null'
    else
      unserialisable(value, 'type not supported')
    end
  end
  size = size + 1
  buffer[size] = text
end

-- Only a table without holes may be indexed: else a metatable would have its say.
local function append_sparse(t, length, depth, slots)
  local separator = '['
  for index = 1, length do
    size = size + 1
    buffer[size] = separator
    separator = ','
    append(rawget(t, index), depth, slots + 1)
  end
  size = size + 1
  buffer[size] = ']'
end

local function append_array(t, length, depth, slots)
  local buffer, next_texts = buffer, next_texts
  size = size + 1
  buffer[size] = '['
  append(t[1], depth, slots + 1)
  for index = 2, length do
    local value = t[index]
    local text = next_texts[value]
    if text then
      size = size + 1
      buffer[size] = text
    else
      size = size + 1
      buffer[size] = ','
      append(value, depth, slots + 1)
    end
  end
  size = size + 1
  buffer[size] = ']'
end

local function key_text(key)
  local kind = type(key)
  if kind == 'string' then
    return quote(key)
  elseif kind == 'number' then
    return '"' .. number_text(key) .. '"'
  end
  unserialisable(key, 'table key must be a number or string')
end

-- A key with what stands before and after it.
local function opened_key(key, opening, known)
  local text = opening .. key_text(key) .. ':'
  if strings[key] then
    known[key] = text
  end
  return text
end

local function append_object(t, depth, slots)
  local buffer = buffer
  local known, opening = first_keys, '{'
  for key, value in next, t do
    size = size + 1
    buffer[size] = known[key] or opened_key(key, opening, known)
    known, opening = next_keys, ','
    local text = texts[value]
    if text then
      size = size + 1
      buffer[size] = text
    else
      append(value, depth, slots + 2)
    end
  end
  size = size + 1
  buffer[size] = opening == '{' and '{}' or '}'
end

function append_table(t, depth, slots)
  if depth > config.encode_max_depth or slots + 3 > C_STACK then
    raise(encode_api, 'Cannot serialise, excessive nesting (' .. format('%d', depth) .. ')')
  end
  t = real_tables[t] or t
  local length, is_dense = array_length(t)
  if length <= 0 then
    return append_object(t, depth, slots)
  elseif is_dense then
    return append_array(t, length, depth, slots)
  end
  return append_sparse(t, length, depth, slots)
end

-- The buffer is used again, unless that would keep much.
local BUFFER_MAX = 1000

local function encode(api, own_config, value)
  if type(value) == 'table' and next(value) == nil and not real_tables[value] then
    return '{}'
  elseif own_config.number_format then
    forget_strings() -- among them are the texts of small integers
  end
  size, config, encode_api = 0, own_config, api
  append(value, 0, 1)
  local text = concat(buffer, '', 1, size)
  if size > BUFFER_MAX then
    buffer = {}
  end
  return text
end

---------------------------------------------------------------------------------------------------- decoding

-- The text in progress, and the limit it is read under.
local text, max_depth, decode_api, decode_config

local UNESCAPES = { ['"'] = '"', ['\\'] = '\\', ['/'] = '/', b = '\b', t = '\t', n = '\n', f = '\f', r = '\r' }

local function utf8(code)
  if code < 0x80 then
    return char(code)
  elseif code < 0x800 then
    return char(0xC0 + floor(code / 64), 0x80 + code % 64)
  elseif code < 0x10000 then
    return char(0xE0 + floor(code / 4096), 0x80 + floor(code / 64) % 64, 0x80 + code % 64)
  end
  return char(0xF0 + floor(code / 262144), 0x80 + floor(code / 4096) % 64, 0x80 + floor(code / 64) % 64, 0x80 + code % 64)
end

-- The bytes of the \u escape at `position`, which may be a surrogate pair, and its length; nothing if it is wrong.
local function unicode_escape(position)
  local digits = match(text, '^\\u(%x%x%x%x)', position)
  if not digits then
    return nil
  end
  local code = tonumber(digits, 16)
  if code < 0xD800 or code > 0xDFFF then
    return utf8(code), 6
  end
  local low = match(text, '^\\u([dD][c-fC-F]%x%x)', position + 6)
  if code > 0xDBFF or not low then
    return nil
  end
  return utf8(0x10000 + (code - 0xD800) * 1024 + tonumber(low, 16) - 0xDC00), 12
end

-- A string with escapes; `position` is the one after the opening quote. Answers the string and the position after
-- the closing quote, or nil, an error and its position.
local function escaped_string(position)
  local parts, count = {}, 0
  while true do
    local stop = find(text, '["\\]', position)
    if not stop then
      return nil, 'unexpected end of string', #text + 1
    end
    count = count + 1
    parts[count] = sub(text, position, stop - 1)
    if byte(text, stop) == 34 then
      return concat(parts, '', 1, count), stop + 1
    end
    local letter = sub(text, stop + 1, stop + 1)
    local piece, length = UNESCAPES[letter], 2
    if letter == 'u' then
      piece, length = unicode_escape(stop)
      if not piece then
        return nil, 'invalid unicode escape code', stop
      end
    elseif not piece then
      return nil, 'invalid escape code', stop
    end
    count = count + 1
    parts[count] = piece
    position = stop + length
  end
end

------------------------------------------------------------------------------------------- the quick parser
-- Its functions answer a value and the position after it, or no position when they give up. `position` is that of
-- the value's first character, which is known by then.
--
-- It reads the text with escaped quotes and backslashes masked: then a string ends at the next quote, which %b finds
-- fastest. Masking keeps all positions. Without such, and what stands for them, there is nothing to mask.

local masked, has_escapes
-- Are all escapes resolved but for quotes, for which \1 stands?
local quotes_only

local MASKS = { ['\\"'] = '\\q', ['\\\\'] = '\\z', ['\\q'] = '\\?', ['\\z'] = '\\?' }
local UNMASKED = { q = '"', z = '\\' }
for letter, character in next, UNESCAPES do
  UNMASKED[letter] = UNMASKED[letter] or character
end
UNMASKED['"'], UNMASKED['\\'] = nil, nil

local wrong_escape
setmetatable(UNMASKED, {
  __index = function()
    wrong_escape = true
    return ''
  end,
})

-- The bytes of a code in four hexadecimal digits, backslash masked. Surrogates are left to escaped_string.
local CHARACTERS_MAX = 1000
local CHARACTERS, character_count = {}, 0
setmetatable(CHARACTERS, {
  __index = function(_, digits)
    local code = tonumber(digits, 16)
    if code >= 0xD800 and code <= 0xDFFF then
      wrong_escape = true
      return ''
    end
    local bytes = code == 92 and '\\z' or utf8(code)
    if character_count < CHARACTERS_MAX then
      CHARACTERS[digits] = bytes
      character_count = character_count + 1
    end
    return bytes
  end,
})

-- The frontier keeps the digits before the point together: without it a long number that nothing fits behind would
-- be split in every possible way.
local STRING, NUMBER, WORD = '(%b"")', '(-?%d+%f[^%d]%.?%d*)', '(%l+)'
local MEMBER = '"([^"]*)"%s*:%s*()(.)'
local FIRST_MEMBER = '^%s*' .. MEMBER
local NEXT_MEMBER = '^%s*,%s*' .. MEMBER
local OBJECT_END = '^%s*}()'

local FIRST_ELEMENT = '^%s*()([^%s%]])'
local NEXT_ELEMENT = '^%s*,%s*()(.)'
local ARRAY_END = '^%s*%]()'

-- By its first character: how a scalar is read with what follows it, and how up to four with the one that follows.
local function readers(scalar)
  return {
    member = '^' .. scalar .. NEXT_MEMBER:sub(2),
    last_member = '^' .. scalar .. '%s*}()',
    element = '^' .. scalar .. NEXT_ELEMENT:sub(2),
    last_element = '^' .. scalar .. '%s*%]()',
    four = '^' .. (scalar .. '%s*,%s*'):rep(4) .. '()(.)',
  }
end

local STRINGS, NUMBERS, WORDS = readers(STRING), readers(NUMBER), readers(WORD)
local FOUR_INTEGERS = readers('(-?%d+)').four
local READERS = { ['"'] = STRINGS, ['-'] = NUMBERS, t = WORDS, f = WORDS, n = WORDS }
for digit = 0, 9 do
  READERS[digit .. ''] = NUMBERS
end
local WORD_VALUES = { ['true'] = true, ['false'] = false, null = null }

-- The string between the quotes at `position`, or nil if it has a wrong escape.
local function unquote(quoted_string, position)
  local value = sub(quoted_string, 2, -2)
  if quotes_only then
    return (gsub(value, '\1', '"'))
  end
  if not has_escapes or not find(value, '\\', 1, true) then
    return value
  end
  wrong_escape = false
  if find(value, '\\u', 1, true) then
    value = gsub(value, '\\u(%x%x%x%x)', CHARACTERS)
    if wrong_escape then
      return (escaped_string(position + 1))
    end
  end
  value = gsub(value, '\\(.)', UNMASKED)
  return not wrong_escape and value or nil
end

-- A key in a text that has escapes; nothing if it has some itself.
local function read_key(key)
  if quotes_only then
    return (gsub(key, '\1', '"'))
  end
  return not find(key, '\\', 1, true) and key or nil
end

local quick_array, quick_object

-- Numbers with an exponent, and at the end of the text, where no pattern has what follows.
local function quick_number(position)
  local digits, after = match(masked, '^([%d.eE+-]+)()', position)
  if find(masked, '^[xX]', after) then
    return nil
  end
  local number = tonumber(digits)
  if number then
    return number, after
  end
end

local function quick_string(position)
  local quoted_string, after = match(masked, '^(%b"")()', position)
  local value = quoted_string and unquote(quoted_string, position)
  if value then
    return value, after
  end
end

local function quick_word(position)
  local word, after = match(masked, '^(%l+)()', position)
  if WORD_VALUES[word] ~= nil then
    return WORD_VALUES[word], after
  end
end

local function quick_value(first, position, depth)
  if first == '{' then
    return quick_object(position + 1, depth + 1)
  elseif first == '[' then
    return quick_array(position + 1, depth + 1)
  end
  local reader = READERS[first]
  if reader == STRINGS then
    return quick_string(position)
  elseif reader == NUMBERS then
    return quick_number(position)
  elseif reader then
    return quick_word(position)
  end
end

-- The value of a word, or of a string that may have escapes.
local function unusual_scalar(text, reader, position)
  if reader == WORDS then
    return WORD_VALUES[text]
  end
  return unquote(text, position)
end

function quick_object(position, depth)
  if depth > max_depth then
    return nil
  end
  local object = {}
  local key, at, first = match(masked, FIRST_MEMBER, position)
  while key do
    if has_escapes then
      key = read_key(key)
      if not key then
        return nil
      end
    end
    local reader, text, next_key, after, next_first = READERS[first], nil, nil, nil, nil
    if reader then
      text, next_key, after, next_first = match(masked, reader.member, at)
      if not text then
        text, after = match(masked, reader.last_member, at)
      end
    end
    if text then
      local value
      if reader == NUMBERS then
        value = text * 1 -- keeps the sign of -0
      elseif reader == STRINGS and not has_escapes then
        value = sub(text, 2, -2)
      else
        value = unusual_scalar(text, reader, at)
        if value == nil then
          return nil
        end
      end
      object[key] = value
      if not next_key then
        return object, after
      end
      key, at, first = next_key, after, next_first
    else
      local value
      value, position = quick_value(first, at, depth)
      if not position then
        return nil
      end
      object[key] = value
      key, at, first = match(masked, NEXT_MEMBER, position)
    end
  end
  return object, match(masked, OBJECT_END, position)
end

-- Runs of plain strings, numbers or words go four at a time. Answers the new length, and what follows.
local function quick_run(array, length, pattern, reader, at, first)
  local a, b, c, d, after, next_first = match(masked, pattern, at)
  while a do
    if reader == NUMBERS then
      a, b, c, d = a * 1, b * 1, c * 1, d * 1
    elseif reader == STRINGS then
      a, b, c, d = sub(a, 2, -2), sub(b, 2, -2), sub(c, 2, -2), sub(d, 2, -2)
    else
      a, b, c, d = WORD_VALUES[a], WORD_VALUES[b], WORD_VALUES[c], WORD_VALUES[d]
      if a == nil or b == nil or c == nil or d == nil then
        break
      end
    end
    array[length + 1] = a
    array[length + 2] = b
    array[length + 3] = c
    array[length + 4] = d
    length, at, first = length + 4, after, next_first
    a, b, c, d, after, next_first = match(masked, pattern, at)
  end
  return length, at, first
end

-- Short arrays are not worth the try.
local RUN_AFTER = 3

local function quick_runs(array, length, at, first)
  local reader = READERS[first]
  if reader == NUMBERS then
    length, at, first = quick_run(array, length, FOUR_INTEGERS, reader, at, first)
    if length > RUN_AFTER then
      return length, at, first
    end
  end
  if reader and (reader ~= STRINGS or not has_escapes) then
    return quick_run(array, length, reader.four, reader, at, first)
  end
  return length, at, first
end

function quick_array(position, depth)
  if depth > max_depth then
    return nil
  end
  local array, length = {}, 0
  local at, first = match(masked, FIRST_ELEMENT, position)
  while first do
    if length == RUN_AFTER then
      length, at, first = quick_runs(array, length, at, first)
    end
    local reader, text, after, next_first = READERS[first], nil, nil, nil
    if reader then
      text, after, next_first = match(masked, reader.element, at)
      if not text then
        text, after = match(masked, reader.last_element, at)
      end
    end
    length = length + 1
    if text then
      local value
      if reader == NUMBERS then
        value = text * 1 -- keeps the sign of -0
      elseif reader == STRINGS and not has_escapes then
        value = sub(text, 2, -2)
      else
        value = unusual_scalar(text, reader, at)
        if value == nil then
          return nil
        end
      end
      array[length] = value
      if not next_first then
        return array, after
      end
      at, first = after, next_first
    else
      local value
      value, position = quick_value(first, at, depth)
      if not position then
        return nil
      end
      array[length] = value
      at, first = match(masked, NEXT_ELEMENT, position)
    end
  end
  return array, match(masked, ARRAY_END, position)
end

-- In a longer text Python resolves all escapes at once, if they are simple ones.
local WORTH_A_CALL = 60

-- Value and position after the document's value, which may be anything.
local function quick_document()
  local first = byte(masked)
  if first == 123 then
    return quick_object(2, 1)
  elseif first == 91 then
    return quick_array(2, 1)
  end
  local at, character = match(masked, FIRST_ELEMENT, 1)
  if at then
    return quick_value(character, at, 0)
  end
end

local function mask()
  local resolved = #text > WORTH_A_CALL and resolve_escapes(text)
  if resolved then
    masked, has_escapes = resolved, find(resolved, '\1', 1, true)
    quotes_only = has_escapes
  elseif find(text, '\\["\\qz]') then
    masked = gsub(text, '\\.', MASKS)
  end
end

local function quick_decode(is_plain)
  masked, has_escapes, quotes_only = text, nil, false
  if not is_plain then
    -- Space to Lua, but not to JSON.
    if find(text, '\v', 1, true) or find(text, '\f', 1, true) then
      return nil
    end
    has_escapes = find(text, '\\', 1, true)
    if has_escapes then
      mask()
    end
  end
  local value, after = quick_document()
  if after and (after > #masked or find(masked, '^%s*$', after)) then
    return value, true
  end
end

----------------------------------------------------------------------------------------- the careful parser

-- How many bytes strtod takes at `position`: decimals, hexadecimals, infinities and not-a-numbers.
local function number_length(position)
  local sign = match(text, '^[+-]?', position)
  local start = position + #sign
  local rest = lower(sub(text, start, start + 7))
  if sub(rest, 1, 3) == 'inf' then
    return #sign + (rest == 'infinity' and 8 or 3)
  elseif sub(rest, 1, 3) == 'nan' then
    return #sign + 3 + #(match(text, '^%([%w_]*%)', start + 3) or '')
  end
  local digits, exponent = '%d', '^[eE][+-]?%d+'
  if find(text, '^0[xX]%x', start) or find(text, '^0[xX]%.%x', start) then
    digits, exponent, start = '%x', '^[pP][+-]?%d+', start + 2
  end
  local stop = match(text, '^' .. digits .. '+%.?' .. digits .. '*()', start)
    or match(text, '^%.' .. digits .. '+()', start)
  if not stop then
    return 0
  end
  return stop + #(match(text, exponent, stop) or '') - position
end

local NAN = -(0 / 0)

local function number_value(lexeme)
  if find(lexeme, '^[+-]?[nN]') then
    return sub(lexeme, 1, 1) == '-' and -NAN or NAN
  end
  return tonumber(lexeme)
end

local function invalid_number(position)
  return find(text, '^%+', position)
    or find(text, '^-?0[xX%d]', position)
    or find(text, '^-?[iI][nN][fF]', position)
    or find(text, '^-?[nN][aA][nN]', position)
end

local PUNCTUATION = {
  ['{'] = 'T_OBJ_BEGIN', ['}'] = 'T_OBJ_END', ['['] = 'T_ARR_BEGIN', [']'] = 'T_ARR_END',
  [':'] = 'T_COLON', [','] = 'T_COMMA', [''] = 'T_END',
}

-- A token is its kind (for an error: the error's text), its value, its position and the position after it.
local function number_token(position)
  local length = number_length(position)
  if length == 0 then
    return 'invalid number', nil, position
  end
  return 'T_NUMBER', number_value(sub(text, position, position + length - 1)), position, position + length
end

local function string_token(position)
  local value, after, error_position = escaped_string(position + 1)
  if not value then
    return after, nil, error_position
  end
  return 'T_STRING', value, position, after
end

local function word_token(position)
  if find(text, '^true', position) then
    return 'T_BOOLEAN', true, position, position + 4
  elseif find(text, '^false', position) then
    return 'T_BOOLEAN', false, position, position + 5
  elseif find(text, '^null', position) then
    return 'T_NULL', null, position, position + 4
  elseif find(text, '^[+iInN]', position) and decode_config.decode_invalid_numbers and invalid_number(position) then
    return number_token(position)
  end
  return 'invalid token', nil, position
end

local function next_token(position)
  position = match(text, '^[ \n\r\t]*()', position)
  local first = sub(text, position, position)
  local kind = PUNCTUATION[first]
  if kind then
    return kind, nil, position, position + 1
  elseif first == '"' then
    return string_token(position)
  elseif find(first, '^[%d-]') then
    if not decode_config.decode_invalid_numbers and invalid_number(position) then
      return 'invalid number', nil, position
    end
    return number_token(position)
  end
  return word_token(position)
end

local function expected(what, kind, position)
  raise(decode_api, format('Expected %s but found %s at character %d', what, kind, position))
end

local careful_object, careful_array

local VALUES = { T_STRING = true, T_NUMBER = true, T_BOOLEAN = true, T_NULL = true }

local function careful_value(kind, value, position, after, depth, slots)
  if VALUES[kind] then
    return value, after
  elseif kind == 'T_OBJ_BEGIN' then
    return careful_object(after, depth + 1, slots)
  elseif kind == 'T_ARR_BEGIN' then
    return careful_array(after, depth + 1, slots)
  end
  expected('value', kind, position)
end

local function descend(depth, slots, position)
  if depth > max_depth or slots > C_STACK then
    raise(decode_api, format('Found too many nested data structures (%d) at character %d', depth, position - 1))
  end
end

function careful_object(from, depth, slots)
  descend(depth, slots + 3, from)
  local object = {}
  local kind, value, position, after = next_token(from)
  if kind == 'T_OBJ_END' then
    return object, after
  end
  while true do
    if kind ~= 'T_STRING' then
      expected('object key string', kind, position)
    end
    local key = value
    kind, value, position, after = next_token(after)
    if kind ~= 'T_COLON' then
      expected('colon', kind, position)
    end
    kind, value, position, after = next_token(after)
    object[key], after = careful_value(kind, value, position, after, depth, slots + 2)
    kind, value, position, after = next_token(after)
    if kind == 'T_OBJ_END' then
      return object, after
    elseif kind ~= 'T_COMMA' then
      expected('comma or object end', kind, position)
    end
    kind, value, position, after = next_token(after)
  end
end

function careful_array(from, depth, slots)
  descend(depth, slots + 2, from)
  local array, length = {}, 0
  local kind, value, position, after = next_token(from)
  if kind == 'T_ARR_END' then
    return array, after
  end
  while true do
    length = length + 1
    array[length], after = careful_value(kind, value, position, after, depth, slots + 1)
    kind, value, position, after = next_token(after)
    if kind == 'T_ARR_END' then
      return array, after
    elseif kind ~= 'T_COMMA' then
      expected('comma or array end', kind, position)
    end
    kind, value, position, after = next_token(after)
  end
end

local function careful_decode()
  local kind, value, position, after = next_token(1)
  local decoded
  decoded, after = careful_value(kind, value, position, after, 0, 1)
  kind, value, position = next_token(after)
  if kind ~= 'T_END' then
    expected('the end', kind, position)
  end
  return decoded
end

-- The value of a document that is one short string without escapes.
local function plain_string(document)
  if byte(document) == 34 and #document <= SHORT then
    return match(document, '^"([^"\\%z]*)"$')
  end
end

-- Beyond this depth, which only a script's own limit allows, the careful parser counts the stack.
local QUICK_DEPTH = 1000

-- One search for all does for a short text; a long one is faster searched for each.
local VERY_SHORT = 25

local function decode(api, own_config, document)
  decode_api, decode_config, text = api, own_config, document
  max_depth = own_config.decode_max_depth
  local is_plain = #document <= VERY_SHORT and not find(document, '[%z\v\f\\]')
  local zero = not is_plain and find(document, '\0', 1, true)
  if zero then
    if zero <= 2 and #document >= 2 then
      raise(api, 'JSON parser does not support UTF-16 or UTF-32')
    end
    text = sub(document, 1, zero - 1)
  end
  local value, done
  if own_config.decode_invalid_numbers and max_depth <= QUICK_DEPTH then
    value, done = quick_decode(is_plain)
  end
  if not done then
    value = careful_decode()
  end
  text, masked = nil, nil
  return value
end

----------------------------------------------------------------------------------------------- configuration

local function checked_count(api, most, ...)
  local count = select('#', ...)
  if count > most then
    argument_error(api, most + 1, 'found too many arguments')
  end
  return count
end

local function set_integer(api, index, value, count, own_config, name, min, max)
  if value ~= nil then
    local number = to_int32(check_integer(api, index, value, count))
    if number < min or number > max then
      argument_error(api, 1, format('expected integer between %d and %d', min, max))
    end
    own_config[name] = number
  end
  return own_config[name]
end

-- The value that `options` has for a word, or a boolean as it is.
local function set_choice(api, value, count, own_config, name, options)
  if type(value) == 'boolean' then
    own_config[name] = value
  elseif value ~= nil then
    local word = check_string(api, 1, value, count)
    -- C compares up to the first zero byte.
    local choice = options[match(word, '^%Z*')]
    if choice == nil then
      argument_error(api, 1, format("invalid option '%s'", match(word, '^%Z*')))
    end
    own_config[name] = choice
  end
  return own_config[name]
end

local SWITCH = { off = false, on = true }
local INVALID_NUMBERS = { off = false, on = true, null = 'null' }

local function switch(own_config, name, options)
  local function api(...)
    local count = checked_count(api, 1, ...)
    local value = set_choice(api, (...), count, own_config, name, options)
    return value
  end
  return api
end

local function limit(own_config, name, min, max)
  local function api(...)
    local count = checked_count(api, 1, ...)
    local value = set_integer(api, 1, (...), count, own_config, name, min, max)
    return value
  end
  return api
end

local function precision(own_config)
  local function api(...)
    local count = checked_count(api, 1, ...)
    local digits = set_integer(api, 1, (...), count, own_config, 'encode_number_precision', 1, 14)
    own_config.number_format = digits < 14 and '%.' .. digits .. 'g' or nil
    return digits
  end
  return api
end

local function sparse_array(own_config)
  local function api(...)
    local convert, ratio, safe = ...
    local count = checked_count(api, 3, ...)
    convert = set_choice(api, convert, count, own_config, 'encode_sparse_convert', SWITCH)
    ratio = set_integer(api, 2, ratio, count, own_config, 'encode_sparse_ratio', 0, INT_MAX)
    safe = set_integer(api, 3, safe, count, own_config, 'encode_sparse_safe', 0, INT_MAX)
    return convert, ratio, safe
  end
  return api
end

local function new()
  local own_config = {
    decode_invalid_numbers = true,
    decode_max_depth = 1000,
    encode_invalid_numbers = false,
    encode_keep_buffer = true,
    encode_max_depth = 1000,
    encode_number_precision = 14,
    encode_sparse_convert = false,
    encode_sparse_ratio = 2,
    encode_sparse_safe = 10,
  }

  local function encode_this(...)
    if select('#', ...) ~= 1 then
      argument_error(encode_this, 1, 'expected 1 argument')
    end
    local result = strings[...] or encode(encode_this, own_config, ...)
    return result
  end

  local function decode_this(...)
    if select('#', ...) ~= 1 then
      argument_error(decode_this, 1, 'expected 1 argument')
    end
    local document = ...
    if type(document) ~= 'string' then
      document = check_string(decode_this, 1, document, 1)
    end
    local result = plain_string(document)
    if result == nil then
      result = decode(decode_this, own_config, document)
    end
    return result
  end

  -- Filled one by one as in C, so that `pairs` gives the same order.
  local library = {}
  library.encode = encode_this
  library.decode = decode_this
  library.encode_sparse_array = sparse_array(own_config)
  library.encode_max_depth = limit(own_config, 'encode_max_depth', 1, INT_MAX)
  library.decode_max_depth = limit(own_config, 'decode_max_depth', 1, INT_MAX)
  library.encode_number_precision = precision(own_config)
  library.encode_keep_buffer = switch(own_config, 'encode_keep_buffer', SWITCH)
  library.encode_invalid_numbers = switch(own_config, 'encode_invalid_numbers', INVALID_NUMBERS)
  library.decode_invalid_numbers = switch(own_config, 'decode_invalid_numbers', SWITCH)
  library.new = new
  library.null = null
  library._NAME = 'cjson'
  library._VERSION = '2.1.0'
  return library
end

return new()
