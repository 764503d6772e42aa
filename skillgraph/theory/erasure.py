"""Thresholds of LDPC ensembles in the erasure probability: belief propagation, MAP, stability.

All texts (checks) are there; the share eps of skills (variables) not known beforehand varies. One round is
x <- eps * lambda(1 - rho(1 - x)).
"""

from __future__ import annotations

import math

import numpy as np
from scipy import optimize

from skillgraph.ensembles.ensemble import Ensemble
from skillgraph.ensembles.parsing import EnsembleLike, parse_ensemble
from skillgraph.records import Record
from skillgraph.theory.erasure_curve import ErasureCurve, ErasureJump
from skillgraph.theory.turning import NOISE

__all__ = ["ErasureThresholds", "design_rate", "erasure_thresholds"]

_GRID = np.unique(np.concatenate([np.geomspace(1e-3, 1, 600), np.linspace(0, 1, 2001)[2:]]))
_NEVER = "some skills occur in one text only: below 1 no erasure probability recovers everything"


class ErasureThresholds(Record):
    """Result of `erasure_thresholds`.

    Attributes
    ----------
    design_rate : float
        1 - checks / variables.
    bp_threshold : float or None
        Largest erasure probability below which belief propagation (peeling) recovers everything, up to small sets; with
        skills of one text only, below which the large residual is gone and the ``floor`` remains.
    jump : bool
        Whether the residual jumps at ``bp_threshold``.
    unlearned_before_jump : float or None
        Residual share of variables just above the threshold (the large fixed point).
    message_before_jump : float or None
        The same seen along edges, x*.
    floor : float or None
        Residual share just below the threshold.
    jumps : tuple of ErasureJump
        All jumps, in the order in which a falling erasure probability meets them.
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
    floor: float | None
    jumps: tuple[ErasureJump, ...]
    map_threshold: float | None
    stability_threshold: float | None
    reasons: dict[str, str]


def design_rate(ensemble: EnsembleLike) -> float:
    """Return 1 - checks / variables of a configuration ensemble."""
    ensemble = parse_ensemble(ensemble)
    if ensemble.full_ratio is None:
        raise ValueError("erasure thresholds need an LDPC ensemble: prescribe the texts per skill")
    return 1 - ensemble.full_ratio


def erasure_thresholds(ensemble: EnsembleLike) -> ErasureThresholds:
    """Compute the thresholds of an LDPC ensemble in the erasure probability.

    A jump is claimed where the slope of density evolution exceeds 1 by more than its rounding error of 1e-13 and the
    threshold lies below the stability threshold by more than that; otherwise learning is called continuous.

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
    rate, curve = design_rate(ensemble), ErasureCurve(ensemble)
    if curve.floor_message > 0:
        return _with_floor(rate, curve)
    reasons: dict[str, str] = {}
    stability = _stability(ensemble, reasons)
    limit = min(stability or math.inf, 1.0)
    last = curve.jumps[-1] if curve.jumps and curve.jumps[-1].erasure_probability < limit * (1 - NOISE) else None
    reached = limit if last is None else last.erasure_probability
    maximum = max(min(_map_threshold(ensemble), limit), reached)
    if last is not None:
        return _jumping(rate, last, curve, maximum, stability, reasons)
    always = "everything is recovered at every erasure probability below 1"
    reasons["unlearned_before_jump"] = always if stability is None else "learning is continuous at the threshold"
    return ErasureThresholds(rate, limit, False, None, None, 0.0, curve.jumps, maximum, stability, reasons)


def _jumping(
    rate: float,
    last: ErasureJump,
    curve: ErasureCurve,
    maximum: float | None,
    stability: float | None,
    reasons: dict[str, str],
) -> ErasureThresholds:
    """Return the result where the residual jumps at the threshold."""
    return ErasureThresholds(
        rate,
        last.erasure_probability,
        True,
        last.unlearned_before,
        last.message_before,
        last.unlearned_after,
        curve.jumps,
        maximum,
        stability,
        reasons,
    )


