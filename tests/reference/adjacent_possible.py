"""The adjacent possible the slow and obvious way: sums over combinations, linear equations, one text at a time."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence

import numpy as np
from scipy.optimize import linprog


def innovation_sum(weight: Callable[[int], float], items: int, first: int) -> float:
    """sum_{i=first}^{M} alpha_i C(M, i), term by term."""
    return math.fsum(weight(i) * math.comb(items, i) for i in range(first, items + 1))


def chain(rate: Callable[[int], float], mu: float, start: int, fewest: int, ceiling: int) -> tuple[float, float, float]:
    """Probability of reaching the ceiling, mean and variance of the time given that, by linear equations.

    With h the probability to reach it, u = E[T; reached] and v = E[T^2; reached]: G h = 0, G u = -h, G v = -2 u for the
    generator G on fewest..ceiling - 1.
    """
    states = range(fewest, ceiling)
    generator = np.zeros((len(states), len(states)))
    up = np.zeros(len(states))
    for place, n in enumerate(states):
        birth, death = rate(n), mu * n
        generator[place, place] = -(birth + death)
        if place + 1 < len(states):
            generator[place, place + 1] = birth
        else:
            up[place] = birth
        if place > 0:
            generator[place, place - 1] = death
    h = np.linalg.solve(generator, -up)
    u = np.linalg.solve(generator, -h)
    v = np.linalg.solve(generator, -2 * u)
    place = start - fewest
    mean = u[place] / h[place]
    return float(h[place]), float(mean), float(v[place] / h[place] - mean**2)


def bounded_learning(
    rows: Sequence[Sequence[int]],
    order: Sequence[int],
    known: Sequence[int],
    learner: int,
    capacity: int,
    memory: int,
) -> list[set[int]]:
    """Known skills after 0, 1, ... texts; after each arrival the texts in memory are read over and over.

    Equal to the queue of the kernel as long as nothing is cut by the capacity in the middle of a cascade.
    """
    state = set(known)
    history = [set(state)]
    for arrived in range(len(order)):
        held = [order[place] for place in range(max(0, arrived - memory + 1), arrived + 1)]
        learning = True
        while learning:
            learning = False
            for text in held:
                unknown = [skill for skill in rows[text] if skill not in state]
                if 0 < len(unknown) <= learner and len(state) < capacity:
                    for skill in unknown:
                        if len(state) < capacity:
                            state.add(skill)
                    learning = True
        history.append(set(state))
    return history


def dip(values: Sequence[float]) -> float:
    """Distance to the nearest unimodal distribution function: one linear program per mode."""
    points, counts = np.unique(np.asarray(values, float), return_counts=True)
    above = np.cumsum(counts) / counts.sum()
    below = above - counts / counts.sum()
    return min(_dip_with_mode(points, below, above, mode) for mode in range(points.size))


def _dip_with_mode(points: np.ndarray, below: np.ndarray, above: np.ndarray, mode: int) -> float:
    """Variables: G(x_i), with G(x_mode -) at ``mode`` and G(x_mode) at ``size``; last the distance."""
    size = points.size
    rows: list[np.ndarray] = []
    bounds: list[float] = []

    def require(terms: dict[int, float], at_most: float) -> None:
        row = np.zeros(size + 2)
        for place, factor in terms.items():
            row[place] = factor
        rows.append(row)
        bounds.append(at_most)

    left = [(i, i) for i in range(mode + 1)]
    right = [(size if i == mode else i, i) for i in range(mode, size)]
    for side, sign in ((left, 1.0), (right, -1.0)):
        for (a, _), (b, _) in itertools.pairwise(side):
            require({a: 1, b: -1}, 0)
        for (a, i), (b, j), (c, k) in zip(side, side[1:], side[2:], strict=False):
            one, two = points[j] - points[i], points[k] - points[j]
            require({a: -sign / one, b: sign * (1 / one + 1 / two), c: -sign / two}, 0)
    require({mode: 1, size: -1}, 0)
    for i in range(size):
        limits = [(mode, below[i]), (size, above[i])] if i == mode else [(i, below[i]), (i, above[i])]
        for variable, value in limits:
            require({variable: 1, size + 1: -1}, value)
            require({variable: -1, size + 1: -1}, -value)
    cost = np.zeros(size + 2)
    cost[-1] = 1
    return float(linprog(cost, A_ub=np.array(rows), b_ub=bounds, bounds=[(0, 1)] * (size + 2)).fun)
