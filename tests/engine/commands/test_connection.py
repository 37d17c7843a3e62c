"""HELLO, AUTH, CLIENT, RESET."""

from __future__ import annotations

import pytest

from redislua_kernel.engine import Client, Engine
from redislua_kernel.errors import ResponseError
from redislua_kernel.reply import NO_REPLY


@pytest.fixture
def client() -> Client:
    return Engine().client()


def test_hello_chooses_the_protocol_and_the_name(client: Client) -> None:
    reply = client.execute("HELLO", 3, "SETNAME", "me")
    assert (reply[b"proto"], reply[b"server"], reply[b"version"]) == (3, b"redis", b"8.2.3")
    assert (client.resp, client.execute("CLIENT", "GETNAME")) == (3, b"me")


@pytest.mark.parametrize(
    ("words", "error"),
    [
        ("HELLO 4", "NOPROTO unsupported protocol version"),
        ("HELLO x", "ERR Protocol version is not an integer or out of range"),
        ("HELLO 3 FOO", "ERR Syntax error in HELLO option 'FOO'"),
        ("HELLO 3 AUTH other x", "WRONGPASS invalid username-password pair or user is disabled."),
        ("SELECT 16", "ERR DB index is out of range"),
        (
            "SELECT 9999999999",
            "ERR value is out of range, value must between -2147483648 and 2147483647",
        ),
        ("CLIENT SETINFO foo x", "ERR Unrecognized option 'foo'"),
        ("CLIENT LIST TYPE foo", "ERR Unknown client type 'foo'"),
        ("CLIENT KILL 1.2.3.4:5", "ERR No such client"),
        ("CLIENT KILL ID 0", "ERR client-id should be greater than 0"),
        ("CLUSTER INFO", "ERR This instance has cluster support disabled"),
    ],
)
def test_a_refused_word_changes_nothing(client: Client, words: str, error: str) -> None:
    with pytest.raises(ResponseError) as raised:
        client.execute(*words.split())
    assert str(raised.value) == error
    assert (client.resp, client.database, client.name) == (2, 0, b"")


def test_a_password_is_asked_for_once_it_is_set(client: Client) -> None:
    with pytest.raises(ResponseError, match="called without any password configured"):
        client.execute("AUTH", "x")
    client.execute("CONFIG", "SET", "requirepass", "secret")
    assert client.execute("AUTH", "secret") == b"OK"
    with pytest.raises(ResponseError, match=r"^WRONGPASS"):
        client.execute("AUTH", "default", "wrong")


def test_reset_brings_the_connection_back_to_its_beginning(client: Client) -> None:
    client.execute("HELLO", 3, "SETNAME", "me")
    client.execute("SELECT", 5)
    client.execute("WATCH", "k")
    client.execute("MULTI")
    assert client.execute("RESET") == b"RESET"
    assert (client.resp, client.database, client.name) == (2, 0, b"")
    assert not client.watched
    assert client.transaction is None


def test_client_list_describes_every_client(client: Client) -> None:
    client.engine.client().execute("CLIENT", "SETNAME", "other")
    text = client.execute("CLIENT", "LIST").decode()
    assert text.count("\n") == len(client.engine.clients)
    assert " name=other " in text
    assert text.count("cmd=client|list") == 1


def test_client_kill_closes_what_the_filters_choose(client: Client) -> None:
    other = client.engine.client()
    assert client.execute("CLIENT", "KILL", "ID", other.id) == 1
    assert other.closing
    assert other.id not in client.engine.clients
    assert not client.closing


def test_client_reply_tells_the_server_what_to_send(client: Client) -> None:
    def sent(*words: str) -> object:
        return client.sent(client.execute(*words))

    assert sent("CLIENT", "REPLY", "SKIP") is NO_REPLY
    assert sent("PING") is NO_REPLY
    assert sent("PING") == b"PONG"
    assert sent("CLIENT", "REPLY", "OFF") is NO_REPLY
    assert sent("PING") is NO_REPLY
    assert sent("CLIENT", "REPLY", "ON") == b"OK"


def test_a_scripts_select_is_its_own(client: Client) -> None:
    client.execute("EVAL", "return redis.call('SELECT', 3)", 0)
    assert client.database == 0
