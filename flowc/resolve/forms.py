"""Reads written items in the form that a parameter declares.

The forms are a closed set; each gives what `catalog.spec.Form` promises. An item that
does not fit its form is reported, and left out.
"""

from __future__ import annotations

import re
from dataclasses import replace

from flowc.catalog.spec import (
    Aggregate,
    Assignment,
    Cast,
    Expected,
    Formatting,
    Renaming,
)
from flowc.catalog.times import Rate
from flowc.diagnostics.codes import declare
from flowc.diagnostics.reporter import Reporter
from flowc.model.diagnostic import Edit, Fix, Safety
from flowc.model.expr import (
    Arithmetic,
    Call,
    Coalesce,
    Comparison,
    Conditional,
    Expr,
    FieldStep,
    Hole,
    IndexStep,
    Inside,
    ListExpr,
    Literal,
    LiteralKind,
    Logic,
    Membership,
    NullTest,
    Path,
    RecordExpr,
    Template,
    Unary,
    Variable,
)
from flowc.model.source import Span
from flowc.model.tree import As, Item, TypeExpr, Word

WRONG_FORM = declare("FC0224", "wrong-argument-form", "An argument is not of the form it must have")
STRAY_ASSIGNMENT = declare(
    "FC0225", "stray-assignment", "An `=` stands where nothing can be assigned or compared"
)

_NAME = re.compile(r"[^\W\d][\w-]*(?:/[\w-]+)?")
_FUNCTION = re.compile(r"[^\W\d][\w-]*\.[^\W\d]\w*")


def condition(item: Item, reporter: Reporter) -> Expr | None:
    """An expression; ``a = 1 and b = 2`` is read as ``a == 1 and b == 2``."""
    if not _bare(item, "a condition", reporter):
        return None
    value = item.value
    if item.target is not None:
        value = _compared(item.target, value, reporter)
    return compare_by_value(value)


def _compared(target: Path, value: Expr, reporter: Reporter) -> Expr:
    """``target = value`` as a comparison, which binds tighter than ``and`` and ``or``."""
    if isinstance(value, Logic):
        first, *others = value.operands
        operands = (_compared(target, first, reporter), *others)
        return replace(value, operands=operands, span=target.span.to(value.span))
    if isinstance(value, Comparison | Membership | NullTest | Conditional) or (
        isinstance(value, Unary) and value.operator == "not"
    ):
        reporter.error(
            STRAY_ASSIGNMENT,
            "`=` compares here, and a comparison cannot be compared again",
            target.span.to(value.span),
            notes=("comparisons do not chain; put one of them in parentheses",),
        )
        return Hole(target.span.to(value.span))
    between = Span(target.span.source, target.span.end, value.span.start)
    return Comparison("=", target, value, target.span.to(value.span), between)


def compare_by_value(expr: Expr) -> Expr:
    """The expression with every ``=`` read as ``==``; with null it is a test for null."""
    match expr:
        case Comparison(operator="=" | "==", left=left, right=right, span=span):
            if isinstance(right, Literal) and right.kind is LiteralKind.NULL:
                return NullTest(compare_by_value(left), False, span)
            left, right = compare_by_value(left), compare_by_value(right)
            return replace(expr, operator="==", left=left, right=right)
        case Comparison(left=left, right=right) | Arithmetic(left=left, right=right):
            return replace(expr, left=compare_by_value(left), right=compare_by_value(right))
        case Logic(operands=operands):
            return replace(expr, operands=tuple(map(compare_by_value, operands)))
        case Unary(operand=operand):
            return replace(expr, operand=compare_by_value(operand))
        case Membership(value=value, collection=collection):
            return replace(
                expr, value=compare_by_value(value), collection=compare_by_value(collection)
            )
        case NullTest(value=value):
            return replace(expr, value=compare_by_value(value))
        case Coalesce(value=value, default=default):
            return replace(expr, value=compare_by_value(value), default=compare_by_value(default))
        case Conditional(condition=test, then=then, otherwise=otherwise):
            return replace(
                expr,
                condition=compare_by_value(test),
                then=compare_by_value(then),
                otherwise=compare_by_value(otherwise),
            )
        case Call(arguments=arguments):
            return replace(expr, arguments=tuple(map(compare_by_value, arguments)))
        case Inside(base=base, step=step):
            return replace(expr, base=compare_by_value(base), step=_step_by_value(step))
        case ListExpr(items=items):
            return replace(expr, items=tuple(map(compare_by_value, items)))
        case RecordExpr(fields=fields):
            return replace(
                expr, fields=tuple((name, compare_by_value(value)) for name, value in fields)
            )
        case Path(steps=steps) if any(isinstance(step, IndexStep) for step in steps):
            return replace(expr, steps=tuple(map(_step_by_value, steps)))
        case Path() | Literal() | Template() | Variable() | Hole():
            return expr


