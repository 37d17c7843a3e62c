"""What the first word of an error says: what has happened, and what to do about it."""

from __future__ import annotations

__all__ = ["ERROR_CODES"]

#: Each code, and its explanation. Errors of scripts themselves have what codes they like.
ERROR_CODES = {
    "ASK": "A slot of the cluster is just moving: for this command, and no other, the node that is "
    "named is the right one. Clients follow it by themselves, with ASKING.",
    "BUSY": "A script or a function has run for longer than busy-reply-threshold, and meanwhile "
    "nobody gets an answer. SCRIPT KILL and FUNCTION KILL end one that has not written yet. In a "
    "notebook, the stop button ends any.",
    "BUSYGROUP": "The stream has a consumer group of that name. A program that only makes sure of "
    "it can go on.",
    "BUSYKEY": "RESTORE found the key taken. With REPLACE it takes its place.",
    "CLUSTERDOWN": "The cluster does not work as a whole: a slot has no node, or a node sees too "
    "few others. CLUSTER INFO tells more.",
    "CROSSSLOT": "In a cluster, a command or a script has keys of several slots, which may be on "
    "several nodes. Only what stands in braces counts for the slot, if there is any: {user:1}:name "
    "and {user:1}:age are in one.",
    "DENIED": "In protected mode, without a password, only clients of the same machine are served.",
    "ERR": "An error without a code of its own: its text says all. Most often a command was given "
    "words that it does not take, or a script has failed.",
    "EXECABORT": "A command of the transaction was refused while it was queued, so EXEC runs none "
    "of them. Begin again with MULTI.",
    "INVALIDOBJ": "The key holds bytes that were not made by this command's family.",
    "IOERR": "MIGRATE could not reach the other server, or lost it. The key is still here; after a "
    "time-out it may be there, too.",
    "LOADING": "The server has just started, and still reads its data. Try again in a moment.",
    "MASTERDOWN": "This replica has lost its master, and is told to serve no stale data: "
    "replica-serve-stale-data. Scripts with the flag allow-stale run nonetheless.",
    "MISCONF": "Data cannot be written to the disk, and so nothing more may be changed. The "
    "server's log has the reason.",
    "MOVED": "In a cluster, the key belongs to another node: the one that is named. Clients of a "
    "cluster follow it by themselves; for redis-cli, -c does that.",
    "NOAUTH": "The server wants a user and a password first: AUTH, or %connect --user NAME "
    "--askpass.",
    "NOGROUP": "There is no such stream, or it has no such consumer group. XGROUP CREATE makes it; "
    "with MKSTREAM, the stream too.",
    "NOMASTERLINK": "This replica has lost its master, and so cannot hand on what that has.",
    "NOPERM": "The user may not run this command, or not with this key or channel. ACL WHOAMI "
    "tells who that is, ACL GETUSER what the user may do.",
    "NOPROTO": "HELLO knows the protocols 2 and 3 alone.",
    "NOREPLICAS": "Fewer replicas are there than min-replicas-to-write asks for, and so nothing "
    "may be changed.",
    "NOSCRIPT": "The script cache does not know this digest: the script was never sent, or was "
    "lost since, by a restart, a failover, SCRIPT FLUSH or eviction. Nothing was done. Send the "
    "text by EVAL, which keeps it again. Functions of libraries are not lost like this.",
    "NOTBUSY": "No script or function runs that could be ended.",
    "OOM": "The memory is full (maxmemory), and what the command or script writes could need more. "
    "Nothing was done. Scripts that only read say so by the flag no-writes; those that only free "
    "memory, by allow-oom.",
    "READONLY": "This is a replica, and may not be written: the master is. It may also be that a "
    "script was called by EVAL_RO or FCALL_RO, which may not write.",
    "TRYAGAIN": "A slot of the cluster is just moving, and some of the keys have moved already. "
    "Try again in a moment.",
    "UNBLOCKED": "What the client waited for is not to come: somebody has unblocked it, or the "
    "server has become a replica.",
    "UNKILLABLE": "The script has written already: to end it would leave half of its work. Wait, "
    "or SHUTDOWN NOSAVE. In a notebook the stop button ends it, and undoes what it has written.",
    "WRONGPASS": "There is no such user, or the password is another one, or the user is off.",
    "WRONGTYPE": "The key holds a value of another type than the command works on. TYPE tells "
    "which, and %keyspace shows it. A key keeps its type until it is deleted.",
}
