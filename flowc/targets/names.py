"""Python names for what users named: unique in their scope, whatever the text was.

A name is first made an identifier (NFKD without marks, ASCII, no keyword), then unique.
What already is an identifier keeps its spelling before others are asked.
"""

from __future__ import annotations

import builtins
import keyword
import re
import sys
import unicodedata
from collections.abc import Iterable, Sequence

#: Longer names are cut: nobody reads them, and some file systems refuse them.
MAX_LENGTH = 60

_BUILTINS = frozenset(dir(builtins))
_KEYWORDS = frozenset((*keyword.kwlist, *keyword.softkwlist))
#: Names that look like digits.
_AMBIGUOUS = frozenset(("l", "I", "O"))
_NEEDED = frozenset(("msgspec", "pytest", "doubles", "samples", "tests", "flowc", "flowc_runtime"))
_ODD = re.compile(r"[^A-Za-z0-9_]+")
_WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|[0-9]+")


def identifier(text: str, fallback: str) -> str:
    """A plain identifier near ``text``: no keyword, no dunder, at most `MAX_LENGTH` long.

    ``fallback`` is the word for a text with no letter or digit of ASCII, and stands before
    one that starts with a digit.
    """
    plain = unicodedata.normalize("NFKD", text[: 8 * MAX_LENGTH])
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    plain = _ODD.sub("_", plain)
    private = plain.startswith("_") and text.startswith("_")
    plain = plain.strip("_")[:MAX_LENGTH].rstrip("_")
    if not plain:
        return fallback
    if plain[0].isdigit():
        plain = f"{fallback}_{plain}"
    elif private:
        plain = f"_{plain}"
    return f"{plain}_" if plain in _KEYWORDS or plain in _AMBIGUOUS else plain


def class_name(text: str, fallback: str) -> str:
    """``big_orders`` -> ``BigOrders``; ``RawTransaction`` stays."""
    words = _WORD.findall(identifier(text, fallback))
    made = "".join(word[0].upper() + word[1:] for word in words) or fallback
    if made[0].isdigit() or made in _AMBIGUOUS:
        made = f"{made}{fallback}" if made in _AMBIGUOUS else f"{fallback}{made}"
    return f"{made}_" if made in _KEYWORDS else made


def _is_class_name(name: str) -> bool:
    return name[:1].isupper() and not name.isupper()


def package_name(text: str) -> str:
    """The import name of a project: ``stellar-ttp`` -> ``stellar_ttp``.

    A pipeline called like a module that Python or the project needs is not: ``json`` is
    ``json_pipeline``.
    """
    made = identifier(text, "pipeline").lower().strip("_")
    if made in sys.stdlib_module_names or made in _NEEDED or made in _KEYWORDS:
        return f"{made}_pipeline"
    return made


def distribution_name(package: str) -> str:
    """The name of a project among packages: ``stellar_ttp`` -> ``stellar-ttp``."""
    return package.strip("_").replace("_", "-")


class Names:
    """The names of one scope. ``reserved`` are taken by what surrounds it.

    A name is never given twice on the way from a scope to the outermost one: what is inside
    does not hide what is outside, whichever was named first.
    """

    def __init__(self, reserved: Iterable[str] = (), *, outer: Names | None = None) -> None:
        self._taken = set(reserved)
        self._outer = outer
        self._inner: set[str] = set()
        if outer is None:
            self._taken |= _BUILTINS

    def take(self, name: str) -> str:
        """The name itself, or one near it that is free: ``_`` behind a builtin, a number."""
        candidate = name
        if name in _BUILTINS:
            candidate = f"{name}_"
        number = 2
        while not self._is_free(candidate):
            candidate = f"{name}{number}" if _is_class_name(name) else f"{name}_{number}"
            number += 1
        self._taken.add(candidate)
        scope = self._outer
        while scope is not None:
            scope._inner.add(candidate)
            scope = scope._outer
        return candidate

    def _is_free(self, name: str) -> bool:
        scope: Names | None = self
        if name in self._inner:
            return False
        while scope is not None:
            if name in scope._taken:
                return False
            scope = scope._outer
        return True

    def variable(self, text: str, fallback: str) -> str:
        """A unique variable, function or module name near ``text``."""
        return self.take(identifier(text, fallback))

    def type(self, text: str, fallback: str) -> str:
        """A unique class name near ``text``."""
        return self.take(class_name(text, fallback))

    def is_free_type(self, text: str) -> bool:
        """Whether ``text`` would be a class name as it stands."""
        return self._is_free(class_name(text, "Record"))

    def child(self) -> Names:
        """A scope inside this one: what is taken here is taken there."""
        return Names(outer=self)


def attribute_names(fields: Sequence[str], reserved: Iterable[str]) -> dict[str, str]:
    """Attribute names of a record's fields, by field.

    ``reserved`` are the names that the annotations of the class use: a class body hides
    them behind an attribute of the same name.
    """
    hidden = frozenset(reserved)
    taken = set(hidden)
    made: dict[str, str] = {}
    for field in fields:
        if field not in hidden and identifier(field, "field") == field:
            made[field] = field
    taken.update(made.values())
    for field in fields:
        if field in made:
            continue
        base = identifier(field, "field")
        name = f"{base}_" if base in hidden else base
        number = 2
        while name in taken:
            name = f"{base}_{number}"
            number += 1
        taken.add(name)
        made[field] = name
    return {field: made[field] for field in fields}
