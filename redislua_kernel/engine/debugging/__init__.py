"""The debugger's core: where scripts and functions stop, and what can be asked there.

    debugger     attached to an engine's scripting: breakpoints, steps, who is told
    front        who talks to the user where a script has stopped: LDB, a panel, a console
    stop         one stop: its frames, their variables, and what can be evaluated and set there
    breakpoints  a line, and what must hold for a stop on it
    source       the code that runs
    console      the reference's debugger (LDB): when it says what, to whoever is at its channel;
                 console_words: what each of its words does; console_text, replies: its lines
    session      one command under a console
    post_mortem  the last error that ended a script, with its variables
    trace        a record of what scripts call
    losses       what a result lost when it became a reply
    profile      hits and time by line; it takes the debugger's place: see line_watcher
    lua_side     the functions of `lua/debugger.lua`

The hook is in `lua/debugger.lua`. A stop happens on the thread that runs the script, which
asks the front how to go on and waits; only that thread may use the stop. Nothing here knows a
protocol or a notebook.
"""
