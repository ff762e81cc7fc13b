"""The commands on real pipelines: exit codes, streams, files."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.as_process import environment, flowc

ORDERS = "".join(
    f'{{"id": {i}, "customer": "c{i % 3}", "amount": {i * 10}, "note": null}}\n'
    for i in range(1, 31)
)
GOOD = "orders.jsonl | filter amount > 100 | select id, amount | big.jsonl\n"
YAML = """\
name: big-orders
source: orders.jsonl
process:
  - filter: amount > 100   # the large ones
  - select: id, amount
sink: big.jsonl
"""


@pytest.fixture
def here(tmp_path: Path) -> Path:
    (tmp_path / "orders.jsonl").write_text(ORDERS)
    (tmp_path / "orders.flow").write_text(GOOD)
    (tmp_path / "orders.yaml").write_text(YAML)
    return tmp_path


# --- validate ---------------------------------------------------------------------------


def test_validate_shows_the_type_flow(here: Path) -> None:
    done = flowc("validate", "orders.yaml", cwd=here)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("✓ Type flow: orders → {id, amount}\n")
    assert "bounded" in done.stdout
    assert "1 pipeline: nothing wrong" in done.stderr


def test_validate_in_ascii(here: Path) -> None:
    done = flowc("validate", "orders.yaml", cwd=here, env={"FLOWC_ASCII": "1"})
    assert done.stdout.startswith("ok Type flow: orders -> {id, amount}\n")
    assert (done.stdout + done.stderr).isascii()


def test_validate_without_a_file_takes_the_whole_project(here: Path) -> None:
    (here / "flowc.toml").write_text("")
    (here / "pipelines").mkdir()
    (here / "pipelines/more.flow").write_text(GOOD)
    done = flowc("validate", cwd=here)
    assert done.returncode == 0, done.stderr
    assert "3 pipelines: nothing wrong" in done.stderr
    inner = flowc("validate", cwd=here / "pipelines")
    assert "3 pipelines" in inner.stderr


def test_validate_shows_the_place_and_the_fix(here: Path) -> None:
    (here / "orders.yaml").write_text(YAML.replace("amount > 100", "amout > 100"))
    done = flowc("validate", "orders.yaml", cwd=here)
    assert done.returncode == 1
    assert done.stdout.startswith("✗ Type flow: ")
    assert "--> orders.yaml:4:13" in done.stderr
    assert "4 +   - filter: amount > 100   # the large ones" in done.stderr
    assert "1 error" in done.stderr
    assert "with --fix" in done.stderr or "--unsafe-fixes" in done.stderr


def test_validate_fix_keeps_comments(here: Path) -> None:
    (here / "orders.yaml").write_text(YAML.replace("amount > 100", "amout > 100"))
    done = flowc("validate", "orders.yaml", "--fix", "--unsafe-fixes", cwd=here)
    assert done.returncode == 0, done.stderr
    assert (here / "orders.yaml").read_text() == YAML


def test_validate_fix_keeps_line_ends(here: Path) -> None:
    wrong = YAML.replace("amount > 100", "amout > 100").replace("\n", "\r\n")
    (here / "orders.yaml").write_bytes(wrong.encode())
    done = flowc("validate", "orders.yaml", "--fix", "--unsafe-fixes", cwd=here)
    assert done.returncode == 0, done.stderr
    assert (here / "orders.yaml").read_bytes() == YAML.replace("\n", "\r\n").encode()


def test_validate_fix_of_dsl_prints_the_text(here: Path) -> None:
    done = flowc("validate", "--unsafe-fixes", GOOD.replace("amount >", "amout >"), cwd=here)
    assert done.stdout.splitlines()[0] == GOOD.strip()


def test_validate_as_json(here: Path) -> None:
    done = flowc("validate", "--format", "json", GOOD.replace("amount >", "amout >"), cwd=here)
    assert done.returncode == 1
    found = json.loads(done.stdout)
    (error,) = [d for d in found["diagnostics"] if d["severity"] == "error"]
    assert error["place"]["file"] == "<command line>"
    assert error["place"]["start"]["column"] == GOOD.index("amount") + 1
    assert found["counts"]["error"] == 1


def test_validate_verbose_shows_each_step(here: Path) -> None:
    done = flowc("validate", "orders.flow", "--verbose", cwd=here)
    assert "  orders.flow:1:16  filter amount > 100\n" in done.stdout
    assert "{id: int, amount: int}" in done.stdout


def test_a_pipeline_on_stdin(here: Path) -> None:
    assert flowc("validate", "-", cwd=here, stdin=GOOD).returncode == 0


def test_a_wrong_default_of_the_project_is_found(here: Path) -> None:
    (here / "flowc.toml").write_text("[defaults]\nstrct = true\n")
    done = flowc("validate", "orders.yaml", cwd=here)
    assert done.returncode == 1
    assert "did you mean 'strict'?" in done.stderr


# --- run --------------------------------------------------------------------------------


def test_run_writes_data_to_stdout_and_the_rest_to_stderr(here: Path) -> None:
    done = flowc("run", "orders.jsonl | filter amount > 290 | select id | -", cwd=here)
    assert done.returncode == 0, done.stderr
    assert done.stdout == '{"id":30}\n'
    assert "typed from 30 of 30 records of orders.jsonl" in done.stderr
    assert "29 filtered" in done.stderr


def test_run_quiet_says_nothing(here: Path) -> None:
    done = flowc("run", "--quiet", "orders.flow", cwd=here)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert len((here / "big.jsonl").read_text().splitlines()) == 20


def test_run_yaml_and_flow_give_the_same(here: Path) -> None:
    assert flowc("run", "orders.flow", cwd=here).returncode == 0
    first = (here / "big.jsonl").read_bytes()
    (here / "big.jsonl").unlink()
    assert flowc("run", "orders.yaml", cwd=here).returncode == 0
    assert (here / "big.jsonl").read_bytes() == first


def test_run_fills_the_ends(here: Path) -> None:
    done = flowc("run", "filter amount > 290 | select id", cwd=here, stdin=ORDERS)
    assert done.returncode == 0, done.stderr
    assert done.stdout == '{"id":30}\n'
    assert "no source is named: stdin it is" in done.stderr
    assert "no sink is named: stdout it is" in done.stderr


def test_run_limit_and_dry_run(here: Path) -> None:
    done = flowc("run", "orders.jsonl | -", "--limit", "3", cwd=here)
    assert len(done.stdout.splitlines()) == 3
    dry = flowc("run", "orders.flow", "--dry-run", cwd=here)
    assert dry.returncode == 0, dry.stderr
    assert not (here / "big.jsonl").exists()


def test_run_refuses_a_wrong_pipeline(here: Path) -> None:
    done = flowc("run", "orders.jsonl | filter amout > 1 | -", cwd=here)
    assert (done.returncode, done.stdout) == (1, "")


def test_run_dead_letters(here: Path) -> None:
    text = "orders.jsonl | validate amount > 10 | select id | -"
    done = flowc("run", text, "--dead-letter", "dead.jsonl", cwd=here)
    assert done.returncode == 0, done.stderr
    assert "1 dead letter in dead.jsonl" in done.stderr
    assert len((here / "dead.jsonl").read_text().splitlines()) == 1
    again = flowc("run", text, "--fail-on-dead-letter", cwd=here)
    assert again.returncode == 1


def test_run_of_a_missing_source_is_said_in_words(here: Path) -> None:
    done = flowc("run", "nothing.jsonl | -", cwd=here)
    assert done.returncode == 3
    assert "nothing.jsonl" in done.stderr
    assert "Traceback" not in done.stderr


def test_run_into_a_closed_pipe_is_quiet(here: Path) -> None:
    (here / "many.jsonl").write_text(ORDERS * 5000)
    command = f"{sys.executable} -m flowc run --quiet 'many.jsonl | -' | head -1"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        cwd=here,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("\n") == 1
    assert done.stderr == ""


def test_run_drains_when_interrupted(here: Path) -> None:
    """A bounded run cut short exits 130 and still prints its books."""
    os.mkfifo(here / "slow.jsonl")
    process = subprocess.Popen(
        [sys.executable, "-m", "flowc", "run", "- as {id: int} | -"],
        cwd=here,
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(b'{"id": 1}\n')
    process.stdin.flush()
    assert process.stdout.readline() == b'{"id":1}\n'
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=20)
    assert process.returncode == 130
    assert b"stopped by SIGINT" in said
    assert b"Traceback" not in said


# --- build ------------------------------------------------------------------------------


def test_build_writes_once_and_checks(here: Path) -> None:
    done = flowc("build", "orders.yaml", "-o", "out", cwd=here)
    assert done.returncode == 0, done.stderr
    assert (here / "out/pyproject.toml").exists()
    assert flowc("build", "orders.yaml", "-o", "out", "--check", cwd=here).returncode == 0
    (here / "orders.yaml").write_text(YAML.replace("100", "200"))
    changed = flowc("build", "orders.yaml", "-o", "out", "--check", "--diff", cwd=here)
    assert changed.returncode == 1
    assert "+        if not record.amount > 200:" in changed.stdout
    assert "would update out/" in changed.stderr
    assert flowc("build", "orders.yaml", "-o", "out", cwd=here).returncode == 0
    assert flowc("build", "orders.yaml", "-o", "out", "--check", cwd=here).returncode == 0


def test_build_writes_over_nothing_foreign(here: Path) -> None:
    (here / "out").mkdir()
    (here / "out/pyproject.toml").write_text("mine")
    done = flowc("build", "orders.yaml", "-o", "out", cwd=here)
    assert done.returncode == 1
    assert "error[FC0781]" in done.stderr
    assert [p.name for p in (here / "out").iterdir()] == ["pyproject.toml"]


def test_build_of_an_unknown_target(here: Path) -> None:
    done = flowc("build", "orders.yaml", "--target", "pyhton", cwd=here)
    assert done.returncode == 2
    assert "did you mean 'python'?" in done.stderr


def test_build_explains_its_passes(here: Path) -> None:
    done = flowc("build", "orders.yaml", "-o", "out", "--explain", cwd=here)
    assert "filter" in done.stdout


# --- graph and fmt ----------------------------------------------------------------------


def test_graph_in_each_form(here: Path) -> None:
    text = flowc("graph", "orders.flow", cwd=here)
    assert text.returncode == 0, text.stderr
    assert text.stdout.splitlines()[:3] == ["orders.jsonl", "│  orders", "filter amount > 100"]
    assert max(map(len, text.stdout.splitlines())) <= 80
    assert flowc("graph", "orders.flow", "--format", "mermaid", cwd=here).stdout.startswith(
        "flowchart LR\n"
    )
    found = json.loads(flowc("graph", "orders.flow", "--format", "json", cwd=here).stdout)
    assert [edge["to"] for edge in found["pipelines"][0]["edges"]] == ["filter", "select", "big"]


def test_fmt_changes_a_file_once(here: Path) -> None:
    (here / "orders.flow").write_text("orders.jsonl|filter amount>100|select id,amount|big.jsonl\n")
    assert flowc("fmt", "orders.flow", "--check", cwd=here).returncode == 1
    assert "+" in flowc("fmt", "orders.flow", "--diff", cwd=here).stdout
    assert flowc("fmt", "orders.flow", cwd=here).returncode == 0
    assert "filter amount > 100" in (here / "orders.flow").read_text()
    assert flowc("fmt", "orders.flow", "--check", cwd=here).returncode == 0


def test_fmt_goes_to_the_other_form_and_back(here: Path) -> None:
    yaml = flowc("fmt", "--to", "yaml", GOOD, cwd=here)
    assert yaml.returncode == 0, yaml.stderr
    (here / "made.yaml").write_text(yaml.stdout)
    back = flowc("fmt", "made.yaml", "--to", "dsl", cwd=here)
    plain = flowc("fmt", GOOD, cwd=here)
    assert back.stdout.split() == plain.stdout.split()


def test_fmt_leaves_what_it_cannot_read(here: Path) -> None:
    (here / "orders.flow").write_text("orders.jsonl | filter amount > 'x | -\n")
    done = flowc("fmt", "orders.flow", cwd=here)
    assert done.returncode == 1
    assert (here / "orders.flow").read_text() == "orders.jsonl | filter amount > 'x | -\n"


def test_fmt_never_changes_what_a_file_says(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from flowc.cli.app import main
    from flowc.syntax import format

    monkeypatch.chdir(here)
    monkeypatch.setenv("XDG_CACHE_HOME", str(here / "cache"))
    monkeypatch.setattr(format, "format_source", lambda source: source.text.replace("100", "1"))
    assert main(["fmt", "orders.flow"]) == 4
    assert "error[FC0902]" in capsys.readouterr().err
    assert (here / "orders.flow").read_text() == GOOD


# --- init -------------------------------------------------------------------------------


@pytest.mark.parametrize("flags", [[], ["--demo"]])
def test_what_init_writes_works(tmp_path: Path, flags: list[str]) -> None:
    made = flowc("init", *flags, cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    commands = [line.strip() for line in made.stdout.splitlines()[1:]]
    assert len(commands) == 3
    for command in commands:
        done = flowc(*command.split()[1:], cwd=tmp_path)
        assert done.returncode == 0, (command, done.stderr)
    assert (tmp_path / "big.jsonl").exists()
