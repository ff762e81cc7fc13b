"""The Python target over plans made by hand."""

from __future__ import annotations

import ast
import hashlib
import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from flowc.model.files import Owner
from flowc.model.plan import Plan
from flowc.targets.base import target, target_names
from flowc.targets.python import TARGET
from tests.targets.plans import PLANS
from tests.targets.projects import own_files, write

GOLDEN = Path(__file__).parents[1] / "golden"
ROOT = Path(__file__).parents[2]

every_plan = pytest.mark.parametrize("plan", PLANS.values(), ids=PLANS)


def test_target_is_found_by_its_folder() -> None:
    assert "python" in target_names()
    assert target("python") is TARGET
    assert target("cobol") is None


@every_plan
def test_project_is_as_expected(plan: Callable[[], Plan], update_goldens: bool) -> None:
    expected = GOLDEN / plan.__name__ / "expected"
    emitted = own_files(TARGET.emit(plan(), formatted=True))
    if update_goldens:
        for old in (path for path in expected.rglob("*") if path.is_file()):
            old.unlink()
        for path, text in emitted.items():
            (expected / path).parent.mkdir(parents=True, exist_ok=True)
            (expected / path).write_bytes(text.encode())
    on_disk = {
        path.relative_to(expected).as_posix(): path.read_bytes().decode()
        for path in expected.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert emitted.keys() == on_disk.keys()
    for path, text in emitted.items():
        assert text == on_disk[path], path


@every_plan
def test_run_and_build_have_equal_syntax_trees(plan: Callable[[], Plan]) -> None:
    built, loaded = TARGET.emit(plan(), formatted=True), TARGET.emit(plan(), formatted=False)
    package = f"src/{built.package}/"
    assert loaded.files.keys() == {
        path
        for path, file in built
        if path.startswith(package) and file.owner is not Owner.VENDORED
    }
    for path, file in loaded:
        same = ast.dump(ast.parse(file.text)) == ast.dump(ast.parse(built.files[path].text))
        # The default of a secret is known to a run and never written to a file.
        assert same or (plan.__name__ == "settings" and path.endswith("settings.py")), path


def test_default_of_a_secret_is_in_no_file() -> None:
    for path, file in TARGET.emit(PLANS["settings"](), formatted=True):
        assert "hunter2" not in file.text, path


@every_plan
def test_runtime_is_copied_byte_for_byte(plan: Callable[[], Plan]) -> None:
    fileset = TARGET.emit(plan(), formatted=True)
    folder = f"src/{fileset.package}/_runtime/"
    vendored = {p.removeprefix(folder): f for p, f in fileset if p.startswith(folder)}
    assert {"main.py", "engine.py", "values/numbers.py"} <= vendored.keys()
    for path, file in vendored.items():
        assert file.owner is Owner.VENDORED
        assert file.text.encode() == (ROOT / "runtime/flowc_runtime" / path).read_bytes()


def test_only_the_runtime_that_is_used_is_copied() -> None:
    assert not any("sqlite" in path for path, _ in TARGET.emit(PLANS["w1"](), formatted=True))
    built = TARGET.emit(PLANS["csv_to_sqlite"](), formatted=True)
    assert "src/late_flights/_runtime/connectors/sqlite.py" in built.files
    assert "src/late_flights/_runtime/codecs/csv.py" in built.files


@every_plan
def test_other_formats_read_back(plan: Callable[[], Plan]) -> None:
    fileset = TARGET.emit(plan(), formatted=True)
    project = tomllib.loads(fileset.files["pyproject.toml"].text)["project"]
    assert plan().source_name in project["description"]
    assert f"{fileset.package}.__main__:run" in project["scripts"].values()
    lock = json.loads(fileset.files["flowc.lock.json"].text)
    assert lock["input"] == plan().digest
    assert lock["files"].keys() == fileset.files.keys() - {"flowc.lock.json"}
    for path, entry in lock["files"].items():
        file = fileset.files[path]
        assert entry["sha256"] == hashlib.sha256(file.text.encode()).hexdigest()
        assert entry["owner"] == file.owner.value


_DIGEST = """
import hashlib
from flowc.targets.python import TARGET
from tests.targets.plans import PLANS

for plan in PLANS.values():
    for formatted in (True, False):
        for path, file in TARGET.emit(plan(), formatted=formatted):
            print(path, hashlib.sha256(file.text.encode()).hexdigest())
"""


def test_same_bytes_for_any_hash_seed_folder_and_locale(tmp_path: Path) -> None:
    outputs = set()
    for number, (seed, locale, zone) in enumerate(
        (("1", "C", "UTC"), ("2", "tr_TR", "Asia/Tokyo"))
    ):
        folder = tmp_path / str(number)
        folder.mkdir()
        environment = {
            **os.environ,
            "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'runtime'}",
            "PYTHONHASHSEED": seed,
            "LC_ALL": locale,
            "TZ": zone,
        }
        done = subprocess.run(
            [sys.executable, "-c", _DIGEST],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        outputs.add(done.stdout)
    assert len(outputs) == 1
    assert len(next(iter(outputs)).splitlines()) > 200


def test_generated_code_is_clean(tmp_path: Path) -> None:
    """ruff over every project, mypy --strict over all in one run, their runtime shared."""
    for name, plan in PLANS.items():
        write(TARGET.emit(plan(), formatted=True), tmp_path / "linted" / name)
    ruff = [sys.executable, "-m", "ruff", "check", "--no-cache", "--quiet", "."]
    linted = subprocess.run(ruff, cwd=tmp_path / "linted", capture_output=True, text=True)
    assert linted.returncode == 0, linted.stdout

    folder = tmp_path / "typed"
    checked: list[str] = []
    for plan in PLANS.values():
        fileset = TARGET.emit(plan(), formatted=True)
        for path, text in own_files(fileset).items():
            if path.endswith(".py"):
                inner = path.removeprefix("src/").replace("tests/", f"{fileset.package}_tests/")
                shared = text.replace("from ._runtime.", "from flowc_runtime.")
                shared = shared.replace(f"from {fileset.package}._runtime.", "from flowc_runtime.")
                shared = shared.replace("from samples import", "from .samples import")
                shared = shared.replace("from doubles import", "from .doubles import")
                (folder / inner).parent.mkdir(parents=True, exist_ok=True)
                (folder / inner).write_bytes(shared.encode())
                checked.append(inner)
        (folder / f"{fileset.package}_tests" / "__init__.py").write_text("")
    mypy = [sys.executable, "-m", "mypy", "--strict", "--no-incremental", "--config-file="]
    typed = subprocess.run(
        [*mypy, "--python-version=3.11", *sorted(checked)],
        cwd=folder,
        env={**os.environ, "MYPYPATH": str(ROOT / "runtime"), "PYTHONPATH": ""},
        capture_output=True,
        text=True,
    )
    assert typed.returncode == 0, typed.stdout + typed.stderr
