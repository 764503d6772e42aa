"""What is learned on each branch between jumps, against texts per skill: exact at many points, splines between them.

A branch is a rising piece of the load curve that learning follows. It ends in the square root of a jump, so its shares
are smooth in the root of the logarithmic distance to its end; the last branch has no end.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import interpolate

from skillgraph.ensembles.ensemble import Ensemble
from skillgraph.theory.density_evolution import load_curve
from skillgraph.theory.load_curve import LoadCurve
from skillgraph.theory.turning import summit

__all__ = ["Branch", "LimitingRatio", "limiting_ratio"]

_POINTS = 1500
_LEAST = 1e-14  # a branch is followed from where so much is learned to where no more is left
_PLACES = 400


@dataclass(frozen=True)
class LimitingRatio:
    """Texts per skill that a growing budget tends to.

    Attributes
    ----------
    texts_per_skill_ratio : float
    at_jump : bool
        Whether it is a jump, approached from above, rather than an optimum between jumps.
    """

    texts_per_skill_ratio: float
    at_jump: bool


def _ends(curve: LoadCurve, piece: int) -> tuple[float, float]:
    """Return the places between which a branch is followed."""
    start = curve.after_jump(piece - 1) if piece else _first(lambda place: float(curve.learned_at(place)) > _LEAST)
    last = piece == curve.records.size
    end = _first(lambda place: float(curve.unlearned_at(place)) < _LEAST) if last else float(curve.records[piece])
    return start, max(end, 2 * start) if last else end


def _first(reached: Callable[[float], bool]) -> float:
    """Return a place at which a condition that holds beyond some place holds, within a factor of two."""
    place = 1.0
    while reached(place) and place > 1e-250:
        place /= 2
    while not reached(place) and place < 1e250:
        place *= 2
    return place


class Branch:
    """Shares of skills on one branch.

    Parameters
    ----------
    curve : LoadCurve
        Of texts by law, in which learning starts.
    piece : int
        Which branch, from 0.
    """

    def __init__(self, curve: LoadCurve, piece: int) -> None:
        start, end = _ends(curve, piece)
        per_ratio, self._starts_at_0, self._has_top = math.log(curve.ensemble.load_per_ratio), not piece, False
        self._low, self._high = (float(curve.log_load(place)) - per_ratio for place in (start, end))
        self._has_top = piece < curve.records.size
        ends = np.sort(self._across(np.array([self._low, self._high])))
        at = np.linspace(ends[0], ends[1], _POINTS)
        log_ratio = self._high - at**2 if self._has_top else at
        places = np.clip(curve.branch(np.clip(log_ratio, self._low, self._high) + per_ratio), start, end)
        self._learned = interpolate.CubicSpline(at, np.log(curve.learned_at(places)))
        self._unlearned = interpolate.CubicSpline(at, np.log(curve.unlearned_at(places)))

    def _across(self, log_ratio: np.ndarray | float) -> np.ndarray:
        """Return the variable in which the branch is smooth."""
        at = np.clip(log_ratio, self._low, self._high)
        return np.asarray(np.sqrt(self._high - at) if self._has_top else at)

    def learned(self, ratio: float) -> float:
        """Return the share of skills learned from texts; beyond an end of the branch its value there."""
        if ratio <= 0 and self._starts_at_0:
            return 0.0
        share = float(np.exp(self._learned(self._across(_log(ratio)))))
        return share * min(1.0, math.exp(_log(ratio) - self._low)) if self._starts_at_0 else share

    def unlearned(self, ratio: float) -> float:
        """Return the share of skills neither known nor learned; beyond an end of the branch its value there."""
        return float(np.exp(self._unlearned(self._across(_log(ratio)))))


def _log(ratio: float) -> float:
    return math.log(ratio) if ratio > 0 else -1e300


def limiting_ratio(ensemble: Ensemble, *, learner: int = 1, known: float = 0.0) -> LimitingRatio | None:
    """Return the texts per skill that learn most from a budget of texts times skills as it grows without end.

    R (1 - known - u(r)) at fixed R^2 r is largest where (1 - known - u(r)) / sqrt(r) is: at a jump, or beyond it where
    more texts still pay. The load curve gives both explicitly, so every branch is searched from end to end.

    Parameters
    ----------
    ensemble : Ensemble
        Texts by law.
    learner : int
        Unknown skills that one text can teach.
    known : float
        Share of skills known beforehand.

    Returns
    -------
    LimitingRatio or None
        None where learning never starts.
    """
    curve = load_curve(ensemble, learner=learner, known=known)
    if curve.stuck:
        return None

    def worth(log_place: np.ndarray) -> np.ndarray:
        place = np.exp(log_place)
        return np.asarray(np.log(curve.learned_at(place)) - curve.log_load(place) / 2)

    best = (-math.inf, 0.0, False)
    for piece in range(curve.records.size + 1):
        start, end = _ends(curve, piece)
        points = np.linspace(math.log(start), math.log(end), _PLACES)
        values = worth(points)
        k = int(np.argmax(values))
        place, value = summit(worth, points[max(k - 1, 0)], points[min(k + 1, _PLACES - 1)])
        at_start = piece > 0 and values[0] >= value
        best = max(best, (float(values[0]), float(points[0]), True) if at_start else (value, place, False))
    ratio = math.exp(float(curve.log_load(math.exp(best[1]))) - math.log(ensemble.load_per_ratio))
    return LimitingRatio(ratio, best[2])
