"""Ways through a source that were never taken, told from how often each token ran."""

from collections.abc import Iterator

import pytest

from redislua_kernel import Engine
from redislua_kernel.engine.debugging.profile import Profile
from redislua_kernel.language.branches import untaken
from redislua_kernel.language.layout import Layout


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    engine = Engine()
    yield engine
    engine.close()


def told(engine: Engine, code: str, *args: object) -> list[tuple[int, str]]:
    with Profile(engine.scripting) as profile:
        engine.execute("EVAL", code, 0, *args)
    return told_of(profile)


def told_of(profile: Profile) -> list[tuple[int, str]]:
    (source,) = profile.sources
    layout = Layout(source.source.code.decode())
    counts = source.counts_in(layout.text.encode())
    assert counts is not None
    return [(each.line, each.text) for each in untaken(layout, counts)]


IF_ELSE = """local n = tonumber(ARGV[1])
if n > 5 then
  redis.call('SET', 'k', n)
elseif n > 3 then
  redis.call('DEL', 'k')
else
  redis.call('GET', 'k')
end"""


@pytest.mark.parametrize(
    ("number", "found"),
    [
        (9, [(2, "never false")]),
        (4, [(2, "never true"), (4, "never false")]),
        (1, [(2, "never true"), (4, "never true")]),
    ],
)
def test_each_condition_tells_what_it_never_was(
    engine: Engine, number: int, found: list[tuple[int, str]]
) -> None:
    assert told(engine, IF_ELSE, number) == found


LOOP = """for i = 1, 4 do
  if i > tonumber(ARGV[1]) then
    redis.call('SET', 'k', i)
  end
end"""


@pytest.mark.parametrize(
    ("limit", "found"), [(0, [(2, "never false")]), (2, []), (9, [(2, "never true")])]
)
def test_an_if_without_else_is_told_by_how_often_its_block_ran(
    engine: Engine, limit: int, found: list[tuple[int, str]]
) -> None:
    assert told(engine, LOOP, limit) == found


def test_loops_whose_bodies_never_ran_are_told(engine: Engine) -> None:
    code = "for i = 1, 0 do\n  error()\nend\nwhile KEYS[1] do\n  error()\nend\nreturn 1"
    assert told(engine, code) == [
        (1, "the body of `for` never ran"),
        (4, "the body of `while` never ran"),
    ]


def test_the_right_side_of_an_operator_is_told(engine: Engine) -> None:
    code = "local v = ARGV[1] or redis.call('GET', 'k')\nreturn v"
    assert told(engine, code, "x") == [(1, "the right side of `or` never ran")]
    assert told(engine, code) == []
    code = "local a, b = ARGV[1], ARGV[2]\nif a and b then\n  return 1\nend"
    assert told(engine, code) == [(2, "never true"), (2, "the right side of `and` never ran")]
    assert told(engine, code, "x") == [(2, "never true")]


def test_what_stands_on_one_line_is_told_apart(engine: Engine) -> None:
    code = "if ARGV[1] then return 1 else return 2 end for i = 1, 0 do redis.call('PING') end"
    assert told(engine, code) == [(1, "never true")]
    assert told(engine, code, "x") == [(1, "never false")]
    code = "local n = 0 while n > 0 do n = n - 1 end if n == 0 then n = 1 end return n"
    assert told(engine, code) == [(1, "never false"), (1, "the body of `while` never ran")]


def test_what_has_no_code_tells_nothing(engine: Engine) -> None:
    code = "if ARGV[1] then end while true do break end for i = 1, 0 do end return 1 and true"
    assert told(engine, code) == []


@pytest.mark.parametrize(
    "block",
    [
        "for j = 1, 3 do redis.call('PING') end",
        "local f = function() return 1 end f() f()",
        "redis.call('PING',\n      'x')",
        "redis.call('PING') redis.call('PING')\n    redis.call('PING')",
    ],
)
def test_a_block_whose_line_may_begin_again_tells_nothing_false(engine: Engine, block: str) -> None:
    code = f"for i = 1, 3 do\n  if i > 1 then\n    {block}\n  end\nend"
    assert told(engine, code) == []


def test_what_did_not_run_at_all_is_not_told_twice(engine: Engine) -> None:
    code = "if ARGV[1] then\n  if ARGV[2] then\n    error()\n  end\nend"
    assert told(engine, code) == [(1, "never true")]


def test_a_library_with_its_shebang_is_told_by_its_own_lines(engine: Engine) -> None:
    code = (
        "#!lua name=l\nredis.register_function('f', function(keys, args)\n"
        "  if args[1] then\n    return 1\n  end\n  return 2\nend)"
    )
    engine.execute("FUNCTION", "LOAD", "REPLACE", code)
    with Profile(engine.scripting) as profile:
        engine.execute("FCALL", "f", 0)
    assert told_of(profile) == [(3, "never true")]
