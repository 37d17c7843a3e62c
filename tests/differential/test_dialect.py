"""The dialect of Valkey gives the same typed replies as Valkey 9.1.2."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha1

import pytest

from redislua_kernel import Engine
from redislua_kernel.engine.rdb.crc64 import crc64
from tests.differential.both import in_order
from tests.differential.condition_sessions import FEW_FLAG_SETS
from tests.differential.conditions import check, differences
from tests.differential.differences import is_on_purpose
from tests.differential.lua_writer import Writer
from tests.differential.test_conditions import CONDITIONS
from tests.resp_client import Reply, RespClient
from tests.servers import Server
from tests.waiting import wait_until

pytestmark = pytest.mark.valkey

SCRIPTS_PER_SEED = 150

#: Connections to both servers: Valkey, and ours.
Clients = tuple[RespClient, RespClient]

SHEBANGS = r"""
#!lua | #!LUA | #! | #! lua | #!lua flags= | #!lua flags=no-writes | #!LUA flags=no-writes,allow-oom
#!lua flags=, | #!lua flags=NO-WRITES | #!lua FLAGS=no-writes | #!lua flags=bad | #!lua name=x
#!python | #!python flags=bad | #!python flags=no-writes | #!python x=y | #!lua5.1 | #!'lua'
#!"lua | #!lua '' | #!lua=1 | # | #!"l\x75a" | #!lua flags=no-writes flags=allow-oom
#!lua 'fl'ags=no-writes | #!lua '''' | #!'lua'x
"""

LIBRARY_HEADS = """
#!lua name=lib | #!LUA NAME=lib | #!lua name= | #!lua | #!lua name='a b' | #!lua name=a-b
#!lua name=é | #!lua name=lib name=two | #!lua name=lib flags=no-writes | #!python name=lib
#!lua name=lib " | lua | #!
#!lua 'name'=lib | #!lua name='l'"i"b | #!lua name='lib' x
"""

#: The arguments of register_function; @ stands for a function.
REGISTERED = r"""
'f',@ | 'a-b',@ | '',@ | 1,@ | 1.5,@ | nil,@ | {},@ | 'f\0g',@ | 'f',1 | 'f',{} | | 'f' | 1 | {}
'f',@,1 | {'f',@} | {function_name='f'} | {callback=@} | {function_name={},callback=@}
{function_name='f',callback=1} | {function_name='f',callback=@,flags={'no-writes'}}
{function_name='f',callback=@,flags={'No-Writes','x'}} | {function_name='f',callback=@,flags='x'}
{function_name='f',callback=@,flags={1}} | {function_name='f',callback=@,description='a\0b'}
{function_name='f',callback=@,description={}} | {function_name='f',callback=@,extra=1}
{function_name='f',callback=@,[1]=1} | {FUNCTION_NAME='f',Callback=@}
"""

FUNCTION_BODIES = r"""
error('x') | error({err='X y'}) | error({}) | error() | error('x',0) | return nosuch | x = 1
return redis.call('nosuch') | return server.pcall('GET') | return redis.call('EVAL','return 1',0)
return server.setresp(9) | return type(server) | return server.VALKEY_VERSION | error(redis)
return {redis.error_reply('x\n').err} | return __server__err__handler | redis.acl_check_cmd()
return redis.acl_check_cmd('nosuch') | return redis.sha1hex() | redis.set_repl(9) | redis.log()
return redis.register_function | return loadstring('return server.SERVER_NAME')()
local n = {} for k in pairs(redis) do n[#n + 1] = k end table.sort(n) return n
coroutine.wrap(function() error('x') end)() | return redis.call('config','nosuch')
"""

#: What the code of a library does; @ stands for a function.
STATEMENTS = """
nosuch() | redis.call('GET') | server.call('GET') | server.SERVER_NAME = 1 | local x = server.x
server.register_function('f',@) x() | server.register_function('f',@) redis.register_function('F',@)
redis.register_function('f',@) server.register_function('f',@) | redis.register_function('-',@) x()
"""

COMMANDS = """
SCRIPT HELP | FUNCTION HELP | SCRIPT SHOW | SCRIPT SHOW x | SCRIPT NOSUCH | SCRIPT KILL
SCRIPT SHOW e0e1f9fabfc9d4800c877a703b823ac0578ff8db | SCRIPT DEBUG x | SCRIPT DEBUG no Lua
SCRIPT DEBUG no | SCRIPT DEBUG no js | SCRIPT DEBUG no lua x | EVALSHA x 0 | FUNCTION STATS
EVALSHA_RO ffffffffffffffffffffffffffffffffffffffff 0 | FUNCTION LIST WITHCODE | FUNCTION DUMP
DUMP list | DUMP none | XDELEX s IDS 1 1-1 | DELIFEQ list x | DELIFEQ none x | LOLWUT VERSION 0
"""


def items(table: str) -> list[str]:
    return [item.strip() for line in table.strip().splitlines() for item in line.split(" | ")]


@pytest.fixture
def clients(valkey_server: Server, serve_valkey: Server) -> Iterator[Clients]:
    with (
        RespClient(valkey_server.host, valkey_server.port) as theirs,
        RespClient(serve_valkey.host, serve_valkey.port) as ours,
    ):
        for client in (theirs, ours):
            for words in (("FLUSHALL",), ("FUNCTION", "FLUSH"), ("SCRIPT", "FLUSH")):
                client.command(*words)
            client.command("RPUSH", "list", "x", "y")
        yield theirs, ours


def compare(clients: Clients, *words: str) -> None:
    expected, answer = (in_order(client.command(*words)) for client in clients)
    assert answer == expected or is_on_purpose(repr(expected), repr(answer)), words


@pytest.mark.parametrize("resp", ["2", "3"])
@pytest.mark.parametrize("seed", range(2))
def test_scripts_answer_as_on_valkey(clients: Clients, seed: int, resp: str) -> None:
    writer, choice = Writer(random.Random(seed + 100)), random.Random(seed).choice
    for client in clients:
        client.command("HELLO", resp)
    for _ in range(SCRIPTS_PER_SEED):
        script = writer.script().replace("redis.", choice(("redis.", "server.")))
        if "cjson.encode" in script or "cmsgpack.pack" in script:
            continue  # Valkey's tables are in another order
        compare(clients, "EVAL", script, "1", "key", "argument")


@pytest.mark.parametrize("line_end", ["\n", "\r\n", ""])
def test_shebangs_are_read_as_on_valkey(clients: Clients, line_end: str) -> None:
    for shebang in items(SHEBANGS):
        body = f"{shebang}{line_end}return redis.call('GET', 'none')"
        for words in (("EVAL", body, "0"), ("EVAL_RO", body, "0"), ("SCRIPT", "LOAD", body)):
            compare(clients, *words)


def load_and_call(clients: Clients, code: str) -> None:
    for words in (
        ("FUNCTION", "FLUSH"),
        ("FUNCTION", "LOAD", code),
        ("FUNCTION", "STATS"),
        ("FCALL", "f", "1", "k", "a"),
        ("FCALL_RO", "f", "0"),
    ):
        compare(clients, *words)


def test_libraries_are_taken_and_refused_as_on_valkey(clients: Clients) -> None:
    function = "redis.register_function('f', function(keys, args) @ end)"
    for head in items(LIBRARY_HEADS):
        load_and_call(clients, f"{head}\n{function.replace('@', 'return 1')}")
    for arguments in items(REGISTERED):
        called = f"redis.register_function({arguments})"
        load_and_call(clients, "#!lua name=lib\n" + called.replace("@", "function() return 1 end"))
    for body in items(FUNCTION_BODIES):
        load_and_call(clients, "#!lua name=lib\n" + function.replace("@", body))
    for statement in items(STATEMENTS):
        load_and_call(clients, "#!lua name=lib\n" + statement.replace("@", "function() end"))


def test_commands_answer_as_on_valkey(clients: Clients) -> None:
    compare(clients, "SCRIPT", "LOAD", "return 1")
    library = "#!lua name=l\nserver.register_function{function_name='f', callback=function() end,"
    compare(clients, "FUNCTION", "LOAD", library + " flags={'no-writes'}, description='a\\0b'}")
    compare(clients, "FUNCTION", "LOAD", "REPLACE", f"{library}}} \0 no Lua")
    compare(clients, "FUNCTION", "LOAD", "REPLACE", f"{library}}} x='\0'")
    for line in items(COMMANDS):
        compare(clients, *line.split())


def test_payloads_of_the_same_versions_are_restored(clients: Clients) -> None:
    for version in (*range(100), 0xFFFF):
        body = version.to_bytes(2, "little")
        payload = (body + crc64(body).to_bytes(8, "little")).decode("latin-1")
        compare(clients, "FUNCTION", "RESTORE", payload)


def test_the_script_cache_drops_the_same_scripts(clients: Clients) -> None:
    scripts = [f"return {number}" for number in range(520)]
    for script in scripts:
        compare(clients, "EVAL", script, "0")
        if script.endswith("0"):
            compare(clients, "SCRIPT", "LOAD", script)
    digests = [sha1(script.encode()).hexdigest() for script in scripts]
    compare(clients, "SCRIPT", "EXISTS", *digests)


@pytest.mark.parametrize(
    ("words", "end"),
    [
        (("EVAL", "local x\nwhile true do x = 1 end", "0"), ("SCRIPT", "KILL")),
        (("FCALL", "f", "0"), ("FUNCTION", "KILL")),
    ],
)
def test_a_busy_server_says_the_same(
    clients: Clients,
    valkey_server: Server,
    serve_valkey: Server,
    words: tuple[str, ...],
    end: tuple[str, ...],
) -> None:
    loop = "#!lua name=l\nredis.register_function('f', function() while true do end end)"
    asked = [("PING",), ("FUNCTION", "KILL"), ("SCRIPT", "KILL"), ("SCRIPT", "SHOW", "x")]
    asked.remove(end)
    replies: list[list[Reply]] = []
    for client, server in zip(clients, (valkey_server, serve_valkey), strict=True):
        client.command("FUNCTION", "LOAD", loop)
        client.command("CONFIG", "SET", "busy-reply-threshold", "1")
        client.send(*words)
        with RespClient(server.host, server.port) as other:
            wait_until(lambda other=other: other.command("PING")["t"] == "-")  # type: ignore[misc]
            replies.append([other.command(*each) for each in (*asked, end)])
        replies[-1].append(client.read())
        client.command("CONFIG", "SET", "busy-reply-threshold", "5000")
    assert replies[1] == replies[0]


@pytest.mark.parametrize("name", ["full, too few replicas", "stale"])
def test_scripts_are_refused_as_on_valkey(valkey_server: Server, name: str) -> None:
    condition = replace(CONDITIONS[name], flag_sets=FEW_FLAG_SETS)
    found = differences(valkey_server, Engine(dialect="valkey"), condition)
    check([each for each in found if each.startswith(("('EVAL", "('FCALL"))])
