"""Writes the parts of the documentation that the catalogue knows.

    python -m docs.generate

A part stands between two markers, ``<!-- begin generated: operators -->`` and ``<!-- end
generated -->``; the text around it is written by hand. Only built-in entries are written
down, not those of installed packages.
"""

from __future__ import annotations

import json
import pkgutil
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import MISSING, fields
from importlib import import_module
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

from docs.keys import node_keys, pipeline_keys, refused_keys
from flowc.catalog.formats import Format
from flowc.catalog.spec import Connector, Function, Operator
from flowc.cli.support.sets.functions import SET as FUNCTION_SET
from flowc.cli.support.sets.operators import by_kind
from flowc_runtime.records import Option

HERE = Path(__file__).resolve().parent

_PART = re.compile(
    r"(?P<begin><!-- begin generated: (?P<name>\w+) -->\n).*?(?P<end><!-- end generated -->)", re.S
)

_FAMILIES = {
    "strings": "Text",
    "texts": "More of text",
    "regex": "Patterns",
    "numbers": "Numbers",
    "maths": "Mathematics",
    "time": "Time",
    "lists": "Lists",
    "maps": "Maps",
    "jsons": "Json",
    "nulls": "Null and errors",
    "convert": "Conversions",
    "hashing": "Hashes",
    "encoding": "Encodings",
    "addresses": "URLs, IP addresses, uuids",
}


def _modules(package: str) -> Iterator[tuple[str, Any]]:
    for info in pkgutil.iter_modules(import_module(package).__path__):
        yield info.name, import_module(f"{package}.{info.name}")


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:].rstrip(".") + "."


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _code(text: str) -> str:
    """Text as code in a table's cell, also where it holds backticks."""
    ticks = "``" if "`" in text else "`"
    return f"{ticks}{_cell(text)}{ticks}"


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    listed = list(rows)
    if not listed:
        return []
    lines = [head, tuple("---" for _ in head), *listed]
    return ["", *(f"| {' | '.join(line)} |" for line in lines)]


def _fenced(language: str, text: str) -> list[str]:
    return ["", f"```{language}", *text.splitlines(), "```"]


def _other_words(entry: Operator | Function) -> list[str]:
    lines: list[str] = []
    if entry.spellings:
        words = ", ".join(f"`{word}`" for word in entry.spellings)
        lines += ["", f"Also written {words}."]
    others = {word for word in entry.corrections if re.match(r"\w", word)}
    others -= {entry.name, *entry.spellings}
    if others:
        words = ", ".join(f"`{word}`" for word in sorted(others))
        lines += ["", f"Where another language says {words}, the error shows the flowc form."]
    return lines


# --- operators ------------------------------------------------------------------------


def _operator(entry: Operator) -> list[str]:
    lines = [f"### {entry.name}", "", _sentence(entry.summary)]
    lines += _fenced("flow", "\n".join(entry.form.split(" · ")))
    lines += ["", entry.doc]
    lines += _table(
        ("in YAML", "is"),
        (
            (f"`{p.name}`", _cell(p.doc) + ("" if p.required else " (optional)"))
            for p in entry.parameters
        ),
    )
    for example in entry.examples:
        lines += ["", f"*{example.title}*"]
        lines += _fenced("flow", example.stage)
        gives = example.gives or "# nothing"
        if example.dead:
            record = "record" if example.dead == 1 else "records"
            gives += f"\n# and {example.dead} {record} to the dead letter"
        tables = "".join(f"# {name}\n{text}" for name, text in example.tables.items())
        lines += _fenced("json", f"# given\n{example.given}\n{tables}# gives\n{gives}")
    return [*lines, *_other_words(entry)]


def operators() -> list[str]:
    """A section for each operator, by kind."""
    entries: list[Operator] = [m.OPERATOR for _, m in _modules("flowc.catalog.operators")]
    entries = by_kind(entries)
    overview = _table(
        ("operator", "", "kind"),
        ((f"[{e.name}](#{e.name})", _cell(e.summary), e.kind) for e in entries),
    )
    sections = (line for entry in entries for line in ("", *_operator(entry)))
    return [*overview[1:], *sections]


# --- functions ------------------------------------------------------------------------


def _function(entry: Function) -> list[str]:
    told: Mapping[str, Any] = FUNCTION_SET.object(entry)
    lines = [f"### {entry.name}", "", _sentence(entry.summary)]
    if told["signatures"]:
        lines += _fenced("flow", "\n".join(told["signatures"]))
    lines += _table(
        ("call", "gives"),
        (
            (_code(e.call), _code(e.gives) if e.gives else f"error: {e.error}")
            for e in entry.examples
        ),
    )
    if not entry.deterministic:
        lines += ["", "It may give another value each time."]
    return [*lines, *_other_words(entry)]


def functions() -> list[str]:
    """A section for each function, by family."""
    lines: list[str] = []
    found = dict(_modules("flowc.catalog.functions"))
    for family in sorted(found, key=lambda name: [*_FAMILIES, name].index(name)):
        title = _FAMILIES.get(family, family.capitalize())
        lines += [*([""] if lines else []), f"## {title}"]
        for entry in found[family].FUNCTIONS:
            lines += ["", *_function(entry)]
    return lines


# --- connectors and formats -----------------------------------------------------------


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "`true`" if value else "`false`"
    return "none" if value is None else f"`{value}`"


