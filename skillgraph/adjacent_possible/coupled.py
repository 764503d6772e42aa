"""The adjacent possible on a skill graph: known items are learned skills, the possible next ones are those beside them.

Three learners on one graph. Plain peeling is confluent: the skills learned in the end do not depend on the order of the
texts. A *capacity* (first come, first served) or a finite *memory* of texts makes history matter. The third, `explore`,
lets the innovation law say how many new skills a step brings forth and the graph say which ones can come next.
"""

from __future__ import annotations

import math
from typing import Literal

import numpy as np

from skillgraph._kernels import adjacent_possible as kernels
from skillgraph.adjacent_possible.deterministic import extinction_of
from skillgraph.adjacent_possible.innovation import Innovation
from skillgraph.adjacent_possible.resources import Resources
from skillgraph.checks import count, mask_of, order_of
from skillgraph.graphs.graph import SkillTextGraph
from skillgraph.records import Record
from skillgraph.seeding import generator
from skillgraph.simulation.peeling import LearningCurve
from skillgraph.statistics.ergodicity import Overlap, jaccard_overlap

__all__ = ["Exploration", "PathDependence", "adjacent_skills", "explore", "learn_bounded", "path_dependence"]

Candidates = Literal["adjacent", "teachable"]


class PathDependence(Record):
    """What several orders of the same texts teach.

    Attributes
    ----------
    learned : (orders, num_skills) bool array
    overlap : Overlap
        Jaccard overlap of the learned sets over all pairs of orders.
    """

    learned: np.ndarray
    overlap: Overlap

    @property
    def learned_share(self) -> np.ndarray:
        """Share of the skills known in the end, (orders,) float64."""
        shares: np.ndarray = self.learned.mean(axis=1)
        return shares


class Exploration(Record):
    """A walk of the known set through a skill graph.

    Attributes
    ----------
    known_skills : (num_skills,) bool array
        In the end.
    known_count, candidate_count : (steps + 1,) int64 arrays
        Known skills, and skills that can come next, after every step.
    """

    known_skills: np.ndarray
    known_count: np.ndarray
    candidate_count: np.ndarray


def learn_bounded(
    graph: SkillTextGraph,
    known_skills: np.ndarray | None = None,
    *,
    learner: int = 1,
    order: np.ndarray | None = None,
    capacity: int | None = None,
    memory: int | None = None,
) -> LearningCurve:
    """Learn as texts arrive one by one, with little room or a short memory.

    Without a capacity and with memory of all texts this is `peeling.learning_curve`.

    Parameters
    ----------
    graph : SkillTextGraph
    known_skills : (num_skills,) bool array, optional
        Skills known beforehand; none if omitted. They take room.
    learner : int
        Unknown skills that one text can teach, at least 1.
    order : (num_texts,) integer array, optional
        Texts in order of arrival; the order of rows if omitted.
    capacity : int, optional
        Skills that can be known, first come, first served; all if omitted. Of a text that teaches several skills at
        once, the first ones of its row are learned.
    memory : int, optional
        Texts that can teach, the one that arrives included; older ones are forgotten, learned skills are not. All if
        omitted.

    Returns
    -------
    LearningCurve

    Raises
    ------
    ValueError
        If an array has another shape, ``order`` is no permutation, ``learner`` or ``memory`` < 1, or ``capacity`` is
        below the number of skills known beforehand.
    """
    learned_at = np.full(graph.num_skills, -1, np.int32)
    if known_skills is not None:
        learned_at[mask_of("known_skills", known_skills, graph.num_skills)] = 0
    counts = np.zeros(graph.num_texts + 1, np.int32)
    counts[0] = np.count_nonzero(learned_at == 0)
    room = graph.num_skills if capacity is None else count("capacity", capacity, least=0)
    if room < counts[0]:
        raise ValueError(f"capacity must be at least the {counts[0]} skills known beforehand, got {room}")
    kernels.learn_bounded(
        graph.text_indptr,
        graph.text_skills,
        graph.skill_indptr,
        graph.skill_texts,
        np.arange(graph.num_texts) if order is None else np.array(order_of(order, graph.num_texts)),
        min(count("learner", learner), 2**31 - 2),
        room,
        graph.num_texts if memory is None else count("memory", memory),
        np.full(graph.num_texts, -1, np.int32),
        learned_at,
        np.empty(graph.num_skills, np.int32),
        counts,
    )
    return LearningCurve(counts, learned_at)


def path_dependence(
    graph: SkillTextGraph,
    *,
    orders: int,
    seed: int,
    learner: int = 1,
    capacity: int | None = None,
    memory: int | None = None,
) -> PathDependence:
    """Show the same texts in several random orders and compare what is learned.

    Parameters
    ----------
    graph : SkillTextGraph
    orders : int
        Number of orders, at least 2.
    seed : int
        The orders depend on nothing else, so learners are compared on the same orders.
    learner, capacity, memory : int
        As in `learn_bounded`.

    Returns
    -------
    PathDependence

    Raises
    ------
    ValueError
        If ``orders`` < 2 or another argument is out of range.

    Examples
    --------
    >>> from skillgraph import generator, sample
    >>> graph = sample('0.3*fixed:1+0.7*fixed:2', 60, 80, rng=generator(1, 'paths'))
    >>> path_dependence(graph, orders=3, seed=1).overlap.mean  # peeling is confluent
    1.0
    """
    number = count("orders", orders, least=2)
    learned = np.empty((number, graph.num_skills), np.bool_)
    for place in range(number):
        order = generator(seed, "adjacent-possible", "orders", place).permutation(graph.num_texts)
        curve = learn_bounded(graph, learner=learner, order=order, capacity=capacity, memory=memory)
        learned[place] = curve.learned_at >= 0
    return PathDependence(learned, jaccard_overlap(learned))


