"""ACL's subcommands, and what changed rights do to those who are connected."""

from __future__ import annotations

import pytest

from redislua_kernel import Engine
from redislua_kernel.engine import Client
from tests.engine.outcomes import error_of


def login(engine: Engine, *rules: str) -> Client:
    engine.execute("ACL", "SETUSER", "bob", "on", "nopass", *rules)
    client = engine.client()
    client.deliver = lambda message: None
    client.execute("AUTH", "bob", "")
    return client


def test_selectors_are_further_sets_of_rights(engine: Engine) -> None:
    bob = login(engine, "+get", "~x", "(+set", "~y)", "(%R~z +@read)")
    assert bob.execute("GET", "x") is None
    assert bob.execute("SET", "y", 1) == b"OK"
    assert bob.execute("STRLEN", "z") == 0
    assert error_of(bob, "SET", "x", 1) == "NOPERM No permissions to access a key"
    assert engine.execute("ACL", "LIST")[0] == (
        b"user bob on nopass sanitize-payload ~x resetchannels -@all +get "
        b"(~y resetchannels -@all +set) (%R~z resetchannels -@all +@read)"
    )
    assert engine.execute("ACL", "GETUSER", "bob")[b"selectors"] == [
        {b"commands": b"-@all +set", b"keys": b"~y", b"channels": b""},
        {b"commands": b"-@all +@read", b"keys": b"%R~z", b"channels": b""},
    ]
    engine.execute("ACL", "SETUSER", "bob", "clearselectors")
    assert error_of(bob, "SET", "y", 1).startswith("NOPERM User bob has no permissions")


@pytest.mark.parametrize(
    ("rules", "error"),
    [
        (("(+get", "~x"), "ERR Unmatched parenthesis in acl selector starting at '(+get'."),
        (("(on)",), "ERR Error in ACL SETUSER modifier '(on)': Syntax error"),
        (("(+get", "nosuch)"), "ERR Error in ACL SETUSER modifier '(+get nosuch)': Syntax error"),
    ],
)
def test_a_bad_selector_is_refused(engine: Engine, rules: tuple[str, ...], error: str) -> None:
    assert error_of(engine.client(), "ACL", "SETUSER", "u", *rules) == error


def test_the_setting_says_whether_new_users_have_all_channels(engine: Engine) -> None:
    engine.execute("CONFIG", "SET", "acl-pubsub-default", "allchannels")
    bob = login(engine, "+publish")
    engine.execute("CONFIG", "SET", "acl-pubsub-default", "resetchannels")
    assert bob.execute("PUBLISH", "c", "m") == 0
    engine.execute("ACL", "SETUSER", "bob", "reset", "on", "nopass", "+publish")
    assert error_of(bob, "PUBLISH", "c", "m") == "NOPERM No permissions to access a channel"


@pytest.mark.parametrize(
    ("subscription", "rules", "stays"),
    [
        (("SUBSCRIBE", "c1"), ("resetchannels", "&c2"), False),
        (("SUBSCRIBE", "c1"), ("resetchannels", "&c1"), True),
        (("SSUBSCRIBE", "c1"), ("resetchannels", "&c2"), False),
        (("PSUBSCRIBE", "c*"), ("resetchannels", "&c1"), False),
        (("PSUBSCRIBE", "c*"), ("resetchannels", "(&c* +get)"), True),
        (("PSUBSCRIBE", "c*"), ("allchannels",), True),
    ],
)
def test_who_listens_without_the_right_is_disconnected(
    engine: Engine, subscription: tuple[str, ...], rules: tuple[str, ...], stays: bool
) -> None:
    bob = login(engine, "+@all", "&c*")
    bob.execute(*subscription)
    engine.execute("ACL", "SETUSER", "bob", *rules)
    assert (bob.id in engine.clients, bob.closing) == (stays, not stays)


def test_rights_are_looked_at_again_at_exec(engine: Engine) -> None:
    bob = login(engine, "+@all", "~*", "&*")
    bob.execute("MULTI")
    for words in (("GET", "x"), ("SET", "x", 1), ("PUBLISH", "c", "m")):
        bob.execute(*words)
    engine.execute("ACL", "SETUSER", "bob", "-get", "resetkeys", "resetchannels")
    reasons = [str(error).partition("reason: ")[2] for error in bob.execute("EXEC")]
    assert reasons == [
        "no permission to execute the command or subcommand",
        "no permission to touch the specified keys",
        "no permission to access one of the channels used as argument to the selected command",
    ]
    assert engine.execute("EXISTS", "x") == 0


def test_sort_by_patterns_needs_the_right_to_read_all_keys(engine: Engine) -> None:
    engine.execute("RPUSH", "x", 2, 1)
    bob = login(engine, "+@all", "~x*")
    denied = "ERR {} option of SORT denied due to insufficient ACL permissions."
    assert error_of(bob, "SORT", "x", "BY", "w*") == denied.format("BY")
    assert error_of(bob, "SORT_RO", "x", "GET", "w*") == denied.format("GET")
    script = "return redis.call('sort', 'x', 'by', 'w*')"
    assert denied.format("BY") in error_of(bob, "EVAL", script, 0)
    assert bob.execute("SORT", "x", "BY", "nosort") == [b"2", b"1"]
    engine.execute("ACL", "SETUSER", "bob", "%R~*")
    assert bob.execute("SORT", "x", "BY", "w*") == [b"1", b"2"]


@pytest.mark.parametrize("name", ["CAT", "LOG", "GENPASS"])
def test_words_too_many_are_a_syntax_error(engine: Engine, name: str) -> None:
    assert error_of(engine.client(), "ACL", name, "1", "2") == (
        f"ERR unknown subcommand or wrong number of arguments for '{name}'. Try ACL HELP."
    )


@pytest.mark.parametrize("name", ["LOAD", "SAVE"])
def test_there_is_no_acl_file(engine: Engine, name: str) -> None:
    error = "ERR This Redis instance is not configured to use an ACL file."
    assert error_of(engine.client(), "ACL", name).startswith(error)


def test_clients_can_be_found_by_their_user(engine: Engine) -> None:
    bob = login(engine, "+@all")
    assert b" user=bob " in engine.execute("CLIENT", "LIST")
    assert error_of(engine.client(), "CLIENT", "KILL", "USER", "eve") == "ERR No such user 'eve'"
    assert engine.execute("CLIENT", "KILL", "USER", "bob") == 1
    assert bob.closing
