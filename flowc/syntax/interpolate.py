"""``${VAR}``, ``${VAR:-default}``, ``${VAR:?message}``: from a template to its text.

Substitution comes after parsing and looks at texts alone, so a value can never become a
stage or a key. A variable that is not set leaves the text symbolic: `validate` and
`build` need no secret.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from flowc.model.expr import Template, Variable

_SECRET = re.compile(r"PASSWORD|SECRET|TOKEN|KEY|SALT|AUTH|_(?:URL|DSN)\Z")


@dataclass(frozen=True, slots=True)
class Substituted:
    """A template with the values at hand.

    ``text`` is None while a variable is ``missing``; ``secret`` says that the value of a
    secret variable is in it, so that it is printed as ``***`` and never written down.
    """

    text: str | None
    missing: tuple[Variable, ...]
    secret: bool


def is_secret(name: str) -> bool:
    """Whether a variable's name says that its value is a secret."""
    return _SECRET.search(name.upper()) is not None


def variables(template: Template) -> tuple[Variable, ...]:
    """The variables of a template, in order."""
    return tuple(part for part in template.parts if isinstance(part, Variable))


def value(
    variable: Variable, environment: Mapping[str, str], settings: Mapping[str, str]
) -> str | None:
    """The value of a variable: what ``--set`` gave, the environment's, its default.

    With a default or a message an empty value counts as none, as in a shell.
    """
    found = settings.get(variable.name)
    if found is None:
        found = environment.get(variable.name)
    if found or (found is not None and variable.default is None and variable.message is None):
        return found
    return variable.default


def substitute(
    template: Template, environment: Mapping[str, str], settings: Mapping[str, str]
) -> Substituted:
    """The text of a template.

    Args:
        environment: the variables that are set.
        settings: what ``--set name=value`` gave; it wins over the environment.
    """
    pieces: list[str] = []
    missing: list[Variable] = []
    secret = False
    for part in template.parts:
        if isinstance(part, str):
            pieces.append(part)
            continue
        found = value(part, environment, settings)
        if found is None:
            missing.append(part)
        else:
            pieces.append(found)
            secret = secret or (is_secret(part.name) and found != part.default)
    text = None if missing else "".join(pieces)
    return Substituted(text, tuple(missing), secret)
