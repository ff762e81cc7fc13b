"""What the entries of the catalogue share to read stages of other languages.

The texts are pieces of stages whose signs and words are flowc's already (`ForeignStage`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from flowc.catalog.spec import ForeignStage, Meant
from flowc.syntax.foreign import at_home, inside, parts

NAME = r"[^\W\d]\w*"
_PATH = rf"{NAME}(?:\.{NAME})*"
_CALL = re.compile(rf"({NAME})\s*\(")
_BIN = re.compile(
    rf"(?:(?P<name>{NAME})\s*=\s*)?(?:bin|bucket|floor|time_bucket|tumble)\s*\(\s*(?P<clock>{_PATH})\s*,"
    rf"\s*(?P<length>\d+\w+)\s*\)(?:\s+as\s+\w+)?"
)
#: The same as a call of ours, which calls have become where a stage is read.
_BUCKET = re.compile(rf"time_bucket\((?P<length>\d+\w+),\s*(?P<clock>{_PATH})\)")
_DATE = re.compile(
    rf"(?:(?P<name>{NAME})\s*=\s*)?date_trunc\s*\(\s*[\"'](?P<unit>\w+)[\"']\s*,\s*(?P<clock>{_PATH})\s*\)"
)
#: What is no field between fields.
_WORDS = frozenset(
    [
        "as",
        "by",
        "on",
        "with",
        "over",
        "from",
        "desc",
        "asc",
        "where",
        "and",
        "or",
        "not",
        "in",
        "is",
    ]
)
_LENGTHS = {"second": "1s", "minute": "1m", "hour": "1h", "day": "1d", "week": "1w"}


def names(text: str) -> list[str]:
    """The fields of a list, whatever surrounds and separates them: ``{a, b}``, ``a b``."""
    inner = inside(text)
    found = parts(inner)
    if len(found) == 1 and re.fullmatch(rf"{_PATH}(?:\s+{_PATH})+", found[0]):
        words = found[0].split()
        found = words if not _WORDS & set(words) else found
    return [re.sub(r"^[\"'](\w+)[\"']$", r"\1", part) for part in found]


def listed(word: str, text: str) -> str | None:
    """``word a, b`` of a list in another form; None where it holds more than fields."""
    found = names(text)
    if not found or not all(re.fullmatch(_PATH, name) for name in found):
        return None
    return f"{word} {', '.join(found)}"


def by_name(word: str) -> Callable[[ForeignStage], str | None]:
    """A correction that gives ``word`` the fields behind the stage's word."""
    return lambda stage: listed(word, stage.rest)


def first_argument(rest: str, *more: str) -> str:
    """``a`` of ``(a, b)`` and ``a``."""
    found = parts(inside(rest))
    return found[0] if found else ""


def flags(rest: str) -> dict[str, str]:
    """``-n 4 -g a,b`` as Miller writes it: each letter with what stands behind it."""
    found = re.findall(r"-([a-zA-Z]+)(?:\s+([^-\s][^\s]*))?", rest)
    return dict(found)


def assignments(text: str, *, short: bool = False) -> str:
    """``{a: e, b}`` and ``{a = e}`` as ``a = e, b``; ``short``: also ``a: a`` as ``a``."""
    made = []
    for part in parts(inside(text)):
        pair = re.match(rf"[\"']?({NAME})[\"']?\s*(?::|=(?!=))\s*(.*)", part, re.DOTALL)
        value = at_home(pair[2]) if pair else ""
        same = pair is None or (short and pair[1] == value)
        made.append(part if pair is None else value if same else f"{pair[1]} = {value}")
    return at_home(", ".join(made))


# --- orders ---------------------------------------------------------------------------


