"""Values as JSON knows them, and back: every number exactly, by the type hints of the record that holds it.

JSON has no NaN and no infinity: NaN leaves as null, infinities as "inf" and "-inf". Values with a text form (a law, an
ensemble) leave as it; their room says how with `leaves_as`.
"""

from __future__ import annotations

import math
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["Form", "exact", "fields_of", "form_of", "hints_of", "keys_of", "leaves_as", "plain", "rebuilt", "restored"]

_INFINITE = {"inf": math.inf, "-inf": -math.inf}


@dataclass(frozen=True, eq=False)
class Form:
    """How values of one kind leave and come back.

    Attributes
    ----------
    write, read : callable
        From the value to what JSON knows, and back.
    schema : dict
        JSON Schema of what ``write`` returns.
    """

    write: Callable[[Any], Any]
    read: Callable[[Any], Any]
    schema: dict[str, Any]


_FORMS: dict[type, Form] = {Path: Form(str, Path, {"type": "string"})}


def leaves_as(kind: type, write: Callable[[Any], Any], read: Callable[[Any], Any], schema: dict[str, Any]) -> None:
    """Say how values of a class, or of its heirs, leave and come back."""
    _FORMS[kind] = Form(write, read, schema)


def form_of(kind: type) -> Form | None:
    """Return the form of a class or of the nearest class above it."""
    return next((_FORMS[one] for one in kind.__mro__ if one in _FORMS), None)


def plain(value: Any) -> Any:
    """Turn records, arrays and NumPy numbers into what JSON knows; NaN and infinities become None."""
    return _walk(value, lambda number: number if math.isfinite(number) else None, {})


def exact(value: Any) -> Any:
    """Turn a value into what JSON knows such that `restored` gives it back: infinities stay, laws become texts."""
    return _walk(value, _exact_number, _FORMS)


def fields_of(value: Any) -> dict[str, Any]:
    """Return the fields of a dataclass instance as JSON knows them, whatever its own form."""
    return {one.name: exact(getattr(value, one.name)) for one in fields(value)}


def _exact_number(number: float) -> float | str | None:
    if math.isfinite(number):
        return number
    return None if math.isnan(number) else ("inf" if number > 0 else "-inf")


