"""The two-layer object itself: skills, texts, composite skills, links counted one by one, prerequisites drawn."""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_array, csgraph

from skillgraph.checks import count
from skillgraph.ensembles.degrees import poisson
from skillgraph.ensembles.ensemble import texts_by_law
from skillgraph.graphs.graph import SkillTextGraph
from skillgraph.graphs.sampling import sample
from skillgraph.levels.emergence import tuple_competence
from skillgraph.levels.model import Level, LevelModel, Needs, Task
from skillgraph.records import Record
from skillgraph.seeding import generator
from skillgraph.simulation.peeling import peel

__all__ = ["SimulatedLevels", "linked_skills", "simulate_levels", "simulated_accuracy"]


class SimulatedLevels(Record):
    """Replicates of the two-layer object at one scale.

    Attributes
    ----------
    num_skills, num_texts : int
    largest : (replicates, levels) int64 array
        Composite skills in the largest component of each level.
    shared_edges : (replicates, levels) int64 array
        Pairs of composite skills with enough links, before prerequisites.
    """

    num_skills: int
    num_texts: int
    largest: np.ndarray
    shared_edges: np.ndarray


def linked_skills(graph: SkillTextGraph, among: np.ndarray | None = None) -> np.ndarray:
    """Return the pairs of different skills that share at least one text, each pair once.

    Parameters
    ----------
    graph : SkillTextGraph
    among : (num_skills,) bool array, optional
        Skills that count; all if omitted.

    Returns
    -------
    (pairs, 2) int64 array, first < second
    """
    sizes = np.diff(graph.text_indptr).astype(np.int64)
    starts = np.asarray(graph.text_indptr[:-1], dtype=np.int64)
    keys = [np.empty(0, np.int64)]
    for size in np.unique(sizes[sizes > 1]):
        places = starts[sizes == size][:, None] + np.arange(size)
        skills = graph.text_skills[places].astype(np.int64)
        first, second = np.triu_indices(size, 1)
        low = np.minimum(skills[:, first], skills[:, second]).ravel()
        high = np.maximum(skills[:, first], skills[:, second]).ravel()
        keep = low < high
        if among is not None:
            keep &= among[low] & among[high]
        keys.append(low[keep] * graph.num_skills + high[keep])
    unique = np.unique(np.concatenate(keys))
    return np.stack(np.divmod(unique, graph.num_skills), axis=1)


def simulate_levels(
    model: LevelModel,
    num_skills: int,
    num_texts: int,
    *,
    replicates: int,
    seed: int,
    needs: Needs = "edge",
    learned_only: bool = False,
) -> SimulatedLevels:
    """Draw the two-layer object and measure the largest component of each level.

    Each level divides the R skills among its S composite skills at random. Two composite skills are joined if at least
    eta pairs of skills, one of each, share a text. For ``needs="edge"`` every edge draws sigma prerequisites for each
    of its ends, for ``needs="skill"`` every composite skill draws its own once; all must lie in the largest component
    of the level below.

    Parameters
    ----------
    model : LevelModel
    num_skills, num_texts : int
    replicates, seed : int
        Replicate i stands at the address (seed, "levels", i).
    needs : {"edge", "skill"}
    learned_only : bool
        Whether only skills learned by peeling link.

    Returns
    -------
    SimulatedLevels

    Examples
    --------
    >>> from skillgraph.levels.model import levels
    >>> model = levels(200, [1, 2], 0, 4.0)
    >>> found = simulate_levels(model, 2000, 300, replicates=3, seed=1)
    >>> type(found).__name__
    'SimulatedLevels'
    """
    number = count("replicates", replicates)
    largest = np.empty((number, len(model.levels)), np.int64)
    edges = np.empty_like(largest)
    for replicate in range(number):
        rng = generator(seed, "levels", replicate)
        graph = sample(texts_by_law(poisson(model.skills_per_text)), num_skills, num_texts, rng=rng)
        pairs = linked_skills(graph, peel(graph).learned if learned_only else None)
        below = None
        for place, level in enumerate(model.levels):
            inside, edges[replicate, place] = _level(level, pairs, num_skills, below, needs, rng)
            largest[replicate, place] = np.count_nonzero(inside)
            below = inside
    return SimulatedLevels(num_skills, num_texts, largest, edges)


def _level(
    level: Level,
    pairs: np.ndarray,
    num_skills: int,
    below: np.ndarray | None,
    needs: Needs,
    rng: np.random.Generator,
) -> tuple[np.ndarray, int]:
    """Return which composite skills lie in the largest component, and how many pairs share enough links."""
    size = level.composite_skills
    owner = rng.integers(0, size, num_skills)
    one, other = owner[pairs[:, 0]], owner[pairs[:, 1]]
    low, high = np.minimum(one, other), np.maximum(one, other)
    keys, counts = np.unique((low * size + high)[low < high], return_counts=True)
    first, second = np.divmod(keys[counts >= level.links], size)
    shared = first.size
    active = np.ones(size, bool)
    if below is not None and level.prerequisites > 0:
        if needs == "skill":
            active = _ready(below, level.prerequisites, size, rng)
            keep = np.asarray(active[first] & active[second])
        else:
            keep = np.asarray(_ready(below, level.prerequisites, 2 * shared, rng).reshape(2, shared).all(axis=0))
        first, second = first[keep], second[keep]
    joined = coo_array((np.ones(first.size, np.int8), (first, second)), shape=(size, size))
    _, labels = csgraph.connected_components(joined, directed=False)
    counted = np.bincount(labels, weights=active)
    return (labels == int(np.argmax(counted))) & active, shared


def _ready(below: np.ndarray, prerequisites: int, number: int, rng: np.random.Generator) -> np.ndarray:
    """Return for ``number`` draws whether all prerequisites, different ones, lie in the largest component below."""
    inside = int(np.count_nonzero(below))
    return rng.hypergeometric(inside, below.size - inside, prerequisites, number) == prerequisites


def simulated_accuracy(simulated: SimulatedLevels, model: LevelModel, asked: Task) -> np.ndarray:
    """Return the accuracy of a task in every replicate, with the exact law of k-tuples, (replicates,) float64.

    Parameters
    ----------
    simulated : SimulatedLevels
    model : LevelModel
    asked : Task

    Returns
    -------
    (replicates,) float64 array

    Examples
    --------
    >>> from skillgraph.levels.model import levels, task
    >>> model = levels(200, [1, 2], 0, 4.0)
    >>> found = simulate_levels(model, 2000, 300, replicates=3, seed=1)
    >>> simulated_accuracy(found, model, task([0.5, 0.5])).shape
    (3,)
    """
    rows = np.broadcast_to(asked.subtask_weights, (len(model.levels), asked.subtask_sizes.size))
    total = np.zeros(simulated.largest.shape[0])
    for place, level in enumerate(model.levels):
        share = simulated.largest[:, place] / level.composite_skills
        for size, weight in zip(asked.subtask_sizes, rows[place], strict=True):
            total += (
                asked.weights[place] * weight * tuple_competence(share, min(int(size), 10**6), level.composite_skills)
            )
    return total
