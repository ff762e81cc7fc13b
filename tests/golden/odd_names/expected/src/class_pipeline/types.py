"""Records of class."""

from __future__ import annotations

from msgspec import Struct, field

from ._runtime.records import Int64


class None_(Struct, gc=False, forbid_unknown_fields=True):
    """What import reads: the fields that are used."""

    from_: Int64 = field(name="from")
    class_: Int64 = field(name="class")
    a_b_2: Int64 = field(name="a-b")
    a_b: Int64
    field_: Int64 = field(name="")
    _init: Int64 = field(name="__init__")
    id: Int64
    ID: Int64
    date: Int64
    str: Int64
    record: Int64
    kept: Int64
    finite: Int64
    finite_2: Int64 = field(name="ﬁnite")
    gro_e: Int64 = field(name="größe")
    Gro_e: Int64 = field(name="Größe")
    field_1st: Int64 = field(name="1st")
    match_: Int64 = field(name="match")
    field_2: Int64 = field(name="_")
    _x: Int64 = field(name="__x")
    UNSET_: Int64 = field(name="UNSET")
    tally: Int64
    xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx: Int64 = field(
        name="xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
    )
