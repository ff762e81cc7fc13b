"""Finding a project and reading its files."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from flowc.diagnostics.reporter import Reporter
from flowc.model.diagnostic import Diagnostic
from flowc.model.project import Project
from flowc.project.load import find_root, load_project

PROCESSOR = """\
from dataclasses import dataclass
@dataclass
class Order:
    id: int
def process(record: Order) -> Order: ...
"""


def load(start: Path) -> tuple[Project, Reporter]:
    reporter = Reporter()
    project = load_project(start, environ={}, settings={}, strict=False, reporter=reporter)
    return project, reporter


def manifest(folder: Path, text: str) -> tuple[Project, list[Diagnostic]]:
    (folder / "flowc.toml").write_text(text)
    project, reporter = load(folder)
    return project, list(reporter)


def test_the_root_is_the_nearest_folder_with_flowc_toml(tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (inner / "x.yaml").write_text("")
    assert find_root(inner / "x.yaml") == inner
    (tmp_path / "flowc.toml").write_text("")
    assert find_root(inner / "x.yaml") == tmp_path
    assert find_root(inner) == tmp_path
    (tmp_path / "a" / "flowc.toml").write_text("")
    assert find_root(inner / "x.yaml") == tmp_path / "a"


def test_an_empty_folder_is_a_project(tmp_path: Path) -> None:
    project, reporter = load(tmp_path)
    assert project.root == tmp_path
    assert not len(reporter)
    assert not project.types
    assert not len(project.processors)


def test_names_are_read_with_their_places(tmp_path: Path) -> None:
    text = (
        "# orders = not this one\n"
        '[project]\nname = "shop"\n'
        '[sources]\norders = "data/orders.jsonl as Order"  # here\n'
        "[sinks]\n'odd-name' = 'out.csv'\n"
        '[stages]\nlarge = """filter amount > 100\n  | limit 3"""\nsub.x = 3\n'
    )
    project, found = manifest(tmp_path, text)
    assert project.name == "shop"
    orders = project.sources["orders"]
    assert orders.text == orders.span.text == "data/orders.jsonl as Order"
    assert orders.span.position.line == 5
    assert project.sinks["odd-name"].span.text == "out.csv"
    assert project.stages["large"].text == "filter amount > 100\n  | limit 3"
    assert project.stages["large"].span.text == project.stages["large"].text
    assert [diagnostic.code.id for diagnostic in found] == ["FC0703"]


@pytest.mark.parametrize(
    ("text", "code", "place", "message"),
    [
        ("[sources]\nx = \n", "FC0701", (2, 5), "invalid value"),
        ('[sources]\nx = "a\n', "FC0701", (2, 7), ""),
        ("[sources", "FC0701", (1, 9), ""),
        ('[sourcs]\nx = "a"\n', "FC0702", (1, 2), "'sourcs'"),
        ("[project]\nnmae = 'x'\n", "FC0702", (2, 1), "'nmae'"),
        ("[project]\nname = 3\n", "FC0703", (2, 1), "'name' is a text"),
        ("sources = 3\n", "FC0703", (1, 1), "[sources] is a table"),
        ("[sources]\nx = 3\n", "FC0703", (2, 1), "'x' is a text"),
        ("[sinks]\n'a b' = 'x'\n", "FC0703", (2, 2), "'a b' is no name"),
        ("[stages]\nx = ['a']\n", "FC0703", (2, 1), "'x' is a text"),
    ],
)
def test_faults_of_flowc_toml_have_places(
    text: str, code: str, place: tuple[int, int], message: str, tmp_path: Path
) -> None:
    _, (found,) = manifest(tmp_path, text)
    assert found.code.id == code
    assert message in found.message
    assert found.span is not None
    position = found.span.position
    assert (position.line, position.column) == place


def test_a_fault_does_not_hide_the_rest(tmp_path: Path) -> None:
    project, found = manifest(tmp_path, '[sources]\na = 3\nb = "b.jsonl"\n')
    assert list(project.sources) == ["b"]
    assert len(found) == 1


def test_defaults_are_the_command_lines_business(tmp_path: Path) -> None:
    _, found = manifest(tmp_path, "[defaults]\nstrict = true\n")
    assert found == []


def test_schemas_are_merged(tmp_path: Path) -> None:
    folder = tmp_path / "schemas"
    folder.mkdir()
    (folder / "a.schema.yaml").write_text("types:\n  Order: {id: int, lines: list<Line>}\n")
    (folder / "b.schema.yml").write_text("types:\n  Line: {sku: string}\n")
    (folder / "notes.yaml").write_text("- not: a schema\n")
    project, reporter = load(tmp_path)
    assert not len(reporter)
    assert sorted(project.types) == ["Line", "Order"]


def test_an_empty_schema_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schemas" / "a.schema.yaml").write_text("\n")
    _, reporter = load(tmp_path)
    assert [found.code.id for found in reporter] == ["FC0705"]


def test_processors_are_found_by_name_and_read_when_asked_for(tmp_path: Path) -> None:
    folder = tmp_path / "processors"
    folder.mkdir()
    (folder / "add_vat.py").write_text(PROCESSOR)
    (folder / "broken.py").write_text("def process(:\n")
    (folder / "__init__.py").write_text("")
    (folder / "_private.py").write_text("")
    project, reporter = load(tmp_path)
    assert sorted(project.processors) == ["add_vat", "broken"]
    assert "add-vat" in project.processors
    assert "nope" not in project.processors
    assert not len(reporter)
    code = project.processors["add-vat"]
    assert (code.name, code.file, code.function) == ("add-vat", "processors/add_vat.py", "process")
    assert project.processors["add_vat"] is code
    assert project.processors.get("broken") is None
    assert project.processors.get("broken") is None
    assert len(reporter) == 1


def test_a_processor_is_not_run(tmp_path: Path) -> None:
    (tmp_path / "processors").mkdir()
    (tmp_path / "processors" / "loud.py").write_text("raise SystemExit(9)\n" + PROCESSOR)
    project, _ = load(tmp_path)
    assert project.processors["loud"].function == "process"


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
@pytest.mark.parametrize("name", ["processors/x.py", "schemas/x.schema.yaml"])
def test_links_out_of_the_project_are_refused(name: str, tmp_path: Path) -> None:
    root = tmp_path / "shop"
    outside = tmp_path / "outside"
    outside.write_text(PROCESSOR if name.endswith(".py") else "types: {X: {id: int}}\n")
    (root / name).parent.mkdir(parents=True)
    (root / name).symlink_to(outside)
    project, reporter = load(root)
    assert project.processors.get("x") is None
    assert not project.types
    (found,) = reporter
    assert found.code.id == "FC0704"
    assert "outside the project" in found.message


def test_a_link_inside_the_project_is_followed(tmp_path: Path) -> None:
    (tmp_path / "processors").mkdir()
    (tmp_path / "shared.py").write_text(PROCESSOR)
    (tmp_path / "processors" / "x.py").symlink_to(tmp_path / "shared.py")
    project, reporter = load(tmp_path)
    assert project.processors["x"].function == "process"
    assert not len(reporter)


def test_a_file_that_is_not_text_is_reported(tmp_path: Path) -> None:
    (tmp_path / "flowc.toml").write_bytes(b"\xff\xfe[\x00")
    _, reporter = load(tmp_path)
    assert reporter.has_errors
