"""cjson: expected values are those of redis-server 8.2.3."""

import pytest

from tests.engine.scripting.lua_libraries import Script


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("{}", b"{}"),
        ("{1, 2, 3}", b"[1,2,3]"),
        ("nil", b"null"),
        ("cjson.null", b"null"),
        ("{[3] = 1}", b"[null,null,1]"),
        ("{[1.5] = 'x'}", b'{"1.5":"x"}'),
        ("{[-1] = true}", b'{"-1":true}'),
        ("1e15", b"1e+15"),
        ("2^53", b"9.007199254741e+15"),
        ("3.141592653589793", b"3.1415926535898"),
        ("-0.0 * 1", b"-0"),
        ("{{}, 'a/b\"\\127\\200\\0\\n'}", b'[{},"a\\/b\\"\\u007f\xc8\\u0000\\n"]'),
        ("('x/'):rep(100)", b'"' + b"x\\/" * 100 + b'"'),
    ],
)
def test_encode_writes_what_lua_cjson_writes(script: Script, value: str, expected: bytes) -> None:
    assert script.value(f"cjson.encode({value})") == expected


def test_small_integers_follow_the_precision(script: Script) -> None:
    texts = "cjson.encode({15, 999}), cjson.encode_number_precision(1), cjson.encode({15, 999})"
    assert script.values(texts) == [b"[15,999]", 1, b"[2e+01,1e+03]"]


def test_a_metatable_does_not_fill_holes(script: Script) -> None:
    table = "setmetatable({[1] = 1, [3] = 3}, {__index = function() return 5 end})"
    assert script.value(f"cjson.encode({table})") == b"[1,null,3]"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("print", "Cannot serialise function: type not supported"),
        ("1/0", "Cannot serialise number: must not be NaN or Inf"),
        ("{[true] = 1}", "Cannot serialise boolean: table key must be a number or string"),
        ("{[1] = 1, [20] = 1}", "Cannot serialise table: excessively sparse array"),
        ("ring", "Cannot serialise, excessive nesting (1001)"),
    ],
)
def test_encode_refuses_with_the_callers_line(script: Script, value: str, expected: str) -> None:
    ok, text = script.run(
        f"local ring = {{}} ring[1] = ring local json = cjson.encode({value}) return json"
    )
    assert (ok, text) == (False, b"user_script:1: " + expected.encode())


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (b"1.0", 1),
        (b'"\\u00e9\\ud834\\udd1e\\/\\u0000"', b"\xc3\xa9\xf0\x9d\x84\x9e/\x00"),
        (b'"a\nb\xff"', b"a\nb\xff"),
        (b'"\\\\\\"\\\\"', b'\\"\\'),
        (b" \t\r\n5 ", 5),
        (b"0x1F", 31),
        (b"+5", 5),
        (b"-.5", -0.5),
        (b"1.e2", 100),
        (b"1e400", float("inf")),
        (b"00012", 12),
        (b"12\0 and more", 12),
        (b"9007199254740993", 2**53),
    ],
)
def test_decode_reads_what_lua_cjson_reads(
    script: Script, document: bytes, expected: object
) -> None:
    assert script.value("cjson.decode(ARGV[1])", document) == expected


def test_not_a_number_is_a_number(script: Script) -> None:
    assert script.value("tostring(cjson.decode('NaN'))") == b"nan"
    assert script.value("tostring(cjson.decode('-nan(12)'))") == b"-nan"


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (
            b'{"a":1,"b":[true,false,null,"x"],"c":{"d":-1.5,"e":""},"f":"g"}',
            b'{"a":1,"f":"g","c":{"e":"","d":-1.5},"b":[true,false,null,"x"]}',
        ),
        (
            b'{"key \\"quoted\\"":"tab\\t\\\\","u":"\\u0001"}',
            b'{"u":"\\u0001","key \\"quoted\\"":"tab\\t\\\\"}',
        ),
        (
            b'[1,2,3,4,5,6,7,8,9.5,"x",["a","b","c","d","e","f"],{},{"z":[{}]}]',
            b'[1,2,3,4,5,6,7,8,9.5,"x",["a","b","c","d","e","f"],{},{"z":[{}]}]',
        ),
        (b"[-0,0,-1,1E20]", b"[-0,0,-1,1e+20]"),
    ],
)
def test_members_come_back_in_the_order_the_real_table_has(
    script: Script, document: bytes, expected: bytes
) -> None:
    assert script.value("cjson.encode(cjson.decode(ARGV[1]))", document) == expected


def test_white_space_may_stand_between_tokens(script: Script) -> None:
    document = b' { "a" : [ 1 , 2 , 3 , 4 , 5 ] ,\r\n\t"b" : { } , "c" : "d" } '
    encoded = script.value("cjson.encode(cjson.decode(ARGV[1]))", document)
    assert encoded == b'{"a":[1,2,3,4,5],"c":"d","b":{}}'


