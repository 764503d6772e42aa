"""First passages of the birth-death process from n to n + 1 items: probability, mean and variance of each."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from skillgraph.adjacent_possible.continuous import integral_to_infinity
from skillgraph.adjacent_possible.innovation import Innovation

__all__ = ["Passage", "passage"]

_RELATIVE = 1e-15  # a tail this small is left out
_MOST_TERMS = 200_000


@dataclass(frozen=True, eq=False)
class Passage:
    """Steps n -> n + 1 for n = 1, 2, ..., last, whatever the start; 0-based arrays, entry n - 1 belongs to n.

    Attributes
    ----------
    births : float64 array
        rate(n).
    log_steps : float64 array
        ln of the probability that n + 1 is reached from n; -inf where nothing can be combined.
    means, variances : float64 arrays
        Of the time this takes, given that it happens.
    after_mean, after_variance : float
        Sums over all n beyond the last.
    error : float
        Bound on the error of ``after_mean``.
    """

    births: np.ndarray
    log_steps: np.ndarray
    means: np.ndarray
    variances: np.ndarray
    after_mean: float = 0.0
    after_variance: float = 0.0
    error: float = 0.0


@lru_cache(maxsize=8)
def passage(innovation: Innovation, start: int, mu: float) -> Passage:
    """Recurse over n with sigma_n = 1 - rho_n(0), -rho_n'/rho_n and (ln rho_n)'' at s = 0; nothing cancels.

    Ends where an exponential law from ``start`` on leaves out nothing that a double would show.
    """
    rows: list[tuple[float, float, float, float]] = []
    sigma, slope, bend, elapsed = 1.0, 0.0, 0.0, 0.0
    for n in range(1, start + _MOST_TERMS):
        birth, death = innovation.rate(n), mu * n
        if birth == 0:
            rows.append((0.0, -math.inf, 0.0, 0.0))
            continue
        total = birth + death * sigma
        rho, first = birth / total, 1 - death * slope
        kappa, second = first / total, -death * bend
        spread = kappa**2 - second / total
        sigma, slope, bend = death * sigma / total, -rho * kappa, rho * (kappa**2 + spread)
        rows.append((birth, math.log1p(-sigma), kappa, spread))
        if n >= start:
            elapsed += kappa
            if innovation.scale and _negligible(innovation, n, birth, death, elapsed):
                break
    found = Passage(*np.array(rows).T)
    return _with_tail(innovation, mu, found, sigma) if innovation.explosive else found


def _negligible(innovation: Innovation, n: int, birth: float, death: float, mean: float) -> bool:
    """Rates grow at least by (1 + q) per item, so what follows is below (1/q) / rate(n)."""
    grown = innovation.scale * innovation._combinations(n)
    return death < _RELATIVE * birth and 1 / (innovation.ratio * grown) < _RELATIVE * mean


def _with_tail(innovation: Innovation, mu: float, found: Passage, last_extinction: float) -> Passage:
    """Add the steps above the last n: between the sums without and with deaths, both bracketed by integrals."""
    after = 1 + found.births.size
    low, high = _tail_bracket(innovation, after, 1)
    deaths = mu * after / innovation.rate(after)
    upper = (high + deaths * float(found.means[-1])) / (1 - deaths)
    lower = low * (1 - last_extinction) if mu else low
    best = low - _derivative_term(innovation, after)
    spread = _tail_bracket(innovation, after, 2)[0]
    return replace(found, after_mean=best, after_variance=spread, error=upper - lower)


def _tail_bracket(innovation: Innovation, after: int, power: int) -> tuple[float, float]:
    """Bracket sum_{n >= after} rate(n)^-power, a convex falling function, by the trapezoid and the midpoint rule."""
    first = innovation.rate(after) ** -power
    step = innovation.rate(after) / innovation.slope(after)
    whole = integral_to_infinity(innovation.rate, float(after), step, power)
    half = integral_to_infinity(innovation.rate, after - 0.5, step, power)
    return whole + first / 2, half


def _derivative_term(innovation: Innovation, after: int) -> float:
    """Return f'(after) / 12 for f = 1 / rate, the next term of Euler and Maclaurin."""
    return -innovation.slope(after) / innovation.rate(after) ** 2 / 12
