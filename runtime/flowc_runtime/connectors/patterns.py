"""Patterns of paths: `data/*.csv`, `logs/**/{a,b}-?.jsonl`.

`*` is any part of a name, `?` one character, `**` any folders or none, `{a,b}` one of these. A
name that begins with a point is matched by none of the first three, and no pattern names what
runs leave behind: unfinished files (`.partial`) and dead letters (`.dead.jsonl`).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

__all__ = ["fixed_folder", "is_pattern", "matching_files", "names_path", "spelled_out"]

_WILD = re.compile(r"[*?]|\{[^{}]*\}")
_BRACES = re.compile(r"\{([^{}]*)\}")
_LEFT_BEHIND = (".partial", ".dead.jsonl")


def is_pattern(path: str) -> bool:
    """Whether a path stands for several files."""
    return _WILD.search(path) is not None


def spelled_out(pattern: str) -> list[str]:
    """The pattern without braces: one for each way to choose from them."""
    braces = _BRACES.search(pattern)
    if braces is None:
        return [pattern]
    before, after = pattern[: braces.start()], pattern[braces.end() :]
    return [
        path for choice in braces[1].split(",") for path in spelled_out(before + choice + after)
    ]


def fixed_folder(pattern: str) -> str:
    """The folder before the first wildcard; empty for the current one."""
    wild = _WILD.search(pattern)
    return pattern[: pattern.rfind("/", 0, wild.start() if wild else None) + 1]


def names_path(pattern: str, path: str) -> bool:
    """Whether the pattern stands for the file at `path`, an absolute one without links."""
    folder = fixed_folder(pattern)
    where = os.path.join(os.path.realpath(folder or "."), pattern[len(folder) :])
    ours = os.path.basename(path).endswith(_LEFT_BEHIND)
    return not ours and any(_regex(choice).fullmatch(path) for choice in spelled_out(where))


def matching_files(pattern: str, root: str = "") -> tuple[list[str], list[str]]:
    """The paths of the regular files that a pattern stands for, in order of their characters, and
    the folders that were looked into. Both begin as the pattern does; `root` is the folder from
    which it is read. Raises OSError only for a folder that may not be read.
    """
    folders: dict[str, None] = {}
    found = {
        path
        for choice in spelled_out(pattern)
        for path in _walk("", choice, root, folders)
        if not path.endswith(_LEFT_BEHIND)
    }
    return sorted(found), list(folders)


def _walk(folder: str, rest: str, root: str, folders: dict[str, None]) -> Iterator[str]:
    name, slash, behind = rest.partition("/")
    if not is_pattern(name):
        if slash:
            yield from _walk(f"{folder}{name}/", behind, root, folders)
        elif os.path.isfile(os.path.join(root, folder + name)):
            yield folder + name
        return
    folders[folder] = None
    try:
        with os.scandir(os.path.join(root, folder) or ".") as entries:
            inside = list(entries)
    except (FileNotFoundError, NotADirectoryError):
        return
    if name == "**":
        # Any folders or none: what is behind it may lie here too.
        yield from _walk(folder, behind or "*", root, folders)
        for entry in inside:
            if not entry.name.startswith(".") and entry.is_dir(follow_symlinks=False):
                yield from _walk(f"{folder}{entry.name}/", rest, root, folders)
        return
    matches = re.compile(_name(name), re.DOTALL).fullmatch
    for entry in inside:
        if not matches(entry.name):
            continue
        if not slash:
            if entry.is_file():
                yield folder + entry.name
        elif entry.is_dir():
            yield from _walk(f"{folder}{entry.name}/", behind, root, folders)


def _name(part: str) -> str:
    """One part of a pattern as a regular expression."""
    text = re.escape(part).replace(r"\*", "[^/]*").replace(r"\?", "[^/]")
    return rf"(?!\.){text}" if part.startswith(("*", "?")) else text


def _regex(pattern: str) -> re.Pattern[str]:
    parts = [
        r"(?:(?!\.)[^/]+/)*" if part == "**" else _name(part) + "/" for part in pattern.split("/")
    ]
    text = "".join(parts)
    last_is_deep = pattern.endswith("/**")
    return re.compile(text + r"(?!\.)[^/]+" if last_is_deep else text[:-1], re.DOTALL)
