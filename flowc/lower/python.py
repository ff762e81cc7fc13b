"""Typed expressions as Python syntax, as a person would write them.

Null is explicit in Python: ``a + b`` of values that may be null becomes ``None if a is
None or b is None else a + b``. What is evaluated, and in which order, is part of the
meaning, since evaluation can fail:

- Arguments are evaluated from left to right; the first that is null makes the whole null,
  and what follows it is not evaluated.
- ``and`` and ``or`` stop as soon as the outcome is settled. Where only truth counts (a
  condition), null settles ``and`` as false does.
- Integers are exact inside arithmetic; the range is checked where the result is kept, and
  where it is compared or handed to a function, once nothing beside it is null. Floats are
  checked where they are kept, or handed to a function that does not itself compute with
  infinities.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import contextmanager
from typing import assert_never

from flowc.lower.constants import constant
from flowc.lower.context import Check, Columns, Names, Truth
from flowc.lower.forms import decoded, is_arithmetic, widened, written
from flowc.lower.members import membership
from flowc.lower.pyast import (
    all_of,
    any_of,
    attribute,
    call,
    choice,
    collection,
    infix,
    is_plain,
    name,
    negated,
    none,
    or_none,
)
from flowc.lower.questions import (
    check_inside,
    has_null_item,
    is_checked,
    may_raise,
    none_is_harmless,
    none_is_not_among,
    pattern,
    record_of,
)
from flowc.model.typed import (
    Apply,
    BinaryForm,
    Coalesce,
    CodecForm,
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
    RecordsCall,
    RuntimeCall,
    Setting,
    Try,
    Typed,
    Widen,
    Wrong,
)
from flowc.model.types import (
    JSON,
    DecimalType,
    Field,
    MapType,
    Nullable,
    NullType,
    Record,
    may_be_null,
    strip_null,
)

__all__ = ["Columns", "Names", "PythonLowering"]


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

    def carried(self, node: Column, field: Field) -> ast.expr:
        """The column as an optional field keeps it: absent where a step of it is, null where
        one is null."""
        body = self._columns(node)
        for size in range(0 if node.reached else len(node.path) - 1, 0, -1):
            path = node.path[:size]
            stored, optional = self._columns.stored(path)
            value = self._columns(Column(path, stored))
            # A field that is never null has proven it of the steps before it.
            if may_be_null(stored) and may_be_null(field.type):
                body = or_none([infix(value, "is not", none())], body)
            if optional:
                unset = self._names.name("msgspec", "UNSET")
                body = choice(infix(value, "is", unset), unset, body)
        return body

    @contextmanager
    def _scope(self) -> Iterator[None]:
        """What is known not to be null inside is not known outside."""
        before = set(self._known)
        try:
            yield
        finally:
            self._known = before

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
                    tests: list[ast.expr] = []
                    body = self._inside(node, tests)
                    return or_none(tests, body)
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
                    return or_none(*self._tested(node))
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
            tests: list[ast.expr] = []
            if isinstance(node, Apply):
                return or_none(tests, self._applied(node, tests, check))
            body = self._body(node, tests, check)
            return or_none(tests, body)

    def _tested(self, node: Apply | In) -> tuple[list[ast.expr], ast.expr]:
        """The tests that nothing in it is null, and the expression where they hold."""
        tests: list[ast.expr] = []
        if isinstance(node, In):
            return tests, self._membership(node, tests)
        return tests, self._body(node, tests, Check.ALL)

    def _column(self, node: Column) -> ast.expr:
        """A column as a value: where a step before it may be missing, it is None."""
        with self._scope():
            tests: list[ast.expr] = []
            if may_be_null(node.type) or not self._trusts_types:
                self._test_steps(node, len(node.path) - 1, tests)
            body = self._columns(node)
            _, optional = self._columns.stored(node.path)
            if optional and not (self._trusts_types and node.present):
                body = call(self._names.runtime("values.null", "null_if_absent"), body)
            return or_none(tests, body)

    def _lenient(self, node: Apply) -> ast.expr:
        """An overload that takes null itself."""
        inner = Check.INTEGERS if isinstance(node.python, BinaryForm) else Check.ALL
        arguments = [self._value(argument, inner) for argument in node.arguments]
        return self._form(node, arguments)

    def _first(self, values: tuple[Typed, ...]) -> ast.expr:
        """``a if a is not None else b``."""
        *before, last = values
        result = self._value(last, Check.ALL)
        for value in reversed(before):
            if not may_be_null(value.type):
                result = self._value(value, Check.ALL)
                continue
            with self._scope():
                tests: list[ast.expr] = []
                body = self._body(value, tests, Check.ALL)
                if tests:
                    result = choice(all_of(tests), body, result)
                else:
                    result = body
        return result

    def _record(self, node: MakeRecord) -> ast.expr:
        type = strip_null(node.type)
        assert isinstance(type, Record)
        made = call(self._names.record(type))
        for field, value in node.fields:
            of = type.field(field)
            if of is not None and of.optional and isinstance(value, Column):
                kept = self.carried(value, of)
            else:
                kept = self._value(value, Check.ALL)
            made.keywords.append(ast.keyword(self._names.attribute(type, field), kept))
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

    def _body(self, node: Typed, tests: list[ast.expr], check: Check) -> ast.expr:
        """The expression where every test holds; null cannot come up in it any more."""
        match node:
            case Column():
                if may_be_null(node.type) or not self._trusts_types:
                    self._test_steps(node, len(node.path), tests)
                return self._columns(node)
            case Apply(strict=True):
                applied = self._applied(node, tests, check)
                return self._bound(applied, tests) if node.gives_null else applied
            case Widen(value=value):
                body = self._body(value, tests, Check.INTEGERS)
                return widened(value.type, node.type, body, self._names)
            case Get() | Index():
                body = self._inside(node, tests)
                return self._bound(body, tests) if may_be_null(node.type) else body
            case _:
                value_ = self._value(node, check)
                return self._bound(value_, tests) if may_be_null(node.type) else value_

    def _applied(self, node: Apply, tests: list[ast.expr], check: Check) -> ast.expr:
        if any(isinstance(argument.type, NullType) for argument in node.arguments):
            return self._nothing(tests)
        bodies: list[ast.expr] = []
        for number, argument in enumerate(node.arguments):
            before = len(tests)
            body = self._operand(node, argument, tests)
            if len(tests) > before:
                # What stands left and can fail is evaluated before these tests.
                for left in range(number):
                    if may_raise(node.arguments[left]) and not is_plain(bodies[left]):
                        bodies[left] = self._bound(bodies[left], tests, at=before)
                        before += 1
            bodies.append(body)
        inner = check_inside(node)
        checked = [
            self._checked(argument, body, inner)
            for argument, body in zip(node.arguments, bodies, strict=True)
        ]
        return self._checked(node, self._form(node, checked), check)

    def _checked(self, node: Typed, body: ast.expr, check: Check) -> ast.expr:
        """The result in the check that its place asks for."""
        if isinstance(node, Apply) and is_checked(node, check):
            return call(self._names.runtime("values.numbers", node.checked), body)
        return body

    def _nothing(self, tests: list[ast.expr]) -> ast.expr:
        """A written null among the arguments: nothing is left to compute."""
        tests.append(ast.Constant(False))
        return none()

    def _operand(self, node: Apply, argument: Typed, tests: list[ast.expr]) -> ast.expr:
        """An argument; Python's own arithmetic widens by itself."""
        if isinstance(argument, Widen) and is_arithmetic(node):
            both = isinstance(strip_null(argument.type), DecimalType) and all(
                isinstance(other, Widen | Const) for other in node.arguments
            )
            if not both:
                return self._body(argument.value, tests, Check.NONE)
        return self._body(argument, tests, Check.NONE)

    def _form(self, node: Apply, bodies: list[ast.expr]) -> ast.expr:
        form = node.python
        member = membership(node, self._columns)
        if member is not None:
            return member
        if isinstance(form, CodecForm):
            return decoded(form, bodies, self._names)
        if isinstance(form, RuntimeCall) and form.module == "environment":
            return call(attribute(self._names.environment(), form.name))
        if isinstance(form, RecordsCall):
            made = record_of(node.type)
            return self._runtime(form.module, form.name, self._names.record(made), *bodies)
        if node.function == "matches":
            bodies[1] = pattern(node.arguments[1])
        return written(form, bodies, self._names)

    def _inside(self, node: Get | Index, tests: list[ast.expr]) -> ast.expr:
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

    def _test_steps(self, node: Column, count: int, tests: list[ast.expr]) -> None:
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

    def _test(self, present: ast.expr, tests: list[ast.expr]) -> None:
        key = ast.dump(present)
        if key not in self._known:
            self._known.add(key)
            tests.append(present)

    def _bound(self, value: ast.expr, tests: list[ast.expr], at: int | None = None) -> ast.expr:
        """The value under a name, tested not to be null where it is bound."""
        if is_plain(value) and not isinstance(value, ast.Constant):
            self._test(infix(value, "is not", none()), tests)
            return value
        local = self._names.temporary()
        bound = ast.NamedExpr(ast.Name(local, ast.Store()), value)
        tests.insert(len(tests) if at is None else at, infix(bound, "is not", none()))
        return name(local)

    def _missing(self, value: Typed) -> ast.expr:
        """Whether a value is null, as a test that is never null itself."""
        if not may_be_null(value.type) and not may_raise(value):
            return ast.Constant(False)
        if isinstance(value, Const):
            return ast.Constant(value.value is None)
        if isinstance(value, Column) or not may_raise(value):
            with self._scope():
                tests: list[ast.expr] = []
                self._body(value, tests, Check.NONE)
                if tests:
                    return any_of([negated(test) for test in tests])
        made = self._value(value, Check.NONE)
        # Python warns where a number is compared by `is`, even one that it computes itself.
        made = made if may_be_null(value.type) else self._named(made)[0]
        return infix(made, "is", none())

    def _true(self, node: Typed) -> ast.expr:
        """Truthy where true. What it tests is known to what follows under `and`."""
        match node:
            case Logic(operator="and", operands=operands):
                return all_of([self._true(operand) for operand in operands])
            case Logic(operands=operands):
                return any_of([self._apart(operand, self._true) for operand in operands])
            case Not(operand=operand):
                return self._false(operand)
            case Apply(function="==", strict=True) if none_is_harmless(node):
                return self._lenient(node)
            case In() if none_is_not_among(node):
                value = self._value(node.value, Check.INTEGERS)
                return infix(value, "in", collection(self._values(node.items)))
            case Apply(strict=True) | In():
                tests, body = self._tested(node)
                return all_of([*tests, body])
            case IsNull(negated=True, value=Column() as value):
                tests = []
                if may_be_null(value.type):
                    self._test_steps(value, len(value.path), tests)
                return all_of(tests) if tests else ast.Constant(True)
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
            case Apply(strict=True) | In() if not has_null_item(node):
                tests, body = self._tested(node)
                return all_of([*tests, negated(body)])
            case If(condition=condition, then=then, otherwise=otherwise):
                with self._scope():
                    test = self._true(condition)
                    kept = self._false(then)
                return choice(test, kept, self._apart(otherwise, self._false))
            case _:
                return infix(self._value(node, Check.ALL), "is", ast.Constant(False))

    def _apart(self, node: Typed, how: Truth) -> ast.expr:
        with self._scope():
            return how(node)

    def _not(self, operand: Typed) -> ast.expr:
        if not may_be_null(operand.type):
            return negated(self._true(operand))
        with self._scope():
            tests: list[ast.expr] = []
            body = negated(self._body(operand, tests, Check.ALL))
            return or_none(tests, body)

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

    def _membership(self, node: In, tests: list[ast.expr]) -> ast.expr:
        """``x in (a, b)`` where every test holds."""
        value = self._body(node.value, tests, Check.INTEGERS)
        member = membership(node, self._columns)
        if member is not None:
            return member
        symbol = "not in" if node.negated else "in"
        if node.collection is not None:
            return infix(value, symbol, self._body(node.collection, tests, Check.ALL))
        if not has_null_item(node):
            return infix(value, symbol, collection(self._values(node.items)))
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

    def _values(self, items: tuple[Typed, ...]) -> list[ast.expr]:
        return [self._value(item, Check.INTEGERS) for item in items]
