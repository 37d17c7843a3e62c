"""One stop of a script: what can be asked there, and how to go on."""

from __future__ import annotations

from collections.abc import Sequence

from redislua_kernel.debugger.variables import References
from redislua_kernel.engine.debugging.stop import Frame, Reason, Resume, Step, Stop

__all__ = ["THREAD", "Pause"]

#: The number of the only thread there is for a client: that of the scripts.
THREAD = 1


class Pause:
    """A stop, as a client sees it. Used on the script's thread alone."""

    def __init__(self, stop: Stop, references: References, name: str) -> None:
        self.stop = stop
        self.references = references
        #: What runs: the function's name, or `script`.
        self.name = name
        #: How to go on; None: not yet.
        self.resume: Resume | None = None

    @property
    def frames(self) -> Sequence[Frame]:
        """The frames, the innermost first; a client calls them by their place, from 1 on."""
        return self.stop.frames

    @property
    def is_error(self) -> bool:
        """Tell whether an error that nothing catches was raised here."""
        return self.stop.reason is Reason.ERROR

    def frame(self, number: int | None) -> Frame | None:
        """Give the frame with a client's number; without one the innermost, if there is any."""
        place = (number or 1) - 1
        return self.frames[place] if 0 <= place < len(self.frames) else None

    def name_of(self, frame: Frame) -> str:
        """Give what to call a frame."""
        if frame is self.frames[-1]:
            return self.name
        return frame.name or "(anonymous)"

    def go_on(self, step: Step) -> None:
        """Let the script go on, once what a client asked before is answered."""
        self.resume = Resume(step)
