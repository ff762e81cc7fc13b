"""More functions of texts: filling, cutting, looking for, tidying."""

from __future__ import annotations

from flowc.catalog.signatures import CONVERTS, examples, gives
from flowc.catalog.spec import Function
from flowc.model.typed import MethodCall, RuntimeCall
from flowc.model.types import (
    BIGINT,
    BOOL,
    BYTES,
    DECIMAL,
    FLOAT,
    INT,
    NUMBER,
    STRING,
    ListType,
    MapType,
    Ref,
    nullable,
)

_T = Ref("T")
_TEXTS = "values.strings"
_LISTS = "values.lists"


def _words(words: str, name: str) -> dict[str, str]:
    return dict.fromkeys(words.split(), name)


FUNCTIONS = (
    *(
        Function(
            name,
            f"the text filled {side} to so many characters, or cut to them at its end",
            (
                gives(
                    STRING,
                    RuntimeCall(_TEXTS, name),
                    CONVERTS,
                    text=STRING,
                    length=INT,
                    fill=STRING,
                    optional_=1,
                ),
            ),
            examples(*shown),
            corrections=_words(words, name),
        )
        for name, side, words, shown in (
            (
                "lpad",
                "at its start",
                "pad_left pad_start padleft leftpad",
                (('lpad("7", 3, "0")', '"007"'), ('lpad("pipeline", 4)', '"pipe"')),
            ),
            (
                "rpad",
                "at its end",
                "pad_right pad_end padright rightpad",
                (('rpad("ab", 5, "xyz")', '"abxyz"'), ('rpad("a", 3)', '"a  "')),
            ),
        )
    ),
    Function(
        "repeat",
        "the text so many times",
        (gives(STRING, RuntimeCall(_TEXTS, "repeat"), CONVERTS, text=STRING, count=INT),),
        examples(
            ('repeat("ab", 3)', '"ababab"'),
            ('repeat("ab", -1)', '""'),
            ('repeat("ab", 100000000)', "ConversionError"),
        ),
        corrections=_words("replicate str_repeat times", "repeat"),
    ),
    Function(
        "reverse",
        "the characters of a text, or the items of a list, from the last to the first",
        (
            gives(STRING, RuntimeCall(_TEXTS, "reverse"), text=STRING),
            gives(ListType(_T), RuntimeCall(_LISTS, "reverse_list"), list=ListType(_T)),
        ),
        examples(('reverse("abc")', '"cba"'), ("reverse([1, 2, 3])", "[3, 2, 1]")),
        corrections=_words("list_reverse array_reverse strrev reversed", "reverse"),
    ),
    Function(
        "left",
        "the first characters of a text; if negative, all but so many last ones",
        (gives(STRING, RuntimeCall(_TEXTS, "left"), text=STRING, count=INT),),
        examples(('left("pipeline", 4)', '"pipe"'), ('left("pipeline", -4)', '"pipe"')),
        corrections=_words("first_chars", "left"),
    ),
    Function(
        "right",
        "the last characters of a text; if negative, all but so many first ones",
        (gives(STRING, RuntimeCall(_TEXTS, "right"), text=STRING, count=INT),),
        examples(('right("pipeline", 4)', '"line"'), ('right("pipeline", 0)', '""')),
        corrections=_words("last_chars", "right"),
    ),
    Function(
        "index_of",
        "where a part first stands in a text, or an item in a list, from 0; null where it does not",
        (
            gives(nullable(INT), RuntimeCall(_TEXTS, "text_index"), text=STRING, part=STRING),
            gives(nullable(INT), RuntimeCall(_LISTS, "list_index"), list=ListType(_T), item=_T),
        ),
        examples(
            ('index_of("pipeline", "line")', "4"),
            ('index_of("pipeline", "x")', "null"),
            ("index_of([3, 5], 5)", "1"),
        ),
        corrections={
            **_words("strpos instr indexof find list_position array_position", "index_of"),
            "charindex": "index_of({1}, {0})",
            "locate": "index_of({1}, {0})",
        },
    ),
    Function(
        "occurrences",
        "how many times a part stands in a text, none overlapping another",
        (gives(INT, MethodCall("count"), text=STRING, part=STRING),),
        examples(('occurrences("banana", "an")', "2"), ('occurrences("aaa", "aa")', "1")),
        corrections=_words("count_substrings substr_count count_of", "occurrences"),
    ),
    Function(
        "remove_prefix",
        "the text without another at its start, if it is there",
        (gives(STRING, MethodCall("removeprefix"), text=STRING, start=STRING),),
        examples(
            ('remove_prefix("v1.2", "v")', '"1.2"'),
            ('remove_prefix("1.2", "v")', '"1.2"'),
        ),
        corrections=_words("removeprefix strip_prefix trim_prefix ltrimstr", "remove_prefix"),
    ),
    Function(
        "remove_suffix",
        "the text without another at its end, if it is there",
        (gives(STRING, MethodCall("removesuffix"), text=STRING, end=STRING),),
        examples(
            ('remove_suffix("a.csv", ".csv")', '"a"'),
        ),
        corrections=_words("removesuffix strip_suffix trim_suffix rtrimstr", "remove_suffix"),
    ),
    Function(
        "capitalize",
        "the text with a capital at its start, the rest of it small",
        (gives(STRING, MethodCall("capitalize"), text=STRING),),
        examples(
            ('capitalize("éCLAIR au lait")', '"Éclair au lait"'),
        ),
        corrections=_words("ucfirst upper_first capitalise", "capitalize"),
    ),
    Function(
        "title",
        "the text with a capital at the start of each word, the rest of it small",
        (gives(STRING, RuntimeCall(_TEXTS, "title"), text=STRING),),
        examples(
            ('title("the DOG\'s o-clock")', '"The Dog\'s O-Clock"'),
        ),
        corrections=_words("initcap proper title_case titlecase", "title"),
    ),
    Function(
        "squeeze",
        "the text without white space around it, and one blank for each run of it inside",
        (gives(STRING, RuntimeCall(_TEXTS, "squeeze"), text=STRING),),
        examples(
            ('squeeze("  a \\n b  ")', '"a b"'),
        ),
        corrections=_words("normalize_space collapse_whitespace squish", "squeeze"),
    ),
    Function(
        "normalize",
        "the text with each character in its composed form (NFC), so that equal texts are equal",
        (gives(STRING, RuntimeCall(_TEXTS, "normalize"), text=STRING),),
        examples(
            ('length(normalize("e\\u{301}"))', "1"),
        ),
        corrections=_words("nfc nfc_normalize unicode_normalize", "normalize"),
    ),
    Function(
        "strip_accents",
        "the text without the marks on its letters",
        (gives(STRING, RuntimeCall(_TEXTS, "strip_accents"), text=STRING),),
        examples(
            ('strip_accents("Crème brûlée")', '"Creme brulee"'),
        ),
        corrections=_words("unaccent remove_accents remove_diacritics", "strip_accents"),
    ),
    Function(
        "translate",
        "each of some characters as the one at its place among others, or left out",
        (gives(STRING, RuntimeCall(_TEXTS, "translate"), text=STRING, these=STRING, those=STRING),),
        examples(
            ('translate("1.234,5", ".,", ",.")', '"1,234.5"'), ('translate("a-b", "-", "")', '"ab"')
        ),
        corrections=_words("replace_chars tr", "translate"),
    ),
    Function(
        "is_blank",
        "whether a text is empty, or nothing but white space",
        (gives(BOOL, RuntimeCall(_TEXTS, "is_blank"), text=STRING),),
        examples(('is_blank(" \\t")', "true"), ('is_blank("a")', "false")),
        corrections=_words("isblank is_whitespace", "is_blank"),
    ),
    Function(
        "is_empty",
        "whether a text has no characters, bytes no byte, a list no items, a map no keys",
        (
            gives(BOOL, RuntimeCall("values.compare", "is_empty"), text=STRING),
            gives(BOOL, RuntimeCall("values.compare", "is_empty"), bytes=BYTES),
            gives(BOOL, RuntimeCall("values.compare", "is_empty"), list=ListType(_T)),
            gives(BOOL, RuntimeCall("values.compare", "is_empty"), map=MapType(_T)),
        ),
        examples(('is_empty("")', "true"), ("is_empty([0])", "false")),
        corrections=_words("isempty empty", "is_empty"),
    ),
    Function(
        "code_point",
        "the number in Unicode of the first character; null of an empty text",
        (gives(nullable(INT), RuntimeCall(_TEXTS, "code_point"), text=STRING),),
        examples(('code_point("A")', "65"), ('code_point("")', "null")),
        corrections=_words("ascii ord unicode codepoint", "code_point"),
    ),
    Function(
        "chr",
        "the character with a number in Unicode",
        (gives(STRING, RuntimeCall(_TEXTS, "from_code_point"), CONVERTS, number=INT),),
        examples(("chr(8364)", '"€"'), ("chr(-1)", "ConversionError")),
        corrections=_words("char from_code_point", "chr"),
    ),
    Function(
        "concat_ws",
        "texts joined by a separator, which comes first; null is left out",
        (
            gives(
                STRING,
                RuntimeCall(_TEXTS, "concat_ws"),
                separator=STRING,
                text=STRING,
                variadic_=True,
                takes_null_=True,
            ),
        ),
        examples(
            ('concat_ws(", ", "a", null, "b")', '"a, b"'),
        ),
    ),
    Function(
        "format_number",
        "a number with a comma between thousands, and so many digits after the point",
        tuple(
            gives(
                STRING,
                RuntimeCall(_TEXTS, "format_number"),
                CONVERTS,
                number=type,
                digits=INT,
                optional_=1,
            )
            for type in (INT, BIGINT, FLOAT, NUMBER, DECIMAL)
        ),
        examples(
            ("format_number(1234567.891, 2)", '"1,234,567.89"'),
            ("format_number(1234567)", '"1,234,567"'),
            ("format_number(2.5, 0)", '"2"'),
        ),
        corrections=_words("number_format format_decimal numfmt", "format_number"),
    ),
)
