"""Where the Lua of the cells stands, and as which script it is run."""

from redislua_kernel import Engine
from redislua_kernel.session.bodies import Bodies


def bodies() -> Bodies:
    return Bodies(Engine().scripting.compile_error)


def test_a_bare_expression_is_run_after_return() -> None:
    assert bodies().as_script(b"1 + 1") == b"return 1 + 1"


def test_what_compiles_is_run_as_it_is() -> None:
    assert bodies().as_script(b"local a = 1 return a") == b"local a = 1 return a"


def test_a_call_gives_its_value_only_where_that_is_asked_for() -> None:
    call = b"redis.call('PING')"
    assert bodies().as_script(call) == call
    assert bodies().as_script(call, show_call=True) == b"return " + call


def test_a_script_with_a_shebang_is_never_changed() -> None:
    assert bodies().as_script(b"#!lua\n1 + 1", show_call=True) == b"#!lua\n1 + 1"


def test_a_line_of_a_script_is_found_in_its_cell_also_after_return() -> None:
    known = bodies()
    known.note(b"1 + 1", 3)
    assert known.offset_of(b"1 + 1") == known.offset_of(b"return 1 + 1") == 3
    assert known.offset_of(b"another") == 0


def test_only_the_bodies_that_ran_last_are_known() -> None:
    known = bodies()
    for number in range(1200):
        known.note(b"return %d" % number, 1)
    scripts = known.scripts()
    assert len(scripts) == 1000
    assert scripts[-1] == b"return 1199"
    assert b"return 199" not in scripts
