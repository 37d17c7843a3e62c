"""A client of the panel, for each test."""

from collections.abc import Iterator

import pytest

from tests.debugger.client import Client


@pytest.fixture
def client() -> Iterator[Client]:
    """A debugging client that has attached."""
    client = Client()
    client.start()
    yield client
    client.close()
