"""A whole project, as generated, run by subprocess."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


def environment(**variables: str) -> dict[str, str]:
    path = os.pathsep.join([str(ROOT / "runtime"), str(Path(__file__).parent)])
    return {"PYTHONPATH": path, "PATH": os.environ["PATH"], **variables}


def project(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "sample_project", *arguments],
        cwd=folder,
        env=environment(**variables),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def order(i: int, amount: Any = None) -> str:
    record = {"id": i, "amount": i * 1.0 if amount is None else amount, "customer": None}
    return json.dumps({**record, "from": "web"})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    lines = [order(i) for i in range(1_000)]
    lines[5] = '{"id":5,"amount":"many"}'
    lines[7] = order(7, 700.0)
    lines[13] = order(13, 1300.0)
    lines[900] = order(900, 5e6)
    (tmp_path / "orders.jsonl").write_text("\n".join(lines))
    return tmp_path


def test_a_whole_run(folder: Path) -> None:
    done = project(folder)
    assert done.returncode == 0, done.stderr
    rows = [json.loads(text) for text in (folder / "out.jsonl").read_text().splitlines()]
    assert [row["id"] for row in rows] == [i for i in range(101, 1_000) if i != 900]
    with closing(sqlite3.connect(folder / "out.db")) as database:
        stored = database.execute("SELECT id, net, origin, vat FROM big_orders").fetchall()
    assert stored == [tuple(row.values()) for row in rows]
    letters = [json.loads(text) for text in (folder / "orders.dead.jsonl").read_text().splitlines()]
    assert [(letter["node"], letter["error"]) for letter in letters] == [
        ("orders", "ValidationError"),
        ("set", "ZeroDivisionError"),
        ("add-vat", "LookupError"),
        ("validate", "ValidationError"),
    ]
    assert letters[0]["original"] == '{"id":5,"amount":"many"}'
    assert letters[1]["original"] == order(7, 700.0)
    assert letters[2]["record"]["id"] == 13
    assert letters[3]["original"] == order(900, 5e6)
    assert letters[1]["place"] == "orders.flow:1:36"
    assert letters[0]["hash"] == "sha256:sample"
    assert "4 dead letters in orders.dead.jsonl" in done.stderr
    assert done.stdout == ""
    by_name = {text.split()[0]: text for text in done.stderr.splitlines()}
    assert "1,000 in" in by_name["orders"]
    assert "999 out" in by_name["orders"]
    assert "filtered" in by_name["filter"]
    assert not list(folder.glob("*.partial"))


def test_options(folder: Path) -> None:
    assert project(folder, "--fail-on-dead-letter").returncode == 1
    done = project(folder, "--limit", "150", "--dead-letter", "bad.jsonl", "--quiet")
    assert (done.returncode, done.stderr) == (0, "")
    assert len((folder / "out.jsonl").read_text().splitlines()) == 150 - 101
    assert (folder / "bad.jsonl").exists()


def test_the_limit_counts_bad_records_too(folder: Path) -> None:
    done = project(folder, "--limit", "6")
    assert "6 in" in done.stderr.splitlines()[0]
    assert "5 out  (1 dead)" in done.stderr.splitlines()[0]
    assert len((folder / "orders.dead.jsonl").read_text().splitlines()) == 1
    (folder / "orders.dead.jsonl").unlink()
    assert "5 out\n" in project(folder, "--limit", "5").stderr
    assert not (folder / "orders.dead.jsonl").exists()


def test_dry_run_writes_nothing(folder: Path) -> None:
    done = project(folder, "--dry-run", "--set", "sink=other.jsonl")
    assert done.returncode == 0
    assert not (folder / "other.jsonl").exists()
    assert "dry run" in done.stderr


def test_the_limit_stage_stops_reading(folder: Path) -> None:
    done = project(folder, "--set", "limit=3")
    assert done.returncode == 0
    assert len((folder / "out.jsonl").read_text().splitlines()) == 3


@pytest.mark.parametrize(
    ("arguments", "variables", "code", "words"),
    [
        (["--set", "source=ordrs.jsonl"], {}, 3, ["FC0801", "Did you mean orders.jsonl?"]),
        (["--set", "source=."], {}, 3, ["FC0802"]),
        (["--set", "sink=no/out.jsonl"], {}, 3, ["FC0805", "mkdir -p no"]),
        (["--set", "sink=orders.jsonl"], {}, 3, ["FC0806"]),
        (["--set", "database=orders.jsonl"], {}, 3, ["FC0810"]),
        (["--set", "limit=few"], {}, 3, ["FC0814", "'few' is not an integer"]),
        (["--set", "limits=3"], {}, 3, ["FC0814", "limits", "limit"]),
        ([], {"SAMPLE_LIMIT": "1.5"}, 3, ["FC0814", "SAMPLE_LIMIT"]),
        (["--set", "limit"], {}, 2, ["NAME=VALUE"]),
        (["--limit", "-1"], {}, 2, ["number of records"]),
        (["--nonsense"], {}, 2, ["--nonsense"]),
        (["--dead-letter", "no/x.jsonl"], {}, 3, ["FC0812"]),
        (["--dead-letter", "orders.jsonl"], {}, 3, ["FC0806"]),
    ],
)
def test_mistakes_are_explained(
    folder: Path, arguments: list[str], variables: dict[str, str], code: int, words: list[str]
) -> None:
    done = project(folder, *arguments, **variables)
    assert done.returncode == code, done.stderr
    for word in words:
        assert word in done.stderr
    assert "Traceback" not in done.stderr
    if code == 3:
        assert "Error: " in done.stderr
        assert "Diagnosis: " in done.stderr
        assert "  1. " in done.stderr


def test_standard_streams(folder: Path) -> None:
    done = subprocess.run(
        f"cat orders.jsonl | {sys.executable} -m sample_project --quiet --set source=- "
        "--set sink=- | head -1; echo ${PIPESTATUS[1]}",
        shell=True,
        executable="/bin/bash",
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    first, status = done.stdout.splitlines()
    assert json.loads(first)["id"] == 101
    assert (status, done.stderr) == ("0", "")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_bounded_run_cut_short_leaves_a_partial_file(
    folder: Path, number: int, code: int
) -> None:
    fifo = folder / "fifo"
    os.mkfifo(fifo)
    process = subprocess.Popen(
        [sys.executable, "-m", "sample_project", "--set", "source=fifo"],
        cwd=folder,
        env=environment(),
        stderr=subprocess.PIPE,
        text=True,
    )
    with fifo.open("w") as feed:
        feed.write(order(200) + "\n")
        feed.flush()
        partial = folder / "out.jsonl.partial"
        until = time.monotonic() + 20
        while not (partial.exists() and partial.read_text()):
            assert time.monotonic() < until
            time.sleep(0.01)
        process.send_signal(number)
        # The writer is still there: the signal alone ends the wait for more.
        _, errors = process.communicate(timeout=20)
    assert process.returncode == code
    assert partial.exists()
    assert not (folder / "out.jsonl").exists()
    assert f"stopped by {signal.Signals(number).name}" in errors


@pytest.mark.parametrize(
    ("line", "code", "words"),
    [
        ("int('many')", 1, ["ValueError", "processors/add_vat.py:1: int('many')"]),
        ("import nowhere.at_all", 3, ["ModuleNotFoundError", "package that brings nowhere"]),
        ("raise SystemExit(0)", 1, ["SystemExit", "sys.exit(0)"]),
        ("def f(:", 1, ["SyntaxError", "processors/add_vat.py:1: def f(:"]),
    ],
)
def test_a_processor_that_cannot_be_imported_is_explained(
    folder: Path, line: str, code: int, words: list[str]
) -> None:
    shutil.copytree(Path(__file__).parent / "sample_project", folder / "sample_project")
    processor = folder / "sample_project" / "processors" / "add_vat.py"
    processor.write_text(line + "\n")
    main = "from flowc_runtime.main import main; from sample_project.settings import Settings; "
    main += "raise SystemExit(main('sample_project.pipeline', Settings))"
    done = subprocess.run(
        [sys.executable, "-c", main],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT / "runtime")},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    for word in ("processors/add_vat.py cannot be imported", "[FC0815]", *words):
        assert word in done.stderr
    assert not list(folder.glob("out.*"))


def test_help_names_the_settings(folder: Path) -> None:
    done = project(folder, "--help")
    assert done.returncode == 0
    assert "SAMPLE_MINIMUM  float, 100.0" in done.stdout.replace("    ", "  ").replace("   ", "  ")
