"""cjson, cmsgpack, struct and bit, given any bytes: they answer as on the reference."""

from __future__ import annotations

import json
import random

from redislua_kernel import Engine, ResponseError
from redislua_kernel.server.encoder import encode
from tests.differential.both import is_same
from tests.differential.library_calls import CALLS, SHOW
from tests.fuzz.mutation import damaged
from tests.fuzz.target import Failed, Target

#: What each decoder is asked; what it gives is packed again, if it can be.
_SCRIPTS = {
    "cjson": "local ok, v = pcall(cjson.decode, ARGV[1]) "
    "return show(ok, v) .. show(pcall(cjson.encode, v))",
    "cmsgpack": "return show(pcall(cmsgpack.unpack, ARGV[1])) .. "
    "show(pcall(function() return cmsgpack.pack(cmsgpack.unpack(ARGV[1])) end))",
    "cmsgpack_one": "return show(pcall(cmsgpack.unpack_one, ARGV[1], tonumber(ARGV[2])))",
    "cmsgpack_limit": "return show(pcall(cmsgpack.unpack_limit, ARGV[1], 2, tonumber(ARGV[2])))",
    "struct": "return show(pcall(struct.unpack, ARGV[2], ARGV[1]))",
    "struct_pack": "return show(pcall(struct.pack, ARGV[2], ARGV[1], ARGV[1], 7, -1, 1.5))",
    "struct_size": "return show(pcall(struct.size, ARGV[2]))",
    "bit": "return show(pcall(bit.bxor, ARGV[1], 1), pcall(bit.tohex, ARGV[1], tonumber(ARGV[2])))",
}
_FORMATS = (
    "b", "B", "h", "H", "l", "L", "T", "f", "d", "i", "I", "i4", "I8", "c", "c0", "c3", "s", "x",
    ">", "<", "=", "!", "!4", "!16", " ", "i9", "I33", "c2147483647", "i0", "z", "\0",
)  # fmt: skip
_PACKED = (
    b"\x00", b"\x7f", b"\x80", b"\x83\xa1a\x01\xa1b\xc0\xa1c\xc3",
    b"\x93\x01\xa2hi\xcb?\xf8" + bytes(6), b"\xc4\x02ab", b"\xc5\x00\x01a", b"\xca\x3f\x80\0\0",
    b"\xcc\xff", b"\xcd\x01\0", b"\xce\0\1\0\0", b"\xcf" + b"\xff" * 8, b"\xd0\x80", b"\xd1\x80\0",
    b"\xd2\x80\0\0\0", b"\xd3\x80" + bytes(7), b"\xd9\x03abc", b"\xda\0\2ab", b"\xdb\0\0\0\1a",
    b"\xdc\0\2\1\2", b"\xdd\0\0\0\1\5", b"\xe0", b"\xde\0\1\xa1a\1", b"\xdf\0\0\0\1\xa1a\2",
    b"\x91" * 30 + b"\x01", b"\x81\x01" * 20 + b"\x02",
)  # fmt: skip
_JSON = (
    '{"a":[1,2.5e3,null,true],"b":{"c":"x\\u00e9\\n"},"d":[]}', "[]", "{}", "[[[1],[2]],{}]",
    '"text"', "[1e400,-0,0.1,12345678901234567890]", '{"":"","a":{"a":{"a":[[]]}}}',
    '"\\ud83d\\ude00"', "[NaN,Infinity,-inf,0x1f]", " [ 1 , 2 ] ", '{"a":1,"a":2}', "nul",
    "[" * 40 + "]" * 40,
)  # fmt: skip


class Decoders(Target):
    count = 300

    def begin(self) -> None:
        self._engine = Engine()

    def write(self, rng: random.Random) -> tuple[bytes, ...]:
        if rng.random() < 0.15:
            calls = CALLS[rng.choice(sorted(CALLS))](rng.randrange(1 << 60))
            return (calls.script().encode("latin-1"),)
        kind = rng.choice(sorted(_SCRIPTS))
        other = str(rng.choice((0, 1, 2, 5, 100, -1, 7.5, 2**31, "x"))).encode()
        if kind.startswith("struct"):
            formats = rng.choices(_FORMATS, k=rng.choice((1, 1, 2, 3, 5, 9)))
            other = "".join(formats).encode("latin-1")
        data = self._data(kind, rng)
        return (SHOW + _SCRIPTS[kind]).encode(), data, other

    def _data(self, kind: str, rng: random.Random) -> bytes:
        if kind == "cjson":
            data = rng.choice(_JSON).encode()
            if rng.random() < 0.3:
                data = json.dumps([data.decode(), {"k": data.decode()}]).encode()
            return damaged(data, rng, [rng.choice(_JSON).encode()])
        if kind.startswith("cmsgpack"):
            data = b"".join(rng.choices(_PACKED, k=rng.choice((1, 1, 2, 4))))
            return damaged(data, rng, _PACKED) if rng.random() < 0.8 else data
        if kind == "bit":
            return damaged(str(rng.choice((0, -1, 2**31, 2**53, 1e300, 1.5))).encode(), rng)
        return rng.randbytes(rng.choice((0, 1, 2, 4, 8, 9, 30)))

    def take(self, given: tuple[bytes, ...]) -> None:
        words = (b"EVAL", given[0], b"0", *given[1:])
        try:
            reply = self._engine.execute(*words)
        except ResponseError as error:
            reply = error
        answer = encode(reply)
        client = self.reference
        if client is None:
            return
        try:
            (expected,) = client.exchange([[word.decode("latin-1") for word in words]])
        except (EOFError, OSError, ValueError):
            self.reference_died()
            return
        if expected != answer and not is_same(expected, answer):
            raise Failed(f"the reference answers {expected!r}, not {answer!r}")
