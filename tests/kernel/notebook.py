"""A kernel and a client of it, as a notebook uses them."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from queue import Empty
from typing import Any

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager, start_new_kernel

from tests.jupyter import KERNEL_NAME

#: How long to wait for what must come.
_SECONDS = 60


@dataclass
class Outcome:
    """What running a cell gave: the reply, and the messages in their order."""

    reply: dict[str, Any]
    messages: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [content for each, content in self.messages if each == kind]

    @property
    def result(self) -> str | None:
        """The text of the cell's result."""
        found = self.of("execute_result")
        return found[0]["data"]["text/plain"] if found else None

    @property
    def displayed(self) -> list[str]:
        """The texts of what was displayed before the result."""
        return [each["data"]["text/plain"] for each in self.of("display_data")]

    def stream(self, name: str = "stdout") -> str:
        return "".join(each["text"] for each in self.of("stream") if each["name"] == name)

    @property
    def traceback(self) -> str:
        assert self.reply["status"] == "error", self
        return "\n".join(self.reply["traceback"])


class Notebook:
    """Runs cells and waits for all they give."""

    def __init__(self, manager: KernelManager, client: BlockingKernelClient) -> None:
        self.manager = manager
        self.client = client
        #: Messages of a cell that was waited for, until it is finished.
        self._seen: list[tuple[str, dict[str, Any]]] = []

    @classmethod
    @contextmanager
    def start(cls, name: str = KERNEL_NAME) -> Iterator["Notebook"]:
        manager, client = start_new_kernel(kernel_name=name)
        try:
            yield cls(manager, client)
        finally:
            client.stop_channels()
            if manager.has_kernel:
                manager.shutdown_kernel()

    def run(self, code: str, **options: Any) -> Outcome:
        return self.finish(self.begin(code, **options))

    def begin(self, code: str, **options: Any) -> str:
        """Send a cell without waiting for it."""
        return self.client.execute(code, **{"stop_on_error": False, **options})

    def finish(self, request: str) -> Outcome:
        """Wait for a cell that was begun."""
        outcome = Outcome({}, self._seen)
        self._seen = []
        while True:
            kind, content = self.next_message(request)
            if kind == "status" and content["execution_state"] == "idle":
                break
            if kind not in ("status", "execute_input"):
                outcome.messages.append((kind, content))
        outcome.reply = self.reply_to(request)
        return outcome

    def next_message(self, request: str) -> tuple[str, dict[str, Any]]:
        """Give the next iopub message that a request caused."""
        while True:
            message = self.client.get_iopub_msg(timeout=_SECONDS)
            if message["parent_header"].get("msg_id") == request:
                return message["msg_type"], message["content"]

    def reply_to(self, request: str) -> dict[str, Any]:
        while True:
            message = self.client.get_shell_msg(timeout=_SECONDS)
            if message["parent_header"].get("msg_id") == request:
                content: dict[str, Any] = message["content"]
                return content

    def wait_for_stream(self, request: str, text: str) -> None:
        """Wait until a cell has printed a text."""
        printed = ""
        while text not in printed:
            kind, content = self.next_message(request)
            if kind not in ("status", "execute_input"):
                self._seen.append((kind, content))
            printed += content.get("text", "") if kind == "stream" else ""

    def ask_control(self) -> None:
        """Ask for something on the control channel, and wait for the answer."""
        message = self.client.session.msg("kernel_info_request", {})
        self.client.control_channel.send(message)
        while True:
            reply = self.client.get_control_msg(timeout=_SECONDS)
            if reply["parent_header"].get("msg_id") == message["header"]["msg_id"]:
                return

    def shut_down(self) -> int:
        """Let the kernel shut down, in as long a time as it needs; give its exit status."""
        process: subprocess.Popen[bytes] = self.manager.provisioner.process  # type: ignore[union-attr]
        self.manager.shutdown_wait_time = _SECONDS
        self.manager.shutdown_kernel()
        return process.wait(_SECONDS)

    def wait_until_handled(self, kind: str) -> None:
        """Wait until a request of a kind, whoever has sent it, has been dealt with."""
        while True:
            message = self.client.get_iopub_msg(timeout=_SECONDS)
            state = message["content"].get("execution_state")
            if message["parent_header"].get("msg_type") == kind and state == "idle":
                return

    def send(self, kind: str, content: dict[str, Any], **metadata: Any) -> str:
        """Send any message on the shell channel; give its id."""
        message = self.client.session.msg(kind, content, metadata=metadata)
        self.client.shell_channel.send(message)
        request: str = message["header"]["msg_id"]
        return request

    def quiet(self, seconds: float = 0.2) -> None:
        """Drop iopub messages until none comes any more."""
        end = time.monotonic() + _SECONDS
        while time.monotonic() < end:
            try:
                self.client.get_iopub_msg(timeout=seconds)
            except Empty:
                return
