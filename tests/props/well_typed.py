"""Pipelines as text, well typed by construction, and what breaks them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

#: The declared type of the records: a column of each kind, plain, nullable and optional.
BASE = {
    "id": "int",
    "n": "int?",
    "x": "float",
    "y": "float?",
    "s": "string",
    "t": "string?",
    "ok": "bool",
    "at": "timestamp",
    "items": "list<int>",
    "c": "{k: int, l: string?}",
    "e": 'enum("new", "paid")',
}
DECLARED = "{" + ", ".join(f"{name}: {kind}" for name, kind in BASE.items()) + ", o?: int}"
TABLE = {"key": "int", "label": "string", "rate": "float?"}
TABLE_DECLARED = "{" + ", ".join(f"{name}: {kind}" for name, kind in TABLE.items()) + "}"


def rows() -> st.SearchStrategy[list[dict[str, Any]]]:
    """Records of the declared type, as JSON would have them."""
    ints = st.integers(-3, 9)
    floats = st.sampled_from([0.0, 0.5, 1.25, -2.0, 1e6])
    texts = st.sampled_from(["", "a", "b", "Ab", "é", "12", "x,y"])
    record = st.fixed_dictionaries(
        {
            "id": ints,
            "n": st.none() | ints,
            "x": floats,
            "y": st.none() | floats,
            "s": texts,
            "t": st.none() | texts,
            "ok": st.booleans(),
            "at": st.integers(0, 9).map(lambda h: f"2024-01-0{1 + h // 5}T0{h}:30:00Z"),
            "items": st.lists(ints, max_size=3),
            "c": st.fixed_dictionaries({"k": ints, "l": st.none() | texts}),
            "e": st.sampled_from(["new", "paid"]),
        },
        optional={"o": ints},
    )
    return st.lists(record, min_size=1, max_size=12)


def table_rows() -> st.SearchStrategy[list[dict[str, Any]]]:
    """Records of the table, of which no two have one key."""
    record = st.fixed_dictionaries(
        {
            "key": st.integers(-3, 9),
            "label": st.sampled_from(["p", "q"]),
            "rate": st.none() | st.sampled_from([0.5, 2.0]),
        }
    )
    return st.lists(record, max_size=6, unique_by=lambda r: r["key"])


@dataclass
class Row:
    """The columns at a place in a pipeline, by kind; ``timed``: its clock is still there."""

    columns: dict[str, str]
    timed: bool = True
    counter: list[int] = field(default_factory=lambda: [0])

    def of(self, *kinds: str) -> list[str]:
        return [name for name, kind in self.columns.items() if kind in kinds]

    def fresh(self) -> str:
        self.counter[0] += 1
        return f"f{self.counter[0]}"

    def put(self, columns: dict[str, str]) -> None:
        self.columns = columns
        self.timed = self.timed and columns.get("at") == "timestamp"


Draw = st.DrawFn
Stage = Callable[[Draw, Row], str | None]


def _number(draw: Draw, row: Row) -> str | None:
    """A numeric expression that is never null; may fail for a record."""
    found = row.of("int", "float")
    nullable = row.of("int?", "float?")
    choices = [*found, *(f"({name} ?? 1)" for name in nullable), "2", "0.5"]
    if (strings := row.of("string")) != []:
        choices.append(f"length({strings[0]})")
    left, right = draw(st.sampled_from(choices)), draw(st.sampled_from(choices))
    operator = draw(st.sampled_from(["+", "-", "*"]))
    return f"{left} {operator} {right}"


def _condition(draw: Draw, row: Row) -> str:
    choices = ["true or false"]
    choices += [f"{name} > 2" for name in row.of("int", "float")]
    choices += [f"({name} ?? 0) <= 3" for name in row.of("int?", "float?")]
    choices += [f"{name} in ('a', 'b', '')" for name in row.of("string")]
    choices += [f"{name} != null and length({name}) > 0" for name in row.of("string?")]
    choices += [f"{name}" for name in row.of("bool")]
    choices += [f"{name} == 'new'" for name in row.of('enum("new", "paid")')]
    choices += [f"{name} >= 2024-01-01T04:00Z" for name in row.of("timestamp")]
    choices += [f"not ({draw(st.sampled_from(choices))})"]
    one, other = draw(st.sampled_from(choices)), draw(st.sampled_from(choices))
    return draw(st.sampled_from([one, f"{one} and {other}", f"{one} or {other}"]))


def _filter(draw: Draw, row: Row) -> str:
    return f"filter {_condition(draw, row)}"


def _not_null(draw: Draw, row: Row) -> str | None:
    names = [name for name, kind in row.columns.items() if kind.endswith("?")]
    if not names:
        return None
    name = draw(st.sampled_from(names))
    row.put({**row.columns, name: row.columns[name][:-1]})
    return f"filter {name} is not null"


def _validate(draw: Draw, row: Row) -> str:
    return f'validate {_condition(draw, row)} message "no {{s}}"'


def _set(draw: Draw, row: Row) -> str:
    name = row.fresh()
    number = _number(draw, row)
    made = draw(
        st.sampled_from(
            [
                ("float", f"float({number})"),
                ("string", f"string({number})"),
                ("int", f"10 // (id_or_one + {row.counter[0]})"),
                ("bool", _condition(draw, row)),
                ("string", f"if {_condition(draw, row)} then 'yes' else 'no'"),
                ("int?", "try(int('12'))"),
            ]
        )
    )
    ints = row.of("int")
    text = made[1].replace("id_or_one", ints[0] if ints else "1")
    row.put({**row.columns, name: made[0]})
    return f"set {name} = {text}"


def _select(draw: Draw, row: Row) -> str:
    names = list(row.columns)
    kept = draw(st.lists(st.sampled_from(names), min_size=1, unique=True))
    columns = {name: row.columns[name] for name in kept}
    extra = ""
    if "c" in row.columns and row.columns["c"].startswith("{"):
        name = row.fresh()
        extra = f", {name} = c.k"
        columns[name] = "int"
    row.put(columns)
    return f"select {', '.join(kept)}{extra}"


def _drop(draw: Draw, row: Row) -> str | None:
    if len(row.columns) < 2:
        return None
    gone = draw(st.sampled_from(list(row.columns)))
    row.put({name: kind for name, kind in row.columns.items() if name != gone})
    return f"drop {gone}"


def _rename(draw: Draw, row: Row) -> str:
    old, new = draw(st.sampled_from(list(row.columns))), row.fresh()
    row.put({new if name == old else name: kind for name, kind in row.columns.items()})
    return f"rename {new} = {old}"


def _cast(draw: Draw, row: Row) -> str | None:
    names = row.of("int", "float", "bool")
    if not names:
        return None
    name = draw(st.sampled_from(names))
    row.put({**row.columns, name: "string"})
    return f"cast {name} as string"


def _explode(draw: Draw, row: Row) -> str | None:
    names = row.of("list<int>")
    if not names:
        return None
    kept = draw(st.booleans())
    columns = {n: k for n, k in row.columns.items() if n != names[0]}
    item = row.fresh()
    row.put({**columns, item: "int?" if kept else "int"})
    return f"explode {names[0]} as {item}{' keep empty' if kept else ''}"


def _flatten(draw: Draw, row: Row) -> str | None:
    names = row.of("{k: int, l: string?}")
    if not names or f"{names[0]}_k" in row.columns:
        return None
    columns: dict[str, str] = {}
    for name, kind in row.columns.items():
        if name == names[0]:
            columns |= {f"{name}_k": "int", f"{name}_l": "string?"}
        else:
            columns[name] = kind
    row.put(columns)
    return f'flatten {names[0]} with "_"'


def _order(draw: Draw, row: Row) -> str | None:
    names = row.of("int", "float", "string", "timestamp", "int?", "string?")
    if not names:
        return None
    first = draw(st.sampled_from(names))
    return f"{first}{draw(st.sampled_from(['', ' desc', ' nulls first']))}"


def _sort(draw: Draw, row: Row) -> str | None:
    order = _order(draw, row)
    return order and f"sort {order}"


def _top(draw: Draw, row: Row) -> str | None:
    order, keys = _order(draw, row), row.of("bool", "string", "int?")
    by = f" by {draw(st.sampled_from(keys))}" if keys and draw(st.booleans()) else ""
    return order and f"top 3 {order}{by}"


def _dedupe(draw: Draw, row: Row) -> str | None:
    keys = row.of("int", "string", "bool", "string?")
    if not keys:
        return None
    return f"dedupe by {draw(st.sampled_from(keys))}{draw(st.sampled_from(['', ' keep last']))}"


def _limit(draw: Draw, row: Row) -> str:
    return f"limit {draw(st.integers(1, 9))}"


def _aggregate(draw: Draw, row: Row) -> str | None:
    keys = row.of("bool", "string", "string?", "int", 'enum("new", "paid")')
    numbers = row.of("int", "float", "int?", "float?")
    if not keys or not numbers:
        return None
    key, number = draw(st.sampled_from(keys)), draw(st.sampled_from(numbers))
    over = draw(st.sampled_from(["", " over tumbling 3h"])) if row.timed else ""
    kind = row.columns[number].removesuffix("?")
    count, total, most = row.fresh(), row.fresh(), row.fresh()
    columns = {key: row.columns[key]}
    if over:
        columns["window"] = "window"
    columns |= {count: "int", total: "float?", most: f"{kind}?"}
    where = f" where {_condition(draw, row)}" if draw(st.booleans()) else ""
    row.put(columns)
    row.timed = False
    return (
        f"aggregate {count} = count(), {total} = avg({number}){where}, {most} = max({number})"
        f" by {key}{over}"
    )


def _protect(draw: Draw, row: Row) -> str | None:
    names = row.of("string")
    if not names:
        return None
    name = draw(st.sampled_from(names))
    return draw(st.sampled_from([f"mask {name} keep 1", f"hash {name} with 'salt'"]))


def _json(draw: Draw, row: Row) -> str | None:
    if not row.of("int", "string"):
        return None
    name = draw(st.sampled_from(row.of("int", "string")))
    kind = row.columns[name]
    return f"format {name} as json | parse {name} as json {kind}"


def _lookup(draw: Draw, row: Row) -> str | None:
    keys = row.of("int")
    if not keys:
        return None
    alias, key = row.fresh(), draw(st.sampled_from(keys))
    word = draw(st.sampled_from(["lookup", "join"]))
    row.put({**row.columns, alias: "table?" if word == "lookup" else "table"})
    reads = f"{alias}.label" if word == "join" else f"({alias}.rate ?? 0.0)"
    name = row.fresh()
    row.put({**row.columns, name: "string" if word == "join" else "float"})
    return f"{word} labels as {alias} on {key} == {alias}.key | set {name} = {reads}"


def _tee(draw: Draw, row: Row) -> str:
    inner = f"filter {_condition(draw, row)}"
    return f"tee {{ {inner} | limit 5 | side{row.fresh()}.jsonl }}"


def _route(draw: Draw, row: Row) -> str:
    condition = _condition(draw, row)
    other = draw(st.sampled_from(["else: limit 4", "else: discard"]))
    return f"route {{ {condition}: filter {_condition(draw, row)}; {other} }}"


STAGES: tuple[Stage, ...] = (
    *(_filter, _not_null, _validate, _set, _set, _select, _drop, _rename, _cast),
    *(_explode, _flatten, _sort, _top, _dedupe, _limit, _aggregate, _protect, _json),
    *(_lookup, _tee, _route),
)


@dataclass(frozen=True)
class Written:
    """A pipeline: its text, its stages, and the columns of what reaches its sink."""

    text: str
    stages: tuple[str, ...]
    columns: dict[str, str]


def written(stages: list[str]) -> str:
    """The text of a pipeline of these stages."""
    uses = any("labels as" in stage for stage in stages)
    let = f"let labels = labels.jsonl as {TABLE_DECLARED} key key\n" if uses else ""
    source = f"in.jsonl as {DECLARED} time at"
    return let + "\n  | ".join([source, *stages, "out.jsonl"]) + "\n"


@st.composite
def pipelines(draw: st.DrawFn) -> Written:
    """A pipeline of one to six stages over `in.jsonl`, and perhaps `labels.jsonl`."""
    row = Row({**BASE, "o": "int?"})
    stages: list[str] = []
    for _ in range(draw(st.integers(1, 6))):
        stage = draw(st.sampled_from(STAGES))(draw, row)
        if stage is not None:
            stages.append(stage)
    return Written(written(stages), tuple(stages), row.columns)


@st.composite
def broken_pipelines(draw: st.DrawFn) -> str:
    """A pipeline with one stage that cannot be typed, whatever comes before it."""
    good = draw(pipelines())
    stages = list(good.stages)
    at = draw(st.integers(0, len(stages)))
    bad = draw(
        st.sampled_from(
            [
                "filter nowhere > 1",
                "select id_, nowhere",
                "set z = 1 + 'a'",
                "set z = lower(1)",
                "set z = nofunction(1)",
                "filter 1",
                "filter 'a' and true",
                "drop nowhere",
                "rename a = nowhere",
                "cast nowhere as int",
                "explode nowhere",
                "explode 'x'",
                "sort nowhere desc",
                "limit 'x'",
                "limit",
                "dedupe by nowhere",
                "aggregate t = sum('a')",
                "aggregate t = nothing(1)",
                "top 3 nowhere",
                "mask nowhere",
                "nostage",
                "set z = matches(",
                "filter true |",
                "cast nowhere as notype",
                "lookup nowhere as q on 1 == q.key",
                "validate 1 + 1",
                "set z = if 1 then 2 else 3",
                "set z = 2024-01-01 + 'x'",
                "parse nowhere as json",
                "flatten nowhere",
            ]
        )
    )
    stages.insert(at, bad)
    return written(stages)
