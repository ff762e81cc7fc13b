"""Every command that README.md and docs/*.md show runs, and prints what stands below it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from docs.shown import ROOT, blocks, run

DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
WITH_COMMANDS = [path for path in DOCUMENTS if list(blocks(path.read_text("utf-8")))]


def test_the_front_pages_have_commands() -> None:
    names = {path.name for path in WITH_COMMANDS}
    assert {"README.md", "quickstart.md", "language.md"} <= names


@pytest.mark.parametrize("path", WITH_COMMANDS, ids=lambda path: path.name)
def test_commands_print_what_is_shown(path: Path, tmp_path: Path) -> None:
    for ran in run(path.read_text("utf-8"), tmp_path):
        where = f"{path.name}:{ran.block.line}: {ran.block.command}"
        assert ran.code == ran.block.code, f"{where}\n{ran.printed}"
        if not ran.as_shown:
            hint = f"python -m docs.shown {path.relative_to(ROOT)} writes down what it prints now"
            assert ran.printed == ran.block.shown, f"{where}\n{hint}"


def test_the_readme_and_the_checks_run_the_same_commands() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    command = next(
        line for line in readme.splitlines() if "pip install" in line and "pytest" in line
    )
    checks = (ROOT / ".ci" / "run").read_text("utf-8").splitlines()
    said = {line.removeprefix("step ").strip() for line in checks}
    assert [part for part in command.split(" && ") if part not in said] == []


def test_links_lead_somewhere() -> None:
    lost = []
    for path in DOCUMENTS:
        text = re.sub(r"^```.*?^```", "", path.read_text("utf-8"), flags=re.M | re.S)
        for target in re.findall(r"\]\(([^)\s]+)\)", text):
            file, _, anchor = target.partition("#")
            if target.startswith(("http:", "https:")):
                continue
            there = (path.parent / file) if file else path
            if not there.exists() or (anchor and anchor not in anchors(there)):
                lost.append(f"{path.name}: {target}")
    assert lost == []


def anchors(path: Path) -> set[str]:
    """The anchors of a page's headings, as the forges make them."""
    headings = re.findall(r"^#+ (.*)$", path.read_text("utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", h.lower()).strip().replace(" ", "-") for h in headings}
