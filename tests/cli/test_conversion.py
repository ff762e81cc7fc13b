"""``fmt --to``: what YAML says as maps of options is said in pipe text, and back again."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowc.cli.app import main
from flowc.compile import Checked, Request, check
from flowc.model.source import SourceFile

EXAMPLES = sorted(
    path
    for path in Path("examples").resolve().rglob("*")
    if path.suffix in (".yaml", ".flow") and "schemas" not in path.parts
)

AS_MAPS = """\
source:
  type: file
  config: {path: orders.jsonl, format: jsonl}
  schema: "{id: int, amount: int, tags: list<string>, region: string}"
process:
  - type: filter
    config: {condition: amount > 100}
  - explode: {items: tags as tag, keep: empty}
  - dedupe: {by: [id, tag], keep: first}
  - set: {net: amount * 0.8, gross: amount}
  - cast: {id: string}
  - validate: {condition: net > 1, message: "say \\"no\\""}
  - rename: {total: gross}
  - top: {count: 3, order: net desc, by: region, ties: true, rank: place}
  - route:
      - when: net > 100
        process: [{select: {id: id, twice: net * 2}}]
        sink: {file: out/big.csv, format: csv}
      - else: {sink: {type: sqlite, config: {path: small.db, table: rest}}}
"""

AS_PIPE = """\
orders.jsonl?format=jsonl as {id: int, amount: int, tags: list<string>, region: string}
  | filter amount > 100
  | explode tags as tag keep empty
  | dedupe by id, tag keep first
  | set net = amount * 0.8, gross = amount
  | cast id as string
  | validate net > 1 message 'say "no"'
  | rename total = gross
  | top 3 net desc by region ties as place
  | route {
      net > 100: select id = id, twice = net * 2 | out/big.csv?format=csv
      else: sqlite://small.db/rest
    }
"""


def converted(
    text: str, suffix: str, to: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> str:
    path = folder / f"converted{suffix}"
    path.write_text(text, "utf-8")
    assert main(["fmt", str(path), "--to", to]) == 0, capsys.readouterr().err
    return capsys.readouterr().out


def checked(text: str, suffix: str, folder: Path) -> Checked:
    source = SourceFile(f"p{suffix}", text)
    return check(Request(source, folder / f"p{suffix}", folder, environment={}))


def nodes(found: Checked) -> list[list[object]]:
    return [[(n.kind, n.binding) for n in one.nodes] for one in found.pipelines]


def test_maps_of_options_become_pipe_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    text = converted(AS_MAPS, ".yaml", "dsl", tmp_path, capsys)
    assert text == AS_PIPE
    again = converted(text, ".flow", "yaml", tmp_path, capsys)
    assert converted(again, ".yaml", "dsl", tmp_path, capsys) == text


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_examples_go_there_and_back(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What can be said in the other form says the same there; what cannot is told by its code."""
    monkeypatch.chdir(path.parent)
    is_yaml = path.suffix == ".yaml"
    code = main(["fmt", path.name, "--to", "dsl" if is_yaml else "yaml"])
    out, err = capsys.readouterr()
    if code != 0:
        assert is_yaml
        assert "FC0788" in err
        return
    there = checked(out, ".flow" if is_yaml else ".yaml", path.parent)
    here = checked(path.read_text("utf-8"), path.suffix, path.parent)
    assert [d.code.id for d in there.diagnostics if d.is_error] == []
    for one, other in zip(nodes(here), nodes(there), strict=True):
        assert len(one) == len(other)
    other_suffix, back = (".flow", "yaml") if is_yaml else (".yaml", "dsl")
    again = converted(out, other_suffix, back, tmp_path, capsys)
    assert converted(again, path.suffix, "dsl" if is_yaml else "yaml", tmp_path, capsys) == out


def test_fmt_writes_the_names_that_flowc_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Accepted spellings become ours; a processor of the user's that is called so stays."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "processors").mkdir()
    (tmp_path / "processors" / "take.py").write_text(
        "def process(record: dict[str, object]) -> dict[str, object]:\n    return record\n"
    )
    assert main(["fmt", "a.jsonl | where len(x) <> 3 | order by x desc | dedup by x | take"]) == 0
    assert capsys.readouterr().out == (
        "a.jsonl | filter length(x) != 3 | sort x desc | dedupe by x | take\n"
    )
