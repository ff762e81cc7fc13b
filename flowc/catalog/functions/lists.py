"""Functions of lists. Computing over one leaves null out; null equals null among its items."""

from __future__ import annotations

from flowc.catalog.signatures import COMPUTES, CONVERTS, examples, gives
from flowc.catalog.spec import Function
from flowc.model.typed import RuntimeCall
from flowc.model.types import (
    BIGINT,
    BOOL,
    DATE,
    DECIMAL,
    DURATION,
    FLOAT,
    INT,
    NUMBER,
    STRING,
    TIMESTAMP,
    ListType,
    Ref,
    nullable,
)

_T = Ref("T")
_LIST = ListType(_T)
_ORDERED = (INT, BIGINT, FLOAT, NUMBER, DECIMAL, STRING, TIMESTAMP, DATE, DURATION)


def _call(name: str) -> RuntimeCall:
    return RuntimeCall("values.lists", name)


def _extreme(name: str, word: str, shown: str) -> Function:
    return Function(
        name,
        f"the {word} item of a list; null where it has none",
        tuple(gives(nullable(type), _call(name), list=ListType(type)) for type in _ORDERED),
        examples((f"{name}([3, 1, 2])", shown), (f"{name}([])", "null")),
        corrections=dict.fromkeys((name.replace("list", "array"),), name),
    )