def _step_by_value(step: FieldStep | IndexStep) -> FieldStep | IndexStep:
    if isinstance(step, IndexStep):
        return replace(step, index=compare_by_value(step.index))
    return step


def assignment(item: Item, reporter: Reporter) -> Assignment | None:
    """``a = e`` or ``e as a``."""
    if _ordered(item, reporter):
        return None
    made = _named(item, reporter)
    if made is not None:
        return made
    if item.target is None and item.as_ is None and not isinstance(item.value, Hole):
        shown = _one_line(item.span)
        reporter.error(
            WRONG_FORM,
            f"`{shown}` has no name",
            item.span,
            at="which field does it make?",
            notes=(f"write `name = {shown}` or `{shown} as name`",),
            fixes=_compare_fix(item),
        )
    return None


def aggregate(item: Item, reporter: Reporter) -> Aggregate | None:
    """``n = sum(x) where ok`` or ``sum(x) as n where ok``."""
    where = None if item.where is None else compare_by_value(item.where)
    made = assignment(replace(item, where=None), reporter)
    return None if made is None else Aggregate(made.path, made.value, where, item.span)


def expectation(item: Item, reporter: Reporter) -> Expected | None:
    """``count() > 0`` or ``count() > 0 where ok``."""
    where = None if item.where is None else compare_by_value(item.where)
    found = condition(replace(item, where=None), reporter)
    return None if found is None or isinstance(found, Hole) else Expected(found, where, item.span)


def column(item: Item, reporter: Reporter) -> Assignment | None:
    """``a``, ``b.c``, ``n = e`` or ``e as n``; a bare path is carried as it is."""
    if _ordered(item, reporter):
        return None
    made = _named(item, reporter)
    if made is not None:
        return replace(made, carried=_is_carried(made.value))
    if item.target is not None or item.as_ is not None or isinstance(item.value, Hole):
        return None
    if isinstance(item.value, Path) and _is_carried(item.value):
        last = item.value.steps[-1]
        return Assignment(Path((last,), last.span), item.value, item.span, carried=True)
    shown = _one_line(item.span)
    reporter.error(
        WRONG_FORM,
        f"`{shown}` is computed and has no name",
        item.span,
        at="which column does it make?",
        notes=(f"write `name = {shown}` or `{shown} as name`",),
    )
    return None


def _is_carried(value: Expr) -> bool:
    return isinstance(value, Path) and value.names is not None


def _named(item: Item, reporter: Reporter) -> Assignment | None:
    if item.target is not None and item.as_ is not None:
        reporter.error(
            WRONG_FORM,
            "a column has two names here: before `=` and behind `as`",
            item.as_.span,
            notes=("`name = expression` and `expression as name` mean the same: write one",),
        )
        return None
    if item.target is not None:
        return Assignment(item.target, compare_by_value(item.value), item.span)
    if item.as_ is not None:
        name = alias(item.as_, reporter)
        if name is not None:
            return Assignment(name, compare_by_value(item.value), item.span)
    return None


def alias(written: As, reporter: Reporter) -> Path | None:
    """The name behind ``as``, as a path; reported where something else stands there."""
    span = written.type.span
    text = written.word
    if written.argument is None and re.fullmatch(r"[^\W\d]\w*", text):
        return Path((FieldStep(text, span),), span)
    if written.argument is None and span.text.startswith("`") and text:
        return Path((FieldStep(text, span, quoted=True),), span)
    reporter.error(
        WRONG_FORM,
        "a name stands behind `as` here",
        span,
        notes=("an odd name goes in backticks: as `odd-name`",),
    )
    return None


def type_behind(written: As, reporter: Reporter) -> TypeExpr | None:
    """The type behind ``as``; reported where more stands there."""
    if written.argument is None:
        return written.type
    reporter.error(WRONG_FORM, "one type stands behind `as`", written.argument.span)
    return None


