"""The libraries that are loaded where the cells run."""

import pytest

from redislua_kernel import Engine
from redislua_kernel.projects import NamedScripts, Source
from redislua_kernel.session import Libraries, LibraryChange

ONE = b"#!lua name=one\nredis.register_function('a', function() return 1 end)"
OTHER = ONE.replace(b"'a'", b"'b'")


@pytest.fixture(params=[2, 3])
def client(request: pytest.FixtureRequest):
    client = Engine().client()
    client.execute("HELLO", request.param)
    return client


def test_their_names_and_functions_are_told_in_either_protocol(client) -> None:
    client.execute("FUNCTION", "LOAD", ONE)
    libraries = Libraries(client.execute, NamedScripts())
    assert libraries.names() == [b"one"]
    assert libraries.function_names() == [b"a"]
    assert libraries.functions_of(b"one") == {b"a"}
    assert libraries.functions_of(b"two") is None


def test_loading_one_tells_what_has_changed(client) -> None:
    libraries = Libraries(client.execute, NamedScripts())
    assert libraries.load(client.execute, ONE, b"one") == (
        b"one",
        LibraryChange(b"one", replaced=False, added=(b"a",), removed=(), kept=()),
    )
    _, change = libraries.load(client.execute, OTHER, b"one")
    assert change == LibraryChange(b"one", replaced=True, added=(b"b",), removed=(b"a",), kept=())


def test_inside_multi_nothing_has_changed_yet(client) -> None:
    engine_client = client.engine.client()
    client.execute("MULTI")
    libraries = Libraries(engine_client.execute, NamedScripts())
    assert libraries.load(client.execute, ONE, b"one") == (b"QUEUED", None)


def test_the_code_of_one_is_its_file_as_long_as_that_is_what_was_loaded(client) -> None:
    scripts = NamedScripts()
    file = scripts.libraries[b"one"] = Source("one", None, ONE)
    libraries = Libraries(client.execute, scripts)
    libraries.load(client.execute, ONE, b"one")
    assert libraries.sources() == [file]
    assert libraries.source_with(b"a") is file
    libraries.load(client.execute, OTHER, b"one")
    assert libraries.source_with(b"a") is None
    changed = libraries.source_with(b"b")
    assert changed is not None
    assert changed.code == OTHER
