"""Kernels of graphs with several classes: putting rows together, and learning with a capacity per text."""

from __future__ import annotations

import numpy as np

from skillgraph._kernels import jit

__all__ = ["learn_by_arrival_each", "place_rows"]


@jit
def place_rows(indptr: np.ndarray, skills: np.ndarray, offset: int, starts: np.ndarray, out: np.ndarray) -> None:
    """Copy rows to where they belong in longer rows.

    indptr: (rows + 1,) int32 or int64, rows to copy; skills: (entries,) int32; offset: int, added to every entry;
    starts: (rows,) int64, first place of each row in ``out``; out: int32, written.
    """
    for row in range(indptr.size - 1):
        place = starts[row]
        for entry in range(indptr[row], indptr[row + 1]):
            out[place] = skills[entry] + offset
            place += 1


@jit
def learn_by_arrival_each(
    text_indptr: np.ndarray,
    text_skills: np.ndarray,
    skill_indptr: np.ndarray,
    skill_texts: np.ndarray,
    capacity: np.ndarray,
    unknown: np.ndarray,
    learned_at: np.ndarray,
    queue: np.ndarray,
) -> None:
    """Peel as texts arrive in the order of rows, each teaching up to its own capacity of unknown sockets.

    text_indptr, text_skills, skill_indptr, skill_texts: both sides of the graph; capacity: (num_texts,) int32; unknown:
    (num_texts,) int32, filled with -1, scratch; learned_at: (num_skills,) int32, 0 for skills known beforehand and -1
    for all others, then the number of texts that had arrived when learned; queue: (num_skills,) int32, scratch.
    """
    for arrived in range(unknown.size):
        count = 0
        for edge in range(text_indptr[arrived], text_indptr[arrived + 1]):
            count += learned_at[text_skills[edge]] < 0
        unknown[arrived] = count
        head, tail = 0, 0
        if 0 < count <= capacity[arrived]:
            tail = _teach(arrived, arrived + 1, text_indptr, text_skills, learned_at, queue, tail)
        while head < tail:
            skill = queue[head]
            head += 1
            for edge in range(skill_indptr[skill], skill_indptr[skill + 1]):
                text = skill_texts[edge]
                before = unknown[text]
                if before > 0:
                    unknown[text] = before - 1
                    if before == capacity[text] + 1:
                        tail = _teach(text, arrived + 1, text_indptr, text_skills, learned_at, queue, tail)


@jit
def _teach(
    text: int,
    moment: int,
    text_indptr: np.ndarray,
    text_skills: np.ndarray,
    learned_at: np.ndarray,
    queue: np.ndarray,
    tail: int,
) -> int:
    """Learn every unknown skill of a text and put it at the end of the queue; return the new end."""
    for edge in range(text_indptr[text], text_indptr[text + 1]):
        skill = text_skills[edge]
        if learned_at[skill] < 0:
            learned_at[skill] = moment
            queue[tail] = skill
            tail += 1
    return tail
