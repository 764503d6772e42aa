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
from skillgraph._kernels.atomic import add, load, replace
from skillgraph._kernels.prefetch import prefetch
from skillgraph._kernels.union_find import ROOT, SIZE

__all__ = ["count_sizes", "each_alone", "flatten", "link", "open_sizes", "summarise"]

ONE, AHEAD = np.uint64(1), np.uint64(32)


@jit
def each_alone(parents: np.ndarray, first: int, last: int) -> None:
    """Make skills first, ..., last - 1 their own roots; parents: (num_skills,) uint32, fewer than 2^31, written."""
    for skill in range(np.uint64(first), np.uint64(last)):
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
def flatten(parents: np.ndarray, first: int, last: int) -> None:
    """Let skills first, ..., last - 1 point to their roots, while other threads do so with others."""
    end = max(np.uint64(last), ONE) - ONE
    for skill in range(np.uint64(first), np.uint64(last)):
        prefetch(parents, load(parents, min(np.uint64(skill) + AHEAD, end)))
        root = load(parents, skill)
        above = load(parents, root)
        while above != root:
            root = above
            above = load(parents, root)
        parents[skill] = root


@jit
def open_sizes(parents: np.ndarray, first: int, last: int) -> None:
    """Turn flat parents into words of `union_find` with sizes 0, skills first, ..., last - 1."""
    for skill in range(np.uint64(first), np.uint64(last)):
        if parents[skill] == skill:
            parents[skill] = ROOT


@jit
def count_sizes(words: np.ndarray, first: int, last: int, likely: int) -> None:
    """Count skills first, ..., last - 1 in the words of their roots, while other threads count others.

    words: (num_skills,) uint32, sizes opened, changed; likely: a root, of the largest component if that is known.
    """
    mine = np.uint32(0)
    end = max(np.uint64(last), ONE) - ONE
    for skill in range(np.uint64(first), np.uint64(last)):
        prefetch(words, load(words, min(np.uint64(skill) + AHEAD, end)) & SIZE)
        word = load(words, skill)
        root = np.uint32(skill) if word >= ROOT else word
        if root == likely:
            mine += np.uint32(1)
        else:
            add(words, root, np.uint32(1))
    add(words, likely, mine)


@jit
def summarise(words: np.ndarray, first: int, last: int) -> tuple[int, int, int, int]:
    """Return largest, second largest, sum of squared sizes and number of components whose roots are among some skills.

    words: (num_skills,) uint32, see `union_find`; first, last: int64, skills first, ..., last - 1.
    """
    largest: Any = 0
    second: Any = 0
    squares: Any = 0
    number = 0
    for skill in range(np.uint64(first), np.uint64(last)):
        if words[skill] >= ROOT:
            size = np.int64(words[skill]) - np.int64(ROOT)
            number += 1
            squares += size * size
            second = max(second, min(size, largest))
            largest = max(largest, size)
    return largest, second, squares, number
