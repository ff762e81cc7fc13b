"""``parse`` and ``format``: types, null and absence, dead letters, and what they refuse."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from flowing import codes, ran, request

from flowc import compile as road
from flowc.types.show import show

TYPE = "{user: string, n: int, l: list<{k: int}>, at: timestamp, p?: decimal(4, 1)}"
BODIES = [
    '{"user":"ada","n":3,"l":[{"k":1},{"k":2}],"at":"2024-01-01T10:00:00.1234569+02:00","x":0}',
    '{"user":"bob","n":4,"l":[],"at":"2024-01-01T10:00:00Z","p":2.5}',
    None,
]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    give(tmp_path, BODIES)


def give(folder: Path, bodies: list[str | None]) -> None:
    lines = [json.dumps({"id": n, "body": body}) for n, body in enumerate(bodies)]
    (folder / "in.jsonl").write_text("\n".join(lines))


def test_a_text_is_read_as_a_source_reads_it(tmp_path: Path) -> None:
    got = ran(f"in.jsonl | parse body as json {TYPE} | out.jsonl", tmp_path)
    at = "2024-01-01T08:00:00.123456Z"
    assert [row["body"] for row in got.rows] == [
        {"user": "ada", "n": 3, "l": [{"k": 1}, {"k": 2}], "at": at},
        {"user": "bob", "n": 4, "l": [], "at": "2024-01-01T10:00:00Z", "p": 2.5},
        None,
    ]


@pytest.mark.parametrize(
    "pattern", [r"^(?<level>[[:upper:]]+) (?<rest>\d+)$", r".*(?<level>[[:upper:]]+).*(?<rest>\d+)"]
)
def test_messages_show_the_pattern_as_it_was_written(pattern: str, tmp_path: Path) -> None:
    give(tmp_path, ["x"])
    got = ran(f'in.jsonl | parse body as regex r"{pattern}" | out.jsonl', tmp_path)
    assert got.dead[0]["message"] == f"'x' does not match `{pattern}`"


def test_the_type_is_known_behind(tmp_path: Path) -> None:
    chain = f"in.jsonl | parse body as json {TYPE} | out.jsonl"
    checked = road.check(request(chain, tmp_path))
    types = checked.typed[0].types["parse"]
    assert show(types.ports["out"]) == f"{{id: int, body: {TYPE}?}}"
    assert types.errors == {"ConversionError"}


def test_parsed_records_are_used_in_part(tmp_path: Path) -> None:
    chain = f"in.jsonl | parse body as json {TYPE} | explode body.l as one | select id, one.k"
    assert ran(f"{chain} | out.jsonl", tmp_path).rows == [{"id": 0, "k": 1}, {"id": 0, "k": 2}]


def test_a_parsed_field_inside_a_record(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text('{"r":{"a":"[1,2]","z":1}}\n{"r":{"a":"[]","z":2}}\n')
    got = ran("in.jsonl | parse r.a as json list<int> | out.jsonl", tmp_path)
    assert got.rows == [{"r": {"a": [1, 2], "z": 1}}, {"r": {"a": [], "z": 2}}]


@pytest.mark.parametrize(
    ("type", "body"),
    [
        ("{a: int}", '{"a":"1"}'),
        ("{a: int}", "{}"),
        ("{a: int}", "null"),
        ("{a: int}", '{"a":9223372036854775808}'),
        ("{a: decimal(3, 1)}", '{"a":1.25}'),
        ("{a: timestamp}", '{"a":"yesterday"}'),
        ('{a: enum("x")}', '{"a":"y"}'),
        ("list<int>", "[1,"),
        ("", "{'a': 1}"),
        ("", ""),
    ],
)
def test_a_text_that_does_not_hold_it_is_dead(type: str, body: str, tmp_path: Path) -> None:
    give(tmp_path, [body])
    got = ran(
        f"in.jsonl as {{id: int, body: string}} | parse body as json {type} | out.jsonl", tmp_path
    )
    assert got.rows == []
    assert [(letter["node"], letter["error"]) for letter in got.dead] == [
        ("parse", "ConversionError")
    ]


def test_a_type_that_may_be_null_takes_null(tmp_path: Path) -> None:
    give(tmp_path, ["null", '{"a":1}'])
    got = ran("in.jsonl | parse body as json {a: int}? | out.jsonl", tmp_path)
    assert [row["body"] for row in got.rows] == [None, {"a": 1}]


def test_format_leaves_out_what_is_absent_and_keeps_null(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text('{"r":{"a":1},"s":null}\n{"r":{"a":2,"b":"ü"},"s":[1.5]}\n')
    source = "in.jsonl as {r: {a: int, b?: string}, s: list<float>?, t?: int}"
    got = ran(f"{source} | format r as json, s as json, t as json | out.jsonl", tmp_path)
    assert got.rows == [
        {"r": '{"a":1}', "s": None, "t": None},
        {"r": '{"a":2,"b":"ü"}', "s": "[1.5]", "t": None},
    ]
    got = ran(f"{source} | format row as json | out.jsonl", tmp_path)
    assert got.rows == [
        {"text": '{"r":{"a":1},"s":null}'},
        {"text": '{"r":{"a":2,"b":"ü"},"s":[1.5]}'},
    ]


def test_a_field_that_is_called_row(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text('{"row":[1]}\n')
    assert ran("in.jsonl | format `row` as json | out.jsonl", tmp_path).rows == [{"row": "[1]"}]


def test_there_and_back(tmp_path: Path) -> None:
    chain = f"in.jsonl | parse body as json {TYPE} | format body as json"
    once = ran(f"{chain} | out.jsonl", tmp_path).rows
    twice = ran(f"{chain} | parse body as json {TYPE} | format body as json | out.jsonl", tmp_path)
    assert twice.rows == once


def test_the_other_fields_of_a_record_keep_their_absence(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text('{"c":{"z":1}}\n{"c":{"n":"q","z":1}}\n')
    got = ran("in.jsonl as {c: {n?: string, z: int}} | set c.z = 2 | out.jsonl", tmp_path)
    assert got.rows == [{"c": {"z": 2}}, {"c": {"n": "q", "z": 2}}]


@pytest.mark.parametrize("stage", ["parse: body as json", "parse: {fields: body as json}"])
def test_yaml(stage: str, tmp_path: Path) -> None:
    text = f"source: in.jsonl\nprocess: [{{{stage}}}, format row as json]\nsink: out.jsonl\n"
    rows = ran(text, tmp_path, name="p.yaml").rows
    assert rows[2] == {"text": '{"id":2,"body":null}'}


@pytest.mark.parametrize(
    ("stage", "expected"),
    [
        ("parse id as json", ["FC0378"]),
        ("parse j as json", ["FC0378"]),
        ("parse body as xml", ["FC0379"]),
        ("format body as xml", ["FC0379"]),
        ('parse body as json "x"', ["FC0329"]),
        ("parse body as json {a: {b: int, ...}}", ["FC0329"]),
        ("format body as json int", ["FC0329"]),
        ("format row as json, body as json", ["FC0329"]),
        ("parse body as json Nope", ["FC0351"]),
        ("parse body", ["FC0224"]),
        ("format x = body", ["FC0224"]),
        ("parse body as json, body as json", ["FC0331"]),
        ("format nope as json", ["FC0302"]),
    ],
)
def test_refused(stage: str, expected: list[str], tmp_path: Path) -> None:
    source = "in.jsonl as {id: int, body: string?, j: json}"
    assert codes(f"{source} | {stage} | out.jsonl", tmp_path) == expected


def test_an_absent_field_that_would_be_settled(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text('{"b":"{\\"n\\":1}","n":2}\n')
    inner = "p?: decimal(4, 1), q?: uint64, at?: timestamp"
    got = ran(
        f"in.jsonl as {{b: string, {inner}}} | parse b as json {{n: int, {inner}}} | out.jsonl",
        tmp_path,
    )
    assert got.rows == [{"b": {"n": 1}}]
