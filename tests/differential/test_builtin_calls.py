"""Library functions answer any arguments as redis-server 8.2.3 does, wherever they are called."""

from __future__ import annotations

import random

import pytest

from tests.differential.both import both_sides
from tests.servers import Server

pytestmark = pytest.mark.reference

CALLS = 1500

PRELUDE = r"""
math.randomseed(1)
local T = coroutine.create(function() coroutine.yield(1) return 2 end)
local function F(...) return ... end
local function D(v, d)
  local t = type(v)
  if t == 'table' then
    if v == _G then return '_G' end
    if (d or 0) > 3 then return '{..}' end
    local k = {}
    for x, y in pairs(v) do k[#k + 1] = D(x, 9) .. '=' .. D(y, (d or 0) + 1) end
    table.sort(k)
    local m = getmetatable(v)
    return '{' .. table.concat(k, ',') .. '}' .. (m and ('M' .. D(m, 3)) or '')
  elseif t == 'number' then return string.format('%.17g', v)
  elseif t == 'string' or t == 'boolean' or t == 'nil' then return t .. ':' .. tostring(v)
  end
  return t
end
local function A(...)
  local r = {}
  for i = 1, select('#', ...) do r[i] = D((select(i, ...))) end
  return table.concat(r, ' | ')
end
"""

#: Arguments; none has a space in it.
VALUES = r"""
nil true false 0 1 -1 2 3.7 -3.7 1e15 2^53 2^31 -2^31 2^63 1e300 0/0 1/0 -1/0
'' 'a' 'abc' '12' '0x10' '1e2' 'a\0b' '%d' '%s' '(a)(b)' '%1' '[a' '(' ')' '%' '.*' '^a' 'a-' '()'
'%b()' '%f[a]' {} {1,2,3} {3,1,2} {'b','a'} {a=1} {1,nil,3} {{}} {n=5} {[1.5]=2} redis string
math _G os F T ('x'):rep(300) tostring KEYS ARGV coroutine.create(F)
setmetatable({},{__index=function(t,k)return(k)end}) setmetatable({},{__metatable='locked'})
setmetatable({},{__tostring=function()return("TS")end})
setmetatable({},{__len=function()return(9)end})
setmetatable({},{__call=function(...)return(select('#',...))end})
setmetatable({},{__eq=function()return(true)end})
""".split()  # noqa: SIM905

FUNCTIONS = """
assert error getmetatable ipairs load loadstring next pairs pcall rawequal rawget rawset select
setmetatable tonumber tostring type unpack xpcall getfenv setfenv newproxy print dofile require
string.byte string.char string.dump string.find string.format string.gfind string.gmatch string.gsub
string.len string.lower string.match string.rep string.reverse string.sub string.upper table.concat
table.foreach table.foreachi table.getn table.insert table.maxn table.remove table.setn table.sort
math.abs math.acos math.asin math.atan math.atan2 math.ceil math.cos math.cosh math.deg math.exp
math.floor math.fmod math.frexp math.ldexp math.log math.log10 math.max math.min math.mod math.modf
math.pow math.rad math.random math.randomseed math.sin math.sinh math.sqrt math.tan math.tanh
coroutine.create coroutine.resume coroutine.running coroutine.status coroutine.wrap coroutine.yield
redis.sha1hex redis.error_reply redis.status_reply redis.log redis.setresp redis.set_repl
redis.acl_check_cmd redis.breakpoint redis.debug redis.replicate_commands redis.call redis.pcall
redis.register_function bit.band bit.tohex cjson.encode cjson.decode struct.pack struct.unpack
""".split()  # noqa: SIM905

FORMS = (
    "return A({f}({a}))",
    "return {f}({a})",
    "return A(pcall({f}, {a}))",
    "return A(pcall(function() return {f}({a}) end))",
    "local x = {f}\nreturn A(x({a}))",
    "local t = {{f = {f}}} return t.f({a})",
    "local ok, e = pcall(function()\n local v = {f}({a})\n return A(v) end) return A(ok, e)",
    "return A(xpcall(function() return {f}({a}) end, function(e) return A('H', e) end))",
    "local co = coroutine.wrap(function() return {f}({a}) end) return A(co())",
    "return A(coroutine.resume(coroutine.create(function() return {f}({a}) end)))",
)


def call(rng: random.Random) -> str:
    """Write a call of one function with some arguments."""
    arguments = rng.choices(VALUES, k=rng.choice((0, 1, 1, 2, 2, 2, 3, 3, 4)))
    form = rng.choice(FORMS if arguments else FORMS[:2])
    return PRELUDE + form.format(f=rng.choice(FUNCTIONS), a=", ".join(arguments))


@pytest.mark.parametrize("resp", ["2", "3"])
def test_calls_answer_the_same(reference_server: Server, resp: str) -> None:
    rng = random.Random(resp)
    with both_sides(reference_server) as both:
        both.run([("HELLO", resp)])
        for _ in range(CALLS):
            script = call(rng)
            assert not both.run([("EVAL", script, "1", "key", "argument")]), script
