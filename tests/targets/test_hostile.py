"""Texts that want to become code, in every place where a plan holds text.

The emitted code parses, imports and calls what was predicted, and runs without running
any of them: each payload that is executed would leave its mark.
"""

from __future__ import annotations

import ast
import builtins
import importlib
import json
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from flowc.launch.memory import load, unload
from flowc.launch.run import assemble, run
from flowc.model.expr import Template, Variable
from flowc.model.plan import CallRuntime, Keep, Plan, Project, Route, SettingDecl
from flowc.model.source import SourceFile
from flowc.model.typed import (
    Apply,
    BinaryForm,
    Column,
    Const,
    In,
    MakeRecord,
    Setting,
    TextForm,
)
from flowc.model.types import BOOL, INT, STRING, EnumType, Field, ListType, Record
from flowc.targets.python import TARGET
from flowc_runtime.connectors import files, sqlite
from flowc_runtime.engine import RunOptions
from flowc_runtime.environment import Environment
from tests.targets.plans import Sketch, carry, column, compare

MARK = "flowc_was_here"
DO = f"__import__('builtins').__dict__.__setitem__('{MARK}', 1)"

PAYLOADS = (
    f"'); {DO}; ('",
    f'"); {DO}; ("',
    f"''' + str({DO}) + '''",
    f'""" + str({DO}) + """',
    f'"""\n{DO}\n"""',
    f"x\n{DO}\n#",
    f"x\r{DO}\r#",
    f"x\r\n{DO}",
    f"x\x0b{DO}",
    f"x\x0c{DO}",
    f"x\x1c{DO}\x1d\x1e",
    f"x\x85{DO}",
    f"x\u2028{DO}\u2029",
    f"# {DO}",
    f"\\\n{DO}",
    f"\\'); {DO}  #",
    f'\\"); {DO}  #',
    "\\",
    "\\\\\\",
    "x\\",
    f"{{{DO}}}",
    f"{{{{{DO}}}}}",
    f"{{% if {DO} %}}{{% endif %}}",
    f"{{# {DO} #}}",
    "{0.__class__.__mro__[1].__subclasses__()}",
    "{x!r:{y}}",
    "%(name)s %s %n",
    f"${{{DO}}} $({DO}) `{DO}`",
    f"\u202e{DO}\u2066\u2069",
    f"ｅｖａｌ({DO!r})",
    "ﬁnally",
    "import os",
    "from",
    "lambda: 0",
    "__init__",
    "__class__",
    "__builtins__",
    "None",
    "record",
    "a" * 10_000,
    "\x00",
    "</code><script>alert(1)</script> | [x](javascript:x) <!-- -->",
    "../../../etc/passwd",
    "",
)
assert len(PAYLOADS) >= 40


def keepable(payload: str) -> str:
    """The payload as a field's name: what no record can keep is an error long before."""
    return "".join(c for c in payload if (c not in '"\\' and " " <= c < "\ud800") or c > "\udfff")


def start(payload: str, **names: str) -> tuple[Sketch, Record]:
    sketch = Sketch(names.get("pipeline", "hostile"))
    source = Record((Field("a", INT), Field("b", STRING)), name=names.get("type", "orders"))
    path = names.get("path", "in.jsonl")
    sketch.read(names.get("source", "source"), files.SourceOptions(path=path), source)
    return sketch, source


def end(sketch: Sketch, row: Record) -> Plan:
    sketch.write("sink", files.SinkOptions(path="out.jsonl"), row)
    return sketch.plan()


def pipeline_name(payload: str) -> Plan:
    sketch, row = start(payload, pipeline=payload)
    return end(sketch, row)


def node_names(payload: str) -> Plan:
    sketch, row = start(payload, source=f"{payload}1")
    keep = Keep(f"{payload}2", compare(">", column(row, "a"), Const(0, INT)), payload)
    sketch.pure(keep, takes=row, gives=row, texts=("filter a > 0",))
    sketch.stage(CallRuntime(payload, "state.limit", "Limit", (9,)), row, {"out": row}, "limit 9")
    sketch.write(f"{payload}3", files.SinkOptions(path="out.jsonl"), row)
    return sketch.plan()


def node_text(payload: str) -> Plan:
    sketch, row = start(payload)
    keep = Keep("filter", compare(">", column(row, "a"), Const(0, INT)))
    sketch.pure(keep, takes=row, gives=row, texts=(payload,))
    return end(sketch, row)


