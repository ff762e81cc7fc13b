"""Expressions as text, well typed by construction, and rows for them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

COLUMNS = {
    "n": "int",
    "m": "int?",
    "o?": "int",
    "u": "uint64",
    "x": "float",
    "y": "float?",
    "p": "decimal",
    "q": "decimal?",
    "s": "string",
    "t": "string?",
    "ok": "bool",
    "flag": "bool?",
    "ts": "timestamp",
    "at": "timestamp?",
    "d": "date",
    "len": "duration",
    "c": "{k: int, l: string?}?",
    "items": "list<int>",
    "tags": "map<int>?",
    "e": 'enum("new", "paid")',
}

#: Columns by the kind of expression that they are.
OF_KIND = {
    "int": ("n", "m", "o", "c.k", "items[0]", "items[-2]", "tags.a"),
    "float": ("x", "y"),
    "decimal": ("p", "q"),
    "string": ("s", "t", "c.l"),
    "bool": ("ok", "flag"),
    "timestamp": ("ts", "at"),
    "duration": ("len",),
}

_INTS = st.sampled_from([0, 1, -1, 2, 3, 7, 100, 2**31, 2**62, 2**63 - 1])
_FLOATS = st.sampled_from([0.0, 0.5, 1.0, 2.5, 1e-3, 1e200, 123.456])
_TEXTS = st.text(st.sampled_from("aAbß -_%1İ{}'\n"), max_size=4)


def quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def literals(kind: str) -> st.SearchStrategy[str]:
    match kind:
        case "int":
            return _INTS.map(lambda n: f"({n})" if n < 0 else str(n))
        case "float":
            return _FLOATS.map(lambda f: repr(f).replace("+", ""))
        case "decimal":
            return st.sampled_from(['decimal("1.50")', 'decimal("0")', 'decimal("-3")'])
        case "string":
            return _TEXTS.map(quoted)
        case "bool":
            return st.sampled_from(["true", "false"])
        case "timestamp":
            return st.sampled_from(["2024-01-31T10:00Z", "2020-02-29T23:59:59.5Z", "now()"])
        case "duration":
            return st.sampled_from(["1h", "90s", "7d", "0s", "250ms"])
    raise AssertionError(kind)


def leaves(kind: str) -> st.SearchStrategy[str]:
    return st.one_of(st.sampled_from(OF_KIND[kind]), literals(kind))


@st.composite
def expressions(draw: st.DrawFn, kind: str = "bool", depth: int = 3) -> str:
    """An expression of a kind; it may be null, and it may fail."""
    if depth == 0 or draw(st.integers(0, 5)) == 0:
        return draw(leaves(kind))

    def of(other: str) -> str:
        return f"({draw(expressions(other, depth - 1))})"

    form = draw(st.sampled_from((*_ANY, *_FORMS[kind])))
    return _write(form, of, kind)


_ANY = ("if", "??", "coalesce")
_NUMERIC = ("+", "-", "*", "//", "%", "minus", "abs", "least", "greatest")
_FORMS = {
    "int": (*_NUMERIC, "round1", "length", "int", "tryint", "year", "floor", "days"),
    "float": (*_NUMERIC, "/", "mixed", "round2", "float", "intdiv"),
    "decimal": (*_NUMERIC, "/", "decimalmix", "decimalround"),
    "string": ("lower", "upper", "trim", "concat", "substr", "replace", "string", "format"),
    "bool": (
        *("and", "or", "not", "compare", "compare", "equal", "in", "notin", "isnull", "is"),
        *("contains", "starts", "matches", "and3", "inlist", "enum"),
    ),
    "timestamp": ("later", "earlier", "least", "timestamp"),
    "duration": ("between", "times", "plus"),
}


def _write(form: str, of: Any, kind: str) -> str:
    match form:
        case "if":
            return f"if {of('bool')} then {of(kind)} else {of(kind)}"
        case "??":
            return f"{of(kind)} ?? {of(kind)}"
        case "coalesce" | "least" | "greatest":
            return f"{form}({of(kind)}, {of(kind)}, {of(kind)})"
        case "+" | "-" | "*" | "/" | "//" | "%":
            return f"{of(kind)} {form} {of(kind)}"
        case "minus":
            return f"-{of(kind)}"
        case "abs":
            return f"abs({of(kind)})"
        case "round1":
            return f"round({of('float')})"
        case "floor":
            return f"ceil({of('float')}) - floor({of('float')})"
        case "length":
            return f"length({of('string')})"
        case "int":
            return f"int({of('string')})"
        case "tryint":
            return f"try(int({of('float')}) + {of('int')})"
        case "year":
            return f"year({of('timestamp')}) + hour({of('timestamp')})"
        case "days":
            return f"{of('duration')} // 1d"
        case "mixed":
            return f"{of('float')} * {of('int')} + {of('int')}"
        case "intdiv":
            return f"{of('int')} / {of('int')}"
        case "round2":
            return f"round({of('float')}, 2)"
        case "float":
            return f"float({of('int')})"
        case "decimalmix":
            return f"{of('decimal')} * 0.25 - {of('int')}"
        case "decimalround":
            return f"round({of('decimal')}, 1)"
        case "lower" | "upper" | "trim":
            return f"{form}({of('string')})"
        case "concat":
            return f"concat({of('string')}, {of('string')}, '-')"
        case "substr":
            return f"substr({of('string')}, {of('int')}, 2)"
        case "replace":
            return f"replace({of('string')}, 'a', {of('string')})"
        case "string":
            return f"concat(string({of('int')}), string({of('bool')}), string({of('float')}))"
        case "format":
            return f"format_time({of('timestamp')}, '%Y-%m-%d %H:%M:%S')"
        case "and" | "or":
            return f"{of('bool')} {form} {of('bool')}"
        case "and3":
            return f"{of('bool')} and {of('bool')} and {of('bool')}"
        case "not":
            return f"not {of('bool')}"
        case "compare":
            return f"{of('int')} < {of('float')} or {of('decimal')} >= {of('int')}"
        case "equal":
            return f"{of('string')} == {of('string')} and {of('timestamp')} != {of('timestamp')}"
        case "in":
            return f"{of('int')} in ({of('int')}, 2, {of('int')})"
        case "notin":
            return f"{of('string')} not in ({of('string')}, 'a')"
        case "inlist":
            return f"{of('int')} in items or {of('string')} in tags"
        case "isnull":
            return f"{of('int')} is null or {of('string')} is not null"
        case "is":
            return f"{of('int')} is {of('int')}"
        case "enum":
            return "e == 'paid' or e in ('new', 'paid')"
        case "contains":
            return f"contains({of('string')}, {of('string')})"
        case "starts":
            return f"starts_with({of('string')}, 'a') or ends_with({of('string')}, {of('string')})"
        case "matches":
            return f"{of('string')} matches '^[a-b]+(-|$)'"
        case "later":
            return f"{of('timestamp')} + {of('duration')}"
        case "earlier":
            return f"{of('timestamp')} - {of('duration')}"
        case "timestamp":
            return f"timestamp({of('int')})"
        case "between":
            return f"{of('timestamp')} - {of('timestamp')}"
        case "times":
            return f"{of('duration')} * {of('int')}"
        case "plus":
            return f"{of('duration')} + {of('duration')} - 1m"
    raise AssertionError(form)


def rows() -> st.SearchStrategy[dict[str, Any]]:
    """Records as dictionaries: null where it may be, absent where it may be."""
    ints = st.integers(-(2**63), 2**63 - 1) | st.integers(-5, 5)
    floats = st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from([0.0, 1.5, -2.0])
    decimals = st.decimals(-1000, 1000, places=2) | st.sampled_from([Decimal("0.00")])
    texts = st.text(max_size=6) | _TEXTS | st.integers(-99, 99).map(str)
    times = st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31), timezones=st.just(UTC))
    inner = st.fixed_dictionaries({"k": ints, "l": st.none() | texts})
    return st.fixed_dictionaries(
        {
            "n": ints,
            "m": st.none() | ints,
            "u": st.integers(0, 2**64 - 1),
            "x": floats,
            "y": st.none() | floats,
            "p": decimals,
            "q": st.none() | decimals,
            "s": texts,
            "t": st.none() | texts,
            "ok": st.booleans(),
            "flag": st.none() | st.booleans(),
            "ts": times,
            "at": st.none() | times,
            "d": st.dates(date(1, 1, 1), date(9999, 12, 31)),
            "len": st.timedeltas(timedelta(-1000), timedelta(1000)),
            "c": st.none() | inner,
            "items": st.lists(ints, max_size=3),
            "tags": st.none() | st.dictionaries(st.sampled_from(["a", "b"]), ints),
            "e": st.sampled_from(["new", "paid"]),
        },
        optional={"o": ints},
    )
