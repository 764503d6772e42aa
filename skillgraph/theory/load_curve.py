"""The load curve as a whole: its turning points, the branch that learning follows, every fixed point at one load.

Between two turning points the curve is monotone, so a piece has one fixed point or none: their number is decided by
the values at the ends of the pieces, never by a search on a grid. Learning starts at the smallest teaching load and
stays on the first rising piece that reaches its load; where a piece ends in a maximum higher than all before, it jumps.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import optimize

from skillgraph.theory.message_map import MessageMap
from skillgraph.theory.turning import Run, runs_above, summit

__all__ = ["LoadCurve", "log_of"]

_SMALLEST = 1e-18  # messages below do not matter
_FAR = 1e16  # odds at which the rest of a configuration ensemble is below rounding
_DENSITY, _FINENESS, _MOST = 24, 0.1, 64  # grid: places per factor e; step in the log odds of x; places put between two
_HALVINGS = 90
_TOUCH = 1e-14  # relative distance of two loads that rounding makes


@dataclass(frozen=True)
class LoadCurve(MessageMap):
    """The load curve of an ensemble; parameters as in `MessageMap`."""

    @cached_property
    def turns(self) -> list[Run]:
        """Intervals of places in which the map is steeper than 1: from a maximum of the curve to a minimum."""
        runs = runs_above(lambda logarithm: self.slope(np.exp(logarithm)) - 1, np.log(self._grid))
        return [tuple(None if end is None else float(np.exp(end)) for end in run) for run in runs]  # type: ignore[misc]

    @cached_property
    def stationary(self) -> np.ndarray:
        """Places where the slope is 1, increasing."""
        return np.array([end for run in self.turns for end in run if end is not None], dtype=float)

    @cached_property
    def maxima(self) -> np.ndarray:
        """Places of the local maxima of the load curve, increasing (messages decreasing)."""
        return np.array([start for start, _ in self.turns if start is not None], dtype=float)

    @cached_property
    def records(self) -> np.ndarray:
        """Maxima that are higher than all before: the others are passed without a jump."""
        if self.maxima.size == 0 or self.stuck:
            return np.empty(0)
        heights = self.log_load(self.maxima)
        before = np.concatenate([[-np.inf], np.maximum.accumulate(heights)[:-1]])
        return self.maxima[heights > before]

    @cached_property
    def steepest(self) -> float:
        """Largest slope of the map over all its possible fixed points; a jump exists where it exceeds 1."""
        place, value = self.steepest_place
        return value if place > 0 else 0.0

    @cached_property
    def steepest_place(self) -> tuple[float, float]:
        """The place where the map is steepest, and its slope there."""
        points = np.log(self._grid)
        slopes = self.slope(self._grid)
        k = int(np.argmax(slopes))
        low, high = points[max(k - 1, 0)], points[min(k + 1, points.size - 1)]
        place, value = summit(lambda logarithm: self.slope(np.exp(logarithm)), float(low), float(high))
        return (float(np.exp(place)), value) if value > slopes[k] else (float(self._grid[k]), float(slopes[k]))

    @cached_property
    def _grid(self) -> np.ndarray:
        """Places from where nothing is steep yet to where all is learned, dense also in the log odds of x."""
        low, high = np.log(self._first), np.log(self._last)
        points = np.linspace(low, high, int((high - low) * _DENSITY) + 2)
        at = self.state(np.exp(points))
        with np.errstate(divide="ignore"):
            odds = np.log(np.maximum(at.x, 1e-300)) - np.log(np.maximum(at.known, 1e-300))
        between = np.clip(np.ceil(np.abs(np.diff(odds)) / _FINENESS), 1, _MOST).astype(np.int64)
        more = [np.linspace(a, b, n, endpoint=False) for a, b, n in zip(points[:-1], points[1:], between, strict=True)]
        return np.exp(np.concatenate([*more, points[-1:]]))

    @cached_property
    def _first(self) -> float:
        """A place before which the map is flat; the slope at small teaching loads falls with them."""
        place, least = 1e-3, 1e-15 if self.stuck else 1e-290
        while place > least and float(self.slope(place)) > 1e-3:
            place /= 10
        return place

    @cached_property
    def _last(self) -> float:
        """A place beyond which messages are too small to matter."""
        skills = self.ensemble.texts_per_skill
        if skills is None:
            place = 16.0
            while float(self.ensemble.edge_survival(place)) > _SMALLEST and place < 1e200:
                place *= 2
            return place
        least = self.unknown * float(skills.edge(0.0))
        place = 1e3
        while float(self.message(place)) > max(1.001 * least, _SMALLEST) and place < _FAR:
            place *= 10
        return place

    # --- the branch that learning follows ---

    @cached_property
    def _pieces(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Rising pieces of the branch: ends in places, and the log load at the upper end (infinite for the last)."""
        minima = np.array([0.0, *(end for _, end in self.turns if end is not None)])
        tops = self.records
        starts = [float(minima[minima < top][-1]) for top in tops] + [float(minima[-1])]
        return np.array(starts), np.append(tops, np.inf), np.append(self.log_load(tops) if tops.size else [], np.inf)

    def branch(self, log_load: np.ndarray) -> np.ndarray:
        """Return the places that learning reaches from the start: the smallest teaching load at each load.

        Parameters
        ----------
        log_load : (n,) array
            Logarithms of loads; minus infinity for 0.

        Returns
        -------
        (n,) float64 array
            0 where nothing is ever learned, infinite where everything is.
        """
        loads = np.asarray(log_load, dtype=float)
        if self.stuck:
            return np.zeros(loads.shape)
        starts, ends, heights = self._pieces
        piece = np.searchsorted(heights, loads, side="left")
        return self._bisect(loads, starts[piece], ends[piece])

    def after_jump(self, record: int) -> float:
        """Return the place where learning ends just above the load of a record."""
        starts, ends, heights = self._pieces
        height = np.array([heights[record]])
        return float(self._bisect(height, starts[record + 1 : record + 2], ends[record + 1 : record + 2])[0])

    def largest_root(self, load: np.ndarray) -> np.ndarray:
        """Return the message that density evolution reaches from eps: the largest fixed point at each load.

        Parameters
        ----------
        load : (n,) array

        Returns
        -------
        (n,) float64 array
        """
        return self.message(self.branch(log_of(load)))

    def _bounds(self, log_load: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return log places between which all fixed points lie: load h(eps) <= s <= load."""
        unknown, known = np.array(self.unknown), np.array(self.known)
        least = log_load + float(self.others.log_fewer(self.learner, unknown, known))
        if self.ensemble.texts_per_skill is None:
            return np.clip(least, -690.0, 690.0) - 1e-9, np.clip(log_load, -690.0, 690.0) + 1e-9
        s, load = np.exp(np.maximum(least, -690.0)), np.minimum(np.exp(log_load), 1.0)
        with np.errstate(divide="ignore"):
            high = np.minimum(np.log(load) - np.log1p(-load), np.log(_FAR))
            return np.log(s) - np.log1p(-np.minimum(s, 1 - 1e-16)) - 1e-9, np.maximum(high, -690.0) + 1e-9

    def _bisect(self, log_load: np.ndarray, start: np.ndarray, end: np.ndarray) -> np.ndarray:
        """Return the place between two at which learning stops; infinite where it goes on to the last."""
        low, high = self._bounds(log_load)
        with np.errstate(divide="ignore"):
            low, high = np.maximum(low, np.log(start)), np.minimum(high, np.log(end))
        low = np.minimum(low, high)
        least = -_TOUCH if self.ensemble.texts_per_skill is not None else 0.0  # flat stretches end with all known
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            on = self._excess(np.exp(middle), log_load) > least
            low, high = np.where(on, middle, low), np.where(on, high, middle)
        beyond = low >= np.log(_FAR) if self.ensemble.texts_per_skill is not None else np.zeros(low.shape, bool)
        return np.where(np.isneginf(log_load), 0.0, np.where(beyond, np.inf, np.exp((low + high) / 2)))

    def _excess(self, place: np.ndarray, log_load: np.ndarray) -> np.ndarray:
        """Return by how much learning at a load goes on beyond a place, as the logarithm of a ratio."""
        at = self.state(place)
        taught = log_load + self.others.log_fewer(self.learner, at.x, at.known)
        if self.ensemble.texts_per_skill is None:
            return taught - np.log(at.s)
        load = np.minimum(np.exp(log_load), 1.0)
        rest = (1 - load) + load * self.others.at_least(self.learner, at.x)
        with np.errstate(divide="ignore"):
            return np.where(at.rest < 0.5, np.log(at.rest) - np.log(rest), taught - np.log(at.s))

    # --- every fixed point at one load ---

    def places(self, load: float) -> np.ndarray:
        """Return the places of all fixed points at one load, increasing (messages decreasing).

        Two that meet within rounding, on a threshold, are one. 0 stands for nothing learned, infinity for everything.
        """
        log_load = float(log_of(load))
        found = [0.0] if self.stuck else []
        if np.isneginf(log_load):
            return np.array([0.0])
        low, high = (float(end) for end in self._bounds(np.array(log_load)))
        if self.stuck:
            low = min(float(np.log(self._first)), high)
        ends = [low, *(t for t in np.log(self.stationary) if low < t < high), high]
        values = [float(self._excess(np.exp(np.array(end)), np.array(log_load))) for end in ends]
        noise = _TOUCH * max(1.0, abs(log_load))
        signs = [0 if abs(value) <= noise else int(np.sign(value)) for value in values]
        found += [float(np.exp(t)) for t, sign in zip(ends[1:-1], signs[1:-1], strict=True) if sign == 0]
        found += [
            self._crossing(ends[k], ends[k + 1], log_load) for k in range(len(ends) - 1) if signs[k] * signs[k + 1] < 0
        ]
        return np.array(sorted(found) + ([np.inf] if self._all_known(load) else []))

    def roots(self, load: float) -> np.ndarray:
        """Return every fixed point at one load, from the largest message to the smallest."""
        return self.message(self.places(load))

    def _crossing(self, low: float, high: float, log_load: float) -> float:
        found = optimize.brentq(
            lambda logarithm: float(self._excess(np.exp(np.array(logarithm)), np.array(log_load))),
            low,
            high,
            xtol=1e-300,
            rtol=8.9e-16,
            maxiter=500,
        )
        return float(np.exp(found))

    def _all_known(self, load: float) -> bool:
        """Whether the state in which everything is known stays so."""
        return self.ensemble.texts_per_skill is not None and float(self.step(0.0, min(load, 1.0))) == 0


def log_of(load: np.ndarray | float) -> np.ndarray:
    """Return the logarithm of loads, minus infinity for 0."""
    with np.errstate(divide="ignore"):
        return np.log(np.asarray(load, dtype=float))
