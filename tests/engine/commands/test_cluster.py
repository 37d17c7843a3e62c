"""CLUSTER; that its replies are the reference's is shown in tests/differential."""

import pytest

from redislua_kernel import Engine, ResponseError


def test_outside_cluster_mode_all_of_it_is_refused() -> None:
    for words in (("CLUSTER", "MYID"), ("CLUSTER", "RESET"), ("READONLY",), ("ASKING",)):
        with pytest.raises(ResponseError, match=r"^ERR This instance has cluster support disabled"):
            Engine().execute(*words)


def test_the_node_owns_all_slots() -> None:
    engine = Engine(cluster=True)
    [[first, last, node]] = engine.execute("CLUSTER", "SLOTS")
    assert (first, last, node[2]) == (0, 16383, engine.execute("CLUSTER", "MYID"))
    assert b"cluster_enabled:1" in engine.execute("INFO", "cluster")
    assert engine.execute("HELLO")[b"mode"] == b"cluster"


def test_keys_are_found_by_their_slot() -> None:
    engine = Engine(cluster=True)
    engine.execute("MSET", "{k}1", 1, "{k}2", 2)
    engine.execute("SET", "a", 1)
    slot = engine.execute("CLUSTER", "KEYSLOT", "k")
    assert engine.execute("CLUSTER", "COUNTKEYSINSLOT", slot) == 2
    assert engine.execute("CLUSTER", "GETKEYSINSLOT", slot, 1) == [b"{k}1"]


@pytest.mark.parametrize(
    "words",
    ["DELSLOTS 1", "DELSLOTSRANGE 1 2", "FLUSHSLOTS", "RESET", "MEET host 1", "SETSLOT 1 NODE x"],
)
def test_nothing_takes_slots_away(words: str) -> None:
    with pytest.raises(ResponseError, match="is not possible: this engine is a cluster of one"):
        Engine(cluster=True).execute("CLUSTER", *words.split())


def test_there_is_one_database() -> None:
    engine = Engine(cluster=True)
    for words in ("SELECT 1", "MOVE k 1", "SWAPDB 0 1"):
        with pytest.raises(ResponseError, match="is not allowed in cluster mode"):
            engine.execute(*words.split())
    assert engine.execute("SELECT", 0) == b"OK"
