from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from flowc_runtime.settings import Env, Secret


@dataclass(frozen=True)
class Settings:
    source: Annotated[str, Env("SAMPLE_SOURCE")] = "orders.jsonl"
    sink: Annotated[str, Env("SAMPLE_SINK")] = "out.jsonl"
    database: Annotated[str, Env("SAMPLE_DATABASE")] = "out.db"
    minimum: Annotated[float, Env("SAMPLE_MINIMUM")] = 100.0
    limit: Annotated[int, Env("SAMPLE_LIMIT")] = 1_000_000
    token: Annotated[Secret | None, Env("SAMPLE_TOKEN")] = None
