"""What a model of R skills that reads T texts is worth: the quantity that an optimum maximises."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from scipy import optimize, special

from skillgraph.ensembles.ensemble import Ensemble
from skillgraph.ensembles.laws import DegreeLaw
from skillgraph.ensembles.parsing import EnsembleLike, parse_ensemble
from skillgraph.ensembles.quadrature import consecutive_nodes
from skillgraph.theory.density_evolution import unlearned_share
from skillgraph.theory.finite_size import Waterfall, failure_probability, waterfall
from skillgraph.theory.thresholds import PeelingThreshold, peeling_threshold

__all__ = ["JumpLaw", "Objective", "expected_learned", "jump_law", "zipf_mastery"]

Objective: TypeAlias = Callable[[float, float], float]  # (num_skills, num_texts) -> worth
_POINTS, _FURTHEST = 600, 64.0  # of the tables of unlearned shares; texts per skill over the threshold


class JumpLaw:
    """Finite-size law of learning in an ensemble with a jump: success or failure, and what is left in each case.

    Parameters
    ----------
    found : PeelingThreshold
        Of an ensemble with a jump.
    law : Waterfall
        Width and shift of the same jump.
    ensemble : Ensemble
    learner : int
    known : float
        Share known beforehand.
    """

    def __init__(
        self, ensemble: Ensemble, found: PeelingThreshold, law: Waterfall, learner: int = 1, known: float = 0.0
    ) -> None:
        assert found.threshold is not None
        self.threshold, self.waterfall = found.threshold, law
        below = np.linspace(0.0, self.threshold, _POINTS)
        above = np.geomspace(self.threshold, _FURTHEST * self.threshold, _POINTS)
        self._below = below, unlearned_share(ensemble, below * (1 - 1e-12), learner=learner, known=known)
        self._above = above, unlearned_share(ensemble, above * (1 + 1e-12), learner=learner, known=known)

    def failure(self, num_skills: float, ratio: float) -> float:
        """Return P_fail; a step at the threshold where the width is not known."""
        if self.waterfall.alpha is None:
            return float(ratio < self.threshold)
        return float(failure_probability(self.waterfall, num_skills, ratio)[0])  # type: ignore[arg-type]

    def unlearned_given_failure(self, ratio: float) -> float:
        """Return the unlearned share of a replicate that has not jumped; above the threshold its value there."""
        return float(np.interp(ratio, *self._below))

    def unlearned_given_success(self, ratio: float) -> float:
        """Return the unlearned share of a replicate that has jumped; below the threshold its value there."""
        points, shares = self._above
        return float(np.exp(np.interp(ratio, points, np.log(np.maximum(shares, 1e-300)))))

    def unlearned(self, num_skills: float, ratio: float) -> float:
        """Return the mean unlearned share."""
        failed = self.failure(num_skills, ratio)
        return failed * self.unlearned_given_failure(ratio) + (1 - failed) * self.unlearned_given_success(ratio)


def jump_law(ensemble: EnsembleLike, *, learner: int = 1, known: float = 0.0) -> JumpLaw | None:
    """Return the finite-size law of the jump of an ensemble; None if learning is continuous.

    Parameters
    ----------
    ensemble : Ensemble or str
    learner : int
    known : float

    Returns
    -------
    JumpLaw or None

    Raises
    ------
    ValueError
        If a parameter is out of range.

    Examples
    --------
    >>> round(jump_law('poisson:6').threshold, 6)
    4.53299
    """
    ensemble = parse_ensemble(ensemble)
    found = peeling_threshold(ensemble, learner=learner, known=known)
    if found.threshold is None:
        return None
    law = waterfall(ensemble, learner=learner, known=known, threshold=found)
    return JumpLaw(ensemble, found, law, learner, known)


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

    Returns
    -------
    callable
        Of R and T.

    Raises
    ------
    ValueError
        If the ensemble is no ensemble of texts by law.

    Examples
    --------
    >>> learned = expected_learned('poisson:6')
    >>> round(learned(1000, 6000))
    1000
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


def zipf_mastery(exponent: float, skills_per_text: DegreeLaw) -> Objective:
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
    skills_per_text : DegreeLaw
        Texts of one skill must have positive probability, or nothing is ever learned.

    Returns
    -------
    callable
        Of R and T.

    Raises
    ------
    ValueError
        If the exponent is not positive, or no text has one skill.

    Examples
    --------
    >>> from skillgraph import parse_law
    >>> round(zipf_mastery(0.5, parse_law('pmf:1=0.5,2=0.5'))(100, 1000), 4)
    0.9072
    """
    if not 0 < exponent < np.inf:
        raise ValueError(f"exponent of the frequencies must be positive and finite, got {exponent}")
    if not float(skills_per_text.node_complement(1.0, 1)) > 0:
        raise ValueError(f'skills per text must include texts of one skill, got "{skills_per_text}"')
    total = float(special.zeta(1 + exponent))

    def mastered(num_skills: float, num_texts: float) -> float:
        held = max(int(num_skills), 1)
        ranks, counts = consecutive_nodes(1, held)
        frequency = ranks ** -(1 + exponent) / total
        beyond = float(special.zeta(1 + exponent, held + 1.0)) / total

        def excess(q: float) -> float:
            reach = num_texts * float(skills_per_text.node_complement(q, 1))
            return float(counts @ (frequency * np.exp(-reach * frequency))) + beyond - q

        return 1 - _largest_root(excess)

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
