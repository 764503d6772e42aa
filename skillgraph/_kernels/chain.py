"""The Markov chain of peeling for Poisson texts: unlearned skills, waiting texts, teaching texts, round by round."""

from __future__ import annotations

import math

import numpy as np

from skillgraph._kernels import jit
from skillgraph._kernels.counter import unit, word_pair
from skillgraph._kernels.exploration import binomial

__all__ = ["occupied", "peel_chains"]

ZERO = np.uint64(0)
ONE = np.uint64(1)
RARE = 16.0  # up to so many expected draws in vain, they are found one by one
SMALL = 64.0  # up to so many cells, always one by one
REPLICATE = np.uint64(40)  # a replicate has 2^40 draws


@jit
def occupied(balls: float, cells: float, key: np.ndarray, clock: np.uint64) -> tuple[float, np.uint64]:
    """Return how many of the cells the balls hit, and the next clock.

    Exact while few balls are expected in vain: the next candidate is waited for at the largest chance that a ball can
    have until the end and is kept with the share that its true chance is of it. Else normal with the exact mean and
    variance of occupancy, rounded.
    """
    if cells > SMALL and balls * balls > 2 * RARE * cells:
        x = balls * math.log1p(-1.0 / cells)
        pair = math.log1p(-1.0 / ((cells - 1.0) * max(cells - 1.0, 1.0)))
        variance = -cells * math.exp(x) * math.expm1(x) + cells * (cells - 1) * math.exp(2 * x) * math.expm1(
            balls * pair
        )
        first, second = word_pair(key, clock, ZERO)
        normal = math.sqrt(-2 * math.log(unit(first))) * math.cos(2 * math.pi * unit(second))
        drawn = math.floor(-cells * math.expm1(x) + math.sqrt(max(variance, 0.0)) * normal + 0.5)
        return min(max(drawn, 1.0), balls, cells), clock + ONE
    hit, left = 0.0, balls
    while left > 0.0 and hit < cells:
        highest = min(cells, hit + left) / cells
        first, second = word_pair(key, clock, ZERO)
        clock += ONE
        wait = 1.0 if highest >= 1.0 else 1.0 + math.floor(math.log(unit(first)) / math.log1p(-highest))
        if wait > left:
            return min(hit + left, cells), clock
        hit += wait - 1.0
        left -= wait
        if unit(second) * highest >= hit / cells:
            hit = min(hit + 1.0, cells)
    return hit, clock


@jit
def peel_chains(
    key: np.ndarray,
    first: int,
    num_skills: float,
    num_texts: float,
    chance: float,
    known: float,
    unlearned: np.ndarray,
    rounds: np.ndarray,
) -> None:
    """Peel replicates first, first + 1, ...; D = 1.

    key: (2,) uint64; first: int64, below 2^24 with the last; chance: probability of an edge; known: share known
    beforehand; unlearned, rounds: (replicates,) int64, written.
    """
    log_miss, odds = math.log1p(-chance), chance / (1.0 - chance)
    log_known = math.log(known) if known > 0.0 else -math.inf
    for replicate in range(unlearned.size):
        clock = np.uint64(first + replicate) << REPLICATE
        u, clock = binomial(num_skills, log_known, key, clock)
        none, one = math.exp(u * log_miss), u * odds * math.exp(u * log_miss)
        empty, clock = binomial(num_texts, math.log1p(-none) if none < 1.0 else -math.inf, key, clock)
        more = -math.expm1(u * log_miss)
        share = min(one / more, 1.0) if more > 0.0 else 0.0
        teaching, clock = binomial(num_texts - empty, math.log1p(-share) if share < 1.0 else -math.inf, key, clock)
        waiting, count = num_texts - empty - teaching, 0
        while teaching > 0.0:
            learned, clock = occupied(teaching, u, key, clock)
            after = u - learned
            kept = after / u
            now_none = math.exp(after * log_miss)
            now_one = after * odds * now_none
            many = max(more - one, 1e-300)
            to_none = min(max((now_none - none - one * (1.0 - kept)) / many, 0.0), 1.0)
            to_one = min(max((now_one - one * kept) / many, 0.0), 1.0 - to_none)
            gone, clock = binomial(waiting, math.log1p(-to_none) if to_none < 1.0 else -math.inf, key, clock)
            share = min(to_one / (1.0 - to_none), 1.0) if to_none < 1.0 else 0.0
            waiting -= gone
            teaching, clock = binomial(waiting, math.log1p(-share) if share < 1.0 else -math.inf, key, clock)
            waiting -= teaching
            u, none, one, more = after, now_none, now_one, -math.expm1(after * log_miss)
            count += 1
        unlearned[replicate] = np.int64(u)
        rounds[replicate] = count
