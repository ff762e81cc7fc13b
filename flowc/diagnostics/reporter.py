"""Collects diagnostics. Nothing raises for a user's mistake: it is reported here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from flowc.model.diagnostic import Code, Diagnostic, Fix, Label, Severity
from flowc.model.source import Span


class Reporter:
    """An ordered set of diagnostics: what is reported twice at one place counts once."""

    def __init__(self) -> None:
        self._found: list[Diagnostic] = []
        self._seen: set[tuple[str, str, str, int]] = set()

    def add(self, diagnostic: Diagnostic) -> None:
        span = diagnostic.span
        key = (
            diagnostic.code.id,
            diagnostic.message,
            span.source.name if span else "",
            span.start if span else -1,
        )
        if key not in self._seen:
            self._seen.add(key)
            self._found.append(diagnostic)

    def extend(self, diagnostics: Iterable[Diagnostic]) -> None:
        for diagnostic in diagnostics:
            self.add(diagnostic)

    def _report(
        self,
        severity: Severity,
        code: Code,
        message: str,
        span: Span | None,
        at: str,
        labels: Iterable[Label],
        notes: Iterable[str],
        fixes: Iterable[Fix],
    ) -> None:
        self.add(
            Diagnostic(code, severity, message, span, at, tuple(labels), tuple(notes), tuple(fixes))
        )

    def error(
        self,
        code: Code,
        message: str,
        span: Span | None = None,
        *,
        at: str = "",
        labels: Iterable[Label] = (),
        notes: Iterable[str] = (),
        fixes: Iterable[Fix] = (),
    ) -> None:
        self._report(Severity.ERROR, code, message, span, at, labels, notes, fixes)

    def warning(
        self,
        code: Code,
        message: str,
        span: Span | None = None,
        *,
        at: str = "",
        labels: Iterable[Label] = (),
        notes: Iterable[str] = (),
        fixes: Iterable[Fix] = (),
    ) -> None:
        self._report(Severity.WARNING, code, message, span, at, labels, notes, fixes)

    def note(
        self,
        code: Code,
        message: str,
        span: Span | None = None,
        *,
        at: str = "",
        labels: Iterable[Label] = (),
        notes: Iterable[str] = (),
        fixes: Iterable[Fix] = (),
    ) -> None:
        self._report(Severity.NOTE, code, message, span, at, labels, notes, fixes)

    @property
    def has_errors(self) -> bool:
        return any(diagnostic.is_error for diagnostic in self._found)

    def __iter__(self) -> Iterator[Diagnostic]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)

    def sorted(self) -> tuple[Diagnostic, ...]:
        """By place, errors before warnings at one place; those without a place first."""
        order = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTE: 2}

        def key(d: Diagnostic) -> tuple[str, int, int, str]:
            if d.span is None:
                return ("", -1, order[d.severity], d.code.id)
            return (d.span.source.name, d.span.start, order[d.severity], d.code.id)

        return tuple(sorted(self._found, key=key))
