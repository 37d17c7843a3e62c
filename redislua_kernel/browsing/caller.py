"""Running commands for a widget, which must never wait for a script that runs."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

from redislua_kernel.backend import Argument
from redislua_kernel.browsing.browser import at_once
from redislua_kernel.browsing.changes import BUSY
from redislua_kernel.engine import Engine
from redislua_kernel.engine.argument_words import encode_arguments
from redislua_kernel.engine.client import Client
from redislua_kernel.errors import RedisError
from redislua_kernel.reply import Reply

__all__ = ["Caller", "Outcome", "Refused"]

#: What is run on a thread that may run Lua for long, and can be stopped.
Job = Callable[[], None]
#: What a job gave, or its error.
Outcome = Reply | RedisError
_NOTHING_RUNS = "Nothing is running."


class Refused(RedisError):
    """A script is running: the command was not."""


class Caller:
    """A client of the engine for one widget.

    `submit` runs a job on the thread for scripts, and `insist` gives up a script there that does
    not stop although it was told to; without them all happens on the caller's thread.
    """

    def __init__(
        self,
        engine: Engine,
        name: str,
        database: int = 0,
        *,
        submit: Callable[[Job], object] | None = None,
        insist: Callable[[], None] | None = None,
    ) -> None:
        self.engine = engine
        self._name = name
        self._database = database
        self._submit = submit
        self._insist = insist

    def execute(self, *words: Argument) -> Reply:
        """Run a command that runs no Lua. Raises Refused, or the command's error."""
        with at_once(self.engine) as is_free:
            if not is_free:
                raise Refused(BUSY)
            return self._client.call(encode_arguments(words))

    def apart(
        self, job: Callable[[Callable[..., Reply]], Reply], tell: Callable[..., None]
    ) -> None:
        """Let a job, which is given what runs commands, run Lua on the thread for scripts.

        Tells its result, or its RedisError, when it is done.
        """
        with at_once(self.engine) as is_free:
            if not is_free:
                tell(Refused(BUSY))
                return
            client = self._client

        def run() -> None:
            try:
                result: Outcome = job(client.execute)
            except RedisError as error:
                result = error
            tell(result)

        if self._submit is None:
            run()
        else:
            self._submit(run)

    def kill(self) -> str:
        """Stop what runs, from any thread and without waiting; give what there is to say."""
        scripting = self.engine.scripting
        running = scripting.running
        if running is None:
            return _NOTHING_RUNS
        try:
            scripting.kill(function=running.is_function)
        except RedisError as error:
            return str(error)
        if self._insist is not None:
            self._insist()
        return ""

    @cached_property
    def _client(self) -> Client:
        """Made when it is first used: CLIENT LIST shows it from then on."""
        client = self.engine.client()
        client.execute("CLIENT", "SETNAME", self._name)
        client.execute("SELECT", self._database)
        return client
