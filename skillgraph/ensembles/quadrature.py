"""Sums over long ranges of consecutive integers, replaced by few weighted points."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

__all__ = ["consecutive_nodes", "half_line_nodes"]

_EXACT = 128  # the first so many integers are kept as they are
_GROWTH = 1.3  # ratio of the ends of one block
_ORDER = 14  # Gauss points of one block: exact for polynomials up to degree 27


@lru_cache(maxsize=64)
def consecutive_nodes(first: int, last: int) -> tuple[np.ndarray, np.ndarray]:
    """Points and weights that stand for the integers ``first`` to ``last``.

    ``sum(weights * f(points))`` equals ``sum(f(k) for k in range(first, last + 1))`` to about 1e-13 relative for
    functions that vary on the scale of k itself, such as ``k**-a * x**k``. Short ranges are exact.

    Parameters
    ----------
    first, last : int
        Ends of the range, both included, ``0 <= first <= last``.

    Returns
    -------
    points, weights : (n,) float64 arrays, read-only
        ``weights`` sum to the number of integers.

    References
    ----------
    Golub & Welsch (1969), doi:10.1090/S0025-5718-69-99647-1, with the recurrence of the discrete Chebyshev (Gram)
    polynomials.
    """
    cut = min(last, first + _EXACT - 1)
    points, weights = [np.arange(first, cut + 1, dtype=float)], [np.ones(cut - first + 1)]
    while cut < last:
        end = min(last, int(cut * _GROWTH) + _ORDER)
        block_points, block_weights = _gram_nodes(end - cut)
        points.append(cut + 1 + block_points)
        weights.append(block_weights)
        cut = end
    return _frozen(np.concatenate(points)), _frozen(np.concatenate(weights))


def half_line_nodes(length: float) -> tuple[np.ndarray, np.ndarray]:
    """Gauss-Legendre points and weights on panels of width 2 that cover 0 to ``length``."""
    panels = int(np.ceil(length / 2))
    points, weights = np.polynomial.legendre.leggauss(20)
    starts = 2.0 * np.arange(panels)[:, None]
    return (starts + 1 + points).ravel(), np.tile(weights, panels)


def _gram_nodes(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Gauss points for the integers 0 to ``count - 1``, each of weight 1."""
    if count <= _ORDER:
        return np.arange(count, dtype=float), np.ones(count)
    k = np.arange(1.0, _ORDER)
    off_diagonal = np.sqrt(k**2 * (float(count) ** 2 - k**2) / (4 * (4 * k**2 - 1)))
    matrix = np.diag(off_diagonal, 1) + np.diag(off_diagonal, -1)
    offsets, vectors = np.linalg.eigh(matrix)
    return offsets + (count - 1) / 2, count * vectors[0] ** 2


def _frozen(array: np.ndarray) -> np.ndarray:
    array.setflags(write=False)
    return array
