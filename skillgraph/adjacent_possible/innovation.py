"""Innovation laws: how many new items a stock of M items brings forth, sum_i alpha_i C(M, i).

Every law here is a closed form, ``linear * M + scale * [(1 + ratio)^M - 1 - (ratio * M)]`` with the term in round
brackets only where the sum starts at i = 2, or a finite list of weights. At integer M the closed form *is* the sum; in
between it is its analytic continuation, C(M, i) with Gamma functions and i to infinity. A list of weights uses C(M, i)
with real M as long as M > i - 1 and 0 otherwise: continuous, convex, and equal to the sum at integers. A single item
has nothing to combine with: sums from i = 2 are 0 for M <= 1.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cached_property

import numpy as np

from skillgraph.checks import count, positive
from skillgraph.records import Record

__all__ = ["Innovation", "constant", "parse_innovation", "power_law", "powers", "two_scale", "weighted"]

_LARGEST_EXPONENT = 709.0  # exp of more is beyond double precision


class Innovation(Record):
    """New items per step (or per unit of time) as a function of the number of items M.

    Make one with `constant`, `power_law`, `powers`, `two_scale` or `weighted`.

    Attributes
    ----------
    text : str
        The law as written.
    scale, ratio : float
        Closed form ``scale * sum_{i >= first} ratio^i C(M, i)``.
    first : int
        Where the sum starts, 1 or 2.
    linear : float
        Items that one item brings forth by itself (two-scale law).
    weights : tuple of float
        alpha_1, alpha_2, ... of a finite sum.
    """

    text: str
    scale: float = 0.0
    ratio: float = 0.0
    first: int = 2
    linear: float = 0.0
    weights: tuple[float, ...] = ()

    @cached_property
    def log_growth(self) -> float:
        """ln(1 + ratio): how fast the combinatorial term grows per item."""
        return math.log1p(self.ratio)

    @cached_property
    def degree(self) -> int | None:
        """Largest number of items combined, or None where there is no largest."""
        return None if self.scale else max((i for i, w in enumerate(self.weights, 1) if w), default=0)

    @property
    def explosive(self) -> bool:
        """Whether growth is faster than exponential."""
        return self.degree is None or self.degree >= 2

    @cached_property
    def fewest(self) -> int:
        """Smallest whole number of items that can bring forth another one."""
        if self.linear or (self.scale and self.first == 1):
            return 1
        return 2 if self.scale else next(i for i, w in enumerate(self.weights, 1) if w)

    @property
    def slope_at_zero(self) -> float:
        """Derivative of the rate at M = 0+."""
        single = self.weights[0] if self.weights else 0.0
        return self.linear + single + (self.scale * self.log_growth if self.first == 1 else 0.0)

    def rate(self, items: float) -> float:
        """Return the number of new items at ``items`` >= 0 items, inf where double precision ends."""
        total = self.linear * items
        if self.scale:
            total += self.scale * self._combinations(items)
        if self.weights:
            total += _binomial_sum(self.weights, items)
        return total

    def rates(self, items: np.ndarray) -> np.ndarray:
        """Return `rate` at every entry of an array."""
        flat = np.asarray(items, float)
        return np.fromiter(map(self.rate, flat.ravel().tolist()), float, flat.size).reshape(flat.shape)

    def slope(self, items: float) -> float:
        """Return the derivative of `rate`."""
        total = self.linear
        if self.scale and (self.first == 1 or items > 1):
            growth, deficit = self.log_growth, self._deficit
            power = _expm1(items * growth)
            total += self.scale * (growth * power + (deficit if self.first == 2 else growth))
        if self.weights:
            total += _binomial_slope(self.weights, items)
        return total

    def log_rate(self, items: float) -> float:
        """Return ln of `rate`, also where the rate itself overflows."""
        value = self.rate(items)
        if value < math.inf:
            return math.log(value) if value > 0 else -math.inf
        if self.scale:
            return math.log(self.scale) + items * self.log_growth
        assert self.degree is not None
        return self.degree * math.log(items) + math.log(self.weights[self.degree - 1]) - math.lgamma(self.degree + 1)

    @cached_property
    def _deficit(self) -> float:
        """ln(1 + q) - q, without cancellation."""
        q = self.ratio
        return self.log_growth - q if q > 0.1 else sum((-1) ** (k - 1) * q**k / k for k in range(18, 1, -1))

    def _combinations(self, items: float) -> float:
        """Return (1 + q)^M - 1, less q M where the sum starts at 2."""
        exponent = items * self.log_growth
        if self.first == 1:
            return _expm1(exponent)
        if items <= 1:
            return 0.0
        if exponent > _LARGEST_EXPONENT:
            return math.inf
        if exponent > 0.5:
            return (2.0**items - 1 if self.ratio == 1 else math.expm1(exponent)) - self.ratio * items
        return _expm1_minus(exponent) + items * self._deficit


def constant(alpha: float, *, first: int = 2) -> Innovation:
    """Return the law alpha_i = alpha: alpha (2^M - 1 - M), or alpha (2^M - 1) for sums from i = 1.

    Parameters
    ----------
    alpha : float
        New items per combination, positive.
    first : int
        Smallest combination that counts, 1 or 2.

    Returns
    -------
    Innovation

    Raises
    ------
    ValueError
        If ``alpha`` is not a positive number or ``first`` neither 1 nor 2.

    References
    ----------
    Cortes, Kauffman, Liddle & Smolin (2022), arXiv:2204.14115, section 2.

    Examples
    --------
    >>> constant(0.01).text
    'constant:0.01'
    """
    return Innovation(f"constant:{alpha:g}", positive("alpha", alpha), 1.0, _first(first))


def power_law(alpha: float, a: float, *, first: int = 2) -> Innovation:
    """Return the law alpha_i = alpha / a^(i-1): alpha a [(1 + 1/a)^M - 1 - M/a].

    Parameters
    ----------
    alpha, a : float
        Both positive; ``a = 1`` is the constant law.
    first : int
        Smallest combination that counts, 1 or 2; without the term M/a if 1.

    Returns
    -------
    Innovation

    Raises
    ------
    ValueError
        If ``alpha`` or ``a`` is not a positive number or ``first`` neither 1 nor 2.

    References
    ----------
    Cortes, Kauffman, Liddle & Smolin (2022), arXiv:2204.14115, section 3.

    Examples
    --------
    >>> power_law(0.1, 1.5).text
    'power_law:0.1:1.5'
    """
    alpha, a = positive("alpha", alpha), positive("a", a)
    return Innovation(f"power_law:{alpha:g}:{a:g}", alpha * a, 1 / a, _first(first))


def powers(alpha: float, probability: float = 1.0, *, first: int = 1) -> Innovation:
    """Return the law alpha_i = P alpha^i: P [(1 + alpha)^M - 1], the birth rate of the stochastic theory.

    Parameters
    ----------
    alpha : float
        Chance that one more item joins a combination, positive.
    probability : float
        P, positive.
    first : int
        Smallest combination that counts, 1 or 2; less P alpha M if 2.

    Raises
    ------
    ValueError
        If ``alpha`` or ``probability`` is not a positive number or ``first`` neither 1 nor 2.

    References
    ----------
    Steel, Hordijk & Kauffman (2020), arXiv:1904.03290.
    """
    alpha, probability = positive("alpha", alpha), positive("P", probability)
    return Innovation(f"powers:{alpha:g}:{probability:g}", probability, alpha, _first(first))


def two_scale(alpha_one: float, alpha: float, a: float = 1.0) -> Innovation:
    """Return the two-scale law: alpha_1 for single items, alpha / a^(i-1) for combinations of i >= 2.

    A phase of exponential growth at rate alpha_1 - mu replaces the plateau; then it explodes all the same.

    Parameters
    ----------
    alpha_one, alpha, a : float
        All positive.

    Returns
    -------
    Innovation

    Raises
    ------
    ValueError
        If one of them is not a positive number.

    References
    ----------
    Cortes, Kauffman, Liddle & Smolin (2022), arXiv:2204.14115, section on the two-scale TAP.

    Examples
    --------
    >>> two_scale(0.1, 0.01).text
    'two_scale:0.1:0.01:1'
    """
    one, alpha, a = positive("alpha_1", alpha_one), positive("alpha", alpha), positive("a", a)
    return Innovation(f"two_scale:{one:g}:{alpha:g}:{a:g}", alpha * a, 1 / a, 2, one)


def weighted(weights: Sequence[float]) -> Innovation:
    """Return the law with given alpha_1, alpha_2, ..., alpha_k and no larger combinations.

    Parameters
    ----------
    weights : sequence of float
        alpha_i from i = 1 on, none negative, not all zero; begin with 0 to let the sum start at i = 2.

    Raises
    ------
    ValueError
        If a weight is negative or not finite, or all are zero.
    """
    values = tuple(float(w) for w in weights)
    for place, value in enumerate(values, 1):
        if not 0 <= value < math.inf:
            raise ValueError(f"alpha_{place} must be a finite number >= 0, got {value:g}")
    if not any(values):
        raise ValueError("at least one of the weights alpha_i must be positive, got none")
    return Innovation("weights:" + ",".join(f"{w:g}" for w in values), weights=values)


def parse_innovation(text: str, *, first: int | None = None) -> Innovation:
    """Read an innovation law.

    Parameters
    ----------
    text : str
        ``constant:ALPHA``, ``power_law:ALPHA:A``, ``powers:ALPHA[:P]``, ``two_scale:ALPHA_1:ALPHA[:A]`` or
        ``weights:ALPHA_1,ALPHA_2,...``.
    first : int, optional
        Smallest combination that counts, 1 or 2; the default of the law if omitted.

    Returns
    -------
    Innovation

    Raises
    ------
    ValueError
        If the text has another form or a number is out of range.

    Examples
    --------
    >>> parse_innovation('constant:0.01').text
    'constant:0.01'
    """
    name, _, rest = text.strip().partition(":")
    if name not in _FORMS:
        raise ValueError(f'unknown innovation law "{text}": known are {", ".join(form for form, _ in _FORMS.values())}')
    form, counts = _FORMS[name]
    words = rest.split("," if name == "weights" else ":")
    try:
        numbers = [float(word) for word in words]
    except ValueError:
        raise ValueError(f'innovation law "{text}" must have the form {form}') from None
    if counts and len(numbers) not in counts:
        raise ValueError(f'innovation law "{text}" must have the form {form}')
    if name in ("weights", "two_scale"):
        if first is not None:
            raise ValueError(f"the law {name} says itself where its sum starts: leave out the smallest combination")
        return weighted(numbers) if name == "weights" else two_scale(*numbers)
    if name == "powers":
        return powers(*numbers, first=1 if first is None else first)
    return (constant if name == "constant" else power_law)(*numbers, first=2 if first is None else first)


_FORMS: dict[str, tuple[str, tuple[int, ...]]] = {
    "constant": ("constant:ALPHA", (1,)),
    "power_law": ("power_law:ALPHA:A", (2,)),
    "powers": ("powers:ALPHA[:P]", (1, 2)),
    "two_scale": ("two_scale:ALPHA_1:ALPHA[:A]", (2, 3)),
    "weights": ("weights:ALPHA_1,ALPHA_2,...", ()),
}


def _first(first: int) -> int:
    return count("first", first, largest=2)


def _expm1(x: float) -> float:
    return math.expm1(x) if x <= _LARGEST_EXPONENT else math.inf


def _expm1_minus(x: float) -> float:
    """Return e^x - 1 - x for 0 <= x <= 0.5 by its series."""
    total = 0.0
    for k in range(16, 1, -1):
        total = (total + 1.0) * x / k
    return total * x


def _binomial_sum(weights: tuple[float, ...], items: float) -> float:
    total, binomial = 0.0, 1.0
    for i, weight in enumerate(weights, 1):
        if items <= i - 1:
            break
        binomial *= (items - i + 1) / i
        total += weight * binomial
    return total


def _binomial_slope(weights: tuple[float, ...], items: float) -> float:
    total, binomial, slope = 0.0, 1.0, 0.0
    for i, weight in enumerate(weights, 1):
        if items <= i - 1:
            break
        slope = (slope * (items - i + 1) + binomial) / i
        binomial *= (items - i + 1) / i
        total += weight * slope
    return total
