"""%%test and %tests: what a notebook promises, checked on copies of its data."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase

from redislua_kernel.cells import UsageError
from redislua_kernel.magics.offers import anywhere
from redislua_kernel.magics.registry import WrongWords, magic
from redislua_kernel.render.outputs import At, Display, Output, Outputs
from redislua_kernel.render.testing import Outcome, outcomes_bundle
from redislua_kernel.session import Session
from redislua_kernel.testing import (
    Bench,
    CheckFailed,
    NamedTest,
    SeveralFailed,
    Transcript,
    TranscriptError,
)

_OFFERS = anywhere("test", lambda session: session.tests)


@magic("test", usage="name", offers=_OFFERS, embedded=True)
def test(session: Session, *name: bytes, body: bytes) -> Outputs:
    """Check what commands reply and what they leave behind, on a copy of the data.

    The cell is a session of redis-cli: commands after >, and below each the reply that it must
    give. It begins with the data, libraries and scripts of the notebook, and leaves no trace. The
    first check that fails ends the test, and the cell fails.

        %%test only its owner releases a lock
        # Ann has the lock; Bob may not release it.
        > SET lock:a ann EX 10
        > FCALL release 1 lock:a bob
        (integer) 0
        > GET lock:a
        "ann"
        # Errors are replies; ... stands for any text, and alone on a line for any lines.
        > INCR lock:a
        (error) ERR ...
        # A number repeats a command: each reply stands below it.
        > 2 INCR visits
        (integer) 1
        (integer) 2
        # Time stands still until it is told to pass: nothing waits.
        > @advance 11s
        > EXISTS lock:a
        (integer) 0
        # Lua after = must be true.
        = redis.call('TTL', 'lock:a') < 0

    Without a reply below it a command may reply anything but an error. FLUSHALL first makes a
    test that depends on no data. HELLO 3 shows replies as RESP3.

        ? text             below a check: what its failure says in place of what was expected
        > @advance 10s     let time pass: 500ms, 10s, 2m, 1h, 7d
        > @time 0          set the time, in seconds since the epoch: 1700000000.5
        > @seed 7          draw other random members and keys: the seed is 0 at first
        > @effects         the commands that the last one would replicate

    $name stands for the digest of a script that `%%script load name` or `%load` has named:

        > EVALSHA $release 1 lock:a bob

    `%tests` runs all tests again. Metadata of the cell that hides it in JupyterLab:
    {"jupyter": {"source_hidden": true}}.
    """
    if not name:
        raise WrongWords
    title = b" ".join(name).decode("utf-8", "replace").strip()
    return _run_cell(session, title, body.decode("utf-8", "replace"))


@magic("tests", offers=_OFFERS, embedded=True)
def tests(session: Session, *name: bytes) -> Outputs:
    """Run the tests of the notebook's cells again, all or those with these names.

    A name may be a pattern. If one fails, so does the cell.

        %tests
        %tests *lock*
    """
    pattern = b" ".join(name).decode("utf-8", "replace").strip() or "*"
    chosen = [each for each in session.tests.values() if fnmatchcase(each.name, pattern)]
    if not chosen:
        raise UsageError(
            f"no test is called {pattern}"
            if name
            else "there are no tests yet: head a cell with %%test"
        )
    return _run_again(session, chosen)


def _run_cell(session: Session, title: str, text: str) -> Iterator[Output]:
    try:
        test = NamedTest(title, Transcript.read(text), session.body[1])
    except TranscriptError as error:
        yield At(error.line)
        raise UsageError(str(error)) from None
    session.tests[title] = test
    try:
        _check(session, test)
    except CheckFailed as failure:
        failure.test = title
        raise
    yield Display(outcomes_bundle([Outcome(title, test.transcript.checks)]))


def _run_again(session: Session, chosen: list[NamedTest]) -> Iterator[Output]:
    outcomes, failures = [], {}
    for test in chosen:
        try:
            _check(session, test)
        except CheckFailed as failure:
            failures[test.name] = failure.explain(test.offset)
            outcomes.append(Outcome(test.name, test.transcript.checks, str(failure)))
        else:
            outcomes.append(Outcome(test.name, test.transcript.checks))
    yield Display(outcomes_bundle(outcomes))
    if failures:
        raise SeveralFailed(len(chosen), failures)


def _check(session: Session, test: NamedTest) -> None:
    """Run a test on a view of the data, which is dropped; raises `CheckFailed`."""
    try:
        view = session.engine.view()
    except RuntimeError:
        raise UsageError("the cell has written already: a test has a cell of its own") from None
    try:
        Bench(view, session.embedded.twin(view), session.scripts).check(test.transcript)
    finally:
        view.close()
