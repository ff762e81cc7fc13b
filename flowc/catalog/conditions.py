"""Types the conditions behind ``on``: which values must be equal, and what else must be true."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from flowc.catalog.aggregates import is_plain
from flowc.catalog.inputs import Stream
from flowc.catalog.ordering import By, orders_of
from flowc.catalog.shared import refuse_secrets
from flowc.catalog.spec import Arguments, CheckContext
from flowc.diagnostics.codes import declare
from flowc.diagnostics.suggest import nearest
from flowc.model.diagnostic import Edit, Fix, Safety
from flowc.model.expect import Expectation, PredicateMustBeBool
from flowc.model.expr import Comparison, Expr, FieldStep, Hole, Logic, Path, paths
from flowc.model.source import Span
from flowc.model.typed import Column, Typed, with_columns
from flowc.model.typed import Logic as TypedLogic
from flowc.model.types import (
    BOOL,
    SCALAR_NAMES,
    Field,
    Poison,
    Record,
    Type,
    may_be_null,
    nullable,
    strip_null,
)
from flowc.types.relate import changes_value, is_subtype
from flowc.types.show import label, show, show_name

UNKNOWN_NAME = declare(
    "FC0411", "unknown-match-field", "A name behind `on` is in neither of the two records"
)
UNEQUAL_KEYS = declare("FC0412", "unequal-key-types", "Keys of different types are compared")
UNFIT_KEY = declare("FC0413", "unfit-match-key", "Records cannot be matched by such values")
NO_EQUALITY = declare("FC0414", "match-without-equality", "A match needs a key that is equal")


@dataclass(frozen=True, slots=True)
class Pair:
    """Two values that must be equal: of the row, and of the table."""

    left: Typed
    right: Typed


@dataclass(frozen=True, slots=True)
class Conditions:
    pairs: tuple[Pair, ...]
    rest: Typed | None


class ConditionReader:
    """Types the conditions of one stage."""

    def __init__(
        self,
        arguments: Arguments,
        name: str,
        stream: Stream,
        row: Record,
        table: Record,
        check: CheckContext,
        inside: bool,
    ) -> None:
        self.word = arguments.word.text
        self.span = arguments.word.span
        self.name = name
        self.stream = stream
        self.row = row
        self.table = table
        self.check = check
        self.inside = inside
        fields = tuple(field for field in row.fields if field.name != name)
        self.both = row.with_fields((*fields, Field(name, table)))

    def conditions(self, written: Sequence[Expr]) -> Conditions | None:
        """The equalities of keys and what else must be true; None after a report."""
        pairs: list[Pair] = []
        rest: list[Typed] = []
        good = True
        for expr in _conjuncts(written):
            found = self._condition(expr)
            if isinstance(found, Pair):
                pairs.append(found)
            elif found is None or isinstance(found.type, Poison):
                good = False
            else:
                rest.append(found)
        if good and not pairs:
            self._no_equality(written)
        if not good or not pairs:
            return None
        return Conditions(tuple(pairs), _all_of(rest))

    def orders(self, written: Sequence[object]) -> tuple[By, ...] | None:
        """Orders of the table's records, whose fields may stand behind its name or alone."""
        own = Field(self.name, self.table)
        others = (field for field in self.table.fields if field.name != self.name)
        row = Record((own, *others))
        found = orders_of(written, row, self.check)  # type: ignore[arg-type]
        if any(isinstance(by.value.type, Poison) for by in found):
            return None
        return tuple(replace(by, value=self._of_table(by.value)) for by in found)

    def _condition(self, expr: Expr) -> Pair | Typed | None:
        if isinstance(expr, Hole):
            return None
        if isinstance(expr, Path):
            return self._same_name(expr)
        if not self.inside:
            return self._unqualified(expr)
        known = [self._is_known(path) for path in paths(expr)]
        if not all(known):
            return None
        if isinstance(expr, Comparison) and expr.operator in ("==", "="):
            left, right = self._is_right(expr.left), self._is_right(expr.right)
            if left is True and right is False:
                return self._pair(expr.right, expr.left, expr)
            if left is False and right is True:
                return self._pair(expr.left, expr.right, expr)
        expectation = Expectation(nullable(BOOL), PredicateMustBeBool(self.word), self.span)
        value = self.check.infer(expr, self.both, expectation)
        refuse_secrets(value, self.check)
        return value

    def _same_name(self, path: Path) -> Pair | None:
        """``on code``: what both records call so."""
        names = path.names
        if names is None or (self.inside and names[0] == self.name):
            self.check.reporter.error(
                NO_EQUALITY,
                "a field that both records have stands here, or a condition",
                path.span,
                notes=(f"for example: `on {self._example()}`",),
            )
            return None
        if not self._has_both(path):
            return None
        left = self.check.infer(path, self.row)
        right = self.check.infer(path, self.table)
        return self._checked(left, right, path.span, path, path)

    def _has_both(self, path: Path) -> bool:
        """Whether both records have the first name of a path; reported where one lacks it."""
        first = path.steps[0]
        assert isinstance(first, FieldStep)
        left, right = self.row.field(first.name), self.table.field(first.name)
        if left is not None and right is not None:
            return True
        if self._is_poisoned():
            return False
        has, lacks = (
            ("the record", self.stream.name or "the table")
            if left is not None
            else (self.stream.name or "the table", "the record")
        )
        names = self.table.names if left is not None else self.row.names
        name = show_name(first.name)
        known = left is not None or right is not None
        near = nearest(first.name, names if known else {*self.row.names, *self.table.names})
        prefix = f"{self.name}." if self.inside else ""
        other = show_name(near[0]) if near else "…"
        pair = f"{name} == {prefix}{other}" if left is not None else f"{other} == {prefix}{name}"
        self.check.reporter.error(
            UNKNOWN_NAME,
            f"`on {name}` is a field of both, and {lacks} has none of that name"
            if known
            else f"neither record has a field `{name}`",
            first.span,
            at=f"did you mean `{show_name(near[0])}`?" if near and not known else "",
            notes=(
                *((f"{has} has it; write what it equals: `on {pair}`",) if known else ()),
                *self._fields(),
            ),
            fixes=(Fix(f"write `{pair}`", (Edit(path.span, pair),), Safety.UNSAFE),)
            if known and near
            else tuple(
                Fix(f"write `{show_name(n)}`", (Edit(first.span, show_name(n)),), Safety.UNSAFE)
                for n in near[:1]
            ),
        )
        return False

    def _unqualified(self, expr: Expr) -> Pair | None:
        """``origin == iata`` where the table's fields have no name before them."""
        if isinstance(expr, Comparison) and expr.operator in ("==", "="):
            for one, other in ((expr.left, expr.right), (expr.right, expr.left)):
                if self._all_in(one, self.row) and self._all_in(other, self.table):
                    if self._all_in(one, self.table) and self._all_in(other, self.row):
                        break
                    return self._pair(one, other, expr)
        unknown = [
            path
            for path in paths(expr)
            if not any(self._all_in(path, record) for record in (self.row, self.table))
        ]
        if unknown and not self._is_poisoned():
            first = unknown[0].steps[0]
            assert isinstance(first, FieldStep)
            self._unknown(first, {*self.row.names, *self.table.names})
            return None
        called = self.stream.name or "t"
        self.check.reporter.error(
            NO_EQUALITY,
            "it is not clear which of the two records each field is of",
            expr.span,
            notes=(
                f"give the table a name: `as {called} on {self.row.names[0]} == "
                f"{called}.{self.table.names[0]}`"
                if self.row.names and self.table.names
                else "give the table a name with `as`",
            ),
        )
        return None

    def _pair(self, left: Expr, right: Expr, expr: Expr) -> Pair | None:
        """Two values that must be equal, the second one of the table."""
        one = self.check.infer(left, self.row)
        if self.inside:
            other = self.check.infer(right, Record((Field(self.name, self.table),)))
            other = self._of_table(other)
        else:
            other = self.check.infer(right, self.table)
        return self._checked(one, other, expr.span, left, right)

    def _of_table(self, value: Typed) -> Typed:
        """An expression over the match in the row as one over the table's own record."""

        def bare(column: Column) -> Typed:
            if column.path[0] != self.name or len(column.path) == 1:
                return column
            return replace(column, path=column.path[1:])

        return with_columns(value, bare)

    def _checked(
        self, left: Typed, right: Typed, span: Span, one: Expr, other: Expr
    ) -> Pair | None:
        kinds = strip_null(left.type), strip_null(right.type)
        if any(isinstance(kind, Poison) for kind in kinds):
            return None
        refuse_secrets(left, self.check)
        refuse_secrets(right, self.check)
        for kind, expr in zip(kinds, (one, other), strict=True):
            if not is_plain(kind):
                self.check.reporter.error(
                    UNFIT_KEY,
                    f"records cannot be matched by {label(kind)}",
                    expr.span,
                    at=f"this is {label(kind)}",
                    notes=("match by a number, a text or a time: `string(x)` makes a text",),
                )
                return None
        if not _agree(*kinds):
            self._unequal(kinds, span, one, other)
            return None
        return Pair(left, right)

    def _unequal(self, kinds: tuple[Type, Type], span: Span, one: Expr, other: Expr) -> None:
        left, right = (show(kind) for kind in kinds)
        same = one is other
        text = " ".join(one.span.text.split())
        table = " ".join(other.span.text.split())
        prefix = f"{self.name}." if self.inside and same else ""
        fixes: tuple[Fix, ...] = ()
        if right in SCALAR_NAMES and right != "json":
            made = f"{right}({text})"
            edit = Edit(one.span, f"{made} == {prefix}{table}" if same else made)
            fixes = (Fix(f"convert it: `{made}`", (edit,), Safety.UNSAFE),)
        self.check.reporter.error(
            UNEQUAL_KEYS,
            f"{left} is compared with {right}",
            span,
            at=f"`{text}` is {left}, `{prefix}{table}` is {right}",
            notes=("keys are equal only where they are of one type; convert one of them",),
            fixes=fixes,
        )

    def _no_equality(self, written: Sequence[Expr]) -> None:
        span = written[0].span.to(written[-1].span) if written else self.span
        self.check.reporter.error(
            NO_EQUALITY,
            f"`{self.word}` needs something of the record that equals something of the table",
            span,
            notes=(
                f"for example: `on {self._example()}`",
                "other conditions may stand behind it, joined by `and`",
            ),
        )

    def _example(self) -> str:
        pairs = [
            (one.name, other.name)
            for one in self.row.fields
            for other in self.table.fields
            if _agree(strip_null(one.type), strip_null(other.type))
        ]
        same = (pair for pair in pairs if pair[0] == pair[1])
        left, right = next(same, pairs[0] if pairs else ("id", "id"))
        prefix = f"{self.name}." if self.inside else ""
        return f"{show_name(left)} == {prefix}{show_name(right)}"

    def _is_known(self, path: Path) -> bool:
        """Whether a path begins with a field of the row or the match; reported where not."""
        first = path.steps[0]
        if not isinstance(first, FieldStep) or self.both.field(first.name) is not None:
            return True
        if self._is_poisoned():
            return False
        if first.name == self.stream.name and len(path.steps) > 1:
            self.check.reporter.error(
                UNKNOWN_NAME,
                f"the records of '{first.name}' are called '{self.name}' here",
                first.span,
                fixes=(Fix(f"write {self.name}", (Edit(first.span, self.name),)),),
            )
        elif self.table.field(first.name) is not None:
            better = f"{self.name}.{show_name(first.name)}"
            self.check.reporter.error(
                UNKNOWN_NAME,
                f"`{show_name(first.name)}` is a field of the table: it is `{better}` here",
                first.span,
                fixes=(Fix(f"write `{better}`", (Edit(first.span, better),)),),
            )
        elif (
            len(path.steps) > 1
            and isinstance(second := path.steps[1], FieldStep)
            and (
                (of_row := self.row.field(second.name) is not None)
                or self.table.field(second.name) is not None
            )
        ):
            self._qualified(first, second, of_row=of_row)
        else:
            inside = (f"{self.name}.{name}" for name in self.table.names)
            whole = ".".join(s.name for s in path.steps[:2] if isinstance(s, FieldStep))
            near = nearest(whole, inside) if len(path.steps) > 1 else ()
            self._unknown(first, {*self.both.names, *self.table.names}, near)
        return False

    def _qualified(self, first: FieldStep, second: FieldStep, *, of_row: bool) -> None:
        """``flights.origin``: a name before a field that is none of its record here."""
        field = show_name(second.name)
        better = field if of_row else f"{self.name}.{field}"
        note = f"a match is called '{self.name}'; `as {first.name}` calls it so"
        self.check.reporter.error(
            UNKNOWN_NAME,
            f"nothing is called '{first.name}' here",
            first.span,
            notes=("fields of the record have no name before them" if of_row else note,),
            fixes=(
                Fix(
                    f"write `{better}`",
                    (Edit(first.span.to(second.span), better),),
                    Safety.UNSAFE,
                ),
            ),
        )

    def _unknown(self, step: FieldStep, names: set[str], near: tuple[str, ...] = ()) -> None:
        edit = step.span
        found = near or nearest(step.name, names)
        if near:
            found = tuple(name.partition(".")[0] for name in near)
        elif found and self.inside and self.both.field(found[0]) is None:
            found = (f"{self.name}.{show_name(found[0])}",)
        self.check.reporter.error(
            UNKNOWN_NAME,
            f"neither record has a field `{show_name(step.name)}`",
            step.span,
            at=f"did you mean `{found[0]}`?" if found else "",
            notes=self._fields(),
            fixes=tuple(
                Fix(f"write `{name}`", (Edit(edit, name),), Safety.UNSAFE) for name in found[:1]
            ),
        )

    def _fields(self) -> tuple[str, ...]:
        prefix = f"{self.name}." if self.inside else ""
        return (
            f"the record has {_listed(self.row.names)}",
            f"{self.stream.name or 'the table'} has {_listed(self.table.names, prefix)}",
        )

    def _is_poisoned(self) -> bool:
        return any(
            isinstance(field.type, Poison) for field in (*self.row.fields, *self.table.fields)
        )

    def _is_right(self, expr: Expr) -> bool | None:
        """Whether an expression reads the match alone; None where it reads both, or nothing."""
        heads = {step.name == self.name for step in map(_head, paths(expr)) if step is not None}
        return heads.pop() if len(heads) == 1 else None

    def _all_in(self, expr: Expr, record: Record) -> bool:
        found = [_head(path) for path in paths(expr)]
        return bool(found) and all(step and record.field(step.name) for step in found)


