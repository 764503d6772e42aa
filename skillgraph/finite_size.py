"""Finite size: where and how wide the jump of learning is in an ensemble of R skills.

Near its threshold a finite system either jumps or does not. The share of failures is

    P_fail = Q( sqrt(R) (r - r* - beta R^(-2/3)) / alpha ),

with alpha from the fluctuations of the number of texts with one unknown skill where that number touches 0, and beta
from the Brownian motion around its minimum. For LDPC ensembles the erasure probability takes the place of r, with
eps* - eps - beta n^(-2/3) in the numerator.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from skillgraph.ensembles import Ensemble
from skillgraph.erasure import erasure_thresholds
from skillgraph.thresholds import PeelingThreshold, peeling_threshold

__all__ = ["OMEGA", "Waterfall", "erasure_waterfall", "failure_probability", "waterfall"]

OMEGA = 0.996193019928363  # E max_t (B_t - t^2/2)


@dataclass(frozen=True)
class Waterfall:
    """Finite-size law of a jump.

    Attributes
    ----------
    parameter : {"texts_per_skill_ratio", "erasure_probability"}
        What varies: success above the threshold in texts per skill, below it in erasure probability.
    threshold : float or None
    alpha, beta : float or None
        Width and shift; None with a ``reason`` where they are not known.
    conditions : str
        What is fixed and what fluctuates; it changes alpha.
    reason : str or None
    """

    parameter: str
    threshold: float | None
    alpha: float | None
    beta: float | None
    conditions: str
    reason: str | None


_TEXTS_BY_LAW = "fixed R and T; skills per text drawn independently, each skill known beforehand independently"
_LDPC = "fixed degree sequences; every variable erased independently"


def waterfall(
    ensemble: Ensemble, *, learner: int = 1, known: float = 0.0, threshold: PeelingThreshold | None = None
) -> Waterfall:
    """Return width and shift of the jump in texts per skill.

    For texts by law with uniform popularity and D = 1, at the threshold (r*, u*),

        alpha^2 = (u* (1 - u*) - r* p^2) / p^2,    beta = Omega / (p n1''(u*)^(1/3)),

    p = -u* ln(u*/eps) / r* the share of texts with one unknown skill and n1(u) = u (c r rho(1-u) + ln(u/eps)). Proof in
    docs/theory.md: texts with one unknown skill are a binomial number less those already used.

    Parameters
    ----------
    ensemble : Ensemble
    learner : int
    known : float
        Share of skills known beforehand, each independently.
    threshold : PeelingThreshold, optional
        Result of `peeling_threshold` for the same arguments, if at hand.
    """
    found = threshold or peeling_threshold(ensemble, learner=learner, known=known)
    name = "texts_per_skill_ratio"
    if found.threshold is None or found.unlearned_before_jump is None:
        return Waterfall(name, None, None, None, "", found.reason)
    if ensemble.popularity is None or not ensemble.popularity.is_uniform or learner != 1:
        reason = "known for texts by law with uniform popularity and learner 1 only"
        return Waterfall(name, found.threshold, None, None, "", reason)
    r, u, law = found.threshold, found.unlearned_before_jump, ensemble.skills_per_text
    one_unknown = -u * np.log(u / (1 - known)) / r
    alpha = np.sqrt(u * (1 - u) - r * one_unknown**2) / one_unknown
    slope, curve = (law.mean * r * float(law.edge_complement(u, order)) for order in (1, 2))
    bend = _bend(slope, curve, u)
    beta = OMEGA / (one_unknown * np.cbrt(bend))
    return Waterfall(name, r, float(alpha), float(beta), _TEXTS_BY_LAW, None)


def _bend(first: float, second: float, u: float) -> float:
    """Second derivative of n1(u) = u (F(1 - u) + ln(u/eps)) from F' and F''."""
    return float(2 * (-first + 1 / u) + u * (second - 1 / u**2))


def erasure_waterfall(ensemble: Ensemble) -> Waterfall:
    """Return width and shift of the jump of an LDPC ensemble in the erasure probability.

    Parameters
    ----------
    ensemble : Ensemble
        Configuration ensemble with fixed degree sequences.

    References
    ----------
    Amraoui, Montanari, Richardson & Urbanke (2009), doi:10.1109/TIT.2008.2009580; with the signs that simulation
    confirms: minus before xbar^2 rho'(xbar^2), eps^2 lambda(y^2) and y^2 eps^2 lambda'(y^2).
    """
    found, name = erasure_thresholds(ensemble), "erasure_probability"
    if not found.jump or found.bp_threshold is None or found.message_before_jump is None:
        reason = found.reasons.get("bp_threshold", "learning is continuous at the threshold: no waterfall of this form")
        return Waterfall(name, found.bp_threshold, None, None, "", reason)
    eps, x = found.bp_threshold, found.message_before_jump
    alpha, beta = _ldpc_alpha(ensemble, eps, x), _ldpc_beta(ensemble, eps, x)
    return Waterfall(name, eps, alpha, beta, _LDPC, None)


def _ldpc_alpha(ensemble: Ensemble, eps: float, x: float) -> float:
    assert ensemble.texts_per_skill is not None
    texts, skills = ensemble.skills_per_text.excess, ensemble.texts_per_skill.excess
    xbar = 1 - x
    rho, slope = float(texts.node(xbar)), float(texts.node(xbar, 1))
    y = 1 - rho
    weight = ensemble.texts_per_skill.mean * float(skills.node(y)) ** 2
    checks = rho**2 - float(texts.node(xbar**2)) + slope * (1 - 2 * x * rho) - xbar**2 * float(texts.node(xbar**2, 1))
    erased = float(skills.node(y)) ** 2 - float(skills.node(y**2)) - y**2 * float(skills.node(y**2, 1))
    return float(np.sqrt(checks / (weight * slope**2) + eps**2 * erased / weight))


def _ldpc_beta(ensemble: Ensemble, eps: float, x: float) -> float:
    assert ensemble.texts_per_skill is not None
    texts, skills = ensemble.skills_per_text.excess, ensemble.texts_per_skill.excess
    xbar, y = 1 - x, float(ensemble.skills_per_text.edge_deficit(x))
    slope, curve = float(texts.node(xbar, 1)), float(texts.node(xbar, 2))
    first, second = float(skills.node(y, 1)), float(skills.node(y, 2))
    mean = ensemble.texts_per_skill.mean
    f = float(skills.node(y)) * second / first**2
    a = (curve * (eps * first) ** 2 - eps * slope * second) / (mean * x)
    s = mean * x**2 * slope / eps
    return float(OMEGA * np.cbrt(f**2 / a) / s)


def failure_probability(law: Waterfall, num_skills: int, value: np.ndarray | float) -> np.ndarray:
    """Return P_fail at values of the law's parameter; NaN where the width is not known.

    The law converges slowly, with a relative error of order R^(-1/3); failure means a large residual, small stopping
    sets are not counted.

    Parameters
    ----------
    law : Waterfall
    num_skills : int
        R, or the block length n.
    value : float or (n,) array
    """
    at = np.atleast_1d(np.asarray(value, dtype=float))
    if law.alpha is None or law.beta is None or law.threshold is None:
        return np.full(at.shape, np.nan)
    shift = law.beta * num_skills ** (-2 / 3)
    distance = at - law.threshold if law.parameter == "texts_per_skill_ratio" else law.threshold - at
    return special.ndtr(-np.sqrt(num_skills) * (distance - shift) / law.alpha)
