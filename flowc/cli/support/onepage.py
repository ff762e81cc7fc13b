"""The whole language on one page, for a reader with little room: a language model, or a hurry.

What there is comes from the catalogue. The pipelines are compiled by a test, line by line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from flowc.catalog import registry
from flowc.catalog.aggregates import AGGREGATES
from flowc.cli.support.sets.operators import by_kind
from flowc.model.types import NULL, Kind, Scalar
from flowc.types.show import show

_HEAD = """\
# flowc on one page

A pipeline is `source | stage | … | sink`: as an argument (`flowc run '…'`), in a `.flow` file, or in
YAML. Types are checked from source to sink before anything runs. `flowc validate` checks, `flowc run`
runs, `flowc build` writes a Python project. `flowc explain NAME` shows one entry with its examples.

## Rules

- Source and sink: a path (`orders.jsonl`, `data/x.csv`), a URI (`sqlite://shop.db/orders`), `-`, or a
  name from `flowc.toml` or `let`. Quote it if it holds blanks or options: `"x.csv?null_text=NA"`.
- The type of a source is inferred from its file, or declared: `x.jsonl as {id: int, note?: string}`.
  Behind it: `key id` (unique), `time at lag 2s` (the clock).
- `name = expr` and `expr as name` are the same. `by` groups; orders are `x`, `x desc`, `x nulls first`.
- Operators of expressions, loosest first: `if c then a else b`; `or`; `and`; `not`; `==` `!=` `<` `<=`
  `>` `>=` `in` `not in` `matches` `is`; `??`; `+ -`; `* / // %`. Comparisons do not chain.
- Texts `"a"` or `'a'`, raw `r"\\d+"`; numbers `1_000`, `1.5`; durations `5m`, `1h30m`; dates
  `2024-01-01`, timestamps `2024-01-01T10:00Z`; lists `[1, 2]`; `true`, `false`, `null`.
- A comparison with null is null; `filter` keeps only true. `x ?? 0` gives a default, `x == null` tests.
- A field with an odd name: `` `a-b` ``. Nested: `a.b`. Item of a list: `items[0]`. Comments: `# …`.
- `/` is true division, `//` floors; integers are exact and 64 bits wide when stored.
- A record that fails goes to the dead letter; it stops nothing. `try(e)` gives null instead.
- `${NAME}`, `${NAME:-default}` are filled from `--set NAME=value` or the environment.
- Several sources or sinks: `{ a.jsonl, b.jsonl }`. A Python function in `processors/NAME.py` is the
  stage `NAME`.
