"""redis.call and redis.pcall: their arguments, and what a script's mode refuses."""

from __future__ import annotations

import pytest

from redislua_kernel import Engine
from redislua_kernel.engine.introspection.describing import all_commands
from redislua_kernel.engine.registry import Command
from redislua_kernel.errors import ResponseError
from tests.engine.scripting.conftest import Evaluate

BAD_ARGUMENT = "^ERR Lua redis lib command arguments must be strings or integers"


@pytest.mark.parametrize(
    "command", [*all_commands(Engine().commands)], ids=lambda command: command.full_name
)
def test_no_command_fails_by_a_fault_of_ours(engine: Engine, command: Command) -> None:
    script = "local reply = redis.pcall(unpack(ARGV)) return type(reply) == 'table' and reply.err"
    words = [*command.name.split(), *["1"] * (abs(command.arity) - command.name_words)]
    error = engine.execute("EVAL", script, 0, *words)
    assert not isinstance(error, bytes) or not error.startswith(b"ERR internal error")


@pytest.mark.parametrize(
    ("number", "word"),
    [
        ("1", "1"),
        ("-1", "-1"),
        ("3.0", "3"),
        ("-0", "0"),
        ("0.1", "0.1"),
        ("1.5", "1.5"),
        ("1/3", "0.3333333333333333"),
        ("1e15", "1000000000000000"),
        ("2^53", "9007199254740992"),
        ("2^62", "4611686018427387904"),
        ("2^63", "9223372036854776000"),
        ("1e100", "1e+100"),
        ("1e-7", "1e-7"),
        ("-1.5e-10", "-1.5e-10"),
        ("123456.789", "123456.789"),
        ("1/0", "inf"),
        ("-1/0", "-inf"),
        ("0/0", "-nan"),
        ("-(0/0)", "nan"),
    ],
)
def test_numbers_are_written_shortest(evaluate: Evaluate, number: str, word: str) -> None:
    assert evaluate(f"return redis.call('ECHO', {number})") == word.encode()


@pytest.mark.parametrize("count", [10, 63, 64, 65, 300, 5000, 7990])
def test_any_number_of_arguments_arrives_in_order(engine: Engine, count: int) -> None:
    script = (
        f"local t = {{}} for i = 1, {count} do t[i] = i end "
        "return redis.call('RPUSH', 'l', unpack(t))"
    )
    assert engine.execute("EVAL", script, 0) == count
    assert engine.execute("LRANGE", "l", 0, -1) == [
        b"%d" % number for number in range(1, count + 1)
    ]


@pytest.mark.parametrize("count", [3, 100])
@pytest.mark.parametrize("hole", ["nil", "{}", "true", "type", "coroutine.create(function() end)"])
def test_an_argument_that_is_no_text_is_refused_wherever_it_is(
    engine: Engine, hole: str, count: int
) -> None:
    for place in (1, 2, count):
        script = (
            f"local t = {{}} for i = 1, {count} do t[i] = 'x' end t[{place}] = {hole} "
            f"return redis.call('RPUSH', unpack(t, 1, {count}))"
        )
        with pytest.raises(ResponseError, match=BAD_ARGUMENT):
            engine.execute("EVAL", script, 0)
    assert engine.execute("DBSIZE") == 0


def test_commands_are_found_in_any_case_and_wrong_ones_are_named_so(evaluate: Evaluate) -> None:
    assert evaluate("return redis.call('eChO', 'x')") == b"x"
    for call, error in (
        ("", "ERR Please specify at least one argument for this redis lib call"),
        ("'NOSUCH'", "ERR Unknown Redis command called from script"),
        ("'GET'", "ERR Wrong number of args calling Redis command from script"),
        ("'SUBSCRIBE', 'c'", "ERR This Redis command is not allowed from script"),
        ("'CONFIG', 'GET', 'x'", "ERR This Redis command is not allowed from script"),
    ):
        assert evaluate(f"return redis.pcall({call}).err") == error.encode()
        with pytest.raises(ResponseError) as caught:
            evaluate(f"return redis.call({call})")
        assert caught.value.message.startswith(f"{error} script: ")


def test_pcall_gives_errors_as_tables_and_goes_on(evaluate: Evaluate) -> None:
    script = """
    redis.call('SET', 'k', 'text')
    local problem = redis.pcall('INCR', 'k')
    return {problem.err, redis.call('GET', 'k')}
    """
    assert evaluate(script) == [b"ERR value is not an integer or out of range", b"text"]
    with pytest.raises(ResponseError, match=r"^ERR value is not an integer"):
        evaluate("return redis.pcall('INCR', 'k')")


