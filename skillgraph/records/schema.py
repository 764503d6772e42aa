"""JSON Schema of a record, derived from the type hints that it is rebuilt by."""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping
from dataclasses import is_dataclass
from typing import Any

import numpy as np

from skillgraph.records.values import form_of, hints_of, keys_of

__all__ = ["Definitions", "schema_of"]

Definitions = dict[str, Any]

_NUMBER = {"anyOf": [{"type": ["number", "null"]}, {"enum": ["inf", "-inf"]}]}
_ARRAY = {
    "type": "array",
    "items": {"anyOf": [{"$ref": "#/$defs/array"}, {"$ref": "#/$defs/number"}, {"type": ["boolean", "string"]}]},
}
_SIMPLE = {bool: "boolean", int: "integer", str: "string", types.NoneType: "null"}


def schema_of(hint: Any, definitions: Definitions) -> dict[str, Any]:  # noqa: PLR0911
    """Return the JSON Schema of what `skillgraph.records.values.exact` makes of a type hint.

    Parameters
    ----------
    hint : type
    definitions : dict
        Schemas of records, numbers and arrays are put here, under the names that ``$ref`` uses.
    """
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return {"anyOf": [schema_of(one, definitions) for one in arguments]}
    if origin is typing.Literal:
        return {"enum": list(arguments)}
    if origin is tuple:
        return _tuple(arguments, definitions)
    if origin is list:
        return {"type": "array", "items": schema_of(arguments[0], definitions)}
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return {"type": "object", "additionalProperties": schema_of(arguments[1], definitions)}
    if hint in _SIMPLE:
        return {"type": _SIMPLE[hint]}
    if hint is float or hint is np.ndarray:
        definitions |= {"number": _NUMBER} | ({"array": _ARRAY} if hint is np.ndarray else {})
        return {"$ref": f"#/$defs/{'array' if hint is np.ndarray else 'number'}"}
    return _class(hint, definitions) if isinstance(hint, type) else {}


def _tuple(arguments: tuple[Any, ...], definitions: Definitions) -> dict[str, Any]:
    if len(arguments) == 2 and arguments[1] is ...:
        return {"type": "array", "items": schema_of(arguments[0], definitions)}
    items = [schema_of(one, definitions) for one in arguments]
    return {"type": "array", "prefixItems": items, "minItems": len(items), "maxItems": len(items)}


def _class(kind: type, definitions: Definitions) -> dict[str, Any]:
    """Return the schema of a kind with a text form, or of a record, which is defined once and referred to."""
    form = form_of(kind)
    if form is not None:
        return form.schema
    if not is_dataclass(kind):
        return {}
    if kind.__name__ not in definitions:
        definitions[kind.__name__] = {}  # stands for itself while its fields are looked at
        properties = {name: schema_of(hint, definitions) for name, hint in _hints(kind).items()}
        definitions[kind.__name__] = {
            "type": "object",
            "properties": properties,
            "required": list(properties),
            "additionalProperties": False,
        }
    return {"$ref": f"#/$defs/{kind.__name__}"}


def _hints(kind: type) -> dict[str, Any]:
    """Return the type hints of the fields of a record and of what it derives from them."""
    keys, derived = keys_of(kind), getattr(kind, "derived", ())
    found = hints_of(kind) | {name: typing.get_type_hints(getattr(kind, name).fget)["return"] for name in derived}
    return {keys.get(name, name): hint for name, hint in found.items()}
