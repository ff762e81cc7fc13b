"""Functions of patterns, in RE2's syntax: checked before the run, searched in linear time."""

from __future__ import annotations

from flowc.catalog.signatures import CONVERTS, examples, gives
from flowc.catalog.spec import Constant, Function
from flowc.model.typed import RuntimeCall
from flowc.model.types import INT, STRING, ListType, nullable

_MODULE = "values.patterns"
_PATTERN = {1: Constant("pattern", written=True)}
_TEXT = nullable(STRING)

FUNCTIONS = (
    Function(
        "regex_extract",
        "what a pattern, or one of its groups, first matches in a text; null where nothing does",
        (
            gives(_TEXT, RuntimeCall(_MODULE, "regex_extract"), text=STRING, pattern=STRING),
            gives(
                _TEXT,
                RuntimeCall(_MODULE, "regex_extract"),
                CONVERTS,
                text=STRING,
                pattern=STRING,
                group=INT,
            ),
        ),
        examples(
            (r'regex_extract("order 42 of 7", r"\d+")', '"42"'),
            (r'regex_extract("id=42", r"id=(\d+)", 1)', '"42"'),
            (r'regex_extract("none", r"\d+")', "null"),
        ),
        constant=_PATTERN,
        corrections=dict.fromkeys(
            ["regexp_extract", "regexp_substr", "regexp_match"],
            "regex_extract",
        ),
    ),
    Function(
        "regex_extract_all",
        "what a pattern, or one of its groups, matches in a text, each time",
        (
            gives(
                ListType(STRING),
                RuntimeCall(_MODULE, "regex_extract_all"),
                text=STRING,
                pattern=STRING,
            ),
            gives(
                ListType(_TEXT),
                RuntimeCall(_MODULE, "regex_extract_groups"),
                CONVERTS,
                text=STRING,
                pattern=STRING,
                group=INT,
            ),
        ),
        examples((r'regex_extract_all("1 and 22", r"\d+")', '["1", "22"]')),
        constant=_PATTERN,
        corrections=dict.fromkeys(
            ["regexp_extract_all", "regex_find_all"],
            "regex_extract_all",
        ),
    ),
    Function(
        "regex_replace",
        r"the text with all that a pattern matches replaced; `\1` is what the first group took",
        (
            gives(
                STRING,
                RuntimeCall(_MODULE, "regex_replace"),
                CONVERTS,
                text=STRING,
                pattern=STRING,
                by=STRING,
            ),
        ),
        examples(
            (r'regex_replace("a1b22", r"\d+", "#")', '"a#b#"'),
            (r'regex_replace("2024-03", r"(\d\d\d\d)-(\d\d)", r"\2/\1")', '"03/2024"'),
        ),
        constant=_PATTERN,
        corrections=dict.fromkeys(["regexp_replace", "regex_sub"], "regex_replace"),
    ),
    Function(
        "regex_split",
        "the parts of a text between all that a pattern matches",
        (
            gives(
                ListType(STRING),
                RuntimeCall(_MODULE, "regex_split"),
                text=STRING,
                pattern=STRING,
            ),
        ),
        examples((r'regex_split("a, b;c", r"[,;] ?")', '["a", "b", "c"]')),
        constant=_PATTERN,
        corrections=dict.fromkeys(["regexp_split", "regexp_split_to_array"], "regex_split"),
    ),
    Function(
        "regex_count",
        "how many times a pattern matches in a text",
        (gives(INT, RuntimeCall(_MODULE, "regex_count"), text=STRING, pattern=STRING),),
        examples((r'regex_count("a1b22", r"\d+")', "2")),
        constant=_PATTERN,
        corrections=dict.fromkeys(["regexp_count", "count_matches"], "regex_count"),
    ),
)
