"""Binds what was written behind a stage's word to what its operator declares.

A stage written in the pipe form has items and clauses, one written as a YAML map has
options; both come out as the same `Arguments`, with the same findings.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, TypeVar, assert_never

from flowc.catalog.spec import (
    Arguments,
    Form,
    Operator,
    Parameter,
    Port,
)
from flowc.catalog.times import WINDOWS, Window
from flowc.diagnostics.codes import declare
from flowc.diagnostics.reporter import Reporter
from flowc.diagnostics.suggest import nearest
from flowc.model.diagnostic import Edit, Fix, Label, Safety
from flowc.model.expr import Literal, LiteralKind, Variable
from flowc.model.project import Project
from flowc.model.source import Span, span_of
from flowc.model.tree import Clause, Item, MapValue, Option, Stage, Word
from flowc.resolve import forms, streams
from flowc.resolve.names import FOREIGN_WORD, processor_name, script_name
from flowc.resolve.written import (
    MAPPINGS,
    as_of,
    flag_of,
    items_of,
    name_of,
    text_of,
    truth_of,
    type_of,
    window_of,
    word_of,
)

MISSING_ARGUMENT = declare("FC0220", "missing-argument", "An operator lacks an argument it needs")
EXTRA_ARGUMENT = declare("FC0221", "extra-argument", "An operator has more arguments than it takes")
UNKNOWN_CLAUSE = declare("FC0222", "unknown-clause", "An operator does not take this clause")
DUPLICATE_ARGUMENT = declare("FC0223", "duplicate-argument", "An argument is written twice")
UNKNOWN_PARAMETER = declare("FC0226", "unknown-parameter", "An operator has no such parameter")
BLOCK = declare("FC0227", "misplaced-branches", "Branches stand where none can, or are missing")
UNSET_ARGUMENT = declare(
    "FC0228", "unset-argument", "An argument must be known when the pipeline is compiled"
)

#: The forms of which a parameter takes one item; of the others it takes all that are left.
_SINGLE = frozenset(
    {
        Form.CONDITION,
        Form.EXPRESSION,
        Form.NUMBER,
        Form.SHARE,
        Form.RATE,
        Form.TEXT,
        Form.DURATION,
        Form.WORD,
        Form.REFERENCE,
        Form.STREAM,
        Form.FILE,
    }
)

#: The forms of which nothing stands among the items behind the stage's word.
_ELSEWHERE = frozenset({Form.BRANCHES, Form.ALIAS, Form.TYPE, Form.FLAG, Form.WINDOW})

Read = TypeVar("Read")


def bind(
    stage: Stage,
    operator: Operator,
    ports: tuple[Port, ...],
    project: Project,
    reporter: Reporter,
) -> Arguments | None:
    """The stage's arguments, or None where one is missing or wrong, which is reported.

    ``ports`` are the branches of the stage's block, already taken apart.
    """
    binder = _Binder(stage, operator, project, reporter)
    return binder.bind(ports)


def no_arguments(stage: Stage, what: str, reporter: Reporter) -> bool:
    """Whether a stage that takes no arguments has none; reported where it has."""
    spans = [item.span for item in stage.items]
    spans.extend(clause.span for clause in stage.clauses)
    spans.extend(option.span for option in stage.options)
    if stage.as_ is not None:
        spans.append(stage.as_.span)
    if stage.block is not None:
        spans.extend(branch.span for branch in stage.block)
    if not spans:
        return True
    reporter.error(
        EXTRA_ARGUMENT,
        f"'{stage.name.text}' is {what}: it takes no arguments",
        spans[0],
        labels=(Label(stage.name.span, "takes the whole record"),),
    )
    return False


def _without_alias(items: tuple[Item, ...]) -> tuple[Item, ...]:
    return (*items[:-1], replace(items[-1], as_=None))


class _Binder:
    def __init__(
        self, stage: Stage, operator: Operator, project: Project, reporter: Reporter
    ) -> None:
        self.stage = stage
        self.operator = operator
        self.project = project
        self.reporter = reporter
        self.values: dict[str, Any] = {}
        self.places: dict[str, Span] = {}
        self.failed = False
        #: ``as`` beside the items of a YAML map, which belongs to the one item.
        self.item_as: Option | None = None
        #: The parameters that stand behind their clause word.
        self.introduced: set[str] = set()

    def bind(self, ports: tuple[Port, ...]) -> Arguments | None:
        stage = self.stage = self._named(self.stage)
        self._positional(stage.items)
        for clause in stage.clauses:
            self._clause(clause)
        for option in self._mapping() or self._joined(stage.options):
            self._option(option)
        self._branches(ports)
        if stage.as_ is not None:
            self._error(
                EXTRA_ARGUMENT, f"`{self.operator.name}` takes no `as` here", stage.as_.span
            )
        if not self.failed:
            self._missing()
        if self.failed:
            return None
        return Arguments(stage.name, self.values, stage.span)

    # --- where arguments stand --------------------------------------------------------

    def _named(self, stage: Stage) -> Stage:
        """The stage without the ``as`` that ends it, where that is an argument.

        Behind an item it could be the item's; it is the stage's where the operator takes one, or
        where the item is a stream, which is what it names.
        """
        ending = (Form.ALIAS, Form.TYPE)
        parameter = next((p for p in self.operator.parameters if p.form in ending), None)
        if parameter is None:
            return stage
        written = stage.as_
        tables = [p for p in self.operator.parameters if p.form is Form.STREAM]
        named = {table.clause for table in tables}
        for index, clause in enumerate(stage.clauses):
            ends = clause is stage.clauses[-1] or clause.word.text in named
            if written is None and ends and clause.items:
                written = clause.items[-1].as_
                clause = replace(clause, items=_without_alias(clause.items))
                clauses = (*stage.clauses[:index], clause, *stage.clauses[index + 1 :])
                stage = replace(stage, clauses=clauses)
        bare = any(table.bare for table in tables) or not (tables or stage.clauses)
        if written is None and stage.items and bare:
            written = stage.items[-1].as_
            stage = replace(stage, items=_without_alias(stage.items))
        if written is not None:
            read = forms.alias if parameter.form is Form.ALIAS else forms.type_behind
            self._keep(parameter, read(written, self.reporter), written.span)
        return replace(stage, as_=None)

    def _positional(self, items: tuple[Item, ...]) -> None:
        waiting = list(items)
        declared = [
            parameter
            for parameter in self.operator.parameters
            if (parameter.clause is None or parameter.bare) and parameter.form not in _ELSEWHERE
        ]
        for index, parameter in enumerate(declared):
            if not waiting:
                return
            if parameter.form is Form.REFERENCE and index < len(declared) - 1:
                named = next((item for item in waiting if forms.processor(item)), None)
                if named is not None:
                    waiting.remove(named)
                    self._take(parameter, (named,), named.span)
            elif parameter.form in _SINGLE:
                self._take(parameter, (waiting[0],), waiting[0].span)
                del waiting[0]
            else:
                self._take(parameter, tuple(waiting), waiting[0].span)
                waiting.clear()
        if waiting:
            self._extra(waiting[0], declared)

    def _extra(self, item: Item, declared: Sequence[Parameter]) -> None:
        if self.failed:
            return
        name = self.operator.name
        takes = f"`{name}` takes one argument" if declared else f"`{name}` takes no argument"
        notes = [f"form: {self.operator.form}"]
        if any(parameter.form is Form.CONDITION for parameter in declared):
            notes.append("several conditions are joined with `and`")
        self._error(EXTRA_ARGUMENT, takes, item.span, at="one too many", notes=notes)

    def _clause(self, clause: Clause) -> None:
        word = clause.word.text
        parameter = next((p for p in self.operator.parameters if p.clause == word), None)
        foreign = self.operator.foreign_clauses.get(word)
        if parameter is None and foreign is not None:
            self._error(
                FOREIGN_WORD,
                f"'{word}' is not a word of `{self.operator.name}`; it is `{foreign}` here",
                clause.word.span,
                fixes=(Fix(f"write {foreign}", (Edit(clause.word.span, foreign),)),),
            )
            return
        if parameter is None:
            known = [p.clause for p in self.operator.parameters if p.clause is not None]
            near = nearest(word, known)
            self._error(
                UNKNOWN_CLAUSE,
                f"`{self.operator.name}` takes no `{word}`",
                clause.word.span,
                at=f"did you mean '{near[0]}'?" if near else "",
                notes=(f"form: {self.operator.form}",),
            )
            return
        items = clause.items
        self.introduced.add(parameter.name)
        if parameter.empty and not items:
            self._keep(parameter, (), clause.span)
            return
        if parameter.form is Form.WINDOW:
            self._window(parameter, clause)
            return
        if parameter.form is Form.FLAG:
            if items:
                self._error(EXTRA_ARGUMENT, f"nothing stands behind `{word}`", items[0].span)
            else:
                self._keep(parameter, clause.word, clause.span)
            return
        if parameter.form is Form.WORD and not items and clause.modifiers:
            self._word(parameter, clause.modifiers[0])
            return
        if self._is_one(parameter, word, items):
            self._take(parameter, items, clause.span)

    def _window(self, parameter: Parameter, clause: Clause) -> None:
        if not clause.modifiers:
            self._error(
                forms.WRONG_FORM,
                "`over` needs a kind of window",
                clause.span,
                notes=(WINDOWS,),
            )
        elif self._is_one(parameter, "over", clause.items):
            item = self._filled(clause.items[0], LiteralKind.DURATION)
            length = item and forms.window_length(item, clause.modifiers[0], self.reporter)
            window = length and Window(clause.modifiers[0], length, clause.span)
            self._keep(parameter, window, clause.span)

    def _is_one(self, parameter: Parameter, name: str, items: tuple[Item, ...]) -> bool:
        """Whether there is no item too many for the parameter's form; else reported."""
        if parameter.form not in _SINGLE or len(items) < 2:
            return True
        self._error(
            EXTRA_ARGUMENT, f"`{name}` takes one argument", items[1].span, at="one too many"
        )
        return False

    def _mapping(self) -> tuple[Option, ...]:
        """``set: {net: amount * 0.8}``: a map of which no key is a parameter is the value of
        the one parameter that can be written as a map."""
        options = self.stage.options
        takes = [p for p in self.operator.parameters if p.form in MAPPINGS and p.clause is None]
        names = {parameter.name for parameter in self.operator.parameters}
        if len(takes) != 1 or any(option.key.text in names for option in options):
            return ()
        if not options:
            return ()
        span = span_of(*(option.span for option in options))
        return (Option(Word(takes[0].name, span), MapValue(options, span), span),)

    def _joined(self, options: tuple[Option, ...]) -> tuple[Option, ...]:
        """``items: tags, as: tag``: what is behind ``as`` belongs to the item, where the
        operator has no ``as`` of its own."""
        self.item_as = next((option for option in options if option.key.text == "as"), None)
        if self.item_as is None or self._parameter("as") is not None or not self._takes_as():
            self.item_as = None
            return options
        if not any(self._parameter(option.key.text) is self._takes_as() for option in options):
            return options
        return tuple(option for option in options if option is not self.item_as)

    def _takes_as(self) -> Parameter | None:
        """The parameter whose items may end with ``as``."""
        found = [p for p in self.operator.parameters if p.form in MAPPINGS and p.clause is None]
        return found[0] if len(found) == 1 else None

    def _parameter(self, key: str) -> Parameter | None:
        """The parameter of a key: by its name, or by the word that it stands behind."""
        declared = self.operator.parameters
        named = [parameter for parameter in declared if parameter.name == key]
        named += [parameter for parameter in declared if parameter.clause == key]
        if key == "as":
            named += [p for p in declared if p.form in (Form.ALIAS, Form.TYPE)]
        return named[0] if named else None

    def _with_as(self, items: tuple[Item, ...]) -> tuple[Item, ...] | None:
        """The item with what is behind ``as`` beside it."""
        assert self.item_as is not None
        behind = as_of(self.item_as.value, self.stage.name, self.reporter)
        if behind is None:
            self.failed = True
            return None
        if len(items) == 1 and items[0].as_ is None and items[0].target is None:
            return (replace(items[0], as_=behind),)
        self._error(
            EXTRA_ARGUMENT,
            "`as` beside the items belongs to one that has none itself",
            self.item_as.span,
            notes=("of several items each has its own: `a as x`",),
        )
        return None

    def _option(self, option: Option) -> None:
        name = option.key.text
        parameter = self._parameter(name)
        if parameter is None:
            known = [p.name for p in self.operator.parameters]
            near = nearest(name, known)
            self._error(
                UNKNOWN_PARAMETER,
                f"`{self.operator.name}` has no parameter '{name}'",
                option.key.span,
                at=f"did you mean '{near[0]}'?" if near else "",
                notes=(f"parameters: {', '.join(known)}",),
                fixes=tuple(
                    Fix(f"write {better}", (Edit(option.key.span, better),), Safety.UNSAFE)
                    for better in near
                ),
            )
        elif parameter.form is Form.WINDOW:
            self._keep(parameter, window_of(option.value, self.reporter), option.span)
        elif parameter.form is Form.FLAG:
            if flag_of(option.value, self.reporter):
                self._keep(parameter, option.key, option.span)
        elif parameter.empty and truth_of(option.value) is not None:
            if truth_of(option.value):
                self._keep(parameter, (), option.span)
        elif parameter.form is Form.STREAM:
            found = streams.of_value(option.value, self.reporter)
            self._keep(parameter, found, option.span)
        elif parameter.form is Form.ALIAS:
            self._keep(parameter, name_of(option.value, self.reporter), option.span)
        elif parameter.form is Form.FILE:
            file = text_of(option.value, self.reporter)
            script = file and script_name(file, self.project, self.reporter)
            self._keep(parameter, script, option.span)
        elif parameter.form is Form.TYPE:
            self._keep(parameter, type_of(option.value, self.reporter), option.span)
        elif parameter.form is Form.TEXT:
            text = text_of(option.value, self.reporter)
            self._keep(parameter, text, option.span)
        elif parameter.form is Form.WORD or parameter.form is Form.REFERENCE:
            word = word_of(option.value, self.reporter)
            if word is None:
                self.failed = True
            elif parameter.form is Form.WORD:
                self._word(parameter, word)
            else:
                self._keep(
                    parameter, processor_name(word, self.project, self.reporter), option.span
                )
        else:
            items = items_of(option.value, self.stage.name, parameter.form, self.reporter)
            if items is not None and self.item_as is not None and parameter is self._takes_as():
                items = self._with_as(items)
            if items is None:
                self.failed = True
            elif self._is_one(parameter, name, items):
                self._take(parameter, items, option.span)

    def _branches(self, ports: tuple[Port, ...]) -> None:
        takes = next((p for p in self.operator.parameters if p.form is Form.BRANCHES), None)
        block = self.stage.block
        if takes is None and block is not None:
            span = block[0].span if block else self.stage.span
            self._error(BLOCK, f"`{self.operator.name}` has no branches", span)
        elif takes is not None and not ports and not self.failed:
            self._error(
                BLOCK,
                f"`{self.operator.name}` needs branches",
                self.stage.name.span,
                notes=(f"form: {self.operator.form}",),
            )
        elif takes is not None and ports:
            self.values[takes.name] = ports

    def _missing(self) -> None:
        for parameter in self.operator.parameters:
            if parameter.required and parameter.name not in self.values:
                what = f"its {parameter.name}"
                if parameter.clause is not None:
                    what = f"`{parameter.clause}`"
                self._needs(f"{what}: {parameter.doc}")
        if self.operator.alone or not self.operator.parameters:
            return
        if not self.failed and not self.values:
            self._needs("an argument")

    def _needs(self, what: str) -> None:
        self._error(
            MISSING_ARGUMENT,
            f"`{self.operator.name}` needs {what}",
            self.stage.name.span,
            notes=(f"form: {self.operator.form}",),
        )

    # --- what arguments are -----------------------------------------------------------

    def _take(self, parameter: Parameter, items: tuple[Item, ...], span: Span) -> None:
        if not items:
            self._error(
                MISSING_ARGUMENT,
                f"`{parameter.clause or self.operator.name}` needs {parameter.doc}",
                span,
            )
            return
        self._keep(parameter, self._read(parameter, items), span)

    def _read(self, parameter: Parameter, items: tuple[Item, ...]) -> object:
        reporter = self.reporter
        match parameter.form:
            case Form.CONDITION | Form.EXPRESSION:
                return forms.condition(items[0], reporter)
            case Form.ASSIGNMENTS:
                return self._each(items, forms.assignment)
            case Form.COLUMNS:
                return self._each(items, forms.column)
            case Form.PATHS:
                return self._each(items, forms.path)
            case Form.RENAMES:
                return self._each(items, forms.renaming)
            case Form.CASTS:
                return self._each(items, forms.cast)
            case Form.FORMATS:
                return self._each(items, forms.formatting)
            case Form.ORDER:
                return self._each(items, forms.order)
            case Form.NUMBER:
                item = self._filled(items[0], LiteralKind.INT)
                return item and forms.literal(item, LiteralKind.INT, "a whole number", reporter)
            case Form.SHARE:
                item = self._filled(items[0], LiteralKind.FLOAT)
                return item and forms.share(item, reporter)
            case Form.RATE:
                return forms.rate(items[0], reporter)
            case Form.DURATION:
                item = self._filled(items[0], LiteralKind.DURATION)
                return item and forms.literal(item, LiteralKind.DURATION, "a duration", reporter)
            case Form.TEXT:
                return forms.text(items[0], reporter)
            case Form.REFERENCE:
                return self._reference(items[0])
            case Form.STREAM:
                introduced = parameter.name in self.introduced
                return streams.stream(items[0], self.operator.form, introduced, reporter)
            case Form.CONDITIONS:
                return self._each(items, forms.condition)
            case Form.FILE:
                text = forms.text(items[0], reporter)
                return script_name(text, self.project, reporter) if text is not None else None
            case Form.WORD:
                word = forms.reference(items[0])
                return self._chosen(parameter, word or Word(items[0].span.text, items[0].span))
            case Form.AGGREGATES:
                return self._each(items, forms.aggregate)
            case Form.EXPECTATIONS:
                return self._each(items, forms.expectation)
            case Form.BRANCHES | Form.WINDOW | Form.FLAG | Form.ALIAS | Form.TYPE:
                return None
            case _:
                assert_never(parameter.form)

    def _each(
        self, items: tuple[Item, ...], read: Callable[[Item, Reporter], Read | None]
    ) -> tuple[Read, ...] | None:
        found = [read(item, self.reporter) for item in items]
        kept = tuple(one for one in found if one is not None)
        return kept if len(kept) == len(found) else None

    def _filled(self, item: Item, kind: LiteralKind) -> Item | None:
        """A variable where a number must be known now is filled from ``--set`` or default."""
        if not isinstance(item.value, Variable):
            return item
        variable = item.value
        value = self.project.settings.get(variable.name, variable.default)
        if value is None:
            self._error(
                UNSET_ARGUMENT,
                f"`{self.operator.name}` needs its argument when the pipeline is compiled",
                variable.span,
                notes=(
                    f"give it with --set {variable.name}=…, or a default: ${{{variable.name}:-10}}",
                ),
            )
            return None
        return replace(item, value=Literal(kind, value.replace("_", ""), variable.span))

    def _reference(self, item: Item) -> Word | None:
        word = forms.processor(item)
        if word is None:
            self._error(
                forms.WRONG_FORM,
                f"a name stands here, not `{' '.join(item.span.text.split())}`",
                item.span,
                notes=(f"form: {self.operator.form}",),
            )
            return None
        return processor_name(word, self.project, self.reporter)

    def _word(self, parameter: Parameter, word: Word) -> None:
        self._keep(parameter, self._chosen(parameter, word), word.span)

    def _chosen(self, parameter: Parameter, word: Word) -> Word | None:
        if not parameter.choices or word.text in parameter.choices:
            return word
        near = nearest(word.text, parameter.choices)
        self._error(
            forms.WRONG_FORM,
            f"`{self.operator.name}` has no {parameter.name} '{word.text}'",
            word.span,
            at=f"did you mean '{near[0]}'?" if near else "",
            notes=(f"one of: {', '.join(parameter.choices)}",),
        )
        return None

    def _keep(self, parameter: Parameter, value: object, span: Span) -> None:
        if parameter.name in self.places:
            self._error(
                DUPLICATE_ARGUMENT,
                f"`{self.operator.name}` has its {parameter.name} twice",
                span,
                labels=(Label(self.places[parameter.name], "first here"),),
            )
            return
        self.places[parameter.name] = span
        if value is None:
            self.failed = True
        else:
            self.values[parameter.name] = value

    def _error(
        self,
        code: Any,
        message: str,
        span: Span,
        *,
        at: str = "",
        labels: Sequence[Label] = (),
        notes: Sequence[str] = (),
        fixes: Sequence[Fix] = (),
    ) -> None:
        self.failed = True
        self.reporter.error(code, message, span, at=at, labels=labels, notes=notes, fixes=fixes)
