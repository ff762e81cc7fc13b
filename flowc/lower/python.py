"""Typed expressions as Python syntax, as a person would write them.

Null is explicit in Python: ``a + b`` of values that may be null becomes ``None if a is
None or b is None else a + b``. What is evaluated, and in which order, is part of the
meaning, since evaluation can fail:

- Arguments are evaluated from left to right; the first that is null makes the whole null,
  and what follows it is not evaluated.
- ``and`` and ``or`` stop as soon as the outcome is settled. Where only truth counts (a
  condition), null settles ``and`` as false does.
- Integers are exact inside arithmetic; the range is checked where the result is kept,
  compared or handed to a function. Floats are checked where they are kept, or handed to a
  function that does not itself compute with infinities.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum, auto
from typing import Protocol, assert_never

from flowc.check.patterns.python import to_python
from flowc.lower.constants import Imports, constant
from flowc.lower.forms import is_arithmetic, is_transparent, may_raise, written
from flowc.lower.pyast import (
    all_of,
    any_of,
    attribute,
    call,
    choice,
    infix,
    is_plain,
    name,
    negated,
    none,
)
from flowc.model.typed import (
    Apply,
    BinaryForm,
    Coalesce,
    Column,
    Const,
    Get,
    If,
    In,
    Index,
    IsNull,
    Logic,
    MakeList,
    MakeRecord,
    Not,
    RuntimeCall,
    Setting,
    Try,
    Typed,
    Widen,
    Wrong,
)
from flowc.model.types import (
    FLOAT,
    JSON,
    DecimalType,
    MapType,
    Nullable,
    NullType,
    Record,
    Type,
    may_be_null,
    strip_null,
)


class Names(Imports, Protocol):
    """What the code around an expression offers it."""

    def setting(self, setting: Setting) -> ast.expr:
        """How a variable of the settings is read."""
        ...

    def environment(self) -> ast.expr:
        """How the runtime's environment (the clock) is reached."""
        ...

    def record(self, type: Record) -> ast.expr:
        """The class of a record."""
        ...

    def attribute(self, type: Type, field: str) -> str:
        """The attribute that holds a field of a record (or of a union's variants)."""
        ...

    def temporary(self) -> str:
        """A local name that is free."""
        ...


class Columns(Protocol):
    """How the columns of the current row are read."""

    def __call__(self, column: Column) -> ast.expr:
        """The column at a path, each step of which is there: ``record.customer.name``."""
        ...

    def stored(self, path: tuple[str, ...]) -> tuple[Type, bool]:
        """The type a column is stored with, and whether it may be absent."""
        ...


class Check(Enum):
    """Which results an expression's place has checked."""

    NONE = auto()
    INTEGERS = auto()
    ALL = auto()


@dataclass(frozen=True, slots=True)
class _Test:
    """That a value is not null (or not absent). ``key`` tells equal tests apart."""

    present: ast.expr
    key: str

    @property
    def missing(self) -> ast.expr:
        return negated(self.present)


