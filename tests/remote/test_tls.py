"""TLS, with certificates of both sides: on the redis-server of the machine, which has it."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from redislua_kernel.remote.errors import CannotConnect
from redislua_kernel.remote.remote import Remote
from redislua_kernel.remote.target import Target, Tls
from tests.ports import HOST, free_port
from tests.servers import run_redis


@dataclass(frozen=True)
class Secured:
    """A server that takes TLS alone, and wants a certificate."""

    port: int
    folder: Path

    @property
    def tls(self) -> Tls:
        files = {name: str(self.folder / name) for name in ("ca.crt", "client.crt", "client.key")}
        return Tls(files["ca.crt"], None, files["client.crt"], files["client.key"])

    def target(self, **changes: object) -> Target:
        tls = replace(self.tls, **changes)  # type: ignore[arg-type]
        return Target(((HOST, self.port),), tls=tls)


def certify(folder: Path, name: str, *extensions: str, issuer: str | None = "ca") -> None:
    """Make a key and its certificate, by openssl; without an issuer it vouches for itself."""
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    command += ["-nodes", "-days", "2", "-subj", f"/CN={name}", "-keyout", f"{name}.key"]
    command += ["-out", f"{name}.crt"]
    for extension in extensions:
        command += ["-addext", extension]
    if issuer is not None:
        command += ["-CA", f"{issuer}.crt", "-CAkey", f"{issuer}.key"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)


@pytest.fixture(scope="module")
def secured(
    debian_program: Path, openssl: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Secured]:
    folder = tmp_path_factory.mktemp("certificates")
    certify(folder, "ca", "basicConstraints=critical,CA:TRUE", issuer=None)
    certify(folder, "server", f"subjectAltName=IP:{HOST},DNS:db.example")
    certify(folder, "client")
    certify(folder, "stranger", issuer=None)
    port = free_port()
    options = ["--tls-port", str(port)]
    for option, name in (
        ("cert-file", "server.crt"),
        ("key-file", "server.key"),
        ("ca-cert-file", "ca.crt"),
    ):
        options += [f"--tls-{option}", str(folder / name)]
    with run_redis(debian_program, *options):
        yield Secured(port, folder)


def connected(target: Target) -> Remote:
    remote = Remote(target)
    remote.open()
    return remote


def test_both_sides_prove_who_they_are(secured: Secured) -> None:
    remote = connected(secured.target())
    assert remote.execute("PING") == b"PONG"
    value = b"x" * 1_000_000
    remote.execute("SET", "k", value)
    assert remote.execute("GET", "k") == value
    assert ("TLS", "the server is verified") in remote.details(remote.facts())
    remote.close()


def test_the_server_may_go_by_another_name(secured: Secured) -> None:
    connected(secured.target(name="db.example")).close()
    with pytest.raises(CannotConnect, match="--sni its name; --insecure asks nobody"):
        connected(secured.target(name="other.example"))


def test_a_server_nobody_vouches_for_is_refused(secured: Secured) -> None:
    stranger = str(secured.folder / "stranger.crt")
    for changes in ({"ca_file": None}, {"ca_file": stranger}):
        with pytest.raises(CannotConnect, match="--cacert names who vouches for it"):
            connected(secured.target(**changes))
    connected(secured.target(ca_file=None, verify=False)).close()


def test_a_client_without_a_certificate_is_refused(secured: Secured) -> None:
    with pytest.raises(CannotConnect):
        connected(secured.target(certificate=None, key=None))
    stranger = str(secured.folder / "stranger")
    with pytest.raises(CannotConnect):
        connected(secured.target(certificate=f"{stranger}.crt", key=f"{stranger}.key"))


def test_plain_text_is_not_understood(secured: Secured) -> None:
    with pytest.raises(CannotConnect):
        connected(Target(((HOST, secured.port),), connect_seconds=1))


def test_a_missing_file_is_named(secured: Secured) -> None:
    with pytest.raises(CannotConnect, match="No such file"):
        connected(secured.target(ca_file="/nowhere/ca.crt"))
