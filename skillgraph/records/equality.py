"""Equality and hashing of values that hold arrays: never an error, and NaN equals NaN."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

__all__ = ["digest", "same"]

_KINDS = {"u": "i"}  # unsigned and signed integers of the same values are the same


def same(first: Any, second: Any) -> bool:
    """Say whether two values are equal: arrays by shape, kind of number and values, NaN equal to NaN."""
    if first is second:
        return True
    if isinstance(first, np.ndarray) or isinstance(second, np.ndarray):
        return isinstance(first, np.ndarray) and isinstance(second, np.ndarray) and _same_arrays(first, second)
    if isinstance(first, Mapping) and isinstance(second, Mapping):
        return first.keys() == second.keys() and all(same(item, second[key]) for key, item in first.items())
    if isinstance(first, (list, tuple)) and isinstance(second, (list, tuple)):
        return len(first) == len(second) and all(map(same, first, second))
    if isinstance(first, float) and isinstance(second, float):
        return bool(first == second or (np.isnan(first) and np.isnan(second)))
    return bool(first == second)


def _same_arrays(first: np.ndarray, second: np.ndarray) -> bool:
    if first.shape != second.shape:
        return False
    if first.size == 0:
        return True
    kinds = [_KINDS.get(one.dtype.kind, one.dtype.kind) for one in (first, second)]
    return kinds[0] == kinds[1] and bool(np.array_equal(first, second, equal_nan=kinds[0] in "fc"))


def digest(value: Any) -> int:
    """Return a hash of any value: what is `same` has the same."""
    if isinstance(value, np.ndarray):
        return hash((value.shape, _canonical(value).tobytes() if value.dtype.kind in "biuf" else value.size))
    if isinstance(value, Mapping):
        return hash(frozenset((key, digest(item)) for key, item in value.items()))
    if isinstance(value, (list, tuple)):
        return hash(tuple(map(digest, value)))
    if isinstance(value, float) and np.isnan(value):
        return hash("nan")
    try:
        return hash(value)
    except TypeError:
        return hash(type(value).__name__)


def _canonical(array: np.ndarray) -> np.ndarray:
    """Return one dtype per kind of number, one NaN and one zero, so that equal arrays have equal bytes."""
    if array.dtype.kind != "f":
        return array.astype(np.int64)
    return np.where(np.isnan(array), np.nan, array.astype(np.float64) + 0.0)
