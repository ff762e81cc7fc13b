"""Endpoints in every spelling, their options, and what `--set` changes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest
from resolving import argument, dump, endpoint, resolved, written_options

from flowc.diagnostics.reporter import Reporter
from flowc.model.expr import Template, Variable
from flowc.model.graph import EndpointBinding, Pipeline
from flowc.model.source import SourceFile
from flowc.model.tree import Option, Word
from flowc.resolve.options import make, read_options
from flowc.types.notation import show


def source(text: str, folder: Path, *, environ: dict[str, str] | None = None) -> EndpointBinding:
    found = resolved(f'"{text}" | x.jsonl', folder, environ=environ)
    assert found.messages == []
    return endpoint(found.only, found.only.nodes[0].id)


def sink(written: object, folder: Path) -> EndpointBinding:
    document = {"source": "a.jsonl", "sink": written}
    found = resolved(json.dumps(document), folder, name="x.yaml")
    assert found.messages == []
    return endpoint(found.only, found.only.nodes[-1].id)


def as_text(binding: EndpointBinding) -> str:
    codec = f" {dict(binding.codec)}" if binding.codec else ""
    return f"{binding.connector}/{binding.format} {written_options(binding.options)}{codec}"


@pytest.mark.parametrize(
    ("text", "bound"),
    [
        ("orders.jsonl", "file/jsonlines SourceOptions(path='orders.jsonl')"),
        ("data/orders.ndjson", "file/jsonlines SourceOptions(path='data/orders.ndjson')"),
        ("/var/x.json", "file/jsonarray SourceOptions(path='/var/x.json')"),
        ("file://out/x.jsonl", "file/jsonlines SourceOptions(path='out/x.jsonl')"),
        ("file:///out/x.jsonl", "file/jsonlines SourceOptions(path='/out/x.jsonl')"),
        ("file://a%20b.jsonl", "file/jsonlines SourceOptions(path='a b.jsonl')"),
        ("a%20b.jsonl", "file/jsonlines SourceOptions(path='a%20b.jsonl')"),
        ("./orders?format=jsonl", "file/jsonlines SourceOptions(path='./orders')"),
        ("X.CSV", "file/csv SourceOptions(path='X.CSV')"),
        ("x.tsv", "file/csv SourceOptions(path='x.tsv') {'delimiter': '\\t'}"),
        ("x.dat?format=tsv", "file/csv SourceOptions(path='x.dat') {'delimiter': '\\t'}"),
        ("x.tsv?delimiter=;", "file/csv SourceOptions(path='x.tsv') {'delimiter': ';'}"),
        ("x.csv?delimiter=%09", "file/csv SourceOptions(path='x.csv') {'delimiter': '\\t'}"),
        (
            "x.csv?null_text=NA&header=false",
            "file/csv SourceOptions(path='x.csv') {'null_text': 'NA', 'header': False}",
        ),
        ("-", "stdio/jsonlines SourceOptions()"),
        ("-?format=csv", "stdio/csv SourceOptions()"),
        ("-?endless=true", "stdio/jsonlines SourceOptions(endless=True)"),
        ("sqlite://s.db/t", "sqlite/rows SourceOptions(path='s.db', table='t')"),
        ("sqlite://d/s.db/t", "sqlite/rows SourceOptions(path='d/s.db', table='t')"),
        ("sqlite:///d/s.db/t", "sqlite/rows SourceOptions(path='/d/s.db', table='t')"),
        ("sqlite://s.v2.db/t.x", "sqlite/rows SourceOptions(path='s.v2.db', table='t.x')"),
        ("sqlite://s.db?table=t", "sqlite/rows SourceOptions(path='s.db', table='t')"),
    ],
)
def test_texts(text: str, bound: str, tmp_path: Path) -> None:
    assert as_text(source(text, tmp_path)) == bound


@pytest.mark.parametrize(
    ("written", "bound"),
    [
        ({"file": "x.csv"}, "file/csv SinkOptions(path='x.csv')"),
        ({"file": {"path": "x.csv", "header": False}},
         "file/csv SinkOptions(path='x.csv') {'header': False}"),
        ({"type": "file", "config": {"path": "x.dat", "format": "csv"}},
         "file/csv SinkOptions(path='x.dat')"),
        ({"file": "x.dat", "format": "csv"}, "file/csv SinkOptions(path='x.dat')"),
        ({"file": "x.csv?header=true", "header": False},
         "file/csv SinkOptions(path='x.csv') {'header': False}"),
        ({"sqlite": {"path": "s.db", "table": "t"}},
         "sqlite/rows SinkOptions(path='s.db', table='t')"),
        ({"sqlite": "s.db/t", "busy_timeout": 2},
         "sqlite/rows SinkOptions(path='s.db', table='t', busy_timeout=2.0)"),
        ({"stdout": {"format": "csv"}}, "stdio/csv SinkOptions()"),
        ({"type": "stdout"}, "stdio/jsonlines SinkOptions()"),
    ],
)  # fmt: skip
def test_maps(written: object, bound: str, tmp_path: Path) -> None:
    assert as_text(sink(written, tmp_path)) == bound


def test_what_a_source_says_of_its_records(tmp_path: Path) -> None:
    text = "a.jsonl as {id: int, at: timestamp} key id time at lag 2s | b.jsonl"
    binding = endpoint(resolved(text, tmp_path).only, "a")
    assert binding.declared is not None
    assert show(binding.declared.type) == "{id: int, at: timestamp}"
    assert binding.keys == (("id",),)
    assert binding.clock is not None
    assert binding.clock.path.names == ("at",)


def test_variables_stay_symbolic(tmp_path: Path) -> None:
    binding = source("${DIR}/x.jsonl", tmp_path, environ={"DIR": "data"})
    assert binding.options.path == ""  # type: ignore[attr-defined]
    (first, rest) = binding.symbolic["path"].parts
    assert isinstance(first, Variable)
    assert (first.name, rest) == ("DIR", "/x.jsonl")
    assert binding.found == {"path": "data/x.jsonl"}


def test_secrets_are_not_looked_at(tmp_path: Path) -> None:
    assert source("${API_KEY}/x.jsonl", tmp_path, environ={"API_KEY": "s3"}).found == {}


def test_a_home_folder_is_that_of_who_runs_it(tmp_path: Path) -> None:
    binding = source("~/x.jsonl", tmp_path, environ={"HOME": "/home/ada"})
    assert binding.found == {"path": "/home/ada/x.jsonl"}


def test_a_scheme_may_stand_in_a_default(tmp_path: Path) -> None:
    assert as_text(source("${S:-sqlite://s.db}/t", tmp_path)) == (
        "sqlite/rows SourceOptions(path='s.db', table='t')"
    )


def test_the_environment_does_not_decide_about_the_format(tmp_path: Path) -> None:
    found = resolved("${IN} | x.jsonl", tmp_path, environ={"IN": "a.csv"})
    assert found.codes == ["FC0244"]
    assert resolved("${IN} | x.jsonl", tmp_path, settings={"IN": "a.csv"}).codes == []


def test_passwords_are_not_shown(tmp_path: Path) -> None:
    found = resolved('"sqlite://ada:s3cret@s.db/t?password=s3cret" | x.jsonl', tmp_path)
    assert "s3cret" not in str([node.text for node in found.only.nodes if node.binding])
    assert source("sqlite://u:s3cret@s.db/t", tmp_path).shown == "sqlite://u:***@s.db/t"


@pytest.mark.parametrize(
    ("text", "code", "at"),
    [
        ("sqlit://x.db/t", "FC0204", "did you mean 'sqlite://'?"),
        ("kafka://orders", "FC0204", ""),
        ("x.dat", "FC0244", "add ?format="),
        ("x.csv.bz2", "FC0244", "add ?format="),
        ("x.dat?format=cvs", "FC0244", "did you mean 'csv'?"),
        ("data/*.csv?endless=true", "FC0245", "files that end"),
        ("data/", "FC0245", "name a file in it"),
        ("x.csv?header=true&x", "FC0245", "expected name=value"),
        ("x.csv?hedaer=true", "FC0240", "did you mean 'header'?"),
        ("x.jsonl?null_text=NA", "FC0240", ""),
        ("x.csv?header=maybe", "FC0241", ""),
        ("x.csv?delimiter=ab", "FC0241", ""),
        ("x.csv?header=${H}", "FC0241", ""),
        ("x.csv?header=true&header=true", "FC0243", ""),
        ("-?endles=true", "FC0240", "did you mean 'endless'?"),
        ("sqlite://", "FC0242", ""),
    ],
)
def test_faults(text: str, code: str, at: str, tmp_path: Path) -> None:
    found = resolved(f'"{text}" as {{id: int}} | x.jsonl', tmp_path)
    assert found.codes == [code]
    assert found.diagnostics[0].at == at
    assert found.only.nodes[0].binding is None


@pytest.mark.parametrize("sink", ["./out", "out/"])
def test_a_folder_is_no_sink(sink: str, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    assert resolved(f"a.jsonl | {sink}", tmp_path).codes == ["FC0721"]


def test_an_unknown_connector(tmp_path: Path) -> None:
    document = {"source": {"sqllite": "x.db/t"}, "sink": "b.jsonl"}
    (found,) = resolved(json.dumps(document), tmp_path, name="x.yaml").diagnostics
    assert (found.code.id, found.at) == ("FC0205", "did you mean 'sqlite'?")


# --- options classes of other connectors --------------------------------------------------


class Secret(str):
    """Stands for the runtime's class: what is marked by its name."""


