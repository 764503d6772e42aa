"""Degree laws: how many skills a text needs, in how many texts a skill occurs.

A law knows its generating function L(x) = sum_k p_k x^k in the node perspective and lambda(x) = L'(x)/L'(1) in the
edge perspective. The edge perspective is the law of the *excess degree* of network science: follow an edge to a
node and count its other edges. Every law therefore has an ``excess`` law, and ``law.edge`` is ``law.excess.node``.

Functions take ``y = 1 - x`` where accuracy near 1 matters (``node_complement``, ``node_deficit``): thresholds live
where 1 - x is tiny. ``node_at`` and ``edge_at`` take both, each to full precision.

A node whose neighbours are *marked*, each independently, has a number of marked ones with laws of its own
(``log_marked``, ``log_fewer``, ``at_least``): logarithms, or special functions, so that neither learners of many skills
nor texts of many skills overflow.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
from scipy import special

from skillgraph.records.words import short

__all__ = ["Binomial", "DegreeLaw", "Fixed", "NegativeBinomial", "Numeric", "Poisson", "number_text"]

Numeric: TypeAlias = float | np.ndarray

TAIL = 1e-15  # mass that ``probabilities`` leaves out at most


class DegreeLaw(ABC):
    """A probability law on 0, 1, 2, ...; immutable, equal when its text is equal.

    Attributes
    ----------
    mean, variance : float
    minimum : int
        Smallest degree of positive probability.
    maximum : int or None
        Largest degree of positive probability; None if unbounded.
    excess : DegreeLaw
        Law of the number of *other* edges of a node met along an edge (edge perspective).
    """

    mean: float
    variance: float
    minimum: int
    maximum: int | None

    @property
    @abstractmethod
    def excess(self) -> DegreeLaw:
        """Law of the excess degree; the mean must be positive."""

    @abstractmethod
    def pmf(self, degree: np.ndarray | int) -> np.ndarray:
        """Probability of each degree, float64 array of the shape given."""

    @abstractmethod
    def node_at(self, x: Numeric, y: Numeric, order: int = 0) -> np.ndarray:
        """Return L^(order)(x), the derivative with respect to x, given x and y = 1 - x, both to full precision."""

    @abstractmethod
    def log_marked(self, count: int, x: Numeric, y: Numeric) -> np.ndarray:
        """Return log E[C(k, count) x^count y^(k - count)], for x + y <= 1.

        With y = 1 - x the probability that ``count`` neighbours of a node are marked, each with probability x.
        """

    @abstractmethod
    def at_least(self, count: int, x: Numeric) -> np.ndarray:
        """Return P(at least ``count`` >= 1 neighbours are marked), each with probability x, without cancellation."""

    @abstractmethod
    def node_deficit(self, y: Numeric) -> np.ndarray:
        """Return 1 - L(1 - y) without cancellation, for 0 <= y <= 1."""

    @abstractmethod
    def sample(self, rng: np.random.Generator, size: int) -> np.ndarray:
        """Draw ``size`` degrees, (size,) int64 array."""

    @abstractmethod
    def __str__(self) -> str:
        """Compact text that ``parse_law`` reads back."""

    def node(self, x: Numeric, order: int = 0) -> np.ndarray:
        """Return L^(order)(x) for 0 <= x <= 1, to full relative precision also where x is tiny."""
        value = np.asarray(x, dtype=float)
        return self.node_at(value, 1.0 - value, order)

    def node_complement(self, y: Numeric, order: int = 0) -> np.ndarray:
        """Return L^(order)(1 - y) for 0 <= y <= 1, to full precision also where y is tiny."""
        value = np.asarray(y, dtype=float)
        return self.node_at(1.0 - value, value, order)

    def log_fewer(self, count: int, x: Numeric, y: Numeric) -> np.ndarray:
        """Return log P(fewer than ``count`` >= 1 neighbours are marked), each with probability x = 1 - y."""
        terms = [self.log_marked(j, x, y) for j in range(count)]
        return np.asarray(terms[0] if count == 1 else special.logsumexp(np.stack(terms), axis=0))

    def edge(self, x: Numeric, order: int = 0) -> np.ndarray:
        """Return lambda^(order)(x), lambda(x) = L'(x)/L'(1), for 0 <= x <= 1."""
        return self.excess.node(x, order)

    def edge_at(self, x: Numeric, y: Numeric, order: int = 0) -> np.ndarray:
        """Return lambda^(order)(x) given x and y = 1 - x, both to full precision."""
        return self.excess.node_at(x, y, order)

    def edge_complement(self, y: Numeric, order: int = 0) -> np.ndarray:
        """Return lambda^(order)(1 - y) for 0 <= y <= 1."""
        return self.excess.node_complement(y, order)

    def edge_deficit(self, y: Numeric) -> np.ndarray:
        """Return 1 - lambda(1 - y) without cancellation, for 0 <= y <= 1."""
        return self.excess.node_deficit(y)

    def factorial_moment(self, order: int) -> float:
        """Return E[k (k-1) ... (k-order+1)] = L^(order)(1)."""
        return float(self.node_complement(0.0, order))

    @cached_property
    def probabilities(self) -> np.ndarray:
        """Pmf on 0, 1, ..., cut after the last degree that matters: at most 1e-15 of the mass is left out."""
        last = self.maximum if self.maximum is not None else self._quantile_of_tail()
        return self.pmf(np.arange(last + 1))

    @property
    def truncation_error(self) -> float:
        """Mass that ``probabilities`` leaves out (0 for laws of bounded degree)."""
        return 0.0 if self.maximum is not None else max(0.0, 1.0 - float(np.sum(self.probabilities)))

    def exceeds(self, degree: int) -> float:
        """Return P(k > degree)."""
        kept = self.probabilities
        return float(np.sum(kept[degree + 1 :]))

    def _quantile_of_tail(self) -> int:
        """Degree beyond which less than ``TAIL`` lies, found by doubling."""
        last = 16 + int(self.mean)
        while self.pmf(np.arange(last, 2 * last)).sum() > TAIL / 4:
            last *= 2
        return 2 * last

    def __repr__(self) -> str:
        return f"<DegreeLaw {short(str(self))}>"


@dataclass(frozen=True, repr=False)
class Fixed(DegreeLaw):
    """Every node has the same degree: L(x) = x^degree."""

    degree: int

    @property
    def mean(self) -> float:  # type: ignore[override]
        return float(self.degree)

    @property
    def variance(self) -> float:  # type: ignore[override]
        return 0.0

    @property
    def minimum(self) -> int:  # type: ignore[override]
        return self.degree

    @property
    def maximum(self) -> int:  # type: ignore[override]
        return self.degree

    @property
    def excess(self) -> Fixed:
        return Fixed(self.degree - 1)

    def pmf(self, degree: np.ndarray | int) -> np.ndarray:
        return (np.asarray(degree) == self.degree).astype(float)

    def node_at(self, x: Numeric, y: Numeric, order: int = 0) -> np.ndarray:
        return power(x, y, self.degree, order)

    def log_marked(self, count: int, x: Numeric, y: Numeric) -> np.ndarray:
        return log_chosen(self.degree, count, x, y)

    def at_least(self, count: int, x: Numeric) -> np.ndarray:
        return tail_of_binomial(self.degree, count, x)

    def node_deficit(self, y: Numeric) -> np.ndarray:
        return one_minus_power(np.asarray(y, dtype=float), self.degree)

    def sample(self, rng: np.random.Generator, size: int) -> np.ndarray:
        return np.full(size, self.degree, dtype=np.int64)

    def __str__(self) -> str:
        return f"fixed:{self.degree}"


@dataclass(frozen=True, repr=False)
class Poisson(DegreeLaw):
    """L(x) = exp(-mean (1 - x)); the excess degree has the same law."""

    mean: float
    minimum = 0
    maximum = None

    @property
    def variance(self) -> float:  # type: ignore[override]
        return self.mean

    @property
    def excess(self) -> Poisson:
        return self

    def pmf(self, degree: np.ndarray | int) -> np.ndarray:
        count = np.asarray(degree, dtype=float)
        return np.exp(special.xlogy(count, self.mean) - self.mean - special.gammaln(count + 1))

    def node_at(self, x: Numeric, y: Numeric, order: int = 0) -> np.ndarray:
        return self.mean**order * np.exp(-self.mean * np.asarray(y, dtype=float))

    def log_marked(self, count: int, x: Numeric, y: Numeric) -> np.ndarray:
        share, rest = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
        missing = np.where(share + rest > 1 - 1e-15, share, 1 - rest)
        return special.xlogy(count, self.mean * share) - special.gammaln(count + 1) - self.mean * missing

    def at_least(self, count: int, x: Numeric) -> np.ndarray:
        return np.asarray(special.gammainc(count, self.mean * np.asarray(x, dtype=float)))

    def node_deficit(self, y: Numeric) -> np.ndarray:
        return -np.expm1(-self.mean * np.asarray(y, dtype=float))

    def sample(self, rng: np.random.Generator, size: int) -> np.ndarray:
        return rng.poisson(self.mean, size)

    def __str__(self) -> str:
        return f"poisson:{number_text(self.mean)}"


@dataclass(frozen=True, repr=False)
class Binomial(DegreeLaw):
    """Successes in ``trials`` tries: L(x) = (1 - probability (1 - x))^trials."""

    trials: int
    probability: float
    minimum = 0

    @property
    def mean(self) -> float:  # type: ignore[override]
        return self.trials * self.probability

    @property
    def variance(self) -> float:  # type: ignore[override]
        return self.mean * (1 - self.probability)

    @property
    def maximum(self) -> int:  # type: ignore[override]
        return self.trials

    @property
    def excess(self) -> Binomial:
        return Binomial(self.trials - 1, self.probability)

    def pmf(self, degree: np.ndarray | int) -> np.ndarray:
        from scipy import stats

        return np.asarray(stats.binom.pmf(degree, self.trials, self.probability))

    @cached_property
    def probabilities(self) -> np.ndarray:
        spread = 12 * np.sqrt(self.variance) + 60
        last = int(min(self.trials, np.ceil(self.mean + spread)))
        return self.pmf(np.arange(last + 1))

    @property
    def truncation_error(self) -> float:
        kept = self.probabilities
        return 0.0 if kept.size > self.trials else max(0.0, 1.0 - float(kept.sum()))

    def node_at(self, x: Numeric, y: Numeric, order: int = 0) -> np.ndarray:
        missed = self.probability * np.asarray(y, dtype=float)
        return self.probability**order * power(self._thinned(x), missed, self.trials, order)

    def log_marked(self, count: int, x: Numeric, y: Numeric) -> np.ndarray:
        return log_chosen(self.trials, count, self.probability * np.asarray(x, dtype=float), self._thinned(y))

    def at_least(self, count: int, x: Numeric) -> np.ndarray:
        return tail_of_binomial(self.trials, count, self.probability * np.asarray(x, dtype=float))

    def _thinned(self, x: Numeric) -> np.ndarray:
        return np.asarray((1 - self.probability) + self.probability * np.asarray(x, dtype=float))

    def node_deficit(self, y: Numeric) -> np.ndarray:
        return one_minus_power(self.probability * np.asarray(y, dtype=float), self.trials)

    def sample(self, rng: np.random.Generator, size: int) -> np.ndarray:
        return rng.binomial(self.trials, self.probability, size)

    def __str__(self) -> str:
        return f"binomial:{self.trials}:{number_text(self.probability)}"


@dataclass(frozen=True, repr=False)
class NegativeBinomial(DegreeLaw):
    """Poisson with a gamma-distributed mean: L(x) = (1 + mean (1 - x)/dispersion)^(-dispersion).

    The variance is mean + mean^2/dispersion; dispersion 1 is the geometric law on 0, 1, 2, ...
    """

    mean: float
    dispersion: float
    minimum = 0
    maximum = None

    @property
    def variance(self) -> float:  # type: ignore[override]
        return self.mean + self.mean**2 / self.dispersion

    @property
    def excess(self) -> NegativeBinomial:
        larger = self.dispersion + 1
        return NegativeBinomial(self.mean * larger / self.dispersion, larger)

    def pmf(self, degree: np.ndarray | int) -> np.ndarray:
        from scipy import stats

        return np.asarray(stats.nbinom.pmf(degree, self.dispersion, self._success))

    def node_at(self, x: Numeric, y: Numeric, order: int = 0) -> np.ndarray:
        scale = self.mean / self.dispersion
        rising = float(special.poch(self.dispersion, order))
        logarithm = np.log1p(scale * np.asarray(y, dtype=float))
        return rising * scale**order * np.exp(-(self.dispersion + order) * logarithm)

    def log_marked(self, count: int, x: Numeric, y: Numeric) -> np.ndarray:
        scale, size = self.mean / self.dispersion, self.dispersion
        share, rest = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
        missing = np.where(share + rest > 1 - 1e-15, share, 1 - rest)
        ways = special.gammaln(size + count) - special.gammaln(size) - special.gammaln(count + 1)
        return ways + special.xlogy(count, scale * share) - (size + count) * np.log1p(scale * missing)

    def at_least(self, count: int, x: Numeric) -> np.ndarray:
        odds = self.mean / self.dispersion * np.asarray(x, dtype=float)
        return np.asarray(special.betainc(count, self.dispersion, odds / (1 + odds)))

    def node_deficit(self, y: Numeric) -> np.ndarray:
        scale = self.mean / self.dispersion
        return -np.expm1(-self.dispersion * np.log1p(scale * np.asarray(y, dtype=float)))

    def sample(self, rng: np.random.Generator, size: int) -> np.ndarray:
        if self.mean == 0:
            return np.zeros(size, dtype=np.int64)
        return rng.negative_binomial(self.dispersion, self._success, size)

    @property
    def _success(self) -> float:
        return self.dispersion / (self.dispersion + self.mean)

    def __str__(self) -> str:
        if self.dispersion == 1:
            return f"geometric:{number_text(self.mean)}"
        return f"negative_binomial:{number_text(self.mean)}:{number_text(self.dispersion)}"


def number_text(value: float) -> str:
    """Shortest text that reads back as the same number."""
    text = repr(float(value))
    return text.removesuffix(".0")


def falling(degree: Numeric, order: int) -> np.ndarray:
    """Return degree (degree-1) ... (degree-order+1), not below 0."""
    out = np.ones_like(np.asarray(degree, dtype=float))
    for step in range(order):
        out = out * np.maximum(np.asarray(degree, dtype=float) - step, 0.0)
    return out


def power(x: Numeric, y: Numeric, degree: Numeric, order: int = 0) -> np.ndarray:
    """Return the order-th derivative of x^degree at x = 1 - y, both to full precision (0^0 = 1)."""
    value = np.exp(np.maximum(np.asarray(degree, dtype=float) - order, 0.0) * _log_of(x, y))
    return value if order == 0 else falling(degree, order) * value


def one_minus_power(y: np.ndarray, degree: Numeric) -> np.ndarray:
    """Return 1 - (1 - y)^degree without cancellation."""
    return -np.expm1(special.xlog1py(degree, -y))


def log_chosen(degree: Numeric, count: int, x: Numeric, y: Numeric) -> np.ndarray:
    """Return log(C(degree, count) x^count y^(degree - count)); minus infinity where count exceeds the degree."""
    share, rest = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    others = np.asarray(degree, dtype=float) - count
    complement = np.where(share + rest > 1 - 1e-15, share, 1 - rest)  # y = 1 - x, and x is the more precise
    kept = np.maximum(others, 0.0) * _log_of(rest, complement)
    if count == 0:
        return kept
    inside = np.maximum(others, 0.0)
    ways = special.gammaln(inside + count + 1) - special.gammaln(inside + 1) - special.gammaln(count + 1)
    return np.where(others >= 0, ways + special.xlogy(count, share) + kept, -np.inf)


def tail_of_binomial(trials: Numeric, count: int, x: Numeric) -> np.ndarray:
    """Return P(at least ``count`` >= 1 of ``trials`` succeed), each with probability x."""
    tries, share = np.broadcast_arrays(np.asarray(trials, dtype=float), np.asarray(x, dtype=float))
    if count == 1:
        return one_minus_power(share, tries)
    inside = tries >= count
    return np.where(inside, special.betainc(float(count), np.where(inside, tries - count + 1, 1.0), share), 0.0)


def _log_of(x: Numeric, y: Numeric) -> np.ndarray:
    """Return log(x) from the smaller of x and y = 1 - x; -1e300 in place of minus infinity, so that 0 times it is 0."""
    share, rest = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    near = special.xlog1py(1.0, -np.minimum(rest, 0.5))
    return np.maximum(np.where(rest < 0.5, near, special.xlogy(1.0, share)), -1e300)
