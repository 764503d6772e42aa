"""Density evolution of any ensemble as one explicit curve: the load at which a message is a fixed point.

With x the probability that a skill is unknown to one of its texts (edge perspective), one round is

    x <- eps * phi(load * h(x)),    h(x) = sum_{j < D} x^j / j! * rho^(j)(1 - x),

h being the probability that a text teaches a given skill of it to a D-skill learner, phi the survival seen along an
edge and eps the share not known beforehand. Take the teaching load s as the parameter: the message x = eps phi(s) is a
fixed point at the load s / h(x). Nothing has to be inverted. This load curve has its stationary points where the slope
of the map is 1, so thresholds are its local maxima.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import optimize

from skillgraph.ensembles.ensemble import Ensemble

__all__ = ["LoadCurve", "sign_changes"]

_SMALLEST = 1e-18  # messages below are found by iteration from here
_LINEAR, _LOGARITHMIC = 400, 900  # grid points
_NEARLY_TANGENT = 0.9  # a hump of the slope that reaches so high is climbed
_PROMINENCE = 1e-13  # relative height above its neighbours that makes a maximum more than rounding


@dataclass(frozen=True)
class LoadCurve:
    """The load curve of an ensemble.

    Parameters
    ----------
    ensemble : Ensemble
    learner : int
        Unknown skills that one text can teach, D.
    unknown : float
        eps, share of skills not known beforehand, in (0, 1].
    """

    ensemble: Ensemble
    learner: int = 1
    unknown: float = 1.0

    def teaches(self, x: np.ndarray | float) -> np.ndarray:
        """Return h(x): probability that a text teaches a given skill of it."""
        message = np.asarray(x, dtype=float)
        law = self.ensemble.skills_per_text
        terms = [message**j / math.factorial(j) * law.edge_complement(message, j) for j in range(self.learner)]
        return np.asarray(sum(terms))

    def teaches_slope(self, x: np.ndarray | float) -> np.ndarray:
        """Return h'(x) = -x^(D-1)/(D-1)! rho^(D)(1 - x); the sum telescopes."""
        message, d = np.asarray(x, dtype=float), self.learner
        law = self.ensemble.skills_per_text
        return -(message ** (d - 1)) / math.factorial(d - 1) * law.edge_complement(message, d)

    def step(self, x: np.ndarray | float, load: np.ndarray | float) -> np.ndarray:
        """Return the message after one round."""
        return self.unknown * self.ensemble.edge_survival(load * self.teaches(x))

    def unlearned(self, x: np.ndarray | float, load: np.ndarray | float) -> np.ndarray:
        """Return u, the unlearned share of skills (node perspective), when messages into skills are x."""
        return self.unknown * self.ensemble.survival(load * self.teaches(x))

    def map_slope(self, x: np.ndarray | float, load: np.ndarray | float) -> np.ndarray:
        """Return the derivative of one round with respect to x."""
        inner = load * self.teaches(x)
        return self.unknown * self.ensemble.edge_survival(inner, 1) * load * self.teaches_slope(x)

    @cached_property
    def stuck(self) -> bool:
        """Whether nothing is ever learned: no text teaches while everything is unknown, and nothing is known."""
        return self.unknown == 1 and float(self.teaches(1.0)) == 0

    def message(self, s: np.ndarray | float) -> np.ndarray:
        """Return the message x = eps phi(s) under a teaching load s."""
        return self.unknown * self.ensemble.edge_survival(s)

    def load(self, s: np.ndarray | float) -> np.ndarray:
        """Return the load at which the message of teaching load s is a fixed point: s / h(eps phi(s))."""
        with np.errstate(divide="ignore"):
            return np.asarray(s / self.teaches(self.message(s)))

    def slope(self, s: np.ndarray | float) -> np.ndarray:
        """Return the slope of the map at that fixed point; 1 at stationary points of the load curve."""
        x = self.message(s)
        with np.errstate(divide="ignore", invalid="ignore"):
            values = self.unknown * self.ensemble.edge_survival(s, 1) * s * self.teaches_slope(x) / self.teaches(x)
        return np.where(np.isfinite(values), values, 0.0)

    @cached_property
    def largest_s(self) -> float:
        """Teaching load beyond which messages are too small to matter."""
        if self.ensemble.texts_per_skill is not None:
            return 1.0
        s = 16.0
        while float(self.ensemble.edge_survival(s)) > _SMALLEST:
            s *= 1.25
        return s

    @cached_property
    def stationary(self) -> np.ndarray:
        """Teaching loads where the slope is 1, increasing; a hump between two grid points is climbed first."""
        points = self._base_grid
        slopes = self.slope(points)
        peaks = np.flatnonzero((slopes[1:-1] >= slopes[:-2]) & (slopes[1:-1] >= slopes[2:])) + 1
        climbed = [self._summit(points[k - 1], points[k + 1]) for k in peaks if _NEARLY_TANGENT < slopes[k] < 1]
        extended = np.unique(np.concatenate([points, climbed]))
        return sign_changes(lambda s: self.slope(s) - 1, extended)

    @cached_property
    def _base_grid(self) -> np.ndarray:
        top = self.largest_s
        points = [np.geomspace(1e-12, top, _LOGARITHMIC), np.linspace(0, top, _LINEAR)[1:]]
        if self.ensemble.texts_per_skill is not None:
            points.append(1 - np.geomspace(1e-9, 0.5, _LOGARITHMIC))
        return np.unique(np.concatenate(points))

    def _summit(self, low: float, high: float) -> float:
        found = optimize.minimize_scalar(
            lambda s: -float(self.slope(s)), bounds=(low, high), method="bounded", options={"xatol": 1e-12 * high}
        )
        return float(found.x)

    @cached_property
    def steepest(self) -> float:
        """Largest slope of the map over all its possible fixed points; a jump exists where it exceeds 1."""
        points = self._base_grid
        place = int(np.argmax(self.slope(points)))
        low, high = points[max(place - 1, 0)], points[min(place + 1, points.size - 1)]
        return float(self.slope(self._summit(low, high)))

    @cached_property
    def maxima(self) -> np.ndarray:
        """Teaching loads of the interior local maxima of the load curve, increasing (messages decreasing)."""
        turns = self.stationary
        if turns.size == 0 or self.stuck:
            return turns
        ends = np.array([turns[0] / 2, min(turns[-1] * 2, (turns[-1] + self.largest_s) / 2)])
        values = self.load(np.concatenate([ends[:1], turns, ends[1:]]))
        least = values[1:-1] * (1 - _PROMINENCE)
        return turns[(least > values[:-2]) & (least > values[2:])]

    @cached_property
    def _grid(self) -> np.ndarray:
        return np.unique(np.concatenate([self._base_grid, self.stationary]))

    @cached_property
    def _values(self) -> np.ndarray:
        return self.load(self._grid)

    def largest_root(self, load: np.ndarray) -> np.ndarray:
        """Return the message that density evolution reaches from eps: the largest fixed point at each load.

        Parameters
        ----------
        load : (n,) array

        Returns
        -------
        (n,) float64 array
        """
        if self.stuck:
            return np.ones(np.shape(load))
        loads = np.asarray(load, dtype=float)
        messages = self.message(self._grid)
        place = np.searchsorted(np.maximum.accumulate(self._values), loads, side="left")
        inner = np.minimum(place, self._grid.size - 1)
        high = np.where(inner == 0, self.unknown, messages[np.maximum(inner - 1, 0)])
        roots = self._bisect(messages[inner], high, loads)
        return np.where(place >= self._grid.size, self._iterate(messages[-1], loads), roots)

    def roots(self, load: float) -> np.ndarray:
        """Return every fixed point at one load, from the largest message to the smallest."""
        crossings = sign_changes(lambda s: _beyond_rounding(self.load(s), load), self._grid)
        found = list(self.message(crossings))
        if self.stuck:
            found.insert(0, 1.0)
        if self._values[-1] < load:
            found.append(float(self._iterate(float(self.message(self._grid[-1])), np.array([load]))[0]))
        elif float(self.step(0.0, load)) == 0:
            found.append(0.0)
        return np.array(found)

    def _bisect(self, low: np.ndarray, high: np.ndarray, load: np.ndarray) -> np.ndarray:
        """Solve step(x) = x between ``low`` (where it lies above x) and ``high`` (where it lies below)."""
        low, high = low.copy(), high.copy()
        for _ in range(70):
            middle = np.where(low < high / 2, np.sqrt(low * high), (low + high) / 2)
            above = self.step(middle, load) > middle
            low, high = np.where(above, middle, low), np.where(above, high, middle)
        return (low + high) / 2

    def _iterate(self, start: float, load: np.ndarray) -> np.ndarray:
        """Follow density evolution down from a tiny message, where it contracts at once."""
        x = np.full(np.shape(load), start)
        for _ in range(200):
            after = self.step(x, load)
            if np.all(np.abs(after - x) <= 1e-15 * after):
                return after
            x = after
        return x


def _beyond_rounding(values: np.ndarray, load: float) -> np.ndarray:
    """Return values - load, or a tiny negative number where they differ by rounding alone."""
    difference = values - load
    return np.where(np.abs(difference) <= 1e-14 * load, -1e-300, difference)


def sign_changes(function: Callable[[np.ndarray], np.ndarray], points: np.ndarray) -> np.ndarray:
    """Return the roots of a function of arrays between neighbouring points where its sign changes.

    Parameters
    ----------
    function : callable
        Takes and returns float64 arrays.
    points : (n,) array
        Monotone.

    Returns
    -------
    (roots,) float64 array, to full precision, in the order of the points
    """
    signs = np.sign(function(points))
    places = np.flatnonzero(signs[:-1] * signs[1:] < 0)
    exact = points[:-1][signs[:-1] == 0]
    roots = [
        optimize.brentq(lambda x: float(function(x)), points[i], points[i + 1], xtol=1e-300, rtol=8.9e-16)
        for i in places
    ]
    return np.concatenate([np.asarray(roots, dtype=float), exact])