def _head(path: Path) -> FieldStep | None:
    first = path.steps[0]
    return first if isinstance(first, FieldStep) else None


def _conjuncts(written: Sequence[Expr]) -> list[Expr]:
    """What must all be true, one by one."""
    found: list[Expr] = []
    waiting = list(reversed(written))
    while waiting:
        expr = waiting.pop()
        if isinstance(expr, Logic) and expr.operator == "and":
            waiting.extend(reversed(expr.operands))
        else:
            found.append(expr)
    return found


def _all_of(conditions: Sequence[Typed]) -> Typed | None:
    if len(conditions) <= 1:
        return conditions[0] if conditions else None
    null = any(may_be_null(condition.type) for condition in conditions)
    return TypedLogic("and", tuple(conditions), nullable(BOOL) if null else BOOL)


def _agree(left: Type, right: Type) -> bool:
    """Whether values of two types are equal exactly where they are the same."""
    return any(
        is_subtype(one, other) and not changes_value(one, other)
        for one, other in ((left, right), (right, left))
    )


def _listed(names: tuple[str, ...], prefix: str = "") -> str:
    shown = ", ".join(f"`{prefix}{show_name(name)}`" for name in names[:8])
    more = len(names) - 8
    return f"{shown} and {more} more" if more > 0 else shown or "no fields"