@dataclass(frozen=True)
class Options:
    host: str
    password: Secret | None = None
    start: Literal["latest", "earliest"] = "latest"
    size: int = 10
    rate: float | None = None
    tags: tuple[str, ...] = ()


def option(name: str, *parts: str | Variable) -> Option:
    span = SourceFile("x", name).span()
    return Option(Word(name, span), Template(parts, span, bare=True), span)


def test_options_are_read_as_their_types() -> None:
    reporter = Reporter()
    written = (option("start", "earliest"), option("size", "20"), option("rate", "0.5"))
    values = read_options(written, Options, "kafka", reporter)
    assert values.known == {"start": "earliest", "size": 20, "rate": 0.5}
    assert values.missing == ("host",)
    assert make(Options, values) == Options("", None, "earliest", 20, 0.5, ())
    assert not len(reporter)


@pytest.mark.parametrize(
    ("name", "value"), [("start", "newest"), ("size", "ten"), ("rate", "fast"), ("tags", "a")]
)
def test_options_of_another_type(name: str, value: str) -> None:
    reporter = Reporter()
    assert read_options((option(name, value),), Options, "kafka", reporter).known == {}
    assert [found.code.id for found in reporter] == ["FC0241"]


def test_a_secret_is_never_kept_as_text() -> None:
    reporter = Reporter()
    values = read_options((option("password", "s3cret"),), Options, "kafka", reporter)
    assert values.known == {}
    (found,) = reporter
    assert "s3cret" not in found.message
    assert found.fixes[0].edits[0].text == "${KAFKA_PASSWORD}"
    variable = Variable("P", None, None, SourceFile("x", "").span())
    values = read_options((option("password", variable),), Options, "kafka", Reporter())
    assert list(values.symbolic) == ["password"]


