"""Templates are thin, and nothing unmarked gets through them."""

from __future__ import annotations

import ast
import json
import re
import shlex
import tomllib
from dataclasses import dataclass
from pathlib import Path

import jinja2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import nodes
from markupsafe import Markup

from flowc.resources import templates_dir
from flowc.targets import printing
from flowc.targets.base import EmissionError
from flowc.targets.printing import Prediction, checked_tree, finalize

TEMPLATES = sorted(path for path in templates_dir().rglob("*.jinja"))
FORBIDDEN = (
    *(nodes.Concat, nodes.BinExpr, nodes.UnaryExpr, nodes.Compare, nodes.CondExpr),
    *(nodes.Assign, nodes.AssignBlock, nodes.Test, nodes.Getitem, nodes.Extends),
)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_template_is_thin(path: Path) -> None:
    """Loops, attributes and listed filters: what it prints was decided before."""
    text = path.read_text()
    assert len(text.splitlines()) <= 80
    tree = jinja2.Environment().parse(text)
    for node in tree.find_all(FORBIDDEN):
        raise AssertionError(f"{path.name}:{node.lineno} has {type(node).__name__}")
    known = printing.FILTERS.keys() | {"each"}
    for used in tree.find_all(nodes.Filter):
        assert used.name in known, f"{path.name}:{used.lineno}"
    for call in tree.find_all(nodes.Call):
        assert isinstance(call.node, nodes.Name), f"{path.name}:{call.lineno} calls a method"
    for test in tree.find_all(nodes.If):
        assert isinstance(test.test, nodes.Getattr), f"{path.name}:{test.lineno}"


def test_every_filter_is_used() -> None:
    used = set()
    for path in TEMPLATES:
        tree = jinja2.Environment().parse(path.read_text())
        used |= {node.name for node in tree.find_all(nodes.Filter)}
    assert used >= printing.FILTERS.keys()


@dataclass(frozen=True)
class View:
    value: object


@pytest.mark.parametrize("value", ["text", 1, None, ["a"], b"x"])
@pytest.mark.parametrize("template", ["{{ view.value }}", "{{ view.value | join(', ') }}"])
def test_unmarked_values_are_refused(template: str, value: object) -> None:
    made = printing.environment("python").from_string(template)
    with pytest.raises((EmissionError, TypeError)):
        made.render(view=View([value] if "join" in template else value))


def test_unknown_attributes_are_refused() -> None:
    made = printing.environment("python").from_string("{{ view.other }}")
    with pytest.raises((EmissionError, jinja2.UndefinedError)):
        made.render(view=View(""))


def test_syntax_trees_and_marked_text_are_printed() -> None:
    assert finalize(ast.parse("f(x)", mode="eval").body) == "f(x)"
    assert finalize(Markup("<&>")) == "<&>"
    made = printing.environment("python").from_string("{{ view.value | literal }}")
    assert made.render(view=View("<'>")) == '"<\'>"'


texts = st.text(alphabet=st.characters(), max_size=60)


@given(texts)
def test_literal_reads_back(text: str) -> None:
    shown = printing.literal(text)
    assert ast.literal_eval(shown) == text
    assert len(shown.splitlines()) == 1


@given(texts)
def test_comment_is_one_line_that_nothing_follows(text: str) -> None:
    code = f"# {printing.comment(text)}\nx = 1\n"
    tree = ast.parse(code)
    assert len(tree.body) == 1
    assert len(code.splitlines()) == 2


@given(texts)
def test_docstring_ends_where_it_should(text: str) -> None:
    tree = ast.parse(f'"""{printing.docstring(text)}"""\nx = 1\n')
    assert len(tree.body) == 2
    assert isinstance(ast.get_docstring(tree, clean=False), str)


@given(texts.filter(lambda text: text.isprintable()))
def test_printable_docstring_reads_back(text: str) -> None:
    assert ast.literal_eval(f'"""{printing.docstring(text)}"""') == text


@given(st.text(max_size=60))
def test_toml_and_json_read_back(text: str) -> None:
    assert tomllib.loads(f"a = {printing.toml(text)}")["a"] == text
    assert json.loads(printing.dockerfile(text)) == text


@given(texts)
def test_shell_word_is_one_word(text: str) -> None:
    assert shlex.split(printing.shell(text)) == [printing.one_line(text)]


@pytest.mark.parametrize("text", ["a b", "a;b", "", "1a", "a\n", "ａ", "import os", "a.b c"])
def test_ident_refuses_what_is_none(text: str) -> None:
    with pytest.raises(EmissionError):
        printing.ident(text)


PREDICTED = Prediction(frozenset({"typing:Any", "json"}), frozenset({"len"}))


@pytest.mark.parametrize(
    "code",
    [
        "import os",
        "from typing import cast",
        "from . import typing",
        "eval('1')",
        "x.eval('1')",
        "len(open('x'))",
        "(lambda: print())()",
        "x[0]()",
        "@wraps\ndef f(): pass",
        "@a.b\nclass C: pass",
        "del x",
        "x = [",
        "f'{print(1)}'",
        "x: print() = 1",
        "def f(x=print()): pass",
    ],
)
def test_unpredicted_code_is_refused(code: str) -> None:
    with pytest.raises(EmissionError):
        checked_tree("x.py", code, PREDICTED)


def test_predicted_code_passes() -> None:
    checked_tree("x.py", "import json\nfrom typing import Any\nx = len(y.len())", PREDICTED)


@given(texts)
def test_cell_stays_in_its_cell(text: str) -> None:
    row = f"| {printing.cell(text)} |"
    assert len(row.splitlines()) == 1
    assert len(re.findall(r"(?<!\\)\|", row)) == 2


def test_markdown_has_no_markup() -> None:
    shown = printing.markdown("<b>*x*</b> [a](b) `c` _d_")
    assert shown == r"\<b\>\*x\*\</b\> \[a\](b) \`c\` \_d\_"
