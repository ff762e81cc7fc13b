"""Records of open."""

from __future__ import annotations

from msgspec import UNSET, Struct, UnsetType, field

from ._runtime.codecs.openlines import Rest
from ._runtime.records import Int64


class Thing(Struct, gc=False):
    """What things reads: the fields that are used."""

    a: Int64
    b: str
    c: Int64 | UnsetType = UNSET
    rest_: Rest = field(name="flowc:rest", default_factory=dict)


class Copies(Struct, gc=False):
    """What copies is given."""

    a: Int64
    d: str
    e: Int64
    rest_: Rest = field(name="flowc:rest", default_factory=dict)
