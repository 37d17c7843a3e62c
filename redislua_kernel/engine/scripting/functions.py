"""Function libraries: loading, replacing, dumping and restoring them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from redislua_kernel.engine.dialect import Dialect
from redislua_kernel.engine.errors import CommandError, LibraryError, VerbatimError, shown
from redislua_kernel.engine.interrupts import look
from redislua_kernel.engine.journal import Journal
from redislua_kernel.engine.rdb.libraries import read_libraries, write_libraries
from redislua_kernel.engine.scripting.lua_failure import LuaFailure
from redislua_kernel.engine.scripting.program import Program
from redislua_kernel.engine.scripting.runs import Runs
from redislua_kernel.engine.scripting.runtime import Runtime
from redislua_kernel.engine.scripting.shebang import FLAGS, is_name, read_library_head

__all__ = ["Function", "Functions", "Library"]

#: How long a library's code may take to register its functions, in seconds.
LOAD_TIMEOUT = 0.5

BAD_NAME = (
    "Library names can only contain letters, numbers, or underscores(_) "
    "and must be at least one character long"
)


class Function(Program):
    """One function of a library."""

    __slots__ = ("description", "library")

    is_function = True
    flags: frozenset[str]

    def __init__(
        self,
        name: bytes,
        library: bytes,
        flags: frozenset[str],
        description: bytes | None,
        enter: Any,
        runs: Runs,
    ) -> None:
        super().__init__(name, flags, runs, enter)
        self.library = library
        self.description = description

    @property
    def sorted_flags(self) -> list[str]:
        """The flags in the reference's order."""
        return sorted(self.flags, key=FLAGS.index)


@dataclass(frozen=True)
class Library:
    """One library: its code as it was loaded, and what it registered."""

    name: bytes
    code: bytes
    functions: dict[bytes, Function]

    @cached_property
    def by_name(self) -> dict[bytes, Function]:
        """The functions by their names in lower case: made once, however many libraries follow."""
        return {name.lower(): function for name, function in self.functions.items()}


