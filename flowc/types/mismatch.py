"""Where and why one type does not fit another."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import TypeAlias, assert_never

from flowc.model.types import (
    DecimalType,
    EnumType,
    Field,
    ListType,
    MapType,
    Record,
    Scalar,
    Type,
    Union,
    strip_null,
)
from flowc.types.show import label, quoted, show, show_name


class Reason(Enum):
    """What is wrong at the place of a `Mismatch`."""

    MISSING = auto()
    OPTIONAL = auto()
    NULLABLE = auto()
    KIND = auto()
    LOSSY = auto()
    VALUES = auto()
    VARIANT = auto()
    DYNAMIC = auto()
    HIDDEN = auto()


@dataclass(frozen=True, slots=True)
class Inside:
    """A step of a path that is no field: ``[]`` an item, ``{}`` a map's value, ``<tag>``."""

    text: str


ITEM = Inside("[]")
VALUE = Inside("{}")

Step: TypeAlias = str | Inside


@dataclass(frozen=True, slots=True)
class Mismatch:
    """The first difference between an actual type and the expected one.

    ``actual`` and ``expected`` are what stands at ``path``; for a missing field
    ``actual`` is the record that lacks it. ``actual_field`` is the innermost field on
    the way (its origin chain tells how it came about), ``expected_field`` its
    counterpart. ``detail`` holds the surplus values, the variant or the near names.
    """

    reason: Reason
    path: tuple[Step, ...]
    actual: Type
    expected: Type
    actual_field: Field | None = None
    expected_field: Field | None = None
    detail: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...] | None:
        """The path, where it is made of fields alone and not empty."""
        names = tuple(step for step in self.path if isinstance(step, str))
        return names if names and len(names) == len(self.path) else None

    @property
    def where(self) -> str:
        """The path as it is written: ``customer.tags[]``; empty for the whole."""
        return show_path(self.path)

    @property
    def why(self) -> str:
        """The reason as a sentence without a full stop."""
        it = f"`{self.where}`" if self.path else "the value"
        actual, expected = label(self.actual), label(self.expected)
        match self.reason:
            case Reason.MISSING:
                near = " or ".join(f"`{show_name(name)}`" for name in self.detail)
                return f"{it} is missing" + (f" (there is {near})" if near else "")
            case Reason.OPTIONAL:
                return f"{it} may be absent, but must be there"
            case Reason.NULLABLE:
                return f"{it} may be null ({actual}), but {expected} is expected"
            case Reason.KIND:
                return f"{it} is {actual}, but {expected} is expected"
            case Reason.LOSSY:
                return f"{it} is {actual}, and {expected} does not hold all of its values exactly"
            case Reason.VALUES:
                surplus = ", ".join(quoted(value) for value in self.detail[:3])
                return f"{it} may be {surplus}, which {expected} does not list"
            case Reason.VARIANT:
                tags = ", ".join(f"`{show_name(tag)}`" for tag in self.detail[:3])
                return f"{it} may be of the variant {tags}, which is not expected"
            case Reason.DYNAMIC:
                return f"{it} is json, of any kind until it is cast; {expected} is expected"
            case Reason.HIDDEN:
                return (
                    f"{it} is not declared, but may be among the fields kept by `...`, of any type"
                )
            case _:
                assert_never(self.reason)

    @property
    def cast(self) -> str | None:
        """The stage that would settle it, where a cast can: ``cast amount as float``."""
        if self.names is None or self.reason not in _CASTABLE:
            return None
        if isinstance(strip_null(self.actual), Record | Union | ListType | MapType):
            return None
        if not isinstance(strip_null(self.expected), Scalar | DecimalType | EnumType):
            return None
        return f"cast {self.where} as {show(self.expected)}"


_CASTABLE = frozenset({Reason.KIND, Reason.LOSSY, Reason.DYNAMIC, Reason.VALUES})


def show_path(path: tuple[Step, ...]) -> str:
    """A path as it is written: ``customer.`home-address`.tags[]``."""
    parts: list[str] = []
    for step in path:
        if isinstance(step, Inside):
            parts.append(step.text)
        else:
            parts.append(f".{show_name(step)}" if parts else show_name(step))
    return "".join(parts)
