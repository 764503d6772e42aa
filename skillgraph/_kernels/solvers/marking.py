"""Peeling by learners of any capacity D, skill by skill: a banded chain over the skills learned and waiting.

Texts by law with uniform popularity, a Poisson number of texts of mean m. While u skills are unprocessed and a of them
are learned and wait, processing one removes it and brings Poisson(m (D+1) p_{D+1}(u) / u) texts, of which each marks D
distinct skills of the other u - 1. Learning stops at a = 0. The mean m may be complex; the band follows the real one.

A state is a row of 2 nodes, real parts first, one pair per mean; its first real part is a probability.
"""

from __future__ import annotations

import math

import numpy as np

from skillgraph._kernels import jit

__all__ = ["marking_chain"]

CUT = 1e-27  # states of less probability at the ends of the band are dropped
SMALL = 1e-3 * CUT
CHUNK = 32.0  # largest mean number of texts that one series applies


@jit
def _chances(pool: int, size: int, low: int, high: int, weights: np.ndarray) -> None:
    """Fill weights[a, i] with the chance that a text of ``size`` skills marks i new ones where a of pool are marked."""
    for a in range(low, high + 1):
        ways = 1.0
        for i in range(size + 1):
            chance = ways
            for step in range(i):
                chance *= max(pool - a - step, 0) / (pool - step)
            for step in range(size - i):
                chance *= max(a - step, 0) / (pool - i - step)
            weights[a, i] = chance
            ways *= (size - i) / (i + 1)


@jit
def _one_text(size: int, low: int, top: int, limit: int, weights: np.ndarray, term: np.ndarray) -> None:
    """Let one text mark ``size`` skills; the band low, ..., top grows to limit."""
    for a in range(limit, low - 1, -1):
        stay = weights[a, 0] if a <= top else 0.0
        for k in range(term.shape[1]):
            term[a, k] *= stay
        for i in range(max(1, a - top), min(size, a - low) + 1):
            weight = weights[a - i, i]
            for k in range(term.shape[1]):
                term[a, k] += weight * term[a - i, k]


@jit
def _times(real: np.ndarray, imag: np.ndarray, low: int, high: int, rows: np.ndarray) -> None:
    """Multiply rows by one complex number per node."""
    nodes = real.size
    for a in range(low, high + 1):
        for k in range(nodes):
            kept, other = rows[a, k], rows[a, nodes + k]
            rows[a, k] = kept * real[k] - other * imag[k]
            rows[a, nodes + k] = kept * imag[k] + other * real[k]


@jit
def _texts(
    pool: int,
    size: int,
    rate_real: np.ndarray,
    rate_imag: np.ndarray,
    low: int,
    high: int,
    state: np.ndarray,
    term: np.ndarray,
    weights: np.ndarray,
) -> int:
    """Let a Poisson number of texts mark skills, by its power series; return the new top of the band."""
    largest, done, mass, top, reached = math.hypot(rate_real[0], rate_imag[0]), 0.0, 1.0, high, high
    term[low : high + 1] = state[low : high + 1]
    _chances(pool, size, low, high, weights)
    while done <= largest or mass > SMALL:
        done += 1.0
        mass *= largest / done
        limit = min(top + size, pool)
        if limit > reached:
            _chances(pool, size, reached + 1, limit, weights)
            term[reached + 1 : limit + 1] = 0.0
            state[reached + 1 : limit + 1] = 0.0
            reached = limit
        _one_text(size, low, top, limit, weights, term)
        _times(rate_real / done, rate_imag / done, low, limit, term)
        for a in range(low, limit + 1):
            for k in range(state.shape[1]):
                state[a, k] += term[a, k]
        top = limit
        while top > low and term[top, 0] < SMALL:
            top -= 1
    damp = np.exp(-rate_real)
    _times(damp * np.cos(rate_imag), -damp * np.sin(rate_imag), low, reached, state)
    return reached


@jit
def _trimmed(low: int, high: int, state: np.ndarray) -> tuple[int, int, float]:
    """Narrow the band while its ends carry next to nothing; return it and the probability dropped."""
    dropped = 0.0
    while high > low and state[high, 0] < CUT:
        dropped += state[high, 0]
        high -= 1
    while low < high and low > 0 and state[low, 0] < CUT:
        dropped += state[low, 0]
        low += 1
    return low, high, dropped


@jit
def marking_chain(
    learner: int,
    waiting: np.ndarray,
    few: np.ndarray,
    next_few: np.ndarray,
    mean_real: np.ndarray,
    mean_imag: np.ndarray,
    real: np.ndarray,
    imag: np.ndarray,
) -> float:
    """Fill real and imag with the law of the unlearned number for every mean; return the probability dropped.

    learner: int64, D; waiting: (number + 1,) float64, chance that so many are known beforehand; few: (D + 1,) float64,
    chance that a text has j of all ``number`` skills; next_few: (number + 1,) float64, chance that it has D + 1 of u;
    mean_real, mean_imag: (nodes,) float64, all of one absolute value, the first real; real, imag: (number + 1, nodes)
    float64, written.
    """
    number, nodes, dropped = waiting.size - 1, mean_real.size, 0.0
    state, term = np.zeros((number + 2, 2 * nodes)), np.zeros((number + 2, 2 * nodes))
    weights = np.zeros((number + 2, learner + 1))
    low, high = 0, number
    while low < number and waiting[low] < CUT:
        low += 1
    while high > low and waiting[high] < CUT:
        high -= 1
    for a in range(low, high + 1):
        state[a, :nodes] = waiting[a]
    for j in range(1, min(learner, number) + 1):
        parts = math.ceil(math.hypot(mean_real[0], mean_imag[0]) * few[j] / CHUNK)
        for _ in range(parts):
            high = _texts(
                number, j, mean_real * few[j] / parts, mean_imag * few[j] / parts, low, high, state, term, weights
            )
            low, high, lost = _trimmed(low, high, state)
            dropped += lost
    real[:], imag[:] = 0.0, 0.0
    for u in range(number, -1, -1):
        if low == 0:
            real[u], imag[u] = state[0, :nodes], state[0, nodes:]
            low = 1
        if high < low or u == 0:
            break
        for a in range(low, high + 1):
            state[a - 1] = state[a]
        low, high = low - 1, high - 1
        rate = (learner + 1) * next_few[u] / u
        if rate > 0.0 and u - 1 >= learner:
            high = _texts(u - 1, learner, mean_real * rate, mean_imag * rate, low, high, state, term, weights)
        low, high, lost = _trimmed(low, high, state)
        dropped += lost
    return dropped
