"""Settings of daily."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Annotated

from ._runtime.settings import Env, Secret


@dataclass(frozen=True, slots=True)
class Settings:
    """Values read once at start, from the environment or from --set."""

    folder: Annotated[str, Env("FOLDER", "where the orders are")]
    api_token: Annotated[Secret, Env("API_TOKEN")]
    day: Annotated[dt.date, Env("DAY")] = dt.date(2024, 1, 31)
    minimum: Annotated[float, Env("MINIMUM")] = 100.0