def file_name(payload: str) -> Plan:
    sketch, row = start(payload)
    keep = Keep("filter", compare(">", column(row, "a"), Const(0, INT)))
    sketch.pure(keep, takes=row, gives=row, texts=("filter",))
    plan = end(sketch, row)
    nodes = tuple(
        type(node)(node.id, node.kind, f"{payload}:1:{n}", node.text)
        for n, node in enumerate(plan.nodes)
    )
    return Plan(
        plan.name,
        plan.blocks,
        plan.links,
        nodes,
        plan.settings,
        (payload,),
        (),
        payload,
        payload,
    )


def field_names(payload: str) -> Plan:
    payload = keepable(payload)
    sketch, row = start(payload)
    inner = Record((Field(payload, INT), Field("b", STRING)))
    made = Record((Field(payload, INT), Field("nested", inner), Field("computed", INT)))
    nested = MakeRecord(((payload, Column(("a",), INT)), ("b", Column(("b",), STRING))), inner)
    twice = Apply("*", BinaryForm("*"), (Column(("a",), INT), Const(2, INT)), INT, checked="int64")
    again = Column(("nested", payload), INT)
    sketch.pure(
        Project(
            "map", ((payload, twice), ("nested", nested), ("computed", Column(("a",), INT))), made
        ),
        Project("set", (*carry(made, payload, "nested"), ("computed", again)), made),
        takes=row,
        gives=made,
        texts=("map", "set"),
    )
    return end(sketch, made)


def type_names(payload: str) -> Plan:
    sketch, row = start(payload, type=payload)
    made = Record((Field("b", STRING), Field("x", Record(row.fields, name=f"{payload}x"))))
    value = MakeRecord(carry(row), made.fields[1].type)
    sketch.pure(
        Project("map", (("b", column(row, "b")), ("x", value)), made),
        takes=row,
        gives=made,
        texts=("map",),
    )
    return end(sketch, made)


def constants(payload: str) -> Plan:
    sketch, row = start(payload)
    made = Record((*row.fields, Field("c", STRING), Field("d", STRING), Field("e", BOOL)))
    text = Const(payload, STRING)
    joined = Apply("concat", TextForm(), (text, column(row, "b"), text), STRING)
    among = In(column(row, "b"), (text, Const("x", STRING)), None, True, BOOL)
    sketch.pure(
        Keep("filter", Apply("!=", BinaryForm("!="), (column(row, "b"), text), BOOL)),
        Keep("validate", compare(">", column(row, "a"), Const(0, INT)), "invalid", payload),
        Project("set", (*carry(row), ("c", text), ("d", joined), ("e", among)), made),
        takes=row,
        gives=made,
        texts=("filter", "validate", "set"),
    )
    return end(sketch, made)


def enum_values(payload: str) -> Plan:
    sketch, row = start(payload)
    kind = EnumType((payload, "other"))
    made = Record((*row.fields, Field("kind", kind), Field("kinds", ListType(kind))))
    several = Record((Field("a", INT), Field("kind", kind)))
    sketch.pure(
        Project("select", (("a", column(row, "a")), ("kind", Const("other", kind))), several),
        takes=row,
        gives=several,
        texts=("select",),
    )
    assert made.names
    return end(sketch, several)


def options(payload: str) -> Plan:
    payload = payload.replace("\x00", "")  # no path has one; the front end says so
    sketch, row = start(payload, path=payload)
    sketch.write(
        "sink",
        sqlite.SinkOptions(path=payload, table=payload),
        row,
        format="rows",
        module="connectors.sqlite",
    )
    return sketch.plan()


def settings(payload: str) -> Plan:
    payload = payload.replace("\x00", "")
    sketch, row = start(payload)
    span = SourceFile("x", "").span()
    sketch.settings = [
        SettingDecl(payload, payload, STRING, payload, payload, False),
        SettingDecl(f"{payload}_KEY", f"{payload}_KEY", STRING, payload, None, True),
    ]
    keep = Keep("filter", compare("==", column(row, "b"), Setting(payload, STRING)))
    sketch.pure(keep, takes=row, gives=row, texts=("filter",))
    path = Template((payload, Variable(payload, None, None, span), payload), span)
    sketch.write("sink", files.SinkOptions(path=""), row, symbolic={"path": path})
    return sketch.plan()


