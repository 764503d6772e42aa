"""Degree laws: how many skills a text needs, in how many texts a skill occurs.

A law knows its generating function L(x) = sum_k p_k x^k in the node perspective and lambda(x) = L'(x)/L'(1) in the
edge perspective. The edge perspective is the law of the *excess degree* of network science: follow an edge to a
node and count its other edges. Every law therefore has an ``excess`` law, and ``law.edge`` is ``law.excess.node``.

Functions take ``y = 1 - x`` where accuracy near 1 matters (``node_complement``, ``node_deficit``): thresholds live
where 1 - x is tiny.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
from scipy import special

from skillgraph.quadrature import consecutive_nodes

__all__ = [
    "Binomial",
    "DegreeLaw",
    "Fixed",
    "Mixture",
    "NegativeBinomial",
    "Poisson",
    "Table",
    "Zipf",
    "number_text",
]

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
    def node_complement(self, y: Numeric, order: int = 0) -> np.ndarray:
        """Return L^(order)(1 - y), the derivative with respect to x, for 0 <= y <= 1."""

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
        """Return L^(order)(x) for 0 <= x <= 1."""
        return self.node_complement(1.0 - np.asarray(x, dtype=float), order)

    def edge(self, x: Numeric, order: int = 0) -> np.ndarray:
        """Return lambda^(order)(x), lambda(x) = L'(x)/L'(1), for 0 <= x <= 1."""
        return self.excess.node(x, order)

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
        last = 16
        while self.pmf(np.arange(last, 2 * last)).sum() > TAIL / 4:
            last *= 2
        return 2 * last

    def __repr__(self) -> str:
        return f"<DegreeLaw {self}>"


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

    def node_complement(self, y: Numeric, order: int = 0) -> np.ndarray:
        return _power(np.asarray(y, dtype=float), self.degree, order)

    def node_deficit(self, y: Numeric) -> np.ndarray:
        return _one_minus_power(np.asarray(y, dtype=float), self.degree)

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

    def node_complement(self, y: Numeric, order: int = 0) -> np.ndarray:
        return self.mean**order * np.exp(-self.mean * np.asarray(y, dtype=float))

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

    def node_complement(self, y: Numeric, order: int = 0) -> np.ndarray:
        share = self.probability * np.asarray(y, dtype=float)
        return self.probability**order * _power(share, self.trials, order)

    def node_deficit(self, y: Numeric) -> np.ndarray:
        return _one_minus_power(self.probability * np.asarray(y, dtype=float), self.trials)

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

    def node_complement(self, y: Numeric, order: int = 0) -> np.ndarray:
        scale = self.mean / self.dispersion
        rising = float(special.poch(self.dispersion, order))
        logarithm = np.log1p(scale * np.asarray(y, dtype=float))
        return rising * scale**order * np.exp(-(self.dispersion + order) * logarithm)

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


class _Weighted(DegreeLaw):
    """A law given by points (degrees, or few points that stand for many) and their probabilities."""

    _points: np.ndarray
    _weights: np.ndarray

    @cached_property
    def mean(self) -> float:  # type: ignore[override]
        return float(self._weights @ self._points)

    @cached_property
    def variance(self) -> float:  # type: ignore[override]
        return float(self._weights @ (self._points - self.mean) ** 2)

    def node_complement(self, y: Numeric, order: int = 0) -> np.ndarray:
        return self._sum(_power, y, order)

    def node_deficit(self, y: Numeric) -> np.ndarray:
        return self._sum(_one_minus_power, y)

    def _sum(self, function: object, y: Numeric, *order: int) -> np.ndarray:
        """Sum ``weight * function(y, point)`` over the points in blocks of bounded memory."""
        assert callable(function)
        flat = np.atleast_1d(np.asarray(y, dtype=float)).ravel()
        out = np.empty(flat.size)
        step = max(1, 2**20 // max(1, self._points.size))
        for start in range(0, flat.size, step):
            part = flat[start : start + step, None]
            out[start : start + step] = function(part, self._points, *order) @ self._weights
        return out.reshape(np.shape(y))


@dataclass(frozen=True, repr=False)
class Table(_Weighted):
    """A user's own law: degrees and their probabilities (measured counts, an LDPC polynomial)."""

    degrees: tuple[int, ...]
    shares: tuple[float, ...]

    @cached_property
    def _points(self) -> np.ndarray:  # type: ignore[override]
        return np.array(self.degrees, dtype=float)

    @cached_property
    def _weights(self) -> np.ndarray:  # type: ignore[override]
        return np.array(self.shares)

    @property
    def minimum(self) -> int:  # type: ignore[override]
        return self.degrees[0]

    @property
    def maximum(self) -> int:  # type: ignore[override]
        return self.degrees[-1]

    @cached_property
    def excess(self) -> Table:
        pairs = [(k - 1, k * p / self.mean) for k, p in zip(self.degrees, self.shares, strict=True) if k > 0]
        return Table(tuple(k for k, _ in pairs), tuple(p for _, p in pairs))

    def pmf(self, degree: np.ndarray | int) -> np.ndarray:
        asked = np.asarray(degree)
        place = np.clip(np.searchsorted(self.degrees, asked), 0, len(self.degrees) - 1)
        return np.where(self._points[place] == asked, self._weights[place], 0.0)

    def sample(self, rng: np.random.Generator, size: int) -> np.ndarray:
        place = np.searchsorted(np.cumsum(self._weights)[:-1], rng.random(size), side="right")
        return np.array(self.degrees, dtype=np.int64)[place]

    def __str__(self) -> str:
        pairs = zip(self.degrees, self.shares, strict=True)
        return "pmf:" + ",".join(f"{k}={number_text(p)}" for k, p in pairs)


