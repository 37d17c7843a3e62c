"""The reference's debugger (LDB): what it says of a script, and when, over any channel.

Two forms: as the reference has it, to the byte, and an extended one for notebooks, in which
expressions see the variables of the frame, `next` steps over calls and `out` leaves a function.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from time import monotonic

from redislua_kernel.engine.debugging.breakpoints import Breakpoint
from redislua_kernel.engine.debugging.channel import BrokenChannel, Channel
from redislua_kernel.engine.debugging.console_text import ConsoleText
from redislua_kernel.engine.debugging.console_words import find_word
from redislua_kernel.engine.debugging.debugger import Debugger
from redislua_kernel.engine.debugging.replies import reply_text
from redislua_kernel.engine.debugging.source import Source
from redislua_kernel.engine.debugging.stop import Reason, Resume, Step, Stop
from redislua_kernel.reply import Reply, ResponseError

__all__ = ["Console"]

#: How many words of a command are shown.
MOST_WORDS = 10
#: What busy-reply-threshold 0 stands for, in milliseconds.
DEFAULT_THRESHOLD = 5000

UNKNOWN = b"<error> Unknown Redis Lua debugger command or wrong number of arguments."

_REASONS = {
    Reason.STEP: b"step over",
    Reason.BREAKPOINT: b"break point",
    Reason.CALL: b"redis.breakpoint() called",
    Reason.TIMEOUT: b"timeout reached, infinite loop?",
    Reason.PAUSE: b"pause",
    Reason.ERROR: b"error",
}


class Console:
    """A front that talks to its user in the words of the reference's debugger.

    `offset` is added to the numbers of lines that are shown and taken: where a body is in its cell.
    """

    def __init__(
        self,
        channel: Channel,
        *,
        extended: bool = False,
        enters: bool = True,
        offset: int = 0,
        breakpoints: Iterable[int] = (),
    ) -> None:
        self.channel = channel
        self.extended = extended
        #: Stop at the first line of what runs next.
        self.enters = enters
        self.text = ConsoleText(offset, breakpoints)
        #: What it is the front of; None: it only looks around where a script has failed.
        self.debugger: Debugger | None = None
        #: Shows commands and their replies: since a step, until the next stop.
        self.steps = enters
        self._since = monotonic()
        #: The user has left.
        self.is_alone = False

    # As a front

    def begins(self, source: Source) -> bool:
        """Stop at the first line, unless something else was agreed."""
        self.text.source = source
        self._since = monotonic()
        self.place_breakpoints(source)
        return self.enters

    def ended(self) -> None:
        """Take note that what ran has ended."""

    def stopped(self, stop: Stop) -> Resume:
        """Say where the script has stopped, and do what the user says until it is to go on."""
        if self.is_alone:
            return self.leave(stop)
        self.steps = False
        self.text.current = stop.line
        line = self.text.shown(stop.line)
        if stop.reason is Reason.ERROR:
            self.text.say(b"* Failed at %d: %b" % (line, stop.text.encode()))
        else:
            reason = _REASONS[stop.reason]
            self.text.say(b"* Stopped at %d, stop reason = %b" % (line, reason))
        self.text.say_line(stop.line)
        self.flush()
        resume = self._obey(stop)
        if resume is None:
            resume = self.leave(stop)
        self._since = monotonic()
        return resume

    def look(self, stop: Stop) -> None:
        """Let the user look around where a script has failed, as long as he likes."""
        self.text.source, self.text.current = stop.source, stop.line
        self._obey(stop)
        self.flush()

    def glance(self) -> Reason | None:
        """Stop a script that runs for longer than busy-reply-threshold."""
        # Who has gone on purpose wants it to run on; one that was lost cannot stop it any more.
        if self.steps or self.debugger is None or (self.is_alone and self.extended):
            return None
        engine = self.debugger.scripting.engine
        threshold = engine.config.busy_reply_threshold or DEFAULT_THRESHOLD
        if (monotonic() - self._since) * 1000 < threshold:
            return None
        return Reason.TIMEOUT

    def wants_errors(self) -> bool:
        """Stop at errors that nothing catches: the reference does not."""
        return self.extended and not self.is_alone

    def printed(self, line: int, text: bytes) -> None:
        """Show what redis.debug() was given."""
        self.text.say(b"<debug> line %d: %b" % (self.text.shown(line), text))
        if self.extended:
            self.flush()

    def complained(self, text: bytes) -> None:
        """Show why a function of the API has failed, while the user steps."""
        if self.steps:
            self.text.say(b"<error> " + text)

    def logged(self, line: int, text: str) -> None:
        """Show a breakpoint's message."""
        self.text.say(text.encode())
        self.flush()

    def called(self, words: Sequence[bytes]) -> None:
        """Show a command, while the user steps."""
        if self.steps:
            shown = [b"<redis>", *words[:MOST_WORDS]]
            if len(words) > MOST_WORDS:
                shown.append(b"... (%d more)" % (len(words) - MOST_WORDS - 1))
            self.text.say(b" ".join(shown))

    def replied(self, reply: Reply) -> None:
        """Show its reply."""
        if self.steps and self.debugger is not None:
            resp = self.debugger.scripting.runtime.client.resp
            self.text.say_cut(b"<reply> " + reply_text(reply, resp))

    def failed(self, text: bytes, from_command: bool) -> None:
        """Show its error."""
        if not self.steps:
            return
        if from_command:
            self.text.say(b"<error> -" + text)
            self.replied(ResponseError.from_payload(text))
        else:
            self.text.say(b"<error> " + text.removeprefix(b"ERR "))

    def flush(self, *, even_nothing: bool = False) -> None:
        """Send what was said."""
        lines = self.text.take()
        if lines or even_nothing:
            self.channel.send(lines)

    def end(self) -> None:
        """Say what is left, and that the session is over."""
        if not self.extended:
            self.text.say(b"<endsession>")
        self.flush()

    # Obeying

    def _obey(self, stop: Stop) -> Resume | None:
        """Do what the user says; give how to go on, or None once there is no user."""
        while True:
            try:
                words = self.channel.read()
            except BrokenChannel as error:
                return Resume(Step.RUN, error.text)
            if words is None:
                return None
            if not words:
                continue
            word = find_word(words, extended=self.extended)
            if word is None:
                self.text.say(UNKNOWN)
            else:
                resume = word.handler(self, stop, words)
                if resume is not None:
                    return resume
            self.flush(even_nothing=True)

    def leave(self, stop: Stop) -> Resume:
        """Let the script run on without its user."""
        self.is_alone, self.steps = True, False
        if self.debugger is not None:
            self.debugger.set_breakpoints(stop.source.code, ())
        if stop.reason is Reason.TIMEOUT and not self.extended:
            text = b"ERR timeout during Lua debugging with client closing connection"
            return Resume(Step.RUN, text)
        return Resume(Step.RUN)

    def place_breakpoints(self, source: Source) -> None:
        """Tell the debugger where to stop."""
        if self.debugger is not None:
            self.debugger.set_breakpoints(source.code, map(Breakpoint, self.text.breakpoints))
