"""ACL: there is one user, `default`, and it may do everything."""

from __future__ import annotations

from hashlib import sha256

from redislua_kernel.engine.client import Client
from redislua_kernel.engine.errors import CommandError, shown
from redislua_kernel.engine.introspection import CATEGORIES, all_commands, categories_of
from redislua_kernel.engine.registry import command, help_reply
from redislua_kernel.reply import Reply, SetReply

_OWN = "noscript loading stale"
_ADMIN = "admin noscript loading stale"


@command("ACL WHOAMI", flags=_OWN, group="server", since="6.0.0", complexity="O(1)")
def acl_whoami(client: Client) -> bytes:
    """Give the connection's user."""
    return b"default"


@command(
    "ACL CAT",
    flags=_OWN,
    group="server",
    since="6.0.0",
    complexity="O(N) where N is the number of commands.",
)
def acl_cat(client: Client, category: bytes | None = None) -> list[bytes]:
    """List the categories of commands, or the commands of one."""
    if category is None:
        return [name.encode() for name in CATEGORIES]
    wanted = shown(category)
    if wanted.lower() not in CATEGORIES:
        raise CommandError(f"ERR Unknown category '{wanted[:128]}'")
    return [
        found.full_name.encode()
        for found in all_commands(client.engine.commands)
        if wanted.lower() in categories_of(found)
    ]


@command("ACL USERS", flags=_ADMIN, group="server", since="6.0.0", complexity="O(1)")
def acl_users(client: Client) -> list[bytes]:
    """List the users."""
    return [b"default"]


@command("ACL LIST", flags=_ADMIN, group="server", since="6.0.0", complexity="O(1)")
def acl_list(client: Client) -> list[bytes]:
    """List the users with their rights, in the format of an ACL file."""
    passwords = _passwords(client)
    password = b"#" + passwords[0] if passwords else b"nopass"
    return [b"user default on %s sanitize-payload ~* &* +@all" % password]


@command("ACL GETUSER", flags=_ADMIN, group="server", since="6.0.0", complexity="O(1)")
def acl_getuser(client: Client, username: bytes) -> Reply:
    """Give a user's rights; null if there is no such user."""
    if username != b"default":
        return None
    passwords = _passwords(client)
    flags = ["on", "sanitize-payload"] if passwords else ["on", "nopass", "sanitize-payload"]
    return {
        b"flags": SetReply(flag.encode() for flag in flags),
        b"passwords": passwords,
        b"commands": b"+@all",
        b"keys": b"~*",
        b"channels": b"&*",
        b"selectors": [],
    }


def _passwords(client: Client) -> list[bytes]:
    password = client.engine.config.values[b"requirepass"]
    return [sha256(password).hexdigest().encode()] if password else []


@command("ACL HELP", flags="loading stale", group="server", since="6.0.0", complexity="O(1)")
def acl_help(client: Client) -> Reply:
    """Explain the subcommands of ACL."""
    return help_reply("ACL")
