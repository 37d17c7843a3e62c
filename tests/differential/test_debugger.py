"""The debugger of SCRIPT DEBUG: its sessions are the reference's, to the byte."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.differential.transcripts import Session, read_sessions, transcript
from tests.servers import Server

pytestmark = pytest.mark.reference

SESSIONS = {
    **dict(read_sessions(Path(__file__).with_name("debugger_sessions.txt"))),
    "a source with odd lines": Session(
        "\r\nlocal a = 'x'\t\r\n\r\nreturn a\n\n\r\n", ["w", "p", "s", "l", "s"]
    ),
    "an empty script": Session("", ["l", "w", "p", "t", "b 1", "s"]),
    "newlines alone": Session("\n\n\n", ["l", "b 1", "c"]),
    "too many breakpoints": Session(
        "\n".join(f"local a{number}" for number in range(70)) + "\nreturn 1",
        [f"b {' '.join(map(str, range(1, 71)))}", "b", "b 70", "b -1", "b 70 71 72", "b 0", "c"],
    ),
}


@pytest.mark.parametrize("mode", ["yes", "sync"])
@pytest.mark.parametrize("session", SESSIONS.values(), ids=SESSIONS)
def test_a_session_is_heard_as_from_the_reference(
    reference_server: Server, serve: Server, session: Session, mode: str
) -> None:
    assert transcript(serve, session, mode) == transcript(reference_server, session, mode)
