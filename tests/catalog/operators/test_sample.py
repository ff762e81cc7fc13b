"""``sample``: the same places in every run and for any blocks, about as many as were asked for."""

from __future__ import annotations

from pathlib import Path

import pytest
from flowing import codes, ran
from hypothesis import given
from hypothesis import strategies as st

from flowc_runtime.environment import Environment
from flowc_runtime.state.sample import Sample

MANY = list(range(20_000))


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in.jsonl").write_text("".join(f'{{"n":{n}}}\n' for n in range(1000)))


@pytest.mark.parametrize("share", [0.01, 0.1, 0.5, 0.9])
def test_as_many_as_asked_for_spread_evenly(share: float) -> None:
    passed = Sample(share, Environment({}, seed=0)).apply(MANY)
    spread = (len(MANY) * share * (1 - share)) ** 0.5
    assert abs(len(passed) - len(MANY) * share) < 4 * spread
    assert abs(sum(n < 10_000 for n in passed) - len(passed) / 2) < 4 * len(passed) ** 0.5


def test_none_and_all() -> None:
    assert Sample(0.0, Environment({}, seed=0)).apply(MANY) == []
    assert Sample(1.0, Environment({}, seed=0)).apply(MANY) == MANY


def test_a_larger_share_has_the_smaller_one_in_it_and_another_seed_does_not() -> None:
    few, more = (set(Sample(share, Environment({}, seed=7)).apply(MANY)) for share in (0.05, 0.2))
    assert few < more
    assert not few <= set(Sample(0.2, Environment({}, seed=8)).apply(MANY))


@given(st.lists(st.integers(0, 50), max_size=30), st.integers(0, 30))
def test_blocks_and_a_restart_change_nothing(sizes: list[int], restart: int) -> None:
    whole = Sample(0.3, Environment({}, seed=1)).apply(list(range(sum(sizes))))
    sample, passed, start = Sample(0.3, Environment({}, seed=1)), [], 0
    for number, size in enumerate(sizes):
        if number == restart:
            saved = sample.save()
            sample = Sample(0.3, Environment({}, seed=1))
            sample.restore(saved)
        passed += sample.apply(list(range(start, start + size)))
        start += size
    assert passed == whole


def test_in_a_pipeline(tmp_path: Path) -> None:
    got = ran("in.jsonl | sample 10% | out.jsonl", tmp_path)
    assert [row["n"] for row in got.rows] == Sample(0.1, Environment({}, seed=0)).apply(
        list(range(1000))
    )
    account = got.result.accounts["sample"]
    assert account.dropped == {"not sampled": 1000 - len(got.rows)}


@pytest.mark.parametrize("stage", ["sample: 10%", "sample: 0.1", "sample: {share: 10%}"])
def test_yaml(stage: str, tmp_path: Path) -> None:
    text = f"source: in.jsonl\nprocess:\n  - {stage}\nsink: out.jsonl\n"
    found = [row["n"] for row in ran(text, tmp_path, name="p.yaml").rows]
    assert found == Sample(0.1, Environment({}, seed=0)).apply(list(range(1000)))


@pytest.mark.parametrize(
    ("stage", "expected"),
    [
        ("sample 101%", ["FC0377"]),
        ("sample 2", ["FC0377"]),
        ("sample -1%", ["FC0377"]),
        ("sample ${SHARE:-nan}", ["FC0377"]),
        ("sample ${SHARE:-many}", ["FC0377"]),
        ("sample ${SHARE}", ["FC0228"]),
        ('sample "1%"', ["FC0224"]),
        ("sample n", ["FC0224"]),
        ("sample", ["FC0220"]),
    ],
)
def test_refused(stage: str, expected: list[str], tmp_path: Path) -> None:
    assert codes(f"in.jsonl | {stage} | out.jsonl", tmp_path) == expected
