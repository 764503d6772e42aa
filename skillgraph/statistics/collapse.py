"""Data collapse: curves of different sizes that fall on one when scaled, and the exponents that make them.

Near a critical point a quantity y of a system of size L obeys

    y(x, L) = L^b f( L^a (x - x_c - s L^-w) ),

a = 1/nu, b the exponent of the quantity, and s L^-w an optional shift of the pseudo-critical point (w known). For the
waterfall of learning y = P_fail, a = 1/2, b = 0, w = 2/3 and f is the normal tail; for a giant component x counts
texts, a = 1/3 and b = -1/3.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from scipy import optimize

from skillgraph.records import Record

__all__ = [
    "Collapse",
    "CurveCrossing",
    "PseudoCritical",
    "collapse",
    "crossings",
    "peak_positions",
    "pseudo_critical",
    "quality",
    "scaled",
]

Curves = Sequence[np.ndarray]
_NAMES = ("critical", "a", "b", "shift")


class Collapse(Record):
    """Best collapse of a set of curves.

    Attributes
    ----------
    critical, a, b, shift : float
        x_c, 1/nu, exponent of the quantity, and s.
    standard_error : dict
        Standard deviation of each fitted parameter over resampled replicates; parameters held fixed are missing.
    quality : float
        Mean squared distance from the master curve in units of its error; about 1 for a good collapse.
    """

    critical: float
    a: float
    b: float
    shift: float
    standard_error: dict[str, float]
    quality: float


class CurveCrossing(Record):
    """Where the scaled curves of two sizes cross."""

    smaller: float
    larger: float
    x: float


class PseudoCritical(Record):
    """Limit of pseudo-critical points x_L = critical + amplitude L^-a.

    Attributes
    ----------
    critical, amplitude, a : float
    critical_standard_error, a_standard_error : float
        Standard errors of the fit; NaN with as many sizes as parameters, and for a fixed ``a``.
    """

    critical: float
    amplitude: float
    a: float
    critical_standard_error: float
    a_standard_error: float


def scaled(
    sizes: Sequence[float],
    x: Curves,
    y: Curves,
    *,
    critical: float,
    a: float,
    b: float = 0.0,
    shift: float = 0.0,
    w: float = 2 / 3,
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Return the scaled curves L^a (x - x_c - s L^-w) and L^-b y, one array per size.

    Parameters
    ----------
    sizes : sequence of float
        L.
    x, y : sequences of (points,) arrays
        One curve per size.
    critical, a, b, shift, w : float
    """
    across = [
        size**a * (np.asarray(one, float) - critical - shift * size**-w) for size, one in zip(sizes, x, strict=True)
    ]
    return across, [size**-b * np.asarray(one, float) for size, one in zip(sizes, y, strict=True)]


def quality(x: Curves, y: Curves, errors: Curves) -> float:
    """Return how well scaled curves fall on one: mean squared distance from a master curve over its variance.

    For every point the master curve is the weighted straight line through the neighbours of the point on every other
    curve; points that no other curve surrounds do not count.

    Parameters
    ----------
    x, y, errors : sequences of (points,) arrays
        Scaled curves, x increasing, errors positive; one per size.

    References
    ----------
    Houdayer & Hartmann (2004), doi:10.1103/PhysRevB.70.014418, equation A1; Melchert (2009), arXiv:0910.5403.
    """
    total, count = 0.0, 0
    for place in range(len(x)):
        sums = np.zeros((5, x[place].size))
        for other in range(len(x)):
            if other != place:
                sums += _neighbours(x[place], x[other], y[other], errors[other])
        weight, wx, wy, wxx, wxy = sums
        spread = weight * wxx - wx**2
        usable = spread > 1e-12 * np.maximum(weight * wxx, 1e-300)
        if not np.any(usable):
            continue
        at = x[place][usable]
        weight, wx, wy, wxx, wxy, spread = (one[usable] for one in (weight, wx, wy, wxx, wxy, spread))
        master = (wxx * wy - wx * wxy) / spread + at * (weight * wxy - wx * wy) / spread
        variance = (wxx - 2 * at * wx + at**2 * weight) / spread
        distance = (y[place][usable] - master) ** 2 / (errors[place][usable] ** 2 + variance)
        total, count = total + float(distance.sum()), count + distance.size
    return total / count if count else np.inf


def _neighbours(at: np.ndarray, x: np.ndarray, y: np.ndarray, errors: np.ndarray) -> np.ndarray:
    """Sums of 1, x, y, x^2, x y with weights 1/error^2 over the two points of a curve that surround each abscissa."""
    right = np.searchsorted(x, at, side="right")
    inside = (right > 0) & (right < x.size)
    right = np.clip(right, 1, x.size - 1)
    sums = np.zeros((5, at.size))
    for point in (right - 1, right):
        weight = np.where(inside, 1 / errors[point] ** 2, 0.0)
        sums += weight * np.array([np.ones(at.size), x[point], y[point], x[point] ** 2, x[point] * y[point]])
    return sums


