"""Which files of a folder are scripts and libraries, and how they are called."""

from __future__ import annotations

from pathlib import Path

from redislua_kernel.engine.interrupts import interruptible
from redislua_kernel.projects.includes import Assembly, shown
from redislua_kernel.projects.source import ProjectError, Source, split_name

__all__ = ["read_path"]

_PARTS = "includes"


def read_path(path: Path) -> list[Source]:
    """Read a Lua file, or all scripts and libraries of a folder; raises ProjectError."""
    if not path.is_dir():
        return [_source(path, path.parent, Assembly(path, path.parent), path)]
    found = sorted(interruptible(path.rglob("*.lua")))
    files = [file for file in found if _counts(file.relative_to(path))]
    assemblies = {file: Assembly(file, path) for file in interruptible(files)}
    parts = {part for assembly in assemblies.values() for part in assembly.parts}
    sources = [
        _source(file, path, assembly, path)
        for file, assembly in interruptible(assemblies.items())
        if file.resolve() not in parts
    ]
    if not sources:
        raise ProjectError(f"{shown(path)} holds no Lua files")
    _refuse_same_names(sources)
    return sources


def _counts(file: Path) -> bool:
    return not any(part == _PARTS or part.startswith(".") for part in file.parts[:-1])


def _source(file: Path, root: Path, assembly: Assembly, loaded: Path) -> Source:
    name = split_name(file.relative_to(root).with_suffix("").as_posix())
    return Source(*name, assembly.code, file, assembly.origins, loaded)


def _refuse_same_names(sources: list[Source]) -> None:
    seen: dict[bytes, Source] = {}
    for source in sources:
        name = source.library or source.name.encode()
        other = seen.setdefault(name, source)
        if other is not source and bool(other.library) == bool(source.library):
            assert other.path is not None
            assert source.path is not None
            raise ProjectError(
                f"{shown(other.path)} and {shown(source.path)} have the same name: {name.decode()}"
            )
