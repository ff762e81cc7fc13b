"""A program in a run: streams, deadlocks, bad lines, bad ends, signals."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from flowing import codes, ran

from flowc_runtime.engine import RunOptions

ROOT = Path(__file__).resolve().parents[2]


def script(folder: Path, name: str, text: str) -> str:
    """A Python program that `exec` can start; its command."""
    path = folder / name
    path.write_text(text)
    return f"{sys.executable} {path}"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def lay(folder: Path, count: int) -> None:
    rows = (json.dumps({"id": id, "name": f"n{id}"}) for id in range(count))
    (folder / "in.jsonl").write_text("".join(f"{row}\n" for row in rows))


def test_a_program_may_drop_and_multiply(folder: Path) -> None:
    lay(folder, 5)
    command = script(
        folder,
        "twice.py",
        "import sys, json\n"
        "for line in sys.stdin:\n"
        "    row = json.loads(line)\n"
        "    for n in range(row['id']):\n"
        "        print(json.dumps({'id': row['id'], 'n': n}))\n",
    )
    got = ran(f'in.jsonl | exec "{command}" as {{id: int, n: int}} | out.jsonl', folder)
    assert got.result.exit_code == 0
    assert got.rows == [{"id": id, "n": n} for id in range(5) for n in range(id)]
    account = got.result.accounts["exec"]
    assert (account.received, account.absorbed, account.produced) == (5, 5, 10)


def test_much_more_than_pipes_hold_goes_through(folder: Path) -> None:
    """Neither side may wait for the other: one writes late, one reads late."""
    lay(folder, 60_000)
    late = script(
        folder,
        "late.py",
        "import sys\nlines = sys.stdin.readlines()\nsys.stderr.write('x' * 200_000 + '\\n')\n"
        "sys.stdout.writelines(lines)\n",
    )
    wide = script(
        folder,
        "wide.py",
        "import sys\nfor line in sys.stdin:\n    sys.stdout.write(line * 5)\n",
    )
    got = ran(f'in.jsonl | exec "{late}" | exec "{wide}" | out.jsonl', folder)
    assert got.result.exit_code == 0
    assert len(got.rows) == 300_000
    assert got.rows[-1] == {"id": 59_999, "name": "n59999"}


def test_lines_that_do_not_fit_are_dead_as_they_came(folder: Path) -> None:
    lay(folder, 3)
    got = ran(
        """in.jsonl | exec "sed -e 's/\\"name\\":\\"n1\\"/oops/'" as {id: int} | out.jsonl""",
        folder,
    )
    assert got.rows == [{"id": 0}, {"id": 2}]
    assert [letter["original"] for letter in got.dead] == ['{"id":1,oops}']
    assert got.dead[0]["node"] == "exec"
    assert got.result.accounts.imbalances() == []
    assert ran('in.jsonl | exec "sed s/name/other/" | out.jsonl', folder).result.dead_letters == 3


def test_values_that_lie_on_several_lines_are_read(folder: Path) -> None:
    lay(folder, 2)
    command = script(
        folder,
        "pretty.py",
        "import sys, json\nfor line in sys.stdin:\n    print(json.dumps(json.loads(line), indent=2))\n",
    )
    assert len(ran(f'in.jsonl | exec "{command}" | out.jsonl', folder).rows) == 2


def test_a_program_that_has_enough_ends_the_reading(folder: Path) -> None:
    lay(folder, 200_000)
    got = ran('in.jsonl | exec "head -n 2" | out.jsonl', folder)
    assert got.result.exit_code == 0
    assert [row["id"] for row in got.rows] == [0, 1]
    assert got.result.accounts["in"].received < 200_000


def test_no_records_are_no_trouble(folder: Path) -> None:
    (folder / "in.jsonl").write_text("")
    assert ran('in.jsonl as {id: int} | exec "cat" | out.jsonl', folder).rows == []
    got = ran('in.jsonl as {id: int} | exec "echo {\\"id\\":7}" | out.jsonl', folder)
    assert got.result.exit_code == 0


@pytest.mark.parametrize("count", [3, 100_000])
def test_a_bad_end_stops_the_run(
    count: int, folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    lay(folder, count)
    command = script(
        folder, "bad.py", "import sys\nsys.stdin.readline()\nsys.exit('no more \\u00e4')\n"
    )
    got = ran(f'in.jsonl | exec "{command}" | out.jsonl', folder)
    assert got.result.exit_code == 3
    diagnosis = got.result.diagnosis
    assert diagnosis is not None
    assert diagnosis.code == "FC0824"
    assert "exit code 1" in diagnosis.message
    assert "bad.py" in diagnosis.message
    assert "no more ä" in diagnosis.why
    assert "no more ä" in capfd.readouterr().err
    assert not Path("out.jsonl").exists()


def test_a_missing_program_is_found_at_the_start(folder: Path) -> None:
    lay(folder, 1)
    for command in ("no-such-program -c .", "./in.jsonl"):
        got = ran(f'in.jsonl | exec "{command}" | out.jsonl', folder)
        assert got.result.exit_code == 3
        assert got.result.diagnosis is not None
        assert got.result.diagnosis.code == "FC0826"
        assert not Path("out.jsonl.partial").exists()


def test_a_variable_stays_one_word(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lay(folder, 1)
    monkeypatch.setenv("TEXT", "a b; echo $(date)")
    command = script(
        folder,
        "words.py",
        "import sys, json\nsys.stdin.read()\nprint(json.dumps({'words': sys.argv[1:]}))\n",
    )
    got = ran(
        f"in.jsonl | exec \"{command} x=${{TEXT}} 'y z'\" as {{words: list<string>}} | out.jsonl",
        folder,
    )
    assert got.rows == [{"words": ["x=a b; echo $(date)", "y z"]}]


def test_nothing_reaches_a_program_twice_when_a_later_step_fails(folder: Path) -> None:
    lay(folder, 3)
    got = ran('in.jsonl | exec "tee seen.txt" | set x = 1 / (id - 1) | out.jsonl', folder)
    assert len(got.rows) == 2
    assert len(Path("seen.txt").read_text().splitlines()) == 3


def test_only_so_many_are_read_with_a_limit(folder: Path) -> None:
    lay(folder, 10)
    assert (
        len(ran('in.jsonl | exec "cat" | out.jsonl', folder, options=RunOptions(limit=4)).rows) == 4
    )


@pytest.mark.parametrize(
    ("stage", "strict", "found"),
    [
        ('exec "a | b"', False, ["FC0431"]),
        ('exec "a > b"', False, ["FC0431"]),
        ("exec \"a '|' b\"", False, []),
        ("exec \"jq -c '.a | .b > 1; .c'\"", False, []),
        ('exec "a $(b)"', False, ["FC0431"]),
        ('exec ""', False, ["FC0434"]),
        ('exec "a \'b"', False, ["FC0434"]),
        ('exec "a" as int', False, ["FC0433"]),
        ('exec "a" as Nope', False, ["FC0351"]),
        ('exec "a"', True, ["FC0432"]),
        ('exec "a" as {id: int}', True, []),
        ("exec a", False, ["FC0224"]),
    ],
)
def test_what_is_said_of_commands(stage: str, strict: bool, found: list[str], folder: Path) -> None:
    line = f"in.jsonl as {{id: int}} | {stage} | out.jsonl"
    assert codes(line, folder, strict=strict) == found


def test_yaml(folder: Path) -> None:
    lay(folder, 2)
    for stage in (
        "exec: '\"sed s/name/other/\" as {id: int, other: string}'",
        "exec: {command: sed s/name/other/, as: '{id: int, other: string}'}",
    ):
        text = f"source: in.jsonl\nprocess:\n  - {stage}\nsink: out.jsonl\n"
        assert ran(text, folder, name="p.yaml").rows[1] == {"id": 1, "other": "n1"}


# Signals


def started(folder: Path, line: str, **more: Any) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "flowc", "run", line],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'runtime'}", "FLOWC_CACHE": "off"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        **more,
    )


def test_a_stop_drains_the_program(folder: Path) -> None:
    """Ctrl-C goes to the whole group of processes; the program must not die of it."""
    command = script(
        folder,
        "slow.py",
        "import sys, time\n"
        "for line in sys.stdin:\n    print(line, end='', flush=True)\n"
        "print('{\"id\": 99}')\n",
    )
    line = f'"-?endless=true" as {{id: int}} | exec "{command}" | "-"'
    run = started(folder, line, start_new_session=True)
    assert run.stdin is not None
    assert run.stdout is not None
    run.stdin.write(b'{"id":1}\n')
    run.stdin.flush()
    assert run.stdout.readline() == b'{"id":1}\n'
    os.killpg(run.pid, signal.SIGINT)
    out, err = run.communicate(timeout=60)
    assert run.returncode == 0, err.decode()
    assert out == b'{"id":99}\n'


def test_a_second_signal_leaves_no_program_behind(folder: Path) -> None:
    command = script(
        folder,
        "deaf.py",
        "import os, signal, sys, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "open('pid', 'w').write(str(os.getpid()))\n"
        "print(sys.stdin.readline(), end='', flush=True)\n"
        "time.sleep(600)\n",
    )
    line = f'"-?endless=true" as {{id: int}} | exec "{command}" | "-"'
    run = started(folder, line, start_new_session=True)
    assert run.stdin is not None
    assert run.stdout is not None
    run.stdin.write(b'{"id":1}\n')
    run.stdin.flush()
    assert run.stdout.readline() == b'{"id":1}\n'
    pid = int(Path("pid").read_text())
    run.send_signal(signal.SIGTERM)
    run.send_signal(signal.SIGINT)
    run.communicate(timeout=60)
    assert run.returncode in (130, 143)
    for _ in range(400):
        if is_gone(pid):
            break
        time.sleep(0.05)
    assert is_gone(pid)


def is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    status = Path(f"/proc/{pid}/status")
    return status.exists() and "zombie" in status.read_text()
