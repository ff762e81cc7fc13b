from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from flowc_runtime.codecs.jsonarray import JsonArray
from flowc_runtime.codecs.jsonlines import JsonLines
from flowc_runtime.connectors.files import Sink, SinkOptions, Source, SourceOptions
from flowc_runtime.environment import Environment
from flowc_runtime.records import Batch
from tests.cli.as_process import flowc

from .alike import run_and_build
from .battery import THINGS, SinkBattery, SourceBattery, Thing, environment

__all__ = ["environment"]


def array(kind: Any = Thing, size: int = 20_000) -> JsonArray:
    return JsonArray(JsonLines(kind, block_size=size))


def decoded(text: str, kind: Any = Any, size: int = 20_000) -> list[Batch]:
    data = text.encode()
    at = 0

    def read(count: int) -> bytes:
        nonlocal at
        piece = data[at : at + min(count, size)]
        at += len(piece)
        return piece

    return list(array(kind, size).decode(read, {}))


def records(batches: list[Batch]) -> list[Any]:
    return [record for batch in batches for record in batch.records]


def rejects(batches: list[Batch]) -> list[tuple[bytes, str, int]]:
    return [
        (reject.original, str(reject.error), int(reject.position["offset"]))
        for batch in batches
        for reject in batch.rejects
    ]


class TestJsonArraySource(SourceBattery):
    replayable = True

    def source(self, environment: Environment) -> Source:
        things = [{"id": thing.id, "name": thing.name} for thing in THINGS]
        Path("things.json").write_text(json.dumps(things, indent=1))
        return Source(SourceOptions("things.json"), array(), environment)

    def broken(self, environment: Environment) -> Iterator[tuple[Source, str]]:
        yield Source(SourceOptions("missing.json"), array(), environment), "FC0801"


class TestJsonArraySink(SinkBattery):
    def sink(self, environment: Environment) -> Sink:
        return Sink(SinkOptions("out.json"), array(), environment)

    def stored(self, environment: Environment) -> list[Thing]:
        return [Thing(**item) for item in json.loads(Path("out.json").read_bytes())]

    def broken(self, environment: Environment) -> Iterator[tuple[Sink, str]]:
        yield Sink(SinkOptions("missing/out.json"), array(), environment), "FC0805"


def value(chance: random.Random, depth: int) -> Any:
    kinds = 6 if depth else 4
    match chance.randrange(kinds):
        case 0:
            return chance.choice([None, True, 12, -1.5, 10**20])
        case 1 | 2 | 3:
            return "".join(chance.choices('ab"\\,[]{}é\n\t ', k=chance.randrange(6)))
        case 4:
            return [value(chance, depth - 1) for _ in range(chance.randrange(4))]
        case _:
            return {f"k{i}": value(chance, depth - 1) for i in range(chance.randrange(4))}


@pytest.mark.parametrize("seed", range(60))
def test_any_array_is_read_however_it_is_cut(seed: int) -> None:
    chance = random.Random(seed)
    items = [{"v": value(chance, 3)} for _ in range(chance.randrange(30))]
    text = json.dumps(
        items, indent=chance.choice([None, 1, "\t"]), ensure_ascii=chance.random() < 0.5
    )
    text = chance.choice(["", "\ufeff", " \n"]) + text + chance.choice(["", "\n", "  \n\n"])
    size = chance.choice([4, 5, 17, 200, 20_000])
    found = decoded(text, size=size)
    assert records(found) == items
    assert rejects(found) == []
    originals = [
        batch.original(at)
        for batch in found
        if batch.original is not None
        for at in range(len(batch.records))
    ]
    assert [json.loads(original) for original in originals] == items


@pytest.mark.parametrize("text", ['{"id":1}\n{"id":2}', '{"id":1} {"id":2}\n', ""])
def test_json_lines_are_read_too(text: str) -> None:
    found = decoded(text)
    assert records(found) == [{"id": i} for i in (1, 2) if text]
    assert all("array" not in batch.position for batch in found)


@pytest.mark.parametrize(
    ("text", "good", "bad"),
    [
        ('[{"id":1,"name":"a"},{"id":"x"},{"id":2,"name":null}]', [1, 2], [b'{"id":"x"}']),
        ('[{"id":1,"name":"a"},]', [1], [b"]"]),
        ('[{"id":1,"name":"a"},,\n{"id":2,"name":null}]', [1], [b","]),
        ('[{"id":1,"name":"a"},3,{"id":2,"name":null}]', [1, 2], [b"3"]),
        ('[{"id":1,"name":"a"}] x', [1], [b"x"]),
        ("[]", [], []),
        (" [ ] ", [], []),
    ],
)
def test_what_is_no_record_is_rejected(text: str, good: list[int], bad: list[bytes]) -> None:
    found = decoded(text, Thing)
    assert [thing.id for thing in records(found)][: len(good)] == good
    assert [original for original, _, _ in rejects(found)][: len(bad)] == bad


@pytest.mark.parametrize("end", ["", ",", "\n"])
def test_an_array_that_is_not_closed_is_told(end: str) -> None:
    text = '[{"id":1}' + end
    found = decoded(text)
    assert records(found) == [{"id": 1}]
    assert rejects(found) == [(b"", "the array is not closed: the input is cut off", len(text))]


def test_an_item_that_is_cut_off_is_told() -> None:
    found = decoded('[{"id":1},{"id":')
    assert records(found) == [{"id": 1}]
    assert [original for original, _, _ in rejects(found)] == [b'{"id":']


def test_a_large_array_is_not_held() -> None:
    item = b'{"id": 1, "name": "' + b"x" * 1000 + b'"},\n'
    left = 100_000
    most = 0

    def read(size: int) -> bytes:
        nonlocal left
        if left == 100_000:
            left -= 1
            return b"["
        left -= 100
        return item * 100 if left > 0 else b""

    for batch in array(size=1 << 17).decode(read, {}):
        most = max(most, sum(sys.getsizeof(record.name) for record in batch.records))
    assert most < 4 << 20


ITEMS = [{"id": i, "name": f"n{i}"} for i in range(20)]


@pytest.mark.parametrize("form", ["pipe", "yaml", "option"])
def test_run_and_the_project_read_and_write_them(
    form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "in.json").write_text(json.dumps(ITEMS, indent=2))
    (data / "p.yaml").write_text(
        "source: in.json\nprocess:\n  - filter id > 17\nsink:\n  file: out.dat\n  format: json\n"
    )
    word = {
        "pipe": "in.json as {id: int, ...} | filter id > 17 | out.dat?format=json",
        "yaml": "p.yaml",
        "option": "in.json?format=json | filter id > 17 | out.dat?format=json",
    }[form]
    code, files = run_and_build(word, data, tmp_path, monkeypatch)
    assert code == 0
    assert files["out.dat"] == b'[\n{"id":18,"name":"n18"},\n{"id":19,"name":"n19"}\n]\n'


def test_standard_streams_are_arrays_too(tmp_path: Path) -> None:
    done = flowc("run", "-q", "-?format=json | -?format=json", cwd=tmp_path, stdin='[{"a":1}]')
    assert done.stdout == '[\n{"a":1}\n]\n'


def test_several_processes_write_the_same_array(tmp_path: Path) -> None:
    rows = "".join(f'{{"id":{i}}}\n' for i in range(500_000))
    (tmp_path / "in.jsonl").write_text(rows)
    found = []
    for workers in ("1", "2"):
        done = flowc("run", "in.jsonl | out.json", "--workers", workers, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        found.append((tmp_path / "out.json").read_bytes())
    assert found[0] == found[1]
    assert len(json.loads(found[0])) == 500_000
