"""Query: what stands behind the `?` of a URL."""

from __future__ import annotations

from flowc.catalog.spec import OperatorExample
from flowc.catalog.texts.kv import PairsFormat


class Query(PairsFormat):
    name = "query"
    spellings = ("urlencoded", "form")
    module = "codecs.querytext"
    codec = "QueryText"
    function = "query_text"
    lists = True
    doc = (
        "The query of a URL, `a=1&b=x%20y`, with or without a `?` before it. A record type behind "
        "it converts the values and leaves out what it does not name; a field of a list type "
        "takes every value of its name. Alone it gives `map<string?>`; there the last of a name "
        "wins. A name without `=` is null."
    )
    read_as = "query [Type]"
    written_as = "query"
    read_examples = (
        OperatorExample(
            "A query with a name that comes twice",
            "parse q as query {page: int, tag: list<string>}",
            '{"q": "?page=2&tag=a&tag=b%20c&x=1"}',
            '{"q": {"page": 2, "tag": ["a", "b c"]}}',
        ),
    )
    write_examples = (
        OperatorExample(
            "The query of a URL",
            "format q as query",
            '{"q": {"page": 2, "tag": ["a", "b c"]}}',
            '{"q": "page=2&tag=a&tag=b+c"}',
        ),
    )


TEXT_FORMAT = Query()
