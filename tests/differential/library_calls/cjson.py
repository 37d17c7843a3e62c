"""Random calls of cjson."""

from __future__ import annotations

import json
from collections.abc import Callable

from tests.differential.library_calls.calls import Calls
from tests.differential.library_calls.values import SAME_HASH, quote

__all__ = ["JsonCalls"]

SETTINGS = [
    "decode_invalid_numbers",
    "decode_max_depth",
    "encode_invalid_numbers",
    "encode_keep_buffer",
    "encode_max_depth",
    "encode_number_precision",
    "encode_sparse_array",
]
VALUES_OF_SETTINGS = "1 2 3 4 5 10 14 100 1000 true false 'on' 'off' 'null' nil".split()  # noqa: SIM905
DEFAULTS = (
    "cjson.encode_sparse_array(false,2,10) cjson.encode_max_depth(1000) "
    "cjson.decode_max_depth(1000) cjson.encode_number_precision(14) "
    "cjson.encode_keep_buffer(true) cjson.encode_invalid_numbers(false) "
    "cjson.decode_invalid_numbers(true)\n"
)

#: Numbers, and what is nearly one; @ stands for digits.
NUMBERS = "@ @ @ -@ @.@ -@.@ @e5 @E-7 @.@e+3 0.@ -0 0 -0.0".split()  # noqa: SIM905
ODD_NUMBERS = """
+@ 0@ @. .@ -.@ @e @e+ 0x@ -0X@ 0x1p@ 0x.@ 0x - --@ @e999 -@e999 @e-999 -inf -NaN -nan(1) nan(x
INFINITY @..@ @e5.5 1_0 -infinit 0x1.8 0xp1 4.9e-324 2.5e-324 @-@
""".split()  # noqa: SIM905
WORDS = ["true", "false", "null"]
ODD_WORDS = ["True", "nul", "nan", "NaN", "inf", "Infinity", "nullx", "truefalse", "tru"]
#: Pieces of strings, and wrong ones.
PIECES = r"""
\n \\ \" \/ \b \f \t \r x é \u0041 \u00e9 \u20AC \u0000 \ud83d\ude00 \uD800\uDFFF \u005c \u0022
\u005c\u006e
""".split()  # noqa: SIM905
ODD_PIECES = r"""
\ud83d \ude00 \uD83Dx \ud83d\u0041 \u12 \uzzzz \x \U0041 \ud83d\n \ud83d\\ude00 \ \q \z \?
""".split()  # noqa: SIM905
ODD_PIECES += ["\n", "\x01", "\x02", "\f"]

DEPTHS = [3, 50, 199, 200, 900, 999, 1000, 1001, 1100]
NESTS = [("[", "]"), ('{"a":', "}"), ("[1,", "]"), ('[{"x":', "}]")]
SPACES = ["", "", "", "", "", "", " ", " ", "\n", "\t \r\n"]
MUTATIONS = '{}[]":,\\/0123456789.eE+-xXinfatrulsN\x00\x0b\x0c \n\t\xff'


class JsonCalls(Calls):
    library = "cjson"

    def call(self) -> tuple[str, list[str]]:
        kind = self.below(20)
        if kind < 9:
            return "decode", [quote(self._document())]
        if kind < 18:
            return "encode", [self.value()]
        return self._setting(self.odd)

    def comparable(self, function: str, arguments: list[str]) -> list[str]:
        """The arguments; in an error the reference sends a line break, and breaks the protocol."""
        if function not in SETTINGS:
            return arguments
        return [text.replace("\\010", "").replace("\\013", "") for text in arguments]

    def preparation(self, function: str, arguments: list[str]) -> str:
        """Change a setting. It stays, so now and then all are put back."""
        if self.chance(0.7):
            return ""
        if self.chance(0.5):
            return DEFAULTS
        name, values = self._setting(lambda: self.choice(VALUES_OF_SETTINGS))
        return f"pcall({', '.join([f'cjson.{name}', *values])}) "

    def _setting(self, argument: Callable[[], str]) -> tuple[str, list[str]]:
        name = self.choice(SETTINGS)
        most = 3 if name == "encode_sparse_array" else 1
        return name, [argument() for _ in range(self.below(most + 1))]

    def _document(self) -> str:
        kind = self.below(10)
        if kind == 0:
            depth, (left, right) = self.choice(DEPTHS), self.choice(NESTS)
            middle = self.choice(["", "1", "x", "null"])
            return left * depth + middle + right * self.choice([depth, depth, depth - 1])
        text = self._json(3)
        return self.mutate(text, MUTATIONS) if kind < 5 else text

    def _json(self, depth: int) -> str:
        kind = self.below(12)
        if kind < 3 or depth == 0:
            return self.choice([self._word, self._number, self._string])()
        size = self.choice([0, 1, 2, 3, 4, 5, 9, 20])
        if kind < 7:
            scalar = self.choice([self._number, self._string, self._word, None, None, None])
            items = [scalar() if scalar else self._json(depth - 1) for _ in range(size)]
            return "[" + self._listed(items) + "]"
        members = [self._json_key() + self._listed(["", ""], ":") for _ in range(size)]
        return "{" + self._listed([key + self._json(depth - 1) for key in members]) + "}"

    def _listed(self, items: list[str], separator: str = ",") -> str:
        space = self.choice
        between = f"{space(SPACES)}{separator}{space(SPACES)}"
        return space(SPACES) + between.join(items) + space(SPACES)

    def _word(self) -> str:
        return self.choice(WORDS if self.chance(0.95) else ODD_WORDS)

    def _number(self) -> str:
        digits = str(self.below(10 ** self.choice([1, 2, 5, 9, 16, 17, 25])))
        form = self.choice(NUMBERS if self.chance(0.95) else ODD_NUMBERS)
        return form.replace("@", digits)

    def _string(self) -> str:
        kind = self.below(8)
        if kind < 4:
            return '"' + self.choice(["", "a", "id", "name", "a longer string of words"]) + '"'
        if kind < 6:
            text = json.dumps(self.text(), ensure_ascii=self.chance(0.5))
            return text.encode().decode("latin-1")
        pieces = self.random.choices(PIECES, k=self.below(1, 8))
        if self.chance(0.1):
            pieces.insert(self.below(len(pieces)), self.choice(ODD_PIECES))
        return '"' + "".join(pieces) + '"'

    def _json_key(self) -> str:
        key = self._string()
        return key if len(key) <= SAME_HASH else '"key"'
