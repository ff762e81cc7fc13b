"""A row of CSV in a text: what `parse line as csv {…}` reads and `format row as csv` writes."""

from __future__ import annotations

from functools import cache
from typing import Any, get_args

import msgspec

from ..errors import ConversionError, RecordError, ValidationError
from .cells import Cells, cell_of
from .csv import Csv

__all__ = ["CsvText", "csv_text"]


class CsvText:
    """Decodes texts that hold one row. `shape` is a record, whose fields are the cells in their
    order, or a list of plain values."""

    def __init__(self, shape: Any, delimiter: str = ",") -> None:
        self._csv = Csv((), delimiter=delimiter)
        self._record = Cells(shape) if isinstance(shape, type) and _is_record(shape) else None
        if self._record is None:
            (item,) = get_args(shape)
            self._read = cell_of(item)

    def decode(self, text: str) -> Any:
        """The row. Raises ConversionError for a text that holds no such row."""
        cells = self._csv.cells(text)
        if self._record is None:
            try:
                return [self._read(cell, f"cell {n}") for n, cell in enumerate(cells, 1)]
            except RecordError as error:
                raise ConversionError(str(error)) from None
        names = self._record.names
        if len(cells) != len(names):
            count = "1 cell" if len(cells) == 1 else f"{len(cells)} cells"
            raise ConversionError(f"the row has {count}, not {len(names)}: {', '.join(names)}")
        return self._record.of_row(cells)


def csv_text(value: Any, delimiter: str = ",") -> str:
    """A record or a list as one row. Raises ValidationError for what no row can hold."""
    if isinstance(value, list):
        if not value:
            raise ValidationError("an empty list is no row of CSV")
        return _csv(delimiter).text(value)
    return _csv(delimiter).text([getattr(value, name) for name in type(value).__struct_fields__])


@cache
def _csv(delimiter: str) -> Csv:
    return Csv((), delimiter=delimiter)


def _is_record(shape: type) -> bool:
    return issubclass(shape, msgspec.Struct)
