"""Union-find in one uint32 word per skill, with the sizes of all components kept as they merge.

The word of a root is ``ROOT`` (bit 31) plus the size of its component; the word of any other skill is its parent.
Hence fewer than 2**31 skills. All indices are unsigned: no test for negative ones is compiled.

The size book ``counts[s]`` holds how many components other than the largest have ``s`` skills; none of these has
more than half of the skills. The second largest is the highest ``s`` with a count. It falls only when that component
joins the largest, and it has risen before by at most the smaller part of each merger, so the search downwards costs
at most (n/2) log2 n steps in total and well under one per merger in random graphs. ``counts[0]`` is 1 for ever: it
ends the search, and takes the entries of the largest component, which is not in the book.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from skillgraph._kernels import inline, jit
from skillgraph._kernels.prefetch import prefetch

__all__ = [
    "ROOT",
    "SIZE",
    "add_skill",
    "all_alone",
    "fetch",
    "find",
    "is_deep",
    "join",
    "label",
    "start",
    "unite",
]

ROOT = np.uint32(2**31)
SIZE = np.uint32(2**31 - 1)
DEEP = 2**21


@jit
def is_deep(words: np.ndarray) -> bool:
    """Whether words are so many that a third step up a path is worth a hint of its own."""
    return words.size > DEEP


@inline
def fetch(words: np.ndarray, far: np.uint32, near: np.uint32, close: np.uint32, deep: bool) -> None:
    """Ask for the word of a skill far ahead, of the parent of a nearer one, and if paths are deep of the next parent.

    words: (num_skills,) uint32, not empty; far, near, close: uint32, skills whose turn comes; deep: see `is_deep`.
    """
    prefetch(words, far)
    prefetch(words, words[near] & SIZE)  # of a root: its size, as harmless a place as any
    if deep:
        parent = min(words[close] & SIZE, np.uint32(words.size - 1))
        prefetch(words, words[parent] & SIZE)


@jit
def find(words: np.ndarray, skill: np.uint32) -> np.uint32:
    """Return the root of a skill and halve its path.

    words: (num_skills,) uint32, union-find words, changed; skill: uint32.
    """
    parent = words[skill]
    while parent < ROOT:
        grandparent = words[parent]
        if grandparent >= ROOT:
            return parent
        words[skill] = grandparent
        skill = grandparent
        parent = words[skill]
    return skill


@jit
def unite(words: np.ndarray, root: np.uint32, other: np.uint32) -> np.uint32:
    """Join the components of two roots, the smaller under the larger, and return the root that stays.

    words: (num_skills,) uint32, changed; root, other: uint32, roots, perhaps the same.
    """
    if root == other:
        return root
    if words[root] < words[other]:
        root, other = other, root
    words[root] = np.uint32(words[root] + (words[other] & SIZE))
    words[other] = root
    return root


@jit
def all_alone(words: np.ndarray) -> None:
    """Make every skill a component of its own; words: (num_skills,) uint32, written."""
    words[:] = ROOT + np.uint32(1)


@jit
def start(words: np.ndarray, counts: np.ndarray, active: bool) -> tuple[int, int, int]:
    """Make every skill a component of its own and open the size book.

    words: (num_skills,) uint32, written; counts: (num_skills // 2 + 2,) uint32, written;
    active: whether all skills count from the start (else none does).
    Returns largest, second largest, sum of squared sizes.
    """
    all_alone(words)
    counts[:] = np.uint32(0)
    counts[0] = np.uint32(1)
    if not active or words.size == 0:
        return 0, 0, 0
    counts[1] = np.uint32(words.size - 1)
    return 1, min(words.size - 1, 1), words.size


@jit
def add_skill(counts: np.ndarray, largest: int, second: int, squares: int) -> tuple[int, int, int]:
    """Enter a new skill, a component of its own, into the size book.

    counts: (num_skills // 2 + 2,) uint32, changed; largest, second, squares: int64 before the skill.
    Returns the three after it.
    """
    if largest == 0:
        return 1, 0, 1
    counts[1] += np.uint32(1)
    return largest, max(second, 1), squares + 1


@jit
def join(
    words: np.ndarray,
    counts: np.ndarray,
    root: np.uint32,
    other: np.uint32,
    largest: int,
    second: int,
    squares: int,
) -> tuple[np.uint32, int, int, int]:
    """Join the components of two roots and keep the size book, without a branch that data could mispredict.

    words: (num_skills,) uint32, changed; counts: (num_skills // 2 + 2,) uint32, changed;
    root, other: uint32, roots, perhaps the same; largest, second, squares: int64 before.
    Returns the root that stays and the three after.
    """
    if root == other:
        return root, largest, second, squares
    word, other_word = words[root], words[other]
    if word < other_word:
        root, other, word, other_word = other, root, other_word, word
    large: Any = np.int64(word & SIZE)
    small: Any = np.int64(other_word & SIZE)
    words[other] = root
    words[root] = np.uint32(word + (other_word & SIZE))
    grows = large == largest
    left = 0 if grows else large
    entered = 0 if grows else min(large + small, largest)
    counts[np.uint64(entered)] += np.uint32(1)
    counts[np.uint64(left)] -= np.uint32(1)
    counts[np.uint64(small)] -= np.uint32(1)
    second = max(second, entered)
    while counts[np.uint64(second)] == 0:
        second -= 1
    return root, max(largest, large + small), second, squares + 2 * large * small


@jit
def label(words: np.ndarray, present: np.ndarray, labels: np.ndarray, sizes: np.ndarray) -> int:
    """Number the components by their first skill.

    words: (num_skills,) uint32, changed (paths halve); present: (num_skills,) bool, skills in the graph, or (0,): all.
    labels: (num_skills,) int32, written, -1 for a skill that is not present; sizes: (num_skills,) int32, written up to
    the number of components, which is returned.
    """
    labels[:] = -1
    found = 0
    for skill in range(np.uint32(words.size)):
        if present.size > 0 and not present[skill]:
            continue
        root = find(words, np.uint32(skill))
        if labels[root] < 0:
            labels[root] = found
            sizes[found] = words[root] & SIZE
            found += 1
        labels[skill] = labels[root]
    return found
