"""Where constrained innovation settles: tipping point, upper state and fold, phase diagram, interaction."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from scipy import optimize

from skillgraph.adjacent_possible.deterministic import balance, extinction_of, start_of
from skillgraph.adjacent_possible.innovation import Innovation
from skillgraph.adjacent_possible.resources import Resources, combined, constrained_trajectory
from skillgraph.records import Record

__all__ = ["FinalState", "Interaction", "PhaseDiagram", "SteadyStates", "final_state", "interaction"]
__all__ += ["phase_diagram", "steady_states"]

_EDGE = 36.0  # ln of the share of the room that a double resolves below the cap
_ROUNDING = 1e-12


class SteadyStates(Record):
    """Numbers of items at rest, extinction (always at rest) aside.

    Attributes
    ----------
    tipping_point : float or None
        Unstable: below it extinction wins. None where there is none.
    upper : float or None
        Stable state below or at the cap; inf without a cap; None where every start dies out.
    tipping_multiplier, upper_multiplier : float or None
        Factor by which a small distance changes per step; 0 at a hard cap.
    fold_factor : float
        Product of factors at which tipping point and upper state meet: below it everything dies out.
    bistable : bool
        Whether extinction and the upper state are both stable.
    """

    tipping_point: float | None
    upper: float | None
    tipping_multiplier: float | None
    upper_multiplier: float | None
    fold_factor: float
    bistable: bool


class FinalState(Record):
    """Where a path settles.

    Attributes
    ----------
    items : float
    outcome : {"extinct", "cap", "below the cap", "explosion", "at rest"}
        "at rest": M0 itself does not move, stable or not.
    """

    items: float
    outcome: str


class PhaseDiagram(Record):
    """Final number of items against factor and cap.

    Attributes
    ----------
    factors : (factors,) float64 array
    caps : (caps,) float64 array
    items : (factors, caps) float64 array
        After infinitely many steps, or after ``steps``.
    survival_factor : (caps,) float64 array
        Smallest factor with which M0 items do not die out; inf if none does.
    fold_factor : (caps,) float64 array
        Smallest factor with which any number of items survives.
    steps : int or None
    """

    factors: np.ndarray
    caps: np.ndarray
    items: np.ndarray
    survival_factor: np.ndarray
    fold_factor: np.ndarray
    steps: int | None


class Interaction(Record):
    """One response without constraints, with each of two and with both.

    Attributes
    ----------
    neither, first, second, both : float
    departure : float or None
        ln(both x neither / (first x second)): 0 if the constraints multiply, negative if together they do more harm
        than the product of their effects (for a response that falls with harm). None where a response is 0 or not
        finite.
    multiplicative : bool or None
        Whether the departure is below 1e-6.
    reason : str or None
        Why there is no departure.
    """

    neither: float
    first: float
    second: float
    both: float
    departure: float | None
    multiplicative: bool | None
    reason: str | None = None


def steady_states(innovation: Innovation, extinction: float, resources: Resources) -> SteadyStates:
    """Return tipping point, upper state, their multipliers and the fold.

    Parameters
    ----------
    innovation : Innovation
    extinction : float
        mu in (0, 1).
    resources : Resources
        With a hard or saturating cap.

    Returns
    -------
    SteadyStates

    Raises
    ------
    ValueError
        If ``extinction`` is outside (0, 1) or the cap is logistic.
    """
    mu = extinction_of(extinction)
    _require_monotone(resources)
    if mu == 0:
        raise ValueError("steady states below the cap need extinction, got mu = 0")
    saturates = resources.kind == "saturating" and math.isfinite(resources.cap)
    return (_saturating if saturates else _hard)(innovation, mu, resources)


def final_state(innovation: Innovation, items: float, extinction: float, resources: Resources) -> FinalState:
    """Return where the path from M0 settles.

    Parameters
    ----------
    innovation : Innovation
    items : float
        M0, at least 1 and at most the cap.
    extinction : float
        mu in [0, 1).
    resources : Resources
        With a hard or saturating cap: then the path moves in one direction.

    Returns
    -------
    FinalState

    Raises
    ------
    ValueError
        If ``items`` < 1 or above the cap, ``extinction`` is outside [0, 1), or the cap is logistic.
    """
    start, mu = start_of(items), extinction_of(extinction)
    _require_monotone(resources)
    resources.require_room(start)
    if mu == 0:
        moves = resources.factor * innovation.rate(start) > 0 and start < resources.cap if resources.factor else False
        return _reached(resources.cap, resources.cap) if moves else FinalState(start, "at rest")
    found = steady_states(innovation, mu, resources)
    if found.upper is None:
        return FinalState(0.0, "extinct")
    if found.tipping_point is not None and abs(start - found.tipping_point) <= _ROUNDING * start:
        return FinalState(start, "at rest")
    if start < (found.tipping_point or 0.0):
        return FinalState(0.0, "extinct")
    return _reached(found.upper, resources.cap)


def phase_diagram(
    innovation: Innovation,
    items: float,
    extinction: float,
    *,
    factors: np.ndarray,
    caps: np.ndarray,
    kind: str = "hard",
    steps: int | None = None,
) -> PhaseDiagram:
    """Return the final state on a grid of factors (products of the three) and caps.

    Parameters
    ----------
    innovation : Innovation
    items : float
        M0, at least 1.
    extinction : float
        mu in [0, 1).
    factors : (factors,) float array
        In [0, 1].
    caps : (caps,) float array
        At least M0.
    kind : {"hard", "saturating"}
    steps : int, optional
        Stop after that many steps; settle if omitted.

    Returns
    -------
    PhaseDiagram

    Raises
    ------
    ValueError
        If a number is out of range.

    Examples
    --------
    >>> from skillgraph.adjacent_possible.innovation import constant
    >>> import numpy as np
    >>> found = phase_diagram(constant(0.01), 10.0, 0.02, factors=np.array([0.1, 1.0]), caps=np.array([20.0, 200.0]))
    >>> found.factors.size, found.caps.size
    (2, 2)
    """
    shares, limits = np.atleast_1d(np.asarray(factors, float)), np.atleast_1d(np.asarray(caps, float))
    start, mu = start_of(items), extinction_of(extinction)

    def settle(factor: float, cap: float) -> float:
        resources = _of(factor, cap, kind)
        if steps is None:
            return final_state(innovation, start, mu, resources).items
        return float(constrained_trajectory(innovation, start, mu, resources, steps=steps)[-1])

    grid = np.array([[settle(f, cap) for cap in limits.tolist()] for f in shares.tolist()])
    survival = np.array([_survival_factor(innovation, start, mu, _of(1.0, cap, kind)) for cap in limits.tolist()])
    fold = np.zeros(limits.size)
    if mu > 0:
        fold = np.array([steady_states(innovation, mu, _of(1.0, cap, kind)).fold_factor for cap in limits.tolist()])
    return PhaseDiagram(shares, limits, grid, survival, fold, steps)


def interaction(response: Callable[[Resources], float], first: Resources, second: Resources) -> Interaction:
    """Measure whether two constraints multiply.

    Parameters
    ----------
    response : callable
        Resources to a positive number: final items, a crossing time, a mean over simulated runs.
    first, second : Resources
        Two constraints; together their factors multiply and the smaller cap counts.

    Returns
    -------
    Interaction

    Raises
    ------
    ValueError
        If the caps of the two are of different kinds.
    """
    both = combined(first, second)
    cases = (Resources(kind=first.kind), first, second, both)
    values = [float(response(case)) for case in cases]
    neither, one, other, together = values
    if not all(0 < value < math.inf for value in values):
        words = ", ".join(f"{value:g}" for value in values)
        return Interaction(neither, one, other, together, None, None, f"a response is 0 or not finite: {words}")
    departure = math.log(together / other) - math.log(one / neither)
    return Interaction(neither, one, other, together, departure, abs(departure) < 1e-6)


def _of(factor: float, cap: float, kind: str) -> Resources:
    return Resources(training=factor, training_cap=cap, kind=kind)  # type: ignore[arg-type]


def _require_monotone(resources: Resources) -> None:
    if resources.kind == "logistic":
        raise ValueError("a logistic cap overshoots and need not settle; take a hard or saturating cap")


def _reached(items: float, cap: float) -> FinalState:
    if math.isinf(items):
        return FinalState(items, "explosion")
    return FinalState(items, "cap" if items >= cap * (1 - _ROUNDING) else "below the cap")


def _survival_factor(innovation: Innovation, start: float, mu: float, resources: Resources) -> float:
    """Return Q(M0), or the fold where M0 lies beyond it: from there the path falls to the upper state."""
    if mu == 0:
        return 0.0
    if resources.kind == "hard":
        rate = innovation.rate(start)
        return mu * start / rate if rate > 0 else math.inf
    place, _ = _fold(innovation, mu, resources.cap)
    at = min(math.log(start / (resources.cap - start)), place) if start < resources.cap else place
    return math.exp(_log_balance(innovation, mu, resources.cap, at))


def _hard(innovation: Innovation, mu: float, resources: Resources) -> SteadyStates:
    factor, cap = resources.factor, resources.cap
    top = innovation.log_rate(cap) if math.isfinite(cap) else math.inf if innovation.explosive else None
    if top is None:
        fold = mu / innovation.slope_at_zero
    else:
        fold = math.exp(math.log(mu * cap) - top) if math.isfinite(cap) and top > -math.inf else 0.0
        fold = math.inf if top == -math.inf else fold
    if factor == 0 or factor < fold:
        return SteadyStates(None, None, None, None, fold, False)
    upper, zero = cap, 0.0 if math.isfinite(cap) else None
    if factor * innovation.slope_at_zero >= mu:
        return SteadyStates(None, upper, None, zero, fold, False)
    tipping = balance(innovation, mu / factor)
    return SteadyStates(tipping, upper, 1 - mu + factor * innovation.slope(tipping), zero, fold, True)


def _saturating(innovation: Innovation, mu: float, resources: Resources) -> SteadyStates:
    factor, cap = resources.factor, resources.cap
    place, lowest = _fold(innovation, mu, cap)
    fold = math.exp(lowest)
    if factor == 0 or factor < fold:
        return SteadyStates(None, None, None, None, fold, False)

    def excess(z: float) -> float:
        return _log_balance(innovation, mu, cap, z) - math.log(factor)

    upper_place = optimize.brentq(excess, place, _EDGE, xtol=1e-13) if excess(_EDGE) > 0 else math.inf
    upper = _items_at(upper_place, cap)
    top = _multiplier(innovation, mu, resources, upper)
    left = _leftmost(innovation, cap)
    if factor * innovation.slope_at_zero >= mu or place <= left or excess(left) <= 0:
        return SteadyStates(None, upper, None, top, fold, False)
    tipping = _items_at(optimize.brentq(excess, left, place, xtol=1e-13), cap)
    return SteadyStates(tipping, upper, _multiplier(innovation, mu, resources, tipping), top, fold, True)


def _items_at(z: float, cap: float) -> float:
    """Return M with ln(M / (R - M)) = z."""
    return cap / (1 + math.exp(-z)) if z > -700 else cap * math.exp(z)


def _log_balance(innovation: Innovation, mu: float, cap: float, z: float) -> float:
    """Return ln Q at ln(M / (R - M)) = z; there mu M / (R - M) = mu e^z, and the room is R - M + mu M."""
    items = _items_at(z, cap)
    rate = innovation.log_rate(items)
    if rate == -math.inf:
        return math.inf
    room = cap / (1 + math.exp(z)) + mu * items
    return math.log(room) + math.log(math.log1p(mu * math.exp(z))) - rate


def _leftmost(innovation: Innovation, cap: float) -> float:
    """Return the smallest ln(M / (R - M)) at which the rate is worth computing."""
    least = 1e-9 if innovation.slope_at_zero else max(1, innovation.fewest - 1) * (1 + 1e-9)
    return math.log(least / (cap - least)) if least < cap else _EDGE


def _fold(innovation: Innovation, mu: float, cap: float) -> tuple[float, float]:
    """Return where ln Q is least, as ln(M / (R - M)), and its value."""
    grid = np.linspace(_leftmost(innovation, cap), _EDGE, 400)
    values = np.array([_log_balance(innovation, mu, cap, z) for z in grid.tolist()])
    best = int(np.argmin(values))
    if best == 0 or best == grid.size - 1:
        return float(grid[best]), float(values[best])
    found = optimize.minimize_scalar(
        lambda z: _log_balance(innovation, mu, cap, z),
        bounds=(grid[best - 1], grid[best + 1]),
        method="bounded",
        options={"xatol": 1e-12},
    )
    return float(found.x), float(found.fun)


def _multiplier(innovation: Innovation, mu: float, resources: Resources, items: float) -> float:
    """Return the derivative of the saturating map, exp(-x) (1 - mu + f rate' + (1 - mu) x), x = f rate / room."""
    room = resources.cap - (1 - mu) * items
    x = resources.factor * innovation.rate(items) / room
    if x > 700:
        return 0.0
    return math.exp(-x) * ((1 - mu) * (1 + x) + resources.factor * innovation.slope(items))
