"""The way of a cell's outputs from the worker thread to the loop that sends them.

The worker puts; the loop sends in the same order, soon after, in batches. A worker that is far
ahead of the loop waits, by count or by size, so that an endless `redis.log` fills no memory.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable

from redislua_kernel.render.outputs import Output, Text

__all__ = ["Outbox"]

_MOST_WAITING, _MOST_CHARACTERS = 1000, 10_000_000
_PAUSE = 0.02  # seconds


class Outbox:
    """One cell's outputs on their way; `send` is called on the loop's thread."""

    def __init__(self, loop: asyncio.AbstractEventLoop, send: Callable[[Output], None]) -> None:
        self._loop = loop
        self._send = send
        self._waiting: deque[Output] = deque()
        #: How many characters the texts have that wait.
        self._size = 0
        self._lock = threading.Condition()
        self._closed = False
        self._last_flush = 0.0

    def put(self, output: Output) -> None:
        """Hand an output over, from any thread but the loop's."""
        with self._lock:
            while self._is_full and not self._closed:
                self._lock.wait()
            first = not self._waiting
            self._waiting.append(output)
            if isinstance(output, Text):
                self._size += len(output.text)
        if first:
            self._loop.call_soon_threadsafe(self._flush_soon)

    @property
    def _is_full(self) -> bool:
        return len(self._waiting) >= _MOST_WAITING or self._size >= _MOST_CHARACTERS

    def drain(self) -> None:
        """Wait until what was put is sent; from any thread but the loop's."""
        sent = threading.Event()

        def flush() -> None:
            self.flush()
            sent.set()

        self._loop.call_soon_threadsafe(flush)
        sent.wait()

    def _flush_soon(self) -> None:
        """Send at once what comes alone, and what comes in a stream fifty times a second."""
        if self._loop.time() - self._last_flush > _PAUSE:
            self.flush()
        else:
            self._loop.call_later(_PAUSE, self.flush)

    def flush(self) -> None:
        """Send what waits; consecutive lines of one stream go as one message."""
        self._last_flush = self._loop.time()
        with self._lock:
            outputs = list(self._waiting)
            self._waiting.clear()
            self._size = 0
            self._lock.notify_all()
        texts: list[Text] = []
        for output in outputs:
            if texts and not (isinstance(output, Text) and output.stream == texts[0].stream):
                self._send_texts(texts)
            if isinstance(output, Text):
                texts.append(output)
            else:
                self._send(output)
        self._send_texts(texts)

    def close(self) -> None:
        """Send what waits; whoever still puts is not held up any more."""
        with self._lock:
            self._closed = True
        self.flush()

    def _send_texts(self, texts: list[Text]) -> None:
        if texts:
            self._send(Text("".join(text.text for text in texts), texts[0].stream))
            texts.clear()
