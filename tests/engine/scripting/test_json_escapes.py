"""The escapes of a JSON text: what is resolved at once, and what is left to the slow way."""

import pytest

from redislua_kernel.engine.scripting.json_escapes import resolve_escapes


def test_escapes_become_what_they_stand_for_and_quotes_a_mark() -> None:
    text = rb'["a\nb","c\/\\n","\"","\\\""]'
    assert resolve_escapes(text) == b'["a\nb","c/\\n","\x01","\\\x01"]'


@pytest.mark.parametrize(
    "text", [rb'"\u0041"', rb'"\q"', rb"[1,\n2]", rb'["a"\\]', b'"\x01\\n"', b'"\x02\\n"']
)
def test_other_and_wrong_escapes_are_left_alone(text: bytes) -> None:
    assert resolve_escapes(text) is None
