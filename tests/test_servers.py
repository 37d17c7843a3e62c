"""The servers that other tests stand on are the ones they should be."""

import subprocess
from pathlib import Path

from tests.resp_client import RespClient
from tests.servers import Server


def _info(server: Server) -> str:
    with RespClient(server.host, server.port) as client:
        text = client.command("INFO", "server")["v"]
    assert isinstance(text, str)
    return text


def test_reference_is_redis_8_2_3(reference_server: Server) -> None:
    info = _info(reference_server)
    assert "redis_version:8.2.3\r\n" in info
    assert f"process_id:{reference_server.pid}\r\n" in info


def test_redis_of_the_machine_is_a_redis_server(debian_server: Server) -> None:
    assert f"process_id:{debian_server.pid}\r\n" in _info(debian_server)


def test_redis_cli_talks_over_the_unix_socket(redis_cli: Path, reference_server: Server) -> None:
    command = [str(redis_cli), "-s", str(reference_server.socket), "PING"]
    assert subprocess.run(command, check=True, capture_output=True).stdout == b"PONG\n"


def test_typed_replies_of_both_protocols(reference_server: Server) -> None:
    with RespClient(reference_server.host, reference_server.port) as client:
        assert client.command("PING") == {"t": "+", "v": "PONG"}
        assert client.command("ECHO", "\xff\x00") == {"t": "$", "v": "\xff\x00"}
        assert client.command("EVAL", "return {1, false}", "0") == {
            "t": "*",
            "v": [{"t": ":", "v": 1}, {"t": "$", "v": None}],
        }
        client.command("HELLO", "3")
        assert client.command("DEBUG", "PROTOCOL", "attrib")["t"] in "$_+*"
        assert client.command("DEBUG", "PROTOCOL", "map")["v"][0] == [
            {"t": ":", "v": 0},
            {"t": "#", "v": False},
        ]
        assert client.command("DEBUG", "PROTOCOL", "double") == {"t": ",", "v": "3.141"}
