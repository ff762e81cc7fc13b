"""Every program of bench/ computes the same: nothing here asserts a time."""

from __future__ import annotations

import csv
import hashlib
import json
from pathlib import Path
from typing import Any, Literal, get_args

import pytest

from bench import orders
from bench.contestants import SHAPES, Contestant, Shape, data_file, flowc, script
from bench.measure import Sample, available_cores, run
from bench.results import digest

RECORDS = 1_000
OUTPUT_FIELDS: dict[Shape, tuple[str, ...]] = {
    "base": ("id", "customer_id", "country", "status", "net"),
    "swapped": ("id", "customer_id", "country", "status", "net"),
    "nested": ("id", "customer_id", "country", "status", "net"),
    "renamed": ("nr", "buyer_nr", "land", "state", "net"),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("bench")
    for variant in get_args(orders.Variant):
        orders.write(path / data_file(variant, head=False), RECORDS, 1, variant, "jsonl")
    return path


@pytest.fixture(scope="module")
def expected(folder: Path) -> list[tuple[Any, ...]]:
    """What W1 gives, worked out in whole cents."""
    result = []
    for line in (folder / "orders-base.jsonl").read_text(encoding="utf-8").splitlines():
        order = json.loads(line)
        cents = round(order["amount"] * 100)
        if cents > 10_000:
            net = (cents * 8 + 5) // 10 / 100
            result.append(
                (order["id"], order["customer_id"], order["country"], order["status"], net)
            )
    return result


def start(entry: Contestant, folder: Path) -> Sample:
    cores = available_cores()[: entry.cores]
    return run(entry.command, folder=folder, cores=cores, variables=entry.variables())


def assert_gives(entry: Contestant, folder: Path, expected: list[tuple[Any, ...]]) -> None:
    sample = start(entry, folder)
    assert sample.code == 0, sample.errors
    lines = (folder / entry.output).read_text(encoding="utf-8").splitlines()
    fields = OUTPUT_FIELDS[entry.shape]
    assert [json.loads(line) for line in lines] == [dict(zip(fields, row)) for row in expected]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(
    ("program", "threads"),
    [
        ("best_loop", ""),
        ("naive_json", ""),
        ("duckdb_sql", "1"),
        ("duckdb_sql", ""),
        ("polars_lazy", "1"),
        ("polars_lazy", ""),
    ],
)
def test_a_program_gives_the_expected_records(
    program: str, threads: str, shape: Shape, folder: Path, expected: list[tuple[Any, ...]]
) -> None:
    entry = script(f"{program}{threads}", program, shape, threads=threads, cores=2)
    assert_gives(entry, folder, expected)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("kind", ["run", "built"])
def test_flowc_gives_the_expected_records(
    kind: Literal["run", "built"], shape: Shape, folder: Path, expected: list[tuple[Any, ...]]
) -> None:
    entry = flowc(folder, shape, kind, head=False)
    assert isinstance(entry, Contestant), entry.reason
    (folder / entry.output).unlink(missing_ok=True)
    assert_gives(entry, folder, expected)


def test_the_reference_reads_lines_across_blocks_and_a_last_line_without_its_end(
    tmp_path: Path,
) -> None:
    source = tmp_path / data_file("base", head=False)
    orders.write(source, 3 * RECORDS, 1, "base", "jsonl")
    source.write_bytes(source.read_bytes().rstrip(b"\n"))
    assert source.stat().st_size > 4 * 128 * 1024
    digests = set()
    for program in ("best_loop", "naive_json"):
        entry = script(program, program, "base")
        assert start(entry, tmp_path).code == 0
        digests.add(digest(tmp_path / entry.output))
    assert len(digests) == 1


def test_orders_are_the_same_bytes_everywhere(tmp_path: Path) -> None:
    hashes = {}
    for variant in get_args(orders.Variant):
        orders.write(tmp_path / variant, RECORDS, 1, variant, "jsonl")
        hashes[variant] = hashlib.sha256((tmp_path / variant).read_bytes()).hexdigest()[:16]
    assert hashes == {
        "base": "f5473100163d4fe6",
        "renamed": "373114d08b837de6",
        "nested": "6c5b241ea1038d91",
    }
    assert list(orders.lines(10, 1, "base", "jsonl")) != list(orders.lines(10, 2, "base", "jsonl"))


def test_orders_look_as_promised() -> None:
    lines = list(orders.lines(20_000, 3, "base", "jsonl"))
    records = [json.loads(line) for line in lines]
    assert all(tuple(record) == orders.FIELDS for record in records)
    assert 230 < sum(len(line.encode()) for line in lines) / len(lines) < 270
    assert 0.29 < sum(record["amount"] > 100 for record in records) / len(records) < 0.31
    assert 0.69 < sum(record["coupon"] is None for record in records) / len(records) < 0.71
    assert [record["id"] for record in records] == list(range(1, 20_001))


def test_variants_and_forms_hold_the_same_records() -> None:
    base = [json.loads(line) for line in orders.lines(RECORDS, 1, "base", "jsonl")]
    renamed = [json.loads(line) for line in orders.lines(RECORDS, 1, "renamed", "jsonl")]
    assert renamed == [{orders.RENAMED[k]: v for k, v in record.items()} for record in base]
    nested = [json.loads(line) for line in orders.lines(RECORDS, 1, "nested", "jsonl")]
    for record, flat in zip(nested, base, strict=True):
        customer = record.pop("customer")
        assert record | {"customer_id": customer["id"], "country": customer["country"]} == flat
    written = list(csv.DictReader(orders.lines(RECORDS, 1, "base", "csv")))
    for row, flat in zip(written, base, strict=True):
        assert row | {"amount": float(row["amount"])} == {
            name: value if name == "amount" else "" if value is None else str(value)
            for name, value in flat.items()
        }


def test_null_and_the_empty_string_differ_in_csv() -> None:
    for line, text in zip(
        orders.lines(RECORDS, 1, "base", "jsonl"),
        list(orders.lines(RECORDS, 1, "base", "csv"))[1:],
        strict=True,
    ):
        record = json.loads(line)
        assert text.endswith(',""\n') == (record["note"] == "")
        assert (",," in text) == (record["coupon"] is None)


def test_nested_orders_have_no_csv_form() -> None:
    with pytest.raises(ValueError, match="nested"):
        list(orders.lines(1, 1, "nested", "csv"))
