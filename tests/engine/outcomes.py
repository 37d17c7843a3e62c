"""What a command that must fail says, and what one that writes would replicate."""

import pytest

from redislua_kernel import Engine, ResponseError
from redislua_kernel.backend import Argument
from redislua_kernel.engine.client import Client
from redislua_kernel.engine.journal import Effect

__all__ = ["effects_of", "error_of", "replicated"]


def error_of(client: Engine | Client, *words: Argument) -> str:
    """Run a command that must fail; give its error."""
    with pytest.raises(ResponseError) as caught:
        client.execute(*words)
    return caught.value.message


def effects_of(engine: Engine, *words: Argument) -> list[Effect]:
    """Run a command; give its effects."""
    seen: list[Effect] = []
    engine.keyspace.effect_listeners.append(seen.extend)
    engine.execute(*words)
    engine.keyspace.effect_listeners.remove(seen.extend)
    return seen


def replicated(engine: Engine, *words: Argument) -> list[tuple[bytes, ...]]:
    """Run a command; give the words of its effects."""
    return [tuple(effect.words) for effect in effects_of(engine, *words)]
