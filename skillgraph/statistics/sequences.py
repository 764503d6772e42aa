"""Where a sequence is going: its rate class first, then the extrapolation that fits the class.

A sequence x_0, x_1, ... converges *geometrically* (errors shrink by a factor), *superlinearly* (the factor itself goes
to 0: quadratic convergence), *algebraically* (like k^(-p)), or shows neither. Aitken and Wynn fit the first, Richardson
the third; applied to the wrong class they are confidently wrong. Noise in the values forbids extrapolation altogether
once it is as large as the differences that carry the information.
"""

from __future__ import annotations

import numpy as np
from scipy import optimize

from skillgraph.records import Record

__all__ = [
    "Extrapolation",
    "RateClass",
    "aitken",
    "bounded_geometric_fit",
    "extrapolate",
    "rate_class",
    "richardson",
    "wynn_epsilon",
]

_STEADY = 0.1  # relative spread below which an indicator counts as constant
_SIGNAL = 3.0  # standard errors by which a difference must exceed its noise
_ROUNDING = 1e-13


class RateClass(Record):
    """How a sequence converges.

    Attributes
    ----------
    kind : {"settled", "geometric", "superlinear", "algebraic", "neither"}
    value : float or None
        Factor per term (geometric), exponent p of k^(-p) (algebraic).
    reason : str
        What was seen.
    """

    kind: str
    value: float | None
    reason: str


class Extrapolation(Record):
    """Limit of a sequence.

    Attributes
    ----------
    value : float or None
        None where no limit can be given; ``reason`` says why.
    interval : (low, high) or None
        Method error and, with standard errors, 1.96 of them.
    method : str
        "last value", "aitken", "wynn", "richardson", "bounded geometric fit" or "none".
    rate : RateClass
    reason : str
    """

    value: float | None
    interval: tuple[float, float] | None
    method: str
    rate: RateClass
    reason: str

    @property
    def half_width(self) -> float:
        """Half the interval; infinite without a value."""
        if self.interval is None:
            return float("inf")
        return (self.interval[1] - self.interval[0]) / 2


