"""Trees of the syntax, as the front ends can give them, and texts that look like them."""

from __future__ import annotations

from hypothesis import strategies as st

from flowc.model.expr import (
    Arithmetic,
    Call,
    Coalesce,
    Comparison,
    Conditional,
    Expr,
    FieldStep,
    IndexStep,
    Inside,
    ListExpr,
    Literal,
    LiteralKind,
    Logic,
    Membership,
    NullTest,
    Path,
    RecordExpr,
    Template,
    Unary,
    Variable,
)
from flowc.model.source import SourceFile, Span
from flowc.model.tree import (
    As,
    Branch,
    Chain,
    Clause,
    ClockSpec,
    Document,
    Endpoint,
    Item,
    Let,
    ListValue,
    MapValue,
    NullValue,
    Option,
    PipelineTree,
    Stage,
    TypeExpr,
    Value,
    Word,
)
from flowc.model.types import DECIMAL, INT, JSON, STRING, ListType, MapType, Ref, Type, nullable

SOURCE = SourceFile("<made>", "")
AT = Span(SOURCE, 0, 0)

CLAUSES = [
    "by",
    "every",
    "on",
    "with",
    "from",
    "into",
    "using",
    "lag",
    "idle",
    "late",
    "within",
    "until",
    "key",
    "time",
    "order",
    "message",
]
WORDS = [
    *CLAUSES,
    *[
        "over",
        "keep",
        "ties",
        "all",
        "first",
        "last",
        "empty",
        "asc",
        "desc",
        "nulls",
        "as",
        "where",
    ],
]
OPERATORS = [
    "and",
    "or",
    "in",
    "is",
    "matches",
    "then",
    "else",
    "tumbling",
    "sliding",
    "session",
    "row",
    "group",
]
RESERVED = ["if", "not", "true", "false", "null"]
PLAIN = ["a", "b", "amount", "größe", "x1", "_", "B"]

#: Texts without surrogates; YAML and pipe text can spell each of them.
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8) | st.sampled_from(
    [
        "",
        '"',
        "'",
        "\\",
        "\\d",
        "$",
        "$$",
        "${A}",
        "$${",
        "a\nb",
        "# x",
        "a | b",
        "`",
        " ",
        "\u2028",
    ]
)
names = st.sampled_from([*PLAIN, *WORDS, *OPERATORS, *RESERVED, "a-b", "a b", "é`", "1", ""])
words = st.sampled_from(PLAIN)

_insides = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="}"), max_size=5
)
variables = st.one_of(
    st.builds(Variable, st.sampled_from(["A", "B_1"]), st.none(), st.none(), st.just(AT)),
    st.builds(Variable, st.just("C"), _insides, st.none(), st.just(AT)),
    st.builds(Variable, st.just("D"), st.none(), _insides, st.just(AT)),
)


@st.composite
def templates(draw: st.DrawFn, *, least: int = 0, bare: bool = False) -> Template:
    """A text with ``least`` variables or more; neighbouring texts are one."""
    count = draw(st.integers(least, 2))
    parts: list[str | Variable] = []
    for index in range(count + 1):
        if text := draw(texts):
            parts.append(text)
        if index < count:
            parts.append(draw(variables))
    return Template(tuple(parts), AT, bare)


def field(name: str) -> FieldStep:
    return FieldStep(name, AT)


_numbers = st.sampled_from(["0", "1", "42", "1.50", "1.5e3", "10000000000000000000000"])
literals = st.one_of(
    _numbers.map(lambda n: Literal(LiteralKind.FLOAT if "." in n else LiteralKind.INT, n, AT)),
    texts.map(lambda text: Literal(LiteralKind.STRING, text, AT)),
    st.sampled_from(
        [
            Literal(LiteralKind.BOOL, "true", AT),
            Literal(LiteralKind.NULL, "null", AT),
            Literal(LiteralKind.DATE, "2024-01-31", AT),
            Literal(LiteralKind.TIMESTAMP, "2024-01-31T10:00:00.5Z", AT),
            Literal(LiteralKind.DURATION, "1h30m", AT),
            Literal(LiteralKind.SIZE, "64MiB", AT),
        ]
    ),
)


def _is_null(node: Expr) -> bool:
    return isinstance(node, Literal) and node.kind is LiteralKind.NULL


