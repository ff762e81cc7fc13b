"""What a built project may be told on its command line."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

from .settings import settings_help

__all__ = ["parsed"]


def parsed(argv: Sequence[str], settings: type[Any], name: str) -> argparse.Namespace:
    """The arguments; wrong ones and `--help` end the process, with 2 and 0."""
    rows = settings_help(settings)
    width = max((len(row[0]) for row in rows), default=0)
    lines = [f"  {variable:<{width}}  {kind}, {default}" for variable, kind, default in rows]
    parser = argparse.ArgumentParser(
        prog=f"python -m {name}" if name else None,
        description="Run the pipeline.",
        epilog="environment variables:\n" + "\n".join(lines) if lines else None,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--limit", type=_count, metavar="N", help="read at most N records from each source"
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="do everything but opening the sinks"
    )
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        type=_assignment,
        metavar="NAME=VALUE",
        help="give a setting a value, over the environment",
    )
    parser.add_argument(
        "--dead-letter", metavar="PATH", help="where records go that fail (default NAME.dead.jsonl)"
    )
    parser.add_argument(
        "--fail-on-dead-letter", action="store_true", help="exit with 1 if any record failed"
    )
    parser.add_argument(
        "--workers",
        type=_count,
        metavar="N",
        help="read the input by N processes (default: one a core if it is large)",
    )
    parser.add_argument(
        "--seed", type=_count, default=0, metavar="N", help="what samples choose (default 0)"
    )
    parser.add_argument("--quiet", action="store_true", help="print no summary")
    return parser.parse_args(argv)


def _count(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of records")
    return int(text)


def _assignment(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    return name, value
