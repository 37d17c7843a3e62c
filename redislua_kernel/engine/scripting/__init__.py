"""The scripting engine: EVAL scripts and function libraries on an embedded Lua.

scripting   all of it in one object, which knows the script that runs, and stops it
ways        from the words of EVAL, EVALSHA or FCALL into Lua, and back with the reply
scripts, functions
            the script cache | the libraries; shebang: the first line of either
program     a script or a function as what it takes to run it; runs: how often each ran
modes       what it may do; guards: what watches over the keys it touches; watching: who is
            told of its lines, calls and errors

runtime     one Lua state
assembly    what stands around scripts in it, from our own lua_files; libs: cjson, cmsgpack,
            struct and bit, for which numbers and json_escapes do what Lua does slowly
compiler    compiles scripts in it; long_strings: what only our Lua refuses; bytecode: what is
            changed in compiled scripts; lines: those to stop on
lua_memory  how much it may hold; lua_failure: how an error leaves it; abandoning: what
            becomes of one that a thread is stuck in
lua_sides   what looks into it to debug, profile and lint

dispatch    from the name in redis.call to a callable, which does what follows; words: those
            of a call as bytes; refusals: how a call is refused
compiled    the code of a command's calls: call_forms, from the words to a reply, with what
            inlining writes out of function_texts; call_functions, from the reply to Lua, by
            what shapings knows of it; short_ways, by which Lua reaches it for half the cost
convert     replies into Lua; results: Lua's results into replies
"""

from __future__ import annotations

from redislua_kernel.engine.scripting.program import Running
from redislua_kernel.engine.scripting.scripting import Scripting

__all__ = ["Running", "Scripting"]
