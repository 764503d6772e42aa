"""Learning and components on graphs with several classes, counted by skill class after some numbers of texts."""

from __future__ import annotations

import numpy as np

from skillgraph._kernels import types as kernels
from skillgraph.graphs.graph import SkillTextGraph
from skillgraph.graphs.types_sampling import TypedGraph
from skillgraph.records import Record
from skillgraph.simulation.peeling import learning_curve
from skillgraph.simulation.percolation import Components, associations, components

__all__ = ["ClassCounts", "count_by_class", "learned_at_each"]


class ClassCounts(Record):
    """Counts after every number of texts asked for, (grid, skill classes) int64 arrays.

    Attributes
    ----------
    learned : known beforehand or learned
    giant : skills of the class in the largest component of all skills
    excluded : sum over the skills of the class of the size of their component, the largest left out
    associated : skills of the class in the largest component of learned skills
    """

    learned: np.ndarray
    giant: np.ndarray
    excluded: np.ndarray
    associated: np.ndarray


def learned_at_each(graph: SkillTextGraph, learners: np.ndarray, known: np.ndarray | None = None) -> np.ndarray:
    """Return the number of texts after which each skill is learned, texts teaching by a capacity of their own.

    Parameters
    ----------
    graph : SkillTextGraph
    learners : (num_texts,) integer array
        Unknown skills that each text can teach, at least 1.
    known : (num_skills,) bool array, optional

    Returns
    -------
    (num_skills,) int32 array
        0 if known beforehand, -1 if never.
    """
    capacity = np.minimum(np.asarray(learners), 2**31 - 2).astype(np.int32)
    if capacity.shape != (graph.num_texts,) or np.any(capacity < 1):
        raise ValueError(f"learners must be {graph.num_texts} integers of at least 1, one per text")
    if capacity.size == 0 or np.all(capacity == capacity[0]):
        return learning_curve(graph, known, learner=int(capacity[0]) if capacity.size > 0 else 1).learned_at
    learned_at = np.full(graph.num_skills, -1, np.int32)
    if known is not None:
        learned_at[known] = 0
    sides = graph.text_indptr, graph.text_skills, graph.skill_indptr, graph.skill_texts
    unknown, queue = np.full(graph.num_texts, -1, np.int32), np.empty(graph.num_skills, np.int32)
    kernels.learn_by_arrival_each(*sides, capacity, unknown, learned_at, queue)
    return learned_at


def count_by_class(
    typed: TypedGraph, num_texts: np.ndarray, learners: np.ndarray, known: np.ndarray | None = None
) -> ClassCounts:
    """Count what is learned and what hangs together after some numbers of texts.

    Parameters
    ----------
    typed : TypedGraph
    num_texts : (grid,) integer array
        Increasing, at most all texts.
    learners : (text classes,) integer array
    known : (num_skills,) bool array, optional

    Returns
    -------
    ClassCounts
    """
    graph, classes = typed.graph, int(typed.skill_class.max()) + 1
    learned_at = learned_at_each(graph, np.asarray(learners)[typed.text_class], known)
    rows = [_counts(typed, int(texts), learned_at, classes) for texts in num_texts]
    return ClassCounts(*(np.stack(column) for column in zip(*rows, strict=True)))


def _counts(typed: TypedGraph, texts: int, learned_at: np.ndarray, classes: int) -> tuple[np.ndarray, ...]:
    whole, skill_class = typed.graph, typed.skill_class
    end = int(whole.text_indptr[texts])
    graph = SkillTextGraph(whole.num_skills, whole.text_indptr[: texts + 1], whole.text_skills[:end])
    learned = (learned_at >= 0) & (learned_at <= texts)
    found, associated = components(graph), associations(graph, learned)
    giant = _largest(found)
    sizes = np.where(giant, 0, found.sizes[found.labels]).astype(np.float64)
    return (
        np.bincount(skill_class[learned], minlength=classes),
        np.bincount(skill_class[giant], minlength=classes),
        np.rint(np.bincount(skill_class, weights=sizes, minlength=classes)).astype(np.int64),
        np.bincount(skill_class[_largest(associated)], minlength=classes),
    )


def _largest(found: Components) -> np.ndarray:
    """Return which skills lie in the largest component, the first of equal ones, (num_skills,) bool."""
    if found.sizes.size == 0:
        return np.zeros(found.num_skills, np.bool_)
    return found.labels == int(np.argmax(found.sizes))
