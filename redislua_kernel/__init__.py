"""A Jupyter kernel for Redis Lua with a whole Redis scripting engine inside.

The rooms, from the door down. A room imports only from lines below its own; those on one line
do not know each other. pyproject.toml has import-linter hold this.

    __main__        the command line: the kernel's launch, `serve`, `run`, `grade`, `install`
    kernel          Jupyter's requests; alone imports ipykernel, and alone sends messages
    integrations    what papermill and nbconvert are taught, grading; beside the kernel
    magics          what % and %% do: a registry, and one file per family
    session, cells  the backend and settings of a notebook | a cell's text, read
    widgets, debugger, testing
                    live tables, alone imports ipywidgets | the debugger's panel and console |
                    tests as transcripts, and the bench they run on
    render, language, server, remote
                    replies as text and HTML | completion, help and lint, alone imports
                    tree-sitter | the engine over RESP | real servers, alone imports redis
    browsing, projects
                    what people look at: keys as a tree, values by type; scripts and functions;
                    how the engine fares over time | a project's Lua files: their names,
                    includes and calls
    engine          the embedded Redis, which knows nothing of Jupyter: commands, types of values,
                    files of them, scripts, what watches and limits them; alone imports lupa
    backend         what every place that runs commands offers: the engine, a server, a cluster
    reply, errors   the values that go up: replies and exceptions
    doubles, quantities
                    floats as Redis writes them | numbers of things, bytes and times in words

One cell: Jupyter's execute_request reaches `kernel`, `cells.parse` splits magics from Lua, and
`CellRun` runs them in order, each through `Session` and its backend. The engine runs the exact
body; `redis.call` in it takes the way that a client's command takes. Outputs (replies, log lines)
come back as values, are rendered, and leave as messages. An exception becomes an error message in
one place, `kernel.failures`, which adds the cell's line, and what `kernel.hints` knows to help.

Threads: `Engine.execute` runs on its caller's thread, under `Engine.lock`. A notebook's cells, and
the scripts of the RESP server, run on a `Worker`; with %serve it is one for both. So the kernel's
main thread (widgets) and its control thread (interrupts) stay free. Who must not wait takes the
lock without blocking: the widget then says that a script is running. Only the thread that runs
scripts touches Lua.

Rules: replies and outputs are values that nobody changes on their way. A cell is one unit: an
interrupt undoes all its writes. Data knows no syntax, and commands know no storage. Time and
randomness are injected. What went to a server is not undone, and never sent a second time.
"""

from __future__ import annotations

from redislua_kernel.engine import Engine
from redislua_kernel.errors import RedisError, ResponseError

__all__ = ["Engine", "RedisError", "ResponseError"]
__version__ = "0.1.0"
