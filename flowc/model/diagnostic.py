"""What is wrong, where, why, and what would settle it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from flowc.model.source import Span


class Severity(Enum):
    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Safety(Enum):
    """How far a fix can be trusted.

    SAFE: the meaning becomes what the user wrote down; no comment is lost.
    UNSAFE: the meaning may change, or a comment may be lost.
    DISPLAY: shown only, never applied.
    """

    SAFE = "safe"
    UNSAFE = "unsafe"
    DISPLAY = "display"


@dataclass(frozen=True, slots=True)
class Code:
    """A stable code. ``name`` says what is flagged, so that "allow NAME" reads well."""

    id: str
    name: str
    title: str


@dataclass(frozen=True, slots=True)
class Label:
    """A second place that matters, with what it says there; may lie in another file."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace a span by a text; an empty span inserts.

    The text is pipe text where the span lies inside of a YAML scalar, unless ``raw`` says that
    it is to stand in the file as it is.
    """

    span: Span
    text: str
    raw: bool = False


@dataclass(frozen=True, slots=True)
class Fix:
    """Edits that belong together. ``title`` is an imperative: "quote the field"."""

    title: str
    edits: tuple[Edit, ...] = ()
    safety: Safety = Safety.SAFE


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding.

    ``message`` is one line in the user's terms. ``span`` is where the caret goes; ``at``
    is the short text under the caret. ``notes`` say why; ``fixes`` what to do.
    """

    code: Code
    severity: Severity
    message: str
    span: Span | None = None
    at: str = ""
    labels: tuple[Label, ...] = ()
    notes: tuple[str, ...] = ()
    fixes: tuple[Fix, ...] = ()

    @property
    def is_error(self) -> bool:
        return self.severity is Severity.ERROR
