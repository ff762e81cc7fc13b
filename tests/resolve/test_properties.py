"""Whatever is written, resolving reports and never raises."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from resolving import edges, resolved

ENDS = st.sampled_from(
    """\
a.jsonl
b.csv?header=false
-
sqlite://s.db/t
sqlite://s.db
s
nope
foo://x
${X}
${X:-a.jsonl}
data/
a.csv?x=1
"a b.jsonl"
ns/part
~/x.jsonl
{ a.jsonl, -  }
""".splitlines()
)
WORDS = st.sampled_from(
    """\
filter
set
select
drop
rename
cast
validate
limit
enrich
tee
route
where
take
having
nope
processor
s
""".splitlines()
)
ARGUMENTS = st.sampled_from(
    """\

a
a > 1
a = 1
a = 1 and b = c
a as b
a as int
n = a + 1
a, b.c, n = 2
10
-1
"x"
${V}
${V:-3}
a desc
a by b
a message "m"
a = b = c
`a-b`
{ b.jsonl }
{ limit 1 | c.jsonl; s }
{ a > 1: b.jsonl; else: discard }
a[0].b
(a
""".splitlines()
)
STAGES = st.builds("{} {}".format, WORDS, ARGUMENTS)
CHAINS = st.builds(" | ".join, st.tuples(ENDS, STAGES, STAGES, ENDS))
SETTINGS = st.dictionaries(
    st.sampled_from(["V", "X", "source", "sink.path", "limit.count", "process.0", "process.1.enabled"]),
    st.sampled_from(["3", "a.jsonl", "filter a > 1", "true", "", "| |"]),
    max_size=2,
)  # fmt: skip


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


@settings(max_examples=150, deadline=None)
@given(CHAINS, SETTINGS)
def test_a_chain_is_resolved_or_reported(
    folder: Path, chain: str, given_settings: dict[str, str]
) -> None:
    text = f"let s = a.jsonl | limit 2\n{chain}\n"
    found = resolved(text, folder, name="x.flow", settings=given_settings)
    again = resolved(text, folder, name="x.flow", settings=given_settings)
    assert [edges(pipeline) for pipeline in found.pipelines] == [
        edges(pipeline) for pipeline in again.pipelines
    ]
    for pipeline in found.pipelines:
        ids = [node.id for node in pipeline.nodes]
        assert len(ids) == len(set(ids))
        assert {id for edge in pipeline.edges for id in (edge.source, edge.target)} <= set(ids)
        unbound = any(node.binding is None for node in pipeline.nodes)
        assert not unbound or any(problem.is_error for problem in found.diagnostics)
    assert all(problem.span is not None for problem in found.diagnostics)
