"""Compiled Lua 5.1: taken apart, looked through, changed and put together again.

dump        a compiled function as Lua dumps it, and its parts; opcodes: its instructions
rewriting   what is changed in scripts: all of these
call_sites  calls of redis.call, each bound to the function for so many words
stock_calls calls of Lua's own functions where they can do no harm
tail_calls  calls that would take their caller off the stack
uses        what a script does with KEYS and ARGV
counting    counters that tell a profile how often each part runs
"""
