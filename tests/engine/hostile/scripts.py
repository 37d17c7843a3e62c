# ruff: noqa: E501  # a script is a line
"""Scripts that mean harm: each ends with an error, or is interrupted, and the engine lives on.

By what they attack; the names say how.
"""

from __future__ import annotations

#: They end by themselves, whatever they reply.
ENDING: dict[str, str] = {}
#: They want more memory than there is, or than is good: limits end them, or they are small after
#: all. They run in a process of their own, and may write.
BOMBS: dict[str, str] = {}
#: They have to be interrupted.
ENDLESS: dict[str, str] = {}


def _add(to: dict[str, str], attack: str, scripts: str) -> None:
    for number, script in enumerate(filter(None, map(str.strip, scripts.split("\n"))), 1):
        to[f"{attack} {number}"] = script


_add(
    ENDING,
    "patterns",
    r"""
return string.find(('a'):rep(1e5), ('a?'):rep(1e5))
return string.find(('a'):rep(1e5), ('a*'):rep(1e5))
return string.find(('a'):rep(1e5), ('a-'):rep(1e5))
return string.match('x', '%')
return string.match('x', '[')
return string.match('x', '[^')
return string.match('x', '[%')
return string.match('x', '%b')
return string.match('x', '%f')
return string.match('x', '(')
return string.match('x', ')')
return string.match('x', ('('):rep(1000) .. 'x' .. (')'):rep(1000))
return string.match('x', '%1')
return string.match('xx', '(x)%9')
return string.gsub('x', 'x', '%9')
return string.gsub('abc', '', ('y'):rep(1000))
return string.gsub('abc', '%w', function() error({}) end)
return string.gsub('abc', '%w', function() return {} end)
return string.gsub('abc', '%w', setmetatable({}, {__index = function() return {} end}))
return string.gsub(('x'):rep(1e5), '.', {x = 1})
return string.gmatch('abc', '(')()
return string.find('a\0b', '\0')
return string.find('x', ('[a-z]'):rep(1e4))
return string.find(('('):rep(1e4), '%b()')
""",
)

_add(
    ENDING,
    "strings",
    r"""
return string.rep('x', -2^31)
return string.rep('', 2^24)
return #string.rep('', -1)
return string.format('%99999d', 1)
return string.format('%.99999f', 1)
return string.format('%99.99f', 1e308)
return string.format('%s', setmetatable({}, {__tostring = function() return {} end}))
return string.format('%d', 'x')
return string.format('%d', 2^1000)
return string.format('%c', 2^40)
return string.format('%q', ('\0\r\n"'):rep(1e4))
return string.format(('%s'):rep(300), unpack({}, 1, 300))
return string.format('%', 1)
return string.format('%y', 1)
return string.format('%#####d', 1)
return string.format(('%d'):rep(1e5))
return string.byte('x', -2^31, 2^31 - 1)
return #{string.byte(('x'):rep(1e6), 1, -1)}
return string.char(256)
return string.char(-1)
return string.char(unpack({}, 1, 7000))
return string.sub('x', -2^63, 2^63)
return string.dump(print or error)
return string.dump(function() end):sub(1, 4)
return tostring(setmetatable({}, {__tostring = function() error('x') end}))
return #tostring(2^1023 * 2)
return tonumber(('9'):rep(1e5))
return tonumber('0x' .. ('f'):rep(1e5))
return tonumber('zz', 36), tonumber('z', 99)
return ('x'):rep(1e7):upper():lower():reverse():len()
""",
)

_add(
    ENDING,
    "tables",
    r"""
return unpack({}, -2, 2^31 - 1)
return unpack({}, 1, 1e8)
return unpack({}, -2^31, 2^31 - 1)
return unpack({}, 2^31 - 2, 2^31 - 1)
return select('#', unpack({}, 1, 8001))
return select(-2^31, 1)
return select(2^31, 1)
return table.concat({}, 'x', 1, 1e9)
return table.concat({1, {}, 3})
return table.concat(setmetatable({}, {__index = function() return 'x' end}), '', 1, 10)
return table.concat({}, 'x', -2^31, -2^31)
return table.insert({}, 1, 2, 3)
return table.remove({}, -2^31)
return table.remove({}, 2^31)
return table.sort({3, 1, 2}, function() return true end)
return table.sort({3, 1, 'x'})
return table.sort({3, 1, 2}, function(a, b) error('x') end)
local t = {} for i = 1, 1000 do t[i] = i end table.sort(t, function(a, b) return math.random() < 0.5 end)
local t = {} for i = 1, 100 do t[i] = i end table.sort(t, function(a, b) t[1] = nil return a < b end)
local t = {1, 2, 3} table.foreach(t, function(k) t[k] = nil t[k + 10] = 1 end)
local t = {1, 2, 3} for k in pairs(t) do t[k] = nil collectgarbage() end
return next({}, 'absent')
local t = {} t[nil] = 1
local t = {} t[0/0] = 1
return rawset({}, nil, 1)
return rawget(nil, 1)
return table.maxn(setmetatable({}, {__len = function() return 2^53 end}))
return #setmetatable({}, {__len = function() return {} end})
return table.getn({n = 2^60})
table.setn({}, 1)
return ipairs(), pairs(nil)
return {unpack({}, 1, 250)}
""",
)

