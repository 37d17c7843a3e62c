"""Users and their rights: rules, logging in, and what a refused call says."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from redislua_kernel import Engine
from redislua_kernel.engine import Client
from tests.engine.outcomes import error_of


@pytest.fixture
def bob(engine: Engine) -> Client:
    """A client that is bob, who may run scripts, SET on x…, and PUBLISH to c."""
    rules = ("on", ">secret", "+@scripting", "+set", "+publish", "+multi", "~x*", "&c")
    engine.execute("ACL", "SETUSER", "bob", *rules)
    client = engine.client()
    assert client.execute("AUTH", "bob", "secret") == b"OK"
    return client


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("GET", "x"), "NOPERM User bob has no permissions to run the 'get' command"),
        (("ACL", "LIST"), "NOPERM User bob has no permissions to run the 'acl|list' command"),
        (("SET", "y", "1"), "NOPERM No permissions to access a key"),
        (("EVAL", "return 1", "1", "y"), "NOPERM No permissions to access a key"),
        (("PUBLISH", "d", "m"), "NOPERM No permissions to access a channel"),
        (("NOSUCH",), "ERR unknown command 'NOSUCH', with args beginning with: "),
    ],
)
def test_a_user_runs_what_the_rules_allow(bob: Client, words: Sequence[str], error: str) -> None:
    assert bob.execute("SET", "x", "1") == b"OK"
    assert error_of(bob, *words) == error


@pytest.mark.parametrize(
    ("call", "text"),
    [
        ("'get', 'x'", "User bob has no permissions to run the 'get' command"),
        ("'set', 'y', '1'", "No permissions to access a key"),
        ("'publish', 'd', 'm'", "No permissions to access a channel"),
    ],
)
def test_a_script_may_do_what_its_caller_may(bob: Client, call: str, text: str) -> None:
    assert error_of(bob, "EVAL", f"return redis.pcall({call})", 0) == (
        f"ERR ACL failure in script: {text}"
    )
    assert bob.execute("EVAL", "return redis.call('set', 'x', 1)", 0) == b"OK"
    engine = bob.engine
    assert engine.execute("EVAL", "return redis.call('get', 'x')", 0) == b"1"  # the default user


def test_a_script_can_ask_what_its_caller_may(bob: Client) -> None:
    script = """
        local allowed = {}
        for _, call in ipairs({{'set', 'x', 1}, {'set', 'y', 1}, {'hset', 'x', 'f', 1}}) do
            allowed[#allowed + 1] = tostring(redis.acl_check_cmd(unpack(call)))
        end
        return allowed"""
    assert bob.execute("EVAL", script, 0) == [b"true", b"false", b"false"]


def test_later_rules_decide_and_void_ones_go(engine: Engine) -> None:
    engine.execute("ACL", "SETUSER", "u", "+config|get", "-config", "+@read", "+set", "-set")
    assert engine.execute("ACL", "GETUSER", "u")[b"commands"] == b"-@all -config +@read -set"
    engine.execute("ACL", "SETUSER", "u", "+@all", "-@write", "+set", "%R~a", "%W~a", "~b")
    assert engine.execute("ACL", "LIST")[1] == (
        b"user u off sanitize-payload ~a ~b resetchannels +@all -@write +set"
    )


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        ("foo", "Syntax error"),
        ("+nosuch", "Unknown command or category name in ACL"),
        ("+@nosuch", "Unknown command or category name in ACL"),
        ("<nosuch", "The password you are trying to remove from the user does not exist"),
    ],
)
def test_a_bad_rule_changes_nothing(engine: Engine, rule: str, reason: str) -> None:
    error = f"ERR Error in ACL SETUSER modifier '{rule}': {reason}"
    assert error_of(engine.client(), "ACL", "SETUSER", "u", "on", rule) == error
    assert engine.execute("ACL", "USERS") == [b"default"]


def test_only_the_right_password_of_a_user_that_is_on_logs_in(bob: Client) -> None:
    wrong = "WRONGPASS invalid username-password pair or user is disabled."
    stranger = bob.engine.client()
    assert error_of(stranger, "AUTH", "bob", "wrong") == wrong
    bob.engine.execute("ACL", "SETUSER", "bob", "off")
    assert error_of(stranger, "AUTH", "bob", "secret") == wrong
    assert bob.execute("SET", "x", 1) == b"OK"  # who is logged in stays so


def test_requirepass_is_the_default_users_password(engine: Engine) -> None:
    engine.execute("CONFIG", "SET", "requirepass", "secret")
    assert error_of(engine.client(), "AUTH", "wrong").startswith("WRONGPASS")
    assert engine.execute("AUTH", "secret") == b"OK"
    assert b"nopass" not in engine.execute("ACL", "LIST")[0]
    engine.execute("CONFIG", "SET", "requirepass", "")
    assert error_of(engine.client(), "AUTH", "x").startswith("ERR AUTH <password> called without")


def test_rights_are_looked_at_before_what_a_read_only_script_may_not_do(bob: Client) -> None:
    script = "return redis.pcall('del', 'x')"
    assert "no permissions to run the 'del' command" in error_of(bob, "EVAL_RO", script, 0)
    script = "return redis.pcall('set', 'x', 1)"
    assert "not allowed from read-only scripts" in error_of(bob, "EVAL_RO", script, 0)


def test_a_deleted_user_is_disconnected(bob: Client) -> None:
    assert bob.engine.execute("ACL", "DELUSER", "bob", "nosuch") == 1
    assert bob.closing


def test_dryrun_tells_what_is_lacking(bob: Client) -> None:
    dryrun = ("ACL", "DRYRUN", "bob")
    assert bob.engine.execute(*dryrun, "SET", "x", 1) == b"OK"
    assert bob.engine.execute(*dryrun, "SET", "y", 1) == (
        b"User bob has no permissions to access the 'y' key"
    )


def test_without_other_users_nothing_is_checked(engine: Engine) -> None:
    assert not engine.conditions.any
    engine.execute("ACL", "SETUSER", "u")
    assert engine.conditions.any
    engine.execute("ACL", "DELUSER", "u")
    assert not engine.conditions.any