def path(item: Item, reporter: Reporter) -> Path | None:
    """``a``, ``b.c``: a field."""
    if isinstance(item.value, Hole):
        return None
    plain = item.target is None and item.as_ is None and item.where is None
    if plain and item.descending is None and item.nulls_first is None:
        if isinstance(item.value, Path):
            return item.value
        if isinstance(item.value, Template) and (name := item.value.plain):
            reporter.error(
                WRONG_FORM,
                "a field stands here, not a text",
                item.span,
                fixes=(Fix("write the field", (Edit(item.span, _field_text(name)),)),),
            )
            return None
    reporter.error(
        WRONG_FORM,
        f"a field stands here, not `{_one_line(item.span)}`",
        item.span,
        notes=_odd_field_notes(item),
    )
    return None


def renaming(item: Item, reporter: Reporter) -> Renaming | None:
    """``new = old`` or ``old as new``."""
    if isinstance(item.value, Hole) or _ordered(item, reporter):
        return None
    if isinstance(item.value, Path):
        if item.target is not None and item.as_ is None:
            return Renaming(item.target, item.value, item.span)
        if item.target is None and item.as_ is not None:
            new = alias(item.as_, reporter)
            if new is None:
                return None
            return Renaming(new, item.value, item.span, swapped=True)
    reporter.error(
        WRONG_FORM,
        f"`{_one_line(item.span)}` renames nothing",
        item.span,
        notes=("write `new = old` or `old as new`; a computed field is made with `set`",),
    )
    return None


def cast(item: Item, reporter: Reporter) -> Cast | None:
    """``a as int``."""
    if isinstance(item.value, Hole) or _ordered(item, reporter):
        return None
    if isinstance(item.value, Path) and item.target is None and item.as_ is not None:
        if item.as_.argument is None:
            return Cast(item.value, item.as_.type, item.span)
        reporter.error(
            WRONG_FORM,
            "one type stands behind `as`",
            item.as_.argument.span,
            notes=("a format is read by `parse FIELD as json`",),
        )
        return None
    fixes: tuple[Fix, ...] = ()
    if item.target is not None and isinstance(item.value, Path):
        text = f"{_one_line(item.target.span)} as {_one_line(item.value.span)}"
        fixes = (Fix(f"write `{text}`", (Edit(item.span, text),)),)
    reporter.error(
        WRONG_FORM,
        f"`{_one_line(item.span)}` says no type",
        item.span,
        notes=("write `field as type`, as in `amount as int`",),
        fixes=fixes,
    )
    return None


def formatting(item: Item, reporter: Reporter) -> Formatting | None:
    """``a as json``, ``a as json Payment``, ``a as regex r"…"``."""
    if isinstance(item.value, Hole) or _ordered(item, reporter):
        return None
    if isinstance(item.value, Path) and item.target is None and item.as_ is not None:
        format = Word(item.as_.word, item.as_.type.span)
        return Formatting(item.value, format, item.as_.argument, item.span)
    reporter.error(
        WRONG_FORM,
        f"`{_one_line(item.span)}` says no format",
        item.span,
        notes=("write `field as format`, as in `body as json`",),
    )
    return None


def share(item: Item, reporter: Reporter) -> Literal | None:
    """A percentage, or a number that says the same."""
    value = item.value.operand if isinstance(item.value, Unary) else item.value
    number = isinstance(value, Literal) and value.kind in (LiteralKind.FLOAT, LiteralKind.INT)
    kind = value.kind if isinstance(value, Literal) and number else LiteralKind.PERCENT
    return literal(item, kind, "a share, as in 1%,", reporter)


def rate(item: Item, reporter: Reporter) -> Rate | None:
    """``100/s``: a whole number, divided by a unit of time."""
    value = item.value
    if isinstance(value, Hole) or not _bare(item, "a rate", reporter):
        return None
    if item.target is None and isinstance(value, Literal) and value.kind is LiteralKind.RATE:
        count, _, unit = value.text.partition("/")
        return Rate(int(count), unit, value.span)
    reporter.error(
        WRONG_FORM,
        f"a rate stands here, not `{_one_line(item.span)}`",
        item.span,
        notes=("a rate is a whole number in a unit of time: `100/s`, `5/m`, `1/h`, `1/d`",),
    )
    return None


