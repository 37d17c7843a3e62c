"""Commands as in redis-cli: %redis for one, %%redis for one a line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from redislua_kernel.cells import UsageError, split_words
from redislua_kernel.magics.registry import magic
from redislua_kernel.render.outputs import At, Output, Outputs, Result, Text
from redislua_kernel.reply import Verbatim
from redislua_kernel.session import Session


@magic("redis", while_busy=True)
def redis(session: Session, *command: bytes, body: bytes | None = None) -> Outputs:
    r"""Run commands, quoted as in redis-cli; a line that begins with # is a comment.

    A number before a command repeats it. The first command that fails ends the cell. A cell does
    not wait: BLPOP and its kin answer at once, SUBSCRIBE and MONITOR are refused. RESET gives the
    connection the default user again.

        %redis SET greeting "hello\nworld"

        %%redis
        # one command a line
        INCR visits
    """
    if body is None:
        if not command:
            raise UsageError("usage: %redis command [argument ...], or %%redis above several")
        return _run(session, command)
    if command:
        raise UsageError("usage: %%redis alone, and the commands below it")
    return _run_lines(session, body)


def _run_lines(session: Session, body: bytes) -> Iterator[Output]:
    lines = body.decode("utf-8", "surrogatepass").split("\n")
    # Read all before running any: a quote that does not close changes nothing.
    commands = []
    for number, line in enumerate(lines, 1):
        if line.strip() and not line.lstrip().startswith("#"):
            yield At(number)
            commands.append((number, split_words(line)))
    for number, words in commands:
        yield At(number)
        yield from _run(session, words)


#: Commands whose reply is a text with lines of its own: redis-cli prints it as it is.
_TEXTS = {b"CLIENT INFO", b"CLIENT LIST", b"CLUSTER INFO", b"CLUSTER NODES", b"INFO", b"LOLWUT"}


def _run(session: Session, words: Sequence[bytes]) -> Iterator[Output]:
    yield from _unquoted_script(words)
    repeated = len(words) > 1 and words[0].isdigit()
    for _ in range(int(words[0]) if repeated else 1):
        yield _run_once(session, words[repeated:])


def _unquoted_script(words: Sequence[bytes]) -> Iterator[Text]:
    """Tell of a script of which only the first word was sent as such."""
    name, script, *_ = (*words, b"")
    if name.upper() in (b"EVAL", b"EVAL_RO") and script == b"return":
        told = "`return` is the whole script here: one with spaces stands in quotes\n"
        yield Text(told, "stderr")


def _run_once(session: Session, words: Sequence[bytes]) -> Result:
    reply = session.execute(*words)
    names = words[0].upper(), b" ".join(words[:2]).upper()
    if session.remote is not None and type(reply) is bytes and not _TEXTS.isdisjoint(names):
        reply = Verbatim(reply)  # in RESP2, a server cannot say so
    is_text = isinstance(reply, Verbatim) and not _TEXTS.isdisjoint(names)
    return session.result(reply, 3 if is_text else None, command=words)
