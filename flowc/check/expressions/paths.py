"""Paths: fields of the row, and what can be reached inside them."""

from __future__ import annotations

from flowc.check.expressions.context import Walk, bare, is_null, is_wrong, wrong
from flowc.diagnostics.codes import declare
from flowc.diagnostics.suggest import nearest
from flowc.model.diagnostic import Edit, Fix, Label, Safety
from flowc.model.expr import Arithmetic, Expr, FieldStep, IndexStep, Inside, Path
from flowc.model.source import Span
from flowc.model.typed import Column, Get, Index, Typed
from flowc.model.types import (
    DATE,
    INT,
    JSON,
    STRING,
    TIMESTAMP,
    Field,
    ListType,
    MapType,
    Openness,
    Poison,
    Record,
    Type,
    Union,
    nullable,
)
from flowc.types.members import member_field, names_of_members, tags_with
from flowc.types.relate import is_integer, is_textual
from flowc.types.show import label, quoted, show, show_name

UNKNOWN_FIELD = declare("FC0302", "unknown-field", "A record has no field of that name")
NOT_EVERY_MEMBER = declare(
    "FC0330", "not-every-member", "A field that only some members of a union have"
)
NOT_A_RECORD = declare("FC0314", "not-a-record", "Something inside a value that has no inside")
BAD_INDEX = declare("FC0315", "bad-index", "An index of the wrong type, or into no list or map")
DASHED = declare(
    "FC0311", "dashed-field", "A dash that reads as minus stands where a field's name has one"
)


def path(walk: Walk, node: Path, row: Record) -> Typed:
    """A path as a value: a column of the row, then what is reached inside it."""
    names: list[str] = []
    here: Type = row
    null, present, reached = False, True, True
    steps = list(node.steps)
    while steps and isinstance(steps[0], FieldStep):
        inside = bare(here, walk)
        if names and not isinstance(inside, Record | Union):
            break
        step = steps.pop(0)
        assert isinstance(step, FieldStep)
        assert isinstance(inside, Record | Union)
        field = _field(walk, step, inside, tuple(names))
        if field is None:
            return wrong(node.span)
        names.append(step.name)
        here = field.type
        reached = present and not null
        null = null or field.optional or is_null(here, walk)
        present = present and not field.optional
    span = node.span if not steps else _until(node, len(node.steps) - len(steps))
    inner = bare(here, walk)
    typed: Typed = Column(
        tuple(names), nullable(inner) if null else inner, present, span, reached=reached
    )
    if isinstance(inner, Poison):
        return wrong(node.span)
    for step in steps:
        typed = (
            _inside(walk, typed, step, node)
            if isinstance(step, FieldStep)
            else _item(walk, typed, step, row)
        )
        if is_wrong(typed):
            break
    return typed


def inside(walk: Walk, node: Inside, row: Record) -> Typed:
    """A step into a value that is computed."""
    base = walk.infer(node.base, row)
    if is_wrong(base):
        return wrong(node.span)
    if isinstance(node.step, FieldStep):
        return _inside(walk, base, node.step, node)
    return _item(walk, base, node.step, row)


def field_at(walk: Walk, node: Path, row: Record) -> Field | None:
    """The field at a path of names; reported where there is none.

    A field behind one that may be null or absent is given as it is declared, with
    ``optional`` where any step may be absent and a nullable type where any may be null.
    """
    here: Type = row
    found: Field | None = None
    null, optional = False, False
    for number, step in enumerate(node.steps):
        inside = bare(here, walk)
        if isinstance(inside, Poison):
            return None
        if not isinstance(step, FieldStep) or not isinstance(inside, Record | Union):
            if isinstance(step, FieldStep):
                _no_inside(walk, here, step, node)
            else:
                walk.reporter.error(
                    BAD_INDEX, "only fields can stand here, no item of a list", step.span
                )
            return None
        found = _field(
            walk,
            step,
            inside,
            tuple(s.name for s in node.steps[:number] if isinstance(s, FieldStep)),
        )
        if found is None:
            return None
        here = found.type
        optional = optional or found.optional
        null = null or is_null(here, walk)
    if found is None or isinstance(bare(here, walk), Poison):
        return None
    type = nullable(found.type) if null else found.type
    if type == found.type and optional == found.optional:
        return found
    return Field(found.name, type, optional, found.refinement, found.origin)


def _until(node: Path, count: int) -> Span:
    return node.steps[0].span.to(node.steps[count - 1].span)


