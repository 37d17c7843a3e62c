"""%profile: hits and time of each line that a cell runs, also of functions it calls."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from redislua_kernel.cells import UsageError
from redislua_kernel.engine.debugging.profile import Profile, SourceProfile
from redislua_kernel.errors import RedisError
from redislua_kernel.language.branches import untaken
from redislua_kernel.language.layout import Layout
from redislua_kernel.magics.registry import magic
from redislua_kernel.render.outputs import Display, Output, Outputs
from redislua_kernel.render.profile import LineView, SourceView, profile_bundle
from redislua_kernel.session import Session


@magic("profile", embedded=True)
def profile(session: Session, *, cell: Iterable[Output] | None = None) -> Outputs:
    """Show how often each line of the cell ran, where its time went, and what did not run.

    Lines of functions that it calls, too, and conditions that were never true or never false.
    As `%profile`: show the last profile again. Under the profiler, Lua is slower; commands are
    not. The debugger does not stop meanwhile.

        %%profile
        for i = 1, 100 do redis.call('RPUSH', 'l', i) end
    """
    if cell is not None:
        return _profile(session, cell)
    if session.last_profile is None:
        raise UsageError("nothing was profiled yet: head a cell with %%profile")
    return Display(session.last_profile)


def _profile(session: Session, cell: Iterable[Output]) -> Iterator[Output]:
    record = Profile(session.engine.scripting)
    # In the place of a debugger: with its stops in it, no time would mean anything.
    with session.engine.scripting.watchers.attached(record):
        try:
            yield from cell
        except RedisError:
            yield _show(session, record)
            raise
    yield _show(session, record)


def _show(session: Session, record: Profile) -> Display:
    session.last_profile = profile_bundle([_view(session, each) for each in record.sources])
    return Display(session.last_profile)


def _view(session: Session, profile: SourceProfile) -> SourceView:
    source, line_name = profile.source, session.line_names(profile.source.code)
    name = source.name.decode("utf-8", "replace")
    title = f"function {name}" if source.is_function else "script"
    if profile.runs > 1:
        title += f", {profile.runs} runs"
    if profile.is_by_lines:
        title += ", counted by lines"
    layout = Layout(source.code.decode("utf-8", "surrogateescape"))
    counts = profile.counts_in(layout.text.encode("utf-8", "surrogateescape"))
    ways = untaken(layout, counts or {})
    lines = tuple(
        LineView(
            number=line_name(line.line),
            hits=line.hits,
            calls=line.calls,
            in_commands=line.in_commands / 1000,
            in_lua=line.in_lua / 1000,
            code=code.decode("utf-8", "replace").rstrip(),
            untaken=tuple(way.text for way in ways if way.line == line.line),
        )
        for line, code in zip(profile.lines, source.lines, strict=True)
    )
    return SourceView(title, lines)