@st.composite
def _paths(draw: st.DrawFn, inner: st.SearchStrategy[Expr]) -> Path:
    steps: list[FieldStep | IndexStep] = [field(draw(names))]
    for _ in range(draw(st.integers(0, 2))):
        if draw(st.booleans()):
            steps.append(field(draw(names)))
        else:
            steps.append(IndexStep(draw(inner), AT))
    return Path(tuple(steps), AT)


def _comparison(operator: str, left: Expr, right: Expr) -> Expr:
    """What the parser makes of a comparison: one with null is a test."""
    for value, other in ((left, right), (right, left)):
        if _is_null(other) and operator in ("==", "!=", "is", "is not"):
            return NullTest(value, operator in ("!=", "is not"), AT)
    return Comparison(operator, left, right, AT, AT)


def _members(inner: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
    listed = st.lists(inner, max_size=3).map(lambda items: ListExpr(tuple(items), AT))
    fields = names.map(lambda name: Path((field(name),), AT))
    return st.builds(Membership, inner, st.one_of(listed, fields), st.booleans(), st.just(AT))


def _compound(inner: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
    many = st.lists(inner, min_size=2, max_size=3).map(tuple)
    comparisons = ["==", "!=", "<", "<=", ">", ">=", "is", "is not", "matches"]
    calls = st.sampled_from(["lower", "count", "first", "time", "x"])
    assigned = st.builds(
        lambda path, value: Comparison("=", path, value, AT, AT), _paths(inner), inner
    )
    return st.one_of(
        _paths(inner),
        st.builds(
            Inside, inner, names.map(field) | inner.map(lambda i: IndexStep(i, AT)), st.just(AT)
        ),
        st.builds(Unary, st.sampled_from(["-", "+", "not"]), inner, st.just(AT)),
        st.builds(
            Arithmetic,
            st.sampled_from(["+", "-", "*", "/", "//", "%"]),
            inner,
            inner,
            st.just(AT),
            st.just(AT),
        ),
        st.builds(_comparison, st.sampled_from(comparisons), inner, inner),
        st.builds(
            lambda operator, first, rest: Logic(operator, (first, *rest), AT),
            st.sampled_from(["and", "or"]),
            inner,
            st.lists(inner | assigned, min_size=1, max_size=2),
        ),
        st.builds(Logic, st.sampled_from(["and", "or"]), many, st.just(AT)),
        _members(inner),
        st.builds(NullTest, inner, st.booleans(), st.just(AT)),
        st.builds(Coalesce, inner, inner, st.just(AT)),
        st.builds(Conditional, inner, inner, inner, st.just(AT)),
        st.builds(Call, calls, st.lists(inner, max_size=2).map(tuple), st.just(AT), st.just(AT)),
        st.lists(inner, max_size=3).map(lambda items: ListExpr(tuple(items), AT)),
        st.lists(st.tuples(names, inner), max_size=2).map(
            lambda pairs: RecordExpr(tuple(pairs), AT)
        ),
    )


_fields = names.map(lambda name: Path((field(name),), AT))
expressions: st.SearchStrategy[Expr] = st.recursive(
    st.one_of(literals, _fields, variables, templates(least=1)), _compound, max_leaves=8
)
paths = _paths(literals)

_types = st.sampled_from(
    [INT, STRING, DECIMAL, nullable(INT), ListType(nullable(INT)), MapType(Ref("T"))]
) | st.sampled_from(["total", "order", "first", "a b", "Payment"]).map(Ref)
types = _types.map(lambda type: TypeExpr(type, AT))


def _one_of(*choices: Type) -> st.SearchStrategy[TypeExpr]:
    return st.sampled_from(choices).map(lambda type: TypeExpr(type, AT))


aliases = st.one_of(
    st.builds(As, types, st.none(), st.just(AT)),
    st.builds(
        As,
        _one_of(JSON, Ref("regex")),
        st.one_of(
            texts.map(lambda text: Literal(LiteralKind.STRING, text, AT)),
            _one_of(Ref("Payment"), INT),
        ),
        st.just(AT),
    ),
)
items = st.builds(
    Item,
    expressions,
    st.just(AT),
    target=st.none() | paths,
    as_=st.none() | aliases,
    descending=st.none() | st.booleans(),
    nulls_first=st.none() | st.booleans(),
    where=st.none() | expressions,
)
_item_lists = st.lists(items, min_size=1, max_size=2).map(tuple)


def word(text: str) -> Word:
    return Word(text, AT)


def _clause(name: str, items: tuple[Item, ...], modifier: str | None = None) -> Clause:
    return Clause(word(name), (word(modifier),) if modifier else (), items, AT)


clauses = st.one_of(
    st.builds(_clause, st.sampled_from([*CLAUSES, "over", "keep"]), _item_lists),
    st.builds(
        _clause,
        st.just("over"),
        _item_lists,
        st.sampled_from(["tumbling", "sliding", "session", "last"]),
    ),
    st.builds(
        _clause, st.just("keep"), st.just(()), st.sampled_from(["first", "last", "empty", "all"])
    ),
)
flags = st.builds(
    _clause,
    st.sampled_from(["ties", "all", "first", "last", "empty"]),
    st.just(()) | _item_lists,
)
stage_names = st.sampled_from(
    ["filter", "set", "my-stage", "by", "ns/name@v1.2", "registry://a/b:v1"]
).map(word)


@st.composite
def plain_stages(draw: st.DrawFn) -> Stage:
    """Stages without a block that pipe text can say."""
    lead = draw(st.just(()) | _item_lists)
    tails = draw(st.lists(clauses | flags if lead else clauses, max_size=2))
    as_ = None
    if not lead or any(not clause.items for clause in tails):
        as_ = draw(st.none() | aliases)
    return Stage(draw(stage_names), AT, lead, tuple(tails), as_)


addresses = st.one_of(
    st.sampled_from(
        [
            "a.jsonl",
            "-",
            "data/{a,b}.csv",
            "http://h/x?ids=1,2|3",
            "ns/name",
            "archive",
            "{a}",
            "tee{a.jsonl}",
            "my file.csv",
            "#x",
            "discard",
            "let",
            "$x",
            "a$${",
            "kafka://a,b/c",
        ]
    ).map(lambda text: Template((text,), AT, bare=True)),
    templates(bare=True),
)
sinks = st.builds(Endpoint, st.just(AT), addresses)
sources = st.builds(
    Endpoint,
    st.just(AT),
    addresses,
    type=st.none() | types,
    keys=st.lists(paths, max_size=2).map(tuple),
    clock=st.none()
    | st.builds(
        ClockSpec,
        paths,
        st.none() | variables | st.just(Literal(LiteralKind.DURATION, "2s", AT)),
        st.none() | st.just(Literal(LiteralKind.DURATION, "1m", AT)),
        st.just(AT),
    ),
)


@st.composite
def _branches(draw: st.DrawFn, inner: st.SearchStrategy[Stage], conditions: bool) -> Branch:
    otherwise = conditions and draw(st.booleans())
    condition = draw(expressions) if conditions and not otherwise else None
    stages = tuple(draw(st.lists(inner, max_size=2)))
    ends = (
        draw(st.lists(sinks, max_size=2))
        if stages
        else draw(st.lists(sinks, min_size=1, max_size=2))
    )
    discards = not ends and draw(st.booleans())
    return Branch(stages, tuple(ends), AT, condition, otherwise, discards)


def _blocks(inner: st.SearchStrategy[Stage]) -> st.SearchStrategy[Stage]:
    def block(name: str) -> st.SearchStrategy[Stage]:
        branches = st.lists(_branches(inner, name == "route"), min_size=1, max_size=3).map(tuple)
        return branches.map(lambda found: Stage(word(name), AT, block=found))

    return st.sampled_from(["tee", "route"]).flatmap(block)


stages: st.SearchStrategy[Stage] = st.recursive(plain_stages(), _blocks, max_leaves=4)
chains = st.builds(
    Chain,
    st.lists(sources, min_size=1, max_size=2).map(tuple),
    st.lists(stages, max_size=3).map(tuple),
    st.lists(sinks, min_size=1, max_size=2).map(tuple),
    st.just(AT),
)
lets = st.builds(
    Let,
    st.sampled_from(["people", "few-people"]).map(word),
    st.builds(
        Chain,
        st.lists(sources, min_size=1, max_size=2).map(tuple),
        st.lists(stages, max_size=2).map(tuple),
        st.just(()),
        st.just(AT),
    ),
    st.just(AT),
)
documents = st.builds(
    Document,
    st.just(SOURCE),
    st.builds(PipelineTree, chains, st.just(AT)).map(lambda tree: (tree,)),
    st.lists(lets, max_size=2, unique_by=lambda let: let.name.text).map(tuple),
)

# What only YAML can say

_keys = st.sampled_from(["table", "batch", "on", "no", "2.10", "odd key", "~x"]).map(word)
_leaves: st.SearchStrategy[Value] = st.one_of(templates(bare=True), st.just(NullValue(AT)))


def _maps(inner: st.SearchStrategy[Value]) -> st.SearchStrategy[MapValue]:
    entries = st.lists(
        st.builds(Option, _keys, inner, st.just(AT)), max_size=2, unique_by=lambda o: o.key.text
    )
    return entries.map(lambda found: MapValue(tuple(found), AT))


values: st.SearchStrategy[Value] = st.recursive(
    _leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=2).map(lambda found: ListValue(tuple(found), AT)), _maps(inner)
    ),
    max_leaves=4,
)
options = st.lists(
    st.builds(Option, _keys, values, st.just(AT)), max_size=2, unique_by=lambda o: o.key.text
).map(tuple)
_labels = st.none() | st.sampled_from(["main", "my node"]).map(word)
_inputs = st.lists(st.sampled_from(["a", "b c"]).map(word), max_size=2).map(tuple)
mapped_ends = st.builds(
    Endpoint,
    st.just(AT),
    connector=st.sampled_from(["postgres", "stellar-archive"]).map(word),
    options=options,
    label=_labels,
    inputs=_inputs,
    enabled=st.booleans(),
)
mapped_stages = st.builds(
    Stage,
    st.sampled_from(["dedupe", "external"]).map(word),
    st.just(AT),
    options=options,
    label=_labels,
    inputs=_inputs,
    enabled=st.booleans(),
)
yaml_documents = st.builds(
    Document,
    st.just(SOURCE),
    st.builds(
        PipelineTree,
        st.builds(
            Chain,
            st.lists(sources | mapped_ends, min_size=1, max_size=2).map(tuple),
            st.lists(stages | mapped_stages, max_size=3).map(tuple),
            st.lists(sinks | mapped_ends, min_size=1, max_size=2).map(tuple),
            st.just(AT),
        ),
        st.just(AT),
        name=st.none() | st.sampled_from(["orders", "no", "2.10"]).map(word),
        version=st.none() | st.just(Template(("2.10",), AT, bare=True)),
        enabled=st.booleans(),
    ).map(lambda tree: (tree,)),
    st.lists(lets, max_size=1).map(tuple),
)

