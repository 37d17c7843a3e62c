"""papermill: parameters become a cell with %args, or %keys.

    papermill notebook.ipynb out.ipynb -p n 7 -p who Ann     %args --n 7 --who Ann
    papermill notebook.ipynb out.ipynb -y "keys: [a, b]"     %keys a b

In the notebook, the cell with the tag *parameters* says `%args --n 5 --who Bob`: ARGV[1] and
ARGV[2], of which papermill then changes those that it names. papermill has entry points for
engines alone: as it imports this one, the translator is registered.

papermill takes any error that a cell shows for a failure. With `--engine redislua`, one in a cell
with the tag *raises-exception* is none: it becomes text. And of widgets only what they leave
behind is kept: the page that nbconvert makes of the notebook shows that.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from nbformat import NotebookNode
from papermill.engines import NBClientEngine
from papermill.models import Parameter
from papermill.translators import Translator, papermill_translators

from redislua_kernel.cells import UsageError, parse
from redislua_kernel.engine.words import quote_word
from redislua_kernel.magics.eval import named_args

__all__ = ["NotebookEngine", "RedisLuaTranslator"]


class NotebookEngine(NBClientEngine):  # type: ignore[misc]  # papermill has no types
    """Runs notebooks as papermill does, and lets errors be that are meant."""

    @classmethod
    def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **options: Any) -> Any:
        """Run the cells."""
        options.setdefault("store_widget_state", False)
        result = super().execute_managed_notebook(nb_man, kernel_name, **options)
        for cell in nb_man.nb.cells:
            if "raises-exception" in cell.metadata.get("tags", ()):
                cell.outputs = [_as_text(output) for output in cell.outputs]
        return result


def _as_text(output: NotebookNode) -> NotebookNode:
    if output["output_type"] != "error":
        return output
    text = "\n".join([*output["traceback"], ""])
    return NotebookNode(output_type="stream", name="stderr", text=text)  # type: ignore[no-untyped-call]


class RedisLuaTranslator(Translator):  # type: ignore[misc]  # papermill has no types
    """Writes parameters as magics."""

    @classmethod
    def codify(cls, parameters: Mapping[str, Any], comment: str = "Parameters") -> str:
        """Give the cell that is injected."""
        lines = [f"-- {comment}"]
        named = []
        for name, value in parameters.items():
            if name in ("keys", "args"):
                words = value if isinstance(value, list) else [value]
                lines.append(f"%{name} {' '.join(map(_word, words))}".rstrip())
            else:
                named += [f"--{name}", _word(value)]
        if named:
            lines.append(f"%args {' '.join(named)}")
        return "\n".join(lines)

    @classmethod
    def inspect(cls, parameters_cell: Mapping[str, str]) -> list[Parameter]:
        """Give the parameters that a cell with `%args --name value …` declares."""
        try:
            magics = parse(parameters_cell["source"]).magics
            declared = {}
            for magic in magics:
                if magic.name == "args":
                    declared = named_args(magic.words[1:]) or {}
        except UsageError:
            return []
        return [
            Parameter(_text(name), "None", _text(value), "") for name, value in declared.items()
        ]


def _word(value: Any) -> str:
    """Give a value as a word of a magic: what is no text and no number as JSON."""
    text = value if isinstance(value, str) else "" if value is None else json.dumps(value)
    return quote_word(text.encode()).decode()


def _text(word: bytes) -> str:
    return word.decode("utf-8", "replace")


papermill_translators.register("redislua", RedisLuaTranslator)
