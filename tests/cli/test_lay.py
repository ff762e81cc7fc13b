"""Files are laid without touching what is not flowc's."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from flowc.cli.support.lay import LOCK, Action, Layout, diff, plan, write
from flowc.model.files import File, FileSet, Owner


def files(**more: str) -> FileSet:
    made = {name.replace("__", "/"): File(text) for name, text in more.items()}
    return FileSet("orders", made)


def lay(made: FileSet, folder: Path) -> Layout:
    layout = plan(made, folder)
    assert layout.conflicts == ()
    write(layout)
    return layout


def test_files_are_written_then_left_alone(tmp_path: Path) -> None:
    made = files(src__a="1\n", b="2\n")
    lay(made, tmp_path / "out")
    assert (tmp_path / "out/src/a").read_text() == "1\n"
    again = plan(made, tmp_path / "out")
    assert again.pending == ()
    before = (tmp_path / "out/src/a").stat().st_mtime_ns
    write(again)
    assert (tmp_path / "out/src/a").stat().st_mtime_ns == before


def test_the_lock_holds_a_hash_of_each_file(tmp_path: Path) -> None:
    lay(files(a="1\n"), tmp_path)
    assert list(json.loads((tmp_path / LOCK).read_text())["files"]) == ["a"]


def test_a_stale_file_is_removed_with_its_folder(tmp_path: Path) -> None:
    lay(files(src__old="1\n", b="2\n"), tmp_path)
    layout = lay(files(b="2\n"), tmp_path)
    assert [c.path for c in layout.pending if c.action is Action.REMOVE] == ["src/old"]
    assert not (tmp_path / "src").exists()


def test_a_foreign_file_stops_everything(tmp_path: Path) -> None:
    (tmp_path / "b").write_text("mine")
    layout = plan(files(a="1\n", b="2\n"), tmp_path)
    assert [d.code.id for d in layout.conflicts] == ["FC0781"]
    assert (tmp_path / "b").read_text() == "mine"


def test_a_foreign_file_with_the_same_text_is_no_conflict(tmp_path: Path) -> None:
    (tmp_path / "b").write_text("2\n")
    lay(files(b="2\n"), tmp_path)


def test_an_edited_file_stops_everything(tmp_path: Path) -> None:
    lay(files(a="1\n"), tmp_path)
    (tmp_path / "a").write_text("edited")
    assert [d.code.id for d in plan(files(a="2\n"), tmp_path).conflicts] == ["FC0782"]


def test_a_stale_file_that_was_edited_stays(tmp_path: Path) -> None:
    lay(files(a="1\n", b="2\n"), tmp_path)
    (tmp_path / "a").write_text("edited")
    lay(files(b="2\n"), tmp_path)
    assert (tmp_path / "a").read_text() == "edited"


def test_a_users_file_is_written_once(tmp_path: Path) -> None:
    def made(text: str) -> FileSet:
        return FileSet("orders", {"user.py": File(text, Owner.USER)})

    lay(made("first"), tmp_path)
    (tmp_path / "user.py").write_text("mine")
    lay(made("second"), tmp_path)
    assert (tmp_path / "user.py").read_text() == "mine"
    lay(files(a="1\n"), tmp_path)
    assert (tmp_path / "user.py").read_text() == "mine"


@pytest.mark.parametrize("path", ["../a", "/tmp/a", "x/../../a", "c:\\a", "a\\b", "C:a", ""])
def test_no_path_leads_out(tmp_path: Path, path: str) -> None:
    with pytest.raises(ValueError, match="may lie anywhere"):
        plan(FileSet("orders", {path: File("x")}), tmp_path / "out")


def test_no_link_leads_out(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "out").mkdir()
    (tmp_path / "out/src").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "out/file").symlink_to(tmp_path / "elsewhere/file")
    found = plan(files(src__a="1\n", file="2\n"), tmp_path / "out").conflicts
    assert [d.code.id for d in found] == ["FC0781", "FC0781"]


def test_a_lock_that_lies_removes_nothing_outside(tmp_path: Path) -> None:
    (tmp_path / "victim").write_text("v")
    out = tmp_path / "out"
    out.mkdir()
    sha256 = hashlib.sha256(b"v").hexdigest()
    lock = {"files": {"../victim": {"owner": "generated", "sha256": sha256}}}
    (out / LOCK).write_text(json.dumps(lock))
    write(plan(files(a="1\n"), out))
    assert (tmp_path / "victim").read_text() == "v"


def test_diffs_name_new_and_removed_files(tmp_path: Path) -> None:
    lay(files(a="1\n", b="2\n"), tmp_path)
    text = "".join(diff(plan(files(a="one\n", c="3\n"), tmp_path).pending, "out/"))
    assert "--- a/out/a\n+++ b/out/a\n" in text
    assert "--- /dev/null\n+++ b/out/c\n" in text
    assert "--- a/out/b\n+++ /dev/null\n" in text