def csv_columns(payload: str) -> Plan:
    sketch = Sketch("hostile")
    payload = keepable(payload)
    row = Record((Field(payload, INT), Field("b", EnumType((payload, "x")))))
    codec = {"null_text": payload, "names": (payload, "b")}
    sketch.read("source", files.SourceOptions(path="in.csv"), row, format="csv", codec=codec)
    sketch.write("sink", files.SinkOptions(path="out.csv"), row, format="csv")
    return sketch.plan()


def branches(payload: str) -> Plan:
    sketch, row = start(payload)
    text = Const(payload, STRING)
    route = Route(
        payload,
        ((payload, compare("==", column(row, "b"), text)), ("1", text_test(payload))),
        None,
    )
    sketch.stage(route, row, {payload: row, "1": row}, payload)
    sketch.write("sink", files.SinkOptions(path="a"), row, after=[(payload, payload)])
    sketch.write("sink-2", files.SinkOptions(path="out.jsonl"), row, after=[(payload, "1")])
    return sketch.plan()


def text_test(payload: str) -> Apply:
    return compare("!=", Const(payload, STRING), Const("?", STRING))


POSITIONS = (
    *(pipeline_name, node_names, node_text, file_name, field_names, type_names, constants),
    *(enum_values, options, settings, csv_columns, branches),
)


@pytest.fixture(autouse=True)
def nothing_ran() -> Iterator[None]:
    yield
    assert not hasattr(builtins, MARK)


@pytest.mark.parametrize("position", POSITIONS, ids=lambda position: position.__name__)
def test_no_text_becomes_code(position: Callable[[str], Plan]) -> None:
    """Emission itself checks imports and calls; the package is loaded and wired."""
    for payload in PAYLOADS:
        fileset = TARGET.emit(position(payload), formatted=False)
        for path, file in fileset:
            assert path.startswith(f"src/{fileset.package}/")
            ast.parse(file.text)
        package = load(fileset)
        try:
            variables = {"_KEY": "x", f"{payload}_KEY": "x"}
            pipeline = assemble(package, Environment(variables))
            assert pipeline.nodes
            importlib.import_module(f"{package.__name__}.__main__")
        finally:
            unload(package)


@pytest.mark.parametrize("position", POSITIONS, ids=lambda position: position.__name__)
def test_whole_project_holds_together(position: Callable[[str], Plan]) -> None:
    """Formatted, with tests and the files that are not Python."""
    for payload in PAYLOADS[::3]:
        plan = position(payload)
        fileset = TARGET.emit(plan, formatted=True)
        for path, file in fileset:
            assert not path.startswith("/")
            assert ".." not in path
            if path.endswith(".py"):
                ast.parse(file.text)
        project = tomllib.loads(fileset.files["pyproject.toml"].text)
        assert list(project["project"]["scripts"]) == [project["project"]["name"]]
        assert json.loads(fileset.files["flowc.lock.json"].text)["input"] == plan.digest
        dockerfile = fileset.files["Dockerfile"].text.splitlines()
        assert len(dockerfile) == 11
        assert [line.split()[0] for line in dockerfile if line][1:] == [
            *("FROM", "WORKDIR", "COPY", "COPY", "RUN", "USER", "WORKDIR", "ENTRYPOINT")
        ]


@pytest.mark.parametrize("position", POSITIONS, ids=lambda position: position.__name__)
def test_running_executes_nothing(
    position: Callable[[str], Plan], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for payload in PAYLOADS[1::4]:
        line = json.dumps({"a": 1, "b": payload})
        (tmp_path / "in.jsonl").write_text(f"{line}\n")
        (tmp_path / "in.csv").write_text('1,"x"\n')
        fileset = TARGET.emit(position(payload), formatted=False)
        variables = {"_KEY": "x", f"{payload}_KEY": "x"}
        result = run(fileset, RunOptions(dry_run=True), environment=Environment(variables))
        if position is not options:
            assert result.exit_code == 0, result.details


@pytest.mark.parametrize("payload", PAYLOADS[:-1])
def test_text_comes_through_unchanged(
    payload: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A constant and a field's name are in the output what they were in the plan."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in.jsonl").write_text('{"a":1,"b":"x"}\n')
    run(TARGET.emit(constants(payload), formatted=False), RunOptions())
    written = json.loads((tmp_path / "out.jsonl").read_text())
    assert written["c"] == payload
    assert written["d"] == f"{payload}x{payload}"
    run(TARGET.emit(field_names(payload), formatted=False), RunOptions())
    written = json.loads((tmp_path / "out.jsonl").read_text())
    name = keepable(payload)
    assert written == {name: 2, "nested": {name: 1, "b": "x"}, "computed": 1}
