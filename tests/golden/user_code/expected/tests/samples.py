"""Records and settings to test with, made from the types."""

from __future__ import annotations

from vat.settings import Settings
from vat.types import Stdin, WithVat

STDIN: list[Stdin] = [
    Stdin(id=7, amount=1234.5),
    Stdin(id=0, amount=0.0),
    Stdin(id=9223372036854775807, amount=-1.7e308),
]

WITH_VAT: list[WithVat] = [
    WithVat(id=7, amount=1234.5, vat=1234.5),
    WithVat(id=0, amount=0.0, vat=0.0),
    WithVat(id=9223372036854775807, amount=-1.7e308, vat=-1.7e308),
]


SETTINGS = Settings()
