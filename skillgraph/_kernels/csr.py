"""Compressed rows: grouping edges, turning rows into columns, finding repeated entries."""

from __future__ import annotations

import numpy as np

from skillgraph._kernels import jit
from skillgraph._kernels.prefetch import prefetch

__all__ = ["group", "mark_repeats", "transpose"]

ONE = np.uint64(1)
NEAR = np.uint64(48)


@jit
def group(rows: np.ndarray, columns: np.ndarray, indptr: np.ndarray, grouped: np.ndarray) -> None:
    """Group edges by row, keeping their order within each row.

    rows, columns: (edges,) int32; indptr: (num_rows + 1,) int32 or int64, zeros, written; grouped: (edges,) int32,
    written.
    """
    num_edges, num_rows = np.uint64(rows.size), np.uint64(indptr.size - 1)
    _count(rows, indptr)
    for edge in range(num_edges):
        ahead = min(edge + NEAR, num_edges - ONE)
        prefetch(grouped, np.uint64(indptr[np.uint32(rows[ahead])]))
        place = np.uint64(indptr[np.uint32(rows[edge])])
        grouped[place] = columns[edge]
        indptr[np.uint32(rows[edge])] += 1
    _shift(indptr, num_rows)


@jit
def transpose(text_indptr: np.ndarray, text_skills: np.ndarray, indptr: np.ndarray, texts: np.ndarray) -> None:
    """Turn the skills of every text into the texts of every skill, in the order of the texts.

    text_indptr: (num_texts + 1,) int32 or int64; text_skills: (edges,) int32; indptr: (num_skills + 1,), zeros,
    written, dtype of text_indptr; texts: (edges,) int32, written.
    """
    num_edges, num_skills = np.uint64(text_skills.size), np.uint64(indptr.size - 1)
    _count(text_skills, indptr)
    for text in range(np.uint64(text_indptr.size - 1)):
        for edge in range(np.uint64(text_indptr[text]), np.uint64(text_indptr[text + ONE])):
            ahead = min(edge + NEAR, num_edges - ONE)
            prefetch(texts, np.uint64(indptr[np.uint32(text_skills[ahead])]))
            place = np.uint64(indptr[np.uint32(text_skills[edge])])
            texts[place] = text
            indptr[np.uint32(text_skills[edge])] += 1
    _shift(indptr, num_skills)


@jit
def _count(rows: np.ndarray, indptr: np.ndarray) -> None:
    """Write the start of every row into indptr, (num_rows + 1,) zeros; the last entry stays 0."""
    num_rows = np.uint64(indptr.size - 1)
    for edge in range(np.uint64(rows.size)):
        indptr[np.uint32(rows[edge])] += 1
    start = np.int64(0)
    for row in range(num_rows):
        degree = np.int64(indptr[row])
        indptr[row] = start
        start += degree


@jit
def _shift(indptr: np.ndarray, num_rows: np.uint64) -> None:
    """Turn the ends of rows 0, 1, ... into indptr: move them one place up and put 0 in front."""
    for row in range(num_rows):
        place = num_rows - np.uint64(row)
        indptr[place] = indptr[place - ONE]
    indptr[0] = 0


@jit
def mark_repeats(indptr: np.ndarray, columns: np.ndarray, stamps: np.ndarray, repeated: np.ndarray) -> int:
    """Mark the entries that occurred earlier in their row and return their number.

    indptr: (num_rows + 1,) int32 or int64; columns: (edges,) int32; stamps: (num_columns,) int32, zeros, scratch;
    repeated: (edges,) bool, written, or (0,): count only.
    """
    found = 0
    for row in range(np.uint64(indptr.size - 1)):
        stamp = np.int32(row + ONE)
        for edge in range(np.uint64(indptr[row]), np.uint64(indptr[row + ONE])):
            column = np.uint32(columns[edge])
            seen = stamps[column] == stamp
            stamps[column] = stamp
            found += seen
            if repeated.size > 0:
                repeated[edge] = seen
    return found
