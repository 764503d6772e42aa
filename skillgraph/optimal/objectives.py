"""What a model of R skills that reads T texts is worth: the quantity that an optimum maximises."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np
from scipy import optimize

from skillgraph.checks import positive
from skillgraph.ensembles.degrees import parse_law
from skillgraph.ensembles.ensemble import Popularity
from skillgraph.ensembles.frequencies import held_skills
from skillgraph.ensembles.parsing import EnsembleLike, LawLike, parse_ensemble
from skillgraph.optimal.branches import Branch
from skillgraph.theory.density_evolution import load_curve
from skillgraph.theory.finite_size import Waterfall, failure_probability, waterfalls
from skillgraph.theory.load_curve import LoadCurve
from skillgraph.theory.mastery import MasteryMap
from skillgraph.theory.thresholds import peeling_threshold

__all__ = ["JumpLaw", "Objective", "expected_learned", "jump_law", "zipf_mastery"]

Objective: TypeAlias = Callable[[float, float], float]  # (num_skills, num_texts) -> worth


class JumpLaw:
    """Finite-size law of learning in an ensemble with jumps: how far it got, and what is left in each case.

    Parameters
    ----------
    curve : LoadCurve
        Of an ensemble with at least one jump.
    laws : sequence of Waterfall
        Width and shift of each jump, in order.
    """

    def __init__(self, curve: LoadCurve, laws: Sequence[Waterfall]) -> None:
        self.laws, self.waterfall = tuple(laws), laws[-1]
        assert self.waterfall.threshold is not None
        self.threshold = self.waterfall.threshold
        self.branches = tuple(Branch(curve, piece) for piece in range(len(laws) + 1))

    def failure(self, num_skills: float, ratio: float, jump: int = -1) -> float:
        """Return P_fail of a jump, the last if omitted; a step at the threshold where the width is not known."""
        law = self.laws[jump]
        assert law.threshold is not None
        if law.alpha is None:
            return float(ratio < law.threshold)
        return float(failure_probability(law, num_skills, ratio)[0])  # type: ignore[arg-type]

    def unlearned_given_failure(self, ratio: float) -> float:
        """Return the unlearned share of a replicate before the last jump; above the threshold its value there."""
        return self.branches[-2].unlearned(ratio)

    def unlearned_given_success(self, ratio: float) -> float:
        """Return the unlearned share of a replicate that has jumped; below the threshold its value there."""
        return self.branches[-1].unlearned(ratio)

    def unlearned(self, num_skills: float, ratio: float) -> float:
        """Return the mean unlearned share."""
        return self._mean(num_skills, ratio, lambda branch: branch.unlearned(ratio))

    def learned(self, num_skills: float, ratio: float) -> float:
        """Return the mean share learned from texts."""
        return self._mean(num_skills, ratio, lambda branch: branch.learned(ratio))

    def _mean(self, num_skills: float, ratio: float, share: Callable[[Branch], float]) -> float:
        """Average over the branches: one that failed a jump has passed all jumps before it."""
        total, passed = 0.0, 1.0
        for jump, branch in enumerate(self.branches[:-1]):
            failed = self.failure(num_skills, ratio, jump)
            total += passed * failed * share(branch)
            passed *= 1 - failed
        return total + passed * share(self.branches[-1])


def jump_law(ensemble: EnsembleLike, *, learner: int = 1, known: float = 0.0) -> JumpLaw | None:
    """Return the finite-size law of the jumps of an ensemble; None if learning is continuous.

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
    if not found.jumps or found.threshold is None:
        return None
    laws = waterfalls(ensemble, learner=learner, known=known, threshold=found)
    return JumpLaw(load_curve(ensemble, learner=learner, known=known), laws)


def expected_learned(ensemble: EnsembleLike, *, learner: int = 1, known: float = 0.0) -> Objective:
    """Return the expected number of skills learned from texts as a function of R and T.

    With a jump, R (P_fail v_failure + (1 - P_fail) v_success); P_fail from the waterfall, the learned shares v from
    density evolution, and so on over several jumps. Without one, R v.

    Parameters
    ----------
    ensemble : Ensemble or str
        Texts by law.
    learner : int
    known : float
        Share of skills known beforehand; they cost nothing and do not count.

    Returns
    -------
    callable
        Of R and T.

    Raises
    ------
    ValueError
        If learning never starts, or the ensemble is one of prescribed texts per skill.

    Examples
    --------
    >>> learned = expected_learned('poisson:6')
    >>> round(learned(1000, 6000))
    1000
    """
    ensemble = parse_ensemble(ensemble)
    if ensemble.full_ratio is not None:
        raise ValueError("compute-optimal sizes need an ensemble of texts by law: texts can then be added without end")
    curve = load_curve(ensemble, learner=learner, known=known)
    if curve.stuck:
        reason = peeling_threshold(ensemble, learner=learner, known=known).reason
        raise ValueError(f"no size is better than another: {reason}")
    law = jump_law(ensemble, learner=learner, known=known)
    if law is not None:
        return lambda num_skills, num_texts: num_skills * law.learned(num_skills, num_texts / num_skills)
    branch = Branch(curve, 0)
    return lambda num_skills, num_texts: num_skills * branch.learned(num_texts / num_skills)


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
    >>> round(zipf_mastery(0.5, 'pmf:1=0.5,2=0.5')(100, 1000), 4)
    0.9072
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
