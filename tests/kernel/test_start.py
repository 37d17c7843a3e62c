"""What the kernel is ready without: each part is imported when it is first wanted."""

import subprocess
import sys

#: Makes a kernel, and runs one cell as it does.
_START = """
import os, sys
from redislua_kernel.kernel import RedisLuaKernel

kernel = RedisLuaKernel()
print(*sys.modules)

from redislua_kernel.cells import parse
from redislua_kernel.kernel.cell_run import CellRun
from redislua_kernel.kernel.publisher import Publisher

run = CellRun(kernel.notebook, parse("return redis.call('INCR', 'n')"))
publisher = Publisher(lambda *message: None, kernel.notebook, 1)
for output in run.outputs():
    publisher.publish(output)
assert publisher.finish() == "(integer) 1"
print(*sys.modules)
sys.stdout.flush()
os._exit(0)  # its threads are not waited for
"""
#: What answers a debugging client, draws widgets, reaches servers, and helps with writing.
_LATER = (
    *("redislua_kernel.debugger.adapter", "redislua_kernel.debugger.requests"),
    *("ipywidgets", "redislua_kernel.widgets.form", "redislua_kernel.magics.help"),
    *("redis", "redislua_kernel.remote.target", "redislua_kernel.server"),
    *("redislua_kernel.kernel.assistance", "redislua_kernel.kernel.completing"),
    *("redislua_kernel.kernel.failures", "redislua_kernel.browsing.browser"),
    *("redislua_kernel.language.completion", "redislua_kernel.testing"),
)
#: What cells are run, looked at and shown with.
_WITH_THE_FIRST_CELL = (
    *("redislua_kernel.kernel.cell_run", "redislua_kernel.kernel.publisher"),
    *("redislua_kernel.render.bundle", "redislua_kernel.render.views"),
    *("redislua_kernel.language.lint", "tree_sitter"),
)


def test_the_kernel_starts_and_runs_a_cell_without_what_neither_needs() -> None:
    ran = subprocess.run([sys.executable, "-c", _START], capture_output=True, text=True, check=True)
    ready, first_cell = (set(line.split()) for line in ran.stdout.splitlines())
    assert ready.isdisjoint({*_LATER, *_WITH_THE_FIRST_CELL})
    assert first_cell >= {*_WITH_THE_FIRST_CELL}
    assert first_cell.isdisjoint(_LATER)
