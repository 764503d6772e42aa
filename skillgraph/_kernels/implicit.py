"""Percolation and peeling of graphs that are never stored: neighbours are drawn when they are needed, and drawn again.

Work goes in blocks: draw a block of edges, ask the memory for the words of their ends, then for the words these point
to, then act; so most fetches overlap. Where the accumulators of the texts are far larger than the caches, edges are
sorted into buckets first, one per stretch of texts that fits a cache, and a bucket acts when it is full.

thresholds: see `draws`; cells: (num_texts,) uint64, see `accumulators`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from skillgraph._kernels import jit
from skillgraph._kernels.accumulators import HALF, NAME, SOCKET
from skillgraph._kernels.draws import block_nodes, draw_degrees, draw_neighbours, draw_stream, scratch, stream
from skillgraph._kernels.linked import link
from skillgraph._kernels.prefetch import prefetch
from skillgraph._kernels.union_find import SIZE, fetch, find, is_deep, join, unite

__all__ = ["BUCKET_BITS", "add_edges", "empty_buckets", "link_drawn", "sweep", "teach", "unite_drawn"]

ONE, SEVEN, THREE, AHEAD = np.uint64(1), np.uint64(7), np.uint64(3), np.uint64(16)
FAR, NEAR, CLOSE = np.uint64(128), np.uint64(64), np.uint64(32)  # edges that hints run ahead, see `percolation`
BUCKET_BITS = np.uint64(15)  # texts of a bucket: 256 KiB of accumulators


@jit
def sweep(
    key: np.ndarray,
    thresholds: np.ndarray,
    first: int,
    last: int,
    at: np.ndarray,
    slot: int,
    words: np.ndarray,
    counts: np.ndarray,
    state: np.ndarray,
    out: np.ndarray,
) -> int:
    """Add texts first, ..., last - 1 to the graph of all skills; return the next slot.

    at: (slots + 1,) uint64, increasing numbers of texts at which the state is wanted, closed by one that never comes;
    words, counts: union-find, see `union_find.start`; state: (3,) int64, largest, second largest, sum of squares,
    changed; out: (slots, 3) int64, written.
    """
    number, size = np.uint64(words.size), block_nodes(thresholds)
    room, line = scratch(size, thresholds.size), stream(size, thresholds.size)
    skills, ends = line
    deep = is_deep(words)
    largest, second, squares = state[0], state[1], state[2]
    begin = first
    while begin < last:
        count = draw_stream(key, thresholds, number, begin, last, room, line)
        _fetch_first(words, skills)
        edge = np.uint64(0)
        for i in range(count):
            stop = np.uint64(ends[i])
            for ahead in range(edge, stop):
                fetch(words, skills[ahead + FAR], skills[ahead + NEAR], skills[ahead + CLOSE], deep)
            if edge < stop:
                root = find(words, skills[edge])
                for other in range(edge + ONE, stop):
                    joined = find(words, skills[other])
                    root, largest, second, squares = join(words, counts, root, joined, largest, second, squares)
            edge = stop
            if at[slot] == np.uint64(begin + i + 1):
                out[slot, 0], out[slot, 1], out[slot, 2] = largest, second, squares
                slot += 1
        begin += count
    state[0], state[1], state[2] = largest, second, squares
    return slot


@jit
def _fetch_first(words: np.ndarray, skills: np.ndarray) -> None:
    """Ask for what the first edges of a stream need."""
    for edge in range(FAR):
        prefetch(words, skills[edge])
    for edge in range(NEAR):
        prefetch(words, words[skills[edge]] & SIZE)


@jit
def unite_drawn(key: np.ndarray, thresholds: np.ndarray, first: int, last: int, words: np.ndarray) -> None:
    """Join the skills of texts first, ..., last - 1; words: (num_skills,) uint32, union-find, changed."""
    number, size = np.uint64(words.size), block_nodes(thresholds)
    room, line = scratch(size, thresholds.size), stream(size, thresholds.size)
    skills, ends = line
    deep = is_deep(words)
    begin = first
    while begin < last:
        count = draw_stream(key, thresholds, number, begin, last, room, line)
        _fetch_first(words, skills)
        edge = np.uint64(0)
        for i in range(count):
            stop = np.uint64(ends[i])
            for ahead in range(edge, stop):
                fetch(words, skills[ahead + FAR], skills[ahead + NEAR], skills[ahead + CLOSE], deep)
            if edge < stop:
                root = find(words, skills[edge])
                for other in range(edge + ONE, stop):
                    root = unite(words, root, find(words, skills[other]))
            edge = stop
        begin += count


@jit
def link_drawn(key: np.ndarray, thresholds: np.ndarray, first: int, last: int, parents: np.ndarray) -> None:
    """Join the skills of texts first, ..., last - 1 while other threads join those of other texts.

    parents: (num_skills,) uint32, see `linked.link`, changed.
    """
    number, size = np.uint64(parents.size), block_nodes(thresholds)
    room, line = scratch(size, thresholds.size), stream(size, thresholds.size)
    skills, ends = line
    deep = is_deep(parents)
    begin = first
    while begin < last:
        count = draw_stream(key, thresholds, number, begin, last, room, line)
        for ahead in range(FAR):
            prefetch(parents, skills[ahead])
        edge = np.uint64(0)
        for i in range(count):
            stop = np.uint64(ends[i])
            for ahead in range(edge, stop):
                prefetch(parents, skills[ahead + FAR])
                prefetch(parents, parents[skills[ahead + NEAR]])
                if deep:
                    prefetch(parents, parents[parents[skills[ahead + CLOSE]]])
            for other in range(edge + ONE, stop):
                link(parents, skills[edge], skills[other])
            edge = stop
        begin += count


@jit
def add_edges(
    key: np.ndarray,
    thresholds: np.ndarray,
    first: int,
    last: int,
    known: np.ndarray,
    cells: np.ndarray,
    buckets: np.ndarray,
    filled: np.ndarray,
) -> int:
    """Enter skills first, ..., last - 1, unless known, into the accumulators of their texts; return the edges.

    known: (num_skills // 8 + 1,) uint8, one bit per skill; cells: changed; buckets: (number, capacity) uint64, filled:
    (number,) int64, both changed: edges that wait, text << 32 | skill, see `empty_buckets`; (0, 0) and (0,): none wait.
    """
    number, size = np.uint64(cells.size), block_nodes(thresholds)
    room = scratch(size, thresholds.size)
    nodes, drawn = room[0], room[1]
    total, begin = 0, first
    while begin < last:
        count = 0
        while begin < last and count < size:
            skill = np.uint64(begin)
            nodes[count] = skill
            count += not (known[skill >> THREE] >> np.uint8(skill & SEVEN)) & 1
            begin += 1
        draw_degrees(key, thresholds, room, count)
        draw_neighbours(key, number, 1, room, count)
        _act(room, count, False, cells, buckets, filled, np.empty(0, np.uint32), 0)
        total += drawn[:count].sum()
    return total


@jit
def _act(
    room: Any,
    count: int,
    taking: bool,
    cells: np.ndarray,
    buckets: np.ndarray,
    filled: np.ndarray,
    following: np.ndarray,
    end: int,
) -> Any:
    """Enter or take out the edges of a drawn block, at once or by way of the buckets.

    Returns the texts in ``following``, which those join whose only unknown skill is left when edges are taken out.
    """
    nodes, drawn, starts, texts = room[0], room[1], room[2], room[7]
    if filled.size > 0:
        capacity = buckets.shape[1]
        for i in range(count):
            skill = nodes[i]
            for edge in range(np.uint64(starts[i]), np.uint64(starts[i] + drawn[i])):
                bucket = np.uint64(texts[edge]) >> BUCKET_BITS
                place = filled[bucket]
                buckets[bucket, np.uint64(place)] = (np.uint64(texts[edge]) << HALF) | skill
                filled[bucket] = place + 1
                if place + 1 == capacity:
                    end = _empty(bucket, taking, cells, buckets, filled, following, end)
        return end
    for i in range(count):
        for edge in range(np.uint64(starts[i]), np.uint64(starts[i] + drawn[i])):
            prefetch(cells, texts[edge])
    place = np.uint64(end)
    for i in range(count):
        skill = nodes[i]
        for edge in range(np.uint64(starts[i]), np.uint64(starts[i] + drawn[i])):
            cell = cells[texts[edge]]
            cell = (cell - SOCKET if taking else cell + SOCKET) ^ skill
            cells[texts[edge]] = cell
            if taking and cell >> HALF == ONE:
                following[place] = texts[edge]
                place += ONE
    return np.int64(place)


@jit
def _empty(
    bucket: np.uint64 | int,
    taking: bool,
    cells: np.ndarray,
    buckets: np.ndarray,
    filled: np.ndarray,
    following: np.ndarray,
    end: int,
) -> Any:
    """Let the edges that wait in a bucket act; return the texts in ``following``."""
    place, number = np.uint64(end), np.uint64(filled[bucket])
    last = max(number, ONE) - ONE
    for i in range(number):
        prefetch(cells, buckets[bucket, min(np.uint64(i) + AHEAD, last)] >> HALF)
        edge = buckets[bucket, np.uint64(i)]
        cell = cells[edge >> HALF]
        cell = (cell - SOCKET if taking else cell + SOCKET) ^ (edge & NAME)
        cells[edge >> HALF] = cell
        if taking and cell >> HALF == ONE:
            following[place] = np.uint32(edge >> HALF)
            place += ONE
    filled[bucket] = 0
    return np.int64(place)


@jit
def empty_buckets(
    taking: bool, cells: np.ndarray, buckets: np.ndarray, filled: np.ndarray, following: np.ndarray, end: int
) -> Any:
    """Let all edges that wait act; arguments as in `add_edges` and `teach`; return the texts in ``following``."""
    for bucket in range(np.uint64(filled.size)):
        end = _empty(bucket, taking, cells, buckets, filled, following, end)
    return end


@jit
def teach(
    key: np.ndarray,
    thresholds: np.ndarray,
    cells: np.ndarray,
    known: np.ndarray,
    ready: np.ndarray,
    first: int,
    last: int,
    buckets: np.ndarray,
    filled: np.ndarray,
    following: np.ndarray,
    end: int,
) -> tuple[int, int]:
    """Let texts ready[first:last] teach; return the number of texts in ``following`` and of skills learned.

    A text that has one unknown skill afterwards joins ``following``, (capacity,) uint32, from place ``end`` on.
    """
    number, size = np.uint64(cells.size), block_nodes(thresholds)
    room = scratch(size, thresholds.size)
    nodes, taught = room[0], np.empty(size, np.uint64)
    stop = np.uint64(last)
    learned, place = 0, np.uint64(first)
    while place < stop:
        found = 0
        while place < stop and found < size:
            prefetch(cells, ready[min(place + AHEAD, stop - ONE)])
            cell = cells[ready[place]]
            taught[found] = cell & NAME
            prefetch(known, (cell & NAME) >> THREE)
            found += cell >> HALF == ONE
            place += ONE
        count = 0
        for i in range(found):
            skill = taught[i]
            bit = np.uint8(1) << np.uint8(skill & SEVEN)
            nodes[count] = skill
            count += known[skill >> THREE] & bit == 0
            known[skill >> THREE] |= bit
        learned += count
        draw_degrees(key, thresholds, room, count)
        draw_neighbours(key, number, 1, room, count)
        end = _act(room, count, True, cells, buckets, filled, following, end)
    return end, learned
