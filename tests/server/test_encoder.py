"""Reply values as RESP2 and RESP3 bytes."""

import pytest

from redislua_kernel.errors import ResponseError
from redislua_kernel.reply import (
    NO_REPLY,
    NULL_ARRAY,
    OK,
    BigNumber,
    Map,
    Pairs,
    Push,
    Reply,
    SetReply,
    Status,
    Verbatim,
)
from redislua_kernel.server.encoder import encode


@pytest.mark.parametrize(
    ("reply", "resp2", "resp3"),
    [
        (b"a\r\n", b"$3\r\na\r\n\r\n", b"$3\r\na\r\n\r\n"),
        (-1, b":-1\r\n", b":-1\r\n"),
        (OK, b"+OK\r\n", b"+OK\r\n"),
        (Status(b"a\r\nb"), b"+a  b\r\n", b"+a  b\r\n"),
        (ResponseError("ERR a\nb"), b"-ERR a b\r\n", b"-ERR a b\r\n"),
        (None, b"$-1\r\n", b"_\r\n"),
        (NULL_ARRAY, b"*-1\r\n", b"_\r\n"),
        (True, b":1\r\n", b"#t\r\n"),
        (1.5, b"$3\r\n1.5\r\n", b",1.5\r\n"),
        (float("-inf"), b"$4\r\n-inf\r\n", b",-inf\r\n"),
        (BigNumber(b"99"), b"$2\r\n99\r\n", b"(99\r\n"),
        (Verbatim(b"hi", b"mkd"), b"$2\r\nhi\r\n", b"=6\r\nmkd:hi\r\n"),
        ([], b"*0\r\n", b"*0\r\n"),
        ((1, [b"a", None]), b"*2\r\n:1\r\n*2\r\n$1\r\na\r\n$-1\r\n",
         b"*2\r\n:1\r\n*2\r\n$1\r\na\r\n_\r\n"),
        ({b"k": {}}, b"*2\r\n$1\r\nk\r\n*0\r\n", b"%1\r\n$1\r\nk\r\n%0\r\n"),
        (Map([([1], True)]), b"*2\r\n*1\r\n:1\r\n:1\r\n", b"%1\r\n*1\r\n:1\r\n#t\r\n"),
        (Pairs([(b"m", 2.0)]), b"*2\r\n$1\r\nm\r\n$1\r\n2\r\n", b"*1\r\n*2\r\n$1\r\nm\r\n,2\r\n"),
        (SetReply([1]), b"*1\r\n:1\r\n", b"~1\r\n:1\r\n"),
        (Push([b"x"]), b"*1\r\n$1\r\nx\r\n", b">1\r\n$1\r\nx\r\n"),
        (NO_REPLY, b"", b""),
    ],
)  # fmt: skip
def test_a_reply_is_encoded_in_both_versions(reply: Reply, resp2: bytes, resp3: bytes) -> None:
    assert encode(reply, 2) == resp2
    assert encode(reply, 3) == resp3


def test_a_reply_nested_deeper_than_python_recurses_is_encoded() -> None:
    reply: Reply = 1
    for _ in range(5000):
        reply = [reply]
    assert encode(reply) == b"*1\r\n" * 5000 + b":1\r\n"


def test_what_is_no_reply_value_is_refused() -> None:
    with pytest.raises(TypeError):
        encode([object()])
