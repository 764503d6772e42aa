"""Union-find that several threads may use at once, without locks.

The word of a skill is its parent; a root is its own parent, and a parent's number is never larger than its child's. So
there are no cycles, whatever the order in which threads replace words. Sizes are counted in the end, in the same words.

References
----------
Rem's algorithm with splicing: Dijkstra (1976), A Discipline of Programming; without locks: Dhulipala, Hong & Shun
(2020), ConnectIt, arXiv:2008.03909.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from skillgraph._kernels import jit
from skillgraph._kernels.atomic import load, replace
from skillgraph._kernels.prefetch import prefetch
from skillgraph._kernels.union_find import ROOT, SIZE

__all__ = ["count_sizes", "each_alone", "link", "summarise"]

AHEAD = np.uint64(32)


@jit
def each_alone(parents: np.ndarray) -> None:
    """Make every skill its own root; parents: (num_skills,) uint32, fewer than 2^31, written."""
    for skill in range(np.uint64(parents.size)):
        parents[skill] = np.uint32(skill)


@jit
def link(parents: np.ndarray, one: np.uint32, other: np.uint32) -> None:
    """Join the components of two skills; parents: (num_skills,) uint32, changed."""
    while True:
        parent, other_parent = load(parents, one), load(parents, other)
        if parent == other_parent:
            return
        if parent < other_parent:
            one, other, parent, other_parent = other, one, other_parent, parent
        replaced = replace(parents, one, parent, other_parent)
        if parent != one:
            one = parent
        elif replaced:
            return


@jit
def count_sizes(parents: np.ndarray) -> None:
    """Turn parents into words of `union_find`: a root's holds its size, all others point to their root."""
    size = np.uint64(parents.size)
    last = max(size, np.uint64(1)) - np.uint64(1)
    for skill in range(size):  # parents have smaller numbers: each is a root here, or points to one
        prefetch(parents, parents[min(np.uint64(skill) + AHEAD, last)] & SIZE)
        parent = parents[skill]
        if parent == skill:
            parents[skill] = ROOT + np.uint32(1)
        else:
            above = parents[parent]
            root = parent if above >= ROOT else above
            parents[skill] = root
            parents[root] += np.uint32(1)


@jit
def summarise(words: np.ndarray) -> tuple[int, int, int, int]:
    """Return largest, second largest, sum of squared sizes and number of components of union-find words."""
    largest: Any = 0
    second: Any = 0
    squares: Any = 0
    number = 0
    for skill in range(np.uint64(words.size)):
        if words[skill] >= ROOT:
            size = np.int64(words[skill]) - np.int64(ROOT)
            number += 1
            squares += size * size
            second = max(second, min(size, largest))
            largest = max(largest, size)
    return largest, second, squares, number
