"""Newman-Ziff sweeps over skill-text graphs: components of skills joined by shared texts, the projection never built.

A text with k skills is k - 1 unions. Where its skills come one by one, ``anchors[text]`` keeps one of those that came
(a root when written), so a text needs no node of its own.

Every sweep reads a stream of edges in the order in which they act, so that hints to the memory can run ahead of
it: ``FAR`` edges ahead for the word of the skill (or the anchor of the text), ``NEAR`` edges ahead for the word it
points to, and in large graphs ``CLOSE`` edges ahead for the next. Hints are written out where they are used, and have
no branches that data decide: a helper with a branch makes the compiler count references to its arrays, which adds half
to the time of a sweep; a branch on the parent is mispredicted, and the size in a root's word is as harmless a place to
fetch as any.

Indices are unsigned: row starts, orders and steps uint64, skills and texts uint32. After every step the state goes to
slot ``slot`` of the outputs, which moves on when the step was wanted; so outputs have one slot to spare, and the steps
wanted, ``at``, increase and are closed by one that never comes (or ``at`` is empty: all steps).
"""

from __future__ import annotations

import numpy as np

from skillgraph._kernels import jit
from skillgraph._kernels.prefetch import prefetch
from skillgraph._kernels.union_find import (
    ROOT,
    SIZE,
    add_skill,
    all_alone,
    fetch,
    find,
    is_deep,
    join,
    start,
    unite,
)

__all__ = [
    "largest_by_texts",
    "order_by_step",
    "sweep_edges",
    "sweep_learned",
    "sweep_skills",
    "sweep_texts",
    "take_edges",
    "take_rows",
    "unite_texts",
]

NO_SKILL = ROOT
NOT_ARRIVED = np.uint32(ROOT + 1)
ONE = np.uint64(1)
FAR = np.uint64(128)
NEAR = np.uint64(64)
CLOSE = np.uint64(32)
FEW = np.uint64(16)


@jit
def take_rows(
    indptr: np.ndarray, columns: np.ndarray, order: np.ndarray, out_indptr: np.ndarray, out_columns: np.ndarray
) -> None:
    """Copy rows in a given order.

    indptr: (rows + 1,) uint64; columns: (edges,) uint32; order: (taken,) uint64, rows to take.
    Outputs: out_indptr (taken + 1,) uint64; out_columns (edges taken,) uint32.
    """
    if order.size == 0:
        out_indptr[0] = np.uint64(0)
        return
    last = np.uint64(order.size - 1)
    place = np.uint64(0)
    for i in range(np.uint64(order.size)):
        prefetch(indptr, order[min(i + NEAR, last)])
        prefetch(columns, indptr[order[min(i + FEW, last)]])
        out_indptr[i] = place
        for edge in range(indptr[order[i]], indptr[order[i] + ONE]):
            out_columns[place] = columns[edge]
            place += ONE
    out_indptr[last + ONE] = place


@jit
def take_edges(
    edge_texts: np.ndarray, text_skills: np.ndarray, order: np.ndarray, out_texts: np.ndarray, out_skills: np.ndarray
) -> None:
    """Copy edges in a given order; order: (taken,) uint64; all others (edges,) or (taken,) uint32."""
    for i in range(np.uint64(order.size)):
        out_texts[i] = edge_texts[order[i]]
        out_skills[i] = text_skills[order[i]]


