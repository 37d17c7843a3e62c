"""The last error that ended a script, kept with the variables of its frames."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from redislua_kernel.engine.debugging.stop import Stop

if TYPE_CHECKING:
    from redislua_kernel.engine.scripting import Scripting

__all__ = ["PostMortem"]


class PostMortem:
    """Keeps where the last script or function failed that nothing saved from its error."""

    def __init__(self) -> None:
        #: To be used on the thread that runs scripts; None: none has failed.
        self.stop: Stop | None = None

    def raised(self, scripting: Scripting, text: bytes, frames: Any) -> None:
        """Keep an error and the stack on which it was raised."""
        source = scripting.running_source
        if source is None:
            return
        said = text.decode("utf-8", "replace")
        side = scripting.runtime.sides.debugger
        self.stop = Stop.at_error(side, source, frames, said)
