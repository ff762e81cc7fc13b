"""What is written as a schema file is read back as the same types."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from flowc.diagnostics.reporter import Reporter
from flowc.model.source import SourceFile
from flowc.model.types import (
    INT,
    STRING,
    Field,
    ListType,
    Openness,
    Record,
    Ref,
    Refinement,
    Type,
    nullable,
)
from flowc.project.schemafile import schema_text
from flowc.syntax import yamldoc
from flowc.types.schema import read_schema
from tests.props.type_strategies import written_types


def read(text: str) -> dict[str, Type]:
    reporter = Reporter()
    (value,) = yamldoc.load(SourceFile("x.schema.yaml", text), reporter)
    schema = read_schema(value, reporter, text_of=yamldoc.text_of)
    assert [d.message for d in reporter.sorted()] == []
    return {name: named.type for name, named in schema.types.items()}


ODD_NAMES = st.sampled_from(
    [
        "id",
        "type",
        "fields",
        "on",
        "no",
        "null",
        "a-b",
        "1st",
        "é",
        "x y",
        "a?",
        "doc",
        "enum",
        "a.b",
    ]
)


@given(written_types())
@settings(deadline=None)
def test_any_type_is_read_back(type: Type) -> None:
    assert read(schema_text({"T": type})) == {"T": type}


@given(st.lists(ODD_NAMES, unique=True, min_size=1, max_size=4), st.booleans())
@settings(deadline=None)
def test_any_names_are_read_back(names: list[str], optional: bool) -> None:
    record = Record(tuple(Field(name, nullable(STRING), optional) for name in names))
    assert read(schema_text({"T": record})) == {"T": record}


def test_a_record_is_written_a_field_a_line() -> None:
    record = Record((Field("id", INT), Field("note", nullable(STRING), optional=True)))
    assert schema_text({"Order": record}, {"Order": "of 2\nrecords"}) == (
        "types:\n  # of 2 records\n  Order:\n    id: int\n    note?: string?\n"
    )


def test_what_fields_state_is_read_back() -> None:
    line = Record(
        (Field("type", STRING, refinement=Refinement(pattern="a, b: {c}")), Field("a b", INT))
    )
    ship = Record((Field("type", STRING), Field("zip", STRING, True, Refinement(pattern="^1"))))
    record = Record(
        (
            Field("id", INT, refinement=Refinement("0", "5")),
            Field("x-y", nullable(STRING), True, Refinement(pattern="\n#", pii=True)),
            Field("lines", ListType(line)),
            Field("ship", ship),
            Field("maybe", nullable(ship), True),
        ),
        Openness.REST,
    )
    written = schema_text({"T": record, "TLines": INT})
    assert "    id: {type: int, min: 0, max: 5}\n" in written
    lines, maybe = replace(line, name="TLines2"), replace(ship, name="TMaybe")
    assert read(written) == {
        "T": replace(
            record,
            fields=(
                *record.fields[:2],
                Field("lines", ListType(Ref("TLines2"))),
                record.fields[3],
                Field("maybe", nullable(Ref("TMaybe")), True),
            ),
        ),
        "TLines": INT,
        "TLines2": lines,
        "TMaybe": maybe,
    }


def test_a_comment_is_one_printable_line() -> None:
    written = schema_text({"T": INT}, {"T": "a\n  b: c\u202e\u2028# d"})
    assert written == "types:\n  # a b: c # d\n  T: int\n"