_add(
    ENDING,
    "recursion",
    r"""
local function f() return f() + 1 end return f()
local function f() pcall(f) end f()
local function f() return pcall(f) end return f()
local t = setmetatable({}, {}) getmetatable(t).__index = t return t.x
local a, b = setmetatable({}, {}), setmetatable({}, {}) getmetatable(a).__index = b getmetatable(b).__index = a return a.x
local t = setmetatable({}, {__index = function(t, k) return t[k] end}) return t.x
local t = setmetatable({}, {__newindex = function(t, k, v) t[k] = v end}) t.x = 1
local t = setmetatable({}, {}) getmetatable(t).__call = t return t()
local t = setmetatable({}, {__eq = function(a, b) return a == b end}) return t == setmetatable({}, getmetatable(t))
local t = setmetatable({}, {__concat = function(a, b) return a .. b end}) return t .. t
local t = setmetatable({}, {__unm = function(a) return -a end}) return -t
local t = setmetatable({}, {__lt = function(a, b) return a < b end}) return t < setmetatable({}, getmetatable(t))
local t = setmetatable({}, {__tostring = function(t) return tostring(t) end}) return tostring(t)
local function f() return coroutine.wrap(f)() end return f()
local t = {} t[1] = t return t
local t = {} for i = 1, 1e4 do t = {t} end return t
local t = {} for i = 1, 1e5 do t = {err = t} end return t
return loadstring('return ' .. ('('):rep(1e5) .. '1' .. (')'):rep(1e5))
return loadstring(('{'):rep(1e5))
return loadstring(('do '):rep(1e5))
return loadstring('local ' .. ('a,'):rep(300) .. 'a')
return loadstring('return ' .. ('-'):rep(199) .. '1')
return loadstring('return ' .. ('not '):rep(1e5) .. '1')
return loadstring(('a.'):rep(1e5) .. 'a = 1')
local function f(n) return string.gsub('x', 'x', function() return f(n + 1) end) end return f(1)
local function f() table.sort({1, 2}, f) end f()
local function f() xpcall(f, f) end f()
""",
)

_add(
    ENDING,
    "errors",
    r"""
error()
error(nil)
error({})
error({err = {}})
error({err = 1})
error(setmetatable({}, {__tostring = function() error('x') end}))
error(setmetatable({}, {__index = function() error('x') end}))
error(function() end)
error(coroutine.create(function() end))
error(('x'):rep(1e7))
error('x', -2^31)
error('x', 2^31)
error('x\0y\r\nz')
return xpcall(error, error)
return xpcall(function() error('a') end, function() error('b') end)
return xpcall(nil, nil)
return pcall()
return pcall(nil)
return pcall(pcall, pcall, pcall, error)
return redis.error_reply({})
return redis.error_reply(('x'):rep(1e6))
return redis.pcall()
return redis.call()
return redis.call({})
return redis.call(nil, nil)
return redis.call('GET', {})
return redis.call('GET', 0/0)
return redis.call(unpack({}, 1, 7000))
return redis.call('\0')
return redis.call(('x'):rep(1e6))
assert(false)
assert(nil, {})
return assert()
return redis.call('EVAL', 'return 1', 0)
return redis.call('DEBUG', 'SEGFAULT')
return redis.call('SHUTDOWN', 'NOSAVE')
return redis.call('SCRIPT', 'FLUSH')
return redis.call('CONFIG', 'SET', 'dir', '/')
return redis.call('CLIENT', 'KILL', 'TYPE', 'normal')
return redis.call('MULTI')
return redis.call('SUBSCRIBE', 'x')
return redis.call('BLPOP', 'x', 0)
return redis.call('SAVE')
return redis.log(1)
return redis.log(99, 'x')
return redis.log(0/0, 'x')
return redis.setresp(4)
return redis.set_repl(2^40)
return redis.sha1hex()
""",
)

_add(
    ENDING,
    "coroutines",
    r"""
return coroutine.resume(coroutine.running())
local c c = coroutine.create(function() return coroutine.resume(c) end) return coroutine.resume(c)
local c c = coroutine.wrap(function() return c() end) return c()
coroutine.yield()
return coroutine.wrap(function() error({}) end)()
return coroutine.resume(coroutine.create(function() coroutine.yield(unpack({}, 1, 7000)) end))
local t = {} for i = 1, 1e4 do t[i] = coroutine.create(function() coroutine.yield() end) coroutine.resume(t[i]) end
return coroutine.wrap(pcall)
return coroutine.create(redis.call)
return coroutine.wrap(function() return redis.call('GET', 'k') end)()
return coroutine.wrap(function() return pcall(coroutine.yield) end)()
return coroutine.wrap(function() table.sort({1, 2, 3}, coroutine.yield) end)()
return coroutine.wrap(function() return string.gsub('x', 'x', coroutine.yield) end)()
return coroutine.status(nil)
return setmetatable({}, {__index = coroutine.yield}).x
""",
)

_add(
    ENDING,
    "garbage",
    r"""
collectgarbage('setstepmul', 0)
collectgarbage('setpause', 0)
collectgarbage('step', -1)
collectgarbage('step', 2^31)
collectgarbage('x')
collectgarbage('stop') for i = 1, 1e5 do local t = {} end
setmetatable({}, {__gc = function() while true do end end}) collectgarbage()
setmetatable({}, {__mode = 'kv', __gc = error}) collectgarbage()
for i = 1, 100 do collectgarbage() end
return newproxy(true)
""",
)

_add(
    ENDING,
    "bytecode",
    r"""
return loadstring(string.dump(function() end))
return loadstring('\27Lua')
return loadstring('\27')
return load(function() return '\27Lua' end)
local s = '\27Lua' return load(function() local p = s s = nil return p end)
return loadstring('\27LuaQ\0\1\4\8\4\8\0' .. ('\255'):rep(1000))
return load(function() return {} end)
return load(function() error('x') end)
return load(coroutine.yield)
""",
)