def rate_class(values: np.ndarray, places: np.ndarray | None = None) -> RateClass:
    """Tell how a sequence converges from the ratios of its differences.

    With d_k = |x_(k+1) - x_k| the ratio r_k = d_(k+1)/d_k is constant below 1 for geometric sequences, falls towards 0
    for superlinear ones, and k (1 - r_k) tends to p + 1 for x_k - x ~ k^(-p).

    Parameters
    ----------
    values : (n,) array
        At least 6 terms.
    places : (n,) array, optional
        The k of each term, evenly spaced; 0, 1, ... if omitted.
    """
    x = _checked(values)
    k = np.arange(x.size, dtype=float) if places is None else np.asarray(places, dtype=float)
    differences = np.abs(np.diff(x))
    scale = max(1.0, float(np.max(np.abs(x))))
    if np.all(differences[-2:] <= _ROUNDING * scale):
        return RateClass("settled", None, "the last differences are rounding errors")
    start, end = _last_run(differences > _ROUNDING * scale)
    differences, k = differences[start:end], k[start : end + 1]
    half = differences[differences.size // 2 :] if differences.size >= 8 else differences[-4:]
    if half.size < 3:
        return RateClass("neither", None, "too few differences above rounding")
    ratios = half[1:] / half[:-1]
    middle = k[differences.size - half.size + 1 : differences.size]
    return _judged(ratios, middle)


def _last_run(moving: np.ndarray) -> tuple[int, int]:
    """Return where the last stretch of differences above rounding starts and ends."""
    end = int(np.flatnonzero(moving)[-1]) + 1
    still = np.flatnonzero(~moving[:end])
    return (int(still[-1]) + 1 if still.size else 0), end


def _judged(ratios: np.ndarray, k: np.ndarray) -> RateClass:
    last = float(ratios[-1])
    if np.any(ratios >= 1) and last >= 1 - 1e-9:
        return RateClass("neither", None, f"differences do not shrink: last ratio {last:.4g}")
    if last < 0.1 and last < 0.5 * ratios[-2]:
        return RateClass("superlinear", None, f"ratios of differences fall to {last:.3g}")
    deficit, local = 1 - ratios, k * (1 - ratios)
    spread, local_spread = _spread(deficit), _spread(local)
    if np.ptp(ratios) < 0.02 and spread <= local_spread:
        return RateClass("geometric", last, f"ratios of differences are steady at {last:.4g}")
    if local_spread < spread and local_spread < _STEADY and float(np.median(local)) > 1:
        exponent = float(np.median(local)) - 1
        return RateClass("algebraic", exponent, f"k (1 - ratio) is steady at {exponent + 1:.3g}")
    if spread < _STEADY:
        return RateClass("geometric", last, f"ratios of differences are steady at {last:.4g}")
    return RateClass("neither", None, f"neither ratios (spread {spread:.2g}) nor k (1 - ratio) are steady")


def _spread(values: np.ndarray) -> float:
    middle = float(np.abs(np.median(values)))
    return float(np.ptp(values)) / middle if middle > 0 else float("inf")


def aitken(values: np.ndarray) -> np.ndarray:
    """Return Aitken's accelerated sequence x - d1^2/(d2 - d1), (n - 2,) float64; exact for x + c r^k."""
    x = _checked(values, least=3)
    first, second = x[1:-1] - x[:-2], x[2:] - x[1:-1]
    bend = second - first
    safe = np.abs(bend) > 1e-300
    return np.where(safe, x[2:] - second**2 / np.where(safe, bend, 1.0), x[2:])


def wynn_epsilon(values: np.ndarray) -> np.ndarray:
    """Return the even columns' last entries of Wynn's epsilon table, (columns,) float64; exact for sums of geometrics.

    References
    ----------
    Wynn (1956), doi:10.2307/2002183.
    """
    current = _checked(values, least=3)
    before = np.zeros(current.size + 1)
    out = [float(current[-1])]
    for column in range(1, current.size):
        steps = np.diff(current)
        if np.any(np.abs(steps) < 1e-14 * max(1.0, float(np.max(np.abs(current))))):
            break
        before, current = current, before[1:-1] + 1 / steps
        if column % 2 == 0:
            out.append(float(current[-1]))
    return np.array(out)


def richardson(values: np.ndarray, exponent: float, first: int = 0) -> np.ndarray:
    """Return Richardson's extrapolations of x + c k^(-p) from pairs (k, about k/2), newest last.

    Parameters
    ----------
    values : (n,) array
        Terms x_first, x_(first+1), ...
    exponent : float
        p > 0.
    first : int
        k of the first term.
    """
    x, k = _checked(values, least=4), np.arange(first, first + len(values))
    if k[-1] < 2 * max(first, 1):
        raise ValueError(f"Richardson needs terms from k = {first} to twice that at least, got {k[-1]}")
    late = np.unique(np.linspace(max(2 * max(first, 1), 3 * k[-1] // 4), k[-1], 9).astype(np.int64))
    early = late // 2
    gain = (late / early) ** exponent
    return np.asarray((gain * x[late - first] - x[early - first]) / (gain - 1))


def bounded_geometric_fit(
    values: np.ndarray, low: float = 0.0, high: float = 1.0, errors: np.ndarray | None = None
) -> tuple[float, float, float]:
    """Fit x + c r^k by least squares with low <= x <= high and 0 <= r <= 1; return x, r and the standard error of x."""
    x = _checked(values, least=4)
    weight = np.ones(x.size) if errors is None else np.maximum(errors, 1e-12)
    k = np.arange(x.size)

    def residuals(theta: np.ndarray) -> np.ndarray:
        return np.asarray((theta[0] + theta[1] * theta[2] ** k - x) / weight)

    begin = np.clip(x[-1], low, high), x[0] - x[-1], 0.7
    found = optimize.least_squares(
        residuals, begin, bounds=([low, -np.inf, 0.0], [high, np.inf, 1.0]), x_scale=[1, 1, 1]
    )
    freedom = max(x.size - 3, 1)
    noise = 1.0 if errors is not None else 2 * found.cost / freedom
    covariance = np.linalg.pinv(found.jac.T @ found.jac) * noise
    return float(found.x[0]), float(found.x[2]), float(np.sqrt(max(covariance[0, 0], 0.0)))


def extrapolate(values: np.ndarray, errors: np.ndarray | None = None, *, first: int = 0) -> Extrapolation:
    """Give the limit of a sequence by the method that fits its rate class, or say why there is none.

    Parameters
    ----------
    values : (n,) array
        At least 6 terms.
    errors : (n,) array, optional
        Standard errors of the terms; exact values if omitted.
    first : int
        Index k of the first term (algebraic sequences).

    Returns
    -------
    Extrapolation
    """
    x = _checked(values)
    if errors is not None:
        noise = np.asarray(errors, dtype=float)
        if noise.shape != x.shape or not np.all(noise >= 0):
            raise ValueError(f"errors must be non-negative, one per term ({x.size}), got shape {noise.shape}")
        if np.any(noise[-3:] > 0):
            return _noisy(x, noise)
    rate = rate_class(x, np.arange(first, first + x.size))
    if rate.kind in ("settled", "superlinear"):
        reach = float(np.abs(x[-1] - x[-2]))
        return _around(float(x[-1]), reach, "last value", rate)
    if rate.kind == "geometric":
        return _accelerated(x, rate)
    if rate.kind == "algebraic" and rate.value is not None and first + x.size > 2 * max(first, 1):
        found = richardson(x, _round_exponent(rate.value), first)
        error = 2 * float(np.ptp(found)) + abs(float(found[-1]) - float(x[-1])) * 0.02
        return _around(float(found[-1]), error, "richardson", rate)
    return Extrapolation(None, None, "none", rate, f"no extrapolation fits: {rate.reason}")


def _round_exponent(exponent: float) -> float:
    """Take the nearest multiple of 1/2 for an exponent seen close to it: exponents of fixed points are such."""
    nearest = round(2 * exponent) / 2
    return nearest if nearest > 0 and abs(exponent - nearest) < 0.12 else exponent


def _accelerated(x: np.ndarray, rate: RateClass) -> Extrapolation:
    """Aitken, or Wynn where it agrees with itself better."""
    plain, table = aitken(x), wynn_epsilon(x[-7:])
    value, error = float(plain[-1]), float(np.abs(plain[-1] - plain[-2]))
    if table.size >= 2 and abs(table[-1] - table[-2]) < error:
        return _around(float(table[-1]), 2 * float(abs(table[-1] - table[-2])), "wynn", rate)
    return _around(value, 2 * error, "aitken", rate)


def _noisy(x: np.ndarray, noise: np.ndarray) -> Extrapolation:
    """Extrapolate noisy terms only where the last differences stand out of their noise."""
    steps = np.diff(x)[-3:]
    step_noise = np.hypot(noise[1:], noise[:-1])[-3:]
    signal = np.abs(steps) / np.maximum(step_noise, 1e-300)
    if np.all(signal > _SIGNAL) and (np.all(steps > 0) or np.all(steps < 0)):
        value, factor, error = bounded_geometric_fit(x, errors=noise)
        rate = RateClass("geometric", factor, f"fitted factor {factor:.3g} per term")
        if factor < 0.98 and error < 0.25 * abs(x[-1] - x[0]):
            return _around(value, 1.96 * error, "bounded geometric fit", rate)
        reason = f"the fitted factor {factor:.3g} per term leaves the limit open (standard error {error:.2g})"
        return Extrapolation(None, None, "none", rate, reason)
    rate = RateClass("neither", None, "the differences are within their noise")
    weakest = float(signal.min())
    if np.all(signal < _SIGNAL):
        width = 1.96 * float(noise[-1]) + float(np.abs(steps[-1]))
        reason = f"settled within noise: the last differences are at most {signal.max():.2g} standard errors"
        return _around(float(x[-1]), width, "last value", rate, reason)
    reason = f"noise makes extrapolation meaningless: the weakest of the last differences is {weakest:.2g} errors"
    return Extrapolation(None, None, "none", rate, reason)


def _around(value: float, error: float, method: str, rate: RateClass, reason: str | None = None) -> Extrapolation:
    return Extrapolation(value, (value - error, value + error), method, rate, reason or rate.reason)


def _checked(values: np.ndarray, least: int = 6) -> np.ndarray:
    x = np.asarray(values, dtype=float)
    if x.ndim != 1 or x.size < least:
        raise ValueError(f"a sequence needs at least {least} terms, got {x.size if x.ndim == 1 else x.shape}")
    if not np.all(np.isfinite(x)):
        raise ValueError("a sequence must consist of finite numbers, got NaN or infinity")
    return x
