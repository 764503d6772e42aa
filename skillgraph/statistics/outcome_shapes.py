"""Shapes of outcomes over many runs: one group or two, and the histogram of event times beside an exact law."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from scipy import special

from skillgraph.checks import count
from skillgraph.records import Record
from skillgraph.seeding import generator

__all__ = ["Bimodality", "Histogram", "bimodality", "dip_statistic", "histogram"]


class Histogram(Record):
    """Counts of values per bin with the counts that an exact law expects.

    Attributes
    ----------
    edges : (bins + 1,) float64 array
    counts : (bins,) int64 array
    expected : (bins,) float64 array or None
        The outermost bins are open: they hold all that lies beyond.
    chi_square, p_value : float or None
        Over neighbouring bins joined until each expects at least 5.
    """

    edges: np.ndarray
    counts: np.ndarray
    expected: np.ndarray | None
    chi_square: float | None
    p_value: float | None


class Bimodality(Record):
    """Whether values fall into two groups.

    Attributes
    ----------
    dip : float
        Hartigan's dip: largest distance to the nearest unimodal distribution function.
    p_value : float
        Chance of a larger dip among as many uniform values, the unimodal law hardest to tell; two groups if small.
    coefficient : float
        (skewness^2 + 1) / kurtosis, 5/9 for uniform values, 1 for two points.
    split : float
        Value that separates the two groups best (least squares within groups).
    lower_mean, upper_mean : float
    upper_share : float
        Share of the values in the upper group.
    separation : float
        Ashman's D, sqrt(2) |difference of means| / sqrt(sum of variances); above 2 the groups hardly overlap, inf for
        two points.
    """

    dip: float
    p_value: float
    coefficient: float
    split: float
    lower_mean: float
    upper_mean: float
    upper_share: float
    separation: float


def bimodality(values: np.ndarray, *, resamples: int = 999, seed: int) -> Bimodality:
    """Ask whether values fall into two groups, and into which.

    Parameters
    ----------
    values : (n,) float array
        At least 4, finite and not all equal.
    resamples : int
        Uniform samples of the p-value, at least 1; it is at least 1 / (resamples + 1).
    seed : int

    Returns
    -------
    Bimodality

    Raises
    ------
    ValueError
        If the values are too few, not finite or all equal.

    References
    ----------
    Hartigan & Hartigan (1985), doi:10.1214/aos/1176346577 (dip); Ashman, Bird & Zepf (1994), doi:10.1086/117248
    (separation).
    """
    ordered = np.sort(np.asarray(values, float).ravel())
    if ordered.size < 4 or not np.isfinite(ordered).all() or ordered[0] == ordered[-1]:
        raise ValueError(f"values must be at least 4 finite numbers, not all equal, got {ordered.size} numbers")
    number = count("resamples", resamples)
    dip, rng = dip_statistic(ordered), generator(seed, "ergodicity", "dip")
    larger = sum(dip_statistic(np.sort(rng.random(ordered.size))) >= dip for _ in range(number))
    centred = (ordered - ordered.mean()) / ordered.std()
    coefficient = (np.mean(centred**3) ** 2 + 1) / np.mean(centred**4)
    place = _best_split(ordered)
    low, high = ordered[:place], ordered[place:]
    spread = math.sqrt(low.var() + high.var())
    distance = math.sqrt(2) * float(high.mean() - low.mean())
    return Bimodality(
        dip,
        (larger + 1) / (resamples + 1),
        float(coefficient),
        float(low[-1] + high[0]) / 2,
        float(low.mean()),
        float(high.mean()),
        high.size / ordered.size,
        distance / spread if spread > 1e-12 * distance else math.inf,
    )


def dip_statistic(ordered: np.ndarray) -> float:
    """Return Hartigan's dip of a sorted row of finite values.

    The modal interval shrinks to where the convex minorant of the empirical law and its concave majorant are farthest
    apart, until the law deviates more outside it than they do inside.

    Parameters
    ----------
    ordered : (n,) float array
        Increasing.

    Returns
    -------
    float
        Between 1/(2n) and 1/4.
    """
    points, counts = np.unique(ordered, return_counts=True)
    above = np.cumsum(counts) / ordered.size
    below = above - counts / ordered.size
    left, right, outside = 0, points.size - 1, 1 / ordered.size
    while right > left:
        part = slice(left, right + 1)
        convex, low_knots = _lower_hull(points[part], below[part])
        mirrored, high_knots = _lower_hull(points[part], -above[part])
        concave = -mirrored
        apart = concave - convex
        low_best = low_knots[int(np.argmax(apart[low_knots]))]
        high_best = high_knots[len(high_knots) - 1 - int(np.argmax(apart[high_knots][::-1]))]
        if apart[high_best] > apart[low_best]:
            new_right, widest = high_best, apart[high_best]
            new_left = low_knots[low_knots <= new_right][-1]
        else:
            new_left, widest = low_best, apart[low_best]
            new_right = high_knots[high_knots >= new_left][0]
        if widest <= outside:
            break
        atom = int(new_left == new_right)  # the mode itself may be an atom
        rises = (above[part] - convex)[: new_left + 1 - atom], (concave - below[part])[new_right + atom :]
        outside = max(outside, *(float(one.max(initial=0.0)) for one in rises))
        if new_left == 0 and new_right == right - left:
            break
        left, right = left + int(new_left), left + int(new_right)
    return outside / 2


def _lower_hull(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the greatest convex minorant of points at every x, and the indices where it touches them."""
    knots: list[int] = []
    heights, places = y.tolist(), x.tolist()
    for k in range(len(places)):
        while len(knots) > 1:
            i, j = knots[-2], knots[-1]
            if (heights[j] - heights[i]) * (places[k] - places[j]) < (heights[k] - heights[j]) * (
                places[j] - places[i]
            ):
                break
            knots.pop()
        knots.append(k)
    touched = np.array(knots)
    return np.interp(x, x[touched], y[touched]), touched


