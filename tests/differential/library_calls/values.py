"""Random Lua values, as expressions."""

from __future__ import annotations

import math
import random
import struct

__all__ = ["SAME_HASH", "Values", "quote"]

#: The reference hashes all of a string, stock Lua not all of one that is longer than this: with
#: keys like that, as with tables for keys, `pairs` has another order.
SAME_HASH = 31

NUMBERS = """
0 -0 1 -1 2 7 9 10 31 32 33 127 128 -32 -33 -128 -129 255 256 999 1000 1001 32767 32768 -32768
-32769 65535 65536 0.1 0.5 1.5 -1.5 2.5 0.49999999999999994 1e15 1e16 123456789012345678 1e100
1e300 1e308 -1e308 5e-324 2.2250738585072014e-308 1e-310 1.1754943508222875e-38 1e-45 7e-46
3.4028234663852886e38 3.5e38 16777217 0.30000000000000004 3.141592653589793 2^31-1 2^31 -2^31
-2^31-1 2^32-1 2^32 2^32+1 2^51-1 2^51 2^52-1 2^52 2^53-1 2^53 2^53+2 -2^51 -2^53 2^62 2^63-1024
2^63 -2^63 -2^63-2048 2^64 2^64-2048 2^65 -2^64 1/0 -1/0 0/0 -(0/0) 100000000000000
99999999999999.9 1e14 12345678901234.5
""".split()  # noqa: SIM905

#: Hardly what any function expects.
ODDITIES = """
nil true false print cjson.null KEYS ARGV string math coroutine.create(function()end) {} '' '0'
'12' '-7' '0x10' '\\03212' '1e3' 'abc' 'inf' 'nan' '1e999' 'a\\0b' type show cjson pairs
""".split()  # noqa: SIM905

TABLES = """
{1,2,nil,4}
{nil,nil,3}
{n=1,[1]=2}
{[0]=1}
{[-1]=1}
{[1.5]=1}
{[1e15]=1}
{[2^31]=1}
{[2^53]=1}
{[true]=1}
{[{}]=1}
{[print]=1}
{[5]=1}
{[20]=1}
{[1]=1,[2]=2,[30]=3}
{[2]=1,[3]=1}
{[11]=1,[10]=2,[9]=3}
{{},{},{{}}}
{[1]=1,x=2}
{[2^31-1]=1}
{[4294967297]=1}
{[1/0]=1}
{[-1/0]=2}
{[cjson.null]=1}
{['1']=1,[1]=2}
{a={b={c={d={}}}}}
{[1]=1,[2]=2,[3]=3,[4]=nil}
{1,2,[4]=4}
{1,2,nil,4,nil,nil,7}
{cjson.null,cjson.null}
{print}
{f=print}
{{print}}
setmetatable({},{__index={1,2}})
setmetatable({1},{__len=function() return 9 end})
setmetatable({x=1},{__tostring=function() return 'T' end})
setmetatable({x=1},{__index=function() return 5 end})
setmetatable({[1]=1,[3]=3},{__index=function() return 5 end})
(function() local t={} t[1]=t return t end)()
(function() local t={} t.x=t return t end)()
(function() local t={1} return {t,t,{t}} end)()
(function() local t={1,2,3,4,5} t[3]=nil return t end)()
(function() local t={} for i=1,17 do t[i]=i end return t end)()
(function() local t={} for i=10,1,-1 do t[i]=i end return t end)()
(function() local t={} for i=1,16 do t['k'..i]=i end return t end)()
(function() local t={} for i=1,70 do t=(i%2==0) and {t} or {x=t} end return t end)()
(function() local t={} for i=1,15 do t={t} end return t end)()
(function() local t={} for i=1,16 do t={t,1} end return t end)()
(function() local t={} for i=1,999 do t={t} end return t end)()
(function() local t={} for i=1,1000 do t={t} end return t end)()
""".strip().splitlines()

KEYS = ["1", "2", "3", "4", "10", "-1", "0", "1.5", "2^40", "true", "1e300"]
TEXTS = ["", "name", "id", "x", "a key", "12", "1.5", "x" * 255, "y" * 300]


def quote(text: str) -> str:
    """Write a text as a Lua literal."""
    plain = "".join(c if c.isalnum() or c in " _{}[]:,.-+" else f"\\{ord(c):03}" for c in text)
    return f"'{plain}'"


class Values:
    """Chooses values; the same seed gives the same ones."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.choice = self.random.choice
        self.below = self.random.randrange

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def number(self) -> str:
        kind = self.below(6)
        if kind == 0:
            return str(self.below(-300, 300))
        if kind == 1:
            (made,) = struct.unpack("<d", self.random.randbytes(8))
            return repr(made) if math.isfinite(made) else self.choice(["1/0", "-1/0", "0/0"])
        if kind == 2:
            power = f"(2^{self.below(70)}{self.choice(['', '+1', '-1', '+0.5', '-0.5'])})"
            return self.choice(["", "-"]) + power
        if kind == 3:
            return repr(self.random.uniform(-1000, 1000))
        return self.choice(NUMBERS)

    def text(self) -> str:
        """Some bytes."""
        kind, length = self.below(4), self.choice([0, 1, 2, 5, 9, 31, 32, 40, 41])
        if kind == 0:
            return self.random.randbytes(length).decode("latin-1")
        if kind == 1:
            return "".join(self.random.choices('ab"\\/\x7f\x00\n\té\xff', k=length))
        if kind == 2:
            return self.choice(TEXTS)
        return "".join(self.random.choices("abcdefgh ", k=length))

    def oddity(self) -> str:
        return self.choice(ODDITIES)

    def odd(self) -> str:
        """A value that is hardly what a function expects, or may be."""
        return self.choice([self.oddity(), self.number(), self.value(1)])

    def value(self, depth: int = 3) -> str:
        kind = self.below(12)
        if kind < 4:
            return self.number()
        if kind < 6 or depth == 0:
            return quote(self.text())
        if kind < 8:
            return self.choice(["true", "false", "nil", "cjson.null", self.oddity()])
        if kind == 8:
            return self.choice(TABLES)
        size = self.choice([0, 1, 2, 3, 5, 16, 20])
        if kind == 9 and self.chance(0.3):
            items = self._alike(self.below(7, 130))
        elif kind == 9:
            items = [self.value(depth - 1) for _ in range(size)]
        else:
            items = [f"[{self._key()}]={self.value(depth - 1)}" for _ in range(min(size, 6))]
        return "{" + ",".join(items) + "}"

    def _alike(self, count: int) -> list[str]:
        """Numbers of one kind, and now and then something else among them."""
        form = self.choice(["@.5", "@.1", "@", "@0000000000", "-@0000000000", "@e200", "-@.25"])
        made = [form.replace("@", str(self.below(1, 10**6))) for _ in range(count)]
        for _ in range(self.choice([0, 0, 0, 1, 3])):
            made[self.below(count)] = self.choice([self.number(), self.odd()])
        return made

    def _key(self) -> str:
        return quote(self.text()[:SAME_HASH]) if self.chance(0.6) else self.choice(KEYS)

    def mutate(self, text: str, characters: str) -> str:
        """Change a text here and there."""
        for _ in range(self.choice([1, 1, 1, 2, 4])):
            place = self.below(len(text) + 1)
            cut, piece = self.choice([0, 0, 1, 1, 2]), self.choice(["", *characters])
            text = text[:place] + piece + text[place + cut :]
        return text[: self.below(len(text) + 1)] if self.chance(0.15) else text
