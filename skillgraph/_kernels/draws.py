"""Neighbours as a pure function of (key, node), drawn for a block of nodes at once.

A node draws its degree from a table of thresholds with one random word, and that many different neighbours uniformly
with the following words; a neighbour drawn before is drawn again. Words of a block are made side by side; nodes that
drew a neighbour twice, few in large graphs, are then drawn again one by one, from the same words.

thresholds: (n,) uint64, floor(2^64 P(degree <= k)) for k = 0, ..., n - 1; the largest degree is n.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from skillgraph._kernels import jit
from skillgraph._kernels.counter import bounded, choices, word_pair, word_pairs

__all__ = [
    "block_nodes",
    "degrees",
    "draw_degrees",
    "draw_neighbours",
    "draw_stream",
    "neighbours",
    "scratch",
    "stream",
]

ZERO, ONE, TWO = np.uint64(0), np.uint64(1), np.uint64(2)
EDGES = 384.0  # about so many edges in a block
STREAM = 4096  # about so many edges in a stream
AHEAD = 256  # entries behind the end of a stream that may be looked at
WIDE = 32  # beyond this degree neighbours are compared node by node


@jit
def block_nodes(thresholds: np.ndarray) -> int:
    """Return how many nodes a block has."""
    mean = 0.0
    for limit in thresholds:
        mean += 1.0 - np.float64(limit) * 2.0**-64
    return max(8, min(256, int(EDGES / max(mean, 0.1))))


@jit
def scratch(nodes: int, longest: int) -> Any:
    """Return room for a block: nodes, degrees, starts, two words per node; items, blocks, neighbours."""
    pairs = nodes * ((longest + 1) // 2) + 4
    return (
        np.empty(nodes, np.uint64),
        np.empty(nodes, np.int64),
        np.empty(nodes, np.int64),
        np.empty(nodes, np.uint64),
        np.empty(nodes, np.uint64),
        np.empty(pairs, np.uint64),
        np.empty(pairs, np.uint32),
        np.empty(2 * pairs, np.uint32),
    )


@jit
def draw_degrees(key: np.ndarray, thresholds: np.ndarray, room: Any, count: int) -> None:
    """Draw the degrees of the first ``count`` nodes of a block; room: see `scratch`."""
    nodes, out, _, one, other, _, _, _ = room
    if thresholds.size == 0 or thresholds[-1] == ZERO:  # all nodes have the same degree
        for i in range(count):
            out[i] = thresholds.size
        return
    word_pairs(key, nodes, count, one, other)
    for i in range(count):
        out[i] = 0
    for limit in thresholds:
        reached: Any = 0
        for i in range(count):
            more = np.int64(one[i] >= limit)
            out[i] += more
            reached += more
        if reached == 0:
            break


@jit
def draw_neighbours(key: np.ndarray, number: np.uint64, first_block: int, room: Any, count: int) -> None:
    """Draw the neighbours of the first ``count`` nodes of a block, whose degrees are known.

    Node i has slots starts[i], ..., starts[i] + degrees[i] - 1.
    number: uint64, nodes on the other side; first_block: words from this block of the node's stream on.
    """
    nodes, wanted, starts, _, _, items, blocks, out = room
    place, begin, longest = ZERO, np.uint32(first_block), ZERO
    for i in range(np.uint64(count)):
        degree = np.uint64(wanted[i])
        starts[i] = np.int64(place << ONE)
        # most nodes have at most four neighbours: no branches up to there
        items[place], blocks[place] = nodes[i], begin
        items[place + ONE], blocks[place + ONE] = nodes[i], begin + ONE
        pairs_of_node = (degree + ONE) >> ONE
        for pair in range(TWO, pairs_of_node):
            items[place + pair], blocks[place + pair] = nodes[i], begin + pair
        place += pairs_of_node
        longest = max(longest, degree)
    pairs: Any = np.int64(place)
    widest: Any = np.int64(longest)
    choices(key, items, blocks, pairs, number, out)
    if _perhaps_repeated(out, 2 * pairs, widest):
        for i in range(count):
            _redraw_repeated(key, nodes[i], first_block, number, out[starts[i] : starts[i] + wanted[i]])


@jit
def _perhaps_repeated(out: np.ndarray, slots: int, longest: int) -> bool:
    """Whether slots at less than the longest row's distance are equal: sure to see repeats, and quick to deny them."""
    if longest > WIDE:
        return True
    for distance in range(1, longest):
        equal: Any = 0
        for i in range(slots - distance):
            equal += np.int64(out[i] == out[i + distance])
        if equal > 0:
            return True
    return False