@dataclass(frozen=True, repr=False)
class Zipf(_Weighted):
    """Truncated power law: p_k proportional to k^(-exponent) for minimum <= k <= maximum.

    Sums over a long support are carried by a few hundred Gauss points (about 1e-13 relative error).
    """

    exponent: float
    minimum: int
    maximum: int

    @cached_property
    def _points(self) -> np.ndarray:  # type: ignore[override]
        return consecutive_nodes(self.minimum, self.maximum)[0]

    @cached_property
    def _weights(self) -> np.ndarray:  # type: ignore[override]
        weights = consecutive_nodes(self.minimum, self.maximum)[1] * self._relative(self._points)
        return weights / self._norm

    @cached_property
    def _norm(self) -> float:
        points, weights = consecutive_nodes(self.minimum, self.maximum)
        return float(weights @ self._relative(points))

    def _relative(self, degree: np.ndarray) -> np.ndarray:
        return (degree / self.minimum) ** -self.exponent

    @cached_property
    def excess(self) -> DegreeLaw:
        return _Points(self._points - 1, self._weights * self._points / self.mean)

    def pmf(self, degree: np.ndarray | int) -> np.ndarray:
        asked = np.asarray(degree, dtype=float)
        inside = (asked >= self.minimum) & (asked <= self.maximum) & (asked == np.floor(asked))
        return np.where(inside, self._relative(np.maximum(asked, self.minimum)) / self._norm, 0.0)

    def sample(self, rng: np.random.Generator, size: int) -> np.ndarray:
        cumulative = np.cumsum(self.probabilities[self.minimum :])
        return self.minimum + np.searchsorted(cumulative[:-1], rng.random(size), side="right")

    def __str__(self) -> str:
        return f"zipf:{number_text(self.exponent)}:{self.minimum}:{self.maximum}"