def test_what_was_written_before_an_error_stays(engine: Engine) -> None:
    with pytest.raises(ResponseError):
        engine.execute("EVAL", "redis.call('SET', 'k', 'v') error('x')", 0)
    assert engine.execute("GET", "k") == b"v"


def test_a_read_only_script_reads_and_fails_to_write(engine: Engine) -> None:
    engine.execute("SET", "k", "v")
    assert engine.execute("EVAL_RO", "return redis.call('GET', 'k')", 0) == b"v"
    for write in (
        "'SET', 'k', 'w'",
        "'DEL', 'k'",
        "'PUBLISH', 'c', 'm'",
        "'SORT', 'k', 'STORE', 'd'",
    ):
        with pytest.raises(ResponseError, match=r"^ERR Write commands are not allowed from read-o"):
            engine.execute("EVAL_RO", f"return redis.call({write})", 0)
    # The mode belongs to one script: the same calls pass in the next.
    assert engine.execute("EVAL", "return redis.call('SET', 'k', 'w')", 0) == b"OK"


def test_without_memory_a_script_may_free_but_not_begin_by_filling(engine: Engine) -> None:
    engine.execute("SET", "k", "v")
    engine.execute("CONFIG", "SET", "maxmemory", 1)
    with pytest.raises(ResponseError, match=r"^OOM command not allowed when used memory"):
        engine.execute("EVAL", "return redis.call('SET', 'k', 'w')", 0)
    assert engine.execute("EVAL", "return redis.call('GET', 'k')", 0) == b"v"
    # Once it has written, it may finish.
    script = "redis.call('DEL', 'k') return redis.call('SET', 'k', 'x')"
    assert engine.execute("EVAL", script, 0) == b"OK"
    with pytest.raises(ResponseError, match=r"^OOM "):
        engine.execute("EVAL", "#!lua\nreturn 1", 0)
    allowed = "#!lua flags=allow-oom\nreturn redis.call('SET', 'k', 'y')"
    assert engine.execute("EVAL", allowed, 0) == b"OK"


def test_blocking_commands_answer_at_once(evaluate: Evaluate) -> None:
    for call in (
        "'BLPOP', 'none', 0",
        "'BZPOPMIN', 'none', 0",
        "'XREAD', 'BLOCK', 0, 'STREAMS', 'x', '$'",
    ):
        assert evaluate(f"return redis.call({call})") is None
    assert evaluate("return redis.call('WAIT', 1, 0)") == 0


@pytest.mark.parametrize(
    ("call", "text"),
    [
        ("'SAVE'", "This Redis command is not allowed from script"),
        ("'SAVE', 1", "Wrong number of args calling Redis command from script"),
        ("'MONITOR'", "This Redis command is not allowed from script"),
        ("'COMMAND', 'NOSUCH'", "Unknown Redis command called from script"),
        ("'CONFIG', 'NOSUCH'", "Unknown Redis command called from script"),
    ],
)
def test_a_command_that_no_script_may_call_is_refused_in_its_words(
    evaluate: Evaluate, call: str, text: str
) -> None:
    with pytest.raises(ResponseError, match=f"^ERR {text} script: "):
        evaluate(f"redis.call({call})")


def test_without_memory_wrong_words_are_still_told_first(engine: Engine) -> None:
    engine.execute("CONFIG", "SET", "maxmemory", 1)
    for call, text in (
        ("'SET', 'a'", "ERR Wrong number of args"),
        ("'SET', 'a', {}", "ERR Lua redis lib command arguments"),
        ("'SET', 'a', 1", "OOM command not allowed"),
    ):
        with pytest.raises(ResponseError, match=f"^{text}"):
            engine.execute("EVAL", f"redis.call({call})", 0)


def test_acl_check_cmd_knows_subcommands(evaluate: Evaluate) -> None:
    assert evaluate("return redis.acl_check_cmd('CONFIG', 'GET')") == 1
    with pytest.raises(ResponseError, match="Invalid command passed to"):
        evaluate("return redis.acl_check_cmd('CONFIG', 'NOSUCH')")


def test_acl_check_cmd_knows_what_only_a_server_has(evaluate: Evaluate) -> None:
    assert evaluate("return redis.acl_check_cmd('save')") == 1


