"""Records as tables of pandas and as labelled arrays of xarray; both are optional."""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

import numpy as np

__all__ = ["Grid", "columns_of", "data_frame", "data_set"]

Grid = tuple[Mapping[str, Any], Mapping[str, tuple[tuple[str, ...], Any]]]
"""Coordinates (name to values, one per dimension) and variables (name to dimensions and array)."""


def columns_of(record: Any) -> dict[str, Sequence[Any]]:
    """Return the columns of a record whose rows are plain to see.

    Fields that are rows of one length are the columns; if there is none, the records in a field of several are the
    rows; if there is none either, the record is one row.
    """
    values = {field.name: getattr(record, field.name) for field in fields(record)}
    rows = {name: value for name, value in values.items() if _is_row(value)}
    if rows:
        length = len(next(iter(rows.values())))
        return {name: value for name, value in rows.items() if len(value) == length}
    several = next((value for value in values.values() if isinstance(value, tuple) and value), ())
    if several and hasattr(several[0], "headline"):
        singles = [_singles(one) for one in several]
        return {name: [one[name] for one in singles] for name in singles[0]}
    return {name: [value] for name, value in _singles(record).items()}


def _is_row(value: Any) -> bool:
    if isinstance(value, np.ndarray):
        return value.ndim == 1
    return isinstance(value, tuple) and bool(value) and isinstance(value[0], (str, int, float))


def _singles(record: Any) -> dict[str, Any]:
    """Return the fields of a record that are one value each."""
    values = {field.name: getattr(record, field.name) for field in fields(record)}
    return {name: value for name, value in values.items() if not isinstance(value, (np.ndarray, tuple, Mapping))}


def data_frame(columns: Mapping[str, Sequence[Any]]) -> Any:
    """Return a ``pandas.DataFrame``."""
    return _optional("pandas", "to_dataframe").DataFrame(dict(columns))


def data_set(grid: Grid, attributes: Mapping[str, Any]) -> Any:
    """Return an ``xarray.Dataset``."""
    coordinates, variables = grid
    return _optional("xarray", "to_xarray").Dataset(dict(variables), coords=dict(coordinates), attrs=dict(attributes))


def _optional(package: str, method: str) -> Any:
    try:
        return importlib.import_module(package)
    except ImportError:
        raise ImportError(f"{method} needs {package}: pip install 'skillgraph[frames]'") from None
