from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET, Struct, UnsetType, field

from flowc_runtime.codecs.openlines import OpenJsonLines, Rest, without

from .streams import everything


class Open(Struct):
    a: int
    b: str | UnsetType | None = UNSET
    from_: int = field(name="from", default=0)
    rest_: Rest = field(name="flowc:rest", default_factory=dict)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(codec="utf-8"), max_size=4),
    lambda inner: st.lists(inner, max_size=2),
    max_leaves=3,
)
RECORD = st.tuples(
    st.fixed_dictionaries(
        {"a": st.integers(-9, 9), "from": st.integers(0, 9)},
        optional={"b": st.none() | st.just("x"), "c": JSON, "d e": JSON},
    ),
    st.randoms(),
).map(lambda pair: dict(pair[1].sample(list(pair[0].items()), len(pair[0]))))


@given(st.lists(RECORD, max_size=5), st.lists(st.integers(1, 30), max_size=20))
def test_what_is_not_named_goes_on_unchanged(records: list[Any], sizes: list[int]) -> None:
    lines = [json.dumps(r, ensure_ascii=False, separators=(",", ":")) for r in records]
    data = "".join(text + "\n" for text in lines).encode()
    codec = OpenJsonLines(Open, block_size=16)
    found, rejects, _ = everything(codec, data, sizes)
    assert rejects == []
    assert codec.encode(found) == data
    redone, rejects, _ = everything(OpenJsonLines(Open), data + b"}\n")
    assert (redone, len(rejects)) == (found, 1)


def test_numbers_of_the_rest_keep_their_spelling() -> None:
    data = b'{"x":1.10,"a":1,"y":1e400,"b":null,"from":2}\n'
    codec = OpenJsonLines(Open)
    [record] = everything(codec, data)[0]
    record.a = 5
    assert codec.encode([record]) == data.replace(b'"a":1', b'"a":5')


def test_fields_that_change_their_name_leave_the_rest() -> None:
    class Renamed(Struct):
        n: int
        rest_: Rest = field(name="flowc:rest", default_factory=dict)

    [record] = everything(OpenJsonLines(Open), b'{"x":[1],"a":1,"from":2,"b":"t"}')[0]
    renamed = Renamed(record.a, without(record.rest_, "a", "from", "b"))
    assert OpenJsonLines(Renamed).encode([renamed]) == b'{"x":[1],"n":1}\n'
