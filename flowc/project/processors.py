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

    A file that cannot be read as a processor is reported when it is first asked for, and
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
        stem = name.replace("-", "_")
        if stem not in self._files:
            raise KeyError(name)
        if stem not in self._read:
            self._read[stem] = self._code(stem, name)
        code = self._read[stem]
        if code is None:
            raise KeyError(name)
        return code

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.replace("-", "_") in self._files

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)

    def _code(self, stem: str, name: str) -> ProcessorCode | None:
        from flowc.types.importers.python_signature import read_processor

        path = self._files[stem]
        if not inside(path, self._root, self._reporter):
            return None
        source = read_text(path, self._reporter)
        if source is None:
            return None
        file = path.relative_to(self._root).as_posix()
        return read_processor(source, name, file, self._reporter)
