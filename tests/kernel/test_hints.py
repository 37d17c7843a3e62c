"""What a failing cell says besides the reference's own words."""

import pytest

from tests.kernel.notebook import Notebook


@pytest.mark.parametrize(
    ("cell", "hint"),
    [
        ("GET k", "As in redis-cli: %redis GET k"),
        ("set k v\nget k", "As in redis-cli: %%redis above the lines"),
        ("ping", "A cell is Lua: there it is redis.call('PING', ...)."),
        ("return redis.call('GET', KEYS[1])", "KEYS has nothing here: %keys or %%eval KEY"),
        ("%%eval k , a\nreturn redis.call('SET', KEYS[1], ARGV[2])", "ARGV has 1 here: %args"),
        ("return redis.call('SET', 'k', {1})", "unpack(t) gives the values of a list."),
        ("print('hello')", "global-read: redis.log(redis.LOG_NOTICE, …) writes to the log"),
        ("total = 1", "global-write: declare it before it is first used"),
        ("local a = redis.call('GET', 'no')\nreturn a + 1", "that is missing is false in Lua"),
        ("return cjson.decode('\"5\"') > 3", "tonumber(...) makes a number of one"),
        ("%redis HGETAL k", "Did you mean HGETALL?"),
        ("return redis.call('GETT', 'k')", "unknown-command: did you mean GET? Tab"),
        ("return redis.cal('GET', 'k')", "unknown-member: did you mean `redis.call`?"),
        ("local total = 1\nreturn totl", "global-read: did you mean `total`?"),
        ("return tonubmer('1')", "global-read: did you mean `tonumber`?"),
        ("retrun 1", "Did you mean return?"),
        ("local function f() retrun 1 end", "Did you mean return?"),
        ("if KEYS[1] != 'a' then end", "Lua writes ~= for not equal."),
        ("local x = 1 x += 1", "Lua has no +=: x = x + 1."),
        ("// a comment", "A comment begins with --."),
        ("let x = 1", "A variable is declared with local."),
        ("return redis:call('GET', 'k')", "It is redis.call, with a dot"),
        ("return KEYS[1] .. ':x'", "KEYS has nothing here: %keys or %%eval KEY"),
        ("%%eval k , 1\nreturn tonumber(ARGV[2]) + 1", "ARGV has 1 here: %args"),
        ("%keyspce", "did you mean %keyspace? %help lists all"),
        ("%lsmagic", "did you mean %help? %help lists all"),
        ("%redis SUBSCRIBE news", "a client of %serve does"),
    ],
)
def test_a_failure_says_what_to_do(notebook: Notebook, cell: str, hint: str) -> None:
    assert hint in notebook.run(cell).traceback


def test_what_fails_for_good_reasons_gets_no_advice(notebook: Notebook) -> None:
    for cell in (
        "return redis.error_reply('SOLDOUT no boots left')",
        "local x = = 1",
        "error('no')",
        "end",
    ):
        assert notebook.run(cell).traceback.splitlines()[-1].strip() in ("^", "")


def test_a_number_repeats_a_command_as_in_redis_cli(notebook: Notebook) -> None:
    assert notebook.run("%redis 3 INCR a").displayed == ["(integer) 1", "(integer) 2"]
    assert notebook.run("%redis GET a").result == '"3"'
