"""Components by simulation: of a graph as it stands, Newman-Ziff curves, associations of learned skills.

Components are sets of skills joined by shared texts, and their size is their number of skills. The skill projection is
never built: a text with k skills is k - 1 unions.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from skillgraph._kernels import pairs, union_find
from skillgraph._kernels import percolation as kernels
from skillgraph.checks import mask_of, order_of
from skillgraph.graphs.graph import SkillTextGraph, inverse
from skillgraph.records import Record
from skillgraph.statistics.canonical import canonical

__all__ = [
    "ComponentCurve",
    "Components",
    "associations",
    "associations_curve",
    "canonical",
    "components",
    "curve_by_edges",
    "curve_by_skills",
    "curve_by_texts",
    "largest_by_texts",
]

_NEVER = 2**32 - 1
_NO_ORDER = np.empty(0, np.uint64)
_ALL_SKILLS = np.empty(0, np.bool_)


class Components(Record):
    """The components of a graph of skills.

    Attributes
    ----------
    labels : (num_skills,) int32 array
        Component of each skill, numbered by first skill; -1 for a skill that is not in the graph.
    sizes : (components,) int32 array
        Skills in each component.
    """

    labels: np.ndarray
    sizes: np.ndarray

    @property
    def num_skills(self) -> int:
        """Number of all skills, in the graph or not."""
        return int(self.labels.size)

    @property
    def largest(self) -> int:
        """Skills in the largest component, 0 without any."""
        return int(self.sizes.max(initial=0))

    @property
    def second_largest(self) -> int:
        """Skills in the second largest component, 0 without any; equal to ``largest`` in a tie."""
        return int(np.partition(self.sizes, -2)[-2]) if self.sizes.size > 1 else 0

    @property
    def sum_squares(self) -> int:
        """Sum of squared sizes of all components (below 2**62, exact)."""
        return int(np.square(self.sizes, dtype=np.int64).sum())

    @property
    def susceptibility(self) -> float:
        """Sum of squared sizes without the largest component, per skill of the whole graph."""
        return (self.sum_squares - self.largest**2) / max(self.num_skills, 1)


class ComponentCurve(Record):
    """Component sizes after a number of steps, on one graph and one order.

    Sizes stay below 2**31 and the sum of their squares below 2**62, so both are exact. The sum of fourth powers would
    not fit int64 from 55,109 skills on and is not kept: Binder's cumulant is made of moments of ``largest`` over
    replicates, in float64.

    Attributes
    ----------
    largest, second_largest : (steps,) int32 array
        Skills in the two largest components; ``second_largest`` is 0 where there is one component only.
    sum_squares : (steps,) int64 array
        Sum of squared sizes of all components, the largest included.
    num_skills : int
        Number of all skills, which normalises the susceptibility.
    at : (steps,) int64 array or None
        Number of texts, edges or skills added before each entry; None: 0, 1, 2, ...
    """

    largest: np.ndarray
    second_largest: np.ndarray
    sum_squares: np.ndarray
    num_skills: int
    at: np.ndarray | None = None

    @property
    def steps(self) -> np.ndarray:
        """Number of texts, edges or skills added before each entry."""
        return np.arange(self.largest.size, dtype=np.int64) if self.at is None else self.at

    @property
    def susceptibility(self) -> np.ndarray:
        """Sum of squared sizes without the largest component, per skill of the whole graph, active or not."""
        return (self.sum_squares - np.square(self.largest, dtype=np.int64)) / max(self.num_skills, 1)


def components(graph: SkillTextGraph) -> Components:
    """Find the components of skills joined by shared texts.

    Parameters
    ----------
    graph : SkillTextGraph

    Returns
    -------
    Components
        Labels numbered by the first skill of each component; a skill in no text is a component of its own.

    Raises
    ------
    TypeError
        If ``graph`` is no `SkillTextGraph`.

    Examples
    --------
    >>> from skillgraph import from_edges
    >>> found = components(from_edges([0, 0, 1], [0, 1, 2]))
    >>> found.sizes.tolist()
    [2, 1]
    """
    return _components(graph, _ALL_SKILLS)


def associations(graph: SkillTextGraph, learned: np.ndarray) -> Components:
    """Find the components of learned skills, two being joined if they share a text.

    Parameters
    ----------
    graph : SkillTextGraph
    learned : (num_skills,) bool array
        Skills in the graph; all others have label -1 and are in no component.

    Returns
    -------
    Components
        Its susceptibility is per skill of the whole graph, learned or not.

    Raises
    ------
    ValueError
        If ``learned`` has another shape or is not boolean.
    """
    return _components(graph, mask_of("learned", learned, graph.num_skills))


def curve_by_texts(
    graph: SkillTextGraph, order: np.ndarray | None = None, *, at: np.ndarray | None = None
) -> ComponentCurve:
    """Add texts one by one to the graph of all skills and follow its components.

    Parameters
    ----------
    graph : SkillTextGraph
    order : (num_texts,) integer array, optional
        Permutation of the texts; their order in the graph if omitted.
    at : (entries,) integer array, optional
        Increasing numbers of texts after which to keep an entry; after 0, 1, ..., num_texts if omitted.

    Returns
    -------
    ComponentCurve

    Raises
    ------
    ValueError
        If ``order`` is no permutation of the texts or ``at`` does not increase within 0..num_texts.

    References
    ----------
    Newman & Ziff (2000), Phys. Rev. Lett. 85, 4104: one union per new edge gives every point of the curve.

    Examples
    --------
    >>> from skillgraph import from_edges
    >>> curve_by_texts(from_edges([0, 0, 1, 1], [0, 1, 1, 2])).largest.tolist()
    [1, 2, 3]
    """
    wanted = _steps_wanted(at, graph.num_texts)
    indptr, skills = _texts_in_order(graph, order)
    words, counts, _ = _scratch(graph)

    def sweep(*out: np.ndarray) -> None:
        if pairs.all_pairs(graph.text_indptr):
            pairs.sweep_pairs(skills, *out)
        else:
            kernels.sweep_texts(indptr, skills, *out)

    return _curve(graph, graph.num_texts, wanted, sweep, (words, counts))


def largest_by_texts(
    graph: SkillTextGraph, order: np.ndarray | None = None, *, at: np.ndarray | None = None
) -> np.ndarray:
    """Add texts one by one to the graph of all skills and follow the largest component alone.

    The numbers of `curve_by_texts`, in three quarters of its time and a quarter of its memory.

    Parameters
    ----------
    graph, order, at
        As in `curve_by_texts`.

    Returns
    -------
    (entries,) int32 array
        Skills in the largest component.

    Raises
    ------
    ValueError
        As `curve_by_texts`.

    Examples
    --------
    >>> from skillgraph import from_edges
    >>> largest_by_texts(from_edges([0, 0, 1, 1], [0, 1, 1, 2])).tolist()
    [1, 2, 3]
    """
    wanted = _steps_wanted(at, graph.num_texts)
    indptr, skills = _texts_in_order(graph, order)
    slots = graph.num_texts + 1 if wanted is None else wanted.size
    out = _closed(wanted), np.empty(graph.num_skills, np.uint32), np.empty(slots + 1, np.int32)
    if pairs.all_pairs(graph.text_indptr):
        pairs.largest_by_pairs(skills, *out)
    else:
        kernels.largest_by_texts(indptr, skills, *out)
    return out[-1][:slots]


def curve_by_edges(graph: SkillTextGraph, order: np.ndarray, *, at: np.ndarray | None = None) -> ComponentCurve:
    """Add skill-text edges one by one to the graph of all skills and follow its components.

    Two skills are joined once both their edges to a shared text are there; sizes count skills, not texts.

    Parameters
    ----------
    graph : SkillTextGraph
    order : (num_edges,) integer array
        Permutation of the edges, numbered as in ``graph.text_skills``.
    at : (entries,) integer array, optional
        Increasing numbers of edges after which to keep an entry; after 0, 1, ..., num_edges if omitted.

    Returns
    -------
    ComponentCurve

    Raises
    ------
    ValueError
        If ``order`` is no permutation of the edges or ``at`` does not increase within 0..num_edges.

    References
    ----------
    Newman & Ziff (2001), Phys. Rev. E 64, 016706, bond percolation; here on the bipartite graph.

    Examples
    --------
    >>> from skillgraph import from_edges
    >>> curve_by_edges(from_edges([0, 0, 1, 1], [0, 1, 1, 2]), [0, 3, 1, 2]).largest.tolist()
    [1, 1, 1, 2, 3]
    """
    wanted = _steps_wanted(at, graph.num_edges)
    permutation = _uint64(order_of(order, graph.num_edges, "edge"))
    degrees = np.diff(graph.text_indptr)
    edge_texts = np.repeat(np.arange(graph.num_texts, dtype=np.uint32), degrees)
    texts, skills = np.empty_like(edge_texts), np.empty_like(edge_texts)
    kernels.take_edges(edge_texts, _uint32(graph.text_skills), permutation, texts, skills)
    del edge_texts, permutation
    return _curve(
        graph, graph.num_edges, wanted, lambda *out: kernels.sweep_edges(texts, skills, *out), _scratch(graph)
    )


def curve_by_skills(graph: SkillTextGraph, order: np.ndarray, *, at: np.ndarray | None = None) -> ComponentCurve:
    """Activate skills one by one, all texts being there, and follow the components of active skills.

    Active skills that share a text are joined (site percolation); sizes count active skills. The susceptibility is per
    skill of the whole graph, active or not.

    Parameters
    ----------
    graph : SkillTextGraph
    order : (num_skills,) integer array
        Permutation of the skills.
    at : (entries,) integer array, optional
        Increasing numbers of skills after which to keep an entry; after 0, 1, ..., num_skills if omitted.

    Returns
    -------
    ComponentCurve

    Raises
    ------
    ValueError
        If ``order`` is no permutation of the skills or ``at`` does not increase within 0..num_skills.

    References
    ----------
    Newman & Ziff (2001), Phys. Rev. E 64, 016706, site percolation.

    Examples
    --------
    >>> from skillgraph import from_edges
    >>> curve_by_skills(from_edges([0, 0, 1, 1], [0, 1, 1, 2]), [0, 2, 1]).largest.tolist()
    [0, 1, 1, 3]
    """
    wanted = _steps_wanted(at, graph.num_skills)
    permutation = _uint64(order_of(order, graph.num_skills, "skill"))
    indptr, texts = _take_rows(_uint64(graph.skill_indptr), _uint32(graph.skill_texts), permutation)
    return _curve(
        graph,
        graph.num_skills,
        wanted,
        lambda *out: kernels.sweep_skills(indptr, texts, permutation, *out),
        _scratch(graph),
    )


def associations_curve(
    graph: SkillTextGraph,
    learned_at: np.ndarray,
    order: np.ndarray | None = None,
    *,
    at: np.ndarray | None = None,
) -> ComponentCurve:
    """Let texts arrive one by one and follow the components of the skills learned so far.

    Two learned skills are joined if they share a text that has arrived; a skill not yet learned is not in the graph.

    Parameters
    ----------
    graph : SkillTextGraph
    learned_at : (num_skills,) integer array
        Texts that have arrived when a skill is learned, itself included; 0 if known beforehand, -1 if never.
    order : (num_texts,) integer array, optional
        Permutation of the texts, the one of the learning curve; their order in the graph if omitted.
    at : (entries,) integer array, optional
        Increasing numbers of texts after which to keep an entry; after 0, 1, ..., num_texts if omitted.

    Returns
    -------
    ComponentCurve
        Sizes count learned skills; the susceptibility is per skill of the whole graph, learned or not.

    Raises
    ------
    ValueError
        If ``learned_at`` has another shape or leaves -1..num_texts, ``order`` is no permutation of the texts, or ``at``
        does not increase within 0..num_texts.
    """
    wanted = _steps_wanted(at, graph.num_texts)
    moments = _learning_steps(learned_at, graph)
    indptr, skills = _texts_in_order(graph, order)
    ranks = np.empty(int(np.count_nonzero(moments != _NEVER)), np.uint64)
    kernels.order_by_step(moments, np.zeros(graph.num_texts + 2, np.uint32), ranks)
    _read_only(ranks)
    back_indptr, texts = _take_rows(_uint64(graph.skill_indptr), _uint32(graph.skill_texts), ranks)
    if order is not None:
        texts = _read_only(inverse(order)[texts])
    return _curve(
        graph,
        graph.num_texts,
        wanted,
        lambda *out: kernels.sweep_learned(indptr, skills, moments, back_indptr, texts, ranks, *out),
        _scratch(graph),
    )


def _components(graph: SkillTextGraph, present: np.ndarray) -> Components:
    words = np.empty(graph.num_skills, np.uint32)
    kernels.unite_texts(_uint64(graph.text_indptr), _uint32(graph.text_skills), present, words)
    labels, sizes = np.empty(graph.num_skills, np.int32), np.empty(graph.num_skills, np.int32)
    found = union_find.label(words, present, labels, sizes)
    return Components(labels, sizes[:found].copy())


def _curve(
    graph: SkillTextGraph,
    num_steps: int,
    wanted: np.ndarray | None,
    sweep: Callable[..., None],
    scratch: tuple[np.ndarray, ...],
) -> ComponentCurve:
    """Allocate the outputs with one slot to spare, run a sweep, wrap."""
    slots = num_steps + 1 if wanted is None else wanted.size
    largest, second = np.empty(slots + 1, np.int32), np.empty(slots + 1, np.int32)
    squares = np.empty(slots + 1, np.int64)
    sweep(_closed(wanted), *scratch, largest, second, squares)
    return ComponentCurve(largest[:slots], second[:slots], squares[:slots], graph.num_skills, wanted)


def _closed(wanted: np.ndarray | None) -> np.ndarray:
    """Return the steps wanted for a kernel, closed by one that never comes; none: all."""
    return _NO_ORDER if wanted is None else np.append(wanted.astype(np.uint64), np.uint64(2**64 - 1))


def _scratch(graph: SkillTextGraph) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Allocate union-find words, the size book and the anchors of texts."""
    return (
        np.empty(graph.num_skills, np.uint32),
        np.empty(graph.num_skills // 2 + 2, np.uint32),
        np.empty(graph.num_texts, np.uint32),
    )


def _uint32(array: np.ndarray) -> np.ndarray:
    """Read skills or texts as uint32, without a copy where they are int32."""
    flat = np.ascontiguousarray(array)
    return _read_only(flat.view(np.uint32) if flat.dtype.itemsize == 4 else flat.astype(np.uint32))


def _uint64(array: np.ndarray) -> np.ndarray:
    """Read row starts or an order as uint64, without a copy where they are int64."""
    flat = np.ascontiguousarray(array)
    return _read_only(flat.view(np.uint64) if flat.dtype.itemsize == 8 else flat.astype(np.uint64))


def _read_only(array: np.ndarray) -> np.ndarray:
    """Close an array that is nobody else's, so that kernels are compiled for one kind of input."""
    array.setflags(write=False)
    return array


def _texts_in_order(graph: SkillTextGraph, order: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    indptr, skills = _uint64(graph.text_indptr), _uint32(graph.text_skills)
    if order is None:
        return indptr, skills
    return _take_rows(indptr, skills, _uint64(order_of(order, graph.num_texts, "text")))


def _take_rows(indptr: np.ndarray, columns: np.ndarray, order: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    degrees = indptr[1:] - indptr[:-1]
    num_edges = columns.size if order.size == degrees.size else int(degrees[order].sum())
    out_indptr, out_columns = np.empty(order.size + 1, np.uint64), np.empty(num_edges, np.uint32)
    kernels.take_rows(indptr, columns, order, out_indptr, out_columns)
    return _read_only(out_indptr), _read_only(out_columns)


def _integers(name: str, values: np.ndarray) -> np.ndarray:
    array = np.asarray(values)
    if array.ndim != 1 or (array.dtype.kind not in "iu" and array.size > 0):
        raise ValueError(f"{name} must be integers in one dimension, got {array.dtype} of shape {array.shape}")
    return array.astype(np.int64, copy=False)


def _steps_wanted(at: np.ndarray | None, num_steps: int) -> np.ndarray | None:
    if at is None:
        return None
    array = _integers("at", at)
    if array.size == 0 or array[0] < 0 or array[-1] > num_steps or (np.diff(array) <= 0).any():
        raise ValueError(f"at must increase strictly within 0..{num_steps}, got {array[:5]}...")
    return array.copy()


def _learning_steps(learned_at: np.ndarray, graph: SkillTextGraph) -> np.ndarray:
    """Check the steps of learning; -1 becomes 2**32 - 1, the latest."""
    array = _integers("learned_at", learned_at)
    if array.shape != (graph.num_skills,):
        raise ValueError(f"learned_at must have one entry per skill, {graph.num_skills}, got {array.size}")
    if array.size and (array.min() < -1 or array.max() > graph.num_texts):
        raise ValueError(
            f"learned_at must lie in -1..{graph.num_texts}, got values from {array.min()} to {array.max()}"
        )
    return array.astype(np.uint32)