def _with_floor(rate: float, curve: ErasureCurve) -> ErasureThresholds:
    """Return the thresholds of the large residual where skills of one text keep a small one for ever."""
    reasons = {"stability_threshold": _NEVER}
    if curve.jumps:
        return _jumping(rate, curve.jumps[-1], curve, _maxwell(curve), None, reasons)
    reason = f"{_NEVER}, and the residual shrinks without a jump"
    names = ("bp_threshold", "map_threshold", "unlearned_before_jump", "floor")
    return ErasureThresholds(
        rate, None, False, None, None, None, (), None, None, reasons | dict.fromkeys(names, reason)
    )


def _stability(ensemble: Ensemble, reasons: dict[str, str]) -> float | None:
    assert ensemble.texts_per_skill is not None
    pairs = float(ensemble.texts_per_skill.edge(0.0, 1))
    others = float(ensemble.skills_per_text.edge_complement(0.0, 1))
    if pairs * others > 0:
        return 1 / (pairs * others)
    missing = "lambda'(0) = 0, no skill occurs in exactly two texts"
    if pairs > 0:
        missing = "rho'(1) = 0, no text has a second skill"
    reasons["stability_threshold"] = f"{missing}: always stable"
    return None


def _maxwell(curve: ErasureCurve) -> float:
    """Return the erasure probability at which the large fixed point beyond the last jump loses to the small one.

    The potential U(x) = L'(1) [(1 - R(1-x)) / R'(1) - x rho(1-x)] - eps L(1 - rho(1-x)) is stationary at fixed points;
    the smaller value wins.
    """
    bottom = curve.minima[-1]
    place = next(k for k, (_, end) in enumerate(curve.turns) if end == bottom)
    top = curve.turns[place][0]
    assert top is not None
    beyond = curve.turns[place + 1][0] if place + 1 < len(curve.turns) else None
    highest = min(float(curve.log_erasure(top)), 0.0)
    lowest = float(curve.log_erasure(bottom))

    def lead(log_erasure: float) -> float:
        large = curve.root(bottom, 700.0 if beyond is None else beyond, log_erasure)
        return _potential(curve, large, log_erasure) - _potential(curve, curve.below(bottom, log_erasure), log_erasure)

    ends = lowest + 1e-12, highest - 1e-12
    if lead(ends[1]) > 0:
        return math.exp(highest)
    return math.exp(float(optimize.brentq(lead, *ends, xtol=1e-15)))


def _potential(curve: ErasureCurve, odds: float, log_erasure: float) -> float:
    texts = curve.ensemble.skills_per_text
    x, known = curve.message(odds)
    spread = texts.node_deficit(x) / texts.mean - x * texts.edge_at(known, x)
    return float(curve.skills.mean * spread - math.exp(log_erasure) * curve.skills.node_at(*curve.failing(odds)))


def _map_threshold(ensemble: Ensemble) -> float:
    """Minimise Q(x) = [ (L'(1)/R'(1)) (1 - R(1-x)) - L'(1) x rho(1-x) ] / L(1 - rho(1-x)).

    Q(x) is the erasure probability at which the potential of state x equals that of full recovery; its minimum is where
    the large state loses to it (equal areas).
    """
    assert ensemble.texts_per_skill is not None
    skills, texts = ensemble.texts_per_skill, ensemble.skills_per_text

    def equal(x: np.ndarray | float) -> np.ndarray:
        spread = texts.node_deficit(x) / texts.mean - x * texts.edge_complement(x)
        with np.errstate(divide="ignore", invalid="ignore"):
            values = skills.mean * spread / skills.node(texts.edge_deficit(x))
        return np.where(np.isfinite(values), values, np.inf)

    grid = _GRID
    place = int(np.argmin(equal(grid)))
    low, high = grid[max(place - 1, 0)], grid[min(place + 1, grid.size - 1)]
    found = optimize.minimize_scalar(
        lambda x: float(equal(x)), bounds=(low, high), method="bounded", options={"xatol": 1e-12}
    )
    return float(min(found.fun, equal(grid[place])))
