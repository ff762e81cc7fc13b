"""Binds a source or a sink to its connector: the address taken apart, the options read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from flowc.catalog import registry
from flowc.catalog.address import SCHEME, Located, resource_name
from flowc.catalog.formats import Format
from flowc.catalog.sampling import folder_named
from flowc.catalog.spec import Address, Connector
from flowc.diagnostics.codes import declare
from flowc.diagnostics.reporter import Reporter
from flowc.diagnostics.suggest import nearest
from flowc.model.diagnostic import Edit, Fix, Safety
from flowc.model.expr import Template, Variable
from flowc.model.graph import EndpointBinding
from flowc.model.project import Project
from flowc.model.source import Span
from flowc.model.tree import Endpoint, Option, Word
from flowc.model.types import Ref
from flowc.resolve.options import (
    MISSING_OPTION,
    WRONG_OPTION,
    OptionValues,
    make,
    option_names,
    read_options,
    required_options,
)
from flowc.resolve.shown import one_line, redacted
from flowc.syntax.interpolate import substitute

UNKNOWN_SCHEME = declare("FC0204", "unknown-scheme", "No connector has this scheme")
UNKNOWN_CONNECTOR = declare(
    "FC0205", "unknown-connector", "No connector of this name can stand here"
)


@dataclass(frozen=True, slots=True)
class Bound:
    """An endpoint and its binding. ``name`` is the last part of its resource, by which the
    node is called; ``unnamed`` is the option that must be named after the record type."""

    binding: EndpointBinding | None
    name: str
    unnamed: str = ""


def bind_endpoint(
    endpoint: Endpoint, project: Project, folder: Path, reporter: Reporter, *, sink: bool
) -> Bound:
    """Bind an endpoint that is a URI, a path, ``-`` or a map; problems are reported.

    One with a wrong option has no binding: what it would give is not known.

    Args:
        folder: the current folder, against which relative paths are read.
    """
    found = Reporter()
    bound = _bind(endpoint, project, found, sink)
    if found.has_errors:
        if not _is_folder(endpoint, folder, reporter):
            reporter.extend(found)
        return replace(bound, binding=None)
    reporter.extend(found)
    return bound


def _is_folder(endpoint: Endpoint, folder: Path, reporter: Reporter) -> bool:
    """Whether what could not be bound is a folder, which is then all that is said."""
    text = endpoint.text or endpoint.resource
    path = text.plain if text is not None else None
    if text is None or not path or not (folder / path).is_dir():
        return False
    folder_named(path, folder / path, text.span, reporter)
    return True


def _bind(endpoint: Endpoint, project: Project, reporter: Reporter, sink: bool) -> Bound:
    if endpoint.connector is not None:
        connector = _by_name(endpoint.connector, reporter)
        if connector is None:
            return Bound(None, endpoint.connector.text)
        address = connector.from_map(
            endpoint.resource and _with_settings(endpoint.resource, project),
            endpoint.options,
            sink=sink,
            reporter=reporter,
        )
        shown = _shown_with(f"{connector.name}:", endpoint.resource, endpoint.options)
    elif endpoint.text is not None:
        text = _without_leading_variable(_with_settings(endpoint.text, project))
        connector = _by_text(text, reporter)
        if connector is None:
            return Bound(None, last_part(text) or "endpoint")
        if endpoint.options:
            address = connector.from_map(text, endpoint.options, sink=sink, reporter=reporter)
        else:
            address = connector.address(text, sink=sink, reporter=reporter)
        shown = _shown_with("", endpoint.text, endpoint.options)
    else:
        return Bound(None, "sink" if sink else "source")
    return _bound(endpoint, connector, address, shown, project, reporter, sink)


def is_name(text: Template, *, quoted: bool) -> bool:
    """Whether an endpoint's text is a name rather than a URI, a path or ``-``."""
    plain = text.plain
    if plain is None:
        return False
    if not quoted and re.fullmatch(r"[\w-]+/[\w-]+", plain):
        return True
    return plain != "" and plain[0] != "-" and not re.search(r"[/.*?\\~]", plain)