#: Commands with one word after the name, and SET with two, are reached by short ways once they have
#: been called often enough.
WARM_UP = "for _ = 1, 40 do redis.call('SET', 'k', 'v') redis.call('GET', 'k') end "


@pytest.mark.parametrize(
    ("call", "reply"),
    [
        ("redis.call('SET', 'k', 5).ok", b"OK"),
        ("redis.call('GET', 'k')", b"v"),
        ("redis.call('GET', 'none')", None),
        ("redis.call('STRLEN', 'k')", 1),
        ("redis.pcall('GET', 'list').err", b"WRONGTYPE " + b"Operation against a key holding the "
         b"wrong kind of value"),
        ("redis.pcall('GET', 'k', nil).err", BAD_ARGUMENT[1:].encode()),
        ("redis.pcall('SET', 'k', nil).err", BAD_ARGUMENT[1:].encode()),
        ("redis.pcall('SET', 'k', {}).err", BAD_ARGUMENT[1:].encode()),
        ("redis.pcall('SET', true, 'v').err", BAD_ARGUMENT[1:].encode()),
        ("redis.call('LRANGE', 'list', 0, -1)", [b"a"]),
        ("redis.call('HGETALL', 'none')", []),
        ("redis.call('TYPE', 'k').ok", b"string"),
    ],
)  # fmt: skip
def test_a_call_replies_the_same_by_a_short_way(engine: Engine, call: str, reply: object) -> None:
    engine.execute("RPUSH", "list", "a")
    for times in (1, 40):
        script = f"{WARM_UP} local reply for _ = 1, {times} do reply = {call} end return reply"
        assert engine.execute("EVAL", script, 0) == reply


def test_null_is_nil_for_a_script_that_chose_resp3_by_a_short_way(evaluate: Evaluate) -> None:
    assert evaluate(f"{WARM_UP} redis.setresp(3) return redis.call('GET', 'none') == nil") == 1


def test_what_a_short_way_left_is_gone_after_its_call(evaluate: Evaluate) -> None:
    script = WARM_UP + "redis.pcall('SET', 'k', {}) return redis.call('SET', 'k', 'w')"
    assert evaluate(script) == b"OK"


def test_a_name_is_replicated_as_it_is_written(engine: Engine) -> None:
    for _ in range(40):
        engine.execute("EVAL", "redis.call('SET','k','v') redis.call('set','k','v')", 0)
    names = [effect.words[0] for effect in engine.effects]
    assert names == [b"MULTI", b"SET", b"set", b"EXEC"]


def test_a_name_written_in_very_many_ways_is_found_in_each(engine: Engine) -> None:
    names = [f"{'sS'[a]}{'eE'[b]}{'tT'[c]}nx" for a in (0, 1) for b in (0, 1) for c in (0, 1)]
    names += [name.replace("nx", "NX") for name in names]
    for name in names:
        engine.execute("DEL", "k")
        assert engine.execute("EVAL", f"return redis.call('{name}', 'k', 'v')", 0) == 1
        assert engine.effects[0].words[0].upper() == b"SETNX"


OPTIONS = [
    "'NX'", "'xx'", "'GET'", "'KEEPTTL'", "'EX',100", "'PX','5000'", "'px',1e5", "'NX','PX',30000",
    "'EX',100,'NX'", "'XX','GET'", "'XX','GET','EX',9", "'PXAT',99999999999999", "'NX','XX'",
    "'EX'", "'EX',0", "'EX',1.5", "'EX','a'", "'EX',2^62", "'EX',5,'PX',5", "'FOO'", "'NX',{}",
    "'EX',nil", "0/0",
]  # fmt: skip


@pytest.mark.parametrize("options", OPTIONS)
def test_options_say_the_same_however_often_they_are_given(options: str) -> None:
    script = f"""
    local seen = {{}}
    for _, key in ipairs({{'new', 'old', 'old', 'list', 'new'}}) do
      local reply = redis.pcall(ARGV[1], key, 'value', {options})
      seen[#seen + 1] = type(reply) == 'table' and (reply.ok or reply.err) or tostring(reply)
      seen[#seen + 1] = redis.call('PTTL', key)
      seen[#seen + 1] = redis.call('TYPE', key).ok == 'string' and redis.call('GET', key)
    end
    return seen
    """
    seen = []
    # While calls are recorded, there are no short ways.
    for is_recorded in (False, True):
        engine = Engine(clock=lambda: 1_700_000_000_000_000)
        engine.execute("SET", "old", "before", "EX", 50)
        engine.execute("RPUSH", "list", "a")
        if is_recorded:
            engine.scripting.watchers.record_calls(lambda *call: None)
        seen.append((engine.execute("EVAL", script, 0, "SET"), engine.keyspace.effects))
    assert seen[0] == seen[1]


