"""``flowc init``: a project around what is there, one to begin with, or one to play with."""

from __future__ import annotations

import random
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path

from flowc.cli.support.command import COMMON, OK, Command, Invocation, Kind, Option, UsageError
from flowc.cli.support.detect import Found, found_in
from flowc.cli.support.files import cannot_write
from flowc.cli.support.pipelines import pipeline_files

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

_EMPTY = {"flowc.toml": _TOML, "pipeline.yaml": _EMPTY_PIPELINE, "orders.jsonl": _EMPTY_DATA}
_EMPTY_STEPS = ("flowc validate", "flowc run pipeline.yaml", "flowc list operators")
_DEMO_STEPS = (
    "flowc run orders.yaml",
    "flowc validate orders.flow --verbose",
    "flowc graph orders.yaml",
)

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


def _demo() -> dict[str, str]:
    return {
        "orders.jsonl": _demo_orders(),
        "orders.yaml": _DEMO_YAML,
        "orders.flow": _DEMO_FLOW,
    }


def _run(call: Invocation) -> int:
    folder = Path(call.words[0]) if call.words else Path(".")
    if call.flag("demo"):
        return _fresh(call, folder, _demo(), _DEMO_STEPS)
    found = tuple(found_in(call.cwd / folder)) if (call.cwd / folder).is_dir() else ()
    if not found:
        return _fresh(call, folder, _EMPTY, _EMPTY_STEPS)
    return _into(call, folder, found)


def _fresh(call: Invocation, folder: Path, files: Mapping[str, str], steps: Sequence[str]) -> int:
    """A project in a folder that has nothing of it yet."""
    for name in _lay(call.cwd / folder, files):
        call.terminal.say(f"wrote {folder / name}\n")
    _try(call, folder, steps)
    return OK


def _into(call: Invocation, folder: Path, found: Sequence[Found]) -> int:
    """What fits to what is there. A file that is there is left alone."""
    say = call.terminal.say
    say(f"Detected: {', '.join(one.what for one in found)}\n")
    is_project = (call.cwd / folder / "flowc.toml").exists()
    has_pipelines = bool(pipeline_files(call.cwd / folder)) if is_project else False
    files = {} if has_pipelines else {p: t for one in found for p, t in one.files.items()}
    steps = [step for one in found if one.files or is_project for step in one.steps]
    if not files and not is_project:
        files, steps = dict(_EMPTY), list(_EMPTY_STEPS)
    elif not is_project:
        files = {"flowc.toml": _TOML, **files}
    there = [name for name in files if _is_there(call.cwd / folder / name)]
    new = {name: text for name, text in files.items() if name not in there}
    written = _lay(call.cwd / folder, new)
    say(f"Generated: {', '.join(written) or 'nothing'}\n")
    if there:
        say(f"Left alone, for it is there: {', '.join(there)}\n")
    for note in (note for one in found for note in one.notes):
        say(f"note: {note}\n")
    pipelines = [name for name in files if name.endswith(".yaml") and "schemas/" not in name]
    more = [f"flowc types {pipelines[0]}", "flowc validate --strict"] if pipelines else []
    _try(call, folder, tuple(dict.fromkeys([*steps, *more])) or ("flowc list operators",))
    return OK


def _try(call: Invocation, folder: Path, steps: Sequence[str]) -> None:
    shown = [] if folder == Path(".") else [f"cd {shlex.quote(str(folder))}"]
    call.terminal.write("\n".join(["Try:", *(f"  {line}" for line in (*shown, *steps))]) + "\n")


def _is_there(path: Path) -> bool:
    return path.exists() or path.is_symlink()


def _lay(folder: Path, files: Mapping[str, str]) -> tuple[str, ...]:
    """Write files that are not there; all or none.

    Raises:
        UsageError: one of them exists.
        Refused: the folder cannot be written.
    """
    there = [name for name in files if _is_there(folder / name)]
    if there:
        raise UsageError(
            f"{folder / there[0]} exists, and init writes over nothing",
            "flowc init NEW-FOLDER makes the project in another folder",
        )
    try:
        for name, text in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            with open(folder / name, "x", encoding="utf-8", newline="") as file:
                file.write(text)
    except OSError as error:
        raise cannot_write(folder, error) from None
    return tuple(files)


COMMAND = Command(
    name="init",
    summary="Make a project around your data, to begin with, or to play with.",
    run=_run,
    words="[DIR]",
    most=1,
    options=(
        Option("demo", Kind.FLAG, "Data and the same pipeline in YAML and in pipe form."),
        *COMMON,
    ),
    examples=("flowc init --demo", "flowc init", "flowc init my-project"),
    notes=(
        "Data files in the folder or in data/ (JSON lines, CSV) are typed, and each gets a schema "
        "and a pipeline. So are OpenAPI and proto files, whose types are written down as schemas. "
        "Python, Go and Node projects are named. No file is ever written over.",
    ),
)
