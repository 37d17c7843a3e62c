"""Passwords in cells."""

import time

from redislua_kernel.remote.secrets import hide_secrets


def test_a_password_is_hidden_in_a_line_that_says_where_to_connect() -> None:
    for line in (
        "%connect -a s3cret -h db",
        "%connect --pass 's3cret x' db",
        "%connect redis://ann:s3cret@db/1",
        "%connect redis://s3cret@db",
        "%deploy lib rediss://:s3cret@db",
    ):
        assert "s3cret" not in hide_secrets(f"%keys a\n{line}\nreturn 1")
    assert hide_secrets("%connect redis://ann:s@db") == "%connect redis://ann:•••@db"


def test_a_password_is_hidden_in_a_command() -> None:
    for line in (
        "%redis AUTH s3cret",
        "%redis auth ann s3cret",
        "%%redis\nPING\nAUTH ann s3cret",
        "%redis HELLO 3 AUTH ann s3cret SETNAME x",
        "%redis CONFIG SET maxmemory 1 requirepass s3cret",
        "%redis CONFIG SET requirepass s3cret masterauth 's3cret x'",
        "%redis ACL SETUSER ann on >s3cret ~*",
        "ACL SETUSER ann on >other >s3cret <s3cret",
        "ACL SETUSER ann '>s3cret x s3cret'",
        "2 AUTH s3cret",
        "AUTH 's3cret s3cret'",
        'AUTH "s3cret and never closed s3cret',
        "MIGRATE db 6379 key 0 1000 AUTH2 ann s3cret KEYS a b",
    ):
        assert "s3cret" not in hide_secrets(line), line


def test_what_only_looks_like_a_password_stays() -> None:
    for line in (
        *("%args -a open", "auth = KEYS[1]", "local auth = ARGV[1]", "%redis SET auth x"),
        "auth(1)",
    ):
        assert hide_secrets(line) == line


def test_a_cell_of_many_blank_lines_is_looked_through_at_once() -> None:
    started = time.process_time()
    cell = "return 1" + "\n" * 10_000 + "%redis AUTH s3cret"
    assert hide_secrets(cell).endswith("AUTH •••")
    assert time.process_time() - started < 10  # it took a minute
