"""Fixes change what they span and nothing else."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from flowc.diagnostics.apply import apply_fixes
from flowc.model.diagnostic import Code, Diagnostic, Edit, Fix, Safety, Severity
from flowc.model.source import SourceFile

CODE = Code("FC0101", "odd", "Odd")
TEXT = "abc def  # comment\nghi\n"


def found(*fixes: Fix) -> Diagnostic:
    return Diagnostic(CODE, Severity.ERROR, "m", fixes=fixes)


def edit(source: SourceFile, start: int, end: int, text: str) -> Edit:
    return Edit(source.span(start, end), text)


def test_edits_keep_what_they_do_not_span() -> None:
    source = SourceFile("a.yaml", TEXT)
    done = apply_fixes(
        [
            found(Fix("two", (edit(source, 4, 7, "DEF!"),))),
            found(Fix("one", (edit(source, 0, 3, "x"),))),
            found(Fix("three", (edit(source, 19, 19, "> "),))),
        ]
    )
    assert done.texts == {"a.yaml": "x DEF!  # comment\n> ghi\n"}
    assert len(done.fixes) == 3


def test_an_overlapping_fix_is_left_out_whole() -> None:
    source, other = SourceFile("a.yaml", TEXT), SourceFile("b.yaml", TEXT)
    first = found(Fix("one", (edit(source, 0, 5, "x"),)))
    second = found(Fix("two", (edit(source, 4, 7, "y"), edit(other, 0, 1, "z"))))
    done = apply_fixes([first, second])
    assert done.texts == {"a.yaml": "xef  # comment\nghi\n"}
    assert [diagnostic for diagnostic, _ in done.fixes] == [first]


def test_two_insertions_at_one_place_are_no_guess() -> None:
    source = SourceFile("a.yaml", TEXT)
    done = apply_fixes(
        [
            found(Fix("one", (edit(source, 3, 3, "1"),))),
            found(Fix("two", (edit(source, 3, 3, "2"),))),
        ]
    )
    assert done.texts == {"a.yaml": "abc1 def  # comment\nghi\n"}


def test_the_same_fix_twice_is_made_once() -> None:
    source = SourceFile("a.yaml", TEXT)
    fix = Fix("one", (edit(source, 3, 3, "1"),))
    done = apply_fixes([found(fix), found(fix)])
    assert done.texts == {"a.yaml": "abc1 def  # comment\nghi\n"}
    assert len(done.fixes) == 2


def test_unsafe_fixes_are_asked_for_and_shown_ones_never_made() -> None:
    source = SourceFile("a.yaml", TEXT)
    unsafe = found(Fix("one", (edit(source, 0, 1, "U"),), Safety.UNSAFE))
    shown = found(Fix("two", (edit(source, 8, 9, "D"),), Safety.DISPLAY))
    assert apply_fixes([unsafe, shown]).texts == {}
    assert apply_fixes([unsafe, shown], unsafe=True).texts == {"a.yaml": "U" + TEXT[1:]}


def test_of_several_fixes_the_first_allowed_is_made() -> None:
    source = SourceFile("a.yaml", TEXT)
    fixes = (
        Fix("read about it"),
        Fix("maybe", (edit(source, 0, 3, "unsafe"),), Safety.UNSAFE),
        Fix("surely", (edit(source, 0, 3, "safe"),)),
        Fix("or", (edit(source, 0, 3, "late"),)),
    )
    assert apply_fixes([found(*fixes)]).texts["a.yaml"].startswith("safe ")


def test_a_file_that_is_two_texts_is_fixed_in_one() -> None:
    one, two = SourceFile("a.yaml", "abc"), SourceFile("a.yaml", "xyz")
    done = apply_fixes(
        [
            found(Fix("one", (edit(one, 0, 1, "1"),))),
            found(Fix("two", (edit(two, 2, 3, "2"),))),
        ]
    )
    assert done.texts == {"a.yaml": "1bc"}


spans = st.tuples(st.integers(0, 20), st.integers(0, 6), st.text("xyz", max_size=3))


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(spans, min_size=1, max_size=3), max_size=6))
def test_what_was_applied_explains_the_new_text(fixes: list[list[tuple[int, int, str]]]) -> None:
    source = SourceFile("a.flow", "0123456789abcdefghijklmnop")
    diagnostics = [
        found(Fix("f", tuple(edit(source, s, min(26, s + n), t) for s, n, t in edits)))
        for edits in fixes
    ]
    done = apply_fixes(diagnostics)
    edits = {(e.span.start, e.span.end, e.text) for _, fix in done.fixes for e in fix.edits}
    expected = source.text
    for start, end, text in sorted(edits, reverse=True):
        expected = expected[:start] + text + expected[end:]
    assert done.texts.get("a.flow", source.text) == expected
