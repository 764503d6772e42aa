"""Thresholds of LDPC ensembles in the erasure probability: belief propagation, MAP, stability.

All texts (checks) are there; the share eps of skills (variables) not known beforehand varies. One round is
x <- eps * lambda(1 - rho(1 - x)).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import optimize

from skillgraph.ensembles.ensemble import Ensemble
from skillgraph.ensembles.parsing import EnsembleLike, parse_ensemble
from skillgraph.records import Record
from skillgraph.theory.load_curve import sign_changes

__all__ = ["ErasureThresholds", "design_rate", "erasure_thresholds"]

_GRID = np.unique(np.concatenate([np.geomspace(1e-9, 1, 1200), np.linspace(0, 1, 2001)[1:]]))


class ErasureThresholds(Record):
    """Result of `erasure_thresholds`.

    Attributes
    ----------
    design_rate : float
        1 - checks / variables.
    bp_threshold : float or None
        Largest erasure probability below which belief propagation (peeling) recovers everything, up to small sets.
    jump : bool
        Whether the residual jumps at ``bp_threshold``.
    unlearned_before_jump : float or None
        Residual share of variables just above the threshold (the large fixed point).
    message_before_jump : float or None
        The same seen along edges, x*.
    map_threshold : float or None
        By the area theorem (Maxwell construction).
    stability_threshold : float or None
        1 / (lambda'(0) rho'(1)).
    reasons : dict
        Name of each missing value to the reason why it is missing.
    """

    design_rate: float
    bp_threshold: float | None
    jump: bool
    unlearned_before_jump: float | None
    message_before_jump: float | None
    map_threshold: float | None
    stability_threshold: float | None
    reasons: dict[str, str]


def design_rate(ensemble: EnsembleLike) -> float:
    """Return 1 - checks / variables of a configuration ensemble."""
    ensemble = parse_ensemble(ensemble)
    return 1 - _full_ratio(ensemble)


def erasure_thresholds(ensemble: EnsembleLike) -> ErasureThresholds:
    """Compute the thresholds of an LDPC ensemble in the erasure probability.

    Parameters
    ----------
    ensemble : Ensemble or str
        Configuration ensemble: texts are checks, skills are variables.

    Returns
    -------
    ErasureThresholds

    Raises
    ------
    ValueError
        If the ensemble has no law of texts per skill.

    References
    ----------
    Richardson & Urbanke, Modern Coding Theory (2008), chapter 3; area theorem: Measson, Montanari & Urbanke (2008),
    doi:10.1109/TIT.2008.2006421. Potential form: Yedla, Jian, Nguyen & Pfister (2014), doi:10.1109/TIT.2014.2349502.

    Examples
    --------
    >>> from skillgraph import ldpc
    >>> round(erasure_thresholds(ldpc(3, 6)).bp_threshold, 10)
    0.4294398144
    """
    ensemble = parse_ensemble(ensemble)
    rate = design_rate(ensemble)
    reasons: dict[str, str] = {}
    assert ensemble.texts_per_skill is not None
    if float(ensemble.texts_per_skill.edge(0.0)) > 0:
        reason = "some skills occur in one text only: below 1 no erasure probability recovers everything"
        missing = dict.fromkeys(("bp_threshold", "map_threshold", "stability_threshold"), reason)
        return ErasureThresholds(rate, None, False, None, None, None, None, missing)
    stability = _stability(ensemble, reasons)
    x, threshold = _lowest(lambda x: _erasure(ensemble, x), _turns(ensemble))
    jump = bool(threshold < min(stability or np.inf, 1.0) * (1 - 1e-12))
    if not jump:
        reasons["unlearned_before_jump"] = "learning is continuous at the threshold"
        threshold = min(stability or 1.0, 1.0)
    maximum = min(_map_threshold(ensemble), stability or np.inf, 1.0)
    u = threshold * float(ensemble.survival(_all_others_known(ensemble, x))) if jump else None
    return ErasureThresholds(rate, threshold, jump, u, x if jump else None, maximum, stability, reasons)


def _full_ratio(ensemble: Ensemble) -> float:
    if ensemble.full_ratio is None:
        raise ValueError("erasure thresholds need an LDPC ensemble: prescribe the texts per skill")
    return ensemble.full_ratio


def _all_others_known(ensemble: Ensemble, x: np.ndarray | float) -> np.ndarray:
    """Return rho(1 - x), the probability that a check recovers its variable."""
    return ensemble.skills_per_text.edge_complement(x)


def _erasure(ensemble: Ensemble, x: np.ndarray | float) -> np.ndarray:
    """Return the erasure probability eps(x) = x / lambda(1 - rho(1 - x)) at which x is a fixed point."""
    missing = ensemble.skills_per_text.edge_deficit(x)
    assert ensemble.texts_per_skill is not None
    return np.asarray(x / ensemble.texts_per_skill.edge(missing))


def _turns(ensemble: Ensemble) -> np.ndarray:
    """Messages where eps(x) is stationary: x lambda'(y) rho'(1 - x) = lambda(y), y = 1 - rho(1 - x)."""
    assert ensemble.texts_per_skill is not None
    skills, texts = ensemble.texts_per_skill, ensemble.skills_per_text

    def slope_minus_one(x: np.ndarray) -> np.ndarray:
        y = texts.edge_deficit(x)
        return x * skills.edge(y, 1) * texts.edge_complement(x, 1) / skills.edge(y) - 1

    return sign_changes(slope_minus_one, _GRID[_GRID > 1e-6])


def _lowest(function: Callable[[float], np.ndarray], places: np.ndarray) -> tuple[float, float]:
    """Return the place of the lowest value and the value; (1, 1) without places."""
    if places.size == 0:
        return 1.0, 1.0
    values = [float(function(x)) for x in places]
    best = int(np.argmin(values))
    return float(places[best]), values[best]


def _stability(ensemble: Ensemble, reasons: dict[str, str]) -> float | None:
    assert ensemble.texts_per_skill is not None
    slope = float(ensemble.texts_per_skill.edge(0.0, 1)) * float(ensemble.skills_per_text.edge_complement(0.0, 1))
    if slope == 0:
        reasons["stability_threshold"] = "lambda'(0) = 0, no skill occurs in exactly two texts: always stable"
        return None
    return 1 / slope


def _map_threshold(ensemble: Ensemble) -> float:
    """Minimise Q(x) = [ (L'(1)/R'(1)) (1 - R(1-x)) - L'(1) x rho(1-x) ] / L(1 - rho(1-x)).

    Q(x) is the erasure probability at which the potential of state x equals that of full recovery; its minimum is where
    the large state loses to it (equal areas).
    """
    assert ensemble.texts_per_skill is not None
    skills, texts = ensemble.texts_per_skill, ensemble.skills_per_text

    def equal(x: np.ndarray | float) -> np.ndarray:
        spread = texts.node_deficit(x) / texts.mean - x * texts.edge_complement(x)
        return np.asarray(skills.mean * spread / skills.node(texts.edge_deficit(x)))

    grid = _GRID[_GRID > 1e-3]
    place = int(np.argmin(equal(grid)))
    low, high = grid[max(place - 1, 0)], grid[min(place + 1, grid.size - 1)]
    found = optimize.minimize_scalar(
        lambda x: float(equal(x)), bounds=(low, high), method="bounded", options={"xatol": 1e-12}
    )
    return float(min(found.fun, equal(grid[place])))
