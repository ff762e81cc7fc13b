"""Conversions: ``int(x)``, ``cast a as decimal(10, 2)``."""

from __future__ import annotations

from dataclasses import replace

from flowc.check.expressions.coerce import adapted, widened
from flowc.check.expressions.context import Walk, bare, is_null, is_wrong, wrong
from flowc.check.expressions.json import conversion
from flowc.check.expressions.overloads import apply, choose
from flowc.diagnostics.codes import declare
from flowc.model.effects import CONVERSION_ERROR, VALIDATION_ERROR
from flowc.model.source import Span
from flowc.model.typed import Apply, CodecForm, Const, RuntimeCall, Typed
from flowc.model.types import (
    INT,
    JSON,
    STRING,
    DecimalType,
    EnumType,
    ListType,
    MapType,
    Never,
    Nullable,
    NullType,
    Openness,
    Poison,
    Record,
    Scalar,
    Type,
    Union,
    nullable,
)
from flowc.types.relate import is_subtype, is_textual
from flowc.types.show import label

NO_CONVERSION = declare("FC0322", "no-conversion", "No value of one type converts to another")

_FAILS = frozenset({CONVERSION_ERROR})
_UNWRITTEN = frozenset({VALIDATION_ERROR})


def convert(walk: Walk, value: Typed, target: Type, span: Span | None) -> Typed:
    """The value as ``target``; null stays null. Reported where no value can be converted."""
    have, want = bare(value.type, walk), bare(target, walk)
    if is_wrong(value) or isinstance(want, Poison):
        return wrong(span)
    if have == want or isinstance(have, NullType | Never):
        return value
    if want != JSON or have != STRING:
        written = adapted(value, want)
        if written is not None:
            return written
        if _fits(walk, have, want):
            return widened(value, nullable(want) if is_null(value.type, walk) else want)
    made = _converted(walk, value, have, want, span)
    if made is not None:
        return made
    walk.reporter.error(
        NO_CONVERSION,
        f"{label(have)} cannot be converted to {label(want)}",
        span,
        at=f"this is {label(have)}",
        notes=_advice(have, want),
    )
    return wrong(span)


def _fits(walk: Walk, have: Type, want: Type) -> bool:
    if have == JSON:
        return False
    return is_subtype(have, want, walk.types)


def _converted(walk: Walk, value: Typed, have: Type, want: Type, span: Span | None) -> Typed | None:
    null = is_null(value.type, walk)
    if isinstance(want, EnumType):
        if not is_textual(have) and have != JSON:
            return None
        choices = tuple(Const(choice, STRING) for choice in want.values)
        form = RuntimeCall("values.text", "to_enum")
        return _apply("enum", form, (value, *choices), nullable(want) if null else want, span)
    if isinstance(want, DecimalType) and want.precision is not None:
        if not isinstance(have, DecimalType) and not _has_overload(walk, value, "decimal"):
            return None
        form = RuntimeCall("values.numbers", "to_decimal")
        sizes = (Const(want.precision, INT), Const(want.scale or 0, INT))
        return _apply("decimal", form, (value, *sizes), nullable(want) if null else want, span)
    if isinstance(want, ListType | MapType | Record | Union):
        return _structured(value, have, want, null, span)
    name = conversion(want)
    if name is None:
        return None
    from flowc.catalog import registry

    function = registry.function(name)
    choice = None if function is None else choose(walk, function.overloads, (value,))
    return None if choice is None else apply(walk, name, choice, (value,), span)


def _structured(
    value: Typed, have: Type, want: Type, null: bool, span: Span | None
) -> Typed | None:
    """A json value (or what holds some) as a list, a map or a record: read as if it stood in a
    JSON text. None where no value can be one."""
    dynamic = _holds_json(have) or (
        isinstance(have, Record | MapType) and isinstance(want, MapType)
    )
    if not dynamic or _is_open(want):
        return None
    text = Apply("format", RuntimeCall("values.text", "json_text"), (value,), value.type)
    text = replace(text, type=nullable(STRING) if null else STRING, errors=_UNWRITTEN)
    form = CodecForm("codecs.jsontext", "JsonText", want)
    return Apply("cast", form, (text,), nullable(want) if null else want, errors=_FAILS, span=span)


def _holds_json(type: Type) -> bool:
    """Whether values of the type are json in some part."""
    match type:
        case ListType(item=inner) | MapType(value=inner) | Nullable(inner=inner):
            return _holds_json(inner)
        case Record(fields=fields):
            return any(_holds_json(field.type) for field in fields)
        case _:
            return type == JSON


def _is_open(type: Type) -> bool:
    """Whether a record in the type would keep what it does not name."""
    match type:
        case Record(fields=fields, openness=openness):
            return openness is Openness.REST or any(_is_open(field.type) for field in fields)
        case ListType(item=inner) | MapType(value=inner) | Nullable(inner=inner):
            return _is_open(inner)
        case _:
            return False


def _has_overload(walk: Walk, value: Typed, name: str) -> bool:
    from flowc.catalog import registry

    function = registry.function(name)
    return function is not None and choose(walk, function.overloads, (value,)) is not None


def _apply(
    name: str, form: RuntimeCall, arguments: tuple[Typed, ...], type: Type, span: Span | None
) -> Apply:
    return Apply(name, form, arguments, type, errors=_FAILS, span=span)


def _advice(have: Type, want: Type) -> tuple[str, ...]:
    if isinstance(want, Scalar | DecimalType | EnumType):
        return ()
    if have == STRING:
        return ("a text that holds JSON is read by `parse`",)
    return ("a record is made anew by `map`, its fields converted one by one",)