def stands_alone(name: str, *, sink: bool) -> bool:
    """Whether a bare word is a connector that needs no resource: ``stdin``, ``stdout``."""
    connector = registry.connector(name)
    if connector is None:
        return False
    kind = connector.sink_options if sink else connector.source_options
    return kind is not None and not required_options(kind)


def _with_settings(text: Template, project: Project) -> Template:
    """What ``--set`` gives becomes the default of a variable."""
    if not project.settings or text.plain is not None:
        return text
    parts = tuple(
        replace(part, default=project.settings[part.name], message=None)
        if isinstance(part, Variable) and part.name in project.settings
        else part
        for part in text.parts
    )
    return replace(text, parts=parts)


def _without_leading_variable(text: Template) -> Template:
    """A variable that gives the scheme is filled now, from its default."""
    first = text.parts[0] if text.parts else ""
    if not isinstance(first, Variable):
        return text
    value = first.default
    if value is None or not (SCHEME.match(value) or value == "-" or value.startswith("-?")):
        return text
    return Template((value, *text.parts[1:]), text.span, text.bare)


def _by_text(text: Template, reporter: Reporter) -> Connector | None:
    located = Located.of(text)
    scheme = SCHEME.match(located.text)
    if scheme is not None:
        found = registry.connector(scheme.group(1))
        if found is None:
            _unknown_scheme(located.word(0, scheme.end(1)), reporter)
        return found
    if re.match(r"-(\?|$)", located.text):
        return registry.connector("-")
    if is_name(text, quoted=True):
        return registry.connector(located.text)
    return registry.connector("file")


def _by_name(word: Word, reporter: Reporter) -> Connector | None:
    found = registry.connector(word.text)
    if found is None:
        known = tuple(registry.connectors())
        near = nearest(word.text, known)
        reporter.error(
            UNKNOWN_CONNECTOR,
            f"no connector is called '{word.text}'",
            word.span,
            at=f"did you mean '{near[0]}'?" if near else "",
            notes=(f"connectors: {', '.join(known)}", *_broken()),
            fixes=_instead(word.span, near),
        )
    return found


def _unknown_scheme(word: Word, reporter: Reporter) -> None:
    known = sorted(
        scheme
        for connector in registry.connectors().values()
        for scheme in connector.schemes
        if scheme[0].isalpha()
    )
    near = nearest(word.text, known)
    reporter.error(
        UNKNOWN_SCHEME,
        f"no connector has the scheme '{word.text}://'",
        word.span,
        at=f"did you mean '{near[0]}://'?" if near else "",
        notes=(f"schemes: {', '.join(known)}; a path needs none", *_broken()),
        fixes=_instead(word.span, near),
    )


def _instead(span: Span, words: tuple[str, ...]) -> tuple[Fix, ...]:
    return tuple(Fix(f"write {word}", (Edit(span, word),), Safety.UNSAFE) for word in words)


def _broken() -> tuple[str, ...]:
    return tuple(
        f"the connector {entry.name} of {entry.package} cannot be imported: {entry.reason}"
        for entry in registry.broken("connector")
    )


