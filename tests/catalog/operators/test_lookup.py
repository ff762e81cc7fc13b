"""lookup, join and enrich from: what matches, what is said, and what the graph knows."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from flowing import Ran, codes, ran, request

from flowc import compile as road
from flowc.model.diagnostic import Diagnostic
from flowc.model.plan import Read
from flowc.model.types import Nullable, Record
from flowc.types.show import show
from flowc_runtime.engine import RunOptions

FLIGHTS = [
    {"flight": 1, "origin": "JFK", "dest": "IAH", "day": 1},
    {"flight": 2, "origin": "XXX", "dest": "JFK", "day": 1},
    {"flight": 3, "origin": None, "dest": "JFK", "day": 2},
    {"flight": 4, "origin": "IAH", "dest": "", "day": 2},
]
AIRPORTS = "iata,city,height\nJFK,New York,13\nIAH,Houston,\nMIA,Miami,8\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "flights.jsonl").write_text("".join(json.dumps(f) + "\n" for f in FLIGHTS))
    (tmp_path / "airports.csv").write_text(AIRPORTS)
    (tmp_path / "weather.jsonl").write_text(
        '{"at": "JFK", "day": 1, "sky": "rain"}\n'
        '{"at": "JFK", "day": 1, "sky": "sun"}\n'
        '{"at": "JFK", "day": 2, "sky": "snow"}\n'
        '{"at": "IAH", "day": 2, "sky": null}\n'
    )
    return tmp_path


def found(stages: str, folder: Path, **options: object) -> list[object]:
    return ran(f"flights.jsonl | {stages} | out.jsonl", folder, **options).rows  # type: ignore[arg-type]


def findings(text: str, folder: Path, *, strict: bool = False) -> tuple[Diagnostic, ...]:
    return road.check(request(text, folder, strict=strict)).diagnostics


def balanced(got: Ran) -> dict[str, tuple[int, int, str]]:
    assert got.result.exit_code == 0
    assert got.result.accounts.imbalances() == []
    return {name: rest for name, *rest in got.result.accounts.rows()}  # type: ignore[misc]


def test_lookup_keeps_what_join_drops(folder: Path) -> None:
    stage = '"airports.csv key iata" as a on origin == a.iata | select flight, city = a.city'
    kept = found(f"lookup {stage}", folder)
    assert kept == [
        {"flight": 1, "city": "New York"},
        {"flight": 2, "city": None},
        {"flight": 3, "city": None},
        {"flight": 4, "city": "Houston"},
    ]
    assert found(f"join {stage}", folder) == [kept[0], kept[3]]


def test_every_way_to_name_a_table(folder: Path) -> None:
    expected = found('join "airports.csv key iata" as a on origin == a.iata', folder)
    assert len(expected) == 2
    same = [
        'flights.jsonl | join from "airports.csv key iata" as a on origin = a.iata | out.jsonl',
        'flights.jsonl | join "./airports.csv key iata" as a on a.iata == origin | out.jsonl',
        "let t = airports.csv key iata; flights.jsonl | join t as a on origin == a.iata | out.jsonl",
        "let a = airports.csv key iata; flights.jsonl | join a on origin == a.iata | out.jsonl",
        "let t = airports.csv | dedupe by iata; "
        "flights.jsonl | join t as a on origin == a.iata | out.jsonl",
    ]
    for text in same:
        assert ran(text, folder).rows == expected, text
    (folder / "flowc.toml").write_text('[sources]\nports = "airports.csv key iata"\n')
    assert found("join ports as a on origin == a.iata", folder) == expected


@pytest.mark.parametrize(
    "process",
    [
        "join: airports as a on origin == a.iata",
        "join: {table: airports, as: a, on: origin == a.iata}",
        "join: {table: airports.csv key iata, as: a, on: [origin == a.iata]}",
        "{type: join, config: {table: airports, as: a, on: origin == a.iata}}",
        "join: {table: airports.csv, as: a, on: origin == a.iata, first: true}",
        "join: {table: airports.csv, as: a, on: origin == a.iata, first: a.city desc}",
        "join: {table: airports.csv, as: a, on: origin == a.iata, all: true}",
    ],
)
def test_yaml_says_the_same(process: str, folder: Path) -> None:
    expected = found('join "airports.csv key iata" as a on origin == a.iata', folder)
    streams = (
        "streams: {airports: airports.csv key iata}\n" if "airports.csv" not in process else ""
    )
    text = f"{streams}source: flights.jsonl\nprocess:\n  - {process}\nsink: out.jsonl\n"
    assert ran(text, folder, name="p.yaml").rows == expected


def test_several_equalities_and_conditions(folder: Path) -> None:
    stage = 'lookup "weather.jsonl" as w on origin == w.at and day == w.day and w.sky != "rain"'
    assert found(f"{stage} first | select flight, sky = w.sky", folder) == [
        {"flight": 1, "sky": "sun"},
        {"flight": 2, "sky": None},
        {"flight": 3, "sky": None},
        {"flight": 4, "sky": None},
    ]
    assert found(f"{stage} all | filter w != null | select flight", folder) == [{"flight": 1}]
    assert found(
        'join "weather.jsonl" as w on origin == w.at, flight < 9 all | select flight, day = w.day',
        folder,
    ) == [
        {"flight": 1, "day": 1},
        {"flight": 1, "day": 1},
        {"flight": 1, "day": 2},
        {"flight": 4, "day": 2},
    ]


def test_first_in_an_order_and_all(folder: Path) -> None:
    lookup = 'lookup "weather.jsonl" as w on origin == w.at'
    pick = "filter flight == 1 | select sky = w.sky, day = w.day"
    for order, sky in {"": "rain", "w.sky desc": "sun", "day desc": "snow"}.items():
        assert found(f"{lookup} first {order} | {pick}", folder)[0]["sky"] == sky  # type: ignore[index]
    got = ran(f"flights.jsonl | {lookup} all | select flight, sky = w.sky | out.jsonl", folder)
    assert [row["sky"] for row in got.rows] == ["rain", "sun", "snow", None, None, None]
    assert balanced(got)["lookup"] == [8, 6, "4 absorbed, 2 more made"]


def test_keys_are_expressions(folder: Path) -> None:
    stage = 'join "airports.csv" as a on lower(origin) == lower(a.iata) first | select a'
    assert found(stage, folder) == [
        {"a": {"iata": "JFK", "city": "New York", "height": 13}},
        {"a": {"iata": "IAH", "city": "Houston", "height": None}},
    ]


def test_a_key_that_cannot_be_computed_is_a_dead_letter_of_either_side(folder: Path) -> None:
    stage = 'join "airports.csv" as a on int(origin) == height first'
    assert "FC0411" in codes(f"flights.jsonl | {stage} | out.jsonl", folder)
    got = ran(
        'flights.jsonl | join "airports.csv" as a on int(origin) == a.height first | out.jsonl',
        folder,
    )
    assert got.result.dead_letters == 3
    got = ran(
        'flights.jsonl | join "airports.csv" as a on day == int(a.city) first | out.jsonl', folder
    )
    assert got.result.dead_letters == 3
    assert balanced(got)["join"][:2] == [7, 0]


def test_enrich_adds_fields(folder: Path) -> None:
    got = found('enrich from "airports.csv key iata" on dest == iata | drop origin, day', folder)
    assert got[0] == {"flight": 1, "dest": "IAH", "iata": "IAH", "city": "Houston", "height": None}
    assert got[3] == {"flight": 4, "dest": "", "iata": None, "city": None, "height": None}
    (folder / "days.csv").write_text("day,name\n1,Mon\n")
    rows = found('enrich from "days.csv key day" on day | select flight, name', folder)
    assert [row["name"] for row in rows] == ["Mon", "Mon", None, None]  # type: ignore[index]


def test_enrich_says_what_clashes(folder: Path) -> None:
    (folder / "days.csv").write_text("day,flight\n1,7\n")
    text = 'flights.jsonl | enrich from "days.csv key day" on day | out.jsonl'
    (finding,) = findings(text, folder)
    assert finding.code.id == "FC0418"
    assert "'flight'" in finding.message
    assert "ambiguous" not in finding.message
    assert codes(
        'flights.jsonl | enrich from "days.csv key day" on flight == day | out.jsonl', folder
    )


def test_a_match_that_was_tested_is_not_null(folder: Path) -> None:
    text = (
        'flights.jsonl | lookup "airports.csv key iata" as a on origin == a.iata'
        " | filter a != null | set n = length(a.city) | out.jsonl"
    )
    checked = road.check(request(text, folder, strict=True))
    assert checked.ok
    types = checked.typed[0].types
    before, after = (types[id].ports["out"].field("a") for id in ("lookup", "filter"))
    assert before is not None
    assert after is not None
    assert isinstance(before.type, Nullable)
    assert isinstance(after.type, Record)
    made = types["set"].ports["out"].field("n")
    assert made is not None
    assert show(made.type) == "int"


def test_only_what_is_used_of_a_table_is_read(folder: Path) -> None:
    text = (
        'flights.jsonl | lookup "airports.csv key iata" as a on origin == a.iata'
        " | set b = a.city | select flight, b | out.jsonl"
    )
    typed = road.check(request(text, folder)).typed[0]
    assert typed.types["airports"].used == {("iata",), ("city",)}
    assert typed.types["flights"].used == {("flight",), ("origin",)}
    whole = text.replace("select flight, b", "select a")
    typed = road.check(request(whole, folder)).typed[0]
    assert typed.types["airports"].used == {("iata",), ("city",), ("height",)}


def test_facts(folder: Path) -> None:
    text = "flights.jsonl key flight | {stage} | out.jsonl"
    stage = 'lookup "airports.csv key iata" as a on origin == a.iata'
    typed = road.check(request(text.format(stage=stage), folder)).typed[0]
    assert typed.types["lookup"].facts == typed.types["flights"].facts
    assert [str(h) for h in typed.types["lookup"].held] == ["as many records as airports.csv has"]
    typed = road.check(request(text.format(stage=f"{stage} all"), folder)).typed[0]
    assert typed.types["lookup"].facts.keys == frozenset()


def test_a_stream_may_be_a_table_and_a_source(folder: Path) -> None:
    text = (
        "let flights = flights.jsonl\n"
        "let counts = flights | aggregate n = count() by day\n"
        "flights | join counts as c on day == c.day | select flight, n = c.n | out.jsonl\n"
    )
    got = ran(text, folder, name="p.flow")
    assert got.rows == [{"flight": number, "n": 2} for number in (1, 2, 3, 4)]
    books = balanced(got)
    assert books["flights"][:2] == [4, 4]
    assert books["join"] == [6, 4, "2 absorbed"]
    held = road.check(request(text, folder, name="p.flow")).typed[0].types["join"].held
    assert [str(one) for one in held] == [
        "as many records as counts has",
        "the records that come before counts is whole",
    ]


def test_tables_of_tables_are_read_in_their_order(folder: Path) -> None:
    (folder / "names.csv").write_text("city,name\nNew York,big\n")
    text = (
        "let names = names.csv key city\n"
        "let ports = airports.csv key iata | lookup names as n on city\n"
        "flights.jsonl\n"
        "  | lookup ports as o on origin == o.iata\n"
        "  | lookup ports as d on dest == d.iata\n"
        "  | select flight, o = o.n.name, d = d.city | out.jsonl\n"
    )
    assert ran(text, folder, name="p.flow").rows == [
        {"flight": 1, "o": "big", "d": "Houston"},
        {"flight": 2, "o": None, "d": "New York"},
        {"flight": 3, "o": None, "d": "New York"},
        {"flight": 4, "o": None, "d": None},
    ]


def test_streams_that_are_tables_of_each_other(folder: Path) -> None:
    (folder / "b.jsonl").write_text('{"k": 1, "b": "x"}\n{"k": 2, "b": "y"}\n')
    (folder / "a.jsonl").write_text('{"k": 2, "a": "p"}\n{"k": 3, "a": "q"}\n')
    text = (
        "let a = a.jsonl key k\nlet b = b.jsonl key k\n"
        "let left = a | lookup b as m on k | select k, here = a, there = m.b\n"
        "let right = b | lookup a as m on k | select k, here = b, there = m.a\n"
        "{ left, right } | sort k, here | out.jsonl\n"
    )
    got = ran(text, folder, name="p.flow")
    assert [(row["k"], row["here"], row["there"]) for row in got.rows] == [
        (1, "x", None),
        (2, "p", "y"),
        (2, "y", "p"),
        (3, "q", None),
    ]
    balanced(got)


def test_sort_and_aggregate_around_a_join_that_waits(folder: Path) -> None:
    text = (
        "let flights = flights.jsonl\n"
        "let counts = flights | sort flight desc | aggregate n = count(), last = last(flight) by day\n"
        "flights | sort flight desc | join counts as c on day == c.day"
        " | aggregate total = sum(c.n), first = first(flight) by last = c.last | out.jsonl\n"
    )
    assert ran(text, folder, name="p.flow").rows == [
        {"last": 3, "total": 4, "first": 4},
        {"last": 1, "total": 4, "first": 2},
    ]


def test_a_limit_on_what_is_read_leaves_tables_whole(folder: Path) -> None:
    text = 'flights.jsonl | join "airports.csv key iata" as a on dest == a.iata | out.jsonl'
    got = ran(text, folder, options=RunOptions(limit=2))
    assert [row["flight"] for row in got.rows] == [1, 2]
    assert balanced(got)["airports"][0] == 3


def test_a_key_that_is_not_unique_ends_the_run(folder: Path) -> None:
    text = 'flights.jsonl | lookup "weather.jsonl key at" as w on origin == w.at | out.jsonl'
    got = ran(text, folder)
    assert got.result.exit_code == 1
    assert got.result.diagnosis is not None
    assert got.result.diagnosis.code == "FC0817"
    assert "at 'JFK'" in got.result.diagnosis.message
    assert not (folder / "out.jsonl").exists()


@pytest.mark.parametrize(
    ("behind", "whole"),
    [
        ("", True),
        (" | rename b = a", True),
        (" | select flight, b = a", True),
        (" | drop a", False),
        (" | select flight, a = a.city", False),
        (" | set a = 1", False),
    ],
)
def test_unseen_fields_of_a_table_that_reach_a_sink_are_errors(
    behind: str, whole: bool, folder: Path
) -> None:
    text = f'flights.jsonl | lookup "airports.csv key iata" as a on origin == a.iata{behind}'
    (plan,) = road.emit(request(f"{text} | out.jsonl", folder), formatted=False).plans
    read = plan.block("airports").body
    assert isinstance(read, Read)
    assert read.decode.whole is whole


@pytest.mark.parametrize(
    ("stage", "expected"),
    [
        ('lookup "airports.csv" as a on origin == a.iata', ["FC0415"]),
        ('lookup "airports.csv key city" as a on origin == a.iata', ["FC0415"]),
        ('lookup "airports.csv key iata" as a on lower(origin) == lower(a.iata)', ["FC0415"]),
        ('lookup "airports.csv key iata" as a on origin == ports.iata', ["FC0411"]),
        ('lookup "airports.csv key iata" as a on origin == airports.iata', ["FC0411"]),
        ('lookup "airports.csv key iata" as a on origin == iata', ["FC0411"]),
        ('lookup "airports.csv key iata" as a on orgin == a.iata', ["FC0411"]),
        ('lookup "airports.csv key iata" as a on origin', ["FC0411"]),
        ('lookup "airports.csv key iata" as a on nothing', ["FC0411"]),
        ('lookup "airports.csv key iata" as a on origin == a.nothing', ["FC0302"]),
        ('lookup "airports.csv key iata" as a on flight == a.iata', ["FC0412"]),
        ('lookup "airports.csv key iata" as a on origin > a.iata', ["FC0414"]),
        ('lookup "airports.csv key iata" as a on origin == "JFK"', ["FC0414"]),
        ('lookup "airports.csv key iata" as a on origin == a.iata or flight == 1', ["FC0414"]),
        ('lookup "airports.csv key iata" as a on a.iata', ["FC0414"]),
        ('lookup "airports.csv key iata" as origin on dest == origin.iata', ["FC0364"]),
        ('lookup "airports.csv" as a on origin == a.iata first all', ["FC0416"]),
        ('lookup "airports.csv" as a on origin == a.iata and day', ["FC0411"]),
        ("lookup airports.csv as a on origin == a.iata", ["FC0224"]),
        ('lookup "airports.csv key iata" as a', ["FC0220"]),
        ("lookup on origin == a.iata", ["FC0220"]),
        ('lookup "nothing.csv" as a on origin == a.iata first', ["FC0720"]),
        ("lookup airprots as a on origin == a.iata", ["FC0203"]),
        ('join "airports.csv key iata" as a using origin', ["FC0202"]),
        ('left-join "airports.csv key iata" as a on origin == a.iata', ["FC0202"]),
        ('left join "airports.csv key iata" a on origin = a.iata', ["FC0202"]),
        ('join "airports.csv key iata" as a on flights.origin == a.iata', ["FC0411"]),
        ('join "airports.csv key iata" on origin == a.iata', ["FC0411"]),
        ('lookup "-?endless=true as {iata: string}" as a on origin == a.iata', ["FC0399"]),
        ('enrich from "airports.csv key iata" on dest == nothing', ["FC0411"]),
        ('enrich from "airports.csv key iata"', ["FC0419"]),
        ("enrich n = day on origin", ["FC0419"]),
    ],
)
def test_what_is_said(stage: str, expected: list[str], folder: Path) -> None:
    assert codes(f"flights.jsonl | {stage} | out.jsonl", folder) == expected


def test_fixes_make_it_valid(folder: Path) -> None:
    for stage in (
        'lookup "airports.csv" as a on origin == a.iata',
        "lookup from airports.csv as a on origin == a.iata",
        'lookup "airports.csv key iata" as a on origin == airports.iata',
        'lookup "airports.csv key iata" as a on origin == iata',
        'lookup "airports.csv key iata" as a on flight == a.iata',
        'lookup "airports.csv key iata" on flights.origin == airports.iata',
        'lookup "airports.csv key iata" on origin == a.iata',
        'inner join "airports.csv key iata" a on origin = a.iata',
        'join "airports.csv key iata" as iata using origin == iata.iata',
    ):
        text = f"flights.jsonl | {stage} | out.jsonl"
        (finding,) = findings(text, folder)
        assert finding.fixes, stage
        for fix in finding.fixes:
            fixed = text
            for edit in sorted(fix.edits, key=lambda edit: -edit.span.start):
                fixed = fixed[: edit.span.start] + edit.text + fixed[edit.span.end :]
            assert codes(fixed, folder) == [], fixed


def test_an_unknown_stream_is_an_unknown_source(folder: Path) -> None:
    text = (
        "let airports = airports.csv key iata; "
        "flights.jsonl | lookup airprots as a on origin == a.iata | out.jsonl"
    )
    (finding,) = (one for one in findings(text, folder) if one.is_error)
    assert finding.code.id == "FC0203"
    assert finding.at == "did you mean 'airports'?"


def test_whether_a_table_ends_may_be_known_only_at_the_run(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIVE", "true")
    table = '"-?endless=${LIVE} as {iata: string} key iata"'
    got = ran(f"flights.jsonl | lookup {table} as a on origin == a.iata | out.jsonl", folder)
    assert got.result.exit_code == 1
    assert got.result.diagnosis is not None
    assert got.result.diagnosis.code == "FC0818"


def test_odd_names_and_absent_fields(folder: Path) -> None:
    (folder / "t.jsonl").write_text(
        '{"the key": "JFK", "odd-name": 1, "opt": 5}\n{"the key": "JFK", "odd-name": 2}\n'
    )
    stage = 'lookup "t.jsonl" as `odd a` on origin == `odd a`.`the key` first {} | select `odd a`'
    one = {"the key": "JFK", "odd-name": 1, "opt": 5}
    assert found(stage.format("`odd a`.opt desc"), folder)[0] == {"odd a": one}
    other = {"the key": "JFK", "odd-name": 2}
    assert found(stage.format("opt nulls first"), folder)[0] == {"odd a": other}


def test_an_endless_stream_looks_up(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (
        '"-?endless=true" as {{origin: string, n: int}}'
        ' | lookup "airports.csv key iata" as a on origin == a.iata{} | out.jsonl'
    )
    assert codes(text.format(""), folder, strict=True) == []
    typed = road.check(request(text.format(" and 10 // n > 0"), folder)).typed[0]
    assert str(typed.types["lookup"].held[0]) == "as many records as airports.csv has"


def test_a_condition_that_fails_is_a_dead_letter(folder: Path) -> None:
    got = ran(
        'flights.jsonl | lookup "airports.csv key iata" as a on origin == a.iata'
        " and 8 // (flight - 1) > 0 | select flight, city = a.city | out.jsonl",
        folder,
    )
    assert [letter["node"] for letter in got.dead] == ["lookup"]
    assert [row["flight"] for row in got.rows] == [2, 3, 4]
    balanced(got)
