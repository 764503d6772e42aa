"""Markov chains of learning: unlearned skills, waiting texts, teaching texts; round by round, and as texts arrive."""

from __future__ import annotations

import math

import numpy as np

from skillgraph._kernels import jit
from skillgraph._kernels.binomial import FEW, binomial, by_inversion
from skillgraph._kernels.counter import line_up, unit, word_pair

__all__ = ["learn_chains", "occupied", "peel_chains"]

ZERO = np.uint64(0)
ONE = np.uint64(1)
RARE = 16.0  # up to so many expected draws in vain, they are found one by one
SMALL = 64.0  # up to so many cells, always one by one
REPLICATE = np.uint64(40)  # a replicate has 2^40 draws
LINED_UP = np.uint64(2**39)  # the upper half of them are made side by side
LINE = 512


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


@jit
def learn_chains(
    key: np.ndarray,
    first: int,
    log_known: float,
    none: np.ndarray,
    one: np.ndarray,
    chance: np.ndarray,
    log_stay: np.ndarray,
    at: np.ndarray,
    learned: np.ndarray,
) -> None:
    """Let texts arrive one by one in replicates first, first + 1, ...; D = 1.

    A waiting text has two unknown skills or more. When one of U unlearned skills is learned, each waiting text comes to
    have one unknown skill with ``chance[U]``, independently, and that is any of the U - 1. Such a text joins a stack
    with their number; its skill is still unknown with U' / (U - 1) when it is its turn to teach and U' are left.

    key: (2,) uint64; first: int64, below 2^24 with the last; log_known: float64, ln(share known beforehand); none, one:
    (num_skills + 1,) float64, probability that a text has no unknown skill, and at most one, of U; chance, log_stay:
    (num_skills + 1,) float64, see above, and ln(1 - chance); at: (points,) int64, increasing numbers of texts;
    learned: (replicates, points) int64, written.
    """
    num_skills = none.size - 1
    items, words = np.empty(LINE, np.uint64), np.empty(2 * LINE, np.uint64)
    stack = np.empty(at[-1] + 1, np.int32)
    for replicate in range(learned.shape[0]):
        clock = np.uint64(first + replicate) << REPLICATE
        lined_up, cursor = clock + LINED_UP, words.size
        unknown, clock = binomial(np.float64(num_skills), log_known, key, clock)
        u, waiting, arrived = np.int64(unknown), np.int64(0), np.int64(0)
        for point in range(at.size):
            while arrived < at[point] and u > 0:
                arrived += 1
                if cursor >= words.size - 1:
                    line_up(key, lined_up, items, words)
                    lined_up, cursor = lined_up + np.uint64(LINE), 0
                uniform = unit(words[cursor])
                cursor += 1
                waiting += uniform >= one[u]
                height = np.int64(none[u] <= uniform < one[u])
                stack[0] = u
                while height > 0:
                    height -= 1
                    if cursor >= words.size - 1:
                        line_up(key, lined_up, items, words)
                        lined_up, cursor = lined_up + np.uint64(LINE), 0
                    cursor += 2
                    if stack[height] > u and unit(words[cursor - 2]) * stack[height] >= u:
                        continue
                    if waiting * chance[u] < FEW:
                        nothing = math.exp(waiting * log_stay[u])
                        ready = by_inversion(np.float64(waiting), chance[u], nothing, unit(words[cursor - 1]))
                    else:
                        ready, clock = binomial(np.float64(waiting), log_stay[u], key, clock)
                    u -= 1
                    waiting -= np.int64(ready)
                    for _ in range(np.int64(ready)):
                        stack[height] = u
                        height += 1
            learned[replicate, point] = num_skills - u
