"""Plans made by hand, so that targets are tested without a front end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flowc.model.effects import ARITHMETIC_ERROR
from flowc.model.expr import Template, Variable
from flowc.model.plan import (
    Block,
    CallRuntime,
    CallUser,
    Decode,
    Fork,
    Keep,
    Link,
    Merge,
    NodeInfo,
    Plan,
    Project,
    Pure,
    Read,
    Route,
    SettingDecl,
    Write,
)
from flowc.model.project import ProcessorCode
from flowc.model.source import SourceFile
from flowc.model.typed import Apply, BinaryForm, BuiltinCall, Column, Const, Setting, Typed
from flowc.model.types import (
    BOOL,
    DATE,
    DECIMAL,
    FLOAT,
    INT,
    JSON,
    STRING,
    TIMESTAMP,
    UINT64,
    UUID,
    DecimalType,
    EnumType,
    Field,
    ListType,
    MapType,
    Openness,
    Record,
    Ref,
    Type,
    Union,
    Variant,
    nullable,
)
from flowc_runtime.connectors import files, sqlite, stdio

ARITHMETIC = frozenset((ARITHMETIC_ERROR,))


def row(name: str | None = None, **fields: Type) -> Record:
    """A record type of required fields."""
    return Record(tuple(Field(n, t) for n, t in fields.items()), name=name)


def column(row: Record, *path: str) -> Column:
    """The column at a path of required fields."""
    here: Type = row
    present = True
    for name in path:
        assert isinstance(here, Record)
        field = here.field(name)
        assert field is not None
        present = present and not field.optional
        here = field.type
    return Column(path, here if present else nullable(here), present)


def carry(row: Record, *names: str) -> tuple[tuple[str, Typed], ...]:
    """Columns carried unchanged."""
    return tuple((name, column(row, name)) for name in names or row.names)


def binary(
    symbol: str, left: Typed, right: Typed, type: Type = FLOAT, checked: str = "finite"
) -> Apply:
    """An operator of two operands, null where one is null."""
    errors = ARITHMETIC if checked else frozenset[str]()
    return Apply(symbol, BinaryForm(symbol), (left, right), type, errors=errors, checked=checked)


def compare(symbol: str, left: Typed, right: Typed) -> Apply:
    return binary(symbol, left, right, BOOL, "")


class Sketch:
    """A plan in the making. Blocks follow each other unless ``after`` says otherwise."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.blocks: list[Block] = []
        self.links: list[Link] = []
        self.nodes: list[NodeInfo] = []
        self.processors: list[ProcessorCode] = []
        self.settings: list[SettingDecl] = []
        self.types: dict[str, Type] = {}

    def node(self, id: str, kind: str, text: str) -> str:
        place = f"{self.name}.flow:{len(self.nodes) + 1}:3"
        self.nodes.append(NodeInfo(id, kind, place, text))
        return id

    def block(self, block: Block, after: Sequence[tuple[str, str]] | None) -> None:
        if after is None and self.blocks:
            after = [(self.blocks[-1].id, "out")]
        self.links += [Link(source, port, block.id) for source, port in after or ()]
        self.blocks.append(block)

    def read(
        self,
        id: str,
        options: object,
        record: Record,
        *,
        format: str = "jsonlines",
        module: str = "connectors.files",
        whole: bool = False,
        codec: Mapping[str, Any] | None = None,
        symbolic: Mapping[str, Template] | None = None,
        text: str = "",
    ) -> None:
        self.node(id, "source", text or getattr(options, "path", "-"))
        body = Read(id, module, options, symbolic or {}, Decode(format, record, whole, codec or {}))
        self.block(Block(id, body, (id,), None, {"out": record}), [])

    def write(
        self,
        id: str,
        options: object,
        record: Record,
        *,
        format: str = "jsonlines",
        module: str = "connectors.files",
        symbolic: Mapping[str, Template] | None = None,
        after: Sequence[tuple[str, str]] | None = None,
    ) -> None:
        self.node(id, "sink", getattr(options, "path", "-"))
        body = Write(id, module, options, symbolic or {}, format, record)
        self.block(Block(id, body, (id,), record, {}), after)

    def pure(
        self,
        *steps: Keep | Project,
        takes: Record,
        gives: Record,
        texts: Sequence[str],
        after: Sequence[tuple[str, str]] | None = None,
    ) -> None:
        nodes = tuple(dict.fromkeys(step.node for step in steps))
        for node, text in zip(nodes, texts, strict=True):
            self.node(node, "stage", text)
        self.block(Block(nodes[0], Pure(steps), nodes, takes, {"out": gives}), after)

    def stage(
        self,
        body: CallRuntime | CallUser | Fork | Route,
        takes: Record,
        rows: Mapping[str, Record],
        text: str,
        after: Sequence[tuple[str, str]] | None = None,
    ) -> None:
        self.node(body.node, "stage", text)
        self.block(Block(body.node, body, (body.node,), takes, rows), after)

    def merge(self, id: str, record: Record, after: Sequence[tuple[str, str]]) -> None:
        self.block(Block(id, Merge(), (), record, {"out": record}), after)

    def plan(self) -> Plan:
        return Plan(
            name=self.name,
            blocks=tuple(self.blocks),
            links=tuple(self.links),
            nodes=tuple(self.nodes),
            settings=tuple(self.settings),
            packages=(),
            processors=tuple(self.processors),
            source_name=f"{self.name}.flow",
            digest="0" * 64,
            types=self.types,
        )


