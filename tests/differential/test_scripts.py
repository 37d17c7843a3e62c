"""Generated scripts give the same typed replies as redis-server 8.2.3, in RESP2 and RESP3."""

from __future__ import annotations

import random

import pytest

from tests.resp_client import Reply, RespClient
from tests.servers import Server

pytestmark = pytest.mark.reference

SCRIPTS_PER_SEED = 150

SCALARS = r"""
nil true false 0 1 -1 3.99 -3.99 1e15 2^53 2^62 2^63 -2^63 1e300 0/0 1/0 -1/0 -0 '' 'text' '12'
'1.5' 'a\0b' '\255\254' '-ERR' #ARGV ARGV[1] ARGV[9] KEYS[1] KEYS print redis.REPL_ALL
redis.REDIS_VERSION _VERSION type(redis) type(cjson) math.pi
""".split()  # noqa: SIM905

CALLS = """
'SET',KEYS[1],@ 'GET',KEYS[1] 'GET','none' 'GET','list' 'INCR','n' 'INCR','list'
'INCRBYFLOAT','f',@ 'APPEND','raw',@ 'DEL',KEYS[1] 'EXISTS','n','list' 'TYPE','list' 'TYPE','none'
'PING' 'ECHO',@ 'HSET','hash','field',@ 'HGETALL','hash' 'HGETALL','none'
'HMGET','hash','field','none' 'HGET','hash',@ 'LRANGE','list',0,-1 'LRANGE','list',@,@
'LPOP','none' 'LPOP','none',1 'RPUSH','list',@ 'LPOS','list','x' 'SADD','set',1 'SMEMBERS','set'
'SISMEMBER','set',@ 'SMISMEMBER','set',1,2 'SPOP','none' 'ZADD','zset',@,'m' 'ZSCORE','zset','m'
'ZRANGE','zset',0,-1,'WITHSCORES' 'ZRANGE','zset',0,-1 'ZMSCORE','zset','m','none'
'ZINCRBY','zset',@,'m' 'ZPOPMIN','none' 'GEOADD','geo',1,@,'p' 'GEOPOS','geo','p','q'
'XADD','stream','*' 'XRANGE','none','-','+' 'XREAD','STREAMS','none','0' 'BLPOP','none',0
'BLPOP','list',@ 'EXPIRE','n',@ 'PTTL','none' 'SUBSCRIBE','x' 'EVAL','return',0 'NOSUCH' 'GET'
'SET','k' 'config','get','maxmemory' 'MSET','a',@,'b',@ 'MGET','a','none','list' 'BITCOUNT','raw'
'GETRANGE','raw',@,2 'OBJECT','encoding','list' 'OBJECT','nosuch','list' 'SELECT',0 @ @,@
'wait',0,0 'COPY','list','list' 'SINTERCARD',1,'set' 'LMPOP',1,'list','LEFT','COUNT',@
'HRANDFIELD','none',@
""".split()  # noqa: SIM905

WRAPPERS = """
{} {@} {@,@} {@,@,@} {@,{@}} {ok=@} {err=@} {double=@} {big_number=@} {map={k=@}} {set={k=@}}
{map={[2]=@}} {verbatim_string={format=@,string=@}} {x=@} {@,err='E'} {@,ok='S'} {n=@,@} type(@)
redis.error_reply(@) redis.status_reply(@) redis.sha1hex(@) tonumber(@) {pcall(error,@)} @..@ @+1
@<@ {pcall(redis.call,'GET',@)} select('#',@) redis.error_reply('My',@)
{pcall(redis.error_reply,@)} -@ #@ redis.pcall('GET','list')['err'] cjson.encode({@,@})
{pcall(cjson.encode,@)} {pcall(string.rep,@,2)} {pcall(unpack,@)} {redis.setresp(@)}
(function(...)return...end)(@) {unpack({@,@})} @==@ not@ @.x {pcall(math.floor,@)}
setmetatable({},{__index={@}}) {string.byte(@,1,3)} {pcall(rawset,redis,@,1)} redis.log(3,@)
{pcall(table.concat,{@,@})} {xpcall(function()error(@)end,function(e)return{e}end)}
""".split()  # noqa: SIM905

PROGRAMS = """
return @
return @
return @
return {@, @}
error(@)
error({err=@})
error(@, 2)
redis.setresp(3) return @
redis.setresp(3) return {@, @}
redis.call(@)
redis.pcall(@) return @
x = @
local x = @ return x
local call = redis.call return call('GET', @)
local call = redis.call return call('nosuch', @)
return redis.call('INCR', @)
assert(@, @)
return @, @
if @ then return @ end return @
for i = 1, 2 do redis.call('RPUSH', 'list', @) end return @
local ok, e = pcall(function() return @ end) return {ok, type(e), e}
local f = function() return @ end return f()
return loadstring('return @')()
""".strip().splitlines()


class Writer:
    """Writes random scripts; the same seed gives the same ones."""

    def __init__(self, seed: int) -> None:
        self.choice = random.Random(seed).choice
        self.chance = random.Random(seed).random

    def script(self) -> str:
        return self._fill(self.choice(PROGRAMS), 3)

    def _fill(self, text: str, depth: int) -> str:
        return "".join(self._expression(depth) if part == "@" else part for part in _split(text))

    def _expression(self, depth: int) -> str:
        chance = self.chance()
        if depth == 0 or chance < 0.3:
            return f"({self.choice(SCALARS)})"
        if chance < 0.65:
            call = self.choice(("redis.call", "redis.call", "redis.pcall"))
            return f"{call}({self._fill(self.choice(CALLS), depth - 1)})"
        return f"({self._fill(self.choice(WRAPPERS), depth - 1)})"


def _split(text: str) -> list[str]:
    parts = text.split("@")
    return [piece for part in parts for piece in (part, "@")][:-1]


def _sorted(reply: Reply) -> Reply:
    """Bring maps and sets, which have no order, into one."""
    value = reply.get("v")
    if reply["t"] == "%":
        return {"t": "%", "v": sorted(([_sorted(k), _sorted(v)] for k, v in value), key=repr)}
    if isinstance(value, list):
        items = [_sorted(item) for item in value]
        return {"t": reply["t"], "v": sorted(items, key=repr) if reply["t"] == "~" else items}
    return reply


@pytest.mark.parametrize("resp", ["2", "3"])
@pytest.mark.parametrize("seed", range(4))
def test_scripts_answer_as_on_the_reference(
    reference_server: Server, serve: Server, seed: int, resp: str
) -> None:
    writer = Writer(seed)
    with (
        RespClient(reference_server.host, reference_server.port) as theirs,
        RespClient(serve.host, serve.port) as ours,
    ):
        for client in (theirs, ours):
            client.command("FLUSHALL")
            client.command("HELLO", resp)
            client.command("RPUSH", "list", "x", "y")
        for _ in range(SCRIPTS_PER_SEED):
            words = ("EVAL", writer.script(), "1", "key", "argument")
            expected, answer = _sorted(theirs.command(*words)), _sorted(ours.command(*words))
            assert answer == expected, words[1]