def _field(
    walk: Walk, step: FieldStep, record: Record | Union, before: tuple[str, ...]
) -> Field | None:
    if isinstance(record, Union):
        found = member_field(record, step.name, walk.types)
        if found is None:
            _no_member(walk, step, record, before)
        return found
    field = record.field(step.name)
    if field is None and record.members is not None:
        _no_member(walk, step, record.members, before)
    elif field is None and not any(isinstance(f.type, Poison) for f in record.fields):
        _unknown(walk, step, record, before)
    return field


def _unknown(walk: Walk, step: FieldStep, record: Record, before: tuple[str, ...]) -> None:
    near: tuple[str | tuple[str, str], ...] = nearest(step.name, record.names)
    near = near or _inside_of(walk, step.name, record)
    owner = f"`{'.'.join(map(show_name, before))}`" if before else "the record"
    names = ", ".join(f"`{show_name(name)}`" for name in record.names[:8])
    more = len(record.names) - 8
    notes = [
        f"{owner} has {names}{f' and {more} more' if more > 0 else ''}"
        if record.names
        else f"{owner} has no fields"
    ]
    if record.openness is Openness.REST:
        notes.append("fields kept by `...` have no type; declare the field to use it")
    elif record.openness is Openness.UNSEEN and not before:
        notes.append("its type was inferred from a sample; `as Type` declares fields it lacks")
    labels: tuple[Label, ...] = ()
    if record.span is not None:
        labels = (Label(record.span, f"{label(record)} is declared here"),)
    walk.reporter.error(
        UNKNOWN_FIELD,
        f"there is no field `{show_name(step.name)}`" + (f" in {owner}" if before else ""),
        step.span,
        at="did you mean " + " or ".join(f"`{_shown(n)}`" for n in near) + "?" if near else "",
        labels=labels,
        notes=notes,
        fixes=tuple(
            Fix(
                f"write `{_shown(name)}`",
                (Edit(step.span, _shown(name)),),
                Safety.UNSAFE,
            )
            for name in near[:1]
        ),
    )


def _inside_of(walk: Walk, name: str, record: Record) -> tuple[str | tuple[str, str], ...]:
    """Where a name is known inside a record's fields: as that of a record, or of a field in it."""
    found: list[str | tuple[str, str]] = []
    for field in record.fields:
        inner = bare(field.type, walk)
        if isinstance(inner, Record) and inner.name == name:
            found.append(field.name)
        elif isinstance(inner, Record) and inner.field(name) is not None:
            found.append((field.name, name))
    return tuple(found[:2])


def _shown(name: str | tuple[str, str]) -> str:
    return show_name(name) if isinstance(name, str) else ".".join(map(show_name, name))


def _inside(walk: Walk, base: Typed, step: FieldStep, node: Path | Inside) -> Typed:
    """A field of a computed record, a key of json or of a map."""
    inner = bare(base.type, walk)
    null = is_null(base.type, walk)
    start = node.base.span if isinstance(node, Inside) else node.steps[0].span
    span = start.to(step.span)
    match inner:
        case MapType(value):
            return Get(base, step.name, nullable(value), span)
        case Record() | Union():
            field = _field(walk, step, inner, ())
            if field is None:
                return wrong(span)
            type = bare(field.type, walk)
            null = null or field.optional or is_null(field.type, walk)
            return Get(base, step.name, nullable(type) if null else type, span)
        case _ if inner == JSON:
            return Get(base, step.name, JSON, span)
    _no_inside(walk, base.type, step, node)
    return wrong(span)


def _no_member(walk: Walk, step: FieldStep, union: Union, before: tuple[str, ...]) -> None:
    """Report a field that not every member of a union has, with the test that would do."""
    having = tags_with(union, step.name, walk.types)
    owner = f"`{'.'.join(map(show_name, before))}`" if before else (union.name or "the record")
    name = show_name(step.name)
    if not having:
        names = names_of_members(union, walk.types)
        near = nearest(step.name, names)
        listed = ", ".join(f"`{show_name(each)}`" for each in names[:8])
        walk.reporter.error(
            UNKNOWN_FIELD,
            f"there is no field `{name}` in {owner}",
            step.span,
            at="did you mean " + " or ".join(f"`{show_name(n)}`" for n in near) + "?"
            if near
            else "",
            notes=(f"its members have {listed}",),
            fixes=tuple(
                Fix(f"write `{show_name(n)}`", (Edit(step.span, show_name(n)),), Safety.UNSAFE)
                for n in near[:1]
            ),
        )
        return
    tag = ".".join(map(show_name, (*before, union.discriminator)))
    shown = ", ".join(quoted(each) for each in having[:5])
    test = f"{tag} == {shown}" if len(having) == 1 else f"{tag} in ({shown})"
    if len(having) == len(union.variants):
        walk.reporter.error(
            NOT_EVERY_MEMBER,
            f"`{name}` has another type in each member of {owner}",
            step.span,
            notes=(f'test for one of them first, as in `filter {tag} == "{having[0]}"`',),
        )
        return
    walk.reporter.error(
        NOT_EVERY_MEMBER,
        f"not every member of {owner} has `{name}`: only {shown}",
        step.span,
        at="it may be another member",
        notes=(
            f"keep those first (`filter {test}`), ask for them (`if {test} then … else null`), or "
            "give each a branch of `route`",
        ),
    )


