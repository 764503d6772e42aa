"""Newman-Ziff sweeps where every text has two skills: an edge list of an ordinary graph, which needs no row starts.

pairs: (2 edges,) uint32, both ends of every edge; all else as in `percolation`.
"""

from __future__ import annotations

import numpy as np

from skillgraph._kernels import jit
from skillgraph._kernels.union_find import SIZE, all_alone, fetch, find, is_deep, join, start, unite

__all__ = ["all_pairs", "largest_by_pairs", "sweep_pairs"]

ONE = np.uint64(1)
FAR, NEAR, CLOSE = np.uint64(64), np.uint64(32), np.uint64(16)  # edges that hints run ahead


@jit
def all_pairs(text_indptr: np.ndarray) -> bool:
    """Whether every row has two entries; text_indptr: (num_texts + 1,) int32 or int64."""
    for text in range(np.uint64(text_indptr.size - 1)):
        if text_indptr[text + ONE] - text_indptr[text] != 2:
            return False
    return True


@jit
def sweep_pairs(
    pairs: np.ndarray,
    at: np.ndarray,
    words: np.ndarray,
    counts: np.ndarray,
    out_largest: np.ndarray,
    out_second: np.ndarray,
    out_squares: np.ndarray,
) -> None:
    """Add edges one by one; see `percolation.sweep_texts`."""
    num_edges, deep = np.uint64(pairs.size) >> ONE, is_deep(words)
    largest, second, squares = start(words, counts, True)
    out_largest[0], out_second[0], out_squares[0] = largest, second, squares
    slot = np.int64(at.size == 0 or at[0] == 0)
    for edge in range(num_edges):
        if edge + FAR < num_edges:
            far, near, close = (edge + FAR) << ONE, (edge + NEAR) << ONE, (edge + CLOSE) << ONE
            fetch(words, pairs[far], pairs[near], pairs[close], deep)
            fetch(words, pairs[far + ONE], pairs[near + ONE], pairs[close + ONE], deep)
        root, other = find(words, pairs[edge << ONE]), find(words, pairs[(edge << ONE) + ONE])
        root, largest, second, squares = join(words, counts, root, other, largest, second, squares)
        out_largest[slot], out_second[slot], out_squares[slot] = largest, second, squares
        slot += np.int64(at.size == 0 or at[slot] == edge + ONE)


@jit
def largest_by_pairs(pairs: np.ndarray, at: np.ndarray, words: np.ndarray, out_largest: np.ndarray) -> None:
    """Add edges one by one; see `percolation.largest_by_texts`."""
    num_edges, deep = np.uint64(pairs.size) >> ONE, is_deep(words)
    all_alone(words)
    largest = np.uint32(min(words.size, 1))
    out_largest[0] = largest
    slot = np.int64(at.size == 0 or at[0] == 0)
    for edge in range(num_edges):
        if edge + FAR < num_edges:
            far, near, close = (edge + FAR) << ONE, (edge + NEAR) << ONE, (edge + CLOSE) << ONE
            fetch(words, pairs[far], pairs[near], pairs[close], deep)
            fetch(words, pairs[far + ONE], pairs[near + ONE], pairs[close + ONE], deep)
        root, other = find(words, pairs[edge << ONE]), find(words, pairs[(edge << ONE) + ONE])
        root = unite(words, root, other)
        largest = max(largest, words[root] & SIZE)
        out_largest[slot] = largest
        slot += np.int64(at.size == 0 or at[slot] == edge + ONE)
