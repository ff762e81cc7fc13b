"""Laws of checked pipelines: of any stages in any order, right or wrong."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

from flowing import request
from hypothesis import given, settings
from hypothesis import strategies as st

from flowc import compile as road
from flowc.catalog import registry
from flowc.model.types import ListType, MapType, Nullable, Record, Type, Union
from tests.props.test_type_mutations import ORDER, PIPELINES, declared, operators

FOLDER = Path(tempfile.gettempdir())
UNION = (
    "union<kind: card = {id: int, number: string, status: string}, cash = {id: int, till: int?}>"
)
SOURCES = (
    declared(ORDER),
    "{id: int, at: timestamp, tags: list<{a: int}>?, customer?: {name: string?}, ...}",
    UNION,
    "{kind: string, amount: decimal(10, 2)?, at: timestamp}",
)


def pool() -> list[str]:
    """Stages: those of the catalogue's examples, of the mutations, and right ones."""
    found = [mutant.text for mutant in operators()]
    stages = [re.sub(r"^[^|]* as .*?\} \| (.*) \| out\.jsonl$", r"\1", text) for text in found]
    stages += [stage for text, _ in PIPELINES for stage in text.split(" | ") if "{" not in stage]
    for operator in registry.operators().values():
        stages += [example.stage for example in operator.examples]
    stages += [
        "filter kind == 'card'",
        "filter kind != 'cash'",
        "filter till is not null",
        "set x = number",
    ]
    return sorted(set(stages))


POOL = pool()


def pipelines() -> st.SearchStrategy[str]:
    stages = st.lists(st.sampled_from(POOL), max_size=5).map(" | ".join)
    tests = st.sampled_from(["id > 1", "kind == 'card'", "status == 'open'", "nothing"])
    branches = st.builds(
        "route {{ {}: {}; {}: {}; else: {} }}".format,
        tests,
        stages,
        tests,
        stages,
        stages,
    )
    body = st.one_of(stages, branches, st.builds("{} | {}".format, stages, branches))
    heads = st.sampled_from(SOURCES).map(lambda type: f"in.jsonl as {type} time at")
    plain = st.sampled_from(SOURCES).map(lambda type: f"in.jsonl as {type}")
    endless = st.sampled_from(SOURCES).map(lambda type: f'"-?endless=true" as {type} time at')
    merged = st.builds("{{ {}, {} }}".format, plain, plain)
    sinks = st.sampled_from(["out.jsonl", "out.csv", "sqlite://o.db/t", "-"])
    return st.builds(
        lambda head, body, sink: " | ".join(part for part in (head, body, sink) if part),
        st.one_of(heads, plain, endless, merged),
        body,
        sinks,
    )


def right() -> st.SearchStrategy[str]:
    """Pipelines most of which are well typed, over records and over members of unions."""
    orders = [
        *(
            "filter amount > 1.5",
            "set x = qty + 1",
            "rename total = amount",
            "drop note",
            "sort id desc",
        ),
        *(
            "flatten customer",
            "flatten pay",
            "explode tags as tag",
            "filter note != null",
            "limit 3",
        ),
        *(
            "filter pay.kind == 'card' | set n = pay.number",
            "filter pay.kind != 'card' | set t = pay.till",
        ),
        *(
            "set customer.age = 3",
            "set k = pay.kind",
            "dedupe by status",
            "top 2 amount desc by status",
        ),
        *(
            "filter status in ('open')",
            "set c = if pay.kind == 'cash' then pay.till else 0",
            "mask customer.name",
        ),
        *(
            "aggregate n = count(), p = last(pay) by status",
            "select id, pay, customer",
            "hash note",
        ),
        "route { pay.kind == 'card': set q = 1; else: set q = 2 }",
        "route { status == 'open': filter qty > 1; note != null: set note = 'x'; else: discard }",
    ]
    members = [
        *(
            "filter kind == 'card'",
            "filter kind != 'card'",
            "set x = id + 1",
            "rename key = id",
            "sort kind, id",
        ),
        *(
            "select id, kind",
            "set k = upper(kind)",
            "top 1 id desc by kind",
            "dedupe by kind",
            "validate id > 0",
        ),
        *(
            "filter kind == 'card' | set n = number",
            "filter kind == 'cash' and till != null | set t = till + 1",
        ),
        *(
            "route { kind == 'card': set q = number; else: set q = string(till) }",
            "aggregate n = count() by kind",
        ),
        *(
            "hash kind",
            "explode [1, 2] as each",
            "set kind = 'x'",
            "drop id",
            "filter kind in ('card', 'cash')",
        ),
        *(
            "set x = if kind == 'card' then number else 'none'",
            "cast id as string",
            "limit 2",
            "sample 50%",
        ),
    ]
    return st.one_of(
        st.lists(st.sampled_from(orders), min_size=1, max_size=4, unique=True).map(
            lambda stages: f"in.jsonl as {declared(ORDER)} | {' | '.join(stages)} | out.jsonl"
        ),
        st.lists(st.sampled_from(members), min_size=1, max_size=4, unique=True).map(
            lambda stages: f"in.jsonl as {UNION} | {' | '.join(stages)} | out.jsonl"
        ),
    )


def duplicates(type: Type) -> bool:
    stack = [type]
    while stack:
        match stack.pop():
            case Record(fields=fields, members=members):
                if len({field.name for field in fields}) < len(fields):
                    return True
                stack += [field.type for field in fields] + ([members] if members else [])
            case Union(variants=variants):
                stack += [variant.type for variant in variants]
            case Nullable(inner=inner) | ListType(item=inner) | MapType(value=inner):
                stack.append(inner)
            case _:
                pass
    return False


@settings(max_examples=150, deadline=None)
@given(pipelines(), st.booleans())
def test_checking_never_raises_and_rows_have_no_field_twice(text: str, strict: bool) -> None:
    checked = road.check(request(text, FOLDER, strict=strict))
    for diagnostic in checked.diagnostics:
        assert diagnostic.message
    if any(diagnostic.is_error for diagnostic in checked.diagnostics):
        return
    for typed in checked.typed:
        for known in typed.types.values():
            assert not any(duplicates(row) for row in known.ports.values())
            for key in known.facts.keys:
                for row in known.ports.values():
                    assert all(row.field(part) is not None for part in key)


@settings(max_examples=60, deadline=None)
@given(right())
def test_what_is_well_typed_can_be_emitted(text: str) -> None:
    emitted = road.emit(request(text, FOLDER), formatted=False)
    if not any(diagnostic.is_error for diagnostic in emitted.checked.diagnostics):
        assert emitted.filesets is not None
