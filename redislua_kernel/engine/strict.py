"""The strict mode: what it says to someone who prepares a script for a cluster.

The mode and its texts are this engine's own; the reference has neither. A cluster finds the
node of a script by the keys it declares, and these must be in one slot: so a script may touch
no other key, and its keys may not be spread over slots.
"""

from __future__ import annotations

from collections.abc import Sequence

from redislua_kernel.engine.errors import CommandError, shown
from redislua_kernel.engine.registry import Command
from redislua_kernel.engine.slots import key_slot

__all__ = ["refuse_spread", "undeclared_key", "undeclared_pattern"]

#: More keys than this are not listed.
_LISTED = 8


def refuse_spread(keys: Sequence[bytes]) -> None:
    """Raise the error for declared keys that are not all in one slot."""
    if len(set(map(key_slot, keys))) > 1:
        raise CommandError(
            f"CROSSSLOT strict mode: the declared keys are in different slots: {_listed(keys)}. "
            f"A cluster runs a script only if one slot has all its keys: {_advice(keys)}."
        )


def undeclared_key(command: Command, key: bytes, declared: Sequence[bytes]) -> CommandError:
    """Give the error for a call that touches a key which the script has not declared."""
    if not declared:
        known = "The script has declared no keys"
    else:
        known = f"It has declared {_listed(declared)}"
    slot = key_slot(key)
    text = (
        f"ERR strict mode: {command.name} touches the key {_quoted(key)} (slot {slot}), which the "
        f"script has not declared. {known}. Pass every key in KEYS: a cluster chooses the node "
        "that runs a script by them."
    )
    if declared and key_slot(declared[0]) != slot:
        text += f" Besides, this one is in another slot: {_advice([declared[0], key])}."
    return CommandError(text)


def undeclared_pattern(option: str, pattern: bytes) -> CommandError:
    """Give the error for SORT's BY or GET, which make up the names of keys as they go."""
    return CommandError(
        f"ERR strict mode: SORT looks at other keys by {option} {_quoted(pattern)}. No script can "
        "declare them: read the elements, then the keys that the caller has passed in KEYS."
    )


def _listed(keys: Sequence[bytes]) -> str:
    unique = list(dict.fromkeys(keys))
    listed = [f"{_quoted(key)} (slot {key_slot(key)})" for key in unique[:_LISTED]]
    if len(unique) > _LISTED:
        listed.append(f"{len(unique) - _LISTED} more")
    return ", ".join(listed)


def _advice(keys: Sequence[bytes]) -> str:
    """Tell how to bring keys into one slot, by the example of the first that is elsewhere."""
    first = keys[0]
    other = next(key for key in keys if key_slot(key) != key_slot(first))
    tag = _tag(first) or _common_tag(first, other)
    return (
        "only what is between braces counts for the slot, as in "
        f"{_quoted(_tagged(first, tag))} and {_quoted(_tagged(other, tag))}"
    )


def _tag(key: bytes) -> bytes:
    """Give what a key has between its first braces."""
    _, _, rest = key.partition(b"{")
    tag, closing, _ = rest.partition(b"}")
    return tag if closing else b""


def _common_tag(first: bytes, other: bytes) -> bytes:
    """Give the part that both keys begin with, up to a colon; `tag` if there is none."""
    head, colon, _ = first.partition(b":")
    return head if colon and head and other.startswith(head + b":") else b"tag"


def _tagged(key: bytes, tag: bytes) -> bytes:
    """Give a key with a hash tag: `user:1` with `user` is `{user}:1`."""
    own = _tag(key)
    if own:
        return key.replace(b"{%b}" % own, b"{%b}" % tag, 1)
    if key.startswith(tag + b":"):
        return b"{%b}%b" % (tag, key[len(tag) :])
    return b"{%b}:%b" % (tag, key)


def _quoted(key: bytes) -> str:
    return f"'{shown(key)}'"
