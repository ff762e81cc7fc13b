"""Settings: the variables of a pipeline as a dataclass that the runtime fills at start."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from flowc.lower.constants import constant as scalar
from flowc.model.plan import SettingDecl
from flowc.model.types import DecimalType, Kind, Scalar, Type, strip_null
from flowc.targets.base import EmissionError
from flowc.targets.names import Names, identifier
from flowc.targets.python.imports import Imports
from flowc.targets.python.syntax import attribute, call, tuple_of
from flowc.targets.python.views import SettingsView, SettingView
from flowc_runtime.errors import ConversionError
from flowc_runtime.values.numbers import to_bool, to_decimal, to_float, to_int
from flowc_runtime.values.time import to_date, to_duration, to_timestamp

#: Names of the module that no setting may hide.
_RESERVED = ("Annotated", "Env", "Secret", "Decimal", "dt", "str", "int", "float", "bool")


def settings_view(
    declared: Sequence[SettingDecl], title: str, imports: Imports, *, with_secrets: bool
) -> SettingsView:
    """The dataclass of a plan's settings; those without a default stand first.

    ``with_secrets``: the default of a secret is there; in files it is not, and must be set.
    """
    imports.name("dataclasses", "dataclass")
    names = Names(_RESERVED)
    made = [
        _setting(
            setting,
            names.take(identifier(setting.name.lower(), "setting")),
            imports,
            with_secrets=with_secrets,
        )
        for setting in declared
    ]
    ordered = sorted(made, key=lambda setting: setting.default is not None)
    return SettingsView(title, imports.views(), tuple(ordered))


def _setting(
    setting: SettingDecl, name: str, imports: Imports, *, with_secrets: bool
) -> SettingView:
    env = [ast.Constant(setting.variable)]
    if setting.message is not None:
        env.append(ast.Constant(setting.message))
    kind, convert = _kind(setting.type, imports)
    if setting.secret:
        kind = imports.runtime("settings", "Secret")
    annotated = ast.Tuple([kind, call(imports.runtime("settings", "Env"), *env)], ast.Load())
    default: ast.expr | None = None
    if setting.default is not None and not setting.secret:
        default = _default(setting, convert, imports)
    elif setting.default is not None and with_secrets:
        default = call(imports.runtime("settings", "Secret"), ast.Constant(setting.default))
    return SettingView(
        name,
        ast.Subscript(imports.name("typing", "Annotated"), annotated, ast.Load()),
        default,
        setting.variable,
        setting.secret,
        _shown(setting),
    )


def _shown(setting: SettingDecl) -> str:
    return "required" if setting.default is None or setting.secret else setting.default


def _default(setting: SettingDecl, convert: object, imports: Imports) -> ast.expr:
    assert callable(convert)
    try:
        return constant(convert(setting.default), imports)
    except ConversionError as error:
        raise EmissionError(f"the default of {setting.variable}: {error}") from error


def _kind(type: Type, imports: Imports) -> tuple[ast.expr, object]:
    """The Python type of a setting, and what reads it from text."""
    match strip_null(type):
        case Scalar(kind=Kind.BOOL):
            return ast.Name("bool"), to_bool
        case Scalar(kind=Kind.INT | Kind.INT32 | Kind.UINT32 | Kind.UINT64 | Kind.BIGINT):
            return ast.Name("int"), to_int
        case Scalar(kind=Kind.FLOAT | Kind.NUMBER):
            return ast.Name("float"), to_float
        case Scalar(kind=Kind.TIMESTAMP):
            return attribute(imports.module("datetime", "dt"), "datetime"), to_timestamp
        case Scalar(kind=Kind.DATE):
            return attribute(imports.module("datetime", "dt"), "date"), to_date
        case Scalar(kind=Kind.DURATION):
            return attribute(imports.module("datetime", "dt"), "timedelta"), to_duration
        case DecimalType():
            return imports.name("decimal", "Decimal"), to_decimal
        case _:
            return ast.Name("str"), str


def constant(value: object, imports: Imports) -> ast.expr:
    """A plain value, or a list, tuple or map of them, as Python writes it.

    Raises:
        EmissionError: it is none.
    """
    match value:
        case tuple():
            return tuple_of(constant(item, imports) for item in value)
        case list():
            return ast.List([constant(item, imports) for item in value], ast.Load())
        case dict():
            keys: list[ast.expr | None] = [constant(key, imports) for key in value]
            return ast.Dict(keys, [constant(item, imports) for item in value.values()])
    try:
        return scalar(value, imports)
    except TypeError as error:
        raise EmissionError(str(error)) from error
