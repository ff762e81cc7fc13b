"""Functions of lists, maps, json, URLs, addresses and names."""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from decimal import Decimal
from fractions import Fraction
from typing import Any

from conformance.conversions import arithmetic_error, conversion_error, exactly, scale


def known(items: list[Any]) -> list[Any]:
    return [item for item in items if item is not None]


def total(items: list[Any]) -> Any:
    there = known(items)
    if not there:
        return None
    if any(isinstance(item, Decimal) for item in there):
        return exactly(sum(map(Fraction, there), Fraction()), max(map(scale, there)))
    if any(isinstance(item, float) for item in there):
        try:
            return float(sum(map(Fraction, there), Fraction()))
        except OverflowError:
            raise arithmetic_error("too large") from None
    return sum(there)


def mean(items: list[Any]) -> Any:
    there = known(items)
    if not there:
        return None
    if isinstance(there[0], Decimal):
        places = max(*map(scale, there), 6)
        quotient = sum(map(Fraction, there), Fraction()) / len(there)
        return exactly(Fraction(round(quotient * 10**places), 10**places), places)
    return float(total(there)) / len(there)


def ordered(items: list[Any], descending: bool = False) -> list[Any]:
    made: list[Any] = []
    for item in known(items):
        place = len(made)
        while place and (made[place - 1] < item if descending else made[place - 1] > item):
            place -= 1
        made.insert(place, item)
    return made + [None] * items.count(None)


def joined(*lists: list[Any]) -> list[Any]:
    return [item for items in lists for item in items]


def distinct(items: list[Any]) -> list[Any]:
    return [item for place, item in enumerate(items) if item not in items[:place]]


def sliced(items: list[Any], start: int, length: int | None = None) -> list[Any]:
    first = max(0, len(items) + start) if start < 0 else start
    return [
        item
        for place, item in enumerate(items)
        if place >= first and (length is None or place < first + length)
    ]


def series(start: int, stop: int, step: int = 1) -> list[int]:
    if step == 0:
        raise arithmetic_error("no step")
    made = []
    while start < stop if step > 0 else start > stop:
        made.append(start)
        start += step
        if len(made) > 10**6:
            raise conversion_error("too many")
    return made


def map_from(keys: list[Any], values: list[Any]) -> dict[str, Any]:
    if len(keys) != len(values) or None in keys:
        raise conversion_error("keys without values")
    return dict(zip(keys, values, strict=True))


def steps(path: str) -> list[Any]:
    found = re.findall(
        r"""([^.\[\]"'$]+)|\["([^"]*)"\]|\['([^']*)'\]""", re.sub(r"\[(-?\d+)\]", r".#\1", path)
    )
    names = [next((part for part in each if part), "") for each in found]
    return [int(name[1:]) if name.startswith("#") else name for name in names]


def at(value: Any, path: str) -> Any:
    for step in steps(path):
        if isinstance(value, dict) and isinstance(step, str):
            value = value.get(step)
        elif isinstance(value, list) and isinstance(step, int) and -len(value) <= step < len(value):
            value = value[step]
        else:
            return None
    return value


def kind(value: Any) -> str:
    kinds = {type(None): "null", bool: "bool", str: "string", list: "array", dict: "object"}
    return kinds.get(type(value), "number")


def merged(value: Any, changes: Any) -> Any:
    if not isinstance(changes, dict):
        return changes
    made = {k: v for k, v in value.items() if k not in changes} if isinstance(value, dict) else {}
    kept = value if isinstance(value, dict) else {}
    order = [*kept, *(key for key in changes if key not in kept)]
    made |= {k: merged(kept.get(k), change) for k, change in changes.items() if change is not None}
    return {key: made[key] for key in order if key in made}


#: RFC 3986, appendix B.
URL = re.compile(
    r"(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?://([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?", re.S
)


def url(number: int) -> Any:
    def part(text: str) -> str | None:
        found = URL.fullmatch(text)
        assert found is not None
        if (found.group(2) or "").count("[") != (found.group(2) or "").count("]"):
            raise conversion_error("no URL")
        made: str | None = found.group(number)
        return made

    return part


def host(text: str) -> str | None:
    authority = url(2)(text)
    if not authority:
        return None
    name = re.sub(r":\d*$", "", authority.rpartition("@")[2])
    return name.strip("[]").lower() or None


def port(text: str) -> int | None:
    found = re.search(r":([^:\]]*)$", url(2)(text) or "")
    if found is None or not found.group(1):
        return None
    if not found.group(1).isdigit() or int(found.group(1)) > 65535:
        raise conversion_error("no port")
    return int(found.group(1))


def params(text: str) -> dict[str, str]:
    from conformance.library.texts import url_decode

    made = {}
    for pair in (url(4)(text) or "").split("&"):
        name, equals, value = pair.partition("=")
        if name or equals:
            made[url_decode(name.replace("+", " "))] = url_decode(value.replace("+", " "))
    return made


