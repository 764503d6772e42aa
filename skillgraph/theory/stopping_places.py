"""Where peeling with D = 1 may stop: the places that the renewal equation of `exact_peeling` has to visit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from skillgraph._kernels.solvers.first_passage import diagonal
from skillgraph.ensembles.ensemble import Ensemble
from skillgraph.records import Record
from skillgraph.theory.text_number import TextNumber

__all__ = ["Start", "StoppingPlaces", "amplification", "single_rates", "stopping_places"]

_LEAST = 1e-24  # places of less probability are left out
_SURVIVAL = 1e-17  # and all places that learning reaches with less than this
_SHOWN = 256  # places at which the amplification is looked at


@dataclass(frozen=True)
class Start:
    """Skills before the first text.

    Attributes
    ----------
    number : int
        Skills to be processed.
    unmarked : float
        Share of them that is not known, each independently.
    """

    number: int
    unmarked: float

    def waiting(self) -> np.ndarray:
        """Return P(so many of the skills are known), (number + 1,) float64."""
        return np.asarray(stats.binom.pmf(np.arange(self.number + 1), self.number, 1 - self.unmarked))

    def unknown(self, num_skills: int) -> np.ndarray:
        """Return P(so many skills are unknown), (num_skills + 1,) float64."""
        return np.asarray(stats.binom.pmf(np.arange(num_skills + 1), self.number, self.unmarked))


class StoppingPlaces(Record):
    """Numbers of unlearned skills at which learning may stop.

    Attributes
    ----------
    unlearned : (n,) int64 array
        Decreasing.
    rates, chances : (n,) float64 arrays
        Probability per text to have a given skill as its only one left; probability that exactly so many skills are
        not taught.
    left_out : float
        Bound of the probability of all other places.
    """

    unlearned: np.ndarray
    rates: np.ndarray
    chances: np.ndarray
    left_out: float


def single_rates(ensemble: Ensemble, num_skills: int, unlearned: np.ndarray) -> np.ndarray:
    """Return P(a text has a given skill of the unlearned ones and no other), (n,) float64; at 0 as at 1.

    Parameters
    ----------
    ensemble : Ensemble
        Texts by law with uniform popularity.
    num_skills : int
    unlearned : (n,) int64 array
    """
    others = np.maximum(unlearned, 1) - 1.0
    law, size = ensemble.skills_per_text, float(num_skills)
    if ensemble.independent_edges:
        chance = law.mean / size
        return chance * np.exp(others * np.log1p(-chance))
    shares = law.probabilities[: num_skills + 1]
    total, all_known = np.zeros(others.shape), np.ones(others.shape)
    for degree in range(1, shares.size):  # all_known: the degree - 1 others are among the size - 1 - others known ones
        total += shares[degree] * (degree / size) * all_known
        all_known *= np.maximum(size - others - degree, 0.0) / max(size - degree, 1.0)
    return total / shares.sum()


def stopping_places(start: Start, unlearned: np.ndarray, rates: np.ndarray, mean: float) -> StoppingPlaces:
    """Select the places that matter.

    Learning that has not stopped before v has taught all but at most v skills, so once that is improbable all further
    places are.

    Parameters
    ----------
    start : Start
    unlearned, rates : (n,) arrays
        Candidates, decreasing, and their `single_rates`.
    mean : float
        Mean number of texts.
    """
    places, rates = np.ascontiguousarray(unlearned, np.int64), np.ascontiguousarray(rates, np.float64)
    chances = np.empty(places.size)
    diagonal(float(start.number), start.unmarked, places, rates, mean, chances)
    last = _last(start, places, rates, mean, chances)
    kept = np.flatnonzero(chances[:last] > _LEAST)
    left_out = float(chances[:last].sum() - chances[kept].sum()) + (_SURVIVAL if last < places.size else 0.0)
    return StoppingPlaces(places[kept], rates[kept], chances[kept], max(left_out, 0.0))


def _last(start: Start, places: np.ndarray, rates: np.ndarray, mean: float, chances: np.ndarray) -> int:
    """Return how many places come before the first that is reached with next to no probability.

    P(N <= v) <= P(N = v) / (1 - q), q the ratio of two neighbouring binomial probabilities at v.
    """
    not_taught = start.unmarked * np.exp(-mean * rates)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = places * (1 - not_taught) / ((start.number - places + 1) * not_taught)
        improbable = (ratio < 1) & (chances < _SURVIVAL * (1 - ratio))
    return int(np.argmax(improbable)) if improbable.any() else places.size


def amplification(start: Start, places: StoppingPlaces, nodes: TextNumber) -> float:
    """Return the logarithm of the factor by which rounding may grow at the worst place and node.

    The absolute values of the complex weights of one skill, taught or not, add up to more than 1.
    """
    if places.unlearned.size == 0:
        return 0.0
    chosen = np.unique(np.linspace(0, places.unlearned.size - 1, _SHOWN).astype(np.int64))
    exponent = -(nodes.mean + nodes.shift) * places.rates[chosen, None]
    stays = start.unmarked * np.exp(exponent)
    per_skill = np.log(np.abs(stays) + np.abs(1 - stays))
    return float(np.max(start.number * per_skill + np.log(np.abs(nodes.weight))))
