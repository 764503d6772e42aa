"""Where a function exceeds 0, decided beyond its rounding error: humps that are noise do not count.

The slope of a learning map against 1 decides whether learning jumps. Flat ensembles (capacity-achieving pairs, critical
endpoints) keep that slope within rounding of 1 over long stretches, where its sign means nothing. So a sign counts only
where the value exceeds a bound on its rounding error; in between, the sign seen last is kept.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np
from scipy import optimize

__all__ = ["NOISE", "Run", "runs_above", "summit"]

NOISE = 1e-13
"""Bound on the relative rounding error of a slope: sums of positive terms whose exponents matter up to about 50."""

Run = tuple[float | None, float | None]
Function = Callable[[np.ndarray], np.ndarray]


def runs_above(function: Function, points: np.ndarray, noise: float = NOISE) -> list[Run]:
    """Return the intervals in which a function is positive beyond rounding.

    Parameters
    ----------
    function : callable
        Takes and returns float64 arrays.
    points : (n,) array
        Increasing; humps and dips between them are climbed from the nearest point.
    noise : float
        Values of at most this size have no sign.

    Returns
    -------
    list of (start, end)
        In increasing order; None for an end that lies outside the points.
    """
    places, values = _with_summits(function, points, function(points), noise)
    clear = np.flatnonzero(np.abs(values) > noise)
    runs: list[Run] = []
    start: float | None = None
    inside = clear.size > 0 and values[clear[0]] > 0
    for before, after in itertools.pairwise(clear.tolist()):
        if (values[before] > 0) == (values[after] > 0):
            continue
        root = _root(function, float(places[before]), float(places[after]))
        if inside:
            runs.append((start, root))
        start, inside = root, not inside
    return [*runs, (start, None)] if inside else runs


def summit(function: Function, low: float, high: float, sign: float = 1.0) -> tuple[float, float]:
    """Return the place of the maximum of ``sign`` times a function between two points, and the maximum."""
    found = optimize.minimize_scalar(
        lambda x: -sign * float(function(np.array([x]))[0]),
        bounds=(low, high),
        method="bounded",
        options={"xatol": 1e-11 * max(abs(low), abs(high), high - low)},
    )
    return float(found.x), -float(found.fun)


def _with_summits(
    function: Function, points: np.ndarray, values: np.ndarray, noise: float
) -> tuple[np.ndarray, np.ndarray]:
    """Add the tops of humps just below 0 and the bottoms of dips just above it.

    A parabola through three points rises by at most an eighth of their second difference; all of it is allowed for.
    """
    more: list[float] = []
    bend = np.abs(values[:-2] - 2 * values[1:-1] + values[2:])
    for sign in (1.0, -1.0):
        inner = sign * values
        peaks = (inner[1:-1] >= inner[:-2]) & (inner[1:-1] >= inner[2:]) & (inner[1:-1] + bend > noise)
        for k in np.flatnonzero(peaks & (inner[1:-1] <= noise)) + 1:
            place, _ = summit(function, float(points[k - 1]), float(points[k + 1]), sign)
            more.append(place)
    if not more:
        return points, values
    places = np.concatenate([points, more])
    every = np.concatenate([values, function(np.array(more))])
    order = np.argsort(places, kind="stable")
    return places[order], every[order]


def _root(function: Function, low: float, high: float) -> float:
    return float(
        optimize.brentq(lambda x: float(function(np.array([x]))[0]), low, high, xtol=1e-300, rtol=8.9e-16, maxiter=500)
    )
