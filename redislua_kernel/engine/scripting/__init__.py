"""The scripting engine: EVAL scripts and function libraries on an embedded Lua.

scripting   all of it in one object, which knows the script that runs, and stops it
ways        from the words of EVAL, EVALSHA or FCALL into Lua, and back with the reply
scripts, functions
            the script cache | the libraries; shebang: the first line of either
program     a script or a function as what it takes to run it; runs: how often each ran
modes       what it may do; watching: who is told of its lines, calls and errors
calls       from redis.call to a command, and back with the reply: all that is compiled for it
results     what it gives in the end as a reply: tokens, the parts that one is put together from

runtime     one Lua state; host: what Lua calls of ours; polling: whether a script is to stop
assembly    what stands around scripts in it, from our own lua_files; libs: cjson, cmsgpack,
            struct and bit, for which numbers and json_escapes do what Lua does slowly
compiler    compiles scripts in it; long_strings: what only our Lua refuses; bytecode: what is
            changed in compiled scripts; lines: those to stop on
lua_memory  how much it may hold; room: who asks before something is handed to it
lua_failure how an error leaves it; abandoning: what becomes of one that a thread is stuck in
lua_sides   what looks into it to debug, profile and lint
"""

from __future__ import annotations

from redislua_kernel.engine.scripting.program import Running
from redislua_kernel.engine.scripting.scripting import Scripting

__all__ = ["Running", "Scripting"]
