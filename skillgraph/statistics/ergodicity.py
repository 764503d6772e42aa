"""One run or the average of runs? Diagnostics for any set of runs.

A process is ergodic if the time average of one long run is the average over runs. Measured here: both averages with
intervals and what separates them, growth of the average against average growth, overlap of the final sets of runs,
bimodality of final values, histograms of event times beside an exact law, and the transitions of a trajectory.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from scipy import interpolate, optimize, special

from skillgraph.checks import count
from skillgraph.records import Record
from skillgraph.seeding import generator
from skillgraph.statistics.outcome_shapes import Bimodality, Histogram, bimodality, histogram

__all__ = [
    "Averages",
    "Bimodality",
    "GrowthGap",
    "Histogram",
    "Overlap",
    "Transitions",
    "averages",
    "bimodality",
    "growth_gap",
    "histogram",
    "jaccard_overlap",
    "transitions",
]

_SHORT = 16  # values below which a curve cannot be told from steps
_RESAMPLES = 999


class Averages(Record):
    """Average over runs at each time, and over time in each run.

    Attributes
    ----------
    ensemble : (times,) float64 array
    ensemble_interval : (2, times) float64 array
    time : (runs,) float64 array
        Average of each run over the window.
    time_interval : (2,) float64 array
        Central share ``level`` of the time averages: what a single run may show.
    window_average : float
        Average over runs and window.
    gap : float
        Ergodicity gap, Var(time averages) / Var(all values of the window), in [0, 1]: 0 if every run visits what the
        ensemble shows, 1 if every run is stuck with its own value. Sampling noise alone makes about the correlation
        time over the window.
    gap_interval : (2,) float64 array
        By bootstrap over runs.
    level : float
    """

    ensemble: np.ndarray
    ensemble_interval: np.ndarray
    time: np.ndarray
    time_interval: np.ndarray
    window_average: float
    gap: float
    gap_interval: np.ndarray
    level: float


class GrowthGap(Record):
    """Growth of the average against average growth, per unit of time.

    Attributes
    ----------
    of_average : float
        ln(average end / average start) / duration.
    average : float
        Average over runs of ln(end / start) / duration: what a typical run grows by.
    gap : float
        ``of_average - average``, at least 0 if all runs start alike.
    interval : (2,) float64 array
        Of the gap, by bootstrap over runs.
    """

    of_average: float
    average: float
    gap: float
    interval: np.ndarray


class Overlap(Record):
    """Jaccard overlap |A and B| / |A or B| of sets; 1 for two empty ones.

    Attributes
    ----------
    pairs : (sets * (sets - 1) / 2,) float64 array
    mean : float
    standard_error : float
        By jackknife over sets, since pairs share sets; NaN for two sets.
    by_chance : float
        p / (2 - p), what large random sets with the mean share p of all elements would show.
    """

    pairs: np.ndarray
    mean: float
    standard_error: float
    by_chance: float


class Transitions(Record):
    """A trajectory as a few levels with sudden changes between them.

    Attributes
    ----------
    positions : (changes,) int64 array
        Index of the first value of each new level.
    levels : (changes + 1,) float64 array
        Mean of the values of each level.
    noise : float
        Standard deviation around the levels that was assumed.
    """

    positions: np.ndarray
    levels: np.ndarray
    noise: float


def averages(runs: np.ndarray, *, level: float = 0.95, burn_in: int = 0, seed: int) -> Averages:
    """Compare the average over runs with the average over time.

    Parameters
    ----------
    runs : (runs, times) float array
        At least two runs at the same, evenly spaced times, all finite.
    level : float
        Of the intervals, in (0, 1).
    burn_in : int
        Times left out of the window at the beginning.
    seed : int
        Of the bootstrap.

    Returns
    -------
    Averages

    Raises
    ------
    ValueError
        If the runs are not such an array, ``level`` is outside (0, 1) or ``burn_in`` leaves no time.

    References
    ----------
    Thirumalai, Mountain & Kirkpatrick (1989), doi:10.1103/PhysRevA.39.3563 (ergodic measure); He, Burov, Metzler &
    Barkai (2008), doi:10.1103/PhysRevLett.101.058101 (spread of time averages).
    """
    values, tail = _runs(runs), _tail(level)
    start = count("burn_in", burn_in, least=0, largest=values.shape[1] - 1)
    window = values[:, start:]
    mean = values.mean(axis=0)
    band = special.stdtrit(len(values) - 1, 1 - tail) * values.std(axis=0, ddof=1) / math.sqrt(len(values))
    time = window.mean(axis=1)
    squares = np.mean(window**2, axis=1)

    def gap(picked: np.ndarray) -> float:
        whole = squares[picked].mean() - time[picked].mean() ** 2
        return float(np.clip(time[picked].var() / whole, 0, 1)) if whole > 1e-14 * squares[picked].mean() else 0.0

    interval = _bootstrap(gap, len(values), tail, seed)
    central = np.quantile(time, [tail, 1 - tail])
    everything = np.arange(len(values))
    bands = np.stack([mean - band, mean + band])
    return Averages(mean, bands, time, central, float(window.mean()), gap(everything), interval, level)


def growth_gap(runs: np.ndarray, *, duration: float = 1.0, level: float = 0.95, seed: int) -> GrowthGap:
    """Compare the growth of the average with the average growth.

    Parameters
    ----------
    runs : (runs, times) float array
        Positive; only the first and last time count.
    duration : float
        Time between them, positive.
    level : float
        Of the interval, in (0, 1).
    seed : int
        Of the bootstrap.

    Returns
    -------
    GrowthGap

    Raises
    ------
    ValueError
        If the runs are fewer than two, not finite or not positive, or another argument is out of range.

    References
    ----------
    Peters (2019), doi:10.1038/s41567-019-0732-0.
    """
    values, tail = _runs(runs), _tail(level)
    if not values.min() > 0:
        raise ValueError(f"runs must be positive to have a growth rate, got {values.min():g}")
    if not 0 < duration < math.inf:
        raise ValueError(f"duration must be positive, got {duration:g}")
    first, last = values[:, 0], values[:, -1]

    def rates(picked: np.ndarray) -> tuple[float, float]:
        whole = math.log(last[picked].mean() / first[picked].mean())
        return whole / duration, float(np.log(last[picked] / first[picked]).mean()) / duration

    def gap(picked: np.ndarray) -> float:
        return rates(picked)[0] - rates(picked)[1]

    everything = np.arange(len(values))
    return GrowthGap(*rates(everything), gap(everything), _bootstrap(gap, len(values), tail, seed))


def jaccard_overlap(sets: np.ndarray) -> Overlap:
    """Return the Jaccard overlap of all pairs of sets.

    Parameters
    ----------
    sets : (sets, elements) bool array
        At least two sets.

    Returns
    -------
    Overlap

    Raises
    ------
    ValueError
        If it is no such array.
    """
    mask = np.asarray(sets)
    if mask.dtype != np.bool_ or mask.ndim != 2 or len(mask) < 2:
        raise ValueError(f"sets must be a bool array of at least 2 rows, got {mask.dtype} of shape {mask.shape}")
    wide = mask.astype(np.float64)
    common, sizes = wide @ wide.T, wide.sum(axis=1)
    union = sizes[:, None] + sizes - common
    overlap = np.where(union > 0, common / np.maximum(union, 1), 1.0)
    number = len(mask)
    pairs = overlap[np.triu_indices(number, 1)]
    error = math.nan
    if number > 2:
        without = (pairs.sum() - (overlap.sum(axis=1) - 1)) / ((number - 1) * (number - 2) / 2)
        error = math.sqrt((number - 1) * float(without.var()))
    share = float(mask.mean()) if mask.size else 0.0
    return Overlap(pairs, float(pairs.mean()), error, share / (2 - share))


def transitions(series: np.ndarray, *, penalty: float = 3.0, noise: float | None = None) -> Transitions:
    """Find the sudden changes of a trajectory: the levels that fit best at a price per change.

    Minimises sum (x - level)^2 / noise^2 + penalty x 2 ln(n) x changes exactly, by dynamic programming in O(n^2). A
    smooth curve can be cut into many small steps too, so the steps must beat a smooth alternative at the same price per
    parameter: cubic splines of up to n/8 knots and a sigmoid. Where one is cheaper there is no sudden change (series of
    at least 16 values).

    Parameters
    ----------
    series : (n,) float array
        Finite, at least 2 values and at most 20,000.
    penalty : float
        Price of a change in units of 2 ln n; at 3 white noise shows a change in fewer than one of 10^3 series of 200
        values or more. Correlated noise shows more.
    noise : float, optional
        Standard deviation around the levels; estimated from successive differences (median, robust against
        the changes themselves) if omitted, and at least 1e-4 of the range.

    Returns
    -------
    Transitions

    Raises
    ------
    ValueError
        If the series is too short, too long or not finite, or another argument not positive.

    References
    ----------
    Yao (1988), doi:10.1016/0167-7152(88)90118-6; Jackson et al. (2005), doi:10.1109/LSP.2001.838216.
    """
    values = np.asarray(series, float)
    if values.ndim != 1 or not 2 <= values.size <= 20_000 or not np.isfinite(values).all():
        raise ValueError(f"series must be a row of 2 to 20000 finite numbers, got shape {values.shape}")
    if not penalty > 0 or (noise is not None and not noise > 0):
        raise ValueError(f"penalty and noise must be positive, got {penalty} and {noise}")
    spread = float(np.median(np.abs(np.diff(values)))) / (0.6744897501960817 * math.sqrt(2))
    sigma = max(spread, 1e-4 * float(np.ptp(values))) if noise is None else noise
    if np.ptp(values) == 0:
        return Transitions(np.empty(0, np.int64), values[:1].copy(), sigma)
    scaled, price = (values - values.mean()) / sigma, penalty * math.log(values.size)
    starts = _best_partition(scaled, 2 * price)
    long = values.size >= _SHORT and starts.size > 0
    if long and _smooth_cost(scaled, starts, price) < _cost_of_steps(scaled, starts, price):
        starts = starts[:0]
    levels = np.array([part.mean() for part in np.split(values, starts)])
    return Transitions(starts, levels, sigma)


def _best_partition(values: np.ndarray, price: float) -> np.ndarray:
    """Return the first indices of the second and later segments of the cheapest partition."""
    sums, squares = (np.concatenate([[0.0], np.cumsum(v)]) for v in (values, values**2))
    best, last = np.empty(values.size + 1), np.zeros(values.size + 1, np.int64)
    best[0] = -price
    for end in range(1, values.size + 1):
        lengths = np.arange(end, 0, -1)
        costs = squares[end] - squares[:end] - (sums[end] - sums[:end]) ** 2 / lengths + best[:end] + price
        last[end] = np.argmin(costs)
        best[end] = costs[last[end]]
    starts, place = [], int(last[values.size])
    while place > 0:
        starts.append(place)
        place = int(last[place])
    return np.array(starts[::-1], np.int64)


def _cost_of_steps(values: np.ndarray, starts: np.ndarray, price: float) -> float:
    """Squared distance from the levels and the price of a level and a place per change."""
    misfit = sum(float(((part - part.mean()) ** 2).sum()) for part in np.split(values, starts))
    return misfit + price * (1 + 2 * starts.size)


def _smooth_cost(values: np.ndarray, starts: np.ndarray, price: float) -> float:
    """Least squared distance from a smooth curve, and the price of its coefficients.

    Cubic splines whose knots stand evenly or as dense as the steps do, and one sigmoid, which no spline follows where
    it is steep.
    """
    place, costs, knots = np.linspace(-1, 1, values.size), [_sigmoid_misfit(values) + 4 * price], 0
    while knots <= values.size // 8:
        shares = np.linspace(0, 1, knots + 2)[1:-1]
        for inner in (2 * shares - 1, np.unique(np.quantile(place[starts], shares)) if starts.size > knots else None):
            if inner is not None:
                costs.append(_spline_misfit(place, values, inner) + price * (4 + inner.size))
        knots = 2 * knots + 1
    return min(costs)


def _spline_misfit(place: np.ndarray, values: np.ndarray, knots: np.ndarray) -> float:
    try:
        spline = interpolate.make_lsq_spline(place, values, np.r_[[-1.0] * 4, knots, [1.0] * 4])
    except (ValueError, np.linalg.LinAlgError):  # knots denser than values
        return math.inf
    return float(((values - spline(place)) ** 2).sum())


def _sigmoid_misfit(values: np.ndarray) -> float:
    """Least squared distance from low + (high - low) / (1 + exp(-(t - middle) / width)), width at least a step."""
    time, low, high = np.arange(values.size, dtype=float), float(values[0]), float(values[-1])
    middle = float(np.argmin(np.abs(values - (low + high) / 2)))

    def miss(point: np.ndarray) -> np.ndarray:
        return point[0] + (point[1] - point[0]) * special.expit((time - point[2]) / np.exp(point[3])) - values

    widths = np.log([1.0, values.size / 30, values.size / 8])
    bounds = [-np.inf, -np.inf, -values.size, 0.0], [np.inf, np.inf, 2 * values.size, np.log(4 * values.size)]
    fits = (optimize.least_squares(miss, [low, high, middle, width + 1e-9], bounds=bounds) for width in widths)
    return min(2 * float(fit.cost) for fit in fits)


def _bootstrap(statistic: Callable[[np.ndarray], float], number: int, tail: float, seed: int) -> np.ndarray:
    """Return the central interval of a statistic of resampled runs."""
    rng = generator(seed, "ergodicity", "bootstrap")
    drawn = [statistic(rng.integers(0, number, number)) for _ in range(_RESAMPLES)]
    interval: np.ndarray = np.quantile(drawn, [tail, 1 - tail])
    return interval


def _runs(runs: np.ndarray) -> np.ndarray:
    values = np.asarray(runs, float)
    if values.ndim != 2 or values.shape[0] < 2 or values.shape[1] < 1:
        raise ValueError(f"runs must be an array of at least 2 runs by 1 time, got shape {values.shape}")
    if not np.isfinite(values).all():
        raise ValueError("runs must be finite: cut them before they explode, or cap them")
    return values


def _tail(level: float) -> float:
    if not 0 < level < 1:
        raise ValueError(f"level must lie in (0, 1), got {level:g}")
    return (1 - level) / 2
