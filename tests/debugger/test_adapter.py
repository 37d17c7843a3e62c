"""Debugging a cell over the protocol: from a breakpoint to the end of the script."""

from tests.debugger.client import SECONDS, Client

SCRIPT = """local total = 0
for i = 1, 3 do
  total = total + i
end
local t = {a = {b = 'deep'}, 'x', 'y'}
return total"""


def test_a_breakpoint_stops_and_the_script_goes_on(client: Client) -> None:
    assert client.break_at(SCRIPT, 3)[0]["verified"]
    end = client.run(SCRIPT)
    assert client.event("stopped")["reason"] == "breakpoint"
    assert client.line == 3
    assert client.scope("Locals") == {"total": "0", "i": "1"}
    assert client.step("continue") == 3
    client.break_at(SCRIPT)
    client.ask("continue", threadId=1)
    assert end.result(SECONDS) == 6