class PythonLowering:
    """Lowers expressions over one row.

    Args:
        names: what the module and the function around offer.
        columns: how the columns of the row are read.
    """

    def __init__(self, names: Names, columns: Columns) -> None:
        self._names = names
        self._columns = columns
        self._known: set[str] = set()
        self._trusts_types = True

    def value(self, node: Typed) -> ast.expr:
        """The value, as it is kept: checked, null as None, an absent field as None."""
        with self._scope():
            return self._value(node, Check.ALL)

    def condition(self, node: Typed) -> ast.expr:
        """A test that is truthy where the condition is true, falsy where false or null."""
        with self._scope():
            return self._true(node)

    def failing(self, node: Typed) -> ast.expr:
        """The opposite test: truthy where the condition is false or null."""
        return negated(self.condition(node))

    @contextmanager
    def _scope(self) -> Iterator[None]:
        """What is known not to be null inside is not known outside."""
        before = set(self._known)
        try:
            yield
        finally:
            self._known = before

    # --- values ---------------------------------------------------------------------

    def _value(self, node: Typed, check: Check) -> ast.expr:
        match node:
            case Const(value=value):
                return constant(value, self._names)
            case Setting():
                return self._names.setting(node)
            case Column():
                return self._column(node)
            case Apply(strict=False):
                return self._lenient(node)
            case Get() | Index():
                with self._scope():
                    tests: list[_Test] = []
                    body = self._inside(node, tests)
                    return _or_none(tests, body)
            case Apply() | Widen():
                return self._guarded(node, check)
            case If(condition=condition, then=then, otherwise=otherwise):
                with self._scope():
                    test = self._true(condition)
                    kept = self._value(then, Check.ALL)
                return choice(test, kept, self._value(otherwise, Check.ALL))
            case Logic():
                return self._kleene(node)
            case Not(operand=operand):
                return self._not(operand)
            case Coalesce(values=values):
                return self._first(values)
            case IsNull(value=value, negated=is_not):
                test = self._missing(value)
                return negated(test) if is_not else test
            case In():
                with self._scope():
                    return _or_none(*self._tested(node))
            case MakeList(items=items):
                return ast.List([self._value(item, Check.ALL) for item in items], ast.Load())
            case MakeRecord():
                return self._record(node)
            case Try(value=value):
                return self._try(value)
            case Wrong():
                raise ValueError("an expression with an error is never lowered")
            case _:
                assert_never(node)

    def _guarded(self, node: Typed, check: Check) -> ast.expr:
        """``None if a is None else f(a)``."""
        with self._scope():
            tests: list[_Test] = []
            body = self._body(node, tests, check)
            return _or_none(tests, body)

    def _tested(self, node: Apply | In) -> tuple[list[_Test], ast.expr]:
        """The tests that nothing in it is null, and the expression where they hold."""
        tests: list[_Test] = []
        if isinstance(node, In):
            return tests, self._membership(node, tests)
        return tests, self._body(node, tests, Check.ALL)

    def _column(self, node: Column) -> ast.expr:
        """A column as a value: where a step before it may be missing, it is None."""
        with self._scope():
            tests: list[_Test] = []
            if may_be_null(node.type) or not self._trusts_types:
                self._test_steps(node, len(node.path) - 1, tests)
            body = self._columns(node)
            _, optional = self._columns.stored(node.path)
            if optional and not (self._trusts_types and node.present):
                body = call(self._names.runtime("values.null", "null_if_absent"), body)
            return _or_none(tests, body)

    def _lenient(self, node: Apply) -> ast.expr:
        """An overload that takes null itself."""
        inner = Check.INTEGERS if isinstance(node.python, BinaryForm) else Check.ALL
        arguments = [self._value(argument, inner) for argument in node.arguments]
        return written(node.python, arguments, self._names)

    def _first(self, values: tuple[Typed, ...]) -> ast.expr:
        """``a if a is not None else b``."""
        *before, last = values
        result = self._value(last, Check.ALL)
        for value in reversed(before):
            if not may_be_null(value.type):
                result = self._value(value, Check.ALL)
                continue
            with self._scope():
                tests: list[_Test] = []
                body = self._body(value, tests, Check.ALL)
                if tests:
                    result = choice(all_of([test.present for test in tests]), body, result)
                else:
                    result = body
        return result

    def _record(self, node: MakeRecord) -> ast.expr:
        type = strip_null(node.type)
        assert isinstance(type, Record)
        made = call(self._names.record(type))
        made.keywords = [
            ast.keyword(self._names.attribute(type, field), self._value(value, Check.ALL))
            for field, value in node.fields
        ]
        return made

    def _try(self, value: Typed) -> ast.expr:
        """``try_(lambda: …)``: inside, what was tested outside counts for nothing."""
        known, trusts = self._known, self._trusts_types
        self._known, self._trusts_types = set(), False
        try:
            inner = self._value(value, Check.ALL)
        finally:
            self._known, self._trusts_types = known, trusts
        empty = ast.arguments([], [], None, [], [], None, [])
        return call(self._names.runtime("values.null", "try_"), ast.Lambda(empty, inner))

    # --- strict parts -----------------------------------------------------------------

    def _body(self, node: Typed, tests: list[_Test], check: Check) -> ast.expr:
        """The expression where every test holds; null cannot come up in it any more."""
        match node:
            case Column():
                if may_be_null(node.type) or not self._trusts_types:
                    self._test_steps(node, len(node.path), tests)
                return self._columns(node)
            case Apply(strict=True):
                return self._applied(node, tests, check)
            case Widen(value=value):
                return self._widened(node, self._body(value, tests, Check.INTEGERS))
            case Get() | Index():
                body = self._inside(node, tests)
                return self._bound(body, tests) if may_be_null(node.type) else body
            case _:
                value_ = self._value(node, check)
                return self._bound(value_, tests) if may_be_null(node.type) else value_

    def _applied(self, node: Apply, tests: list[_Test], check: Check) -> ast.expr:
        if any(isinstance(argument.type, NullType) for argument in node.arguments):
            return self._nothing(node, tests)
        inner = _check_inside(node)
        bodies: list[ast.expr] = []
        for number, argument in enumerate(node.arguments):
            before = len(tests)
            body = self._operand(node, argument, tests, inner)
            if len(tests) > before:
                # What stands left and can fail is evaluated before these tests.
                for left in range(number):
                    if may_raise(node.arguments[left]) and not is_plain(bodies[left]):
                        bodies[left] = self._bound(bodies[left], tests, at=before)
                        before += 1
            bodies.append(body)
        made = self._form(node, bodies)
        checked = node.checked
        wanted = check is Check.ALL or (check is Check.INTEGERS and checked != "finite")
        if checked and wanted:
            return call(self._names.runtime("values.numbers", checked), made)
        return made

    def _nothing(self, node: Apply, tests: list[_Test]) -> ast.expr:
        """A written null among the arguments: nothing is left to compute."""
        tests.append(_Test(ast.Constant(False), f"null {id(node)}"))
        return none()

    def _operand(self, node: Apply, argument: Typed, tests: list[_Test], check: Check) -> ast.expr:
        """An argument; Python's own arithmetic widens by itself."""
        if isinstance(argument, Widen) and is_arithmetic(node):
            both = isinstance(strip_null(argument.type), DecimalType) and all(
                isinstance(other, Widen | Const) for other in node.arguments
            )
            if not both:
                return self._body(argument.value, tests, check)
        return self._body(argument, tests, check)

    def _form(self, node: Apply, bodies: list[ast.expr]) -> ast.expr:
        form = node.python
        if isinstance(form, RuntimeCall) and form.module == "environment":
            return call(attribute(self._names.environment(), form.name))
        if node.function == "matches":
            bodies[1] = _pattern(node.arguments[1])
        return written(form, bodies, self._names)

    def _widened(self, node: Widen, body: ast.expr) -> ast.expr:
        wanted, have = strip_null(node.type), strip_null(node.value.type)
        if wanted in (have, JSON):
            return body
        if wanted == FLOAT:
            return call(name("float"), body)
        if isinstance(wanted, DecimalType) and not isinstance(have, DecimalType):
            return call(self._names.name("decimal", "Decimal"), body)
        return body

    def _inside(self, node: Get | Index, tests: list[_Test]) -> ast.expr:
        base = strip_null(node.base.type)
        if isinstance(node, Get):
            if base == JSON:
                value = self._value(node.base, Check.ALL)
                return self._runtime("values.null", "at_key", value, ast.Constant(node.name))
            value = self._body(node.base, tests, Check.ALL)
            if isinstance(base, MapType):
                return call(attribute(value, "get"), ast.Constant(node.name))
            return attribute(value, self._names.attribute(base, node.name))
        if base == JSON:
            value = self._value(node.base, Check.ALL)
            index = self._body(node.index, tests, Check.ALL)
            return self._runtime("values.null", "at_step", value, index)
        value = self._body(node.base, tests, Check.ALL)
        index = self._body(node.index, tests, Check.ALL)
        if isinstance(base, MapType):
            return call(attribute(value, "get"), index)
        return self._runtime("values.null", "at_index", value, index)

    def _runtime(self, module: str, function: str, *arguments: ast.expr) -> ast.expr:
        return call(self._names.runtime(module, function), *arguments)

    # --- tests for null ---------------------------------------------------------------

    def _test_steps(self, node: Column, count: int, tests: list[_Test]) -> None:
        """Tests that the first ``count`` steps of a column are neither absent nor null."""
        for size in range(1, count + 1):
            path = node.path[:size]
            stored, optional = self._columns.stored(path)
            value = self._columns(Column(path, stored))
            if optional:
                unset = self._names.name("msgspec", "UNSET")
                self._test(infix(value, "is not", unset), tests)
            if isinstance(stored, Nullable | NullType) or stored == JSON:
                self._test(infix(value, "is not", none()), tests)

    def _test(self, present: ast.expr, tests: list[_Test]) -> None:
        key = ast.dump(present)
        if key not in self._known:
            self._known.add(key)
            tests.append(_Test(present, key))

    def _bound(self, value: ast.expr, tests: list[_Test], at: int | None = None) -> ast.expr:
        """The value under a name, tested not to be null where it is bound."""
        if is_plain(value) and not isinstance(value, ast.Constant):
            self._test(infix(value, "is not", none()), tests)
            return value
        local = self._names.temporary()
        bound = ast.NamedExpr(ast.Name(local, ast.Store()), value)
        test = _Test(infix(bound, "is not", none()), local)
        tests.insert(len(tests) if at is None else at, test)
        return name(local)

    def _missing(self, value: Typed) -> ast.expr:
        """Whether a value is null, as a test that is never null itself."""
        if isinstance(value, Const):
            return ast.Constant(value.value is None)
        if isinstance(value, Column) or not may_raise(value):
            with self._scope():
                tests: list[_Test] = []
                self._body(value, tests, Check.NONE)
                if tests:
                    return any_of([test.missing for test in tests])
        return infix(self._value(value, Check.NONE), "is", none())

    # --- truth ------------------------------------------------------------------------

    def _true(self, node: Typed) -> ast.expr:
        """Truthy where true. What it tests is known to what follows under `and`."""
        match node:
            case Logic(operator="and", operands=operands):
                return all_of([self._true(operand) for operand in operands])
            case Logic(operands=operands):
                return any_of([self._apart(operand, self._true) for operand in operands])
            case Not(operand=operand):
                return self._false(operand)
            case Apply(function="==", strict=True) if _none_is_harmless(node):
                return self._lenient(node)
            case In(negated=False, collection=None, items=items) if _takes_none(
                node.value
            ) and _is_ready(*items):
                value = self._value(node.value, Check.INTEGERS)
                return infix(value, "in", self._among(node.items))
            case Apply(strict=True) | In():
                tests, body = self._tested(node)
                return all_of([*(test.present for test in tests), body])
            case IsNull(negated=True, value=Column() as value):
                tests = []
                if may_be_null(value.type):
                    self._test_steps(value, len(value.path), tests)
                return all_of([test.present for test in tests]) if tests else ast.Constant(True)
            case If(condition=condition, then=then, otherwise=otherwise):
                with self._scope():
                    test = self._true(condition)
                    kept = self._true(then)
                return choice(test, kept, self._apart(otherwise, self._true))
            case _:
                return self._value(node, Check.ALL)

    def _false(self, node: Typed) -> ast.expr:
        """Truthy where the value is false, and not where it is null."""
        match node:
            case Logic(operator="or", operands=operands):
                return all_of([self._false(operand) for operand in operands])
            case Logic(operands=operands):
                return any_of([self._apart(operand, self._false) for operand in operands])
            case Not(operand=operand):
                return self._true(operand)
            case _ if not may_be_null(node.type):
                return negated(self._true(node))
            case Apply(strict=True) | In() if not _has_null_item(node):
                tests, body = self._tested(node)
                return all_of([*(test.present for test in tests), negated(body)])
            case If(condition=condition, then=then, otherwise=otherwise):
                with self._scope():
                    test = self._true(condition)
                    kept = self._false(then)
                return choice(test, kept, self._apart(otherwise, self._false))
            case _:
                return infix(self._value(node, Check.ALL), "is", ast.Constant(False))

    def _apart(self, node: Typed, how: _Truth) -> ast.expr:
        with self._scope():
            return how(node)

    def _not(self, operand: Typed) -> ast.expr:
        if not may_be_null(operand.type):
            return negated(self._true(operand))
        with self._scope():
            tests: list[_Test] = []
            body = negated(self._body(operand, tests, Check.ALL))
            return _or_none(tests, body)

    def _kleene(self, node: Logic) -> ast.expr:
        """``and`` and ``or`` as values; null is neither true nor false."""
        conjunction = node.operator == "and"
        chain = all_of if conjunction else any_of
        *before, last = node.operands
        if not any(may_be_null(operand.type) for operand in before):
            with self._scope():
                heads = [
                    self._true(each) if conjunction else self._apart(each, self._true)
                    for each in before
                ]
                return chain([*heads, self._value(last, Check.ALL)])
        settled: list[ast.expr] = []
        unknown: list[ast.expr] = []
        decisive = ast.Constant(not conjunction)
        with self._scope():
            for operand in node.operands:
                if not may_be_null(operand.type):
                    test = self._apart(operand, self._true)
                    settled.append(negated(test) if conjunction else test)
                    continue
                made = self._apart(operand, lambda each: self._value(each, Check.ALL))
                value, again = self._named(made)
                settled.append(infix(value, "is", decisive) if conjunction else value)
                unknown.append(infix(again, "is", none()))
        rest = choice(any_of(unknown), none(), ast.Constant(conjunction))
        return choice(any_of(settled), decisive, rest)

    def _membership(self, node: In, tests: list[_Test]) -> ast.expr:
        """``x in (a, b)`` where every test holds."""
        value = self._body(node.value, tests, Check.INTEGERS)
        symbol = "not in" if node.negated else "in"
        if node.collection is not None:
            return infix(value, symbol, self._body(node.collection, tests, Check.ALL))
        if not _has_null_item(node):
            return infix(value, symbol, self._among(node.items))
        items: list[ast.expr] = []
        unknown: list[ast.expr] = []
        for item in node.items:
            made = self._value(item, Check.INTEGERS)
            if may_be_null(item.type):
                made, again = self._named(made)
                unknown.append(infix(again, "is", none()))
            items.append(made)
        found = infix(value, "in", ast.Tuple(items, ast.Load()))
        rest = choice(any_of(unknown), none(), ast.Constant(node.negated))
        return choice(found, ast.Constant(not node.negated), rest)

    def _named(self, value: ast.expr) -> tuple[ast.expr, ast.expr]:
        """The value where it is computed, and how it is read again."""
        if is_plain(value):
            return value, value
        local = self._names.temporary()
        return ast.NamedExpr(ast.Name(local, ast.Store()), value), name(local)

    def _among(self, items: tuple[Typed, ...]) -> ast.expr:
        values = [self._value(item, Check.INTEGERS) for item in items]
        if len(values) > 4 and all(isinstance(value, ast.Constant) for value in values):
            return ast.Set(values)
        return ast.Tuple(values, ast.Load())


