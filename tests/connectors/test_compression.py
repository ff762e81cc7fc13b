from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import zstandard

from flowc.cli.app import main
from flowc_runtime import compression
from flowc_runtime.compression import DamagedError, decompressed, new_compressor
from flowc_runtime.connectors.files import Compression, Sink, SinkOptions, Source, SourceOptions
from flowc_runtime.engine import RunOptions, run
from flowc_runtime.environment import Environment
from flowc_runtime.errors import ResourceError
from flowc_runtime.records import Position
from tests.runtime.ends import line

from .alike import run_and_build
from .battery import THINGS, SinkBattery, SourceBattery, Thing, environment
from .test_files import comma, jsonl

__all__ = ["environment"]

KINDS: tuple[Compression, ...] = ("gzip", "zstd")
every_kind = pytest.mark.parametrize("kind", KINDS)


def packed(data: bytes, kind: str) -> bytes:
    """The bytes as the packages themselves compress them."""
    return gzip.compress(data) if kind == "gzip" else zstandard.compress(data)


def unpacked(data: bytes, kind: str) -> bytes:
    if kind == "gzip":
        return gzip.decompress(data)
    with zstandard.ZstdDecompressor().stream_reader(data, read_across_frames=True) as reader:
        return reader.read()


def read_all(data: bytes, kind: str, size: int = 4096) -> bytes:
    read = decompressed(io.BytesIO(data).read, kind)
    found = b""
    while piece := read(size):
        assert len(piece) <= size
        found += piece
    assert read(size) == b""
    return found


