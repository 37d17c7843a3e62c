"""The visual debugger over the control channel, in JupyterLab's own order of requests."""

from collections.abc import Iterator

import pytest

from tests.kernel.debugging import DebugClient
from tests.kernel.notebook import Notebook

SCRIPT = """%%eval counter , 5
local n = tonumber(ARGV[1])
redis.call('SET', KEYS[1], n)
return redis.call('INCR', KEYS[1])"""


@pytest.fixture
def client(notebook: Notebook) -> Iterator[DebugClient]:
    client = DebugClient(notebook)
    client.start()
    yield client
    client.stop()
    notebook.quiet()


def test_a_cell_stops_at_a_breakpoint_steps_and_goes_on(client: DebugClient) -> None:
    path = client.break_at(SCRIPT, 3)
    request = client.notebook.begin(SCRIPT)
    frames, scopes = client.look()
    assert frames == [("script", path, 3)]
    assert scopes["Locals"] == {"n": "5"}
    assert scopes["KEYS and ARGV"] == {"KEYS": '{"counter"}', "ARGV": '{"5"}'}
    client.ask("next", threadId=1)
    frames, scopes = client.look()
    assert frames == [("script", path, 4)]
    assert scopes["Keyspace"] == {"counter": '"5"'}
    assert scopes["redis.call log"] == {"1: SET counter 5": "OK"}
    client.ask("continue", threadId=1)
    assert client.notebook.finish(request).result == "(integer) 6"
