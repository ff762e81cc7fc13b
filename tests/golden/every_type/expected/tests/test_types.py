"""Every record type survives being written and read."""

from __future__ import annotations

import msgspec
import pytest

from samples import ADDRESS, CARD, CASH, COPIES, THING, TREE


@pytest.mark.parametrize(
    "record",
    [
        *TREE,
        *ADDRESS,
        *CARD,
        *CASH,
        *THING,
        *COPIES,
    ],
)
def test_record_survives_json(record: msgspec.Struct) -> None:
    written = msgspec.json.encode(record)
    assert msgspec.json.decode(written, type=type(record)) == record
