"""Degree laws given by weighted points: a user's table, a truncated power law, a mixture of laws."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import special

from skillgraph.ensembles.laws import (
    DegreeLaw,
    Numeric,
    log_chosen,
    number_text,
    one_minus_power,
    power,
    tail_of_binomial,
)
from skillgraph.ensembles.quadrature import consecutive_nodes

__all__ = ["Mixture", "Table", "Zipf"]


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

    def node_at(self, x: Numeric, y: Numeric, order: int = 0) -> np.ndarray:
        return self._sum(lambda a, b, k: power(a, b, k, order), x, y)

    def node_deficit(self, y: Numeric) -> np.ndarray:
        return self._sum(one_minus_power, y)

    def log_marked(self, count: int, x: Numeric, y: Numeric) -> np.ndarray:
        share, rest = np.broadcast_arrays(np.asarray(x, dtype=float), np.asarray(y, dtype=float))
        flat, out = (share.ravel(), rest.ravel()), np.empty(share.size)
        with np.errstate(divide="ignore"):
            log_weights = np.log(self._weights)
        for part in self._blocks(share.size):
            terms = log_chosen(self._points, count, flat[0][part, None], flat[1][part, None]) + log_weights
            out[part] = _log_sum(terms)
        return out.reshape(share.shape)

    def at_least(self, count: int, x: Numeric) -> np.ndarray:
        return self._sum(lambda share, k: tail_of_binomial(k, count, share), x)

    def _sum(self, function: Callable[..., np.ndarray], *arguments: Numeric) -> np.ndarray:
        """Sum ``weight * function(arguments, point)`` over the points in blocks of bounded memory."""
        if all(np.ndim(one) == 0 for one in arguments):
            return np.asarray(function(*arguments, self._points) @ self._weights)
        values = np.broadcast_arrays(*(np.asarray(one, dtype=float) for one in arguments))
        flat, out = [one.ravel() for one in values], np.empty(values[0].size)
        for part in self._blocks(out.size):
            out[part] = function(*(one[part, None] for one in flat), self._points) @ self._weights
        return out.reshape(values[0].shape)

    def _blocks(self, size: int) -> list[slice]:
        step = max(1, 2**20 // max(1, self._points.size))
        return [slice(start, start + step) for start in range(0, size, step)]


def _log_sum(terms: np.ndarray) -> np.ndarray:
    """Return log(sum(exp(terms))) over the last axis; minus infinity where all terms are."""
    largest = np.max(terms, axis=-1, keepdims=True)
    shift = np.where(np.isfinite(largest), largest, 0.0)
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(np.exp(terms - shift).sum(axis=-1)) + shift[..., 0])


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

    def node_at(self, x: Numeric, y: Numeric, order: int = 0) -> np.ndarray:
        return np.asarray(sum(w * law.node_at(x, y, order) for w, law in self._pairs()))

    def log_marked(self, count: int, x: Numeric, y: Numeric) -> np.ndarray:
        terms = [np.log(w) + law.log_marked(count, x, y) for w, law in self._pairs()]
        return np.asarray(special.logsumexp(np.stack(terms), axis=0))

    def at_least(self, count: int, x: Numeric) -> np.ndarray:
        return np.asarray(sum(w * law.at_least(count, x) for w, law in self._pairs()))

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
