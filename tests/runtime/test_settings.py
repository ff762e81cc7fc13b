from __future__ import annotations

import pickle
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Annotated

import pytest

from flowc_runtime.settings import Env, Secret, Unset, load_settings, settings_help


@dataclass(frozen=True)
class Settings:
    token: Annotated[Secret, Env("API_TOKEN", message="ask the platform team")]
    brokers: Annotated[str, Env("BROKERS")] = "localhost:9092"
    rate: Annotated[Decimal | None, Env("RATE")] = None
    wait: Annotated[timedelta, Env("WAIT")] = timedelta(seconds=1)
    verbose: Annotated[bool, Env("VERBOSE")] = False
    plain: int = 3


def test_variables_are_read_typed() -> None:
    variables = {"API_TOKEN": "s3", "RATE": "1.50", "WAIT": "5m", "VERBOSE": "true", "BROKERS": ""}
    settings = load_settings(Settings, variables)
    assert settings.token.reveal() == "s3"
    assert str(settings.rate) == "1.50"
    assert (settings.wait, settings.verbose) == (timedelta(minutes=5), True)
    assert (settings.brokers, settings.plain) == ("localhost:9092", 3)


def test_what_is_given_wins_by_either_name() -> None:
    settings = load_settings(
        Settings, {"API_TOKEN": "a", "BROKERS": "b", "PLAIN": "1"}, {"BROKERS": "c", "plain": "2"}
    )
    assert (settings.brokers, settings.plain) == ("c", 2)


def test_all_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(Unset) as caught:
        load_settings(Settings, {"RATE": "much"}, {"nothing": "1"})
    why = caught.value.diagnosis.why
    assert "API_TOKEN is not set: ask the platform team" in why
    assert "RATE: 'much' is not a decimal" in why
    assert "nothing: no such setting; known are token, brokers" in why
    assert len(caught.value.diagnosis.suggestions) == 3


def test_a_secret_never_shows() -> None:
    secret = Secret("s3cret")
    for shown in (str(secret), repr(secret), f"{secret:>9}", f"{[secret]}", f"{secret!s}"):
        assert "s3cret" not in shown
        assert "***" in shown
    assert secret == Secret("s3cret")
    assert len({secret, Secret("s3cret")}) == 1
    with pytest.raises(TypeError):
        pickle.dumps(secret)


def test_help() -> None:
    rows = settings_help(Settings)
    assert rows[0] == ("API_TOKEN", "secret", "required")
    assert rows[1] == ("BROKERS", "str", "localhost:9092")
    assert rows[2] == ("RATE", "decimal", "None")
