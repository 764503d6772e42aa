"""Lipschitz numbers of a learning map: which of them is 1 at the threshold, and which is not.

* global: Lip(T) = sup T'. Not a criterion: it is 1.247 at the threshold of (3, 6).
* pointed at the good fixed point m: sup (T(q) - m)/(q - m) over q > m. Below 1 if and only if m is the only fixed
  point, so it crosses 1 exactly at the threshold; for LDPC ensembles it is eps / eps_BP.
* asymptotic: lim Lip(T^k)^(1/k), the largest slope at a fixed point (an increasing map has no other invariant
  measures). It jumps to 1 at the threshold.
* power family: Lip of T in the metric |x^p - y^p|, sup T'(x) (T(x)/x)^(p-1). At a tangency x* its logarithm has the
  derivative T''(x*) in x whatever p is, so no p brings it to 1 at the threshold; it tends to 1 as p grows.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import optimize

from skillgraph.limits.maps import LearningMap, RestPoint
from skillgraph.records import Record

__all__ = ["LipschitzNumbers", "asymptotic_by_iteration", "lipschitz_numbers", "power_metric_number"]

POWERS = (0.25, 0.5, 1.0, 2.0, 4.0, 16.0)


class LipschitzNumbers(Record):
    """Result of `lipschitz_numbers`.

    Attributes
    ----------
    global_number : float
        sup T' on [0, start].
    steepest_at : float
        Where it is reached.
    pointed_number : float
        Against the smallest fixed point; below 1 if that is the only one.
    asymptotic_number : float
        Largest slope at a fixed point.
    power_numbers : dict of float to float
        p to the Lipschitz number in the metric |x^p - y^p|.
    fixed_points : tuple of RestPoint
    unique : bool
        Whether there is one fixed point: the order parameter of emergence is that there is not.
    """

    global_number: float
    steepest_at: float
    pointed_number: float
    asymptotic_number: float
    power_numbers: dict[float, float]
    fixed_points: tuple[RestPoint, ...]
    unique: bool


def lipschitz_numbers(learning: LearningMap, powers: tuple[float, ...] = POWERS) -> LipschitzNumbers:
    """Compute every Lipschitz number of a learning map.

    Parameters
    ----------
    learning : LearningMap
    powers : tuple of float
        Exponents p > 0 of the power metrics.

    Returns
    -------
    LipschitzNumbers

    Examples
    --------
    >>> from skillgraph.limits.maps import ensemble_map
    >>> numbers = lipschitz_numbers(ensemble_map('poisson:4', 1.0))
    >>> round(numbers.asymptotic_number, 4)
    1.4452
    """
    place, steepest = _supremum(learning.slope, learning)
    points = learning.fixed_points
    best = points[-1].value
    _, pointed = _supremum(lambda q: _relative(learning, q, best), learning)
    return LipschitzNumbers(
        steepest,
        place,
        max(pointed, points[-1].slope),
        max(point.slope for point in points),
        {p: power_metric_number(learning, p) for p in powers},
        points,
        len(points) == 1,
    )


def power_metric_number(learning: LearningMap, power: float) -> float:
    """Return the Lipschitz number of a map of (0, start] in the metric |x^p - y^p|, p > 0."""
    if not 0 < power < np.inf:
        raise ValueError(f"power of the metric must be positive and finite, got {power}")

    def stretch(q: np.ndarray) -> np.ndarray:
        after = learning.step(q)
        with np.errstate(divide="ignore"):
            ratio = np.where((after > 0) & (q > 0), after / np.where(q > 0, q, 1.0), np.nan)
            values = learning.slope(q) * ratio ** (power - 1)
        return np.where(np.isfinite(values), values, 0.0)

    return _supremum(stretch, learning)[1]


def asymptotic_by_iteration(learning: LearningMap, rounds: int, samples: int = 20_001) -> np.ndarray:
    """Return Lip(T^k)^(1/k) for k = 1, ..., ``rounds`` over a grid of starts, (rounds,) float64.

    The slope of T^k is the product of slopes along the orbit; these numbers decrease to the asymptotic one from above,
    up to the fineness of the grid.
    """
    q = np.concatenate([np.linspace(0, learning.start, samples), [point.value for point in learning.fixed_points]])
    logarithm, out = np.zeros(q.size), np.empty(rounds)
    for k in range(rounds):
        with np.errstate(divide="ignore"):
            logarithm = logarithm + np.log(np.maximum(learning.slope(q), 0.0))
        q = learning.step(q)
        out[k] = np.exp(np.max(logarithm) / (k + 1))
    return out


def _relative(learning: LearningMap, q: np.ndarray, best: float) -> np.ndarray:
    """Return (T(q) - m) / (q - m) above the good fixed point m, 0 elsewhere and where rounding rules."""
    room = q - best
    clear = room > np.maximum(1e-6 * best, 1e-12)
    return np.where(clear, (learning.step(q) - best) / np.where(clear, room, 1.0), 0.0)


def _supremum(function: Callable[[np.ndarray], np.ndarray], learning: LearningMap) -> tuple[float, float]:
    """Return where a function of arrays on [0, start] is largest, and its value there."""
    shares = np.concatenate([[0.0], np.geomspace(1e-12, 1e-3, 400), np.linspace(1e-3, 1, 4000)[1:]])
    grid = np.unique(np.concatenate([learning.start * shares, learning.turning]))
    values = function(grid)
    place = int(np.argmax(values))
    low, high = grid[max(place - 1, 0)], grid[min(place + 1, grid.size - 1)]
    found = optimize.minimize_scalar(
        lambda q: -float(function(np.array([q]))[0]), bounds=(low, high), method="bounded", options={"xatol": 1e-12}
    )
    if -found.fun > values[place]:
        return float(found.x), float(-found.fun)
    return float(grid[place]), float(values[place])
