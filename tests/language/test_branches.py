"""Ways through a source that were never taken, told from the hits of its lines."""

from collections.abc import Iterator

import pytest

from redislua_kernel import Engine
from redislua_kernel.engine.debugging.profile import Profile
from redislua_kernel.language.branches import untaken


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    engine = Engine()
    yield engine
    engine.close()


def told(engine: Engine, code: str, *args: object) -> tuple[list[tuple[int, str]], int]:
    with Profile(engine.scripting) as profile:
        engine.execute("EVAL", code, 0, *args)
    (source,) = profile.sources
    found, untold = untaken(code, {line.line: line.hits for line in source.lines})
    return [(each.line, each.text) for each in found], untold


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
    assert told(engine, IF_ELSE, number) == (found, 0)


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
    assert told(engine, LOOP, limit) == (found, 0)


def test_loops_whose_bodies_never_ran_are_told(engine: Engine) -> None:
    code = "for i = 1, 0 do\n  error()\nend\nwhile KEYS[1] do\n  error()\nend\nreturn 1"
    assert told(engine, code)[0] == [
        (1, "the body of `for` never ran"),
        (4, "the body of `while` never ran"),
    ]


def test_the_right_side_of_an_operator_is_told_where_it_is_a_call_on_its_own_line(
    engine: Engine,
) -> None:
    code = "local v = ARGV[1] or\n  redis.call('GET', 'k')\nreturn v"
    assert told(engine, code, "x")[0] == [(1, "the right side of `or` never ran")]
    assert told(engine, code)[0] == []


def test_what_stands_on_one_line_is_counted_as_untold(engine: Engine) -> None:
    code = "if ARGV[1] then return 1 end\nfor i = 1, 2 do redis.call('PING') end"
    assert told(engine, code) == ([], 2)


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
    assert told(engine, code)[0] == []


def test_what_did_not_run_at_all_is_not_told_twice(engine: Engine) -> None:
    code = "if ARGV[1] then\n  if ARGV[2] then\n    error()\n  end\nend"
    assert told(engine, code)[0] == [(1, "never true")]


def test_a_library_with_its_shebang_is_told_by_its_own_lines(engine: Engine) -> None:
    code = (
        "#!lua name=l\nredis.register_function('f', function(keys, args)\n"
        "  if args[1] then\n    return 1\n  end\n  return 2\nend)"
    )
    engine.execute("FUNCTION", "LOAD", "REPLACE", code)
    with Profile(engine.scripting) as profile:
        engine.execute("FCALL", "f", 0)
    hits = {line.line: line.hits for line in profile.sources[0].lines}
    assert untaken(code, hits) == ([(3, "never true")], 0)
