"""`serve` and the settings that its command line gives."""

import pytest

from redislua_kernel.__main__ import main
from tests.server.wire import Wire
from tests.servers import run_serve


def test_settings_may_be_given_as_to_the_reference() -> None:
    settings = ["--requirepass", "secret", "--maxclients", "200", "--save", ""]
    settings += ["--client-output-buffer-limit", "pubsub", "1mb", "2mb", "3"]
    with run_serve(*settings) as serve, Wire(serve.port) as wire:
        wire.ask(b"PING", b"-NOAUTH Authentication required.\r\n")
        wire.ask(b"AUTH secret", b"+OK\r\n")
        wire.ask(b"CONFIG GET maxclients", b"*2\r\n$10\r\nmaxclients\r\n$3\r\n200\r\n")
        wire.send(b"CONFIG GET client-output-buffer-limit\r\n")
        wire.expect(
            b"*2\r\n$26\r\nclient-output-buffer-limit\r\n$65\r\n"
            b"normal 0 0 0 slave 268435456 67108864 60 pubsub 1048576 2097152 3\r\n"
        )


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (["--nonsense", "1"], "ERR Unknown option or number of arguments for CONFIG SET"),
        (["--maxclients", "none"], "argument couldn't be parsed into an integer"),
        (["--databases", "3"], "can't set immutable config"),
    ],
)
def test_a_wrong_setting_is_told_at_once(
    capsys: pytest.CaptureFixture[str], words: list[str], error: str
) -> None:
    assert main(["serve", *words]) == 1
    assert error in capsys.readouterr().err


@pytest.mark.parametrize("words", [["serve", "word"], ["install", "--nonsense"]])
def test_words_that_are_no_settings_are_refused(words: list[str]) -> None:
    with pytest.raises(SystemExit):
        main(words)
