"""Sockets: listening ones, those that were accepted, and what the system allows of both."""

from __future__ import annotations

import contextlib
import errno
import ipaddress
import resource
import socket
import stat
from pathlib import Path
from typing import Any

__all__ = [
    "address_of",
    "allow_open_files",
    "is_local",
    "keep_alive",
    "listen_on",
    "listen_there",
    "remove_stale",
]

#: What the system says of an address, or a kind of addresses, that it has not.
_LACKING = frozenset({errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT, errno.EPROTONOSUPPORT})

#: Files that the process opens beside those of its clients.
_OTHER_FILES = 32


def listen_there(family: int, address: tuple[Any, ...], port: int, backlog: int) -> socket.socket:
    """Listen on an address, but on another port than it names. Raises OSError."""
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        host, _, *rest = address
        listening.bind((host, port, *rest))
        listening.listen(backlog)
    except OSError:
        listening.close()
        raise
    return listening


def listen_on(word: str, port: int, backlog: int) -> socket.socket | None:
    """Listen on an address as `bind` has it: `*`, `::*`, a name; `-` before one that may lack.

    Gives None for one that may lack and does. Raises OSError.
    """
    may_lack, word = word.startswith("-"), word.removeprefix("-")
    family = socket.AF_INET6 if ":" in word else socket.AF_INET
    host = {"*": "0.0.0.0", "::*": "::"}.get(word, word)
    address = socket.getaddrinfo(host, port, family, socket.SOCK_STREAM)[0][4]
    try:
        return listen_there(family, address, port, backlog)
    except OSError as error:
        if may_lack and error.errno in _LACKING:
            return None
        raise


def remove_stale(path: Path) -> None:
    """Remove a Unix socket that a process which is gone has left behind."""
    with contextlib.suppress(FileNotFoundError):
        if stat.S_ISSOCK(path.stat().st_mode):
            path.unlink()


def address_of(name: object) -> str:
    """Give a socket's address as CLIENT LIST shows it."""
    if not isinstance(name, tuple):
        return f"{name or ''}:0"
    host = f"[{name[0]}]" if ":" in name[0] else name[0]
    return f"{host}:{name[1]}"


def is_local(peer: object) -> bool:
    """Tell whether a peer's address is on this machine: a loopback one, or a Unix socket."""
    if not isinstance(peer, tuple):
        return True
    address = ipaddress.ip_address(peer[0].partition("%")[0])
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (mapped or address).is_loopback


def keep_alive(connection: socket.socket, seconds: int) -> None:
    """Let the system ask a silent peer from time to time whether it is still there."""
    if not seconds or connection.family == socket.AF_UNIX:
        return
    with contextlib.suppress(OSError):  # the peer has gone already
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for option, value in (
            ("TCP_KEEPIDLE", seconds),
            ("TCP_KEEPINTVL", max(seconds // 3, 1)),
            ("TCP_KEEPCNT", 3),
        ):
            if hasattr(socket, option):
                connection.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)


def allow_open_files(clients: int) -> int:
    """See to it that so many clients can connect; give how many can."""
    wanted = (clients + _OTHER_FILES) % (1 << 32)  # the reference, too, counts with 32 bits
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return clients
    allowed = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
        soft = allowed
    return min(clients, max(soft - _OTHER_FILES, 1))
