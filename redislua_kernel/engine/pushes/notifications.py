"""Keyspace notifications: events of keys, published to those who subscribe to them.

Which ones are published is the setting notify-keyspace-events; while it is empty nothing
listens. The classes and names are those of redis-server 8.2.3; misses (`m`) are not published.
"""

from __future__ import annotations

from operator import delitem
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from redislua_kernel.engine.database import Database
    from redislua_kernel.engine.engine import Engine

__all__ = ["Notifications"]

_NAMES = {
    b"g": "del expire persist rename_from rename_to restore copy_to move_from move_to",
    b"$": "set append setrange incrby incrbyfloat setbit pfadd",
    b"l": "lpush rpush lpop rpop lset lrem ltrim linsert sortstore",
    b"s": "sadd srem spop sinterstore sunionstore sdiffstore",
    b"h": "hset hdel hincrby hincrbyfloat hexpire hpersist hexpired",
    b"z": "zadd zincr zrem zpopmin zpopmax zremrangebyscore zremrangebyrank zremrangebylex "
    "zunionstore zinterstore zdiffstore zrangestore geosearchstore georadiusstore",
    b"t": "xadd xdel xtrim xsetid xgroup-create xgroup-createconsumer xgroup-delconsumer "
    "xgroup-destroy xgroup-setid",
    b"x": "expired",
    b"e": "evicted",
}

#: The class of each event.
CLASSES = {name.encode(): letter for letter, names in _NAMES.items() for name in names.split()}


class Notifications:
    """Publishes the events of the chosen classes."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.chosen: bytes = b""
        #: How far the unit's journal was searched for keys that are new.
        self._searched = 0

    def choose(self, letters: bytes) -> None:
        """Publish these classes of events from now on, as notify-keyspace-events names them."""
        keyspace = self.engine.keyspace
        if self.chosen:
            keyspace.listeners.remove(self._notify)
            keyspace.unit_listeners.remove(self._forget_unit)
        self.chosen = letters.replace(b"A", b"g$lshzxetd")
        if self.chosen:
            keyspace.listeners.append(self._notify)
            keyspace.unit_listeners.append(self._forget_unit)

    def _notify(self, db: Database, key: bytes, event: bytes) -> None:
        if b"n" in self.chosen:
            self._notify_new(db)
        if CLASSES[event] in self.chosen:
            self._publish(db, key, event)

    def _notify_new(self, db: Database) -> None:
        """Publish `new` for each key that the journal knows to delete when it undoes the unit."""
        undo = db.journal.undo
        tables = {id(each.entries): each for each in db.keyspace.databases}
        for function, *operands in undo[self._searched :]:
            if function is delitem and id(operands[0]) in tables:
                self._publish(tables[id(operands[0])], operands[1], b"new")
        self._searched = len(undo)

    def _forget_unit(self) -> None:
        self._searched = 0

    def _publish(self, db: Database, key: bytes, event: bytes) -> None:
        publish = self.engine.pubsub.publish
        if b"K" in self.chosen:
            publish(b"__keyspace@%d__:%s" % (db.index, key), event)
        if b"E" in self.chosen:
            publish(b"__keyevent@%d__:%s" % (db.index, event), key)
