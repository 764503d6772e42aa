"""Many replicates at once: drawn, learned, joined and counted in one compiled walk, summed as integers.

Replicate i is a pure function of (seed, address, i), whoever computes it: `graph_of_replicate` returns the very graph
that the batch walks through without storing it. So sums do not depend on threads or on how replicates are cut into
pieces, and pieces add up.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from skillgraph._kernels import batch as kernels
from skillgraph._kernels import batch_draws as draws
from skillgraph.checks import count, share, shown, threads_of
from skillgraph.ensembles.parsing import EnsembleLike, parse_ensemble
from skillgraph.graphs.graph import LARGEST, SkillTextGraph
from skillgraph.replicates import in_order
from skillgraph.seeding import counter_key, generator
from skillgraph.simulation.batch_laws import drawing_room, law_of, mean_edges
from skillgraph.simulation.observe import OBSERVABLES, observe
from skillgraph.simulation.observed import Observed

__all__ = ["graph_of_replicate", "observe_many"]

_ADDRESS = ("batch",)
_MOST_REPLICATES = 2**30  # that sums hold; they are numbered below 2^32
_LARGE = 400_000  # skills and edges from which stored graphs, whose kernels ask the memory ahead, outrun the walk
_PIECE = 2e6  # skills and edges in a piece of work, about 0.05 s


@dataclass(frozen=True, eq=False)
class _Plan:
    """What every piece of work needs to know."""

    law: draws.Law
    key: np.ndarray
    at: np.ndarray
    learner: int
    known: float
    fewest: int
    edges: int
    each: bool

    @property
    def num_skills(self) -> int:
        return int(self.law.num_skills)

    @property
    def is_large(self) -> bool:
        return self.num_skills + self.edges > _LARGE


@dataclass(frozen=True, eq=False)
class _Sums:
    """Sums of some replicates, see `skillgraph._kernels.batch.observe`."""

    sums: np.ndarray
    failures: np.ndarray
    failed: np.ndarray
    each: np.ndarray


def observe_many(
    ensemble: EnsembleLike,
    num_skills: int,
    num_texts: ArrayLike,
    *,
    replicates: int,
    seed: int,
    address: Sequence[int | str] = _ADDRESS,
    first: int = 0,
    learner: int = 1,
    known: float = 0.0,
    unlearned_between: float | None = None,
    each: bool = False,
    threads: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> Observed:
    """Observe many replicates of an ensemble at a grid of numbers of texts.

    Each replicate is a graph of its own whose texts arrive one by one; it has the law of
    `skillgraph.graphs.sampling.sample`, and texts of a configuration ensemble arrive in random order. Degrees beyond
    which a law has less than 10^-15 are not drawn.

    Parameters
    ----------
    ensemble : Ensemble or str
    num_skills : int
        1 to 2^31 - 1.
    num_texts : (grid,) integer array
        Numbers of texts after which to count, not negative, never falling.
    replicates : int
        1 to 2^30.
    seed : int
    address : sequence of int or str
        The key of all words stands at the address (seed, *address); replicate i draws those with i in their counter.
    first : int
        Number of the first replicate: pieces ``first`` = 0, 1000, 2000, ... of one address add up to the whole.
    learner : int
        Unknown skills that one text can teach.
    known : float
        Share of skills known beforehand, each independently.
    unlearned_between : float, optional
        A replicate fails while its unlearned skills exceed this share of all; counts failures where given.
    each : bool
        Whether to keep the counts of every replicate.
    threads : int, optional
        Pieces computed side by side; the numbers do not depend on it. All processors if omitted.
    progress : callable, optional
        Called with the number of replicates finished.

    Returns
    -------
    Observed
        Exact integers of any size.

    Raises
    ------
    ValueError
        If a parameter is out of range or the law does not fit the number of skills.

    Examples
    --------
    >>> seen = observe_many("poisson:4", 500, [500, 1000], replicates=100, seed=1)
    >>> len(seen.sums["learned_share"])
    2
    >>> halves = [observe_many("poisson:4", 500, [500, 1000], replicates=50, seed=1, first=i) for i in (0, 50)]
    >>> halves[0] + halves[1] == seen
    True
    """
    number, grid = count("replicates", replicates, largest=_MOST_REPLICATES), _grid(num_texts)
    start = _first(first, number)
    at, place = np.unique(grid, return_inverse=True)
    size = count("num_skills", num_skills, largest=LARGEST)
    most = None if unlearned_between is None else _most_unlearned(unlearned_between, size)
    plan = _plan(ensemble, size, at, seed, address, learner, known, most, each)
    piece = _one_by_graph if plan.is_large else _one_by_walk
    step = _step(plan, number, workers := threads_of(threads))
    begins = range(start, start + number, step)

    def one(begin: int) -> _Sums:
        return piece(plan, begin, min(step, start + number - begin))

    def finished(pieces: int) -> None:
        if progress is not None:
            progress(min(pieces * step, number))

    return _observed(plan, number, grid, place, most, _total(plan, in_order(one, begins, workers, finished)))


def graph_of_replicate(
    ensemble: EnsembleLike,
    num_skills: int,
    num_texts: int,
    replicate: int,
    *,
    seed: int,
    address: Sequence[int | str] = _ADDRESS,
    known: float = 0.0,
) -> tuple[SkillTextGraph, np.ndarray | None]:
    """Return the graph of one replicate of `observe_many`, texts in order of arrival, and the skills known beforehand.

    Parameters
    ----------
    ensemble : Ensemble or str
    num_skills, num_texts : int
    replicate : int
    seed : int
    address : sequence of int or str
    known : float

    Returns
    -------
    graph : SkillTextGraph
    known_skills : (num_skills,) bool array, or None if ``known`` is 0

    Raises
    ------
    ValueError
        As `observe_many`.

    Examples
    --------
    >>> graph, known_skills = graph_of_replicate("fixed:3", 500, 1000, 7, seed=1)
    >>> graph.num_edges
    3000
    """
    at = np.array([count("num_texts", num_texts, least=0, largest=LARGEST)])
    plan = _plan(ensemble, num_skills, at, seed, address, 1, known, None, False)
    return _graph(plan, _first(replicate, 1))


def _first(first: int, replicates: int) -> int:
    return count("first", first, least=0, largest=2**32 - replicates)


def _grid(num_texts: ArrayLike) -> np.ndarray:
    grid = np.atleast_1d(np.asarray(num_texts))
    if grid.ndim != 1 or grid.size == 0 or grid.dtype.kind not in "iu" or grid[0] < 0 or np.any(grid[1:] < grid[:-1]):
        raise ValueError(f"num_texts must be integers that are not negative and never fall, got {shown(num_texts)}")
    count("num_texts", grid[-1], least=0, largest=LARGEST)
    return grid.astype(np.int64)


def _most_unlearned(unlearned_between: float, num_skills: int) -> int:
    """Return the largest number whose share does not exceed the boundary, 29 of 100 for 0.29."""
    boundary = share("unlearned_between", unlearned_between)
    near = math.floor(boundary * num_skills)
    return max(n for n in (near - 1, near, near + 1) if n / num_skills <= boundary)


def _plan(
    ensemble: EnsembleLike,
    num_skills: int,
    at: np.ndarray,
    seed: int,
    address: Sequence[int | str],
    learner: int,
    known: float,
    most_unlearned: int | None,
    each: bool,
) -> _Plan:
    """Check what callers give and prepare what all replicates share."""
    found, size = parse_ensemble(ensemble), count("num_skills", num_skills, largest=LARGEST)
    law = law_of(found, size, int(at[-1]))
    capacity = min(count("learner", learner), LARGEST)
    fewest = 0 if most_unlearned is None else size - most_unlearned
    edges = mean_edges(found, int(at[-1]))
    key = counter_key(generator(seed, *address))
    return _Plan(law, key, at, capacity, share("known", known), fewest, edges, each)


def _step(plan: _Plan, replicates: int, threads: int) -> int:
    """Return how many replicates make a piece of work."""
    if plan.is_large:
        return 1
    worth = int(_PIECE / (plan.num_skills + plan.edges))
    return max(1, min(worth, -(-replicates // (4 * threads))))


def _empty(plan: _Plan, number: int) -> _Sums:
    points = plan.at.size
    return _Sums(
        np.zeros((kernels.OBSERVED, points, kernels.LIMBS), np.uint64),
        np.zeros(points, np.int64),
        np.zeros((points, kernels.LIMBS), np.uint64),
        np.empty((number if plan.each else 0, kernels.OBSERVED, points), np.int64),
    )


def _one_by_walk(plan: _Plan, first: int, number: int) -> _Sums:
    """Walk through some replicates."""
    out, at = _empty(plan, number), plan.at.astype(np.uint64)
    rules = plan.known, plan.learner, at, plan.fewest, plan.edges
    kernels.observe(
        plan.key, first, number, plan.law, drawing_room(plan.law), *rules, out.sums, out.failures, out.failed, out.each
    )
    return out


def _one_by_graph(plan: _Plan, first: int, number: int) -> _Sums:
    """Draw the graphs of some replicates and count on them."""
    out = _empty(plan, number)
    for i in range(number):
        graph, known_skills = _graph(plan, first + i)
        seen = observe(graph, plan.at, known_skills=known_skills, learner=plan.learner)
        counts = np.stack([seen[name] for name in OBSERVABLES])
        kernels.tally(counts, plan.fewest, out.sums, out.failures, out.failed)
        if plan.each:
            out.each[i] = counts
    return out


def _graph(plan: _Plan, replicate: int) -> tuple[SkillTextGraph, np.ndarray | None]:
    """Store the graph of a replicate."""
    which, room, texts = np.uint64(replicate), drawing_room(plan.law), int(plan.at[-1])
    known = None if plan.known == 0 else np.empty(plan.num_skills, np.bool_)
    draws.open_replicate(plan.law, room)
    if known is not None:
        draws.draw_known(plan.key, which, plan.known, room, known)
    lengths, indptr = np.empty(texts, np.int64), np.zeros(texts + 1, np.int64)
    draws.draw_lengths(plan.key, which, plan.law, room, lengths)
    np.cumsum(lengths, out=indptr[1:])
    skills, marks = np.empty(int(indptr[-1]), np.int32), np.empty(plan.num_skills, np.uint64)
    draws.draw_rows(plan.key, which, plan.law, room, indptr, marks, skills)
    return SkillTextGraph(plan.num_skills, indptr, skills[: indptr[-1]]), known


def _total(plan: _Plan, parts: Iterable[_Sums]) -> _Sums:
    """Add pieces up, one after the other."""
    total, each = _empty(plan, 0), []
    for part in parts:
        for name in ("sums", "failures", "failed"):
            getattr(total, name)[...] += getattr(part, name)
        each.append(part.each)
    return replace(total, each=np.concatenate(each))


def _observed(
    plan: _Plan, number: int, grid: np.ndarray, place: np.ndarray, most: int | None, total: _Sums
) -> Observed:
    """Return sums as integers, and spread what was counted once over grid points that are the same."""
    sums, squares = _integers(total.sums[:, place])
    failed, failed_squares = _integers(total.failed[place])
    failures, each = tuple(total.failures[place].tolist()), total.each[:, :, place] if plan.each else None
    return Observed(
        plan.num_skills,
        number,
        grid,
        {name: tuple(row) for name, row in zip(OBSERVABLES, sums, strict=True)},
        {name: tuple(row) for name, row in zip(OBSERVABLES, squares, strict=True)},
        most,
        None if most is None else failures,
        None if most is None else tuple(failed),
        None if most is None else tuple(failed_squares),
        None if each is None else {name: each[:, i] for i, name in enumerate(OBSERVABLES)},
    )


def _integers(limbs: Any) -> tuple[list[Any], list[Any]]:
    """Return sums and sums of squares, exactly; limbs: (..., LIMBS) uint64, see the kernel ``add``."""
    digits = limbs.astype(object)
    total = digits[..., 0] + (digits[..., 1] << 32)
    square = digits[..., 2] + (digits[..., 3] << 32) + (digits[..., 4] << 64) + (digits[..., 5] << 96)
    return total.tolist(), square.tolist()
