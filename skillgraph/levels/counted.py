"""Theory of the two-layer object as it is: composite skills occur in texts more or less often.

The binomial law of links takes every pair of composite skills as alike. They are not: a composite skill occurs in
texts a random number of times, because it has more or fewer skills and because texts are finite in number, and its
links to all others go up and down with that number. Where few links are asked for, or R/S is small, this matters.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import special

from skillgraph.ensembles.degrees import negative_binomial, poisson
from skillgraph.levels.model import LevelModel, Needs

__all__ = ["counted_emergence"]

_TYPES = 48  # quantile groups of composite skills


def counted_emergence(
    model: LevelModel, num_skills: int, num_texts: int, *, needs: Needs = "edge", share: float = 1.0
) -> np.ndarray:
    """Return the giant component of every level of the object, (levels,) float64.

    A composite skill occurs w times as often in texts as the average, by a negative binomial law of mean d T/S and
    dispersion R/S (a Poisson number of texts, in proportion to a Poisson number of skills), in 48 quantile groups. Two
    of them share a Poisson number of links of mean mu w w'; with p(w, w') the chance of eta or more and
    g = gamma^sigma of the level below,

        G_w = a (1 - exp(-S b E_w' p(w, w') G_w')),    (a, b) = (1, g^2) for needs "edge", (g, 1) for needs "skill".

    Levels with eta = 1 have cliques, and w is the relative number of skills, Poisson of mean R/S:
    G_w = a (1 - exp(-d (T/S) w (1 - e^(-d E w' G_w')))).

    Parameters
    ----------
    model : LevelModel
    num_skills, num_texts : int
    needs : {"edge", "skill"}
    share : float
        Share of skills that link, for instance the learned ones.
    """
    shares: list[float] = []
    for level in model.levels:
        chance = (shares[-1] if shares else 1.0) ** level.prerequisites
        active, kept = (1.0, chance**2) if needs == "edge" else (chance, 1.0)
        skills = share * num_skills / level.composite_skills
        occurrences = share * model.skills_per_text * num_texts / level.composite_skills
        if level.links == 1 and kept == 1.0:
            weights = _groups(poisson(skills).probabilities)
            step = _clique_step(active, occurrences * weights, share * model.skills_per_text * weights)
        else:
            weights = _groups(negative_binomial(occurrences, skills).probabilities)
            mean = _distinct_mean(num_skills, num_texts, model.skills_per_text) * (share / level.composite_skills) ** 2
            joined = special.gammainc(level.links, mean * np.outer(weights, weights))
            step = _pair_step(active, level.composite_skills * kept * joined / _TYPES)
        shares.append(float(_solve(step).mean()))
    return np.array(shares)


def _distinct_mean(num_skills: int, num_texts: int, skills_per_text: float) -> float:
    """R^2 times the probability that two skills share a text, d^2 T while few share more than one."""
    return -float(np.expm1(num_texts * np.log1p(-((skills_per_text / num_skills) ** 2)))) * num_skills**2


def _clique_step(active: float, edges: np.ndarray, reach: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    return lambda group: active * -np.expm1(-edges * -np.expm1(-np.mean(reach * group)))


def _pair_step(active: float, matrix: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    return lambda group: active * -np.expm1(-matrix @ group)


def _groups(pmf: np.ndarray) -> np.ndarray:
    """Return the conditional means of equally likely groups of a law on 0, 1, ..., over its mean."""
    ends = np.concatenate([[0.0], np.cumsum(pmf / pmf.sum())])
    mass = np.concatenate([[0.0], np.cumsum(pmf * np.arange(pmf.size))])
    groups = np.diff(np.interp(np.linspace(0, 1, _TYPES + 1), ends, mass))
    return np.asarray(groups / groups.mean())


def _solve(step: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """Iterate a monotone map down from 1 to its largest fixed point."""
    group = np.ones(_TYPES)
    for _ in range(20_000):
        after = step(group)
        if np.max(np.abs(after - group)) < 1e-12:
            break
        group = after
    return np.where(group < 1e-6, 0.0, group)
