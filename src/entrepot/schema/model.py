"""Read a model of pydantic from TOML; what is wrong is told in plain words, all at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from entrepot.errors import nearest

M = TypeVar("M", bound=BaseModel)

PositiveNumber = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Number = Annotated[float, Field(allow_inf_nan=False)]
STRICT = ConfigDict(strict=True, extra="forbid", frozen=True)
EXPECTED = {
    "string_type": "a text",
    "float_type": "a number",
    "finite_number": "a finite number",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "bool_type": "true or false",
    "tuple_type": "a list",
    "dict_type": "a table",
    "model_type": "a table",
}


def read_model(
    model: type[M], values: Mapping[str, Any], where: str, faults: list[str]
) -> M | None:
    """A model from values of TOML.

    where  : what the values belong to, put before each fault
    faults : gets every fault as a sentence; None is returned where there is one
    """
    try:
        return model.model_validate(_plain(values))
    except ValidationError as error:
        faults += [where + _sentence(model, dict(fault)) for fault in error.errors()]
        return None


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values of TOML as models take them: lists as tuples, days as texts."""

    def one(value: Any) -> Any:
        if isinstance(value, list):
            return tuple(one(v) for v in value)
        return value.isoformat() if hasattr(value, "isoformat") else value

    return {k: one(v) for k, v in values.items()}


def _sentence(model: type[BaseModel], fault: dict[str, Any]) -> str:
    """A fault of pydantic in plain words."""
    where = ".".join(str(part) for part in fault["loc"])
    kind, found = str(fault["type"]), fault.get("input")
    if kind == "extra_forbidden":
        near = nearest(where, model.model_fields, 1)
        return f"unknown key '{where}'" + (f"; did you mean '{near[0]}'?" if near else "")
    if kind == "missing" and not isinstance(found, tuple):
        return f"'{where}' is missing"
    return f"'{where}': found {_shown(found)}, expected {_expected(kind, fault)}"


def _expected(kind: str, fault: dict[str, Any]) -> str:
    context = fault.get("ctx") or {}
    if kind == "greater_than":
        bound = f"{context['gt']:g}"
        return "a number above zero" if bound == "0" else f"a number above {bound}"
    if kind == "missing":
        return "more values"
    if kind == "too_long":
        return f"{context.get('max_length')} values at most"
    return EXPECTED.get(kind, str(fault["msg"]))


def _shown(value: Any) -> str:
    text = repr(list(value) if isinstance(value, tuple) else value)
    return text if len(text) <= 80 else text[:77] + "..."
