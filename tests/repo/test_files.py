"""Laws about files: their length, their words, their templates, their docstrings."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from repo.checkout import ROOT, parsed, python_files, tracked

#: About 500 lines are one idea; what is longer than this is two for certain.
LONGEST = 600

TEMPLATES = [path for path in tracked() if path.parts[0] == "templates"]
_BLOCK = re.compile(r"\{%-?\s*(\w+)(.*?)-?%\}", re.S)
_PRINTED = re.compile(r"\{\{(.*?)\}\}", re.S)

# In pieces, so that this file does not hold them itself.
FORBIDDEN = {
    "a machine's path": re.compile("/" + r"(?:work|root)/"),
    "a private page": re.compile("bench" + "mark-farm|shared/" + "anchors"),
    "a working session": re.compile(r"\b(?:this|last|next|my|a later) " + r"session\b", re.I),
    "an issue's number": re.compile(r"\bissues? " + r"#?\d+\b|(?<![\w&/])#" + r"\d+\b(?!\s*[;:])"),
    "a package registry": re.compile(
        r"\b(?:pypi\.org|"
        + r"files\.pythonhosted\.org|registry\.npmjs\.org|"
        + r"proxy\.golang\.org)"
    ),
}


def test_no_file_of_flowc_or_its_runtime_is_long() -> None:
    lengths = {
        str(path): (ROOT / path).read_text(encoding="utf-8").count("\n")
        for path in python_files("flowc", "runtime")
    }
    assert {path: lines for path, lines in lengths.items() if lines > LONGEST} == {}


def test_no_two_test_files_hide_each_other() -> None:
    """Outside of packages pytest tells test files by their names alone."""
    tests = ROOT / "tests"
    found: dict[str, Path] = {}
    for path in sorted(tests.rglob("test_*.py")):
        if "golden" in path.parts or (path.parent / "__init__.py").exists():
            continue
        assert found.setdefault(path.name, path) == path


def test_no_file_speaks_of_where_it_was_made() -> None:
    found = []
    for path in tracked():
        if path.name == Path(__file__).name or not (ROOT / path).is_file():
            continue
        data = (ROOT / path).read_bytes()
        if b"\0" in data:
            continue
        for number, line in enumerate(data.decode("utf-8", "replace").splitlines(), 1):
            found += [
                f"{path}:{number}: {what}: {line.strip()[:80]}"
                for what, pattern in FORBIDDEN.items()
                if pattern.search(line)
            ]
    assert found == []


@pytest.mark.parametrize(
    ("what", "line"),
    [
        ("a machine's path", "see /" + "work/main"),
        ("a working session", "in the last " + "session"),
        ("an issue's number", "as issue " + "8 says"),
        ("an issue's number", "fixes #" + "12"),
        ("a package registry", "from https://pypi." + "org/simple"),
    ],
)
def test_forbidden_words_are_found(what: str, line: str) -> None:
    assert FORBIDDEN[what].search(line)


def test_there_are_templates() -> None:
    assert len(TEMPLATES) > 5


@pytest.mark.parametrize("path", TEMPLATES, ids=str)
def test_a_template_is_thin(path: Path) -> None:
    """Loops and names: no assignment, no arithmetic, no calls but of macros."""
    text = (ROOT / path).read_text(encoding="utf-8")
    assert text.count("\n") <= 100
    allowed = {"for", "endfor", "if", "elif", "else", "endif", "from", "macro", "endmacro"}
    blocks = _BLOCK.findall(text)
    assert {word for word, _ in blocks} <= allowed
    for word, rest in blocks:
        if word in {"if", "elif"}:
            assert re.fullmatch(r"\s*(?:not )?[\w.]+\s*", rest), f"a test is one name: {rest}"
        if word == "for":
            assert re.fullmatch(r"\s*\w+ in [\w.]+\s*", rest), f"a loop is over one name: {rest}"
    for printed in _PRINTED.findall(text):
        plain = re.sub(r'"[^"]*"', '""', printed)
        assert not re.search(r"[-+*/%~<>=]|\b(?:if|else|and|or|not)\b", plain), printed


def _public_functions(tree: ast.Module) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [
        node
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and not node.name.startswith("_")
    ]


def _says_it_itself(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """One statement is its own description, and so is the message of what only reports."""
    calls = [n.func for n in ast.walk(function) if isinstance(n, ast.Call)]
    reports = any(isinstance(f, ast.Attribute) and f.attr in {"error", "warning"} for f in calls)
    gives = function.returns
    return len(function.body) == 1 or (
        reports and isinstance(gives, ast.Constant) and gives.value is None
    )


def test_public_functions_say_what_they_do() -> None:
    missing = [
        f"{path}:{function.lineno} {function.name}"
        for path in python_files("flowc", "runtime")
        for function in _public_functions(parsed(path))
        if not ast.get_docstring(function) and not _says_it_itself(function)
    ]
    assert missing == []


def test_every_module_says_what_it_is() -> None:
    missing = [
        str(path)
        for path in python_files("flowc", "runtime", "bench", "grammar", "docs")
        if len(parsed(path).body) > 1 and not ast.get_docstring(parsed(path))
    ]
    assert missing == []