class _Truth(Protocol):
    def __call__(self, node: Typed, /) -> ast.expr: ...


def _pattern(argument: Typed) -> ast.expr:
    """The written pattern of ``matches`` in Python's spelling."""
    assert isinstance(argument, Const)
    return ast.Constant(to_python(str(argument.value)))


def _check_inside(node: Apply) -> Check:
    """Which arguments are checked before the overload takes them."""
    if is_arithmetic(node):
        return Check.NONE
    if isinstance(node.python, BinaryForm):
        return Check.INTEGERS
    return Check.NONE if is_transparent(node) else Check.ALL


def _none_is_harmless(node: Apply) -> bool:
    """Whether ``==`` with None in it is false, and so true nowhere it should not be."""
    left, right = node.arguments
    nullable = [each for each in (left, right) if may_be_null(each.type)]
    return len(nullable) == 1 and _takes_none(nullable[0]) and _is_ready(left, right)


def _takes_none(value: Typed) -> bool:
    """Whether a value is a field of the row itself, with None for null."""
    return isinstance(value, Column) and value.present and len(value.path) == 1


def _has_null_item(node: Typed) -> bool:
    """Whether it is ``in`` with written items that may be null."""
    return isinstance(node, In) and any(may_be_null(item.type) for item in node.items)


def _is_ready(*values: Typed) -> bool:
    """Whether nothing is computed, so that it does not matter what is looked at first."""
    return all(isinstance(value, Column | Const | Setting) for value in values)


def _or_none(tests: Sequence[_Test], body: ast.expr) -> ast.expr:
    """``None if a is None or b is None else body``."""
    if not tests:
        return body
    return choice(any_of([test.missing for test in tests]), none(), body)
