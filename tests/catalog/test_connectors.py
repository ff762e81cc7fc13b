"""What connectors know at compile time: record types, facts, and what a sink can keep."""

from __future__ import annotations

import dataclasses
import json
import re
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from resolving import resolved

from flowc.catalog import registry, sampling
from flowc.catalog.spec import Connector, Sampled
from flowc.diagnostics.reporter import Reporter
from flowc.model.diagnostic import Diagnostic
from flowc.model.effects import Truth
from flowc.model.expr import Template
from flowc.model.graph import EndpointBinding, Node
from flowc.model.source import SourceFile, Text
from flowc.model.types import SCALAR_NAMES, Openness, Record
from flowc.types.notation import parse_type, show


@dataclass
class Context:
    """`SampleContext` for a folder."""

    folder: Path
    read_ahead: bytes | None = None
    strict: bool = False
    reporter: Reporter = field(default_factory=Reporter)


def bound(node: Node) -> tuple[Connector, EndpointBinding]:
    assert isinstance(node.binding, EndpointBinding)
    connector = registry.connector(node.binding.connector)
    assert connector is not None
    return connector, node.binding


def sample(
    text: str, folder: Path, *, read_ahead: bytes | None = None
) -> tuple[Sampled | None, list[Diagnostic]]:
    found = resolved(f'"{text}" | x.jsonl', folder)
    assert found.messages == []
    node = found.only.nodes[0]
    connector, binding = bound(node)
    context = Context(folder, read_ahead)
    return connector.record_type(binding, node.span, context), list(context.reporter)


def typed(text: str, folder: Path, **kind: bytes) -> Sampled:
    found, problems = sample(text, folder, **kind)
    assert problems == []
    assert found is not None
    return found


def fault(text: str, folder: Path) -> Diagnostic:
    found, (problem,) = sample(text, folder)
    assert found is None
    return problem


def kept(row: str, text: str, folder: Path) -> list[Diagnostic]:
    """What is said of records of type ``row`` on their way to a sink."""
    found = resolved(f'a.jsonl | "{text}"', folder)
    assert found.messages == []
    node = found.only.nodes[-1]
    connector, binding = bound(node)
    record = parse_type(Text.whole(SourceFile("type", row)), Reporter())
    assert isinstance(record, Record)
    context = Context(folder)
    connector.check_sink(binding, record, node.span, context)
    return list(context.reporter)


