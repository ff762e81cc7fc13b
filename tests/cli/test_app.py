"""The command line itself: exit codes, streams, precedence, what it says of mistakes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from flowc.cli.support import commands
from flowc.cli.support.command import COMMON, FORMAT, Command, Invocation, Kind, Option, UsageError
from flowc.cli.support.parse import parse, with_settings
from flowc.project.manifest import DEFAULTS
from tests.cli.as_process import flowc


def nothing(call: Invocation) -> int:
    return 0


COMMAND = Command(
    "try",
    "Try.",
    nothing,
    words="[FILE|DSL]",
    most=2,
    options=(
        FORMAT,
        Option("strict", Kind.FLAG, "S.", setting=True),
        Option("limit", Kind.COUNT, "N."),
        Option("set", Kind.PAIRS, "P."),
        Option("output", Kind.TEXT, "O.", "-o"),
        *COMMON,
    ),
)


def test_help_goes_to_stdout_and_names_every_command(tmp_path: Path) -> None:
    done = flowc("--help", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    for name in commands.names():
        assert f"\n  {name} " in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_no_command_is_wrong_usage(tmp_path: Path) -> None:
    done = flowc(cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Usage: flowc" in done.stderr


@pytest.mark.parametrize("name", commands.names())
def test_every_command_has_help_with_an_example(name: str, tmp_path: Path) -> None:
    done = flowc(name, "--help", cwd=tmp_path)
    assert done.returncode == 0
    assert f"Usage: flowc {name}" in done.stdout
    assert "Examples:" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert flowc("help", name, cwd=tmp_path).stdout == done.stdout


@pytest.mark.parametrize("name", commands.names())
def test_a_command_is_its_file(name: str) -> None:
    assert commands.load(name).name == name


def test_help_imports_nothing_heavy(tmp_path: Path) -> None:
    code = (
        "import sys; from flowc.cli.app import main; main(['--help']); "
        "heavy = {'typer', 'rich', 'pydantic', 'lark', 'networkx', 'jinja2', 'yaml', 'msgspec'}; "
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_version(tmp_path: Path) -> None:
    assert flowc("--version", cwd=tmp_path).stdout.startswith("flowc ")


@pytest.mark.parametrize(
    ("argv", "says"),
    [
        (["vaildate"], "did you mean 'validate'?"),
        (["--versoin"], "did you mean '--version'?"),
        (["explain", "--formt", "json"], "did you mean '--format'?"),
        (["explain", "--format", "jsn"], "did you mean 'json'?"),
        (["explain", "--format"], "--format needs a value"),
        (["explain", "a", "b"], "'b' is one too many"),
        (["orders.yaml"], "flowc run orders.yaml"),
        (["a.jsonl | limit 1 | -"], "flowc run 'a.jsonl | limit 1 | -'"),
    ],
)
def test_wrong_usage_says_what_would_be_right(argv: list[str], says: str, tmp_path: Path) -> None:
    done = flowc(*argv, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_common_options_may_stand_before_the_command(tmp_path: Path) -> None:
    assert flowc("--quiet", "explain", "FC0901", cwd=tmp_path).returncode == 0


def test_explain_works_by_code_number_and_name(tmp_path: Path) -> None:
    page = flowc("explain", "FC0901", cwd=tmp_path).stdout
    assert page.startswith("# FC0901: internal-error\n")
    assert flowc("explain", "fc901", cwd=tmp_path).stdout == page
    assert flowc("explain", "internal-error", cwd=tmp_path).stdout == page


def test_explain_of_an_unknown_code_names_the_nearest(tmp_path: Path) -> None:
    done = flowc("explain", "FC0909", cwd=tmp_path)
    assert done.returncode == 2
    assert "flowc explain FC0901" in done.stderr


def test_a_closed_stdout_is_quiet(tmp_path: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [sys.executable, "-m", "flowc", "list", "--format", "json"],
        stdout=write,
        stderr=subprocess.PIPE,
        cwd=Path(__file__).resolve().parents[2],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([".", "runtime"])},
        check=False,
    )
    os.close(write)
    assert (done.returncode, done.stderr) == (0, b"")


def test_our_bug_is_said_to_be_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from flowc.cli import app

    def broken(name: str) -> Command:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr(app.commands, "load", broken)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("FLOWC_DEBUG", raising=False)
    assert app.main(["explain"]) == 4
    said = capsys.readouterr().err
    assert "error[FC0901]: this is a bug in flowc: ZeroDivisionError: division by zero" in said
    assert "Traceback" not in said
    (trace,) = (tmp_path / "cache/flowc").iterdir()
    assert "in broken" in trace.read_text()
    assert trace.stat().st_mode & 0o077 == 0
    monkeypatch.setenv("FLOWC_DEBUG", "1")
    assert app.main(["explain"]) == 4
    assert "Traceback" in capsys.readouterr().err


def test_an_interrupt_is_130(monkeypatch: pytest.MonkeyPatch) -> None:
    from flowc.cli import app

    def interrupted(name: str) -> Command:
        raise KeyboardInterrupt

    monkeypatch.setattr(app.commands, "load", interrupted)
    assert app.main(["explain"]) == 130


def test_a_full_disk_is_the_environments_fault(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from flowc.cli import app

    def full(name: str) -> Command:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(app.commands, "load", full)
    assert app.main(["explain"]) == 3
    assert "No space left" in capsys.readouterr().err


def test_words_that_look_like_options_and_are_none() -> None:
    words, values, _ = parse(COMMAND, ["-?format=csv", "- | limit 1 | -", "--limit", "1_000"])
    assert words == ("-?format=csv", "- | limit 1 | -")
    assert values == {"limit": 1000}
    assert parse(COMMAND, ["--", "--strict"])[0] == ("--strict",)
    assert parse(COMMAND, ["-", "--set", "a=1", "--set=b=x=y", "-oout"])[1] == {
        "set": {"a": "1", "b": "x=y"},
        "output": "out",
    }


@pytest.mark.parametrize(
    "argv", [["--set", "a"], ["--limit", "x"], ["--limit", "-1"], ["--strict=1"], ["-z"]]
)
def test_values_that_do_not_fit(argv: list[str]) -> None:
    with pytest.raises(UsageError):
        parse(COMMAND, argv)


@pytest.mark.parametrize(
    ("argv", "environ", "config", "strict"),
    [
        ([], {}, {}, None),
        ([], {}, {"strict": True}, True),
        ([], {"FLOWC_STRICT": "0"}, {"strict": True}, False),
        (["--strict"], {"FLOWC_STRICT": "0"}, {}, True),
        (["--no-strict"], {"FLOWC_STRICT": "1"}, {"strict": True}, False),
    ],
)
def test_a_flag_wins_over_a_variable_over_the_file(
    argv: list[str], environ: dict[str, str], config: dict[str, object], strict: bool | None
) -> None:
    written = parse(COMMAND, argv)[1]
    assert with_settings(COMMAND, written, environ, config, "flowc.toml").get("strict") is strict


def test_a_wrong_variable_is_wrong_usage(tmp_path: Path) -> None:
    done = flowc("explain", cwd=tmp_path, env={"FLOWC_FORMAT": "xml"})
    assert done.returncode == 2
    assert "FLOWC_FORMAT" in done.stderr


def test_the_project_file_sets_options(tmp_path: Path) -> None:
    (tmp_path / "flowc.toml").write_text('[defaults]\nformat = "json"\n')
    assert flowc("explain", "FC0901", cwd=tmp_path).stdout.startswith("{")
    (tmp_path / "flowc.toml").write_text('[defaults]\nformat = "jsn"\n')
    done = flowc("explain", "FC0901", cwd=tmp_path)
    assert done.returncode == 2
    assert "did you mean 'json'?" in done.stderr
    (tmp_path / "flowc.toml").write_text("[defaults\n")
    assert flowc("explain", "FC0901", cwd=tmp_path).returncode == 0


def test_the_project_file_may_set_every_setting() -> None:
    found = {o.name for name in commands.names() for o in commands.load(name).options if o.setting}
    assert tuple(sorted(found)) == DEFAULTS


def test_ascii_is_asked_for(tmp_path: Path) -> None:
    assert flowc("list", cwd=tmp_path, env={"FLOWC_ASCII": "1"}).stdout.isascii()


@pytest.mark.parametrize(
    ("name", "shows"),
    [
        ("filter", "filter: operator"),
        ("where", "filter: operator"),
        ("round", "round(number: float) -> int"),
        ("sqlite", "Options of a sink:"),
        ("sqlite://", "sqlite: connector"),
        ("csv", "Suffixes: .csv, .tsv"),
    ],
)
def test_list_shows_an_entry(name: str, shows: str, tmp_path: Path) -> None:
    done = flowc("list", name, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert shows in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_list_of_nothing_says_what_there_is(tmp_path: Path) -> None:
    done = flowc("list", "fliter", cwd=tmp_path)
    assert done.returncode == 2
    assert "did you mean 'filter'?" in done.stderr


def test_list_as_json_has_every_entry(tmp_path: Path) -> None:
    from flowc.catalog import registry

    found = json.loads(flowc("list", "--format", "json", cwd=tmp_path).stdout)
    assert sorted(entry["name"] for entry in found["operators"]) == list(registry.operators())
    assert [entry["name"] for entry in found["functions"]] == list(registry.functions())


def test_init_writes_over_nothing(tmp_path: Path) -> None:
    done = flowc("init", "--demo", "here", cwd=tmp_path)
    assert done.returncode == 0
    assert done.stdout.splitlines()[:2] == ["Try:", "  cd here"]
    before = (tmp_path / "here/orders.yaml").read_text()
    again = flowc("init", "--demo", "here", cwd=tmp_path)
    assert again.returncode == 2
    assert "orders.jsonl exists" in again.stderr
    assert (tmp_path / "here/orders.yaml").read_text() == before


def test_a_missing_pipeline_is_wrong_usage(tmp_path: Path) -> None:
    (tmp_path / "orders.yaml").write_text("source: a\n")
    done = flowc("validate", "order.yaml", cwd=tmp_path)
    assert done.returncode == 2
    assert "error[FC0786]: there is no file order.yaml" in done.stderr
    assert "did you mean orders.yaml?" in done.stderr


def test_a_folder_is_no_pipeline(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").mkdir()
    done = flowc("validate", "x.yaml", cwd=tmp_path)
    assert done.returncode == 2
    assert "error[FC0787]" in done.stderr


def test_an_empty_project_says_so(tmp_path: Path) -> None:
    done = flowc("validate", cwd=tmp_path)
    assert done.returncode == 2
    assert "error[FC0785]" in done.stderr


def test_utf16_is_refused_with_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_bytes("source: a\n".encode("utf-16"))
    done = flowc("validate", "x.yaml", cwd=tmp_path)
    assert done.returncode == 1
    assert "iconv" in done.stderr


def test_a_bug_with_a_code_of_its_own_keeps_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from flowc.cli import app
    from flowc.targets.base import EmissionError

    def broken(name: str) -> Command:
        raise EmissionError("x")

    monkeypatch.setattr(app.commands, "load", broken)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert app.main(["explain"]) == 4
    assert "error[FC0601]: this is a bug in flowc: EmissionError: x" in capsys.readouterr().err