_add(
    ENDING,
    "libraries",
    r"""
return cjson.decode(('['):rep(1e5))
return cjson.decode(('{"a":'):rep(1e5))
return cjson.decode('[' .. ('1,'):rep(1e5) .. '1]')
return cjson.decode('"' .. ('\\u0000'):rep(1e4) .. '"')
return cjson.decode('"\\ud800"')
return cjson.decode('1e999999')
return cjson.decode('-')
return cjson.decode('')
return cjson.decode({})
return cjson.encode({[1] = 1, [1e9] = 1})
return cjson.encode({[2^53] = 1})
return cjson.encode(0/0)
return cjson.encode(1/0)
return cjson.encode(function() end)
local t = {} t[1] = t return cjson.encode(t)
local t = {} for i = 1, 2000 do t = {t} end return cjson.encode(t)
return cjson.encode({[{}] = 1})
cjson.encode_max_depth(2^31)
cjson.encode_sparse_array(true, -1, -1)
cjson.decode_max_depth(0)
return cmsgpack.unpack(('\221\255\255\255\255'))
return cmsgpack.unpack('\219\255\255\255\255x')
return cmsgpack.unpack('\223\255\255\255\255')
return cmsgpack.unpack(('\145'):rep(1e5))
return cmsgpack.unpack('\193')
return cmsgpack.unpack('')
return cmsgpack.unpack_limit('\1\2\3', -1)
return cmsgpack.unpack_one('\1', 2^31)
local t = {} t[1] = t return #cmsgpack.pack(t)
return cmsgpack.pack(function() end)
return cmsgpack.pack()
return struct.pack('i99', 1)
return struct.pack(('i4'):rep(1e4))
return struct.pack('>!9i', 1)
return struct.unpack('s', ('x'):rep(1e5))
return struct.unpack('i4', 'x')
return struct.unpack('c0', '')
return struct.unpack('i4', 'xxxx', -2^31)
return struct.unpack('i4', 'xxxx', 2^31)
return struct.pack('c2147483647', 'x')
return struct.size('i2147483647')
return struct.size(('c1000000'):rep(1000))
return bit.lshift(1, 2^40), bit.rol(2^53, -1), bit.tohex(1, -2^31)
return bit.band()
return bit.tobit(0/0)
return math.random(2^31, -2^31)
return math.random(0)
math.randomseed(0/0)
return math.fmod(1, 0), math.ldexp(1, 2^31)
""",
)

_add(
    ENDING,
    "replies",
    r"""
local t = {} for i = 1, 1e5 do t[i] = i end return t
local t = {} for i = 1, 1e4 do t[i] = {} end return t
return {{{{{{{{{{}}}}}}}}}}
return ('x'):rep(1e7)
return {err = ('x'):rep(1e6)}
return {ok = 'x\r\ny'}
return {double = 0/0}
return {map = {[{}] = 1}}
return {set = {}}
return {big_number = ('9'):rep(1e5)}
return {verbatim_string = {format = {}, string = {}}}
return setmetatable({}, {__index = function() return 1 end})
return setmetatable({1, 2}, {__len = function() return 2^31 end})
return {1, setmetatable({}, {__index = function() while true do end end})}
return {[0] = setmetatable({}, {__index = function() while true do end end})}
return {map = {[setmetatable({}, {__tostring = function() while true do end end})] = 1.5}}
return {map = _G}
return {set = redis}
return function() end
return redis
return _G
return 2^63, -2^63, 0/0
return 0/0
return 1/0
redis.setresp(3) return redis.call('HGETALL', 'h')
""",
)

_add(
    ENDING,
    "long code",
    r"""
return loadstring('local s = ... while s do s = nil ' .. ('s:find(s) '):rep(25000) .. 'end')('x')
return loadstring('while f do ' .. ('if x then return f(x) end '):rep(18000) .. 'end')
return loadstring('while f do ' .. ("redis.call('PING') "):rep(32000) .. 'end')
return loadstring('local x = {' .. ('1, '):rep(5e4) .. '} return #x')()
return loadstring(('local a = redis.call '):rep(199) .. ('return a() '):rep(1))
return loadstring(("local function f(s) return s:find('x') end "):rep(199) .. 'return f')()('x')
return loadstring(('do local call = redis.call end '):rep(3000))()
""",
)

_add(
    ENDLESS,
    "loops",
    r"""
while true do end
while true do local t = {} end
for i = 1, math.huge do end
repeat until false
local function f() return f() end return f()
while true do pcall(error) end
while true do pcall(function() while true do end end) end
while true do xpcall(error, function() while true do end end) end
while true do coroutine.wrap(function() end)() end
coroutine.wrap(function() while true do end end)()
while true do redis.call('GET', 'k') end
while true do redis.pcall('INCR', 'k') end
while true do redis.call('SET', 'n', 1) end
while true do redis.call('ECHO', ('x'):rep(1000)) end
while true do string.rep('x', 1000) end
while true do cjson.encode({1, 2}) cjson.decode('[1]') end
while true do cmsgpack.unpack(cmsgpack.pack(1)) end
while true do struct.unpack('i4', struct.pack('i4', 1)) end
while true do loadstring('return 1')() end
while true do table.sort({3, 2, 1}, function(a, b) return a < b end) end
while true do string.gsub('abc', '%w', string.upper) end
table.sort({1, 2, 3}, function() while true do end end)
string.gsub('x', 'x', function() while true do end end)
return setmetatable({}, {__index = function() while true do end end}).x
return tostring(setmetatable({}, {__tostring = function() while true do end end}))
for _ in function() return 1 end do end
for _ in string.gmatch(('x'):rep(1e6), '') do while true do end end
local c = coroutine.wrap(function() while true do coroutine.yield() end end) while true do c() end
local t = setmetatable({}, {}) getmetatable(t).__call = function(...) return t(...) end return t()
while true do collectgarbage('step') end
local t = setmetatable({}, {__call = function(t) return t() end}) return t() + 1
load(function() while true do end end)
local code = ("f = function(s) return s:find(redis.call('GET', s)) end "):rep(3e4) while true do loadstring(code) end
""",
)

_add(
    ENDLESS,
    "single calls",
    r"""
string.find(('a'):rep(150), ('a-'):rep(20) .. 'b')
string.match(('a'):rep(150), ('a*'):rep(20) .. 'b')
string.gsub(('a'):rep(150), ('a-'):rep(20) .. 'b', '')
for _ in string.gmatch(('a'):rep(150), ('a?'):rep(90) .. ('a'):rep(150) .. 'b') do end
table.insert({}, -2^31, 1)
table.insert({}, 2^31, 1)
while true do pcall(string.find, ('a'):rep(150), ('a-'):rep(20) .. 'b') end
coroutine.wrap(function() string.find(('a'):rep(150), ('a-'):rep(20) .. 'b') end)()
""",
)

