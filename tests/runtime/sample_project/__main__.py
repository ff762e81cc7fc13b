from __future__ import annotations

from flowc_runtime.main import main

from .pipeline import pipeline
from .settings import Settings

raise SystemExit(main(pipeline, Settings, name="sample_project"))
