"""Types, facts and usage through whole pipelines."""

from __future__ import annotations

from pathlib import Path

import pytest
from flowing import codes, ran, request

from flowc import compile as road
from flowc.lower.passes.push_down import push_down
from flowc.lower.planner import PASSES, plan
from flowc.model.effects import Truth
from flowc.model.graph import TypedPipeline
from flowc.model.plan import Pure, Read
from flowc.types.show import show

ORDERS = (
    '{"id": 1, "amount": 250.0, "customer": {"name": "ada", "city": "Bonn"}, "note": null}\n'
    '{"id": 2, "amount": 40.0, "customer": {"name": "bob", "city": "Ulm"}, "note": "x"}\n'
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "orders.jsonl").write_text(ORDERS)
    return tmp_path


def typed(text: str, folder: Path) -> TypedPipeline:
    checked = road.check(request(text, folder))
    assert checked.ok, [d.message for d in checked.diagnostics]
    return checked.typed[0]


def row(text: str, folder: Path) -> str:
    """The record type that reaches the sink."""
    found = typed(text, folder)
    known = found.types[found.pipeline.nodes[-1].id]
    assert known.row is not None
    return show(known.row)


def used(text: str, folder: Path) -> set[str]:
    return {".".join(path) for path in typed(text, folder).types["orders"].used}


@pytest.mark.parametrize(
    ("stages", "expected"),
    [
        ("select id, amount", "{id: int, amount: float}"),
        ("select customer.city, n = id + 1", "{city: string, n: int}"),
        ("select id | set id = id / 2", "{id: float}"),
        ("select note | filter note != null", "{note: string}"),
        ("select note | set note = note ?? ''", "{note: string}"),
        ("select id, customer | drop customer.name", "{id: int, customer: {city: string}}"),
        ("select id | rename key = id", "{key: int}"),
        ("select id | rename id as key", "{key: int}"),
        ("select id | cast id as string", "{id: string}"),
        ("select id | set a.b = id", "{id: int, a: {b: int}}"),
        (
            "select customer | set customer.zip = 1",
            "{customer: {name: string, city: string, zip: int}}",
        ),
        ("select note | set long = note > 'a'", "{note: string?, long: bool?}"),
    ],
)
def test_rows(stages: str, expected: str, folder: Path) -> None:
    assert row(f"orders.jsonl | {stages} | out.jsonl", folder) == expected


@pytest.mark.parametrize(
    ("stages", "expected"),
    [
        ("select id", {"id"}),
        ("filter amount > 1 | select id", {"id", "amount"}),
        ("select customer.city", {"customer.city"}),
        ("set x = amount * 2 | drop x | select id", {"id", "amount"}),
        ("drop note | select id, amount", {"id", "amount"}),
        ("rename key = id | select key", {"id"}),
        ("rename c = customer | select c.name", {"customer.name"}),
        ("set amount = 1 | select amount", set()),
        # The record is made anew, so what stays of it is read.
        ("set customer.name = 'x' | select customer.name", {"customer.city"}),
        (
            "route { amount > 1: select id | a.jsonl; else: select note | b.jsonl }",
            {"id", "amount", "note"},
        ),
    ],
)
def test_used_fields_are_those_of_the_unoptimised_graph(
    stages: str, expected: set[str], folder: Path
) -> None:
    end = "" if stages.startswith("route") else " | out.jsonl"
    assert used(f"orders.jsonl | {stages}{end}", folder) == expected


def test_a_route_narrows_its_branches(folder: Path) -> None:
    found = typed(
        "orders.jsonl | select note | route { note is null: a.jsonl; else: b.jsonl }", folder
    )
    assert show(found.types["a"].row or found.types["b"].row) == "{note: string?}"  # type: ignore[arg-type]
    assert found.types["b"].row is not None
    assert show(found.types["b"].row) == "{note: string}"


def test_limit_is_bounded_and_keys_survive_what_leaves_them_alone(folder: Path) -> None:
    found = typed(
        "orders.jsonl as {id: int, amount: float} key id | filter amount > 1 | limit 1 | out.jsonl",
        folder,
    )
    facts = found.types["limit"].facts
    assert facts.bounded is Truth.YES
    assert facts.keys == {("id",)}
    renamed = typed(
        "orders.jsonl as {id: int, amount: float} key id | rename k = id | out.jsonl", folder
    )
    assert renamed.types["rename"].facts.keys == {("k",)}
    gone = typed("orders.jsonl as {id: int, amount: float} key id | set id = 1 | out.jsonl", folder)
    assert gone.types["set"].facts.keys == frozenset()


