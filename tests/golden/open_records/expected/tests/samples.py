"""Records and settings to test with, made from the types."""

from __future__ import annotations

from open.settings import Settings
from open.types import Copies, Thing

THING: list[Thing] = [
    Thing(a=7, b="text", c=7),
    Thing(a=0, b=""),
    Thing(a=9223372036854775807, b='ß "quoted" \\ \n 漢字', c=9223372036854775807),
]

COPIES: list[Copies] = [
    Copies(a=7, d="text", e=7),
    Copies(a=0, d="", e=0),
    Copies(a=9223372036854775807, d='ß "quoted" \\ \n 漢字', e=9223372036854775807),
]


SETTINGS = Settings()
