"""Where a ``$ref`` leads: inside its document, or to another one of the project. Nothing is
fetched."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from urllib.parse import unquote, urljoin

from flowc.diagnostics.reporter import Reporter
from flowc.diagnostics.suggest import nearest
from flowc.model.source import SourceFile, Span
from flowc.types.importers.document import UNREACHABLE, Documents, Node
from flowc.types.show import quoted

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:|//")
#: How much of a reference a message shows.
_SHOWN = 80


class References:
    """Follows references; each of its documents is looked through once."""

    def __init__(self, documents: Documents, reporter: Reporter) -> None:
        self._documents = documents
        self._reporter = reporter
        self._ids: dict[SourceFile, Mapping[str, Node]] = {}

    def find(self, reference: str, span: Span) -> tuple[Node, str] | None:
        """What a reference that stands at ``span`` leads to, and a name for it (the last part
        of its path); None after a report."""
        address, _, fragment = reference.partition("#")
        root = self._root(address, span)
        if root is None:
            return None
        if not fragment:
            return root, address.rpartition("/")[2].partition(".")[0]
        if not fragment.startswith("/"):
            found = self._known(root).get(f"#{fragment}")
            if found is None:
                self._missing(reference, f"no `$anchor` is {quoted(fragment)}", span)
            return None if found is None else (found, fragment)
        return self._follow(root, reference, fragment, span)

    def _root(self, address: str, span: Span) -> Node | None:
        if not address:
            return self._documents.open("", span)
        here = self._documents.open("", span)
        if here is not None:
            known = self._known(here)
            absolute = urljoin(here.text("$id") or "", address)
            found = known.get(absolute.rstrip("#")) or known.get(address)
            if found is not None:
                return found
        if _SCHEME.match(address):
            self._reporter.error(
                UNREACHABLE,
                f"{quoted(address[:_SHOWN])} is not in the project, and nothing is fetched",
                span,
                notes=("save the document in the project, and refer to the file",),
            )
            return None
        return self._documents.open(unquote(address), span)

    def _known(self, root: Node) -> Mapping[str, Node]:
        """The schemas of a document by their ``$id`` and, behind a ``#``, their anchors."""
        source = root.span.source
        if source not in self._ids:
            self._ids[source] = dict(_named(root))
        return self._ids[source]

    def _follow(
        self, root: Node, reference: str, fragment: str, span: Span
    ) -> tuple[Node, str] | None:
        node, name = root, ""
        for part in fragment.split("/")[1:]:
            name = unquote(part).replace("~1", "/").replace("~0", "~")
            found = node.get(name)
            if found is None and name.isdecimal() and len(name) < 7:
                found = node.items[int(name)] if int(name) < len(node.items) else None
            if found is None:
                near = nearest(name, node.map)
                hint = f"; did you mean {quoted(near[0])}?" if near else ""
                self._missing(reference, f"there is no {quoted(name[:_SHOWN])} in it{hint}", span)
                return None
            node = found
        return node, name

    def _missing(self, reference: str, why: str, span: Span) -> None:
        shown = quoted(reference[:_SHOWN])
        self._reporter.error(UNREACHABLE, f"{shown} leads nowhere", span, notes=(why,))


def _named(root: Node) -> Iterator[tuple[str, Node]]:
    base = root.text("$id") or ""
    todo = [root]
    while todo:
        node = todo.pop()
        if (id := node.text("$id")) is not None:
            yield urljoin(base, id).rstrip("#"), node
        for word in ("$anchor", "$dynamicAnchor"):
            if (anchor := node.text(word)) is not None:
                yield f"#{anchor}", node
        todo += [*node.map.values(), *node.items]