@pytest.mark.parametrize(
    ("stages", "code"),
    [
        ("select id, id", "FC0331"),
        ("select id, amount as id", "FC0331"),
        ("set note.x = 1", "FC0333"),
        ("drop id, amount, customer, note", "FC0334"),
        ("select note, id | drop note.x", "FC0314"),
        ("rename id = key", "FC0336"),
        ("rename a.b = id", "FC0337"),
        ("rename amount = id", "FC0338"),
        ("filter amont > 1", "FC0302"),
        ("filter amount", "FC0301"),
        ("cast customer.name as int", "FC0340"),
    ],
)
def test_mistakes(stages: str, code: str, folder: Path) -> None:
    assert codes(f"orders.jsonl | {stages} | out.jsonl", folder) == [code]


def test_merged_streams_must_agree(folder: Path) -> None:
    (folder / "more.jsonl").write_text('{"id": "x", "amount": 1.0}\n')
    text = "{ orders.jsonl, more.jsonl } | select id, amount | out.jsonl"
    assert codes(text, folder)[0] == "FC0341"


def test_merged_streams_widen(folder: Path) -> None:
    (folder / "a.jsonl").write_text('{"id": 1, "n": 1}\n')
    (folder / "b.jsonl").write_text('{"id": 2, "n": null}\n')
    got = ran("{ a.jsonl, b.jsonl } | select id, n | out.jsonl", folder)
    assert got.rows == [{"id": 1, "n": 1}, {"id": 2, "n": None}]


def test_runs_of_pure_stages_become_one_block(folder: Path) -> None:
    found = typed(
        "orders.jsonl | filter amount > 1 | set x = amount | select x | out.jsonl", folder
    )
    made = plan(found, source_name="x", digest="")
    assert [type(block.body).__name__ for block in made.blocks] == ["Read", "Pure", "Write"]
    (read,) = [block.body for block in made.blocks if isinstance(block.body, Read)]
    assert read.decode.record.names == ("amount",)
    unfused = plan(found, source_name="x", digest="", passes=())
    assert sum(isinstance(block.body, Pure) for block in unfused.blocks) == 3


def test_passes_do_not_change_what_comes_out(folder: Path) -> None:
    from flowc.launch.run import run
    from flowc.targets import base
    from flowc_runtime.engine import RunOptions

    found = typed(
        "orders.jsonl | filter amount > 1 | set x = 1 / (amount - 40), y = id | drop y "
        "| select x, id | out.jsonl",
        folder,
    )
    target = base.target("python")
    assert target is not None
    outputs = []
    for passes in ((push_down,), PASSES):
        made = plan(found, source_name="x", digest="", passes=passes)
        result = run(target.emit(made, formatted=False), RunOptions())
        outputs.append(((folder / "out.jsonl").read_bytes(), result.dead_letters))
    assert outputs[0] == outputs[1]
    assert outputs[0][1] == 1


def test_an_unseen_field_that_would_reach_a_sink_is_an_error(folder: Path) -> None:
    checked = road.check(request("orders.jsonl | drop note | out.jsonl", folder))
    emitted = road.emit(request("orders.jsonl | drop note | out.jsonl", folder), formatted=False)
    assert checked.ok
    with (folder / "orders.jsonl").open("a") as file:
        file.write('{"id": 3, "amount": 1.0, "customer": {"name": "c", "city": "d"}, "new": 1}\n')
    from flowc.launch.run import run
    from flowc_runtime.engine import RunOptions

    (fileset,) = emitted.filesets.values()
    result = run(fileset, RunOptions())
    assert result.dead_letters == 1


def test_a_file_without_a_header_is_read_by_the_declared_names(folder: Path) -> None:
    (folder / "plain.csv").write_text("1,ada,2.5\n2,bob,3.5\n")
    got = ran(
        "plain.csv?header=false as {id: int, name: string, amount: float} "
        "| filter amount > 3 | select name, id | out.jsonl",
        folder,
    )
    assert got.rows == [{"name": "bob", "id": 2}]


def test_strict_wants_a_whole_reading_or_a_declared_type(folder: Path) -> None:
    line = '{"id": 1, "text": "' + "x" * 1000 + '"}\n'
    (folder / "big.jsonl").write_text(line * 10_000)
    assert codes("big.jsonl | out.jsonl", folder) == []
    assert codes("big.jsonl | out.jsonl", folder, strict=True) == ["FC0401"]
    declared = "big.jsonl as {id: int, text: string} | out.jsonl"
    assert codes(declared, folder, strict=True) == []
