"""Sentinels: which server is the master now."""

from __future__ import annotations

from dataclasses import replace

from redislua_kernel.errors import RedisError
from redislua_kernel.remote.connection import Connection
from redislua_kernel.remote.errors import CannotConnect
from redislua_kernel.remote.target import Target
from redislua_kernel.reply import Reply, ResponseError

__all__ = ["find_master"]


def find_master(target: Target) -> Target:
    """Give the target of the master that the sentinels name; raises CannotConnect."""
    reasons = []
    for host, port in target.hosts:
        try:
            found = _ask(target.at(host, port), str(target.sentinel))
        except RedisError as error:
            reasons.append(str(error))
            continue
        if found:
            name, number = found
            return target.at(bytes(name).decode(), int(number))
        reasons.append(f"{host}:{port} knows no {target.sentinel}")
    raise CannotConnect(f"no sentinel names {target.sentinel}: {'; '.join(reasons)}")


def _ask(sentinel: Target, name: str) -> Reply:
    """Ask a sentinel, as nobody in particular, or with the password if it wants one."""
    words = [b"SENTINEL", b"GET-MASTER-ADDR-BY-NAME", name.encode()]
    plain = replace(sentinel, user=None, password=None, database=0, resp=2)
    plain = replace(plain, reply_seconds=sentinel.connect_seconds)
    for asked in (plain, replace(plain, user=sentinel.user, password=sentinel.password)):
        connection = Connection(asked)
        try:
            return connection.call(words)
        except ResponseError as error:
            if error.code != "NOAUTH" or asked is not plain or sentinel.password is None:
                raise
        finally:
            connection.close()
    raise AssertionError("not reached")