# Texts

_pieces = st.sampled_from(
    [
        *WORDS,
        *OPERATORS,
        *RESERVED,
        *PLAIN,
        "filter",
        "tee",
        "route",
        "let",
        "discard",
        "SELECT",
        *"|;,:{}()[]<>=!?+-*/%.#$`\"'\\&@~^",
        "||",
        "&&",
        "==",
        "=",
        ":=",
        "??",
        "not in",
        "is not",
        " ",
        "\n",
        "\n  ",
        "\t",
        "\r\n",
        "\x00",
        "\ufeff",
        "é",
        "“",
        "\u2028",
        "\u200b",
        "🎈",
        "${A}",
        "${A:-b}",
        "${",
        "1",
        "1_000",
        "1.5",
        "5m",
        "3 months",
        "10%",
        "100/s",
        "64MiB",
        "2024-01-01",
        "2024-01-01T10:00Z",
        '"x"',
        "'y'",
        'r"\\d"',
        "`a-b`",
        '."a b"',
        "a.jsonl",
        "http://h/x?a=1,2|3",
        "- ",
        "source: ",
        "process: ",
        "sink: ",
        "\n---\n",
        "&a ",
        "*a",
        "!!x ",
        "| ",
        " | ",
        "tee { ",
        "route { ",
        "else: ",
        " }",
        "x: >\n  ",
        "x: |\n  ",
        "'",
        "  - ",
    ]
)
soups = st.lists(_pieces, max_size=25).map("".join)
anything = st.text(max_size=60)
