"""Components of a random bipartite graph that is never drawn: exploration with deferred decisions.

Every skill-text pair is an edge independently with probability p. From Q newly reached skills every unseen text is
reached with probability 1 - (1-p)^Q, from X newly reached texts every unseen skill with probability 1 - (1-p)^X,
independently: two binomial numbers per generation, whatever the size of the graph.
"""

from __future__ import annotations

import math

import numpy as np

from skillgraph._kernels import jit
from skillgraph._kernels.binomial import FEW, binomial
from skillgraph._kernels.counter import unit, word_pair

__all__ = ["explore"]

ZERO = np.uint64(0)


@jit
def explore(key: np.ndarray, log_miss: float, state: np.ndarray, most: int, rate_at: float) -> bool:
    """Explore components until ``most`` more are known or no skill is left; return whether none is left.

    log_miss: ln(1 - p); state, changed: (8,) float64, unseen skills, unseen texts, largest, second largest, sum of
    squared sizes, components, clock, skills in components of one; rate_at: stop as soon as ln(unseen) - largest *
    rate_at < -36 (0: never), the exponent with which large components are rare in what is left.
    """
    skills, texts, largest, second = state[0], state[1], state[2], state[3]
    squares, found, clock, single = state[4], state[5], np.uint64(state[6]), state[7]
    alone, alone_texts, chance = 0.0, -1.0, -math.expm1(log_miss)
    stopped = False
    for _ in range(most):
        if skills <= 0.0:
            break
        if rate_at > 0.0 and math.log(skills) - largest * rate_at < -36.0:
            stopped = True
            break
        skills -= 1.0
        size, active = 1.0, 1.0
        while active > 0.0:
            if active == 1.0 and texts * chance < FEW:  # most components end here; the same draw as in `binomial`
                if texts != alone_texts:
                    alone, alone_texts = math.exp(texts * log_miss), texts
                word, _ = word_pair(key, clock, ZERO)
                if unit(word) < alone:
                    clock += np.uint64(1)
                    break
            reached, clock = binomial(texts, log_miss * active, key, clock)
            texts -= reached
            if reached == 0.0:
                break
            active, clock = binomial(skills, log_miss * reached, key, clock)
            skills -= active
            size += active
        found += 1.0
        single += size == 1.0
        squares += size * size
        if size > largest:
            largest, second = size, largest
        elif size > second:
            second = size
    state[0], state[1], state[2], state[3] = skills, texts, largest, second
    state[4], state[5], state[6], state[7] = squares, found, np.float64(clock), single
    return skills <= 0.0 or stopped