_add(
    ENDLESS,
    "outputs",
    r"""
while true do redis.log(redis.LOG_WARNING, 'x') end
while true do redis.log(redis.LOG_WARNING, ('x'):rep(1e6)) end
while true do redis.log(redis.LOG_WARNING, ('\0'):rep(1e5)) end
while true do redis.log(redis.LOG_DEBUG, {}, 'x', 1) end
while true do redis.debug('x', {1, {2}}) end
while true do redis.breakpoint() end
while true do pcall(redis.log, redis.LOG_WARNING, 'x') end
while true do pcall(redis.call, 'PUBLISH', 'c', ('x'):rep(1e5)) end
""",
)

_add(
    BOMBS,
    "long strings",
    r"""
local s = 'x' while true do s = s .. s end
local s = string.rep('x', 2^31) return #s
return #('x'):rep(1e15)
return #('x'):rep(-1e15)
return pcall(string.rep, ('x'):rep(1e6), 1e6)
local t = {} while true do t[#t + 1] = ('x'):rep(1e6) .. #t end
local s = '' for i = 1, 1e9 do s = s .. ('x'):rep(1e6) end
return #string.gsub(('x'):rep(1e6), 'x', ('y'):rep(1e6))
return #string.gsub(('x'):rep(1e5), 'x', function() return ('y'):rep(1e5) end)
return #string.gsub(('x'):rep(1e5), 'x', {x = ('y'):rep(1e5)})
return #string.gsub(('x'):rep(1e4), '(x)', ('%1'):rep(4e4))
local t = {} for i = 1, 1e4 do t[i] = 'x' end return #table.concat(t, ('z'):rep(1e6))
local s = ('x'):rep(1e7) return #string.format(('%s'):rep(100), unpack((function() local t = {} for i = 1, 100 do t[i] = s end return t end)()))
return #string.format('%q', ('\0'):rep(1.5e7)):rep(100)
local s = ('x'):rep(1e7) while true do s = s:upper() .. s:lower() .. s:reverse() end
return #string.char(unpack({('x'):rep(3e7):byte(1, 7000)})):rep(1e6)
return #tostring(setmetatable({}, {__tostring = function() return ('x'):rep(2e7):rep(100) end}))
local t = setmetatable({}, {__concat = function(a, b) return ('x'):rep(2e7) .. ('x'):rep(2e7) end}) local s = '' for i = 1, 1e3 do s = s .. (t .. t) end
return pcall(function() local s = 'x' while true do s = s .. s end end)
while true do pcall(function() local s = 'x' while true do s = s .. s end end) end
return xpcall(function() local s = 'x' while true do s = s .. s end end, function(e) while true do e = e .. e end end)
return coroutine.wrap(function() local s = 'x' while true do s = s .. s end end)()
return select(2, coroutine.resume(coroutine.create(function() local s = 'x' while true do s = s .. s end end)))
local k, t = 2^25, {} while k > 1 do local ok, s = pcall(function() local s = 'x' while #s < k do s = s .. s end return s .. #t end) if ok then t[#t + 1] = s else k = k / 2 end end return redis.call('GET', 'k')
""",
)

_add(
    BOMBS,
    "many things",
    r"""
local t = {} while true do t[#t + 1] = {} end
local t = {} while true do t = {t} end
local t = {} while true do t = {t, t} end
local t = {} for i = 1, 1e9 do t[i] = i end
local t = {} for i = 1, 1e9 do t[i * 2^20] = i end
local t = {} for i = 1, 1e9 do t['k' .. i] = i end
local t = {} for i = 1, 1e9 do t[{}] = i end
local t = {} for i = 1, 1e9 do table.insert(t, 1.5) end
local t = {} for i = 1, 1e9 do t[i] = function() return i end end
local t = {} for i = 1, 1e9 do t[i] = coroutine.create(function() return i end) end
local t = {} for i = 1, 1e9 do t[i] = coroutine.wrap(function() coroutine.yield() end) t[i]() end
local t = {} for i = 1, 1e9 do t[i] = setmetatable({}, {__index = t}) end
local t = {} for i = 1, 1e9 do t[i] = loadstring('return ' .. i) end
local t = setmetatable({}, {__mode = 'k'}) for i = 1, 1e9 do t[i] = {} end
collectgarbage('stop') local t = {} while true do t[#t + 1] = {} end
collectgarbage('setpause', 1e9) local t = {} while true do t = {t} end
local t = {} t.__index = function(_, k) t[k] = {} return t[k] end setmetatable(t, t) for i = 1, 1e9 do local x = t[i] end
local t = {} string.gsub(('x'):rep(1e7), 'x', function() t[#t + 1] = {} end)
local t = {} table.sort({1, 2, 3, 4}, function(a, b) while true do t[#t + 1] = {} end end)
local t = {} return tostring(setmetatable({}, {__tostring = function() while true do t[#t + 1] = {} end end}))
while true do pcall(function() local t = {} while true do t[#t + 1] = {} end end) end
local t = {} local function f() t[#t + 1] = ('x'):rep(1e5) .. #t return f() end f()
local function f(s) return f(s .. s) end f('x')
local function f(...) return f(1, ...) end f()
local function f(...) local t = {...} t[#t + 1] = t return f(t, unpack(t)) end f()
local function f(n) local s = ('x'):rep(1e5) .. n return #(f(n + 1) .. s) end return f(1)
local function f(n) local t = {n, {n}, 'x' .. n} return f(n + 1), t end return f(1)
local function f() return coroutine.wrap(function() return ('x'):rep(1e5) .. f() end)() end return f()
local t = {} for k in string.gmatch(('ab'):rep(1e7), '.') do t[#t + 1] = {k} end
local s = {} load(function() s[#s + 1] = {} return 'x = 1 ' end)
return #loadstring('return {' .. ('{},'):rep(1e6) .. '}')()
return loadstring('return "' .. ('x'):rep(2e7) .. '"')
return loadstring(('x=1 '):rep(2e6))
local t = {} for i = 1, 1e9 do t[i] = string.dump(loadstring('return ' .. i)) end
""",
)

