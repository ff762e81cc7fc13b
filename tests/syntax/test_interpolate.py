"""Variables in texts."""

from __future__ import annotations

import pytest

from flowc.diagnostics.reporter import Reporter
from flowc.model.expr import Template
from flowc.model.source import SourceFile, Text
from flowc.syntax import interpolate, literals


def _template(text: str) -> Template:
    whole = Text.whole(SourceFile("<text>", text))
    reporter = Reporter()
    found = literals.template(whole, whole.span(0, len(text)), reporter, bare=True)
    assert not list(reporter)
    return found


def _text(text: str, environment: dict[str, str], settings: dict[str, str]) -> str | None:
    return interpolate.substitute(_template(text), environment, settings).text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("${A}", "1"),
        ("x${A}y${A}z", "x1y1z"),
        ("${EMPTY}", ""),
        ("${EMPTY:-d}", "d"),
        ("${NONE:-}", ""),
        ("${NONE:-a b}", "a b"),
        ("${A:-d}", "1"),
        ("${A:?say}", "1"),
        ("${NONE}", None),
        ("${NONE:?say}", None),
        ("${EMPTY:?say}", None),
        ("$$", "$"),
        ("$${A}", "${A}"),
        ("$A $", "$A $"),
        ("${INNER}", "${A} | x"),
    ],
)
def test_forms(text: str, expected: str | None) -> None:
    environment = {"A": "1", "EMPTY": "", "INNER": "${A} | x"}
    assert _text(text, environment, {}) == expected


def test_settings_win_over_the_environment() -> None:
    assert _text("${A}", {"A": "1"}, {"A": "2"}) == "2"


def test_what_is_missing_is_named() -> None:
    found = interpolate.substitute(_template("${A}${B:?set B}${C:-c}"), {}, {})
    assert [(variable.name, variable.message) for variable in found.missing] == [
        ("A", None),
        ("B", "set B"),
    ]


@pytest.mark.parametrize(
    ("name", "secret"),
    [
        ("DB_PASSWORD", True),
        ("api_token", True),
        ("SECRET_1", True),
        ("KEY", True),
        ("HASH_SALT", True),
        ("AUTH", True),
        ("DATABASE_URL", True),
        ("SENTRY_DSN", True),
        ("URL", False),
        ("DSN_HOST", False),
        ("TOPIC", False),
    ],
)
def test_secrets_are_known_by_name(name: str, secret: bool) -> None:
    assert interpolate.is_secret(name) is secret
    found = interpolate.substitute(_template("${" + name + "}"), {name: "x"}, {})
    assert found.secret is secret


def test_a_default_is_no_secret() -> None:
    assert not interpolate.substitute(_template("${TOKEN:-none}"), {}, {}).secret
