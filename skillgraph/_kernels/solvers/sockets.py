"""Peeling of a regular configuration ensemble, exactly: a banded chain over texts with one open socket and with more.

Skills of l sockets, texts of d. The sockets of both sides are matched uniformly, so whichever open socket of a skill is
looked at first, its partner is any open socket of the texts' side. State: h texts with one open socket, t texts with
two or more; the other open sockets, those of the t texts and of ``idle`` places without a text, are x = open - h. Given
(t, x), all ways to distribute x over them are alike; their number is W_t(x), the coefficient of z^x in
((1 + z)^d - 1 - d z)^t (1 + z)^idle. Closing a random socket takes one of the h, or ends the wait of a text with two
(2 C(d, 2) t W_{t-1}(x - 2) of the open W_t(x) cases), or neither.
"""

from __future__ import annotations

import math

import numpy as np

from skillgraph._kernels import jit

__all__ = ["log_ways", "socket_chain"]

CUT = 1e-27


@jit
def log_ways(degree: int, idle: int, table: np.ndarray) -> None:
    """Fill table[t, x] with ln W_t(x), minus infinity where there is no way; (texts + 1, open + 1) float64."""
    binomials = np.zeros(degree + 1)
    for j in range(2, degree + 1):
        binomials[j] = math.lgamma(degree + 1.0) - math.lgamma(j + 1.0) - math.lgamma(degree - j + 1.0)
    table[:] = -math.inf
    for x in range(min(idle, table.shape[1] - 1) + 1):
        table[0, x] = math.lgamma(idle + 1.0) - math.lgamma(x + 1.0) - math.lgamma(idle - x + 1.0)
    for t in range(1, table.shape[0]):
        for x in range(2 * t, table.shape[1]):
            largest = -math.inf
            for j in range(2, min(degree, x) + 1):
                largest = max(largest, binomials[j] + table[t - 1, x - j])
            if largest > -math.inf:
                total = 0.0
                for j in range(2, min(degree, x) + 1):
                    total += math.exp(binomials[j] + table[t - 1, x - j] - largest)
                table[t, x] = largest + math.log(total)


@jit
def _close(
    opened: int, pairs: float, ways: np.ndarray, box: np.ndarray, state: np.ndarray, following: np.ndarray
) -> None:
    """Close one random socket of ``opened``; box: the bounds of h and t, widened; following is scratch, left zero."""
    h_low, h_high, t_low, t_high = box
    for h in range(h_low, h_high + 1):
        for t in range(t_low, t_high + 1):
            mass = state[h, t]
            if mass == 0.0:
                continue
            x = opened - h
            moving = 0.0
            if t > 0 and x >= 2 and ways[t - 1, x - 2] > -math.inf:
                moving = 2 * pairs * t * math.exp(ways[t - 1, x - 2] - ways[t, x])
            moving = min(moving, float(x))
            if h > 0:
                following[h - 1, t] += mass * (h / opened)
            if moving > 0.0:
                following[h + 1, t - 1] += mass * (moving / opened)
            following[h, t] += mass * ((x - moving) / opened)
    box[0], box[1], box[2] = max(h_low - 1, 0), min(h_high + 1, state.shape[0] - 2), max(t_low - 1, 0)
    for h in range(box[0], box[1] + 1):
        for t in range(box[2], box[3] + 1):
            state[h, t] = following[h, t]
            following[h, t] = 0.0


@jit
def _trimmed(box: np.ndarray, state: np.ndarray) -> float:
    """Narrow the box while its edges carry next to nothing; return what is dropped."""
    dropped = 0.0
    for side in range(4):
        while box[0] <= box[1] and box[2] <= box[3]:
            if side < 2:
                edge = state[box[side], box[2] : box[3] + 1]
            else:
                edge = state[box[0] : box[1] + 1, box[side]]
            mass = edge.sum()
            if mass > CUT or (side == 0 and box[0] == 0 and mass > 0.0):
                break
            dropped += mass
            edge[:] = 0.0
            box[side] += 1 if side % 2 == 0 else -1
    return dropped


@jit
def _joined(chance: float, other: np.ndarray, given: np.ndarray, box: np.ndarray, state: np.ndarray) -> None:
    """Add ``chance`` times the state of another box."""
    if box[0] > box[1] or box[2] > box[3]:
        box[:] = other
    box[0], box[1] = min(box[0], other[0]), max(box[1], other[1])
    box[2], box[3] = min(box[2], other[2]), max(box[3], other[3])
    for h in range(other[0], other[1] + 1):
        for t in range(other[2], other[3] + 1):
            state[h, t] += chance * given[h, t]


@jit
def socket_chain(
    skill_degree: int, text_degree: int, dummies: int, unknown: np.ndarray, ways: np.ndarray, law: np.ndarray
) -> float:
    """Fill law with the chance that so many skills stay unlearned; return the probability dropped.

    skill_degree, text_degree: int64; dummies: int64, sockets of texts without a skill; unknown: (skills + 1,) float64,
    chance that so many skills are unknown beforehand; ways: (texts + 1, open + 1) float64, see `log_ways`; law:
    (skills + 1,) float64, written.
    """
    skills, texts = unknown.size - 1, ways.shape[0] - 1
    opened, pairs = skill_degree * skills + dummies, 0.5 * text_degree * (text_degree - 1)
    shape = (texts + 3, texts + 1)
    early, state, scratch = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    ones = texts if text_degree == 1 else 0
    early[ones, texts - ones] = 1.0
    early_box, box = np.array([ones, ones, texts - ones, texts - ones]), np.array([1, 0, 1, 0])
    dropped, least = 0.0, 0
    while unknown[least] == 0.0:
        least += 1
    for step in range(dummies):
        _close(opened - step, pairs, ways, early_box, early, scratch)
        dropped += _trimmed(early_box, early)
    for u in range(skills, -1, -1):
        opened = skill_degree * u
        if u < skills:
            for step in range(skill_degree):
                if u >= least:
                    _close(opened + skill_degree - step, pairs, ways, early_box, early, scratch)
            if u >= least:
                dropped += _trimmed(early_box, early)
        if unknown[u] > 0.0:
            _joined(unknown[u], early_box, early, box, state)
        if box[0] == 0:
            law[u] += state[0, box[2] : box[3] + 1].sum()
            state[0, box[2] : box[3] + 1] = 0.0
            box[0] = 1
        if u == 0:
            break
        if box[0] > box[1] or box[2] > box[3]:
            continue
        for h in range(box[0], box[1] + 1):
            for t in range(box[2], box[3] + 1):
                state[h - 1, t] = state[h, t]
                state[h, t] = 0.0
        box[0], box[1] = box[0] - 1, box[1] - 1
        for step in range(1, skill_degree):
            _close(opened - step, pairs, ways, box, state, scratch)
        dropped += _trimmed(box, state)
    return dropped
