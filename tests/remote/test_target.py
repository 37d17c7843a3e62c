"""Where to connect: redis-cli's flags and URLs, and no password on the way."""

import pytest

from redislua_kernel.remote.target import Target, TargetError, Tls, read_target, states_secret


def read(line: str, **environment: str) -> Target:
    target, _ = read_target([word.encode() for word in line.split()], environment)
    return target


@pytest.mark.parametrize(
    ("line", "target"),
    [
        ("", Target()),
        ("-h db -p 7000 -n 3 -3", Target((("db", 7000),), database=3, resp=3)),
        ("-p 7000 -h db", Target((("db", 7000),))),
        ("db:7000", Target((("db", 7000),))),
        ("-h ::1 -p 7000", Target((("::1", 7000),))),
        ("[::1]:7000", Target((("::1", 7000),))),
        ("-s /run/redis", Target(socket="/run/redis")),
        ("unix:///run/redis?db=2", Target(socket="/run/redis", database=2)),
        ("--user ann -a pw", Target(user="ann", password="pw")),
        ("redis://db", Target((("db", 6379),))),
        ("redis://ann:p%40w@db:7000/2", Target((("db", 7000),), None, "ann", "p@w", 2)),
        ("redis://pw@db", Target((("db", 6379),), password="pw")),
        ("redis://:pw@db", Target((("db", 6379),), password="pw")),
        ("valkey://db/1?protocol=3", Target((("db", 6379),), database=1, resp=3)),
        ("-u redis://db -n 4", Target((("db", 6379),), database=4)),
        ("rediss://db", Target((("db", 6379),), tls=Tls())),
        ("--tls --cacert ca --cert c --key k --sni n", Target(tls=Tls("ca", None, "c", "k", "n"))),
        ("--tls --insecure", Target(tls=Tls(verify=False))),
        ("-c -h a", Target((("a", 6379),), is_cluster=True)),
        ("redis+cluster://a:1,b:2", Target((("a", 1), ("b", 2)), is_cluster=True)),
        ("--sentinel m", Target((("127.0.0.1", 26379),), sentinel="m")),
        ("redis+sentinel://a,b:2/m/3", Target((("a", 26379), ("b", 2)), sentinel="m", database=3)),
        ("redis://db?socket_timeout=2 -t 1", Target((("db", 6379),), connect_seconds=1)),
    ],
)
def test_flags_and_urls_are_those_of_redis_cli(line: str, target: Target) -> None:
    found = read(line)
    if "socket_timeout" in line:
        assert found.reply_seconds == 2
        found = read(line.replace("?socket_timeout=2", ""))
    assert found == target


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("--nope", "unknown option --nope"),
        ("-h", "-h needs a value"),
        ("-p x", "a port is a number from 1 to 65535"),
        ("redis://db:99999", "a port is a number"),
        ("http://db", "a URL begins with one of redis://"),
        ("redis://db?max=1", "a URL knows db, protocol"),
        ("-a ${NOPE}", "the environment has no variable NOPE"),
        ("-c -n 1", "a cluster has database 0 only"),
        ("redis+sentinel://a", "the name of the server is missing"),
        ("-t soon", "a timeout is a number of seconds"),
    ],
)
def test_what_says_no_place_is_an_error(line: str, message: str) -> None:
    with pytest.raises(TargetError) as caught:
        read(line)
    assert message in str(caught.value)


def test_the_environment_has_a_say() -> None:
    assert read("", REDIS_URL="redis://db/1") == Target((("db", 6379),), database=1)
    assert read("-h x", REDIS_URL="redis://db/1") == Target((("x", 6379),))
    assert read("", REDISCLI_AUTH="pw").password == "pw"
    assert read("-a mine", REDISCLI_AUTH="pw").password == "mine"
    assert read("redis://ann:${PW}@${HOST}", PW="s3", HOST="db") == Target(
        (("db", 6379),), None, "ann", "s3"
    )


def test_the_password_may_be_asked_for() -> None:
    target, asks = read_target([b"--askpass"], {"REDISCLI_AUTH": "pw"})
    assert asks
    assert target.password is None


def test_no_password_is_shown() -> None:
    assert "s3cret" not in repr(read("redis://ann:s3cret@db"))
    with pytest.raises(TargetError) as caught:
        read("redis://ann:s3cret@db:port")
    assert "s3cret" not in str(caught.value)


def test_only_a_password_that_stands_there_is_one_in_the_cell() -> None:
    assert states_secret([b"-a", b"pw"])
    assert states_secret([b"redis://:pw@db"])
    assert not states_secret([b"redis://:${PW}@db"])
    assert not states_secret([b"-h", b"db", b"--askpass"])
