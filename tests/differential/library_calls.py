"""Random calls of the script libraries, as scripts: valid, nearly valid, and hostile ones.

A script shows what the call gives to the last bit: numbers by 17 digits, tables in the order of
`pairs`. Texts are latin-1, one character a byte.
"""

from __future__ import annotations

import json
import math
import random
import struct
from collections.abc import Callable

SHOW = r"""
local function show(...)
  local out = {}
  local function put(v)
    local kind = type(v)
    if kind == 'number' then out[#out + 1] = string.format('%.17g', v)
    elseif kind == 'string' then out[#out + 1] = #v .. ':' .. v
    elseif kind == 'table' then
      local items, start, odd = {}, #out, false
      for key, item in pairs(v) do
        odd = odd or type(key) == 'table' or type(key) == 'string' and #key > 31
        put(key) out[#out + 1] = '=' put(item)
        items[#items + 1] = table.concat(out, '', start + 1)
        for place = start + 1, #out do out[place] = nil end
      end
      if odd then table.sort(items) end
      out[#out + 1] = '{' .. table.concat(items, ';') .. '}'
    elseif kind == 'function' then out[#out + 1] = kind
    else out[#out + 1] = tostring(v) end
  end
  for place = 1, select('#', ...) do put((select(place, ...))) out[#out + 1] = ' ' end
  return table.concat(out)
end
"""

#: How a script calls `@F`, which is `@L.@N`, with the arguments `@A`: each leaves other names and
#: lines in an error.
CALLS = [
    "return show(@F(@A))", "return show(@F(@A))", "return show(@F(@A))", "return show(@F(@A))",
    "return show(pcall(@F, @A))", "return show(pcall(@F, @A))",
    "local first = show(pcall(@F, @A)) return first .. show(pcall(@F, @A)) .. show(pcall(@F, @A))",
    "pcall(@F, @A) pcall(@F, @A) return show(@F(@A))", "pcall(@F, @A) return show(@F(@A))",
    "return @F(@A)", "return (@F(@A))",
    "local alias = @F\nreturn show(alias(@A))",
    "local alias = @F\nreturn alias(@A)",
    "local alias = @F\nlocal function inner(...)\nreturn alias(...) end\nreturn show(inner(@A))",
    "return show(pcall(function() return @F(@A) end))",
    "return show(pcall(function(...)\n return (@F(...)) end, @A))",
    "return show(@L:@N(@A))", "return show(pcall(@L.@N, @L, @A))",
    "local t = {go = @F} return show(t.go(@A))", "local t = {@F} return show(t[1](@A))",
    "return show(select('#', @F(@A)), @F(@A))",
    "return show(xpcall(function() return @F(@A) end, function(e) return e end))",
    "return show((string.gsub('xy', 'x', @F)))",
    "return show(coroutine.wrap(function() return @F(@A) end)())",
    "@F(@A) return 'done'", "local ok, e = pcall(@F, @A) error(ok and 'no error' or e)",
]  # fmt: skip

NUMBERS = """
0 -0 1 -1 2 7 9 10 31 32 33 127 128 -32 -33 -128 -129 255 256 32767 32768 -32768 -32769 65535 65536
0.1 0.5 1.5 -1.5 2.5 0.49999999999999994 1e15 1e16 123456789012345678 1e100 1e300 1e308 -1e308
5e-324 2.2250738585072014e-308 1e-310 1.1754943508222875e-38 1e-45 7e-46 3.4028234663852886e38
3.5e38 16777217 0.30000000000000004 3.141592653589793 2^31-1 2^31 -2^31 -2^31-1 2^32-1 2^32 2^32+1
2^51-1 2^51 2^52-1 2^52 2^53-1 2^53 2^53+2 -2^51 -2^53 2^62 2^63-1024 2^63 -2^63 -2^63-2048 2^64
2^64-2048 2^65 -2^64 1/0 -1/0 0/0 -(0/0) 100000000000000 99999999999999.9 1e14 12345678901234.5
""".split()  # noqa: SIM905
#: The reference hashes all of a string, stock Lua not all of one that is longer than this: with keys
#: like that, as with tables for keys, `pairs` has another order.
SAME_HASH = 31

