"""The runtime as something that is vendored: what it imports and what it says it offers."""

from __future__ import annotations

import ast
import importlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import flowc_runtime

ROOT = Path(flowc_runtime.__file__).parent
MODULES = sorted(path.relative_to(ROOT) for path in ROOT.rglob("*.py"))
CORE = [
    path for path in MODULES if path.parts[0] not in ("connectors", "codecs", "state", "values")
]


def dotted(path: Path) -> str:
    return ".".join(("flowc_runtime", *path.with_suffix("").parts)).removesuffix(".__init__")


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_imports_are_relative_msgspec_or_standard(path: Path) -> None:
    tree = ast.parse((ROOT / path).read_text())
    for item in ast.walk(tree):
        if isinstance(item, ast.Import):
            names = [alias.name for alias in item.names]
        elif isinstance(item, ast.ImportFrom) and not item.level:
            names = [item.module or ""]
        else:
            continue
        for name in names:
            assert name.partition(".")[0] in {*sys.stdlib_module_names, "msgspec"}, name


@pytest.mark.parametrize("path", [p for p in MODULES if p.name != "__init__.py"], ids=str)
def test_every_module_says_what_it_offers(path: Path) -> None:
    module = importlib.import_module(dotted(path))
    assert len(set(module.__all__)) == len(module.__all__)
    for name in module.__all__:
        assert hasattr(module, name)


def test_packages_import_nothing() -> None:
    for path in MODULES:
        if path.name == "__init__.py":
            body = ast.parse((ROOT / path).read_text()).body
            assert all(isinstance(item, ast.Expr) for item in body), path


def test_the_core_stays_small() -> None:
    lines = sum(len((ROOT / path).read_text().splitlines()) for path in CORE)
    assert lines <= 4_600


def test_a_run_of_files_loads_no_more_than_it_uses() -> None:
    code = (
        "import sys; import flowc_runtime.main, flowc_runtime.connectors.files, "
        "flowc_runtime.codecs.jsonlines; "
        "print([n for n in ('sqlite3', 'asyncio', 'csv', 'inspect') if n in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": str(ROOT.parent)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "sqlite3" not in done.stdout
    assert "asyncio" not in done.stdout
    assert "csv" not in done.stdout


def test_a_vendored_copy_runs(tmp_path: Path) -> None:
    shutil.copytree(ROOT, tmp_path / "orders" / "_runtime")
    sample = Path(__file__).parent / "sample_project"
    for path in sample.rglob("*.py"):
        text = path.read_text().replace("from flowc_runtime", "from ._runtime")
        target = tmp_path / "orders" / path.relative_to(sample)
        target.parent.mkdir(exist_ok=True)
        target.write_text(text)
    (tmp_path / "orders.jsonl").write_text('{"id":200,"amount":200.0,"customer":null,"from":"x"}\n')
    done = subprocess.run(
        [sys.executable, "-m", "orders"], cwd=tmp_path, env={}, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out.jsonl").read_text().startswith('{"id":200')
