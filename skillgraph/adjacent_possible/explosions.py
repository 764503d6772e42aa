"""Simulated explosion times beside their exact law."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from skillgraph.adjacent_possible.birth_death import ExplosionLaw
from skillgraph.records import Record
from skillgraph.records.words import number

__all__ = ["Explosions"]


class Explosions(Record):
    """Simulated runs with the exact law of the same process beside them.

    Attributes
    ----------
    times : (replicates,) float64 array
        Explosion time of each run, NaN where the items died out.
    extinction_times : (replicates,) float64 array
        When fewer items were left than can be combined, NaN where they exploded.
    law : ExplosionLaw
    method : str
    epsilon : float or None
        Of tau-leaping: tolerated relative change of the birth rate in a leap.
    """

    times: np.ndarray
    extinction_times: np.ndarray
    law: ExplosionLaw
    method: str = "gillespie"
    epsilon: float | None = None
    derived: ClassVar[tuple[str, ...]] = (
        "replicates",
        "mean",
        "standard_error",
        "standard_deviation",
        "deviation_standard_error",
        "extinction_share",
        "z_scores",
    )

    @property
    def replicates(self) -> int:
        """Number of runs."""
        return int(self.times.size)

    @property
    def exploded(self) -> np.ndarray:
        """Times of the runs that exploded."""
        return self.times[~np.isnan(self.times)]

    @property
    def mean(self) -> float:
        """Mean explosion time, NaN without an explosion."""
        return float(self.exploded.mean()) if self.exploded.size else math.nan

    @property
    def standard_error(self) -> float:
        """Of the mean."""
        return self.standard_deviation / math.sqrt(max(self.exploded.size, 1))

    @property
    def standard_deviation(self) -> float:
        """Of the explosion time, NaN with fewer than two explosions."""
        return float(self.exploded.std(ddof=1)) if self.exploded.size > 1 else math.nan

    @property
    def deviation_standard_error(self) -> float:
        """Standard error of ``standard_deviation``, from the fourth moment of the sample."""
        if self.exploded.size < 2:
            return math.nan
        centred = self.exploded - self.mean
        spread = float(np.mean(centred**4) - np.mean(centred**2) ** 2)
        return math.sqrt(max(spread, 0.0) / self.exploded.size) / (2 * self.standard_deviation)

    @property
    def extinction_share(self) -> float:
        """Share of the runs that died out."""
        return float(np.mean(np.isnan(self.times)))

    @property
    def z_scores(self) -> dict[str, float]:
        """Distance of mean, standard deviation and extinction share from the exact law, in standard errors."""
        died = self.law.extinction_probability
        binomial = math.sqrt(died * (1 - died) / self.times.size)
        return {
            "mean": _over(self.mean - self.law.mean, self.standard_error),
            "standard_deviation": _over(
                self.standard_deviation - self.law.standard_deviation, self.deviation_standard_error
            ),
            "extinction_share": _over(self.extinction_share - died, binomial),
        }

    def headline(self) -> Mapping[str, Any]:
        """Return what was simulated, mean and spread beside the exact law, and the distances in standard errors."""
        law = self.law
        return {
            "replicates": self.replicates,
            "method": self.method,
            "mean": f"{number(self.mean)} +- {number(self.standard_error)}, exact {number(law.mean)}",
            "standard deviation": f"{number(self.standard_deviation)}, exact {number(law.standard_deviation)}",
            "died out": f"{number(self.extinction_share)}, exact {number(law.extinction_probability)}",
            "z-scores": self.z_scores,
        }

    def columns(self) -> Mapping[str, Any]:
        """Return one row per run."""
        times = {"explosion_time": self.times, "extinction_time": self.extinction_times}
        return {"replicate": np.arange(self.replicates)} | times


def _over(difference: float, error: float) -> float:
    return difference / error if error > 0 else math.nan
