"""What hot commands have beside their function for the calls of scripts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from redislua_kernel.engine.repeated import Forms, Repeated
from redislua_kernel.reply import Reply

__all__ = ["AS_ELSEWHERE", "InScripts"]


@dataclass(frozen=True)
class InScripts:
    """A command's functions for the calls of scripts, each for calls of one kind.

    Calls of other kinds run what clients' calls run. What reads may give replies that only a
    script can have (see `scripting.calls.replies`).
    """

    #: For the fewest words there can be: tried first, in the easy case, while nobody is told of
    #: changes. It takes the database, the name as it was written (if the command writes), and the
    #: words; it logs the call itself together with how to undo it (see `journal`), and None means
    #: that it has done nothing. It is put into the code that calls it, so it has neither loops nor
    #: blocks but `if`. What such functions have in common is in `commands.quick`.
    quick: Callable[..., Reply] | None = None
    #: The same for more words, which its last parameter `*words` takes, and which it may loop over
    #: (see `scripting.calls.inlining`).
    several: Callable[..., Reply] | None = None
    #: For more than the fewest words: takes all behind the key as one tuple, and takes note of long
    #: elements itself (see `long_elements`).
    whole: Callable[..., Reply] | None = None
    #: The functions for what may follow the fewest words, by these further words.
    forms: Forms | None = None
    #: The functions for words that are the same in call after call, by these words.
    repeats: Repeated | None = None


#: For most commands: scripts have no functions of their own.
AS_ELSEWHERE = InScripts()
