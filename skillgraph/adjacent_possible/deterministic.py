"""The adjacent possible without chance: M_{t+1} = (1 - mu) M_t + sum_i alpha_i C(M_t, i).

The rate of innovation is convex with value 0 at 0, so rate / M never falls: there is at most one positive equilibrium,
it is unstable, and the start alone decides between extinction and explosion.
"""

from __future__ import annotations

import math

import numpy as np
from scipy import optimize

from skillgraph.adjacent_possible import towers
from skillgraph.adjacent_possible.innovation import Innovation
from skillgraph.checks import count
from skillgraph.records import Record

__all__ = [
    "BoundCrossing",
    "Equilibrium",
    "Trajectory",
    "critical_extinction",
    "equilibrium",
    "first_beyond",
    "trajectory",
]

_ROUNDING = 1e-14  # an equilibrium is one within this relative difference


class Trajectory(Record):
    """Number of items after 0, 1, ..., steps.

    Attributes
    ----------
    items : (steps + 1,) float64 array
        inf beyond 1e300; `log10_items`, and beyond it the tower, still hold the number.
    log10_items : (steps + 1,) float64 array
    height : (steps + 1,) int64 array
        Exponentials applied to ``mantissa``: the number is exp(exp(...exp(mantissa))).
    mantissa : (steps + 1,) float64 array
    """

    items: np.ndarray
    log10_items: np.ndarray
    height: np.ndarray
    mantissa: np.ndarray


class BoundCrossing(Record):
    """When a bound is first exceeded.

    Attributes
    ----------
    steps : int or None
        First t with M_t > bound; None if there is none.
    items : float
        M at that step, or where the search ended; inf beyond 1e300.
    reason : str or None
        Why there is no such step.
    """

    steps: int | None
    items: float
    reason: str | None = None


class Equilibrium(Record):
    """Where innovation balances extinction.

    Attributes
    ----------
    items : float or None
        The positive equilibrium; below it extinction wins, above it the explosion.
    multiplier : float or None
        1 - mu + rate'(M*): factor by which a small distance grows per step, above 1.
    steps_per_decade : float or None
        ln 10 / ln multiplier: delay gained per ten times closer start.
    multiplier_at_zero : float
        The same at M = 0; below 1 if few items die out.
    reason : str or None
        Why there is no positive equilibrium.
    """

    items: float | None
    multiplier: float | None
    steps_per_decade: float | None
    multiplier_at_zero: float
    reason: str | None = None


def trajectory(innovation: Innovation, items: float, extinction: float = 0.0, *, steps: int) -> Trajectory:
    """Iterate the adjacent possible; nothing overflows.

    Parameters
    ----------
    innovation : Innovation
    items : float
        M0, at least 1.
    extinction : float
        mu, share of items that expire in a step, in [0, 1).
    steps : int
        Number of steps, at least 0.

    Returns
    -------
    Trajectory

    Raises
    ------
    ValueError
        If ``items`` < 1, ``extinction`` is outside [0, 1) or ``steps`` negative.

    References
    ----------
    Cortes, Kauffman, Liddle & Smolin (2022), arXiv:2204.14115, equation 1.

    Examples
    --------
    >>> from skillgraph.adjacent_possible.innovation import constant
    >>> trajectory(constant(0.01), 3.0, steps=3).items.round(4).tolist()
    [3.0, 3.04, 3.0818, 3.1257]
    """
    start, mu, number = start_of(items), extinction_of(extinction), count("steps", steps, least=0)
    path = [(0, start)]
    for _ in range(number):
        path.append(towers.advance(innovation, mu, *path[-1]))
    height, mantissa = (np.array(column) for column in zip(*path, strict=True))
    values = np.array([towers.value_of(*tower) for tower in path])
    return Trajectory(values, np.array([towers.log10_of(*tower) for tower in path]), height, mantissa)


