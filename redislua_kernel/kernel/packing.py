"""How the kernel's messages become bytes: whatever text a cell holds, it can be answered."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Any

from jupyter_client.jsonutil import json_default

__all__ = ["packer_of_any_text"]

_in_ascii = partial(json.dumps, default=json_default, allow_nan=False)


def packer_of_any_text(pack: Callable[[Any], bytes]) -> Callable[[Any], bytes]:
    """Give a packer that takes halves of surrogate pairs, too: pages send them, UTF-8 lacks them.

    Jupyter's own would fail, and leave the cell without an answer.
    """

    def pack_any_text(content: Any) -> bytes:
        try:
            return pack(content)
        except UnicodeEncodeError:
            return _in_ascii(content).encode()

    return pack_any_text