class Functions:
    """All libraries of an engine. Changes are all or nothing, and can be undone."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self.libraries: dict[bytes, Library] = {}
        #: Every function of every library by its name in lower case: FCALL takes any case. The same
        #: table for good: the ways of FCALL hold it.
        self.by_name: dict[bytes, Function] = {}
        self._registering: set[bytes] = set()

    def memory(self) -> int:
        """Give the bytes that the libraries take as text."""
        return sum(len(library.code) for library in self.libraries.values())

    def find(self, name: bytes) -> Function:
        """Give the function with a name in any case."""
        function = self.by_name.get(name) or self.by_name.get(name.lower())
        if function is None:
            raise CommandError("ERR Function not found")
        return function

    def count(self) -> int:
        """Count the functions; two of one library may differ only in case."""
        return sum(len(library.functions) for library in self.libraries.values())

    def load(self, code: bytes, runtime: Runtime, journal: Journal, *, replace: bool) -> Library:
        """Load a library. Raises the reference's errors and changes nothing then."""
        library = self._create(code, runtime, self.libraries, replace=replace)
        others = [other for other in self.libraries.values() if other.name != library.name]
        self._install([*others, library], journal)
        return library

    def delete(self, name: bytes, journal: Journal) -> None:
        """Delete a library."""
        if name not in self.libraries:
            raise CommandError("ERR Library not found")
        self._install([lib for lib in self.libraries.values() if lib.name != name], journal)

    def flush(self, journal: Journal) -> None:
        """Delete every library."""
        self._install([], journal)

    def dump(self) -> bytes:
        """Give a payload from which `restore` makes all libraries again."""
        codes = [library.code for library in self.libraries.values()]
        return write_libraries(codes, self.dialect.rdb_version)

    def restore(self, payload: bytes, policy: str, runtime: Runtime, journal: Journal) -> None:
        """Load the libraries of a payload: `append`, `replace`, or `flush` the others first."""
        self.load_all(read_libraries(payload, self.dialect.rdb_versions), policy, runtime, journal)

    def load_all(
        self, codes: Iterable[bytes], policy: str, runtime: Runtime, journal: Journal
    ) -> None:
        """Load several libraries, or none of them; see `restore`.

        A code is asked for once the one before has been loaded: its error comes first.
        """
        restored: dict[bytes, Library] = {}
        for code in codes:
            library = self._create(code, runtime, restored)
            restored[library.name] = library
        kept = {} if policy == "flush" else dict(self.libraries)
        for name in restored:
            if name in kept and policy != "replace":
                raise CommandError(f"ERR Library {shown(name)} already exists")
            kept.pop(name, None)
        _refuse_collisions(restored.values(), kept.values())
        self._install([*kept.values(), *restored.values()], journal)

    def reload(self, runtime: Runtime, *, keeps_all: bool = False) -> None:
        """Register every library again in a new runtime; an error names the library.

        They have loaded in time before: it may take as long as it likes now. With `keeps_all`
        nothing is raised: a library for which there is not enough memory any more stays, and its
        functions tell of it.
        """
        loaded: dict[bytes, Library] = {}
        for name, library in self.libraries.items():
            try:
                loaded[name] = self._create(library.code, runtime, loaded, is_timed=False)
            except CommandError as error:
                reason = error.message.removeprefix("ERR ")
                text = f"ERR Library '{shown(library.name)}' does not load: {reason}"
                if not keeps_all:
                    raise CommandError(text) from None
                loaded[name] = _out_of_order(library, text)
        self._install(loaded.values(), Journal())

    def copy(self, other: Functions, runtime: Runtime, *, keeps_runs: bool) -> None:
        """Register another's libraries here; their runs are counted on, or anew.

        Raises the error that names a library which the dialect refuses.
        """
        self.libraries = other.libraries
        if keeps_runs:
            self.by_name.update(other.by_name)
        self.reload(runtime)

    def _create(
        self,
        code: bytes,
        runtime: Runtime,
        among: dict[bytes, Library],
        *,
        replace: bool = False,
        is_timed: bool = True,
    ) -> Library:
        head = read_library_head(code, self.dialect)
        if not is_name(head.name):
            raise CommandError(f"ERR {BAD_NAME}")
        if head.engine.lower() != b"lua":
            raise VerbatimError(f"ERR Engine '{shown(head.engine)}' not found")
        if head.name in among and not replace:
            raise CommandError(f"ERR Library '{shown(head.name)}' already exists")
        functions = {
            name: Function(
                name,
                head.name,
                frozenset(flag.decode() for flag in flags),
                self._as_shown(description),
                enter,
                self._runs_of(name),
            )
            for name, enter, flags, description in self._run(head.code, runtime, is_timed)
        }
        if not functions:
            raise CommandError("ERR No functions registered")
        library = Library(head.name, code, functions)
        _refuse_collisions([library], [lib for lib in among.values() if lib.name != head.name])
        return library

    def _runs_of(self, name: bytes) -> Runs:
        """Give the runs of a function; those of the one that had the name before count on."""
        known = self.by_name.get(name.lower())
        return known.runs if known is not None and known.name == name else Runs()

    def _run(
        self, code: bytes, runtime: Runtime, is_timed: bool
    ) -> list[tuple[bytes, Any, list[bytes], bytes | None]]:
        self._registering = set()
        late = self.dialect.checks_names_late
        if self.dialect.cuts_code:
            code = code.partition(b"\0")[0]
        refuse_name = _take_name if late else self._refuse_name
        try:
            registered = runtime.load_library(code, refuse_name, LOAD_TIMEOUT if is_timed else None)
        except LuaFailure as failure:
            if not runtime.memory.is_clogged:
                runtime.revive()
            look()
            text = failure.text.removeprefix(b"ERR ")
            raise LibraryError(f"ERR {shown(text)}", failure.line) from None
        for name, *_ in registered if late else ():
            problem = self._refuse_name(name)
            if problem is not None:
                raise CommandError(f"ERR {problem.decode()}")
        return registered

    def _refuse_name(self, name: bytes) -> bytes | None:
        """Tell why a library that is being loaded may not register this name; None: it may."""
        if not is_name(name):
            return self.dialect.bad_function_name.encode()
        if name in self._registering:
            return b"Function already exists in the library"
        self._registering.add(name)
        return None

    def _as_shown(self, description: bytes | None) -> bytes | None:
        if description is None or not self.dialect.cuts_descriptions:
            return description
        return description.partition(b"\0")[0]

    def _install(self, libraries: Iterable[Library], journal: Journal) -> None:
        journal.undo.append((self._swap, self.libraries, self.by_name.copy()))
        made = {library.name: library for library in libraries}
        names: dict[bytes, Function] = {}
        for library in made.values():
            names.update(library.by_name)
        self._swap(made, names)

    def _swap(self, libraries: dict[bytes, Library], by_name: dict[bytes, Function]) -> None:
        self.libraries = libraries
        self.by_name.clear()
        self.by_name.update(by_name)


def _out_of_order(library: Library, text: str) -> Library:
    """Give a library all whose functions fail."""

    def enter(*words: object) -> None:
        raise LuaFailure(text.encode())

    functions = {
        name: Function(name, library.name, each.flags, each.description, enter, each.runs)
        for name, each in library.functions.items()
    }
    return Library(library.name, library.code, functions)


def _take_name(name: bytes) -> bytes | None:
    return None


def _refuse_collisions(new: Iterable[Library], old: Iterable[Library]) -> None:
    taken: set[bytes] = set().union(*(library.by_name for library in old))
    for library in new:
        for name in library.functions:
            if name.lower() in taken:
                raise CommandError(f"ERR Function {shown(name)} already exists")
        taken.update(library.by_name)
