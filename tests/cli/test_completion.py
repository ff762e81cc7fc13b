"""Completion, asked for as the shells ask for it."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from flowc.cli.support.completion import offers
from tests.cli.as_process import environment, flowc


@pytest.fixture
def here(tmp_path: Path) -> Path:
    (tmp_path / "orders.jsonl").write_text('{"id": 1, "amount": 2.5, "a-b": 1}\n')
    (tmp_path / "processors").mkdir()
    (tmp_path / "processors/add_vat.py").write_text("def process(x): ...\n")
    return tmp_path


def offered(line: str, cwd: Path) -> list[str]:
    """What is offered for the last word of a line, which a `^` ends."""
    *words, last = shlex.split(line.removesuffix("^") + "$")
    return [word for word, _ in offers(words[1:], last.removesuffix("$"), cwd)]


@pytest.mark.parametrize(
    ("line", "gives"),
    [
        ("flowc va^", ["validate"]),
        ("flowc --ver^", ["--version"]),
        ("flowc --quiet va^", ["validate"]),
        ("flowc help gra^", ["graph"]),
        ("flowc validate --str^", ["--strict"]),
        ("flowc validate --strict --str^", []),
        ("flowc validate --format js^", ["json"]),
        ("flowc validate --format=js^", ["--format=json"]),
        ("flowc build --target py^", ["python"]),
        ("flowc graph --stage t^", ["typed"]),
        ("flowc run or^", []),
        ("flowc run --dead-letter or^", []),
        ("flowc explain FC0302^", ["FC0302"]),
        ("flowc explain constant-cond^", ["constant-condition"]),
        ("flowc list oper^", ["operators"]),
        ("flowc list operators filt^", ["filter"]),
        ("flowc list operators filter x^", []),
        ("flowc run 'orders.jsonl | filt^'", ["orders.jsonl | filter"]),
        ("flowc run 'orders.jsonl|filt^'", ["orders.jsonl|filter"]),
        ("flowc run 'orders.jsonl | tee { filt^'", ["orders.jsonl | tee { filter"]),
        ("flowc run 'orders.jsonl | add_^'", ["orders.jsonl | add_vat"]),
        ("flowc run 'orders.jsonl | filter am^'", ["orders.jsonl | filter amount"]),
        ("flowc run 'orders.jsonl | set x = low^'", ["orders.jsonl | set x = lower("]),
        (
            "flowc run 'orders.jsonl | rename money = amount | filter mone^'",
            ["orders.jsonl | rename money = amount | filter money"],
        ),
        ("flowc nothing x^", []),
    ],
)
def test_what_is_offered(line: str, gives: list[str], here: Path) -> None:
    line = line.replace("^'", "'^")
    assert offered(line, here) == gives


def test_every_command_offers_its_options(here: Path) -> None:
    from flowc.cli.support import commands

    for name in commands.names():
        found = offered(f"flowc {name} --^", here)
        assert found == [*(f"--{o.name}" for o in commands.load(name).options), "--help"]


@pytest.mark.parametrize(
    ("words", "reply"),
    [
        (["flowc", "va"], ["validate"]),
        (["flowc", "validate", "--format", "=", "js"], ["json"]),
        (["flowc", "validate", "--format", "="], ["text", "json"]),
        (["flowc", "run", "'orders.jsonl | filt"], ["orders.jsonl | filter"]),
        (["flowc", "run", "or"], []),
    ],
)
def test_bash_is_answered(words: list[str], reply: list[str], here: Path) -> None:
    """The function that `--show-completion` defines, called as bash calls it."""
    script = flowc("--show-completion", "bash", cwd=here).stdout
    program = here / "bin/flowc"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m flowc "$@"\n')
    program.chmod(0o755)
    text = (
        f"{script}\nCOMP_WORDS=({' '.join(map(shlex.quote, words))}); "
        f"COMP_CWORD={len(words) - 1}; _flowc_completion {shlex.quote(str(program))}; "
        'printf "%s\\n" "${COMPREPLY[@]}"'
    )
    done = subprocess.run(
        [shutil.which("bash") or "bash", "--norc", "-c", text],
        cwd=here,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    assert done.stdout.split("\n")[:-1] == (reply or [""])


def asked(shell: str, line: str, here: Path, **more: str) -> subprocess.CompletedProcess[str]:
    variables = {"_FLOWC_COMPLETE": f"complete_{shell}", "_TYPER_COMPLETE_ARGS": line, **more}
    return flowc(cwd=here, env=variables)


def test_zsh_is_answered(here: Path) -> None:
    done = asked("zsh", "flowc validate --form", here)
    assert done.stdout == '_arguments \'*: :(("--format":"How the result is printed."))\'\n'
    assert asked("zsh", "flowc run or", here).stdout == "_files\n"
    inside = asked("zsh", "flowc run 'orders.jsonl | limi", here)
    assert inside.stdout.startswith('_arguments \'*: :(("orders.jsonl | limit":')


def test_fish_is_answered(here: Path) -> None:
    args = asked("fish", "flowc gra", here, _TYPER_COMPLETE_FISH_ACTION="get-args")
    assert args.stdout.startswith("graph\t")
    is_args = {"_TYPER_COMPLETE_FISH_ACTION": "is-args"}
    assert asked("fish", "flowc gra", here, **is_args).returncode == 0
    assert asked("fish", "flowc run or", here, **is_args).returncode == 1


def test_powershell_is_answered(here: Path) -> None:
    done = asked("powershell", "flowc gra", here)
    assert done.stdout.startswith("graph:::")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "pwsh"])
def test_the_script_of_each_shell_is_shown(shell: str, tmp_path: Path) -> None:
    done = flowc("--show-completion", shell, cwd=tmp_path)
    assert done.returncode == 0
    assert "_FLOWC_COMPLETE" in done.stdout
    assert (
        flowc("--show-completion", cwd=tmp_path, env={"SHELL": f"/bin/{shell}"}).stdout
        == done.stdout
    )


def test_an_unknown_shell_is_wrong_usage(tmp_path: Path) -> None:
    done = flowc("--show-completion", "tcsh", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "one of bash, zsh, fish" in done.stderr


def test_installing_writes_into_the_home_alone(tmp_path: Path) -> None:
    done = flowc("--install-completion", "bash", cwd=tmp_path, env={"HOME": str(tmp_path)})
    assert done.returncode == 0, done.stderr
    assert "_FLOWC_COMPLETE" in (tmp_path / ".bash_completions/flowc.sh").read_text()


def test_completing_starts_nothing_heavy(tmp_path: Path) -> None:
    code = (
        "import os, sys; os.environ.update(_FLOWC_COMPLETE='complete_bash', "
        "COMP_WORDS='flowc validate --str', COMP_CWORD='2'); "
        "from flowc.cli.app import main; main([]); "
        "heavy = {'typer', 'rich', 'pydantic', 'lark', 'networkx', 'jinja2', 'yaml', 'msgspec'}; "
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "--strict\n"), done.stderr