def _bound(
    endpoint: Endpoint,
    connector: Connector,
    address: Address,
    shown: str,
    project: Project,
    reporter: Reporter,
    sink: bool,
) -> Bound:
    kind = connector.sink_options if sink else connector.source_options
    span = endpoint.span
    if kind is None:
        end, other = ("sink", "source") if sink else ("source", "sink")
        reporter.error(
            UNKNOWN_CONNECTOR,
            f"{connector.name} cannot be a {end}",
            span,
            notes=(f"it can be a {other} only",),
        )
        return Bound(None, connector.name)
    format = registry.format(address.format) if address.format else None
    codec: Mapping[str, object] = {}
    if format is not None:
        codec = _codec(format, address, reporter)
    also = ("format", *option_names(format.options)) if format is not None else ()
    values = read_options(address.options, kind, connector.name, reporter, also=also)
    for option in address.options:
        if option.key.text in connector.compiled and option.key.text in values.symbolic:
            _not_known_yet(option, reporter)
    late = connector.named_after if connector.named_after in values.missing else ""
    missing = tuple(name for name in values.missing if name != late)
    for name in missing:
        reporter.error(
            MISSING_OPTION,
            f"{connector.name} needs the option '{name}'",
            span,
            notes=(f"as in {connector.examples[0]}",) if connector.examples else (),
        )
    if late and endpoint.type is not None and isinstance(endpoint.type.type, Ref) and not sink:
        values = OptionValues({**values.known, late: endpoint.type.type.name}, values.symbolic, ())
        late = ""
    name = _node_name(address, values, connector, sink)
    if missing or (not address.format):
        return Bound(None, name)
    binding = EndpointBinding(
        connector=connector.name,
        options=make(kind, values),
        symbolic=values.symbolic,
        declared=endpoint.type,
        keys=_keys(endpoint),
        clock=endpoint.clock,
        shown=shown,
        format=address.format,
        codec=codec,
        found=_found(values.symbolic, project),
    )
    return Bound(binding, name, late if sink else "")


def _codec(format: Format, address: Address, reporter: Reporter) -> Mapping[str, object]:
    values = read_options(address.codec, format.options, format.name, reporter)
    for option in address.codec:
        if option.key.text in values.symbolic:
            _not_known_yet(option, reporter)
        elif option.key.text in values.known:
            problem = format.problem(option.key.text, values.known[option.key.text])
            if problem:
                reporter.error(WRONG_OPTION, problem, option.value.span)
    return values.known


def _not_known_yet(option: Option, reporter: Reporter) -> None:
    reporter.error(
        WRONG_OPTION,
        f"the option '{option.key.text}' must be known when the pipeline is compiled",
        option.value.span,
        notes=("how a file is decoded is part of the compiled code",),
    )


def _found(symbolic: Mapping[str, Template], project: Project) -> dict[str, str]:
    """What symbolic options come to now; a secret is not looked at before the run."""
    found: dict[str, str] = {}
    for name, template in symbolic.items():
        value = substitute(template, project.environment, project.settings)
        if value.text is not None and not value.secret:
            found[name] = value.text
    return found


def _keys(endpoint: Endpoint) -> tuple[tuple[str, ...], ...]:
    if not endpoint.keys:
        return ()
    return (tuple(".".join(path.names or ()) for path in endpoint.keys),)


def _node_name(address: Address, values: OptionValues, connector: Connector, sink: bool) -> str:
    """The last part of the resource: ``orders`` of ``data/orders.jsonl``, else the table."""
    if connector.named_after and isinstance(table := values.known.get(connector.named_after), str):
        return table
    if address.resource is None:
        return ("stdout" if sink else "stdin") if connector.name == "stdio" else connector.name
    return last_part(address.resource) or connector.name


def last_part(text: Template) -> str:
    """What a node is called by that has this address: ``orders`` of ``data/orders.jsonl``."""
    return resource_name("".join(p if isinstance(p, str) else p.name.lower() for p in text.parts))


def _shown(text: Template) -> str:
    line = one_line(text.span).strip("\"'") or text.plain or ""
    return redacted(line)


def _shown_with(head: str, resource: Template | None, options: tuple[Option, ...]) -> str:
    """An endpoint with options beside its text: ``sqlite: out.db, table=orders``."""
    parts = [head] if head else []
    if resource is not None:
        parts.append(_shown(resource))
    written = ", ".join(f"{option.key.text}={one_line(option.value.span)}" for option in options)
    if written:
        parts.append(redacted(written))
    return " ".join(parts)
