"""One round of learning as a map of the interval: its iterates, its fixed points and their basins.

Every theory of this package is the iteration of one increasing map T of a number q, the share of what is not known:

    q_0 = start,    q_{k+1} = (1 - eta) q_k + eta T(q_k).

eta = 1 is one round of learning from all texts at once; eta < 1 a training step in which each skill looks at its texts
with probability eta. The map never increases q from its start, so every sequence has a limit: the largest fixed point.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import optimize

from skillgraph.checks import count
from skillgraph.ensembles.parsing import EnsembleLike, parse_ensemble
from skillgraph.records import Record
from skillgraph.theory.density_evolution import load_curve, loads_of
from skillgraph.theory.turning import Run, runs_above

__all__ = ["LearningMap", "RestPoint", "checked_damping", "ensemble_map"]

_LOGARITHMIC, _LINEAR = 600, 1500  # points between which the slope is compared with 1
_SMALLEST = 1e-18
_NARROW = 0.1  # a gap between q and T(q) below this share of q can slow learning down
_PATIENCE = 100  # rounds after which fixed points are looked for rather than waited for
_TANGENT = 1e-9  # slopes so close to 1 belong to a tangency
_TOUCH = 1e-13  # a gap below this share of q is a fixed point: on a threshold, within rounding


class RestPoint(Record):
    """A fixed point of a learning map.

    Attributes
    ----------
    value : float
        State q.
    slope : float
        Slope of one round there.
    stable : bool
        Slope below 1. At a tangency (slope 1 within 1e-9) learning ends from above only.
    basin : tuple of float or None
        States between which learning ends here (both ends open); None for an unstable point.
    """

    value: float
    slope: float
    stable: bool
    basin: tuple[float, float] | None


@dataclass(frozen=True, eq=False)
class LearningMap:
    """An increasing map of [0, start] into itself.

    Parameters
    ----------
    rule, rule_slope : callable
        T and T'; take and return float64 arrays.
    start : float
        State before learning.
    damping : float
        eta, in (0, 1].
    name : str
        What is iterated, for messages and labels.
    """

    rule: Callable[[np.ndarray], np.ndarray]
    rule_slope: Callable[[np.ndarray], np.ndarray]
    start: float
    damping: float = 1.0
    name: str = "learning map"

    def step(self, q: np.ndarray | float) -> np.ndarray:
        """Return the state after one round."""
        state = np.asarray(q, dtype=float)
        return (1 - self.damping) * state + self.damping * self.rule(state)

    def slope(self, q: np.ndarray | float) -> np.ndarray:
        """Return the derivative of one round."""
        return (1 - self.damping) + self.damping * self.rule_slope(np.asarray(q, dtype=float))

    def curvature(self, q: float) -> float:
        """Return the second derivative of one round, by a central difference of the slope."""
        width = min(1e-5, 0.05 * q, 0.05 * abs(self.start - q)) or 1e-7
        low, high = self.slope(np.array([max(q - width, 0.0), q + width]))
        return float((high - low) / (q + width - max(q - width, 0.0)))

    def trajectory(self, rounds: int, start: float | None = None) -> np.ndarray:
        """Return the states after rounds 0, 1, ..., ``rounds``, (rounds + 1,) float64."""
        number = count("rounds", rounds, least=0)
        states = np.empty(number + 1)
        states[0] = self.start if start is None else start
        for k in range(number):
            states[k + 1] = self.step(states[k])
            if states[k + 1] == states[k]:
                states[k + 1 :] = states[k]
                break
        return states

    @cached_property
    def fixed_points(self) -> tuple[RestPoint, ...]:
        """All fixed points, from the largest to the smallest; a tangency within rounding counts as one.

        Between two places where the slope is 1 the gap q - T(q) is monotone, so its signs at their ends decide.
        """
        ends, signs = self._ends
        found = [ends[k] for k in range(len(ends)) if signs[k] == 0]
        found += [self._crossing(ends[k], ends[k + 1]) for k in range(len(ends) - 1) if signs[k] * signs[k + 1] < 0]
        roots = np.array(sorted(found, reverse=True))
        slopes = self.rule_slope(roots) * self.damping + (1 - self.damping)
        return tuple(self._rest_point(roots, slopes, place) for place in range(roots.size))

    @cached_property
    def limit(self) -> float:
        """State that learning reaches from its start: the largest fixed point."""
        q = np.array(self.start)
        for _ in range(_PATIENCE):
            after = self.rule(q)
            if abs(after - q) <= 1e-15 * after and float(self.rule_slope(after)) < 0.9:
                return float(after)
            q = after
        return self.fixed_points[0].value

    @property
    def best(self) -> float:
        """Smallest fixed point: what the best starting knowledge would end in."""
        return self.fixed_points[-1].value

    @cached_property
    def turning(self) -> np.ndarray:
        """States at which the slope of T is 1, increasing."""
        return np.array([end for run in self._runs for end in run if end is not None], dtype=float)

    @cached_property
    def near_tangencies(self) -> tuple[tuple[float, float], ...]:
        """Ghosts: where the change per round has a positive minimum, with that minimum, from the largest q down."""
        found = []
        for _, end in reversed(self._runs):
            if end is not None and _TOUCH * end < float(self._gap(end)) < _NARROW * end:
                found.append((end, self.damping * float(self._gap(end))))
        return tuple(found)

    def _gap(self, q: np.ndarray | float) -> np.ndarray:
        state = np.asarray(q, dtype=float)
        return state - self.rule(state)

    @cached_property
    def _runs(self) -> list[Run]:
        """Intervals in which T is steeper than 1 beyond rounding."""
        return runs_above(lambda q: self.rule_slope(q) - 1, self._grid)

    @cached_property
    def _grid(self) -> np.ndarray:
        """States between which slopes are compared with 1: no fixed point lies below T(0)."""
        least = max(float(self.rule(np.zeros(()))) / self.start * (1 - 1e-12), _SMALLEST)
        parts = [
            np.geomspace(least, 1, _LOGARITHMIC),
            np.linspace(least, 1, _LINEAR),
            least + (1 - least) * (1 - np.geomspace(1e-12, 0.1, 100)),
        ]
        return self.start * np.unique(np.concatenate(parts))

    @cached_property
    def _ends(self) -> tuple[list[float], list[int]]:
        """Ends of the pieces on which the gap is monotone, increasing, and its sign there, 0 within rounding."""
        lowest = float(self.rule(np.zeros(())))  # no fixed point lies below it
        inner = [float(q) for q in self.turning if lowest < q < self.start]
        ends = [lowest * (1 - 1e-12), *inner, self.start]
        gaps = [float(self._gap(q)) for q in ends]
        signs = [0 if abs(gap) <= _TOUCH * q else int(np.sign(gap)) for q, gap in zip(ends, gaps, strict=True)]
        signs[0] = 0 if lowest == 0 else -1
        signs[-1] = 0 if gaps[-1] <= 0 else 1
        return ends, signs

    def _crossing(self, low: float, high: float) -> float:
        found = optimize.brentq(lambda q: float(self._gap(q)), low, high, xtol=1e-300, rtol=8.9e-16, maxiter=500)
        return float(found)

    def _rest_point(self, roots: np.ndarray, slopes: np.ndarray, place: int) -> RestPoint:
        value, slope = float(roots[place]), float(slopes[place])
        high = float(roots[place - 1]) if place > 0 else self.start
        low = float(roots[place + 1]) if place + 1 < roots.size else 0.0
        if slope > 1 + _TANGENT:
            return RestPoint(value, slope, False, None)
        if slope > 1 - _TANGENT:
            return RestPoint(value, slope, False, (value, high))
        return RestPoint(value, slope, True, (low, high))


def checked_damping(damping: float) -> float:
    """Return eta after checking that it lies in (0, 1]."""
    if not 0 < damping <= 1:
        raise ValueError(f"damping must lie in (0, 1], got {damping}")
    return float(damping)


def ensemble_map(
    ensemble: EnsembleLike,
    texts_per_skill_ratio: float | None = None,
    *,
    learner: int = 1,
    known: float = 0.0,
    damping: float = 1.0,
) -> LearningMap:
    """Return density evolution of an ensemble as a learning map of the message x (edge perspective).

    Parameters
    ----------
    ensemble : Ensemble or str
    texts_per_skill_ratio : float, optional
        r; all texts of a configuration ensemble if omitted.
    learner : int
        Unknown skills that one text can teach.
    known : float
        Share of skills known beforehand, in [0, 1).
    damping : float
        eta, in (0, 1].

    Returns
    -------
    LearningMap

    Raises
    ------
    ValueError
        If a parameter is out of range.

    Examples
    --------
    >>> round(float(ensemble_map('poisson:4', 1.0).limit), 4)
    0.8941
    """
    ensemble = parse_ensemble(ensemble)
    curve = load_curve(ensemble, learner=learner, known=known)
    load = float(loads_of(ensemble, texts_per_skill_ratio)[0])
    return LearningMap(
        lambda x: curve.step(x, load),
        lambda x: curve.map_slope(x, load),
        curve.unknown,
        checked_damping(damping),
        f"density evolution, {ensemble}",
    )