_add(
    BOMBS,
    "library calls",
    r"""
local t = {} for _ = 1, 40 do t = {t, t} end return cjson.encode(t)
local t = {} for i = 1, 1e6 do t[i] = 'x' end return #cjson.encode(t)
return #cjson.encode(('\0'):rep(1e7))
return #cjson.encode(('"'):rep(2e7))
local s, t = ('x'):rep(1e6), {} for i = 1, 1000 do t[i] = s end return #cjson.encode(t)
local s, t = ('x'):rep(1e6), {} for i = 1, 1000 do t[i] = s end return #cmsgpack.pack(t)
return #cjson.decode('[' .. ('[],'):rep(1e6) .. '1]')
return #cjson.decode('[' .. ('{"a":[]},'):rep(3e5) .. '1]')
return #cjson.decode('"' .. ('x'):rep(2e7) .. '"')
return #cjson.decode('[' .. ('1.5,'):rep(4e6) .. '1]')
while true do pcall(cjson.decode, '[' .. ('[],'):rep(1e6)) end
local t = {} while true do t[#t + 1] = cjson.decode('[[[]]]') end
local t = {} for _ = 1, 40 do t = {t, t} end return #cmsgpack.pack(t)
local t = {} for i = 1, 3e6 do t[i] = i end return #cmsgpack.pack(t)
return select('#', cmsgpack.unpack(('\192'):rep(1e6)))
return #cmsgpack.unpack('\221\0\15\66\64' .. ('\144'):rep(1e6))
local s = cmsgpack.pack(('x'):rep(1e6)) local t = {} while true do t[#t + 1] = cmsgpack.unpack(s) .. #t end
return #struct.pack(('i8'):rep(1e5))
return #struct.pack('s', ('x'):rep(3e7))
local t = {} while true do t[#t + 1] = struct.pack('i8i8i8', #t, 2, 3) end
return select('#', struct.unpack(('B'):rep(7000), ('x'):rep(7000)))
local t = {} while true do t[#t + 1] = redis.sha1hex(#t) end
return redis.sha1hex(('x'):rep(3e7))
local t = {} while true do t[#t + 1] = redis.error_reply(('x'):rep(1e6) .. #t) end
return redis.error_reply(('x'):rep(2e7))
return redis.status_reply(('x'):rep(2e7))
redis.log(redis.LOG_WARNING, ('x'):rep(2e7))
""",
)

_add(
    BOMBS,
    "commands",
    r"""
redis.call('SETRANGE', 'b', 536870911, 'x') local t = {} for i = 1, 100 do t[i] = redis.call('GETRANGE', 'b', i, -1) end
redis.call('SETRANGE', 'b', 536870911, 'x') return #redis.call('GET', 'b')
redis.call('SETRANGE', 'b', 536870912, 'x')
redis.call('SETBIT', 'b', 4294967295, 1) return redis.call('BITCOUNT', 'b')
redis.call('SETBIT', 'b', 4294967296, 1)
redis.call('BITFIELD', 'b', 'SET', 'u8', '4294967288', 255)
for i = 1, 1e9 do redis.call('SETRANGE', 'b' .. i, 1e8, 'x') end
for i = 1, 1e9 do redis.call('SET', 'b' .. i, ('x'):rep(1e6) .. i) end
redis.call('SET', 'b', 'x') while true do redis.call('APPEND', 'b', redis.call('GET', 'b')) end
redis.call('SET', 'b', ('x'):rep(1e6)) local t = {} while true do redis.call('APPEND', 'b', 'x') t[#t + 1] = redis.call('GET', 'b') end
redis.call('SET', 'b', ('x'):rep(1e7)) local t = {} for i = 1, 1000 do t[i] = redis.call('GETRANGE', 'b', i, -1) end
while true do redis.call('RPUSH', 'b', ('x'):rep(1e5) .. math.random()) end
while true do redis.call('RPUSH', 'b', unpack((function() local t = {} for i = 1, 7000 do t[i] = i end return t end)())) end
for i = 1, 1e9 do redis.call('HSET', 'b', i, ('x'):rep(1e5) .. i) end
for i = 1, 1e9 do redis.call('SADD', 'b', ('x'):rep(1e5) .. i) end
for i = 1, 1e9 do redis.call('ZADD', 'b', i, ('x'):rep(1e5) .. i) end
for i = 1, 1e9 do redis.call('XADD', 'b', '*', 'f', ('x'):rep(1e5) .. i) end
for i = 1, 1000 do redis.call('RPUSH', 'b', ('x'):rep(1e5) .. i) end local t = {} for i = 1, 1000 do t[i] = redis.call('LRANGE', 'b', 0, -1) t[i][1] = i end
for i = 1, 1000 do redis.call('RPUSH', 'b', ('x'):rep(1e4) .. i) end for i = 1, 1e9 do redis.call('COPY', 'b', 'b' .. i) end
for i = 1, 8 do redis.call('SETRANGE', 'b' .. i, 5e7 + i, 'x') end return #redis.call('MGET', 'b1', 'b2', 'b3', 'b4', 'b5', 'b6', 'b7', 'b8')
redis.call('SADD', 'b', ('x'):rep(1e6)) return #redis.call('SRANDMEMBER', 'b', -1000000)
redis.call('HSET', 'b', 'f', ('x'):rep(1e6)) return #redis.call('HRANDFIELD', 'b', -100000, 'WITHVALUES')
redis.call('SETRANGE', 'b', 1e8, 'x') local t = {} for i = 1, 100 do redis.call('BITOP', 'NOT', 'b' .. i, 'b') t[i] = redis.call('DUMP', 'b' .. i) end
redis.call('SET', 'b', ('a'):rep(1e5)) redis.call('SET', 'c', ('b'):rep(1e5)) return redis.call('LCS', 'b', 'c')
local a = {} for i = 1, 8000 do a[i] = ('x'):rep(5e3) .. i end redis.call('RPUSH', 'b', unpack(a, 1, 7000)) return #redis.call('LRANGE', 'b', 0, -1)
redis.call('ECHO', ('x'):rep(3e7)) return #redis.call('ECHO', ('x'):rep(3e7))
redis.call('PUBLISH', 'c', ('x'):rep(3e7))
local s, t = ('x'):rep(3e7), {} for i = 1, 7000 do t[i] = s end return redis.pcall('DEL', unpack(t))
local s, t = ('x'):rep(3e7), {} for i = 1, 60 do t[i] = s end return redis.pcall('DEL', unpack(t))
local s, t = ('x'):rep(3e7), {} for i = 1, 60 do t[i] = s end return redis.acl_check_cmd('DEL', unpack(t))
local s, t = ('x'):rep(3e7), {} for i = 1, 60 do t[i] = s end redis.log(redis.LOG_WARNING, unpack(t))
return redis.call(('x'):rep(3e7))
return redis.pcall('GET', ('x'):rep(3e7))
return redis.pcall('SET', 'b', ('x'):rep(3e7), ('y'):rep(3e6))
return redis.pcall('EVAL', ('x'):rep(3e7), 0)
return redis.pcall('RESTORE', 'b', 0, ('x'):rep(3e7))
local t = {} while true do t[#t + 1] = redis.pcall('INCR', 'h') end
local t = {} while true do t[#t + 1] = redis.call('HGETALL', 'h') end
local t = {} while true do t[#t + 1] = redis.call('LRANGE', 'l', 0, -1) end
redis.setresp(3) local t = {} while true do t[#t + 1] = redis.call('HGETALL', 'h') end
""",
)