def adjacent_skills(
    graph: SkillTextGraph, known_skills: np.ndarray, *, candidates: Candidates = "adjacent", learner: int = 1
) -> np.ndarray:
    """Return the unknown skills that can come next.

    Parameters
    ----------
    graph : SkillTextGraph
    known_skills : (num_skills,) bool array
    candidates : {"adjacent", "teachable"}
        Unknown skills that share a text with a known one; or those of texts with at most ``learner`` unknown sockets.
    learner : int
        Of teachable skills, at least 1.

    Returns
    -------
    (num_skills,) bool array

    Raises
    ------
    ValueError
        If ``known_skills`` has another shape or an argument is unknown.
    """
    mask = mask_of("known_skills", known_skills, graph.num_skills)
    if candidates not in ("adjacent", "teachable"):
        raise ValueError(f'candidates must be "adjacent" or "teachable", got "{candidates}"')
    most = count("learner", learner)
    texts = np.repeat(np.arange(graph.num_texts), graph.skills_per_text)
    unknown = np.bincount(texts[~mask[graph.text_skills]], minlength=graph.num_texts)
    opens = unknown <= most if candidates == "teachable" else unknown < graph.skills_per_text
    found = np.zeros(graph.num_skills, np.bool_)
    found[graph.text_skills[opens[texts]]] = True
    return found & ~mask


def explore(
    graph: SkillTextGraph,
    known_skills: np.ndarray,
    innovation: Innovation,
    *,
    steps: int,
    rng: np.random.Generator,
    extinction: float = 0.0,
    resources: Resources | None = None,
    candidates: Candidates = "adjacent",
    learner: int = 1,
) -> Exploration:
    """Let the known set grow into its adjacent possible.

    In every step each known skill is lost with probability mu, and round(f rate(M)) new ones (rounded at random, so
    that the mean is right) are drawn uniformly from the candidates, as many as there are and as fit below the cap.

    Parameters
    ----------
    graph : SkillTextGraph
    known_skills : (num_skills,) bool array
        At the start, at least one and at most the cap.
    innovation : Innovation
    steps : int
        At least 0.
    rng : numpy.random.Generator
    extinction : float
        mu in [0, 1).
    resources : Resources, optional
        Factors and a hard cap.
    candidates, learner
        As in `adjacent_skills`.

    Returns
    -------
    Exploration

    Raises
    ------
    ValueError
        If an argument is out of range, nothing is known at the start, or the cap is not hard or below that.

    Examples
    --------
    >>> from skillgraph.adjacent_possible.innovation import constant
    >>> from skillgraph import from_edges, generator
    >>> import numpy as np
    >>> graph = from_edges([0, 0, 1, 1], [0, 1, 1, 2])
    >>> found = explore(graph, np.array([True, True, False]), constant(1.0), steps=3, rng=generator(1, 'walk'))
    >>> bool(found.known_count[-1] >= 2)
    True
    """
    state = mask_of("known_skills", known_skills, graph.num_skills).copy()
    mu, limits = extinction_of(extinction), resources or Resources()
    if not state.any():
        raise ValueError("M0 must be at least 1 skill known at the start, got 0")
    if limits.kind != "hard":
        raise ValueError(f'the cap of an exploration must be "hard", got "{limits.kind}"')
    limits.require_room(int(state.sum()))
    last = count("steps", steps, least=0)
    sizes, possible = np.empty(last + 1, np.int64), np.empty(last + 1, np.int64)
    for step in range(last + 1):
        beside = np.flatnonzero(adjacent_skills(graph, state, candidates=candidates, learner=learner))
        sizes[step], possible[step] = state.sum(), beside.size
        if step < last:
            _step(state, beside, innovation, mu, limits, rng)
    return Exploration(state, sizes, possible)


def _step(
    state: np.ndarray,
    beside: np.ndarray,
    innovation: Innovation,
    mu: float,
    limits: Resources,
    rng: np.random.Generator,
) -> None:
    """Lose some known skills and gain some of ``beside``, in place."""
    items = int(state.sum())
    wanted = limits.factor * innovation.rate(items) if limits.factor and items else 0.0
    if mu:
        held = np.flatnonzero(state)
        state[held[rng.random(held.size) < mu]] = False
    room = min(beside.size, limits.cap - int(state.sum()))
    number = int(min(wanted, room))
    if wanted < room and rng.random() < wanted - number:
        number = min(number + 1, math.floor(room))
    state[rng.choice(beside, number, replace=False)] = True
