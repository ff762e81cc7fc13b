"""``flatten address [with "_"]``: the fields of a nested record at the top."""

from __future__ import annotations

from dataclasses import dataclass, replace

from flowc.catalog.shared import names_of, stage_text, taken, without_key
from flowc.catalog.spec import (
    Arguments,
    CheckContext,
    Form,
    LowerContext,
    Lowered,
    Operator,
    OperatorExample,
    Outcome,
    Parameter,
)
from flowc.diagnostics.codes import declare
from flowc.model.effects import Facts
from flowc.model.expr import Literal, Path, Template
from flowc.model.graph import Lineage
from flowc.model.plan import Project
from flowc.model.source import Span
from flowc.model.typed import Column, Const, If, In, Typed, columns
from flowc.model.types import (
    BOOL,
    JSON,
    NULL,
    POISON,
    EnumType,
    Field,
    Poison,
    Record,
    Type,
    Union,
    may_be_null,
    nullable,
    strip_null,
)
from flowc.types.members import member_field, names_of_members, tags_with, with_tags
from flowc.types.show import label, show_name

NOT_A_RECORD = declare("FC0365", "flatten-non-record", "What is flattened is not a record")
NESTED_FLATTEN = declare(
    "FC0366", "nested-flatten", "`flatten` is for the fields of the record itself"
)

SEVERAL_KINDS = declare(
    "FC0398", "flatten-several-kinds", "Members of a union have a field of several kinds"
)


@dataclass(frozen=True, slots=True)
class Part:
    """A field that comes to the top, and the path it is carried from, with the value that it becomes."""

    field: Field
    way: tuple[str, ...]
    value: Typed


class Flatten(Operator):
    name = "flatten"
    kind = "shape"
    summary = "brings the fields of a nested record to the top"
    doc = (
        "The fields take the place of the record, each called by the record's name, the "
        'separator (`"_"` unless `with` says another) and its own name. A record that may be '
        "null or absent gives fields that are null then. One level is flattened: a record "
        "inside it stays one, and can be flattened by another stage. Of a tagged union, what "
        'only some members have is null for the others. `with ""` joins the names without a '
        "separator."
    )
    form = 'flatten a, b [with "_"]'
    parameters = (
        Parameter("fields", Form.PATHS, "the nested records"),
        Parameter(
            "with", Form.TEXT, "what stands between the names", clause="with", required=False
        ),
    )
    corrections = {"spread": "flatten", "unwrap": "flatten", "unpack": "flatten"}
    examples = (
        OperatorExample(
            "An address at the top",
            "flatten address",
            '{"id": 1, "address": {"city": "Bonn", "zip": "53111"}, "paid": true}',
            '{"id": 1, "address_city": "Bonn", "address_zip": "53111", "paid": true}',
        ),
        OperatorExample(
            "Another separator; a record that is null",
            'flatten geo with "."',
            '{"geo": {"lat": 50.7, "lon": 7.1}}\n{"geo": null}',
            '{"geo.lat": 50.7, "geo.lon": 7.1}\n{"geo.lat": null, "geo.lon": null}',
        ),
    )

    def infer(
        self, arguments: Arguments, row: Record, facts: Facts, check: CheckContext
    ) -> Outcome:
        paths: tuple[Path, ...] = arguments.get("fields")
        separator = _separator(arguments.get("with"))
        flat: dict[str, list[Part]] = {}
        for path in paths:
            found = _record(path, row, check)
            if found is None and path.names:
                # What would have come to the top is not known: one error is enough.
                unknown = Part(Field(path.names[0], POISON), path.names, Const(None, NULL))
                flat[path.names[0]] = [unknown]
            if found is not None:
                outer, inner = found
                flat[outer.name] = [
                    _part(outer, inner, name, separator, arguments, path.span, check)
                    for name in _names(inner, check)
                ]
        rest = tuple(field for field in row.fields if field.name not in flat)
        others = row.with_fields(rest)
        carried: dict[tuple[str, ...], tuple[str, ...]] = {}
        for path in paths:
            for part in flat.get((path.names or ("",))[0], []):
                name = part.field.name
                if (name,) in carried and carried[(name,)] != part.way:
                    taken(name, Record((part.field,)), path.span, check, arguments.word.text)
                else:
                    taken(name, others, path.span, check, arguments.word.text)
                carried[(name,)] = part.way
        parts: list[Part] = []
        for field in row.fields:
            parts += flat.get(field.name, [_same(field)])
        parts += [each for name in flat if row.field(name) is None for each in flat[name]]
        return Outcome(
            ports={"out": row.with_fields(tuple(part.field for part in parts))},
            facts=_facts(facts, flat),
            lineage=Lineage(
                reads=frozenset(path for part in parts for path in columns(part.value))
                if any(isinstance(part.value, If) for part in parts)
                else frozenset(),
                carried=carried,
            ),
            outcome=tuple(parts),
        )

    def lower(self, outcome: object, context: LowerContext) -> Lowered:
        parts: tuple[Part, ...] = outcome  # type: ignore[assignment]
        made = tuple((part.field.name, part.value) for part in parts)
        return (Project(context.node.id, made, context.ports["out"]),)


