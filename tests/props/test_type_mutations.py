"""Well typed pipelines, each broken in one place: nearly every one must be refused, there.

The mutations are made by rule and always the same. What passes none the less is listed below
with its reason; anything else that passes is a hole in the checker.
"""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from flowing import request

from flowc import compile as road

ORDER = {
    "id": "int",
    "amount": "float",
    "qty": "int",
    "note": "string?",
    "status": 'enum("open", "paid")',
    "at": "timestamp",
    "tags": "list<string>",
    "customer": "{name: string, city: string?, age: int}",
    "pay": "union<kind: card = {number: string, fee: float}, cash = {till: int, fee: float}>",
}

#: Pipelines over orders; what stands behind each field that it gives a meaning to are types
#: that the field's uses do not allow.
PIPELINES: tuple[tuple[str, dict[str, tuple[str, ...]]], ...] = (
    (
        'filter amount > 100 and status == "open" | set net = amount * 0.8, twice = qty + qty'
        " | select id, net, twice",
        {
            "amount": ("string", "bool", "list<float>"),
            "qty": ("bool", "list<int>"),
            "status": ("int", 'enum("a", "b")'),
        },
    ),
    (
        "aggregate total = sum(amount), n = count(), most = max(qty) by status"
        " | filter total > 10 | sort total desc",
        {"amount": ("string", "list<float>"), "status": ("list<int>", "{a: int}")},
    ),
    (
        "set up = upper(customer.name), years = customer.age + 1 | rename who = up"
        ' | filter who != "ADA" | select who, years',
        {
            "customer": (
                "string",
                "list<int>",
                "{name: int, city: string?, age: int}",
                "{name: string, age: string}",
            )
        },
    ),
    (
        "explode tags as tag | set long = length(tag) | filter long > 3 | dedupe by tag",
        {"tags": ("string", "int", "{a: int}")},
    ),
    (
        'filter pay.kind == "card" | set digits = length(pay.number), cost = pay.fee * 2.0'
        " | select id, digits, cost",
        {
            "pay": (
                "string",
                "{kind: string, fee: float}",
                "union<kind: wire = {number: string, fee: float}>",
            )
        },
    ),
    (
        'route { pay.kind == "cash": set desk = pay.till + 1 | select id, desk;'
        " else: set desk = length(pay.number) | select id, desk }",
        {"pay": ("int", "map<int>")},
    ),
    (
        "set day = date(at), late = at > 2024-01-01T00:00Z | filter late | aggregate n = count() by day",
        {"at": ("int", "list<int>", "bool")},
    ),
    (
        'set label = concat(string(id), ":", note ?? "none") | validate length(label) > 2'
        " | select label, qty",
        {"note": ("int", "bool?", "list<string>?"), "id": ("list<int>", "{a: int}")},
    ),
    (
        "flatten customer | set old = customer_age > 60 | filter old | top 3 customer_age desc, id",
        {"customer": ("string", "int", "list<int>", "{name: string}")},
    ),
    (
        "cast qty as string, id as float | set text = lower(qty), half = id / 2.0 | drop tags, pay",
        {"qty": ("list<int>", "{a: int}"), "id": ("list<int>", "{a: int}")},
    ),
    (
        "map key = id, big = if qty > 5 then amount else 0.0 | filter big >= 1.5 | limit 10",
        {"qty": ("string", "bool"), "amount": ("string", "bool")},
    ),
    (
        "mask customer.name keep 2 | hash note | select customer.name, note",
        {"customer": ("{name: int}", "string"), "note": ("list<int>",)},
    ),
)

FUNCTIONS = {"sum", "count", "max", "upper", "length", "date", "concat", "string", "lower"}

#: Mutations that pass and should, by how they are named: see the reason beside each.
SURVIVORS: dict[str, str] = {
    "7:id as list<int>": "a list has a text, its JSON: `string(id)` is well typed",
    "9:qty as list<int>": "a list has a text, its JSON: `cast qty as string` is well typed",
    "11:note as list<int>": "`hash` takes a value of any type",
    "8:cast customer as {name: string}": "a record fits one with fewer fields, and keeps its own",
}


@dataclass(frozen=True)
class Mutant:
    name: str
    text: str
    strict: bool = False


def declared(fields: dict[str, str]) -> str:
    return "{" + ", ".join(f"{name}: {type}" for name, type in fields.items()) + "}"


def chain(stages: str, fields: dict[str, str] = ORDER) -> str:
    return f"orders.jsonl as {declared(fields)} | {stages} | out.jsonl"


def used(stages: str) -> list[str]:
    """The fields of an order that the stages name, as words of their own."""
    words = set(re.findall(r'(?<![\w."])[a-z]\w*(?![\w(])', stages))
    return [name for name in ORDER if name in words]


def uses(stages: str, name: str) -> Iterator[re.Match[str]]:
    yield from re.finditer(rf'(?<![\w."]){name}(?![\w(])', stages)


