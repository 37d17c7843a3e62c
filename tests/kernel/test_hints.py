"""What a failing cell says besides the reference's own words."""

import pytest

from tests.kernel.notebook import Notebook


@pytest.mark.parametrize(
    ("cell", "hint"),
    [
        ("GET k", "As in redis-cli: %redis GET k"),
        ("set k v\nget k", "As in redis-cli: %%redis above the lines"),
        ("ping", "A cell is Lua: there it is redis.call('PING', ...)."),
        ("FCALL f 0", "As in redis-cli: %redis FCALL f 0"),
        ("redis-cli GET k", "As in redis-cli: %redis GET k"),
        ("127.0.0.1:6379[2]> GET k", "As in redis-cli: %redis GET k"),
        ("redis-cli --eval a.lua k , 1", "%load and %call, what --eval did"),
        ("help", "%help lists the magics."),
        ("return 1\n%trace", "Magics stand on a cell's first lines"),
        ("%%eval_ro\n%trace\nreturn 1", "those with % above the one with %%."),
        ("#!lua name=a\nredis.call('PING')", "redis.call works within those."),
        ("local x = {1}\nx[1]", "To reply with it: return x[1]"),
        ("return redis.call('GET', KEYS[1])", "KEYS has nothing here: %keys or %%eval KEY"),
        ("%%eval k , a\nreturn redis.call('SET', KEYS[1], ARGV[2])", "ARGV has 1 here: %args"),
        ("return redis.call('SET', 'k', {1})", "unpack(t) gives the values of a list."),
        ("print('hello')", "global-read: redis.log(redis.LOG_NOTICE, …) writes to the log"),
        ("total = 1", "global-write: declare it before it is first used: local total"),
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
        ("// a comment", "A comment begins with --, and"),
        ("return “a”", "Lua's quotes are the straight ones"),
        ("return 1\N{NO-BREAK SPACE}+ 1", "a space of another kind"),
        ("local größe = 1", "Names are made of a to z"),
        ("return 5 & 3", "bit.band(a, b)"),
        ("return redis.call(GET, 'k')", "global-read: a command is a string: 'GET'"),
        ("return redis.call('SET k 1')", "an argument of its own: redis.call('SET', 'k', '1')"),
        ("for i in KEYS do end", "for i, value in ipairs(list) do"),
        ("local t = {} t.push(1)", "table.insert(list, value) appends."),
        ("if 1 then return 1 else if 2 then return 2 end", "`elseif` does not."),
        ("let x = 1", "A variable is declared with local."),
        ("return redis:call('GET', 'k')", "It is redis.call, with a dot"),
        ("return KEYS[1] .. ':x'", "KEYS has nothing here: %keys or %%eval KEY"),
        ("%%eval k , 1\nreturn tonumber(ARGV[2]) + 1", "ARGV has 1 here: %args"),
        ("%keyspce", "did you mean %keyspace? %help lists all"),
        ("%TRACE", "did you mean %trace? %help lists all"),
        ("%lsmagic", "did you mean %help? %help lists all"),
        ("%redis SET k v; GET k", "Each command has a line of its own, below %%redis."),
        ("%redis SUBSCRIBE news", "a client of %serve does"),
        ("return redis.call('GET' 'k')", "A comma may be missing before it."),
        ("return {a = 1 b = 2}", "A comma may be missing before it."),
        ("return redis.call('GET', 'k',)", "There is nothing behind the last comma."),
        ("if (redis.call('GET', 'k') then end", "A bracket is opened before it, and not closed."),
        ("for i in 1..10 do end", "A loop that counts: for i = 1, 10 do."),
        ("return 'it's'", "A quote ends the string"),
        ("return 'a", "A string ends on its line"),
        ("while (true) { }", "A block begins with then or do"),
        ('{"a": 1}', "of JSON, cjson.decode('...') makes one."),
        ("!ls", "no programs of the machine"),
        ("foreach x in KEYS do end", "for i, value in ipairs(list) do"),
        ("return 1 << 3", "bit.lshift(a, n)"),
        ("redis.register_function('f', tonumber)", "its first line names it: #!lua name=..."),
        ("return 'a' + 1", ".. joins two texts"),
        ("return 'a' .. {1}", "table.concat(list, ', ') joins a list"),
        ("return ({1})[2] .. 'a'", "Lists begin at 1; (x or '') gives a value in its place."),
        ("return #redis.call('GET', 'no')", "that is missing is false in Lua"),
        ("return redis.get('k')", "a command is called so: redis.call('GET', …)"),
        ("return call('GET', 'k')", "it is written `redis.call`"),
        ("return len('k')", "the length of a list or a text is #x"),
        ("return redis.call('GET', KEYS[0])", "its first element is: KEYS[1]"),
        ("%redis XREADGROUP GROUP g ann STREAMS no >", "%help NOGROUP explains it."),
        ("%fcall nosuch", "Run the cell with its library first; %functions shows"),
        ("if KEYS[1] = 'a' then end", "Lua compares with ==."),
        ("return redis.call('MGET', unpack(KEYS))", "KEYS has nothing here: %keys or %%eval KEY"),
        ("local reply = redis.pcall('INCR', 'n')\nreturn reply.err", "type(reply) == 'table' asks"),
        ("return #{unpack({}, 1, 9000)}", "pass a long list in parts"),
        ("return cjson.encode({[100] = 1})", "number the elements 1, 2, 3"),
        ("return cjson.decode('{id: 7}')", "names and texts stand in double quotes"),
        ("-- mine\n#!lua name=a\nreturn 1", "above it stand magics, and nothing else."),
        ("%%eval\n#!lua name=a\nreturn 1", "without %%eval, its cell does that."),
        ("#!lua name = a", "A library's first line is #!lua name=NAME"),
        ("#!/usr/bin/lua\nreturn 1", "A library's first line is #!lua name=NAME"),
        ("redis.log('hello')", "The level comes first"),
        ("return math.floor('x')", "math.floor(x): Round down."),
        ("return ('x'):rep('y')", "string.rep(s, n): Repeat"),
        ("for i, v in ipairs(nil) do end", "ipairs(table): Iterate over"),
        ("return table.concat({{}})", "table.concat(table, separator"),
        ("%redis HGET k", "Its syntax is HGET key field."),
        ("%redis CONFIG", "CONFIG is followed by one of GET, HELP, RESETSTAT, REWRITE, SET."),
        ("%redis GET my key", "What has spaces in it stands in quotes."),
        ("%redis SET k hello world", "What has spaces in it stands in quotes."),
        ("%redis EVAL 'return 1' k", "Its syntax is EVAL script numkeys [key ...] [arg ...]."),
        ("%redis EVAL 'return 1' 2 k", "Its syntax is EVAL script numkeys [key ...] [arg ...]."),
        ("%%redis\n2 PING\nEXPIRE k soon", "Its syntax is EXPIRE key seconds"),
        ("local soon = 'soon'\nreturn redis.call('SET', 'k', 1, 'EX', soon)", "Its syntax is SET"),
        ("%function lst", "Did you mean LIST?"),
        ("%evalsha abc", "%%script load puts a script into the cache"),
        ("#!lua name=a\nlocal x = 1", "without name= in its first line a cell is a script"),
        ("#!lua name=a flags=no-writes\nreturn 1", "Flags stand with the functions: redis.reg"),
        ("#!lua flags=readonly\nreturn 1", "The flags are no-writes, allow-oom, "),
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


def test_hints_of_lint_are_no_advice_on_an_error(notebook: Notebook) -> None:
    notebook.run("%config lint strict")
    failed = notebook.run("%keys k\n%redis SET k v\nreturn redis.call('LLEN', KEYS[1])")
    notebook.run("%config lint on")
    assert "WRONGTYPE" in failed.traceback
    assert "missing-no-writes" not in failed.traceback


@pytest.mark.parametrize(
    "cell",
    [
        "%redis INCR user",
        "%%redis\nPING\n2 INCR user",
        "redis.call('INCR', 'user')",
        "%keys user\nreturn redis.call('INCR', KEYS[1])",
        "%%eval user\nlocal function add(key)\n  return redis.call('INCR', key)\nend\nadd(KEYS[1])",
        "%fcall count user",
    ],
)
def test_a_key_of_the_wrong_type_is_named_with_its_type(notebook: Notebook, cell: str) -> None:
    notebook.run(
        "#!lua name=counts\n"
        "redis.register_function('count', function(keys) return redis.call('INCR', keys[1]) end)"
    )
    notebook.run("%redis HSET user name Ann")
    hint = "user is a hash, and INCR works on a string: %redis HGETALL user shows it."
    assert notebook.run(cell).traceback.splitlines()[-1] == hint
    notebook.run("%keys\n%%redis\nDEL user\nFUNCTION DELETE counts")


def test_a_text_that_cannot_be_counted_up_is_shown(notebook: Notebook) -> None:
    notebook.run("%redis SET word 'two words'")
    for cell, needed in (
        ("%redis INCR word", "INCR needs an integer"),
        ("redis.call('INCRBYFLOAT', 'word', 1)", "INCRBYFLOAT needs a valid float"),
    ):
        assert f'word holds "two words": {needed} there.' in notebook.run(cell).traceback
    notebook.run("%redis SET word 5")
    assert "Its syntax is INCRBY key increment." in notebook.run("%redis INCRBY word x").traceback
    notebook.run("%redis DEL word")


@pytest.mark.parametrize(
    "key",
    [
        "redis.call('LPOP', 'queue')",
        "redis.call('LPOP', 'queue', 1)[1]",
        "({redis.call('LPOP', 'queue')})[1]",
    ],
)
def test_a_call_whose_words_come_from_other_calls_is_not_run_again(
    notebook: Notebook, key: str
) -> None:
    notebook.run("%%redis\nHSET user name Ann\nRPUSH queue user user")
    failed = notebook.run(f"return redis.call('INCR', {key})")
    assert failed.traceback.splitlines()[-1] == "%help WRONGTYPE explains it."
    assert notebook.run("%redis LLEN queue").result == "(integer) 1"
    notebook.run("%redis DEL queue user")


def test_a_key_from_a_table_is_read_past_its_metatable(notebook: Notebook) -> None:
    notebook.run("%redis HSET user name Ann")
    listed = "local t = {{name = 'user', 'user'}}\nreturn redis.call('INCR', t{})"
    for place in (".name", "[1]", "['name']"):
        assert "user is a hash" in notebook.run(listed.format(place)).traceback
    failed = notebook.run(
        "local asked = 0\n"
        "local t = setmetatable({}, {__index = function()\n"
        "  asked = asked + 1\n"
        "  while asked > 1 do end\n"
        "  return 'user'\n"
        "end})\n"
        "return redis.call('INCR', t.name)"
    )
    assert failed.traceback.splitlines()[-1] == "%help WRONGTYPE explains it."
    notebook.run("%redis DEL user")


@pytest.mark.parametrize(
    "call", ["%%eval 1 k\nreturn 1", "%evalsha 0 1 k", "%fcall nosuch 1 k , a"]
)
def test_a_number_of_keys_is_told_to_be_a_key(notebook: Notebook, call: str) -> None:
    told = "`1` is the name of a key here: keys are not counted\n"
    assert notebook.run(call).stream("stderr") == told * ("," not in call)


def test_a_script_without_quotes_is_told_to_be_its_first_word(notebook: Notebook) -> None:
    told = "`return` is the whole script here: one with spaces stands in quotes\n"
    assert notebook.run("%redis EVAL return 1 0").stream("stderr") == told
    assert notebook.run('%redis EVAL "return 1" 0').stream("stderr") == ""


def test_a_number_repeats_a_command_as_in_redis_cli(notebook: Notebook) -> None:
    assert notebook.run("%redis 3 INCR a").displayed == ["(integer) 1", "(integer) 2"]
    assert notebook.run("%redis GET a").result == '"3"'


def test_a_function_that_is_called_as_lua_is_one_of_a_library(notebook: Notebook) -> None:
    library = "#!lua name=greetings\nredis.register_function('greet', function() return 1 end)"
    notebook.run(library)
    assert "%fcall greet calls it." in notebook.run("greet()").traceback
    assert "flags={'no-writes'}" in notebook.run("%fcall_ro greet").traceback
    assert "load replace" in notebook.run(f"%%function load\n{library}").traceback
    notebook.run("%function delete greetings")


def test_an_error_in_a_function_says_what_kind_of_value_it_got(notebook: Notebook) -> None:
    notebook.run(
        "#!lua name=l\n"
        "redis.register_function('put', function(k, a) return redis.call('SET', k[1], a[1]) end)\n"
        "redis.register_function('add', function(k, a) return a[1] + 1 end)"
    )
    assert "unpack(t) gives the values of a list." in notebook.run("%fcall put k").traceback
    assert "It is nil: never set, or not there." in notebook.run("%fcall add").traceback
    notebook.run("%function delete l")


def test_a_library_or_function_written_nearly_so_is_offered(notebook: Notebook) -> None:
    notebook.run("#!lua name=greetings\nredis.register_function('greet', function() return 1 end)")
    assert "Did you mean greet?" in notebook.run("%fcall gret").traceback
    assert "Did you mean greet?" in notebook.run("%redis FCALL gret 0").traceback
    assert "Did you mean greetings?" in notebook.run("%function delete greeting").traceback
    taken = notebook.run("#!lua name=a\nredis.register_function('greet', function() end)")
    assert "a name is one function's among all libraries" in taken.traceback
    notebook.run("%function delete greetings")


def test_a_call_that_registers_nothing_is_shown(notebook: Notebook) -> None:
    cell = "#!lua name=a\nlocal f = function() end\n\nredis.register_function('f', 1)"
    line, caret = notebook.run(cell).traceback.splitlines()[1:3]
    assert line == "line 4 | redis.register_function('f', 1)"
    assert line[caret.index("^") :] == "redis.register_function('f', 1)"


def test_a_transaction_that_stays_open_is_told_of_in_the_cells_that_follow(
    notebook: Notebook,
) -> None:
    assert notebook.run("%%redis\nMULTI\nINCR open").stream() == ""
    queued = notebook.run("return 1")
    assert queued.result == "QUEUED"
    assert "%redis EXEC runs what is queued" in queued.stream()
    assert "%redis DISCARD drops it" in notebook.run("%redis GET").traceback
    assert notebook.run("%redis DISCARD").stream() == ""
    assert notebook.run("return 1").result == "(integer) 1"


def test_a_caret_stands_where_what_failed_is_used(notebook: Notebook) -> None:
    for cell, used in (
        ("local t = {} return t.a.b", "a.b"),
        ("local n = 1 return n()", "n()"),
        ("local s = 'ü' return ü", "ü"),
        ("return math.floor('x')", "floor('x')"),
    ):
        line, caret = notebook.run(cell).traceback.splitlines()[1:3]
        assert line[caret.index("^") :] == used


def test_of_a_long_line_what_stands_around_the_caret_is_shown(notebook: Notebook) -> None:
    line, caret = notebook.run(f"return 1{' ' * 999}+ nosuch{' ' * 999}").traceback.splitlines()[
        1:3
    ]
    assert line[caret.index("^") :].startswith("nosuch")
    assert len(line) < 250


def test_a_long_cell_that_is_no_lua_fails_at_once(notebook: Notebook) -> None:
    assert "'='" in notebook.run("local x = = 1\n" * 5000).traceback