@jit
def _redraw_repeated(key: np.ndarray, node: np.uint64, first_block: int, number: np.uint64, row: np.ndarray) -> None:
    """Draw a row again if an entry is in it twice, now leaving out what was drawn before."""
    repeated = False
    for place in range(1, row.size):
        for earlier in range(place):
            repeated |= row[earlier] == row[place]
    if not repeated:
        return
    place, block, second = 0, np.uint64(first_block), False
    word, spare = ZERO, ZERO
    while place < row.size:
        if second:
            word = spare
        else:
            word, spare = word_pair(key, node, block)
            block += ONE
        second = not second
        other = np.uint32(bounded(word, number))
        drawn = False
        for earlier in range(place):
            drawn |= row[earlier] == other
        if not drawn:
            row[place] = other
            place += 1


@jit
def stream(nodes: int, longest: int) -> Any:
    """Return room for the neighbours of many nodes one after another, zeros, and for the end of each node."""
    return np.zeros(STREAM + nodes * longest + AHEAD, np.uint32), np.empty(STREAM + nodes, np.int64)


@jit
def draw_stream(
    key: np.ndarray, thresholds: np.ndarray, number: np.uint64, first: int, last: int, room: Any, line: Any
) -> int:
    """Draw nodes first, ... until a stream is full or ``last`` is reached; return how many; see `stream`."""
    nodes, wanted, starts, _, _, _, _, drawn = room
    others, ends = line
    done, filled = 0, np.uint64(0)
    while first + done < last and filled < STREAM and done < STREAM:
        count = min(nodes.size, last - first - done)
        for i in range(count):
            nodes[i] = np.uint64(first + done + i)
        draw_degrees(key, thresholds, room, count)
        draw_neighbours(key, number, 1, room, count)
        for i in range(count):
            for edge in range(np.uint64(starts[i]), np.uint64(starts[i] + wanted[i])):
                others[filled] = drawn[edge]
                filled += ONE
            ends[done + i] = np.int64(filled)
        done += count
    return done


@jit
def degrees(key: np.ndarray, thresholds: np.ndarray, out: np.ndarray) -> None:
    """Write the degree of nodes 0, 1, ...; out: (nodes,) int64, written."""
    size = block_nodes(thresholds)
    room = scratch(size, thresholds.size)
    for first in range(0, out.size, size):
        count = min(size, out.size - first)
        for i in range(count):
            room[0][i] = np.uint64(first + i)
        draw_degrees(key, thresholds, room, count)
        out[first : first + count] = room[1][:count]


@jit
def neighbours(key: np.ndarray, thresholds: np.ndarray, number: np.uint64, indptr: np.ndarray, out: np.ndarray) -> None:
    """Write the neighbours of all nodes; indptr: (nodes + 1,) int64; out: (edges,) uint32, written."""
    size = block_nodes(thresholds)
    room = scratch(size, thresholds.size)
    num_nodes = indptr.size - 1
    for first in range(0, num_nodes, size):
        count = min(size, num_nodes - first)
        for i in range(count):
            room[0][i] = np.uint64(first + i)
            room[1][i] = indptr[first + i + 1] - indptr[first + i]
        draw_neighbours(key, number, 1, room, count)
        for i in range(count):
            start = room[2][i]
            for k in range(room[1][i]):
                out[indptr[first + i] + k] = room[7][start + k]
