"""How long commands took, and what LATENCY, SLOWLOG and INFO's latencystats tell of that.

histogram   the calls of a command or the runs of a script, counted by their time
slow_calls  what took long, handed on to those below
slowlog     SLOWLOG: these calls with their words
monitor     LATENCY: the events of an engine, and the spikes of each
doctor, graph
            what LATENCY DOCTOR says about these, and how LATENCY GRAPH draws them
"""
