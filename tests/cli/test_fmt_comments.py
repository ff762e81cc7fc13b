"""Comments survive a conversion from one form to the other, and back."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowc.cli.app import main

FLOW = """\
# my pipeline
let rates = rates.csv key code  # rates
# read
orders.jsonl  # the orders
  | lookup rates as r on currency == r.code  # find
  # now in dollars
  | set usd = amount * (r.rate ?? 1), hash = "# none"
  | route {
      usd > 100: big.jsonl  # big ones
      # the rest
      else: rest.jsonl
    }
# the end
"""
YAML = """\
# head
source: orders.jsonl  # the "source"
process:
  # keep some
  - filter amount > 100  # "large" ones
  - 'set x = "# none: at all"'
sink: out.jsonl
# the end
"""


def converted(
    name: str, text: str, form: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> str:
    (folder / name).write_text(text)
    assert main(["fmt", name, "--to", form]) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "name", "form"), [(FLOW, "a.flow", "yaml"), (YAML, "a.yaml", "dsl")]
)
def test_there_and_back_no_comment_is_lost(
    text: str,
    name: str,
    form: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    there = converted(name, text, form, tmp_path, capsys)
    assert there.count("#") == text.count("#")
    other = "b.yaml" if form == "yaml" else "b.flow"
    back = converted(other, there, "dsl" if form == "yaml" else "yaml", tmp_path, capsys)
    assert back == text
