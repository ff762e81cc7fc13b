"""Every page of docs/errors is its own test.

A page names a code, shows a pipeline or a command, and the codes it ends in. The fences:

    ```flow            the pipeline, as on the command line
    ```yaml            the pipeline, as pipeline.yaml
    ```LANGUAGE PATH   another file of the project
    ```shell           one command, for what only a command can raise
    ```error FLAGS     the codes, one a line; flags for `flowc validate`
    ```fixed           the pipeline as it should be: it validates without findings
"""

from __future__ import annotations

import importlib
import json
import pkgutil
import re
import shlex
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import flowc
from flowc.cli.app import main
from flowc.diagnostics.codes import declared
from flowc.diagnostics.pages import pages
from flowc.resources import errors_dir, runtime_dir

_FENCE = re.compile(r"^```(?P<info>[^\n`]*)\n(?P<text>.*?)^```[ \t]*$", re.M | re.S)
_CODE = re.compile(r"\bFC\d{4}\b")
_SHOWN = re.compile(r"^(?:error|warning|note)\[(FC\d{4})\]", re.M)
#: Most faults of flowc itself, and what only a full disk or a lock can show, have no input.
#: Their situations cannot be laid out as short texts; FC0401 needs a file over 8 MiB, and is
#: raised by the tests of pipelines; FC0140 to FC0144 and FC0156 need files that are huge or
#: no text, and are raised by the tests of syntax; FC0780 needs a table of a database, and is
#: raised by the tests of DuckDB.
_WITHOUT_INPUT = (
    *("FC0140", "FC0142", "FC0143", "FC0144", "FC0156"),
    *("FC0401", "FC0780", "FC06", "FC08", "FC09"),
)

PAGES = sorted(path.stem for path in errors_dir().glob("*.md"))


@dataclass(frozen=True)
class Block:
    language: str
    rest: str
    text: str


def blocks(page: str) -> Iterator[Block]:
    text = (errors_dir() / f"{page}.md").read_text(encoding="utf-8")
    for fence in _FENCE.finditer(text):
        language, _, rest = fence["info"].strip().partition(" ")
        yield Block(language, rest.strip(), fence["text"])


def lay(found: list[Block], folder: Path) -> None:
    """Write the files of the project that the page shows."""
    for block in found:
        if block.rest and block.language not in {"error", "fixed", "shell"}:
            path = folder / block.rest
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text, encoding="utf-8", newline="")


def pipeline(found: list[Block]) -> Block | None:
    return next((b for b in found if b.language in {"flow", "yaml"} and not b.rest), None)


def validate(
    language: str, text: str, flags: list[str], capsys: pytest.CaptureFixture[str]
) -> list[tuple[str, str]]:
    """The (code, severity) of everything `flowc validate` reports."""
    word = text.strip()
    if language == "yaml":
        word = "pipeline.yaml"
        Path(word).write_text(text, encoding="utf-8", newline="")
    capsys.readouterr()
    code = main(["validate", "--format", "json", *flags, "--", word])
    said = capsys.readouterr()
    assert code in {0, 1, 2, 3}, said.err
    if not said.out:
        return [(id, "error") for id in _SHOWN.findall(said.err)]
    return [(d["code"], d["severity"]) for d in json.loads(said.out)["diagnostics"]]


def run(command: str, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The codes on stderr of one command."""
    words = shlex.split(command.strip())
    assert words[0] == "flowc"
    capsys.readouterr()
    main(words[1:])
    return _SHOWN.findall(capsys.readouterr().err)


@pytest.mark.parametrize("page", PAGES)
def test_the_page_has_its_form(page: str) -> None:
    lines = (errors_dir() / f"{page}.md").read_text(encoding="utf-8").splitlines()
    assert re.fullmatch(rf"# {page}: [a-z][a-z0-9-]*", lines[0])
    assert lines[1] == ""
    assert lines[2], "a sentence says what the code means"


def has_example(page: str) -> bool:
    return not page.startswith(_WITHOUT_INPUT) or any(b.language == "error" for b in blocks(page))


@pytest.mark.parametrize("page", [page for page in PAGES if has_example(page)])
def test_the_example_raises_what_the_page_says(
    page: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = list(blocks(page))
    error = next((b for b in found if b.language == "error"), None)
    assert error is not None, "the page has an ```error block"
    expected = Counter(_CODE.findall(error.text))
    assert page in expected
    monkeypatch.chdir(tmp_path)
    for name in ("FLOWC_STRICT", "FLOWC_FORMAT"):
        monkeypatch.delenv(name, raising=False)
    lay(found, tmp_path)
    shell = next((b for b in found if b.language == "shell"), None)
    if shell is not None:
        assert Counter(run(shell.text, capsys)) == expected
        return
    example = pipeline(found)
    assert example is not None, "the page has an example"
    flags = shlex.split(error.rest)
    reported = validate(example.language, example.text, flags, capsys)
    # A note says what was taken for granted; it counts where the page speaks of it.
    counted = Counter(id for id, severity in reported if severity != "note" or id in expected)
    assert counted == expected
    fixed = next((b for b in found if b.language == "fixed"), None)
    if fixed is not None:
        left = validate(example.language, fixed.text, flags, capsys)
        assert [id for id, severity in left if severity != "note"] == []


def every_code() -> dict[str, str]:
    """Every declared code by its id, with its name; imports all of flowc."""
    for module in pkgutil.walk_packages(flowc.__path__, "flowc."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    return {code.id: code.name for code in declared()}


def codes_of_the_runtime() -> set[str]:
    """The codes that a running pipeline shows; the runtime knows no registry."""
    files = runtime_dir().rglob("*.py")
    return {id for path in files for id in _CODE.findall(path.read_text(encoding="utf-8"))}


def test_every_code_has_a_page_of_its_name() -> None:
    codes = every_code()
    named = {page.id: page.name for page in pages()}
    assert sorted(codes_of_the_runtime() - set(named)) == []
    assert {id: name for id, name in named.items() if codes.get(id, name) != name} == {}
    assert sorted(set(codes) - set(named)) == []
