"""Schema files: the project's types and what its processors promise.

    types:
      Payment:
        amount: number                       # the notation of types
        note?: string                        # may be absent
        card: {number: string, year: int}    # a nested record
        email: {type: string, pii: true, pattern: "@"}
      Currency: {enum: [USD, EUR]}
      Method: {union: kind, variants: {card: Card, cash: Cash}}
      Order: {$import: api.yaml#/components/schemas/Order}
      $import: [events.schema.json]          # all types of a document
    processors:
      validate-payment: {input: RawTransaction, output: Payment, errors: [ValidationError]}

What is imported is read when the whole project is known: see `project.imports`.
A map with ``type`` whose other keys all describe a field is a field written at length;
a record that has a field of that name is written under ``fields:``. Names may stand in
other files: `merge_schemas` brings the files of a project together and checks them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

from flowc.diagnostics.codes import declare
from flowc.diagnostics.reporter import Reporter
from flowc.diagnostics.suggest import nearest
from flowc.model.diagnostic import Edit, Fix, Label, Safety
from flowc.model.expr import Template
from flowc.model.project import NamedType, ProcessorDecl
from flowc.model.source import Span, Text
from flowc.model.tree import ListValue, MapValue, NullValue, Option, Value
from flowc.model.types import (
    POISON,
    EnumType,
    Field,
    Openness,
    Record,
    Ref,
    Type,
    Union,
    Variant,
)
from flowc.types.endless import endless_names
from flowc.types.names import UNKNOWN, check_names, is_strange
from flowc.types.notation import parse_type
from flowc.types.refinement import REFINEMENT_KEYS, read_flag, read_refinement
from flowc.types.show import quoted, show, show_name
from flowc.types.words import RESERVED

UNKNOWN_KEY = declare("FC0353", "unknown-schema-key", "A schema file has a key nothing reads")
WRONG_FORM = declare("FC0354", "malformed-schema", "A part of a schema file has the wrong form")
DUPLICATE = declare("FC0355", "duplicate-type", "Two types or processors have one name")
ENDLESS = declare("FC0356", "endless-type", "A type contains itself, so that no value is of it")
IMPORT = declare("FC0357", "unsupported-import", "A schema imports what cannot be imported")
RESERVED_NAME = declare("FC0358", "reserved-type-name", "A type has a name of the language")

_TOP_KEYS = ("types", "processors", "$import")
_PROCESSOR_KEYS = ("input", "output", "errors", "doc")
#: What a map may hold that describes a field at length.
FIELD_KEYS = ("type", "fields", "optional", "doc", *REFINEMENT_KEYS)


@dataclass(frozen=True, slots=True)
class Import:
    """``Name: {$import: target}``; without a name all types of the target. ``span`` is where
    the name stands, ``place`` where the target does."""

    name: str | None
    target: str
    span: Span
    place: Span


@dataclass(frozen=True, slots=True)
class Schema:
    """The types and processors of one schema file, or of all once merged."""

    types: Mapping[str, NamedType] = field(default_factory=dict)
    processors: Mapping[str, ProcessorDecl] = field(default_factory=dict)
    imports: tuple[Import, ...] = ()


def read_schema(value: Value, reporter: Reporter, *, text_of: Callable[[Template], Text]) -> Schema:
    """Read one schema file. Names of types are not looked up yet: see `merge_schemas`.

    ``text_of`` gives the text of a scalar with the places of its characters in the file.
    """
    return _Reader(reporter, text_of).schema(value)


def merge_schemas(
    schemas: Iterable[Schema], reporter: Reporter, known: Collection[str] = ()
) -> Schema:
    """The schemas of a project as one, with every name in them checked.

    A name that two files define is reported at the second; an unknown name, and a type
    that contains itself without end, are reported and poisoned. A processor's whole input
    or output may have a name that only its own file defines: that is a warning. ``known``
    are further names that declarations may use (those of connectors' own types).
    """
    types: dict[str, NamedType] = {}
    processors: dict[str, ProcessorDecl] = {}
    for schema in schemas:
        for name, named in schema.types.items():
            if name in types:
                _duplicate("type", name, named.span, types[name].span, reporter)
            else:
                types[name] = named
        for name, declared in schema.processors.items():
            if name in processors:
                _duplicate("processor", name, declared.span, processors[name].span, reporter)
            else:
                processors[name] = declared
    checked = {
        name: replace(named, type=check_names(named.type, types, reporter, named.span))
        for name, named in types.items()
    }
    while endless := endless_names(checked):
        # One at a time: the others may be endless only because of it.
        name = endless[0]
        reporter.error(
            ENDLESS,
            f"the type `{show_name(name)}` contains itself without end",
            checked[name].span,
            notes=("somewhere on the way it must be optional (`b?: T`), `T?` or a list",),
        )
        checked[name] = replace(checked[name], type=POISON)
    names = {*checked, *known}

    def sure(type: Type | None, span: Span) -> Type | None:
        if type is None:
            return None
        if isinstance(type, Ref) and type.name not in names and is_strange(type.name, names):
            reporter.warning(
                UNKNOWN,
                f"the type `{show_name(type.name)}` is not defined, so nothing is checked by it",
                type.span or span,
                notes=("what the processor's own file says is taken instead",),
            )
            return None
        return check_names(type, names, reporter, span)

    return Schema(
        checked,
        {
            name: replace(
                declared,
                input=sure(declared.input, declared.span),
                output=sure(declared.output, declared.span),
            )
            for name, declared in processors.items()
        },
    )


def _duplicate(what: str, name: str, span: Span, first: Span, reporter: Reporter) -> None:
    reporter.error(
        DUPLICATE,
        f"the {what} `{show_name(name)}` is defined twice",
        span,
        labels=(Label(first, "defined here first"),),
        notes=("rename or remove one of them",),
    )


class _Reader:
    def __init__(self, reporter: Reporter, text_of: Callable[[Template], Text]) -> None:
        self._reporter = reporter
        self._text_of = text_of
        self._imports: list[Import] = []

    def schema(self, value: Value) -> Schema:
        if isinstance(value, NullValue):
            return Schema()
        top = self._map(value, "a schema file", "`types:` and `processors:`")
        types: dict[str, NamedType] = {}
        processors: dict[str, ProcessorDecl] = {}
        for option in top:
            match option.key.text:
                case "types":
                    for entry in self._entries(option, "`Name: {field: type}`"):
                        self._named(entry, types)
                case "processors":
                    for entry in self._entries(option, "`name: {input: T, output: T}`"):
                        self._processor(entry, processors)
                case "$import":
                    self._import_all(option)
                case _:
                    self._unknown(option, _TOP_KEYS, "a schema file")
        return Schema(types, processors, tuple(self._imports))

    # Types

    def _named(self, entry: Option, types: dict[str, NamedType]) -> None:
        name, span = entry.key.text, entry.key.span
        if name == "$import":
            self._import_all(entry)
            return
        if name in RESERVED:
            self._reporter.error(
                RESERVED_NAME,
                f"`{name}` is a type of the language; choose another name",
                span,
                fixes=(
                    Fix(
                        f"call it `{name.capitalize()}`",
                        (Edit(span, name.capitalize()),),
                        Safety.UNSAFE,
                    ),
                ),
            )
            return
        if self._import_one(entry, types):
            return
        type = self._definition(entry)
        if isinstance(type, Record | Union):
            type = replace(type, name=name)
        imported = next((one.span for one in self._imports if one.name == name), None)
        first = types[name].span if name in types else imported
        if first is not None:
            _duplicate("type", name, span, first, self._reporter)
            return
        types[name] = NamedType(name, type, span)

    def _definition(self, entry: Option) -> Type:
        """What stands behind a type's name: notation, fields, an enum or a union."""
        value = entry.value
        if isinstance(value, MapValue):
            return self._choice(value) or self._record(value)
        return self._type(value)

    def _choice(self, value: MapValue) -> Type | None:
        """``{enum: […]}`` or ``{union: field, variants: {…}}``; None for other maps."""
        keys = {option.key.text: option for option in value.entries}
        if set(keys) <= {"enum", "doc"} and isinstance(_value(keys, "enum"), ListValue):
            return self._enum(keys["enum"])
        if set(keys) <= {"union", "variants", "doc"} and {"union", "variants"} <= set(keys):
            return self._union(keys["union"], keys["variants"])
        return None

    def _enum(self, option: Option) -> Type:
        assert isinstance(option.value, ListValue)
        values: list[str] = []
        for item in option.value.items:
            text = self._text(item, "a value of the enum")
            if text is not None and text in values:
                self._wrong(f"{quoted(text)} stands twice in the enum", item.span)
            elif text is not None:
                values.append(text)
        if not values:
            self._wrong("an enum has at least one value", option.value.span)
            return POISON
        return EnumType(tuple(values))

    def _union(self, union: Option, variants: Option) -> Type:
        discriminator = self._text(union.value, "the field that tells the variants")
        entries = self._entries(variants, "`tag: Type`")
        found = tuple(Variant(entry.key.text, self._nested(entry.value)) for entry in entries)
        if discriminator is None or not found:
            return POISON
        return Union(discriminator, found)

    def _nested(self, value: Value) -> Type:
        """A type inside another: notation, or a record written as a map."""
        if isinstance(value, MapValue):
            return self._choice(value) or self._record(value)
        return self._type(value)

    def _type(self, value: Value) -> Type:
        """The type that a scalar writes down."""
        if isinstance(value, ListValue):
            inner = self._nested(value.items[0]) if len(value.items) == 1 else POISON
            meant = f"list<{show(inner)}>" if inner != POISON else "list<T>"
            self._wrong(
                f"a list of types is no type; a list's type is written `{meant}`",
                value.span,
                fixes=(Fix(f"write `{meant}`", (Edit(value.span, meant),)),)
                if inner != POISON
                else (),
            )
            return POISON
        text = self._text(value, "a type")
        if text is None or not isinstance(value, Template):
            return POISON
        return parse_type(self._text_of(value), self._reporter)

    def _mended(self, value: MapValue) -> MapValue:
        """The map with types put together that YAML cut at their comma, each reported.

        ``{amount: decimal(10, 2)}`` is to YAML the text ``decimal(10`` and a key ``2)``.
        """
        whole: list[Option] = []
        for entry in value.entries:
            before = whole[-1] if whole else None
            if (
                before is not None
                and isinstance(entry.value, NullValue)
                and isinstance(before.value, Template)
                and _is_open(before.value.span.text)
            ):
                span = before.value.span.to(entry.key.span)
                joined = Template((span.text,), span, bare=True)
                whole[-1] = replace(before, value=joined)
                if not _is_open(span.text):
                    self._wrong(
                        "YAML ends this type at its comma; put it in quotes",
                        span,
                        fixes=(Fix("quote the type", (Edit(span, f"'{span.text}'"),)),),
                    )
                continue
            whole.append(entry)
        return replace(value, entries=tuple(whole))

    def _record(self, value: MapValue) -> Record:
        value = self._mended(value)
        fields: dict[str, Field] = {}
        spans: dict[str, Span] = {}
        openness = Openness.CLOSED
        for entry in value.entries:
            if entry.key.text == "...":
                openness = Openness.REST
                continue
            if entry.key.text == "$import":
                self._reporter.error(
                    IMPORT,
                    "an import stands under the name of a type",
                    entry.key.span,
                    notes=("for example `types: {Payment: {$import: payment.schema.json}}`",),
                )
                continue
            found = self._field(entry)
            if found.name in fields:
                self._reporter.error(
                    DUPLICATE,
                    f"the field `{show_name(found.name)}` stands twice",
                    entry.key.span,
                    labels=(Label(spans[found.name], "it stands here first"),),
                )
                continue
            fields[found.name] = found.because("was declared", entry.key.span)
            spans[found.name] = entry.key.span
        return Record(tuple(fields.values()), openness, None, value.span)

    def _field(self, entry: Option) -> Field:
        name = entry.key.text
        optional = len(name) > 1 and name.endswith("?")
        if optional:
            name = name[:-1]
        value = entry.value
        if isinstance(value, MapValue):
            value = self._mended(value)
        if not isinstance(value, MapValue) or not self._is_long(value):
            return Field(name, self._nested(value), optional)
        options = {option.key.text: option for option in value.entries}
        for option in value.entries:
            if option.key.text not in FIELD_KEYS:
                self._unknown(
                    option,
                    FIELD_KEYS,
                    "a field",
                    notes=("a record that has a field `type` is written under `fields:`",),
                )
        written = options.get("fields") or options["type"]
        type = self._nested(written.value)
        may_be_absent = read_flag(options.get("optional"), self._reporter)
        refinement = read_refinement(options, type, self._reporter)
        return Field(name, type, optional or may_be_absent, refinement)

    def _is_long(self, value: MapValue) -> bool:
        """Whether a map describes a field, rather than lists the fields of a record."""
        keys = [option.key.text for option in value.entries]
        if "fields" in keys and any(
            option.key.text == "fields" and isinstance(option.value, MapValue)
            for option in value.entries
        ):
            return set(keys) <= set(FIELD_KEYS)
        if "type" not in keys:
            return False
        return all(key in FIELD_KEYS or nearest(key, REFINEMENT_KEYS) for key in keys)

    # Processors

    def _processor(self, entry: Option, processors: dict[str, ProcessorDecl]) -> None:
        name, span = entry.key.text, entry.key.span
        input: Type | None = None
        output: Type | None = None
        errors: tuple[str, ...] = ()
        for option in self._entries(entry, "`input`, `output` and `errors`"):
            match option.key.text:
                case "input":
                    input = self._nested(option.value)
                case "output":
                    output = self._nested(option.value)
                case "errors":
                    errors = self._errors(option.value)
                case "doc":
                    self._text(option.value, "a text")
                case _:
                    self._unknown(option, _PROCESSOR_KEYS, f"the processor `{name}`")
        if name in processors:
            _duplicate("processor", name, span, processors[name].span, self._reporter)
            return
        processors[name] = ProcessorDecl(name, input, output, errors, span)

    def _errors(self, value: Value) -> tuple[str, ...]:
        items = value.items if isinstance(value, ListValue) else (value,)
        names = [self._text(item, "the name of an error") for item in items]
        return tuple(dict.fromkeys(name for name in names if name))

    # Values

    def _entries(self, option: Option, form: str) -> tuple[Option, ...]:
        return self._map(option.value, f"`{option.key.text}`", form)

    def _map(self, value: Value, what: str, form: str) -> tuple[Option, ...]:
        if isinstance(value, MapValue):
            return value.entries
        self._wrong(f"{what} must be a map: {form}", value.span)
        return ()

    def _text(self, value: Value, what: str) -> str | None:
        if not isinstance(value, Template):
            self._wrong(f"{what} must be a text", value.span)
            return None
        if value.plain is None:
            self._wrong("variables are not read in schema files", value.span)
        return value.plain

    def _wrong(self, message: str, span: Span, fixes: tuple[Fix, ...] = ()) -> None:
        self._reporter.error(WRONG_FORM, message, span, fixes=fixes)

    def _unknown(
        self, option: Option, keys: tuple[str, ...], where: str, notes: tuple[str, ...] = ()
    ) -> None:
        word, span = option.key.text, option.key.span
        near = nearest(word, keys, 1)
        self._reporter.error(
            UNKNOWN_KEY,
            f"{where} has no key `{word}`",
            span,
            at=f"did you mean `{near[0]}`?" if near else "",
            notes=(f"it has {', '.join(f'`{key}`' for key in keys)}", *notes),
            fixes=(Fix(f"write `{near[0]}`", (Edit(span, near[0]),), Safety.UNSAFE),)
            if near
            else (),
        )

    # Imports

    def _import_all(self, option: Option) -> None:
        """``$import: FILE``, or a list of files."""
        items = option.value.items if isinstance(option.value, ListValue) else (option.value,)
        for item in items:
            self._imported(None, item, option.key.span)

    def _import_one(self, entry: Option, types: Mapping[str, NamedType]) -> bool:
        """Whether a type is an import: ``Name: {$import: FILE}``."""
        value = entry.value
        if not isinstance(value, MapValue) or len(value.entries) != 1:
            return False
        if value.entries[0].key.text != "$import":
            return False
        name, span = entry.key.text, entry.key.span
        others = {one.name: one.span for one in self._imports if one.name}
        first = types[name].span if name in types else others.get(name)
        if first is not None:
            _duplicate("type", name, span, first, self._reporter)
        else:
            self._imported(name, value.entries[0].value, span)
        return True

    def _imported(self, name: str | None, value: Value, span: Span) -> None:
        target = self._text(value, "what is imported")
        if target == "":
            self._wrong("a file is missing: `$import: api.yaml`", value.span)
        elif target is not None:
            self._imports.append(Import(name, target, span, value.span))


def _is_open(text: str) -> bool:
    """Whether brackets stay open at the end of an unquoted type."""
    return any(text.count(left) > text.count(right) for left, right in ("()", "<>"))


def _value(keys: Mapping[str, Option], name: str) -> Value | None:
    option = keys.get(name)
    return option.value if option else None
