"""Plain texts as values of a type: what the cells of `parse line as csv {…}` are read by.

A cell is converted as a column of a CSV file is; what does not convert is a ConversionError that
names the field.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

import msgspec
from msgspec import UNSET, inspect

from ..errors import ConversionError, RecordError
from ..values.null import required
from . import fields

__all__ = ["Cells", "cell_of", "members"]

_Read = Callable[[str | None, str], Any]

_PLAIN: dict[type[inspect.Type], _Read] = {
    inspect.BoolType: fields.read_bool,
    inspect.FloatType: fields.read_float,
    inspect.StrType: required,
    inspect.BytesType: fields.read_bytes,
    inspect.DateTimeType: fields.read_timestamp,
    inspect.DateType: fields.read_date,
    inspect.TimeDeltaType: fields.read_duration,
    inspect.UUIDType: fields.read_uuid,
    inspect.DecimalType: fields.read_decimal,
}
_WHOLE: dict[tuple[int | None, int | None], _Read] = {
    (-(2**63), 2**63 - 1): fields.read_int,
    (-(2**31), 2**31 - 1): fields.read_int32,
    (0, 2**32 - 1): fields.read_uint32,
    (0, None): fields.read_uint64,
    (None, None): fields.read_bigint,
}


def cell_of(type: Any) -> _Read:
    """A function from a text (None: null) and a field's name to a value of the type."""
    return _reader(inspect.type_info(type))


def _reader(info: inspect.Type) -> _Read:
    match info:
        case inspect.Metadata(extra={"precision": int(precision), "scale": int(scale)}):
            return partial(_decimal, precision, scale)
        case inspect.Metadata(type=inner):
            return _reader(inner)
        case inspect.IntType(ge=least, le=most):
            return _WHOLE[least, most]
        case inspect.LiteralType(values=values):
            known = frozenset(str(value) for value in values)
            return lambda text, name: fields.read_enum(text, name, known)
        case inspect.UnionType(types=types):
            return _union(types)
        case _:
            return _PLAIN[type(info)]


def _decimal(precision: int, scale: int, text: str | None, name: str) -> Any:
    return fields.read_decimal(text, name, precision, scale)


def _union(types: Iterable[inspect.Type]) -> _Read:
    kinds = [kind for kind in types if not isinstance(kind, inspect.NoneType)]
    if len(kinds) == len(tuple(types)):
        return fields.read_number
    read = _reader(kinds[0]) if len(kinds) == 1 else fields.read_number
    return lambda text, name: None if text is None else read(text, name)


class Cells:
    """Makes records of the type `shape` from the texts of their fields.

    A field is given the texts that were found under its name: a list of them for a field that is
    a list, else the last one (None: null). A field that was not found is absent, or null, or makes
    the record a ConversionError.
    """

    def __init__(self, shape: type[msgspec.Struct]) -> None:
        self._shape = shape
        info = inspect.type_info(shape)
        assert isinstance(info, inspect.StructType)
        self._fields = [
            (field.encode_name, field.name, *_field(field.type), not field.required)
            for field in info.fields
        ]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the fields, in order."""
        return tuple(name for name, *_ in self._fields)

    def of_row(self, texts: Iterable[str | None]) -> Any:
        """The record whose fields have these texts, in order."""
        return self.of({name: (text,) for name, text in zip(self.names, texts, strict=True)})

    def of(self, texts: Mapping[str, Iterable[str | None]]) -> Any:
        """The record of texts by name. Raises ConversionError."""
        made: dict[str, Any] = {}
        try:
            for name, attribute, read, many, absent in self._fields:
                found = texts.get(name)
                if many and found is not None:
                    made[attribute] = [read(text, name) for text in found]
                    continue
                text = None if found is None else tuple(found)[-1]
                if text is None and absent:
                    continue
                if found is None and many:
                    made[attribute] = []
                else:
                    made[attribute] = read(text, name)
        except RecordError as error:
            raise ConversionError(str(error)) from None
        return self._shape(**made)


def _field(info: inspect.Type) -> tuple[_Read, bool]:
    """How the texts of a field are read, and whether it takes a list of them."""
    kind = info
    if isinstance(info, inspect.UnionType):
        kinds = [one for one in info.types if not isinstance(one, inspect.NoneType)]
        kind = kinds[0]
    if isinstance(kind, inspect.ListType):
        return _reader(kind.item_type), True
    return _reader(info), False


def members(value: Any) -> Iterable[tuple[str, Any]]:
    """The names and values of a record or a map; those that are absent left out."""
    if isinstance(value, dict):
        return value.items()
    kind = type(value)
    pairs = zip(kind.__struct_encode_fields__, kind.__struct_fields__)
    return [
        (name, found)
        for name, attribute in pairs
        if (found := getattr(value, attribute)) is not UNSET
    ]
