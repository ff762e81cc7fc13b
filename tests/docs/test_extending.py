"""The package that docs/extending.md shows works as shown, without being in flowc."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from docs.shown import ROOT

_FENCE = re.compile(r"^```(?P<info>[^\n`]*)\n(?P<text>.*?)^```", re.M | re.S)
_SECONDS = re.compile(r"\b\d+\.\d+ s\b")
FENCES = [
    (m["info"].split(), m["text"])
    for m in _FENCE.finditer((ROOT / "docs/extending.md").read_text("utf-8"))
]


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """The package of the page, laid as an installer would."""
    files = {info[1]: text for info, text in FENCES if len(info) == 2}
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    project = tomllib.loads(files["pyproject.toml"])["project"]
    about = tmp_path / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
    about.mkdir()
    (about / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
    )
    lines = [
        line
        for group, points in project["entry-points"].items()
        for line in (f"[{group}]", *(f"{name} = {value}" for name, value in points.items()))
    ]
    (about / "entry_points.txt").write_text("\n".join(lines) + "\n")
    return tmp_path


def flowc(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "flowc", *words],
        cwd=folder,
        env={"PYTHONPATH": f"{ROOT}:{ROOT / 'runtime'}:{folder}", "PATH": "/usr/bin:/bin"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        check=False,
    )


def test_it_prints_what_is_shown(package: Path) -> None:
    (command,) = (text for info, text in FENCES if info == ["shell"])
    (shown,) = (text for info, text in FENCES if info == ["text"])
    done = flowc(package, "run", command.strip().removeprefix('flowc run "').removesuffix('"'))
    assert done.returncode == 0, done.stdout
    assert _SECONDS.sub("", done.stdout) == _SECONDS.sub("", shown)


def test_it_is_listed(package: Path) -> None:
    assert "keeps the records in which no named field is null" in flowc(package, "list").stdout
    assert 'swapcase("Ada")' in flowc(package, "list", "swapcase").stdout


def test_a_built_project_needs_neither(package: Path) -> None:
    pipeline = "people.jsonl | require name | set name = swapcase(name) | named.jsonl"
    assert flowc(package, "build", pipeline, "-o", "built").returncode == 0
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys; sys.path.insert(0, 'built/src'); "
            "from pipeline.__main__ import run; code = run(); "
            "assert not {'flowc', 'flowc_runtime', 'flowc_extras'} & set(sys.modules); sys.exit(code)",
        ],
        cwd=package,
        env={"PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert (package / "named.jsonl").read_text() == '{"id":1,"name":"ADA LOVELACE"}\n'
