"""What `flowc list` lists: one module a set, each a `SET`; nothing lists them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any, ClassVar, Generic, TypeVar

from flowc.cli.support.command import UsageError

Entry = TypeVar("Entry")

#: As a reader meets them; a set that is not here comes last.
_FIRST = ("connectors", "formats", "operators", "functions", "aggregates", "texts", "types")


class EntrySet(ABC, Generic[Entry]):
    """A set of entries, each with a name and a summary.

    ``one`` is what an entry is called. ``brief``: a listing of everything only counts it.
    """

    name: ClassVar[str]
    one: ClassVar[str]
    brief: ClassVar[bool] = False

    @abstractmethod
    def entries(self, cwd: Path) -> Mapping[str, Entry]:
        """Every entry by its name, in the order in which they are listed."""

    def find(self, word: str, cwd: Path) -> Entry | None:
        """The entry of that name or spelling."""
        return self.entries(cwd).get(word)

    @abstractmethod
    def summary(self, entry: Entry) -> str:
        """What it is, in a line."""

    def kind(self, entry: Entry) -> str:
        """The group under which it is listed; empty in a set without groups."""
        return ""

    @abstractmethod
    def details(self, entry: Entry) -> str:
        """All there is to say of it, as text."""

    @abstractmethod
    def object(self, entry: Entry) -> dict[str, Any]:
        """The same as JSON values."""

    def words(self, entry: Entry) -> tuple[str, ...]:
        """Other words for it, which may be meant by a misspelled one."""
        return tuple(getattr(entry, "spellings", ()))


def names() -> tuple[str, ...]:
    """The names of the sets."""
    found = [module.name for module in iter_modules(__path__)]
    return tuple(sorted(found, key=lambda n: (_FIRST.index(n) if n in _FIRST else len(_FIRST), n)))


def load(name: str) -> EntrySet[Any]:
    """The set of that name, which is one of `names`."""
    found: EntrySet[Any] = import_module(f"{__name__}.{name}").SET
    return found


def sets() -> Iterator[EntrySet[Any]]:
    """Every set."""
    return (load(name) for name in names())


def find(word: str, chosen: list[EntrySet[Any]], cwd: Path) -> list[tuple[EntrySet[Any], Any]]:
    """The entries that a word names, with their sets."""
    found = [(entry_set, entry_set.find(word, cwd)) for entry_set in chosen]
    return [(entry_set, entry) for entry_set, entry in found if entry is not None]


def nothing(word: str, chosen: list[EntrySet[Any]], cwd: Path) -> UsageError:
    """What to say of a word that names no entry."""
    from flowc.catalog import registry
    from flowc.diagnostics.suggest import did_you_mean

    candidates = set(names()) if len(chosen) > 1 else set[str]()
    for entry_set in chosen:
        for name, entry in entry_set.entries(cwd).items():
            candidates.update((name, *entry_set.words(entry)))
    instead = registry.correction("operator", word) or registry.correction("function", word)
    what = chosen[0].one if len(chosen) == 1 else "entry"
    where = f" {chosen[0].name}" if len(chosen) == 1 else ""
    elsewhere = [s for s, _ in find(word, list(sets()), cwd) if s not in chosen]
    return UsageError(
        f"there is no {what} {word!r}",
        *(f"flowc list {s.name} {word}" for s in elsewhere),
        did_you_mean(word, candidates) or (f"in flowc: {instead}" if instead else ""),
        f"flowc list{where} shows all of them",
    )
