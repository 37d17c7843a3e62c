"""Frames, good and hostile: the reference and we send the same bytes back."""

import pytest

from redislua_kernel.server import Server as OurServer
from tests.server.wire import Wire
from tests.servers import Server

_FRAMES = [
    b"PING\r\n\r\n  \r\nECHO 'a b'\n",
    b"*0\r\n*-1\r\n*-99\r\nPING\r\n",
    b"*1\r\nxyz\r\nPING\r\n",
    b"*1\r\n\r\nPING\r\n",
    b"*1\r\n:3\r\nPING\r\n",
    b"*x\r\n",
    b"*+1\r\n$4\r\nPING\r\n",
    b"*01\r\n$4\r\nPING\r\n",
    b"* 1\r\n",
    b"*2147483648\r\n",
    b"*99999999999999999999\r\n",
    b"*1\r\n$-1\r\n",
    b"*1\r\n$x\r\n",
    b"*1\r\n$04\r\nPING\r\n",
    b"*1\r\n$536870913\r\n",
    b"*1\r\n$4\r\nPINGxx*1\r\n$4\r\nPING\r\n",
    b"*2\r\n$4\r\nECHO\r\n$2\r\n\r\n\r\n",
    b"*2\r\n$4\r\nECHO\r\n$0\r\n\r\n",
    b"*1\r\n$0\r\n\r\n",
    b"*1\r\n$7\r\nno\r\nsuc\r\n",
    b'ECHO "\\x41\\n"\r\n',
    b'ECHO "a\r\n',
    b'ECHO "a"b\r\n',
    b"ECHO 'a\\'b'\r\n",
    b"*" + b"1" * 70000,
    b"*1\r\n$" + b"1" * 70000,
    b"x" * 70000,
    b"POST / HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    b"\r\n\n\nPING\n",
    b"QUIT\r\nPING\r\n",
    b"HELLO 4\r\nHELLO x\r\n",
    b"SUBSCRIBE c\r\nGET k\r\nPING\r\nPING x\r\nUNSUBSCRIBE\r\nPING\r\n",
    b"MULTI\r\nPING\r\nGET\r\nEXEC\r\n",
    b"MULTI\r\nPING\r\nEVAL 'return {1,{2,\"x\"},false}' 0\r\nEXEC\r\n",
]


@pytest.mark.parametrize("frame", _FRAMES, ids=lambda frame: repr(frame[:24]))
def test_the_reference_answers_the_same(
    frame: bytes, server: OurServer, reference_server: Server
) -> None:
    assert _answer(server.port, frame) == _answer(reference_server.port, frame)


def _answer(port: int, frame: bytes) -> bytes:
    with Wire(port) as wire:
        # QUIT ends the answer of a connection that is still open.
        wire.send(frame + b"*1\r\n$4\r\nQUIT\r\n" if frame.endswith(b"\n") else frame)
        return wire.rest()
