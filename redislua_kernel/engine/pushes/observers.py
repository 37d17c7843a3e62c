"""Who is shown the commands that run: MONITOR, client-side caching."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from redislua_kernel.engine.registry import check_call
from redislua_kernel.errors import ResponseError

if TYPE_CHECKING:
    from redislua_kernel.engine.client import Client
    from redislua_kernel.engine.conditions import Conditions
    from redislua_kernel.engine.registry import Command

__all__ = ["Observer", "Observers"]

#: Called with the client, the command, its words, and whether a script of the client called it.
Observer = Callable[["Client", "Command", Sequence[bytes], bool], None]


class Observers(list[Observer]):
    """Shown every command after it has run, those that scripts call too.

    As long as there are none, no command pays for it.
    """

    def __init__(self, conditions: Conditions) -> None:
        super().__init__()
        self._conditions = conditions

    def add(self, observer: Observer) -> None:
        """Show commands to this one from now on."""
        self.append(observer)
        self._conditions.be_observed(True)

    def drop(self, observer: Observer) -> None:
        """Show this one nothing more."""
        self.remove(observer)
        self._conditions.be_observed(bool(self))

    def show(
        self, client: Client, command: Command, words: Sequence[bytes], from_script: bool = False
    ) -> None:
        """Show all of them a command."""
        for observer in list(self):
            observer(client, command, words, from_script)

    def show_failed(self, client: Client, words: Sequence[bytes]) -> None:
        """Show all of them a command that ran and failed; not one that could not begin."""
        try:
            command = client.engine.commands.find(words)
            check_call(command, words)
        except ResponseError:
            return
        self.show(client, command, words)
