"""The classes that stand for records: dataclasses, TypedDicts, msgspec Structs; and enums."""

from __future__ import annotations

import ast
import keyword
from collections.abc import Callable
from dataclasses import dataclass

from flowc.model.source import Span
from flowc.types.importers.python_module import PythonFile

_TYPED_DICTS = ("typing.TypedDict", "typing_extensions.TypedDict")
_ENUMS = ("enum.Enum", "enum.StrEnum")
#: Bases that add no fields.
_EMPTY = frozenset({"object", "abc.ABC", "typing.Protocol", "str"})

Problem = tuple[Span, str, str]


@dataclass(frozen=True, slots=True)
class Member:
    """A field of a class: ``field`` is its name in the record, ``name`` in the class.

    ``absent``: it may be missing from a record in both directions. ``init``: the class
    takes it when it is made. ``scope`` is the class whose body holds the annotation.
    """

    field: str
    name: str
    annotation: ast.expr
    scope: str
    has_default: bool = False
    absent: bool = False
    init: bool = True


def class_style(file: PythonFile, name: str) -> str | None:
    """ "attributes" for a dataclass or a Struct, "items" for a TypedDict, else None."""
    kind = _kind(file, name, ())
    return {"dataclass": "attributes", "struct": "attributes", "typeddict": "items"}.get(kind)


def enum_values(file: PythonFile, node: ast.ClassDef) -> tuple[object, ...] | None:
    """The values of an enum class, None for another class."""
    bases = [file.qualified(base) or "" for base in node.bases]
    if not any(base in _ENUMS or base in ("enum.IntEnum", "enum.Flag") for base in bases):
        return None
    values: list[object] = []
    for statement in node.body:
        match statement:
            case ast.Assign([ast.Name(name)], ast.Constant(value)) if not name.startswith("_"):
                values.append(value)
            case ast.Assign([ast.Name(name)], ast.Call(function)) if not name.startswith("_"):
                auto = file.qualified(function) == "enum.auto" and "enum.StrEnum" in bases
                values.append(name.lower() if auto else None)
            case ast.Assign([ast.Name(name)]) if not name.startswith("_"):
                values.append(None)
            case _:
                pass
    return tuple(values)


def functional_members(file: PythonFile, name: str) -> tuple[Member, ...] | None:
    """The fields of ``X = TypedDict("X", {"from": str})``; None where ``name`` is no such."""
    match file.assigned.get(name):
        case ast.Call(function, [_, ast.Dict(keys, values)], keywords) if (
            file.qualified(function) in _TYPED_DICTS
        ):
            total = _total(keywords)
            return tuple(
                _item(file, key.value, value, "", total)
                for key, value in zip(keys, values, strict=True)
                if isinstance(key, ast.Constant) and isinstance(key.value, str)
            )
        case _:
            return None


def members(file: PythonFile, name: str) -> tuple[tuple[Member, ...], tuple[Problem, ...]]:
    """The fields of a class of the file, those of its bases first, and what is not readable."""
    found: dict[str, Member] = {}
    problems: list[Problem] = []
    _collect(file, name, found, problems, ())
    return tuple(found.values()), tuple(problems)


def _kind(file: PythonFile, name: str, seen: tuple[str, ...]) -> str:
    node = file.classes.get(name)
    if node is None or name in seen:
        return ""
    for decorator in node.decorator_list:
        call = decorator.func if isinstance(decorator, ast.Call) else decorator
        if file.qualified(call) == "dataclasses.dataclass":
            return "dataclass"
    for base in node.bases:
        qualified = file.qualified(base) or ""
        if qualified in _TYPED_DICTS:
            return "typeddict"
        if qualified == "msgspec.Struct":
            return "struct"
        inherited = _kind(file, qualified, (*seen, name))
        if inherited in ("typeddict", "struct"):
            return inherited
    return ""


