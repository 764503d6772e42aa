"""Drawing the skills of texts, and turning one side of a bipartite graph into the other."""

from __future__ import annotations

import numpy as np

from skillgraph._kernels import jit
from skillgraph._kernels.counter import bounded, philox, unit

__all__ = ["alias_table", "draw_uniform", "draw_weighted", "fill_rows", "other_side"]

_SCAN = 24  # up to so many skills, repeats are found by looking through the row
_ONE = np.uint64(1)


@jit
def _repeats(row: np.ndarray, filled: int, skill: int, seen: np.ndarray, stamp: int) -> bool:
    """Say whether a skill is in the row already; ``seen`` (num_skills,) or (0,) int32 serves long rows."""
    if row.size > _SCAN:
        if seen[skill] == stamp:
            return True
        seen[skill] = stamp
        return False
    for place in range(filled):
        if row[place] == skill:
            return True
    return False


@jit
def draw_uniform(key: np.ndarray, indptr: np.ndarray, num_skills: int, seen: np.ndarray, skills: np.ndarray) -> None:
    """Draw every text's skills uniformly without replacement.

    Parameters
    ----------
    key : (2,) uint64 array
    indptr : (num_texts + 1,) int array
        Row starts.
    num_skills : int
        At least the longest row.
    seen : int32 array
        Scratch, (num_skills,) of zeros where a row is longer than 24, else (0,).
    skills : (indptr[-1],) int32 array, out
    """
    bound = np.uint64(num_skills)
    for text in range(indptr.size - 1):
        row = skills[indptr[text] : indptr[text + 1]]
        first = np.uint64(text) ^ key[1]
        draw, filled = np.uint64(0), 0
        while filled < row.size:
            words = philox(key[0], first, draw)
            draw += _ONE
            skill = np.int64(bounded(words[0], bound))
            if not _repeats(row, filled, skill, seen, text + 1):
                row[filled] = skill
                filled += 1
            if filled < row.size:
                skill = np.int64(bounded(words[1], bound))
                if not _repeats(row, filled, skill, seen, text + 1):
                    row[filled] = skill
                    filled += 1


@jit
def alias_table(weights: np.ndarray, accept: np.ndarray, alias: np.ndarray) -> None:
    """Build Walker's alias table by Vose's method.

    Parameters
    ----------
    weights : (num_skills,) float64 array
        Mean 1.
    accept : (num_skills,) float64 array, out
        Probability to keep the skill drawn.
    alias : (num_skills,) int32 array, out
        Skill to take otherwise.
    """
    size = weights.size
    stack = np.empty(size, np.int64)
    small, large = 0, size
    for skill in range(size):
        accept[skill] = weights[skill]
        alias[skill] = skill
        if weights[skill] < 1.0:
            stack[small] = skill
            small += 1
        else:
            large -= 1
            stack[large] = skill
    while small > 0 and large < size:
        small -= 1
        poor, rich = stack[small], stack[large]
        alias[poor] = rich
        accept[rich] -= 1.0 - accept[poor]
        if accept[rich] < 1.0:
            large += 1
            stack[small] = rich
            small += 1
    for place in range(small):
        accept[stack[place]] = 1.0
    for place in range(large, size):
        accept[stack[place]] = 1.0


@jit
def draw_weighted(
    key: np.ndarray,
    indptr: np.ndarray,
    weights: np.ndarray,
    accept: np.ndarray,
    alias: np.ndarray,
    seen: np.ndarray,
    skills: np.ndarray,
) -> None:
    """Draw every text's skills one after another with probability proportional to weight, repeats drawn again.

    A row that needs more than an eighth of all skills is drawn by exponential clocks, which has the same law (the
    skills whose clocks ring first, in that order).

    Parameters
    ----------
    key : (2,) uint64 array
    indptr : (num_texts + 1,) int array
    weights, accept : (num_skills,) float64 arrays
    alias : (num_skills,) int32 array
        See `alias_table`.
    seen : int32 array
        Scratch as in `draw_uniform`.
    skills : (indptr[-1],) int32 array, out
    """
    bound = np.uint64(weights.size)
    for text in range(indptr.size - 1):
        row = skills[indptr[text] : indptr[text + 1]]
        first = np.uint64(text) ^ key[1]
        if row.size * 8 > weights.size:
            _draw_by_clocks(key[0], first, weights, row)
            continue
        draw, filled = np.uint64(0), 0
        while filled < row.size:
            words = philox(key[0], first, draw)
            draw += _ONE
            skill = np.int64(bounded(words[0], bound))
            if unit(words[1]) >= accept[skill]:
                skill = np.int64(alias[skill])
            if not _repeats(row, filled, skill, seen, text + 1):
                row[filled] = skill
                filled += 1


@jit
def _draw_by_clocks(key: np.uint64, first: np.uint64, weights: np.ndarray, row: np.ndarray) -> None:
    clocks = np.empty(weights.size)
    for skill in range(weights.size):
        word = philox(key, first, np.uint64(skill))[0]
        clocks[skill] = -np.log1p(-unit(word)) / weights[skill] if weights[skill] > 0 else np.inf
    row[:] = np.argsort(clocks)[: row.size]


@jit
def other_side(indptr: np.ndarray, columns: np.ndarray, other_indptr: np.ndarray, rows: np.ndarray) -> None:
    """Transpose a pattern: for every column, its rows in increasing order.

    Parameters
    ----------
    indptr : (num_rows + 1,) int array
    columns : (edges,) int32 array
    other_indptr : (num_columns + 1,) int array, out
        Zeros on entry.
    rows : (edges,) int32 array, out
    """
    for edge in range(columns.size):
        other_indptr[columns[edge] + 1] += 1
    for column in range(other_indptr.size - 1):
        other_indptr[column + 1] += other_indptr[column]
    for row in range(indptr.size - 1):
        for edge in range(indptr[row], indptr[row + 1]):
            place = other_indptr[columns[edge]]
            rows[place] = row
            other_indptr[columns[edge]] = place + 1
    for column in range(other_indptr.size - 1, 0, -1):
        other_indptr[column] = other_indptr[column - 1]
    other_indptr[0] = 0


@jit
def fill_rows(texts: np.ndarray, skills: np.ndarray, indptr: np.ndarray, text_skills: np.ndarray) -> None:
    """Gather an edge list by text, keeping the order of a text's edges.

    Parameters
    ----------
    texts, skills : (edges,) int arrays
    indptr : (num_texts + 1,) int array, out
        Zeros on entry.
    text_skills : (edges,) int32 array, out
    """
    for edge in range(texts.size):
        indptr[texts[edge] + 1] += 1
    for text in range(indptr.size - 1):
        indptr[text + 1] += indptr[text]
    for edge in range(texts.size):
        place = indptr[texts[edge]]
        text_skills[place] = skills[edge]
        indptr[texts[edge]] = place + 1
    for text in range(indptr.size - 1, 0, -1):
        indptr[text] = indptr[text - 1]
    indptr[0] = 0