ORDERS = row("orders", id=INT, customer_id=INT, amount=FLOAT, status=STRING, country=STRING)


def w1() -> Plan:
    """The pipeline that is measured: filter, compute, select five fields."""
    sketch = Sketch("orders")
    net = Apply(
        "round",
        BuiltinCall("round"),
        (binary("*", column(ORDERS, "amount"), Const(0.8, FLOAT)), Const(2, INT)),
        FLOAT,
        errors=ARITHMETIC,
        checked="finite",
    )
    wide = Record((*ORDERS.fields, Field("net", FLOAT)))
    names = ("id", "customer_id", "country", "status", "net")
    out = Record(tuple(field for name in names if (field := wide.field(name))))
    sketch.read("orders", files.SourceOptions(path="orders.jsonl"), ORDERS)
    sketch.pure(
        Keep("filter", compare(">", column(ORDERS, "amount"), Const(100, INT))),
        Project("set", (*carry(ORDERS), ("net", net)), wide),
        Project("select", carry(wide, *names), out),
        takes=ORDERS,
        gives=out,
        texts=(
            "filter amount > 100",
            "set net = round(amount * 0.8, 2)",
            "select id, customer_id, country, status, net",
        ),
    )
    sketch.write("big_orders", files.SinkOptions(path="big_orders.jsonl"), out)
    return sketch.plan()


FLIGHTS = row(
    "flights",
    year=INT,
    carrier=STRING,
    dep_delay=nullable(FLOAT),
    distance=INT,
    time_hour=TIMESTAMP,
    cancelled=nullable(BOOL),
)


def csv_to_sqlite() -> Plan:
    """A CSV with nulls, a computed column that may be null, a limit, into a table."""
    sketch = Sketch("late-flights")
    hours = binary("/", column(FLIGHTS, "dep_delay"), Const(60, INT), nullable(FLOAT))
    late = compare(">", column(FLIGHTS, "dep_delay"), Const(15, INT))
    out = Record(
        (
            Field("carrier", STRING),
            Field("hours", nullable(FLOAT)),
            Field("distance", INT),
            Field("time_hour", TIMESTAMP),
        )
    )
    wide = Record((*FLIGHTS.fields, Field("hours", nullable(FLOAT))))
    sketch.read(
        "flights",
        files.SourceOptions(path="flights.csv"),
        FLIGHTS,
        format="csv",
        codec={"null_text": "NA"},
    )
    sketch.pure(
        Keep("filter", Apply(">", late.python, late.arguments, nullable(BOOL))),
        Project("set", (*carry(FLIGHTS), ("hours", hours)), wide),
        Project("select", carry(wide, *out.names), out),
        takes=FLIGHTS,
        gives=out,
        texts=(
            "filter dep_delay > 15",
            "set hours = dep_delay / 60",
            "select carrier, hours, distance, time_hour",
        ),
    )
    sketch.stage(CallRuntime("limit", "state.limit", "Limit", (1000,)), out, {"out": out}, "limit")
    sketch.write(
        "late",
        sqlite.SinkOptions(path="late.db", table="late"),
        out,
        format="rows",
        module="connectors.sqlite",
    )
    return sketch.plan()


def sqlite_to_csv() -> Plan:
    """A table read in rows, written as CSV, with columns whose names are no identifiers."""
    sketch = Sketch("late_report")
    table = row("late", carrier=STRING, hours=nullable(FLOAT), distance=INT, time_hour=TIMESTAMP)
    out = Record(
        (
            Field("the carrier", STRING),
            Field("class", nullable(FLOAT)),
            Field("Distance", INT),
            Field("distance", INT),
        )
    )
    sketch.read(
        "late",
        sqlite.SourceOptions(path="late.db", table="late"),
        table,
        format="rows",
        module="connectors.sqlite",
    )
    sketch.pure(
        Project(
            "map",
            (
                ("the carrier", column(table, "carrier")),
                ("class", column(table, "hours")),
                ("Distance", column(table, "distance")),
                ("distance", column(table, "distance")),
            ),
            out,
        ),
        takes=table,
        gives=out,
        texts=("map `the carrier` = carrier, class = hours, …",),
    )
    sketch.write("report", files.SinkOptions(path="report.csv"), out, format="csv")
    return sketch.plan()


