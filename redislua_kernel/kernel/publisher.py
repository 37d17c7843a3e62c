"""One cell's outputs as messages: which message type each becomes, and in which order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from redislua_kernel.render.bundle import reply_bundle
from redislua_kernel.render.outputs import Bundle, Clear, Display, Output, Result, Text, Update
from redislua_kernel.reply import NO_REPLY
from redislua_kernel.session import Session

__all__ = ["Publisher"]

#: Sends a message of a type with a content on iopub.
Send = Callable[[str, dict[str, Any]], None]


class Publisher:
    """Sends a cell's outputs. Its last reply becomes the cell's result, others are displayed."""

    def __init__(
        self, send: Send, session: Session, execution_count: int, *, for_page: bool = False
    ) -> None:
        self._send = send
        self._session = session
        self._count = execution_count
        self._for_page = for_page
        #: A reply that is the cell's result unless something follows it.
        self._last: Result | None = None
        #: How many characters the cell has shown, and how many not, because that was enough.
        self._shown = self._left_out = 0

    def publish(self, output: Output) -> None:
        """Send an output."""
        if isinstance(output, Update):  # adds nothing below what there is
            self._send("update_display_data", _data(output.bundle, output.name))
            return
        self._release()
        if isinstance(output, Result):
            # After CLIENT REPLY OFF there is none.
            self._last = None if output.reply is NO_REPLY else output
        elif isinstance(output, Display):
            self._send("display_data", _data(output.bundle, output.name))
        elif isinstance(output, Text):
            self._publish_text(output)
        elif isinstance(output, Clear):
            self._shown = 0
            self._send("clear_output", {"wait": False})

    def finish(self) -> str | None:
        """Send the result, if there is one; give its text."""
        self._tell_left_out()
        last, self._last = self._last, None
        if last is None:
            return None
        bundle = self._bundle(last)
        data = _data(bundle, origin=last.origin)
        self._send("execute_result", {**data, "execution_count": self._count})
        text: str = bundle["text/plain"]
        return text

    def fail(self, failure: dict[str, Any]) -> dict[str, Any]:
        """Send an error after what the cell gave before it; give what there is room for of it."""
        self._release()
        self._tell_left_out()
        lines = [self._shorten(line) for line in failure["traceback"]]
        value = self._shorten(failure["evalue"])
        shown = {**failure, "evalue": value, "traceback": lines}
        self._send("error", shown)
        return shown

    def _shorten(self, text: str) -> str:
        most = self._session.options.reply_limit
        left = len(text) - most
        if left <= 0:
            return text
        said = f"… {left:,} characters left out: %config reply-limit {most} shows so many"
        return f"{text[:most]}\n{said}"

    def _release(self) -> None:
        last, self._last = self._last, None
        if last is not None:
            bundle = self._bundle(last)
            size = len(bundle["text/plain"])
            if self._take(size) == size:
                self._send("display_data", _data(bundle, origin=last.origin))

    def _publish_text(self, output: Text) -> None:
        was_enough = self._left_out
        room = self._take(len(output.text))
        text = output.text[:room]
        if self._left_out and not was_enough:  # it may go on for long
            text += "…\n"
        if text:
            self._send("stream", {"name": output.stream, "text": text})

    def _take(self, size: int) -> int:
        """Give how many of so many characters there is room for"""
        most = self._session.options.output_limit
        taken = max(0, min(size, most - self._shown))
        self._shown += size
        self._left_out += size - taken
        return taken

    def _tell_left_out(self) -> None:
        if self._left_out:
            most = self._session.options.output_limit
            text = (
                f"\n… {self._left_out:,} characters left out: %config output-limit {most} shows so "
                "many of a cell\n"
            )
            self._left_out = 0
            self._send("stream", {"name": "stderr", "text": text})

    def _bundle(self, result: Result) -> Bundle:
        return reply_bundle(
            result.reply,
            result.resp,
            rows=self._session.options.rows,
            most=self._session.options.reply_limit,
            for_page=self._for_page,
            origin=result.origin,
            command=result.command,
        )


def _data(bundle: Bundle, name: str = "", origin: str | None = None) -> dict[str, Any]:
    metadata = {} if origin is None else {"redislua": {"server": origin}}
    transient = {"display_id": name} if name else {}
    return {"data": bundle, "metadata": metadata, "transient": transient}
