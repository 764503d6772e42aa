"""Learning where a text teaches one skill only (D = 1), with one word per text: how many of its skills are unknown, and
the XOR of these. A text with one unknown skill *is* its XOR, so no row of a text is read twice.

cells: (num_texts,) uint64, number of unknown sockets << 32 | XOR of the skills in them. A text that names a skill twice
counts two sockets, whose XOR is nothing: it cannot teach that skill, as it should not.

Work goes in batches: ask the memory for what a batch of skills needs, step by step, then act.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from skillgraph._kernels import jit
from skillgraph._kernels.prefetch import prefetch

__all__ = ["HALF", "NAME", "SOCKET", "fill", "learn_by_arrival_one", "learn_by_rounds_one", "unknown_once"]

ZERO, ONE, HALF = np.uint64(0), np.uint64(1), np.uint64(32)
SOCKET = np.uint64(2**32)
NAME = np.uint64(2**32 - 1)
BATCH = 64  # skills that act together
AHEAD = np.uint64(24)
FAR, NEAR = np.uint64(48), np.uint64(32)  # arrivals ahead at which a skill's row is looked for, and fetched


@jit
def fill(text_indptr: np.ndarray, text_skills: np.ndarray, learned: np.ndarray, fresh: bool, cells: np.ndarray) -> None:
    """Count and XOR the unknown skills of every text.

    text_indptr: (num_texts + 1,) int; text_skills: (num_edges,) int32; learned: (num_skills,) int32, negative for
    unknown skills; fresh: whether all are unknown; cells: written.
    """
    start = text_indptr[0]
    for text in range(np.uint64(cells.size)):
        stop = text_indptr[text + ONE]
        cell = ZERO
        for edge in range(start, stop):
            skill = text_skills[edge]
            if fresh or learned[skill] < 0:
                cell = (cell + SOCKET) ^ np.uint64(skill)
        cells[text] = cell
        start = stop


@jit
def unknown_once(cells: np.ndarray, ready: np.ndarray) -> int:
    """Write the texts with one unknown skill to ``ready``, (capacity,) int32 or uint32, and return their number."""
    found = ZERO
    for text in range(np.uint64(cells.size)):
        if cells[text] >> HALF == ONE:
            ready[found] = text
            found += ONE
    return int(found)


@jit
def learn_by_rounds_one(
    skill_indptr: np.ndarray,
    skill_texts: np.ndarray,
    cells: np.ndarray,
    ready: np.ndarray,
    following: np.ndarray,
    round_learned: np.ndarray,
) -> int:
    """Peel in flooding rounds; return the number of rounds in which something was learned.

    skill_indptr: (num_skills + 1,) int; skill_texts: (num_edges,) int32; cells: see `fill`, changed; ready, following:
    (num_texts,) int32, scratch; round_learned: (num_skills,) int32, 0 for skills known beforehand, -1 for all others,
    then the round in which each was learned.
    """
    waiting = np.uint64(unknown_once(cells, ready))
    skills, starts, stops = np.empty(BATCH, np.uint64), np.empty(BATCH, np.uint64), np.empty(BATCH, np.uint64)
    rounds: Any = 0
    while waiting > ZERO:
        found, place, learned = ZERO, ZERO, 0
        while place < waiting:
            count = 0
            while place < waiting and count < BATCH:
                prefetch(cells, ready[min(place + AHEAD, waiting - ONE)])
                cell = cells[np.uint64(ready[place])]
                place += ONE
                skills[count] = cell & NAME
                if cell >> HALF == ONE:
                    prefetch(round_learned, cell & NAME)
                    prefetch(skill_indptr, cell & NAME)
                    count += 1
            fresh = 0
            for i in range(count):
                skill = skills[i]
                if round_learned[skill] < 0:
                    round_learned[skill] = rounds + 1
                    starts[fresh], stops[fresh] = np.uint64(skill_indptr[skill]), np.uint64(skill_indptr[skill + ONE])
                    prefetch(skill_texts, starts[fresh])
                    skills[fresh] = skill
                    fresh += 1
            learned += fresh
            for i in range(fresh):
                for edge in range(starts[i], stops[i]):
                    prefetch(cells, skill_texts[edge])
            for i in range(fresh):
                for edge in range(starts[i], stops[i]):
                    other = np.uint64(skill_texts[edge])
                    cell = (cells[other] - SOCKET) ^ skills[i]
                    cells[other] = cell
                    if cell >> HALF == ONE:
                        following[found] = other
                        found += ONE
        rounds += learned > 0
        ready, following, waiting = following, ready, found
    return rounds


@jit
def learn_by_arrival_one(
    skill_indptr: np.ndarray,
    skill_texts: np.ndarray,
    order: np.ndarray,
    ranks: np.ndarray,
    cells: np.ndarray,
    learned_at: np.ndarray,
    queue: np.ndarray,
    learned_count: np.ndarray,
) -> None:
    """Peel as texts arrive: a text that has arrived and has one unknown skill teaches it.

    skill_indptr: (num_skills + 1,) int; skill_texts: (num_edges,) int32; order: (num_texts,) int64, texts in order of
    arrival, and ranks: (num_texts,) uint32, its inverse, or both (0,): as numbered; cells: see `fill`, changed;
    learned_at: (num_skills,) int32, 0 for skills known beforehand, -1 for all others, then the number of texts that had
    arrived when each was learned; queue: (num_skills,) int32, scratch; learned_count: (num_texts + 1,) int32, first
    entry: skills known beforehand; then learned skills after every text, written.
    """
    given = order.size > 0
    num_texts = np.uint64(cells.size)
    last = max(num_texts, ONE) - ONE
    starts, stops = np.empty(BATCH, np.uint64), np.empty(BATCH, np.uint64)
    for step in range(num_texts):
        far, near = min(np.uint64(step) + FAR, last), min(np.uint64(step) + NEAR, last)
        if given:
            prefetch(cells, order[min(np.uint64(step) + FAR + NEAR, last)])
            far, near = np.uint64(order[far]), np.uint64(order[near])
        if cells[far] >> HALF == ONE:
            prefetch(skill_indptr, cells[far] & NAME)
            prefetch(learned_at, cells[far] & NAME)
        if cells[near] >> HALF == ONE:
            prefetch(skill_texts, skill_indptr[cells[near] & NAME])
        text = np.uint64(order[step]) if given else np.uint64(step)
        head, tail = ZERO, ZERO
        if cells[text] >> HALF == ONE:
            learned_at[cells[text] & NAME] = np.int32(step + ONE)
            queue[tail] = np.int32(cells[text] & NAME)
            tail += ONE
        while head < tail:
            count = min(tail - head, np.uint64(BATCH))
            for i in range(count):
                skill = np.uint64(queue[head + np.uint64(i)])
                starts[i], stops[i] = np.uint64(skill_indptr[skill]), np.uint64(skill_indptr[skill + ONE])
                prefetch(skill_texts, starts[i])
            if count > ONE:
                for i in range(count):
                    for edge in range(starts[i], stops[i]):
                        prefetch(cells, skill_texts[edge])
            for i in range(count):
                skill = np.uint64(queue[head + np.uint64(i)])
                for edge in range(starts[i], stops[i]):
                    other = np.uint64(skill_texts[edge])
                    cell = (cells[other] - SOCKET) ^ skill
                    cells[other] = cell
                    if cell >> HALF == ONE and (np.uint64(ranks[other]) if given else other) <= step:
                        taught = cell & NAME
                        if learned_at[taught] < 0:
                            learned_at[taught] = np.int32(step + ONE)
                            prefetch(skill_indptr, taught)
                            queue[tail] = np.int32(taught)
                            tail += ONE
            head += count
        learned_count[step + ONE] = learned_count[step] + np.int32(tail)
