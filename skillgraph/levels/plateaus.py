"""Plateaus found, not eyeballed: start, end and height of every flat stretch between two rises."""

from __future__ import annotations

import numpy as np
from scipy import optimize

from skillgraph.records import Record

__all__ = [
    "Plateau",
    "PlateauInterval",
    "find_plateaus",
    "plateau_intervals",
    "single_rise_p_value",
    "theoretical_heights",
]

_NOISE = 3.0  # standard errors of the mean within which a measured curve is flat
_TURNS = 15  # scales at which a single rise may turn from convex to concave


class Plateau(Record):
    """An interval of scale where accuracy is flat between two rises.

    Attributes
    ----------
    start, end : float
        Scale at which the accuracy leaves the band height +- tolerance, interpolated in the logarithm of scale.
    height : float
        Accuracy where the curve is flattest.
    decades : float
        log10(end / start).
    """

    start: float
    end: float
    height: float
    decades: float


class PlateauInterval(Record):
    """A plateau of a measured curve with 95 % intervals of its ends and height over resampled replicates.

    Attributes
    ----------
    plateau : Plateau
        Of the mean curve.
    start, end, height : tuple of float
        (low, high).
    found : float
        Share of resamples in which the plateau was found.
    p_value : float
        Chance that a single smooth rise with the same noise departs as far from a single rise as the curve does.
    """

    plateau: Plateau
    start: tuple[float, float]
    end: tuple[float, float]
    height: tuple[float, float]
    found: float
    p_value: float


def find_plateaus(
    scale: np.ndarray, accuracy: np.ndarray, *, tolerance: float = 0.005, min_decades: float = 0.3
) -> tuple[Plateau, ...]:
    """Find the plateaus of a curve.

    Around every point the widest stretch within +- ``tolerance`` of its accuracy is measured; the widest stretches that
    do not overlap, are at least ``min_decades`` long and lie between two rises (they touch neither end of the curve)
    are plateaus. The curve is made monotone first (pool adjacent violators), so that noise does not end a plateau.

    Parameters
    ----------
    scale : (n,) array
        Increasing, positive: parameters, tokens or compute.
    accuracy : (n,) array
    tolerance : float
        Half height of the band.
    min_decades : float
        Shortest plateau, in factors of ten of scale.

    Returns
    -------
    tuple of Plateau, by increasing scale

    Examples
    --------
    >>> scale = np.geomspace(1.0, 1e6, 61)
    >>> accuracy = 0.5 * (scale > 10) + 0.5 * (scale > 1e4)
    >>> [(round(one.height, 2), round(one.decades, 1)) for one in find_plateaus(scale, accuracy)]
    [(0.5, 2.9)]
    """
    x, y = _checked(scale, accuracy, tolerance, min_decades)
    level = _monotone(y)
    reaches = np.array([_reach(x, level, place, tolerance) for place in range(x.size)])
    length = reaches[:, 1] - reaches[:, 0]
    inner = (reaches[:, 0] > x[0]) & (reaches[:, 1] < x[-1])
    found: list[Plateau] = []
    for place in np.argsort(-length, kind="stable"):
        if length[place] < min_decades:
            break
        if not inner[place] or any(_overlap(reaches[place], one) for one in found):
            continue
        inside = np.flatnonzero((x >= reaches[place, 0]) & (x <= reaches[place, 1]))
        flattest = inside[int(np.argmin(_slope(x, level)[inside]))]
        start, end = _reach(x, level, int(flattest), tolerance)
        if end - start >= min_decades and start > x[0] and end < x[-1]:
            found.append(Plateau(float(10**start), float(10**end), float(level[flattest]), float(end - start)))
    return tuple(sorted(found, key=lambda one: one.start))


def _checked(
    scale: np.ndarray, accuracy: np.ndarray, tolerance: float, min_decades: float
) -> tuple[np.ndarray, np.ndarray]:
    x, y = np.asarray(scale, dtype=float), np.asarray(accuracy, dtype=float)
    if x.ndim != 1 or x.shape != y.shape or x.size < 3:
        raise ValueError(f"scale and accuracy must be rows of the same length, at least 3, got {x.shape} and {y.shape}")
    if not (np.all(np.isfinite(x)) and np.all(np.isfinite(y))) or x[0] <= 0 or np.any(np.diff(x) <= 0):
        raise ValueError("scale must be positive and increasing, and scale and accuracy must be finite")
    if not tolerance > 0 or not min_decades > 0:
        raise ValueError(f"tolerance and min_decades must be positive, got {tolerance} and {min_decades}")
    return np.log10(x), y


