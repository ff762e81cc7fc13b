from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
import pytest

from flowc_runtime.codecs.csv import Csv
from flowc_runtime.codecs.jsonlines import JsonLines
from flowc_runtime.connectors.files import (
    CAPABILITIES,
    Sink,
    SinkOptions,
    Source,
    SourceOptions,
)
from flowc_runtime.engine import RunOptions, run
from flowc_runtime.environment import Environment
from tests.runtime.ends import line

from .battery import THINGS, SinkBattery, SourceBattery, Thing, check_options, environment

__all__ = ["environment"]


def as_thing(row: tuple[str | None, ...]) -> Thing:
    return Thing(int(row[0] or ""), row[1])


def jsonl() -> JsonLines:
    return JsonLines(Thing, block_size=20_000)


def comma() -> Csv:
    return Csv(("id", "name"), make=as_thing, block_size=20_000)


def reading(environment: Environment, path: str, codec: Any = None) -> Source:
    return Source(SourceOptions(path), codec or jsonl(), environment)


def writing(environment: Environment, path: str, codec: Any = None) -> Sink:
    return Sink(SinkOptions(path), codec or jsonl(), environment)


class TestJsonLinesSource(SourceBattery):
    replayable = CAPABILITIES.replayable

    def source(self, environment: Environment) -> Source:
        Path("things.jsonl").write_bytes(jsonl().encode(THINGS))
        return reading(environment, "things.jsonl")

    def broken(self, environment: Environment) -> Iterator[tuple[Source, str]]:
        Path("folder").mkdir(exist_ok=True)
        Path("file").write_text("")
        yield reading(environment, "missing.jsonl"), "FC0801"
        yield reading(environment, "file/x.jsonl"), "FC0801"
        yield reading(environment, "folder"), "FC0802"
        if os.geteuid():
            Path("secret").touch(mode=0)
            yield reading(environment, "secret"), "FC0803"


class TestCsvSource(TestJsonLinesSource):
    def source(self, environment: Environment) -> Source:
        Path("things.csv").write_bytes(comma().header() + comma().encode(THINGS))
        return reading(environment, "things.csv", comma())


class Failing(Environment):
    """A disk on which writing fails with `number`."""

    def __init__(self, number: int) -> None:
        super().__init__({})
        self.number = number

    def write(self, file: BinaryIO, data: bytes) -> None:
        if data:
            raise OSError(self.number, os.strerror(self.number))


class TestJsonLinesSink(SinkBattery):
    path = "out.jsonl"

    def sink(self, environment: Environment) -> Sink:
        return writing(environment, self.path)

    def stored(self, environment: Environment) -> list[Thing]:
        assert not Path(self.path + ".partial").exists()
        data = Path(self.path).read_bytes()
        return msgspec.json.Decoder(Thing).decode_lines(data)

    def broken(self, environment: Environment) -> Iterator[tuple[Sink, str]]:
        Path("folder").mkdir(exist_ok=True)
        yield writing(environment, "missing/out.jsonl"), "FC0805"
        yield writing(environment, "folder"), "FC0802"
        yield writing(Failing(errno.ENOSPC), "a.jsonl"), "FC0804"
        yield writing(Failing(errno.EIO), "b.jsonl"), "FC0816"
        yield writing(Failing(errno.EROFS), "c.jsonl"), "FC0803"


class TestCsvSink(TestJsonLinesSink):
    path = "out.csv"

    def sink(self, environment: Environment) -> Sink:
        return writing(environment, self.path, comma())

    def stored(self, environment: Environment) -> list[Thing]:
        source = reading(environment, self.path, comma())
        source.open(None)
        records = [record for batch in source.batches() for record in batch.records]
        source.close()
        return records

    def test_the_header_is_written_once_and_first(self, environment: Environment) -> None:
        sink = self.sink(environment)
        sink.open()
        sink.write([Thing(1, "a")])
        sink.write([Thing(2, None)])
        sink.close(complete=True)
        assert Path(self.path).read_bytes() == b"id,name\n1,a\n2,\n"


@pytest.mark.parametrize("options", [SourceOptions, SinkOptions])
def test_options_are_documented(options: Any) -> None:
    check_options(options)


