"""What every block of a pipeline file has in common: closed keys, each with its words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Keys(BaseModel):
    """A map of a pipeline file. A key that is no field of it is an error."""

    # Most files have none of the blocks: their validators are built when one asks for them.
    model_config = ConfigDict(extra="forbid", populate_by_name=True, defer_build=True)

    @classmethod
    def conflicts(cls, values: Mapping[str, object]) -> Iterator[tuple[str, str]]:
        """What the values, each fine by itself, say against each other: (key, message).

        Args:
            values: what was read, by key; None where a value is written but not known.
        """
        yield from ()


def later(description: str) -> Any:
    """A key that the language names and this version refuses, with one error."""
    return Field(default=None, description=description, json_schema_extra={"later": True})


def holds(what: str, description: str, *, alias: str | None = None) -> Any:
    """A key that may be left out and holds what `nodes` reads: ``what`` names that part of the
    JSON Schema, as ``source``, ``sinks`` or ``stages``."""
    return Field(
        default=None, description=description, alias=alias, json_schema_extra={"holds": what}
    )


def key(description: str, *, alias: str | None = None) -> Any:
    """A key that may be left out. ``alias`` where Python has another use for its name."""
    return Field(default=None, description=description, alias=alias)


def names(model: type[BaseModel]) -> frozenset[str]:
    """The keys of a model as they are written."""
    return frozenset(field.alias or name for name, field in model.model_fields.items())


def refused(model: type[BaseModel]) -> frozenset[str]:
    """The keys of a model that this version does not do yet."""
    return frozenset(
        field.alias or name
        for name, field in model.model_fields.items()
        if isinstance(field.json_schema_extra, dict) and field.json_schema_extra.get("later")
    )