# --- settings -----------------------------------------------------------------------------

CHAIN = "a.jsonl as {id: int} | limit 10 | tee { filter id > ${low:-1} | b.jsonl } | c.csv"


def set_(folder: Path, text: str = CHAIN, **settings: str) -> Pipeline:
    found = resolved(text, folder, settings={k.replace("__", "."): v for k, v in settings.items()})
    assert found.messages == []
    return found.only


def test_set_changes_ends(tmp_path: Path) -> None:
    pipeline = set_(tmp_path, source="z.csv?null_text=NA", sink__path="y.jsonl")
    assert as_text(endpoint(pipeline, "z")).endswith("{'null_text': 'NA'}")
    assert endpoint(pipeline, "z").declared is not None
    assert endpoint(pipeline, "y").format == "jsonlines"
    assert endpoint(set_(tmp_path, sink__header="false"), "c").codec == {"header": False}
    assert endpoint(set_(tmp_path, source="b.jsonl as {x: int}"), "b").declared is not None


def test_set_changes_stages(tmp_path: Path) -> None:
    assert argument(set_(tmp_path, limit__count="3"), "limit", "count").text == "3"
    assert argument(set_(tmp_path, process__0__count="4"), "limit", "count").text == "4"
    assert argument(set_(tmp_path, process__limit__count="5"), "limit", "count").text == "5"
    assert "limit" not in dump(set_(tmp_path, limit__enabled="false"))
    assert "select id" in dump(set_(tmp_path, process__0="filter id > 1 | select id"))
    inner = set_(tmp_path, filter__condition="id = 7")
    assert argument(inner, "filter", "condition").operator == "=="


def test_set_changes_one_of_several(tmp_path: Path) -> None:
    text = (
        "pipelines:\n"
        "  one: {source: a.jsonl, sinks: [b.jsonl, {file: c.csv, name: last}]}\n"
        "  two: {source: a.jsonl, sink: b.jsonl}\n"
    )
    settings = {"one.sinks.0": "x.jsonl", "one.last.header": "false", "two.source": "y.jsonl"}
    found = resolved(text, tmp_path, name="x.yaml", settings=settings)
    assert found.messages == []
    one, two = found.pipelines
    assert [node.id for node in one.nodes] == ["a", "x", "last"]
    assert endpoint(one, "last").codec == {"header": False}
    assert [node.id for node in two.nodes] == ["y", "b"]


def test_set_fills_variables(tmp_path: Path) -> None:
    pipeline = set_(tmp_path, low="3")
    assert dump(pipeline) == dump(set_(tmp_path))


@pytest.mark.parametrize(
    ("settings", "code", "shown"),
    [
        ({"lwo": "3"}, "FC0280", "lwo"),
        ({"source.1": "x.jsonl"}, "FC0280", "source.1"),
        ({"sinks.3": "x.jsonl"}, "FC0280", "sinks.3"),
        ({"limit.count": "x"}, "FC0224", "x"),
        ({"limit.cuont": "3"}, "FC0226", "cuont"),
        ({"limit.enabled": "no"}, "FC0282", "no"),
        ({"sink.hedaer": "no"}, "FC0240", "hedaer"),
        ({"process.0": "filter id >"}, "FC0124", ">"),
    ],
)
def test_wrong_settings(settings: dict[str, str], code: str, shown: str, tmp_path: Path) -> None:
    (found,) = resolved(CHAIN, tmp_path, settings=settings).diagnostics
    assert found.code.id == code
    assert found.span is not None
    assert (found.span.source.name, found.span.text) == ("--set", shown)


def test_a_setting_that_is_both(tmp_path: Path) -> None:
    found = resolved("a.jsonl | limit ${sink:-3} | b.jsonl", tmp_path, settings={"sink": "5"})
    assert found.codes == ["FC0281"]