def collapse(
    sizes: Sequence[float],
    x: Curves,
    replicates: Curves,
    *,
    start: dict[str, float],
    fixed: Sequence[str] = (),
    w: float = 2 / 3,
    window: float | None = None,
    resamples: int = 50,
    rng: np.random.Generator,
) -> Collapse:
    """Find the parameters that collapse simulated curves best, with bootstrap errors.

    Parameters
    ----------
    sizes : sequence of float
        At least 2 different sizes, positive.
    x : sequence of (points,) arrays
        Increasing abscissae of each size.
    replicates : sequence of (replicates, points) arrays
        Measured values; errors come from their scatter.
    start : dict
        Starting values of ``critical``, ``a`` and, if wanted, ``b`` and ``shift`` (0 otherwise, and then held fixed).
    fixed : sequence of str
        Parameters held at their starting values.
    w : float
        Exponent of the shift.
    window : float, optional
        Only scaled abscissae within +- window of the critical point count.
    resamples : int
        Bootstrap samples: replicates of every size are drawn with replacement and fitted again.
    rng : numpy.random.Generator

    Returns
    -------
    Collapse
    """
    values = {name: float(start.get(name, 0.0)) for name in _NAMES}
    free = [name for name in _NAMES if name in start and name not in fixed]
    lengths = _checked(sizes, x, replicates, start, free)
    table = [np.asarray(one, dtype=float) for one in replicates]
    grids = [np.asarray(one, dtype=float) for one in x]

    def fit(samples: list[np.ndarray], begin: dict[str, float], tries: int) -> tuple[dict[str, float], float]:
        means, errors = zip(*(_mean_and_error(one) for one in samples), strict=True)

        def cost(point: np.ndarray) -> float:
            here = begin | dict(zip(free, point, strict=True))
            return _cost(lengths, grids, means, errors, here, w, window)

        found = optimize.minimize(
            cost,
            [begin[name] for name in free],
            method="Nelder-Mead",
            options={"xatol": 1e-6, "fatol": 1e-6, "maxiter": tries, "initial_simplex": _simplex(begin, free, grids)},
        )
        return begin | dict(zip(free, (float(v) for v in found.x), strict=True)), float(found.fun)

    best, score = fit(table, values, 600)
    best, score = fit(table, best, 200)
    draws = []
    for _ in range(resamples):
        samples = [one[rng.integers(0, len(one), len(one))] for one in table]
        draws.append([fit(samples, best, 60 * len(free))[0][name] for name in free])
    spread = np.std(np.array(draws), axis=0, ddof=1) if resamples > 1 else np.full(len(free), np.nan)
    errors = {name: float(value) for name, value in zip(free, spread, strict=True)}
    return Collapse(best["critical"], best["a"], best["b"], best["shift"], errors, score)


def _checked(
    sizes: Sequence[float], x: Curves, replicates: Curves, start: dict[str, float], free: list[str]
) -> list[float]:
    lengths = [float(size) for size in sizes]
    if len(set(lengths)) < 2 or min(lengths) <= 0:
        raise ValueError(f"sizes must be at least 2 different positive numbers, got {lengths}")
    if not len(lengths) == len(x) == len(replicates):
        raise ValueError(f"one curve per size is needed, got {len(lengths)} sizes, {len(x)} x and {len(replicates)} y")
    for one, values in zip(x, replicates, strict=True):
        if np.ndim(values) != 2 or np.shape(values)[1] != np.size(one) or np.shape(values)[0] < 2:
            raise ValueError(
                f"replicates must be (replicates >= 2, points), got {np.shape(values)} for {np.size(one)} x"
            )
        if np.any(np.diff(one) <= 0) or not np.all(np.isfinite(values)):
            raise ValueError("x must increase from point to point and values must be finite")
    if "critical" not in start or "a" not in start:
        raise ValueError(f'start must name "critical" and "a", got {sorted(start)}')
    unknown = set(start) - set(_NAMES)
    if unknown or not free:
        raise ValueError(f"start may name {', '.join(_NAMES)}, at least one of them free, got {sorted(start)}")
    return lengths


