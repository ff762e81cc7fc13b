"""Compiled pipelines are kept, and made anew when anything they were made from has changed."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from flowc import compile as road
from flowc.compile import COMMAND_LINE, Request
from flowc.launch import cache
from flowc.launch.prepared import Preparation, prepare
from flowc.model.reads import Variables, listening
from flowc.model.source import SourceFile
from tests.cli.as_process import environment, flowc

ROOT = Path(__file__).resolve().parents[2]
DATA = '{"id": 1, "amount": 250}\n{"id": 2, "amount": 40}\n'
PROCESSOR = """\
from dataclasses import dataclass

@dataclass
class Order:
    id: int
    amount: int

def process(record: Order) -> Order:
    return record
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    project = tmp_path / "project"
    (project / "processors").mkdir(parents=True)
    (project / "schemas").mkdir()
    (project / "orders.jsonl").write_text(DATA)
    (project / "processors/check.py").write_text(PROCESSOR)
    (project / "schemas/a.schema.yaml").write_text("types:\n  Order: {id: int, amount: int}\n")
    monkeypatch.chdir(project)
    return project


class Compiler:
    """Prepares, and counts how often something was compiled."""

    def __init__(self, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.here = here
        self.compiled = 0
        self.environ = {"XDG_CACHE_HOME": str(here.parent / "cache")}
        emit = road.emit

        def counted(request: Request, **words: bool) -> road.Emitted:
            self.compiled += 1
            return emit(request, **words)

        monkeypatch.setattr(road, "emit", counted)

    def request(self, text: str, **more: object) -> Request:
        request = Request(
            SourceFile(COMMAND_LINE, text), folder=self.here, environment=dict(self.environ)
        )
        return replace(request, **more)  # type: ignore[arg-type]

    def __call__(self, text: str, stdin: bytes = b"", **more: object) -> Preparation:
        return prepare(self.request(text, **more), lambda: stdin)[0]


@pytest.fixture
def compiler(here: Path, monkeypatch: pytest.MonkeyPatch) -> Compiler:
    return Compiler(here, monkeypatch)


TYPED = "orders.jsonl as Order | check | filter amount > 100 | out.jsonl"
SAMPLED = "orders.jsonl | filter amount > ${LEAST:-100} | out.jsonl"


@pytest.mark.parametrize("text", [TYPED, SAMPLED])
def test_what_has_not_changed_is_not_compiled_again(compiler: Compiler, text: str) -> None:
    first, second = compiler(text), compiler(text)
    assert first.pipelines
    assert first == second
    assert compiler.compiled == 1


def test_warnings_are_kept_with_their_places(compiler: Compiler) -> None:
    text = "orders.jsonl | filter true | out.jsonl"
    first, second = compiler(text), compiler(text)
    assert compiler.compiled == 1
    assert [d.code.id for d in first.diagnostics] == [d.code.id for d in second.diagnostics] != []
    assert first.diagnostics[0].span is not None
    assert second.diagnostics[0].span is not None
    assert first.diagnostics[0].span.place == second.diagnostics[0].span.place


CHANGES: dict[str, Callable[[Path], object]] = {
    "a schema": lambda here: (here / "schemas/a.schema.yaml").write_text(
        "types:\n  Order: {id: int, amount: int, note?: string}\n"
    ),
    "a new schema": lambda here: (here / "schemas/b.schema.yaml").write_text(
        "types:\n  Other: {id: int}\n"
    ),
    "a processor": lambda here: (here / "processors/check.py").write_text(
        PROCESSOR.replace("amount: int", "amount: float")
    ),
    "a new processor": lambda here: (here / "processors/other.py").write_text(PROCESSOR),
    "a manifest": lambda here: (here / "flowc.toml").write_text(""),
    "a manifest above": lambda here: (here.parent / "flowc.toml").write_text(""),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_of_the_project_compiles_again(compiler: Compiler, change: str) -> None:
    compiler(TYPED)
    CHANGES[change](compiler.here)
    compiler(TYPED)
    assert compiler.compiled == 2


def test_a_change_of_the_sampled_file_compiles_again(compiler: Compiler) -> None:
    before = compiler(SAMPLED)
    (compiler.here / "orders.jsonl").write_text(DATA.replace("250", "2.5"))
    after = compiler(SAMPLED)
    assert compiler.compiled == 2
    assert "number" in after.said[0]
    assert "number" not in before.said[0]


def test_a_large_sampled_file_is_told_by_its_times(compiler: Compiler) -> None:
    data = compiler.here / "orders.jsonl"
    data.write_text(DATA * 30_000)
    compiler(SAMPLED)
    compiler(SAMPLED)
    assert compiler.compiled == 2, "a file that changed just now may change again"
    os.utime(data, ns=(0, 0))
    # The time of the last change of its inode cannot be set back, so the clock is set forward.
    later = cache.time.time_ns() + 10 * cache._TICK
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cache.time, "time_ns", lambda: later)
        compiler(SAMPLED)
    compiler(SAMPLED)
    assert compiler.compiled == 3
    data.write_text(DATA * 30_001)
    compiler(SAMPLED)
    assert compiler.compiled == 4


def test_other_settings_compile_again(compiler: Compiler) -> None:
    compiler(SAMPLED)
    compiler(SAMPLED, settings={"LEAST": "5"})
    compiler(SAMPLED, strict=True)
    assert compiler.compiled == 3


def test_only_variables_that_were_looked_at_matter(compiler: Compiler) -> None:
    text = "./${FILE}.jsonl | limit 1 | out.jsonl"
    compiler.environ["FILE"] = "orders"
    assert compiler(text).pipelines
    compiler.environ["OTHER"] = "x"
    compiler(text)
    assert compiler.compiled == 1
    shutil.copy("orders.jsonl", "more.jsonl")
    compiler.environ["FILE"] = "more"
    compiler(text)
    assert compiler.compiled == 2


def test_standard_input_is_compared_by_its_sample(compiler: Compiler) -> None:
    text = "- | filter amount > 100 | out.jsonl"
    compiler(text, DATA.encode())
    compiler(text, DATA.encode())
    assert compiler.compiled == 1
    assert "number" in compiler(text, DATA.replace("40", "4.5").encode()).said[0]
    assert compiler.compiled == 2


def test_a_secret_that_was_given_is_not_kept(compiler: Compiler) -> None:
    text = "orders.jsonl | hash id with '${SALT}' | out.jsonl"
    assert compiler(text, settings={"SALT": "pepper"}).pipelines
    kept = list((compiler.here.parent / "cache").rglob("*.json"))
    assert kept == []


def test_errors_are_not_kept(compiler: Compiler) -> None:
    for _ in range(2):
        assert not compiler("orders.jsonl | filter nothing > 1 | out.jsonl").pipelines
    assert compiler.compiled == 2


def test_a_broken_entry_counts_for_nothing(compiler: Compiler) -> None:
    compiler(SAMPLED)
    (kept,) = (compiler.here.parent / "cache").rglob("*.json")
    kept.write_text(kept.read_text()[:-10])
    assert compiler(SAMPLED).pipelines
    assert compiler.compiled == 2


def _opened(folder: Path) -> None:
    folder.chmod(0o755)


def _linked(folder: Path) -> None:
    other = folder.with_name("elsewhere")
    folder.rename(other)
    folder.symlink_to(other)


def _given_away(folder: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give a folder away")
    os.chown(folder, 12345, -1)


@pytest.mark.parametrize("spoil", [_opened, _linked, _given_away])
def test_a_folder_that_others_could_write_is_not_used(
    compiler: Compiler, spoil: Callable[[Path], None]
) -> None:
    compiler(SAMPLED)
    folder = compiler.here.parent / "cache/flowc/compiled"
    assert folder.stat().st_mode & 0o777 == 0o700
    spoil(folder)
    compiler(SAMPLED)
    compiler(SAMPLED)
    assert compiler.compiled == 3


@pytest.mark.parametrize("off", ["off", "0", ""])
def test_the_cache_can_be_turned_off(compiler: Compiler, off: str) -> None:
    compiler.environ["FLOWC_CACHE"] = off
    compiler(SAMPLED)
    compiler(SAMPLED)
    assert compiler.compiled == 2


def test_those_used_last_are_left(compiler: Compiler, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "_MOST", 3)
    for least in range(6):
        compiler(f"orders.jsonl | filter amount > {least} | out.jsonl")
    assert len(list((compiler.here.parent / "cache").rglob("*.json"))) == 3


# --- as a process -----------------------------------------------------------------------


def test_a_warm_run_does_not_load_the_compiler(here: Path) -> None:
    variables = {"XDG_CACHE_HOME": str(here.parent / "cache"), "PYTHONPROFILEIMPORTTIME": "1"}
    cold = flowc("run", SAMPLED, cwd=here, env=variables)
    first = (here / "out.jsonl").read_bytes()
    warm = flowc("run", SAMPLED, cwd=here, env=variables)
    heavy = ("lark", "pydantic", "networkx", "jinja2", "yaml", "black", "rich", "typer")
    loaded = {line.rpartition("|")[2].strip() for line in warm.stderr.splitlines()}
    assert "lark" in cold.stderr
    assert "flowc_runtime.engine" in loaded
    assert not [name for name in loaded if name.partition(".")[0] in heavy]
    assert not [name for name in loaded if name.startswith(("flowc.syntax", "flowc.check"))]
    assert (here / "out.jsonl").read_bytes() == first == b'{"id":1,"amount":250}\n'


# --- nothing is forgotten ---------------------------------------------------------------

_WATCHED: list[str] | None = None


def _hook(event: str, arguments: tuple[object, ...]) -> None:
    if _WATCHED is None or event not in ("open", "os.listdir", "os.scandir", "sqlite3.connect"):
        return
    name = arguments[0]
    if isinstance(name, bytes):
        name = os.fsdecode(name)
    if isinstance(name, str):
        _WATCHED.append(name.removeprefix("file:").partition("?")[0])


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The paths that are opened, listed or asked for, while the test runs."""
    global _WATCHED
    stat = os.stat

    def noting(path: object, *words: object, **more: object) -> os.stat_result:
        if _WATCHED is not None and isinstance(path, str | os.PathLike):
            _WATCHED.append(os.fspath(path))  # type: ignore[arg-type]
        return stat(path, *words, **more)  # type: ignore[call-overload,no-any-return]

    if not getattr(sys, "_flowc_hooked", False):
        sys.addaudithook(_hook)
        sys._flowc_hooked = True  # type: ignore[attr-defined]
    monkeypatch.setattr(os, "stat", noting)
    _WATCHED = []
    yield _WATCHED
    _WATCHED = None


EXAMPLES = sorted(
    path
    for path in (ROOT / "examples").glob("*/*")
    if path.suffix in (".yaml", ".flow") and not path.name.endswith(".schema.yaml")
)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_everything_that_is_looked_at_is_noted(
    example: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, watched: list[str]
) -> None:
    folder = tmp_path / "example"
    shutil.copytree(example.parent, folder, ignore=shutil.ignore_patterns("expected", "out*"))
    monkeypatch.chdir(folder)
    request = Request(
        SourceFile(example.name, example.read_text()),
        folder / example.name,
        folder,
        environment=Variables(environment()),
    )
    road.emit(request, formatted=False)
    watched.clear()
    with listening() as reads:
        emitted = road.emit(request, formatted=False)
    seen = {Path(folder, name) for name in watched}
    apart = {folder, request.path, folder / "out.db"}
    mine = {p for p in seen if p.is_relative_to(tmp_path)} - apart
    known = reads.paths.keys() | reads.folders.keys()
    assert emitted.filesets
    assert mine, "nothing was watched"
    assert not {p for p in mine if p not in known and p.parent not in reads.folders}
