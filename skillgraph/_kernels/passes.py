"""Learning by reading texts in order, pass after pass, without remembering a text that could not teach."""

from __future__ import annotations

import numpy as np

from skillgraph._kernels import jit

__all__ = ["learn_in_passes"]


@jit
def learn_in_passes(
    text_indptr: np.ndarray,
    text_skills: np.ndarray,
    order: np.ndarray,
    learner: int,
    known: np.ndarray,
    out: np.ndarray,
) -> None:
    """Read all texts ``out.size - 1`` times.

    text_indptr: (num_texts + 1,) int64; text_skills: (num_edges,) int32; order: (num_texts,) int64, texts as read;
    learner: int64, unknown sockets that one text can teach; known: (num_skills,) bool, changed.
    Outputs: out (passes + 1,) int64, skills known after 0, 1, ... passes.
    """
    count = np.int64(0)
    for skill in range(known.size):
        count += np.int64(known[skill])
    out[0] = count
    for number in range(1, out.size):
        for place in range(order.size):
            text = order[place]
            first, stop = text_indptr[text], text_indptr[text + 1]
            unknown = np.int64(0)
            for edge in range(first, stop):
                unknown += np.int64(not known[text_skills[edge]])
            if 0 < unknown <= learner:
                for edge in range(first, stop):
                    count += np.int64(not known[text_skills[edge]])
                    known[text_skills[edge]] = True
        out[number] = count