def test_the_last_of_equal_keys_counts(script: Script) -> None:
    assert script.value('cjson.encode(cjson.decode(\'{"a":1,"a":2}\'))') == b'{"a":2}'


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (b"", "Expected value but found T_END at character 1"),
        (b"{", "Expected object key string but found T_END at character 2"),
        (b"[1,]", "Expected value but found T_ARR_END at character 4"),
        (b"[1,,2]", "Expected value but found T_COMMA at character 4"),
        (b'{"a" 1}', "Expected colon but found T_NUMBER at character 6"),
        (b'{"a":1]', "Expected comma or object end but found T_ARR_END at character 7"),
        (b"[1}", "Expected comma or array end but found T_OBJ_END at character 3"),
        (b"1 2", "Expected the end but found T_NUMBER at character 3"),
        (b'"abc', "Expected value but found unexpected end of string at character 5"),
        (b'"\\x"', "Expected value but found invalid escape code at character 2"),
        (b'"a\\q"', "Expected value but found invalid escape code at character 3"),
        (b'"\\ud800"', "Expected value but found invalid unicode escape code at character 2"),
        (b"nul", "Expected value but found invalid token at character 1"),
        (b".5", "Expected value but found invalid token at character 1"),
        (b"-x", "Expected value but found invalid number at character 1"),
        (b"[1,\x0b2]", "Expected value but found invalid token at character 4"),
        (b"\0[1]", "JSON parser does not support UTF-16 or UTF-32"),
        (b"[" * 1001, "Found too many nested data structures (1001) at character 1001"),
    ],
)
def test_decode_tells_what_is_wrong_and_where(
    script: Script, document: bytes, expected: str
) -> None:
    assert script.error("cjson.decode(ARGV[1])", document) == f"user_script:1: {expected}"


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("cjson.encode()", "bad argument #1 to 'encode' (expected 1 argument)"),
        ("cjson.encode(1, nil)", "bad argument #1 to 'encode' (expected 1 argument)"),
        ("cjson.decode({})", "bad argument #1 to 'decode' (string expected, got table)"),
        ("cjson:decode()", "calling 'decode' on bad self (string expected, got table)"),
        (
            "cjson.encode_sparse_array(1, 2, 3, 4)",
            "bad argument #4 to 'encode_sparse_array' (found too many arguments)",
        ),
        (
            "cjson.encode_sparse_array('x')",
            "bad argument #1 to 'encode_sparse_array' (invalid option 'x')",
        ),
        (
            "cjson.encode_number_precision(15)",
            "bad argument #1 to 'encode_number_precision' (expected integer between 1 and 14)",
        ),
        (
            "cjson.decode_max_depth('x')",
            "bad argument #1 to 'decode_max_depth' (number expected, got string)",
        ),
    ],
)
def test_wrong_arguments_are_told_in_the_words_of_c(
    script: Script, call: str, expected: str
) -> None:
    assert script.error(call) == f"user_script:1: {expected}"


def test_null_is_one_value_that_prints_as_a_null_pointer(script: Script) -> None:
    assert script.values("type(cjson.null), tostring(cjson.null)") == [
        b"userdata",
        b"userdata: (nil)",
    ]
    assert script.value("cjson.decode('[null]')[1] == cjson.new().null") is True


def test_settings_answer_their_value_and_keep_it(script: Script) -> None:
    assert script.values("cjson.encode_sparse_array()") == [False, 2, 10]
    assert script.values("cjson.encode_sparse_array(true, 1, 2)") == [True, 1, 2]
    assert script.value("cjson.encode({[5] = 1})") == b'{"5":1}'
    assert script.value("cjson.encode_number_precision(3)") == 3
    assert script.value("cjson.encode({0.12345})") == b"[0.123]"
    assert script.value("cjson.encode_invalid_numbers('null')") == b"null"
    assert script.value("cjson.encode({1/0})") == b"[null]"
    assert script.value("cjson.encode_invalid_numbers(true)") is True
    assert script.value("cjson.encode({1/0, -1/0, 0/0})") == b"[inf,-inf,nan]"
    assert script.value("cjson.decode_invalid_numbers(false)") is False
    assert "invalid number" in script.error("cjson.decode('0x10')")
    assert script.value("cjson.encode_keep_buffer(false)") is False


def test_new_makes_a_library_with_settings_of_its_own(script: Script) -> None:
    assert script.value("cjson.new().encode_max_depth(1)") == 1
    assert script.value("cjson.encode({{}})") == b"[{}]"


@pytest.mark.parametrize(("key", "depth"), [("1", 7998), ("'a'", 4000)])
def test_encoding_a_ring_ends_in_an_error_whatever_the_limit(
    script: Script, key: str, depth: int
) -> None:
    assert script.value("cjson.encode_max_depth(1e6)") == 1_000_000
    ok, text = script.run(f"local t = {{}} t[{key}] = t local json = cjson.encode(t)")
    message = f"user_script:1: Cannot serialise, excessive nesting ({depth})"
    assert (ok, text) == (False, message.encode())


def test_a_long_number_in_broken_text_takes_no_more_than_a_glance(script: Script) -> None:
    document = b"[" + b"1" * 1_000_000
    assert "found T_END at character 1000002" in script.error("cjson.decode(ARGV[1])", document)


@pytest.mark.parametrize("opening", [b"[", b'{"a":'])
def test_deep_nesting_ends_in_an_error_whatever_the_limit(script: Script, opening: bytes) -> None:
    assert script.value("cjson.decode_max_depth(1e6)") == 1_000_000
    assert "Found too many nested data structures" in script.error(
        "cjson.decode(ARGV[1])", opening * 100_000
    )
