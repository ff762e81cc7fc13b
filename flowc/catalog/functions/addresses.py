"""URLs, IP addresses and uuids."""

from __future__ import annotations

from flowc.catalog.signatures import CONVERTS, examples, gives
from flowc.catalog.spec import Constant, Function, Overload
from flowc.model.typed import RuntimeCall
from flowc.model.types import BOOL, INT, STRING, UUID, MapType, Type, nullable


def _call(name: str) -> RuntimeCall:
    return RuntimeCall("values.addresses", name)


def _part(name: str, summary: str, result: Type, shown: str, words: str = "") -> Function:
    return Function(
        name,
        summary,
        (gives(result, _call(name), CONVERTS, url=STRING),),
        examples((f'{name}("https://Example.com:8443/a/b?x=1&y=2#top")', shown)),
        corrections=dict.fromkeys(words.split(), name),
    )


_NULL = "; null where it has none"

FUNCTIONS = (
    _part(
        "url_scheme",
        f"the scheme of a URL{_NULL}",
        nullable(STRING),
        '"https"',
        "protocol url_protocol",
    ),
    _part(
        "url_host",
        f"the host of a URL, in small letters{_NULL}",
        nullable(STRING),
        '"example.com"',
        "hostname domain url_extract_host url_domain",
    ),
    _part(
        "url_port",
        f"the port that is written in a URL{_NULL}",
        nullable(INT),
        "8443",
        "url_extract_port",
    ),
    _part("url_path", "the path of a URL, as it is written", STRING, '"/a/b"', "url_extract_path"),
    _part(
        "url_query",
        f"the query of a URL, as it is written{_NULL}",
        nullable(STRING),
        '"x=1&y=2"',
        "query_string",
    ),
    _part(
        "url_fragment", f"the fragment of a URL, as it is written{_NULL}", nullable(STRING), '"top"'
    ),
    Function(
        "url_param",
        f"a parameter of a URL's query, decoded{_NULL}",
        (gives(nullable(STRING), _call("url_param"), CONVERTS, url=STRING, name=STRING),),
        examples(
            ('url_param("/?q=a%20b", "q")', '"a b"'),
            ('url_param("/", "q")', "null"),
            ('url_param("http://[x/", "q")', "ConversionError"),
        ),
        corrections={"url_extract_parameter": "url_param", "query_param": "url_param"},
    ),
    Function(
        "url_params",
        "the parameters of a URL's query, decoded; of one that stands twice, the last",
        (gives(MapType(STRING), _call("url_params"), CONVERTS, url=STRING),),
        examples(
            ('map_get(url_params("/?a=1&b=2"), "b", "")', '"2"'),
        ),
        corrections={"query_params": "url_params", "parse_qs": "url_params"},
    ),
    Function(
        "ip_in",
        "whether an IP address is in a network",
        (gives(BOOL, _call("ip_in"), CONVERTS, address=STRING, network=STRING),),
        examples(
            ('ip_in("10.1.2.3", "10.0.0.0/8")', "true"),
            ('ip_in("::1", "10.0.0.0/8")', "false"),
            ('ip_in("10.1.2", "10.0.0.0/8")', "ConversionError"),
        ),
        constant={1: Constant("network")},
        corrections={
            "cidr_match": "ip_in",
            "ipv4_is_in_range": "ip_in",
            "cidrmatch": "ip_in({1}, {0})",
        },
    ),
    Function(
        "ip_version",
        "the version of an IP address, 4 or 6",
        (gives(INT, _call("ip_version"), CONVERTS, address=STRING),),
        examples(('ip_version("::1")', "6"), ('ip_version("1.2.3")', "ConversionError")),
        corrections={"ip_family": "ip_version"},
    ),
    Function(
        "is_ip",
        "whether a text is an IP address",
        (gives(BOOL, _call("is_ip"), text=STRING),),
        examples(('is_ip("127.0.0.1")', "true"), ('is_ip("localhost")', "false")),
        corrections={"is_ipv4": "is_ip", "is_ipv6": "is_ip", "valid_ip": "is_ip"},
    ),
    Function(
        "uuid5",
        'the uuid of a name, always the same: in "dns", "url", "oid" or "x500", or below a uuid',
        (
            gives(UUID, _call("uuid_named"), CONVERTS, namespace=STRING, name=STRING),
            gives(UUID, _call("uuid_within"), CONVERTS, namespace=UUID, name=STRING),
        ),
        examples(
            ('string(uuid5("dns", "example.com"))', '"cfbff0d1-9375-5685-968c-48ce8b15ae17"'),
            ('uuid5("here", "x")', "ConversionError"),
        ),
        corrections={"uuid_v5": "uuid5", "uuidv5": "uuid5"},
    ),
    Function(
        "uuid4",
        "a random uuid",
        (Overload((), UUID, RuntimeCall("environment", "uuid4")),),
        examples(
            ("length(string(uuid4()))", "36"),
        ),
        deterministic=False,
        corrections=dict.fromkeys(
            ["gen_random_uuid", "uuid_v4", "newid", "generate_uuid", "uuidv4"], "uuid4"
        ),
    ),
)
