"""A processor from its Python file: what it takes, what it gives, whether it is pure.

    @dataclass
    class Order: ...

    def process(record: Order) -> Priced: ...           one record for one
    def process(record: Order) -> Priced | None: ...    or none
    def process(record: Order) -> Iterator[Priced]: ... or many

The file is parsed, never run. Its function is ``process``, else the only public one. The
comment ``# flowc: pure`` above it says that it does nothing but compute.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass

from flowc.diagnostics.codes import declare
from flowc.diagnostics.reporter import Reporter
from flowc.diagnostics.suggest import nearest
from flowc.model.diagnostic import Edit, Fix, Label, Safety
from flowc.model.project import ProcessorCode
from flowc.model.source import SourceFile, Span
from flowc.types.importers.python_module import PythonFile, Unreadable
from flowc.types.importers.python_types import PythonTypes, unquoted

UNREADABLE = declare("FC0370", "unreadable-processor", "A processor's file is no valid Python")
NO_FUNCTION = declare("FC0371", "no-process-function", "A processor's file has no function to call")
AMBIGUOUS = declare(
    "FC0372", "ambiguous-processor", "A processor's file has several public functions"
)
SIGNATURE = declare("FC0373", "processor-signature", "A processor's function cannot be called")
UNANNOTATED = declare("FC0374", "unannotated-processor", "A processor does not say its types")
NO_RECORD = declare("FC0376", "processor-without-record", "A processor takes or gives no record")

_PURE = re.compile(r"\s*#\s*flowc:\s*pure\s*")
_MANY = frozenset(
    {"Iterator", "Iterable", "Generator", "list", "List", "Sequence", "Collection", "tuple"}
)
_EXAMPLE = "for example `def process(record: Order) -> Priced:` with two dataclasses"

_Function = ast.FunctionDef | ast.AsyncFunctionDef


def read_processor(
    source: SourceFile, name: str, file: str, reporter: Reporter, function: str = ""
) -> ProcessorCode | None:
    """Read a processor's file; None where it cannot be called, which was reported.

    ``name`` is the processor's as stages write it, ``file`` its path from the project's
    root, ``function`` the one to call where that is said. An annotation that means no type is reported, and gives a poisoned field.
    """
    try:
        python = PythonFile(source)
    except Unreadable as error:
        reporter.error(
            UNREADABLE, f"{file} is no valid Python: {error.message}", error.span, at="here"
        )
        return None
    return _Signature(python, name, file, reporter, function).read()


@dataclass(frozen=True, slots=True)
class _Result:
    kind: str
    record: ast.expr


class _Signature:
    def __init__(
        self, python: PythonFile, name: str, file: str, reporter: Reporter, wanted: str
    ) -> None:
        self._wanted = wanted
        self._python = python
        self._name = name
        self._file = file
        self._reporter = reporter
        self._types = PythonTypes(python, reporter)

    def read(self) -> ProcessorCode | None:
        function = self._function()
        if function is None:
            return None
        parameter = self._parameter(function)
        result = self._result(function)
        if parameter is None or result is None:
            return None
        takes = self._class(parameter, "takes")
        gives = self._class(result.record, "gives")
        if takes is None or gives is None:
            return None
        return ProcessorCode(
            name=self._name,
            file=self._file,
            source=self._python.source,
            function=function.name,
            kind=result.kind,
            input=self._types.record(takes[0], input=True),
            output=self._types.record(gives[0], input=False),
            input_class=takes[0],
            output_class=gives[0],
            input_style=takes[1],
            output_style=gives[1],
            pure=self._is_pure(function),
            span=self._python.name_span(function),
            packages=self._python.packages(),
        )

    def _function(self) -> _Function | None:
        """``process``, else the only public function of the file."""
        functions = {
            node.name: node
            for node in self._python.tree.body
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        }
        if self._wanted:
            if self._wanted not in functions:
                self._no_such(tuple(functions))
            return functions.get(self._wanted)
        public = [node for name, node in functions.items() if not name.startswith("_")]
        if "process" in functions or len(public) == 1:
            return functions.get("process") or public[0]
        if public:
            first, *others = public
            self._reporter.error(
                AMBIGUOUS,
                f"{self._file} has {len(public)} public functions, and none is called `process`",
                self._python.name_span(first),
                labels=[Label(self._python.name_span(node), "or this one?") for node in others],
                notes=(
                    "call the one that takes a record `process`, or begin the names of the"
                    " others with `_`",
                ),
            )
            return None
        self._reporter.error(
            NO_FUNCTION,
            f"{self._file} has no public function",
            self._python.source.span(0, 0),
            notes=(f"define one: {_EXAMPLE}",),
        )
        return None

    def _no_such(self, known: tuple[str, ...]) -> None:
        near = nearest(self._wanted, known)
        listed = ", ".join(f"`{name}`" for name in known if not name.startswith("_"))
        self._reporter.error(
            NO_FUNCTION,
            f"{self._file} has no function `{self._wanted}`",
            self._python.source.span(0, 0),
            at=f"did you mean `{near[0]}`?" if near else "",
            notes=(f"its functions: {listed}" if listed else f"define one: {_EXAMPLE}",),
        )

    def _parameter(self, function: _Function) -> ast.expr | None:
        """The annotation of the one parameter."""
        if isinstance(function, ast.AsyncFunctionDef):
            self._signature(function, "is `async`", "write a plain `def`")
            return None
        arguments = function.args
        if arguments.vararg or arguments.kwarg:
            star = arguments.vararg or arguments.kwarg
            self._signature(
                function, "takes `*` arguments", f"it is called with one record: {_EXAMPLE}", star
            )
            return None
        positional = [*arguments.posonlyargs, *arguments.args]
        required = positional[: len(positional) - len(arguments.defaults)]
        required += [
            argument
            for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
            if default is None
        ]
        if not positional or len(required) > 1 or (required and required[0] is not positional[0]):
            count = len(required) if positional else 0
            self._signature(
                function,
                f"needs {count} arguments" if count else "takes no record",
                f"it is called with one record: {_EXAMPLE}",
                required[1] if len(required) > 1 else None,
            )
            return None
        first = positional[0]
        if first.annotation is None:
            self._reporter.error(
                UNANNOTATED,
                f"`{function.name}` does not say what `{first.arg}` is",
                self._python.span(first),
                notes=(f"annotate it with a class of this file: {_EXAMPLE}",),
            )
        return first.annotation

    def _result(self, function: _Function) -> _Result | None:
        if function.returns is None:
            self._reporter.error(
                UNANNOTATED,
                f"`{function.name}` does not say what it gives",
                self._python.name_span(function),
                notes=(f"annotate its result with a class of this file: {_EXAMPLE}",),
            )
            return None
        node = self._aliased(function.returns)
        match node:
            case ast.Constant(None):
                self._no_record(function.returns, "gives nothing")
                return None
            case ast.BinOp(left, ast.BitOr(), right):
                return self._optional(function.returns, [left, right])
            case ast.Subscript(value, argument):
                form = (self._python.qualified(value) or "").rpartition(".")[2]
                parts = argument.elts if isinstance(argument, ast.Tuple) else [argument]
                if form == "Optional":
                    return _Result("maybe", parts[0])
                if form == "Union":
                    return self._optional(function.returns, parts)
                if form in _MANY:
                    return _Result("many", parts[0])
            case _:
                pass
        return _Result("one", node)

    def _optional(self, whole: ast.expr, parts: list[ast.expr]) -> _Result | None:
        """``Out | None``; other unions give no one record."""
        others = [
            part for part in parts if not (isinstance(part, ast.Constant) and part.value is None)
        ]
        if len(others) == 1 and len(parts) == 2:
            return _Result("maybe", others[0])
        self._no_record(whole, "gives records of several classes")
        return None

    def _class(self, node: ast.expr, verb: str) -> tuple[str, str] | None:
        """The class of this file that an annotation names, and how its records are read."""
        name = self._types.class_named(node, "")
        style = self._types.style(name) if name else None
        if name is None or style is None:
            self._no_record(node, f"{verb} no record")
            return None
        return name, style

    def _aliased(self, node: ast.expr) -> ast.expr:
        """The annotation without quotes, and behind a name of the module."""
        for _ in range(10):
            plain = unquoted(node) or node
            name = plain.id if isinstance(plain, ast.Name) else ""
            if name in self._python.classes or name not in self._python.assigned:
                return plain
            if self._types.class_named(plain, "") is not None:
                return plain
            node = self._python.assigned[name]
        return node

    # Diagnostics

    def _signature(
        self, function: _Function, what: str, advice: str, at: ast.arg | None = None
    ) -> None:
        span = self._python.span(at) if at else self._python.name_span(function)
        self._reporter.error(
            SIGNATURE,
            f"the processor's function `{function.name}` {what}",
            span,
            notes=(advice,),
            fixes=self._without_async(function),
        )

    def _without_async(self, function: _Function) -> tuple[Fix, ...]:
        if not isinstance(function, ast.AsyncFunctionDef):
            return ()
        span = self._python.span(function)
        head = Span(span.source, span.start, span.start + len("async "))
        if head.text != "async ":
            return ()
        return (Fix("remove `async`", (Edit(head, ""),), Safety.UNSAFE),)

    def _no_record(self, node: ast.expr, what: str) -> None:
        self._reporter.error(
            NO_RECORD,
            f"the processor `{self._name}` {what}",
            self._python.span(node),
            notes=(
                "name a dataclass, a TypedDict or a msgspec Struct that this file defines;"
                " behind it `| None` where a record may be dropped, `Iterator[…]` around it"
                " where there may be several",
            ),
        )

    def _is_pure(self, function: _Function) -> bool:
        """Whether the comment stands in the lines of comments right above the function."""
        first = min([function.lineno, *(node.lineno for node in function.decorator_list)])
        line = first - 1
        while self._python.line(line).lstrip().startswith("#"):
            if _PURE.fullmatch(self._python.line(line)):
                return True
            line -= 1
        return False
