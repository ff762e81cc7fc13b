"""Functions of maps, whose keys are texts."""

from __future__ import annotations

from flowc.catalog.signatures import CONVERTS, examples, gives
from flowc.catalog.spec import Function
from flowc.model.typed import RecordsCall, RuntimeCall
from flowc.model.types import STRING, Field, ListType, MapType, Record, Ref

_T = Ref("T")
_MAP = MapType(_T)
_ENTRY = Record((Field("key", STRING), Field("value", _T)))


def _call(name: str) -> RuntimeCall:
    return RuntimeCall("values.maps", name)


FUNCTIONS = (
    Function(
        "keys",
        "the keys of a map, in their order",
        (gives(ListType(STRING), _call("keys"), map=_MAP),),
        examples(
            ('keys(map_from(["a", "b"], [1, 2]))', '["a", "b"]'),
        ),
        corrections={"map_keys": "keys", "object_keys": "keys"},
    ),
    Function(
        "values",
        "the values of a map, in the order of its keys",
        (gives(ListType(_T), _call("values"), map=_MAP),),
        examples(
            ('values(map_from(["a", "b"], [1, 2]))', "[1, 2]"),
        ),
        corrections={"map_values": "values", "object_values": "values"},
    ),
    Function(
        "entries",
        "a record of `key` and `value` for each entry of a map",
        (gives(ListType(_ENTRY), RecordsCall("values.maps", "entries"), map=_MAP),),
        examples(
            ('length(entries(map_from(["a"], [1])))', "1"),
        ),
        corrections={"map_entries": "entries", "to_entries": "entries", "items": "entries"},
    ),
    Function(
        "map_get",
        "the value under a key of a map, or a default where it has no such key",
        (gives(_T, _call("map_get"), map=_MAP, key=STRING, default=_T),),
        examples(
            ('map_get(map_from(["a"], [1]), "a", 0)', "1"),
            ('map_get(map_from(["a"], [1]), "b", 0)', "0"),
        ),
        corrections={"element_at": "{0}[{1}]", "map_extract": "{0}[{1}]"},
    ),
    Function(
        "merge",
        "the entries of several maps; of a key that several have, the last one's",
        (gives(_MAP, _call("merge"), map=_MAP, variadic_=True),),
        examples(
            ('values(merge(map_from(["a", "b"], [1, 2]), map_from(["b"], [3])))', "[1, 3]"),
        ),
        corrections={"map_concat": "merge", "map_merge": "merge", "map_union": "merge"},
    ),
    Function(
        "map_remove",
        "a map without some keys",
        (gives(_MAP, _call("map_remove"), map=_MAP, key=STRING, variadic_=True),),
        examples(
            ('keys(map_remove(map_from(["a", "b"], [1, 2]), "a"))', '["b"]'),
        ),
        corrections={"map_delete": "map_remove", "map_except": "map_remove"},
    ),
    Function(
        "map_from",
        "a map of keys and the values at their places; of a key that stands twice, the last",
        (gives(_MAP, _call("map_from"), CONVERTS, keys=ListType(STRING), values=ListType(_T)),),
        examples(
            ('values(map_from(["a", "b", "a"], [1, 2, 3]))', "[3, 2]"),
            ('map_from(["a"], [1, 2])', "ConversionError"),
        ),
        corrections={"map_from_arrays": "map_from", "zip_map": "map_from"},
    ),
)
