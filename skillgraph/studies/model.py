"""The built-in model: an ensemble sampled once per replicate and its observables, counted exactly.

Parameters of a point: ``skills_per_text`` (a law such as ``"fixed:3"``; a number is the mean of a Poisson law) with
``skill_popularity`` or ``texts_per_skill``, or ``ldpc`` ("3,6"), or ``lambda_edges`` with ``rho_edges``;
``num_skills``; ``texts_per_skill_ratio``, one value or a curve; ``learner``; ``known``; for measures of success,
``unlearned_between``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from skillgraph.ensembles.ensemble import (
    Ensemble,
    configuration,
    ldpc,
    ldpc_polynomials,
    parse_popularity,
    texts_by_law,
)
from skillgraph.graphs.graph import SkillTextGraph
from skillgraph.graphs.sampling import sample, sample_known
from skillgraph.simulation.peeling import learning_curve
from skillgraph.simulation.percolation import associations_curve, curve_by_texts
from skillgraph.studies.tallies import Share

__all__ = ["replicate"]


@dataclass(frozen=True, eq=False)
class _Run:
    """One graph with its order of texts, read at a grid of numbers of texts."""

    graph: SkillTextGraph
    order: np.ndarray | None
    num_texts: np.ndarray
    learned_count: np.ndarray
    learned_at: np.ndarray
    unlearned_between: float | None
    curve: bool

    def shape(self, values: np.ndarray) -> Any:
        return values.tolist() if self.curve else values.tolist()[0]

    def share(self, values: np.ndarray) -> Share:
        return Share(self.shape(values), self.graph.num_skills)


def replicate(
    rng: np.random.Generator,
    *,
    measures: Sequence[str],
    num_skills: int,
    texts_per_skill_ratio: float | Sequence[float],
    skills_per_text: str | float | None = None,
    skill_popularity: str = "uniform",
    texts_per_skill: str | None = None,
    ldpc: str | None = None,
    lambda_edges: str | None = None,
    rho_edges: str | None = None,
    learner: int = 1,
    known: float = 0.0,
    unlearned_between: float | None = None,
) -> dict[str, Any]:
    """Sample one graph and return the measures asked for.

    Parameters
    ----------
    rng : numpy.random.Generator
    measures : sequence of str
        ``learned_share``, ``giant_component`` (largest component), ``susceptibility`` (largest excluded),
        ``giant_association`` (largest component of learned skills), all per skill; ``success`` (the unlearned share is
        at most ``unlearned_between``), ``learned_share_given_success``, ``learned_share_given_failure``.
    num_skills : int
    texts_per_skill_ratio : float or sequence
        Rounded to whole texts; a sequence increases and gives every measure as a curve.
    skills_per_text, skill_popularity, texts_per_skill, ldpc, lambda_edges, rho_edges
        The ensemble, as on the command line; a number for ``skills_per_text`` is the mean of a Poisson law.
    learner : int
    known : float
    unlearned_between : float, optional
        Unlearned share between success and failure.

    Returns
    -------
    dict
        Measure to `Share`, bool, or None where it does not exist in this replicate.

    Raises
    ------
    ValueError
        If the parameters name no ensemble, or do not fit it.
    """
    ensemble = _ensemble(skills_per_text, skill_popularity, texts_per_skill, ldpc, lambda_edges, rho_edges)
    curve = not isinstance(texts_per_skill_ratio, (int, float))
    num_texts = _num_texts(ensemble, num_skills, texts_per_skill_ratio)
    whole = ensemble.full_ratio is not None
    graph = sample(ensemble, num_skills, None if whole else max(int(num_texts[-1]), 1), rng=rng)
    order = rng.permutation(graph.num_texts).astype(np.int64) if whole else None
    beforehand = sample_known(num_skills, known, rng) if known > 0 else None
    learning = learning_curve(graph, beforehand, learner=learner, order=order)
    counts = learning.learned_count[num_texts]
    run = _Run(graph, order, num_texts, counts, learning.learned_at, unlearned_between, curve)
    return {name: _MEASURES[name](run) for name in measures}


@lru_cache(maxsize=16)
def _ensemble(
    skills_per_text: str | float | None,
    skill_popularity: str,
    texts_per_skill: str | None,
    ldpc_pair: str | None,
    lambda_edges: str | None,
    rho_edges: str | None,
) -> Ensemble:
    if sum(one is not None for one in (skills_per_text, ldpc_pair, lambda_edges)) != 1:
        raise ValueError("parameters must name one ensemble: skills_per_text, ldpc, or lambda_edges with rho_edges")
    if ldpc_pair is not None:
        left, _, right = ldpc_pair.partition(",")
        return ldpc(int(left), int(right))
    if lambda_edges is not None:
        if rho_edges is None:
            raise ValueError("parameters lambda_edges and rho_edges go together")
        return ldpc_polynomials(lambda_edges, rho_edges)
    assert skills_per_text is not None
    law = skills_per_text if isinstance(skills_per_text, str) else f"poisson:{skills_per_text!r}"
    if texts_per_skill is not None:
        return configuration(law, texts_per_skill)
    return texts_by_law(law, parse_popularity(skill_popularity))


def _num_texts(ensemble: Ensemble, num_skills: int, ratio: float | Sequence[float]) -> np.ndarray:
    ratios = np.atleast_1d(np.asarray(ratio, dtype=float))
    if not np.all(np.isfinite(ratios)) or ratios[0] < 0 or np.any(np.diff(ratios) <= 0):
        raise ValueError(f"texts_per_skill_ratio must be non-negative and increase, got {ratio}")
    full = ensemble.full_ratio
    if full is not None and ratios[-1] > full * (1 + 1e-12):
        raise ValueError(f"texts_per_skill_ratio must not exceed {full:.6g} for this ensemble, got {ratios[-1]:g}")
    return np.rint(ratios * num_skills).astype(np.int64)


def _components(run: _Run) -> Any:
    return curve_by_texts(run.graph, run.order, at=run.num_texts)


def _susceptibility(run: _Run) -> Share:
    components = _components(run)
    return run.share(components.sum_squares - components.largest.astype(np.int64) ** 2)


def _association(run: _Run) -> Share:
    return run.share(associations_curve(run.graph, run.learned_at, run.order, at=run.num_texts).largest)


def _successes(run: _Run) -> np.ndarray:
    if run.unlearned_between is None:
        raise ValueError("measures of success need the parameter unlearned_between, the share that divides outcomes")
    unlearned = run.graph.num_skills - run.learned_count.astype(np.int64)
    return unlearned <= run.unlearned_between * run.graph.num_skills


def _given(run: _Run, success: bool) -> Share | None:
    if run.curve:
        raise ValueError("conditional measures are for single points: put texts_per_skill_ratio on the grid")
    return run.share(run.learned_count) if bool(_successes(run)[0]) is success else None


_MEASURES: dict[str, Callable[[_Run], Any]] = {
    "learned_share": lambda run: run.share(run.learned_count),
    "giant_component": lambda run: run.share(_components(run).largest),
    "susceptibility": _susceptibility,
    "giant_association": _association,
    "success": lambda run: run.shape(_successes(run)),
    "learned_share_given_success": lambda run: _given(run, True),
    "learned_share_given_failure": lambda run: _given(run, False),
}
