"""JupyterLab's visual debugger: the Debug Adapter Protocol (DAP) over the engine's debugger.

    adapter      who answers a client's requests, and the state that they share
    requests     the table of requests, and how one becomes a response
    sessions, breaking, stepping, inspecting
                 the requests, one file per family
    panel        asked by the engine where a script has stopped, and waits there for the client
    host         what it wants of the kernel; call_log: what the script has called
    pause        one stop: what can be asked there, and how to go on
    scopes       what a client can look into while a script has stopped; overview: otherwise
    keyspace     the data as variables
    variables    variables as the protocol shows them, a page at a time; values: as text
    cell_breakpoints
                 what a client has set; placement: on lines that can be stopped on
    sources      the cells, by the paths that clients call them by
    cell_console, terminal
                 the other face, without a panel: a console below the cell

A script has stopped on the thread that runs it. Requests come on another; what touches Lua, or
the data that the script is at work on, they leave in the panel's queue for the script's thread.
Nothing here knows Jupyter: the kernel carries messages, and tells which cell runs.
"""
