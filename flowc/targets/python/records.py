"""Record types as msgspec Structs: one class for each shape."""

from __future__ import annotations

import ast
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import assert_never

from flowc.model.types import (
    DecimalType,
    EnumType,
    Field,
    Kind,
    ListType,
    MapType,
    Never,
    Nullable,
    NullType,
    Openness,
    Poison,
    Record,
    Ref,
    Scalar,
    Type,
    Union,
    Variant,
)
from flowc.targets.base import EmissionError
from flowc.targets.names import Names, attribute_names
from flowc.targets.python.imports import Imports
from flowc.targets.python.syntax import call, generic
from flowc.targets.python.views import AliasView, ClassView, FieldView
from flowc.types.resolve import variant_record

_BUILTIN = {Kind.BOOL: "bool", Kind.FLOAT: "float", Kind.STRING: "str", Kind.BYTES: "bytes"}
_WIDE = {
    Kind.INT: "Int64",
    Kind.INT32: "Int32",
    Kind.UINT32: "UInt32",
    Kind.UINT64: "UInt64",
    Kind.BIGINT: "BigInt",
}
_TIMES = {Kind.TIMESTAMP: "datetime", Kind.DATE: "date", Kind.DURATION: "timedelta"}


@dataclass(frozen=True, slots=True)
class RecordClass:
    """A class of ``types.py``. ``attributes``: field -> attribute; that of the field ``tag``
    is the same for every record of the class."""

    name: str
    record: Record
    attributes: Mapping[str, str]
    tag: str | None = None

    @property
    def keeps_rest(self) -> bool:
        """Whether it has an attribute ``rest_`` with the members that the type does not name."""
        return self.record.openness is Openness.REST


def shape(type: Type) -> Hashable:
    """What two types share when one class serves both: fields, types, presence.

    Names, openness and refinements are left out.
    """
    match type:
        case Record(members=Union() as members):
            return ("row", shape(members))
        case Record(fields=fields, openness=openness):
            parts = tuple((f.name, shape(f.type), f.optional) for f in fields)
            return ("record", parts, openness is Openness.REST)
        case Nullable(inner=inner):
            return ("nullable", shape(inner))
        case ListType(item=item):
            return ("list", shape(item))
        case MapType(value=value):
            return ("map", shape(value))
        case Union(discriminator=discriminator, variants=variants):
            return ("union", discriminator, tuple((v.tag, shape(v.type)) for v in variants))
        case _:
            return type


