from __future__ import annotations

import gzip
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from flowc.cli.app import main
from flowc_runtime.connectors.files import Sink, SinkOptions, SourceOptions
from flowc_runtime.connectors.manyfiles import Source
from flowc_runtime.engine import RunOptions, run
from flowc_runtime.environment import Environment
from flowc_runtime.errors import ResourceError
from flowc_runtime.records import Position, Range, RangeEndError
from tests.cli.as_process import flowc
from tests.runtime.ends import line

from .alike import run_and_build
from .battery import THINGS, SourceBattery, Thing, environment
from .test_files import comma, jsonl

__all__ = ["environment"]


def reading(environment: Environment, pattern: str, codec: Any = None) -> Source:
    return Source(SourceOptions(pattern), codec or jsonl(), environment)


class TestManyFiles(SourceBattery):
    replayable = True

    def source(self, environment: Environment) -> Source:
        Path("d").mkdir(exist_ok=True)
        Path("d/a.jsonl").write_bytes(jsonl().encode(THINGS[:700]))
        Path("d/b.jsonl").write_bytes(b"")
        Path("d/c.jsonl").write_bytes(jsonl().encode(THINGS[700:2400]).rstrip())
        Path("d/d.jsonl").write_bytes(jsonl().encode(THINGS[2400:]))
        return reading(environment, "d/*.jsonl")

    def broken(self, environment: Environment) -> Iterator[tuple[Source, str]]:
        Path("empty").mkdir(exist_ok=True)
        yield reading(environment, "empty/*.jsonl"), "FC0801"
        yield reading(environment, "missing/*.jsonl"), "FC0801"
        Path("packed.a").write_bytes(gzip.compress(b"text")[:-3])
        yield Source(SourceOptions("packed.*", False, "gzip"), jsonl(), environment), "FC0837"
        Path("x1.csv").write_text("id,name\n1,a\n")
        Path("x2.csv").write_text("id,title\n1,a\n")
        yield reading(environment, "x*.csv", comma()), "FC0807"


class TestManyCsvFiles(TestManyFiles):
    def source(self, environment: Environment) -> Source:
        Path("d").mkdir(exist_ok=True)
        for name, some in (("a", THINGS[:700]), ("b", []), ("c", THINGS[700:])):
            Path(f"d/{name}.csv").write_bytes(comma().header() + comma().encode(some))
        # The order of columns is that of each file.
        last = Path("d/d.csv")
        last.write_text("name,id\n")
        return reading(environment, "d/*.csv", comma())


def test_what_is_read_is_settled_when_it_begins(environment: Environment) -> None:
    Path("a.jsonl").write_bytes(jsonl().encode(THINGS[:3]))
    Path("c.jsonl").write_bytes(jsonl().encode(THINGS[3:5]))
    source = reading(environment, "*.jsonl")
    source.open(None)
    batches = source.batches()
    first = next(batches)
    assert first.records == THINGS[:3]
    with open("c.jsonl", "ab") as file:
        file.write(b'{"id":99,"name":null}\n')
    Path("b.jsonl").write_bytes(jsonl().encode([Thing(98, None)]))
    assert [r for batch in batches for r in batch.records] == THINGS[3:5]
    again = reading(environment, "*.jsonl")
    again.open(first.position)
    assert [r for batch in again.batches() for r in batch.records] == THINGS[3:5]


def test_a_file_that_became_shorter_is_told(environment: Environment) -> None:
    Path("a.jsonl").write_bytes(jsonl().encode(THINGS[:3]))
    Path("b.jsonl").write_bytes(jsonl().encode(THINGS[3:9]))
    source = reading(environment, "*.jsonl")
    source.open(None)
    batches = source.batches()
    next(batches)
    Path("b.jsonl").write_bytes(jsonl().encode(THINGS[3:4]))
    with pytest.raises(Exception) as caught:  # noqa: PT011
        list(batches)
    diagnosis = source.diagnose(caught.value)
    source.close()
    assert diagnosis is not None
    assert diagnosis.code == "FC0838"