def address(text: str) -> tuple[int, int]:
    """The version and the number of an address."""
    plain = text.strip()
    if re.fullmatch(r"(\d{1,3}\.){3}\d{1,3}", plain):
        parts = plain.split(".")
        if all(int(part) < 256 and (part == "0" or part[0] != "0") for part in parts):
            return 4, sum(int(part) << 8 * (3 - i) for i, part in enumerate(parts))
    if re.fullmatch(r"[0-9a-fA-F:]+", plain) and plain.count("::") <= 1 and ":" in plain:
        head, gap, tail = plain.partition("::")
        left, right = [p for p in head.split(":") if p], [p for p in tail.split(":") if p]
        if len(left) + len(right) < 8 if gap else len(left) == 8:
            middle = ["0"] * (8 - len(left) - len(right))
            words = [int(part, 16) for part in [*left, *middle, *right]]
            return 6, sum(word << 16 * (7 - i) for i, word in enumerate(words))
    raise conversion_error("no address")


def ip_in(text: str, network: str) -> bool:
    start, _, size = network.partition("/")
    version, number = address(text)
    other, first = address(start)
    width = 32 if other == 4 else 128
    rest = width - int(size or width)
    if first % 2**rest:
        raise conversion_error("no network")
    return version == other and number >> rest == first >> rest


def is_ip(text: str) -> bool:
    try:
        return bool(address(text))
    except Exception:
        return False


NAMESPACES = {"dns": 0, "url": 1, "oid": 2, "x500": 4}


def uuid5(namespace: Any, name: str) -> uuid.UUID:
    if isinstance(namespace, str) and namespace.lower() in NAMESPACES:
        number = NAMESPACES[namespace.lower()]
        namespace = uuid.UUID(f"6ba7b81{number}-9dad-11d1-80b4-00c04fd430c8")
    try:
        space = namespace if isinstance(namespace, uuid.UUID) else uuid.UUID(namespace)
    except ValueError:
        raise conversion_error("no namespace") from None
    data = hashlib.sha1(space.bytes + name.encode()).digest()[:16]
    return uuid.UUID(bytes=data, version=5)


def to_json(value: Any) -> str:
    from conformance.conversions import text_of

    if isinstance(value, list):
        return "[" + ",".join(map(to_json, value)) + "]"
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(k)}:{to_json(v)}" for k, v in value.items()) + "}"
    if value is None:
        return "null"
    if isinstance(value, bool | int | float | Decimal):
        return text_of(value)
    return json.dumps(text_of(value), ensure_ascii=False)


FUNCTIONS: dict[str, Any] = {
    "list_sum": total,
    "list_avg": mean,
    "list_min": lambda items: next(iter(ordered(known(items))), None),
    "list_max": lambda items: next(iter(ordered(known(items), True)), None),
    "list_sort": ordered,
    "list_distinct": distinct,
    "slice": sliced,
    "list_concat": joined,
    "list_flatten": lambda lists: joined(*known(lists)),
    "compact": known,
    "list_has_any": lambda items, others: bool([1 for item in others if item in items]),
    "list_has_all": lambda items, others: not [1 for item in others if item not in items],
    "list_intersect": lambda items, others: [i for i in distinct(items) if i in others],
    "list_except": lambda items, others: [i for i in distinct(items) if i not in others],
    "join": lambda items, separator: separator.join(known(items)),
    "range": series,
    "keys": lambda entries: [*entries],
    "values": lambda entries: [entries[key] for key in entries],
    "entries": lambda entries: [{"key": key, "value": value} for key, value in entries.items()],
    "map_get": lambda entries, key, default: entries.get(key, default),
    "merge": lambda *maps: {key: value for each in maps for key, value in each.items()},
    "map_remove": lambda entries, *keys: {k: v for k, v in entries.items() if k not in keys},
    "map_from": map_from,
    "json_get": at,
    "json_has": lambda value, key: isinstance(value, dict) and key in value,
    "json_type": kind,
    "json_length": lambda value: len(value) if isinstance(value, list | dict) else None,
    "json_keys": lambda value: [*value] if isinstance(value, dict) else None,
    "json_items": lambda value: value if isinstance(value, list) else None,
    "json_merge": merged,
    "to_json": to_json,
    "url_scheme": lambda text: (url(1)(text) or "").lower() or None,
    "url_host": host,
    "url_port": port,
    "url_path": url(3),
    "url_query": lambda text: url(4)(text) or None,
    "url_fragment": lambda text: url(5)(text) or None,
    "url_param": lambda text, name: params(text).get(name),
    "url_params": params,
    "ip_in": ip_in,
    "ip_version": lambda text: address(text)[0],
    "is_ip": is_ip,
    "uuid5": uuid5,
    "nullif": lambda value, other: None if value == other else value,
    "is_null": lambda value: value is None,
    "is_not_null": lambda value: value is not None,
}