class TestGzipSource(SourceBattery):
    replayable = True
    kind: Compression = "gzip"

    def source(self, environment: Environment) -> Source:
        data = jsonl().encode(THINGS)
        half = len(data) // 2
        Path("things").write_bytes(packed(data[:half], self.kind) + packed(data[half:], self.kind))
        return Source(SourceOptions("things", compression=self.kind), jsonl(), environment)

    def broken(self, environment: Environment) -> Iterator[tuple[Source, str]]:
        whole = packed(jsonl().encode(THINGS), self.kind)
        changed = bytearray(whole)
        changed[len(whole) // 2] ^= 0x55
        for data in (b"", b"{}\n", whole[:-1], whole[: len(whole) // 2], bytes(changed)):
            Path("damaged").write_bytes(data)
            options = SourceOptions("damaged", compression=self.kind)
            yield Source(options, jsonl(), environment), "FC0837"
        yield Source(SourceOptions("no", compression=self.kind), jsonl(), environment), "FC0801"

    def test_it_is_not_cut(self, environment: Environment) -> None:
        assert self.source(environment).ranges({}, 10) == []


class TestZstdSource(TestGzipSource):
    kind = "zstd"


class TestGzipSink(SinkBattery):
    kind: Compression = "gzip"

    def sink(self, environment: Environment) -> Sink:
        return Sink(SinkOptions("out", compression=self.kind), comma(), environment)

    def stored(self, environment: Environment) -> list[Thing]:
        assert not Path("out.partial").exists()
        source = Source(SourceOptions("out", compression=self.kind), comma(), environment)
        source.open(None)
        records = [record for batch in source.batches() for record in batch.records]
        source.close()
        text = unpacked(Path("out").read_bytes(), self.kind)
        assert text.startswith(b"id,name\n")
        return records

    def broken(self, environment: Environment) -> Iterator[tuple[Sink, str]]:
        options = SinkOptions("missing/out", compression=self.kind)
        yield Sink(options, comma(), environment), "FC0805"

    def test_what_is_flushed_can_be_read(self, environment: Environment) -> None:
        sink = self.sink(environment)
        sink.open()
        sink.write([Thing(1, "a")])
        sink.flush()
        written = io.BytesIO(Path("out.partial").read_bytes())
        assert decompressed(written.read, self.kind)(100) == b"id,name\n1,a\n"
        sink.close(complete=False)
        assert unpacked(Path("out.partial").read_bytes(), self.kind) == b"id,name\n1,a\n"
        assert not Path("out").exists()


class TestZstdSink(TestGzipSink):
    kind = "zstd"


@every_kind
@pytest.mark.parametrize("size", [1, 7, 1 << 20])
def test_members_are_one_stream(kind: str, size: int) -> None:
    parts = [b"", b"a", b"bc" * 40_000, b"", b"end"]
    assert read_all(b"".join(packed(part, kind) for part in parts), kind, size) == b"".join(parts)


@every_kind
def test_a_file_that_is_cut_anywhere_is_told(kind: str) -> None:
    data = packed(b"some text\n", kind)
    for end in range(len(data)):
        with pytest.raises(DamagedError):
            read_all(data[:end], kind)


@every_kind
def test_what_follows_and_is_not_compressed_is_told(kind: str) -> None:
    with pytest.raises(DamagedError, match="goes on with"):
        read_all(packed(b"text", kind) + b"garbage, and more of it", kind)


def test_padding_behind_gzip_is_left_out() -> None:
    assert read_all(packed(b"text", "gzip") + bytes(20_000), "gzip") == b"text"


def test_a_frame_to_skip_is_skipped() -> None:
    skipped = b"\x50\x2a\x4d\x18\x04\x00\x00\x00abcd"
    data = packed(b"a", "zstd") + skipped + packed(b"b", "zstd")
    assert read_all(data, "zstd") == b"ab"


@every_kind
def test_a_small_file_that_becomes_huge_is_decoded_in_parts(kind: str) -> None:
    data = packed(bytes(256 << 20), kind)
    read = decompressed(io.BytesIO(data).read, kind)
    reader: Any = getattr(read, "__self__")  # noqa: B009
    total = 0
    while piece := read(1 << 20):
        total += len(piece)
        assert len(reader._output) <= 40 << 20
    assert total == 256 << 20


@every_kind
def test_the_same_data_gives_the_same_bytes(kind: str) -> None:
    def made() -> bytes:
        stream = new_compressor(kind)
        return stream.compress(b"text" * 1000) + stream.finish()

    assert made() == made()
    assert unpacked(made(), kind) == b"text" * 1000


def test_without_the_package_its_name_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> Any:
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(compression, "import_module", missing)
    with pytest.raises(ResourceError) as caught:
        new_compressor("zstd")
    assert caught.value.diagnosis.code == "FC0825"
    assert "pip install zstandard" in caught.value.diagnosis.suggestions[0]
    assert new_compressor("gzip").compress(b"") is not None


def test_every_position_of_a_checkpoint_is_in_what_is_decoded(environment: Environment) -> None:
    Path("t").write_bytes(packed(b'{"id":1,"name":null}\n{"id":2,"name":null}\n', "gzip"))
    source = Source(SourceOptions("t", compression="gzip"), jsonl(), environment)
    position: Position = {"offset": 21}
    source.open(position)
    [batch] = source.batches()
    source.close()
    assert (batch.records, batch.position) == ([Thing(2, None)], {"offset": 42})


@every_kind
def test_a_damaged_file_publishes_nothing_and_is_accounted(
    kind: Compression, environment: Environment
) -> None:
    data = jsonl().encode(THINGS)
    Path("t").write_bytes(packed(data, kind) + packed(data, kind)[:-9])
    source = Source(SourceOptions("t", compression=kind), jsonl(), environment)
    sink = Sink(SinkOptions("out.jsonl"), jsonl(), environment)
    result = run(line(source, {}, sink), RunOptions(), environment)
    assert result.exit_code == 3
    assert result.diagnosis is not None
    assert result.diagnosis.code == "FC0837"
    assert not Path("out.jsonl").exists()
    assert sink.confirmed >= len(THINGS)


ORDERS = b"".join(b'{"id":%d,"name":"n%d"}\n' % (i, i % 7) for i in range(3000))


def words(source: str, sink: str) -> dict[str, str]:
    return {
        "pipe": f"{source} | filter id >= 2990 | {sink}",
        "yaml": f"source: {source}\nprocess:\n  - filter: id >= 2990\nsink: {sink}\n",
    }


@pytest.mark.parametrize("form", ["pipe", "yaml"])
@pytest.mark.parametrize(("suffix", "kind"), [("gz", "gzip"), ("zst", "zstd")])
def test_run_and_the_project_read_and_write_them(
    form: str, suffix: str, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / f"in.jsonl.{suffix}").write_bytes(packed(ORDERS, kind))
    word = words(f"in.jsonl.{suffix}", f"out.csv.{suffix}")[form]
    if form == "yaml":
        (data / "p.yaml").write_text(word)
        word = "p.yaml"
    code, files = run_and_build(word, data, tmp_path, monkeypatch)
    assert code == 0
    rows = unpacked(files[f"out.csv.{suffix}"], kind).decode().splitlines()
    assert rows == ["id,name", *(f"{i},n{i % 7}" for i in range(2990, 3000))]
    packages = (tmp_path / "project" / "pyproject.toml").read_text()
    assert ("zstandard" in packages) == (kind == "zstd")


def test_the_option_tells_what_the_name_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.gz").write_bytes(b'{"id":1}\n')
    Path("b.jsonl").write_bytes(zlib.compress(b'{"id":2}\n', wbits=31))
    assert main(["run", "-q", '"a.gz?format=jsonl&compression=none" | x.jsonl']) == 0
    assert main(["run", "-q", '"b.jsonl?compression=gzip" | y.jsonl']) == 0
    assert [Path(p).read_bytes() for p in ("x.jsonl", "y.jsonl")] == [b'{"id":1}\n', b'{"id":2}\n']
    assert main(["run", "-q", "a.gz | x.jsonl"]) == 1
    assert "FC0244" in capsys.readouterr().err


def test_a_damaged_file_is_told_when_its_type_is_sought(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.jsonl.gz").write_bytes(packed(ORDERS, "gzip")[:-4])
    assert main(["validate", "a.jsonl.gz | x.jsonl"]) != 0
    said = capsys.readouterr().err
    assert "FC0722" in said
    assert "its gzip data is cut off" in said


def test_the_compression_is_known_when_compiled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.jsonl").write_bytes(ORDERS)
    assert main(["validate", '"a.jsonl?compression=${C:-gzip}" | x.jsonl']) == 1
    assert "FC0241" in capsys.readouterr().err


def test_a_bad_record_is_shown_as_it_is_decoded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.jsonl.gz").write_bytes(packed(b'{"id":1}\n{"id":\n{"id":3}\n', "gzip"))
    main(["validate", "a.jsonl.gz | x.jsonl"])
    said = capsys.readouterr().err
    assert "a.jsonl.gz:2:1" in said
