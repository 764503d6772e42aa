"""Components without a graph: where every edge is there independently, exploration decides each edge when it is met.

Exact, with a few numbers of memory: 10^9 skills in seconds, the giant component of 10^12 in well under a second away
from the threshold. A third opinion beside the union-find kernels and generating functions, for sizes no memory holds.
"""

from __future__ import annotations

import math

import numpy as np
from scipy import optimize

from skillgraph._kernels import exploration as kernels
from skillgraph.checks import count, threads_of
from skillgraph.ensembles.parsing import EnsembleLike, parse_ensemble
from skillgraph.records import Record
from skillgraph.replicates import in_order
from skillgraph.seeding import counter_key, generator

__all__ = ["Explored", "explore_components"]

_SLICE = 20_000_000  # components between two looks at the keyboard
_LARGEST = 10**15


class Explored(Record):
    """Components of independent graphs; arrays of (replicates,) float64, integers as long as below 2^53.

    Attributes
    ----------
    num_skills, num_texts : int
    largest, second_largest : arrays
        Skills in the two largest components; the second is NaN where only the giant was looked for.
    sum_squares : array
        Sum of squared sizes; NaN where only the giant was looked for.
    num_components : array
        Components explored; all of them unless only the giant was looked for.
    """

    num_skills: int
    num_texts: int
    largest: np.ndarray
    second_largest: np.ndarray
    sum_squares: np.ndarray
    num_components: np.ndarray


def explore_components(
    ensemble: EnsembleLike,
    num_skills: int,
    num_texts: int,
    *,
    replicates: int = 1,
    seed: int,
    giant_only: bool = False,
    threads: int | None = None,
) -> Explored:
    """Return component sizes of random graphs of Poisson texts with uniform popularity.

    Parameters
    ----------
    ensemble : Ensemble or str
        Poisson skills per text, uniform popularity: every edge independently.
    num_skills, num_texts : int
        Up to 10^15.
    replicates : int
        Replicate i stands at the address (seed, "explore", i).
    seed : int
    giant_only : bool
        Stop as soon as a larger component than the largest found is left with probability below 10^-15.
    threads : int, optional
        Replicates side by side; the numbers do not depend on it.

    Returns
    -------
    Explored

    Raises
    ------
    ValueError
        If edges are not independent or a parameter is out of range.
    """
    ensemble = parse_ensemble(ensemble)
    if not ensemble.independent_edges:
        raise ValueError(f"exploration needs Poisson skills per text and uniform popularity, got {ensemble}")
    skills, texts = count("num_skills", num_skills, largest=_LARGEST), count("num_texts", num_texts, largest=_LARGEST)
    mean, number = ensemble.skills_per_text.mean, count("replicates", replicates)
    if not mean < skills:
        raise ValueError(f"mean skills per text must be below num_skills={skills}, got {mean:g}")

    def one(replicate: int) -> np.ndarray:
        return _explored(skills, texts, mean / skills, counter_key(generator(seed, "explore", replicate)), giant_only)

    states = np.stack(list(in_order(one, range(number), threads_of(threads))))
    if giant_only:
        states[:, 3:5] = np.nan
    return Explored(skills, texts, states[:, 2], states[:, 3], states[:, 4], states[:, 5])


def _explored(skills: int, texts: int, chance: float, key: np.ndarray, giant_only: bool) -> np.ndarray:
    """Explore one graph and return the state of the kernel."""
    state, counters = np.zeros(7), np.zeros(2, np.uint64)
    state[:2] = skills, texts
    done, slice_ = False, 64 if giant_only else _SLICE
    while not done:
        rate = _rarity(float(state[0]), float(state[1]), chance) if giant_only else 0.0
        done = kernels.explore(key, math.log1p(-chance), state, counters, slice_, rate)
        slice_ = min(2 * slice_, _SLICE)
    return state


def _rarity(skills: float, texts: float, chance: float) -> float:
    """Return I with P(component of s skills or more) <= e^(-I s) for a skill of what is left; 0 if not subcritical.

    Chernoff: the skills reached from one skill are dominated by M(theta) = exp(V p (e^(U p (e^theta - 1)) - 1)), and a
    component of s skills needs s - 1 of them from s skills: I = max_theta theta - ln M(theta) (up to e^theta).
    """
    up, vp = skills * chance, texts * chance
    if not up * vp < 1 or up == 0 or vp == 0:
        return 0.0

    def exponent(theta: float) -> float:
        return vp * math.expm1(min(up * math.expm1(theta), 500.0)) - theta

    highest = math.log1p(math.log(1 + 1 / vp) / up) + 1
    best = optimize.minimize_scalar(exponent, bounds=(0.0, highest), method="bounded", options={"xatol": 1e-10})
    return max(-float(best.fun), 0.0) * (1 - 1e-6)
