"""Graphs too large to store: edges are a pure function of (seed, node), drawn when they are needed and drawn again.

Percolation holds one word and a half per skill, peeling one word of 64 bits per text, a bit per skill and two queues;
nothing is held per edge. The ensembles are those of `skillgraph.graphs.sampling.sample`: seen from a text (texts by
law with uniform popularity) or from a skill (every edge there independently, or skills by law that choose texts
uniformly).
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numba
import numpy as np

from skillgraph._kernels import accumulators, draws, linked, union_find
from skillgraph._kernels import implicit as kernels
from skillgraph._kernels.union_find import start
from skillgraph.checks import all_texts, count, increasing, share, threads_of
from skillgraph.ensembles.degrees import binomial
from skillgraph.ensembles.ensemble import Ensemble
from skillgraph.ensembles.laws import DegreeLaw, Poisson
from skillgraph.ensembles.parsing import EnsembleLike, parse_ensemble
from skillgraph.graphs.graph import SkillTextGraph, from_edges
from skillgraph.records import Record
from skillgraph.seeding import counter_key, generator
from skillgraph.simulation.percolation import ComponentCurve

__all__ = [
    "ImplicitComponents",
    "ImplicitPeeling",
    "implicit_components",
    "implicit_curve",
    "implicit_peeling",
    "stored_by_skill",
    "stored_by_text",
]

_SLICE = 2_000_000  # nodes between two looks at the keyboard
_SHARE = 2**18  # texts that a thread joins before it looks for more
_LARGEST = 2**31 - 1
_MISFIT = 1e-6  # share of nodes beyond the other side that is conditioned away
_LONGEST = 4096  # largest degree
_CACHED = 2**22  # texts whose accumulators need no buckets
_CAPACITY = 2**12  # edges that wait in a bucket
_FULL = 256  # with fewer texts per bucket in a round, edges do not wait
Progress = Callable[[str, int, int], None]


class ImplicitComponents(Record):
    """Result of `implicit_components`.

    Attributes
    ----------
    num_skills, num_texts : int
    largest, second_largest : int
        Skills in the two largest components; the second is 0 where there is one component only.
    sum_squares : int
        Sum of squared sizes of all components, the largest included.
    num_components : int
        A skill in no text is a component of its own.
    """

    num_skills: int
    num_texts: int
    largest: int
    second_largest: int
    sum_squares: int
    num_components: int


class ImplicitPeeling(Record):
    """Result of `implicit_peeling`.

    Attributes
    ----------
    num_skills, num_texts, num_edges : int
        Edges of skills that are not known beforehand.
    known_count, learned_count : int
        Skills known beforehand, and learned or known in the end.
    learned_by_round : (rounds + 1,) int64 array
        Learned or known skills after 0, 1, ... rounds.
    """

    num_skills: int
    num_texts: int
    num_edges: int
    known_count: int
    learned_count: int
    learned_by_round: np.ndarray

    @property
    def learned_share(self) -> float:
        """Share of skills that are learned or known."""
        return self.learned_count / self.num_skills


def implicit_curve(
    ensemble: EnsembleLike, num_skills: int, at: np.ndarray, *, seed: int, progress: Progress | None = None
) -> ComponentCurve:
    """Add texts one by one and return the components at chosen numbers of texts.

    Parameters
    ----------
    ensemble : Ensemble or str
        Texts by law with uniform popularity, of at most 4096 skills each.
    num_skills : int
        1 to 2^31 - 1; 6 bytes each.
    at : (points,) integer array
        Numbers of texts, increasing, not negative.
    seed : int
        The graph stands at the address (seed, "implicit texts").
    progress : callable, optional
        Called with a name, texts done and texts in all.

    Returns
    -------
    ComponentCurve
        Largest, second largest component and sum of squares at each of the points.
    """
    ensemble = parse_ensemble(ensemble)
    size, wanted = count("num_skills", num_skills, largest=_LARGEST), increasing("at", at).astype(np.uint64)
    thresholds, key = _thresholds(_text_law(ensemble, size), size), _key(seed, "implicit texts")
    words, counts = np.empty(size, np.uint32), np.empty(size // 2 + 2, np.uint32)
    state = np.array(start(words, counts, True), np.int64)
    out = np.empty((wanted.size, 3), np.int64)
    slot = int(wanted[0] == 0)
    if slot:
        out[0] = state
    closed = np.append(wanted, np.uint64(2**63))
    total = int(wanted[-1])
    for first in range(0, total, _SLICE):
        last = min(first + _SLICE, total)
        slot = kernels.sweep(key, thresholds, first, last, closed, slot, words, counts, state, out)
        if progress is not None:
            progress("texts", last, total)
    largest, second = out[:, 0].astype(np.int32), out[:, 1].astype(np.int32)
    return ComponentCurve(largest, second, out[:, 2].copy(), size, wanted.astype(np.int64))


def implicit_components(
    ensemble: EnsembleLike,
    num_skills: int,
    num_texts: int,
    *,
    seed: int,
    threads: int | None = None,
    progress: Progress | None = None,
) -> ImplicitComponents:
    """Return the components of the graph of all texts, of the same graph as `implicit_curve`.

    Several threads join skills in the same words at once, without locks; components do not depend on who joins them.

    Parameters
    ----------
    ensemble : Ensemble or str
        Texts by law with uniform popularity, of at most 4096 skills each.
    num_skills, num_texts : int
        1 to 2^31 - 1 skills of 4 bytes each.
    seed : int
        The graph stands at the address (seed, "implicit texts").
    threads : int, optional
        All processors if omitted.
    progress : callable, optional
        Called with a name, texts done and texts in all.

    Returns
    -------
    ImplicitComponents

    Raises
    ------
    ValueError
        If the ensemble is of another kind or a number is out of range.
    """
    ensemble = parse_ensemble(ensemble)
    size, texts = count("num_skills", num_skills, largest=_LARGEST), count("num_texts", num_texts, largest=_LARGEST)
    thresholds, key = _thresholds(_text_law(ensemble, size), size), _key(seed, "implicit texts")
    workers = 1 if numba.config.DISABLE_JIT else min(threads_of(threads), 64)
    words = np.empty(size, np.uint32)
    with ThreadPoolExecutor(workers) as pool:

        def spread(kernel: Callable[..., Any], *rest: Any) -> list[Any]:
            parts = range(0, size, _SHARE)
            return list(pool.map(lambda first: kernel(words, first, min(first + _SHARE, size), *rest), parts))

        def part(first: int) -> int:
            last = min(first + _SHARE, texts)
            (kernels.unite_drawn if workers == 1 else kernels.link_drawn)(key, thresholds, first, last, words)
            return last

        if workers == 1:
            union_find.all_alone(words)
        else:
            spread(linked.each_alone)
        for last in pool.map(part, range(0, texts, _SHARE)):
            if progress is not None:
                progress("texts", last, texts)
        if workers > 1:
            spread(linked.flatten)
            some, times = np.unique(words[:: max(1, size // 1000)], return_counts=True)
            spread(linked.open_sizes)
            spread(linked.count_sizes, int(some[times.argmax()]))
        found = spread(linked.summarise)
    largest = sorted((one for part_found in found for one in part_found[:2]), reverse=True)
    return ImplicitComponents(
        size, texts, largest[0], largest[1], sum(one[2] for one in found), sum(one[3] for one in found)
    )


def implicit_peeling(
    ensemble: EnsembleLike,
    num_skills: int,
    num_texts: int | None = None,
    *,
    seed: int,
    known: float = 0.0,
    progress: Progress | None = None,
) -> ImplicitPeeling:
    """Peel to the end, round by round (D = 1).

    Parameters
    ----------
    ensemble : Ensemble or str
        Poisson texts with uniform popularity, or a configuration ensemble with Poisson skills per text.
    num_skills, num_texts : int
        1 to 2^31 - 1; texts of a configuration ensemble follow from its full ratio. 16 bytes per text.
    seed : int
        The graph stands at the address (seed, "implicit skills").
    known : float
        Share of skills known beforehand, each independently.
    progress : callable, optional
        Called with a name, skills done and skills in all.

    Returns
    -------
    ImplicitPeeling
    """
    ensemble = parse_ensemble(ensemble)
    size, texts, law = _by_skill(ensemble, num_skills, num_texts)
    thresholds, key = _thresholds(law, texts), _key(seed, "implicit skills")
    beforehand = _known_bits(size, known, generator(seed, "implicit known"))
    known_count = int(np.bitwise_count(beforehand).sum())
    cells, edges, nothing = np.zeros(texts, np.uint64), 0, np.empty(0, np.uint32)
    waiting = _buckets(texts)
    for first in range(0, size, _SLICE):
        last = min(first + _SLICE, size)
        edges += kernels.add_edges(key, thresholds, first, last, beforehand, cells, *waiting)
        if progress is not None:
            progress("edges drawn, skills", last, size)
    kernels.empty_buckets(False, cells, *waiting, nothing, 0)
    ready, following = np.empty(texts, np.uint32), np.empty(texts, np.uint32)
    count, learned = accumulators.unknown_once(cells, ready), [known_count]
    while count > 0:
        now, filled = 0, 0
        through = waiting if count > _FULL * waiting[1].size else _buckets(0)
        for first in range(0, count, _SLICE):
            last = min(first + _SLICE, count)
            state = cells, beforehand, ready, first, last, *through, following, filled
            filled, found = kernels.teach(key, thresholds, *state)
            now += found
        filled = kernels.empty_buckets(True, cells, *through, following, filled)
        ready, following, count = following, ready, filled
        if now:
            learned.append(learned[-1] + now)
        if progress is not None:
            progress("learned, skills", learned[-1], size)
    return ImplicitPeeling(size, texts, edges, known_count, learned[-1], np.array(learned))


def stored_by_text(ensemble: EnsembleLike, num_skills: int, num_texts: int, *, seed: int) -> SkillTextGraph:
    """Return the graph of `implicit_curve`, stored."""
    ensemble = parse_ensemble(ensemble)
    size, texts = count("num_skills", num_skills, largest=_LARGEST), count("num_texts", num_texts, largest=_LARGEST)
    rows, skills = _stored(_text_law(ensemble, size), _key(seed, "implicit texts"), texts, size)
    return from_edges(rows, skills, texts, size)


def stored_by_skill(
    ensemble: EnsembleLike, num_skills: int, num_texts: int | None = None, *, seed: int
) -> SkillTextGraph:
    """Return the graph of `implicit_peeling`, stored."""
    ensemble = parse_ensemble(ensemble)
    size, texts, law = _by_skill(ensemble, num_skills, num_texts)
    rows, columns = _stored(law, _key(seed, "implicit skills"), size, texts)
    return from_edges(columns, rows, texts, size)


def _stored(law: DegreeLaw, key: np.ndarray, nodes: int, number: int) -> tuple[np.ndarray, np.ndarray]:
    """Return both ends of all edges."""
    thresholds, degrees = _thresholds(law, number), np.empty(nodes, np.int64)
    draws.degrees(key, thresholds, degrees)
    indptr = np.concatenate(([0], np.cumsum(degrees)))
    others = np.empty(int(indptr[-1]), np.uint32)
    draws.neighbours(key, thresholds, np.uint64(number), indptr, others)
    return np.repeat(np.arange(nodes), degrees), others.astype(np.int64)


def _text_law(ensemble: Ensemble, num_skills: int) -> DegreeLaw:
    if ensemble.popularity is None or not ensemble.popularity.is_uniform:
        raise ValueError(f"implicit percolation needs texts by law with uniform popularity, got {ensemble}")
    law = ensemble.skills_per_text
    if ensemble.independent_edges:
        return binomial(num_skills, law.mean / num_skills)
    _require_fit("skills per text", law, num_skills)
    return law


def _by_skill(ensemble: Ensemble, num_skills: int, num_texts: int | None) -> tuple[int, int, DegreeLaw]:
    """Return R, T and the law of texts per skill where skills choose their texts uniformly."""
    size = count("num_skills", num_skills, largest=_LARGEST)
    if ensemble.independent_edges:
        if num_texts is None:
            raise ValueError("num_texts must be given: texts by law can be added without end")
        texts = count("num_texts", num_texts, largest=_LARGEST)
        return size, texts, binomial(texts, ensemble.skills_per_text.mean / size)
    if ensemble.texts_per_skill is None or not isinstance(ensemble.skills_per_text, Poisson):
        raise ValueError(f"implicit peeling needs Poisson skills per text and uniform popularity, got {ensemble}")
    assert ensemble.full_ratio is not None
    texts = count(
        "num_texts", all_texts(ensemble.full_ratio, size) if num_texts is None else num_texts, largest=_LARGEST
    )
    _require_fit("texts per skill", ensemble.texts_per_skill, texts)
    return size, texts, ensemble.texts_per_skill


def _require_fit(name: str, law: DegreeLaw, number: int) -> None:
    beyond = law.exceeds(number)
    if beyond > _MISFIT:
        raise ValueError(f'{name} "{law}" exceed the {number} nodes that can be drawn in a share {beyond:.3g}')


def _thresholds(law: DegreeLaw, number: int) -> np.ndarray:
    """Return floor(2^64 P(degree <= k)) for k below the largest degree, given that at most ``number`` fit."""
    probabilities = law.probabilities[: number + 1]
    if probabilities.size - 1 > _LONGEST:
        raise ValueError(f'implicit graphs take degrees up to {_LONGEST}, got "{law}"')
    below = np.minimum(np.cumsum(probabilities / probabilities.sum())[:-1], 1 - 2.0**-53)
    return (below * 2.0**64).astype(np.uint64)


def _key(seed: int, name: str) -> np.ndarray:
    return counter_key(generator(seed, name))


def _buckets(texts: int) -> tuple[np.ndarray, np.ndarray]:
    """Return room for edges that wait, (buckets, capacity) uint64 and (buckets,) int64; none for a few texts."""
    number = (texts >> int(kernels.BUCKET_BITS)) + 1 if texts > _CACHED else 0
    return np.empty((number, _CAPACITY if number else 0), np.uint64), np.zeros(number, np.int64)


def _known_bits(num_skills: int, known: float, rng: np.random.Generator) -> np.ndarray:
    """Draw the skills known beforehand, one bit each, (num_skills // 8 + 1,) uint8."""
    share("known", known)
    bits = np.zeros(num_skills // 8 + 1, np.uint8)
    if known > 0:
        for first in range(0, num_skills, 8 * _SLICE):
            last = min(first + 8 * _SLICE, num_skills)
            packed = np.packbits(rng.random(last - first) < known, bitorder="little")
            bits[first // 8 : first // 8 + packed.size] = packed
    return bits
