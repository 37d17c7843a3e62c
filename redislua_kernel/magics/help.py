"""%help, and %clear_output."""

from __future__ import annotations

from redislua_kernel.cells import UsageError
from redislua_kernel.language.documentation import Documentation, document
from redislua_kernel.language.lint import RULES
from redislua_kernel.language.lint.losses import LOSSES
from redislua_kernel.magics.families import families
from redislua_kernel.magics.registry import Magic, magic, magics
from redislua_kernel.render.documentation import documentation_bundle, sections_bundle
from redislua_kernel.render.outputs import Clear, Display, Outputs
from redislua_kernel.session import Session

_MORE = (
    "%help NAME tells more of each, and of commands, Lua's functions, warnings, errors and flags: "
    "%help keyspace, %help GET, %help redis.call, %help nil-reply, %help WRONGTYPE, %help "
    "no-writes."
)


@magic("help", while_busy=True)
def help_(session: Session, *name: bytes) -> Outputs:
    """List the magics, or explain a magic, a command, a Lua function, a warning, an error, a flag.

    %help
    %help fcall
    %help WRONGTYPE
    %help config get
    %help nil-reply
    %help no-writes
    """
    if not name:
        sections = {
            title: [(" ".join(each.forms), each.summary) for each in family]
            for title, family in families().items()
        }
        return Display(sections_bundle(sections, _MORE))
    words = b" ".join(name).decode("utf-8", "replace")
    found = document_magic(words) or document(words) or _document_rule(words)
    if found is None:
        raise UsageError(f"no help for {words}")
    return Display(documentation_bundle(found.usage, found.text, found.facts))


def document_magic(name: str) -> Documentation | None:
    """Give a magic's documentation by its name, with or without `%`."""
    found = magics().get(name.lstrip("%").lower())
    return None if found is None else Documentation(_usage(found), found.help)


def _document_rule(name: str) -> Documentation | None:
    """Tell what a rule of lint finds."""
    rule = RULES.get(name)
    summary = rule.summary if rule is not None else LOSSES.get(name)
    return None if summary is None else Documentation(f"-- lint: ignore {name}", summary)


def _usage(found: Magic) -> str:
    return "\n".join(f"{form} {found.usage}".rstrip() for form in found.forms)


@magic("clear_output", while_busy=True)
def clear_output(session: Session) -> Outputs:
    """Take away what the cell has shown so far.

    %clear_output
    """
    return Clear()
