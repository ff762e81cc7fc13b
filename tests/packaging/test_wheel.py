"""A wheel in a fresh environment, an editable install and a checkout behave the same."""

from __future__ import annotations

import shutil
import sys
import zipfile
from pathlib import Path

import pytest
from packaging_environments import call, checkout, fresh_environment, installed, once, wheel
from repo.checkout import ROOT, tracked

from flowc import __version__

#: What a user does with it: (folder of examples/, the words behind ``flowc``).
JOURNEY = (
    ("orders", ("validate", "orders.flow", "--verbose")),
    ("orders", ("run", "orders.jsonl | filter amount > 100 | select id | -", "--quiet")),
    ("payments", ("validate", "--strict", "payments.yaml")),
    ("payments", ("build", "payments.yaml", "-o", "built")),
    ("payments", ("explain", "FC0302")),
    ("payments", ("list",)),
    ("readings", ("run", "readings.yaml", "--quiet")),
    ("orders", ("validate", "orders.jsonl | filter amuont > 100 | -")),
)


def journey(flowc: list[str | Path], folder: Path, **environ: str) -> dict[str, object]:
    """What a user sees and finds on the way: output, exit codes, files."""
    shutil.copytree(ROOT / "examples", folder)
    seen: dict[str, object] = {}
    for name, words in JOURNEY:
        done = call([*flowc, *words], folder / name, check=False, **environ)
        seen[" ".join((name, *words))] = (done.returncode, done.stdout, done.stderr)
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.name.endswith(".dead.jsonl"):
            seen[str(path.relative_to(folder))] = path.read_bytes()
    return seen


@pytest.fixture
def from_checkout(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> dict[str, object]:
    root = checkout(tmp_path_factory)
    path = f"{root}:{root / 'runtime'}"
    return journey([sys.executable, "-m", "flowc"], tmp_path / "checkout", PYTHONPATH=path)


def test_the_wheel_holds_everything(tmp_path_factory: pytest.TempPathFactory) -> None:
    with zipfile.ZipFile(wheel(tmp_path_factory)) as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    places = {"templates": "flowc/_data/", "flowc": "", "grammar": "flowc/_data/"}
    expected: dict[str, Path] = {}
    for path in tracked():
        if path.parts[0] in places and path.name != "build_tables.py":
            expected[places[path.parts[0]] + str(path)] = path
        elif path.is_relative_to("runtime"):
            expected[str(path.relative_to("runtime"))] = path
        elif path.is_relative_to("docs/errors"):
            expected[f"flowc/_data/errors/{path.name}"] = path
    missing = [name for name in expected if name not in held]
    assert missing == []
    assert [n for n, path in expected.items() if held[n] != (ROOT / path).read_bytes()] == []
    made = {"flowc/_data/grammar/flow.tables.json"}
    assert made <= set(held)
    rest = [n for n in held if n not in expected and n not in made and ".dist-info/" not in n]
    assert rest == []


def test_it_says_its_version(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> None:
    flowc = installed(tmp_path_factory) / "flowc"
    assert call([flowc, "--version"], tmp_path).stdout == f"flowc {__version__}\n"


def test_its_resources_lie_in_the_package(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> None:
    bin = installed(tmp_path_factory)
    program = (
        "from flowc import resources as r; "
        "[print(d()) for d in (r.grammar_dir, r.templates_dir, r.errors_dir, r.runtime_dir)]"
    )
    for line in call([bin / "python", "-c", program], tmp_path).stdout.splitlines():
        assert Path(line).is_relative_to(bin.parent), line
        assert any(Path(line).iterdir())


def test_a_wheel_behaves_like_a_checkout(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path, from_checkout: dict[str, object]
) -> None:
    seen = journey([installed(tmp_path_factory) / "flowc"], tmp_path / "wheel")
    assert seen == from_checkout
    ended = [result[0] for result in seen.values() if isinstance(result, tuple)]
    assert ended == [0, 0, 0, 0, 0, 0, 0, 1]


def test_an_editable_install_behaves_like_a_checkout(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path, from_checkout: dict[str, object]
) -> None:
    def make(folder: Path) -> None:
        source = folder / "source"
        shutil.copytree(checkout(tmp_path_factory), source)
        fresh_environment(folder / "env", "-e", source)

    folder = once(tmp_path_factory, "editable", make)
    assert (folder / "source" / "grammar" / "flow.tables.json").is_file()
    assert not (folder / "source" / "flowc" / "_data").exists()
    seen = journey([folder / "env" / "bin" / "flowc"], tmp_path / "editable")
    assert seen == from_checkout


@pytest.mark.parametrize("tables", [None, "{", '{"grammar": "of another version"}'])
def test_tables_that_are_missing_or_not_of_this_grammar_are_made_anew(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path, tables: str | None
) -> None:
    root = tmp_path / "source"
    shutil.copytree(checkout(tmp_path_factory), root)
    if tables is not None:
        (root / "grammar" / "flow.tables.json").write_text(tables)
    done = call(
        [sys.executable, "-m", "flowc", "run", "orders.jsonl | filter amount > 1000 | -", "-q"],
        ROOT / "examples" / "orders",
        PYTHONPATH=f"{root}:{root / 'runtime'}",
    )
    assert done.stdout.startswith('{"id":5,')
