"""Inside json values: by a path, and what is there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from ..errors import ConversionError, shorten
from .null import at_step

__all__ = [
    "json_get",
    "json_has",
    "json_items",
    "json_keys",
    "json_length",
    "json_merge",
    "json_type",
    "steps_of",
]

_STEP = re.compile(r"""\.?([^.\[\]"']+)|\.?"([^"]*)"|\[(-?\d{1,9})\]|\[(?:'([^']*)'|"([^"]*)")\]""")


@lru_cache(maxsize=1_024)
def steps_of(path: str) -> tuple[int | str, ...]:
    """The keys and indexes of a path such as `$.a.b[0]["c d"]`.

    Raises ConversionError for a text that is none.
    """
    rest = path[1:] if path == "$" or path.startswith(("$.", "$[")) else path
    at = 0
    steps: list[int | str] = []
    while at < len(rest):
        found = _STEP.match(rest, at)
        if (
            found is None
            or (at and rest[at] not in ".[")
            or (not at and rest[at] == "." == path[0])
        ):
            raise ConversionError(f"{shorten(path)} is no path into json")
        name = next(part for part in found.groups() if part is not None)
        steps.append(int(name) if found.group(3) is not None else name)
        at = found.end()
    return tuple(steps)


def json_get(value: Any, path: str) -> Any:
    """What is at the path; null where there is nothing."""
    for step in steps_of(path):
        value = at_step(value, step)
    return value


def json_has(value: Any, key: str) -> bool:
    """Whether an object has a key, whatever is under it."""
    return isinstance(value, Mapping) and key in value


def json_type(value: Any) -> str:
    """The kind of a json value."""
    match value:
        case None:
            return "null"
        case bool():
            return "bool"
        case str():
            return "string"
        case list():
            return "array"
        case Mapping():
            return "object"
        case _:
            return "number"


def json_length(value: Any) -> int | None:
    """How many items or keys there are; null of another kind of value."""
    return len(value) if isinstance(value, list | Mapping) else None


def json_keys(value: Any) -> list[str] | None:
    """The keys of an object; null of another kind of value."""
    return list(value) if isinstance(value, Mapping) else None


def json_items(value: Any) -> list[Any] | None:
    """The items of an array; null of another kind of value."""
    return value if isinstance(value, list) else None


def json_merge(value: Any, changes: Any) -> Any:
    """A value with changes made to it: keys of objects are replaced, or removed by null."""
    if not isinstance(changes, Mapping):
        return changes
    made = dict(value) if isinstance(value, Mapping) else {}
    for key, change in changes.items():
        if change is None:
            made.pop(key, None)
        else:
            made[key] = json_merge(made.get(key), change)
    return made
