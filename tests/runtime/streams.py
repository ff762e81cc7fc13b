"""Reading bytes as a source would give them, in pieces of any size."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

from flowc_runtime.records import Batch, Position


def reading(data: bytes, sizes: list[int] | None = None) -> Callable[[int], bytes]:
    """A `read` over `data` that gives the next of `sizes` (or all that is asked for) each time."""
    stream = io.BytesIO(data)
    left = list(sizes or [])

    def read(size: int) -> bytes:
        return stream.read(min(left.pop(0), size) if left else size)

    return read


def everything(
    codec: Any, data: bytes, sizes: list[int] | None = None, position: Position | None = None
) -> tuple[list[Any], list[tuple[bytes, str, Position]], list[bytes]]:
    """Records, rejects as (original, error class, position) and the original bytes of records."""
    batches: list[Batch] = list(codec.decode(reading(data, sizes), position or {}))
    records = [record for batch in batches for record in batch.records]
    rejects = [
        (reject.original, type(reject.error).__name__, reject.position)
        for batch in batches
        for reject in batch.rejects
    ]
    originals = [
        batch.original(i)
        for batch in batches
        if batch.original is not None
        for i in range(len(batch.records))
    ]
    return records, rejects, originals
