"""Maps. Their keys are texts, in the order in which they came."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from ..errors import ConversionError

__all__ = ["entries", "keys", "map_from", "map_get", "map_remove", "merge", "values"]

_T = TypeVar("_T")
_R = TypeVar("_R")


def keys(map: Mapping[str, Any]) -> list[str]:
    """The keys."""
    return list(map)


def values(map: Mapping[str, _T]) -> list[_T]:
    """The values."""
    return list(map.values())


def entries(record: Callable[..., _R], map: Mapping[str, Any]) -> list[_R]:
    """A record of key and value for each entry."""
    return [record(key=key, value=value) for key, value in map.items()]


def merge(*maps: Mapping[str, _T]) -> dict[str, _T]:
    """The entries of all; of a key that several have, the last one's."""
    return {key: value for map in maps for key, value in map.items()}


def map_get(map: Mapping[str, _T], key: str, default: _T) -> _T:
    """The value under a key, or the default where there is no such key."""
    return map.get(key, default)


def map_remove(map: Mapping[str, _T], *keys: str) -> dict[str, _T]:
    """The map without some keys."""
    return {key: value for key, value in map.items() if key not in keys}


def map_from(keys: Sequence[str | None], values: Sequence[_T]) -> dict[str, _T]:
    """A map of keys and the values at their places."""
    if len(keys) != len(values):
        raise ConversionError(f"{len(keys)} keys have {len(values)} values")
    made: dict[str, _T] = {}
    for key, value in zip(keys, values, strict=True):
        if key is None:
            raise ConversionError("a key is null")
        made[key] = value
    return made
