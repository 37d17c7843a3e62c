"""Changes of the key that a browser shows: each is a command, as any client's."""

from __future__ import annotations

from redislua_kernel.browsing.browser import Browser, at_once
from redislua_kernel.browsing.details import live_value
from redislua_kernel.browsing.editing import EDITS
from redislua_kernel.engine.client import Client
from redislua_kernel.engine.types.string import RawString
from redislua_kernel.reply import Reply, ResponseError

__all__ = ["Changes"]

GONE = "The key is no longer there."
BUSY = "A script is running: nothing was changed."


#: Longer strings are not given out to edit.
_MOST_EDITED = 100_000


class Changes:
    """Changes the chosen key, and gives what there is to say of it: nothing if all went well."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self._client: Client | None = None

    def read_string(self) -> bytes | None:
        """Give the string to edit; None: it is none, too long, or a script is running."""
        key, browser = self.browser.chosen, self.browser
        with at_once(browser.engine) as is_free:
            if not is_free or key is None:
                return None
            value = live_value(browser.engine.keyspace[browser.database], key)
            data = bytes(value.data) if isinstance(value, RawString) else value
            return data if isinstance(data, bytes) and len(data) <= _MOST_EDITED else None

    def set(self, name: bytes, value: bytes) -> str:
        """Set the value, or one of its elements."""
        details, key = self.browser.details, self.browser.chosen
        if details is None or key is None:
            return GONE
        return self._change(*EDITS[details.type].set(key, name, value))

    def remove(self, name: bytes) -> str:
        """Take an element away."""
        details, key = self.browser.details, self.browser.chosen
        if details is None or key is None:
            return GONE
        remove = EDITS[details.type].remove
        if remove is None:
            return f"No command takes an element of a {details.type} away by its name."
        return self._change(*remove(key, name, b""), nothing="There was no such element.")

    def expire(self, seconds: str) -> str:
        """Let the key expire after some seconds."""
        if seconds.strip().startswith(("-", "0")):
            return "A time to live is more than 0 seconds."
        return self._on_key(b"EXPIRE", seconds.strip().encode("utf-8", "replace"))

    def persist(self) -> str:
        """Let the key never expire."""
        return self._on_key(b"PERSIST", nothing="It does not expire.")

    def rename(self, name: bytes) -> str:
        """Give the key another name, if that is free."""
        said = self._on_key(b"RENAMENX", name, nothing="There is a key of that name already.")
        if not said:
            self.browser.choose(name)
        return said

    def delete(self) -> str:
        """Delete the key."""
        said = self._on_key(b"DEL", nothing=GONE)
        if not said:
            self.browser.choose(None)
        return said

    def close(self) -> None:
        """Take the client out of the engine."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def _on_key(self, command: bytes, *words: bytes, nothing: str = GONE) -> str:
        key = self.browser.chosen
        return GONE if key is None else self._change(command, key, *words, nothing=nothing)

    def _change(self, *words: bytes, nothing: str = "") -> str:
        """Run a command; `nothing` is what to say if it answers 0."""
        with at_once(self.browser.engine) as is_free:
            if not is_free:
                return BUSY
            try:
                reply = self._run(words)
            except ResponseError as error:
                return error.payload.decode("utf-8", "replace")
        self.browser.look()
        return nothing if reply == 0 and nothing else ""

    def _run(self, words: tuple[bytes, ...]) -> Reply:
        if self._client is None:
            self._client = self.browser.engine.client()
            self._client.execute("CLIENT", "SETNAME", "keyspace-widget")
        self._client.execute("SELECT", self.browser.database)
        return self._client.call(words)