_add(
    BOMBS,
    "patterns of many parts",
    r"""
return string.find(('a'):rep(1e7), ('a*'):rep(1e7))
return ('a'):rep(4e6):match(('a?'):rep(4e6))
return ('a'):rep(4e6):gsub(('a-'):rep(4e6), '')
for _ in ('a'):rep(4e6):gmatch(('[ab]*'):rep(4e6)) do end
local f = string.find for i = 1, 9 do f('x', 'x') end return f(('a'):rep(4e6), ('%a*'):rep(4e6))
local s = 'a*' for _ = 1, 22 do s = s .. s end return s:find(s)
return pcall(string.gsub, ('a'):rep(4e6), ('a+'):rep(4e6), function() end)
return ('a'):rep(16000):find(('a*'):rep(16000))
return ('a'):rep(4e6):find(('a'):rep(4e6)), ('a*'):rep(4e6):find(('a*'):rep(4e6), 1, true)
""",
)

_add(
    BOMBS,
    "giant replies",
    r"""
local t = {} for _ = 1, 40 do t = {t, t} end return t
local t = {} for i = 1, 1e6 do t[i] = i end return t
local t = {} for i = 1, 3e5 do t[i] = {i} end return t
local t = {} for i = 1, 2000 do t = {t} end return t
local t = {} for i = 1, 1e5 do t = {t} end return t
local t = {} for i = 1, 1e5 do t = {map = {x = t}} end return t
local t = {} for i = 1, 1e6 do t = {set = {[t] = true}} end return t
local s, t = ('x'):rep(1e6), {} for i = 1, 2e3 do t[i] = s end return t
local s, t = ('x'):rep(3e7), {} for i = 1, 1e6 do t[i] = s end return t
local s = ('x'):rep(3e7) local t = {} for i = 1, 100 do t[i] = {map = {[s] = s}} end return t
return ('\0\255'):rep(1e7)
return {verbatim_string = {format = 'txt', string = ('x'):rep(2e7)}}
return {big_number = ('9'):rep(2e7)}
return {err = ('x'):rep(2e7)}
local t = {} for i = 1, 1e5 do t[i] = {err = 'x'} end return t
local e, t = {err = ('x'):rep(1e7)}, {} for i = 1, 1000 do t[i] = e end return t
local e, t = {ok = ('x'):rep(1e7)}, {} for i = 1, 1000 do t[i] = e end return t
local e, t = {big_number = ('9'):rep(1e7)}, {} for i = 1, 1000 do t[i] = e end return t
local e, t = {verbatim_string = {format = 'txt', string = ('x'):rep(1e7)}}, {} for i = 1, 1000 do t[i] = e end return t
redis.setresp(3) local m = {} for i = 1, 2e5 do m[i] = i end return {map = m}
redis.setresp(3) local m = {} for i = 1, 2e5 do m[{}] = true end return {set = m}
redis.setresp(3) return {double = 1e308}, {map = {map = {}}}
""",
)

_add(
    BOMBS,
    "to the brim",
    r"""
local s = ('x'):rep(2^20) for i = 1, 12 do local n = s .. s s = n for j = 1, 20 do s = s .. ('y'):rep(2^16) redis.call('GET', 'k') end end return #s
local s, t = ('x'):rep(1e6), {} for i = 1, 400 do t[i] = s end local n = table.concat(t, '', 1, 300) return redis.call('GET', 'k') .. #n
local s, t = ('x'):rep(1e6), {} for i = 1, 1000 do t[i] = s end for n = 250, 330 do pcall(table.concat, t, '', 1, n) redis.call('GET', 'k') redis.call('HGETALL', 'h') end
local s, t = ('x'):rep(1e6), {} for i = 1, 1000 do t[i] = s end for n = 250, 330 do local _, u = pcall(table.concat, t, '', 1, n) redis.call('LRANGE', 'l', 0, -1) redis.call('SCAN', 0) end
local s = ('x'):rep(1e7) for n = 1, 100 do local ok, u = pcall(string.gsub, s, '.', ('y'):rep(n)) redis.call('INCR', 'n') end
local s = ('x'):rep(1e7) while true do local ok, u = pcall(function() s = s .. s .. ('x'):rep(2^16) end) redis.sha1hex('x') struct.pack('>d', 1.5) end
local s = ('x'):rep(2^24) for i = 1, 40 do s = s .. ('x'):rep(2^23 - 100 * i) cjson.decode('"\\n\\u0041 and more than a few words of text"') redis.call('PING') end
local s = ('x'):rep(2^24) for i = 1, 80 do s = s .. s:sub(1, 2^22) cmsgpack.pack({1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5, 8.5}) end return #s
local s = ('x'):rep(2^24) for i = 1, 80 do s = s .. s:sub(1, 2^22) redis.pcall('NOSUCH', i) redis.pcall('OBJECT', 'ENCODING', 'k') end return #s
local s = ('x'):rep(2^24) for i = 1, 80 do s = s .. s:sub(1, 2^22) loadstring('return redis.call("GET", "k")')() end return #s
local s = ('x'):rep(2^24) for i = 1, 80 do s = s .. s:sub(1, 2^22) redis.acl_check_cmd('GET', 'k') redis.error_reply('x') end return #s
local f, s, t = ("%s"):rep(40), ("x"):rep(2e6), {} for i = 1, 40 do t[i] = s pcall(string.format, f:sub(1, 2 * i), unpack(t)) redis.call("GET", "k") end
""",
)

