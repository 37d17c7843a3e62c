"""What Jupyter makes of a message."""

from __future__ import annotations

import warnings
from typing import Any

from jupyter_client.session import Session

from redislua_kernel.kernel.packing import packer_of_any_text

__all__ = ["check_message"]

_SESSION = Session(key=b"")
_SESSION.pack = packer_of_any_text(_SESSION.pack)


def check_message(content: dict[str, Any]) -> None:
    """Raise what Jupyter would if it could not send this."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        _SESSION.serialize(_SESSION.msg("display_data", content))
