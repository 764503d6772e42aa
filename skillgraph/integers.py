"""Integers that callers give: numbers within bounds, increasing rows, the inverse of a permutation."""

from __future__ import annotations

import operator

import numpy as np

__all__ = ["increasing", "inverse", "within"]


def within(name: str, value: int, largest: int, shown: str | None = None) -> int:
    """Return an integer of 1, ..., largest, or say what it must be; shown: how the largest is written."""
    number = operator.index(value)
    if not 1 <= number <= largest:
        raise ValueError(f"{name} must lie in 1, ..., {shown or largest}, got {number}")
    return number


def increasing(name: str, values: np.ndarray) -> np.ndarray:
    """Return a row of increasing integers from 0 on, (n,) int64 with n > 0, or say what it must be."""
    row = np.atleast_1d(np.asarray(values))
    signed = row.astype(np.int64) if row.dtype.kind in "iu" else row[:0]  # differences of unsigned ones never fall
    if signed.size == 0 or np.any(signed < 0) or np.any(np.diff(signed) <= 0):
        raise ValueError(f"{name} must be increasing, not negative integers")
    return signed


def inverse(order: np.ndarray) -> np.ndarray:
    """Return the place of each thing in an order, a permutation, (n,) uint32."""
    places = np.empty(len(order), np.uint32)
    places[order] = np.arange(len(order), dtype=np.uint32)
    return places