FUNCTIONS = (
    Function(
        "list_sum",
        "the sum of a list; null where it has no items",
        (
            gives(nullable(INT), _call("list_sum"), COMPUTES, list=ListType(INT)),
            gives(nullable(BIGINT), _call("list_sum_big"), list=ListType(BIGINT)),
            gives(nullable(FLOAT), _call("list_sum_float"), COMPUTES, list=ListType(FLOAT)),
            gives(nullable(NUMBER), _call("list_sum_number"), COMPUTES, list=ListType(NUMBER)),
            gives(nullable(DECIMAL), _call("list_sum_decimal"), COMPUTES, list=ListType(DECIMAL)),
        ),
        examples(
            ("list_sum([1, 2, 3])", "6"),
            ("list_sum([0.1, 0.2, 0.3])", "0.6"),
            ("list_sum([])", "null"),
        ),
        corrections={"array_sum": "list_sum", "sum_list": "list_sum"},
    ),
    Function(
        "list_avg",
        "the mean of a list; null where it has no items",
        (
            *(
                gives(nullable(FLOAT), _call("list_avg"), COMPUTES, list=ListType(type))
                for type in (INT, BIGINT, FLOAT, NUMBER)
            ),
            gives(nullable(DECIMAL), _call("list_avg_decimal"), COMPUTES, list=ListType(DECIMAL)),
        ),
        examples(
            ("list_avg([1, 2])", "1.5"),
        ),
        corrections={"array_avg": "list_avg", "list_mean": "list_avg"},
    ),
    _extreme("list_min", "smallest", "1"),
    _extreme("list_max", "largest", "3"),
    Function(
        "list_sort",
        "the items of a list in order, or in descending order; null is last",
        tuple(
            gives(
                ListType(item),
                _call("list_sort"),
                list=ListType(item),
                descending=BOOL,
                optional_=1,
            )
            for type in _ORDERED
            for item in (type, nullable(type))
        ),
        examples(
            ('list_sort(["b", "a"])', '["a", "b"]'),
            ("list_sort([1, 3, 2], true)", "[3, 2, 1]"),
        ),
        corrections=dict.fromkeys(
            ["array_sort", "sort_array", "list_order", "sorted"], "list_sort"
        ),
    ),
    Function(
        "list_distinct",
        "each item of a list once, where it first stands",
        (gives(_LIST, _call("list_distinct"), list=_LIST),),
        examples(
            ("list_distinct([2, 1, 2])", "[2, 1]"),
        ),
        corrections=dict.fromkeys(
            ["array_distinct", "list_unique", "array_unique"], "list_distinct"
        ),
    ),
    Function(
        "slice",
        "so many items of a list from a place on, which counts from 0, or from the end if negative",
        (gives(_LIST, _call("slice_list"), list=_LIST, start=INT, length=INT, optional_=1),),
        examples(
            ("slice([1, 2, 3, 4], 1, 2)", "[2, 3]"),
            ("slice([1, 2, 3, 4], -2)", "[3, 4]"),
            ("slice([1], 5)", "[]"),
        ),
        corrections={"list_slice": "slice", "array_slice": "slice"},
    ),
    Function(
        "list_concat",
        "the items of one list after those of another",
        (gives(_LIST, _call("list_concat"), list=_LIST, variadic_=True),),
        examples(
            ("list_concat([1], [2, 3], [])", "[1, 2, 3]"),
        ),
        corrections={
            "array_concat": "list_concat",
            "list_cat": "list_concat",
            "array_cat": "list_concat",
            "list_append": "list_concat({0}, [{1}])",
            "array_append": "list_concat({0}, [{1}])",
        },
    ),
    Function(
        "list_flatten",
        "the items of the lists in a list",
        (gives(_LIST, _call("flatten"), lists=ListType(_LIST)),),
        examples(
            ("list_flatten([[1], [2, 3]])", "[1, 2, 3]"),
        ),
        corrections={"array_flatten": "list_flatten", "flatten": "list_flatten"},
    ),
    Function(
        "compact",
        "the items of a list that are not null",
        (gives(_LIST, _call("compact"), list=ListType(nullable(_T))),),
        examples(
            ("compact([1, null, 2])", "[1, 2]"),
        ),
        corrections={"array_compact": "compact", "drop_nulls": "compact"},
    ),
    Function(
        "list_has_any",
        "whether one of the items of a list is in another",
        (gives(BOOL, _call("list_has_any"), list=_LIST, others=_LIST),),
        examples(("list_has_any([1, 2], [2, 3])", "true"), ("list_has_any([1], [])", "false")),
        corrections={"arrays_overlap": "list_has_any", "array_has_any": "list_has_any"},
    ),
    Function(
        "list_has_all",
        "whether all the items of the second list are in the first",
        (gives(BOOL, _call("list_has_all"), list=_LIST, others=_LIST),),
        examples(("list_has_all([1, 2], [2])", "true"), ("list_has_all([1, 2], [2, 3])", "false")),
        corrections={"array_has_all": "list_has_all"},
    ),
    Function(
        "list_intersect",
        "each item once that two lists have in common",
        (gives(_LIST, _call("list_intersect"), list=_LIST, others=_LIST),),
        examples(
            ("list_intersect([3, 1, 2, 3], [2, 3])", "[3, 2]"),
        ),
        corrections={"array_intersect": "list_intersect"},
    ),
    Function(
        "list_except",
        "each item once of a list that another has not",
        (gives(_LIST, _call("list_except"), list=_LIST, others=_LIST),),
        examples(
            ("list_except([3, 1, 2, 1], [2])", "[3, 1]"),
        ),
        corrections={"array_except": "list_except", "list_difference": "list_except"},
    ),
    Function(
        "join",
        "the texts of a list joined into one by a separator; null is left out",
        (gives(STRING, _call("join"), list=ListType(STRING), separator=STRING),),
        examples(
            ('join(["a", "b"], ", ")', '"a, b"'),
        ),
        corrections=dict.fromkeys(
            ["array_to_string", "array_join", "string_join", "list_join"], "join"
        ),
    ),
    Function(
        "range",
        "the ints from a start up to, and without, a stop, one by one or in steps",
        (
            gives(
                ListType(INT),
                _call("series"),
                CONVERTS | COMPUTES,
                start=INT,
                stop=INT,
                step=INT,
                optional_=1,
            ),
        ),
        examples(
            ("range(0, 3)", "[0, 1, 2]"),
            ("range(5, 0, -2)", "[5, 3, 1]"),
            ("range(0, 1, 0)", "ArithmeticError"),
        ),
        corrections={"generate_series": "range", "sequence": "range"},
    ),
)
