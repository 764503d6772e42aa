"""What a model of R skills that reads T texts is worth: the quantity that an optimum maximises."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TypeAlias

import numpy as np
from scipy import optimize

from skillgraph.checks import positive
from skillgraph.ensembles.degrees import parse_law
from skillgraph.ensembles.ensemble import Ensemble, Popularity
from skillgraph.ensembles.frequencies import held_skills
from skillgraph.ensembles.parsing import EnsembleLike, LawLike, parse_ensemble
from skillgraph.records import Record
from skillgraph.theory.density_evolution import unlearned_share
from skillgraph.theory.finite_size import Waterfall, failure_probability, waterfall
from skillgraph.theory.mastery import MasteryMap
from skillgraph.theory.thresholds import peeling_threshold

__all__ = ["JumpLaw", "Objective", "expected_learned", "jump_law", "zipf_mastery"]

Objective: TypeAlias = Callable[[float, float], float]  # (num_skills, num_texts) -> worth
_POINTS, _FURTHEST = 600, 64.0  # of the tables of unlearned shares; texts per skill over the threshold


class JumpLaw(Record):
    """Finite-size law of learning in an ensemble with a jump: success or failure, and what is left in each case.

    Attributes
    ----------
    ensemble : Ensemble
    threshold : float
        Texts per skill.
    waterfall : Waterfall
        Width and shift of the jump.
    learner : int
    known : float
        Share known beforehand.
    """

    ensemble: Ensemble
    threshold: float
    waterfall: Waterfall
    learner: int = 1
    known: float = 0.0

    @cached_property
    def _below(self) -> tuple[np.ndarray, np.ndarray]:
        """Texts per skill up to the threshold and the unlearned share at each."""
        ratios = np.linspace(0.0, self.threshold, _POINTS)
        return ratios, self._unlearned_share(ratios * (1 - 1e-12))

    @cached_property
    def _above(self) -> tuple[np.ndarray, np.ndarray]:
        """Texts per skill from the threshold on and the unlearned share at each."""
        ratios = np.geomspace(self.threshold, _FURTHEST * self.threshold, _POINTS)
        return ratios, self._unlearned_share(ratios * (1 + 1e-12))

    def _unlearned_share(self, ratios: np.ndarray) -> np.ndarray:
        return unlearned_share(self.ensemble, ratios, learner=self.learner, known=self.known)

    def failure(self, num_skills: float, texts_per_skill_ratio: float) -> float:
        """Return P_fail; a step at the threshold where the width is not known."""
        if self.waterfall.alpha is None:
            return float(texts_per_skill_ratio < self.threshold)
        return float(failure_probability(self.waterfall, num_skills, texts_per_skill_ratio)[0])  # type: ignore[arg-type]

    def unlearned_given_failure(self, texts_per_skill_ratio: float) -> float:
        """Return the unlearned share of a replicate that has not jumped; above the threshold its value there."""
        return float(np.interp(texts_per_skill_ratio, *self._below))

    def unlearned_given_success(self, texts_per_skill_ratio: float) -> float:
        """Return the unlearned share of a replicate that has jumped; below the threshold its value there."""
        points, shares = self._above
        return float(np.exp(np.interp(texts_per_skill_ratio, points, np.log(np.maximum(shares, 1e-300)))))

    def unlearned(self, num_skills: float, texts_per_skill_ratio: float) -> float:
        """Return the mean unlearned share."""
        failed = self.failure(num_skills, texts_per_skill_ratio)
        left = self.unlearned_given_failure(texts_per_skill_ratio), self.unlearned_given_success(texts_per_skill_ratio)
        return failed * left[0] + (1 - failed) * left[1]


def jump_law(ensemble: EnsembleLike, *, learner: int = 1, known: float = 0.0) -> JumpLaw | None:
    """Return the finite-size law of the jump of an ensemble; None if learning is continuous."""
    ensemble = parse_ensemble(ensemble)
    found = peeling_threshold(ensemble, learner=learner, known=known)
    if found.threshold is None:
        return None
    law = waterfall(ensemble, learner=learner, known=known, threshold=found)
    return JumpLaw(ensemble, found.threshold, law, learner, known)


def expected_learned(ensemble: EnsembleLike, *, learner: int = 1, known: float = 0.0) -> Objective:
    """Return the expected number of learned skills as a function of R and T.

    With a jump, R (1 - P_fail u_failure - (1 - P_fail) u_success); P_fail from the waterfall, the unlearned shares from
    density evolution. Without one, R (1 - u).

    Parameters
    ----------
    ensemble : Ensemble or str
        Texts by law.
    learner : int
    known : float
        Share of skills known beforehand; they count as learned.
    """
    ensemble = parse_ensemble(ensemble)
    if ensemble.full_ratio is not None:
        raise ValueError("compute-optimal sizes need an ensemble of texts by law: texts can then be added without end")
    law = jump_law(ensemble, learner=learner, known=known)
    if law is not None:
        return lambda num_skills, num_texts: num_skills * (1 - law.unlearned(num_skills, num_texts / num_skills))
    ratios = np.concatenate([[0.0], np.geomspace(1e-4, 1e4, 10 * _POINTS)])
    shares = 1 - unlearned_share(ensemble, ratios, learner=learner, known=known)
    return lambda num_skills, num_texts: num_skills * float(np.interp(num_texts / num_skills, ratios, shares))


def zipf_mastery(exponent: float, skills_per_text: LawLike) -> Objective:
    """Return the share of skill uses that are mastered when skills are used with Zipf frequencies.

    Skill i of infinitely many is used with frequency p_i proportional to i^-(1+a); a model of R skills holds the R most
    frequent. The loss is the largest fixed point of

        q = sum_{i <= R} p_i exp(-T p_i Phi(1 - q)) + sum_{i > R} p_i,    Phi(y) = sum_d d w_d y^(d-1),

    with w_d the law of skills per text. Then parameters* ~ C^(1/(2+a)), tokens* ~ C^((1+a)/(2+a)) and the loss
    ~ C^(-a/(2+a)).

    Parameters
    ----------
    exponent : float
        a > 0.
    skills_per_text : DegreeLaw or str
        Texts of one skill must have positive probability, or nothing is ever learned.
    """
    popularity, law = Popularity(1 + positive("exponent of the frequencies", exponent)), parse_law(skills_per_text)
    if not float(law.node_complement(1.0, 1)) > 0:
        raise ValueError(f'skills per text must include texts of one skill, got "{law}"')

    def mastered(num_skills: float, num_texts: float) -> float:
        one = MasteryMap(law, held_skills(popularity, max(num_skills, 1.0)), num_texts)
        return 1 - _largest_root(lambda q: float(one.step(q)) - q)

    return mastered


def _largest_root(excess: Callable[[float], float]) -> float:
    """Return the largest root of T(q) - q in (0, 1], scanned downwards."""
    grid = np.concatenate([1 - np.linspace(0, 0.9, 24), np.geomspace(0.1, 1e-12, 24)[1:]])
    high = grid[0]
    for low in grid[1:]:
        if excess(low) > 0:
            return float(optimize.brentq(excess, low, high, rtol=1e-12)) if excess(high) < 0 else float(high)
        high = low
    return float(high)
