"""nbconvert --to script: a notebook as one file of Lua.

Texts, magics and cells that are no Lua become comments. Each script stands between `do` and `end`,
since `return` ends a block: the file can be read, searched and compiled, though not run as one.
"""

from __future__ import annotations

from typing import Any

from nbconvert.exporters.exporter import Exporter
from nbformat import NotebookNode

from redislua_kernel.cells import Cell, Kind, UsageError, parse
from redislua_kernel.engine import Engine
from redislua_kernel.session import Session

__all__ = ["LuaExporter"]

_KERNEL = "redislua"


class LuaExporter(Exporter):
    """Writes the cells of a notebook as Lua; of another kernel's, as they are."""

    file_extension = ".lua"
    output_mimetype = "text/x-lua"

    def from_notebook_node(  # type: ignore[override]  # as all exporters do
        self, nb: NotebookNode, resources: Any | None = None, **options: Any
    ) -> tuple[str, dict[str, Any]]:
        """Give the file's text."""
        copy, resources = super().from_notebook_node(nb, resources, **options)
        resources["output_extension"] = self.file_extension
        if nb.metadata.get("kernelspec", {}).get("name") != _KERNEL:
            parts = [cell.source for cell in copy.cells if cell.cell_type == "code"]
        else:
            session = Session(Engine())
            parts = [_part(session, cell) for cell in copy.cells if cell.source.strip()]
        return "\n\n".join(parts) + "\n", resources


def _part(session: Session, cell: NotebookNode) -> str:
    try:
        read = parse(cell.source)
    except UsageError:
        return _comment(cell.source)
    if cell.cell_type != "code" or not _is_lua(read):
        return _comment(cell.source)
    above = cell.source.split("\n")[: read.offset]
    code = session.bodies.as_script(read.body)
    if code.startswith(b"#!"):
        code = b"-- " + code
    if session.engine.scripting.compile_error(code) is not None:
        return _comment(cell.source)  # it shows an error
    body = code.decode("utf-8", "replace").strip("\n")
    return "\n".join([*filter(None, [_comment("\n".join(above))]), f"do\n{body}\nend"])


def _is_lua(cell: Cell) -> bool:
    head = cell.head
    return cell.kind in (Kind.SCRIPT, Kind.LIBRARY) or (
        head is not None and head.words[1:2] == (b"load",)
    )


def _comment(text: str) -> str:
    return "\n".join(f"-- {line}".rstrip() for line in text.split("\n")) if text else ""