def test_a_reject_tells_its_file(environment: Environment) -> None:
    Path("a.jsonl").write_bytes(b'{"id":1,"name":null}\n')
    Path("b.jsonl").write_bytes(b'{"id":1,"name":null}\n{"id":\n')
    source = reading(environment, "*.jsonl")
    source.open(None)
    [reject] = [r for batch in source.batches() for r in batch.rejects]
    assert reject.position == {"file": "b.jsonl", "offset": 21}


def in_ranges(source: Source, size: int) -> list[Any]:
    """All records: the first batch, then range by range, each of which ends where it says."""
    source.open(None)
    batches = source.batches()
    first = next(batches)
    found = list(first.records)
    ranges = source.ranges(first.position, size)
    batches.close()  # type: ignore[attr-defined]
    source.close()
    assert len(ranges) > 1
    assert ranges[-1].stop == {}
    for at, range in enumerate(ranges):
        if at:
            assert range.start == ranges[at - 1].stop
        records, ended = one_range(source, range)
        found += records
        if range.stop:
            counted = source.counted
            assert {k: v for k, v in ended.items() if k not in counted} == {
                k: v for k, v in range.stop.items() if k not in counted
            }
    return found


def one_range(source: Source, range: Range) -> tuple[list[Any], Position]:
    source.open_range(range)
    found: list[Any] = []
    ended = range.start
    try:
        for batch in source.batches():
            found += batch.records
            ended = batch.position
    except RangeEndError:
        pass
    source.close()
    return found, ended


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("kind", ["jsonl", "csv"])
def test_ranges_hold_all_records_once(seed: int, kind: str, environment: Environment) -> None:
    chance = random.Random(seed)
    made = jsonl if kind == "jsonl" else comma
    plain = [Thing(i, f"n{i % 7}") for i in range(2_500)]
    at = number = 0
    while at < len(plain):
        count = chance.choice([0, 1, 20, 300, 900])
        data = made().header() + made().encode(plain[at : at + count])
        Path(f"f{number:03}.{kind}").write_bytes(data.rstrip() if chance.random() < 0.3 else data)
        at, number = at + count, number + 1
    source = reading(environment, f"*.{kind}", made())
    assert in_ranges(source, chance.choice([2_000, 9_000])) == plain


def test_a_reordered_file_is_cut_by_its_own_header(environment: Environment) -> None:
    Path("a.csv").write_text("id,name\n1,a\n")
    rows = "".join(f"n,{i}\n" for i in range(2, 5_000))
    Path("b.csv").write_text("name,id\n" + rows)
    source = reading(environment, "*.csv", comma())
    assert [thing.id for thing in in_ranges(source, 9_000)] == list(range(1, 5_000))


def test_compressed_files_are_ranges_as_a_whole(environment: Environment) -> None:
    for index in range(4):
        part = jsonl().encode(THINGS[index * 100 : index * 100 + 100])
        Path(f"{index}.jsonl.gz").write_bytes(gzip.compress(part))
    source = Source(SourceOptions("*.gz", compression="gzip"), jsonl(), environment)
    assert in_ranges(source, 10) == THINGS[:400]


@pytest.mark.parametrize("out", ["out.jsonl", "new.jsonl"])
def test_a_file_of_the_pattern_is_not_written(out: str, environment: Environment) -> None:
    Path("out.jsonl").write_bytes(jsonl().encode(THINGS))
    sink = Sink(SinkOptions(out), jsonl(), environment)
    result = run(line(reading(environment, "*.jsonl"), {}, sink), RunOptions(), environment)
    assert result.diagnosis is not None
    assert result.diagnosis.code == "FC0806"


def test_a_missing_folder_is_told_with_one_like_it(environment: Environment) -> None:
    Path("data").mkdir()
    with pytest.raises(ResourceError) as caught:
        reading(environment, "dta/*.csv").open(None)
    assert caught.value.diagnosis.suggestions == ("Did you mean data?",)


