"""Places (N, P, K) at which performance is asked for: grids, rays, and places one by one."""

from __future__ import annotations

import numpy as np

from skillgraph.checks import positive
from skillgraph.records import Record

__all__ = ["Points", "grid_points", "points_at", "power_ray", "ratio_ray"]

LARGEST = 2**62


class Points(Record):
    """Places (N, P, K), each (n,) float64; K may be infinite. ``shape`` is that of the grid they came from."""

    data_size: np.ndarray
    model_size: np.ndarray
    steps: np.ndarray
    shape: tuple[int, ...]


def points_at(data_size: object, model_size: object, steps: object) -> Points:
    """Check and return places given one by one.

    Parameters
    ----------
    data_size : (n,) array-like
        Texts, at least 0.
    model_size : (n,) array-like
        Whole numbers, at least 1.
    steps : (n,) array-like
        Whole numbers, at least 0, or infinity.
    """
    data, model, rounds = (np.atleast_1d(np.asarray(a, dtype=float)) for a in (data_size, model_size, steps))
    if not data.size == model.size == rounds.size:
        raise ValueError(
            f"data, model and steps must have the same length, got {data.size}, {model.size} and {rounds.size}"
        )
    return Points(_data_sizes(data), _model_sizes(model), _steps(rounds), (data.size,))


def grid_points(data_size: object, model_size: object, steps: object) -> Points:
    """Return all combinations of data sizes, model sizes and steps.

    Parameters
    ----------
    data_size, model_size, steps : array-like
        The axes: texts, whole model sizes of at least 1, whole steps of at least 0 or infinity.

    Returns
    -------
    Points

    Raises
    ------
    ValueError
        If every axis has one point only, or a value is out of range.

    Examples
    --------
    >>> grid_points([10, 100], [4], [1, 2]).shape
    (2, 1, 2)
    """
    axes = [np.atleast_1d(np.asarray(a, dtype=float)) for a in (data_size, model_size, steps)]
    if all(axis.size < 2 for axis in axes):
        raise ValueError("a surface needs at least 2 points along one of data, model and steps, got 1 along each")
    mesh = [m.ravel() for m in np.meshgrid(*axes, indexing="ij")]
    checked = points_at(*mesh)
    return Points(checked.data_size, checked.model_size, checked.steps, tuple(axis.size for axis in axes))


def ratio_ray(ratio: float, model_size: object, steps: float = np.inf) -> Points:
    """Return the ray N = ratio * P.

    Parameters
    ----------
    ratio : float
        Positive.
    model_size : array-like
    steps : float
        May be infinite.

    Returns
    -------
    Points

    Examples
    --------
    >>> ratio_ray(4.0, [10, 100]).data_size.tolist()
    [40.0, 400.0]
    """
    model = np.atleast_1d(np.asarray(model_size, dtype=float))
    return points_at(positive("ratio of a ray", ratio) * model, model, np.full(model.size, float(steps)))


def power_ray(exponent: float, data_size: object, steps: float = np.inf) -> Points:
    """Return the ray P = N^exponent, rounded to whole P of at least 1.

    Parameters
    ----------
    exponent : float
        Positive.
    data_size : array-like
    steps : float
        May be infinite.

    Returns
    -------
    Points

    Examples
    --------
    >>> power_ray(0.5, [100, 10_000]).model_size.tolist()
    [10.0, 100.0]
    """
    data = np.atleast_1d(np.asarray(data_size, dtype=float))
    model = np.maximum(np.round(data ** positive("exponent of a ray", exponent)), 1)
    return points_at(data, model, np.full(data.size, float(steps)))


def _data_sizes(values: np.ndarray) -> np.ndarray:
    if not np.all(np.isfinite(values)) or np.any(values < 0):
        raise ValueError(f"data sizes must be finite and not negative, got {_first(values, values < 0)}")
    return values


def _model_sizes(values: np.ndarray) -> np.ndarray:
    wrong = ~((values >= 1) & (values <= LARGEST) & (values == np.floor(values)))
    if np.any(wrong):
        raise ValueError(f"model sizes must be whole numbers of at least 1, got {_first(values, wrong)}")
    return values


def _steps(values: np.ndarray) -> np.ndarray:
    whole = np.isinf(values) | (values == np.floor(np.where(np.isfinite(values), values, 0)))
    wrong = np.isnan(values) | (values < 0) | ~whole
    if np.any(wrong):
        raise ValueError(f"steps must be whole numbers of at least 0, or inf, got {_first(values, wrong)}")
    return values


def _first(values: np.ndarray, wrong: np.ndarray) -> str:
    chosen = wrong | ~np.isfinite(values)
    return f"{values[chosen][0]:g}"