_add(
    BOMBS,
    "depth",
    r"""
redis.call('SETRANGE', 'b', 3e6, 'x') local d = 0 local call = redis.call call('GET', 'k') call('GETRANGE', 'b', 0, 1) local function f() d = d + 1 if d == 196 then for i = 1, 30 do call('OBJECT', 'ENCODING', 'k') end end if d >= 197 then for i = 1, 30 do call('GETRANGE', 'b', i, i + 1e6) end end pcall(f) end f() return d
redis.call('SETRANGE', 'b', 3e6, 'x') local d = 0 local function f() d = d + 1 if d >= 190 then for i = 1, 9 do redis.pcall('NOSUCH', i) redis.pcall('CONFIG', 'GET', 'x') redis.pcall('GETRANGE', 'b', i, i + 1e6) end end pcall(f) end f() return d
redis.call('SETRANGE', 'b', 3e6, 'x') local d = 0 local function g() d = d + 1 if d > 16360 then redis.call('OBJECT', 'ENCODING', 'k') redis.call('GETRANGE', 'b', d, d + 1e6) end return 1 + g() end pcall(g) return d
redis.call('SETRANGE', 'b', 3e6, 'x') local m = {} m.__index = function(t, k) redis.call('OBJECT', 'ENCODING', 'k') redis.call('GETRANGE', 'b', k, k + 1e6) return t[k + 1] end local ok, e = pcall(function() return setmetatable({}, m)[1] end) return tostring(ok)
local d = 0 local function f() d = d + 1 struct.pack('>d' .. ('f'):rep(d % 20), 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20) local t = {} for i = 1, 2000 do t[i] = 'x' .. i end redis.call('GET', 'k') pcall(f) end f() return d
local d = 0 local function f(a, b) d = d + 1 if d < 190 then local t = {3, 2, 1} pcall(table.sort, t, f) end redis.call('MGET', 'k', 'k') redis.call('OBJECT', 'ENCODING', 'k') return false end pcall(f) return d
local d = 0 local function f() d = d + 1 redis.call('HGETALL', 'h') if d < 300 then local _ = ('x'):gsub('.', f) end end pcall(f) return d
local function f(n) redis.call('GET', 'k') return coroutine.wrap(function() return f(n + 1) end)() end local ok, e = pcall(f, 1) return tostring(ok)
local cs = {} for i = 1, 1e5 do local c = coroutine.create(function(...) local t = {...} coroutine.yield(redis.call('GET', 'k')) end) cs[i] = c coroutine.resume(c, unpack({}, 1, 200)) end
local cs = {} for i = 1, 1e5 do cs[i] = coroutine.wrap(function() local function deep(n) if n > 0 then return 1 + deep(n - 1) end coroutine.yield(1) end deep(1000) end) cs[i]() end
local c c = coroutine.wrap(function() while true do local s = ('x'):rep(1e6) .. tostring({}) coroutine.yield(s) end end) local t = {} while true do t[#t + 1] = c() end
xpcall(function() local s = ('x'):rep(2e7) error(s .. s) end, function(e) return redis.call('GET', 'k') .. e .. e end)
""",
)

