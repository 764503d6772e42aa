"""Degree design: the law of skills per text that learns most from a budget of texts.

Peeling goes on while texts with one unknown skill are left, n1(u) > 0. With m_k texts of k skills per skill, n1 is
linear in m, so the smallest unlearned share that a budget of texts can reach is found by linear programs, as
code designers do it for erasure codes.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import optimize, special

from skillgraph.checks import count, positive
from skillgraph.ensembles.degrees import from_pmf, poisson
from skillgraph.ensembles.ensemble import texts_by_law
from skillgraph.ensembles.laws import DegreeLaw
from skillgraph.ensembles.parsing import EnsembleLike, parse_ensemble
from skillgraph.graphs.sampling import sample
from skillgraph.optimal.objectives import expected_learned
from skillgraph.records import Record
from skillgraph.seeding import generator
from skillgraph.simulation.exchangeable import peel_by_chain
from skillgraph.simulation.peeling import peel

__all__ = [
    "Design",
    "FailureShare",
    "best_poisson",
    "design_skills_per_text",
    "failure_share",
    "simulated_share",
]

_GRID, _BISECTIONS = 300, 22
_LARGEST_DEGREE = 200
_START = 6.0  # margin 3 then means 18 texts of one skill to start from


class Design(Record):
    """A designed law of skills per text.

    Attributes
    ----------
    law : DegreeLaw
    texts_per_skill_ratio : float
    unlearned_share : float
        Share at which learning is designed to stop; less is left in the end.
    margin : float
        Least distance of n1 from 0 on the way, in standard deviations at ``num_skills``.
    num_skills : int
    """

    law: DegreeLaw
    texts_per_skill_ratio: float
    unlearned_share: float
    margin: float
    num_skills: int


def design_skills_per_text(
    texts_per_skill_ratio: float,
    mean_skills_per_text: float,
    *,
    max_skills_per_text: int = 60,
    num_skills: int = 100_000,
    margin: float = 3.0,
) -> Design:
    """Design the law of skills per text that learns most at R = ``num_skills``.

    For u from 1 down to the target, with F(u) = sum_k k m_k (1-u)^(k-1),

        u (F(u) + ln u) >= margin sqrt(v(u) / R),    v(u) = u (1-u) - u^2 ln(u)^2 / r,

    v being the variance of n1 (its number per skill times R) at the point where n1 would touch 0, at least 36 / R so
    that learning starts; sum m_k = r and sum k m_k <= r c. The smallest feasible target is found by bisection; among
    the laws that reach it, the one of largest margin is taken.

    Parameters
    ----------
    texts_per_skill_ratio : float
        r, the budget of texts.
    mean_skills_per_text : float
        c, the largest mean, at least 1: the cost of a text grows with it.
    max_skills_per_text : int
        Largest number of skills in a text, 1 to 200.
    num_skills : int
        Size at which the margin holds.
    margin : float
        Standard deviations at every point of the way. The way is long, so far more than the tail of one point fail: at
        3 some percent, at 4 some in a thousand; `failure_share` measures it.

    Returns
    -------
    Design

    Raises
    ------
    ValueError
        If a budget, a degree, a size or a margin is out of range.

    References
    ----------
    Luby, Mitzenmacher, Shokrollahi & Spielman (2001), doi:10.1109/18.910575; Shokrollahi (2006), Raptor codes,
    doi:10.1109/TIT.2006.874390, section on finite length.

    Examples
    --------
    >>> found = design_skills_per_text(1.2, 4.0, max_skills_per_text=20, num_skills=1000)
    >>> found.law.mean <= 4.0 + 1e-9 and found.margin >= 3.0 - 1e-6
    True
    """
    ratio = positive("texts_per_skill_ratio", texts_per_skill_ratio)
    if not 1 <= mean_skills_per_text < np.inf:
        raise ValueError(f"mean_skills_per_text must be at least 1 and finite, got {mean_skills_per_text}")
    most = count("max_skills_per_text", max_skills_per_text, largest=_LARGEST_DEGREE)
    size, margin = count("num_skills", num_skills), positive("margin", margin)
    program = _Program(ratio, float(mean_skills_per_text), most, size)
    low, high = np.log(1e-7), 0.0
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        if program.widest(np.exp(middle))[1] >= margin:
            high = middle
        else:
            low = middle
    target = float(np.exp(high))
    texts, reached = program.widest(target)
    pmf = np.where(texts > 1e-9 * texts.sum(), texts, 0.0)
    law = from_pmf({k + 1: float(p) for k, p in enumerate(pmf / pmf.sum()) if p > 0})
    return Design(law, float(texts_per_skill_ratio), target, reached, int(num_skills))


class _Program:
    """The linear program at one budget: the widest margin with which a target can be reached."""

    def __init__(self, ratio: float, mean: float, largest: int, num_skills: int) -> None:
        self.ratio, self.mean, self.num_skills = ratio, mean, num_skills
        self.degrees = np.arange(1, largest + 1)

    def widest(self, target: float) -> tuple[np.ndarray, float]:
        """Return (texts of each degree per skill, margin); a margin of -1 if even 0 is out of reach."""
        u = np.unique(np.concatenate([np.geomspace(target, 1, _GRID), 1 - np.geomspace(1e-5, 1 - target, _GRID)]))
        u = u[(u >= target) & (u > 0)] if target < 1 else np.ones(1)
        teach = self.degrees * (1 - u[:, None]) ** (self.degrees - 1)
        variance = np.maximum(u * (1 - u) - (u * np.log(u)) ** 2 / self.ratio, 0.0)
        spread = np.maximum(np.sqrt(variance / self.num_skills), _START / self.num_skills) / u
        upper = np.vstack([np.column_stack([-teach, spread]), [*self.degrees, 0.0]])
        bounds = np.append(np.log(u), self.ratio * self.mean)
        whole = np.append(np.ones(self.degrees.size), 0.0)[None, :]
        aim = np.append(np.zeros(self.degrees.size), -1.0)
        limits = [(0.0, None)] * self.degrees.size + [(0.0, 1e6)]
        found = optimize.linprog(aim, A_ub=upper, b_ub=bounds, A_eq=whole, b_eq=[self.ratio], bounds=limits)
        if found.status != 0:
            return np.eye(1, self.degrees.size)[0] * self.ratio, -1.0
        return np.maximum(found.x[:-1], 0.0), float(found.x[-1])


def best_poisson(texts_per_skill_ratio: float, mean_skills_per_text: float, *, num_skills: int = 100_000) -> DegreeLaw:
    """Return the Poisson law of at most the given mean that learns most at R = ``num_skills``, by theory.

    Parameters
    ----------
    texts_per_skill_ratio : float
    mean_skills_per_text : float
        Largest mean.
    num_skills : int

    Returns
    -------
    DegreeLaw

    Examples
    --------
    >>> best_poisson(1.5, 3.0, num_skills=1000).mean <= 3.0
    True
    """

    def share(mean: float) -> float:
        learned = expected_learned(texts_by_law(poisson(mean)))
        return learned(num_skills, texts_per_skill_ratio * num_skills)

    means = np.linspace(0.05, mean_skills_per_text, 40)
    return poisson(_best_of(share, means))


def _best_of(value: Callable[[float], float], grid: np.ndarray) -> float:
    place = int(np.argmax([value(float(one)) for one in grid]))
    fine = np.linspace(grid[max(place - 1, 0)], grid[min(place + 1, grid.size - 1)], 21)
    return float(fine[int(np.argmax([value(float(one)) for one in fine]))])


class FailureShare(Record):
    """Result of `failure_share`.

    Attributes
    ----------
    share : float
        Of the replicates that stop before the designed unlearned share.
    interval : tuple of float
        95 %, Clopper & Pearson.
    replicates, failures : int
    median_unlearned_share : float
    """

    share: float
    interval: tuple[float, float]
    replicates: int
    failures: int
    median_unlearned_share: float


def failure_share(designed: Design, *, replicates: int, seed: int, threads: int | None = None) -> FailureShare:
    """Measure how often learning stops before the share that a law was designed for.

    Parameters
    ----------
    designed : Design
    replicates : int
        Exact chains without a graph; 1,000 of 10^5 skills take seconds.
    seed : int
    threads : int, optional

    Returns
    -------
    FailureShare

    Examples
    --------
    >>> found = failure_share(design_skills_per_text(1.2, 4.0, num_skills=1000), replicates=50, seed=1)
    >>> found.failures <= 50 and found.interval[0] <= found.share <= found.interval[1]
    True
    """
    size = designed.num_skills
    texts = max(round(designed.texts_per_skill_ratio * size), 1)
    ended = peel_by_chain(texts_by_law(designed.law), size, texts, replicates=replicates, seed=seed, threads=threads)
    left = ended.unlearned / size
    failures, number = int(np.count_nonzero(left > designed.unlearned_share)), left.size
    low = float(special.betaincinv(failures, number - failures + 1, 0.025)) if failures > 0 else 0.0
    high = float(special.betaincinv(failures + 1, number - failures, 0.975)) if failures < number else 1.0
    return FailureShare(failures / number, (low, high), number, failures, float(np.median(left)))


def simulated_share(
    ensemble: EnsembleLike, num_skills: int, texts_per_skill_ratio: float, *, replicates: int, seed: int
) -> np.ndarray:
    """Return the learned share of every replicate, (replicates,) float64; the check of a design.

    Replicate i stands at the address (seed, "design", i).
    """
    ensemble = parse_ensemble(ensemble)
    texts = max(round(texts_per_skill_ratio * num_skills), 1)
    return np.array(
        [
            peel(sample(ensemble, num_skills, texts, rng=generator(seed, "design", replicate))).learned.mean()
            for replicate in range(replicates)
        ]
    )