def _walk(value: Any, number: Callable[[float], Any], forms: Mapping[type, Form]) -> Any:  # noqa: PLR0911
    """Walk through a value; ``number`` turns a float into what JSON knows."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        return number(value)
    if value is None or isinstance(value, (str, int)):
        return value
    form = next((forms[one] for one in type(value).__mro__ if one in forms), None)
    if form is not None:
        return form.write(value)
    if is_dataclass(value) and not isinstance(value, type):
        return {key: _walk(item, number, forms) for key, item in _items(value, bool(forms))}
    if isinstance(value, Mapping):
        return {_key(key): _walk(item, number, forms) for key, item in value.items()}
    if isinstance(value, np.ndarray):
        return _walk(value.tolist(), number, forms)
    if isinstance(value, (list, tuple)):
        return [_walk(item, number, forms) for item in value]
    return value


def _items(value: Any, derived: bool) -> list[tuple[str, Any]]:
    """Return the fields of a dataclass instance, and what a record derives from them."""
    if not derived:
        return [(field.name, getattr(value, field.name)) for field in fields(value)]
    keys, names = keys_of(type(value)), [field.name for field in fields(value)]
    return [(keys.get(name, name), getattr(value, name)) for name in (*names, *getattr(value, "derived", ()))]


def keys_of(kind: type) -> Mapping[str, str]:
    """Return the fields of a class that leave under another key, where their name means something else elsewhere."""
    keys: Mapping[str, str] = getattr(kind, "keys", {})
    return keys


def _key(key: Any) -> str:
    return ",".join(map(str, key)) if isinstance(key, tuple) else str(key)


@cache
def hints_of(kind: type) -> dict[str, Any]:
    """Return the type hint of every field of a dataclass, in order."""
    known = typing.get_type_hints(kind)
    return {field.name: known[field.name] for field in fields(kind)}


def restored(value: Any, hint: Any) -> Any:
    """Turn what JSON knows back into a value of a type hint; the inverse of `exact`.

    Parameters
    ----------
    value : object
        What ``json.loads`` returns.
    hint : type
        Of a field: numbers, texts, arrays, tuples, mappings, records, kinds with a text form, and unions of them.

    Raises
    ------
    ValueError
        If the value is none of that type.
    """
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return restored(value, next((one for one in arguments if _fits(value, one)), arguments[0]))
    if origin is tuple:
        return _restored_tuple(value, arguments)
    if origin is list or origin is Sequence:
        return [restored(item, arguments[0]) for item in value]
    if origin is not None and isinstance(origin, type) and issubclass(origin, Mapping):
        return {_restored_key(key, arguments[0]): restored(item, arguments[1]) for key, item in value.items()}
    return _restored_one(value, hint) if isinstance(hint, type) else value


def _restored_one(value: Any, kind: type) -> Any:
    """Turn a value back into one of a class."""
    form = form_of(kind)
    if form is not None:
        return form.read(value)
    if is_dataclass(kind):
        return rebuilt(value, kind)
    if kind is np.ndarray:
        return _array(value)
    return _number(value) if kind is float else value


def _number(value: Any) -> float:
    if isinstance(value, str) and value not in _INFINITE:
        raise ValueError(f'a number, "inf" or "-inf" must stand where it says "{value}"')
    return math.nan if value is None else _INFINITE[value] if isinstance(value, str) else float(value)


def rebuilt(value: Mapping[str, Any], kind: type) -> Any:
    """Build an instance of a dataclass from its fields; what is derived from them is left aside."""
    hints, keys = hints_of(kind), keys_of(kind)
    needed = {name: keys.get(name, name) for name in hints}
    missing = [key for key in needed.values() if key not in value]
    if missing:
        wanted = ", ".join(needed.values())
        raise ValueError(f"a {kind.__name__} needs the keys {wanted}, got none named {', '.join(missing)}")
    return kind(**{name: restored(value[needed[name]], hint) for name, hint in hints.items()})


def _keys(kind: Any) -> set[str]:
    return {keys_of(kind).get(name, name) for name in hints_of(kind)}


def _restored_tuple(value: Sequence[Any], arguments: tuple[Any, ...]) -> tuple[Any, ...]:
    if len(arguments) == 2 and arguments[1] is ...:
        return tuple(restored(item, arguments[0]) for item in value)
    return tuple(restored(item, hint) for item, hint in zip(value, arguments, strict=True))


def _restored_key(key: str, hint: Any) -> Any:
    if typing.get_origin(hint) is tuple:
        return tuple(key.split(","))
    return hint(key) if hint in (int, float) else key


def _fits(value: Any, hint: Any) -> bool:
    """Say whether what JSON knows may stand for a type hint, one of several."""
    kind = typing.get_origin(hint) or hint
    if kind is typing.Literal:
        return value in typing.get_args(hint)
    if value is None or kind is types.NoneType:
        return value is None and kind is types.NoneType
    form = form_of(kind)
    if isinstance(value, Mapping):
        return (
            _keys(kind) <= set(value)
            if form is None and is_dataclass(kind)
            else bool(form) or issubclass(kind, Mapping)
        )
    if isinstance(value, list):
        return kind is np.ndarray or issubclass(kind, (list, tuple))
    if isinstance(value, str):
        return kind is str or form is not None or (kind is float and value in _INFINITE)
    return kind is bool if isinstance(value, bool) else isinstance(value, kind) or kind is float


def _array(value: Any) -> np.ndarray:
    """Turn nested lists into an array: float64 where a number has a point or is missing, else int64 or bool."""
    numbers = np.array(_numbers(value))
    return numbers if numbers.size else numbers.astype(float)


def _numbers(value: Any) -> Any:
    if isinstance(value, list):
        return [_numbers(item) for item in value]
    return math.nan if value is None else _INFINITE.get(value, value) if isinstance(value, str) else value