_add(
    BOMBS,
    "many of one",
    r"""
redis.call('SETRANGE', 'b', 536870911, 'x') return #redis.call('MGET', 'b', 'b', 'b', 'b', 'b', 'b', 'b', 'b')
redis.call('SETRANGE', 'b', 2e7, 'x') local ks = {} for i = 1, 200 do ks[i] = 'b' end return #redis.call('MGET', unpack(ks))
redis.call('SETRANGE', 'bx', 2e7, 'x') for i = 1, 300 do redis.call('RPUSH', 'r', 'x') end return #redis.call('SORT', 'r', 'BY', 'nosort', 'GET', 'b*')
redis.call('SETRANGE', 'bx', 2e7, 'x') for i = 1, 300 do redis.call('RPUSH', 'r', 'x') end redis.call('SORT', 'r', 'BY', 'nosort', 'GET', 'b*', 'STORE', 's') return #redis.call('LRANGE', 's', 0, -1)
redis.call('SETRANGE', 'bx', 2e7, 'x') for i = 1, 300 do redis.call('RPUSH', 'r', 'x') end redis.call('SORT', 'r', 'BY', 'nosort', 'GET', 'b*', 'STORE', 's') return #redis.call('LPOP', 's', 300)
local s = ('x'):rep(4e6) redis.call('HSET', 'g', 'f', s) local fs = {} for i = 1, 240 do fs[i] = 'f' end return #redis.call('HMGET', 'g', unpack(fs))
local s = ('x'):rep(4e6) redis.call('HSET', 'g', 'f', s) return #redis.call('HRANDFIELD', 'g', -400, 'WITHVALUES')
local s = ('x'):rep(4e6) redis.call('SADD', 'g', s) return #redis.call('SRANDMEMBER', 'g', -1000)
local s = ('x'):rep(4e6) redis.call('ZADD', 'g', 1, s) return #redis.call('ZRANDMEMBER', 'g', -1000, 'WITHSCORES')
local s = ('x'):rep(4e6) for i = 1, 100 do redis.call('RPUSH', 'g', s) end local t = {} while true do t[#t + 1] = redis.call('LRANGE', 'g', 0, -1) end
local s = ('x'):rep(4e6) for i = 1, 100 do redis.call('RPUSH', 'g', s, i) end local t = {} while true do t[#t + 1] = redis.call('LMOVE', 'g', 'g', 'LEFT', 'RIGHT') end
local s = ('x'):rep(4e6) for i = 1, 30 do redis.call('SET', s .. i, 1) end return #redis.call('KEYS', '*')
local s = ('x'):rep(4e6) for i = 1, 30 do redis.call('SET', s .. i, 1) end return redis.call('SCAN', 0, 'COUNT', 1000)
local s = ('x'):rep(4e6) for i = 1, 60 do redis.call('XADD', 'g', '*', 'f', s) end return #redis.call('XRANGE', 'g', '-', '+')
local s = ('x'):rep(4e6) for i = 1, 60 do redis.call('XADD', 'g', '*', 'f', s) end redis.setresp(3) return redis.call('XREAD', 'STREAMS', 'g', 0)
local s = ('x'):rep(4e6) for i = 1, 60 do redis.call('HSET', 'g', i, s) end redis.setresp(3) local t = {} while true do t[#t + 1] = redis.call('HGETALL', 'g') end
local s = ('x'):rep(65000) for i = 1, 900 do redis.call('RPUSH', 'g', s) end local t = {} while true do t[#t + 1] = redis.call('LRANGE', 'g', 0, -1) end
redis.call('SETRANGE', 'b', 65534, 'x') local t = {} for i = 1, 1e5 do t[i] = redis.call('GET', 'b') .. i end
redis.call('SETRANGE', 'b', 70000, 'x') local t = {} for i = 1, 1e5 do t[i] = redis.call('GETRANGE', 'b', i % 1000, -1) .. i end
local s = ('x'):rep(65000) local ws = {} for i = 1, 200 do ws[i] = s end redis.call('RPUSH', 'g', unpack(ws)) for i = 1, 60 do redis.call('COPY', 'g', 'c' .. i) end local t = {} for i = 1, 60 do t[i] = redis.call('LRANGE', 'c' .. i, 0, -1) end
""",
)

_add(
    BOMBS,
    "giant words",
    r"""
local s = ('x'):rep(3e7) return redis.call(s)
local s = ('x'):rep(3e7) return redis.pcall('GET', s, s, s)
local s = ('x'):rep(3e7) return redis.pcall('CONFIG', s)
local s = ('x'):rep(3e7) return redis.pcall('EVAL', s, 0)
local s = ('x'):rep(3e7) return redis.pcall('FUNCTION', 'LOAD', s)
local s = ('x'):rep(3e7) return redis.pcall('PUBLISH', s, s)
local s = ('x'):rep(3e7) return redis.pcall('OBJECT', 'ENCODING', s)
local s = ('x'):rep(3e7) return redis.acl_check_cmd('GET', s)
local s = ('x'):rep(3e7) error({err = s})
local s = ('x'):rep(3e7) error(s)
local s = ('x'):rep(3e7) redis.call('SET', 'a', s) return {redis.call('GET', 'a'), redis.call('GET', 'a')}
local s = ('x'):rep(3e7) redis.call('SET', 'a', s) redis.call('SET', 'c', s) return #redis.pcall('LCS', 'a', 'c')
local s = ('x'):rep(3e7) redis.call('SET', 'a', s) local d = redis.call('DUMP', 'a') for i = 1, 50 do redis.call('RESTORE', 'r' .. i, 0, d) end local t = {} for i = 1, 50 do t[i] = redis.call('GET', 'r' .. i) .. i end
local s = ('x'):rep(3e7) redis.call('SET', 'a', s) for i = 1, 9 do redis.call('BITOP', 'NOT', 'n' .. i, 'a') end local t = {} for i = 1, 9 do t[i] = redis.call('GET', 'n' .. i) .. i end
local s = ('x'):rep(3e7) for i = 1, 100 do redis.call('APPEND', 'a', s) end local t = {} for i = 1, 100 do t[i] = redis.call('GETRANGE', 'a', -i, -1) end return #redis.call('GET', 'a')
local s = ('x'):rep(3e7) for i = 1, 40 do redis.call('SETEX', 'e' .. i, 100, s) redis.call('GETDEL', 'e' .. i) redis.call('GETSET', 'e', s) end
return loadstring(('local x = 1 '):rep(1e6))
return loadstring('return "' .. ('x'):rep(3e7) .. '"')()
return loadstring('return [[' .. ('[[x'):rep(1e6) .. ']]')()
local t = {} for i = 1, 1e6 do t[i] = 'x' end return #loadstring('return {' .. table.concat(t, ',') .. '}')()
return load(function() return ('x = 1 '):rep(1e6) end)
local s = ('\\n'):rep(2e7) return #cjson.decode('"' .. s .. '"')
local s = ('x'):rep(2e7) local t = {} for i = 1, 40 do t[s:sub(1, i) .. s] = 1 end return #cjson.encode(t)
local s = cmsgpack.pack(('x'):rep(2e7)) local t = {} for i = 1, 40 do t[i] = cmsgpack.unpack(s) .. i end
local t = {} for i = 1, 1e6 do t[i] = i end return #cmsgpack.unpack(cmsgpack.pack(t))
return #struct.pack(('d'):rep(2000), unpack({}, 1, 1), 1)
for i = 1, 400 do redis.pcall('SETBIT', 'bits' .. i, 2^32 - 1, 1) end
for i = 1, 40 do redis.pcall('BITFIELD', 'bits' .. i, 'SET', 'u8', 2^32 - 9, 255) end return #redis.call('GET', 'bits1')
""",
)
