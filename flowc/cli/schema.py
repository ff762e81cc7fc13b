"""``flowc schema``: what editors, and language models, need to know of pipeline files."""

from __future__ import annotations

from pathlib import Path

from flowc.cli.support.command import COMMON, OK, Command, Invocation, Kind, Option


def _run(call: Invocation) -> int:
    text = _one_page() if call.flag("llm") else _schema(call)
    output = call.text("output")
    if output is None:
        call.terminal.write(text)
        return OK
    from flowc.cli.support.files import cannot_write, replace_text

    path = call.cwd / output
    try:
        replace_text(path, text)
    except OSError as error:
        raise cannot_write(Path(output), error) from None
    call.terminal.say(f"wrote {output}\n")
    return OK


def _schema(call: Invocation) -> str:
    import json

    from flowc.cli.support.yamlschema import pipeline_schema
    from flowc.diagnostics.reporter import Reporter
    from flowc.project.load import load_project

    project = load_project(
        call.cwd, environ=call.environ, settings={}, strict=False, reporter=Reporter()
    )
    # One line a definition: people look at it seldom, and indented it is twice as long.
    schema = pipeline_schema(project)
    definitions = schema.pop("definitions")
    inside = ",\n".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in definitions.items())
    return f'{json.dumps(schema)[:-1]},\n"definitions": {{\n{inside}\n}}}}\n'


def _one_page() -> str:
    from flowc.cli.support.onepage import page

    return page()


COMMAND = Command(
    name="schema",
    summary="Print the JSON Schema of pipeline files, or the language on a page.",
    run=_run,
    options=(
        Option("llm", Kind.FLAG, "The whole language on one page, as text for a model."),
        Option("output", Kind.TEXT, "Write it to a file.", "-o", "FILE"),
        *COMMON,
    ),
    examples=(
        "flowc schema -o flowc.schema.json",
        "flowc schema --llm",
    ),
    notes=(
        "An editor reads the schema where the first line of a pipeline file is "
        "`# yaml-language-server: $schema=flowc.schema.json`. It knows the processors of the "
        "project, so print it again when one is added.",
    ),
)
