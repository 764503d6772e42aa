"""The adjacent possible in continuous time, dM/dt = rate(M) - mu M: blow-up in finite time, and closed estimates."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import ClassVar

import numpy as np

from skillgraph.adjacent_possible.deterministic import extinction_of, start_of
from skillgraph.adjacent_possible.innovation import Innovation
from skillgraph.records import Record

__all__ = ["BlowUp", "blow_up", "integral_to_infinity"]

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(40)
_PANELS = 2000


class BlowUp(Record):
    """Times until the number of items explodes; inf or None where it does not, or the estimate does not apply.

    Attributes
    ----------
    integral : float
        Integral of dM / (rate(M) - mu M) from M0 to infinity: blow-up time in continuous time.
    one_more : float
        1 / rate(M0): time until the first new item.
    own_number : float
        M0 / rate(M0): time until as many new items as there were.
    geometric_bound : float or None
        2 / rate(M0). Where one more item at least doubles the rate (ratio >= 1, mu = 0), no continuous blow-up is
        later.
    pairs : float or None
        (2 / alpha_2) ln(M0 / (M0 - 1)): pairs alone, an upper bound that is tight while M0 is far below a (mu = 0).
    """

    integral: float
    one_more: float
    own_number: float
    geometric_bound: float | None
    pairs: float | None
    keys: ClassVar[Mapping[str, str]] = {"pairs": "pairs_alone"}


def blow_up(innovation: Innovation, items: float, extinction: float = 0.0) -> BlowUp:
    """Return the blow-up time in continuous time and closed estimates of it.

    Parameters
    ----------
    innovation : Innovation
    items : float
        M0, at least 1.
    extinction : float
        mu in [0, 1).

    Returns
    -------
    BlowUp

    Raises
    ------
    ValueError
        If ``items`` < 1 or ``extinction`` is outside [0, 1).

    References
    ----------
    Cortes, Kauffman, Liddle & Smolin (2022), arXiv:2204.14115: time to add one, doubling time, integral.

    Examples
    --------
    >>> from skillgraph.adjacent_possible.innovation import constant
    >>> found = blow_up(constant(0.01), 10.0)
    >>> type(found).__name__
    'BlowUp'
    """
    start, mu = start_of(items), extinction_of(extinction)
    rate = innovation.rate(start)
    gain = rate - mu * start

    def drift(number: float) -> float:
        return innovation.rate(number) - mu * number

    value = math.inf
    if gain > 0 and innovation.explosive:
        value = integral_to_infinity(drift, start, gain / (innovation.slope(start) - mu), kinks=kinks_of(innovation))
    one = 1 / rate if rate > 0 else math.inf
    doubling = innovation.scale > 0 and innovation.ratio >= 1 and innovation.first == 2 and not innovation.linear
    return BlowUp(value, one, start * one, 2 * one if doubling and mu == 0 else None, _pairs(innovation, start, mu))


def _pairs(innovation: Innovation, start: float, mu: float) -> float | None:
    """Return the blow-up time of dM/dt = alpha_2 M (M - 1) / 2, where only sums from pairs on are left out."""
    if mu or start <= 1 or innovation.slope_at_zero:
        return None
    pair = innovation.scale * innovation.ratio**2 if innovation.scale else (*innovation.weights, 0.0)[1]
    return -2 / pair * math.log1p(-1 / start) if pair else None


def kinks_of(innovation: Innovation) -> tuple[float, ...]:
    """Return the numbers of items at which the rate has a kink: where combinations of one more item set in."""
    return tuple(float(i - 1) for i, weight in enumerate(innovation.weights, 1) if weight)


def integral_to_infinity(
    drift: Callable[[float], float], start: float, step: float, power: int = 1, kinks: tuple[float, ...] = ()
) -> float:
    """Integrate drift^-power from ``start`` to infinity for a drift that rises faster than linearly.

    Gauss-Legendre on panels that double in length from ``step``, the scale on which the drift changes at the start,
    and end at kinks of the drift, until a panel adds less than 1e-17 of the sum.
    """
    total, left, width = 0.0, start, min(step, start)
    ends = [*(kink for kink in kinks if kink > start), math.inf]
    for _ in range(_PANELS):
        width = min(width, ends[0] - left)
        ends = ends[1:] if left + width >= ends[0] else ends
        points = left + width * (_NODES + 1) / 2
        values = np.array([_inverse(drift(point), power) for point in points.tolist()])
        panel = float(values @ _WEIGHTS) * width / 2
        total += panel
        if panel <= 1e-17 * total:
            return total
        left, width = left + width, 2 * width
    return math.inf


def _inverse(value: float, power: int) -> float:
    return 0.0 if value == math.inf else 1 / value**power if value < 1e150 else 0.0
