"""Density evolution the slow, obvious way: sums over degrees, plain iteration, bisection."""

from __future__ import annotations

from math import comb

import numpy as np


def teaches(pmf, x, learner):
    """Probability that a text met along an edge has fewer than ``learner`` unknown skills among its others."""
    mean = sum(k * p for k, p in enumerate(pmf))
    total = 0.0
    for k, p in enumerate(pmf):
        if k == 0 or p == 0:
            continue
        few = sum(comb(k - 1, j) * x**j * (1 - x) ** (k - 1 - j) for j in range(min(learner, k)))
        total += k * p / mean * few
    return total


def unlearned(pmf, ratio, learner=1, known=0.0, rounds=100_000):
    """Largest fixed point for texts by law with uniform popularity, from above."""
    mean = sum(k * p for k, p in enumerate(pmf))
    u = 1 - known
    for _ in range(rounds):
        after = (1 - known) * np.exp(-mean * ratio * teaches(pmf, u, learner))
        if u - after < 1e-15:
            break
        u = after
    return u
