"""The sandbox: what scripts reach, what they may not change, and where their errors are."""

from __future__ import annotations

import pytest

from redislua_kernel import Engine
from redislua_kernel.engine.scripting.bytecode.call_sites import MOST_WORDS, hidden_name
from redislua_kernel.engine.scripting.bytecode.stock_calls import BY_PATTERN, OURS, PROTECTED, STOCK
from redislua_kernel.engine.scripting.bytecode.tail_calls import LIBRARY_FUNCTIONS
from redislua_kernel.errors import ResponseError
from tests.engine.scripting.conftest import Evaluate

READONLY = "Attempt to modify a readonly table"

#: The globals that compiled code reads, and that no script is to come by.
HIDDEN = [
    *(hidden_name(b"call", words) for words in range(1, MOST_WORDS + 1)),
    *(hidden_name(b"pcall", words, drops=True) for words in range(1, MOST_WORDS + 1)),
    *(kind + b"find" for kind in (BY_PATTERN, OURS, STOCK)),
    *(kind + b"unpack" for kind in (OURS, STOCK)),
    *(LIBRARY_FUNCTIONS, PROTECTED),
]


@pytest.mark.parametrize(
    "write",
    [
        "redis.x = 1",
        "redis.call = nil",
        "string.x = 1",
        "math.x = 1",
        "cjson.x = 1",
        "_G.x = 1",
        "x = 1",
        "KEYS = 1",
        "rawset(redis, 'x', 1)",
        "rawset(_G, 'x', 1)",
        "table.insert(redis, 1)",
        "setmetatable(_G, {})",
        "setmetatable(redis, nil)",
        "getmetatable('').__index = {}",
        "getmetatable(_G).__index = nil",
        "string.format = nil",
    ],
)
def test_shared_tables_are_readonly(evaluate: Evaluate, write: str) -> None:
    with pytest.raises(ResponseError, match=READONLY):
        evaluate(write)
    assert evaluate("return ('%d'):format(1)") == b"1"


@pytest.mark.parametrize(
    "name",
    [
        "print",
        "dofile",
        "loadfile",
        "require",
        "module",
        "package",
        "io",
        "debug",
        "getfenv",
        "setfenv",
        "newproxy",
        "python",
        "jit",
        "ffi",
    ],
)
def test_dangerous_names_do_not_exist(evaluate: Evaluate, name: str) -> None:
    with pytest.raises(ResponseError, match=f"nonexistent global variable '{name}'"):
        evaluate(f"return {name}")
    assert evaluate(f"return rawget(_G, '{name}') == nil") == 1


def test_os_knows_only_the_clock(evaluate: Evaluate) -> None:
    assert evaluate(
        "local names = {} for k in pairs(os) do names[#names + 1] = k end return names"
    ) == [b"clock"]


def test_readonly_tables_can_be_listed_and_read(evaluate: Evaluate) -> None:
    script = "local n = 0 for k, v in pairs(redis) do n = n + 1 end return n"
    assert evaluate(script) > 20
    assert evaluate("return rawget(redis, 'LOG_DEBUG')") == 0
    assert evaluate("return type(next(string))") == b"string"
    assert evaluate("return rawequal(_G, _G._G)") == 1


def test_readonly_tables_are_themselves_wherever_they_come_from(evaluate: Evaluate) -> None:
    script = """
    local f, state = pairs(_G)
    return {state == _G, getmetatable(setmetatable({}, redis)) == redis, f(redis) ~= nil,
      setmetatable({}, getmetatable('')).len == string.len}
    """
    assert evaluate(script) == [1, 1, 1, 1]


def test_libraries_serialise_what_a_readonly_table_shows(evaluate: Evaluate) -> None:
    assert evaluate("return cmsgpack.unpack(cmsgpack.pack({redis}))[1].LOG_NOTICE") == 2
    for name in ("redis", "_G", "string", "{cjson}"):
        with pytest.raises(ResponseError, match="Cannot serialise function: type not supported"):
            evaluate(f"return cjson.encode({name})")


def test_no_function_leads_to_an_environment_that_is_not_the_scripts(evaluate: Evaluate) -> None:
    assert evaluate("return loadstring('return _G')() == _G") == 1
    assert evaluate("return coroutine.wrap(function() return _G end)() == _G") == 1
    with pytest.raises(ResponseError, match=READONLY):
        evaluate("loadstring('x = 1')()")


def test_bytecode_is_refused(evaluate: Evaluate) -> None:
    for load in ("loadstring(code)", "load(function() local c = code code = nil return c end)"):
        ok, message = evaluate(
            "local code = string.dump(loadstring('return 1')) "
            f"local made, message = {load} return {{made == nil, message}}"
        )
        assert ok == 1
        assert b"\x1b" in message or b"char(27)" in message
    code = evaluate("return string.dump(loadstring('return 1'))")
    for words in (
        ("EVAL", code, 0),
        ("EVAL", b"#!lua\n" + code, 0),
        ("SCRIPT", "LOAD", code),
        ("FUNCTION", "LOAD", b"#!lua name=lib\n" + code),
    ):
        with pytest.raises(ResponseError, match=r"unexpected symbol near 'char\(27\)'"):
            Engine().execute(*words)
    with pytest.raises(ResponseError, match="unable to dump given function"):
        evaluate("return string.dump(redis.call)")
    with pytest.raises(ResponseError, match="unable to dump given function"):
        evaluate("return string.dump(pcall)")


