"""Which format an endpoint of bytes has: as written, else by the suffix of its path."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from flowc.catalog import registry
from flowc.catalog.address import compression_of, without_compression
from flowc.catalog.formats import Format
from flowc.diagnostics.codes import declare
from flowc.diagnostics.reporter import Reporter
from flowc.diagnostics.suggest import did_you_mean
from flowc.model.diagnostic import Edit, Fix, Safety
from flowc.model.expr import Template, Variable
from flowc.model.source import Span
from flowc.model.tree import Option, Word
from flowc_runtime.connectors.patterns import spelled_out

UNKNOWN_FORMAT = declare(
    "FC0244", "unknown-format", "The format of a file is not known, or not said"
)

_PACKED = frozenset({"zip", "bz2", "xz", "lz4"})


@dataclass(frozen=True, slots=True)
class Encoding:
    """The format's name (empty where it was reported as unknown), its options, and the
    options that are left for the connector."""

    format: str
    codec: tuple[Option, ...]
    rest: tuple[Option, ...]


def choose(
    options: tuple[Option, ...],
    path: Template | None,
    span: Span,
    reporter: Reporter,
    default: str = "",
) -> Encoding:
    """Tell the format of an endpoint and take its options out of ``options``.

    ``default`` is the format where there is no path (standard input); ``span`` is the
    endpoint's.
    """
    written = next((option for option in options if option.key.text == "format"), None)
    others = tuple(option for option in options if option.key.text != "format")
    found: Format | None
    implied: dict[str, str] = {}
    if written is not None:
        word = written.value.plain if isinstance(written.value, Template) else None
        found = registry.format(word) if word else None
        if found is None:
            _unknown_word(word, written, reporter)
        elif word is not None:
            implied = dict(found.suffixes.get(word, {}))
    elif path is None:
        found = registry.format(default)
    else:
        found, implied = _by_suffix(path, span, reporter)
    if found is None:
        return Encoding("", (), others)
    names = {field.name for field in dataclasses.fields(found.options)}
    codec = tuple(option for option in others if option.key.text in names)
    said = {option.key.text for option in codec}
    filled = tuple(
        Option(Word(key, span), Template((value,), span, bare=True), span)
        for key, value in implied.items()
        if key not in said
    )
    rest = tuple(option for option in others if option.key.text not in names)
    return Encoding(found.name, filled + codec, rest)


def compression(options: tuple[Option, ...], path: Template) -> tuple[Option, ...]:
    """The options, with the compression that the path's suffix tells if none is written."""
    told = {compression_of(name) for name in _names(path)}
    if told == {""} or any(option.key.text == "compression" for option in options):
        return options
    if len(told) > 1:
        return options
    value = Template((told.pop(),), path.span, bare=True)
    return (*options, Option(Word("compression", path.span), value, path.span))


def _names(path: Template) -> list[str]:
    """The last part of a path, in all spellings of a pattern; a variable is its default."""
    if path.parts and isinstance(last := path.parts[-1], Variable) and last.default is None:
        return [""]
    text = "".join(part if isinstance(part, str) else part.default or "" for part in path.parts)
    return [choice.rpartition("/")[2] for choice in spelled_out(text)]


def _by_suffix(
    path: Template, span: Span, reporter: Reporter
) -> tuple[Format | None, dict[str, str]]:
    last = path.parts[-1] if path.parts else ""
    suffixes = {_suffix(without_compression(name)) for name in _names(path)}
    suffix = suffixes.pop() if len(suffixes) == 1 else ""
    for format in registry.formats().values():
        if suffix in format.suffixes:
            return format, dict(format.suffixes[suffix])
    shown = path.span.text.strip("\"'")
    words = known_words()
    notes = [f"formats: {', '.join(words)}"]
    if isinstance(last, Variable):
        notes.append(
            f"the format is decided when the pipeline is compiled: give ${{{last.name}}} a "
            f"default, as in ${{{last.name}:-orders.jsonl}}, or --set {last.name}=…"
        )
    if suffix in _PACKED:
        notes.append(f"of packed files .gz and .zst are read, not .{suffix}: unpack it first")
    options = span.text.find("?")
    if options < 0 or span.start + options < path.span.end:
        edit = Edit(path.span.at_end(), "?format=jsonl")
    else:
        at = span.start + options + 1
        edit = Edit(Span(span.source, at, at), "format=jsonl&")
    fix = Fix("say the format", (edit,), Safety.UNSAFE)
    reporter.error(
        UNKNOWN_FORMAT,
        f"the suffix '.{suffix}' tells no format" if suffix else f"'{shown}' tells no format",
        path.span,
        at="add ?format=",
        notes=notes,
        fixes=() if suffix in _PACKED else (fix,),
    )
    return None, {}


def _suffix(name: str) -> str:
    _, dot, suffix = name.rpartition(".")
    return suffix.lower() if dot else ""


def _unknown_word(word: str | None, written: Option, reporter: Reporter) -> None:
    words = known_words()
    if word is None:
        message, hint = "the format must be written as a word", ""
    else:
        message, hint = f"unknown format '{word}'", did_you_mean(word, words)
    reporter.error(
        UNKNOWN_FORMAT,
        message,
        written.value.span,
        at=hint,
        notes=(f"formats: {', '.join(words)}",),
    )


def known_words() -> tuple[str, ...]:
    """The words that ``?format=`` takes, as they are shown."""
    return tuple(
        sorted({suffix for format in registry.formats().values() for suffix in format.suffixes})
    )
