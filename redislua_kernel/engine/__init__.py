"""The embedded Redis; it knows nothing of Jupyter.

    engine      all of it in one object
    client      one client of it; client_line: as CLIENT LIST shows it; link: its connection
    argument_words
                how a caller's arguments become words

A command, from its words to its reply:

    ways        the way to it, and who is told of it
    admission   what it meets before: conditions, which may refuse it; acl: who may not call it;
                busy: a script that has held the engine for too long
    transactions, blocking, pause
                what is queued, waits for something, or is held up
    commands    what each reads and answers
    registry, signature, decoding
                a command's Python signature is its grammar, of which the code is made that takes
                its words apart; repeated: words that are the same in call after call;
                in_scripts: what hot commands have beside it for scripts
    introspection
                what COMMAND tells of it
    counts, scan, glob, draws, words
                numbers among its words, cursors, patterns, random elements, quoted lines
    errors      the texts of errors; dialect: the points in which Redis and Valkey differ
    slots, strict
                what a cluster would make of its keys, and what is said in strict mode

The data:

    keyspace, database
                the databases, and the primitives that every change goes through
    journal     how to undo what has happened, and what to replicate of it
    changes     what differs between two states; checkpoint: what undoing leaves out
    types       how each type of value keeps its data; geo, hyperloglog: what some of it means;
                long_doubles, integers: how INCRBYFLOAT counts, and words that are integers
    packing     when small collections are put in one piece; long_elements: what is never small
    rdb         values as bytes; persistence: files of them; recovery: the crash journal
    eviction    which keys make room; memory: how much there is, and how much is taken

Scripts:

    scripting   scripts and libraries; lua: its Lua side, in .lua files
    debugging   where scripts stop, what can be asked there, and what they called

What it tells, and keeps for that:

    settings    what CONFIG sets
    pushes      what connections hear unasked
    statistics, key_sizes, loop_counts, absent
                what INFO shows; latency: how long commands took

Threads, time and files:

    worker      the thread that runs scripts and can be abandoned
    interrupts  how a thread is asked to stop, and where it looks; progress: how far it is
    alarm       calls functions later; hand_clock: a clock that can be stopped and moved on
    files       those that people name
"""

from __future__ import annotations

from redislua_kernel.engine.client import Client
from redislua_kernel.engine.engine import Engine

__all__ = ["Client", "Engine"]