def test_more_options_than_are_remembered_still_count(evaluate: Evaluate) -> None:
    script = """
    for seconds = 1, 600 do
      redis.call('SET', 'k', 'v', 'EX', seconds)
      assert(redis.call('TTL', 'k') == seconds)
    end
    return redis.call('SET', 'k', 'v', 'EX', 7, 'GET')
    """
    assert evaluate(script) == b"v"


#: Calls of three words, of which the second or the third comes again and again.
THREE_WORDS = [
    "'HSET',key,'f',i", "'HSET',key,i,'v'", "'HSET',key,'f','v'", "'HINCRBY',key,'n',i",
    "'HINCRBY',key,'n',1", "'HINCRBY',key,1,1", "'HINCRBY',key,'n','x'", "'HINCRBY',key,'n',2^63",
    "'HINCRBY',key,'n',1.5", "'HSETNX',key,'f',i", "'SETBIT',key,i,1", "'SETBIT',key,7,i%2",
    "'SETBIT',key,7,2", "'SETEX',key,100,i", "'SETEX',key,0,i", "'SETEX',key,'a',i",
    "'GETRANGE','old',0,i", "'GETRANGE','old',0,-1", "'SETRANGE',key,3,'v'..i", "'LREM',key,0,'a'",
    "'LINSERT',key,'BEFORE','a'", "'ZADD',key,1,'m'..i%3", "'ZADD',key,i%2,'m'", "'ZADD',key,0/0,i",
    "'ZINCRBY',key,1.5,'m'", "'LTRIM',key,0,1", "'SMOVE',key,'set',i", "'HSET',key,{},'v'",
    "'HSET',key,nil,'v'", "'HSET',key,'f',nil", "'HSET',key,('x'):rep(100),i", "'HSET',{},'f','v'",
    "'EXPIRE',key,100,'NX'", "'LRANGE',key,0,-1", "'HSET',key,0/0,1e300", "'HSET',key,-0,2^53",
]  # fmt: skip


#: Calls of two words that read, one of which comes again and again.
TWO_WORDS = [
    "'HGET','hash','f'", "'HGET','hash',i", "'HGET',key,'f'", "'HGET',key,i", "'HGET',{},'f'",
    "'HGET','hash',nil", "'HGET',nil,'f'", "'HGET','hash',('x'):rep(100)", "'HGET','hash',0/0",
    "'GETBIT','old',i", "'GETBIT',key,7", "'GETBIT',key,-1", "'GETBIT',key,'x'",
    "'GETBIT',key,2^40",
    "'LINDEX','list',0", "'LINDEX',key,-i", "'LINDEX',key,1.5", "'SISMEMBER',key,i%3",
    "'SISMEMBER','set','0'", "'ZSCORE',key,'m'", "'HEXISTS',key,i", "'HSTRLEN','hash','f'",
]  # fmt: skip


@pytest.mark.parametrize("call", [*THREE_WORDS, *TWO_WORDS])
def test_words_that_come_again_say_the_same_as_at_first(call: str) -> None:
    script = f"""
    local function shown(value)
      if type(value) ~= 'table' then return tostring(value) end
      return value.ok or value.err or table.concat(value, ' ')
    end
    local seen = {{}}
    for i = 1, 12 do
      for _, key in ipairs({{'new', 'old', 'list'}}) do
        seen[#seen + 1] = shown(redis.pcall({call}))
        seen[#seen + 1] = shown(redis.pcall('SADD', key, i % 3))
      end
    end
    return seen
    """
    seen = []
    # While calls are recorded, there are no short ways.
    for is_recorded in (False, True):
        engine = Engine(clock=lambda: 1_700_000_000_000_000)
        engine.execute("EVAL", f"for _ = 1, 20 do {script.partition('return seen')[0]} end", 0)
        engine.execute("FLUSHALL")
        engine.execute("SET", "old", "before", "EX", 50)
        engine.execute("RPUSH", "list", "a")
        engine.execute("HSET", "hash", "f", "value", "3", "three")
        if is_recorded:
            engine.scripting.watchers.record_calls(lambda *call: None)
        seen.append((engine.execute("EVAL", script, 0), engine.keyspace.effects))
    assert seen[0] == seen[1]


