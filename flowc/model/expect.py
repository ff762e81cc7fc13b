"""Why a type was expected: the other half of a good type error.

A mismatch prints the actual type with its origin chain against the expected type with
its ``Because``. A new reason is a new class here, not a new string somewhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from flowc.model.source import Span
from flowc.model.types import Type


@dataclass(frozen=True, slots=True)
class SinkColumn:
    """A column of an existing or declared sink."""

    sink: str
    column: str


@dataclass(frozen=True, slots=True)
class ProcessorParameter:
    """The input type of one of the user's processors."""

    processor: str


@dataclass(frozen=True, slots=True)
class DeclaredSchema:
    """A type written in a schema file or behind ``as``."""

    name: str


@dataclass(frozen=True, slots=True)
class PredicateMustBeBool:
    """The condition of filter, validate, route, ``if``, ``and``, ``or``, ``not``."""

    operator: str


@dataclass(frozen=True, slots=True)
class FunctionArgument:
    function: str
    index: int
    parameter: str


@dataclass(frozen=True, slots=True)
class OperatorArgument:
    """A parameter of an operator: ``limit`` takes an int."""

    operator: str
    parameter: str


@dataclass(frozen=True, slots=True)
class BranchesMustAgree:
    """The two branches of ``if``, the sides of ``??``, several sources merged."""

    what: str


@dataclass(frozen=True, slots=True)
class UserAnnotation:
    """A type the user wrote at this place: ``cast a as int``."""

    what: str


Because: TypeAlias = (
    SinkColumn
    | ProcessorParameter
    | DeclaredSchema
    | PredicateMustBeBool
    | FunctionArgument
    | OperatorArgument
    | BranchesMustAgree
    | UserAnnotation
)


@dataclass(frozen=True, slots=True)
class Expectation:
    """A type, the reason it is expected, and where that reason stands (if written down)."""

    type: Type
    because: Because
    span: Span | None = None