class RecordClasses:
    """The classes of a project, in the order they must be declared.

    ``types`` are the user's named types: what a ``Ref`` stands for.
    """

    def __init__(self, names: Names, types: Mapping[str, Type] | None = None) -> None:
        self.imports = Imports()
        self._types = types or {}
        self._names = names
        self._classes: dict[Hashable, RecordClass] = {}
        self._made: list[RecordClass] = []
        self._views: list[ClassView] = []
        self._open: dict[str, str] = {}
        self._unions: dict[Hashable, ast.expr] = {}
        self._aliases: list[AliasView] = []

    def declare(
        self,
        record: Record,
        hint: str,
        doc: str,
        *,
        whole: bool | None = None,
        inside: frozenset[str] = frozenset(),
    ) -> RecordClass:
        """The class of a record, made where none has its shape.

        ``hint`` names it unless the record has a name. ``whole``: whether what is decoded into
        it refuses unknown fields (None: nothing is), and ``inside`` the fields whose records do.
        A row of a union's members has their class, or the name of their classes.
        """
        if record.members is not None:
            return self._row(record, record.members, record.name or hint)
        return self._declare(record, record.name or hint, doc, whole=whole, inside=inside)

    def of(self, record: Record) -> RecordClass:
        """The class declared for a record of this shape."""
        key = shape(record)
        found = self._classes.get((key, False)) or self._classes.get((key, True))
        return found or self.declare(record, "record", "A record made by an expression.")

    def knows(self, record: Record) -> bool:
        """Whether a class of this shape was declared."""
        key = shape(record)
        return (key, False) in self._classes or (key, True) in self._classes

    def members(self, union: Union) -> dict[str, RecordClass]:
        """The classes of a union's members, by tag. A field has the same attribute in all."""
        self._union(union)
        return {v.tag: self._classes[_member_key(union, v)] for v in union.variants}

    def resolved(self, type: Type) -> Type:
        """The type, or what its name stands for."""
        if not isinstance(type, Ref):
            return type
        if type.name not in self._types:
            raise EmissionError(f"the type {type.name} was not resolved")
        found = self._types[type.name]
        return replace(found, name=type.name) if isinstance(found, Record | Union) else found

    @property
    def all(self) -> tuple[RecordClass, ...]:
        """Every class, in the order of declaration."""
        return tuple(self._made)

    @property
    def class_names(self) -> frozenset[str]:
        """The names of all classes."""
        made = [view.name for view in self._views]
        return frozenset((*made, *(alias.name for alias in self._aliases)))

    @property
    def aliases(self) -> tuple[AliasView, ...]:
        """The names of unions."""
        return tuple(self._aliases)

    @property
    def views(self) -> tuple[ClassView, ...]:
        """The declarations, each behind those it uses."""
        return tuple(self._views)

    def _declare(
        self,
        record: Record,
        hint: str,
        doc: str,
        *,
        whole: bool | None = None,
        inside: frozenset[str] = frozenset(),
    ) -> RecordClass:
        strict = {name for name in inside if _holds_record(record, name)}
        key: Hashable = (shape(record), bool(whole), *sorted(strict))
        found = self._classes.get(key)
        if found is None and whole is None:
            found = self._classes.get((shape(record), True))
        if found is not None:
            return found
        name = self._names.type(hint, "Record")
        if record.name is not None:
            self._open[record.name] = name
        annotations = [
            self.annotation(f.type, f.name, owner=name, whole=f.name in strict)
            for f in record.fields
        ]
        attributes = attribute_names(record.names, _reserved(annotations))
        made = RecordClass(name, record, attributes)
        self._classes[key] = made
        if whole or strict:
            self._classes.setdefault((shape(record), True), made)
        self._add(made, doc, record.fields, annotations, _keywords(record.fields, bool(whole)))
        return made

    def _row(self, record: Record, union: Union, hint: str) -> RecordClass:
        key = (shape(record), False)
        if key not in self._classes:
            name = self._union(replace(union, name=union.name or hint))
            members = self.members(union)
            attributes = {field: a for of in members.values() for field, a in of.attributes.items()}
            assert isinstance(name, ast.Name)
            row = RecordClass(name.id, record, attributes)
            self._classes[key] = row
            if len(members) > 1:
                self._made.append(row)
        return self._classes[key]

    def _annotations(self, fields: Sequence[Field], owner: str) -> list[ast.expr]:
        return [self.annotation(f.type, f.name, owner=owner) for f in fields]

    def _add(
        self,
        made: RecordClass,
        doc: str,
        fields: Sequence[Field],
        annotations: Sequence[ast.expr],
        keywords: Iterator[ast.keyword],
        constants: tuple[FieldView, ...] = (),
    ) -> None:
        views = (
            self._field(f, made.attributes[f.name], annotation)
            for f, annotation in zip(fields, annotations, strict=True)
        )
        self._made.append(made)
        self._views.append(
            ClassView(made.name, doc, tuple(keywords), (*constants, *views, *self._rest(made)))
        )
        self.imports.name("msgspec", "Struct")

    def _field(self, field: Field, attribute: str, annotation: ast.expr) -> FieldView:
        unset: ast.expr | None = None
        if field.optional:
            annotation = _either(annotation, self.imports.name("msgspec", "UnsetType"))
            unset = self.imports.name("msgspec", "UNSET")
        if attribute == field.name:
            return FieldView(attribute, annotation, unset)
        keywords = [ast.keyword("name", ast.Constant(field.name))]
        if unset is not None:
            keywords.append(ast.keyword("default", unset))
        call = ast.Call(self.imports.name("msgspec", "field"), [], keywords)
        return FieldView(attribute, annotation, call)

    def _rest(self, made: RecordClass) -> Iterator[FieldView]:
        """The members that the type does not name, in records that keep them."""
        if made.keeps_rest:
            default = call(
                self.imports.name("msgspec", "field"),
                name=ast.Constant("flowc:rest"),
                default_factory=ast.Name("dict"),
            )
            yield FieldView("rest_", self.imports.runtime("codecs.openlines", "Rest"), default)

    def annotation(
        self,
        type: Type,
        hint: str,
        *,
        owner: str = "",
        imports: Imports | None = None,
        whole: bool = False,
    ) -> ast.expr:
        """A type as Python writes it.

        Records in it are declared, named by ``hint``, or with the class ``owner`` before it
        where that is taken. ``imports`` are those of the module it stands in, ``types.py``
        by default. ``whole``: they refuse unknown fields, also in records inside of them.
        """
        into = imports or self.imports

        def inside(type: Type) -> ast.expr:
            return self.annotation(type, hint, owner=owner, imports=into, whole=whole)

        match type:
            case Scalar(kind=kind):
                return _scalar(kind, into)
            case DecimalType(precision=None):
                return into.name("decimal", "Decimal")
            case DecimalType(precision=precision, scale=scale):
                digits: list[ast.expr | None] = [ast.Constant("precision"), ast.Constant("scale")]
                bounds = ast.Dict(digits, [ast.Constant(precision), ast.Constant(scale)])
                meta = call(into.name("msgspec", "Meta"), extra=bounds)
                into.name("typing", "Annotated")
                return generic("Annotated", into.name("decimal", "Decimal"), meta)
            case EnumType(values=values):
                into.name("typing", "Literal")
                return generic("Literal", *map(ast.Constant, values))
            case ListType(item=item):
                return generic("list", inside(item))
            case MapType(value=value):
                return generic("dict", ast.Name("str"), inside(value))
            case Nullable(inner=inner):
                return _either(inside(inner), ast.Constant(None))
            case NullType() | Never():
                return ast.Constant(None)
            case Record() as record:
                if not whole and self.knows(record):
                    return ast.Name(self.of(record).name)
                label = hint if self._names.is_free_type(hint) else f"{owner}_{hint}"
                doc = f"The {hint} of {owner}." if owner else f"What {hint} holds."
                every = frozenset(record.names) if whole else frozenset[str]()
                made = self._declare(
                    record, record.name or label, doc, whole=whole or None, inside=every
                )
                return ast.Name(made.name)
            case Union() as union:
                return self._union(union)
            case Ref(name=name):
                if name in self._open:
                    return ast.Name(self._open[name])
                return inside(self.resolved(type))
            case Poison():
                raise EmissionError("a type with an error reached the target")
            case _:
                assert_never(type)

    def _union(self, union: Union) -> ast.expr:
        """``Card | Cash``, or the name of it; the classes of its members are declared."""
        if not union.variants:
            raise EmissionError("a union without members")
        key = shape(union)
        if key in self._unions:
            return self._unions[key]
        if union.name is not None and len(union.variants) > 1:
            name = self._names.type(union.name, "Record")
            self._unions[key] = ast.Name(name)
            self._open.setdefault(union.name, name)
        self._members(union)
        names = [ast.Name(self._classes[_member_key(union, v)].name) for v in union.variants]
        made: ast.expr = names[0]
        for other in names[1:]:
            made = _either(made, other)
        alias = self._unions.setdefault(key, made)
        if alias is not made and isinstance(alias, ast.Name):
            self.imports.name("typing", "TypeAlias")
            self._aliases.append(AliasView(alias.id, made))
        return alias

    def _members(self, union: Union) -> None:
        """Declare the members that are not yet; together, so that attributes agree."""
        missing = [v for v in union.variants if _member_key(union, v) not in self._classes]
        records = {v.tag: _member(union, v, self.resolved(v.type)) for v in missing}
        classes = {v.tag: self._names.type(_member_name(v), "Record") for v in missing}
        inside = {
            tag: [f for f in record.fields if f.name != union.discriminator]
            for tag, record in records.items()
        }
        annotations = {tag: self._annotations(inside[tag], classes[tag]) for tag in records}
        every = [union.discriminator, *(f.name for fields in inside.values() for f in fields)]
        needs = [each for made in annotations.values() for each in made]
        attributes = attribute_names(list(dict.fromkeys(every)), _reserved(needs))
        for variant in missing:
            record, tag = records[variant.tag], variant.tag
            made = RecordClass(
                classes[tag],
                record,
                {name: attributes[name] for name in record.names},
                union.discriminator,
            )
            self._classes[_member_key(union, variant)] = made
            self._classes.setdefault((shape(record), False), made)
            self._add(
                made,
                f"Records whose {union.discriminator} is {tag}.",
                inside[tag],
                annotations[tag],
                _keywords(inside[tag], False, (union.discriminator, tag)),
                (self._tag(attributes[union.discriminator], tag),),
            )

    def _tag(self, attribute: str, tag: str) -> FieldView:
        """``kind: ClassVar[Literal["card"]] = "card"``: read like a field."""
        self.imports.name("typing", "Literal")
        literal = generic("Literal", ast.Constant(tag))
        kind = generic("ClassVar", literal)
        self.imports.name("typing", "ClassVar")
        return FieldView(attribute, kind, ast.Constant(tag))


