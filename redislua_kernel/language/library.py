"""What scripts find in Lua: the functions of each library, with one line on each."""

from __future__ import annotations

__all__ = ["GLOBALS", "LIBRARIES"]

_TABLES: dict[str, str] = {
    "redis": """
        acl_check_cmd(command, ...): Tell whether the user may run a command.
        breakpoint(): Stop here in the debugger; false where none is attached.
        call(command, ...): Run a command; if it fails, so does the script.
        debug(...): Show values in the debugger.
        error_reply(message): Make an error reply, to be returned.
        log(level, message): Write a line to the log.
        pcall(command, ...): Run a command; if it fails, give the error as a table with `err`.
        register_function(name, callback): Make a function of this library callable by FCALL.
        replicate_commands(): Kept for old scripts: gives true.
        set_repl(flags): Choose where the writes that follow are replicated.
        setresp(version): Choose the RESP version, 2 or 3, of the replies that redis.call gives.
        sha1hex(text): Give the SHA-1 digest of a text in hexadecimal.
        status_reply(text): Make a status reply, to be returned.
        LOG_DEBUG: The lowest log level.
        LOG_VERBOSE: The second log level.
        LOG_NOTICE: The third log level, shown by default.
        LOG_WARNING: The highest log level.
        REDIS_VERSION: The version as a text.
        REDIS_VERSION_NUM: The version as a number: one byte each for major, minor, patch.
        REPL_ALL: Replicate to the append-only file and to replicas.
        REPL_AOF: Replicate to the append-only file alone.
        REPL_NONE: Replicate nowhere.
        REPL_REPLICA: Replicate to replicas alone.
        REPL_SLAVE: The older name of REPL_REPLICA.
    """,
    "string": """
        byte(s, i, j): Give the codes of the bytes from i to j.
        char(...): Make a string of byte codes.
        dump(function): Give a function as bytecode.
        find(s, pattern, init, plain): Find a pattern; give where it begins and ends.
        format(format, ...): Fill values into a format, as C's printf does.
        gmatch(s, pattern): Iterate over the matches of a pattern.
        gsub(s, pattern, replacement, n): Replace the matches of a pattern; give the count too.
        len(s): Count the bytes of a string.
        lower(s): Turn capitals into small letters.
        match(s, pattern, init): Find a pattern; give its captures.
        rep(s, n): Repeat a string n times.
        reverse(s): Turn a string around.
        sub(s, i, j): Give the bytes from i to j; negative ones count from the end.
        upper(s): Turn small letters into capitals.
    """,
    "table": """
        concat(table, separator, i, j): Join a table's strings and numbers.
        foreach(table, function): Call a function for each key and value; pairs() is the newer way.
        foreachi(table, function): Call a function for each index and value.
        getn(table): Count the elements; #table is the newer way.
        insert(table, position, value): Insert a value, at the end if no position is given.
        maxn(table): Give the largest numeric index.
        remove(table, position): Take an element out, the last if no position is given.
        sort(table, comparator): Sort a table in place.
    """,
    "math": """
        abs(x): Take the sign away.
        acos(x): Give the arc cosine, in radians.
        asin(x): Give the arc sine, in radians.
        atan(x): Give the arc tangent, in radians.
        atan2(y, x): Give the angle of a point, in radians.
        ceil(x): Round up.
        cos(x): Give the cosine of an angle in radians.
        cosh(x): Give the hyperbolic cosine.
        deg(x): Turn radians into degrees.
        exp(x): Raise e to a power.
        floor(x): Round down.
        fmod(x, y): Give the remainder of a division, rounded towards zero.
        frexp(x): Split a number into a fraction and a power of two.
        ldexp(m, e): Give m times two to the power of e.
        log(x): Give the natural logarithm.
        log10(x): Give the decimal logarithm.
        max(x, ...): Give the largest of the numbers.
        min(x, ...): Give the smallest of the numbers.
        mod(x, y): The older name of fmod.
        modf(x): Split a number into its whole and its fractional part.
        pow(x, y): Raise x to the power of y.
        rad(x): Turn degrees into radians.
        random(m, n): Give a pseudo-random number, the same series in each run of a script.
        randomseed(x): Choose the series of random().
        sin(x): Give the sine of an angle in radians.
        sinh(x): Give the hyperbolic sine.
        sqrt(x): Give the square root.
        tan(x): Give the tangent of an angle in radians.
        tanh(x): Give the hyperbolic tangent.
        huge: Larger than any number.
        pi: The circle's number.
    """,
    "os": """
        clock(): Give the CPU time used, in seconds.
    """,
    "cjson": """
        decode(text): Read JSON; null becomes cjson.null.
        decode_array_with_array_mt(on): Mark decoded arrays, so that an empty one stays `[]`.
        decode_invalid_numbers(on): Choose whether decode takes NaN, infinity and hexadecimals.
        decode_max_depth(depth): Choose how deep decoded JSON may nest.
        encode(value): Write JSON; an empty table becomes `{}`.
        encode_invalid_numbers(setting): Choose whether encode writes NaN and infinity.
        encode_keep_buffer(on): Choose whether encode keeps its buffer.
        encode_max_depth(depth): Choose how deep an encoded table may nest.
        encode_number_precision(digits): Choose how many digits encode writes.
        encode_sparse_array(convert, ratio, safe): Choose how arrays full of holes are encoded.
        new(): Give a copy of the library with settings of its own.
        null: The value that stands for JSON's null.
    """,
    "cmsgpack": """
        pack(...): Write values as MessagePack.
        unpack(data): Read all values of a MessagePack text.
        unpack_limit(data, limit, offset): Read at most so many values; give where to go on, too.
        unpack_one(data, offset): Read one value; give where to go on, too.
    """,
    "struct": """
        pack(format, ...): Write values as binary data.
        size(format): Count the bytes a format takes.
        unpack(format, data, position): Read values from binary data; give where they end, too.
    """,
    "bit": """
        arshift(x, n): Shift right, keeping the sign.
        band(x, ...): Combine bits by and.
        bnot(x): Invert all bits.
        bor(x, ...): Combine bits by or.
        bswap(x): Reverse the order of the four bytes.
        bxor(x, ...): Combine bits by exclusive or.
        lshift(x, n): Shift left.
        rol(x, n): Rotate left.
        ror(x, n): Rotate right.
        rshift(x, n): Shift right, filling with zeros.
        tobit(x): Bring a number into the range of 32 bits.
        tohex(x, n): Write a number in hexadecimal.
    """,
}

