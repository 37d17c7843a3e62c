"""Changes of the keyspace as text."""

import pytest

from redislua_kernel import Engine
from redislua_kernel.engine.changes import changes
from redislua_kernel.render.changes import changes_bundle


def line(before: str, after: str) -> str:
    """Give the line that shows how a string has changed."""
    engine = Engine()
    engine.execute("SET", "k", before)
    old = engine.keyspace.fork()
    engine.execute("SET", "k", after)
    text: str = changes_bundle(list(changes(old, engine.keyspace)))["text/plain"]
    return text.split("\n")[2].strip()


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        ("abc", "abd", '"abc" → "abd"'),
        ("a" * 100 + "1", "a" * 100 + "2", f'"{"a" * 100}1" → "{"a" * 100}2"'),
        ("a" * 101 + "1", "a" * 101 + "2", f'… "{"a" * 20}1" → … "{"a" * 20}2"'),
        ("a" * 9000 + "1", "a" * 9000, f'… "{"a" * 20}1" → … "{"a" * 20}"'),
        ("é" * 99 + "1", "é" * 99 + "22", f'… "{"é" * 10}1" → … "{"é" * 10}22"'),
        ("é" * 99 + "€1", "é" * 99 + "€2", f'… "{"é" * 9}€1" → … "{"é" * 9}€2"'),
    ],
)
def test_of_long_values_the_place_where_they_differ_is_shown(
    before: str, after: str, shown: str
) -> None:
    assert line(before, after) == shown
