"""Records of vat."""

from __future__ import annotations

from msgspec import Struct

from ._runtime.records import Int64


class Stdin(Struct, gc=False):
    """What stdin reads: the fields that are used."""

    id: Int64
    amount: float


class WithVat(Struct, gc=False):
    """What stdout is given."""

    id: Int64
    amount: float
    vat: float
