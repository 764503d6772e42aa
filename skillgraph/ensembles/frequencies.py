"""How often the skills of a model are asked for: by popularity rank, up to what the model can hold.

Skill i of a Zipf popularity of exponent s is asked for with frequency p_i proportional to i^(-s): of infinitely many
skills if s > 1, else of ``size`` skills, or of exactly as many as are held. A model that holds P skills holds the P
most popular ones.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from skillgraph.ensembles.ensemble import Popularity
from skillgraph.ensembles.quadrature import consecutive_nodes

__all__ = ["HeldSkills", "each_frequency", "held_skills"]


@dataclass(frozen=True, eq=False)
class HeldSkills:
    """Frequencies of the skills that a model holds, few points standing for many skills.

    Attributes
    ----------
    frequency, number : (n,) float64 arrays
        Frequencies, and how many skills have each.
    beyond : float
        Summed frequency of the skills that are not held.
    """

    frequency: np.ndarray
    number: np.ndarray
    beyond: float


def held_skills(popularity: Popularity, capacity: float) -> HeldSkills:
    """Return the frequencies of the most popular skills.

    Parameters
    ----------
    popularity : Popularity
    capacity : float
        Skills that are held, rounded down.
    """
    held = int(capacity)
    if popularity.measured is not None:
        weights = _measured(popularity.measured)
        return HeldSkills(weights[:held], np.ones(weights[:held].size), float(weights[held:].sum()))
    exponent = popularity.exponent
    if _endless(popularity):
        total = float(special.zeta(exponent, 1))
        ranks, number = consecutive_nodes(1, held)
        return HeldSkills(ranks**-exponent / total, number, float(special.zeta(exponent, held + 1)) / total)
    size = held if popularity.size is None else popularity.size
    if exponent == 0:
        kept = min(held, size)
        return HeldSkills(np.array([1 / size]), np.array([float(kept)]), 1.0 - kept / size)
    ranks, number = consecutive_nodes(1, min(held, size))
    mass = float(number @ ranks**-exponent)
    beyond = 0.0
    if held < size:
        later, count = consecutive_nodes(held + 1, size)
        beyond = float(count @ later**-exponent)
    return HeldSkills(ranks**-exponent / (mass + beyond), number, beyond / (mass + beyond))


def each_frequency(popularity: Popularity, capacity: int) -> np.ndarray:
    """Return the frequency of every skill that is held, most popular first, (held,) float64."""
    if popularity.measured is not None:
        return _measured(popularity.measured)[:capacity]
    exponent = popularity.exponent
    if _endless(popularity):
        return np.arange(1.0, capacity + 1) ** -exponent / float(special.zeta(exponent, 1))
    existing = np.arange(1.0, (popularity.size or capacity) + 1) ** -exponent
    return np.asarray(existing[:capacity] / existing.sum())


def _measured(weights: tuple[float, ...]) -> np.ndarray:
    ordered = np.sort(np.array(weights))[::-1]
    return np.asarray(ordered / ordered.sum())


def _endless(popularity: Popularity) -> bool:
    """Whether there are infinitely many skills."""
    return popularity.size is None and popularity.exponent > 1