@jit
def sweep_texts(
    text_indptr: np.ndarray,
    text_skills: np.ndarray,
    at: np.ndarray,
    words: np.ndarray,
    counts: np.ndarray,
    out_largest: np.ndarray,
    out_second: np.ndarray,
    out_squares: np.ndarray,
) -> None:
    """Add texts one by one, as they stand, to the graph of all skills.

    text_indptr: (num_texts + 1,) uint64; text_skills: (num_edges,) uint32; at: (slots + 1,) uint64 or (0,).
    Scratch, written: words (num_skills,) uint32, counts (num_skills // 2 + 2,) uint32.
    Outputs: out_largest, out_second (slots + 1,) int32, out_squares (slots + 1,) int64.
    """
    num_edges, deep = np.uint64(text_skills.size), is_deep(words)
    largest, second, squares = start(words, counts, True)
    out_largest[0], out_second[0], out_squares[0] = largest, second, squares
    slot = np.int64(at.size == 0 or at[0] == 0)
    for text in range(np.uint64(text_indptr.size - 1)):
        first, stop = text_indptr[text], text_indptr[text + ONE]
        if stop + FAR <= num_edges:
            for edge in range(first, stop):
                fetch(words, text_skills[edge + FAR], text_skills[edge + NEAR], text_skills[edge + CLOSE], deep)
        if first < stop:
            root = find(words, text_skills[first])
            for edge in range(first + ONE, stop):
                other = find(words, text_skills[edge])
                root, largest, second, squares = join(words, counts, root, other, largest, second, squares)
        out_largest[slot], out_second[slot], out_squares[slot] = largest, second, squares
        slot += np.int64(at.size == 0 or at[slot] == text + ONE)


@jit
def largest_by_texts(
    text_indptr: np.ndarray, text_skills: np.ndarray, at: np.ndarray, words: np.ndarray, out_largest: np.ndarray
) -> None:
    """Do what `sweep_texts` does, for the largest component alone; arguments as there."""
    num_edges, deep = np.uint64(text_skills.size), is_deep(words)
    all_alone(words)
    largest = np.uint32(min(words.size, 1))
    out_largest[0] = largest
    slot = np.int64(at.size == 0 or at[0] == 0)
    for text in range(np.uint64(text_indptr.size - 1)):
        first, stop = text_indptr[text], text_indptr[text + ONE]
        if stop + FAR <= num_edges:
            for edge in range(first, stop):
                fetch(words, text_skills[edge + FAR], text_skills[edge + NEAR], text_skills[edge + CLOSE], deep)
        if first < stop:
            root = find(words, text_skills[first])
            for edge in range(first + ONE, stop):
                root = unite(words, root, find(words, text_skills[edge]))
                largest = max(largest, words[root] & SIZE)
        out_largest[slot] = largest
        slot += np.int64(at.size == 0 or at[slot] == text + ONE)


@jit
def sweep_edges(
    texts: np.ndarray,
    skills: np.ndarray,
    at: np.ndarray,
    words: np.ndarray,
    counts: np.ndarray,
    anchors: np.ndarray,
    out_largest: np.ndarray,
    out_second: np.ndarray,
    out_squares: np.ndarray,
) -> None:
    """Add skill-text edges one by one, as they stand, to the graph of all skills.

    texts, skills: (num_edges,) uint32; at: (slots + 1,) uint64 or (0,).
    Scratch, written: words (num_skills,) uint32, counts (num_skills // 2 + 2,) uint32, anchors (num_texts,) uint32.
    Outputs: out_largest, out_second (slots + 1,) int32, out_squares (slots + 1,) int64.
    """
    anchors[:] = NO_SKILL
    num_edges = np.uint64(texts.size)
    largest, second, squares = start(words, counts, True)
    out_largest[0], out_second[0], out_squares[0] = largest, second, squares
    slot = np.int64(at.size == 0 or at[0] == 0)
    for edge in range(num_edges):
        if edge + FAR < num_edges:
            prefetch(anchors, texts[edge + FAR])
            prefetch(words, skills[edge + FAR])
            prefetch(words, anchors[texts[edge + NEAR]] & SIZE)
            prefetch(words, words[skills[edge + NEAR]] & SIZE)
        root, anchor = find(words, skills[edge]), anchors[texts[edge]]
        other = root if anchor == NO_SKILL else find(words, anchor)
        root, largest, second, squares = join(words, counts, root, other, largest, second, squares)
        anchors[texts[edge]] = root
        out_largest[slot], out_second[slot], out_squares[slot] = largest, second, squares
        slot += np.int64(at.size == 0 or at[slot] == edge + ONE)


