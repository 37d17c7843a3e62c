"""What a reply lost, in the words of the rules that would have told so beforehand."""

from __future__ import annotations

from collections.abc import Iterable

from redislua_kernel.engine.debugging.losses import Loss
from redislua_kernel.language.lint.rules import Finding
from redislua_kernel.quantities import count_of

__all__ = ["LOSSES", "findings_of"]

#: What each of these rules tells of a reply.
LOSSES = {
    "float-in-reply": "The fraction of a number.",
    "more-than-one-result": "What was returned after the first value.",
    "name-in-reply": "Fields of a table that have names.",
    "nil-in-reply": "Elements of an array behind a nil.",
    "number-in-reply": "A number that is no 64-bit integer.",
    "type-in-reply": "A function, or another value that no reply can be.",
}


def findings_of(losses: Iterable[Loss]) -> list[Finding]:
    """Give a finding for each rule that what was lost belongs to; it has no line."""
    found: dict[str, Finding] = {}
    for loss in losses:
        finding = _finding(loss)
        found.setdefault(finding.rule, finding)
    return list(found.values())


def _finding(loss: Loss) -> Finding:
    place = f"result{loss.path}"
    match loss.kind:
        case "nil":
            came = count_of(loss.kept, "element")
            return _of(
                "nil-in-reply",
                f"{place} is nil, and the array ended there: {came} came, {loss.count} behind it "
                "did not",
                "false comes as a null reply",
            )
        case "names":
            others = f" and {loss.count - 1} more" if loss.count > 1 else ""
            return _of(
                "name-in-reply",
                f"{place} has the field `{loss.what}`{others}, which did not come: a reply has the "
                "elements 1, 2, 3 … of a table",
                "return names and values in turn, or cjson.encode the table",
            )
        case "fraction":
            return _of(
                "float-in-reply",
                f"{place} was {_short(loss.what)}, and lost its fraction",
                "return it as a string: tostring; or say that it is meant: math.floor",
            )
        case "range":
            return _of(
                "number-in-reply",
                f"{place} was {loss.what}, which is no 64-bit integer: another number came",
                "return it as a string: tostring",
            )
        case "type":
            return _of(
                "type-in-reply",
                f"{place} was a {loss.what}, which no reply can be: null came",
                "return a string, a number, a boolean or a table",
            )
        case "results":
            return _of(
                "more-than-one-result",
                f"{count_of(loss.count, 'value')} behind the first did not come: a script has one "
                "result",
                "return a table",
            )


def _of(rule: str, message: str, advice: str) -> Finding:
    return Finding(rule, 0, 0, message, advice)


def _short(number: str) -> str:
    """Give a number with the digits that Lua shows."""
    return f"{float(number):.14g}"
