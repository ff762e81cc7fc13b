"""The laws of the notation and of the relations between types."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from flowc.diagnostics.reporter import Reporter
from flowc.model.project import NamedType
from flowc.model.source import SourceFile, Text
from flowc.model.types import INT, POISON, STRING, Field, ListType, Record, Ref, Type, nullable
from flowc.types.notation import parse_type, show, show_lines
from flowc.types.relate import explain, is_subtype, join, meet, resolve
from tests.props.type_strategies import NAMES, types, written_types

_NOWHERE = SourceFile("schemas/test.schema.yaml", "").span()


def _named(name: str, type: Type) -> NamedType:
    return NamedType(name, type, _NOWHERE)


#: Recursive, mutually recursive, plain, circular, and (Missing) undefined names.
ENV = {
    "Tree": _named("Tree", Record((Field("a", INT), Field("b", ListType(Ref("Tree")))))),
    "Wide": _named(
        "Wide", Record((Field("a", INT), Field("b", ListType(Ref("Wide"))), Field("c", STRING)))
    ),
    "Odd": _named("Odd", Record((Field("a", nullable(Ref("Even"))),))),
    "Even": _named("Even", Record((Field("a", nullable(Ref("Odd"))),))),
    "Word": _named("Word", nullable(STRING)),
}
REFS = ("Tree", "Wide", "Odd", "Even", "Word")


def read(text: str) -> tuple[Type, Reporter]:
    reporter = Reporter()
    return parse_type(Text.whole(SourceFile("test", text)), reporter), reporter


@given(written_types())
def test_what_is_shown_is_read_back(type: Type) -> None:
    again, reporter = read(show(type))
    assert again == type
    assert not reporter.has_errors


@given(written_types(), st.integers(1, 60))
def test_what_is_shown_in_lines_is_read_back(type: Type, width: int) -> None:
    assert read("\n".join(show_lines(type, width)))[0] == type


@given(st.text(alphabet="{}<>()[],:?=|.`'\"\\ aintlsu#0\n-", max_size=40))
def test_reading_any_text_reports_or_gives_a_type(text: str) -> None:
    type, reporter = read(text)
    assert reporter.has_errors or read(show(type))[0] == type
    assert type != POISON or reporter.has_errors


@given(types(refs=REFS))
def test_a_type_fits_itself(type: Type) -> None:
    assert explain(type, type, ENV) is None
    # Equal, but not the same object.
    assert explain(type, read(show(type))[0], ENV) is None


@given(types(refs=(*REFS, "Missing")), types(refs=(*REFS, "Missing")))
def test_poison_fits_and_takes_everything(a: Type, b: Type) -> None:
    assert is_subtype(a, POISON, ENV)
    assert is_subtype(POISON, a, ENV)
    assert join(a, POISON, ENV) == POISON
    assert meet(a, POISON, ENV) == POISON
    for relation in (explain, join, meet):
        relation(a, b, ENV)  # Whatever the answer, there is one.


@settings(max_examples=200)
@given(st.data())
def test_fitting_is_transitive_where_no_field_is_dropped(data: st.DataObject) -> None:
    """Chains are built upwards by joins, so that most of them relate."""
    drawn = types(names=NAMES)
    a, b, c = data.draw(drawn), data.draw(drawn), data.draw(drawn)
    middle = join(a, b, dynamic=True) or b
    top = join(middle, c, dynamic=True) or c
    if is_subtype(a, middle) and is_subtype(middle, top):
        assert is_subtype(a, top)
    bottom = meet(a, b)
    if is_subtype(bottom, a) and is_subtype(a, middle):
        assert is_subtype(bottom, middle)


@given(types(refs=REFS), types(refs=REFS), st.booleans())
def test_a_join_is_above_both(a: Type, b: Type, dynamic: bool) -> None:
    joined = join(a, b, ENV, dynamic=dynamic)
    if joined is not None:
        assert explain(a, joined, ENV) is None
        assert explain(b, joined, ENV) is None
    elif dynamic:
        assert join(b, a, ENV, dynamic=True) is None


@given(types(refs=REFS), types(refs=REFS))
def test_a_meet_is_below_both(a: Type, b: Type) -> None:
    met = meet(a, b, ENV)
    assert explain(met, a, ENV) is None
    assert explain(met, b, ENV) is None


@given(types(refs=REFS), types(refs=REFS))
def test_types_that_fit_join_to_the_wider_and_meet_in_the_narrower(a: Type, b: Type) -> None:
    met = meet(a, b, ENV)
    joined = join(met, b, ENV)
    assert joined is not None
    assert is_subtype(joined, b, ENV)


@given(types(refs=(*REFS, "Missing")))
def test_resolving_ends_at_no_name(type: Type) -> None:
    assert not isinstance(resolve(type, ENV), Ref)
