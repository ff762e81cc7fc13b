"""Every stage accounts for its records, leaves them as they are, and treats each alone."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from open._runtime.errors import RecordError
from open._runtime.tally import Tally
from open.pipeline import rename_to_drop
from samples import THING


@pytest.mark.parametrize(
    ("stage", "record"),
    [
        *((rename_to_drop, record) for record in THING),
    ],
)
def test_stage(stage: Callable[[list[Any], Tally], Any], record: Any) -> None:
    before = copy.deepcopy(record)
    tally = Tally()
    try:
        made = stage([record], tally)
    except (RecordError, ArithmeticError):
        assert record == before
        return
    lists = made if isinstance(made, tuple) else (made,)
    ended = sum(tally.drops.values()) + len(tally.rejects)
    assert sum(map(len, lists)) + ended == 1 + sum(tally.produced.values())
    assert record == before

    twice = stage([record, record], Tally())
    assert twice == (tuple(part * 2 for part in lists) if isinstance(made, tuple) else made * 2)
