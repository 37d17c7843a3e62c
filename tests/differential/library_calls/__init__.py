"""Random calls of the script libraries, as scripts: valid, nearly valid, and hostile ones."""

from tests.differential.library_calls.bit import BitCalls
from tests.differential.library_calls.calls import SHOW, Calls
from tests.differential.library_calls.cjson import JsonCalls
from tests.differential.library_calls.cmsgpack import PackCalls
from tests.differential.library_calls.struct import StructCalls

__all__ = ["CALLS", "SHOW", "Calls"]

#: What writes calls, by library.
CALLS: dict[str, type[Calls]] = {
    "bit": BitCalls,
    "cjson": JsonCalls,
    "cmsgpack": PackCalls,
    "struct": StructCalls,
}