def test_more_words_than_are_remembered_still_count(evaluate: Evaluate) -> None:
    script = """
    local sum = 0
    for round = 1, 3 do
      for number = 1, 400 do
        sum = sum + number
        redis.call('HINCRBY', 'h', 'sum', number)
        redis.call('HSET', 'h', 'f' .. number, round)
        assert(redis.call('HGET', 'h', 'f' .. number) == tostring(round))
      end
    end
    return {sum, redis.call('HGET', 'h', 'sum'), redis.call('HLEN', 'h')}
    """
    assert evaluate(script) == [240_600, b"240600", 401]


def test_short_ways_made_in_a_coroutine_outlive_it(engine: Engine) -> None:
    script = """
    for _ = 1, 4 do
      coroutine.wrap(function()
        for i = 1, 40 do
          redis.call('HINCRBY', 'h', 'f' .. i % 3, i % 2)
          redis.call('SADD', 's', i)
          redis.call('SET', 'k', 'v', 'EX', i % 3 + 1)
        end
      end)()
      collectgarbage()
    end
    """
    for _ in range(3):
        engine.execute("EVAL", script, 0)
    assert engine.execute("HVALS", "h") == [b"84", b"72", b"84"]


def test_an_integer_is_given_again_only_where_it_is_meant(evaluate: Evaluate) -> None:
    script = """
    local seen = {}
    for i = 1, 40 do
      seen = {redis.call('SADD', 's', i), redis.call('SADD', 's', i), redis.call('SREM', 's', 'x')}
      redis.pcall('SADD', 'string', 1)
      seen[4] = redis.call('SADD', 's', i)
      redis.call('SET', 'string', 'v')
      seen[5] = redis.call('SISMEMBER', 's', i)
      seen[6] = redis.call('SET', 'string', 'v').ok
      seen[7] = redis.call('INCRBY', 'n', 1000)
      seen[8] = redis.call('INCRBY', 'n', 0)
    end
    return seen
    """
    assert evaluate(script) == [1, 0, 0, 0, 1, b"OK", 40_000, 40_000]


@pytest.mark.parametrize(
    "word", ["'\\0\\254\\255\\0'", "''", "0.5", "-0", "1e14", "1e300", "0/0", "2^53"]
)
def test_each_of_many_words_arrives_as_one_of_few_does(evaluate: Evaluate, word: str) -> None:
    script = f"""
    local words = {{}}
    for place = 1, 100 do words[place] = 'w' .. place end
    words[50], words[100] = {word}, {word}
    redis.call('RPUSH', 'many', unpack(words))
    redis.call('RPUSH', 'few', {word})
    local few = redis.call('LINDEX', 'few', 0)
    return {{redis.call('LLEN', 'many'), redis.call('LINDEX', 'many', 49) == few,
      redis.call('LINDEX', 'many', 99) == few, redis.call('LINDEX', 'many', 50)}}
    """
    assert evaluate(script) == [100, 1, 1, b"w51"]


def test_many_words_arrive_from_a_coroutine_too(evaluate: Evaluate) -> None:
    script = """
    local words = {}
    for place = 1, 100 do words[place] = 'w' .. place end
    local co = coroutine.create(function()
      coroutine.yield(redis.call('RPUSH', 'l', unpack(words)))
      return redis.call('MGET', unpack(words))
    end)
    local _, count = coroutine.resume(co)
    redis.call('SET', 'w100', 'v')
    local _, values = coroutine.resume(co)
    return {count, #values, values[100]}
    """
    assert evaluate(script) == [100, 100, b"v"]


def test_many_words_arrive_as_deep_as_few_do(evaluate: Evaluate) -> None:
    script = """
    local words = {}
    for place = 1, 100 do words[place] = 'w' .. place end
    local function few() redis.call('RPUSH', 'l', 'w1', 'w2', 'w3') end
    local function many() redis.call('RPUSH', 'l', unpack(words)) end
    local function deepest(call)
      call() -- the first one takes more
      local function dive(depth)
        if depth == 0 then
          return call()
        end
        local ok, problem = pcall(dive, depth - 1)
        return ok or error(problem)
      end
      local depth = 150
      while pcall(dive, depth) do depth = depth + 1 end
      return depth
    end
    return {deepest(few), deepest(many)}
    """
    # A hook that fires where it is deepest takes a level: not each time.
    few, many = map(max, zip(*(evaluate(script) for _ in range(5)), strict=True))
    assert few == many
