"""What expressions look like in Python: as a person would write them."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from conformance.test_conformance import cases

from flowc.lower.constants import constant
from flowc.lower.python import PythonLowering
from flowc.model.types import (
    DecimalType,
    EnumType,
    Kind,
    ListType,
    MapType,
    Nullable,
    Record,
    Scalar,
    Type,
)
from flowc.resources import runtime_dir
from flowc.types.show import show
from lower.harness import TestColumns, TestNames, printed, row_of, typed

ROW = row_of(
    {
        "amount": "float",
        "status": "string",
        "country": "string?",
        "n": "int",
        "maybe": "int?",
        "other": "int?",
        "opt?": "int?",
        "c": "{name: string, age: int?}?",
        "j": "json",
        "tags": "map<int>",
        "items": "list<int>",
        "price": "decimal",
        "flag": "bool?",
        "ok": "bool",
        "ts": "timestamp",
        "s": "string",
    }
)


@pytest.mark.parametrize(
    ("text", "python"),
    [
        ("amount > 100", "record.amount > 100"),
        ("round(amount * 0.8, 2)", "finite(round(record.amount * 0.8, 2))"),
        ("n * n + n", "int64(record.n * record.n + record.n)"),
        ("n + 1 > 3", "int64(record.n + 1) > 3"),
        ("amount * 2 > 3", "record.amount * 2 > 3"),
        ("price * 0.8", "record.price * Decimal('0.8')"),
        ("price / 3", "divide_decimal(record.price, 3)"),
        ("maybe + 1", "None if record.maybe is None else int64(record.maybe + 1)"),
        ("c.age ?? 0", "record.c.age if record.c is not None and record.c.age is not None else 0"),
        ("c.name", "None if record.c is None else record.c.name"),
        ("opt", "null_if_absent(record.opt)"),
        ("maybe ?? other ?? 3", "record.maybe if record.maybe is not None else record.other if record.other is not None else 3"),
        ("if maybe > 3 then maybe else 0", "record.maybe if record.maybe is not None and record.maybe > 3 else 0"),
        ("concat(s, '-', status)", "f'{record.s}-{record.status}'"),
        ("upper(s)", "record.s.upper()"),
        ("contains(s, 'x')", "'x' in record.s"),
        ("length(items) > 2", "len(record.items) > 2"),
        ("year(ts)", "record.ts.year"),
        ("tags.x", "record.tags.get('x')"),
        ("items[0]", "at_index(record.items, 0)"),
        ("j.a.b", "at_key(at_key(record.j, 'a'), 'b')"),
        ("try(int(s))", "try_(lambda: to_int(record.s))"),
        ("least(n, 3)", "min(record.n, 3)"),
        ("maybe is other", "record.maybe == record.other"),
        ("not ok", "not record.ok"),
        ("not (n == 1)", "record.n != 1"),
        ("ok and flag", "record.ok and record.flag"),
        ("n - -1", "int64(record.n - -1)"),
        ("(n + 1) * 2", "int64((record.n + 1) * 2)"),
        ("s matches r'^\\d+$'", "matches(record.s, '\\\\A\\\\d+\\\\Z')"),
        ("ts > now()", "record.ts > environment.now()"),
        ("s == ${NAME}", "record.s == settings.NAME"),
        ("ts + 1h", "record.ts + dt.timedelta(seconds=3600)"),
        ("int(s) + maybe", "None if (t1 := to_int(record.s)) is None or record.maybe is None else int64(t1 + record.maybe)"),
    ],
)  # fmt: skip
def test_value(text: str, python: str) -> None:
    node, reporter = typed(text, ROW)
    assert not len(reporter)
    assert printed(node, ROW) == python


@pytest.mark.parametrize(
    ("text", "python", "failing"),
    [
        ("amount > 100", "record.amount > 100", "not record.amount > 100"),
        ("country == 'DE'", "record.country == 'DE'", "record.country != 'DE'"),
        ("country in ('DE', 'FR')", "record.country in ('DE', 'FR')", "record.country not in ('DE', 'FR')"),
        ("n in (1, 2, 3, 4, 5)", "record.n in {1, 2, 3, 4, 5}", "record.n not in {1, 2, 3, 4, 5}"),
        ("maybe > 1", "record.maybe is not None and record.maybe > 1", "not (record.maybe is not None and record.maybe > 1)"),
        ("maybe > 1 and maybe < 9", "record.maybe is not None and record.maybe > 1 and (record.maybe < 9)", None),
        ("maybe != null and maybe > 1", "record.maybe is not None and record.maybe > 1", None),
        ("maybe is null", "record.maybe is None", "record.maybe is not None"),
        ("not (maybe > 3 or flag)", "record.maybe is not None and (not record.maybe > 3) and (record.flag is False)", None),
        ("flag", "record.flag", "not record.flag"),
        ("not flag", "record.flag is False", "record.flag is not False"),
        ("ok and n > 1 and n < 5", "record.ok and record.n > 1 and (record.n < 5)", None),
        ("opt > 1", "record.opt is not UNSET and record.opt is not None and (record.opt > 1)", None),
        ("opt is null", "record.opt is UNSET or record.opt is None", None),
        ("lower(country) == 'x'", "record.country is not None and record.country.lower() == 'x'", None),
        ("c.name == 'x'", "record.c is not None and record.c.name == 'x'", None),
    ],
)  # fmt: skip
def test_condition(text: str, python: str, failing: str | None) -> None:
    node, reporter = typed(text, ROW)
    assert not len(reporter)
    assert printed(node, ROW, "condition") == python
    if failing is not None:
        assert printed(node, ROW, "failing") == failing


def test_a_long_chain_stays_flat() -> None:
    text = " or ".join(f"n == {number}" for number in range(3000))
    node, reporter = typed(text, ROW)
    assert not len(reporter)
    made = PythonLowering(TestNames(), TestColumns(ROW)).condition(node)
    assert isinstance(made, ast.BoolOp)
    assert len(made.values) == 3000


def test_the_deepest_expression_compiles() -> None:
    text = " + ".join(["n"] * 140)
    node, reporter = typed(text, ROW)
    assert not len(reporter), [d.message for d in reporter]
    compile(printed(node, ROW), "deep", "eval")


def test_a_hostile_text_stays_data() -> None:
    hostile = "'); import os; os.system('x') #{}\n\\"
    tree = constant(hostile, TestNames())
    assert ast.literal_eval(ast.unparse(tree)) == hostile
    escaped = hostile.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')
    node, reporter = typed(f'concat(s, "{escaped}")', ROW)
    assert not len(reporter)
    parsed = ast.parse(printed(node, ROW), mode="eval").body
    assert isinstance(parsed, ast.JoinedStr)
    assert not any(isinstance(each, ast.Call) for each in ast.walk(parsed))


ANNOTATIONS = {
    Kind.BOOL: "bool",
    Kind.INT: "int",
    Kind.INT32: "int",
    Kind.UINT32: "int",
    Kind.UINT64: "int",
    Kind.BIGINT: "int",
    Kind.FLOAT: "float",
    Kind.NUMBER: "int | float",
    Kind.STRING: "str",
    Kind.BYTES: "bytes",
    Kind.TIMESTAMP: "dt.datetime",
    Kind.DATE: "dt.date",
    Kind.DURATION: "dt.timedelta",
    Kind.UUID: "UUID",
    Kind.JSON: "Any",
}


class Annotated(TestNames):
    """Writes the classes and imports that a type checker needs."""

    def __init__(self) -> None:
        super().__init__()
        self.modules: dict[str, str] = {}
        self.classes: list[str] = []

    def module(self, module: str, alias: str = "") -> ast.Name:
        self.modules[module] = alias
        return super().module(module, alias)

    def record(self, type: Record) -> ast.expr:
        return ast.Name(self.class_of(type))

    def class_of(self, type: Record) -> str:
        name = f"R{abs(hash(show(type)))}"
        lines = [f"class {name}(Struct):"]
        for f in sorted(type.fields, key=lambda f: f.optional):
            optional = " | UnsetType = UNSET" if f.optional else ""
            lines.append(f"    {f.name}: {self.annotation(f.type)}{optional}")
        if "\n".join(lines) not in self.classes:
            self.classes.append("\n".join(lines))
        return name

    def annotation(self, type: Type) -> str:
        match type:
            case Nullable(inner):
                return f"{self.annotation(inner)} | None"
            case Scalar(kind):
                return ANNOTATIONS[kind]
            case DecimalType():
                return "Decimal"
            case EnumType():
                return "str"
            case ListType(item):
                return f"list[{self.annotation(item)}]"
            case MapType(value):
                return f"dict[str, {self.annotation(value)}]"
            case Record():
                return self.class_of(type)
            case _:
                return "Any"


def test_mypy_takes_what_is_generated(tmp_path: Path) -> None:
    """Every expression of the corpus, as a function with annotations, under ``--strict``."""
    names = Annotated()
    functions: list[str] = []
    for number, case in enumerate(cases()):
        columns, facts = case.values
        row = row_of(columns)
        node, _ = typed(facts["expr"], row)
        record = names.class_of(row)
        arguments = f"record: {record}, environment: Environment"
        lowering = PythonLowering(names, TestColumns(row))
        result = names.annotation(node.type)
        functions.append(
            f"def value{number}({arguments}) -> {result}:\n"
            f"    made: {result} = {ast.unparse(lowering.value(node))}\n    return made"
        )
        if show(node.type) in ("bool", "bool?"):
            test = ast.unparse(lowering.condition(node))
            functions.append(
                f"def test{number}({arguments}) -> bool:\n"
                f"    if {test}:\n        return True\n    return False"
            )
    imports = "\n".join(f"from {module} import {name}" for module, name in sorted(names.imported))
    module = (
        "from __future__ import annotations\nimport datetime as dt\nfrom decimal import Decimal\n"
        "from typing import Any\nfrom uuid import UUID\nfrom msgspec import UNSET, Struct, UnsetType\n"
        f"from flowc_runtime.environment import Environment\n{imports}\n\n"
        + "\n\n".join([*names.classes, *functions])
    )
    (tmp_path / "generated.py").write_text(module)
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--no-incremental", "generated.py"],
        cwd=tmp_path,
        env={"MYPYPATH": str(runtime_dir().parent), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:]
    assert "no issues found" in done.stdout


def test_parsing_gives_back_the_tree() -> None:
    """What is emitted in memory and what is printed and parsed again are one tree."""
    for case in cases():
        columns, facts = case.values
        row = row_of(columns)
        node, _ = typed(facts["expr"], row)
        made = PythonLowering(TestNames(), TestColumns(row)).value(node)
        again = ast.parse(ast.unparse(made), mode="eval").body
        assert ast.dump(again) == ast.dump(made), facts["expr"]
