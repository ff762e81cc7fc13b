"""Reads the written options of an endpoint into the runtime's own options class.

That class is the one definition of what a connector takes: names, types and defaults are
read from it. A value with a variable in it stays symbolic.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from flowc.diagnostics.codes import declare
from flowc.diagnostics.reporter import Reporter
from flowc.diagnostics.suggest import nearest
from flowc.model.diagnostic import Edit, Fix, Label, Safety
from flowc.model.expr import Template
from flowc.model.source import Span
from flowc.model.tree import ListValue, MapValue, NullValue, Option, Value

UNKNOWN_OPTION = declare("FC0240", "unknown-option", "A connector or format has no such option")
WRONG_OPTION = declare("FC0241", "wrong-option-value", "The value of an option is not of its type")
MISSING_OPTION = declare("FC0242", "missing-option", "A connector lacks an option that it needs")
DUPLICATE_OPTION = declare("FC0243", "duplicate-option", "An option is written twice")

_TRUTH = {"true": True, "false": False}
_TRUTH_LIKE = {
    "yes": "true",
    "on": "true",
    "1": "true",
    "no": "false",
    "off": "false",
    "0": "false",
}


@dataclass(frozen=True, slots=True)
class OptionValues:
    """What written options come to: the values known now, and those a variable fills."""

    known: Mapping[str, object]
    symbolic: Mapping[str, Template]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Slot:
    name: str
    type: Any
    required: bool
    secret: bool


def read_options(
    options: tuple[Option, ...],
    kind: type[Any],
    who: str,
    reporter: Reporter,
    *,
    also: tuple[str, ...] = (),
) -> OptionValues:
    """The values of ``options`` for the options class ``kind``; problems are reported.

    Args:
        who: what messages call the connector or format.
        also: options that are known but read elsewhere, for did-you-mean.
    """
    slots = _slots(kind)
    known: dict[str, object] = {}
    symbolic: dict[str, Template] = {}
    first: dict[str, Option] = {}
    for option in options:
        name = option.key.text
        slot = slots.get(name)
        if slot is None:
            _unknown(option, (*slots, *also), who, reporter)
        elif name in first:
            reporter.error(
                DUPLICATE_OPTION,
                f"the option '{name}' is written twice",
                option.key.span,
                labels=(Label(first[name].span, "first here"),),
            )
        else:
            first[name] = option
            value = option.value
            if isinstance(value, Template) and value.plain is None:
                symbolic[name] = value
            elif slot.secret:
                _literal_secret(option, who, reporter)
            else:
                read = _read(value, slot, reporter)
                if read is not _BAD:
                    known[name] = read
    missing = tuple(
        slot.name for slot in slots.values() if slot.required and slot.name not in first
    )
    return OptionValues(known, symbolic, missing)


def option_names(kind: type[Any]) -> tuple[str, ...]:
    """The names of the options of an options class, in order."""
    return tuple(_slots(kind))


def required_options(kind: type[Any]) -> tuple[str, ...]:
    """The names of the options that have no default."""
    return tuple(slot.name for slot in _slots(kind).values() if slot.required)


def make(kind: type[Any], values: OptionValues) -> object:
    """An instance of the options class. What is not known yet is empty of its type."""
    arguments = dict(values.known)
    for slot in _slots(kind).values():
        if slot.name not in arguments and slot.required:
            arguments[slot.name] = _empty(slot.type)
    return kind(**arguments)


def _slots(kind: type[Any]) -> dict[str, _Slot]:
    hints = get_type_hints(kind, include_extras=True)
    slots: dict[str, _Slot] = {}
    for field in dataclasses.fields(kind):
        hint = hints[field.name]
        plain = get_args(hint)[0] if get_origin(hint) is Annotated else hint
        required = (
            field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
        )
        secret = any(getattr(kind, "__name__", "") == "Secret" for kind in _alternatives(plain))
        slots[field.name] = _Slot(field.name, plain, required, secret)
    return slots


def _alternatives(kind: Any) -> tuple[Any, ...]:
    if get_origin(kind) in (Union, UnionType):
        return get_args(kind)
    return (kind,)


def _empty(kind: Any) -> object:
    first = _alternatives(kind)[0]
    if get_origin(first) is Literal:
        return get_args(first)[0]
    return first() if first in (str, int, float, bool) else None


_BAD = object()


def _read(value: Value, slot: _Slot, reporter: Reporter) -> object:
    kinds = _alternatives(slot.type)
    if isinstance(value, NullValue):
        if NoneType in kinds:
            return None
        return _wrong(value.span, slot, "null", reporter)
    if isinstance(value, ListValue):
        return _read_list(value, slot, kinds, reporter)
    if isinstance(value, MapValue):
        return _wrong(value.span, slot, "a map", reporter)
    text = value.plain or ""
    for kind in kinds:
        read = _scalar(text, kind)
        if read is not _BAD:
            return read
    meant = _TRUTH_LIKE.get(text.lower()) if bool in kinds else None
    fixes = () if meant is None else (Fix(f"write {meant}", (Edit(value.span, meant),)),)
    reporter.error(
        WRONG_OPTION,
        f"the option '{slot.name}' takes {_shown(slot.type)}, not '{text}'",
        value.span,
        fixes=fixes,
    )
    return _BAD


def _scalar(text: str, kind: Any) -> object:
    if kind is bool:
        return _TRUTH.get(text.lower(), _BAD)
    if kind is str:
        return text
    if get_origin(kind) is Literal:
        return next((choice for choice in get_args(kind) if str(choice) == text), _BAD)
    if kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            return _BAD
    return _BAD


def _read_list(value: ListValue, slot: _Slot, kinds: tuple[Any, ...], reporter: Reporter) -> object:
    for kind in kinds:
        if get_origin(kind) is tuple:
            texts = [item.plain for item in value.items if isinstance(item, Template)]
            read = [_scalar(text, get_args(kind)[0]) for text in texts if text is not None]
            if len(read) == len(value.items) and _BAD not in read:
                return tuple(read)
    return _wrong(value.span, slot, "this list", reporter)


def _wrong(span: Span, slot: _Slot, found: str, reporter: Reporter) -> object:
    reporter.error(
        WRONG_OPTION, f"the option '{slot.name}' takes {_shown(slot.type)}, not {found}", span
    )
    return _BAD


def _shown(kind: Any) -> str:
    names = {bool: "true or false", int: "a whole number", float: "a number", str: "a text"}
    shown: list[str] = []
    for one in _alternatives(kind):
        if get_origin(one) is Literal:
            shown.extend(str(choice) for choice in get_args(one))
        elif get_origin(one) is tuple:
            shown.append("a list")
        elif one is not NoneType:
            shown.append(names.get(one, "a text"))
    return " or ".join(shown)


def _unknown(option: Option, known: tuple[str, ...], who: str, reporter: Reporter) -> None:
    name = option.key.text
    near = nearest(name, known)
    reporter.error(
        UNKNOWN_OPTION,
        f"{who} has no option '{name}'",
        option.key.span,
        at=f"did you mean '{near[0]}'?" if near else "",
        notes=(f"options: {', '.join(known)}" if known else f"{who} has no options",),
        fixes=tuple(
            Fix(f"write {better}", (Edit(option.key.span, better),), Safety.UNSAFE)
            for better in near
        ),
    )


def _literal_secret(option: Option, who: str, reporter: Reporter) -> None:
    """A secret never enters a built project: it stands in a variable, read at start."""
    span = option.value.span
    name = f"{who}_{option.key.text}".upper().replace("-", "_")
    reporter.error(
        WRONG_OPTION,
        f"the option '{option.key.text}' is a secret, which does not stand here as text",
        span,
        notes=("a built project reads its secrets from variables when it starts",),
        fixes=(Fix(f"read it from ${name}", (Edit(span, "${" + name + "}"),), Safety.UNSAFE),),
    )
