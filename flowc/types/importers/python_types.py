"""What the annotations and classes of a Python file say, as types.

On input a type is what the annotation accepts, on output what it promises: an ``int`` takes
any integer and gives one of 64 bits; a ``float`` takes an int too, as everywhere in Python,
and gives a float; a field with a default may be absent on input and is there on output.
``Annotated[int, "bigint"]`` states a type of the language outright.
"""

from __future__ import annotations

import ast

from flowc.diagnostics.codes import declare
from flowc.diagnostics.reporter import Reporter
from flowc.model.source import SourceFile, Span, Text
from flowc.model.types import (
    BIGINT,
    BOOL,
    BYTES,
    DATE,
    DECIMAL,
    DURATION,
    FLOAT,
    INT,
    JSON,
    NULL,
    NUMBER,
    POISON,
    STRING,
    TIMESTAMP,
    UUID,
    DecimalType,
    EnumType,
    Field,
    ListType,
    MapType,
    Poison,
    Record,
    Scalar,
    Type,
    nullable,
)
from flowc.types.importers.python_classes import (
    Member,
    class_style,
    enum_values,
    functional_members,
    members,
)
from flowc.types.importers.python_module import PythonFile
from flowc.types.lattice import join_all
from flowc.types.notation import parse_type

UNKNOWN_ANNOTATION = declare(
    "FC0375", "unknown-annotation", "An annotation of a processor means no type"
)

_SCALARS: dict[str, Type] = {
    "bool": BOOL,
    "int": INT,
    "float": FLOAT,
    "str": STRING,
    "bytes": BYTES,
    "object": JSON,
    "None": NULL,
    "typing.Any": JSON,
    "decimal.Decimal": DECIMAL,
    "datetime.datetime": TIMESTAMP,
    "datetime.date": DATE,
    "datetime.timedelta": DURATION,
    "uuid.UUID": UUID,
}
#: What an annotation accepts beyond what it promises.
_ACCEPTED: dict[Type, Type] = {INT: BIGINT, FLOAT: NUMBER}

_LISTS = frozenset({"list", "List", "Sequence", "MutableSequence", "Collection", "Iterable"})
_MAPS = frozenset({"dict", "Dict", "Mapping", "MutableMapping"})
_TRANSPARENT = frozenset({"Annotated", "Final", "Required", "NotRequired", "ReadOnly"})
_TYPING = ("typing.", "typing_extensions.", "collections.abc.", "msgspec.")

#: How deep annotations are followed.
_DEEPEST = 40


