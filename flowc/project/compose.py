"""Pipelines that build on others: ``extends`` takes the keys of another file, and this one's
go over them.

Maps merge key by key, the stages of both stand one after the other, everything else replaces.
What is merged keeps the places that it was written at, so that a message points into its file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from flowc.diagnostics.codes import declare
from flowc.diagnostics.reporter import Reporter
from flowc.diagnostics.suggest import nearest
from flowc.model.diagnostic import Edit, Fix, Label, Safety
from flowc.model.expr import Template
from flowc.model.reads import looked_at
from flowc.model.source import SourceFile, Span
from flowc.model.tree import Document, ListValue, MapValue, NullValue, Option, Value, Word
from flowc.project.load import find_root
from flowc.project.places import read_text, shown
from flowc.syntax import YAML_SUFFIXES, parse

NO_BASE = declare("FC0706", "missing-base", "What a pipeline builds on is not there")
OUTSIDE = declare(
    "FC0707", "base-outside-project", "A pipeline builds on a file outside its project"
)
CIRCLE = declare("FC0708", "extends-cycle", "Pipelines build on each other in a circle")
SEVERAL = declare("FC0709", "ambiguous-base", "A file to build on does not hold one pipeline")

#: Keys that speak of their own file alone.
_OWN = frozenset({"name", "enabled", "abstract", "extends"})
#: Keys that say the same thing, by what they say.
_ROLES = {
    "source": "source",
    "sources": "source",
    "process": "process",
    "processors": "process",
    "sink": "sink",
    "sinks": "sink",
}


def read_document(
    source: SourceFile,
    path: Path | None,
    reporter: Reporter,
    *,
    operators: frozenset[str],
    is_connector: Callable[[str], bool],
) -> Document:
    """A pipeline with what it builds on; what is wrong is reported.

    Args:
        path: the file, from which `extends` is read; None for pipe text of the command line.
        operators: the names of operators, which no source or sink can have.
        is_connector: tells the name of a connector, so another one, from a further option.
    """
    if path is None or not source.name.endswith(YAML_SUFFIXES):
        return parse(source, reporter, command_line=path is None, operators=operators)
    from flowc.syntax import document, yamldoc

    values = yamldoc.load(source, reporter)
    composer = _Composer(find_root(path).resolve(), is_connector, reporter)
    composed = [composer.document(value, path) for value in values]
    tree = document.to_tree(composed, source, reporter, operators=operators)
    return replace(tree, bases=tuple(composer.sources))


@dataclass(slots=True)
class _Composer:
    root: Path
    is_connector: Callable[[str], bool]
    reporter: Reporter
    sources: list[SourceFile] = field(default_factory=list)
    read: dict[Path, MapValue | None] = field(default_factory=dict)

    def document(self, value: Value, path: Path) -> Value:
        if not isinstance(value, MapValue):
            return value
        several = _entry(value, "pipelines")
        if several is None or not isinstance(several.value, MapValue):
            return self._composed(value, path)
        inner = tuple(
            replace(entry, value=self._composed(entry.value, path))
            if isinstance(entry.value, MapValue)
            else entry
            for entry in several.value.entries
        )
        made = replace(several, value=replace(several.value, entries=inner))
        return replace(
            value, entries=tuple(made if entry is several else entry for entry in value.entries)
        )

    def _composed(self, value: MapValue, path: Path) -> MapValue:
        """A pipeline over all that it builds on; as it is where that cannot be had."""
        chain, here = [value], path
        named: dict[Path, Span | None] = {path.resolve(): None}
        while (option := _entry(chain[-1], "extends")) is not None:
            found = self._base(option, here, named)
            if found is None:
                return value
            here, base = found
            chain.append(base)
        made = chain.pop()
        while chain:
            made = self._merged(made, chain.pop())
        return made

    # The file

    def _base(
        self, option: Option, here: Path, named: dict[Path, Span | None]
    ) -> tuple[Path, MapValue] | None:
        from flowc.syntax.values import Values

        word = Values(self.reporter).word(option.value)
        path = None if word is None else self._file(word, here)
        if word is None or path is None:
            return None
        real = path.resolve()
        if real in named:
            way = [span for span in named.values() if span is not None]
            self.reporter.error(
                CIRCLE,
                "the pipeline builds on itself",
                word.span,
                at=f"{shown(path)} is where it began" if way else "",
                labels=tuple(Label(span, "by way of this") for span in way),
                notes=("a pipeline builds on one that does not build on it",),
            )
            return None
        named[real] = word.span
        if real not in self.read:
            self.read[real] = self._pipeline(path, word)
        base = self.read[real]
        return None if base is None else (path, base)

    def _file(self, word: Word, here: Path) -> Path | None:
        """The file that ``extends`` names, relative to the file ``here``."""
        text = word.text
        endings = ("",) if text.endswith(YAML_SUFFIXES) else YAML_SUFFIXES
        paths = [here.parent / (text + ending) for ending in endings]
        outside = [p for p in paths if not looked_at(p).resolve().is_relative_to(self.root)]
        if outside:
            self.reporter.error(
                OUTSIDE,
                f"{text} lies outside the project",
                word.span,
                notes=(
                    f"the project is {shown(self.root)}: the nearest folder with flowc.toml, "
                    "else that of the pipeline",
                    "what is compiled stays inside it: copy the file",
                ),
            )
            return None
        found = next((path for path in paths if path.is_file()), None)
        if found is None:
            self._missing(word, paths[0], here)
        return found

    def _missing(self, word: Word, path: Path, here: Path) -> None:
        text = word.text
        folder, _, last = text.rpartition("/")
        names = (
            [file.stem for file in path.parent.iterdir() if file.name.endswith(YAML_SUFFIXES)]
            if path.parent.is_dir()
            else []
        )
        near = [
            f"{folder}/{name}" if folder else name
            for name in nearest(last.removesuffix(path.suffix), names)
        ]
        notes = [f"looked for {shown(path)}"]
        if "/" in text and "." not in text:
            notes.append("installed components, which it could also name, are not supported yet")
        if text.endswith(".flow"):
            notes.append("only YAML files can be built on")
        self.reporter.error(
            NO_BASE,
            f"there is no pipeline '{text}' to build on",
            word.span,
            at=f"did you mean '{near[0]}'?" if near else "",
            notes=notes,
            fixes=tuple(
                Fix(f"write {name}", (Edit(word.span, name),), Safety.UNSAFE) for name in near
            ),
        )

    def _pipeline(self, path: Path, word: Word) -> MapValue | None:
        from flowc.syntax import yamldoc

        before = len(self.reporter)
        source = read_text(path, self.reporter)
        values = () if source is None else yamldoc.load(source, self.reporter)
        if source is not None:
            self.sources.append(source)
        if len(values) == 1 and isinstance(values[0], MapValue):
            several = _entry(values[0], "pipelines")
            if several is None:
                return values[0]
        if len(self.reporter) == before:
            self.reporter.error(
                SEVERAL,
                f"{shown(path)} does not hold one pipeline",
                word.span,
                notes=("a pipeline builds on a file that holds one, a map of keys",),
            )
        return None

    # Merging

    def _merged(self, base: MapValue, over: MapValue) -> MapValue:
        """Two pipelines: the keys of ``over`` go over those of ``base``."""
        kept = {option.key.text: option for option in base.entries if option.key.text not in _OWN}
        written = {_ROLES.get(option.key.text, option.key.text) for option in over.entries}
        before = {key: option for key, option in kept.items() if _ROLES.get(key, key) in written}
        made = [option for key, option in kept.items() if key not in before]
        for option in over.entries:
            key = option.key.text
            if key == "extends":
                continue
            role = _ROLES.get(key, key)
            earlier = [one for name, one in before.items() if _ROLES.get(name, name) == role]
            made.append(self._over(role, earlier[0], option) if earlier else option)
        return MapValue(tuple(made), over.span)

    def _over(self, role: str, base: Option, over: Option) -> Option:
        match role, base.value, over.value:
            case "process", first, second:
                items = (*_stages(first), *_stages(second))
                value: Value = ListValue(items, over.value.span)
            case "overrides", MapValue() as first, MapValue() as second:
                value = MapValue((*first.entries, *second.entries), second.span)
            case "source" | "sink", MapValue() as first, MapValue() as second:
                value = second if self._is_other(first, second) else _deep(first, second)
            case _, MapValue() as first, MapValue() as second:
                value = _deep(first, second)
            case _:
                return over
        return replace(over, value=value)

    def _is_other(self, base: MapValue, over: MapValue) -> bool:
        """Whether a source or sink names another connector than the one below it."""
        before, after = _text(base, "type"), _text(over, "type")
        if after is not None:
            return after != before
        keys = {entry.key.text for entry in base.entries}
        return any(
            entry.key.text not in keys
            and (self.is_connector(entry.key.text) or isinstance(entry.value, MapValue))
            and entry.key.text != "config"
            for entry in over.entries
        )


def _entry(value: MapValue, key: str) -> Option | None:
    return next((option for option in value.entries if option.key.text == key), None)


def _text(value: MapValue, key: str) -> str | None:
    option = _entry(value, key)
    return option.value.plain if option and isinstance(option.value, Template) else None


def _stages(value: Value) -> Iterator[Value]:
    """The items of ``process:``: a list of stages, or one text or map."""
    match value:
        case ListValue(items=items):
            yield from items
        case NullValue():
            pass
        case _:
            yield value


def _deep(base: MapValue, over: MapValue) -> MapValue:
    """Two maps, key by key; depth is limited when they are read."""
    made = {option.key.text: option for option in base.entries}
    for option in over.entries:
        below = made.get(option.key.text)
        if below and isinstance(below.value, MapValue) and isinstance(option.value, MapValue):
            option = replace(option, value=_deep(below.value, option.value))
        made[option.key.text] = option
    return MapValue(tuple(made.values()), over.span)