def _best_split(ordered: np.ndarray) -> int:
    """Return the size of the lower group that leaves the least squares within groups."""
    sizes = np.arange(1, ordered.size)
    sums = np.cumsum(ordered)[:-1]
    between = (sums - sizes * ordered.mean()) ** 2 / (sizes * (ordered.size - sizes))
    between[ordered[1:] == ordered[:-1]] = -1
    return int(np.argmax(between)) + 1


def histogram(
    values: np.ndarray, *, bins: int = 40, cdf: Callable[[np.ndarray], np.ndarray] | None = None
) -> Histogram:
    """Count event times (or anything else) in bins and compare with an exact law.

    Parameters
    ----------
    values : (values,) float array
        NaN are left out: runs without the event.
    bins : int
        Of equal width from the smallest to the largest value, at least 1.
    cdf : callable, optional
        Distribution function of the exact law, of arrays.

    Returns
    -------
    Histogram

    Raises
    ------
    ValueError
        If no number is left, one is infinite, or ``bins`` < 1.
    """
    numbers = np.asarray(values, float).ravel()
    numbers = numbers[~np.isnan(numbers)]
    if numbers.size == 0 or not np.isfinite(numbers).all():
        raise ValueError(f"values must hold at least one number, all finite, got {numbers.size} numbers")
    counts, edges = np.histogram(numbers, count("bins", bins))
    if cdf is None:
        return Histogram(edges, counts, None, None, None)
    inner = np.asarray(cdf(edges[1:-1]), float)
    expected = numbers.size * np.diff(np.concatenate([[0.0], inner, [1.0]]))
    chi_square, degrees = _chi_square(counts, expected)
    p_value = float(special.chdtrc(degrees, chi_square)) if degrees > 0 else None
    return Histogram(edges, counts, expected, chi_square, p_value)


def _chi_square(counts: np.ndarray, expected: np.ndarray) -> tuple[float, int]:
    """Return chi square and its degrees of freedom over bins joined until each expects at least 5."""
    groups, pending = [], [0.0, 0.0]
    for have, want in zip(counts.tolist(), expected.tolist(), strict=True):
        pending = [pending[0] + have, pending[1] + want]
        if pending[1] >= 5:
            groups.append(pending)
            pending = [0.0, 0.0]
    if groups:
        groups[-1] = [groups[-1][0] + pending[0], groups[-1][1] + pending[1]]
    return sum((have - want) ** 2 / want for have, want in groups), len(groups) - 1
