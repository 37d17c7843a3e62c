"""The kinds of Lua 5.1's instructions that somebody looks at: the last six bits of each."""

from __future__ import annotations

MOVE, LOADK, LOADBOOL, LOADNIL, GETUPVAL, GETGLOBAL, GETTABLE = range(7)
SETGLOBAL, SETUPVAL, SETTABLE = 7, 8, 9
SELF, ADD, UNM, LEN, CONCAT = 11, 12, 18, 20, 21
JMP, EQ, LT, LE, TEST, TESTSET, CALL, TAILCALL, RETURN = range(22, 31)
FORLOOP, FORPREP, TFORLOOP, SETLIST, CLOSE, CLOSURE, VARARG = range(31, 38)
