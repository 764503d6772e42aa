"""The built-in model: an ensemble sampled once per replicate and its observables, counted exactly.

Parameters of a point: ``skills_per_text`` (a law such as ``"fixed:3"``; a number is the mean of a Poisson law) with
``skill_popularity`` or ``texts_per_skill``, or ``ldpc`` ("3,6"), or ``lambda_edges`` with ``rho_edges``;
``num_skills``; ``texts_per_skill_ratio``, one value or a curve; ``learner``; ``known``; for measures of success,
``unlearned_between``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from skillgraph.checks import count, share, texts_of
from skillgraph.ensembles.ensemble import Ensemble
from skillgraph.ensembles.parsing import parse_ensemble
from skillgraph.simulation.observe import observe_replicate
from skillgraph.studies.tallies import Share

__all__ = ["replicate"]


@dataclass(frozen=True, eq=False)
class _Run:
    """Counts of one graph at a grid of numbers of texts."""

    counts: Mapping[str, np.ndarray]
    num_skills: int
    unlearned_between: float | None
    curve: bool

    def shape(self, values: np.ndarray) -> Any:
        return values.tolist() if self.curve else values.tolist()[0]

    def share(self, name: str) -> Share:
        return Share(self.shape(self.counts[name]), self.num_skills)


def replicate(
    rng: np.random.Generator,
    *,
    measures: Sequence[str],
    num_skills: int,
    texts_per_skill_ratio: float | Sequence[float],
    skills_per_text: str | float | None = None,
    skill_popularity: str | None = None,
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
    ensemble = _ensemble(
        skills_per_text=skills_per_text,
        skill_popularity=skill_popularity,
        texts_per_skill=texts_per_skill,
        ldpc=ldpc,
        lambda_edges=lambda_edges,
        rho_edges=rho_edges,
    )
    size = count("num_skills", num_skills)
    num_texts = texts_of(texts_per_skill_ratio, size, ensemble.full_ratio, above_zero=False)
    observables = {_MEASURES[name][0] for name in measures}
    counts = observe_replicate(
        ensemble, size, num_texts, rng, learner=learner, known=share("known", known), observables=sorted(observables)
    )
    run = _Run(counts, size, unlearned_between, not isinstance(texts_per_skill_ratio, (int, float)))
    return {name: _MEASURES[name][1](run) for name in measures}


@lru_cache(maxsize=16)
def _ensemble(**named: str | float | None) -> Ensemble:
    return parse_ensemble(named)


def _successes(run: _Run) -> np.ndarray:
    if run.unlearned_between is None:
        raise ValueError("measures of success need the parameter unlearned_between, the share that divides outcomes")
    return run.num_skills - run.counts["learned_share"] <= run.unlearned_between * run.num_skills


def _given(run: _Run, success: bool) -> Share | None:
    if run.curve:
        raise ValueError("conditional measures are for single points: put texts_per_skill_ratio on the grid")
    return run.share("learned_share") if bool(_successes(run)[0]) is success else None


_MEASURES: dict[str, tuple[str, Callable[[_Run], Any]]] = {
    "learned_share": ("learned_share", lambda run: run.share("learned_share")),
    "giant_component": ("giant_component", lambda run: run.share("giant_component")),
    "susceptibility": ("susceptibility", lambda run: run.share("susceptibility")),
    "giant_association": ("giant_association", lambda run: run.share("giant_association")),
    "success": ("learned_share", lambda run: run.shape(_successes(run))),
    "learned_share_given_success": ("learned_share", lambda run: _given(run, True)),
    "learned_share_given_failure": ("learned_share", lambda run: _given(run, False)),
}
"""Measure to the observable it is made of, and what it makes of it."""
