"""Ports for the servers and kernels of the tests, which often run side by side."""

import socket
from collections import deque
from random import SystemRandom

__all__ = ["HOST", "free_port"]

HOST = "127.0.0.1"

#: Systems give connections the ports above. Hypothesis sets the seed of the usual random numbers.
_PORTS, _DRAWS = range(20_000, 32_000), SystemRandom()

#: What says of the last ports that they are taken.
_SIGNS: deque[socket.socket] = deque()
_MOST_SIGNS = 100


def free_port() -> int:
    """A loopback port that nobody has, and nobody else gets before there is a server on it.

    Whoever is given one for TCP has that of UDP, too, for a while: other processes of the tests
    see by it that the port is taken. A server may be some seconds late, or away for a moment.
    """
    while True:
        port, sign = _DRAWS.choice(_PORTS), socket.socket(type=socket.SOCK_DGRAM)
        try:
            sign.bind((HOST, port))
            with socket.socket() as probe:
                probe.bind((HOST, port))
        except OSError:
            sign.close()
            continue
        _SIGNS.append(sign)
        if len(_SIGNS) > _MOST_SIGNS:
            _SIGNS.popleft().close()
        return port
