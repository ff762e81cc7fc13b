"""The user's processors: found by their files, read only when a pipeline names them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from flowc.diagnostics.reporter import Reporter
from flowc.model.project import ProcessorCode
from flowc.model.reads import listed
from flowc.project.places import inside, read_text


class Processors(Mapping[str, ProcessorCode]):
    """``processors/NAME.py`` by name; ``-`` in a name is ``_`` in the file.

    ``NAME.function`` is a function of that file; ``path/to/file.py`` a file of the project, from its
    root. A file that cannot be read as a processor is reported when it is first asked for, and
    is then not there.
    """

    def __init__(self, root: Path, reporter: Reporter) -> None:
        self._root = root
        self._reporter = reporter
        self._files: dict[str, Path] = {}
        self._read: dict[str, ProcessorCode | None] = {}
        folder = root / "processors"
        if listed(folder).is_dir():
            for path in sorted(folder.glob("*.py")):
                if path.stem.isidentifier() and not path.stem.startswith("_"):
                    self._files[path.stem] = path

    def __getitem__(self, name: str) -> ProcessorCode:
        key = name.replace("-", "_")
        stem, _, function = key.partition(".")
        if name.endswith(".py"):
            path, key, function = self._root / name, name, ""
        elif stem in self._files:
            path = self._files[stem]
        else:
            raise KeyError(name)
        if key not in self._read:
            self._read[key] = self._code(path, name, function)
        code = self._read[key]
        if code is None:
            raise KeyError(name)
        return code

    def __contains__(self, name: object) -> bool:
        if not isinstance(name, str):
            return False
        return name.endswith(".py") or name.replace("-", "_").partition(".")[0] in self._files

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)

    def _code(self, path: Path, name: str, function: str) -> ProcessorCode | None:
        from flowc.types.importers.python_signature import read_processor

        if not inside(path, self._root, self._reporter):
            return None
        source = read_text(path, self._reporter)
        if source is None:
            return None
        file = path.relative_to(self._root).as_posix()
        return read_processor(source, name, file, self._reporter, function)