def _separator(written: Template | Literal | None) -> str:
    if isinstance(written, Literal):
        return written.text
    return "_" if written is None or written.plain is None else written.plain


def _record(path: Path, row: Record, check: CheckContext) -> tuple[Field, Record | Union] | None:
    """The field and the record in it; None where it was reported that there is none."""
    names = names_of(path, check)
    if names is None:
        return None
    field = check.field(path, row)
    if field is None or isinstance(field.type, Poison):
        return None
    if len(names) > 1:
        check.reporter.error(
            NESTED_FLATTEN,
            "a record inside another one cannot be flattened in place",
            path.span,
            notes=(f"flatten from outside: `flatten {names[0]}` first",),
        )
        return None
    inner = strip_null(field.type)
    if isinstance(inner, Record | Union):
        return field, inner
    notes: tuple[str, ...] = ()
    if inner == JSON:
        notes = ("its fields are not known: `set` takes out one by one, as in `x = a.x`",)
    check.reporter.error(
        NOT_A_RECORD,
        f"'{names[0]}' is {label(field.type)}, not a record",
        path.span,
        at=f"this is {label(field.type)}",
        notes=notes,
    )
    return None


def _names(inner: Record | Union, check: CheckContext) -> tuple[str, ...]:
    return inner.names if isinstance(inner, Record) else names_of_members(inner, check.types)


def _part(
    outer: Field,
    inner: Record | Union,
    name: str,
    separator: str,
    arguments: Arguments,
    span: Span,
    check: CheckContext,
) -> Part:
    """A field under its new name; null where the record around it is, or lacks it."""
    field, tags = _inside(inner, name, span, check)
    made = replace(field, name=f"{outer.name}{separator}{name}")
    if outer.optional or may_be_null(outer.type):
        made = replace(made, type=nullable(field.type), optional=False)
    way = (outer.name, name)
    there = not outer.optional and not may_be_null(outer.type)
    value: Typed = replace(_column(way, made.type, outer.optional or field.optional), reached=there)
    if tags:
        made = replace(made, type=nullable(field.type), optional=False)
        value = _where(outer, inner, tags, _column(way, nullable(field.type), field.optional))
    verb = f"was brought to the top by `{stage_text(arguments.span)}`"
    return Part(made.because(verb, arguments.span), way, value)


def _inside(
    inner: Record | Union, name: str, span: Span, check: CheckContext
) -> tuple[Field, tuple[str, ...]]:
    """A field of what is flattened, and the tags of the members that have it where not all
    do. Of several kinds in one name, the first member's is taken."""
    if isinstance(inner, Record):
        field = inner.field(name)
        assert field is not None
        return field, ()
    having = tags_with(inner, name, check.types)
    every = name == inner.discriminator or len(having) == len(inner.variants)
    field = member_field(inner if every else with_tags(inner, having), name, check.types)
    if field is None:
        check.reporter.error(
            SEVERAL_KINDS,
            f"`{show_name(name)}` has another type in each member of {label(inner)}",
            span,
            notes=("keep the records of one kind first, or `select` what is needed",),
        )
        field = Field(name, POISON)
    return field, () if every else having


def _where(outer: Field, inner: Record | Union, tags: tuple[str, ...], value: Typed) -> Typed:
    """The value for the members of these tags, null for the others."""
    assert isinstance(inner, Union)
    kind = EnumType(tuple(variant.tag for variant in inner.variants))
    null = outer.optional or may_be_null(outer.type)
    tag = _column((outer.name, inner.discriminator), nullable(kind) if null else kind, False)
    test = In(
        tag,
        tuple(Const(each, kind) for each in tags),
        None,
        False,
        nullable(BOOL) if null else BOOL,
    )
    return If(test, value, Const(None, NULL), value.type)


def _column(way: tuple[str, ...], type: Type, absent: bool) -> Column:
    return Column(way, nullable(type) if absent else type, present=not absent)


def _same(field: Field) -> Part:
    """A field that stays as it is."""
    return Part(field, (field.name,), _column((field.name,), field.type, field.optional))


def _facts(facts: Facts, flat: dict[str, list[Part]]) -> Facts:
    """Keys inside a flattened record end; its clock goes on where it is one of the fields."""
    made = without_key(facts, frozenset(flat))
    time = facts.time
    if time is not None and time.field[0] in flat:
        names = {part.way: part.field.name for part in flat[time.field[0]]}
        new = names.get(time.field[:2])
        if new is not None:
            made = replace(made, time=replace(time, field=(new, *time.field[2:])))
    return made


OPERATOR = Flatten()
