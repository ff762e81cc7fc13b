"""Function calls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from flowc.catalog import registry
from flowc.catalog.spec import Function, Overload
from flowc.check.expressions.arithmetic import NO_OPERATION, wrap
from flowc.check.expressions.constants import check_constants, settle
from flowc.check.expressions.context import Walk, any_wrong, bare, wrong
from flowc.check.expressions.conversions import convert
from flowc.check.expressions.expectations import fit
from flowc.check.expressions.json import conversion, needs_cast
from flowc.check.expressions.origins import origins
from flowc.check.expressions.overloads import apply, choose, parameter, takes
from flowc.diagnostics.codes import declare
from flowc.diagnostics.suggest import did_you_mean, nearest
from flowc.model.diagnostic import Edit, Fix, Safety
from flowc.model.expect import Expectation, FunctionArgument
from flowc.model.expr import Call, Expr
from flowc.model.typed import Const, Typed
from flowc.model.types import (
    DATE,
    DURATION,
    JSON,
    SCALAR_NAMES,
    STRING,
    TIMESTAMP,
    UUID,
    DecimalType,
    ListType,
    Record,
    Scalar,
    Type,
    strip_null,
)
from flowc.types.relate import is_textual
from flowc.types.show import label, show

UNKNOWN_FUNCTION = declare("FC0303", "unknown-function", "No function has that name")
WRONG_COUNT = declare("FC0304", "wrong-argument-count", "A function has too many or few arguments")
AGGREGATE = declare(
    "FC0310", "aggregate-outside", "An aggregate function stands outside of `aggregate`"
)

#: Functions of many records; they are the operator `aggregate`'s.
_AGGREGATES = frozenset(
    [
        "sum",
        "count",
        "avg",
        "mean",
        "min",
        "max",
        "first",
        "last",
        "collect",
        "count_distinct",
        "median",
        "stddev",
        "variance",
        "percentile",
        "approx_distinct",
        "any",
        "every",
    ]
)
_READ_AHEAD = (TIMESTAMP, DATE, DURATION, UUID)


def call(walk: Walk, node: Call, row: Record, hint: Type | None) -> Typed:
    """``name(a, b)``."""
    function = registry.function(node.name)
    if function is None:
        _unknown(walk, node, row)
        return wrong(node.span)
    if not any(takes(overload, len(node.arguments)) for overload in function.overloads):
        _wrong_count(walk, node, function)
        for argument in node.arguments:
            walk.infer(argument, row)
        return wrong(node.span)
    arguments = [
        walk.infer(argument, row, _hint(function, index, len(node.arguments)))
        for index, argument in enumerate(node.arguments)
    ]
    arguments, settled = check_constants(walk, node, function, arguments)
    if any_wrong(*arguments):
        return wrong(node.span)
    if function.name in SCALAR_NAMES:
        return _conversion(walk, node, function.name, arguments[0])
    if function.rule is not None:
        return function.rule(node, arguments, walk)
    choice = choose(walk, function.overloads, arguments)
    if choice is None:
        _no_overload(walk, node, function, arguments, row)
        return wrong(node.span)
    if settled:
        choice = replace(choice, overload=settle(choice.overload))
    return apply(
        walk, function.name, choice, arguments, node.span, deterministic=function.deterministic
    )


def _hint(function: Function, index: int, count: int) -> Type | None:
    """The type that every overload has for an argument; None where they differ."""
    if function.name in SCALAR_NAMES or function.rule is not None:
        return None
    wanted = {parameter(o, index)[1] for o in function.overloads if takes(o, count)}
    only = wanted.pop() if len(wanted) == 1 else None
    return only if isinstance(only, Scalar | DecimalType) else None


def _conversion(walk: Walk, node: Call, name: str, argument: Typed) -> Typed:
    target = next((Scalar(kind) for kind in type(JSON.kind) if kind.value == name), DecimalType())
    if isinstance(argument, Const) and isinstance(argument.value, str) and target in _READ_AHEAD:
        from flowc.check.expressions.literals import ask_for_zone, read_as

        read = read_as(argument.value, target)
        if read is not None:
            ask_for_zone(walk, argument.value, argument.span, target)
            return Const(read, target, node.span)
    return convert(walk, argument, target, node.span)


def _unknown(walk: Walk, node: Call, row: Record) -> None:
    meant = registry.correction("function", node.name)
    if node.name in _AGGREGATES and (meant is None or len(node.arguments) < 2):
        _aggregate(walk, node, row)
        return
    functions = registry.functions()
    words = [word for entry in functions.values() for word in (entry.name, *entry.spellings)]
    near = nearest(node.name, words)
    fixes: tuple[Fix, ...] = ()
    notes: tuple[str, ...] = ()
    at = ""
    if meant is not None:
        at = f"it is called `{meant}` here"
        same = (
            meant in ("lower", "upper", "trim", "length", "coalesce", "now")
            or meant in SCALAR_NAMES
        )
        fixes = (
            Fix(
                f"write `{meant}`",
                (Edit(node.name_span, meant),),
                Safety.SAFE if same else Safety.UNSAFE,
            ),
        )
        notes = (f"`{meant}`: {functions[meant].summary}",) if meant in functions else ()
    elif (instead := _instead(node)) is not None:
        at = f"here that is `{instead}`"
        fixes = (Fix(f"write `{instead}`", (Edit(node.span, f"({instead})"),)),)
    elif near:
        at = did_you_mean(node.name, words)
        fixes = (Fix(f"write `{near[0]}`", (Edit(node.name_span, near[0]),), Safety.UNSAFE),)
    elif row.field(node.name) is not None:
        notes = (f"`{node.name}` is a field; a field is written without parentheses",)
    else:
        notes = ("`flowc list functions` prints them all; code of your own is a processor",)
    walk.reporter.error(
        UNKNOWN_FUNCTION,
        f"there is no function `{node.name}`",
        node.name_span,
        at=at,
        notes=notes,
        fixes=fixes,
    )


def _instead(node: Call) -> str | None:
    """What the call of another language's function is in flowc, on one line."""
    arguments = [" ".join(argument.span.text.split()) for argument in node.arguments]
    return registry.call_meant(node.name, arguments)


