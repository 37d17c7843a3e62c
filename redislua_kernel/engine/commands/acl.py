"""ACL: who the users are, and what they may do."""

from __future__ import annotations

from collections.abc import Sequence

from redislua_kernel.engine.acl import User
from redislua_kernel.engine.client import Client
from redislua_kernel.engine.errors import CommandError, shown, subcommand_syntax
from redislua_kernel.engine.introspection.describing import CATEGORIES, all_commands, categories_of
from redislua_kernel.engine.introspection.help import help_reply
from redislua_kernel.engine.registry import check_arity, command
from redislua_kernel.engine.signature import Words, parse_int
from redislua_kernel.reply import OK, Reply, SetReply

_OWN = "noscript loading stale"
_ADMIN = "admin noscript loading stale"

NO_FILE = CommandError(
    "ERR This Redis instance is not configured to use an ACL file. You may want to specify users "
    "via the ACL SETUSER command and then issue a CONFIG REWRITE (assuming you have a Redis "
    "configuration file set) in order to store users in the Redis configuration."
)

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
def acl_cat(client: Client, *category: Words) -> list[bytes]:
    """List the categories of commands, or the commands of one."""
    if not category:
        return [name.encode() for name in CATEGORIES]
    wanted = shown(_only(client, category))
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
        **user.selectors[0].rights(),
        b"selectors": [selector.rights() for selector in user.selectors[1:]],
    }


@command("ACL SETUSER", flags=_ADMIN, group="server", since="6.0.0", complexity="O(N) rules")
def acl_setuser(client: Client, username: bytes, *rule: Words) -> Reply:
    """Make or change a user by rules: on, >password, +command, -@category, ~key, &channel, ..."""
    engine = client.engine
    changed = engine.users.changed(username, rule)
    for other in list(engine.clients.values()):
        if other.user.name == username and not _may_stay(other, changed):
            _log_out(other, client)
    engine.users.put(changed)
    engine.conditions.restrict_users(engine.users.any_restricted)
    return OK


@command("ACL DELUSER", flags=_ADMIN, group="server", since="6.0.0", complexity="O(1) each user")
def acl_deluser(client: Client, *username: bytes) -> int:
    """Delete users and disconnect them; give how many there were."""
    engine = client.engine
    if b"default" in username:
        raise CommandError("ERR The 'default' user cannot be removed")
    deleted = [engine.users.by_name.pop(name, None) for name in username]
    for other in list(engine.clients.values()):
        if other.user in deleted:
            _log_out(other, client)
    engine.conditions.restrict_users(engine.users.any_restricted)
    return sum(user is not None for user in deleted)


def _may_stay(client: Client, user: User) -> bool:
    """Tell whether a user, as they are about to be, may hear what a client listens to."""
    literal = all(user.may_use(pattern, literally=True) for pattern in client.patterns)
    channels = client.subscriptions | client.shard_subscriptions
    return literal and all(user.may_use(channel, literally=False) for channel in channels)


def _log_out(client: Client, caller: Client) -> None:
    """Disconnect a client whose user is gone or may no longer do what it does."""
    client.user, client.authenticated = client.engine.users.default, False
    client.engine.kill(client, caller)


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
        if not arg and command.upper() in client.engine.commands:
            raise  # it needs a subcommand
        raise CommandError(f"ERR Command '{shown(command)}' not found") from None
    check_arity(called, words)
    denial = user.denial(called, words)
    return OK if denial is None else denial.detail.encode("utf-8", "surrogateescape")


@command("ACL LOG", flags=_ADMIN, group="server", since="6.0.0", complexity="O(N) entries")
def acl_log(client: Client, *count: Words) -> Reply:
    """List what was refused lately, the latest first; or RESET the list."""
    log = client.engine.access_log
    word = _only(client, count or (b"10",))
    if word.upper() == b"RESET":
        log.entries.clear()
        return OK
    now = client.db.keyspace.now
    return [
        {
            b"count": entry.count,
            b"reason": entry.reason.encode(),
            b"context": entry.context.encode(),
            b"object": entry.object,
            b"username": entry.username,
            b"age-seconds": (now - entry.updated) / 1000,
            b"client-info": entry.client,
            b"entry-id": entry.number,
            b"timestamp-created": entry.created,
            b"timestamp-last-updated": entry.updated,
        }
        for entry in log.entries[: max(parse_int(word), 0)]
    ]


@command("ACL LOAD", flags=_ADMIN, group="server", since="6.0.0", complexity="O(N) users")
def acl_load(client: Client) -> Reply:
    """Read the users from the ACL file; there is none."""
    raise NO_FILE


@command("ACL SAVE", flags=_ADMIN, group="server", since="6.0.0", complexity="O(N) users")
def acl_save(client: Client) -> Reply:
    """Write the users to the ACL file; there is none."""
    raise NO_FILE


@command("ACL GENPASS", flags=_OWN, group="server", since="6.0.0", complexity="O(1)")
def acl_genpass(client: Client, *bits: Words) -> bytes:
    """Make a password of so many random bits, in hexadecimal digits; 256 if none are named."""
    number = parse_int(_only(client, bits or (b"256",)))
    if not 0 < number <= _MOST_BITS:
        raise CommandError(
            "ERR ACL GENPASS argument must be the number of bits for the output password, a "
            f"positive number up to {_MOST_BITS}"
        )
    digits = (number + 3) // 4
    return b"%0*x" % (digits, client.db.keyspace.random.getrandbits(digits * 4))


@command("ACL HELP", flags="loading stale", group="server", since="6.0.0", complexity="O(1)")
def acl_help(client: Client) -> Reply:
    """Explain the subcommands of ACL."""
    return help_reply("ACL")


def _only(client: Client, words: Sequence[bytes]) -> bytes:
    """Give the one word there may be. Raises the reference's error for more of them."""
    if len(words) > 1:
        raise subcommand_syntax(client.words[1], "acl")
    return words[0]
