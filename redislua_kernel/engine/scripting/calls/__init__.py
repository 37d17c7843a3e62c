"""Calls of `redis.call`: from the words that a script gives to a command, and back with its reply.

Nearly all of it is code that is written here and compiled once, so that a call itself has nothing
left to find out. What Lua does of it is in dispatch.lua, calls.lua and replies.lua.

dispatch        from the name of a command to a callable, which does all that follows
refusals        which commands are refused, and how
guards          who watches calls in some modes: over keys and rights, to tell of them

compiled        the functions of a command that Lua reaches, compiled from its signature
forms           the code of a call's body, for so many words: from these to a reply
functions       the code around a body: from the reply to what crosses to Lua
inlining        the code of short functions, written out where they would be called
function_texts  what such a function says, read from its source
short_ways      objects by which Lua reaches a function for half the cost

words           the words of a call as bytes
replies         replies into Lua
shapings        what is known of a command's replies before there is one
"""