def _member_key(union: Union, variant: Variant) -> Hashable:
    return (shape(variant.type), union.discriminator, variant.tag)


def _member(union: Union, variant: Variant, type: Type) -> Record:
    """The record of a member, the tag in it."""
    if not isinstance(type, Record):
        raise EmissionError(f"the member {variant.tag} of a union is no record")
    record = variant_record(Variant(variant.tag, type), union.discriminator, {})
    assert record is not None
    return record


def _member_name(variant: Variant) -> str:
    named = variant.type.name if isinstance(variant.type, Record | Ref) else None
    return named or variant.tag


def _reserved(annotations: Sequence[ast.expr]) -> set[str]:
    """The names that a class's own annotations need: no attribute may hide them."""
    used = {n.id for a in annotations for n in ast.walk(a) if isinstance(n, ast.Name)}
    own = {"field", "UNSET", "UnsetType", "Struct", "Rest", "rest_", "ClassVar", "Literal"}
    return used | own


def _holds_record(record: Record, name: str) -> bool:
    """Whether a field has a record in it that is not named by its own type."""
    field = record.field(name)
    waiting = [] if field is None else [field.type]
    while waiting:
        match waiting.pop():
            case Record():
                return True
            case ListType(item=inner) | MapType(value=inner) | Nullable(inner=inner):
                waiting.append(inner)
            case _:
                pass
    return False