ODDITIES = """
nil true false print cjson.null KEYS ARGV string math coroutine.create(function()end) {}
'' '0' '12' '-7' '0x10' ' 12 ' '1e3' 'abc' 'inf' 'nan' '1e999' 'a\\0b' type show cjson pairs
""".split(" ")  # noqa: SIM905
ODDITIES = [word.strip() for word in ODDITIES if word.strip()]

TABLES = [
    "{1,2,nil,4}", "{nil,nil,3}", "{n=1,[1]=2}", "{[0]=1}", "{[-1]=1}", "{[1.5]=1}", "{[1e15]=1}",
    "{[2^31]=1}", "{[2^53]=1}", "{[true]=1}", "{[{}]=1}", "{[print]=1}", "{[5]=1}", "{[20]=1}",
    "{[1]=1,[2]=2,[30]=3}", "{[2]=1,[3]=1}", "{[11]=1,[10]=2,[9]=3}", "{{},{},{{}}}", "{[1]=1,x=2}",
    "{[2^31-1]=1}", "{[4294967297]=1}", "{[1/0]=1}", "{[-1/0]=2}", "{[cjson.null]=1}",
    "{['1']=1,[1]=2}", "{a={b={c={d={}}}}}", "(function() local t={} t[1]=t return t end)()",
    "(function() local t={} t.x=t return t end)()", "(function() local t={1} return {t,t,{t}} end)()",
    "setmetatable({},{__index={1,2}})", "setmetatable({1},{__len=function() return 9 end})",
    "setmetatable({x=1},{__tostring=function() return 'T' end})", "{[1]=1,[2]=2,[3]=3,[4]=nil}",
    "(function() local t={1,2,3,4,5} t[3]=nil return t end)()", "{cjson.null,cjson.null}",
    "(function() local t={} for i=1,17 do t[i]=i end return t end)()", "{print}", "{f=print}",
    "(function() local t={} for i=10,1,-1 do t[i]=i end return t end)()", "{1,2,[4]=4}", "setmetatable({x=1},{__index=function() return 5 end})",
    "setmetatable({[1]=1,[3]=3},{__index=function() return 5 end})", "{1,2,nil,4,nil,nil,7}",
    "(function() local t={} for i=1,16 do t['k'..i]=i end return t end)()", "{{print}}",
    "(function() local t={} for i=1,70 do t=(i%2==0) and {t} or {x=t} end return t end)()",
    "(function() local t={} for i=1,15 do t={t} end return t end)()",
    "(function() local t={} for i=1,16 do t={t,1} end return t end)()",
    "(function() local t={} for i=1,999 do t={t} end return t end)()",
    "(function() local t={} for i=1,1000 do t={t} end return t end)()",
]  # fmt: skip


#: The first bytes of MessagePack's numbers, and how many follow.
NUMBER_TAGS = [
    (0xCC, 1), (0xCD, 2), (0xCE, 4), (0xCF, 8), (0xD0, 1), (0xD1, 2), (0xD2, 4), (0xD3, 8),
    (0xCA, 4), (0xCB, 8),
]  # fmt: skip


def quote(text: str) -> str:
    """Write a text as a Lua literal."""
    plain = "".join(c if c.isalnum() or c in " _{}[]:,.-+" else f"\\{ord(c):03}" for c in text)
    return f"'{plain}'"