def mutants() -> Iterator[Mutant]:
    for number, (stages, wrong) in enumerate(PIPELINES):
        label = f"{number}:"
        for name in used(stages):
            for index, match in enumerate(uses(stages, name)):
                made = stages[: match.start()] + name + "x" + stages[match.end() :]
                if not re.search(rf"\w+ = {name}x(?!\w)\s*\|", made):
                    yield Mutant(f"{label}misspelt {name} {index}", chain(made))
            yield Mutant(f"{label}undeclared {name}", chain(stages, without(name)))
            yield Mutant(f"{label}dropped {name}", chain(f"drop {name} | {stages}"))
            yield Mutant(f"{label}renamed {name}", chain(f"rename other = {name} | {stages}"))
        for name, types in wrong.items():
            for type in types:
                yield Mutant(f"{label}{name} as {type}", chain(stages, {**ORDER, name: type}))
                made = f"cast {name} as {type} | {stages}"
                if "union" not in type and "enum" not in type:
                    yield Mutant(f"{label}cast {name} as {type}", chain(made))
        for match in re.finditer(r"\b([a-z_]+)\(", stages):
            if match[1] in FUNCTIONS:
                made = stages[: match.end() - 1] + "y" + stages[match.end() - 1 :]
                yield Mutant(f"{label}function {match[1]} {match.start()}", chain(made))
                made = stages[: match.end()] + "tags, tags, tags" + rest(stages, match.end())
                yield Mutant(f"{label}arguments of {match[1]} {match.start()}", chain(made))
        for match in re.finditer(r"(?:^|\| |: )([a-z]+) ", stages):
            made = stages[: match.start(1)] + match[1] + "z" + stages[match.end(1) :]
            yield Mutant(f"{label}stage {match[1]} {match.start()}", chain(made))
        for match in re.finditer(r'"(open|paid|card|cash)"', stages):
            made = stages[: match.start()] + '"nothing"' + stages[match.end() :]
            yield Mutant(f"{label}member {match[1]} {match.start()}", chain(made))
            made = stages[: match.start()] + "7" + stages[match.end() :]
            yield Mutant(f"{label}number for {match[1]} {match.start()}", chain(made))
        for match in re.finditer(r"(?<=[><=] )(\d[\d.]*)(?= |$)", stages):
            made = stages[: match.start()] + '"text"' + stages[match.end() :]
            yield Mutant(f"{label}text for {match[1]} {match.start()}", chain(made))
        for match in re.finditer(r"(?:filter|validate) ([^|]+?) \|", stages):
            made = stages[: match.start(1)] + "tags" + stages[match.end(1) :]
            yield Mutant(f"{label}list as condition {match.start()}", chain(made))
            made = stages[: match.start(1)] + f"({match[1]}) > 1" + stages[match.end(1) :]
            yield Mutant(f"{label}condition compared {match.start()}", chain(made))
        for match in re.finditer(r"(?<= )([*+/]) ", stages):
            made = stages[: match.start(1)] + "and" + stages[match.end(1) :]
            yield Mutant(f"{label}{match[1]} becomes and {match.start()}", chain(made))
    yield from nulls()
    yield from operators()


def without(name: str) -> dict[str, str]:
    return {key: type for key, type in ORDER.items() if key != name}


def rest(stages: str, at: int) -> str:
    """The text behind a call's arguments."""
    depth = 1
    for index in range(at, len(stages)):
        depth += {"(": 1, ")": -1}.get(stages[index], 0)
        if depth == 0:
            return stages[index:]
    return stages[at:]


def nulls() -> Iterator[Mutant]:
    """Null where ``--strict`` wants a value."""
    for name, test in (
        ("amount", "amount > 100"),
        ("qty", "qty <= 3"),
        ("at", "at < 2024-01-01T00:00Z"),
        ("customer", "customer.age >= 18"),
        ("pay", "pay.fee < 2.0"),
    ):
        fields = {**ORDER, name: f"{ORDER[name]}?"}
        yield Mutant(f"null {test}", chain(f"filter {test}", fields), strict=True)
        yield Mutant(
            f"null in if {test}", chain(f"set x = if {test} then 1 else 0", fields), strict=True
        )
        yield Mutant(
            f"null in route {test}",
            chain(f"route {{ {test}: set x = 1; else: set x = 2 }}", fields),
            strict=True,
        )
    yield Mutant("two nulls", chain("filter note == customer.city"), strict=True)