def _keywords(
    fields: Sequence[Field], whole: bool, tag: tuple[str, str] | None = None
) -> Iterator[ast.keyword]:
    # Records hold no cycles, so the garbage collector need not follow them.
    yield ast.keyword("gc", ast.Constant(False))
    optional = [f.optional for f in fields]
    if optional != sorted(optional):
        yield ast.keyword("kw_only", ast.Constant(True))
    if whole:
        yield ast.keyword("forbid_unknown_fields", ast.Constant(True))
    if tag is not None:
        yield ast.keyword("tag_field", ast.Constant(tag[0]))
        yield ast.keyword("tag", ast.Constant(tag[1]))


def _either(first: ast.expr, second: ast.expr) -> ast.expr:
    return ast.BinOp(first, ast.BitOr(), second)


def _scalar(kind: Kind, imports: Imports) -> ast.expr:
    match kind:
        case Kind.BOOL | Kind.FLOAT | Kind.STRING | Kind.BYTES:
            return ast.Name(_BUILTIN[kind])
        case Kind.INT | Kind.INT32 | Kind.UINT32 | Kind.UINT64 | Kind.BIGINT:
            return imports.runtime("records", _WIDE[kind])
        case Kind.NUMBER:
            return _either(imports.runtime("records", "Int64"), ast.Name("float"))
        case Kind.TIMESTAMP | Kind.DATE | Kind.DURATION:
            return ast.Attribute(imports.module("datetime", "dt"), _TIMES[kind])
        case Kind.UUID:
            return imports.name("uuid", "UUID")
        case Kind.JSON:
            return imports.name("typing", "Any")
        case _:
            assert_never(kind)