def database(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


# --- every connector ------------------------------------------------------------------------


def test_options_and_capabilities_are_those_of_the_runtime() -> None:
    for connector in registry.connectors().values():
        assert connector.module.startswith("connectors.")
        for kind in (connector.source_options, connector.sink_options):
            assert kind is not None
            assert kind.__module__ == f"flowc_runtime.{connector.module}"
            assert dataclasses.is_dataclass(kind)


def test_examples_resolve(tmp_path: Path) -> None:
    for connector in registry.connectors().values():
        for example in connector.examples:
            assert resolved(example, tmp_path).messages == []


def test_every_entry_says_how_each_type_is_kept() -> None:
    docs = [format.doc for format in registry.formats().values()]
    for doc in (*docs, registry.connectors()["sqlite"].doc):
        table = doc.partition("How each type is kept:")[2]
        said = set(re.findall(r"[a-z]\w+", table))
        assert {*SCALAR_NAMES, "enum", "records", "lists", "maps", "unions"} <= said


# --- JSON lines -----------------------------------------------------------------------------


def test_a_file_is_read_whole(tmp_path: Path) -> None:
    (tmp_path / "orders.jsonl").write_text('{"id": 1, "x": null}\n{"id": 2, "x": 2.5}\n')
    found = typed("orders.jsonl", tmp_path)
    assert show(found.record) == "{id: int, x: float?}"
    assert found.record.name == "orders"
    assert found.record.openness is Openness.UNSEEN
    assert found.whole
    assert found.evidence == "typed from 2 of 2 records of orders.jsonl"
    assert found.read == (tmp_path / "orders.jsonl",)


def test_of_a_large_file_the_first_records(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sampling, "WHOLE_BYTES", 1000)
    lines = [json.dumps({"id": n}) for n in range(30_000)]
    (tmp_path / "orders.jsonl").write_text("\n".join([*lines, '{"id": "late"}']))
    found = typed("orders.jsonl", tmp_path)
    assert show(found.record) == "{id: int}"
    assert not found.whole
    assert found.evidence == "typed from the first 10,000 records of orders.jsonl"


def test_values_are_separated_by_blanks_as_in_a_run(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('\ufeff{"id": 1} {"id": 2}\n{"id":\n 3}')
    assert typed("a.json", tmp_path).evidence.startswith("typed from 3 of 3")


def test_a_record_that_cannot_be_read_is_shown_in_its_file(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"näme": 1}\n{"näme": 2,\n')
    found, (problem,) = sample("a.jsonl", tmp_path)
    assert found is not None
    assert not problem.is_error
    assert problem.message == "1 of 2 records of a.jsonl cannot be read"
    place = problem.labels[0].span
    assert (place.source.name, place.position.line, place.text) == ("a.jsonl", 2, '{"näme": 2,')


def test_a_file_without_one_record_that_can_be_read(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text("id,name\n1,x\n")
    problem = fault("a.jsonl", tmp_path)
    assert (problem.code.id, problem.is_error) == ("FC0724", True)
    assert problem.labels[0].span.position.line == 1


@pytest.mark.parametrize(
    ("text", "code", "says"),
    [
        ("", "FC0723", "holds no record"),
        (" \n", "FC0723", "holds no record"),
        ('[{"id": 1}]', "FC0724", "cannot be read"),
        ("1 2 3", "FC0724", "cannot be read"),
    ],
)
def test_files_that_hold_no_records(text: str, code: str, says: str, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(text)
    problem = fault("a.jsonl", tmp_path)
    assert problem.code.id == code
    assert says in problem.message


def test_json_keeps_every_type(tmp_path: Path) -> None:
    row = "{a: bytes, b: decimal, c: list<{d: json}>, e: map<uuid>, f: bigint, g: duration?}"
    assert kept(row, "x.jsonl", tmp_path) == []


# --- files that cannot be read --------------------------------------------------------------


def test_a_missing_file_and_what_is_like_it(tmp_path: Path) -> None:
    (tmp_path / "orders.jsonl").write_text("{}")
    problem = fault("ordres.jsonl", tmp_path)
    assert (problem.code.id, problem.message) == ("FC0720", "no such file: ordres.jsonl")
    assert [fix.edits[0].text for fix in problem.fixes] == ["orders.jsonl"]
    assert [fix.edits[0].span.text for fix in problem.fixes] == ["ordres.jsonl"]


def test_a_missing_folder_is_said(tmp_path: Path) -> None:
    problem = fault("data/x.jsonl", tmp_path)
    assert "the folder data does not exist either" in problem.notes


def test_a_file_that_lies_beside_the_pipeline(tmp_path: Path) -> None:
    (tmp_path / "pipes").mkdir()
    (tmp_path / "pipes" / "a.jsonl").write_text("{}")
    name = str(Path("pipes") / "p.flow")
    node = resolved("a.jsonl | b.jsonl\n", tmp_path, name=name).only.nodes[0]
    connector, binding = bound(node)
    context = Context(tmp_path)
    assert connector.record_type(binding, node.span, context) is None
    (problem,) = context.reporter
    assert any("it lies beside the pipeline, as pipes/a.jsonl" in note for note in problem.notes)


def test_a_folder(tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").mkdir()
    (tmp_path / "x.jsonl" / "part.jsonl").write_text("{}")
    problem = fault("x.jsonl", tmp_path)
    assert (problem.code.id, problem.message) == ("FC0721", "x.jsonl is a folder")
    assert problem.notes == ("it holds part.jsonl",)


def test_a_device_is_not_read(tmp_path: Path) -> None:
    problem = fault("/dev/null?format=csv", tmp_path)
    assert problem.code.id == "FC0725"


def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "x.jsonl").write_text("{}")

    def refuse(*_: object, **__: object) -> object:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("builtins.open", refuse)
    problem = fault("x.jsonl", tmp_path)
    assert problem.code.id == "FC0722"
    assert problem.notes == ("Permission denied", "see who may: ls -l x.jsonl")


def test_a_path_in_a_variable_that_is_not_set(tmp_path: Path) -> None:
    assert fault("${DIR}/x.jsonl", tmp_path).code.id == "FC0725"


# --- CSV ------------------------------------------------------------------------------------


def test_csv_tells_null_from_the_empty_text_as_in_a_run(tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text('id,name,note\n1,"",\n2,"a\nb",\n3,x,""\n')
    found = typed("f.csv", tmp_path)
    assert show(found.record) == "{id: int, name: string, note: string?}"
    assert found.evidence == "typed from 3 of 3 records of f.csv"


def test_options_of_csv_shape_the_type(tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text("a;b\n1;NA\n2;'x;y'\n")
    found = typed("f.csv?delimiter=;&quote='&null_text=NA", tmp_path)
    assert show(found.record) == "{a: int, b: string?}"


def test_a_note_proposes_a_spelling_of_null(tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text("a,b\n1,NA\n2,3\n")
    found = typed("f.csv", tmp_path)
    assert show(found.record) == "{a: int, b: string}"
    assert "null_text=NA" in found.notes[0]


def test_csv_without_a_header(tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text("1,x\n2,y\n")
    found = typed("f.csv?header=false", tmp_path)
    assert show(found.record) == "{column1: int, column2: string}"
    assert found.evidence.startswith("typed from 2 of 2")


def test_csv_with_a_column_named_twice(tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text("a,b,a\n1,2,3\n")
    problem = fault("f.csv", tmp_path)
    assert problem.code.id == "FC0724"
    assert "its header names a more than once" in problem.notes


def test_ragged_rows_are_shown_in_their_file(tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text("a,b\n1,2\n3\n4,5\n")
    found, (problem,) = sample("f.csv", tmp_path)
    assert found is not None
    assert show(found.record) == "{a: int, b: int}"
    assert problem.message == "1 of 3 records of f.csv cannot be read"
    assert problem.labels[0].span.position.line == 3


def test_bytes_that_are_no_text_are_one_record(tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_bytes(b"a,b\n1,2\n\xff,3\n4,5\n")
    _, (problem,) = sample("f.csv", tmp_path)
    assert problem.message == "1 of 3 records of f.csv cannot be read"


def test_a_csv_of_which_only_the_first_records_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sampling, "WHOLE_BYTES", 1000)
    rows = "".join(f"{n},x\n" for n in range(30_000))
    (tmp_path / "f.csv").write_text(f"id,name\n{rows}late,x\n")
    found = typed("f.csv", tmp_path)
    assert show(found.record) == "{id: int, name: string}"
    assert found.evidence == "typed from the first 10,000 records of f.csv"


def test_an_empty_csv(tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text("")
    assert fault("f.csv", tmp_path).code.id == "FC0723"


@pytest.mark.parametrize("type", ["list<int>", "{x: int}", "{x: int}?", "map<int>", "json"])
def test_csv_has_no_cell_for_nested_values(type: str, tmp_path: Path) -> None:
    (found,) = kept(f"{{id: int, odd: {type}}}", "x.csv", tmp_path)
    assert found.code.id == "FC0730"
    assert "'odd'" in found.message
    assert any("drop odd" in fix.title for fix in found.fixes)


def test_csv_keeps_every_single_value(tmp_path: Path) -> None:
    row = (
        "{a: bool, b: int, c: float?, d: decimal(10, 2), e: string?, f: bytes, g: timestamp, "
        'h: date, i: duration, j: uuid, k: enum("x"), l: bigint, m: number, n?: int}'
    )
    assert kept(row, "x.csv", tmp_path) == []


# --- standard input ---------------------------------------------------------------------------


def test_standard_input_is_typed_from_what_a_run_has_read_ahead(tmp_path: Path) -> None:
    found = typed("-", tmp_path, read_ahead=b'{"id": 1}\n{"id": 2}\n')
    assert show(found.record) == "{id: int}"
    assert found.record.name == "stdin"
    assert not found.whole
    assert found.evidence == "typed from the first 2 records of standard input"
    assert show(typed("-?format=csv", tmp_path, read_ahead=b"a\n1\n").record) == "{a: int}"


def test_standard_input_is_not_touched_before_a_run(tmp_path: Path) -> None:
    assert fault("-", tmp_path).code.id == "FC0725"


# --- SQLite -----------------------------------------------------------------------------------

TABLE = (
    "CREATE TABLE orders (id INTEGER PRIMARY KEY, amount REAL NOT NULL, name VARCHAR(20), "
    "paid BOOLEAN, at TIMESTAMP, day DATE, raw BLOB, total DECIMAL(10, 2), doc JSON, any_)"
)


def test_columns_give_the_type_of_a_table(tmp_path: Path) -> None:
    database(tmp_path / "s.db", TABLE)
    found = typed("sqlite://s.db/orders", tmp_path)
    assert show(found.record) == (
        "{id: int, amount: float, name: string?, paid: bool?, at: timestamp?, day: date?, "
        "raw: bytes?, total: number?, doc: json, any_: json}"
    )
    assert found.record.name == "orders"
    assert found.whole
    assert found.evidence == "typed from the columns of table orders of s.db"


def test_reading_a_schema_changes_nothing(tmp_path: Path) -> None:
    database(tmp_path / "s.db", TABLE)
    before = (tmp_path / "s.db").read_bytes()
    typed("sqlite://s.db/orders", tmp_path)
    kept("{id: int}", "sqlite://s.db/fresh", tmp_path)
    assert (tmp_path / "s.db").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["s.db"]


def test_a_name_with_odd_characters_is_one_table(tmp_path: Path) -> None:
    database(tmp_path / "s.db", 'CREATE TABLE "a""; DROP TABLE b" (x INTEGER NOT NULL)')
    document = {"source": {"sqlite": {"path": "s.db", "table": 'a"; DROP TABLE b'}}, "sink": "-"}
    node = resolved(json.dumps(document), tmp_path, name="x.yaml").only.nodes[0]
    connector, binding = bound(node)
    found = connector.record_type(binding, node.span, Context(tmp_path))
    assert found is not None
    assert show(found.record) == "{x: int}"


@pytest.mark.parametrize(
    ("text", "code", "says"),
    [
        ("sqlite://s.db/order", "FC0731", "s.db has no table 'order'"),
        ("sqlite://s.db", "FC0731", "which table of s.db?"),
        ("sqlite://z.db/orders", "FC0720", "no such database: z.db"),
        ("sqlite://text.db/orders", "FC0722", "text.db is not a SQLite database"),
    ],
)
def test_tables_that_cannot_be_read(text: str, code: str, says: str, tmp_path: Path) -> None:
    database(tmp_path / "s.db", TABLE)
    (tmp_path / "text.db").write_text("no database " * 20)
    problem = fault(text, tmp_path)
    assert (problem.code.id, problem.message) == (code, says)


def test_a_missing_table_names_the_others(tmp_path: Path) -> None:
    database(tmp_path / "s.db", TABLE, "CREATE TABLE _flowc_positions (x)")
    problem = fault("sqlite://s.db/order", tmp_path)
    assert problem.at == "did you mean 'orders'?"
    assert problem.notes == ("it has orders",)
    assert problem.fixes[0].edits[0].span.text == "order"


def test_a_table_that_fits(tmp_path: Path) -> None:
    database(tmp_path / "s.db", TABLE)
    assert kept("{id: int, amount: float, name: string?}", "sqlite://s.db/orders", tmp_path) == []
    assert kept("{x: list<int>, y: json}", "sqlite://s.db/fresh", tmp_path) == []
    assert kept("{x: list<int>, y: json}", "sqlite://none.db/fresh", tmp_path) == []


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("{amount: int}", "column amount is REAL, but the field is int"),
        ("{amount: float?}", "column amount is NOT NULL, but the field may be null"),
        ("{amount?: float}", "column amount is NOT NULL, but the field may be null"),
        ("{id: int}", "its column amount is NOT NULL, and the records have none"),
        ("{amount: float, extra: string}", "it has no column extra"),
        ("{amount: float, total: decimal}", "column total is DECIMAL(10, 2), but the field is"),
    ],
)
def test_a_table_that_does_not_fit(row: str, says: str, tmp_path: Path) -> None:
    database(tmp_path / "s.db", TABLE)
    (found,) = kept(row, "sqlite://s.db/orders", tmp_path)
    assert found.code.id == "FC0732"
    assert any(note.startswith(says) for note in found.notes)


def test_a_missing_column_comes_with_its_statement(tmp_path: Path) -> None:
    database(tmp_path / "s.db", "CREATE TABLE t (id INTEGER)")
    (found,) = kept("{id: int, extra: string}", "sqlite://s.db/t", tmp_path)
    (fix,) = found.fixes
    database(tmp_path / "s.db", fix.title)
    assert kept("{id: int, extra: string}", "sqlite://s.db/t", tmp_path) == []


def test_columns_that_differ_in_capitals_only(tmp_path: Path) -> None:
    (found,) = kept("{id: int, ID: int}", "sqlite://s.db/t", tmp_path)
    assert found.code.id == "FC0732"


# --- facts ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "bounded", "deterministic"),
    [
        ("a.jsonl", Truth.YES, Truth.YES),
        ("sqlite://s.db/t", Truth.YES, Truth.YES),
        ("-", Truth.YES, Truth.UNKNOWN),
        ("-?endless=true", Truth.NO, Truth.UNKNOWN),
        ("-?endless=${E}", Truth.UNKNOWN, Truth.UNKNOWN),
    ],
)
def test_facts(text: str, bounded: Truth, deterministic: Truth, tmp_path: Path) -> None:
    found = resolved(f'"{text}" | x.jsonl', tmp_path)
    connector, binding = bound(found.only.nodes[0])
    facts = connector.facts(binding)
    assert (facts.bounded, facts.deterministic) == (bounded, deterministic)


def test_four_slashes_are_an_absolute_path(tmp_path: Path) -> None:
    reporter = Reporter()
    text = f"sqlite:///{tmp_path}/x.db/t"
    assert text.startswith("sqlite:////")
    source = SourceFile("x", text)
    connector = registry.connector("sqlite")
    assert connector is not None
    address = connector.address(Template((text,), source.span()), sink=True, reporter=reporter)
    path = next(o.value for o in address.options if o.key.text == "path")
    assert isinstance(path, Template)
    assert path.plain == f"{tmp_path}/x.db"