def operators() -> Iterator[Mutant]:
    """Operators given what they do not take."""
    for stage in (
        "limit amount", 'limit "ten"', "limit 1.5", "sample 2", 'sample "x"', "flatten tags", "flatten id",
        "explode customer", "explode id as x", "drop nothing", "rename id = amount", "rename a = nothing",
        "select nothing", "select id, id", "map x = nothing", "set tags[0] = 1", "set id.x = 1", "set pay.x = 1",
        "cast id as nothing", "cast id as list<int>", "cast nothing as int", "cast customer as int", "sort tags",
        "sort nothing", "sort customer", "top 3", "top 0 id", 'top "x" id', "dedupe by tags", "dedupe by nothing",
        "aggregate total = sum(note)", "aggregate total = sum(status)", "aggregate x = id", "aggregate n = count() by tags",
        "aggregate n = count() where id", "aggregate n = nothing(id)", "set x = sum(id)", "validate id", "validate note",
        "filter tags", "filter not id", "filter id or true", "filter id in (\"a\", \"b\")", "filter id in status",
        "filter tags == 1", "filter customer == pay", "filter note matches id", "filter id matches \"a\"",
        "set x = tags.a", "set x = id.a", "set x = note[0]", "set x = tags[\"a\"]", "set x = customer[0]", "set x = -note",
        "set x = note + 1", "set x = tags + tags", "set x = at + at", "set x = at * 2", "set x = id + status",
        "set x = if id then 1 else 2", "set x = if qty > 1 then 1 else \"a\"", "set x = note ?? 1", "set x = amount ?? \"a\"",
        "set x = [1, \"a\"]", "set x = pay.number", "set x = pay.till + 1", "set x = pay.nothing", "filter pay.kind == 1",
        "filter status > 1", "filter status == id", "filter at == 5", "filter at > \"yesterday\"", "filter id == \"5x\"",
        "mask id keep 2", "mask tags keep 2", "redact nothing", "hash nothing", "parse id as json", "parse nothing as json",
        "set id = 1, id = 2, x = nothing", "set x = upper(id)", "set x = length(id)", "set x = round(note)",
        "set x = round(amount, \"two\")", "set x = year(id)", "set x = concat(id, note)", "set x = contains(id, 1)",
        "set x = starts_with(note)", "set x = int(tags)", "set x = int(customer)", "set x = timestamp(tags)",
        "route { id: set x = 1; else: set x = 2 }", "route { nothing > 1: set x = 1; else: set x = 2 }",
        "route { id > 1: set x = 1; else: set y = 2 }", "route { id > 1: set x = 1; else: set x = \"a\" }",
        "tee { select id }", "aggregate n = count() over tumbling 1h", "aggregate n = count() over tumbling id",
        "filter id > 1 | select id | filter amount > 1", "select a = id | set b = id", "map a = id | drop id",
        "aggregate n = count() by status | set x = amount", "flatten customer | set x = customer.name",
        "explode tags as tag | set x = tag + 1", "rename who = customer | set x = customer.name",
        "cast id as string | set x = id + 1", "cast amount as string | filter amount > 1", "drop at | set x = year(at)",
        "select id, status | filter status == \"shut\"", "set s = upper(status) | filter s > 5", "set n = length(note) | set x = upper(n)",
        "filter note is null | set x = note + 1", "set x = {a: 1} | set y = x.b", "set x = {a: 1} | set y = x.a + \"a\"",
        "set x = [1, 2] | set y = x[0] + \"a\"", "set x = now() | set y = x + 1", "set x = at - at | filter x > 5",
        "set x = id > 1 | set y = x + 1", "set x = null | set y = x.a", "set x = try(int(note)) | set y = upper(x)",
    ):  # fmt: skip
        yield Mutant(f"operator: {stage}", chain(stage))


#: Columns of the table ``t``, and a wrong expression for each.
COLUMNS = {
    "id": ("INTEGER NOT NULL", "string(id)"),
    "amount": ("REAL NOT NULL", "note"),
    "note": ("TEXT", "qty"),
    "qty": ("INTEGER NOT NULL", "null"),
}


def table(folder: Path) -> None:
    columns = ", ".join(f"{name} {kind}" for name, (kind, _) in COLUMNS.items())
    with closing(sqlite3.connect(folder / "t.db")) as database:
        database.execute(f"CREATE TABLE t ({columns}) STRICT")


def sinks() -> Iterator[Mutant]:
    """Rows that an existing table does not take."""
    for name, (_, wrong) in COLUMNS.items():
        columns = ", ".join(f"{n} = {wrong}" if n == name else n for n in COLUMNS)
        source = f"orders.jsonl as {declared(ORDER)}"
        yield Mutant(f"sink {name} = {wrong}", f"{source} | select {columns} | sqlite://t.db/t")
        others = ", ".join(f"{n}x = {n}" if n == name else n for n in COLUMNS)
        yield Mutant(f"sink without {name}", f"{source} | select {others} | sqlite://t.db/t")


@pytest.mark.parametrize("number", range(len(PIPELINES)))
def test_the_pipelines_themselves_are_well_typed(number: int, tmp_path: Path) -> None:
    stages, _ = PIPELINES[number]
    found = road.check(request(chain(stages), tmp_path)).diagnostics
    assert [d.message for d in found if d.is_error] == []


def test_nearly_every_mutant_is_refused_in_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    table(tmp_path)
    every = [*mutants(), *sinks()]
    assert Counter(mutant.name for mutant in every).most_common(1)[0][1] == 1
    assert len(every) >= 300
    passed: list[str] = []
    nowhere: list[str] = []
    for mutant in every:
        found = road.check(request(mutant.text, tmp_path, strict=mutant.strict)).diagnostics
        errors = [diagnostic for diagnostic in found if diagnostic.is_error]
        if not errors:
            passed.append(mutant.name)
        elif any(d.span is None or not d.span.text for d in errors):
            nowhere.append(mutant.name)
    assert sorted(passed) == sorted(SURVIVORS)
    assert not nowhere
    assert len(passed) * 100 <= len(every)