@jit
def sweep_skills(
    skill_indptr: np.ndarray,
    skill_texts: np.ndarray,
    order: np.ndarray,
    at: np.ndarray,
    words: np.ndarray,
    counts: np.ndarray,
    anchors: np.ndarray,
    out_largest: np.ndarray,
    out_second: np.ndarray,
    out_squares: np.ndarray,
) -> None:
    """Activate skills one by one, all texts being there.

    skill_indptr: (num_skills + 1,) uint64, skill_texts: (num_edges,) uint32, rows in the order of activation;
    order: (num_skills,) uint64, the skills of the rows; at: (slots + 1,) uint64 or (0,).
    Scratch, written: words (num_skills,) uint32, counts (num_skills // 2 + 2,) uint32, anchors (num_texts,) uint32.
    Outputs: out_largest, out_second (slots + 1,) int32, out_squares (slots + 1,) int64.
    """
    anchors[:] = NO_SKILL
    num_edges, last = np.uint64(skill_texts.size), np.uint64(max(order.size, 1) - 1)
    largest, second, squares = start(words, counts, False)
    out_largest[0], out_second[0], out_squares[0] = largest, second, squares
    slot = np.int64(at.size == 0 or at[0] == 0)
    for step in range(np.uint64(order.size)):
        first, stop = skill_indptr[step], skill_indptr[step + ONE]
        prefetch(words, order[min(step + FEW, last)])
        if stop + FAR <= num_edges:
            for edge in range(first, stop):
                prefetch(anchors, skill_texts[edge + FAR])
                prefetch(words, anchors[skill_texts[edge + NEAR]] & SIZE)
        root = np.uint32(order[step])
        largest, second, squares = add_skill(counts, largest, second, squares)
        for edge in range(first, stop):
            anchor = anchors[skill_texts[edge]]
            other = root if anchor == NO_SKILL else find(words, anchor)
            root, largest, second, squares = join(words, counts, root, other, largest, second, squares)
            anchors[skill_texts[edge]] = root
        out_largest[slot], out_second[slot], out_squares[slot] = largest, second, squares
        slot += np.int64(at.size == 0 or at[slot] == step + ONE)


