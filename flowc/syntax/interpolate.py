"""Variables in texts: what they come to, and which of them are secret."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from flowc.model.expr import Template, Variable

_SECRET_WORDS = ("PASSWORD", "SECRET", "TOKEN", "KEY", "SALT", "AUTH")
_SECRET_ENDS = ("_URL", "_DSN")


def is_secret(name: str) -> bool:
    """Whether a variable's value must never be shown, by its name."""
    upper = name.upper()
    return upper.endswith(_SECRET_ENDS) or any(word in upper for word in _SECRET_WORDS)


def variables(template: Template) -> Iterator[Variable]:
    """The variables of a text, in the order written."""
    return (part for part in template.parts if isinstance(part, Variable))


def value_of(
    variable: Variable, environment: Mapping[str, str], settings: Mapping[str, str]
) -> str | None:
    """What a variable comes to: ``--set``, else the environment, else its default.

    As in a shell, ``:-`` also counts for a variable that is set to the empty text. None
    where nothing gives a value.
    """
    found = settings.get(variable.name, environment.get(variable.name))
    if found:
        return found
    return variable.default if variable.default is not None else found


def substitute(
    template: Template, environment: Mapping[str, str], settings: Mapping[str, str]
) -> str | None:
    """The text with its variables filled in; None where one of them has no value."""
    parts: list[str] = []
    for part in template.parts:
        text = part if isinstance(part, str) else value_of(part, environment, settings)
        if text is None:
            return None
        parts.append(text)
    return "".join(parts)
