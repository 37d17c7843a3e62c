"""The paths by which clients call cells."""

import pytest

from redislua_kernel.debugger.sources import SEED, Sources, murmur2


@pytest.mark.parametrize("text", ["", "a", "ab", "abc", "abcd", "return 'é€😀'\n" * 9])
def test_the_hash_is_the_one_that_jupyter_uses(text: str) -> None:
    compiler = pytest.importorskip("ipykernel.compiler")
    data = text.encode()
    assert murmur2(data, SEED) == compiler.murmur2_x86(text, SEED)


def test_code_that_two_cells_hold_is_that_of_the_one_that_runs() -> None:
    sources = Sources(lambda text: (text.rpartition("\n")[2].encode(), text.count("\n")))
    sources.begin("%keys a\nreturn 1")
    sources.begin("return 1")
    assert sources.of_code(b"return 1").text == "return 1"  # type: ignore[union-attr]
    sources.begin("%keys a\nreturn 1")
    sources.end()
    assert sources.of_code(b"return 1").offset == 1  # type: ignore[union-attr]
    assert sources.of_code(b"return 2") is None


def test_a_bare_expression_is_found_by_what_runs_for_it() -> None:
    sources = Sources(lambda text: (text.encode(), 0))
    sources.begin("1 + 1")
    assert sources.of_code(b"return 1 + 1").text == "1 + 1"  # type: ignore[union-attr]
