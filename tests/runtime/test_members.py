"""States over the members of a union: saved and restored half-way, they go on as before."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, ClassVar, Literal

import pytest
from msgspec import Struct

from flowc_runtime.state.dedupe import FirstOfEach, LastOfEach
from flowc_runtime.state.order import Sort
from flowc_runtime.state.saving import fields_by_name
from flowc_runtime.tally import Receipt


class Card(Struct, tag_field="kind", tag="card"):
    kind: ClassVar[Literal["card"]] = "card"
    id: int
    number: str


class Cash(Struct, tag_field="kind", tag="cash"):
    kind: ClassVar[Literal["cash"]] = "cash"
    id: int
    till: int


Payment = Card | Cash
RECORDS = [Card(3, "a"), Cash(1, 7), Card(2, "b"), Cash(1, 8), Card(3, "c")]
STATES: dict[str, Callable[[], Any]] = {
    "first": lambda: FirstOfEach(Payment, ("kind", "id")),
    "last": lambda: LastOfEach(Payment, ("kind",)),
    "sort": lambda: Sort(Payment, (("kind", False, False), ("id", True, False))),
}


def test_the_common_fields_and_the_tag_are_known_by_name() -> None:
    assert set(fields_by_name(Payment)) == {"kind", "id"}
    assert set(fields_by_name(Card)) == {"kind", "id", "number"}


@pytest.mark.parametrize("name", STATES)
@pytest.mark.parametrize("cut", range(len(RECORDS) + 1))
def test_a_restored_state_goes_on_as_before(name: str, cut: int) -> None:
    whole, first, second = (STATES[name]() for _ in range(3))
    receipt = Receipt()
    expected = [*whole.apply(RECORDS, receipt), *finished(whole, receipt)]
    got = list(first.apply(RECORDS[:cut], receipt))
    second.restore(json.loads(json.dumps(first.save())))
    got += [*second.apply(RECORDS[cut:], receipt), *finished(second, receipt)]
    assert got == expected
    assert expected


def finished(state: Any, receipt: Receipt) -> list[Any]:
    return list(state.finish(receipt)) if hasattr(state, "finish") else []
