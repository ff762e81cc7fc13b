"""The arithmetic between samples and the tables of bench/."""

from __future__ import annotations

import sys
from math import log2
from pathlib import Path

import pytest

from bench.contestants import Contestant, Shape
from bench.measure import Sample, run
from bench.results import Mark, digest, marks, rows, without_compiling
from bench.startup import Timing, growth, pipeline


def contestant(name: str, shape: Shape = "base", head: bool = False) -> Contestant:
    return Contestant(name, shape, ("true",), "out.jsonl", head=head)


def samples(*walls: float) -> list[Sample]:
    return [Sample(wall=wall, cpu=wall / 2, peak=50_000_000, code=0, errors="") for wall in walls]


def test_a_ratio_is_taken_within_each_round() -> None:
    reference, other = rows(
        {contestant("best_loop"): samples(1.0, 2.0, 4.0), contestant("x"): samples(1.5, 3.0, 5.0)}
    )
    assert (reference.ratio, reference.wall) == (1.0, 2.0)
    assert (other.ratio, other.cpu_ratio, other.wall) == (1.5, 1.5, 3.0)
    assert (other.low, other.high) == (1.375, 1.5)


def test_each_shape_has_its_own_reference() -> None:
    table = rows(
        {
            contestant("best_loop"): samples(1.0),
            contestant("best_loop", "nested"): samples(2.0),
            contestant("x", "nested"): samples(3.0),
        }
    )
    assert [row.ratio for row in table] == [1.0, 1.0, 1.5]


def test_compiling_is_the_fixed_time_beyond_the_reference_s_own() -> None:
    # Reference: 0.03 s to start, 1 us a record. flowc: 0.53 s to start, 1.1 us a record.
    compiling, (row,) = without_compiling(
        {
            contestant("best_loop", head=True): samples(0.04),
            contestant("best_loop"): samples(1.03),
            contestant("flowc run", head=True): samples(0.541),
            contestant("flowc run"): samples(1.63),
        },
        records=1_000_000,
        head=10_000,
    )
    assert compiling == pytest.approx(0.5)
    assert row.wall == pytest.approx(1.13)
    assert row.ratio == pytest.approx(1.13 / 1.03)


def test_without_flowc_there_is_nothing_to_take_off() -> None:
    taken = {
        contestant("best_loop"): samples(1.0),
        contestant("best_loop", head=True): samples(0.1),
    }
    assert without_compiling(taken, records=100, head=10) == (0.0, [])


def test_marks_compare_shapes_with_base() -> None:
    found = marks(
        rows(
            {
                contestant("best_loop"): samples(1.0),
                contestant("best_loop", "renamed"): samples(2.0),
                contestant("flowc built"): samples(1.1),
                contestant("flowc built", "renamed"): samples(2.4),
            }
        )
    )
    assert [(round(mark.measured, 3), mark.met) for mark in found] == [
        (1.1, True),
        (1.091, False),
        (50.0, True),
    ]
    assert not Mark("", 1.16, 1.15).met


def test_a_digest_is_of_the_data_and_its_order(tmp_path: Path) -> None:
    def of(text: str) -> tuple[int, str]:
        (tmp_path / "x").write_text(text, encoding="utf-8")
        return digest(tmp_path / "x")

    same = of('{"a":80,"b":"é"}\n{"a":0.5}\n')
    assert of('{"b": "\\u00e9", "a": 80.0}\n{"a": 5e-1}') == same
    assert of('{"a":0.5}\n{"a":80,"b":"é"}\n') != same
    assert of('{"a":80,"b":"é"}\n{"a":0.51}\n') != same


def test_growth_is_flat_for_n_log_n_and_not_for_n_squared() -> None:
    sizes = (10, 100, 1000, 5000)
    flat = growth([Timing("", n, 0.2 + 1e-5 * n * log2(n), 0) for n in sizes])
    assert flat == {n: pytest.approx(1.0) for n in sizes[1:]}
    steep = growth([Timing("", n, 0.2 + 1e-6 * n * n, 0) for n in sizes])
    assert steep[5000] > 4


def test_a_generated_pipeline_has_so_many_stages() -> None:
    assert pipeline(7).count("\n| ") == 8
    assert pipeline(7).endswith("| filter amount > 6\n| out.jsonl\n")


def test_a_child_is_charged_with_its_own_memory_only(tmp_path: Path) -> None:
    ballast = b"x" * 100_000_000
    small = run([sys.executable, "-c", "pass"], folder=tmp_path)
    large = run([sys.executable, "-c", "x = b'x' * 60_000_000"], folder=tmp_path)
    assert small.peak < 40_000_000
    assert 60_000_000 < large.peak < len(ballast)


def test_a_failure_is_told_in_one_line(tmp_path: Path) -> None:
    sample = run([sys.executable, "-c", "import nowhere"], folder=tmp_path)
    assert sample.failure == "exits 1: ModuleNotFoundError: No module named 'nowhere'"
    killed = run([sys.executable, "-c", "import os; os.kill(os.getpid(), 9)"], folder=tmp_path)
    assert killed.failure == "exits -9: nothing on standard error"
