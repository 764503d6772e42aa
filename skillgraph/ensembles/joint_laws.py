"""Joint laws: how many skills of each class one text needs, and the other way round.

A joint law is known by its generating function G(x_1, ..., x_A) = E prod_a x_a^(k_a). Functions take ``missing`` =
1 - x, because thresholds live where x is near 1, and return *jets*: the Taylor coefficients in t of a derivative of G
at 1 - missing + t along. With along = missing = probability that a skill is unknown, the k-th coefficient of G is the
probability that a text has exactly k unknown skills.

* *independent*: the numbers of the classes are independent, each of its own law; all Poisson is the usual case;
* *split*: a total number of skills, each of which falls into class a with probability p_a;
* *mixture*: one of several joint laws (rows of a table of counts are mixtures of fixed numbers).
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from skillgraph.ensembles.laws import DegreeLaw, Fixed, Poisson
from skillgraph.records.values import fields_of, leaves_as, rebuilt

__all__ = ["Independent", "JointFixed", "JointLaw", "JointMixture", "JointPoisson", "Split", "independent", "rows"]


class JointLaw(ABC):
    """A probability law on vectors of non-negative integers, one entry per class; immutable."""

    @property
    @abstractmethod
    def means(self) -> np.ndarray:
        """Mean number of each class, (classes,) float64."""

    @abstractmethod
    def node(self, missing: np.ndarray, along: np.ndarray, terms: int) -> np.ndarray:
        """Return the jet of G at 1 - missing + t along.

        Parameters
        ----------
        missing, along : (classes, n) arrays
        terms : int
            Coefficients of t^0, ..., t^(terms - 1).

        Returns
        -------
        (terms, n) float64 array
        """

    @abstractmethod
    def first(self, missing: np.ndarray, along: np.ndarray, terms: int) -> np.ndarray:
        """Return the jets of the first derivatives of G, (classes, terms, n)."""

    @abstractmethod
    def second(self, missing: np.ndarray, along: np.ndarray, terms: int) -> np.ndarray:
        """Return the jets of the second derivatives of G, (classes, classes, terms, n)."""

    @abstractmethod
    def edge_deficit(self, missing: np.ndarray) -> np.ndarray:
        """Return 1 - (dG/dx_a)(1 - missing) / means[a] without cancellation, (classes, n); 0 for classes of mean 0."""

    @abstractmethod
    def node_deficit(self, missing: np.ndarray) -> np.ndarray:
        """Return 1 - G(1 - missing) without cancellation, (n,)."""

    @abstractmethod
    def sample(self, rng: np.random.Generator, size: int) -> np.ndarray:
        """Draw ``size`` vectors, (size, classes) int64."""


@dataclass(frozen=True)
class JointPoisson(JointLaw):
    """Independent Poisson numbers: G = exp(-sum_a mean_a (1 - x_a))."""

    rates: tuple[float, ...]

    @cached_property
    def means(self) -> np.ndarray:
        return np.array(self.rates)

    def node(self, missing: np.ndarray, along: np.ndarray, terms: int) -> np.ndarray:
        value, step = np.exp(-(self.means @ missing)), self.means @ along
        return np.stack([value * step**k / math.factorial(k) for k in range(terms)])

    def first(self, missing: np.ndarray, along: np.ndarray, terms: int) -> np.ndarray:
        return self.means[:, None, None] * self.node(missing, along, terms)

    def second(self, missing: np.ndarray, along: np.ndarray, terms: int) -> np.ndarray:
        return self.means[:, None, None, None] * self.first(missing, along, terms)

    def edge_deficit(self, missing: np.ndarray) -> np.ndarray:
        return np.where(self.means[:, None] > 0, self.node_deficit(missing), 0.0)

    def node_deficit(self, missing: np.ndarray) -> np.ndarray:
        return -np.expm1(-(self.means @ missing))

    def sample(self, rng: np.random.Generator, size: int) -> np.ndarray:
        return rng.poisson(self.means, (size, self.means.size))

    def __str__(self) -> str:
        return " x ".join(f"poisson:{rate:g}" for rate in self.rates)


@dataclass(frozen=True)
class Independent(JointLaw):
    """Independent numbers, one law per class."""

    laws: tuple[DegreeLaw, ...]

    @cached_property
    def means(self) -> np.ndarray:
        return np.array([law.mean for law in self.laws])

    @cached_property
    def _present(self) -> tuple[int, ...]:
        return tuple(int(a) for a in np.flatnonzero(self.means > 0))

    def _jets(self, missing: np.ndarray, along: np.ndarray, terms: int, order: int) -> dict[int, np.ndarray]:
        """Jets of the order-th derivative of the laws of the classes that occur."""
        return {
            a: np.stack(
                [
                    self.laws[a].node_complement(missing[a], order + k) * along[a] ** k / math.factorial(k)
                    for k in range(terms)
                ]
            )
            for a in self._present
        }

    def _without(self, plain: dict[int, np.ndarray], left_out: tuple[int, ...], like: np.ndarray) -> np.ndarray:
        """Product of the jets of all classes but some."""
        out = like
        for a, jet in plain.items():
            if a not in left_out:
                out = _product(out, jet)
        return out

    def node(self, missing: np.ndarray, along: np.ndarray, terms: int) -> np.ndarray:
        return self._without(self._jets(missing, along, terms, 0), (), _one(terms, missing.shape[1]))

    def first(self, missing: np.ndarray, along: np.ndarray, terms: int) -> np.ndarray:
        plain, slopes = (self._jets(missing, along, terms, order) for order in (0, 1))
        out = np.zeros((self.means.size, terms, missing.shape[1]))
        for a, slope in slopes.items():
            out[a] = self._without(plain, (a,), slope)
        return out

    def second(self, missing: np.ndarray, along: np.ndarray, terms: int) -> np.ndarray:
        plain, slopes, bends = (self._jets(missing, along, terms, order) for order in (0, 1, 2))
        out = np.zeros((self.means.size, self.means.size, terms, missing.shape[1]))
        for a, bend in bends.items():
            out[a, a] = self._without(plain, (a,), bend)
            for b in slopes:
                if b < a:
                    out[a, b] = out[b, a] = self._without(plain, (a, b), _product(slopes[a], slopes[b]))
        return out

    def edge_deficit(self, missing: np.ndarray) -> np.ndarray:
        """Sum the logarithms of the factors: the law of the class itself seen along an edge, the others as they are."""
        out = np.zeros(missing.shape)
        with np.errstate(divide="ignore"):
            kept = {a: np.log1p(-self.laws[a].node_deficit(missing[a])) for a in self._present}
            for a in self._present:
                own = np.log1p(-self.laws[a].edge_deficit(missing[a]))
                out[a] = -np.expm1(own + sum(kept[b] for b in self._present if b != a))
        return out

    def node_deficit(self, missing: np.ndarray) -> np.ndarray:
        total = np.zeros(missing.shape[1])
        with np.errstate(divide="ignore"):
            for a in self._present:
                total = total + np.log1p(-self.laws[a].node_deficit(missing[a]))
        return -np.expm1(total)

    def sample(self, rng: np.random.Generator, size: int) -> np.ndarray:
        return np.stack([law.sample(rng, size) for law in self.laws], axis=1)

    def __str__(self) -> str:
        return " x ".join(str(law) for law in self.laws)


@dataclass(frozen=True)
class JointFixed(JointLaw):
    """The same number of each class for every text: G = prod_a x_a^(k_a)."""

    counts: tuple[int, ...]

    @cached_property
    def means(self) -> np.ndarray:
        return np.array(self.counts, dtype=float)

    @cached_property
    def _present(self) -> np.ndarray:
        return np.flatnonzero(self.means > 0)

    @cached_property
    def _general(self) -> Independent:
        return Independent(tuple(Fixed(k) for k in self.counts))

    def _powers(self, missing: np.ndarray, lowered: tuple[int, ...] = ()) -> np.ndarray:
        """Product over the classes of (1 - missing)^k, with k one lower for each time that a class is named."""
        exponents = self.means[self._present]
        for a in lowered:
            exponents = exponents - (self._present == a)
        return np.prod((1 - missing[self._present]) ** np.maximum(exponents, 0.0)[:, None], axis=0)

    def node(self, missing: np.ndarray, along: np.ndarray, terms: int) -> np.ndarray:
        return self._powers(missing)[None] if terms == 1 else self._general.node(missing, along, terms)

    def first(self, missing: np.ndarray, along: np.ndarray, terms: int) -> np.ndarray:
        if terms > 1:
            return self._general.first(missing, along, terms)
        out = np.zeros((self.means.size, 1, missing.shape[1]))
        for a in self._present:
            out[a, 0] = self.means[a] * self._powers(missing, (a,))
        return out

    def second(self, missing: np.ndarray, along: np.ndarray, terms: int) -> np.ndarray:
        if terms > 1:
            return self._general.second(missing, along, terms)
        out = np.zeros((self.means.size, self.means.size, 1, missing.shape[1]))
        for a in self._present:
            for b in self._present[self._present <= a]:
                pairs = self.means[a] * (self.means[b] - (a == b))
                if pairs > 0:
                    out[a, b, 0] = out[b, a, 0] = pairs * self._powers(missing, (a, b))
        return out

    def edge_deficit(self, missing: np.ndarray) -> np.ndarray:
        return self._general.edge_deficit(missing)

    def node_deficit(self, missing: np.ndarray) -> np.ndarray:
        return self._general.node_deficit(missing)

    def sample(self, rng: np.random.Generator, size: int) -> np.ndarray:
        return np.tile(np.array(self.counts, np.int64), (size, 1))

    def __str__(self) -> str:
        return str(self._general)


@dataclass(frozen=True)
class Split(JointLaw):
    """A total number whose members fall into classes independently: G = L(sum_a p_a x_a)."""

    total: DegreeLaw
    shares: tuple[float, ...]

    @cached_property
    def _shares(self) -> np.ndarray:
        return np.array(self.shares)

    @cached_property
    def means(self) -> np.ndarray:
        return self.total.mean * self._shares

    def _jet(self, missing: np.ndarray, along: np.ndarray, terms: int, order: int) -> np.ndarray:
        y, step = np.minimum(self._shares @ missing, 1.0), self._shares @ along
        return np.stack([self.total.node_complement(y, order + k) * step**k / math.factorial(k) for k in range(terms)])

    def node(self, missing: np.ndarray, along: np.ndarray, terms: int) -> np.ndarray:
        return self._jet(missing, along, terms, 0)

    def first(self, missing: np.ndarray, along: np.ndarray, terms: int) -> np.ndarray:
        return self._shares[:, None, None] * self._jet(missing, along, terms, 1)

    def second(self, missing: np.ndarray, along: np.ndarray, terms: int) -> np.ndarray:
        return np.multiply.outer(np.outer(self._shares, self._shares), self._jet(missing, along, terms, 2))

    def edge_deficit(self, missing: np.ndarray) -> np.ndarray:
        value = self.total.edge_deficit(np.minimum(self._shares @ missing, 1.0))
        return np.where(self._shares[:, None] > 0, value, 0.0)

    def node_deficit(self, missing: np.ndarray) -> np.ndarray:
        return self.total.node_deficit(np.minimum(self._shares @ missing, 1.0))

    def sample(self, rng: np.random.Generator, size: int) -> np.ndarray:
        return rng.multinomial(self.total.sample(rng, size), self._shares / self._shares.sum())

    def __str__(self) -> str:
        return f"{self.total} split " + ":".join(f"{share:g}" for share in self.shares)


@dataclass(frozen=True)
class JointMixture(JointLaw):
    """One of several joint laws, drawn by weight."""

    weights: tuple[float, ...]
    laws: tuple[JointLaw, ...]

    @cached_property
    def means(self) -> np.ndarray:
        return np.asarray(sum(w * law.means for w, law in self._pairs))

    @property
    def _pairs(self) -> list[tuple[float, JointLaw]]:
        return list(zip(self.weights, self.laws, strict=True))

    def node(self, missing: np.ndarray, along: np.ndarray, terms: int) -> np.ndarray:
        return np.asarray(sum(w * law.node(missing, along, terms) for w, law in self._pairs))

    def first(self, missing: np.ndarray, along: np.ndarray, terms: int) -> np.ndarray:
        return np.asarray(sum(w * law.first(missing, along, terms) for w, law in self._pairs))

    def second(self, missing: np.ndarray, along: np.ndarray, terms: int) -> np.ndarray:
        return np.asarray(sum(w * law.second(missing, along, terms) for w, law in self._pairs))

    def edge_deficit(self, missing: np.ndarray) -> np.ndarray:
        parts = sum(w * law.means[:, None] * law.edge_deficit(missing) for w, law in self._pairs)
        return np.asarray(parts / np.where(self.means > 0, self.means, 1.0)[:, None])

    def node_deficit(self, missing: np.ndarray) -> np.ndarray:
        return np.asarray(sum(w * law.node_deficit(missing) for w, law in self._pairs))

    def sample(self, rng: np.random.Generator, size: int) -> np.ndarray:
        chosen = np.searchsorted(np.cumsum(self.weights)[:-1], rng.random(size), side="right")
        out = np.empty((size, self.means.size), np.int64)
        for place, law in enumerate(self.laws):
            mine = chosen == place
            out[mine] = law.sample(rng, int(mine.sum()))
        return out

    def __str__(self) -> str:
        return " + ".join(f"{w:g} ({law})" for w, law in self._pairs)


def independent(laws: Sequence[DegreeLaw]) -> JointLaw:
    """Return the joint law of independent numbers; Poisson and zero throughout has a closed form of its own, and so
    have fixed numbers.
    """
    if all(isinstance(law, Poisson) or law == Fixed(0) for law in laws):
        return JointPoisson(tuple(float(law.mean) for law in laws))
    if all(isinstance(law, Fixed) for law in laws):
        return JointFixed(tuple(law.degree for law in laws if isinstance(law, Fixed)))
    return Independent(tuple(laws))


def rows(weights: Sequence[float], counts: Sequence[Sequence[int]]) -> JointLaw:
    """Return the joint law of a table: row i of ``counts`` (one number per class) with probability weights[i]."""
    laws = [JointFixed(tuple(int(k) for k in row)) for row in counts]
    return laws[0] if len(laws) == 1 else JointMixture(tuple(float(w) for w in weights), tuple(laws))


def _one(terms: int, size: int) -> np.ndarray:
    """Jet of the constant 1."""
    out = np.zeros((terms, size))
    out[0] = 1.0
    return out


def _product(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Multiply two jets and cut what is beyond their length."""
    if one.shape[0] == 1:
        return one * other
    return np.stack([sum(one[j] * other[k - j] for j in range(k + 1)) for k in range(one.shape[0])])


def _written(law: JointLaw) -> dict[str, Any]:
    """Return the name of the law and its parameters."""
    return {"law": type(law).__name__, **fields_of(law)}


def _read(mapping: Mapping[str, Any]) -> JointLaw:
    """Return the law of a name and its parameters."""
    kinds: dict[str, type[JointLaw]] = {kind.__name__: kind for kind in JointLaw.__subclasses__()}
    if mapping["law"] not in kinds:
        raise ValueError(f'"law" must be one of {", ".join(kinds)}, got "{mapping["law"]}"')
    law: JointLaw = rebuilt(mapping, kinds[mapping["law"]])
    return law


leaves_as(JointLaw, _written, _read, {"type": "object", "properties": {"law": {"type": "string"}}, "required": ["law"]})