class Writer:
    """Writes random scripts; the same seed gives the same ones."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.choice = self.random.choice

    def script(self, library: str) -> str:
        """Write a script that calls one function of a library."""
        function, arguments = getattr(self, library)()
        if self._chance(0.04):
            arguments = [*arguments, self.value()]
        if self._chance(0.04):
            arguments = arguments[:-1]
        if self._chance(0.03):
            arguments = arguments and [*arguments[:-1], self.choice(ODDITIES)]
        if library == "cjson" and function not in ("decode", "encode"):
            # The reference sends a line break in an error as it is, and breaks the protocol.
            arguments = [text.replace("\\010", "").replace("\\013", "") for text in arguments]
        before = self._settings() if library == "cjson" else ""
        if library == "struct" and self._chance(0.5) and arguments:
            # A format that comes again is handled by other code.
            before = f"for _ = 1, 2 do pcall(struct.size, {arguments[0]}) end\n"
        return before + self._call(library, function, ", ".join(arguments))

    def _call(self, library: str, function: str, arguments: str) -> str:
        call = self.choice(CALLS)
        if not arguments:
            call = call.replace(", @A", "")
        call = call.replace("@F", f"{library}.{function}").replace("@L", library)
        deep = ("[", "[1,", "{\\034a\\034:", "[{\\034x\\034:")
        if any(piece * 9 in arguments for piece in deep):
            call = CALLS[0]  # a reply nests less deep
        return SHOW + call.replace("@N", function).replace("@A", arguments)

    def _chance(self, share: float) -> bool:
        return self.random.random() < share

    # Values

    def number(self) -> str:
        kind = self.random.randrange(6)
        if kind == 0:
            return str(self.random.randrange(-300, 300))
        if kind == 1:
            (made,) = struct.unpack("<d", self.random.randbytes(8))
            return repr(made) if math.isfinite(made) else self.choice(["1/0", "-1/0", "0/0"])
        if kind == 2:
            power, delta = self.random.randrange(70), self.choice(["", "+1", "-1", "+0.5", "-0.5"])
            return f"{self.choice('-+')}(2^{power}{delta})".replace("+(", "(")
        if kind == 3:
            return repr(self.random.uniform(-1000, 1000))
        return self.choice(NUMBERS)

    def text(self) -> str:
        """Some bytes."""
        kind, length = self.random.randrange(4), self.random.choice([0, 1, 2, 5, 9, 31, 32, 40, 41])
        if kind == 0:
            return self.random.randbytes(length).decode("latin-1")
        if kind == 1:
            return "".join(self.random.choices('ab"\\/\x7f\x00\n\té\xff', k=length))
        if kind == 2:
            return self.choice(["", "name", "id", "x", "a key", "12", "1.5", "x" * 255, "y" * 300])
        return "".join(self.random.choices("abcdefgh ", k=length))

    def value(self, depth: int = 3) -> str:
        kind = self.random.randrange(12)
        if kind < 4:
            return self.number()
        if kind < 6 or depth == 0:
            return quote(self.text())
        if kind < 8:
            return self.choice(["true", "false", "nil", "cjson.null", self.choice(ODDITIES)])
        if kind == 8:
            return self.choice(TABLES)
        size = self.choice([0, 1, 2, 3, 5, 16, 20])
        if kind == 9 and self._chance(0.3):
            return "{" + ",".join(self._alike(self.random.randrange(7, 130))) + "}"
        if kind == 9:
            return "{" + ",".join(self.value(depth - 1) for _ in range(size)) + "}"
        items = (f"[{self._key()}]={self.value(depth - 1)}" for _ in range(min(size, 6)))
        return "{" + ",".join(items) + "}"

    def _alike(self, count: int) -> list[str]:
        """Numbers of one kind, and now and then something else among them."""
        form = self.choice(["@.5", "@.1", "@", "@0000000000", "-@0000000000", "@e200", "-@.25"])
        made = [form.replace("@", str(self.random.randrange(1, 10**6))) for _ in range(count)]
        for _ in range(self.choice([0, 0, 0, 1, 3])):
            made[self.random.randrange(count)] = self.choice([self.number(), self.odd()])
        return made

    def _key(self) -> str:
        if self._chance(0.6):
            return quote(self.text()[:SAME_HASH])
        return self.choice(["1", "2", "3", "4", "10", "-1", "0", "1.5", "2^40", "true", "1e300"])

    def odd(self) -> str:
        """A value that is hardly what a function expects."""
        return self.choice([self.choice(ODDITIES), self.number(), self.value(1)])

    # cjson

    def cjson(self) -> tuple[str, list[str]]:
        kind = self.random.randrange(20)
        if kind < 9:
            return "decode", [quote(self._document())]
        if kind < 18:
            return "encode", [self.value()]
        return self._setting(lambda: self.odd())

    def _settings(self) -> str:
        """Settings to change in front of the call. They stay, so now and then all are put back."""
        if self._chance(0.7):
            return ""
        if self._chance(0.5):
            return "cjson.encode_sparse_array(false,2,10) cjson.encode_max_depth(1000) \
cjson.decode_max_depth(1000) cjson.encode_number_precision(14) cjson.encode_keep_buffer(true) \
cjson.encode_invalid_numbers(false) cjson.decode_invalid_numbers(true)\n"
        small = ["1", "2", "3", "4", "5", "10", "14", "100", "1000"]
        switch = ["true", "false", "'on'", "'off'", "'null'", "nil"]
        name, arguments = self._setting(lambda: self.choice(small + switch))
        return f"pcall(cjson.{name}, {', '.join(arguments)}) ".replace(", )", ")")

    def _setting(self, argument: Callable[[], str]) -> tuple[str, list[str]]:
        name = self.choice(
            ["encode_sparse_array", "encode_max_depth", "decode_max_depth", "encode_keep_buffer",
             "encode_number_precision", "encode_invalid_numbers", "decode_invalid_numbers"]
        )  # fmt: skip
        most = 3 if name == "encode_sparse_array" else 1
        return name, [argument() for _ in range(self.random.randrange(most + 1))]

    def _document(self) -> str:
        kind = self.random.randrange(10)
        if kind == 0:
            depth = self.choice([3, 50, 199, 200, 900, 999, 1000, 1001, 1100])
            left, right = self.choice([("[", "]"), ('{"a":', "}"), ("[1,", "]"), ('[{"x":', "}]")])
            middle = self.choice(["", "1", "x", "null"])
            return left * depth + middle + right * self.choice([depth, depth, depth - 1])
        text = self._json(3)
        if kind < 5:
            text = self._mutate(text, '{}[]":,\\/0123456789.eE+-xXinfatrulsN\x00\x0b\x0c \n\t\xff')
        return text

    def _json(self, depth: int) -> str:
        kind = self.random.randrange(12)
        if kind < 3 or depth == 0:
            return self._json_scalar()
        size = self.choice([0, 1, 2, 3, 4, 5, 9, 20])
        space = self._space
        if kind < 7:
            scalar = self.choice([self._json_number, self._json_string, None, None])
            items = [scalar() if scalar else self._json(depth - 1) for _ in range(size)]
            return "[" + space() + f"{space()},{space()}".join(items) + space() + "]"
        members = (
            f"{self._json_key()}{space()}:{space()}{self._json(depth - 1)}" for _ in range(size)
        )
        return "{" + space() + f"{space()},{space()}".join(members) + space() + "}"

    def _space(self) -> str:
        return self.choice(["", "", "", "", "", "", " ", " ", "\n", "\t \r\n"])

    def _json_scalar(self) -> str:
        kind = self.random.randrange(3)
        words = ["true", "false", "null", "null", "True", "nul", "nan", "NaN", "inf", "Infinity"]
        if kind == 0:
            return self.choice(words[:3] if self._chance(0.8) else words)
        return self._json_number() if kind == 1 else self._json_string()

    def _json_number(self) -> str:
        digits = str(self.random.randrange(10 ** self.choice([1, 2, 5, 9, 16, 17, 25])))
        forms = [
            "@",
            "@",
            "@",
            "-@",
            "@.@",
            "-@.@",
            "@e5",
            "@E-7",
            "@.@e+3",
            "0.@",
            "-0",
            "0",
            "-0.0",
        ]
        odd = ["+@", "0@", "@.", ".@", "-.@", "@e", "@e+", "0x@", "-0X@", "0x1p@", "0x.@", "0x", "-",
               "--@", "@e999", "-@e999", "@e-999", "-inf", "-NaN", "-nan(1)", "nan(x", "INFINITY",
               "@..@", "@e5.5", "1_0", "-infinit", "0x1.8", "0xp1", "4.9e-324", "2.5e-324", "@-@"]  # fmt: skip
        return self.choice(forms if self._chance(0.93) else odd).replace("@", digits)

    def _json_string(self) -> str:
        kind = self.random.randrange(8)
        if kind < 4:
            return '"' + self.choice(["", "a", "id", "name", "a longer string of words"]) + '"'
        if kind < 6:
            return (
                json.dumps(self.text(), ensure_ascii=self._chance(0.5)).encode().decode("latin-1")
            )
        pieces = [
            "\\n", "\\\\", '\\"', "\\/", "\\b", "\\f", "\\t", "\\r", "\\u0041", "\\u00e9", "\\u20AC",
            "\\u0000", "\\ud83d\\ude00", "\\uD800\\uDFFF", "\\u005c", "\\u0022", "x", "é", "\\u005c\\u006e",
        ]  # fmt: skip
        odd = ["\\ud83d", "\\ude00", "\\uD83Dx", "\\ud83d\\u0041", "\\u12", "\\uzzzz", "\\x", "\\U0041",
               "\n", "\\ud83d\\n", "\\ud83d\\\\ude00", "\\", "\x01", "\\q", "\\z", "\\?"]  # fmt: skip
        chosen = self.random.choices(pieces, k=self.random.randrange(1, 8))
        if self._chance(0.15):
            chosen.insert(self.random.randrange(len(chosen)), self.choice(odd))
        return '"' + "".join(chosen) + '"'

    def _json_key(self) -> str:
        key = self._json_string()
        return key if len(key) <= SAME_HASH else '"key"'

    def _mutate(self, text: str, characters: str) -> str:
        for _ in range(self.choice([1, 1, 1, 2, 4])):
            place = self.random.randrange(len(text) + 1)
            cut, piece = self.choice([0, 0, 1, 1, 2]), self.choice(["", *characters])
            text = text[:place] + piece + text[place + cut :]
        if self._chance(0.15):
            text = text[: self.random.randrange(len(text) + 1)]
        return text

    # cmsgpack

    def cmsgpack(self) -> tuple[str, list[str]]:
        kind = self.random.randrange(10)
        if kind < 4:
            many = self.choice([1, 1, 1, 1, 2, 3])
            return "pack", [self.value() for _ in range(many)]
        payload = quote(self._payload())
        small = [str(number) for number in range(-2, 12)]
        count = lambda: self.choice(small) if self._chance(0.85) else self.odd()  # noqa: E731
        if kind < 7:
            return "unpack", [payload]
        if kind < 8:
            return "unpack_one", [payload, count()][: self.random.randrange(1, 3)]
        return "unpack_limit", [payload, count(), count()][: self.random.randrange(2, 4)]

    def _payload(self) -> str:
        made = b"".join(self._packed(3) for _ in range(self.choice([1, 1, 1, 2, 4])))
        text = made.decode("latin-1")
        if self._chance(0.35):
            text = self._mutate(text, "".join(map(chr, range(256))))
        return text

    def _packed(self, depth: int) -> bytes:
        """A value of MessagePack, in any of the forms it may have."""
        random, kind = self.random, self.random.randrange(12)
        if kind < 2 or depth == 0 and kind > 7:
            return bytes([random.choice([*range(128), *range(0xE0, 0x100), 0xC0, 0xC2, 0xC3])])
        if kind < 5:
            tag, size = random.choice(NUMBER_TAGS)
            edges = [
                b"\x80" + bytes(7),
                b"\x7f" + b"\xff" * 7,
                b"\xff" * 8,
                bytes(8),
                b"\x00\x1f" + b"\xff" * 6,
            ]
            return bytes([tag]) + random.choice([random.randbytes(8), random.choice(edges)])[:size]
        if kind == 5:
            special = [1.5, 0.1, math.inf, -math.inf, math.nan, 5e-324, 1e300, -0.0, 3.0, 2.0**70]
            return b"\xcb" + struct.pack(">d", random.choice(special))
        if kind < 8:
            data = self.text().encode("latin-1")
            return self._head(len(data), 0xA0, 32, (0xD9, 0xDA, 0xDB)) + data
        if kind == 8 and self._chance(0.2):
            return bytes([random.choice([0xC1, *range(0xC4, 0xCA), *range(0xD4, 0xD9)])])
        size = random.choice([0, 1, 2, 3, 5, 15, 16, 20])
        if kind < 10 and self._chance(0.3):
            size = random.randrange(7, 130)
            tag, width = random.choice(NUMBER_TAGS)
            alike = [bytes([tag]) + random.randbytes(width) for _ in range(size)]
            for _ in range(random.choice([0, 0, 1, 3])):
                alike[random.randrange(size)] = self._packed(0)
            return self._head(size, 0x90, 16, (None, 0xDC, 0xDD)) + b"".join(alike)
        if kind < 10:
            items = b"".join(self._packed(depth - 1) for _ in range(size))
            return self._head(size, 0x90, 16, (None, 0xDC, 0xDD)) + items
        items = b"".join(self._packed_key() + self._packed(depth - 1) for _ in range(size))
        return self._head(size, 0x80, 16, (None, 0xDE, 0xDF)) + items

    def _packed_key(self) -> bytes:
        return (
            self._packed(0)
            if self._chance(0.3)
            else b"\xa2k" + bytes([self.random.randrange(65, 91)])
        )

    def _head(self, size: int, short: int, below: int, tags: tuple[int | None, int, int]) -> bytes:
        """The first bytes of a string, array or map: mostly the shortest form."""
        forms = [(tag, width) for tag, width in zip(tags, (1, 2, 4), strict=True) if tag]
        fitting = [(tag, width) for tag, width in forms if size < 256**width]
        if size < below and self._chance(0.8):
            return bytes([short + size])
        tag, width = fitting[0] if self._chance(0.7) else self.choice(fitting)
        return bytes([tag]) + size.to_bytes(width, "big")

    # struct

    def struct(self) -> tuple[str, list[str]]:
        kind = self.random.randrange(10)
        options = [self._option() for _ in range(self.choice([0, 1, 1, 2, 3, 5, 9]))]
        form = quote("".join(option for option, _ in options))
        if kind < 5:
            values = [value for _, value in options if value]
            return "pack", [form, *values]
        if kind < 9:
            data = quote(self._data([option for option, _ in options]))
            offsets = ["1", "2", "3", "5", "9", "0", "-1", "1e10", "nil", self.odd()]
            return "unpack", [form, data] + [self.choice(offsets)] * self._chance(0.3)
        return "size", [form]

    def _option(self) -> tuple[str, str]:
        kind = self.random.randrange(24)
        if kind < 8:
            return self.choice("bBhHlLTiI"), self.number()
        if kind < 12:
            sizes = [1, 2, 3, 4, 5, 6, 7, 8, 8, 9, 10, 15, 16, 17, 31, 32, 0]
            size = (
                self.choice(sizes)
                if self._chance(0.9)
                else self.choice([33, 100, 2147483647, 2147483648])
            )
            return f"{self.choice('iI')}{size}", self.number()
        if kind < 16:
            return self.choice("ffdd"), self.number()
        if kind < 19:
            return self.choice(["s", "c0", "c1", "c3", "c5", "c", "Bc0", "Hc0"]).replace(
                "Bc0", "c0"
            ), quote(self.text())
        if kind < 23:
            return self.choice(
                [">", "<", "=", " ", "!", "!1", "!2", "!4", "!8", "!16", "x", "xx"]
            ), ""
        odd = [
            "!3",
            "!0",
            "!99999999999",
            "q",
            "z",
            "@",
            "\\",
            "\0",
            "\xff",
            "c99999999999",
            "-",
            "i-1",
        ]
        return self.choice(odd), ""

    def _data(self, options: list[str]) -> str:
        """Data that the options may well fit."""
        length = self.choice([0, 1, 4, 8, 16, 30, 60, 100])
        data = bytearray(self.random.randbytes(length))
        for _ in range(self.choice([0, 1, 5])):
            if data:
                data[self.random.randrange(len(data))] = self.choice([0, 1, 2, 255, 127, 128])
        special = [math.nan, -math.nan, math.inf, 0.0, -0.0, 5e-324, 1.5, 3.0, 1e300]
        if self._chance(0.3):
            data[:0] = struct.pack(self.choice("<>") + "d", self.choice(special))
        if self._chance(0.3):
            data[:0] = struct.pack(self.choice("<>") + "f", self.choice(special[:7]))
        return data.decode("latin-1")

    # bit

    def bit(self) -> tuple[str, list[str]]:
        name = self.choice(
            ["band", "bor", "bxor", "band", "bor", "bxor", "lshift", "rshift", "arshift", "rol", "ror",
             "bnot", "bswap", "tobit", "tohex", "tohex"]
        )  # fmt: skip
        most = {"band": 5, "bor": 5, "bxor": 5, "bnot": 1, "bswap": 1, "tobit": 1}.get(name, 2)
        count = self.choice([most, 2]) if most == 5 else most
        return name, [self._bit_argument() for _ in range(count)]

    def _bit_argument(self) -> str:
        kind = self.random.randrange(20)
        if kind < 6:
            return str(self.random.randrange(2**32))
        if kind < 8:
            return str(self.random.randrange(-(2**31), 2**31))
        if kind < 11:
            return str(self.random.randrange(-40, 300))
        if kind < 13:
            return repr(self.random.uniform(-(2**40), 2**40))
        if kind < 15:
            return f"{self.random.randrange(-(2**53), 2**53)}"
        return self.odd() if kind == 15 else self.number()
