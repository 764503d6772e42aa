"""Learning by simulation: a text with few enough unknown skills teaches them; repeat (peeling decoding).

Peeling is confluent: the skills learned in the end depend neither on the order of the texts nor on whether texts teach
one by one or all at once in rounds. What the order changes is *when* a skill is learned.
"""

from __future__ import annotations

import numpy as np

from skillgraph._kernels import accumulators
from skillgraph._kernels import peeling as kernels
from skillgraph.checks import count, mask_of, order_of
from skillgraph.graphs.graph import SkillTextGraph, inverse
from skillgraph.records import Record

__all__ = ["LearningCurve", "Peeling", "learning_curve", "peel"]

_MOST = 2**31 - 2  # unknown skills of a text that are counted


class Peeling(Record):
    """What is learned from all texts, and in which round.

    Attributes
    ----------
    learned : (num_skills,) bool array
        Known beforehand or learned.
    round_learned : (num_skills,) int32 array
        Round in which each skill was learned, 0 if known beforehand, -1 if never.
    rounds : int
        Rounds in which something was learned.
    """

    learned: np.ndarray
    round_learned: np.ndarray
    rounds: int

    @property
    def learned_share(self) -> float:
        """Share of all skills that are known in the end."""
        return float(np.mean(self.learned))

    @property
    def stopping_set(self) -> np.ndarray:
        """Skills never learned: the largest set in which no text has 1 to ``learner`` sockets."""
        return np.flatnonzero(~self.learned)

    @property
    def learned_by_round(self) -> np.ndarray:
        """Skills known after rounds 0, 1, ..., ``rounds``: performance against training steps."""
        counts = np.bincount(self.round_learned[self.learned], minlength=self.rounds + 1)
        return np.cumsum(counts)


class LearningCurve(Record):
    """What is learned after every text.

    Attributes
    ----------
    learned_count : (num_texts + 1,) int32 array
        Skills known after 0, 1, ..., num_texts texts.
    learned_at : (num_skills,) int32 array
        Number of texts that had arrived when a skill was learned, 0 if known beforehand, -1 if never.
    """

    learned_count: np.ndarray
    learned_at: np.ndarray

    @property
    def learned_share(self) -> np.ndarray:
        """Share of all skills known after 0, 1, ..., num_texts texts."""
        return self.learned_count / self.learned_at.size


def peel(graph: SkillTextGraph, known_skills: np.ndarray | None = None, *, learner: int = 1) -> Peeling:
    """Learn skills from texts until nothing more can be learned.

    In each round every text sees the state after the round before; one with 1 to ``learner`` unknown sockets teaches
    them all (a socket is one entry of a text's row, so a text that names its only unknown skill twice has two unknown
    sockets). In the limit of infinite size round k is iteration k of density evolution.

    Parameters
    ----------
    graph : SkillTextGraph
    known_skills : (num_skills,) bool array, optional
        Skills known beforehand; none if omitted.
    learner : int
        Unknown skills that one text can teach, at least 1.

    Returns
    -------
    Peeling

    Raises
    ------
    ValueError
        If ``known_skills`` has another shape or ``learner`` < 1.

    References
    ----------
    Luby, Mitzenmacher, Shokrollahi & Spielman (2001), doi:10.1109/18.910575 (peeling); Liao, Chang & Hong (2024),
    arXiv:2404.07009 (D-skill learners).

    Examples
    --------
    >>> from skillgraph import from_edges
    >>> peel(from_edges([0, 1, 1, 2, 2], [0, 0, 1, 2, 3])).round_learned.tolist()
    [1, 2, -1, -1]
    """
    round_learned, capacity = _state(graph, known_skills), min(count("learner", learner), _MOST)
    scratch = np.empty(graph.num_texts, np.int32), np.empty(graph.num_texts, np.int32)
    if capacity == 1:
        cells = _cells(graph, round_learned, known_skills is None)
        rounds = accumulators.learn_by_rounds_one(*_texts_of_skills(graph), cells, *scratch, round_learned)
    else:
        queue = np.empty(graph.num_skills, np.int32)
        rounds = kernels.learn_by_rounds(*_sides(graph), capacity, *scratch, round_learned, queue)
    return Peeling(round_learned >= 0, round_learned, int(rounds))


def learning_curve(
    graph: SkillTextGraph, known_skills: np.ndarray | None = None, *, learner: int = 1, order: np.ndarray | None = None
) -> LearningCurve:
    """Learn as texts arrive one by one: the whole curve in one pass over the edges.

    A text with 1 to ``learner`` unknown sockets teaches at once, and what it teaches may let waiting texts teach. After
    every text the state is what `peel` finds for the texts that have arrived.

    Parameters
    ----------
    graph : SkillTextGraph
    known_skills : (num_skills,) bool array, optional
        Skills known beforehand; none if omitted.
    learner : int
        Unknown skills that one text can teach, at least 1.
    order : (num_texts,) integer array, optional
        Texts in order of arrival, a permutation; the order of rows if omitted.

    Returns
    -------
    LearningCurve

    Raises
    ------
    ValueError
        If ``known_skills`` or ``order`` has another shape, ``order`` is no permutation, or ``learner`` < 1.

    Examples
    --------
    >>> from skillgraph import from_edges
    >>> learning_curve(from_edges([0, 1, 1], [0, 0, 1])).learned_count.tolist()
    [0, 1, 2]
    """
    learned_at, capacity = _state(graph, known_skills), min(count("learner", learner), _MOST)
    arrival = np.empty(0, np.int64) if order is None else np.array(order_of(order, graph.num_texts))
    queue = np.empty(graph.num_skills, np.int32)
    learned_count = np.zeros(graph.num_texts + 1, np.int32)
    learned_count[0] = np.count_nonzero(learned_at == 0)
    out = learned_at, queue, learned_count
    if capacity == 1:
        cells, ranks = _cells(graph, learned_at, known_skills is None), inverse(arrival)
        accumulators.learn_by_arrival_one(*_texts_of_skills(graph), arrival, ranks, cells, *out)
    else:
        unknown = np.full(graph.num_texts, -1, np.int32)
        kernels.learn_by_arrival(*_sides(graph), arrival, capacity, unknown, *out)
    return LearningCurve(learned_count, learned_at)


def _sides(graph: SkillTextGraph) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    return graph.text_indptr, graph.text_skills, *_texts_of_skills(graph)


def _texts_of_skills(graph: SkillTextGraph) -> tuple[np.ndarray, np.ndarray]:
    return graph.skill_indptr, graph.skill_texts


def _cells(graph: SkillTextGraph, learned: np.ndarray, fresh: bool) -> np.ndarray:
    """Count and XOR the unknown skills of every text, (num_texts,) uint64."""
    cells = np.empty(graph.num_texts, np.uint64)
    accumulators.fill(graph.text_indptr, graph.text_skills, learned, fresh, cells)
    return cells


def _state(graph: SkillTextGraph, known_skills: np.ndarray | None) -> np.ndarray:
    """Return 0 for skills known beforehand and -1 for all others, (num_skills,) int32."""
    state = np.full(graph.num_skills, -1, np.int32)
    if known_skills is not None:
        state[mask_of("known_skills", known_skills, graph.num_skills)] = 0
    return state
