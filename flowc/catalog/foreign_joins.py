"""Joins of other languages, in flowc's words."""

from __future__ import annotations

import re

from flowc.catalog.spec import ForeignStage

_NAME = r"[^\W\d]\w*"
_TABLE = r"(?P<table>\"[^\"]*\"|'[^']*'|[\w./~*-]+)"
_SIDED = re.compile(r"(?:outer\s+)?join\b\s*(.+)", re.IGNORECASE | re.DOTALL)
#: ``kind=leftouter``, ``type=left``, ``side:left``
_KIND = re.compile(r"(?:kind|type|side)\s*[=:]+\s*(?P<kind>\w+)\s+(?P<rest>.+)", re.DOTALL)
#: ``airports a on a.iata = origin``, ``(airports) on code``, ``airports using (code)``
_ON = re.compile(
    rf"\(?\s*{_TABLE}\s*\)?(?:\s+(?:as\s+)?(?P<name>(?!on\b|using\b|as\b){_NAME}))?"
    rf"\s+(?P<word>on|using)\s+(?P<rest>.+)",
    re.IGNORECASE | re.DOTALL,
)
#: ``airports (==code)``, ``a=airports (this.origin == a.iata)``
_PAREN = re.compile(rf"(?:(?P<name>{_NAME})\s*=\s*)?{_TABLE}\s*\((?P<rest>.+)\)", re.DOTALL)
#: ``airports, by = "code"``, ``airports, by = c("origin" = "iata")``
_CALLED = re.compile(rf"{_TABLE}\s*,\s*by\s*=+\s*(?:c\()?(?P<rest>[^()]+)\)?", re.DOTALL)


def left(stage: ForeignStage) -> str | None:
    """``left join airports a on a.iata = origin``, ``left_join(airports, by = "code")``"""
    return _line("lookup", stage)


def inner(stage: ForeignStage) -> str | None:
    """``inner join airports a on a.iata = origin``, ``inner_join(airports, by = "code")``"""
    return _line("join", stage)


def _line(verb: str, stage: ForeignStage) -> str | None:
    rest = stage.rest.strip()
    sided = _SIDED.fullmatch(rest)
    if sided is not None:
        rest = sided[1]
    elif stage.word.lower() in ("left", "inner"):
        return None
    kind = _KIND.fullmatch(rest)
    if kind is not None:
        rest = kind["rest"]
        verb = "lookup" if kind["kind"].lower().startswith("left") else "join"
        if not re.match(r"left(outer)?$|inner(unique)?$", kind["kind"], re.IGNORECASE):
            return None
    called = _CALLED.fullmatch(rest)
    if called is not None:
        pair = re.fullmatch(r"\s*[\"'](\w+)[\"']\s*=+\s*[\"'](\w+)[\"']\s*", called["rest"])
        single = re.fullmatch(r"\s*[\"'](\w+)[\"']\s*", called["rest"])
        if pair is not None:
            return _written(verb, called["table"], None, f"{pair[1]} == $right.{pair[2]}")
        return _written(verb, called["table"], None, single[1]) if single else None
    match = _ON.fullmatch(rest) or _PAREN.fullmatch(rest)
    if match is None:
        return None
    on = match["rest"].strip()
    same = re.fullmatch(rf"\(?\s*=*\s*({_NAME}(?:\s*,\s*{_NAME})*)\s*\)?", on)
    return _written(verb, match["table"], match["name"], same[1] if same else on)


def _written(verb: str, table: str, name: str | None, on: str) -> str:
    """The stage of flowc; ``$right`` and ``that`` stand for what was found."""
    on = re.sub(r"(?:\$left|\bthis)\.", "", on)
    quoted = table[0] in "\"'"
    if re.search(r"(?:\$right|\bthat)\.", on):
        plain = re.fullmatch(_NAME, table)
        name = name or (table if plain else "found")
        on = re.sub(r"(?:\$right|\bthat)\.", f"{name}.", on)
    if not quoted and re.search(r"[./]", table):
        table = f'"{table}"'
    named = f" as {name}" if name and name != table else ""
    return f"{verb} {table}{named} on {on}"
