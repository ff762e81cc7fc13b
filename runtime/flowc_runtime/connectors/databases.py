"""What databases in one file have in common: their tables, and what is wrong with them."""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable, Sequence

from ..errors import Diagnosis, ResourceError
from .table_values import Column, quoted
from .trouble import similar_names

__all__ = [
    "Found",
    "a_folder",
    "create_table",
    "misfit",
    "missing_table",
    "no_folder",
    "require_columns",
    "require_database",
]

Found = dict[str, tuple[str, str, bool]]
"""Columns of a table: lower-case name to (name, declared type, whether a row must bring a value)."""


Kept = Sequence[tuple[Column, str]]
"""Columns, each with the type that a table declares for it."""


def create_table(table: str, columns: Kept) -> str:
    """The statement that makes a table for these columns."""
    lines = ",\n".join(
        f"  {quoted(column.name)} {declared}".rstrip() + ("" if column.nullable else " NOT NULL")
        for column, declared in columns
    )
    return f"CREATE TABLE {quoted(table)} (\n{lines}\n)"


def require_database(path: str) -> None:
    """Raise a ResourceError if there is nothing at `path`."""
    if os.path.exists(path):
        return
    near = similar_names(path)
    raise ResourceError(
        Diagnosis(
            "FC0801",
            f"no such database: {path}",
            f"it does not exist, seen from the current folder {os.getcwd()}",
            tuple(f"Did you mean {name}?" for name in near)
            or (f"See what is there: ls {os.path.dirname(path) or '.'}",),
        )
    )


def require_columns(path: str, table: str, columns: Sequence[Column], names: Sequence[str]) -> None:
    """Raise a ResourceError if a table of the columns `names` lacks one that is read."""
    there = {name.lower() for name in names}
    missing = [column.name for column in columns if column.name.lower() not in there]
    if missing:
        raise ResourceError(
            Diagnosis(
                "FC0808",
                f"table {table} of {path} has no column {', '.join(missing)}",
                f"it has {', '.join(names)}",
                ("Name one of its columns", "Read the table's own type by leaving out `as`"),
            )
        )


def missing_table(path: str, table: str, names: Sequence[str], look: str) -> Diagnosis:
    """That there is no such table, which are like it; `look` is the command that lists them."""
    near = difflib.get_close_matches(table, names, n=3)
    return Diagnosis(
        "FC0808",
        f"no table {table} in {path}",
        f"it has {', '.join(names[:10])}" if names else "it has no tables",
        tuple(f"Did you mean {name}?" for name in near) or (f"See its tables: {look}",),
    )


def a_folder(path: str, why: str, example: str) -> Diagnosis:
    """That there is a folder at `path`."""
    return Diagnosis(
        "FC0802",
        f"{path} is a folder, not a database",
        why,
        (f"Name a file in it, as in {os.path.join(path, example)}",),
    )


def no_folder(path: str) -> Diagnosis:
    """That the folder of `path` is not there."""
    folder = os.path.dirname(path) or "."
    return Diagnosis(
        "FC0805",
        f"cannot open {path}",
        f"the folder {folder} does not exist",
        (f"Create it: mkdir -p {folder}", "Check the spelling of the path"),
    )


def misfit(
    path: str,
    table: str,
    columns: Kept,
    found: Found,
    ddl: str,
    keeps: Callable[[str, Column], bool],
) -> Diagnosis | None:
    """What keeps records of these columns from going into the table that exists, or nothing.

    `ddl` makes a table that fits; `keeps` tells whether a column so declared keeps a field.
    """
    altered = f"ALTER TABLE {quoted(table)}"
    wrong: list[str] = []
    cures: list[str] = []
    for column, wanted in columns:
        if column.name.lower() not in found:
            wrong.append(f"it has no column {column.name}")
            cures.append(f"{altered} ADD COLUMN {quoted(column.name)} {wanted}".rstrip())
            continue
        _, declared, needs_value = found[column.name.lower()]
        if not keeps(declared, column):
            wrong.append(f"column {column.name} is {declared or 'untyped'}, not {wanted}")
        if needs_value and column.nullable:
            wrong.append(f"column {column.name} is NOT NULL, but the field may be null")
    ours = {column.name.lower() for column, _ in columns}
    for key, (name, _, needs_value) in found.items():
        if needs_value and key not in ours:
            wrong.append(f"its column {name} needs a value that the records do not have")
    if not wrong:
        return None
    if len(cures) == len(wrong):
        remedy = "Add what is missing: " + "; ".join(cures)
    else:
        old = quoted(table + "_old")
        remedy = f"Start a new table: {altered} RENAME TO {old}; {' '.join(ddl.split())}"
    return Diagnosis(
        "FC0811",
        f"table {table} of {path} does not fit the records",
        "; ".join(wrong),
        (remedy, "Write to another table", "Change the fields with `select` or `cast`"),
    )
