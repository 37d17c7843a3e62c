"""CLIENT TRACKING and what belongs to it: client-side caching."""

from __future__ import annotations

from collections.abc import Sequence

from redislua_kernel.engine.client import Client
from redislua_kernel.engine.errors import SYNTAX_ERROR, CommandError, shown
from redislua_kernel.engine.pushes.tracking import Tracking
from redislua_kernel.engine.registry import command
from redislua_kernel.engine.signature import Words, parse_int
from redislua_kernel.reply import OK, Reply, SetReply

_FLAGS = "noscript loading stale"


@command("CLIENT TRACKING", flags=_FLAGS, group="connection", since="6.0.0", complexity="O(1)")
def client_tracking(client: Client, status: bytes, *options: Words) -> Reply:
    """Let the server tell when keys change that this connection has read: ON or OFF."""
    tracking = _parse(client, options)
    table = client.engine.tracking
    chosen = status.upper()
    if chosen == b"ON":
        _check(tracking, client.tracking)
        table.enable(client, tracking)
    elif chosen == b"OFF":
        table.disable(client)
    else:
        raise SYNTAX_ERROR
    return OK


def _parse(client: Client, words: Sequence[bytes]) -> Tracking:
    tracking, place, last = Tracking(), 0, len(words) - 1
    while place <= last:
        option = words[place].upper()
        if option == b"REDIRECT" and place < last:
            place += 1
            if tracking.redirect:
                raise CommandError("ERR A client can only redirect to a single other client")
            tracking.redirect = parse_int(words[place])
            if tracking.redirect not in client.engine.clients:
                raise CommandError("ERR The client ID you want redirect to does not exist")
        elif option == b"PREFIX" and place < last:
            place += 1
            tracking.prefixes.append(words[place])
        elif option == b"BCAST":
            tracking.broadcasts = True
        elif option == b"OPTIN":
            tracking.opts_in = True
        elif option == b"OPTOUT":
            tracking.opts_out = True
        elif option == b"NOLOOP":
            tracking.no_loop = True
        else:
            raise SYNTAX_ERROR
        place += 1
    return tracking


def _check(new: Tracking, old: Tracking | None) -> None:
    """Raise the error for options that do not go together, or not with those that hold."""
    if new.prefixes and not new.broadcasts:
        raise CommandError("ERR PREFIX option requires BCAST mode to be enabled")
    if old is not None and old.broadcasts != new.broadcasts:
        raise _cannot_switch("BCAST mode on/off")
    if new.broadcasts and (new.opts_in or new.opts_out):
        raise CommandError("ERR OPTIN and OPTOUT are not compatible with BCAST")
    if new.opts_in and new.opts_out:
        raise CommandError("ERR You can't specify both OPTIN mode and OPTOUT mode")
    if old is not None and ((new.opts_in and old.opts_out) or (new.opts_out and old.opts_in)):
        raise _cannot_switch("OPTIN/OPTOUT mode")
    for place, prefix in enumerate(new.prefixes):
        _check_prefix(prefix, old.prefixes if old is not None else (), "an existing prefix")
        _check_prefix(prefix, new.prefixes[place + 1 :], "another provided prefix")


def _cannot_switch(what: str) -> CommandError:
    return CommandError(
        f"ERR You can't switch {what} before disabling tracking for this client,"
        " and then re-enabling it with a different mode."
    )


def _check_prefix(prefix: bytes, others: Sequence[bytes], kind: str) -> None:
    for other in others:
        if prefix.startswith(other) or other.startswith(prefix):
            raise CommandError(
                f"ERR Prefix '{shown(prefix)}' overlaps with {kind} '{shown(other)}'. "
                "Prefixes for a single client must not overlap."
            )


@command("CLIENT CACHING", flags=_FLAGS, group="connection", since="6.0.0", complexity="O(1)")
def client_caching(client: Client, mode: bytes) -> Reply:
    """Choose whether the next command's keys are tracked, in OPTIN or OPTOUT mode: YES or NO."""
    tracking = client.tracking
    if tracking is None:
        raise CommandError(
            "ERR CLIENT CACHING can be called only when the client is in tracking mode"
            " with OPTIN or OPTOUT mode enabled"
        )
    chosen = mode.upper()
    if chosen not in (b"YES", b"NO"):
        raise SYNTAX_ERROR
    if not (tracking.opts_in if chosen == b"YES" else tracking.opts_out):
        needed = "OPTIN" if chosen == b"YES" else "OPTOUT"
        raise CommandError(
            f"ERR CLIENT CACHING {chosen.decode()} is only valid when tracking is enabled"
            f" in {needed} mode."
        )
    tracking.caching = True
    return OK


@command("CLIENT TRACKINGINFO", flags=_FLAGS, group="connection", since="6.2.0", complexity="O(1)")
def client_trackinginfo(client: Client) -> Reply:
    """Tell how the connection tracks keys: its options, the redirection, the prefixes."""
    tracking = client.tracking
    if tracking is None:
        return {b"flags": SetReply([b"off"]), b"redirect": -1, b"prefixes": []}
    states = {
        b"on": True,
        b"bcast": tracking.broadcasts,
        b"optin": tracking.opts_in,
        b"caching-yes": tracking.opts_in and tracking.caching,
        b"optout": tracking.opts_out,
        b"caching-no": tracking.opts_out and tracking.caching,
        b"noloop": tracking.no_loop,
        b"broken_redirect": tracking.is_broken,
    }
    return {
        b"flags": SetReply(name for name, is_set in states.items() if is_set),
        b"redirect": tracking.redirect,
        b"prefixes": tracking.prefixes,
    }


@command("CLIENT GETREDIR", flags=_FLAGS, group="connection", since="6.0.0", complexity="O(1)")
def client_getredir(client: Client) -> int:
    """Give the id of the connection that gets this one's invalidation messages.

    0: the connection itself; -1: it does not track.
    """
    return -1 if client.tracking is None else client.tracking.redirect