def test_the_name_appears_only_when_complete(environment: Environment) -> None:
    Path("out.jsonl").write_text("old\n")
    sink = writing(environment, "out.jsonl")
    sink.open()
    sink.write([Thing(1, "a")])
    assert Path("out.jsonl").read_text() == "old\n"
    sink.close(complete=False)
    assert Path("out.jsonl").read_text() == "old\n"
    assert Path("out.jsonl.partial").read_text() == '{"id":1,"name":"a"}\n'


def test_short_writes_are_gone_on_with(environment: Environment) -> None:
    class Slow:
        def __init__(self) -> None:
            self.data = b""

        def write(self, data: bytes) -> int:
            self.data += bytes(data[:3])
            return min(3, len(data))

    slow: Any = Slow()
    environment.write(slow, b"0123456789")
    assert slow.data == b"0123456789"


def test_a_similar_name_is_suggested(environment: Environment) -> None:
    Path("orders.jsonl").touch()
    source = reading(environment, "ordrs.jsonl")
    with pytest.raises(FileNotFoundError) as caught:
        source.open(None)
    diagnosis = source.diagnose(caught.value)
    assert diagnosis is not None
    assert diagnosis.suggestions[0] == "Did you mean orders.jsonl?"


@pytest.mark.parametrize("path", ["things.jsonl", "./things.jsonl", "link.jsonl"])
def test_the_file_that_is_read_is_not_written(environment: Environment, path: str) -> None:
    data = jsonl().encode(THINGS)
    Path("things.jsonl").write_bytes(data)
    Path("link.jsonl").symlink_to("things.jsonl")
    pipeline = line(reading(environment, "things.jsonl"), {}, writing(environment, path))
    result = run(pipeline, RunOptions(), environment)
    assert result.exit_code == 3
    assert result.diagnosis is not None
    assert result.diagnosis.code == "FC0806"
    assert Path("things.jsonl").read_bytes() == data
    assert not Path("things.jsonl.partial").exists()


def test_dead_letters_are_read_back(environment: Environment) -> None:
    """What does not fit goes to the next name, and what is read stays as it was."""
    Path("t.dead.jsonl").write_bytes(b'{"id": 1}\n')
    source, sink = reading(environment, "t.dead.jsonl"), writing(environment, "out.jsonl")
    result = run(line(source, {}, sink), RunOptions(), environment)
    assert result.diagnosis is None
    assert (result.dead_letters, result.dead_letter_path) == (1, "t.2.dead.jsonl")
    assert Path("t.dead.jsonl").read_bytes() == b'{"id": 1}\n'
    assert b'"original"' in Path("t.2.dead.jsonl").read_bytes()


def test_dead_letters_and_a_sink_do_not_share_a_file(environment: Environment) -> None:
    Path("things.jsonl").write_bytes(jsonl().encode(THINGS))
    pipeline = line(reading(environment, "things.jsonl"), {}, writing(environment, "letters.jsonl"))
    result = run(pipeline, RunOptions(dead_letter="letters.jsonl"), environment)
    assert result.diagnosis is not None
    assert result.diagnosis.code == "FC0806"


def test_a_file_copied_through_the_engine_is_the_same(environment: Environment) -> None:
    Path("things.jsonl").write_bytes(jsonl().encode(THINGS))
    pipeline = line(reading(environment, "things.jsonl"), {}, writing(environment, "out.jsonl"))
    assert run(pipeline, RunOptions(), environment).exit_code == 0
    assert Path("out.jsonl").read_bytes() == Path("things.jsonl").read_bytes()


def test_a_missing_source_leaves_no_trace_of_the_sink(environment: Environment) -> None:
    pipeline = line(reading(environment, "no.jsonl"), {}, writing(environment, "out.jsonl"))
    assert run(pipeline, RunOptions(), environment).exit_code == 3
    assert not Path("out.jsonl.partial").exists()


def test_a_device_is_written_directly(environment: Environment) -> None:
    sink = writing(environment, "/dev/null")
    sink.open()
    sink.write(THINGS)
    sink.close(complete=True)
    assert sink.confirmed == len(THINGS)
    assert Path("/dev/null").is_char_device()