def _mean_and_error(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean over replicates and its error; where all replicates agree, the least error that is seen elsewhere.

    Replicates that say yes or no can agree by chance: there the error is that which a single odd replicate would make.
    """
    count, error = values.shape[0], values.std(axis=0, ddof=1) / np.sqrt(values.shape[0])
    scale = float(np.ptp(values)) or 1.0
    seen = error[error > 1e-12 * scale]
    two_valued = np.all((values == values.min()) | (values == values.max()))
    floor = scale / count if two_valued or seen.size == 0 else float(seen.min())
    return values.mean(axis=0), np.maximum(error, floor)


def _cost(
    sizes: Sequence[float],
    grids: Curves,
    means: Curves,
    errors: Curves,
    here: dict[str, float],
    w: float,
    window: float | None,
) -> float:
    across, up = scaled(sizes, grids, means, **here, w=w)
    scaled_errors = [size ** -here["b"] * one for size, one in zip(sizes, errors, strict=True)]
    if window is not None:
        kept = [np.abs(one) <= window for one in across]
        across, up, scaled_errors = (
            [one[keep] for one, keep in zip(curves, kept, strict=True)] for curves in (across, up, scaled_errors)
        )
        if min(one.size for one in across) < 2:
            return 1e12
    return min(quality(across, up, scaled_errors), 1e12)


def _simplex(values: dict[str, float], free: list[str], grids: Curves) -> np.ndarray:
    """Starting simplex: steps of 2 % of the range of x for positions, 0.05 for exponents, 10 % for the shift."""
    width = float(np.median([np.ptp(one) for one in grids]))
    steps = {"critical": 0.02 * width, "a": 0.05, "b": 0.05, "shift": max(0.1 * abs(values["shift"]), 0.1 * width)}
    base = np.array([values[name] for name in free])
    return np.array([base, *(base + steps[name] * np.eye(len(free))[place] for place, name in enumerate(free))])


def crossings(sizes: Sequence[float], x: Curves, y: Curves, *, b: float = 0.0) -> tuple[CurveCrossing, ...]:
    """Return where L^-b y of neighbouring sizes cross; crossings approach x_c as sizes grow.

    Parameters
    ----------
    sizes : sequence of float
    x, y : sequences of (points,) arrays
    b : float
        Exponent of the quantity.
    """
    order = np.argsort(sizes)
    found = []
    for small, large in pairwise(order):
        low = max(np.min(x[small]), np.min(x[large]))
        high = min(np.max(x[small]), np.max(x[large]))
        grid = np.unique(np.concatenate([x[small], x[large]]))
        grid = grid[(grid >= low) & (grid <= high)]
        first = sizes[small] ** -b * np.interp(grid, x[small], y[small])
        second = sizes[large] ** -b * np.interp(grid, x[large], y[large])
        gap = first - second
        for place in np.flatnonzero(gap[:-1] * gap[1:] < 0):
            share = gap[place] / (gap[place] - gap[place + 1])
            at = float(grid[place] + share * (grid[place + 1] - grid[place]))
            found.append(CurveCrossing(float(sizes[small]), float(sizes[large]), at))
    return tuple(found)


def peak_positions(x: Curves, y: Curves) -> np.ndarray:
    """Return the abscissa of each curve's maximum, refined by the parabola through its top three points."""
    peaks = []
    for across, up in zip(x, y, strict=True):
        place = int(np.clip(np.argmax(up), 1, np.size(up) - 2))
        three = slice(place - 1, place + 2)
        curve = np.polyfit(np.asarray(across[three]) - across[place], up[three], 2)
        moved = -curve[1] / (2 * curve[0]) if curve[0] < 0 else 0.0
        peaks.append(
            float(across[place] + np.clip(moved, across[place - 1] - across[place], across[place + 1] - across[place]))
        )
    return np.array(peaks)


def pseudo_critical(sizes: Sequence[float], positions: Sequence[float], *, a: float | None = None) -> PseudoCritical:
    """Extrapolate pseudo-critical points x_L = x_c + amplitude L^-a to infinite size.

    Parameters
    ----------
    sizes, positions : sequences of float
        At least 2 of them for a known ``a``, 3 otherwise.
    a : float, optional
        Exponent, if known; fitted otherwise.
    """
    lengths, places = np.asarray(sizes, dtype=float), np.asarray(positions, dtype=float)
    needed = 3 if a is None else 2
    if lengths.size < needed or lengths.shape != places.shape:
        raise ValueError(f"pseudo-critical points of at least {needed} sizes are needed, got {lengths.size}")

    def straight(power: float) -> tuple[np.ndarray, np.ndarray, float]:
        design = np.stack([np.ones(lengths.size), lengths**-power], axis=1)
        fit, *_ = np.linalg.lstsq(design, places, rcond=None)
        return fit, design, float(np.sum((design @ fit - places) ** 2))

    power = a
    if power is None:
        found = optimize.minimize_scalar(lambda p: straight(p)[2], bounds=(0.02, 3.0), method="bounded")
        power = float(found.x)
    fit, design, residual = straight(power)
    spare = lengths.size - needed
    if spare == 0:
        return PseudoCritical(float(fit[0]), float(fit[1]), power, np.nan, np.nan)
    full = design if a is not None else np.column_stack([design, -fit[1] * lengths**-power * np.log(lengths)])
    covariance = np.linalg.pinv(full.T @ full) * residual / spare
    error = float(np.sqrt(covariance[0, 0]))
    return PseudoCritical(
        float(fit[0]), float(fit[1]), power, error, np.nan if a is not None else float(np.sqrt(covariance[2, 2]))
    )
