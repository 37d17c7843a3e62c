"""What two have given, side by side: what differs is seen, however long it is."""

from redislua_kernel.render.comparison import Pair, comparison_bundle


def lines(embedded: list[bytes], server: list[bytes]) -> list[str]:
    pair = Pair((b"LRANGE", b"l"), embedded, server, is_equal=embedded == server)
    text: str = comparison_bundle("redis", [pair], [], [], rows=10)["text/plain"]
    return [line.strip() for line in text.split("\n")]


def test_of_long_replies_the_place_where_they_differ_is_shown() -> None:
    same = [b"%d" % number for number in range(100)]
    shown = lines([*same, b"ours", b"end"], [*same, b"theirs"])
    assert shown[0] == "embedded and redis: 1 different (1 reply, 0 keys)"
    assert shown[2:] == [
        *("embedded:", "… 97 alike", '98) "97"', '99) "98"', '100) "99"', '101) "ours"'),
        *('102) "end"', "redis:", "… 97 alike", '98) "97"', '99) "98"', '100) "99"'),
        '101) "theirs"',
    ]


def test_what_differs_early_is_shown_from_the_beginning() -> None:
    rest = [b"%d" % number for number in range(99)]
    shown = lines([b"ours", *rest], [b"theirs", *rest])
    assert shown[3] == '1) "ours"'
    assert shown.count("… 80 more") == 2


def test_a_reply_that_only_goes_on_is_shown_from_where_it_does() -> None:
    same = [b"%d" % number for number in range(30)]
    shown = lines([*same, b"more"], same)
    assert shown[shown.index("redis:") - 1] == '31) "more"'
    assert shown[-1] == '30) "29"'
