"""Where to connect: redis-cli's flags and URLs, read.

    -h HOST -p PORT -s SOCKET -a PASSWORD --user NAME -n DATABASE -u URL -2 -3 -c
    --tls --cacert FILE --cacertdir DIR --cert FILE --key FILE --sni NAME --insecure
    redis://[[user]:password@]host[:port][/database]   rediss:// (TLS)   unix:///path
    redis+sentinel://host[:port][,host…]/name[/database]   redis+cluster://host[:port][,host…]

`${NAME}` in a word is that variable of the environment. Nothing here prints a password: the
`repr` of a target has none, and no error quotes a word that may hold one.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qsl, unquote, urlsplit

from redislua_kernel.errors import RedisError
from redislua_kernel.remote.secrets import hide_secrets

__all__ = ["OPTIONS", "Target", "TargetError", "Tls", "read_target", "states_secret"]

_HOST, _PORT, _SENTINEL_PORT = "127.0.0.1", 6379, 26379
#: How long to wait for a connection, in seconds.
_CONNECT_SECONDS = 5.0

_SCHEMES = {
    "redis": (False, ""),
    "valkey": (False, ""),
    "rediss": (True, ""),
    "valkeys": (True, ""),
    "unix": (False, "unix"),
    "redis+cluster": (False, "cluster"),
    "rediss+cluster": (True, "cluster"),
    "redis+sentinel": (False, "sentinel"),
    "rediss+sentinel": (True, "sentinel"),
}
_VARIABLE = re.compile(r"\$\{(\w+)\}")


class TargetError(RedisError):
    """Words that do not say where to connect."""


@dataclass(frozen=True)
class Tls:
    """How a connection is encrypted, and who vouches for whom: files in PEM."""

    ca_file: str | None = None
    ca_directory: str | None = None
    certificate: str | None = None
    key: str | None = None
    #: The server's name, if it is not that of the host.
    name: str | None = None
    #: Whether the server must prove who it is.
    verify: bool = True


@dataclass(frozen=True)
class Target:
    """Where to connect, as whom, and how."""

    #: Several for a cluster or for sentinels: whichever answers first.
    hosts: tuple[tuple[str, int], ...] = ((_HOST, _PORT),)
    socket: str | None = None
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    database: int = 0
    resp: int = 2
    tls: Tls | None = None
    is_cluster: bool = False
    #: The name by which the sentinels at `hosts` know the server.
    sentinel: str | None = None
    #: What to call it, if not by its place.
    name: str | None = None
    connect_seconds: float = _CONNECT_SECONDS
    #: How long to wait for a reply; None: as long as it takes.
    reply_seconds: float | None = None

    @property
    def place(self) -> str:
        """Where it is, in few words."""
        return self.name or self.sentinel or self.socket or _shown(*self.hosts[0])

    def at(self, host: str, port: int) -> Target:
        """Give the target of one node that goes by the same rules."""
        return replace(self, hosts=((host, port),), is_cluster=False, sentinel=None, name=None)


def _shown(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def read_target(
    words: Sequence[bytes], environment: Mapping[str, str] = os.environ
) -> tuple[Target, bool]:
    """Read the words of %connect; give the target, and whether to ask for the password.

    Without words: REDIS_URL, or 127.0.0.1:6379. Without a password: that of REDISCLI_AUTH.
    Raises TargetError.
    """
    given = [_expand(word.decode("utf-8", "surrogateescape"), environment) for word in words]
    if not given and environment.get("REDIS_URL"):
        given = [environment["REDIS_URL"]]
    reader = _Reader(given)
    reader.read()
    target = reader.target
    if target.password is None and not reader.asks and environment.get("REDISCLI_AUTH"):
        target = replace(target, password=environment["REDISCLI_AUTH"])
    if target.is_cluster and target.database:
        raise TargetError("a cluster has database 0 only")
    if target.is_cluster and target.sentinel is not None:
        raise TargetError("either a cluster (-c) or sentinels")
    return target, reader.asks


def states_secret(words: Sequence[bytes]) -> bool:
    """Tell whether words of a user hold a password, which `${NAME}` would not."""
    line = "%connect " + " ".join(word.decode("utf-8", "replace") for word in words)
    return hide_secrets(_VARIABLE.sub("", line)) != _VARIABLE.sub("", line)


def _expand(word: str, environment: Mapping[str, str]) -> str:
    def value(found: re.Match[str]) -> str:
        if found[1] not in environment:
            raise TargetError(f"the environment has no variable {found[1]}")
        return environment[found[1]]

    return _VARIABLE.sub(value, word)


class _Reader:
    """The words, taken one after another."""

    def __init__(self, words: Sequence[str]) -> None:
        self._words: Iterator[str] = iter(words)
        self.target = Target()
        self.asks = False

    def read(self) -> None:
        for word in self._words:
            if word in _VALUES:
                value = next(self._words, None)
                if value is None:
                    raise TargetError(f"{word} needs a value")
                _VALUES[word](self, value)
            elif word in _FLAGS:
                _FLAGS[word](self)
            elif "://" in word:
                self._read_url(word)
            elif word.startswith("-"):
                raise TargetError(f"unknown option {word}; %help connect lists all")
            else:
                self._set(hosts=_hosts(word, _PORT))

    def _set(self, **values: object) -> None:
        self.target = replace(self.target, **values)  # type: ignore[arg-type]

    def _set_tls(self, **values: object) -> None:
        tls = self.target.tls or Tls()
        self._set(tls=replace(tls, **values))  # type: ignore[arg-type]

    def _set_host(self, value: str) -> None:
        ports = [port for _, port in self.target.hosts]
        names = value.split(",")
        self._set(hosts=tuple(_split(name, ports[0]) for name in names))

    def _set_port(self, value: str) -> None:
        port = _number(value, "a port", 1, 65535)
        self._set(hosts=tuple((host, port) for host, _ in self.target.hosts))

    def _set_sentinel(self, value: str) -> None:
        hosts = self.target.hosts
        if hosts == Target().hosts:
            hosts = ((_HOST, _SENTINEL_PORT),)
        self._set(sentinel=value, hosts=hosts)

    def _ask(self) -> None:
        self.asks = True

    def _read_url(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in _SCHEMES:
            known = ", ".join(f"{scheme}://" for scheme in _SCHEMES)
            raise TargetError(f"a URL begins with one of {known}")
        is_tls, kind = _SCHEMES[parts.scheme]
        if is_tls:
            self._set_tls()
        login, _, place = parts.netloc.rpartition("@")
        if login:
            user, colon, password = login.partition(":")
            # As redis-cli has it: what stands there alone is the password.
            self._set(password=unquote(password if colon else user))
            if colon and user:
                self._set(user=unquote(user))
        path = unquote(parts.path)
        if kind == "unix":
            self._set(socket=unquote(place) + path)
        else:
            self._read_place(kind, place, [step for step in path.split("/") if step])
        for name, value in parse_qsl(parts.query):
            if name not in _QUERIES:
                raise TargetError(f"a URL knows {', '.join(_QUERIES)} after its question mark")
            _QUERIES[name](self, value)

    def _read_place(self, kind: str, place: str, path: list[str]) -> None:
        if place:
            self._set(hosts=_hosts(place, _SENTINEL_PORT if kind == "sentinel" else _PORT))
        if kind == "sentinel":
            if not path:
                raise TargetError("redis+sentinel://host/NAME: the name of the server is missing")
            self._set_sentinel(path.pop(0))
        elif kind == "cluster":
            self._set(is_cluster=True)
        if path:
            self._set_database(path[0])

    def _set_database(self, value: str) -> None:
        self._set(database=_number(value, "a database", 0, 1 << 31))

    def _set_resp(self, value: str) -> None:
        self._set(resp=_number(value, "the protocol", 2, 3))

    def _set_seconds(self, name: str, value: str) -> None:
        try:
            seconds = float(value)
        except ValueError:
            raise TargetError("a timeout is a number of seconds") from None
        self._set(**{name: seconds if seconds > 0 else None})


def _hosts(place: str, port: int) -> tuple[tuple[str, int], ...]:
    return tuple(_split(each, port) for each in place.split(","))


def _split(place: str, port: int) -> tuple[str, int]:
    """Read host, host:port or [IPv6]:port."""
    if place.count(":") > 1 and not place.startswith("["):
        return place, port
    found = re.fullmatch(r"\[([^\]]*)\](?::(.*))?|([^:]*)(?::(.*))?", place)
    if found is None:
        raise TargetError("a host is NAME, NAME:PORT or [ADDRESS]:PORT")
    host = found[1] or found[3] or _HOST
    stated = found[2] or found[4]
    return unquote(host), _number(stated, "a port", 1, 65535) if stated else port


def _number(text: str, what: str, least: int, most: int) -> int:
    if not text.isascii() or not text.isdecimal() or not least <= int(text) <= most:
        raise TargetError(f"{what} is a number from {least} to {most}")
    return int(text)


#: Options with a value, those without, and what may follow the question mark of a URL.
_VALUES: dict[str, Callable[[_Reader, str], None]] = {
    "-h": _Reader._set_host,
    "-p": _Reader._set_port,
    "-s": lambda reader, value: reader._set(socket=value),
    "-a": lambda reader, value: reader._set(password=value),
    "--pass": lambda reader, value: reader._set(password=value),
    "--user": lambda reader, value: reader._set(user=value),
    "-n": _Reader._set_database,
    "-u": _Reader._read_url,
    "-t": lambda reader, value: reader._set_seconds("connect_seconds", value),
    "--sentinel": _Reader._set_sentinel,
    "--cacert": lambda reader, value: reader._set_tls(ca_file=value),
    "--cacertdir": lambda reader, value: reader._set_tls(ca_directory=value),
    "--cert": lambda reader, value: reader._set_tls(certificate=value),
    "--key": lambda reader, value: reader._set_tls(key=value),
    "--sni": lambda reader, value: reader._set_tls(name=value),
}
_FLAGS: dict[str, Callable[[_Reader], None]] = {
    "-2": lambda reader: reader._set(resp=2),
    "-3": lambda reader: reader._set(resp=3),
    "-c": lambda reader: reader._set(is_cluster=True),
    "--tls": lambda reader: reader._set_tls(),
    "--insecure": lambda reader: reader._set_tls(verify=False),
    "--askpass": _Reader._ask,
}
_QUERIES: dict[str, Callable[[_Reader, str], None]] = {
    "db": _Reader._set_database,
    "protocol": _Reader._set_resp,
    "socket_timeout": lambda reader, value: reader._set_seconds("reply_seconds", value),
    "socket_connect_timeout": lambda reader, value: reader._set_seconds("connect_seconds", value),
}
#: All that `read_target` takes before a value or alone.
OPTIONS = (*_VALUES, *_FLAGS)
