"""``flowc fmt``."""

from __future__ import annotations

import pytest

from flowc.diagnostics.reporter import Reporter
from flowc.model.source import SourceFile
from flowc.syntax import parse
from flowc.syntax.format import dsl_obstacles, format_source, to_dsl


def _formatted(text: str, name: str = "x.flow") -> str:
    made = format_source(SourceFile(name, text))
    assert format_source(SourceFile(name, made)) == made
    return made


def test_a_line_that_fits_stays_one() -> None:
    assert _formatted("a.jsonl|filter  x>1|b.jsonl") == "a.jsonl | filter x > 1 | b.jsonl\n"


def test_comments_stay_with_what_they_stand_at() -> None:
    text = """\
# head

let p=a.jsonl|limit 5 # five
# about the chain
p   # first
  # own line
  |filter x>1 # two
     # in the stage
     and y
  | route { # open
      x: b.jsonl # one
      # other
      else: discard
    } # close
  | c.jsonl
# end
"""
    assert (
        _formatted(text)
        == """\
# head

let p = a.jsonl | limit 5  # five
# about the chain
p  # first
  # own line
  # two
  # in the stage
  | filter x > 1 and y
  | route {  # open
      x: b.jsonl  # one
      # other
      else: discard
    }  # close
  | c.jsonl
# end
"""
    )


def test_long_chains_stand_on_lines() -> None:
    text = "a.jsonl | " + " | ".join(f"set field_{i} = {i}" for i in range(6)) + " | b.jsonl"
    lines = _formatted(text).splitlines()
    assert lines[0] == "a.jsonl"
    assert lines[1] == "  | set field_0 = 0"
    assert lines[-1] == "  | b.jsonl"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a<>1", "a != 1"),
        ("((a))", "a"),
        ("(a and b) or c", "a and b or c"),
        ("a and (b or c)", "a and (b or c)"),
        ("a-(b-c)", "a - (b - c)"),
        ("(a-b)-c", "a - b - c"),
        ("-(-a)", "-(-a)"),
        ("x==null", "x is null"),
        ("x in('a',)", 'x in ("a")'),
        ("x in [1]", "x in (1)"),
        ("x == 'say \"x\"'", "x == 'say \"x\"'"),
        ("x == '\\\\d'", 'x == r"\\d"'),
        ("`a` == `a b`", "a == `a b`"),
        ("1_000 > a", "1000 > a"),
        ("a > 5 minutes", "a > 5m"),
    ],
)
def test_canonical_spellings(text: str, expected: str) -> None:
    made = _formatted(f"a.jsonl | filter {text} | b.jsonl")
    assert made == f"a.jsonl | filter {expected} | b.jsonl\n"


def test_a_file_with_errors_is_left_alone() -> None:
    text = "a.jsonl|filter x >|b.jsonl"
    assert _formatted(text) == text


def test_yaml_keeps_its_layout() -> None:
    text = """\
# head
source:   a.jsonl   # the source
process:
    - filter:   a>1   and b=="x"   # note
    - "set c='y'|select  a,b"
    - 'filter d=="z"'
    - route:
        - {when: a>1, sink: b.jsonl}
        - else:  filter a<1|c.jsonl
    - >
      filter a>1  # one
      |set b=2
sink: b.jsonl
"""
    assert (
        _formatted(text, "x.yaml")
        == """\
# head
source:   a.jsonl   # the source
process:
    - filter:   a > 1 and b == "x"   # note
    - "set c = 'y' | select  a, b"
    - 'filter d == "z"'
    - route:
        - {when: a > 1, sink: b.jsonl}
        - else:  filter a < 1 | c.jsonl
    - >
      filter a > 1  # one
      |set b = 2
sink: b.jsonl
"""
    )


def test_what_pipe_text_cannot_say_is_named() -> None:
    text = (
        "name: x\nsource: {kafka: t, brokers: b}\nprocess: [{filter: a, name: f}]\nsink: b.jsonl\n"
    )
    document = parse(SourceFile("x.yaml", text), Reporter())
    found = [(span.text, why) for span, why in dsl_obstacles(document)]
    assert found == [
        ("x", "the pipeline's name is that of its `.flow` file"),
        ("{kafka: t, brokers: b}", "a connector with options as a map"),
        ("f", "a node with a name"),
    ]


def test_what_pipe_text_can_say_has_no_obstacle() -> None:
    text = "source: a.jsonl\nprocess: [filter a, {tee: [b.jsonl]}]\nsink: b.jsonl\n"
    document = parse(SourceFile("x.yaml", text), Reporter())
    assert dsl_obstacles(document) == ()
    assert to_dsl(document) == "a.jsonl | filter a | tee { b.jsonl } | b.jsonl\n"