def _type(hint: object) -> str:
    args = get_args(hint)
    base = args[0] if args and isinstance(args[-1], Option) else hint
    if get_origin(base) is Literal:
        return ", ".join(f"`{choice}`" for choice in get_args(base))
    name = getattr(base, "__name__", str(base))
    return name.removesuffix(" | None").replace("str", "text")


def _options(role: str, options: type[Any] | None, named_after: str) -> Iterator[tuple[str, ...]]:
    if options is None:
        return
    hints = get_type_hints(options, include_extras=True)
    for field in fields(options):
        doc = next((a.doc for a in get_args(hints[field.name]) if isinstance(a, Option)), "")
        default = "required"
        if field.name == named_after and role == "sink":
            default = "the record type's name"
        elif field.default is not MISSING:
            default = _value(field.default)
        yield f"`{field.name}`", role, _type(hints[field.name]), default, _cell(doc)


def _connector(entry: Connector) -> list[str]:
    lines = [f"## {entry.name}", "", _sentence(entry.summary), "", entry.doc]
    lines += _fenced("flow", "\n".join(entry.examples))
    schemes = ", ".join(f"`{s}`" for s in entry.schemes)
    lines += ["", f"Scheme: {schemes}."]
    lines += _table(
        ("option", "of a", "type", "default", "is"),
        (
            *_options("source", entry.source_options, entry.named_after),
            *_options("sink", entry.sink_options, entry.named_after),
        ),
    )
    if entry.packages:
        lines += ["", f"Needs {', '.join(entry.packages)}."]
    return lines


def connectors() -> list[str]:
    """A section for each connector."""
    entries: list[Connector] = [m.CONNECTOR for _, m in _modules("flowc.catalog.connectors")]
    return [line for entry in entries for line in ("", *_connector(entry))][1:]


def formats() -> list[str]:
    """A section for each format."""
    lines: list[str] = []
    for _, module in _modules("flowc.catalog.formats"):
        entry: Format = module.FORMAT
        words = ", ".join(f"`?format={word}`" for word in (entry.name, *entry.spellings))
        suffixes = ", ".join(f"`.{suffix}`" for suffix in entry.suffixes)
        lines += ["", f"### {entry.name}", "", _sentence(entry.summary), "", entry.doc]
        lines += ["", f"Told by {suffixes}, or by {words}."]
        lines += _table(
            ("option", "type", "default"),
            (
                (f"`{f.name}`", _type(hint), _value(f.default))
                for f in fields(entry.options)
                for hint in (get_type_hints(entry.options)[f.name],)
            ),
        )
    return lines[1:]


# --- what things mean -----------------------------------------------------------------

#: How many cases of a group a section shows; the rest are in the file.
_SHOWN = 8


def _groups(folder: str) -> Iterator[dict[str, Any]]:
    import yaml

    for file in sorted((HERE.parent / "tests" / "conformance" / folder).glob("*.yaml")):
        yield from yaml.safe_load(file.read_text("utf-8"))


def _slug(title: str) -> str:
    return re.sub(r"\W+", "_", title.lower())


def _written(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def expressions(slug: str) -> list[str]:
    """A table of a group of the conformance corpus: expressions, what is given, what comes out."""
    (group,) = (each for each in _groups("cases") if _slug(each["group"]) == slug)
    rows: list[tuple[str, ...]] = []
    for case in group["cases"][:_SHOWN]:
        given = {**group.get("given", {}), **case.get("in", {})}
        used = (
            f"{k} = {_written(v)}" for k, v in given.items() if re.search(rf"\b{k}\b", case["expr"])
        )
        gives = f"error: {case['error']}" if "error" in case else _code(_written(case["out"]))
        rows.append((_code(case["expr"]), _code(", ".join(used)) if given else "", gives))
    return _table(("expression", "given", "gives"), rows)[1:]


def records(slug: str) -> list[str]:
    """Records in, stages, lines out: a group of the conformance corpus."""
    (group,) = (each for each in _groups("records") if _slug(each["group"]) == slug)
    lines: list[str] = []
    for case in ({**group, **each} for each in group["cases"]):
        lines += ["", f"*{_sentence(case['title'])}*"]
        if case.get("stages"):
            lines += _fenced("flow", case["stages"])
        dead = case.get("dead", [])
        gives = case["gives"].rstrip() or "# nothing"
        gives += f"\n# and {len(dead)} to the dead letter" if dead else ""
        lines += _fenced("text", f"{case['given'].rstrip()}\n→\n{gives}")
    return lines[1:]


PARTS: dict[str, Callable[[], list[str]]] = {
    "operators": operators,
    "functions": functions,
    "connectors": connectors,
    "formats": formats,
    "pipeline_keys": pipeline_keys,
    "node_keys": node_keys,
    "refused_keys": refused_keys,
}


def generated(text: str) -> str:
    """A document with its generated parts as the catalogue now has them.

    Raises:
        KeyError: a marker names no part.
    """

    def fill(part: re.Match[str]) -> str:
        kind, _, slug = part["name"].partition("_")
        grouped = {"expressions": expressions, "records": records}.get(kind) if slug else None
        made = PARTS[part["name"]]() if grouped is None else grouped(slug)
        return f"{part['begin']}\n" + "\n".join(made) + f"\n\n{part['end']}"

    return _PART.sub(fill, text)


def documents() -> tuple[Path, ...]:
    """The documents that have generated parts."""
    return tuple(
        path for path in sorted(HERE.glob("*.md")) if _PART.search(path.read_text("utf-8"))
    )


if __name__ == "__main__":
    for document in documents():
        document.write_text(generated(document.read_text("utf-8")), "utf-8")
