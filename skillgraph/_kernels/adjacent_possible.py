"""The adjacent possible by chance (Gillespie's direct method), and learning with little room or a short memory."""

from __future__ import annotations

import math

import numpy as np

from skillgraph._kernels import jit
from skillgraph._kernels.counter import unit, word_pair

__all__ = ["explode", "follow", "learn_bounded"]


@jit
def explode(
    births: np.ndarray,
    extinction: float,
    start: int,
    fewest: int,
    key: np.ndarray,
    first: int,
    most_events: int,
    times: np.ndarray,
    ends: np.ndarray,
) -> None:
    """Run replicates, event by event, until the items leave fewest..births.size - 1.

    Parameters
    ----------
    births : (ceiling,) float64 array
        Birth rate of 0, 1, ..., ceiling - 1 items.
    extinction : float
        Death rate per item.
    start, fewest : int
        Items at time 0, and the fewest that bring forth another one.
    key : (2,) uint64 array
        Key of the random words; the stream of a replicate is addressed by its number.
    first : int
        Number of the first replicate.
    most_events : int
        Where to give up.
    times : (replicates,) float64 array, out
        When the run ended.
    ends : (replicates,) int64 array, out
        Number of items then: the ceiling, fewer than ``fewest``, or anything between for a run that was given up.
    """
    ceiling = births.size
    for place in range(times.size):
        replicate = np.uint64(first + place)
        items, clock, event = start, 0.0, 0
        while fewest <= items < ceiling and event < most_events:
            pace, direction = word_pair(key, replicate, np.uint64(event))
            birth = births[items]
            total = birth + extinction * items
            clock -= math.log(unit(pace)) / total
            items += 1 if unit(direction) * total < birth else -1
            event += 1
        times[place] = clock
        ends[place] = items


@jit
def follow(
    births: np.ndarray,
    extinction: float,
    start: int,
    key: np.ndarray,
    first: int,
    moments: np.ndarray,
    items_at: np.ndarray,
) -> None:
    """Run replicates and note the number of items at given times.

    Parameters
    ----------
    births : (ceiling,) float64 array
        Birth rate of 0, 1, ..., ceiling - 1 items.
    extinction : float
        Death rate per item.
    start : int
        Items at time 0.
    key : (2,) uint64 array
    first : int
        Number of the first replicate.
    moments : (times,) float64 array
        Increasing times.
    items_at : (replicates, times) int64 array, out
        Items at each time; the ceiling from the time on at which it is reached.
    """
    ceiling = births.size
    for place in range(items_at.shape[0]):
        replicate = np.uint64(first + place)
        items, clock, event, seen = start, 0.0, 0, 0
        while seen < moments.size:
            total = births[items] + extinction * items if items < ceiling else 0.0
            if total == 0.0:
                break
            pace, direction = word_pair(key, replicate, np.uint64(event))
            clock -= math.log(unit(pace)) / total
            while seen < moments.size and moments[seen] < clock:
                items_at[place, seen] = items
                seen += 1
            items += 1 if unit(direction) * total < births[items] else -1
            event += 1
        while seen < moments.size:
            items_at[place, seen] = items
            seen += 1


@jit
def _teach_some(
    text: int,
    moment: int,
    room: int,
    text_indptr: np.ndarray,
    text_skills: np.ndarray,
    learned_at: np.ndarray,
    queue: np.ndarray,
    tail: int,
) -> int:
    """Learn the unknown skills of a text while fewer than ``room`` stand in the queue; return its new end."""
    for edge in range(text_indptr[text], text_indptr[text + 1]):
        skill = text_skills[edge]
        if learned_at[skill] < 0 and tail < room:
            learned_at[skill] = moment
            queue[tail] = skill
            tail += 1
    return tail


@jit
def learn_bounded(
    text_indptr: np.ndarray,
    text_skills: np.ndarray,
    skill_indptr: np.ndarray,
    skill_texts: np.ndarray,
    order: np.ndarray,
    learner: int,
    capacity: int,
    memory: int,
    unknown: np.ndarray,
    learned_at: np.ndarray,
    queue: np.ndarray,
    learned_count: np.ndarray,
) -> None:
    """Peel as texts arrive, with room for ``capacity`` skills and only the last ``memory`` texts at hand.

    Parameters
    ----------
    text_indptr, text_skills, skill_indptr, skill_texts : int arrays
        Both sides of the graph.
    order : (num_texts,) int64 array
        Texts in order of arrival.
    learner : int
        Unknown skills that one text can teach.
    capacity : int
        Skills that can be known, those known beforehand included; a full learner learns nothing more.
    memory : int
        Texts that can teach: the one that arrives and the memory - 1 before it.
    unknown : (num_texts,) int32 array
        Scratch, filled with -1: unknown sockets of the texts in memory.
    learned_at : (num_skills,) int32 array, in and out
        0 for skills known beforehand, -1 for all others; then the number of texts that had arrived when learned.
    queue : (num_skills,) int32 array
        Scratch.
    learned_count : (num_texts + 1,) int32 array, in and out
        First entry: skills known beforehand; then known skills after every text.
    """
    for arrived in range(order.size):
        if arrived >= memory:
            unknown[order[arrived - memory]] = -1
        text = order[arrived]
        count = 0
        for edge in range(text_indptr[text], text_indptr[text + 1]):
            if learned_at[text_skills[edge]] < 0:
                count += 1
        unknown[text] = count
        room = max(0, capacity - learned_count[arrived])
        head, tail = 0, 0
        if 0 < count <= learner:
            tail = _teach_some(text, arrived + 1, room, text_indptr, text_skills, learned_at, queue, tail)
        while head < tail:
            skill = queue[head]
            head += 1
            for edge in range(skill_indptr[skill], skill_indptr[skill + 1]):
                other = skill_texts[edge]
                before = unknown[other]
                if before > 0:
                    unknown[other] = before - 1
                    if before == learner + 1:
                        tail = _teach_some(other, arrived + 1, room, text_indptr, text_skills, learned_at, queue, tail)
        learned_count[arrived + 1] = learned_count[arrived] + tail