def lay(folder: Path) -> None:
    (folder / "d").mkdir(parents=True)
    for name in "abc":
        rows = "".join(f"{i},{name}{i}\n" for i in range(4))
        (folder / "d" / f"{name}.csv").write_text("id,name\n" + rows)


@pytest.mark.parametrize(
    "word",
    [
        "d/*.csv | filter id > 2 | out.jsonl",
        "d/{a,b,c}.csv | filter id > 2 | out.jsonl",
        "d/?.csv as {id: int, name: string} | filter id > 2 | out.jsonl",
        "p.yaml",
    ],
)
def test_run_and_the_project_read_them(
    word: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = tmp_path / "data"
    lay(data)
    (data / "p.yaml").write_text(
        "source:\n  file: d/*.csv\nprocess:\n  - filter id > 2\nsink: out.jsonl\n"
    )
    code, files = run_and_build(word, data, tmp_path, monkeypatch)
    assert code == 0
    assert files["out.jsonl"].splitlines() == [
        b'{"id":3,"name":"%s3"}' % name for name in (b"a", b"b", b"c")
    ]


def test_the_number_of_processes_changes_nothing(tmp_path: Path) -> None:
    for name in "abc":
        rows = "".join(f"{i},{name}{i}\n" for i in range(200_000))
        (tmp_path / f"{name}.csv").write_text("id,name\n" + rows + "x\n")
    text = "{a,b,c}.csv | filter id % 1000 == 1 | out.jsonl"
    found = []
    for workers in ("1", "2"):
        done = flowc(
            "run", text, "--workers", workers, "--dead-letter", f"{workers}.x", cwd=tmp_path
        )
        assert done.returncode in (0, 4), done.stderr
        letters = [
            line.split(b'"position"')[1]
            for line in (tmp_path / f"{workers}.x").read_bytes().splitlines()
        ]
        found.append(((tmp_path / "out.jsonl").read_bytes(), letters))
    assert found[0] == found[1]
    assert [b'"file":"%s.csv"' % n in place for n, place in zip((b"a", b"b", b"c"), letters)]


def faults(word: str, capsys: pytest.CaptureFixture[str]) -> str:
    assert main(["validate", word]) != 0
    return capsys.readouterr().err


@pytest.mark.parametrize(
    ("word", "code", "said"),
    [
        ("d/*.cvs?format=csv | out.jsonl", "FC0720", "did you mean d/*.csv?"),
        ("e/*.csv | out.jsonl", "FC0720", "does not exist"),
        ("d/a.csv | out/*.jsonl", "FC0245", "a sink writes one file"),
        ("d/*.csv?endless=true | out.jsonl", "FC0245", "several files"),
        ("'{d/a.csv,b.jsonl}' | out.jsonl", "FC0244", "tells no format"),
    ],
)
def test_mistakes(
    word: str,
    code: str,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    lay(tmp_path)
    found = faults(word, capsys)
    assert code in found
    assert said in found


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("id,title", "d/z.csv lacks name"),
        ("name,id", "another order"),
        ("id,name,more", "d/z.csv also has more"),
    ],
)
def test_headers_must_be_the_same(
    header: str,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    lay(tmp_path)
    Path("d/z.csv").write_text(f"{header}\n")
    found = faults("d/*.csv | out.jsonl", capsys)
    assert "FC0726" in found
    assert said in found


def test_the_type_is_that_of_all_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.csv").write_text("\ufeffid,x\n1,2\n")
    Path("b.csv").write_text("\ufeffid,x\n1,2.5")
    Path("c.csv").write_text("id,x\n1,NaN-like\n")
    assert main(["run", "{a,b}.csv | out.jsonl"]) == 0
    assert "2 of 2 records of 2 files {a,b}.csv: {id: int, x: number}" in capsys.readouterr().err
    assert main(["run", "{a,b,c}.csv | out.jsonl"]) == 0
    assert "x: string" in capsys.readouterr().err
