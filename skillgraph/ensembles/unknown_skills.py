"""How many skills of a text are unknown, and how that changes as skills are learned: exact probabilities.

Texts by law with uniform popularity: all sets of as many unknown skills are equally likely.
"""

from __future__ import annotations

import numpy as np
from scipy import special

from skillgraph.ensembles.ensemble import Ensemble

__all__ = ["UnknownSkills"]


class UnknownSkills:
    """Probabilities of the number of unknown skills of a text."""

    def __init__(self, ensemble: Ensemble, num_skills: int, learner: int) -> None:
        self.num_skills, self.learner, self._law = num_skills, learner, ensemble.skills_per_text
        self._independent = ensemble.independent_edges
        law = self._law.probabilities
        self._degrees = np.flatnonzero(law > 0)
        self._shares = law[self._degrees] / law.sum()

    def at(self, unlearned: np.ndarray) -> np.ndarray:
        """Return P(a text has j unknown skills), j = 0, ..., D, (n, D + 1) float64."""
        if self._independent:
            return self._binomial(unlearned)
        columns = [self._hypergeometric(unlearned, j) for j in range(self.learner + 1)]
        return np.stack(columns, axis=1)

    def moving(self, before: np.ndarray, after: np.ndarray) -> np.ndarray:
        """Return P(j unknown skills now | more than D before), (n, D + 1) float64."""
        now, then = self.at(after), self.at(before)
        kept = after / np.maximum(before, 1)
        stay = np.zeros(now.shape)
        for j in range(self.learner + 1):  # texts that had at most D and of those j left
            for i in range(j, self.learner + 1):
                stay[:, j] += then[:, i] * _thinned(i, j, before, after, kept)
        many = np.maximum(1 - then.sum(axis=1), 1e-300)
        return np.clip((now - stay) / many[:, None], 0.0, 1.0)

    def _binomial(self, unlearned: np.ndarray) -> np.ndarray:
        """P(Binomial(U, c / R) = j)."""
        p, u = self._law.mean / self.num_skills, unlearned.astype(float)
        chance, columns = np.exp(u * np.log1p(-p)), []
        for j in range(self.learner + 1):
            columns.append(chance)
            chance = chance * np.maximum(u - j, 0.0) / (j + 1) * (p / (1 - p))
        return np.stack(columns, axis=1)

    def _hypergeometric(self, unlearned: np.ndarray, j: int) -> np.ndarray:
        """P(j of a text's skills are among the unlearned), averaged over the law."""
        total = np.zeros(unlearned.shape)
        known, size = (self.num_skills - unlearned).astype(float), float(self.num_skills)
        u = unlearned.astype(float)
        for degree, share in zip(self._degrees.tolist(), self._shares.tolist(), strict=True):
            if degree < j or degree > self.num_skills:
                continue
            chance = np.full(unlearned.shape, special.comb(degree, j))
            for step in range(j):
                chance = chance * np.maximum(u - step, 0.0) / (size - step)
            for step in range(degree - j):
                chance = chance * np.maximum(known - step, 0.0) / (size - j - step)
            total += share * chance
        return total


def _thinned(had: int, left: int, before: np.ndarray, after: np.ndarray, kept: np.ndarray) -> np.ndarray:
    """P(``left`` of ``had`` skills among ``before`` are among the ``after`` that remain): hypergeometric."""
    chance = np.full(before.shape, special.comb(had, left))
    b, a = before.astype(float), after.astype(float)
    for step in range(left):
        chance = chance * np.maximum(a - step, 0.0) / np.maximum(b - step, 1.0)
    for step in range(had - left):
        chance = chance * np.maximum(b - a - step, 0.0) / np.maximum(b - left - step, 1.0)
    return chance
