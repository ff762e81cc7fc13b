"""Functions that hash."""

from __future__ import annotations

from flowc.catalog.spec import Function, FunctionExample, Overload
from flowc.model.effects import CONVERSION_ERROR
from flowc.model.typed import RuntimeCall
from flowc.model.types import JSON, STRING, Ref

_HASH = RuntimeCall("values.text", "hash_value")
_ERRORS = frozenset({CONVERSION_ERROR})

FUNCTIONS = (
    Function(
        "hash",
        "the sha256 of a value's text, in hexadecimal: the same everywhere and in every run",
        (
            Overload((("value", Ref("T")),), STRING, _HASH, errors=_ERRORS),
            Overload((("value", JSON),), STRING, _HASH, errors=_ERRORS),
        ),
        (
            FunctionExample(
                'hash("a")',
                '"ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"',
            ),
        ),
        corrections={
            "sha256": "hash",
            "md5": "hash",
            "sha1": "hash",
            "sha2": "hash",
            "digest": "hash",
        },
    ),
)
