"""What is refused before it is parsed: too large, too deep, or no text at all.

The limits are far above what a person writes and far below what would hurt.
"""

from __future__ import annotations

from dataclasses import dataclass

from flowc.diagnostics.codes import declare
from flowc.diagnostics.reporter import Reporter
from flowc.model.diagnostic import Edit, Fix
from flowc.model.source import SourceFile, Span

TOO_LARGE = declare("FC0140", "oversized-pipeline", "A pipeline file is larger than 1 MiB")
TOO_DEEP = declare("FC0141", "deep-nesting", "Something is nested too deeply")
TOO_LONG = declare("FC0142", "long-stage", "A stage or an expression is too long")
NOT_TEXT = declare("FC0143", "not-text", "A pipeline file is not UTF-8 text")
NUL = declare("FC0144", "nul-character", "A pipeline file holds a NUL character")

#: Bytes of a pipeline or schema file.
LARGEST = 1 << 20
#: Levels of brackets, blocks and operators in pipe text.
DEEPEST = 150
#: Levels of blocks in pipe text: each is several levels of the tree.
DEEPEST_BLOCKS = 50
#: Characters of one stage or expression.
LONGEST = 100_000
#: Levels of lists and maps in a YAML file.
DEEPEST_YAML = 50
#: Keys, scalars, lists and maps of a YAML file, aliases counted as what they stand for.
MOST_NODES = 10_000


@dataclass(frozen=True, slots=True)
class Limits:
    """How large, how deep and how full a YAML file may be, and what it is called."""

    largest: int = LARGEST
    deepest: int = DEEPEST_YAML
    nodes: int = MOST_NODES
    what: str = "a pipeline"


PIPELINE = Limits()

_MARKS = (
    (b"\xff\xfe\x00\x00", "UTF-32"),
    (b"\x00\x00\xfe\xff", "UTF-32"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
)


def decode(
    data: bytes, name: str, reporter: Reporter, limits: Limits = PIPELINE
) -> SourceFile | None:
    """The text of a pipeline or schema file; None after a report where it is none.

    A UTF-8 byte order mark is dropped. ``name`` is the path as the user wrote it.
    """
    empty = SourceFile(name, "").span()
    if len(data) > limits.largest:
        note = "data goes into a file of its own, and the pipeline names it as a source"
        reporter.error(
            TOO_LARGE,
            f"{name} has {len(data):,} bytes; {limits.what} has at most {limits.largest:,}",
            empty,
            notes=(note,) if limits is PIPELINE else (),
        )
        return None
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            _wrong_encoding(name, encoding, empty, reporter)
            return None
    if data[:200].count(b"\0") * 3 >= len(data[:200]) > 3:
        _wrong_encoding(name, "UTF-16 (without a mark)", empty, reporter)
        return None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8", "replace")
        source = SourceFile(name, before)
        reporter.error(
            NOT_TEXT,
            f"{name} is not UTF-8: byte 0x{data[error.start]:02x} at byte {error.start:,}",
            source.span(len(before)),
            notes=("save the file as UTF-8",),
        )
        return None
    source = SourceFile(name, text)
    return source if check(source, reporter, limits) else None


def _wrong_encoding(name: str, encoding: str, span: Span, reporter: Reporter) -> None:
    reporter.error(
        NOT_TEXT,
        f"{name} is {encoding}, not UTF-8",
        span,
        notes=(f"convert it: iconv -f {encoding.split()[0]} -t UTF-8 {name}",),
    )


def check(source: SourceFile, reporter: Reporter, limits: Limits = PIPELINE) -> bool:
    """Whether the text may be parsed at all; what speaks against it is reported."""
    text = source.text
    if len(text) > limits.largest:
        reporter.error(
            TOO_LARGE,
            f"{source.name} has {len(text):,} characters; {limits.what} has at most"
            f" {limits.largest:,}",
            source.span(0, 0),
        )
        return False
    at = text.find("\0")
    if at >= 0:
        span = source.span(at, at + 1)
        reporter.error(
            NUL,
            "a NUL character stands here",
            span,
            notes=("text files hold none: the file may be binary, or its end was not written",),
            fixes=(Fix("remove it", (Edit(span, ""),)),),
        )
        return False
    return True


def check_length(length: int, span: Span, reporter: Reporter) -> bool:
    """Whether a stage or an expression of ``length`` characters may be parsed."""
    if length <= LONGEST:
        return True
    reporter.error(
        TOO_LONG,
        f"{length:,} characters in one stage; at most {LONGEST:,} are read",
        Span(span.source, span.start, min(span.end, span.start + 1)),
        notes=("a long list of values goes into a file that `lookup` or `join` reads",),
    )
    return False
