"""Drawing endpoints by counter: skills without replacement, uniformly or by weight, and uniform socket matching.

The words of a text are a pure function of (key, text), whatever the other texts draw.
"""

from __future__ import annotations

import numpy as np

from skillgraph._kernels import jit
from skillgraph._kernels.counter import bounded, unit, word_pair
from skillgraph._kernels.draws import draw_neighbours, scratch
from skillgraph._kernels.prefetch import prefetch

__all__ = ["alias_table", "draw_uniform", "draw_weighted", "shuffle"]

ZERO = np.uint64(0)
ONE = np.uint64(1)
FEW = np.uint64(32)  # up to here a text's skills are compared one by one, beyond by stamps
RACE = np.uint64(2**31)  # first block of the words that decide a race
BATCH = np.uint64(128)
TEXTS = 128  # texts that draw side by side


@jit
def draw_uniform(
    key: np.ndarray, indptr: np.ndarray, num_skills: np.uint64, stamps: np.ndarray, text_skills: np.ndarray
) -> None:
    """Draw the skills of every text uniformly without replacement, drawing again what was drawn before.

    key: (2,) uint64; indptr: (num_texts + 1,) int32 or int64, rows of at most num_skills entries; num_skills: uint64;
    stamps: (num_skills,) int32, zeros, scratch, or (0,) if no text has more than FEW skills; text_skills: (edges,)
    int32, written.
    """
    room = scratch(TEXTS, int(FEW))
    texts, wanted, starts, drawn = room[0], room[1], room[2], room[7]
    num_texts = indptr.size - 1
    for begin in range(0, num_texts, TEXTS):
        count = min(TEXTS, num_texts - begin)
        for i in range(count):
            texts[i] = np.uint64(begin + i)
            degree = indptr[begin + i + 1] - indptr[begin + i]
            wanted[i] = degree if degree <= FEW else 0
        draw_neighbours(key, num_skills, 0, room, count)
        for i in range(count):
            first = np.uint64(indptr[begin + i])
            stop = np.uint64(indptr[begin + i + 1])
            for k in range(np.uint64(wanted[i])):
                text_skills[first + k] = np.int32(drawn[np.uint64(starts[i]) + k])
            if stop - first > FEW:
                _draw_many(key, texts[i], num_skills, stamps, text_skills[first:stop])


@jit
def _draw_many(key: np.ndarray, text: np.uint64, num_skills: np.uint64, stamps: np.ndarray, row: np.ndarray) -> None:
    """Draw the skills of a text of many; stamps: text + 1 for skills that it has."""
    stamp = np.int32(text + ONE)
    place, block, second = 0, ZERO, False
    word, spare = ZERO, ZERO
    while place < row.size:
        if second:
            word = spare
        else:
            word, spare = word_pair(key, text, block)
            block += ONE
        second = not second
        skill = bounded(word, num_skills)
        if stamps[skill] != stamp:
            stamps[skill] = stamp
            row[place] = np.int32(skill)
            place += 1


@jit
def alias_table(weights: np.ndarray, keep: np.ndarray, alias: np.ndarray) -> None:
    """Prepare draws proportional to weights: take column i with probability keep[i], else alias[i].

    weights: (n,) float64, non-negative, mean 1, written over; keep: (n,) float64, alias: (n,) int32, written.

    References
    ----------
    Vose (1991), IEEE Trans. Software Eng. 17, 972.
    """
    size = weights.size
    stack = np.empty(size, np.int32)  # columns below 1 grow from the left, columns of 1 and more from the right
    small, large = 0, size
    for i in range(size):
        keep[i], alias[i] = 1.0, i
        if weights[i] < 1.0:
            stack[small] = i
            small += 1
        else:
            large -= 1
            stack[large] = i
    while small > 0 and large < size:
        small -= 1
        i, j = stack[small], stack[large]
        keep[i], alias[i] = weights[i], j
        weights[j] = (weights[j] + weights[i]) - 1.0
        if weights[j] < 1.0:
            large += 1
            stack[small] = j
            small += 1