def first_beyond(
    innovation: Innovation, items: float, extinction: float = 0.0, *, bound: float = 1e12, most_steps: int = 10_000_000
) -> BoundCrossing:
    """Return the first step with more than ``bound`` items.

    Parameters
    ----------
    innovation : Innovation
    items : float
        M0, at least 1.
    extinction : float
        mu in [0, 1).
    bound : float
        At least M0 and at most 1e300.
    most_steps : int
        Where to give up.

    Returns
    -------
    BoundCrossing

    Raises
    ------
    ValueError
        If ``items`` < 1, ``extinction`` is outside [0, 1) or ``bound`` outside [M0, 1e300].

    Examples
    --------
    >>> from skillgraph.adjacent_possible.innovation import constant
    >>> first_beyond(constant(0.01), 10.0).steps
    3
    """
    number, mu = start_of(items), extinction_of(extinction)
    if not number <= bound <= towers.LARGEST:
        raise ValueError(f"bound must lie between M0 = {number:g} and 1e300, got {bound:g}")
    gain = innovation.rate(number) - mu * number
    if abs(gain) <= _ROUNDING * mu * number:
        return BoundCrossing(None, number, "M0 is an equilibrium: innovation balances extinction")
    if gain < 0:
        return BoundCrossing(None, 0.0, "extinction outruns innovation at M0, and ever more so below it")
    for step in range(1, most_steps + 1):
        number = (1 - mu) * number + innovation.rate(number)
        if number > bound:
            return BoundCrossing(step, number)
    return BoundCrossing(None, number, f"still below the bound after {most_steps} steps")


def critical_extinction(innovation: Innovation, items: float) -> float:
    """Return the extinction rate that just balances innovation at M0; above 1 none can.

    Parameters
    ----------
    innovation : Innovation
    items : float
        M0, at least 1.

    Returns
    -------
    float
        rate(M0) / M0.

    Raises
    ------
    ValueError
        If ``items`` < 1.
    """
    start = start_of(items)
    return innovation.rate(start) / start


def equilibrium(innovation: Innovation, extinction: float) -> Equilibrium:
    """Return the positive equilibrium rate(M) = mu M, its multiplier and that of extinction.

    Parameters
    ----------
    innovation : Innovation
    extinction : float
        mu in [0, 1).

    Returns
    -------
    Equilibrium

    Raises
    ------
    ValueError
        If ``extinction`` is outside [0, 1).

    Examples
    --------
    >>> from skillgraph.adjacent_possible.innovation import constant
    >>> round(equilibrium(constant(0.01), 0.05).items, 4)
    4.9363
    """
    mu = extinction_of(extinction)
    zero = 1 - mu + innovation.slope_at_zero
    if mu <= innovation.slope_at_zero:
        return Equilibrium(None, None, None, zero, "innovation outruns extinction at any number of items")
    if not innovation.explosive:
        return Equilibrium(None, None, None, zero, "extinction outruns innovation at any number of items")
    items = balance(innovation, mu)
    multiplier = 1 - mu + innovation.slope(items)
    return Equilibrium(items, multiplier, math.log(10) / math.log(multiplier), zero)


def balance(innovation: Innovation, mu: float) -> float:
    """Return M > 0 with rate(M) = mu M, where rate(M) / M rises from below mu to infinity."""

    def log_excess(log_items: float) -> float:
        return innovation.log_rate(math.exp(log_items)) - math.log(mu) - log_items

    low, high = -700.0, 0.0
    if innovation.slope_at_zero == 0:
        low = math.log(max(1, innovation.fewest - 1)) + 1e-15
    while log_excess(high) <= 0:
        high += 1.0
    if innovation.rate(math.exp(low)) == 0:
        low = _where_innovation_begins(innovation, low, high, mu)
    return math.exp(optimize.brentq(log_excess, low, high, xtol=1e-15, rtol=1e-15))


def _where_innovation_begins(innovation: Innovation, low: float, high: float, mu: float) -> float:
    """Return a point where the rate is positive and below mu M, by halving the way down to ``low``."""
    place = (low + high) / 2
    while innovation.rate(math.exp(place)) > mu * math.exp(place):
        place = (low + place) / 2
    return place


def start_of(items: float) -> float:
    """Return M0 as a float, at least 1."""
    number = float(items)
    if not 1 <= number <= towers.LARGEST:
        raise ValueError(f"M0 must be at least 1 item and at most 1e300, got {number:g}")
    return number


def extinction_of(extinction: float) -> float:
    """Return mu as a float in [0, 1)."""
    number = float(extinction)
    if not 0 <= number < 1:
        raise ValueError(f"mu (extinction rate) must lie in [0, 1), got {number:g}")
    return number
