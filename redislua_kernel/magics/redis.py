"""Commands as in redis-cli: %redis for one, %%redis for one a line."""

from __future__ import annotations

from collections.abc import Iterator

from redislua_kernel.cells import UsageError, split_words
from redislua_kernel.magics.registry import magic
from redislua_kernel.render.outputs import At, Output, Outputs, Result
from redislua_kernel.session import Session


@magic("redis")
def redis(session: Session, *command: bytes, body: bytes | None = None) -> Outputs:
    r"""Run commands, quoted as in redis-cli; a line that begins with # is a comment.

    The first command that fails ends the cell.

        %redis SET greeting "hello\nworld"

        %%redis
        # one command a line
        INCR visits
    """
    if body is None:
        if not command:
            raise UsageError("usage: %redis command [argument ...]")
        return Result(session.execute(*command), session.backend.resp)
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
        yield Result(session.execute(*words), session.backend.resp)