def route_and_tee() -> Plan:
    """A tee to a sink, a route with a branch that flows on, and a merge behind it."""
    sketch = Sketch("branches")
    sketch.read("orders", files.SourceOptions(path="orders.jsonl"), ORDERS)
    sketch.stage(Fork("tee", ("0",)), ORDERS, {"0": ORDERS, "out": ORDERS}, "tee { all.jsonl }")
    sketch.write("all", files.SinkOptions(path="all.jsonl"), ORDERS, after=[("tee", "0")])
    sketch.stage(
        Route(
            "route",
            (
                ("0", compare(">", column(ORDERS, "amount"), Const(100, INT))),
                ("1", compare("==", column(ORDERS, "country"), Const("DE", STRING))),
            ),
            None,
        ),
        ORDERS,
        {"0": ORDERS, "1": ORDERS},
        "route { amount > 100: …; country == 'DE': … }",
        after=[("tee", "out")],
    )
    doubled = binary("*", column(ORDERS, "amount"), Const(2, INT))
    sketch.pure(
        Project(
            "set",
            tuple(
                (name, doubled if name == "amount" else column(ORDERS, name))
                for name in ORDERS.names
            ),
            ORDERS,
        ),
        takes=ORDERS,
        gives=ORDERS,
        texts=("set amount = amount * 2",),
        after=[("route", "0")],
    )
    sketch.merge("rest~merge", ORDERS, [("set", "out"), ("route", "1")])
    sketch.write("rest", files.SinkOptions(path="rest.jsonl"), ORDERS)
    return sketch.plan()


ADD_VAT = """from dataclasses import dataclass


@dataclass
class Order:
    id: int
    amount: float


@dataclass
class WithVat:
    id: int
    amount: float
    vat: float


def process(record: Order) -> WithVat | None:
    if record.amount < 0:
        raise ValueError("negative amount")
    if record.amount == 0:
        return None
    return WithVat(record.id, record.amount, round(record.amount * 0.19, 2))
"""


def user_code() -> Plan:
    """The user's processor between a validation and the standard streams."""
    sketch = Sketch("vat")
    source = SourceFile("processors/add_vat.py", ADD_VAT)
    taken = row(id=INT, amount=FLOAT)
    made = row("WithVat", id=INT, amount=FLOAT, vat=FLOAT)
    processor = ProcessorCode(
        name="add-vat",
        file="processors/add_vat.py",
        source=source,
        function="process",
        kind="maybe",
        input=taken,
        output=made,
        input_class="Order",
        output_class="WithVat",
        input_style="attributes",
        output_style="attributes",
        pure=False,
        span=source.span(),
    )
    sketch.processors.append(processor)
    sketch.read("stdin", stdio.SourceOptions(), taken, module="connectors.stdio", text="-")
    sketch.pure(
        Keep(
            "validate",
            compare("<", column(taken, "amount"), Const(1e6, FLOAT)),
            "invalid",
            "amount < 1e6 is false",
        ),
        takes=taken,
        gives=taken,
        texts=("validate amount < 1e6",),
    )
    sketch.stage(CallUser("add-vat", processor), taken, {"out": made}, "add-vat")
    sketch.write("stdout", stdio.SinkOptions(), made, module="connectors.stdio")
    return sketch.plan()


ODD_NAMES = (
    *("from", "class", "a-b", "a_b", "", "__init__", "id", "ID", "date", "str", "record", "kept"),
    *("finite", "ﬁnite", "größe", "Größe", "1st", "match", "_", "__x", "UNSET", "tally", "x" * 300),
)


def odd_names() -> Plan:
    """Fields called like keywords, builtins, our own names, or nothing at all."""
    sketch = Sketch("class")
    record = Record(tuple(Field(name, INT) for name in ODD_NAMES), name="None")
    doubled = {
        name: binary("*", column(record, name), Const(2, INT), INT, "int64") for name in ODD_NAMES
    }
    sketch.read("import", files.SourceOptions(path="in.jsonl"), record, whole=True)
    sketch.pure(
        Project("lambda", tuple(doubled.items()), record),
        Keep("filter", compare(">", column(record, "from"), Const(0, INT))),
        takes=record,
        gives=record,
        texts=("set …", "filter `from` > 0"),
    )
    sketch.write("print", files.SinkOptions(path="out.jsonl"), record)
    return sketch.plan()


