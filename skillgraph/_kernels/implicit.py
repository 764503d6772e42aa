"""Graphs that are never stored: the neighbours of a node are a pure function of (key, node).

A node draws its degree from a table of thresholds with one random word, and that many different neighbours uniformly
with the following words. What is needed again is drawn again. Work goes in blocks: draw a block of edges, ask the
memory for the words of their skills, then for the words these point to, then act; so most fetches overlap.

thresholds: (n,) uint64, floor(2^64 P(degree <= k)) for k = 0, ..., n - 1; the largest degree is n.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from skillgraph._kernels import jit
from skillgraph._kernels.counter import bounded, word_pair
from skillgraph._kernels.prefetch import prefetch
from skillgraph._kernels.union_find import SIZE, find, join

__all__ = ["add_edges", "degrees", "neighbours", "sweep", "teach", "unknown_once"]

ZERO, ONE = np.uint64(0), np.uint64(1)
BLOCK = np.uint64(384)  # edges drawn before they act
COUNT = np.uint64(2**40)  # an accumulator holds count << 40 | XOR of the unknown skills
NAMES = np.uint64(2**40 - 1)
EIGHT, SEVEN, THREE = np.uint64(8), np.uint64(7), np.uint64(3)


@jit
def _draw(
    key: np.ndarray, node: np.uint64, thresholds: np.ndarray, number: np.uint64, out: np.ndarray, start: np.uint64
) -> np.uint64:
    """Write the neighbours of a node to out[start:] and return the end.

    key: (2,) uint64; thresholds: (n,) uint64; number: uint64, nodes on the other side; out: (capacity,) uint32.
    """
    word, spare = word_pair(key, node, ZERO)
    degree = ZERO
    for limit in thresholds:
        if word < limit:
            break
        degree += ONE
    stop, place = start + degree, start
    block, second = ONE, True
    while place < stop:
        if second:
            word = spare
        else:
            word, spare = word_pair(key, node, block)
            block += ONE
        second = not second
        other = np.uint32(bounded(word, number))
        repeated = False
        for earlier in range(start, place):
            repeated |= out[earlier] == other
        if not repeated:
            out[place] = other
            place += ONE
    return stop


@jit
def degrees(key: np.ndarray, thresholds: np.ndarray, out: np.ndarray) -> None:
    """Write the degree of nodes 0, 1, ...; out: (nodes,) int64, written."""
    for node in range(np.uint64(out.size)):
        word, _ = word_pair(key, np.uint64(node), ZERO)
        degree: Any = 0
        for limit in thresholds:
            degree += word >= limit
        out[node] = degree


@jit
def neighbours(key: np.ndarray, thresholds: np.ndarray, number: np.uint64, indptr: np.ndarray, out: np.ndarray) -> None:
    """Write the neighbours of all nodes; indptr: (nodes + 1,) int64; out: (edges,) uint32, written."""
    for node in range(np.uint64(indptr.size - 1)):
        _draw(key, np.uint64(node), thresholds, number, out, np.uint64(indptr[node]))


@jit
def sweep(
    key: np.ndarray,
    thresholds: np.ndarray,
    first: np.uint64,
    last: np.uint64,
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
    number = np.uint64(words.size)
    capacity = BLOCK + np.uint64(thresholds.size)
    skills = np.empty(np.int64(capacity), np.uint32)
    ends = np.empty(np.int64(BLOCK) + 1, np.uint64)
    largest, second, squares = state[0], state[1], state[2]
    text = first
    while text < last:
        begin, edges, texts = text, ZERO, ZERO
        while text < last and edges < BLOCK and texts < BLOCK:
            after = _draw(key, text, thresholds, number, skills, edges)
            for new in range(edges, after):
                prefetch(words, skills[new])
            edges = after
            ends[texts] = after
            texts += ONE
            text += ONE
        for drawn in range(edges):
            prefetch(words, words[skills[drawn]] & SIZE)
        edge = ZERO
        for one in range(texts):
            stop = ends[one]
            if edge < stop:
                root = find(words, skills[edge])
                for other in range(edge + ONE, stop):
                    joined = find(words, skills[other])
                    root, largest, second, squares = join(words, counts, root, joined, largest, second, squares)
            edge = stop
            if at[slot] == begin + np.uint64(one) + ONE:
                out[slot, 0], out[slot, 1], out[slot, 2] = largest, second, squares
                slot += 1
    state[0], state[1], state[2] = largest, second, squares
    return slot


@jit
def add_edges(
    key: np.ndarray,
    thresholds: np.ndarray,
    first: np.uint64,
    last: np.uint64,
    known: np.ndarray,
    cells: np.ndarray,
) -> int:
    """Enter skills first, ..., last - 1, unless known, into the accumulators of their texts; return the edges.

    known: (num_skills // 8 + 1,) uint8, one bit per skill; cells: (num_texts,) uint64, changed.
    """
    number = np.uint64(cells.size)
    texts = np.empty(np.int64(BLOCK) + thresholds.size, np.uint32)
    names = np.empty(np.int64(BLOCK) + thresholds.size, np.uint64)
    total: Any = 0
    skill = first
    while skill < last:
        edges = ZERO
        while skill < last and edges < BLOCK:
            if not (known[skill >> THREE] >> np.uint8(skill & SEVEN)) & 1:
                after = _draw(key, skill, thresholds, number, texts, edges)
                for edge in range(edges, after):
                    prefetch(cells, texts[edge])
                    names[edge] = skill
                edges = after
            skill += ONE
        for edge in range(edges):
            cells[texts[edge]] = (cells[texts[edge]] + COUNT) ^ names[edge]
        total += np.int64(edges)
    return total


@jit
def unknown_once(cells: np.ndarray, ready: np.ndarray) -> int:
    """Write the texts with one unknown skill to ``ready``, (capacity,) uint32, and return their number."""
    found = ZERO
    for text in range(np.uint64(cells.size)):
        if cells[text] >> np.uint64(40) == ONE:
            ready[found] = np.uint32(text)
            found += ONE
    return int(found)


@jit
def teach(
    key: np.ndarray,
    thresholds: np.ndarray,
    cells: np.ndarray,
    known: np.ndarray,
    ready: np.ndarray,
    first: int,
    last: int,
    following: np.ndarray,
    filled: int,
) -> tuple[int, int]:
    """Let texts ready[first:last] teach; return the number of texts in ``following`` and of skills learned.

    A text that has one unknown skill afterwards joins ``following``, (capacity,) uint32, from place ``filled`` on.
    """
    number, stop = np.uint64(cells.size), np.uint64(last)
    texts = np.empty(np.int64(BLOCK) + thresholds.size, np.uint32)
    names = np.empty(np.int64(BLOCK) + thresholds.size, np.uint64)
    learned, place, end = 0, np.uint64(first), np.uint64(filled)
    while place < stop:
        edges = ZERO
        while place < stop and edges < BLOCK:
            if place + EIGHT < stop:
                prefetch(cells, ready[place + EIGHT])
            cell = cells[ready[place]]
            place += ONE
            if cell >> np.uint64(40) != ONE:
                continue
            skill = cell & NAMES
            bit = np.uint8(1) << np.uint8(skill & SEVEN)
            if known[skill >> THREE] & bit:
                continue
            known[skill >> THREE] |= bit
            learned += 1
            after = _draw(key, skill, thresholds, number, texts, edges)
            for edge in range(edges, after):
                prefetch(cells, texts[edge])
                names[edge] = skill
            edges = after
        for edge in range(edges):
            cell = (cells[texts[edge]] - COUNT) ^ names[edge]
            cells[texts[edge]] = cell
            if cell >> np.uint64(40) == ONE:
                following[end] = texts[edge]
                end += ONE
    return int(end), learned
