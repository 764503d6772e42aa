"""Components of a random bipartite graph that is never drawn: exploration with deferred decisions.

Every skill-text pair is an edge independently with probability p. From Q newly reached skills every unseen text is
reached with probability 1 - (1-p)^Q, from X newly reached texts every unseen skill with probability 1 - (1-p)^X,
independently: two binomial numbers per generation, whatever the size of the graph.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from skillgraph._kernels import jit
from skillgraph._kernels.binomial import FEW, binomial, by_inversion
from skillgraph._kernels.counter import line_up, unit

__all__ = ["explore"]

LINED_UP = np.uint64(2**60)  # words from this counter on are made side by side, those before it one by one
LINE = 512
MANY = 64  # up to so many newly reached skills or texts, probabilities come from tables
FRESH = 1024  # draws after which products of probabilities are made afresh


@jit
def explore(
    key: np.ndarray, log_miss: float, state: np.ndarray, counters: np.ndarray, most: int, rate_at: float
) -> bool:
    """Explore components until ``most`` more are known or no skill is left; return whether none is left.

    log_miss: ln(1 - p); state, changed: (7,) float64, unseen skills, unseen texts, largest, second largest, sum of
    squared sizes, components, skills in components of one; counters, changed: (2,) uint64, numbers drawn one by one and
    side by side; rate_at: stop as soon as ln(unseen) - largest * rate_at < -36 (0: never), the exponent with which
    large components are rare in what is left.

    The draw of texts and that of skills are written out: a common function for both, inlined or not, costs a fifth
    to a half more.
    """
    skills, texts, largest, second = state[0], state[1], state[2], state[3]
    squares, found, single, clock = state[4], state[5], state[6], counters[0]
    chances, raises = np.empty(MANY + 1), np.empty(MANY + 1)
    for q in range(MANY + 1):
        chances[q], raises[q] = -math.expm1(q * log_miss), math.exp(-q * log_miss)
    items, words = np.empty(LINE, np.uint64), np.empty(2 * LINE, np.uint64)
    base: Any = counters[1] >> np.uint64(1)
    cursor: Any = np.int64(counters[1] & np.uint64(1))
    line_up(key, LINED_UP + base, items, words)
    no_text, no_skill = math.exp(texts * log_miss), math.exp(skills * log_miss)
    age = 0
    stopped = False
    for _ in range(most):
        if skills <= 0.0:
            break
        if rate_at > 0.0 and math.log(skills) - largest * rate_at < -36.0:
            stopped = True
            break
        skills -= 1.0
        no_skill *= raises[1]
        size, active = 1.0, 1.0
        while active > 0.0:
            if cursor >= 2 * LINE - 1:
                base += np.uint64(cursor >> 1)
                cursor &= 1
                line_up(key, LINED_UP + base, items, words)
            if age >= FRESH:
                no_text, no_skill, age = math.exp(texts * log_miss), math.exp(skills * log_miss), 0
            age += 1
            q = int(min(active, MANY + 1.0))
            if q <= MANY and texts * chances[q] < FEW:
                nothing, uniform = no_text, unit(words[(cursor & 1) * LINE + (cursor >> 1)])
                for _ in range(q - 1):
                    nothing *= no_text
                cursor += 1
                if uniform < nothing:
                    break
                reached = by_inversion(texts, chances[q], nothing, uniform)
            else:
                reached, clock = binomial(texts, log_miss * active, key, clock)
            if reached == 0.0:
                break
            texts -= reached
            x = int(min(reached, MANY + 1.0))
            no_text = no_text * raises[x] if x <= MANY else math.exp(texts * log_miss)
            if x <= MANY and skills * chances[x] < FEW:
                nothing, uniform = no_skill, unit(words[(cursor & 1) * LINE + (cursor >> 1)])
                for _ in range(x - 1):
                    nothing *= no_skill
                cursor += 1
                active = 0.0 if uniform < nothing else by_inversion(skills, chances[x], nothing, uniform)
            else:
                active, clock = binomial(skills, log_miss * reached, key, clock)
            skills -= active
            y = int(min(active, MANY + 1.0))
            no_skill = no_skill * raises[y] if y <= MANY else math.exp(skills * log_miss)
            size += active
        found += 1.0
        single += size == 1.0
        squares += size * size
        if size > largest:
            largest, second = size, largest
        elif size > second:
            second = size
    state[0], state[1], state[2], state[3] = skills, texts, largest, second
    state[4], state[5], state[6] = squares, found, single
    counters[0], counters[1] = clock, np.uint64(2) * base + np.uint64(cursor)
    return skills <= 0.0 or stopped
