"""Values that must not be read by everybody: masked, or hashed with a key."""

from __future__ import annotations

import hmac
from typing import Any

from ..settings import Secret
from .text import hashed_bytes

__all__ = ["keyed_hash", "mask"]


def mask(text: str, keep: int) -> str:
    """The text with `*` for every character but the last `keep`.

    A text of no more than `keep` characters is masked whole: it would be shown whole.
    """
    shown = text[-keep:] if 0 < keep < len(text) else ""
    return "*" * (len(text) - len(shown)) + shown


def keyed_hash(value: Any, key: str | Secret) -> str:
    """The HMAC-SHA256 of the value's text under `key`, in hexadecimal.

    Raises ConversionError for a text that is not Unicode.
    """
    text = key.reveal() if isinstance(key, Secret) else key
    return hmac.digest(text.encode("utf-8", "surrogateescape"), hashed_bytes(value), "sha256").hex()
