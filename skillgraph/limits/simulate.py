"""The surface E(N, P, K) by simulation: real texts, a capacity of P skills, K rounds of learning.

N texts draw their skills one by one with the frequencies p_i; a skill drawn twice by a text counts once. A text that
needs a skill beyond the capacity can never teach and is left out. The rest is peeling in rounds; E is the share of
known skills weighted by their frequencies. With eta < 1 every skill looks at its texts with probability eta per step.
"""

from __future__ import annotations

import numpy as np

from skillgraph.checks import count
from skillgraph.ensembles.frequencies import each_frequency
from skillgraph.graphs.graph import SkillTextGraph, from_edges
from skillgraph.limits.places import Points
from skillgraph.limits.surface import SkillModel, Surface, rounds_at, runs
from skillgraph.seeding import generator
from skillgraph.simulation.peeling import peel
from skillgraph.statistics.residuals import z_score

__all__ = ["draw_texts", "learned_frequency", "rounds_with_damping", "simulated_surface", "surface_z_scores"]

_LARGEST_CAPACITY = 50_000_000


def simulated_surface(model: SkillModel, where: Points, *, replicates: int, seed: int) -> Surface:
    """Measure E at places on graphs; one graph serves all K of its (N, P).

    Parameters
    ----------
    model : SkillModel
        With P read as capacity.
    where : Points
    replicates : int
        Graphs per (N, P), at least 2.
    seed : int

    Returns
    -------
    Surface
        Its `standard_error` is that of the mean over graphs. Values at the same (N, P) share their graphs.

    Raises
    ------
    ValueError
        If P is read as depth, there are fewer than 2 replicates, or P exceeds 50 million.

    Examples
    --------
    >>> from skillgraph.limits.surface import skill_model
    >>> from skillgraph.limits.places import grid_points
    >>> model = skill_model('pmf:1=0.5,2=0.5', 'zipf:1.5')
    >>> simulated_surface(model, grid_points([20, 50], [10], [3]), replicates=3, seed=1).performance.shape
    (2,)
    """
    values = simulated_values(model, where, replicates=replicates, seed=seed)
    error = values.std(axis=1, ddof=1) / np.sqrt(values.shape[1])
    return Surface(model, where, values.mean(axis=1), error, "simulation", values.shape[1])


def surface_z_scores(measured: Surface, theory: Surface) -> np.ndarray:
    """Return the z-score of every place, (n,) float64: the normal quantile of a t statistic; NaN without scatter."""
    assert measured.standard_error is not None
    error = measured.standard_error
    scores = z_score(
        measured.performance - theory.performance, np.where(error > 0, error, 1.0), measured.replicates - 1
    )
    return np.where(error > 0, scores, np.nan)


def simulated_values(model: SkillModel, where: Points, *, replicates: int, seed: int) -> np.ndarray:
    """Return E at every place on every graph, (places, replicates) float64; see `simulated_surface`."""
    if model.reading != "capacity":
        raise ValueError("simulation reads the model size as capacity; depth is theory only")
    number = count("replicates", replicates, least=2)
    if np.max(where.model_size) > _LARGEST_CAPACITY:
        raise ValueError(f"a simulated model size must not exceed {_LARGEST_CAPACITY}, got {where.model_size.max():g}")
    out = np.empty((where.data_size.size, number))
    for (data, size), places in runs(where):
        rounds = rounds_at(model, where, places)
        for replicate in range(number):
            rng = generator(seed, "limits", round(data), round(size), replicate)
            out[places, replicate] = _one_graph(model, round(data), round(size), rounds, rng)
    return out


def _one_graph(model: SkillModel, data: int, size: int, rounds: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    frequency = each_frequency(model.popularity, size)
    graph = draw_texts(model, frequency, data, rng)
    if model.damping < 1:
        finite = rounds[np.isfinite(rounds)]
        last = int(finite.max(initial=0))
        moment = rounds_with_damping(graph, model.damping, last, rng)
        settled = peel(graph).learned
        return np.array([learned_frequency(frequency, moment, k, settled) for k in rounds])
    moment = peel(graph).round_learned
    return np.array([learned_frequency(frequency, moment, k, moment >= 0) for k in rounds])


def learned_frequency(frequency: np.ndarray, moment: np.ndarray, rounds: float, settled: np.ndarray) -> float:
    """Return the summed frequency of the skills known after so many rounds.

    Parameters
    ----------
    frequency : (num_skills,) float64 array
    moment : (num_skills,) int array
        Round in which each skill was learned, -1 if never.
    rounds : float
        May be infinite.
    settled : (num_skills,) bool array
        What is known in the end, for infinitely many rounds.
    """
    chosen = settled if np.isinf(rounds) else (moment >= 0) & (moment <= rounds)
    return float(frequency[chosen].sum())


def draw_texts(model: SkillModel, frequency: np.ndarray, number: int, rng: np.random.Generator) -> SkillTextGraph:
    """Draw the texts that need no skill beyond the capacity.

    Parameters
    ----------
    model : SkillModel
    frequency : (held,) float64 array
        Frequencies of the skills that can be held; what is missing to 1 lies beyond the capacity.
    number : int
        Texts drawn; those that need a skill beyond the capacity are left out of the graph.
    rng : numpy.random.Generator

    Returns
    -------
    SkillTextGraph
        Of the held skills; without repeated edges.
    """
    degrees = model.skills_per_text.sample(rng, number)
    rows = np.repeat(np.arange(number), degrees)
    edges = np.cumsum(frequency)
    reach = rng.random(rows.size) * max(1.0, float(edges[-1])) if edges[-1] < 1 - 1e-9 else rng.random(rows.size)
    if edges[-1] >= 1 - 1e-9:
        edges = edges / edges[-1]
    skills = np.searchsorted(edges, reach, side="right")
    lost = np.zeros(number, np.bool_)
    lost[rows[skills >= frequency.size]] = True
    kept = ~lost[rows]
    pairs = np.unique(rows[kept] * np.int64(frequency.size) + skills[kept])
    return from_edges(pairs // frequency.size, pairs % frequency.size, number, frequency.size)


def rounds_with_damping(graph: SkillTextGraph, damping: float, rounds: int, rng: np.random.Generator) -> np.ndarray:
    """Learn in steps in which every skill looks at its texts with probability ``damping``.

    Parameters
    ----------
    graph : SkillTextGraph
    damping : float
        eta, in (0, 1].
    rounds : int
    rng : numpy.random.Generator

    Returns
    -------
    (num_skills,) int64 array
        Step in which each skill was learned, -1 if not within ``rounds``.
    """
    skills = graph.text_skills
    rows = np.repeat(np.arange(graph.num_texts), graph.skills_per_text)
    moment = np.full(graph.num_skills, -1, np.int64)
    for step in range(1, rounds + 1):
        open_edges = moment[skills] < 0
        if not open_edges.any():
            break
        rows, skills = rows[open_edges], skills[open_edges]
        single = np.bincount(rows, minlength=graph.num_texts) == 1
        taught = skills[single[rows]]
        if taught.size == 0:
            break
        awake = rng.random(graph.num_skills) < damping
        moment[taught[awake[taught]]] = step
    return moment
