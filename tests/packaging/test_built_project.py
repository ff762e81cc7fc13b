"""What `flowc build` writes is a project of its own: it installs, runs and checks without flowc."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest
from packaging_environments import call, fresh_environment, install, once
from repo.checkout import ROOT

#: Folder of examples/, pipeline, package, what it writes.
BUILT = (
    ("orders", "orders.yaml", "orders", "out.db"),
    ("payments", "payments.yaml", "payments", "payments.csv"),
    ("readings", "readings.yaml", "readings", "readings.jsonl"),
    ("logs", "failures.yaml", "failures", "failures.jsonl"),
    ("routing", "routing.flow", "routing", "rest.csv"),
)
CHECKOUT = f"{ROOT}:{ROOT / 'runtime'}"


def flowc(*words: str | Path, cwd: Path) -> None:
    call([sys.executable, "-m", "flowc", *words], cwd, PYTHONPATH=CHECKOUT)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with each example's project, and an environment ``env`` that has them all."""

    def make(folder: Path) -> None:
        for example, pipeline, package, _ in BUILT:
            flowc("build", pipeline, "-o", folder / package, cwd=ROOT / "examples" / example)
        first, *others = (folder / package for _, _, package, _ in BUILT)
        bin = fresh_environment(folder / "env", f"{first}[dev]", "hatchling")
        # An environment to build in for each of them would take most of the time.
        install(bin, "--no-build-isolation", *others)

    return once(tmp_path_factory, "projects", make)


def test_flowc_is_not_in_the_environment(built: Path) -> None:
    bin = built / "env" / "bin"
    for module in ("flowc", "flowc_runtime"):
        done = call([bin / "python", "-c", f"import {module}"], built, check=False)
        assert "ModuleNotFoundError" in done.stderr


@pytest.mark.parametrize(("example", "pipeline", "package", "written"), BUILT, ids=lambda x: x)
def test_it_runs_and_gives_what_flowc_run_gives(
    built: Path, tmp_path: Path, example: str, pipeline: str, package: str, written: str
) -> None:
    here, there = tmp_path / "run", tmp_path / "built"
    for folder in (here, there):
        shutil.copytree(ROOT / "examples" / example, folder)
    flowc("run", pipeline, cwd=here)
    done = call([built / "env" / "bin" / "python", "-m", package], there)
    assert "Traceback" not in done.stderr
    assert (there / written).read_bytes() == (here / written).read_bytes()
    names = [{p.name for p in folder.iterdir()} for folder in (here, there)]
    assert names[0] == names[1]
    for dead in here.glob("*.dead.jsonl"):
        assert _dead(there / dead.name) == _dead(dead)


def _dead(path: Path) -> list[dict[str, object]]:
    """The dead letters, without the time of the run."""
    records = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    return [{k: v for k, v in record.items() if k != "time"} for record in records]


@pytest.mark.parametrize("tool", [("pytest", "-q"), ("mypy", "--strict"), ("ruff", "check")])
def test_their_own_checks_pass(built: Path, tool: tuple[str, ...]) -> None:
    # One cache for all: what mypy knows of the libraries is the same for each project.
    shared = {"MYPY_CACHE_DIR": str(built / ".mypy_cache")}
    for _, _, package, _ in BUILT:
        words = [built / "env" / "bin" / tool[0], *tool[1:]]
        done = call(words, built / package, check=False, **shared)
        assert done.returncode == 0, f"{package}\n{done.stdout}{done.stderr}"


@pytest.mark.parametrize(("example", "pipeline", "package", "written"), BUILT, ids=lambda x: x)
def test_building_twice_gives_the_same_bytes(
    built: Path, tmp_path: Path, example: str, pipeline: str, package: str, written: str
) -> None:
    words = ["build", pipeline, "-o", tmp_path / "again"]
    call(
        [sys.executable, "-m", "flowc", *words],
        ROOT / "examples" / example,
        PYTHONPATH=CHECKOUT,
        PYTHONHASHSEED="1",
        LC_ALL="C",
        TZ="Asia/Kathmandu",
    )
    paths = {
        p.relative_to(tmp_path / "again") for p in (tmp_path / "again").rglob("*") if p.is_file()
    }
    assert len(paths) > 10
    for path in paths:
        assert (built / package / path).read_bytes() == (tmp_path / "again" / path).read_bytes()
