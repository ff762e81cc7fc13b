from __future__ import annotations

from hypothesis import settings

settings.register_profile("runtime", max_examples=150, deadline=None)
settings.load_profile("runtime")
