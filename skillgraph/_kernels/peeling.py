"""Learning skills from texts until nothing more can be learned: by rounds, and as texts arrive."""

from __future__ import annotations

import numpy as np

from skillgraph._kernels import jit

__all__ = ["learn_by_arrival", "learn_by_rounds"]


@jit
def _teach(
    text: np.int64 | int,
    round_: int,
    text_indptr: np.ndarray,
    text_skills: np.ndarray,
    round_learned: np.ndarray,
    queue: np.ndarray,
    tail: int,
) -> int:
    """Learn every unknown skill of a text and put it at the end of the queue; return the new end."""
    for edge in range(text_indptr[text], text_indptr[text + 1]):
        skill = text_skills[edge]
        if round_learned[skill] < 0:
            round_learned[skill] = round_
            queue[tail] = skill
            tail += 1
    return tail


@jit
def learn_by_rounds(
    text_indptr: np.ndarray,
    text_skills: np.ndarray,
    skill_indptr: np.ndarray,
    skill_texts: np.ndarray,
    learner: int,
    unknown: np.ndarray,
    ready: np.ndarray,
    round_learned: np.ndarray,
    queue: np.ndarray,
) -> int:
    """Peel in flooding rounds: in each, every text with 1 to ``learner`` unknown sockets teaches them all.

    Parameters
    ----------
    text_indptr, text_skills, skill_indptr, skill_texts : int arrays
        Both sides of the graph.
    learner : int
        Unknown skills that one text can teach.
    unknown : (num_texts,) int32 array
        Scratch: unknown sockets of each text.
    ready : (num_texts,) int32 array
        Scratch: texts that teach in the next round; a text is ready once.
    round_learned : (num_skills,) int32 array, in and out
        0 for skills known beforehand, -1 for all others; then the round in which each skill was learned.
    queue : (num_skills,) int32 array
        Scratch: skills in the order in which they are learned.

    Returns
    -------
    int
        Number of rounds in which something was learned.
    """
    waiting = 0
    for text in range(unknown.size):
        count = 0
        for edge in range(text_indptr[text], text_indptr[text + 1]):
            if round_learned[text_skills[edge]] < 0:
                count += 1
        unknown[text] = count
        if 0 < count <= learner:
            ready[waiting] = text
            waiting += 1
    rounds, head, tail = 0, 0, 0
    while waiting > 0:
        for place in range(waiting):
            tail = _teach(ready[place], rounds + 1, text_indptr, text_skills, round_learned, queue, tail)
        if tail == head:
            break
        rounds += 1
        waiting = 0
        while head < tail:
            skill = queue[head]
            head += 1
            for edge in range(skill_indptr[skill], skill_indptr[skill + 1]):
                text = skill_texts[edge]
                before = unknown[text]
                unknown[text] = before - 1
                if before == learner + 1:
                    ready[waiting] = text
                    waiting += 1
    return rounds


@jit
def learn_by_arrival(
    text_indptr: np.ndarray,
    text_skills: np.ndarray,
    skill_indptr: np.ndarray,
    skill_texts: np.ndarray,
    order: np.ndarray,
    learner: int,
    unknown: np.ndarray,
    learned_at: np.ndarray,
    queue: np.ndarray,
    learned_count: np.ndarray,
) -> None:
    """Peel as texts arrive: a text with at most ``learner`` unknown sockets teaches at once, others wait.

    Parameters
    ----------
    text_indptr, text_skills, skill_indptr, skill_texts : int arrays
        Both sides of the graph.
    order : (num_texts,) int array, or (0,) for the order of rows
        Texts in order of arrival.
    learner : int
        Unknown skills that one text can teach.
    unknown : (num_texts,) int32 array
        Scratch, filled with -1: unknown sockets of the texts that have arrived.
    learned_at : (num_skills,) int32 array, in and out
        0 for skills known beforehand, -1 for all others; then the number of texts that had arrived when learned.
    queue : (num_skills,) int32 array
        Scratch.
    learned_count : (num_texts + 1,) int32 array, in and out
        First entry: skills known beforehand; then learned skills after every text.
    """
    given = order.size > 0
    for arrived in range(unknown.size):
        text = np.int64(order[arrived]) if given else np.int64(arrived)
        count = 0
        for edge in range(text_indptr[text], text_indptr[text + 1]):
            if learned_at[text_skills[edge]] < 0:
                count += 1
        unknown[text] = count
        head, tail = 0, 0
        if 0 < count <= learner:
            tail = _teach(text, arrived + 1, text_indptr, text_skills, learned_at, queue, tail)
        while head < tail:
            skill = queue[head]
            head += 1
            for edge in range(skill_indptr[skill], skill_indptr[skill + 1]):
                other = skill_texts[edge]
                before = unknown[other]
                if before > 0:
                    unknown[other] = before - 1
                    if before == learner + 1:
                        tail = _teach(other, arrived + 1, text_indptr, text_skills, learned_at, queue, tail)
        learned_count[arrived + 1] = learned_count[arrived] + tail
