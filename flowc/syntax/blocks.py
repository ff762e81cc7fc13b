"""Reads a block of a pipeline file by the model of its keys: closed, typed, in place.

The annotation of a key says what may stand there: another model, a list, a map with free
names, one of several words, true or false, or a `Kind` of scalar. Where several may, what is
written decides: a map, a list, or a scalar.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin, get_type_hints

from flowc.diagnostics.codes import declare
from flowc.diagnostics.reporter import Reporter
from flowc.diagnostics.suggest import nearest
from flowc.model.diagnostic import Edit, Fix, Safety
from flowc.model.expr import Hole, Template
from flowc.model.source import Span
from flowc.model.tree import BrokenStage, ListValue, MapValue, NullValue, Option, Value, Word
from flowc.syntax import dsl, keyslips, yamldoc
from flowc.syntax.keys.base import Keys
from flowc.syntax.keys.kinds import Kind, Unreadable
from flowc.syntax.values import Values, first_line, truth

WRONG_WORD = declare("FC0166", "unknown-word", "A key has a value that is none of its words")
WRONG_SCALAR = declare("FC0167", "unreadable-value", "The value of a key cannot be read")
CONFLICT = declare("FC0168", "conflicting-values", "Two values of a block speak against each other")
INCOMPLETE = declare("FC0169", "empty-value", "A key of a block has no value")

#: What a key has whose value could not be read; it was reported.
UNREAD: Final = object()


def read(model: type[Keys], option: Option, reporter: Reporter) -> object:
    """What stands under a key of ``model``, as that key's annotation types it.

    Returns:
        An instance of a model, a list, or a scalar; a `Template` where a variable gives the
        value at start; ``UNREAD`` after a report.
    """
    return _Reader(reporter).key(model, option)


@cache
def annotated(model: type[Keys]) -> dict[str, Any]:
    """The annotation of each key of a model, by the key as it is written."""
    hints = get_type_hints(model, include_extras=True)
    return {field.alias or name: hints[name] for name, field in model.model_fields.items()}


def alternatives(annotation: Any) -> Iterator[Any]:
    """What an annotation allows, one by one; nothing is not among it."""
    if get_origin(annotation) in (Union, UnionType):
        for one in get_args(annotation):
            yield from alternatives(one)
    elif annotation is not NoneType:
        yield annotation


def kind_of(annotation: Any) -> Kind | None:
    """The kind of scalar that an annotation stands for, if it does."""
    if get_origin(annotation) is Annotated:
        return next((note for note in get_args(annotation)[1:] if isinstance(note, Kind)), None)
    return None


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, Keys)


class _Reader:
    def __init__(self, reporter: Reporter) -> None:
        self._reporter = reporter
        self._values = Values(reporter)

    def key(self, model: type[Keys], option: Option) -> object:
        allowed = tuple(alternatives(annotated(model)[option.key.text]))
        return self._value(option.key, option.value, allowed)

    def _value(self, key: Word, value: Value, allowed: tuple[Any, ...]) -> object:
        if Any in allowed:
            return value
        match value:
            case MapValue():
                for one in allowed:
                    if _is_model(one):
                        return self._map(key, value, one)
            case ListValue():
                for one in allowed:
                    if get_origin(one) is list:
                        return self._list(key, value, tuple(alternatives(get_args(one)[0])))
            case NullValue():
                self._empty(key, value, allowed)
                return UNREAD
            case Template():
                scalars = tuple(one for one in allowed if _is_scalar(one))
                if scalars:
                    return self._scalar(key, value, scalars)
        self._values.expected(_called(allowed), value, f"as the value of `{key.text}`")
        return UNREAD

    def _map(self, key: Word, value: MapValue, model: type[Keys]) -> object:
        known = annotated(model)
        found: dict[str, object] = {}
        unknown: dict[str, object] = {}
        places: dict[str, Span] = {}
        whole = True
        for entry in value.entries:
            name = entry.key.text
            if name not in known:
                what = f"`{key.text}`"
                keyslips.unknown_key(entry.key, frozenset(known), what, self._reporter)
                whole = False
                continue
            read = self.key(model, entry)
            whole = whole and read is not UNREAD
            places[name] = first_line(entry.value.span)
            if read is UNREAD or isinstance(read, Template):
                unknown[name] = None
            if read is not UNREAD:
                found[name] = read
        for name, message in model.conflicts({**found, **unknown}):
            self._reporter.error(CONFLICT, message, places[name])
            whole = False
        if not whole:
            return UNREAD
        fields = {field.alias or name: name for name, field in model.model_fields.items()}
        made: dict[str, Any] = {fields[name]: one for name, one in found.items()}
        return model.model_construct(**made)

    def _list(self, key: Word, value: ListValue, allowed: tuple[Any, ...]) -> object:
        read = [self._value(key, item, allowed) for item in value.items]
        return UNREAD if UNREAD in read else read

    def _empty(self, key: Word, value: NullValue, allowed: tuple[Any, ...]) -> None:
        self._reporter.error(
            INCOMPLETE,
            f"`{key.text}` has no value",
            key.span,
            notes=(f"{_called(allowed)} stands there", "or leave the key out"),
        )

    # Scalars

    def _scalar(self, key: Word, value: Template, allowed: tuple[Any, ...]) -> object:
        written = self._values.template(value)
        if written is None:
            return UNREAD
        if written.plain is None:
            return written
        text = written.plain.strip()
        kinds = [kind for one in allowed if (kind := kind_of(one)) is not None]
        for one in allowed:
            if one is bool and (flag := truth(text)) is not None:
                return flag
            if get_origin(one) is Literal and text in get_args(one):
                return text
        better = ""
        for kind in kinds:
            try:
                return self._parsed(kind, value, kind.read(text))
            except Unreadable as error:
                better = better or error.better
        if not text:
            self._values.expected(_called(allowed), NullValue(value.span))
        else:
            self._wrong(key, value, text, allowed, better)
        return UNREAD

    def _parsed(self, kind: Kind, value: Template, read: object) -> object:
        """What was read, once the pipe text in it can be parsed, too."""
        text = yamldoc.text_of(value)
        if kind.parsed == "expression" and isinstance(
            dsl.parse_expression(text, self._reporter), Hole
        ):
            return UNREAD
        if kind.parsed == "aggregate":
            colon = text.value.index(":") + 1
            colon += len(text.value[colon:]) - len(text.value[colon:].lstrip())
            rest = text.slice(colon, len(text.value))
            name = Word("aggregate", text.span(0, 1))
            if isinstance(dsl.parse_stage_arguments(name, rest, self._reporter), BrokenStage):
                return UNREAD
        return read

    def _wrong(
        self, key: Word, value: Template, text: str, allowed: tuple[Any, ...], better: str
    ) -> None:
        words = [word for one in allowed for word in _words(one)]
        near = (better,) if better else nearest(text, words, most=1)
        kinds = any(kind_of(one) is not None for one in allowed)
        self._reporter.error(
            WRONG_SCALAR if kinds else WRONG_WORD,
            f"`{key.text}` takes {_called(allowed)}, not '{text}'",
            first_line(value.span),
            at=f"did you mean '{near[0]}'?" if near else "",
            fixes=tuple(
                Fix(f"write {one}", (Edit(value.span, _quoted(one)),), Safety.UNSAFE)
                for one in near
                if "\n" not in value.span.text
            ),
        )


def _is_scalar(annotation: Any) -> bool:
    return (
        annotation in (bool, str, int, float)
        or get_origin(annotation) is Literal
        or kind_of(annotation) is not None
    )


def _words(annotation: Any) -> tuple[str, ...]:
    if annotation is bool:
        return ("true", "false")
    return get_args(annotation) if get_origin(annotation) is Literal else ()


def _called(allowed: tuple[Any, ...]) -> str:
    """What may stand somewhere, in words: ``true or false, or a map``."""
    words = [f"`{word}`" for one in allowed for word in _words(one)]
    parts = (
        [" or ".join(words) if len(words) < 3 else "one of " + ", ".join(words)] if words else []
    )
    for one in allowed:
        kind = kind_of(one)
        if kind is not None:
            parts.append(f"{kind.what} such as {kind.example}")
        elif one in (str, int, float):
            parts.append("a text" if one is str else "a number")
        elif _is_model(one):
            parts.append("a map")
        elif get_origin(one) is list:
            parts.append("a list")
    return ", or ".join(parts)


def _quoted(text: str) -> str:
    return f'"{text}"' if text.startswith(":") else text
