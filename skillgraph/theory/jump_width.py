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

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from skillgraph.ensembles.ensemble import Ensemble
from skillgraph.ensembles.laws import DegreeLaw

__all__ = [
    "OMEGA",
    "JumpState",
    "degree_variance",
    "erasure_shift",
    "erasure_variance",
    "ratio_slope",
    "uniform_width",
]

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
    message, known : float
        x*, edge perspective, before the jump, and 1 - x* to full precision.
    """

    ensemble: Ensemble
    load: float
    erasure: float
    message: float
    known: float

    @property
    def failing(self) -> float:
        """Probability y = 1 - rho(1 - x) that a text does not teach a given skill."""
        return float(self.ensemble.skills_per_text.edge_deficit(self.message))

    @property
    def teaching(self) -> float:
        """The probability 1 - y that it does, to full precision."""
        return self.texts(self.known, self.message)

    @property
    def mean_degree(self) -> float:
        """Mean number of texts of a skill."""
        return -self.load * float(self.ensemble.survival(0.0, 1))

    def skills(self, y: float, teaching: float, order: int = 0) -> float:
        """Return lambda^(order)(y) of the texts that have arrived, given y and 1 - y."""
        law, sign = self.ensemble.texts_per_skill, (-self.load) ** order
        if law is None:
            return sign * float(self.ensemble.edge_survival(self.load * teaching, order))
        rest = (1 - self.load) + self.load * y
        return self.load**order * float(law.edge_at(rest, self.load * teaching, order))

    def texts(self, x: float, complement: float, order: int = 0) -> float:
        """Return rho^(order)(x), given x and 1 - x."""
        return float(self.ensemble.skills_per_text.edge_at(x, complement, order))


def _squared(x: float, complement: float) -> tuple[float, float]:
    """Return x^2 and 1 - x^2, given x and 1 - x."""
    return x**2, complement * (1 + x)


def erasure_variance(state: JumpState) -> float:
    """Return alpha^2 in the erasure probability at fixed degree sequences, skills erased independently.

    The signs are those that simulation confirms: minus before xbar^2 rho'(xbar^2), eps^2 lambda(y^2), y^2 eps^2
    lambda'(y^2).
    """
    x, eps, pair = state.message, state.erasure, (state.known, state.message)
    out = (state.failing, state.teaching)
    lam, rho, slope = state.skills(*out), state.texts(*pair), state.texts(*pair, 1)
    checks = rho**2 - state.texts(*_squared(*pair)) + slope * (1 - 2 * x * rho)
    checks -= pair[0] ** 2 * state.texts(*_squared(*pair), 1)
    erased = lam**2 - state.skills(*_squared(*out)) - out[0] ** 2 * state.skills(*_squared(*out), 1)
    return (checks / slope**2 + eps**2 * erased) / (state.mean_degree * lam**2)


def erasure_shift(state: JumpState) -> float:
    """Return beta in the erasure probability; the same for fixed and fluctuating degrees."""
    x, eps, pair = state.message, state.erasure, (state.known, state.message)
    out = (state.failing, state.teaching)
    slope, curve = state.texts(*pair, 1), state.texts(*pair, 2)
    first, second = state.skills(*out, 1), state.skills(*out, 2)
    f = state.skills(*out) * second / first**2
    a = (curve * (eps * first) ** 2 - eps * slope * second) / (state.mean_degree * x)
    s = state.mean_degree * x**2 * slope / eps
    return OMEGA * float(np.cbrt(f**2 / a)) / s


def ratio_slope(state: JumpState) -> float:
    """Return d eps*/dr, the erasure probability that one more text per skill makes up for."""
    out = (state.failing, state.teaching)
    change = state.skills(*out, 1) * state.teaching * state.ensemble.load_per_ratio / state.load
    return state.erasure * change / state.skills(*out)


def uniform_width(state: JumpState) -> tuple[float, float]:
    """Return alpha and beta in texts per skill for texts by law with uniform popularity, in closed form.

    With u the unlearned share, p = -u ln(u/eps) / r the texts that taught, per skill and text, and n1(u) the texts with
    one unknown skill,

        alpha^2 = u (1 - u) / p^2 - r,    beta = Omega / (p n1''(u)^(1/3)).
    """
    u, pair = state.message, (state.known, state.message)
    s, ratio = state.load * state.teaching, state.load / state.ensemble.load_per_ratio
    first, second = (state.texts(*pair, k) / state.texts(*pair) for k in (1, 2))
    bend = 2 * (1 / u - s * first) + u * (s * second - 1 / u**2)
    alpha = ratio * math.sqrt(u * state.known / (u * s) ** 2 - 1 / ratio)
    return alpha, OMEGA * ratio / (u * s * float(np.cbrt(bend)))


def degree_variance(state: JumpState) -> float:
    """Return what fluctuating degrees add to alpha^2 in the erasure probability.

    Texts by law: every text draws its number of skills, skills share the sockets by popularity. Configuration: the
    texts that have arrived are a random part of all texts, whose degrees are fixed.
    """
    out, pair = (state.failing, state.teaching), (state.known, state.message)
    lam = state.skills(*out)
    steep = state.skills(*out, 1) / lam
    on_skills = -1 / (lam * state.mean_degree)
    on_texts, on_edges = steep / state.mean_degree, (1 - steep * state.texts(*pair)) / state.mean_degree
    skill_part, per_edge = _skill_part(state)
    law, ratio = state.ensemble.skills_per_text, state.load / state.ensemble.load_per_ratio
    text_part = _text_variance(law, pair, on_texts, on_edges + on_skills * per_edge)
    left = 1.0 if state.ensemble.full_ratio is None else 1 - state.load
    return state.erasure**2 * (on_skills**2 * skill_part + left * ratio * text_part)


def _text_variance(law: DegreeLaw, pair: tuple[float, float], on_power: float, on_degree: float) -> float:
    """Variance of ``on_power * j x^(j-1) + on_degree * j`` over texts of j skills, given x and 1 - x."""
    mean, x = law.mean, pair[0]
    power = float(law.node_at(*pair, 1))
    square = float(law.node_at(*_squared(*pair), 1)) + x**2 * float(law.node_at(*_squared(*pair), 2))
    mixed = power + x * float(law.node_at(*pair, 2))
    return (
        on_power**2 * (square - power**2)
        + 2 * on_power * on_degree * (mixed - power * mean)
        + on_degree**2 * law.variance
    )


def _skill_part(state: JumpState) -> tuple[float, float]:
    """Return the variance of k y^(k-1) given the number of edges, and its mean change with that number."""
    shares, variance, first, second = _classes(state)
    y, teaching = state.failing, state.teaching
    mean = first(0.0)
    power, square = first(teaching), first(_squared(y, teaching)[1]) + y**2 * second(_squared(y, teaching)[1])
    covariance = float(shares @ (power + y * second(teaching) - power * mean))
    spread = float(shares @ variance)
    if spread <= 1e-14 * float(shares @ mean):
        return 0.0, 0.0
    return float(shares @ (square - power**2)) - covariance**2 / spread, covariance / spread


def _classes(state: JumpState) -> tuple[np.ndarray, np.ndarray, _Sums, _Sums]:
    """Return the shares of the classes of skills, and of the number of arrived texts in each its variance, G' and G''.

    G is the generating function at 1 - t, as a function of t.
    """
    if state.ensemble.texts_per_skill is None:
        assert state.ensemble.popularity is not None
        weights, shares = state.ensemble.popularity.nodes()
        means = state.load * weights
        return shares, means, lambda t: means * np.exp(-means * t), lambda t: means**2 * np.exp(-means * t)
    shares, arrived = state.ensemble.texts_per_skill.probabilities, state.load
    degrees = np.arange(shares.size)
    variance = degrees * arrived * (1 - arrived)

    def first(t: float) -> np.ndarray:
        return degrees * arrived * np.power(1 - arrived * t, np.maximum(degrees - 1, 0))

    def second(t: float) -> np.ndarray:
        return degrees * (degrees - 1) * arrived**2 * np.power(1 - arrived * t, np.maximum(degrees - 2, 0))

    return shares, variance, first, second