@jit
def draw_weighted(
    key: np.ndarray,
    indptr: np.ndarray,
    weights: np.ndarray,
    keep: np.ndarray,
    alias: np.ndarray,
    patience: int,
    stamps: np.ndarray,
    text_skills: np.ndarray,
) -> None:
    """Draw the skills of every text one after another, each proportional to weight among those not yet drawn.

    What was drawn before is drawn again. After ``patience`` draws in vain the text ends by an exponential race, which
    has the same law: rejected draws say nothing about the next skill.

    key: (2,) uint64; indptr: (num_texts + 1,) int32 or int64, rows of at most as many entries as positive weights;
    weights: (num_skills,) float64; keep, alias: (num_skills,) float64, int32, see alias_table; patience: int64;
    stamps: (num_skills,) int32, zeros, scratch; text_skills: (edges,) int32, written.
    """
    _draw_with_repeats(key, indptr, keep, alias, text_skills)
    num_skills = np.uint64(weights.size)
    for text in range(np.uint64(indptr.size - 1)):
        first, stop = np.uint64(indptr[text]), np.uint64(indptr[text + ONE])
        if not _has_repeats(text_skills, first, stop):
            continue
        stamp = np.int32(text + ONE)
        edge = first
        for drawn in range(first, stop):
            skill = np.uint64(text_skills[drawn])
            if stamps[skill] != stamp:
                stamps[skill] = stamp
                text_skills[edge] = text_skills[drawn]
                edge += ONE
        block, in_vain = stop - first, np.int64(stop - edge)
        while edge < stop and in_vain <= patience:
            column_word, keep_word = word_pair(key, np.uint64(text), block)
            block += ONE
            column = bounded(column_word, num_skills)
            skill = column if unit(keep_word) < keep[column] else np.uint64(alias[column])
            if stamps[skill] == stamp:
                in_vain += 1
            else:
                stamps[skill] = stamp
                text_skills[edge] = np.int32(skill)
                edge += ONE
        if edge < stop:
            _race(key, np.uint64(text), weights, stamps, text_skills[edge:stop])


@jit
def _draw_with_repeats(
    key: np.ndarray, indptr: np.ndarray, keep: np.ndarray, alias: np.ndarray, text_skills: np.ndarray
) -> None:
    """Make the first draws of every text, one per edge; batches keep many fetches from the table under way."""
    num_skills = np.uint64(keep.size)
    columns, chances = np.empty(int(BATCH), np.uint64), np.empty(int(BATCH), np.float64)
    waiting, written = ZERO, ZERO
    for text in range(np.uint64(indptr.size - 1)):
        first = np.uint64(indptr[text])
        for edge in range(first, np.uint64(indptr[text + ONE])):
            column_word, keep_word = word_pair(key, np.uint64(text), edge - first)
            columns[waiting] = bounded(column_word, num_skills)
            chances[waiting] = unit(keep_word)
            prefetch(keep, columns[waiting])
            prefetch(alias, columns[waiting])
            waiting += ONE
            if waiting == BATCH or edge + ONE == text_skills.size:
                for i in range(waiting):
                    kept = chances[i] < keep[columns[i]]
                    text_skills[written] = np.int32(columns[i]) if kept else alias[columns[i]]
                    written += ONE
                waiting = ZERO


@jit
def _has_repeats(text_skills: np.ndarray, first: np.uint64, stop: np.uint64) -> bool:
    """Whether a row has an entry twice; long rows are said to have, without looking."""
    if stop - first > FEW:
        return True
    repeated = False
    for edge in range(first, stop):
        for other in range(first, edge):
            repeated |= text_skills[other] == text_skills[edge]
    return repeated


@jit
def _race(key: np.ndarray, text: np.uint64, weights: np.ndarray, stamps: np.ndarray, winners: np.ndarray) -> None:
    """Draw the remaining skills of a text: exponential clocks of rate weight, the first to ring come first.

    stamps: (num_skills,) int32, text + 1 for the skills that it has; winners: (remaining,) int32, written.

    References
    ----------
    Efraimidis & Spirakis (2006), Inf. Process. Lett. 97, 181.
    """
    stamp = np.int32(text + ONE)
    clocks = np.full(weights.size, np.inf)
    for skill in range(weights.size):
        word, _ = word_pair(key, text, RACE + np.uint64(skill))
        if stamps[skill] != stamp and weights[skill] > 0.0:
            clocks[skill] = -np.log(unit(word)) / weights[skill]
    winners[:] = np.argsort(clocks)[: winners.size].astype(np.int32)


@jit
def shuffle(key: np.ndarray, sockets: np.ndarray) -> None:
    """Permute uniformly, in place.

    key: (2,) uint64; sockets: (n,) int32, n at most 2**32.

    References
    ----------
    Fisher & Yates; Durstenfeld (1964), Algorithm 235.
    """
    size = np.uint64(sockets.size)
    partners = np.empty(int(BATCH), np.uint64)
    done = ZERO
    while done + ONE < size:
        batch = min(BATCH, size - ONE - done)
        for i in range(batch):
            place = done + np.uint64(i)
            word, _ = word_pair(key, place, ZERO)
            partners[i] = place + bounded(word, size - place)
            prefetch(sockets, partners[i])
        for i in range(batch):
            place = done + np.uint64(i)
            here = sockets[place]
            sockets[place] = sockets[partners[i]]
            sockets[partners[i]] = here
        done += batch