def test_no_python_object_is_in_reach(evaluate: Evaluate) -> None:
    script = """
    local seen, found = {}, 0
    local function walk(value)
      if type(value) == 'userdata' and value ~= cjson.null then found = found + 1 end
      if type(value) ~= 'table' or seen[value] then return end
      seen[value] = true
      for k, v in pairs(value) do walk(k) walk(v) end
      walk(getmetatable(value))
    end
    walk(_G) walk(getmetatable('')) walk({pcall(redis.call, 'NOSUCH')}) walk({pcall(loadstring, 1)})
    walk({pcall(string.rep)}) walk({pcall(cjson.decode, '{')}) walk({pcall(redis.sha1hex)})
    return found
    """
    assert evaluate(script) == 0


@pytest.mark.parametrize("catch", ["pcall(f)", "xpcall(f, tostring)", "xpcall(f, caught)"])
def test_ctrl_c_ends_a_script_that_catches_all_errors(
    engine: Engine, evaluate: Evaluate, catch: str
) -> None:
    def press_ctrl_c(level: int, text: bytes) -> None:
        raise KeyboardInterrupt

    engine.log_listeners.append(press_ctrl_c)
    with pytest.raises(KeyboardInterrupt):
        evaluate(
            "local function f() redis.log(redis.LOG_NOTICE, 'x') end "
            f"local function caught(problem) redis.call('SET', 'k', type(problem)) end {catch}"
        )
    assert evaluate("return redis.call('EXISTS', 'k')") == 0


def test_an_exception_of_our_own_code_ends_the_script_and_says_so(
    engine: Engine, evaluate: Evaluate
) -> None:
    def fail(level: int, text: bytes) -> None:
        raise IndexError("no such line")

    engine.log_listeners.append(fail)
    with pytest.raises(ResponseError, match=r"^ERR internal error: IndexError"):
        evaluate("pcall(redis.log, redis.LOG_NOTICE, 'x') return 1")
    assert evaluate("return 1") == 1


def test_rights_to_calls_with_too_few_words_can_be_asked_for(
    engine: Engine, evaluate: Evaluate
) -> None:
    for name in engine.commands:
        assert evaluate("return redis.acl_check_cmd(ARGV[1])", name) == 1


# Where errors are


@pytest.mark.parametrize(
    ("script", "line"),
    [
        ("\nerror('x')", 2),
        ("\nreturn redis.call('NOSUCH')", 2),
        ("local call = redis.call\n\nreturn call('NOSUCH')", 3),
        ("local function f()\nreturn redis.call('NOSUCH')\nend\nreturn f()", 2),
        ("local f = function()\nlocal x = nil\nreturn x.y\nend\n\nf()", 3),
        ("\n\nreturn cjson.decode('{')", 3),
        ("\nreturn string.rep()", 2),
        ("\nreturn nosuch", 2),
        ("\n\nreturn table.insert(redis, 1)", 3),
        ("local name = 'call'\nreturn redis[name]('NOSUCH')", 2),
        ("\nreturn (redis.call)('NOSUCH')", 2),
        ("local list = {redis.call}\nreturn list[1]('NOSUCH')", 2),
        ("local object = setmetatable({}, {__call = redis.call})\nreturn object('NOSUCH')", 2),
    ],
)
def test_an_error_names_the_line_of_the_script(evaluate: Evaluate, script: str, line: int) -> None:
    with pytest.raises(ResponseError, match=rf", on @user_script:{line}\.$"):
        evaluate(script)


def test_an_error_of_a_function_names_its_library_line(engine: Engine) -> None:
    engine.execute(
        "FUNCTION",
        "LOAD",
        "#!lua name=l\nredis.register_function('f', function()\nreturn redis.call('NOSUCH')\nend)",
    )
    with pytest.raises(ResponseError, match=r"script: f, on @user_function:3\.$"):
        engine.execute("FCALL", "f", 0)


def test_pcall_gives_the_text_of_error_tables(evaluate: Evaluate) -> None:
    assert evaluate("local ok, e = pcall(redis.call, 'NOSUCH') return {type(e), e}") == [
        b"string",
        b"ERR Unknown Redis command called from script",
    ]
    assert evaluate("return {pcall(error, {err = 'E'})}") == [None, b"E"]
    assert evaluate("local ok, e = pcall(error, {1}) return e") == [1]


