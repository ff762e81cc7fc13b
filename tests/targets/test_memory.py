"""File sets as packages, and tracebacks that name the pipeline's line."""

from __future__ import annotations

import linecache
import sys
import traceback
from importlib import import_module
from pathlib import Path

import pytest

import flowc_runtime.tally
from flowc.launch.memory import load, loaded_files, unload
from flowc.launch.run import run
from flowc.launch.trace import annotated, origin_of
from flowc.model.files import File, FileSet
from flowc.targets.python import TARGET
from flowc_runtime.engine import RunOptions
from tests.targets.plans import PLANS

STAGE = '''"""Stages."""


# orders.flow:1:16  filter amount > 100 | set net = 1 / amount
def stage(records):
    kept = []
    for record in records:
        # orders.flow:1:40  set net = 1 / amount
        kept.append(
            1
            / record
        )
    return kept
'''


def files(name: str = "orders", **modules: str) -> FileSet:
    texts = {"__init__": "", **modules}
    return FileSet(name, {f"src/{name}/{m}.py": File(text) for m, text in texts.items()})


def test_two_loads_share_nothing() -> None:
    first, second = load(files(a="x = []")), load(files(a="x = []"))
    try:
        a, b = (import_module(f"{package.__name__}.a") for package in (first, second))
        assert a is not b
        assert a.x is not b.x
    finally:
        unload(first)
        unload(second)


def test_package_hides_no_module() -> None:
    package = load(files("json", a="from json import dumps"))
    try:
        assert import_module(f"{package.__name__}.a").dumps is sys.modules["json"].dumps
    finally:
        unload(package)


def test_unload_forgets_everything() -> None:
    finders = len(sys.meta_path)
    package = load(files(a="x = 1"))
    import_module(f"{package.__name__}.a")
    shown = loaded_files(package)
    assert len(shown) == 2
    assert shown <= linecache.cache.keys()
    unload(package)
    assert len(sys.meta_path) == finders
    assert not any(name.startswith(package.__name__) for name in sys.modules)
    assert not shown & linecache.cache.keys()


def test_failed_load_leaves_nothing() -> None:
    finders = len(sys.meta_path)
    with pytest.raises(ZeroDivisionError):
        load(FileSet("bad", {"src/bad/__init__.py": File("1 / 0")}))
    with pytest.raises(ModuleNotFoundError):
        load(FileSet("none"))
    assert len(sys.meta_path) == finders
    assert not any("_bad" in name for name in sys.modules)


def test_runtime_of_a_package_is_the_installed_one() -> None:
    package = load(files(a="from ._runtime.tally import Tally"))
    try:
        assert import_module(f"{package.__name__}.a").Tally is flowc_runtime.tally.Tally
        assert flowc_runtime.tally.__name__ == "flowc_runtime.tally"
        assert flowc_runtime.tally.__spec__ is not None
        assert flowc_runtime.tally.__spec__.name == "flowc_runtime.tally"
    finally:
        unload(package)


def test_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    unload(load(TARGET.emit(PLANS["w1"](), formatted=False)))
    assert list(tmp_path.iterdir()) == []


def test_traceback_names_the_pipelines_line() -> None:
    package = load(files(stages=STAGE))
    stages = import_module(f"{package.__name__}.stages")
    try:
        with pytest.raises(ZeroDivisionError) as raised:
            stages.stage([0])
        text = "".join(traceback.format_exception(raised.value))
        shown = annotated(text, loaded_files(package))
        assert "division by zero" in shown
        assert "    from orders.flow:1:40: set net = 1 / amount\n" in shown
        assert shown.count("from orders.flow") == 1
        assert annotated(text, frozenset()) == text
        assert origin_of(stages.__file__, 6) == (
            "orders.flow:1:16",
            "filter amount > 100 | set net = 1 / amount",
        )
        assert origin_of(stages.__file__, 1) is None
    finally:
        unload(package)


class Broken:
    """A sink with a bug."""

    label = "broken"
    resource = ""
    confirmed = 0

    def open(self) -> None: ...

    def write(self, records: list[object]) -> None:
        raise KeyError("ours")

    def flush(self) -> None: ...

    def close(self, complete: bool) -> None: ...

    def diagnose(self, error: Exception) -> None: ...


def test_a_sink_can_be_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "orders.jsonl").write_text(
        '{"id":1,"customer_id":7,"amount":150,"status":"paid","country":"DE"}\n'
    )
    fileset = TARGET.emit(PLANS["w1"](), formatted=False)
    result = run(fileset, RunOptions(), sinks={"big_orders": Broken()})
    assert result.exit_code == 4
    assert "KeyError: 'ours'" in result.details
    assert not (tmp_path / "big_orders.jsonl").exists()