def _monotone(values: np.ndarray) -> np.ndarray:
    """Return the closest non-decreasing row (pool adjacent violators)."""
    blocks: list[tuple[float, int]] = []
    for value in values:
        mean, weight = float(value), 1
        while blocks and blocks[-1][0] > mean:
            before, count = blocks.pop()
            mean, weight = (mean * weight + before * count) / (weight + count), weight + count
        blocks.append((mean, weight))
    return np.concatenate([np.full(weight, mean) for mean, weight in blocks])


def _slope(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return np.asarray(np.gradient(y, x))


def _reach(x: np.ndarray, y: np.ndarray, place: int, tolerance: float) -> tuple[float, float]:
    """Return where a monotone curve enters and leaves the band around the value at ``place``."""
    low, high = y[place] - tolerance, y[place] + tolerance
    first = int(np.searchsorted(y, low, side="left"))
    last = int(np.searchsorted(y, high, side="right")) - 1
    start = x[0] if first == 0 else _cross(x, y, first - 1, low)
    end = x[-1] if last == x.size - 1 else _cross(x, y, last, high)
    return float(start), float(end)


def _cross(x: np.ndarray, y: np.ndarray, left: int, value: float) -> float:
    share = (value - y[left]) / (y[left + 1] - y[left])
    return float(x[left] + share * (x[left + 1] - x[left]))


def _overlap(reach: np.ndarray, one: Plateau) -> bool:
    return bool(reach[0] < np.log10(one.end) and reach[1] > np.log10(one.start))


def theoretical_heights(level_weights: np.ndarray, onset: np.ndarray, *, min_decades: float = 0.3) -> np.ndarray:
    """Return the heights of plateaus from the weights alone: cumulative weights where no weight emerges.

    Parameters
    ----------
    level_weights : (levels,) array
        q(l).
    onset : (levels,) array
        Scale at which each level reaches half of its accuracy; infinite for levels that never do.
    min_decades : float
        Gap between the bulks of two groups of levels. The levels of the rarest 1 % of the weight on either side of a
        gap do not count: a plateau is a gap in the bulk.

    Returns
    -------
    (plateaus,) float64 array
        In order of emergence.

    Examples
    --------
    >>> theoretical_heights([0.3, 0.7], [1e3, 1e6]).tolist()
    []
    """
    order = np.argsort(onset, kind="stable")
    position, weight = np.log10(np.asarray(onset, dtype=float)[order]), np.asarray(level_weights, dtype=float)[order]
    total = np.concatenate([[0.0], np.cumsum(weight)])
    heights: list[float] = []
    density = [weight[np.abs(position - p) <= min_decades / 2].sum() if np.isfinite(p) else 0.0 for p in position]
    sparse = np.asarray(density) < 0.01
    edges = np.flatnonzero(np.diff(np.concatenate([[False], sparse, [False]]).astype(int)))
    for first, last in edges.reshape(-1, 2):
        height = float((total[first] + total[last]) / 2)
        if 0.01 < height < 0.99:
            heights.append(height)
    return np.array(heights)


def plateau_intervals(
    scale: np.ndarray,
    replicates: np.ndarray,
    rng: np.random.Generator,
    *,
    tolerance: float = 0.01,
    min_decades: float = 0.3,
    resamples: int = 200,
    significance: float = 0.01,
) -> tuple[PlateauInterval, ...]:
    """Find the plateaus of the mean of measured curves, with intervals.

    A plateau lies between two rises. Noise and few scales make flat stretches in a single smooth rise too; so there are
    plateaus only where a single rise is refuted, see `single_rise_p_value`.

    Parameters
    ----------
    scale : (n,) array
    replicates : (replicates, n) array
        One curve per replicate.
    rng : numpy.random.Generator
        Resamples replicates.
    tolerance, min_decades : float
        See `plateaus`; the tolerance is at least three standard errors of the mean.
    resamples : int
        Of the intervals, and of the test of a single rise where that needs no more.
    significance : float
        Largest p-value at which a single rise counts as refuted.

    Returns
    -------
    tuple of PlateauInterval

    Raises
    ------
    ValueError
        If there is one curve only, or ``significance`` does not lie in (0, 1].

    Examples
    --------
    >>> from skillgraph.seeding import generator
    >>> scale, rng = np.geomspace(1.0, 1e6, 31), generator(1, 'plateaus')
    >>> truth = 0.5 / (1 + scale**-2 * 1e2) + 0.5 / (1 + scale**-2 * 1e8)
    >>> curves = truth + 0.02 * rng.normal(size=(8, 31))
    >>> [round(one.plateau.height, 2) for one in plateau_intervals(scale, curves, rng, resamples=20, significance=0.05)]
    [0.51, 0.55]
    """
    if not 0 < significance <= 1:
        raise ValueError(f"significance must lie in (0, 1], got {significance:g}")
    curves = np.asarray(replicates, dtype=float)
    if curves.ndim != 2 or curves.shape[0] < 2:
        raise ValueError(f"replicates must be at least 2 curves in rows, got shape {curves.shape}")
    error = float(np.median(curves.std(axis=0, ddof=1))) / np.sqrt(len(curves))
    options = {"tolerance": max(tolerance, _NOISE * error), "min_decades": min_decades}
    best = find_plateaus(scale, curves.mean(axis=0), **options)
    if not best:
        return ()
    p_value = single_rise_p_value(scale, curves, rng, resamples=max(resamples, round(1 / significance)))
    if p_value > significance:
        return ()
    draws = [
        find_plateaus(scale, curves[rng.integers(0, len(curves), len(curves))].mean(axis=0), **options)
        for _ in range(resamples)
    ]
    return tuple(_interval(one, draws, p_value) for one in best)


def _interval(best: Plateau, draws: list[tuple[Plateau, ...]], p_value: float) -> PlateauInterval:
    """Match each resample's plateau that overlaps the best one most and take quantiles."""
    matched = []
    for draw in draws:
        shared = [min(one.end, best.end) / max(one.start, best.start) for one in draw]
        if shared and max(shared) > 1:
            matched.append(draw[int(np.argmax(shared))])

    def spread(values: list[float]) -> tuple[float, float]:
        low, high = np.quantile(values, [0.025, 0.975]) if values else (np.nan, np.nan)
        return float(low), float(high)

    return PlateauInterval(
        best,
        spread([one.start for one in matched]),
        spread([one.end for one in matched]),
        spread([one.height for one in matched]),
        len(matched) / len(draws),
        p_value,
    )


def single_rise_p_value(
    scale: np.ndarray, replicates: np.ndarray, rng: np.random.Generator, *, resamples: int = 200
) -> float:
    """Return how likely a single smooth rise departs as far from every single rise as the mean of measured curves does.

    A single rise is convex up to some scale and concave from there on (any sigmoid in the logarithm of scale, sharp or
    gentle). The closest one in the errors of the means is the null curve; the statistic is its squared distance, and
    its law is that of null curves with noise of the same size.

    Parameters
    ----------
    scale : (n,) array
        Increasing and positive.
    replicates : (replicates, n) array
        At least 2 curves.
    rng : numpy.random.Generator
    resamples : int

    Returns
    -------
    float
        At least 1 / (resamples + 1).

    References
    ----------
    Feng, Chen, Han, Carroll & Samworth (2022), doi:10.1111/rssb.12531 (S-shaped regression).
    """
    x, curves = np.log10(np.asarray(scale, dtype=float)), np.asarray(replicates, dtype=float)
    error = curves.std(axis=0, ddof=1) / np.sqrt(len(curves))
    error = np.maximum(error, max(float(np.median(error)) / 10, 1e-9))
    bases = [_single_rise(x, int(turn)) for turn in np.unique(np.linspace(0, x.size - 1, _TURNS).astype(int))]
    null, distance = _closest(bases, curves.mean(axis=0), error)
    farther = sum(
        _closest(bases, null + error * rng.normal(size=x.size), error)[1] >= distance for _ in range(resamples)
    )
    return (farther + 1) / (resamples + 1)


def _single_rise(x: np.ndarray, turn: int) -> np.ndarray:
    """Basis of the rows that rise convexly up to a point and concavely from there on: a level, and rises."""
    before = [np.minimum(np.maximum(x - start, 0.0), x[turn] - start) for start in x[:turn]]
    after = [np.minimum(np.maximum(x - x[turn], 0.0), end - x[turn]) for end in x[turn + 1 :]]
    return np.column_stack([np.ones(x.size), -np.ones(x.size), *before, *after])


def _closest(bases: list[np.ndarray], y: np.ndarray, error: np.ndarray) -> tuple[np.ndarray, float]:
    """Return the single rise that is closest to a row in units of its errors, and its squared distance."""
    fits = [optimize.nnls(basis / error[:, None], y / error, maxiter=50 * y.size) for basis in bases]
    best = int(np.argmin([misfit for _, misfit in fits]))
    return bases[best] @ fits[best][0], float(fits[best][1] ** 2)
