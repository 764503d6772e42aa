"""Density evolution of any ensemble: one round of learning as a map of the message x, and its load curve.

With x the probability that a skill is unknown to one of its texts (edge perspective), one round is

    x <- eps * phi(load * h(x)),    h(x) = sum_{j < D} x^j / j! * rho^(j)(1 - x),

h being the probability that a text teaches a given skill of it to a D-skill learner, phi the survival seen along an
edge and eps the share not known beforehand. Take the teaching load s as the parameter: the message x = eps phi(s) is a
fixed point at the load s / h(x). Nothing has to be inverted. The logarithmic slope of this load curve in ln s is 1 less
the slope of the map, and that is a product of two elasticities,

    T'(x) = [-s phi'(s) / phi(s)] [-x h'(x) / h(x)],    -x h'(x) = D P(exactly D unknown),

all sums of positive terms. A *place* on the curve is the teaching load itself for texts by law, and its odds
s / (1 - s) for configuration ensembles, where 0 <= s <= 1: both s and 1 - s, x and 1 - x then have full precision at
both ends.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from skillgraph.ensembles.ensemble import Ensemble
from skillgraph.ensembles.laws import DegreeLaw

__all__ = ["CurveState", "MessageMap"]


@dataclass(frozen=True, eq=False)
class CurveState:
    """A place on the load curve, all arrays of one shape.

    Attributes
    ----------
    s, rest : float64 arrays
        Teaching load, and 1 - s for configuration ensembles (0 for texts by law, where it has no meaning).
    x, known : float64 arrays
        Message and 1 - x.
    """

    s: np.ndarray
    rest: np.ndarray
    x: np.ndarray
    known: np.ndarray


@dataclass(frozen=True)
class MessageMap:
    """Density evolution of an ensemble.

    Parameters
    ----------
    ensemble : Ensemble
    learner : int
        Unknown skills that one text can teach, D.
    known : float
        Share of skills known beforehand, in [0, 1]; with 1 every message is 0 and nothing is left to learn.
    """

    ensemble: Ensemble
    learner: int = 1
    known: float = 0.0

    @property
    def unknown(self) -> float:
        """Share of skills not known beforehand, eps."""
        return 1.0 - self.known

    @cached_property
    def others(self) -> DegreeLaw:
        """Law of the other skills of a text met along an edge."""
        return self.ensemble.skills_per_text.excess

    @cached_property
    def stuck(self) -> bool:
        """Whether nothing is ever learned: no text teaches while everything is unknown, and nothing is known."""
        return self.known == 0 and self.others.minimum >= self.learner

    def teaches(self, x: np.ndarray | float) -> np.ndarray:
        """Return h(x): probability that a text teaches a given skill of it."""
        message = np.asarray(x, dtype=float)
        return np.exp(self.others.log_fewer(self.learner, message, 1 - message))

    def teaches_slope(self, x: np.ndarray | float) -> np.ndarray:
        """Return h'(x) = -x^(D-1)/(D-1)! rho^(D)(1 - x)."""
        message, d = np.asarray(x, dtype=float), self.learner
        if d == 1:
            return -self.others.node_complement(message, 1)
        with np.errstate(divide="ignore", invalid="ignore"):
            slope = -d * np.exp(self.others.log_marked(d, message, 1 - message)) / message
        return np.where(message > 0, slope, 0.0)

    def step(self, x: np.ndarray | float, load: np.ndarray | float) -> np.ndarray:
        """Return the message after one round."""
        skills = self.ensemble.texts_per_skill
        if skills is None:
            return self.unknown * self.ensemble.edge_survival(load * self.teaches(x))
        rest = self._not_taught(x, load)
        return self.unknown * skills.edge(rest)

    def unlearned(self, x: np.ndarray | float, load: np.ndarray | float) -> np.ndarray:
        """Return u, the unlearned share of skills (node perspective), when messages into skills are x."""
        skills = self.ensemble.texts_per_skill
        if skills is None:
            return self.unknown * self.ensemble.survival(load * self.teaches(x))
        return self.unknown * skills.node(self._not_taught(x, load))

    def map_slope(self, x: np.ndarray | float, load: np.ndarray | float) -> np.ndarray:
        """Return the derivative of one round with respect to x."""
        skills = self.ensemble.texts_per_skill
        if skills is None:
            change = self.ensemble.edge_survival(load * self.teaches(x), 1)
        else:
            change = -skills.edge(self._not_taught(x, load), 1)
        return self.unknown * change * load * self.teaches_slope(x)

    def _not_taught(self, x: np.ndarray | float, load: np.ndarray | float) -> np.ndarray:
        """Return 1 - load h(x), the probability that a socket does not teach, without cancellation."""
        return np.asarray((1 - load) + load * self.others.at_least(self.learner, x))

    def state(self, place: np.ndarray | float) -> CurveState:
        """Return teaching load and message at places of the load curve."""
        at = np.asarray(place, dtype=float)
        skills = self.ensemble.texts_per_skill
        if skills is None:
            known = self.known + self.unknown * self.ensemble.edge_reached(at)
            return CurveState(at, np.zeros(at.shape), self.unknown * self.ensemble.edge_survival(at), known)
        rest = 1 / (1 + at)
        s = np.where(at < 1, np.minimum(at, 1.0) * rest, 1 - rest)
        known = self.known + self.unknown * skills.edge_deficit(s)
        return CurveState(s, rest, self.unknown * skills.edge_at(rest, s), known)

    def message(self, place: np.ndarray | float) -> np.ndarray:
        """Return the message x = eps phi(s) at places of the load curve."""
        return self.state(place).x

    def log_load(self, place: np.ndarray | float) -> np.ndarray:
        """Return the logarithm of the load at which the message of a place is a fixed point, ln(s / h(x))."""
        at = self.state(place)
        with np.errstate(divide="ignore"):
            return np.asarray(np.log(at.s) - self.others.log_fewer(self.learner, at.x, at.known))

    def load(self, place: np.ndarray | float) -> np.ndarray:
        """Return that load; infinite beyond the range of numbers."""
        with np.errstate(over="ignore"):
            return np.exp(self.log_load(place))

    def slope(self, place: np.ndarray | float) -> np.ndarray:
        """Return the slope of the map at the fixed point of a place; 1 where the load curve is stationary."""
        at = self.state(place)
        d, others = self.learner, self.others
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            exactly = others.log_marked(d, at.x, at.known) - others.log_fewer(d, at.x, at.known)
            values = self._spread(at) * np.exp(math.log(d) + exactly)
        return np.where(np.isfinite(values), values, 0.0)

    def _spread(self, at: CurveState) -> np.ndarray:
        """Return -s phi'(s) / phi(s)."""
        skills = self.ensemble.texts_per_skill
        if skills is not None:
            return at.s * skills.edge_at(at.rest, at.s, 1) / skills.edge_at(at.rest, at.s)
        if self.ensemble.popularity is not None and self.ensemble.popularity.is_uniform:
            return at.s
        return -at.s * self.ensemble.edge_survival(at.s, 1) / self.ensemble.edge_survival(at.s)

    def unlearned_at(self, place: np.ndarray | float) -> np.ndarray:
        """Return the unlearned share of skills at places of the load curve."""
        at, skills = self.state(place), self.ensemble.texts_per_skill
        if skills is None:
            return self.unknown * self.ensemble.survival(at.s)
        return self.unknown * skills.node_at(at.rest, at.s)

    def learned_at(self, place: np.ndarray | float) -> np.ndarray:
        """Return the learned share of skills at places, those known beforehand not counted, without cancellation."""
        return self.unknown * self.ensemble.reached(self.state(place).s)
