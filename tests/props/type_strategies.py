"""Types for property tests."""

from __future__ import annotations

from hypothesis import strategies as st

from flowc.model.types import (
    NEVER,
    NULL,
    DecimalType,
    EnumType,
    Field,
    Kind,
    ListType,
    MapType,
    Openness,
    Record,
    Ref,
    Scalar,
    Type,
    Union,
    Variant,
    nullable,
)

NAMES = ("a", "b", "c")


@st.composite
def decimals(draw: st.DrawFn) -> DecimalType:
    if draw(st.booleans()):
        return DecimalType()
    precision = draw(st.integers(1, 40))
    return DecimalType(precision, draw(st.integers(0, precision)))


def enums() -> st.SearchStrategy[EnumType]:
    values = st.lists(st.sampled_from(["x", "y", "z", "w"]), min_size=1, max_size=3, unique=True)
    return values.map(lambda listed: EnumType(tuple(listed)))


def scalars() -> st.SearchStrategy[Type]:
    kinds: st.SearchStrategy[Type] = st.sampled_from([Scalar(kind) for kind in Kind])
    return st.one_of(kinds, kinds, decimals(), enums(), st.sampled_from([NULL, NEVER]))


@st.composite
def records(
    draw: st.DrawFn,
    inner: st.SearchStrategy[Type],
    *,
    names: tuple[str, ...] | None = None,
    field_names: st.SearchStrategy[str] | None = None,
    opennesses: tuple[Openness, ...] = tuple(Openness),
) -> Record:
    """Records; with ``names`` each has exactly these fields, so that none is dropped."""
    if names is None:
        source = st.sampled_from(NAMES) if field_names is None else field_names
        chosen = draw(st.lists(source, max_size=3, unique=True))
    else:
        chosen = list(draw(st.permutations(names)))
    fields = tuple(Field(name, draw(inner), draw(st.booleans())) for name in chosen)
    return Record(fields, draw(st.sampled_from(opennesses)))


@st.composite
def unions(draw: st.DrawFn, inner: st.SearchStrategy[Type], names: tuple[str, ...] | None) -> Union:
    tags = draw(st.lists(st.sampled_from(["x", "y", "z"]), min_size=1, max_size=3, unique=True))
    variants = tuple(Variant(tag, draw(records(inner, names=names))) for tag in tags)
    return Union("kind", variants)


def types(
    *, names: tuple[str, ...] | None = None, refs: tuple[str, ...] = ()
) -> st.SearchStrategy[Type]:
    """Types of any form but `POISON`; with ``names`` all records have the same fields."""
    named: list[Type] = [Ref(name) for name in refs] or [NULL]
    leaves = st.one_of(scalars(), st.sampled_from(named))

    def grow(inner: st.SearchStrategy[Type]) -> st.SearchStrategy[Type]:
        return st.one_of(
            inner.map(nullable),
            inner.map(ListType),
            inner.map(MapType),
            records(inner, names=names),
            unions(inner, names),
        )

    return st.recursive(leaves, grow, max_leaves=8)


def written_types() -> st.SearchStrategy[Type]:
    """Types that the notation can say whole, with names of any characters."""
    field_names = st.one_of(
        st.sampled_from(["id", "from", "by", "ünï", "odd-name", "list", "int", "a b", "`", ""]),
        st.text(max_size=6),
    )
    leaves: st.SearchStrategy[Type] = st.one_of(
        scalars(),
        st.sampled_from([Ref("Payment"), Ref("str"), Ref("list"), Ref("a-b")]),
        st.lists(st.text(max_size=4), min_size=1, max_size=3, unique=True).map(
            lambda values: EnumType(tuple(values))
        ),
    )

    def grow(inner: st.SearchStrategy[Type]) -> st.SearchStrategy[Type]:
        written = records(
            inner,
            field_names=field_names,
            opennesses=(Openness.CLOSED, Openness.REST),
        )
        tagged = st.lists(st.tuples(field_names, inner), min_size=1, max_size=3).map(
            lambda pairs: tuple(Variant(tag, type) for tag, type in dict(pairs).items())
        )
        return st.one_of(
            inner.map(nullable),
            inner.map(ListType),
            inner.map(MapType),
            written,
            st.builds(Union, field_names, tagged),
        )

    return st.recursive(leaves, grow, max_leaves=10)
