"""``flowc init``: a project to begin with, or one to play with."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from pathlib import Path

from flowc.cli.support.command import COMMON, OK, Command, Invocation, Kind, Option, UsageError
from flowc.cli.support.files import cannot_write

_TOML = """\
# The project of the pipelines beside this file and in pipelines/.

[defaults]
# What the command line takes unless it says otherwise.
# strict = true

[sources]
# orders = "data/orders.jsonl"

[sinks]
# big = "out/big.jsonl"
"""

_EMPTY_PIPELINE = """\
# flowc run pipeline.yaml
source: orders.jsonl
process:
  - filter: amount > 100
sink: big.jsonl
"""

_EMPTY_DATA = """\
{"id": 1, "customer": "ada", "amount": 250}
{"id": 2, "customer": "bo", "amount": 40}
{"id": 3, "customer": "cy", "amount": 120}
"""

_DEMO_YAML = """\
# The same pipeline as orders.flow, in YAML:   flowc run orders.yaml
name: orders
source: orders.jsonl
process:
  - filter: status == "paid" and amount > 100
  - set: net = round(amount / 1.19, 2), customer = lower(customer)
  - select: id, customer, country, amount, net
sink: big.jsonl
"""

_DEMO_FLOW = """\
# The same pipeline as orders.yaml, in pipe form:   flowc run orders.flow
orders.jsonl
  | filter status == "paid" and amount > 100
  | set net = round(amount / 1.19, 2), customer = lower(customer)
  | select id, customer, country, amount, net
  | big.jsonl
"""

_PEOPLE = ("Ada", "Bo", "Cyd", "Dee", "Eli", "Fay", "Gus", "Hal", "Ida", "Jo")
_COUNTRIES = ("DE", "FR", "GB", "IN", "JP", "US")
_RECORDS = 1_000


def _demo_orders() -> str:
    """The same thousand orders each time."""
    chance = random.Random(1)
    lines: list[str] = []
    for id in range(1, _RECORDS + 1):
        status = chance.choice(("paid", "paid", "paid", "open", "refunded"))
        amount = f"{chance.lognormvariate(4.2, 0.9):.2f}"
        minute = id * 7
        lines.append(
            f'{{"id": {id}, "customer": "{chance.choice(_PEOPLE)}", '
            f'"country": "{chance.choice(_COUNTRIES)}", "status": "{status}", '
            f'"amount": {amount}, '
            f'"at": "2024-03-{1 + minute // 1440:02}T{minute // 60 % 24:02}:{minute % 60:02}:00Z"}}'
        )
    return "\n".join(lines) + "\n"


def _run(call: Invocation) -> int:
    folder = Path(call.words[0]) if call.words else Path(".")
    files: dict[str, str]
    if call.flag("demo"):
        files = {
            "orders.jsonl": _demo_orders(),
            "orders.yaml": _DEMO_YAML,
            "orders.flow": _DEMO_FLOW,
        }
        again = (
            "flowc run orders.yaml",
            "flowc validate orders.flow --verbose",
            "flowc graph orders.yaml",
        )
    else:
        files = {
            "flowc.toml": _TOML,
            "pipeline.yaml": _EMPTY_PIPELINE,
            "orders.jsonl": _EMPTY_DATA,
        }
        again = ("flowc validate", "flowc run pipeline.yaml", "flowc list operators")
    written = _lay(call.cwd / folder, files)
    call.terminal.say("".join(f"wrote {folder / name}\n" for name in written))
    shown = [] if folder == Path(".") else [f"cd {_quoted(str(folder))}"]
    call.terminal.write("\n".join(["Try:", *(f"  {line}" for line in (*shown, *again))]) + "\n")
    return OK


def _lay(folder: Path, files: Mapping[str, str]) -> tuple[str, ...]:
    """Write files that are not there; all or none.

    Raises:
        UsageError: one of them exists.
        Refused: the folder cannot be written.
    """
    there = [name for name in files if (folder / name).exists() or (folder / name).is_symlink()]
    if there:
        raise UsageError(
            f"{folder / there[0]} exists, and init writes over nothing",
            "flowc init NEW-FOLDER makes the project in another folder",
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            with open(folder / name, "x", encoding="utf-8", newline="") as file:
                file.write(text)
    except OSError as error:
        raise cannot_write(folder, error) from None
    return tuple(files)


def _quoted(word: str) -> str:
    return word if re.fullmatch(r"[\w./-]+", word) else "'" + word.replace("'", "'\\''") + "'"


COMMAND = Command(
    name="init",
    summary="Make a project to begin with, or with --demo one to play with.",
    run=_run,
    words="[DIR]",
    most=1,
    options=(
        Option("demo", Kind.FLAG, "Data and the same pipeline in YAML and in pipe form."),
        *COMMON,
    ),
    examples=("flowc init --demo", "flowc init my-project"),
    notes=("No file is ever written over.",),
)
