"""Arguments that are read when the pipeline is checked: patterns, zones, formats, units, paths."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from flowc.catalog.spec import Constant, Function, Overload
from flowc.catalog.written import UNITS, path_problem, time_format_problem
from flowc.check.expressions.context import Walk, is_wrong, wrong
from flowc.check.expressions.regex import searched
from flowc.check.patterns.python import to_python_whole
from flowc.diagnostics.codes import declare
from flowc.diagnostics.reporter import Reporter
from flowc.diagnostics.suggest import nearest
from flowc.model.diagnostic import Edit, Fix, Safety
from flowc.model.effects import CONVERSION_ERROR
from flowc.model.expr import Call, Expr
from flowc.model.source import Span
from flowc.model.typed import Const, Typed
from flowc.types.show import quoted

NOT_WRITTEN = declare(
    "FC0318", "argument-must-be-written", "An argument must be written, and it is computed"
)
UNKNOWN_ZONE = declare("FC0320", "unknown-time-zone", "No time zone has that name")
BAD_FORMAT = declare("FC0321", "bad-time-format", "A time format cannot be read")
BAD_VALUE = declare(
    "FC0323", "bad-written-argument", "A written argument is none that the function takes"
)


@dataclass(frozen=True, slots=True)
class Place:
    """A written argument: which function takes it, where it stands."""

    function: str
    span: Span
    reporter: Reporter


def check_constants(
    walk: Walk, node: Call, function: Function, arguments: Sequence[Typed]
) -> tuple[list[Typed], bool]:
    """The arguments with what was read of the written ones, wrong where it was reported.

    Also whether those that were written settle that the call does not fail to convert.
    """
    made = list(arguments)
    settled = any(constant.settles for constant in function.constant.values())
    for index, constant in function.constant.items():
        if index >= len(made) or is_wrong(made[index]):
            continue
        value, written = made[index], node.arguments[index]
        if not isinstance(value, Const) or not isinstance(value.value, str | int):
            settled = settled and not constant.settles
            if constant.written and not isinstance(value, Const):
                _must_be_written(walk, function, constant, written)
                made[index] = wrong(written.span)
            continue
        place = Place(function.name, written.span, walk.reporter)
        read = _READERS[constant.kind](value, made, place)
        made[index] = wrong(written.span) if read is None else read
    return made, settled


def settle(overload: Overload) -> Overload:
    """The overload without the errors that its written arguments cannot cause."""
    return replace(overload, errors=overload.errors - {CONVERSION_ERROR})


def _must_be_written(walk: Walk, function: Function, constant: Constant, node: Expr) -> None:
    walk.reporter.error(
        NOT_WRITTEN,
        f"the {constant.kind} of `{function.name}` must be written, it cannot be computed",
        node.span,
        notes=("what is written is checked before the run, and read once",),
    )


Reader = Callable[[Const, Sequence[Typed], Place], Typed | None]


def _pattern(value: Const, arguments: Sequence[Typed], place: Place) -> Typed | None:
    written = str(value.value)
    if not searched(written, place.span, place.reporter, trims=False):
        return None
    python, groups = to_python_whole(written)
    group = arguments[2] if len(arguments) > 2 else None
    for number in _groups_named(group):
        if not 0 <= number <= groups:
            _no_group(group, number, groups, place)
            return None
    return replace(value, value=python)


def _groups_named(value: Typed | None) -> list[int]:
    """The group that is asked for, or those that a replacement names: ``\\1``."""
    match value:
        case Const(value=int() as number):
            return [number]
        case Const(value=str() as text):
            # Behind a backslash that stands for itself, a digit is a digit.
            return [int(digit) for digit in re.findall(r"\\(\d)", text.replace("\\\\", ""))]
        case _:
            return []


def _no_group(value: Typed | None, number: int, groups: int, place: Place) -> None:
    has = "no groups" if not groups else f"{groups} group{'s' if groups > 1 else ''}"
    place.reporter.error(
        BAD_VALUE,
        f"the pattern has no group {number}",
        (value.span if value is not None else None) or place.span,
        notes=(f"it has {has}; 0 is the whole match",),
    )


def _zone(value: Const, _: Sequence[Typed], place: Place) -> Typed | None:
    import zoneinfo

    written = str(value.value)
    known = zoneinfo.available_timezones()
    if written in known:
        return value
    near = nearest(written, sorted(known), most=1) or _city(written, known)
    place.reporter.error(
        UNKNOWN_ZONE,
        f"there is no time zone {quoted(written)}",
        place.span,
        at=f"did you mean {quoted(near[0])}?" if near else "",
        notes=()
        if near
        else ('a zone is written as in "Europe/Berlin", "America/New_York" or "UTC"',),
        fixes=_instead(near, place),
    )
    return None


def _city(written: str, known: set[str]) -> tuple[str, ...]:
    """The zone whose last part is the text: ``berlin``, ``New York``."""
    plain = written.lower().replace(" ", "_")
    return tuple(sorted(zone for zone in known if zone.lower().rpartition("/")[2] == plain))[:1]


def _instead(near: Sequence[str], place: Place) -> tuple[Fix, ...]:
    return tuple(
        Fix(f"write {quoted(word)}", (Edit(place.span, quoted(word)),), Safety.UNSAFE)
        for word in near[:1]
    )


def _format(value: Const, _: Sequence[Typed], place: Place) -> Typed | None:
    written = str(value.value)
    problem = time_format_problem(written)
    if problem is not None:
        place.reporter.error(BAD_FORMAT, problem, place.span)
        return None
    if "%" not in written:
        place.reporter.error(
            BAD_FORMAT,
            f"the time format {quoted(written)} has no codes",
            place.span,
            notes=_advice(written),
        )
        return None
    return value


#: What other languages write, longest first, and its code.
_LETTERS = (
    *(("yyyy", "%Y"), ("YYYY", "%Y"), ("MM", "%m"), ("dd", "%d"), ("DD", "%d"), ("HH", "%H")),
    *(("hh", "%I"), ("mm", "%M"), ("mi", "%M"), ("ss", "%S"), ("SSS", "%f")),
)


def _advice(written: str) -> tuple[str, ...]:
    text = written
    for letters, code in _LETTERS:
        text = text.replace(letters, code)
    return (f"codes are written with `%`: {quoted(text)}",) if text != written else ()


def _unit(value: Const, _: Sequence[Typed], place: Place) -> Typed | None:
    written = str(value.value)
    plain = written.lower()
    if plain in UNITS:
        return replace(value, value=plain)
    if plain.removesuffix("s") in UNITS:
        return replace(value, value=plain.removesuffix("s"))
    near = nearest(plain, UNITS, most=1)
    place.reporter.error(
        BAD_VALUE,
        f"{quoted(written)} is no unit of time",
        place.span,
        at=f"did you mean {quoted(near[0])}?" if near else "",
        notes=(f"units are {', '.join(UNITS)}",),
        fixes=_instead(near, place),
    )
    return None


def _path(value: Const, _: Sequence[Typed], place: Place) -> Typed | None:
    problem = path_problem(str(value.value))
    if problem is None:
        return value
    place.reporter.error(
        BAD_VALUE,
        problem,
        place.span,
        notes=('a path is written as in "a.b[0].c", or "$.a.b[0].c"',),
    )
    return None


def _network(value: Const, _: Sequence[Typed], place: Place) -> Typed | None:
    try:
        ipaddress.ip_network(str(value.value))
    except ValueError as error:
        place.reporter.error(
            BAD_VALUE,
            f"{quoted(str(value.value))} is no network: {error}",
            place.span,
            notes=('a network is written as in "10.0.0.0/8" or "2001:db8::/32"',),
        )
        return None
    return value


_READERS: Mapping[str, Reader] = {
    "pattern": _pattern,
    "time zone": _zone,
    "time format": _format,
    "unit": _unit,
    "path": _path,
    "network": _network,
}
