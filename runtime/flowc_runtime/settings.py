"""Settings of a built project: environment variables, typed, read once at the start."""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Annotated, Any, TypeVar, get_args, get_origin

from .errors import ConversionError, Diagnosis, RunError, shorten

__all__ = ["Env", "Secret", "Unset", "load_settings", "settings_help"]


@dataclass(frozen=True, slots=True)
class Env:
    """The variable a setting is read from, and what to say when it is needed and not set."""

    variable: str
    message: str = ""


class Secret:
    """A text that never prints. `reveal` gives it to the client that needs it."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The secret itself."""
        return self._text

    def __repr__(self) -> str:
        return "Secret(***)"

    def __str__(self) -> str:
        return "***"

    def __format__(self, spec: str) -> str:
        return format("***", spec)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __reduce__(self) -> typing.NoReturn:
        raise TypeError("a secret is not stored")


class Unset(RunError):
    """Settings that are missing or cannot be read. Exit code 3."""


_Settings = TypeVar("_Settings")


def load_settings(
    settings: type[_Settings], variables: Mapping[str, str], given: Mapping[str, str] | None = None
) -> _Settings:
    """Make the settings, a dataclass whose fields are `Annotated[type, Env(...)]`.

    `given` (from `--set`) wins over `variables`; its names are those of fields or variables. An
    empty variable counts as not set where the field has a default. Raises Unset for all settings
    that are missing or wrong at once, and for names in `given` that mean nothing.
    """
    left = dict(given or {})
    if not left and not fields(settings):  # type: ignore[arg-type]
        return settings()
    values: dict[str, Any] = {}
    wrong: list[str] = []
    cures: list[str] = []
    hints = typing.get_type_hints(settings, include_extras=True)
    for field in fields(settings):  # type: ignore[arg-type]
        kind, env = _kind(hints[field.name], field.name)
        text = left.pop(field.name, None)
        text = left.pop(env.variable, text)
        if text is None:
            text = variables.get(env.variable)
        optional = field.default is not MISSING or field.default_factory is not MISSING
        if text is None or (text == "" and optional):
            if not optional:
                wrong.append(f"{env.variable} is not set{env.message and ': ' + env.message}")
                cures.append(f"export {env.variable}=…")
            continue
        try:
            values[field.name] = _convert(kind, text)
        except ConversionError as error:
            wrong.append(f"{env.variable}: {error}")
            cures.append(f"export {env.variable}=… as {_type_name(kind)}")
    if left:
        known = ", ".join(field.name for field in fields(settings)) or "none"  # type: ignore[arg-type]
        wrong.append(f"{', '.join(left)}: no such setting; known are {known}")
        cures.append("Leave it out")
    if wrong:
        message = "a setting is missing or wrong" if len(wrong) == 1 else "settings are missing"
        raise Unset(Diagnosis("FC0814", message, "; ".join(wrong), tuple(cures)))
    return settings(**values)


def settings_help(settings: type[Any]) -> list[tuple[str, str, str]]:
    """(variable, type, default or `required`) of each setting."""
    hints = typing.get_type_hints(settings, include_extras=True)
    rows = []
    for field in fields(settings):
        kind, env = _kind(hints[field.name], field.name)
        default = "required" if field.default is MISSING else str(field.default)
        rows.append((env.variable, _type_name(kind), default))
    return rows


def _kind(hint: Any, name: str) -> tuple[Any, Env]:
    env = Env(name.upper())
    if get_origin(hint) is Annotated:
        hint, *notes = get_args(hint)
        env = next((note for note in notes if isinstance(note, Env)), env)
    if get_origin(hint) in (typing.Union, types.UnionType):
        hint = next(kind for kind in get_args(hint) if kind is not type(None))
    return hint, env


def _type_name(kind: Any) -> str:
    return getattr(kind, "__name__", str(kind)).lower()


@cache
def _conversions() -> dict[Any, Any]:
    # Most pipelines have no settings and need none of this at their start.
    from .values.numbers import to_bool, to_decimal, to_float, to_int
    from .values.time import to_date, to_duration, to_timestamp

    return {
        str: str,
        Secret: Secret,
        bool: to_bool,
        int: to_int,
        float: to_float,
        Decimal: to_decimal,
        datetime: to_timestamp,
        date: to_date,
        timedelta: to_duration,
    }


def _convert(kind: Any, text: str) -> Any:
    try:
        convert = _conversions()[kind]
    except KeyError:
        raise ConversionError(f"{shorten(text)} has no type {_type_name(kind)}") from None
    return convert(text)