def order(text: str, *, descending: bool = False) -> str:
    """``-a, b desc`` and ``desc(a)`` as an order; ``descending`` says what no word means."""
    made = []
    for part in parts(inside(text)) or [""]:
        sign = re.fullmatch(r"([-+])\s*(.+)", part)
        called = re.fullmatch(r"(asc|desc)\s*\((.+)\)", part, re.IGNORECASE)
        if sign:
            made.append(f"{sign[2]} desc" if sign[1] == "-" else sign[2])
        elif called:
            made.append(f"{called[2].strip()} {called[1].lower()}")
        elif descending and part and not re.search(r"\b(?:asc|desc)\b", part):
            made.append(f"{part} desc")
        else:
            made.append(part)
    return ", ".join(made)


# --- aggregates -----------------------------------------------------------------------


def aggregate_names() -> frozenset[str]:
    """The words of aggregate functions, ours and others'."""
    from flowc.catalog.aggregates import AGGREGATES

    return frozenset(w for f in AGGREGATES.values() for w in (f.name, *f.spellings))


def split_word(text: str, word: str) -> tuple[str, str | None]:
    """A text before and behind the last ``word`` outside of brackets; None without it."""
    depth = 0
    for match in reversed(list(re.finditer(rf"[()\[\]{{}}]|(?i:\b{word}\b)", text))):
        if match.group() in ")]}":
            depth += 1
        elif match.group() in "([{":
            depth -= 1
        elif depth == 0:
            return text[: match.start()].strip(), text[match.end() :].strip()
    return text.strip(), None


def aggregate(text: str, keys: str | None = None, after: str = "") -> Meant | None:
    """``count avg(x) as m by a, bin(t, 1h)``, ``{n = count this}`` as ``aggregate …``.

    ``after`` is the line behind it, which may use the names that the other language gives.
    """
    before, behind = split_word(text, r"(?:group\s+)?by")
    behind = behind if behind is not None else keys
    columns = _columns(inside(before))
    if columns is None:
        return None
    columns = [_called_after(column, after) for column in columns]
    line = "aggregate " + ", ".join(columns)
    by, window, clock = _keys(behind or "")
    line += f" by {', '.join(by)}" if by else ""
    line += f" over tumbling {window}" if window else ""
    if not columns and not by and not window:
        return None
    why = "a window of time divides by the clock of the stream; its `window` has `start` and `end`"
    return Meant(" ".join(line.split()), why if window else "", clock=clock)


def _called_after(column: str, after: str) -> str:
    """The count by the name that the line behind it uses: ``count``, ``count_``."""
    used = re.search(r"(?<![\w.])count_?\b(?!\s*\()", after)
    if column != "n = count()" or used is None or re.search(r"(?<![\w.])n\b", after):
        return column
    return f"{used.group()} = count()"


def _keys(text: str) -> tuple[list[str], str, str]:
    """The keys, the length of the window among them, and the field of its clock."""
    kept, window, clock = [], "", ""
    span = re.search(r"\bspan\s*=\s*(\w+)", text)
    if span:
        window = span[1]
        text = text.replace(span.group(), "").strip(", ")
    for part in names(text):
        binned = _BIN.fullmatch(part) or _BUCKET.fullmatch(part)
        cut = _DATE.fullmatch(part)
        if binned:
            window, clock = binned["length"], binned["clock"]
        elif cut and cut["unit"].lower() in _LENGTHS:
            window, clock = _LENGTHS[cut["unit"].lower()], cut["clock"]
        else:
            kept.append(part)
    return kept, window, clock


def _columns(text: str) -> list[str] | None:
    """Each of the aggregates with a name; None where something else stands among them."""
    made: list[str] = []
    for part in parts(_with_commas(text)):
        one = column(part)
        if one is None:
            return None
        made.append(one)
    return made


def _with_commas(text: str) -> str:
    """``count avg(x) as m`` with commas between the aggregates, as SPL leaves them out."""
    known = "|".join(sorted(aggregate_names(), key=len, reverse=True))
    return re.sub(
        rf"(?<=[\w)])\s+(?=(?:{known})\s*\()",
        ", ",
        re.sub(rf"(?<![\w.])(count|c)(?=\s+(?:{known})\b)(?!\s*\()", "count(),", text),
    )


