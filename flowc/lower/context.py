"""What a lowering is given, and the small nouns that it works with."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from enum import Enum, auto
from typing import Protocol

from flowc.lower.constants import Imports
from flowc.model.typed import Column, Setting, Typed
from flowc.model.types import Record, Type


class Names(Imports, Protocol):
    """What the code around an expression offers it."""

    def setting(self, setting: Setting) -> ast.expr:
        """How a variable of the settings is read."""
        ...

    def environment(self) -> ast.expr:
        """How the runtime's environment (the clock) is reached."""
        ...

    def record(self, type: Record) -> ast.expr:
        """The class of a record."""
        ...

    def annotation(self, type: Type) -> ast.expr:
        """A type as Python writes it."""
        ...

    def attribute(self, type: Type, field: str) -> str:
        """The attribute that holds a field of a record (or of a union's variants)."""
        ...

    def temporary(self) -> str:
        """A local name that is free."""
        ...


class Columns(Protocol):
    """How the columns of the current row are read."""

    def __call__(self, column: Column) -> ast.expr:
        """The column at a path, each step of which is there: ``record.customer.name``."""
        ...

    def members(self, path: tuple[str, ...]) -> tuple[ast.expr, Mapping[str, ast.expr]] | None:
        """The union that a column tells the members of, and their classes by tag; None where
        a column is no such discriminator."""
        ...

    def stored(self, path: tuple[str, ...]) -> tuple[Type, bool]:
        """The type a column is stored with, and whether it may be absent."""
        ...


class Check(Enum):
    """Which results an expression's place has checked."""

    NONE = auto()
    INTEGERS = auto()
    ALL = auto()


class Truth(Protocol):
    def __call__(self, node: Typed, /) -> ast.expr: ...