def _collect(
    file: PythonFile,
    name: str,
    found: dict[str, Member],
    problems: list[Problem],
    seen: tuple[str, ...],
) -> None:
    node = file.classes[name]
    kind = _kind(file, name, ())
    for base in reversed(node.bases):
        qualified = file.qualified(base) or ""
        if qualified in file.classes and qualified not in seen:
            _collect(file, qualified, found, problems, (*seen, name))
        elif qualified not in (*_TYPED_DICTS, "msgspec.Struct", *_EMPTY):
            problems.append(
                (
                    file.span(base),
                    f"the fields that `{name}` inherits cannot be read",
                    "define the base class in this file, or write its fields down here",
                )
            )
    rename = _renaming(file, node, problems) if kind == "struct" else None
    total = _total(node.keywords)
    for statement in node.body:
        if not (isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name)):
            continue
        form = _form(file, statement.annotation)
        if form in ("ClassVar", "KW_ONLY", "InitVar"):
            continue
        attribute = statement.target.id
        if kind == "typeddict":
            member = _item(file, attribute, statement.annotation, name, total)
        else:
            member = _attribute(file, statement, name, rename if kind == "struct" else None)
        found[attribute] = member


def _item(file: PythonFile, name: str, annotation: ast.expr, scope: str, total: bool) -> Member:
    form = _form(file, annotation)
    absent = form == "NotRequired" or (not total and form != "Required")
    return Member(name, name, annotation, scope, absent=absent)


def _attribute(
    file: PythonFile,
    statement: ast.AnnAssign,
    scope: str,
    rename: Callable[[str], str] | None,
) -> Member:
    assert isinstance(statement.target, ast.Name)
    attribute = statement.target.id
    plain = attribute.removesuffix("_")
    # `from_` is how Python writes a field that is called `from`.
    field = plain if keyword.iskeyword(plain) else attribute
    field = rename(attribute) if rename else field
    has_default, init, value = statement.value is not None, True, statement.value
    if isinstance(value, ast.Call) and _is_field(file, value):
        options = {option.arg: option.value for option in value.keywords if option.arg}
        has_default = bool({"default", "default_factory"} & options.keys()) or bool(value.args)
        match options.get("name"):
            case ast.Constant(str(written)):
                field = written
            case _:
                pass
        match options.get("init"):
            case ast.Constant(False):
                init = False
            case _:
                pass
        value = options.get("default", value.args[0] if value.args else None)
    absent = value is not None and (file.qualified(value) or "") == "msgspec.UNSET"
    return Member(field, attribute, statement.annotation, scope, has_default, absent, init)


def _is_field(file: PythonFile, call: ast.Call) -> bool:
    return file.qualified(call.func) in ("dataclasses.field", "msgspec.field")


def _form(file: PythonFile, annotation: ast.expr) -> str:
    """``ClassVar`` for ``ClassVar[int]`` and for its text in quotes."""
    node = annotation
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        try:
            node = ast.parse(node.value.strip(), mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return ""
    if isinstance(node, ast.Subscript):
        node = node.value
    return (file.qualified(node) or "").rpartition(".")[2]


def _total(keywords: list[ast.keyword]) -> bool:
    return not any(
        option.arg == "total"
        and isinstance(option.value, ast.Constant)
        and option.value.value is False
        for option in keywords
    )


def _renaming(
    file: PythonFile, node: ast.ClassDef, problems: list[Problem]
) -> Callable[[str], str] | None:
    """How a Struct renames its fields (``rename="camel"``)."""
    for option in node.keywords:
        if option.arg != "rename":
            continue
        match option.value:
            case ast.Constant(None):
                return None
            case ast.Constant(str(style)) if style in _STYLES:
                return _STYLES[style]
            case ast.Dict(keys, values):
                names = {
                    key.value: value.value
                    for key, value in zip(keys, values, strict=True)
                    if isinstance(key, ast.Constant) and isinstance(value, ast.Constant)
                }
                return lambda attribute: str(names.get(attribute, attribute))
            case _:
                problems.append(
                    (
                        file.span(option.value),
                        "how the fields are renamed cannot be read",
                        'write `rename="camel"` or `field(name="…")`',
                    )
                )
    return None


# The styles are msgspec's own, to the letter.


def _lead_and_words(name: str) -> tuple[str, list[str]]:
    return name[: len(name) - len(name.lstrip("_"))], name.strip("_").split("_")


def _camel(name: str) -> str:
    lead, (first, *rest) = _lead_and_words(name)
    return lead + first + "".join(word.title() for word in rest)


def _pascal(name: str) -> str:
    lead, words = _lead_and_words(name)
    return lead + "".join(word.title() for word in words)


_STYLES: dict[str, Callable[[str], str]] = {
    "lower": str.lower,
    "upper": str.upper,
    "camel": _camel,
    "pascal": _pascal,
    "kebab": lambda name: name.strip("_").replace("_", "-"),
}
