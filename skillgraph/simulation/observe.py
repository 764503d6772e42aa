"""One replicate: a graph whose texts arrive one by one, and what is learned and hangs together after some of them.

Counts are exact integers, so that replicates add up in any order.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from skillgraph.ensembles.parsing import EnsembleLike, parse_ensemble
from skillgraph.graphs.graph import SkillTextGraph
from skillgraph.graphs.sampling import sample, sample_known
from skillgraph.simulation.peeling import learning_curve
from skillgraph.simulation.percolation import associations_curve, curve_by_texts

__all__ = ["OBSERVABLES", "observe", "observe_replicate"]

OBSERVABLES = ("learned_share", "giant_component", "susceptibility", "giant_association")
"""What is observed; each is a count over the number of skills."""


def observe(
    graph: SkillTextGraph,
    num_texts: np.ndarray,
    *,
    order: np.ndarray | None = None,
    known_skills: np.ndarray | None = None,
    learner: int = 1,
    observables: Sequence[str] = OBSERVABLES,
) -> dict[str, np.ndarray]:
    """Let the texts of a graph arrive one by one and count after some of them.

    Parameters
    ----------
    graph : SkillTextGraph
    num_texts : (grid,) integer array
        Numbers of texts after which to count, from 0 to all of the graph, never falling.
    order : (num_texts,) integer array, optional
        Order of arrival, a permutation; the order of rows if omitted.
    known_skills : (num_skills,) bool array, optional
        Skills known beforehand; none if omitted.
    learner : int
        Unknown skills that one text can teach.
    observables : sequence of str
        Which of ``OBSERVABLES`` to count.

    Returns
    -------
    dict
        Name to (grid,) int64 array: ``learned_share`` counts the skills known, ``giant_component`` those in the
        largest component, ``susceptibility`` sums the squared sizes of all other components, and
        ``giant_association`` counts the largest component of the graph of learned skills.
    """
    at, place = np.unique(np.asarray(num_texts, dtype=np.int64), return_inverse=True)
    counts: dict[str, np.ndarray] = {}
    if "learned_share" in observables or "giant_association" in observables:
        learning = learning_curve(graph, known_skills, learner=learner, order=order)
        counts["learned_share"] = learning.learned_count[at]
    if "giant_component" in observables or "susceptibility" in observables:
        components = curve_by_texts(graph, order, at=at)
        largest = components.largest.astype(np.int64)
        counts |= {"giant_component": largest, "susceptibility": components.sum_squares - largest**2}
    if "giant_association" in observables:
        counts["giant_association"] = associations_curve(graph, learning.learned_at, order, at=at).largest
    return {name: counts[name][place].astype(np.int64) for name in observables}


def observe_replicate(
    ensemble: EnsembleLike,
    num_skills: int,
    num_texts: np.ndarray,
    rng: np.random.Generator,
    *,
    learner: int = 1,
    known: float = 0.0,
    observables: Sequence[str] = OBSERVABLES,
) -> dict[str, np.ndarray]:
    """Draw one graph of an ensemble and observe it.

    A configuration ensemble is drawn with all its texts, which arrive in random order.

    Parameters
    ----------
    ensemble : Ensemble or str
    num_skills : int
    num_texts : (grid,) integer array
        As in `observe`.
    rng : numpy.random.Generator
        Draws the graph, then the order, then the skills known beforehand.
    learner : int
    known : float
        Share of skills known beforehand, each independently.
    observables : sequence of str

    Returns
    -------
    dict
        As `observe`.
    """
    ensemble = parse_ensemble(ensemble)
    whole = ensemble.full_ratio is not None
    graph = sample(ensemble, num_skills, None if whole else max(int(num_texts[-1]), 1), rng=rng)
    order = rng.permutation(graph.num_texts) if whole else None
    known_skills = sample_known(num_skills, known, rng) if known > 0 else None
    return observe(graph, num_texts, order=order, known_skills=known_skills, learner=learner, observables=observables)