def column(part: str) -> str | None:
    """One aggregate with its name: ``sum(x)`` is ``sum_x = sum(x)``."""
    named = re.match(rf"({NAME})\s*=(?!=)\s*(.*)", part, re.DOTALL)
    name, value = (named[1], named[2].strip()) if named else ("", part)
    behind = re.fullmatch(
        rf"(.*\S)\s+as\s+[\"'`]?({NAME})[\"'`]?(\s+where\s+.*)?", value, re.DOTALL
    )
    if behind and not name:
        name, value = behind[2], behind[1] + (behind[3] or "")
    call = _called(value)
    if call is None:
        return None
    return f"{name or _name_of(call)} = {call}"


def _called(value: str) -> str | None:
    """``sum(x)`` of ``sum(x)``, ``sum x``, ``count``, ``countif(c)``."""
    from flowc.catalog.aggregates import AGGREGATES

    ours = {w.lower(): f.name for f in AGGREGATES.values() for w in (f.name, *f.spellings)}
    match = re.fullmatch(rf"({NAME})\s*(?:(\(.*\)))?(\s+where\s+.*)?", value, re.DOTALL)
    if match is not None and match[2] and inside(match[2]) == match[2]:
        return None
    if match is None:
        plain = re.fullmatch(rf"({NAME})\s+(this|{_PATH})", value)
        if plain is None or plain[1].lower() not in ours:
            return None
        name, inner, where = plain[1], "" if plain[2] == "this" else plain[2], ""
    else:
        name, inner, where = match[1], inside(match[2] or ""), match[3] or ""
    low = name.lower()
    if low in ("countif", "count_if"):
        return f"count() where {inner}"
    if low in ("sumif", "avgif", "sum_if", "avg_if") and len(parts(inner)) == 2:
        what, condition = parts(inner)
        return f"{low[:3]}({what}) where {condition}"
    if low == "count" and inner in ("*", "1", "this"):
        inner = ""
    if low in ("n", "length", "len") and not inner:
        return "count()"
    found = ours.get(low)
    return None if found is None else f"{found}({inner}){where}"


def _name_of(call: str) -> str:
    if call.startswith("count()"):
        return "n"
    return re.sub(r"\W+", "_", call.partition(" where ")[0]).strip("_")


def holds_aggregate(text: str) -> bool:
    """Whether an aggregate function is called in an expression."""
    from flowc.catalog.aggregates import AGGREGATES

    known = {word for f in AGGREGATES.values() for word in (f.name, *f.spellings)}
    return any(match[1].lower() in known for match in _CALL.finditer(text))


def as_aggregate(items: Sequence[str], group: str = "") -> str | None:
    """``region, sum(amount)`` of a ``select`` as ``aggregate sum_amount = sum(amount) by region``.

    An expression over aggregates is computed behind it.
    """
    keys, made, behind = [], [], []
    later = False
    for item in items:
        if not holds_aggregate(item):
            named = re.fullmatch(rf"(.+?)\s+as\s+({NAME})", item, re.DOTALL)
            keys.append(f"{named[2]} = {named[1]}" if named else item)
            behind.append(_last_name(keys[-1]))
            continue
        one = column(item)
        if one is None:
            named = re.fullmatch(rf"({NAME})\s*=(?!=)\s*(.+)", item, re.DOTALL)
            other = re.fullmatch(rf"(.+?)\s+as\s+({NAME})", item, re.DOTALL)
            if named is None and other is None:
                return None
            name, value = (named[1], named[2]) if named else (other[2], other[1])  # type: ignore[index]
            value, inner = _pulled_out(value)
            made += inner
            behind.append(f"{name} = {value}")
            later = True
        else:
            made.append(one)
            behind.append(one.partition(" = ")[0])
    by = parts(group) or keys
    line = f"aggregate {', '.join(dict.fromkeys(made))}"
    line += f" by {', '.join(by)}" if by else ""
    plain = [name for name in behind if " = " not in name]
    ordered = [*(_last_name(k) for k in by), *(m.partition(" = ")[0] for m in made)]
    if later or plain != ordered[: len(plain)] or len(plain) != len(ordered):
        line += f" | select {', '.join(behind)}"
    return line


