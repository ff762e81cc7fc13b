"""Finds the entries of the catalogue by their files; there is no list of them anywhere.

Asking for ``filter`` imports ``catalog/operators/filter.py`` alone. Only a word that is no
file's name makes the shelf look further: through the other files, whose entries may have
it as a spelling or a scheme, and then through the entry points of installed packages
(groups ``flowc.operators``, ``flowc.functions``, ``flowc.connectors``, ``flowc.formats``,
``flowc.texts``).
A built-in wins over an installed entry of the same name.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

from flowc.catalog.formats import Format
from flowc.catalog.spec import CallCorrection, Connector, ForeignStage, Function, Meant, Operator

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint, EntryPoints

    from flowc.catalog.texts import TextFormat

Entry = TypeVar("Entry")

#: The kinds of words that other languages have and flowc corrects.
WordKind = Literal["operator", "function"]


@dataclass(frozen=True, slots=True)
class Broken:
    """An entry of an installed package that could not be imported."""

    name: str
    package: str
    reason: str


@dataclass(slots=True)
class Shelf(Generic[Entry]):
    """One open set: a package with a module for each entry (or family of entries).

    ``read`` takes a module's or an entry point's value apart into entries; ``words`` gives
    what an entry answers to, its canonical name first.
    """

    package: str
    attribute: str
    group: str
    read: Callable[[Any], Iterable[Entry]]
    words: Callable[[Entry], Iterable[str]]
    broken: list[Broken] = field(default_factory=list)
    _by_word: dict[str, Entry] = field(default_factory=dict)
    _entries: dict[str, Entry] = field(default_factory=dict)
    _homes: dict[str, str] = field(default_factory=dict)
    _waiting: dict[str, None] | None = None
    _points: dict[str, EntryPoint] | None = None

    def find(self, word: str) -> Entry | None:
        """The entry that answers to ``word``; imports as little as it can."""
        waiting = self._modules()
        module = word.replace("-", "_")
        if word not in self._by_word and module in waiting:
            self._open(module)
        for module in tuple(waiting):
            if word in self._by_word:
                break
            self._open(module)
        if word not in self._by_word:
            points = self._entry_points()
            for name in sorted(points, key=lambda name: name != word):
                if word in self._by_word:
                    break
                self._load(name)
        return self._by_word.get(word)

    def all(self) -> Mapping[str, Entry]:
        """Every entry by its canonical name, in order of names; imports them all."""
        for module in tuple(self._modules()):
            self._open(module)
        for name in sorted(self._entry_points()):
            self._load(name)
        return dict(sorted(self._entries.items()))

    def home(self, name: str) -> str:
        """The module, or the entry point, that an entry came from; empty if it is not known."""
        self.find(name)
        return self._homes.get(name, "")

    def names(self) -> frozenset[str]:
        """The names of files and entry points, without importing any of them."""
        files = (module.replace("_", "-") for module in self._files())
        return frozenset({*files, *self._files(), *installed(self.group).names})

    def _files(self) -> Iterator[str]:
        path = import_module(self.package).__path__
        for module in pkgutil.iter_modules(path):
            if not module.name.startswith("_"):
                yield module.name

    def _modules(self) -> dict[str, None]:
        """The modules that were not imported yet, in order."""
        if self._waiting is None:
            self._waiting = dict.fromkeys(sorted(self._files()))
        return self._waiting

    def _entry_points(self) -> dict[str, EntryPoint]:
        if self._points is None:
            self._points = {point.name: point for point in installed(self.group)}
        return self._points

    def _open(self, module: str) -> None:
        value = getattr(import_module(f"{self.package}.{module}"), self.attribute)
        del self._modules()[module]
        self._take(value, module)

    def _load(self, name: str) -> None:
        point = self._entry_points().pop(name)
        try:
            self._take(point.load(), name)
        # Another package's code may raise anything; it must not stop a pipeline without it.
        except Exception as error:
            package = point.dist.name if point.dist is not None else point.value
            self.broken.append(Broken(name, package, f"{type(error).__name__}: {error}"))

    def _take(self, value: object, home: str) -> None:
        for entry in self.read(value):
            words = tuple(self.words(entry))
            if words[0] not in self._entries:
                self._entries[words[0]] = entry
                self._homes[words[0]] = home
            for word in words:
                self._by_word.setdefault(word, entry)


@cache
def installed(group: str) -> EntryPoints:
    """The entry points of a group; reading the metadata of all packages takes a while."""
    from importlib.metadata import entry_points

    return entry_points(group=group)


OPERATORS: Shelf[Operator] = Shelf(
    "flowc.catalog.operators",
    "OPERATOR",
    "flowc.operators",
    lambda value: (value,),
    lambda entry: (entry.name, *entry.spellings),
)
FUNCTIONS: Shelf[Function] = Shelf(
    "flowc.catalog.functions",
    "FUNCTIONS",
    "flowc.functions",
    tuple,
    lambda entry: (entry.name, *entry.spellings),
)
CONNECTORS: Shelf[Connector] = Shelf(
    "flowc.catalog.connectors",
    "CONNECTOR",
    "flowc.connectors",
    lambda value: (value,),
    lambda entry: (entry.name, *entry.schemes),
)
FORMATS: Shelf[Format] = Shelf(
    "flowc.catalog.formats",
    "FORMAT",
    "flowc.formats",
    lambda value: (value,),
    lambda entry: (entry.name, *entry.spellings),
)
TEXTS: Shelf[TextFormat] = Shelf(
    "flowc.catalog.texts",
    "TEXT_FORMAT",
    "flowc.texts",
    lambda value: (value,),
    lambda entry: (entry.name, *entry.spellings),
)


def operator(word: str) -> Operator | None:
    """The operator of that name or spelling (``filter``, ``where``)."""
    return OPERATORS.find(word)


def operators() -> Mapping[str, Operator]:
    """Every operator by its name."""
    return OPERATORS.all()


def operator_words() -> frozenset[str]:
    """The operators' names, cheaply: enough to tell a pipeline from a file's name."""
    return OPERATORS.names()


def has_connector(word: str) -> bool:
    """Whether a connector has this name or scheme."""
    return connector(word) is not None


def function(name: str) -> Function | None:
    """The function of that name or spelling."""
    return FUNCTIONS.find(name)


def functions() -> Mapping[str, Function]:
    """Every function by its name."""
    return FUNCTIONS.all()


def function_family(name: str) -> str:
    """The family of a function: the file it stands in."""
    return FUNCTIONS.home(name)


def connector(word: str) -> Connector | None:
    """The connector of that name or scheme (``file``, ``sqlite``, ``-``)."""
    return CONNECTORS.find(word)


def connectors() -> Mapping[str, Connector]:
    """Every connector by its name."""
    return CONNECTORS.all()


def format(word: str) -> Format | None:
    """The format of that name or spelling (``jsonlines``, ``jsonl``, ``csv``)."""
    return FORMATS.find(word)


def formats() -> Mapping[str, Format]:
    """Every format by its name."""
    return FORMATS.all()


def text_format(word: str) -> TextFormat | None:
    """The format of texts inside records of that name or spelling (``kv``, ``logfmt``)."""
    return TEXTS.find(word)


def text_formats() -> Mapping[str, TextFormat]:
    """Every format of texts by its name."""
    return TEXTS.all()


def correction(kind: WordKind, word: str) -> str | None:
    """What flowc says instead of another language's word, as its entry declares it; the name
    of the operator, or nothing, where that takes more than another word."""
    if kind == "function":
        instead = _call_correction(word)
        return instead if isinstance(instead, str) and "{" not in instead else None
    entries: Iterable[Operator | Connector] = (*operators().values(), *connectors().values())
    for entry in entries:
        found = entry.corrections.get(word)
        if found is not None:
            name = entry.name if isinstance(entry, Operator) else ""
            return found if isinstance(found, str) else name
    return None


def _call_correction(word: str) -> CallCorrection | None:
    return next((f.corrections[word] for f in functions().values() if word in f.corrections), None)


def call_meant(word: str, arguments: Sequence[str]) -> str | None:
    """What a call of another language's function is in flowc; None where that is not known."""
    found = _call_correction(word)
    if found is None:
        return None
    if not isinstance(found, str):
        return found(arguments)
    if "{" not in found:
        return f"{found}({', '.join(arguments)})"
    wanted = found.count("{")
    return found.format(*arguments) if len(arguments) == wanted else None


def meant(stage: ForeignStage) -> Meant | None:
    """What a stage of another language is in flowc, as the entry that knows its word says."""
    entries: Iterable[Operator | Connector] = (*operators().values(), *connectors().values())
    for entry in entries:
        found = entry.corrections.get(stage.word)
        if isinstance(found, str):
            return Meant(f"{found} {stage.rest}".strip())
        made = found(stage) if found is not None else None
        if made is not None:
            return Meant(made) if isinstance(made, str) else made
    return None


def broken(kind: Literal["operator", "function", "connector", "format"]) -> tuple[Broken, ...]:
    """The entries of installed packages that were asked for and could not be imported."""
    shelves = {
        "operator": OPERATORS.broken,
        "function": FUNCTIONS.broken,
        "connector": CONNECTORS.broken,
        "format": FORMATS.broken,
    }
    return tuple(shelves[kind])
