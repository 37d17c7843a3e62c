"""How fast the script libraries are here, beside redis-server 8.2.3: run by `make bench`.

Every line is a ratio of runs taken in turn: our time divided by the server's for the same loop in
one EVAL, the median of all rounds and the best in brackets. A heading names the goal.
"""

import sys
from contextlib import ExitStack
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.benchmarks import report
from tests.benchmarks.bench_speed import ROUNDS, others_to_compare, our_side, ratios

#: Values as Lua writes them, and how often a loop handles one.
VALUES = {
    "{}": ("{}", 20_000),
    "one member": ("{a=1}", 20_000),
    "three integers": ("{1,2,3}", 20_000),
    "a short string": ("'a short string'", 50_000),
    "a user": (
        "{id=12345,name='Ada Lovelace',email='ada@example.com',on=true,score=9.5,tags={'a','b'}}",
        5_000,
    ),
    "100 small integers": ("fill(100,function(i) return i end)", 1_000),
    "100 large integers": ("fill(100,function(i) return i*1e9 end)", 1_000),
    "100 floats": ("fill(100,function(i) return i+0.5 end)", 1_000),
    "100 doubles": ("fill(100,function(i) return i+1/3 end)", 1_000),
    "100 strings": ("fill(100,function(i) return 'member:'..i end)", 1_000),
    "100 booleans": ("fill(100,function(i) return i%2==0 end)", 1_000),
    "100 objects": (
        "fill(100,function(i) return {id=i,name='user'..i,on=true,at={x=i,y=i}} end)",
        200,
    ),
    "100 escaped strings": ("fill(100,function(i) return 'line '..i..'\\n\"\\\\\"/' end)", 1_000),
    "10 levels": ("nest(10)", 5_000),
    "10 kB of text": ("('All work and no play. '):rep(500)", 5_000),
}
SETUP = """
local function fill(n, f) local t = {} for i = 1, n do t[i] = f(i) end return t end
local function nest(n) return n == 0 and {} or {level=n,inner=nest(n-1)} end
"""

#: Formats of struct and the values they pack.
FORMATS = {
    "B": "7",
    ">I4": "i",
    "<i8": "i",
    "bhil": "1,2,i,4",
    ">BHI4I8": "1,2,i,4",
    ">HHHHHHHH": "1,2,3,4,5,6,7,i",
    "f": "i+0.5",
    "d": "i+0.1",
    "dddd": "0.1,0.2,0.3,i",
    ">I4d": "i,0.1",
    "Bc0": "5,'hello'",
    "Hs": "5,'hello'",
    "!4BI4H": "1,i,3",
}

#: Calls of bit.
BIT_CALLS = [
    "band(i,255)",
    "band(i,0x0ff0)",
    "band(i,i*7919)",
    "bor(i,i*7919)",
    "bxor(i,i*7919)",
    "bor(1,2,4,i)",
    "bxor(0x12345678,i)",
    "lshift(i,3)",
    "rshift(i,3)",
    "arshift(-i,3)",
    "rol(i,5)",
    "ror(i,5)",
    "bnot(i)",
    "bswap(i)",
    "tobit(i*7919)",
    "tohex(i)",
    "tohex(i,4)",
]


#: How many times the server's time each may take.
GOALS = {
    "cjson.decode": 3, "cjson.encode": 5, "cmsgpack.pack": 6, "cmsgpack.unpack": 6,
    "struct.pack": 6, "struct.unpack": 6, "bit": 6,
}  # fmt: skip


def scripts() -> dict[str, dict[str, str]]:
    """The scripts by call and name."""
    table: dict[str, dict[str, str]] = {call: {} for call in GOALS}
    decode, encode, mpack, munpack, spack, sunpack, bits = table.values()
    for name, (value, count) in VALUES.items():
        loop = f"for i = 1, {count} do"
        decode[name] = f"{SETUP} local s = cjson.encode({value}) {loop} cjson.decode(s) end"
        encode[name] = f"{SETUP} local v = {value} {loop} cjson.encode(v) end"
        mpack[name] = f"{SETUP} local v = {value} {loop} cmsgpack.pack(v) end"
        munpack[name] = f"{SETUP} local s = cmsgpack.pack({value}) {loop} cmsgpack.unpack(s) end"
    for form, values in FORMATS.items():
        loop = "for i = 1, 20000 do"
        spack[form] = f"{loop} struct.pack('{form}',{values}) end"
        packed = f"local i = 77 local s = struct.pack('{form}',{values})"
        sunpack[form] = f"{packed} {loop} struct.unpack('{form}',s) end"
    for call in BIT_CALLS:
        bits[call] = f"for i = 1, 50000 do bit.{call} end"
    return table


def main() -> None:
    chosen = sys.argv[1:]
    with ExitStack() as stack:
        name, reference = others_to_compare(stack)[0]
        ours = our_side()
        print(f"our time / that of {name}: median (best) of {ROUNDS} rounds")
        print("*: goal missed")
        for call, named in scripts().items():
            if not chosen or call.startswith(tuple(chosen)):
                print(f"\n{call}, goal {GOALS[call]}")
                medians = []
                for case, script in named.items():
                    found = ratios(ours, {name: reference}, script)[name]
                    one = report.Line(call, case, name, median(found), min(found), GOALS[call])
                    print(f"{case:24}{report.cell(one):>20}", flush=True)
                    medians.append(one.median)
                report.add("a library's call", call, name, medians, GOALS[call])


if __name__ == "__main__":
    main()