def _last_name(key: str) -> str:
    return (
        key.partition(" = ")[0].rpartition(".")[2] if " = " not in key else key.partition(" = ")[0]
    )


def _pulled_out(value: str) -> tuple[str, list[str]]:
    """The aggregates of an expression by name, and the expression over these names."""
    made: list[str] = []
    at = 0
    known = aggregate_names()
    while match := _CALL.search(value, at):
        if match[1].lower() not in known:
            at = match.end()
            continue
        end, depth = match.end(), 1
        while end < len(value) and depth:
            depth += (value[end] == "(") - (value[end] == ")")
            end += 1
        one = column(value[match.start() : end])
        if one is None:
            at = match.end()
            continue
        name = one.partition(" = ")[0]
        made.append(one)
        value = value[: match.start()] + name + value[end:]
        at = match.start() + len(name)
    return value, made


# --- SQL ------------------------------------------------------------------------------

_CLAUSES = re.compile(
    r"(?i)\b(select|from|where|group\s+by|having|order\s+by|limit|qualify|offset)\b"
)


def sql(text: str, *, first: bool) -> Meant | None:
    """``SELECT a FROM t WHERE c`` as a chain; None where it says more than that."""
    clauses: dict[str, str] = {}
    depth, at, key = 0, 0, ""
    for match in re.finditer(
        rf"[()]|\"[^\"]*\"|'[^']*'|{_CLAUSES.pattern[4:]}", text, re.IGNORECASE
    ):
        token = match.group()
        if token in "()":
            depth += 1 if token == "(" else -1
        elif depth == 0 and token[0] not in "\"'":
            if key:
                clauses[key] = text[at : match.start()].strip().rstrip(",;").strip()
            key = " ".join(token.lower().split())
            if key in clauses:
                return None
            at = match.end()
    clauses[key] = text[at:].strip().rstrip(";").strip()
    table = clauses.get("from", "")
    if not re.fullmatch(
        r"[\"'`]?[\w./~*:{}$?=-]+[\"'`]?(?:\s+(?:as\s+)?\w+)?", table, re.IGNORECASE
    ):
        return None
    word = table.split()[0].strip("\"'`")
    alias = table.split()[-1] if len(table.split()) > 1 else ""
    steps = [word if re.search(r"[./]", word) or word == "-" else f"{word}.jsonl"] if first else []
    if clauses.get("where"):
        steps.append(f"filter {clauses['where']}")
    items = clauses.get("select", "")
    distinct = re.match(r"(?i)distinct\s+", items)
    columns = parts(items[distinct.end() :] if distinct else items)
    grouped = any(map(holds_aggregate, columns)) or "group by" in clauses
    if grouped:
        line = as_aggregate(columns, clauses.get("group by", ""))
        if line is None:
            return None
        steps += line.split(" | ")
        if clauses.get("having"):
            steps.append(f"filter {_by_column(clauses['having'], columns)}")
    elif distinct:
        steps.append(f"aggregate by {', '.join(columns)}")
    if clauses.get("order by"):
        steps.append(f"sort {_by_column(clauses['order by'], columns)}")
    if not grouped and not distinct and columns != ["*"]:
        steps.append(f"select {', '.join(columns)}")
    if clauses.get("limit"):
        steps.append(f"limit {clauses['limit']}")
    if clauses.get("offset") or clauses.get("qualify") or not steps:
        return None
    line = " | ".join(steps)
    if alias:
        line = re.sub(rf"\b{re.escape(alias)}\.(?=[^\W\d])", "", line)
    return Meant(line)


def _by_column(text: str, columns: list[str]) -> str:
    """A condition or an order in which the aggregates are the columns that hold them."""
    for item in columns:
        one = column(item)
        if one is None or not holds_aggregate(item):
            continue
        name, _, call = one.partition(" = ")
        text = re.sub(rf"(?i){re.escape(call)}", name, text)
    return text