class PythonTypes:
    """Reads annotations of one file; each class is read and reported once a direction."""

    def __init__(self, file: PythonFile, reporter: Reporter) -> None:
        self._file = file
        self._reporter = reporter
        self._known: dict[tuple[str, bool], Type] = {}
        self._open: list[str] = []
        self._depth = 0

    def annotation(self, node: ast.expr, scope: str, *, input: bool) -> Type:
        """The type of an annotation that stands in the class ``scope`` (empty: the module)."""
        self._depth += 1
        try:
            if self._depth > _DEEPEST:
                return self._unknown(node, "it nests too deep")
            return self._annotation(node, scope, input)
        finally:
            self._depth -= 1

    def class_named(self, node: ast.expr, scope: str) -> str | None:
        """The class of this file that an annotation names, through aliases and quotes."""
        for _ in range(_DEEPEST):
            plain = unquoted(node)
            if plain is None:
                return None
            name = self._file.qualified(plain)
            if name is None:
                return None
            found = self._local(name, scope)
            if found is not None:
                return found
            if name not in self._file.assigned:
                return None
            if functional_members(self._file, name) is not None:
                return name
            node = self._file.assigned[name]
        return None

    def style(self, name: str) -> str | None:
        """How records of a class of this file are read: "attributes", "items"; None: not."""
        if functional_members(self._file, name) is not None:
            return "items"
        return class_style(self._file, name)

    def record(self, name: str, *, input: bool) -> Record:
        """The record that a class of this file stands for."""
        type = self._class(name, input)
        return type if isinstance(type, Record) else Record((), name=name)

    # Annotations

    def _annotation(self, node: ast.expr, scope: str, input: bool) -> Type:
        match node:
            case ast.Constant(None):
                return NULL
            case ast.Constant(str()):
                plain = unquoted(node)
                if plain is None:
                    return self._unknown(node, "it cannot be read")
                return self.annotation(plain, scope, input=input)
            case ast.BinOp(left, ast.BitOr(), right):
                return self._union(node, [left, right], scope, input)
            case ast.Subscript(value, argument):
                return self._subscript(node, value, argument, scope, input)
            case ast.Name() | ast.Attribute():
                return self._name(node, scope, input)
            case _:
                return self._unknown(node, "it is no type")

    def _name(self, node: ast.expr, scope: str, input: bool) -> Type:
        name = self._file.qualified(node) or ""
        found = self.class_named(node, scope)
        if found is not None:
            return self._class(found, input, node)
        if name in _SCALARS:
            return _direction(_SCALARS[name], input)
        alias = self._file.assigned.get(name)
        if alias is not None:
            match alias:
                case ast.Call(function, [_, base]) if _last(self._file, function) == "NewType":
                    return self.annotation(base, "", input=input)
                case _:
                    return self.annotation(alias, "", input=input)
        short = _short(name)
        if short in _LISTS:
            return ListType(JSON)
        if short in _MAPS:
            return MapType(JSON)
        return self._unknown(node, _why(name))

    def _subscript(
        self, node: ast.expr, value: ast.expr, argument: ast.expr, scope: str, input: bool
    ) -> Type:
        form = _short(self._file.qualified(value) or "")
        arguments = argument.elts if isinstance(argument, ast.Tuple) else [argument]
        match form, arguments:
            case "Annotated", [inner, *stated]:
                return self._stated(stated) or self.annotation(inner, scope, input=input)
            case _, [inner] if form in _TRANSPARENT:
                return self.annotation(inner, scope, input=input)
            case "Optional", [inner]:
                return nullable(self.annotation(inner, scope, input=input))
            case "Union", _:
                return self._union(node, arguments, scope, input)
            case "Literal", _:
                return self._literal(node, arguments, input)
            case "tuple" | "Tuple", [inner, ast.Constant(value=ellipsis)] if ellipsis is ...:
                return ListType(self.annotation(inner, scope, input=input))
            case _, [inner] if form in _LISTS:
                return ListType(self.annotation(inner, scope, input=input))
            case _, [key, inner] if form in _MAPS:
                if self.annotation(key, scope, input=False) not in (STRING, POISON):
                    return self._unknown(key, "the keys of a map are `str`")
                return MapType(self.annotation(inner, scope, input=input))
            case _:
                return self._unknown(node, _why(form))

    def _union(self, node: ast.expr, parts: list[ast.expr], scope: str, input: bool) -> Type:
        present = [
            part for part in parts if _short(self._file.qualified(part) or "") != "UnsetType"
        ]
        types = [self.annotation(part, scope, input=input) for part in present]
        if any(isinstance(type, Poison) for type in types):
            return POISON
        joined = join_all(tuple(types))
        if joined is None and input:
            # What is accepted beyond the parts may have nothing in common: `int | float`.
            return self._union(node, parts, scope, False)
        if joined is None:
            return self._unknown(
                node, "its parts have no type in common; write `Any` for values of any kind"
            )
        return joined

    def _literal(self, node: ast.expr, arguments: list[ast.expr], input: bool) -> Type:
        values = [a.value if isinstance(a, ast.Constant) else ... for a in arguments]
        bare = [value for value in values if value is not None]
        null = len(bare) < len(values)
        type: Type | None = None
        if bare and all(isinstance(value, str) for value in bare):
            type = EnumType(tuple(dict.fromkeys(str(value) for value in bare)))
        elif bare and all(isinstance(value, bool) for value in bare):
            type = BOOL
        elif bare and all(_is_int(value) for value in bare):
            type = _direction(INT, input)
        if type is None:
            return self._unknown(node, "the values of a `Literal` are texts, integers or bools")
        return nullable(type) if null else type

    def _stated(self, metadata: list[ast.expr]) -> Type | None:
        """``Annotated[…, "decimal(10, 2)"]``: a scalar in the language's own notation."""
        for node in metadata:
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                text = Text.whole(SourceFile("<annotation>", node.value))
                silent = Reporter()
                type = parse_type(text, silent)
                if isinstance(type, Scalar | DecimalType) and not silent.has_errors:
                    return type
        return None

    # Classes

    def _local(self, name: str, scope: str) -> str | None:
        """The class that a bare name means inside ``scope``."""
        while scope:
            if f"{scope}.{name}" in self._file.classes:
                return f"{scope}.{name}"
            scope = scope.rpartition(".")[0]
        return name if name in self._file.classes else None

    def _class(self, name: str, input: bool, used: ast.expr | None = None) -> Type:
        key = (name, input)
        if key in self._known:
            return self._known[key]
        if name in self._open:
            place = used or self._file.classes[name].body[0]
            span = self._file.span(place)
            return self._wrong(
                span,
                f"the class `{name}` contains itself",
                "annotate the inner one `Any`: it is json there",
            )
        self._open.append(name)
        self._known[key] = type = self._read_class(name, input, used)
        self._open.pop()
        return type

    def _read_class(self, name: str, input: bool, used: ast.expr | None) -> Type:
        functional = functional_members(self._file, name)
        if functional is not None:
            return self._record(name, functional, input)
        node = self._file.classes[name]
        values = enum_values(self._file, node)
        if values is not None:
            if not values or not all(isinstance(value, str) for value in values):
                return self._wrong(
                    self._file.name_span(node),
                    f"the values of the enum `{name}` are not all texts",
                    'give each a text: `EUR = "EUR"`',
                )
            return EnumType(tuple(dict.fromkeys(str(value) for value in values)))
        style = class_style(self._file, name)
        if style is None:
            return self._wrong(
                self._file.span(used) if used else self._file.name_span(node),
                f"`{name}` is no class whose fields can be read",
                "make it a dataclass, a TypedDict or a msgspec Struct",
            )
        found, problems = members(self._file, name)
        for span, message, advice in problems:
            self._wrong(span, message, advice)
        return self._record(name, found, input)

    def _record(self, name: str, found: tuple[Member, ...], input: bool) -> Record:
        fields: dict[str, Field] = {}
        for member in found:
            if input and not member.init:
                continue
            type = self.annotation(member.annotation, member.scope, input=input)
            optional = member.absent or (input and member.has_default)
            field = Field(member.field, type, optional)
            span = self._file.span(member.annotation)
            fields[member.field] = field.because(f"is annotated `{_flat(span.text)}`", span)
        return Record(tuple(fields.values()), name=name.rpartition(".")[2])

    # Diagnostics

    def _unknown(self, node: ast.expr, why: str) -> Type:
        span = self._file.span(node)
        return self._wrong(
            span,
            f"the annotation `{_flat(span.text)}` means no type: {why}",
            "known are int, float, str, bool, bytes, Decimal, datetime, date, timedelta, UUID,"
            " Any, Literal, Enum classes of texts, list[T], dict[str, T], T | None, and the"
            " dataclasses, TypedDicts and Structs of this file",
        )

    def _wrong(self, span: Span, message: str, advice: str) -> Type:
        self._reporter.error(UNKNOWN_ANNOTATION, message, span, notes=(advice,))
        return POISON