def settings() -> Plan:
    """Variables in an endpoint and in an expression, with and without a default."""
    sketch = Sketch("daily")
    span = SourceFile("daily.flow", "").span()
    sketch.settings = [
        SettingDecl("FOLDER", "FOLDER", STRING, None, "where the orders are", False),
        SettingDecl("DAY", "DAY", DATE, "2024-01-31", None, False),
        SettingDecl("MINIMUM", "MINIMUM", FLOAT, "100", None, False),
        SettingDecl("API_TOKEN", "API_TOKEN", STRING, "hunter2", None, True),
    ]
    path = (
        Variable("FOLDER", None, None, span),
        "/orders-",
        Variable("DAY", None, None, span),
        ".jsonl",
    )
    sketch.read(
        "orders",
        files.SourceOptions(path=""),
        ORDERS,
        symbolic={"path": Template(path, span)},
        text="${FOLDER}/orders-${DAY}.jsonl",
    )
    sketch.pure(
        Keep("filter", compare(">", column(ORDERS, "amount"), Setting("MINIMUM", FLOAT))),
        takes=ORDERS,
        gives=ORDERS,
        texts=("filter amount > ${MINIMUM}",),
    )
    sketch.write(
        "out",
        files.SinkOptions(path=""),
        ORDERS,
        symbolic={"path": Template((Variable("API_TOKEN", None, None, span),), span)},
    )
    return sketch.plan()


def every_type() -> Plan:
    """A record with a field of every type, nested and absent ones, read and written whole."""
    sketch = Sketch("types")
    payment = Union(
        "by",
        (
            Variant("card", Record((Field("by", STRING), Field("number", STRING)))),
            Variant("cash", Record((Field("currency", STRING),))),
        ),
    )
    address = Record((Field("city", STRING), Field("zip", STRING, optional=True)))
    record = Record(
        (
            Field("flag", BOOL),
            Field("note", STRING, optional=True),
            Field("when", TIMESTAMP),
            Field("day", nullable(DATE)),
            Field("price", DecimalType(6, 2)),
            Field("exact", DECIMAL),
            Field("wide", UINT64),
            Field("tree", Ref("Tree")),
            Field("key", UUID),
            Field("kind", EnumType(("a", 'b"c'))),
            Field("tags", ListType(STRING)),
            Field("counts", MapType(INT)),
            Field("address", address),
            Field("others", ListType(nullable(address))),
            Field("extra", JSON),
            Field("paid", payment),
        ),
        name="thing",
    )
    leaf = nullable(Ref("Tree"))
    sketch.types["Tree"] = Record((Field("value", INT), Field("left", leaf), Field("right", leaf)))
    sketch.read("things", files.SourceOptions(path="things.jsonl"), record, whole=True)
    out = Record(
        (
            *(field for field in record.fields if field.name != "address"),
            Field("city", STRING),
            Field("zip", STRING, optional=True),
        )
    )
    sketch.pure(
        Project(
            "select",
            (
                *((name, column(record, name)) for name in record.names if name != "address"),
                ("city", column(record, "address", "city")),
                ("zip", column(record, "address", "zip")),
            ),
            out,
        ),
        takes=record,
        gives=out,
        texts=("select …, address.city, address.zip",),
    )
    sketch.write("copies", files.SinkOptions(path="copies.jsonl"), out)
    return sketch.plan()


def open_records() -> Plan:
    """Records that keep what their type does not name, through a rename, a drop, a set."""
    sketch = Sketch("open")
    fields = (Field("a", INT), Field("b", STRING), Field("c", INT, optional=True))
    record = Record(fields, Openness.REST, "thing")
    out = Record((Field("a", INT), Field("d", STRING), Field("e", INT)), Openness.REST)
    wide = Record((*out.fields, Field("gone", INT)), Openness.REST)
    sketch.read("things", files.SourceOptions(path="things.jsonl"), record)
    sketch.pure(
        Project(
            "rename",
            (
                ("a", column(record, "a")),
                ("d", column(record, "b")),
                ("e", binary("+", column(record, "a"), Const(1, INT), INT, "int64")),
                ("gone", Const(0, INT)),
            ),
            wide,
        ),
        Project("drop", carry(wide, "a", "d", "e"), out),
        takes=record,
        gives=out,
        texts=("rename d = b", "drop c, gone"),
    )
    sketch.write("copies", files.SinkOptions(path="copies.jsonl"), out)
    return sketch.plan()


#: Every plan by name: each is emitted, checked, run from memory and as a built project.
PLANS = {
    plan.__name__: plan
    for plan in (
        w1,
        csv_to_sqlite,
        sqlite_to_csv,
        route_and_tee,
        user_code,
        odd_names,
        settings,
        every_type,
        open_records,
    )
}
