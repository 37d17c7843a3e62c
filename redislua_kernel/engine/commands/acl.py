"""ACL: who the users are, and what they may do."""

from __future__ import annotations

from redislua_kernel.engine.client import Client
from redislua_kernel.engine.errors import CommandError, shown
from redislua_kernel.engine.introspection import CATEGORIES, all_commands, categories_of
from redislua_kernel.engine.registry import check_arity, command, help_reply
from redislua_kernel.engine.signature import Int, Words
from redislua_kernel.reply import OK, Reply, SetReply

_OWN = "noscript loading stale"
_ADMIN = "admin noscript loading stale"

#: The longest password that ACL GENPASS makes.
_MOST_BITS = 4096


@command("ACL WHOAMI", flags=_OWN, group="server", since="6.0.0", complexity="O(1)")
def acl_whoami(client: Client) -> bytes:
    """Give the connection's user."""
    return client.user.name


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


@command("ACL USERS", flags=_ADMIN, group="server", since="6.0.0", complexity="O(N) users")
def acl_users(client: Client) -> list[bytes]:
    """List the users."""
    return sorted(client.engine.users.by_name)


@command("ACL LIST", flags=_ADMIN, group="server", since="6.0.0", complexity="O(N) users")
def acl_list(client: Client) -> list[bytes]:
    """List the users with their rights, in the format of an ACL file."""
    return [user.describe() for _, user in sorted(client.engine.users.by_name.items())]


@command("ACL GETUSER", flags=_ADMIN, group="server", since="6.0.0", complexity="O(N) rules")
def acl_getuser(client: Client, username: bytes) -> Reply:
    """Give a user's rights; null if there is no such user."""
    user = client.engine.users.by_name.get(username)
    if user is None:
        return None
    return {
        b"flags": SetReply(user.flags),
        b"passwords": user.passwords,
        b"commands": " ".join(user.commands).encode("utf-8", "surrogateescape"),
        b"keys": b" ".join(map(bytes, user.keys)),
        b"channels": b" ".join(b"&" + pattern for pattern in user.channels),
        b"selectors": [],
    }


@command("ACL SETUSER", flags=_ADMIN, group="server", since="6.0.0", complexity="O(N) rules")
def acl_setuser(client: Client, username: bytes, *rule: Words) -> Reply:
    """Make or change a user by rules: on, >password, +command, -@category, ~key, &channel, ..."""
    engine = client.engine
    engine.users.set(username, rule)
    engine.conditions.restrict_users(engine.users.any_restricted)
    return OK


@command("ACL DELUSER", flags=_ADMIN, group="server", since="6.0.0", complexity="O(1) each user")
def acl_deluser(client: Client, *username: bytes) -> int:
    """Delete users and disconnect them; give how many there were."""
    engine = client.engine
    if b"default" in username:
        raise CommandError("ERR The 'default' user cannot be removed")
    deleted = [engine.users.by_name.pop(name, None) for name in username]
    for other in engine.clients.values():
        if other.user in deleted:
            other.user, other.closing = engine.users.default, True
    engine.conditions.restrict_users(engine.users.any_restricted)
    return sum(user is not None for user in deleted)


@command("ACL DRYRUN", flags=_ADMIN, group="server", since="7.0.0", complexity="O(1)")
def acl_dryrun(client: Client, username: bytes, command: bytes, *arg: Words) -> Reply:
    """Tell whether a user may make a call: OK, or what they lack."""
    user = client.engine.users.by_name.get(username)
    if user is None:
        raise CommandError(f"ERR User '{shown(username)}' not found")
    words = (command, *arg)
    try:
        called = client.engine.commands.find(words)
    except CommandError:
        raise CommandError(f"ERR Command '{shown(command)}' not found") from None
    check_arity(called, words)
    denial = user.denial(called, words)
    return OK if denial is None else denial.detail.encode("utf-8", "surrogateescape")


@command("ACL GENPASS", flags=_OWN, group="server", since="6.0.0", complexity="O(1)")
def acl_genpass(client: Client, bits: Int = 256) -> bytes:
    """Make a password of so many random bits, in hexadecimal digits."""
    if not 0 < bits <= _MOST_BITS:
        raise CommandError(
            "ERR ACL GENPASS argument must be the number of bits for the output password, a "
            f"positive number up to {_MOST_BITS}"
        )
    digits = (bits + 3) // 4
    return b"%0*x" % (digits, client.db.keyspace.random.getrandbits(digits * 4))


@command("ACL HELP", flags="loading stale", group="server", since="6.0.0", complexity="O(1)")
def acl_help(client: Client) -> Reply:
    """Explain the subcommands of ACL."""
    return help_reply("ACL")