def _aggregate(walk: Walk, node: Call, row: Record) -> None:
    text = " ".join(node.span.text.split())
    of_list = {"count": "length", "first": "", "last": ""}.get(node.name, f"list_{node.name}")
    argument = walk.infer(node.arguments[0], row) if node.arguments else wrong(node.span)
    lists = isinstance(bare(argument.type, walk), ListType)
    if lists and registry.function(of_list) is not None:
        walk.reporter.error(
            AGGREGATE,
            f"`{node.name}` is computed over many records; of a list it is `{of_list}`",
            node.name_span,
            fixes=(Fix(f"write `{of_list}`", (Edit(node.name_span, of_list),)),),
        )
        return
    name = {"sum": "total", "count": "n", "avg": "mean"}.get(node.name, node.name)
    walk.reporter.error(
        AGGREGATE,
        f"`{node.name}` is computed over many records, and this stands for one",
        node.span,
        notes=("`aggregate` computes over many records, for each value of what follows `by`",),
        fixes=(Fix(f"write a stage `aggregate {name} = {text} by …`", (), Safety.DISPLAY),),
    )


def _wrong_count(walk: Walk, node: Call, function: Function) -> None:
    given = len(node.arguments)
    forms = tuple(f"`{signature(function.name, o)}`" for o in function.overloads[:4])
    walk.reporter.error(
        WRONG_COUNT,
        f"`{node.name}` takes {_counts(function)}, not {given}",
        node.span,
        notes=(f"it is written {' or '.join(dict.fromkeys(forms))}",),
    )


def _counts(function: Function) -> str:
    least = min(len(o.parameters) - o.optional for o in function.overloads)
    most = max(len(o.parameters) for o in function.overloads)
    if any(o.variadic for o in function.overloads):
        return f"{least} or more arguments" if least != 1 else "one or more arguments"
    if least == most:
        return {0: "no arguments", 1: "one argument"}.get(most, f"{most} arguments")
    return f"{least} to {most} arguments"


def signature(name: str, overload: Overload) -> str:
    """``substr(text: string, start: int, length?: int)``, as docs and messages write it."""
    required = len(overload.parameters) - overload.optional
    parts = [
        f"{parameter}{'' if index < required else '?'}: {show(type)}"
        for index, (parameter, type) in enumerate(overload.parameters)
    ]
    return f"{name}({', '.join(parts)}{', …' if overload.variadic else ''})"


def _no_overload(
    walk: Walk, node: Call, function: Function, arguments: Sequence[Typed], row: Record
) -> None:
    possible = [o for o in function.overloads if takes(o, len(arguments))]
    for index, (argument, written) in enumerate(zip(arguments, node.arguments, strict=True)):
        kind = bare(argument.type, walk)
        wanted = list(dict.fromkeys(strip_null(parameter(o, index)[1]) for o in possible))
        if kind == JSON and JSON not in wanted:
            scalars = [type for type in wanted if conversion(type) is not None]
            needs_cast(walk, argument, scalars[0] if scalars else STRING, f"`{function.name}`")
            return
        alone = [o for o in possible if choose(walk, (_only(o, index),), (argument,)) is not None]
        if alone:
            continue
        _bad_argument(walk, node, function, index, argument, written, wanted, row)
        return
    kinds = " and ".join(label(bare(argument.type, walk)) for argument in arguments)
    walk.reporter.error(
        NO_OPERATION,
        f"`{function.name}` does not take {kinds} together",
        node.span,
        notes=tuple(f"`{signature(function.name, o)}`" for o in possible[:4]),
    )


def _only(overload: Overload, index: int) -> Overload:
    """The overload as if it had that one parameter."""
    return Overload((parameter(overload, index),), overload.result, overload.python)


def _bad_argument(
    walk: Walk,
    node: Call,
    function: Function,
    index: int,
    argument: Typed,
    written: Expr,
    wanted: list[Type],
    row: Record,
) -> None:
    possible = [o for o in function.overloads if takes(o, len(node.arguments))]
    if len(wanted) == 1 and isinstance(wanted[0], Scalar | DecimalType):
        because = FunctionArgument(function.name, index, parameter(possible[0], index)[0])
        fit(walk, argument, row, Expectation(wanted[0], because), written.span)
        return
    kind = bare(argument.type, walk)
    names = [label(type) for type in wanted if label(type) != "T"]
    fixes: tuple[Fix, ...] = ()
    if is_textual(kind) and isinstance(wanted[0], Scalar | DecimalType):
        fixes = (wrap(conversion(wanted[0]) or "", written.span, Safety.UNSAFE),)
    labels, origin_notes = origins(row, argument)
    walk.reporter.error(
        NO_OPERATION,
        f"`{function.name}` does not take {label(kind)}",
        written.span,
        at=f"this is {label(kind)}",
        labels=labels,
        notes=(*_takes(names), *origin_notes),
        fixes=fixes,
    )


def _takes(names: list[str]) -> tuple[str, ...]:
    if len(names) < 2:
        return tuple(f"it takes {name}" for name in names)
    return (f"it takes {', '.join(names[:-1])} or {names[-1]}",)
