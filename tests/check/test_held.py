"""What stages keep in memory, in the words of `flowc validate`."""

from __future__ import annotations

from pathlib import Path

import pytest
from flowing import request

from flowc import compile as road

_ROW = "as {t: timestamp, id: int, ok: bool, region: string} time t lag 2s"


def kept(stages: str, folder: Path, source: str = "-") -> list[str]:
    (typed,) = road.check(request(f"{source} {_ROW} | {stages} | out.jsonl", folder)).typed
    return [str(held) for types in typed.types.values() for held in types.held]


BOUNDS = {
    "sort id": "every record; grows with their number, until the end of the input",
    "aggregate n = count()": "one group, until the end of the input",
    "aggregate n = count() by ok": "a group for each `ok`, until the end of the input",
    "aggregate n = count() by region, ok": "a group for each (`region`, `ok`); grows with the "
    "number of different `region`, until the end of the input",
    "aggregate n = count() over tumbling 1h": "a group for each `window`, closed lag 2s after "
    "its end",
    "aggregate n = count() by id over tumbling 1h late 1m30s": "a group for each (`id`, "
    "`window`), closed lag 2s + late 1m30s after its end",
    "top 1 t desc by region": "at most 1 record for each `region`; grows with the number of "
    "different `region`, until the end of the input",
    "top 10 id ties": "10 records and those equal to the last, until the end of the input",
    "dedupe by id": "the keys seen; grows with the number of different `id`, until the end of "
    "the input",
    "dedupe by ok": "the keys seen",
    "limit 3": "one number",
}


@pytest.mark.parametrize("stages", BOUNDS)
def test_each_stage_says_what_bounds_its_memory(stages: str, tmp_path: Path) -> None:
    assert kept(stages, tmp_path) == [BOUNDS[stages]]


def test_nothing_bounds_what_grows_before_an_endless_input(tmp_path: Path) -> None:
    assert kept("dedupe by id", tmp_path, '"-?endless=true"') == [
        "the keys seen; grows with the number of different `id`, without bound"
    ]


def test_a_stage_without_memory_keeps_nothing(tmp_path: Path) -> None:
    assert kept("filter ok | set n = id", tmp_path) == []