@jit
def sweep_learned(
    text_indptr: np.ndarray,
    text_skills: np.ndarray,
    learned_at: np.ndarray,
    skill_indptr: np.ndarray,
    skill_texts: np.ndarray,
    order: np.ndarray,
    at: np.ndarray,
    words: np.ndarray,
    counts: np.ndarray,
    anchors: np.ndarray,
    out_largest: np.ndarray,
    out_second: np.ndarray,
    out_squares: np.ndarray,
) -> None:
    """Let texts arrive one by one, as they stand, and skills enter when they are learned.

    An edge acts when its text has arrived and its skill is learned, from the side that comes last.

    text_indptr: (num_texts + 1,) uint64; text_skills: (num_edges,) uint32, rows in the order of arrival;
    learned_at: (num_skills,) uint32, texts arrived when learned, 2**32 - 1 if never;
    skill_indptr: (learned + 1,) uint64, skill_texts: (edges of learned skills,) uint32 (texts numbered by arrival),
    order: (learned,) uint64, the skills of these rows, sorted by ``learned_at``; at: (slots + 1,) uint64 or (0,).
    Scratch, written: words (num_skills,) uint32, counts (num_skills // 2 + 2,) uint32, anchors (num_texts,) uint32.
    Outputs: out_largest, out_second (slots + 1,) int32, out_squares (slots + 1,) int64.
    """
    anchors[:] = NOT_ARRIVED
    num_edges, num_back_edges = np.uint64(text_skills.size), np.uint64(skill_texts.size)
    entered, num_learned = np.uint64(0), np.uint64(order.size)
    largest, second, squares = start(words, counts, False)
    slot = np.int64(0)
    for step in range(np.uint64(text_indptr.size)):
        while entered < num_learned and learned_at[order[entered]] <= step:
            first, stop = skill_indptr[entered], skill_indptr[entered + ONE]
            if stop + FAR <= num_back_edges:
                for edge in range(first, stop):
                    prefetch(anchors, skill_texts[edge + FAR])
                    prefetch(words, anchors[skill_texts[edge + NEAR]] & SIZE)
            root = np.uint32(order[entered])
            largest, second, squares = add_skill(counts, largest, second, squares)
            for edge in range(first, stop):
                anchor = anchors[skill_texts[edge]]
                if anchor != NOT_ARRIVED:
                    other = root if anchor == NO_SKILL else find(words, anchor)
                    root, largest, second, squares = join(words, counts, root, other, largest, second, squares)
                    anchors[skill_texts[edge]] = root
            entered += ONE
        if step > 0:
            first, stop = text_indptr[step - ONE], text_indptr[step]
            if stop + FAR <= num_edges:
                for edge in range(first, stop):
                    prefetch(learned_at, text_skills[edge + FAR])
                    prefetch(words, text_skills[edge + FAR])
                    prefetch(words, words[text_skills[edge + NEAR]] & SIZE)
            anchor = NO_SKILL
            for edge in range(first, stop):
                if learned_at[text_skills[edge]] <= step:
                    other = find(words, text_skills[edge])
                    root = other if anchor == NO_SKILL else anchor
                    anchor, largest, second, squares = join(words, counts, root, other, largest, second, squares)
            anchors[step - ONE] = anchor
        out_largest[slot], out_second[slot], out_squares[slot] = largest, second, squares
        slot += np.int64(at.size == 0 or at[slot] == step)


@jit
def order_by_step(learned_at: np.ndarray, starts: np.ndarray, order: np.ndarray) -> None:
    """Sort skills by the step at which they are learned, stably, by counting.

    learned_at: (num_skills,) uint32, steps up to ``starts.size - 2``, 2**32 - 1 if never;
    starts: (num_steps + 2,) uint32, zeros, scratch; order: (learned,) uint64, written.
    """
    never = np.uint32(2**32 - 1)
    for skill in range(np.uint64(learned_at.size)):
        if learned_at[skill] != never:
            starts[learned_at[skill] + ONE] += np.uint32(1)
    for step in range(np.uint64(1), np.uint64(starts.size)):
        starts[step] += starts[step - ONE]
    for skill in range(np.uint64(learned_at.size)):
        if learned_at[skill] != never:
            order[starts[learned_at[skill]]] = skill
            starts[learned_at[skill]] += np.uint32(1)


@jit
def unite_texts(text_indptr: np.ndarray, text_skills: np.ndarray, present: np.ndarray, words: np.ndarray) -> None:
    """Join all skills that share a text.

    text_indptr: (num_texts + 1,) uint64; text_skills: (num_edges,) uint32;
    present: (num_skills,) bool, skills in the graph, or (0,): all. words: (num_skills,) uint32, written.
    """
    all_alone(words)
    num_edges, deep = np.uint64(text_skills.size), is_deep(words)
    for text in range(np.uint64(text_indptr.size - 1)):
        first, stop = text_indptr[text], text_indptr[text + ONE]
        if stop + FAR <= num_edges:
            for edge in range(first, stop):
                fetch(words, text_skills[edge + FAR], text_skills[edge + NEAR], text_skills[edge + CLOSE], deep)
                prefetch(words, words[text_skills[edge + NEAR]] & SIZE)
        root = NO_SKILL
        for edge in range(first, stop):
            if present.size == 0 or present[text_skills[edge]]:
                other = find(words, text_skills[edge])
                root = other if root == NO_SKILL else unite(words, root, other)
