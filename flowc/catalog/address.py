"""Takes the text of an endpoint apart without losing its variables or its places."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote

from flowc.diagnostics.codes import declare
from flowc.diagnostics.reporter import Reporter
from flowc.model.diagnostic import Edit, Fix, Safety
from flowc.model.expr import Template, Variable
from flowc.model.source import Span, Text
from flowc.model.tree import Option, Word
from flowc_runtime.compression import SUFFIXES

MALFORMED_ADDRESS = declare(
    "FC0245", "malformed-address", "The text of an endpoint cannot be taken apart"
)

#: ``scheme://`` at the beginning of an endpoint.
SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")

#: A ``?`` begins options only where ``name=`` follows; else it is a wildcard.
_QUERY = re.compile(r"\?(?=[A-Za-z_][\w.-]*=)")

#: Stands for a variable in ``Located.text``; the front ends refuse it in a file.
_VARIABLE = "\0"


@dataclass(frozen=True, slots=True)
class Located:
    """A template as one text, in which each variable is one NUL character."""

    text: str
    units: tuple[str | Variable, ...]
    places: tuple[int, ...] | None
    whole: Span

    @classmethod
    def of(cls, template: Template) -> Located:
        units: list[str | Variable] = []
        written: list[str] = []
        for part in template.parts:
            if isinstance(part, str):
                units.extend(part)
                written.extend(part)
            else:
                units.append(part)
                written.append(part.span.text)
        shown = "".join(written)
        start = template.span.text.find(shown)
        places: list[int] | None = None
        # Behind escapes or folding the places are not known one by one: the whole is shown.
        if start >= 0:
            places = [template.span.start + start]
            for piece in written:
                places.append(places[-1] + len(piece))
        text = "".join(unit if isinstance(unit, str) else _VARIABLE for unit in units)
        return cls(text, tuple(units), tuple(places) if places else None, template.span)

    def span(self, start: int, end: int) -> Span:
        if self.places is None:
            return self.whole
        return Span(self.whole.source, self.places[start], self.places[end])

    def slice(self, start: int, end: int | None = None, *, decoded: bool = False) -> Template:
        """The part as a template; ``decoded``: ``%20`` is a blank."""
        end = len(self.text) if end is None else end
        parts: list[str | Variable] = []
        for unit in self.units[start:end]:
            if isinstance(unit, str) and parts and isinstance(parts[-1], str):
                parts[-1] += unit
            else:
                parts.append(unit)
        if decoded:
            parts = [unquote(part) if isinstance(part, str) else part for part in parts]
        return Template(tuple(parts), self.span(start, end), bare=True)

    def as_text(self) -> Text:
        """The text as it was written, variables included, to be parsed at its place."""
        pieces: list[str] = []
        places: list[int] = []
        for index, unit in enumerate(self.units):
            at = self.whole.start if self.places is None else self.places[index]
            piece = unit if isinstance(unit, str) else unit.span.text
            pieces.append(piece)
            places.extend(range(at, at + len(piece)) if self.places else [at] * len(piece))
        places.append(self.places[-1] if self.places else self.whole.start)
        return Text("".join(pieces), self.whole.source, 0, tuple(places))

    def word(self, start: int, end: int) -> Word:
        return Word(self.text[start:end], self.span(start, end))


def split_options(
    located: Located, reporter: Reporter, start: int = 0
) -> tuple[int, tuple[Option, ...]]:
    """Where the options of an endpoint begin, and the options; malformed ones are reported."""
    query = _QUERY.search(located.text, start)
    if query is None:
        return len(located.text), ()
    options: list[Option] = []
    at = query.end()
    for piece in located.text[at:].split("&"):
        end = at + len(piece)
        name, equals, _ = piece.partition("=")
        if not equals or not name or _VARIABLE in name:
            reporter.error(
                MALFORMED_ADDRESS,
                f"'{_shown(piece)}' is no option",
                located.span(at, end),
                at="expected name=value",
                notes=("options are written name=value, with & between them",),
            )
        else:
            value = located.slice(at + len(name) + 1, end, decoded=True)
            options.append(Option(located.word(at, at + len(name)), value, located.span(at, end)))
        at = end + 1
    return query.start(), tuple(options)


def overridden(written: tuple[Option, ...], options: tuple[Option, ...]) -> tuple[Option, ...]:
    """The options of a text with those that stand beside it, which win."""
    names = {option.key.text for option in options}
    return (*(option for option in written if option.key.text not in names), *options)


def path_option(path: Template) -> Option:
    """The option ``path``; ``~/…`` is the home folder of who runs the pipeline."""
    if path.parts and isinstance(first := path.parts[0], str) and re.match(r"~(/|$)", first):
        home = Variable("HOME", None, None, path.span)
        rest = (first[1:],) if first[1:] else ()
        path = Template((home, *rest, *path.parts[1:]), path.span, bare=True)
    return Option(Word("path", path.span), path, path.span)


def compression_of(name: str) -> str:
    """The compression that a file's name tells; empty if it tells none."""
    _, dot, suffix = name.rpartition(".")
    return SUFFIXES.get(suffix.lower(), "") if dot else ""


def without_compression(name: str) -> str:
    """A file's name, or its path, without the suffix that tells how it is compressed."""
    return name.rpartition(".")[0] if compression_of(name) else name


def resource_name(path: str) -> str:
    """What a thing is called by its path: `orders` of `data/orders.jsonl` and `orders/*.csv`."""
    for part in reversed(path.rstrip("/").split("/")):
        name = without_compression(part)
        stem = name.rpartition(".")[0] if "." in name.lstrip(".") else name
        if found := re.sub(r"[^\w-]+", "-", stem).strip("-"):
            return found
    return ""


def names_files(path: Template, reporter: Reporter, *, several: bool) -> bool:
    """Whether a path can stand for one file, or for ``several``; reported where it cannot."""
    located = Located.of(path)
    text = located.text
    wild = re.search(r"[*?]|\{[^}]*\}", text)
    if text and not text.endswith("/") and (several or wild is None):
        return True
    if wild is not None and not several:
        reporter.error(
            MALFORMED_ADDRESS,
            f"'{_shown(text)}' stands for several files",
            located.span(wild.start(), wild.end()),
            at="a wildcard",
            notes=("a sink writes one file; a source may read several",),
        )
    elif text:
        end = located.span(len(text), len(text))
        reporter.error(
            MALFORMED_ADDRESS,
            f"'{_shown(text)}' is a folder",
            path.span,
            at="name a file in it",
            notes=("a source or a sink of records is one file",),
            fixes=(Fix("name a file in it", (Edit(end, "records.jsonl"),), Safety.UNSAFE),),
        )
    else:
        reporter.error(MALFORMED_ADDRESS, "the path is empty", path.span)
    return False


def _shown(text: str) -> str:
    return text.replace(_VARIABLE, "${…}")