_GLOBALS = """
    KEYS: The names of the keys the script was called with; KEYS[1] is the first.
    ARGV: The further arguments the script was called with; ARGV[1] is the first.
    assert(value, message): Fail with the message if the value is false or nil.
    collectgarbage(option, argument): Control the collector of unused memory.
    error(message, level): Fail with a message.
    getmetatable(value): Give a value's metatable.
    ipairs(table): Iterate over a table's elements 1, 2, 3, … up to the first nil.
    load(function): Compile the pieces of Lua that a function gives.
    loadstring(text): Compile a piece of Lua.
    next(table, key): Give a table's next key and value.
    pairs(table): Iterate over all keys and values of a table.
    pcall(function, ...): Call a function; give false and the error if it fails.
    rawequal(a, b): Compare without metamethods.
    rawget(table, key): Read an element without metamethods.
    rawset(table, key, value): Set an element without metamethods.
    select(n, ...): Give the arguments from the n-th on; their number for "#".
    setmetatable(table, metatable): Set a table's metatable.
    tonumber(value, base): Read a number; nil if it is none.
    tostring(value): Write a value as text.
    type(value): Give the name of a value's type.
    unpack(table, i, j): Give a table's elements as separate values.
    xpcall(function, handler): Call a function; if it fails, hand the error to a handler.
    coroutine: Functions that pause and go on.
"""


def _read(text: str) -> dict[str, tuple[str, str]]:
    """Read lines of `name(arguments): what it does` into name → (as it is called, what it does)."""
    entries = {}
    for line in text.strip().splitlines():
        usage, _, summary = line.strip().partition(": ")
        entries[usage.partition("(")[0]] = (usage, summary)
    return entries


#: library → member → (as it is called, what it does)
LIBRARIES = {name: _read(text) for name, text in _TABLES.items()}

#: global → (as it is called, what it does)
GLOBALS = _read(_GLOBALS) | {
    name: (name, f"The library {name}: {', '.join(list(members)[:6])}, …" if len(members) > 6
           else f"The library {name}: {', '.join(members)}.")
    for name, members in LIBRARIES.items()
}  # fmt: skip

#: Scripts of the Valkey dialect may also say server.call.
LIBRARIES["server"] = LIBRARIES["redis"]