def _no_inside(walk: Walk, type: Type, step: FieldStep, node: Path | Inside) -> None:
    inner = bare(type, walk)
    before = node.span.source.text[node.span.start : step.span.start].rstrip(".")
    notes: tuple[str, ...] = ()
    fixes: tuple[Fix, ...] = ()
    match inner:
        case ListType():
            notes = (f"take one item (`{before}[0].{step.name}`), or `explode` the list",)
        case _ if inner in (TIMESTAMP, DATE) and step.name in ("year", "month", "day", "hour"):
            call = f"{step.name}({before})"
            fixes = (Fix(f"write `{call}`", (Edit(node.span, call),)),)
        case _ if inner == STRING:
            notes = ("a text that holds JSON is read by `parse` first",)
    walk.reporter.error(
        NOT_A_RECORD,
        f"`{before}` is {label(inner)}, which has no field `{show_name(step.name)}`",
        step.span,
        notes=notes,
        fixes=fixes,
    )


def _item(walk: Walk, base: Typed, step: IndexStep, row: Record) -> Typed:
    """``base[index]``: an item of a list, a key of a map or of json; missing gives null."""
    inner = bare(base.type, walk)
    index = walk.infer(step.index, row)
    if is_wrong(index):
        return wrong(step.span)
    kind = bare(index.type, walk)
    span = base.span.to(step.span) if base.span is not None else step.span
    match inner:
        case ListType(item) if is_integer(kind):
            return Index(base, index, nullable(item), span)
        case MapType(value) if is_textual(kind):
            return Index(base, index, nullable(value), span)
        case _ if inner == JSON and (is_integer(kind) or is_textual(kind)):
            return Index(base, index, JSON, span)
        case ListType() | MapType():
            wanted = INT if isinstance(inner, ListType) else STRING
            walk.reporter.error(
                BAD_INDEX,
                f"an index of {label(inner)} is {show(wanted)}, not {label(kind)}",
                step.index.span,
                at=f"this is {label(kind)}",
            )
        case Record():
            walk.reporter.error(
                BAD_INDEX,
                "a field of a record is written with a dot",
                step.span,
                notes=('a field with an odd name: a."the name"',),
            )
        case _:
            walk.reporter.error(
                BAD_INDEX,
                f"{label(inner)} has no items",
                step.span,
                notes=("lists, maps and json have",)
                + (
                    ("`substr(text, start, length)` takes a part of a text",)
                    if is_textual(inner)
                    else ()
                ),
            )
    return wrong(step.span)


def dashed(walk: Walk, node: Arithmetic, row: Record) -> bool:
    """Whether ``a-b`` was written where the row has a field of that name.

    Reported: an error where the row does not have both ``a`` and ``b``, else a warning.
    """
    if node.operator != "-":
        return False
    parts = _glued(node)
    if parts is None:
        return False
    name = "-".join(parts)
    if row.field(name) is None:
        return False
    quoted = f"`{name}`"
    fix = Fix(f"quote the field: {quoted}", (Edit(node.span, quoted),))
    if all(row.field(part) is not None for part in parts):
        walk.reporter.warning(
            DASHED,
            f"this subtracts, though the record has a field {quoted}",
            node.span,
            notes=("blanks around the minus say that it subtracts",),
            fixes=(Fix(fix.title, fix.edits, Safety.UNSAFE),),
        )
        return False
    walk.reporter.error(
        DASHED,
        f"a dash subtracts here; the field {quoted} must be quoted",
        node.span,
        fixes=(fix,),
    )
    return True


def _glued(node: Expr) -> tuple[str, ...] | None:
    """The names in ``a-b-c`` written without blanks; None for anything else."""
    parts: list[str] = []
    while isinstance(node, Arithmetic):
        right = _simple(node.right)
        glued = (
            node.left.span.end == node.operator_span.start
            and node.operator_span.end == node.right.span.start
        )
        if node.operator != "-" or right is None or not glued:
            return None
        parts.append(right)
        node = node.left
    left = _simple(node)
    return None if left is None else (left, *reversed(parts))


def _simple(node: Expr) -> str | None:
    if isinstance(node, Path) and len(node.steps) == 1:
        step = node.steps[0]
        if isinstance(step, FieldStep) and not step.quoted:
            return step.name
    return None
