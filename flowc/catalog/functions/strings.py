"""Functions of texts. Characters are Unicode code points."""

from __future__ import annotations

import re
from collections.abc import Sequence

from flowc.catalog.signatures import examples, gives
from flowc.catalog.spec import Function, FunctionExample, Overload
from flowc.model.effects import CONVERSION_ERROR
from flowc.model.typed import BinaryForm, BuiltinCall, MethodCall, RuntimeCall, TextForm
from flowc.model.types import BOOL, BYTES, INT, STRING, ListType, MapType, Ref
from flowc.syntax.foreign import like_pattern

_T = Ref("T")


def _like(arguments: Sequence[str]) -> str | None:
    """``like(name, "a%")``"""
    if len(arguments) != 2:
        return None
    match = re.fullmatch(r"([\"'])(.*)\1", arguments[1])
    return f'{arguments[0]} matches r"{like_pattern(match[2])}"' if match else None


FUNCTIONS = (
    Function(
        "lower",
        "the text in lower case",
        (Overload((("text", STRING),), STRING, MethodCall("lower")),),
        (FunctionExample('lower("ÀB c")', '"àb c"'), FunctionExample("lower(null)", "null")),
        corrections={
            "lcase": "lower",
            "to_lower": "lower",
            "tolower": "lower",
            "downcase": "lower",
        },
    ),
    Function(
        "upper",
        "the text in upper case",
        (Overload((("text", STRING),), STRING, MethodCall("upper")),),
        (FunctionExample('upper("straße")', '"STRASSE"'),),
        corrections={"ucase": "upper", "to_upper": "upper", "toupper": "upper", "upcase": "upper"},
    ),
    *(
        Function(
            name,
            f"the text without the white space (or the characters given) {where}",
            (
                gives(STRING, MethodCall(method), text=STRING),
                gives(STRING, MethodCall(method), text=STRING, characters=STRING),
            ),
            examples(*shown),
            corrections=dict.fromkeys(words.split(), name),
        )
        for name, method, where, words, shown in (
            (
                "trim",
                "strip",
                "around it",
                "strip strip_whitespace btrim trim_both",
                (('trim("  a b \\n")', '"a b"'), ('trim("--a-", "-")', '"a"')),
            ),
            (
                "ltrim",
                "lstrip",
                "at its start",
                "lstrip trim_start trimstart trim_left trim_leading",
                (('ltrim("  a ")', '"a "'), ('ltrim("007", "0")', '"7"')),
            ),
            (
                "rtrim",
                "rstrip",
                "at its end",
                "rstrip trim_end trimend trim_right trim_trailing chomp",
                (('rtrim(" a  ")', '" a"'), ('rtrim("1.500", "0")', '"1.5"')),
            ),
        )
    ),
    Function(
        "length",
        "the number of characters of a text, of bytes, of items or of keys",
        (
            Overload((("text", STRING),), INT, BuiltinCall("len")),
            Overload((("bytes", BYTES),), INT, BuiltinCall("len")),
            Overload((("list", ListType(_T)),), INT, BuiltinCall("len")),
            Overload((("map", MapType(_T)),), INT, BuiltinCall("len")),
        ),
        (FunctionExample('length("né")', "2"), FunctionExample("length([1, 2, 3])", "3")),
        spellings=("len",),
        corrections={
            "strlen": "length",
            "char_length": "length",
            "size": "length",
            "cardinality": "length",
        },
    ),
    Function(
        "contains",
        "whether a text has a part, a list an item, or a map a key",
        (
            Overload((("text", STRING), ("part", STRING)), BOOL, BinaryForm("in", swapped=True)),
            Overload((("list", ListType(_T)), ("item", _T)), BOOL, BinaryForm("in", swapped=True)),
            Overload((("map", MapType(_T)), ("key", STRING)), BOOL, BinaryForm("in", swapped=True)),
        ),
        (
            FunctionExample('contains("pipeline", "line")', "true"),
            FunctionExample("contains([1, 2], 3)", "false"),
        ),
        corrections={
            "includes": "contains",
            "has": "contains",
            "list_contains": "contains",
            "array_contains": "contains",
            "has_key": "contains",
            "map_contains": "contains",
            "regexp_like": "{0} matches {1}",
            "regexp_matches": "{0} matches {1}",
            "regex_match": "{0} matches {1}",
            "match": "{0} matches {1}",
            "rlike": "{0} matches {1}",
            "isin": "{0} in {1}",
            "like": _like,
        },
    ),
    Function(
        "starts_with",
        "whether a text begins with another",
        (Overload((("text", STRING), ("start", STRING)), BOOL, MethodCall("startswith")),),
        (FunctionExample('starts_with("flowc", "flow")', "true"),),
        corrections={
            "startswith": "starts_with",
            "has_prefix": "starts_with",
            "hasprefix": "starts_with",
        },
    ),
    Function(
        "ends_with",
        "whether a text ends with another",
        (Overload((("text", STRING), ("end", STRING)), BOOL, MethodCall("endswith")),),
        (FunctionExample('ends_with("a.csv", ".csv")', "true"),),
        corrections={"endswith": "ends_with", "has_suffix": "ends_with", "hassuffix": "ends_with"},
    ),
    Function(
        "replace",
        "the text with every occurrence of a part replaced",
        (
            Overload(
                (("text", STRING), ("part", STRING), ("by", STRING)), STRING, MethodCall("replace")
            ),
        ),
        (FunctionExample('replace("a-b-c", "-", "+")', '"a+b+c"'),),
        corrections={"replace_all": "replace", "str_replace": "replace", "gsub": "replace"},
    ),
    Function(
        "split",
        "the parts of a text between separators, as a list",
        (
            Overload(
                (("text", STRING), ("separator", STRING)),
                ListType(STRING),
                RuntimeCall("values.text", "split"),
                errors=frozenset({CONVERSION_ERROR}),
            ),
        ),
        (
            FunctionExample('split("a,b,", ",")', '["a", "b", ""]'),
            FunctionExample('split("abc", "")', error="ConversionError"),
        ),
        corrections={
            "string_split": "split",
            "str_split": "split",
            "string_to_array": "split",
            "split_part": "split({0}, {1})[{2} - 1]",
        },
    ),
    Function(
        "substr",
        "a part of a text: where it starts (from 0, or from the end if negative), how long it is",
        (
            Overload(
                (("text", STRING), ("start", INT), ("length", INT)),
                STRING,
                RuntimeCall("values.text", "substr"),
                optional=1,
            ),
        ),
        (
            FunctionExample('substr("pipeline", 4)', '"line"'),
            FunctionExample('substr("pipeline", 0, 4)', '"pipe"'),
            FunctionExample('substr("pipeline", -4, 2)', '"li"'),
            FunctionExample('substr("a", 5)', '""'),
        ),
        corrections={"substring": "substr", "mid": "substr"},
    ),
    Function(
        "concat",
        "texts joined into one",
        (Overload((("text", STRING),), STRING, TextForm(), variadic=True),),
        (
            FunctionExample('concat("a", "-", "b")', '"a-b"'),
            FunctionExample('concat("a", null)', "null"),
        ),
        corrections={"join_text": "concat", "strcat": "concat", "concatenate": "concat"},
    ),
)
