"""What is mastered of skills that are asked for, and taught, with unequal frequencies: one map for every question.

Texts draw skills with the frequencies p_i with which they are asked for, and need d of them with probability w_d. A
model holds the P most popular skills. With N texts and Phi(y) = sum_d d w_d y^(d-1), the summed frequency q of the
skills that are not mastered goes in one round to

    T(q) = sum_{i <= P} p_i exp(-N p_i Phi(1 - q)) + sum_{i > P} p_i:

a skill stays unknown while none of its texts, Poisson in number, has all its other skills known.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from skillgraph.ensembles.frequencies import HeldSkills
from skillgraph.ensembles.laws import DegreeLaw

__all__ = ["MasteryMap"]


@dataclass(frozen=True, eq=False)
class MasteryMap:
    """The map T of a law of skills per text, of the skills held and of a number of texts.

    Parameters
    ----------
    skills_per_text : DegreeLaw
    skills : HeldSkills
    num_texts : float
        N.
    """

    skills_per_text: DegreeLaw
    skills: HeldSkills
    num_texts: float

    def step(self, q: np.ndarray | float) -> np.ndarray:
        """Return T(q)."""
        return self.skills.beyond + self._taught(q) @ self._mass

    def slope(self, q: np.ndarray | float) -> np.ndarray:
        """Return T'(q)."""
        law = self.skills_per_text
        grown = self.num_texts * law.mean * law.edge_complement(q, 1)
        return grown * (self._taught(q) @ (self._mass * self.skills.frequency))

    @cached_property
    def _mass(self) -> np.ndarray:
        return self.skills.frequency * self.skills.number

    def _taught(self, q: np.ndarray | float) -> np.ndarray:
        """Return exp(-N p_i Phi(1 - q)), (..., n)."""
        law = self.skills_per_text
        load = np.asarray(self.num_texts * law.mean * law.edge_complement(q))
        return np.exp(-load[..., None] * self.skills.frequency)