class _Points(_Weighted):
    """Excess law of a Zipf law: for generating functions only."""

    def __init__(self, points: np.ndarray, weights: np.ndarray) -> None:
        self._points, self._weights = points, weights
        self.minimum, self.maximum = int(points[0]), round(float(points[-1]))

    @cached_property
    def excess(self) -> DegreeLaw:
        return _Points(self._points - 1, self._weights * self._points / self.mean)

    def pmf(self, degree: np.ndarray | int) -> np.ndarray:
        raise TypeError("the excess law of a Zipf law serves generating functions only")

    def sample(self, rng: np.random.Generator, size: int) -> np.ndarray:
        raise TypeError("the excess law of a Zipf law serves generating functions only")

    def __str__(self) -> str:
        return "excess-of-zipf"


@dataclass(frozen=True, repr=False)
class Mixture(DegreeLaw):
    """Each node draws its degree from one of several laws."""

    weights: tuple[float, ...]
    laws: tuple[DegreeLaw, ...]

    @property
    def mean(self) -> float:  # type: ignore[override]
        return self._blend([law.mean for law in self.laws])

    @property
    def variance(self) -> float:  # type: ignore[override]
        return self._blend([law.variance + (law.mean - self.mean) ** 2 for law in self.laws])

    @property
    def minimum(self) -> int:  # type: ignore[override]
        return min(law.minimum for law in self.laws)

    @property
    def maximum(self) -> int | None:  # type: ignore[override]
        largest = [law.maximum for law in self.laws]
        return None if None in largest else max(m for m in largest if m is not None)

    @cached_property
    def excess(self) -> Mixture:
        kept = [(w * law.mean / self.mean, law.excess) for w, law in self._pairs() if law.mean > 0]
        return Mixture(tuple(w for w, _ in kept), tuple(law for _, law in kept))

    def pmf(self, degree: np.ndarray | int) -> np.ndarray:
        return np.asarray(sum(w * law.pmf(degree) for w, law in self._pairs()))

    def node_complement(self, y: Numeric, order: int = 0) -> np.ndarray:
        return np.asarray(sum(w * law.node_complement(y, order) for w, law in self._pairs()))

    def node_deficit(self, y: Numeric) -> np.ndarray:
        return np.asarray(sum(w * law.node_deficit(y) for w, law in self._pairs()))

    def sample(self, rng: np.random.Generator, size: int) -> np.ndarray:
        component = np.searchsorted(np.cumsum(self.weights)[:-1], rng.random(size), side="right")
        out = np.empty(size, dtype=np.int64)
        for index, law in enumerate(self.laws):
            chosen = component == index
            out[chosen] = law.sample(rng, int(chosen.sum()))
        return out

    def _pairs(self) -> list[tuple[float, DegreeLaw]]:
        return list(zip(self.weights, self.laws, strict=True))

    def _blend(self, values: list[float]) -> float:
        return float(np.dot(self.weights, values))

    def __str__(self) -> str:
        return "+".join(f"{number_text(w)}*{law}" for w, law in self._pairs())


def number_text(value: float) -> str:
    """Shortest text that reads back as the same number."""
    text = repr(float(value))
    return text.removesuffix(".0")


def _falling(degree: Numeric, order: int) -> np.ndarray:
    """Return degree (degree-1) ... (degree-order+1), not below 0."""
    out = np.ones_like(np.asarray(degree, dtype=float))
    for step in range(order):
        out = out * np.maximum(np.asarray(degree, dtype=float) - step, 0.0)
    return out


def _power(y: np.ndarray, degree: Numeric, order: int = 0) -> np.ndarray:
    """Return the order-th derivative of x^degree at x = 1 - y (0^0 = 1)."""
    exponent = np.maximum(np.asarray(degree, dtype=float) - order, 0.0)
    return _falling(degree, order) * np.exp(special.xlog1py(exponent, -y))


def _one_minus_power(y: np.ndarray, degree: Numeric) -> np.ndarray:
    """Return 1 - (1 - y)^degree without cancellation."""
    return -np.expm1(special.xlog1py(degree, -y))
