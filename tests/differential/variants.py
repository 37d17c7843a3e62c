"""Variants of recorded cases: words changed, dropped and added, code broken, calls wrapped."""

from __future__ import annotations

import random
from typing import Any

Words = list[str]
Case = dict[str, Any]

NUMBERS = "0 1 -1 2 3 x 1.5 99999999999999999999 +1 00 0x1 -0 9223372036854775807 nan 1e1".split()  # noqa: SIM905

WORDS = """
a k 1 SYNC ASYNC sync WITHCODE withcode LIBRARYNAME libraryname * l* lib1 LIB1 Lib? [a-z]* f1 F1
REPLACE replace APPEND FLUSH flush NO HELP help name --
""".split()  # noqa: SIM905

SUBCOMMANDS = {
    "FUNCTION": "LOAD DELETE FLUSH LIST STATS KILL DUMP RESTORE HELP NOSUCH load".split(),  # noqa: SIM905
    "SCRIPT": "LOAD EXISTS FLUSH KILL HELP NOSUCH exists".split(),  # noqa: SIM905
}

#: Each form of EVAL and FCALL may become another one.
RUNNERS = "EVAL EVAL_RO EVALSHA EVALSHA_RO FCALL FCALL_RO".split()  # noqa: SIM905

TOKENS = r"""
redis.register_function('f1','f2',function() return 1 end,flags={'no-writes'},flags={'allow-oom'},
flags={},flags='x',flags={'bad'},flags={1},description='d',description=1,callback=1,callback=nil,
function_name=1,function_name='g',(,),{,},nil,1,',error('x'),error({err='X y'}),return,x=1,
local x=1,redis.call('PING'),redis.log(1;'x'),print,--,redis.pcall('get';'k'),KEYS[1],ARGV[1],keys,
args,#keys,redis.error_reply('x'),redis.status_reply('x'),
return redis.call('SET';'k';'v'),return args,math.pi
""".replace("\n", "").split(",")  # a semicolon stands for a comma

#: What stands in a library's head or its functions, and what it may become.
CHANGES = {
    "name=": ("NAME=", "name= ", "name", "nam=", 'name="q', "name=x name="),
    "lua": ("LUA", "js", "", "lua5"),
    "#!": ("#", "#! ", "#!#!", "\n#!"),
    "f1": ("F1", "f2", "f 1", "f-1", "_"),
    "lib1": ("lib2", "Lib1", "l-b", "", "lib1 "),
    "no-writes": ("allow-oom", "allow-stale", "no-cluster", "NO-WRITES", "no-writes,allow-oom", ""),
    "flags": ("Flags", "flag"),
    "return": ("error", "", "return return", "local z ="),
    "\n": ("\r\n", "\n\n", " ", ""),
}


class Variants:
    """Makes variants of cases; the same seed gives the same ones."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def commands(self, case: Case, others: list[Words]) -> list[Words]:
        """Give a variant of a case's commands; `others` are commands to be strewn in."""
        chance = self.random
        commands = [list(words) for words in (*case["setup"], *case["call"])]
        for _ in range(chance.choice((1, 1, 2))):
            place = chance.randrange(len(commands))
            match chance.randrange(8):
                case 0:
                    commands.insert(place, list(chance.choice(others)))
                case 1:
                    commands = [["MULTI"], *commands, ["EXEC"]]
                case 2:
                    commands[place] = self._wrapped(commands[place])
                case _:
                    commands[place] = self._changed(commands[place])
        return [*commands, ["FUNCTION", "LIST", "WITHCODE"], ["FUNCTION", "STATS"], ["DBSIZE"]]

    def _changed(self, words: Words) -> Words:
        chance = self.random
        last = len(words) - 1
        place = chance.randint(min(1, last), last)
        match chance.randrange(8):
            case 0 if last:
                return words[:place] + words[place + 1 :]
            case 1:
                return [*words[: place + 1], chance.choice(WORDS), *words[place + 1 :]]
            case 2:
                return [*words[:place], words[place].swapcase(), *words[place + 1 :]]
            case 3 if last > 1 and words[0] in RUNNERS:
                return [*words[:2], chance.choice(NUMBERS), *words[3:]]
            case 4 if last and words[0] in SUBCOMMANDS:
                return [words[0], chance.choice(SUBCOMMANDS[words[0]]), *words[2:]]
            case 5 if words[0] in RUNNERS:
                return [chance.choice(RUNNERS), *words[1:]]
            case _:
                return [word if len(word) < 9 else self._code(word) for word in words]

    def _code(self, code: str) -> str:
        chance = self.random
        place = chance.randrange(len(code))
        match chance.randrange(6):
            case 0:
                return code[:place] + code[place + chance.randint(1, 15) :]
            case 1:
                return code[:place] + chance.choice("\n\t #!=,;'\"0") + code[place:]
            case 2:
                return code[:place] + chance.choice(TOKENS).replace(";", ",") + code[place:]
            case 3:
                parts = code.split(" ")
                parts[chance.randrange(len(parts))] = chance.choice(TOKENS).replace(";", ",")
                return " ".join(parts)
            case _:
                old = chance.choice([old for old in CHANGES if old in code] or [code])
                return code.replace(old, chance.choice(CHANGES.get(old, (code,))), 1)

    def _wrapped(self, words: Words) -> Words:
        """Give a script that makes a call."""
        head = self.random.choice(("", "#!lua\n", "#!lua flags=no-writes\n", "redis.setresp(3) "))
        form = self.random.choice(("call", "pcall"))
        arguments = ",".join(_quoted(word) for word in words)
        return ["EVAL", f"{head}return redis.{form}({arguments})", "0"]


def _quoted(word: str) -> str:
    return "'" + "".join(f"\\{ord(letter):03}" for letter in word) + "'"