def test_the_level_of_an_error_counts_what_a_script_sees(evaluate: Evaluate) -> None:
    script = "local function f(level)\n%s\nend\n%s"
    called = script % ("error('x', level)", "local r = {pcall(f, %d)}\nreturn r[2]")
    assert [evaluate(called % level) for level in (0, 1, 2, 3)] == [
        b"x", b"user_script:2: x", b"x", b"user_script:4: x",
    ]  # fmt: skip


def test_an_error_under_the_handler_is_raised_from_the_handlers_line(evaluate: Evaluate) -> None:
    for value in ("redis", "setmetatable({}, {__newindex = string.rep})"):
        with pytest.raises(ResponseError, match=r"^ERR err_handler_def:10: .* @err_handler_def:10"):
            evaluate(f"error({value})")


def test_an_error_that_has_no_frame_of_a_script_names_no_line(engine: Engine) -> None:
    code = "#!lua name=l\nredis.register_function('f', redis.log)"
    engine.execute("FUNCTION", "LOAD", code)
    with pytest.raises(ResponseError, match=r"must be a number \(log level\)\.$"):
        engine.execute("FCALL", "f", 0)


# Recursion and coroutines


def test_a_script_has_all_levels_of_c_there_are(evaluate: Evaluate) -> None:
    script = "local n = 0 local function f() n = n + 1 %s end f() return n"
    assert evaluate(script % "pcall(f)") == 199
    assert evaluate(script % "xpcall(f, error)") == 199
    assert evaluate("return " + "{" * 197 + "}" * 197)


def test_tail_calls_of_a_scripts_own_function_have_no_limit(evaluate: Evaluate) -> None:
    script = (
        "local function f(n) if n == 0 then return 'done' end return f(n - 1) end return f(1e6)"
    )
    assert evaluate(script) == b"done"


def test_endless_recursion_is_an_error(evaluate: Evaluate) -> None:
    with pytest.raises(ResponseError, match="stack overflow"):
        evaluate("local function f() return 1 + f() end return f()")
    with pytest.raises(ResponseError, match="stack overflow"):
        evaluate(
            "local m = {} local t = setmetatable({}, m) "
            "m.__index = function(_, k) return t[k] end return t.x"
        )
    assert evaluate("return 1") == 1


def test_calls_nested_too_deep_fail_in_c_wherever_the_hook_fires(evaluate: Evaluate) -> None:
    script = """
    local function f()
      local ok, err = pcall(f)
      if not ok then error(err, 0) end
    end
    return select(2, pcall(f))
    """
    # The hook counts on from script to script: each run is another place for it.
    found = {evaluate(script) for _ in range(1000)}
    places = {b"", b"user_script:3: ", b"user_script:4: "}
    assert found <= {place + b"C stack overflow" for place in places}
    assert b"C stack overflow" in found


def test_commands_run_in_coroutines(evaluate: Evaluate) -> None:
    script = """
    local co = coroutine.create(function(key)
      redis.call('SET', key, 1)
      local by = coroutine.yield(redis.call('GET', key))
      redis.call('INCRBY', key, by)
      return redis.call('NOSUCH')
    end)
    local _, first = coroutine.resume(co, 'k')
    local ok, problem = coroutine.resume(co, 41)
    return {first, redis.call('GET', 'k'), ok, problem.err, coroutine.status(co)}
    """
    assert evaluate(script) == [
        b"1", b"42", None, b"ERR Unknown Redis command called from script", b"dead",
    ]  # fmt: skip


@pytest.mark.parametrize("name", HIDDEN)
def test_what_stands_beside_the_globals_is_neither_read_nor_set_by_a_script(
    evaluate: Evaluate, name: bytes
) -> None:
    with pytest.raises(ResponseError, match="nonexistent global variable"):
        evaluate("return _G[ARGV[1]]", name)
    for value in ("nil", "error", "{}"):
        with pytest.raises(ResponseError, match=READONLY):
            evaluate(f"_G[ARGV[1]] = {value}", name)


def test_hostile_calls_fail_and_the_engine_lives(evaluate: Evaluate) -> None:
    for script in (
        "return unpack({}, -2, 2^31 - 1)",
        "return unpack({}, 1, 1e8)",
        "return string.rep('x', -1)",
        "return ('x'):rep(10):find(('%('):rep(1e4))",
        "collectgarbage('setstepmul', 0)",
        "collectgarbage('step', -1)",
        "return pcall(setmetatable, _G, _G)",
        "return select(-1)",
        "return string.char(256)",
        "return coroutine.yield()",
        "return coroutine.resume(coroutine.running())",
        "return load(load)",
        "return table.concat({{}})",
        "error(setmetatable({}, {__index = error}))",
        "error(setmetatable({}, {__tostring = error}))",
        "return setmetatable({}, {__index = redis.call}).x",
    ):
        try:
            evaluate(script)
        except ResponseError as error:
            assert "internal" not in error.message  # noqa: PT017
        assert evaluate("return 'alive'") == b"alive"
