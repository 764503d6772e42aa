"""Fluctuations at a jump: where the threshold of one finite graph lies around that of the ensemble.

In terms of the erasure probability, at load s/h, the message x* before the jump, y = 1 - rho(1 - x) and lambda, rho the
edge perspectives of both sides. Two independent parts:

* matching and erasures at fixed degree sequences: Amraoui, Montanari, Richardson & Urbanke (2009);
* degree sequences that fluctuate: eps*(degrees) is linear in them,

      d ln eps* = -dlambda(y)/lambda(y) + lambda'(y)/lambda(y) drho(1 - x),

  with lambda(y) = sum over skills of k y^(k-1) over the number E of edges, and rho alike. Given E the degrees of skills
  are independent ones conditioned on their sum, so what they add to E is projected out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from skillgraph.ensembles.ensemble import Ensemble
from skillgraph.ensembles.laws import DegreeLaw

__all__ = ["OMEGA", "JumpState", "degree_variance", "erasure_shift", "erasure_variance", "ratio_slope"]

_Sums: TypeAlias = Callable[[float], np.ndarray]

OMEGA = 0.996193019928363  # E max_t (B_t - t^2/2)


@dataclass(frozen=True)
class JumpState:
    """An ensemble at its jump.

    Attributes
    ----------
    ensemble : Ensemble
    load : float
        c r, or the share of texts that have arrived.
    erasure : float
        Share of skills not known beforehand.
    message : float
        x*, edge perspective, before the jump.
    """

    ensemble: Ensemble
    load: float
    erasure: float
    message: float

    @property
    def failing(self) -> float:
        """Probability y = 1 - rho(1 - x) that a text does not teach a given skill."""
        return float(self.ensemble.skills_per_text.edge_deficit(self.message))

    @property
    def mean_degree(self) -> float:
        """Mean number of texts of a skill."""
        return -self.load * float(self.ensemble.survival(0.0, 1))

    def skills(self, y: float, order: int = 0) -> float:
        """Return lambda^(order)(y) of the texts that have arrived."""
        return (-self.load) ** order * float(self.ensemble.edge_survival(self.load * (1 - y), order))

    def texts(self, x: float, order: int = 0) -> float:
        """Return rho^(order)(x)."""
        return float(self.ensemble.skills_per_text.edge(x, order))


def erasure_variance(state: JumpState) -> float:
    """Return alpha^2 in the erasure probability at fixed degree sequences, skills erased independently.

    The signs are those that simulation confirms: minus before xbar^2 rho'(xbar^2), eps^2 lambda(y^2), y^2 eps^2
    lambda'(y^2).
    """
    x, y, eps = state.message, state.failing, state.erasure
    xbar = 1 - x
    rho, slope = state.texts(xbar), state.texts(xbar, 1)
    weight = state.mean_degree * state.skills(y) ** 2
    checks = rho**2 - state.texts(xbar**2) + slope * (1 - 2 * x * rho) - xbar**2 * state.texts(xbar**2, 1)
    erased = state.skills(y) ** 2 - state.skills(y**2) - y**2 * state.skills(y**2, 1)
    return checks / (weight * slope**2) + eps**2 * erased / weight


def erasure_shift(state: JumpState) -> float:
    """Return beta in the erasure probability; the same for fixed and fluctuating degrees."""
    x, y, eps = state.message, state.failing, state.erasure
    slope, curve = state.texts(1 - x, 1), state.texts(1 - x, 2)
    first, second = state.skills(y, 1), state.skills(y, 2)
    f = state.skills(y) * second / first**2
    a = (curve * (eps * first) ** 2 - eps * slope * second) / (state.mean_degree * x)
    s = state.mean_degree * x**2 * slope / eps
    return OMEGA * float(np.cbrt(f**2 / a)) / s


def ratio_slope(state: JumpState) -> float:
    """Return d eps*/dr, the erasure probability that one more text per skill makes up for."""
    teaches = 1 - state.failing
    survival = float(state.ensemble.edge_survival(state.load * teaches))
    change = float(state.ensemble.edge_survival(state.load * teaches, 1)) * teaches * state.ensemble.load_per_ratio
    return -state.erasure * change / survival


def degree_variance(state: JumpState) -> float:
    """Return what fluctuating degrees add to alpha^2 in the erasure probability.

    Texts by law: every text draws its number of skills, skills share the sockets by popularity. Configuration: the
    texts that have arrived are a random part of all texts, whose degrees are fixed.
    """
    lam = state.skills(state.failing)
    steep = state.skills(state.failing, 1) / lam
    on_skills = -1 / (lam * state.mean_degree)
    on_texts, on_edges = steep / state.mean_degree, (1 - steep * state.texts(1 - state.message)) / state.mean_degree
    skill_part, per_edge = _skill_part(state)
    law, ratio = state.ensemble.skills_per_text, state.load / state.ensemble.load_per_ratio
    text_part = _text_variance(law, 1 - state.message, on_texts, on_edges + on_skills * per_edge)
    left = 1.0 if state.ensemble.full_ratio is None else 1 - state.load
    return state.erasure**2 * (on_skills**2 * skill_part + left * ratio * text_part)


def _text_variance(law: DegreeLaw, x: float, on_power: float, on_degree: float) -> float:
    """Variance of ``on_power * j x^(j-1) + on_degree * j`` over texts of j skills."""
    mean, second = law.mean, law.factorial_moment(2) + law.mean
    power = float(law.node(x, 1))
    square = float(law.node(x**2, 1)) + x**2 * float(law.node(x**2, 2))
    mixed = power + x * float(law.node(x, 2))
    return (
        on_power**2 * (square - power**2)
        + 2 * on_power * on_degree * (mixed - power * mean)
        + on_degree**2 * (second - mean**2)
    )


def _skill_part(state: JumpState) -> tuple[float, float]:
    """Return the variance of k y^(k-1) given the number of edges, and its mean change with that number."""
    shares, first, second = _classes(state)
    y = state.failing
    mean = first(1.0)
    power = first(y)
    square = first(y**2) + y**2 * second(y**2)
    covariance = float(shares @ (power + y * second(y) - power * mean))
    spread = float(shares @ (second(1.0) + mean - mean**2))
    if spread <= 1e-14 * float(shares @ mean):
        return 0.0, 0.0
    return float(shares @ (square - power**2)) - covariance**2 / spread, covariance / spread


def _classes(state: JumpState) -> tuple[np.ndarray, _Sums, _Sums]:
    """Return the shares of the classes of skills, and G' and G'' of the number of arrived texts in each class."""
    if state.ensemble.texts_per_skill is None:
        assert state.ensemble.popularity is not None
        weights, shares = state.ensemble.popularity.nodes()
        means = state.load * weights
        return shares, lambda z: means * np.exp(-means * (1 - z)), lambda z: means**2 * np.exp(-means * (1 - z))
    shares, t = state.ensemble.texts_per_skill.probabilities, state.load
    degrees = np.arange(shares.size)

    def first(z: float) -> np.ndarray:
        return degrees * t * np.power(1 - t + t * z, np.maximum(degrees - 1, 0))

    def second(z: float) -> np.ndarray:
        return degrees * (degrees - 1) * t**2 * np.power(1 - t + t * z, np.maximum(degrees - 2, 0))

    return shares, first, second
