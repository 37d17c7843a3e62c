"""A record of what scripts call."""

from contextlib import suppress

from redislua_kernel import Engine, ResponseError
from redislua_kernel.engine.debugging.trace import CallTrace


def test_each_call_has_its_line_and_its_reply() -> None:
    engine = Engine()
    script = """local co = coroutine.wrap(function()
  redis.call('SET', 'k', 'v')
end)
co()
redis.pcall('INCR', 'k')
return redis.pcall('NOPE')"""
    with CallTrace(engine.scripting) as trace, suppress(ResponseError):
        engine.execute("EVAL", script, 0)
    shown = [(call.line, call.words[0], str(call.reply)[:6]) for call in trace.calls]
    assert shown == [(2, b"SET", "b'OK'"), (5, b"INCR", "ERR va"), (6, b"NOPE", "ERR Un")]
    assert sum(call.took for call in trace.calls) == trace.total
    begun = [call.began for call in trace.calls]
    assert begun == sorted(begun)


def test_calls_of_functions_name_their_library() -> None:
    engine = Engine()
    library = "#!lua name=l\nredis.register_function('f', function() return redis.call('PING') end)"
    engine.execute("FUNCTION", "LOAD", library)
    with CallTrace(engine.scripting) as trace:
        engine.execute("FCALL", "f", 0)
    (call,) = trace.calls
    assert call.source is not None
    assert (call.line, call.source.is_function, call.source.code) == (2, True, library.encode())


def test_of_very_many_calls_the_first_are_kept_and_all_are_counted() -> None:
    engine = Engine()
    with CallTrace(engine.scripting, most=10) as trace:
        engine.execute("EVAL", "for i = 1, 25 do redis.call('PING') end", 0)
    assert (len(trace.calls), trace.left_out) == (10, 15)


def test_nothing_is_noted_afterwards() -> None:
    engine = Engine()
    with CallTrace(engine.scripting) as trace:
        pass
    engine.execute("EVAL", "return redis.call('PING')", 0)
    assert trace.calls == []
    assert not engine.conditions.any


def test_a_call_with_very_many_words_has_its_line_too_also_the_first_of_its_command() -> None:
    engine = Engine()
    script = """local words = {}
for place = 1, 6000 do words[place] = place end
for time = 1, 20 do
  redis.call('RPUSH', 'l', unpack(words))
end"""
    with CallTrace(engine.scripting) as trace:
        engine.execute("EVAL", script, 0)
    seen = {(call.line, len(call.words), call.words[-1]) for call in trace.calls}
    assert seen == {(4, 6002, b"6000")}
    assert [call.reply for call in trace.calls] == [6000 * time for time in range(1, 21)]


def test_what_coroutines_hand_over_is_not_kept_longer_than_they_are() -> None:
    engine = Engine()
    script = "coroutine.wrap(function() redis.pcall('GET', {}) end)() collectgarbage()"
    with CallTrace(engine.scripting) as trace:
        engine.execute("EVAL", script * 20, 0)
    assert {each[0] for each in trace._noted} == {()}  # tables would be freed after their states