def literal(item: Item, kind: LiteralKind, what: str, reporter: Reporter) -> Literal | None:
    """A literal of one kind; a minus before it is part of it."""
    value = item.value
    if isinstance(value, Hole) or not _bare(item, what, reporter):
        return None
    if isinstance(value, Unary) and isinstance(value.operand, Literal):
        sign = "-" if value.operator == "-" else ""
        value = replace(value.operand, text=sign + value.operand.text, span=value.span)
    if item.target is None and isinstance(value, Literal) and value.kind is kind:
        return value
    reporter.error(WRONG_FORM, f"{what} stands here, not `{_one_line(item.span)}`", item.span)
    return None


def window_length(item: Item, kind: Word, reporter: Reporter) -> Literal | None:
    """What stands behind a kind of window: a duration, or behind ``last`` a number of records."""
    value = item.value
    counts = kind.text == "last" and isinstance(value, Literal) and value.kind is LiteralKind.INT
    wanted = LiteralKind.INT if counts else LiteralKind.DURATION
    return literal(item, wanted, "the length of the window", reporter)


def text(item: Item, reporter: Reporter) -> Template | Literal | None:
    """A quoted text."""
    if isinstance(item.value, Hole) or not _bare(item, "a text", reporter):
        return None
    if item.target is None:
        if isinstance(item.value, Template):
            return item.value
        if isinstance(item.value, Literal) and item.value.kind is LiteralKind.STRING:
            return item.value
    shown = _one_line(item.span)
    reporter.error(
        WRONG_FORM,
        f"a text stands here, not `{shown}`",
        item.span,
        fixes=(Fix("quote it", (Edit(item.span, f'"{shown}"'),), Safety.UNSAFE),),
    )
    return None


def processor(item: Item) -> Word | None:
    """The name of a processor, or ``module.function``; None where it is none."""
    return reference(item) or _word(item, _FUNCTION)


def reference(item: Item) -> Word | None:
    """The name of a processor or a stream, in quotes or not; None where it is no name."""
    return _word(item, _NAME)


def _word(item: Item, name: re.Pattern[str]) -> Word | None:
    if item.target is not None or item.as_ is not None or item.where is not None:
        return None
    value = item.value
    if isinstance(value, Template):
        written = value.plain
    elif isinstance(value, Literal) and value.kind is LiteralKind.STRING:
        written = value.text
    elif isinstance(value, Path | Arithmetic):
        written = value.span.text
    else:
        return None
    if written is None or not name.fullmatch(written):
        return None
    return Word(written, value.span)


def order(item: Item, reporter: Reporter) -> Item | None:
    """``a``, ``a desc``, ``a nulls first``."""
    if item.target is None and item.as_ is None and item.where is None:
        return replace(item, value=compare_by_value(item.value))
    reporter.error(
        WRONG_FORM,
        f"an order stands here, not `{_one_line(item.span)}`",
        item.span,
        notes=("write `field`, `field desc` or `field nulls first`",),
    )
    return None


def _bare(item: Item, what: str, reporter: Reporter) -> bool:
    """Whether nothing stands behind the item's expression; reported where something does."""
    if item.as_ is not None:
        reporter.error(
            WRONG_FORM, f"{what} has no name: nothing can stand behind it", item.as_.span
        )
        return False
    return not _ordered(item, reporter)


def _ordered(item: Item, reporter: Reporter) -> bool:
    """Whether an order or ``where`` stands behind the item, which is reported."""
    if item.descending is None and item.nulls_first is None and item.where is None:
        return False
    what = "`where`" if item.where is not None else "an order"
    reporter.error(WRONG_FORM, f"{what} cannot stand here", item.span)
    return True


def _compare_fix(item: Item) -> tuple[Fix, ...]:
    value = item.value
    if (
        isinstance(value, Comparison)
        and value.operator == "=="
        and isinstance(value.left, Path)
        and not value.left.span.text.startswith("(")
    ):
        edit = Edit(value.operator_span, "=")
        return (Fix("assign with one =", (edit,), Safety.UNSAFE),)
    return ()


def _field_text(name: str) -> str:
    return name if re.fullmatch(r"[^\W\d]\w*", name) else f"`{name}`"


def _odd_field_notes(item: Item) -> tuple[str, ...]:
    written = _one_line(item.span)
    if isinstance(item.value, Arithmetic) and re.fullmatch(r"[\w-]+", written):
        return (f"a field with a dash goes in backticks: `{written}`",)
    return ()


def _one_line(span: Span) -> str:
    line = " ".join(span.text.split())
    return line if len(line) <= 50 else line[:49] + "…"