def _direction(type: Type, input: bool) -> Type:
    return _ACCEPTED.get(type, type) if input else type


def _is_int(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def unquoted(node: ast.expr) -> ast.expr | None:
    """An annotation without the quotes of a forward reference; None if it cannot be read.

    What stood in quotes has the place of the quotes.
    """
    if not (isinstance(node, ast.Constant) and isinstance(node.value, str)):
        return node
    try:
        inner = ast.parse(node.value.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    for part in ast.walk(inner):
        if isinstance(part, ast.expr):
            ast.copy_location(part, node)
    return inner


def _last(file: PythonFile, node: ast.expr) -> str:
    return (file.qualified(node) or "").rpartition(".")[2]


def _short(name: str) -> str:
    """``Optional`` for ``typing.Optional``; other modules' names stay whole."""
    for prefix in _TYPING:
        if name.startswith(prefix):
            return name[len(prefix) :]
    return name


def _why(name: str) -> str:
    short = name.rpartition(".")[2]
    if name.startswith("."):
        return "classes of other files are not read; define it in this file"
    if short in ("set", "Set", "frozenset", "tuple", "Tuple"):
        return "write `list[T]`"
    if short in ("Optional", "Union", "Literal", "Annotated"):
        return "say of what, in brackets"
    if short == "time":
        return "a time of day is a `str` or a `timedelta`"
    if "." in name:
        return "its module is not known; classes are read from this file alone"
    return "nothing of this name is defined or imported in this file"


def _flat(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= 50 else flat[:49] + "…"
