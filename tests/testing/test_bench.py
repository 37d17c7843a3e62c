"""Tests that run on a bench: its replies, its clock, its random numbers."""

import pytest

from redislua_kernel.testing import Bench, CheckFailed

RELEASE = """#!lua name=locks
redis.register_function('release', function(keys, args)
  if redis.call('GET', keys[1]) ~= args[1] then return 0 end
  return redis.call('DEL', keys[1])
end)"""


@pytest.fixture
def bench() -> Bench:
    return Bench()


def failure_of(bench: Bench, text: str) -> CheckFailed:
    with pytest.raises(CheckFailed) as raised:
        bench.check(text)
    return raised.value


def test_replies_are_those_that_redis_cli_prints(bench: Bench) -> None:
    bench.execute("FUNCTION", "LOAD", RELEASE)
    bench.check(
        """
> SET lock:a ann
OK
> FCALL release 1 lock:a bob
(integer) 0
> GET lock:a
"ann"
> EVAL "return {1, 3.99, false, {true}}" 0
1) (integer) 1
2) (integer) 3
3) (nil)
4) 1) (integer) 1
> LPUSH lock:a x
(error) WRONGTYPE ...
> 2 INCR n
(integer) 1
(integer) 2
"""
    )


def test_the_version_of_resp_is_chosen_by_hello(bench: Bench) -> None:
    bench.check('> HELLO 3\n> HSET h f v\n> HGETALL h\n1# "f" => "v"')


def test_a_failure_names_its_line_what_was_expected_and_what_came(bench: Bench) -> None:
    failure = failure_of(bench, "> SET n 1\n\n> INCR n\n(integer) 1")
    assert str(failure) == "> INCR n: expected (integer) 1, got (integer) 2"
    assert failure.explain(offset=2) == [
        "line 5 | > INCR n",
        "expected:",
        "    (integer) 1",
        "got:",
        "    (integer) 2",
    ]


def test_a_hint_takes_the_place_of_what_was_expected(bench: Bench) -> None:
    failure = failure_of(bench, '> GET n\n"41"\n? One less than 42.')
    assert "41" not in "\n".join([str(failure), *failure.explain()])
    assert failure.explain()[-1] == "hint: One less than 42."


def test_a_command_without_a_reply_below_it_may_not_fail(bench: Bench) -> None:
    bench.check("> SADD s 1")
    assert failure_of(bench, "> SADD s 1\n> GET s").expected == ("no error",)


def test_time_passes_only_when_it_is_told_to(bench: Bench) -> None:
    bench.check(
        """
> @time 1700000000
> SET k v EX 10
> @advance 9999ms
> PTTL k
(integer) 1
> EVAL "return redis.call('TIME')" 0
1) "1700000009"
2) "999000"
> 2 @advance 1s
= redis.call('EXISTS', 'k') == 0
"""
    )


def test_time_passes_by_seconds_or_by_spans(bench: Bench) -> None:
    began = bench.time
    bench.advance(1.5)
    bench.advance("2m")
    bench.advance("500ms")
    assert bench.time - began == 122


def test_random_members_are_the_same_in_each_run(bench: Bench) -> None:
    words = ["SADD", "s", *map(str, range(100))]
    drawn = []
    for each in (bench, Bench(), Bench()):
        each.execute(*words)
        drawn.append(each.execute("SPOP", "s"))
    assert drawn[0] == drawn[1] == drawn[2]
    bench.check("> @seed 7")
    assert bench.execute("SRANDMEMBER", "s", 20) != drawn


def test_effects_are_those_of_the_last_command(bench: Bench) -> None:
    bench.check(
        """
> EVAL "redis.call('SET', KEYS[1], ARGV[1]) redis.call('GET', KEYS[1])" 1 k v
(nil)
= redis.call('GET', 'k') == 'v'
> @effects
SET k v
> GET k
"v"
> @effects
(no effects)
"""
    )


@pytest.mark.parametrize(
    ("expression", "got"),
    [("1 == 2", "false"), ("nil", "nil"), ("nothing", "(error) ERR ... variable 'nothing' ...")],
)
def test_an_expression_must_be_true(bench: Bench, expression: str, got: str) -> None:
    bench.check("= true -- and with a comment")
    failure = failure_of(bench, f"= {expression}")
    assert failure.got[0].startswith(got.split("...", maxsplit=1)[0])


def test_a_span_of_time_that_cannot_be_read_fails_at_its_line(bench: Bench) -> None:
    assert failure_of(bench, "> PING\n> @advance soon").line == 2
