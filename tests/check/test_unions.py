"""Tagged unions through whole pipelines: declared, narrowed, computed with, written back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from flowing import codes, lines, ran, request

from flowc import compile as road

ROOT = "union<kind: card = {id: int, amount: int, number: string}, cash = {id: int, amount: int, till: int?}>"
NEST = (
    "{id: int, pay: union<kind: card = {amount: int, number: string},"
    " cash = {amount: int, till: int}>?}"
)
PAYMENTS = [
    {"kind": "card", "id": 1, "amount": 10, "number": "4111"},
    {"kind": "cash", "id": 2, "amount": 5, "till": 3},
    {"kind": "cash", "id": 3, "amount": 7, "till": None},
]
ORDERS = [
    {"id": 1, "pay": {"kind": "card", "amount": 10, "number": "4111"}},
    {"id": 2, "pay": {"kind": "cash", "amount": 5, "till": 3}},
    {"id": 3, "pay": None},
]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name, rows in (("payments", PAYMENTS), ("orders", ORDERS)):
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return tmp_path


def payments(stages: str, folder: Path) -> list[object]:
    return ran(f"payments.jsonl as {ROOT} | {stages} | out.jsonl", folder).rows


def orders(stages: str, folder: Path) -> list[object]:
    return ran(f"orders.jsonl as {NEST} | {stages} | out.jsonl", folder).rows


def messages(text: str, folder: Path) -> list[str]:
    found = road.check(request(text, folder)).diagnostics
    return [" ".join((d.message, d.at, *d.notes)) for d in found]


def test_the_records_of_a_source_may_be_members(folder: Path) -> None:
    assert payments("filter amount > 0", folder) == PAYMENTS
    assert payments("sort amount desc | limit 2", folder) == [PAYMENTS[0], PAYMENTS[2]]
    assert payments("dedupe by kind keep last", folder) == [PAYMENTS[0], PAYMENTS[2]]


@pytest.mark.parametrize(
    "test",
    [
        "kind == 'cash'",
        "'cash' == kind",
        "kind != 'card'",
        "not (kind == 'card')",
        "kind in ('cash')",
        "not (kind in ('card')) and amount > 0",
        "kind is 'cash' and amount > 0",
    ],
)
def test_a_test_of_the_tag_makes_the_members_fields_reachable(test: str, folder: Path) -> None:
    rows = payments(f"filter {test} | set next = (till ?? 0) + 1 | select id, next", folder)
    assert rows == [{"id": 2, "next": 4}, {"id": 3, "next": 1}]


def test_branches_know_what_earlier_ones_took(folder: Path) -> None:
    rows = payments(
        "route { kind == 'card': set to = number; else: set to = string(till) }", folder
    )
    assert [row["to"] for row in rows] == ["4111", "3", None]  # type: ignore[index]
    rows = orders(
        "route { pay.kind == 'card': select id, to = pay.number;"
        " pay is not null: select id, to = string(pay.till); else: select id, to = 'none' }",
        folder,
    )
    assert rows == [{"id": 1, "to": "4111"}, {"id": 2, "to": "3"}, {"id": 3, "to": "none"}]


def test_a_field_of_some_members_needs_a_test(folder: Path) -> None:
    (found,) = messages(f"payments.jsonl as {ROOT} | set x = till | out.jsonl", folder)
    assert 'only "cash"' in found
    assert 'filter kind == "cash"' in found
    (found,) = messages(f"payments.jsonl as {ROOT} | set x = tlil | out.jsonl", folder)
    assert "did you mean `till`" in found


def test_an_unknown_tag_is_an_error_that_proposes_one(folder: Path) -> None:
    (found,) = messages(f"orders.jsonl as {NEST} | filter pay.kind == 'crad' | out.jsonl", folder)
    assert 'did you mean "card"' in found
    (folder / "orders.jsonl").write_text('{"id": 1, "pay": {"kind": "cheque", "amount": 1}}\n')
    got = ran(f"orders.jsonl as {NEST} | out.jsonl", folder)
    assert not got.rows
    assert got.dead[0]["error"] == "ValidationError"
    assert "cheque" in got.dead[0]["message"]


def test_what_a_stage_does_not_name_of_a_member_goes_on(folder: Path) -> None:
    rows = payments("set fee = amount * 2 | rename total = amount", folder)
    assert rows == [
        {"kind": "card", "id": 1, "number": "4111", "total": 10, "fee": 20},
        {"kind": "cash", "id": 2, "till": 3, "total": 5, "fee": 10},
        {"kind": "cash", "id": 3, "till": None, "total": 7, "fee": 14},
    ]
    assert payments("drop amount | filter kind == 'card' | select number", folder) == [
        {"number": "4111"}
    ]


def test_the_tag_is_a_column_like_any_other(folder: Path) -> None:
    rows = payments("aggregate n = count(), total = sum(amount) by kind", folder)
    assert rows == [{"kind": "card", "n": 1, "total": 10}, {"kind": "cash", "n": 2, "total": 12}]
    rows = orders("filter pay is not null | select id, pay.kind, up = upper(pay.kind)", folder)
    assert rows == [
        {"id": 1, "kind": "card", "up": "CARD"},
        {"id": 2, "kind": "cash", "up": "CASH"},
    ]


def test_flatten_makes_room_for_every_member(folder: Path) -> None:
    rows = orders("flatten pay", folder)
    names = ("id", "pay_kind", "pay_amount", "pay_number", "pay_till")
    assert [tuple(row.values()) for row in rows] == [  # type: ignore[attr-defined]
        (1, "card", 10, "4111", None),
        (2, "cash", 5, None, 3),
        (3, None, None, None, None),
    ]
    assert tuple(rows[0]) == names  # type: ignore[arg-type]


def test_null_tests_narrow_inside_members(folder: Path) -> None:
    rows = payments("filter kind == 'cash' and till != null | set x = till + 1", folder)
    assert [row["x"] for row in rows] == [4]  # type: ignore[index]


def test_rows_of_one_shape_take_one_member(folder: Path) -> None:
    assert codes(f"payments.jsonl as {ROOT} | out.csv", folder) == ["FC0395"]
    assert codes(f"payments.jsonl as {ROOT} | sqlite://o.db/t", folder) == ["FC0395"]
    assert codes(f"in.csv as {ROOT} | out.jsonl", folder) == ["FC0395"]
    ran(f"payments.jsonl as {ROOT} | filter kind == 'card' | out.csv", folder)
    assert (folder / "out.csv").read_text() == "kind,id,amount,number\ncard,1,10,4111\n"


def test_a_table_keeps_a_union_as_json_and_gives_it_back(folder: Path) -> None:
    ran(f"orders.jsonl as {NEST} | sqlite://o.db/t", folder)
    assert ran(f"sqlite://o.db/t as {NEST} | out.jsonl", folder).rows == ORDERS


def test_named_types_are_known_wherever_they_stand(folder: Path) -> None:
    (folder / "flowc.toml").write_text("")
    (folder / "schemas").mkdir()
    (folder / "schemas" / "p.schema.yaml").write_text(
        "types:\n"
        "  Card: {amount: int, number: string}\n"
        "  Cash: {amount: int, till: int}\n"
        '  Payment: "union<kind: card = Card, cash = Cash>"\n'
        '  Tree: "union<t: leaf = {v: int}, node = {left: Tree, right: Tree?}>"\n'
        "  Order: {id: int, pay: Payment?, tree?: Tree}\n"
    )
    text = "orders.jsonl as Order | flatten pay | select id, pay_till | out.jsonl"
    assert [row["pay_till"] for row in ran(text, folder).rows] == [None, 3, None]
    tree = {"t": "node", "left": {"t": "leaf", "v": 1}, "right": None}
    (folder / "orders.jsonl").write_text(json.dumps({"id": 1, "pay": None, "tree": tree}) + "\n")
    text = "orders.jsonl as Order | filter tree.t == 'node' | set l = tree.left.t | out.jsonl"
    assert ran(text, folder).rows == [{"id": 1, "pay": None, "tree": tree, "l": "leaf"}]


def test_streams_of_members_are_merged_into_their_union(folder: Path) -> None:
    text = (
        f"payments.jsonl as {ROOT} | route {{ kind == 'card': set fee = 1; else: set fee = 0 }}"
        " | sort id | out.jsonl"
    )
    ran(text, folder)
    assert [(row["kind"], row["fee"]) for row in lines(folder / "out.jsonl")] == [
        ("card", 1),
        ("cash", 0),
        ("cash", 0),
    ]


def test_an_enum_compares_with_its_values_alone(folder: Path) -> None:
    (folder / "e.csv").write_text("id,s\n1,open\n2,done\n")
    text = 'e.csv as {id: int, s: enum("open", "done")} | filter s == "opne" | out.jsonl'
    (found,) = messages(text, folder)
    assert 'did you mean "open"' in found
    text = 'e.csv as {id: int, s: enum("open", "done")} | aggregate n = count() by s | out.jsonl'
    assert ran(text, folder).rows == [{"s": "open", "n": 1}, {"s": "done", "n": 1}]


def test_json_inside_members_is_not_silent(folder: Path) -> None:
    text = (
        "payments.jsonl as union<kind: card = {id: int, more?: json}, cash = {id: int}> | out.jsonl"
    )
    assert codes(text, folder, strict=True) == ["FC0402"]
    text = "orders.jsonl as {id: int, pay: union<kind: card = {x?: json}, cash = {till: int}>?}"
    assert codes(f"{text} | out.jsonl", folder, strict=True) == ["FC0402"]


@pytest.mark.parametrize(
    ("type", "code"),
    [
        ("union<kind: card = int>", "FC0397"),
        ("union<kind: card = {kind: int}>", "FC0397"),
        ('union<kind: card = {kind: enum("cash")}>', "FC0397"),
        ("{pay: list<union<kind: card = string>>}", "FC0397"),
        ("union<kind: card = {id: int, ...}>", "FC0454"),
        ("{pay: union<kind: card = {id: int, ...}>}", "FC0454"),
        ("{pay: list<{id: int, ...}?>}", "FC0454"),
    ],
)
def test_members_are_closed_records_with_a_tag(type: str, code: str, folder: Path) -> None:
    assert codes(f"payments.jsonl as {type} | out.jsonl", folder) == [code]


def test_a_member_may_name_its_tag(folder: Path) -> None:
    type = (
        'union<kind: card = {kind: string, id: int}, cash = {id: int, kind: enum("cash", "card")}>'
    )
    rows = ran(f"payments.jsonl as {type} | filter kind == 'cash' | out.jsonl", folder).rows
    assert rows == [{"kind": "cash", "id": 2}, {"kind": "cash", "id": 3}]
