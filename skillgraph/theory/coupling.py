"""Spatially coupled LDPC chains: belief propagation reaches further than in the ensemble they are made of.

A chain of 2 L + 1 positions of skills; a skill at position i has one edge to a text at each of the positions i - w,
..., i + w with 2 w + 1 = l, and a text has r / l edges to each of the positions around it. The ends know more, and what
they learn travels inwards.
"""

from __future__ import annotations

import numpy as np

from skillgraph.checks import count

__all__ = ["coupled_threshold", "coupled_unlearned"]

_ROUNDS = 200_000
_LEARNED = 1e-10


def coupled_unlearned(
    texts_per_skill: int, skills_per_text: int, length: int, erasure: float, rounds: int = _ROUNDS
) -> np.ndarray:
    """Return the unlearned share of skills at each position after density evolution.

    Parameters
    ----------
    texts_per_skill : int
        l, odd and at least 3.
    skills_per_text : int
        r, a multiple of l.
    length : int
        L: positions -L, ..., L.
    erasure : float
        Probability that a skill is not known beforehand.
    rounds : int
        At most so many rounds; ends earlier where nothing moves.

    Returns
    -------
    (2 L + 1,) float64 array

    References
    ----------
    Kudekar, Richardson & Urbanke (2011), doi:10.1109/TIT.2010.2095072, the (l, r, L) ensemble.
    """
    degree, edges = _checked(texts_per_skill, skills_per_text, length)
    if not 0 <= erasure <= 1:
        raise ValueError(f"erasure must lie in [0, 1], got {erasure}")
    positions = 2 * int(length) + 1
    x = np.full((positions, degree), float(erasure))  # message of a skill to the text that stands ``column`` further
    for _ in range(rounds):
        after = _round(x, degree, edges, float(erasure))
        if np.max(np.abs(after - x)) < 1e-13 or np.max(after) < _LEARNED:
            x = after
            break
        x = after
    failing = _failing(x, degree, edges)
    return erasure * np.prod(failing, axis=1)


def _round(x: np.ndarray, degree: int, edges: int, erasure: float) -> np.ndarray:
    """One parallel round over all positions."""
    failing = _failing(x, degree, edges)
    others = np.stack([np.prod(np.delete(failing, column, axis=1), axis=1) for column in range(degree)], axis=1)
    return erasure * others


def _failing(x: np.ndarray, degree: int, edges: int) -> np.ndarray:
    """Return the probability that the text of each column does not teach a skill at each position."""
    positions = x.shape[0]
    known = np.ones((positions + degree - 1, degree))  # text position, column of the skill that it is seen from
    for column in range(degree):
        known[column : column + positions, column] = 1 - x[:, column]
    failing = np.empty_like(x)
    for column in range(degree):
        own = known[column : column + positions, column]
        rest = np.prod(np.delete(known, column, axis=1)[column : column + positions] ** edges, axis=1)
        failing[:, column] = 1 - rest * own ** (edges - 1)
    return failing


def coupled_threshold(texts_per_skill: int, skills_per_text: int, length: int, tolerance: float = 1e-8) -> float:
    """Return the erasure probability up to which belief propagation recovers the whole chain, by bisection.

    Parameters
    ----------
    texts_per_skill, skills_per_text, length
        As in `coupled_unlearned`.
    tolerance : float
        Width of the last bracket.
    """
    low, high = 0.0, 1.0
    while high - low > tolerance:
        middle = (low + high) / 2
        if np.max(coupled_unlearned(texts_per_skill, skills_per_text, length, middle)) < 1e-8:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _checked(texts_per_skill: int, skills_per_text: int, length: int) -> tuple[int, int]:
    degree, width = count("texts_per_skill", texts_per_skill), count("skills_per_text", skills_per_text)
    count("length", length)
    if degree < 3 or degree % 2 == 0:
        raise ValueError(f"texts per skill of a coupled chain must be odd and at least 3, got {degree}")
    if width < 2 * degree or width % degree != 0:
        raise ValueError(f"skills per text must be a multiple of {degree}, at least {2 * degree}, got {width}")
    return degree, width // degree