"""

_EXAMPLES = (
    (
        "Keep, compute, choose",
        "flow",
        "orders.jsonl as {id: int, amount: float, paid: bool}\n"
        "  | filter paid and amount > 100\n"
        "  | set net = round(amount * 0.8, 2)\n"
        "  | select id, net\n"
        "  | big.jsonl\n",
    ),
    (
        "Null has a default; a text becomes a number",
        "flow",
        "people.csv as {name: string, age: string?}\n"
        "  | set age = int(age) ?? 0, name = trim(name)\n"
        "  | filter age >= 18\n"
        "  | adults.csv\n",
    ),
    (
        "One record for each group, the largest first",
        "flow",
        "orders.jsonl as {region: string, amount: decimal(12, 2)}\n"
        "  | aggregate total = sum(amount), n = count() by region\n"
        "  | sort total desc\n"
        "  | totals.csv\n",
    ),
    (
        "Windows of the stream's clock",
        "flow",
        '"-?endless=true" as {at: timestamp, ms: int} time at lag 10s\n'
        "  | aggregate slowest = max(ms), n = count() over tumbling 1m\n"
        "  | select start = window.start, slowest, n\n"
        "  | -\n",
    ),
    (
        "The latest of each key",
        "flow",
        "readings.jsonl as {sensor: string, at: timestamp, value: float}\n"
        "  | top 1 at desc by sensor\n"
        "  | latest.jsonl\n",
    ),
    (
        "Nested records and lists",
        "flow",
        "carts.jsonl as {id: int, buyer: {city: string}, items: list<{sku: string, n: int}>}\n"
        "  | explode items as item\n"
        "  | select id, city = buyer.city, sku = item.sku, n = item.n\n"
        "  | items.csv\n",
    ),
    (
        "Texts that hold values",
        "flow",
        "log.jsonl as {line: string}\n"
        '  | parse line as regex r"^(?P<level>\\w+) (?P<ms>\\d+)ms"\n'
        "  | select level = lower(line.level), ms = int(line.ms)\n"
        "  | parsed.jsonl\n",
    ),
    (
        "Branches",
        "flow",
        "events.jsonl as {level: string, service: string}\n"
        "  | tee { all.jsonl }\n"
        '  | route { level == "error": errors.jsonl; level in ("warn", "info"): rest.csv; else: discard }\n',
    ),
    (
        "What must hold, and what must not be seen",
        "flow",
        "payments.jsonl as {id: int, card: string, amount: decimal(10, 2)} key id\n"
        '  | validate amount > 0 message "an amount is positive"\n'
        "  | mask card keep 4\n"
        "  | sqlite://out.db/payments\n",
    ),
    (
        "The same as YAML: a stage is text, or a map with one key",
        "yaml",
        "name: big-orders\n"
        "source:\n"
        "  file: orders.jsonl\n"
        '  schema: "{id: int, amount: float, paid: bool}"\n'
        "process:\n"
        "  - filter: paid and amount > ${MIN:-100}\n"
        "  - set net = round(amount * 0.8, 2)\n"
        "  - select: [id, net]\n"
        "sink:\n"
        "  sqlite: {path: out.db, table: big}\n",
    ),
)


def _operators() -> Iterator[str]:
    kinds: dict[str, list[str]] = {}
    for entry in by_kind(registry.operators().values()):
        example = f", as `{entry.examples[0].stage}`" if entry.examples else ""
        form = " ".join(entry.form.split())
        kinds.setdefault(entry.kind, []).append(f"- `{form}`: {entry.summary}{example}")
    for kind, lines in kinds.items():
        yield f"\n{kind.capitalize()}:\n"
        yield from lines


def _functions() -> Iterator[str]:
    families: dict[str, list[str]] = {}
    for name, entry in registry.functions().items():
        longest = max((o.parameters for o in entry.overloads), key=len, default=(("…", NULL),))
        names = [parameter for parameter, _ in longest]
        families.setdefault(registry.function_family(name), []).append(
            f"`{name}({', '.join(names)})`"
        )
    for family, calls in families.items():
        yield f"- {family}: {', '.join(calls)}"
    aggregates = ", ".join(f"`{name}`" for name in AGGREGATES)
    yield f"- only in `aggregate`: {aggregates}"


def _types() -> str:
    scalars = ", ".join(f"`{show(Scalar(kind))}`" for kind in Kind)
    composed = (
        '`decimal(p, s)`, `enum("a", "b")`, `list<T>`, `map<T>`, `{a: T, b?: T, ...}`, '
        "`union<kind: card = Card, cash = Cash>`, `T?` (or null), and names of `schemas/`"
    )
    return f"{scalars}; {composed}."


def _connectors() -> Iterator[str]:
    for entry in registry.connectors().values():
        example = re.sub(r"\s+", " ", entry.examples[0]) if entry.examples else ""
        yield f"- {entry.name}: {entry.summary}" + (f", as `{example}`" if example else "")
    formats = ", ".join(
        f"{entry.name} ({', '.join('.' + s for s in sorted(entry.suffixes))})"
        for entry in registry.formats().values()
    )
    texts = ", ".join(registry.text_formats())
    yield f"- formats of files: {formats}; of texts (`parse`, `format`): {texts}"


def pipelines() -> tuple[tuple[str, str], ...]:
    """(language, text) of every pipeline on the page."""
    return tuple((language, text) for _, language, text in _EXAMPLES)


def page() -> str:
    """The page, in Markdown."""
    lines = [_HEAD, "## Stages", *_operators(), "", "## Functions", "", *_functions()]
    lines += ["", "## Types", "", _types(), "", "## Connectors", "", *_connectors()]
    lines += ["", "## Ten pipelines"]
    for title, language, text in _EXAMPLES:
        lines += ["", f"{title}:", "", f"```{language}", text.rstrip("\n"), "```"]
    return "\n".join(lines) + "\n"
