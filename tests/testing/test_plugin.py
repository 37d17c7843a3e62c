"""The fixture that pytest users get."""

from pathlib import Path

import pytest

from redislua_kernel.testing import Bench
from redislua_kernel.testing.plugin import redis_lua

__all__ = ["redis_lua"]


def test_scripts_and_functions_are_called_by_name(redis_lua: Bench, tmp_path: Path) -> None:
    (tmp_path / "get-1.lua").write_text("return redis.call('GET', KEYS[1])")
    (tmp_path / "lib.lua").write_text(
        "#!lua name=lib\nredis.register_function('put', function(k, a)"
        " return redis.call('SET', k[1], a[1], 'EX', 10) end)"
    )
    assert redis_lua.load(tmp_path) == ["get", "lib"]
    redis_lua.call("put", ["k"], ["v"])
    assert redis_lua.call("get", ["k"]) == b"v"
    assert [effect.words[0] for effect in redis_lua.effects] == []
    redis_lua.advance(10.001)
    assert redis_lua.call("get", ["k"]) is None


def test_each_test_begins_empty_and_at_the_same_time(redis_lua: Bench) -> None:
    assert redis_lua.execute("DBSIZE") == 0
    assert redis_lua.time == 1_767_225_600
    redis_lua.time += 0.5
    redis_lua.check(
        """
        > TIME
        1) "1767225600"
        2) "500000"
        """
    )
    with pytest.raises(AssertionError):
        redis_lua.check("> PING\nPANG")
