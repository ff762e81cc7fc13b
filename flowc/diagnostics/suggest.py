"""Did you mean …? With a threshold: a far name is no help."""

from __future__ import annotations

from collections.abc import Iterable


def distance(a: str, b: str, limit: int) -> int:
    """The Damerau-Levenshtein distance (adjacent swaps count one), or ``limit + 1``.

    Optimal string alignment; stops early once every way costs more than ``limit``.
    """
    if abs(len(a) - len(b)) > limit:
        return limit + 1
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        last, row, older = row, [i, *([0] * len(b))], before
        for j, y in enumerate(b, 1):
            row[j] = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                row[j] = min(row[j], older[j - 2] + 1)
        before = last
        if min(row) > limit:
            return limit + 1
    return row[-1]


def nearest(word: str, candidates: Iterable[str], most: int = 3) -> tuple[str, ...]:
    """The candidates close enough to be meant, nearest first, then by name.

    Close enough: at most a third of the word's length (one letter in words up to five,
    never more than three) of edits apart, ignoring case, ``-`` and ``_``.
    """
    limit = max(1, min(3, len(word) // 3))
    plain = word.casefold().replace("-", "_")
    found: list[tuple[int, str]] = []
    for candidate in candidates:
        far = distance(plain, candidate.casefold().replace("-", "_"), limit)
        if far <= limit and candidate != word:
            found.append((far, candidate))
    return tuple(name for _, name in sorted(set(found))[:most])


def did_you_mean(word: str, candidates: Iterable[str]) -> str:
    """``did you mean 'amount'?`` or an empty string."""
    names = nearest(word, candidates)
    if not names:
        return ""
    return "did you mean " + " or ".join(f"'{name}'" for name in names) + "?"
