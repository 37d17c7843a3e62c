"""%recover: what a kernel had that died."""

from __future__ import annotations

import time

from redislua_kernel.cells import UsageError
from redislua_kernel.engine.files import path_of
from redislua_kernel.engine.recovery import CrashJournal, Damaged
from redislua_kernel.magics.registry import magic
from redislua_kernel.render.outputs import Text
from redislua_kernel.session import Session

#: How many of the files that other kernels have left are listed.
_MOST = 10


@magic("recover")
def recover(session: Session, file: bytes | None = None) -> Text:
    """Bring back the data, libraries and settings of a kernel that died, in place of all there are.

    A kernel that Jupyter starts again does so by itself, unless `%config recover manual` was
    set. With a file: those of another kernel.

        %recover
        %recover kernel-1234.redislua
    """
    session.require_embedded("%recover")
    journal = session.crash_journal
    if journal is None:
        raise UsageError("there is no crash journal here: Jupyter has not started this kernel")
    if file is None and not journal.waiting.exists():
        raise UsageError(_list(journal))
    path = None if file is None else journal.path.parent / path_of(file)
    try:
        return Text(f"{journal.recover(path)}\n")
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from None
    except Damaged as error:
        raise UsageError(str(error)) from None


def _list(journal: CrashJournal) -> str:
    """Say that nothing waits, and what other kernels have left."""
    lines = ["this kernel has not died: there is nothing to bring back"]
    others = journal.others()
    for path in others[:_MOST]:
        status = path.stat()
        when = time.strftime("%Y-%m-%d %H:%M", time.localtime(status.st_mtime))
        lines.append(f"{when}  {status.st_size:>9} bytes  %recover {path.name}")
    lines += [f"and {len(others) - _MOST} older beside them"] * (len(others) > _MOST)
    return "\n".join(lines)
