"""The erasure probability at which a message is a fixed point, with all texts there, and where its residual jumps.

One round is x <- eps * lambda(1 - rho(1 - x)), so a message x in (0, 1] is a fixed point at

    eps(x) = x / lambda(y),    y = 1 - rho(1 - x),

explicitly. Its logarithmic slope is 1 less the slope of the map, a product of the elasticities of lambda and of y. The
curve rises and falls in turn; as eps falls from 1 the residual follows the rightmost rising piece and jumps where that
piece ends in a minimum lower than all to the right of it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import optimize

from skillgraph.ensembles.ensemble import Ensemble
from skillgraph.ensembles.laws import DegreeLaw
from skillgraph.records import Record
from skillgraph.theory.turning import Run, runs_above

__all__ = ["ErasureCurve", "ErasureJump"]

_DENSITY, _LARGEST = 24, math.log(1e12)  # grid: places per factor e in the odds of x; the largest log odds


class ErasureJump(Record):
    """One jump of the residual as the erasure probability falls.

    Attributes
    ----------
    erasure_probability : float
    unlearned_before, unlearned_after : float
        Residual shares of skills just above and just below.
    message_before, message_known : float
        Edge perspective of ``unlearned_before``, and 1 less it to full precision.
    """

    erasure_probability: float
    unlearned_before: float
    unlearned_after: float
    message_before: float
    message_known: float


@dataclass(frozen=True)
class ErasureCurve:
    """The curve eps(x) of a configuration ensemble, x given by its log odds."""

    ensemble: Ensemble

    @property
    def skills(self) -> DegreeLaw:
        """Law of texts per skill."""
        assert self.ensemble.texts_per_skill is not None
        return self.ensemble.texts_per_skill

    def message(self, odds: np.ndarray | float) -> tuple[np.ndarray, np.ndarray]:
        """Return x and 1 - x at log odds; 0 and 1 at minus infinity."""
        at = np.asarray(odds, dtype=float)
        with np.errstate(over="ignore"):
            return 1 / (1 + np.exp(-at)), 1 / (1 + np.exp(at))

    def failing(self, odds: np.ndarray | float) -> tuple[np.ndarray, np.ndarray]:
        """Return y = 1 - rho(1 - x), the probability that a text does not teach, and 1 - y."""
        x, known = self.message(odds)
        texts = self.ensemble.skills_per_text
        return texts.edge_deficit(x), texts.edge_at(known, x)

    def log_erasure(self, odds: np.ndarray | float) -> np.ndarray:
        """Return ln eps(x)."""
        with np.errstate(divide="ignore"):
            return np.asarray(np.log(self.message(odds)[0]) - np.log(self.skills.edge_at(*self.failing(odds))))

    def slope(self, odds: np.ndarray | float) -> np.ndarray:
        """Return the slope of the map at the fixed point x."""
        (x, known), (y, taught) = self.message(odds), self.failing(odds)
        with np.errstate(divide="ignore", invalid="ignore"):
            steepness = y * self.skills.edge_at(y, taught, 1) / self.skills.edge_at(y, taught)
            values = steepness * x * self.ensemble.skills_per_text.edge_at(known, x, 1) / y
        return np.where(np.isfinite(values), values, 0.0)

    def residual(self, odds: float, erasure: float) -> float:
        """Return the residual share of skills at a fixed point."""
        return erasure * float(self.skills.node_at(*self.failing(odds)))

    @cached_property
    def floor_message(self) -> float:
        """lambda(0): share of edges at skills of one text, which no text of theirs can recover alone."""
        return float(self.skills.edge(0.0))

    @cached_property
    def turns(self) -> list[Run]:
        """Intervals of log odds in which the curve falls, from a maximum to a minimum; None at an end of the curve."""
        least = math.log(1e-12 if self.floor_message == 0 else min(1e-9, 1e-3 * self.floor_message))
        points = np.linspace(least, _LARGEST, int((_LARGEST - least) * _DENSITY))
        return runs_above(lambda odds: self.slope(odds) - 1, points)

    @cached_property
    def minima(self) -> list[float]:
        """Log odds of the minima that are lower than all to the right and below 1, from the right."""
        found, lowest = [], 0.0
        for _, end in reversed(self.turns):
            if end is not None and float(self.log_erasure(end)) < lowest:
                lowest = float(self.log_erasure(end))
                found.append(end)
        return found

    @cached_property
    def jumps(self) -> tuple[ErasureJump, ...]:
        """All jumps in the order in which a falling erasure probability meets them."""
        return tuple(self._jump(odds) for odds in self.minima)

    def _jump(self, odds: float) -> ErasureJump:
        erasure = math.exp(float(self.log_erasure(odds)))
        x, known = self.message(odds)
        after = self.residual(self.below(odds, math.log(erasure)), erasure)
        return ErasureJump(erasure, self.residual(odds, erasure), after, float(x), float(known))

    def below(self, odds: float, log_erasure: float) -> float:
        """Return the log odds of the largest fixed point to the left of the maximum next to a minimum."""
        left = [turn for turn in self.turns if turn[1] is not None and turn[1] <= odds]
        for place, (top, _) in reversed(list(enumerate(left))):
            if top is None:
                return -math.inf
            bottom = left[place - 1][1] if place else None
            if bottom is None:
                return self._lowest_root(top, log_erasure)
            if float(self.log_erasure(bottom)) < log_erasure:
                return self.root(bottom, top, log_erasure)
        return -math.inf

    def _lowest_root(self, top: float, log_erasure: float) -> float:
        """Return the root on the first rising piece, which starts at eps = 0 or at the stability threshold."""
        bottom = -600.0
        if float(self.log_erasure(bottom)) >= log_erasure:
            return -math.inf
        return self.root(bottom, top, log_erasure)

    def root(self, low: float, high: float, log_erasure: float) -> float:
        """Return where the curve passes an erasure probability between two log odds of opposite sign."""
        found = optimize.brentq(lambda odds: float(self.log_erasure(odds)) - log_erasure, low, high, rtol=8.9e-16)
        return float(found)
