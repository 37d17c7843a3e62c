"""Warnings about a script or a library before it runs: what it says and probably does not mean.

    for finding in lint("x = 1"):
        print(finding.rule, finding.line, finding.column, finding.message)

One file a family of rules; `rules` has the registry, `script` what rules ask about the code. A rule
speaks only where the code itself shows the fault. What merely could be better is a hint. Comments
silence rules: `-- lint: ignore global-write` on the line itself, or alone on a line above it.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha1
from importlib import import_module
from pkgutil import iter_modules

from redislua_kernel.engine.debugging.losses import Loss
from redislua_kernel.language.lint.losses import findings_of
from redislua_kernel.language.lint.rules import RULES, Finding, Level, Rule
from redislua_kernel.language.lint.script import Script, Setting
from redislua_kernel.language.lint.silence import mentions, silenced

__all__ = ["RULES", "Finding", "Level", "Reviewer", "Rule", "Setting", "lint"]

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")

#: Longer code is looked at only where somebody asks for it: that takes a moment.
_LONGEST = 100_000


def lint(code: str, level: Level = Level.WARNING, setting: Setting | None = None) -> list[Finding]:
    """Give what there is to say about a script or a library, in the order of its lines.

    Code that is no Lua gives nothing: running it tells why.
    """
    setting = setting or Setting()
    try:
        script = Script(code, setting)
        if script.tree.is_whole:
            return _check(script, level)
        # A bare expression: as a statement it begins a line later.
        script = Script(f"return\n{code}", setting)
        if script.tree.is_whole:
            return [each._replace(line=max(1, each.line - 1)) for each in _check(script, level)]
    except RecursionError:  # nested deeper than Lua would take
        pass
    return []


def _check(script: Script, level: Level) -> list[Finding]:
    quiet = silenced(script.tree)
    found = {
        finding
        for rule in RULES.values()
        if rule.level <= level
        for finding in rule.check(script)
        if not quiet(rule.name, finding.line)
    }
    return sorted(found, key=lambda each: (each.line, each.column, each.rule))


class Reviewer:
    """Says of each code what there is to say, each rule once."""

    def __init__(self) -> None:
        #: What was found in each code, and what of that is still to be said.
        self._found: dict[tuple[str, Level, Setting], list[Finding]] = {}
        self._said: set[tuple[str, str]] = set()

    def has_read(self, code: str, level: Level, setting: Setting) -> bool:
        """Tell whether this code was looked at before."""
        return (_digest(code), level, setting) in self._found

    def news(self, code: str, level: Level, setting: Setting) -> list[Finding]:
        """Give the findings of the rules that have not spoken of this code yet."""
        if len(code) > _LONGEST:
            return []
        own = _digest(code)
        key = own, level, setting
        if key not in self._found:
            self._found[key] = lint(code, level, setting)
        return [each for each in self._found[key] if (own, each.rule) not in self._said]

    def lost(self, code: str, losses: Iterable[Loss]) -> list[Finding]:
        """Give what is to be said about losses of a reply: no rule that has spoken speaks again."""
        own = _digest(code)
        return [
            each
            for each in findings_of(losses)
            if (own, each.rule) not in self._said and not mentions(code, each.rule)
        ]

    def said(self, code: str, found: Iterable[Finding]) -> None:
        """Note that the user knows of these."""
        own = _digest(code)
        self._said |= {(own, each.rule) for each in found}


def _digest(code: str) -> str:
    return sha1(code.encode("utf-8", "surrogatepass")).hexdigest()
