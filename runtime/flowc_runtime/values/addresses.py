"""Parts of URLs, networks of IP addresses, and uuids made from names."""

from __future__ import annotations

import ipaddress
from functools import lru_cache
from urllib.parse import SplitResult, parse_qsl, urlsplit
from uuid import NAMESPACE_DNS, NAMESPACE_OID, NAMESPACE_URL, NAMESPACE_X500, UUID, uuid5

from ..errors import ConversionError, shorten

__all__ = [
    "ip_in",
    "ip_version",
    "is_ip",
    "url_fragment",
    "url_host",
    "url_param",
    "url_params",
    "url_path",
    "url_port",
    "url_query",
    "url_scheme",
    "uuid_named",
    "uuid_within",
]

_NAMESPACES = {
    "dns": NAMESPACE_DNS,
    "url": NAMESPACE_URL,
    "oid": NAMESPACE_OID,
    "x500": NAMESPACE_X500,
}


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError as error:
        raise ConversionError(f"{shorten(url)} is no URL: {error}") from None


def url_scheme(url: str) -> str | None:
    """The scheme, in small letters; null where there is none."""
    return _split(url).scheme or None


def url_host(url: str) -> str | None:
    """The host, in small letters; null where there is none."""
    return _split(url).hostname or None


def url_port(url: str) -> int | None:
    """The port that is written; null where none is."""
    try:
        return _split(url).port
    except ValueError as error:
        raise ConversionError(f"{shorten(url)} is no URL: {error}") from None


def url_path(url: str) -> str:
    """The path, as it is written."""
    return _split(url).path


def url_query(url: str) -> str | None:
    """What stands behind `?`, as it is written; null where nothing does."""
    return _split(url).query or None


def url_fragment(url: str) -> str | None:
    """What stands behind `#`, as it is written; null where nothing does."""
    return _split(url).fragment or None


def url_params(url: str) -> dict[str, str]:
    """The parameters of the query, decoded; of one that stands twice, the last."""
    try:
        return dict(parse_qsl(_split(url).query, keep_blank_values=True, max_num_fields=10_000))
    except ValueError as error:
        raise ConversionError(f"{shorten(url)} is no URL: {error}") from None


def url_param(url: str, name: str) -> str | None:
    """A parameter of the query, decoded; null where it is not there."""
    return url_params(url).get(name)


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    try:
        return ipaddress.ip_address(text.strip())
    except ValueError:
        raise ConversionError(f"{shorten(text)} is no IP address") from None


@lru_cache(maxsize=1_024)
def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    try:
        return ipaddress.ip_network(text)
    except ValueError as error:
        raise ConversionError(f"{shorten(text)} is no network: {error}") from None


def ip_in(address: str, network: str) -> bool:
    """Whether an address is in a network; one of another version is not."""
    return _address(address) in _network(network)


def ip_version(address: str) -> int:
    """4 or 6."""
    return _address(address).version


def is_ip(text: str) -> bool:
    """Whether the text is an IP address."""
    try:
        ipaddress.ip_address(text.strip())
    except ValueError:
        return False
    return True


def uuid_named(namespace: str, name: str) -> UUID:
    """The uuid of version 5 of a name: in `dns`, `url`, `oid`, `x500`, or below a uuid."""
    known = _NAMESPACES.get(namespace.lower())
    if known is not None:
        return uuid_within(known, name)
    try:
        return uuid_within(UUID(namespace), name)
    except ValueError:
        raise ConversionError(f"{shorten(namespace)} is no namespace of uuids") from None


def uuid_within(namespace: UUID, name: str) -> UUID:
    """The uuid of version 5 of a name below a uuid."""
    try:
        return uuid5(namespace, name)
    except UnicodeEncodeError as error:
        raise ConversionError(f"{shorten(name)} is not Unicode: {error.reason}") from None
