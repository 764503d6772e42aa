"""Theory of components at infinite size, by generating functions; the skill projection is never built.

Follow an edge from a text to a skill. Let v be the probability that this way does not lead to the giant component:

    v = phi(load * (1 - rho(v))),    S = 1 - Phi(load * (1 - rho(v))),

rho the edge perspective of skills per text, phi and Phi the survival of a skill seen along an edge and at random. In
terms of the deficit y = 1 - v everything is computed without cancellation, so S is accurate also where it is tiny.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from skillgraph.ensembles.ensemble import Ensemble
from skillgraph.ensembles.parsing import EnsembleLike, parse_ensemble
from skillgraph.records import Record
from skillgraph.theory.density_evolution import loads_of

__all__ = [
    "GiantComponent",
    "PercolationThreshold",
    "critical_window",
    "giant_component",
    "percolation_threshold",
    "susceptibility",
]


class PercolationThreshold(Record):
    """Result of `percolation_threshold`: texts per skill, or None with the reason."""

    threshold: float | None
    reason: str | None


class GiantComponent(Record):
    """Result of `giant_component`.

    Attributes
    ----------
    share : (n,) float64 array
        S, share of all skills in the giant component.
    text_share : (n,) float64 array
        Share of all texts that belong to it.
    """

    share: np.ndarray
    text_share: np.ndarray


def percolation_threshold(ensemble: EnsembleLike) -> PercolationThreshold:
    """Find the texts per skill at which the giant component of skills appears.

    -phi'(0) * load * rho'(1) = 1: for Poisson texts of mean c and uniform popularity c^2 r = 1.

    Parameters
    ----------
    ensemble : Ensemble or str

    Returns
    -------
    PercolationThreshold
        None with a reason where nothing ever hangs together.

    Raises
    ------
    ValueError
        If the ensemble is unknown.

    References
    ----------
    Newman, Strogatz & Watts (2001), doi:10.1103/PhysRevE.64.026118, section IV.

    Examples
    --------
    >>> percolation_threshold("poisson:4").threshold
    0.0625
    """
    ensemble = parse_ensemble(ensemble)
    branching = _branching_per_ratio(ensemble)
    if branching == 0:
        return PercolationThreshold(None, "no text has two skills or no skill two texts: nothing ever hangs together")
    if np.isinf(branching):
        return PercolationThreshold(0.0, None)
    threshold, full = 1 / branching, ensemble.full_ratio
    if full is not None and threshold > full * (1 + 1e-12):
        return PercolationThreshold(
            None,
            f"a giant component would need {threshold:.6g} texts per skill, more than the {full:.6g} of the complete "
            f"ensemble",
        )
    return PercolationThreshold(threshold, None)


def _branching_per_ratio(ensemble: Ensemble) -> float:
    """Mean number of edges met two steps on, per text per skill."""
    texts = ensemble.skills_per_text
    if ensemble.popularity is not None:
        skills = ensemble.popularity.second_moment()
        return texts.factorial_moment(2) * skills
    return ensemble.load_per_ratio * float(-ensemble.edge_survival(0.0, 1)) * float(texts.edge_complement(0.0, 1))


def _deficit(ensemble: Ensemble, loads: np.ndarray) -> np.ndarray:
    """Solve y = 1 - phi(load (1 - rho(1 - y))) for its largest root, (n,) float64, read-only."""
    return _solved(ensemble, loads.tobytes())


@lru_cache(maxsize=16)
def _solved(ensemble: Ensemble, grid: bytes) -> np.ndarray:
    """Bisect in the logarithm of y; remembered, for several observables are asked at the same loads."""
    texts, loads = ensemble.skills_per_text, np.frombuffer(grid)

    def rises(y: np.ndarray) -> np.ndarray:
        return ensemble.edge_reached(loads * texts.edge_deficit(y)) > y

    low, high = np.full(loads.shape, 1e-17), np.ones(loads.shape)
    some = rises(low)
    for _ in range(75):
        middle = np.where(low < high / 2, np.sqrt(low * high), (low + high) / 2)
        up = rises(middle)
        low, high = np.where(up, middle, low), np.where(up, high, middle)
    root = np.where(some, (low + high) / 2, 0.0)
    root.setflags(write=False)
    return root


def giant_component(ensemble: EnsembleLike, texts_per_skill_ratio: np.ndarray | float) -> GiantComponent:
    """Compute the giant component of skills joined by shared texts.

    Parameters
    ----------
    ensemble : Ensemble or str
    texts_per_skill_ratio : float or (n,) array
        r, not negative; at most the full ratio of a configuration ensemble.

    Returns
    -------
    GiantComponent
        0 below the threshold. For Poisson texts S = 1 - exp(-c r (1 - exp(-c S))).

    Raises
    ------
    ValueError
        If a ratio is negative or beyond the complete ensemble.

    References
    ----------
    Newman, Strogatz & Watts (2001), doi:10.1103/PhysRevE.64.026118, section IV.

    Examples
    --------
    >>> giant_component("poisson:4", [0.05, 0.1]).share.round(4).tolist()
    [0.0, 0.1945]
    """
    ensemble = parse_ensemble(ensemble)
    loads = loads_of(ensemble, texts_per_skill_ratio)
    y = _deficit(ensemble, loads)
    texts = ensemble.skills_per_text
    return GiantComponent(ensemble.reached(loads * texts.edge_deficit(y)) + 0.0, texts.node_deficit(y) + 0.0)


def susceptibility(ensemble: EnsembleLike, texts_per_skill_ratio: np.ndarray | float) -> np.ndarray:
    """Return the mean size of the component of a random skill, the giant component excluded.

    Defined as the limit of (sum over all components but the largest of size^2) / num_skills, so a skill in the giant
    component counts 0. Infinite at the threshold.

    Parameters
    ----------
    ensemble : Ensemble or str
    texts_per_skill_ratio : float or (n,) array

    Returns
    -------
    (n,) float64 array
    """
    ensemble = parse_ensemble(ensemble)
    loads = loads_of(ensemble, texts_per_skill_ratio)
    y, texts = _deficit(ensemble, loads), ensemble.skills_per_text
    s = loads * texts.edge_deficit(y)
    finite = ensemble.survival(s)
    first, second = -ensemble.survival(s, 1) * loads, -ensemble.edge_survival(s, 1) * loads
    slope = texts.edge_complement(y, 1)
    v = ensemble.edge_survival(s)
    with np.errstate(divide="ignore", invalid="ignore"):
        growth = v / (1 - second * slope)
    return np.where(second * slope >= 1, np.inf, finite + first * slope * growth)


def critical_window(ensemble: EnsembleLike, num_skills: int, width: float = 4.0) -> tuple[float, float] | None:
    """Return the texts per skill between which the largest component follows no law of large numbers.

    The mean-field window |r / r_c - 1| < width * num_skills^(-1/3); None without a threshold.
    """
    ensemble = parse_ensemble(ensemble)
    threshold = percolation_threshold(ensemble).threshold
    if threshold is None:
        return None
    half = width * num_skills ** (-1 / 3)
    return max(0.0, threshold * (1 - half)), threshold * (1 + half)
