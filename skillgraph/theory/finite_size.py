"""Finite size: where and how wide the jump of learning is in an ensemble of R skills.

Near its threshold a finite system either jumps or does not. The share of failures is

    P_fail = Q( sqrt(R) (r - r* - beta R^(-2/3)) / alpha ),

with alpha from the fluctuations of the number of texts with one unknown skill where that number touches 0, and beta
from the Brownian motion around its minimum. Where the erasure probability varies instead of r, the numerator is
eps* - eps - beta n^(-2/3). The formulas are in `skillgraph.theory.jump_width`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Literal

import numpy as np
from scipy import special

from skillgraph.ensembles.ensemble import Ensemble, configuration
from skillgraph.ensembles.parsing import EnsembleLike, parse_ensemble
from skillgraph.records import Record
from skillgraph.theory.covariance_evolution import LARGEST_LEARNER, covariance_width
from skillgraph.theory.erasure import erasure_thresholds
from skillgraph.theory.jump_width import (
    JumpState,
    degree_variance,
    erasure_shift,
    erasure_variance,
    ratio_slope,
    uniform_width,
)
from skillgraph.theory.thresholds import Jump, PeelingThreshold, peeling_threshold

__all__ = ["Waterfall", "core_waterfall", "erasure_waterfall", "failure_probability", "waterfall", "waterfalls"]


class Waterfall(Record):
    """Finite-size law of a jump.

    Attributes
    ----------
    parameter : {"texts_per_skill_ratio", "erasure_probability", "edges_per_vertex"}
        What varies: success above the threshold in texts per skill, below it in the others.
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

    def window(self, num_skills: int, widths: float = 5.0) -> tuple[float, float] | None:
        """Return where, at a number of skills, some graphs have jumped and others have not; None without a width.

        Parameters
        ----------
        num_skills : int
        widths : float
            Half width in standard deviations, about the shifted threshold.
        """
        if self.alpha is None or self.beta is None or self.threshold is None:
            return None
        sign = 1 if self.parameter == "texts_per_skill_ratio" else -1
        centre = self.threshold + sign * self.beta * num_skills ** (-2 / 3)
        half = widths * self.alpha * num_skills**-0.5
        return max(0.0, centre - half), centre + half


_BY_LAW = "fixed R and T; skills per text drawn independently, each skill known beforehand independently"
_PARTIAL = "fixed degree sequences of all texts, of which a random T have arrived; each skill known independently"
_FIXED = "fixed degree sequences; each skill known beforehand independently"


def waterfall(
    ensemble: EnsembleLike,
    *,
    learner: int = 1,
    known: float = 0.0,
    threshold: PeelingThreshold | None = None,
    parameter: Literal["texts_per_skill_ratio", "erasure_probability"] = "texts_per_skill_ratio",
    degrees: Literal["fixed", "random"] = "random",
    jump: int = -1,
) -> Waterfall:
    """Return width and shift of a jump.

    Learners with D > 1 by covariance evolution (texts by law with uniform popularity). For D = 1 and texts by law with
    uniform popularity and random degrees, at the threshold (r*, u*), it is

        alpha^2 = (u* (1 - u*) - r* p^2) / p^2,    beta = Omega / (p n1''(u*)^(1/3)),

    p = -u* ln(u*/eps) / r* and n1(u) = u (c r rho(1-u) + ln(u/eps)) the texts with one unknown skill.

    Parameters
    ----------
    ensemble : Ensemble or str
    learner : int
        Unknown skills that one text can teach.
    known : float
        Share of skills known beforehand, each independently.
    threshold : PeelingThreshold, optional
        Result of `peeling_threshold` for the same arguments, if at hand.
    parameter : {"texts_per_skill_ratio", "erasure_probability"}
        In what the width is measured: texts per skill at this share of known skills, or the share of unknown skills
        at the threshold in texts per skill.
    degrees : {"random", "fixed"}
        Whether degrees fluctuate as the ensemble says, or every degree occurs as often as expected.
    jump : int
        Which of several jumps, in the order in which texts are added; the last if omitted.

    Returns
    -------
    Waterfall
        Without alpha and beta, and with the reason, where they are not known or cannot be computed.

    Raises
    ------
    ValueError
        If a parameter is out of range.

    References
    ----------
    See `skillgraph.theory.jump_width`; docs/theory.md.

    Examples
    --------
    >>> law = waterfall("poisson:6")
    >>> round(law.alpha, 5), round(law.beta, 4)
    (10.34248, 16.0921)
    """
    ensemble = parse_ensemble(ensemble)
    found = threshold or peeling_threshold(ensemble, learner=learner, known=known)
    if found.threshold is None:
        return Waterfall(parameter, None, None, None, "", found.reason)
    chosen = found.jumps[jump]
    ratio = chosen.texts_per_skill_ratio
    place = ratio if parameter == "texts_per_skill_ratio" else 1 - known
    if learner != 1:
        return _of_learner(ensemble, chosen, learner, known, parameter, degrees)
    load = ratio * ensemble.load_per_ratio
    state = JumpState(ensemble, load, 1 - known, chosen.message_before, chosen.message_known)
    moving = _BY_LAW if ensemble.full_ratio is None else _PARTIAL
    conditions = moving if degrees == "random" else _FIXED
    return _decorated(parameter, place, conditions, lambda: _width(state, parameter, degrees))


def waterfalls(
    ensemble: Ensemble, *, learner: int = 1, known: float = 0.0, threshold: PeelingThreshold | None = None
) -> tuple[Waterfall, ...]:
    """Return width and shift of every jump in texts per skill, in the order in which texts are added."""
    found = threshold or peeling_threshold(ensemble, learner=learner, known=known)
    return tuple(
        waterfall(ensemble, learner=learner, known=known, threshold=found, jump=k) for k in range(len(found.jumps))
    )


def _width(state: JumpState, parameter: str, degrees: str) -> tuple[float, float]:
    """Return alpha and beta of D = 1."""
    popularity = state.ensemble.popularity
    if (
        parameter == "texts_per_skill_ratio"
        and degrees == "random"
        and popularity is not None
        and popularity.is_uniform
    ):
        return uniform_width(state)
    variance = erasure_variance(state) + (degree_variance(state) if degrees == "random" else 0.0)
    unit = ratio_slope(state) if parameter == "texts_per_skill_ratio" else 1.0
    return float(np.sqrt(variance)) / unit, erasure_shift(state) / unit


def _decorated(parameter: str, place: float, conditions: str, compute: Callable[[], tuple[float, float]]) -> Waterfall:
    """Return a threshold with its width and shift, or with the reason why they cannot be computed."""
    try:
        with np.errstate(over="raise", divide="raise", invalid="raise"):
            alpha, beta = compute()
    except (ArithmeticError, ValueError) as error:
        reason = f"width and shift cannot be computed in double precision here ({error})"
        return Waterfall(parameter, place, None, None, "", reason)
    if not (math.isfinite(alpha) and math.isfinite(beta) and alpha > 0):
        reason = f"width and shift cannot be computed in double precision here (alpha {alpha:g}, beta {beta:g})"
        return Waterfall(parameter, place, None, None, "", reason)
    return Waterfall(parameter, place, alpha, beta, conditions, None)


def _of_learner(ensemble: Ensemble, jump: Jump, learner: int, known: float, parameter: str, degrees: str) -> Waterfall:
    """Return the law of a learner with D > 1."""
    by_ratio, place = parameter == "texts_per_skill_ratio" and degrees == "random", jump.texts_per_skill_ratio
    if not by_ratio or ensemble.popularity is None or not ensemble.popularity.is_uniform:
        reason = (
            "for learners of several skills known in texts per skill, for texts by law with uniform popularity only"
        )
        return Waterfall(parameter, place, None, None, "", reason)
    if learner > LARGEST_LEARNER:
        reason = f"computed for learners of at most {LARGEST_LEARNER} skills"
        return Waterfall(parameter, place, None, None, "", reason)
    return _decorated(parameter, place, _BY_LAW, lambda: covariance_width(ensemble, jump, learner=learner, known=known))


def erasure_waterfall(ensemble: EnsembleLike, *, jump: int = -1) -> Waterfall:
    """Return width and shift of a jump of an LDPC ensemble in the erasure probability, all texts there.

    Parameters
    ----------
    ensemble : Ensemble or str
        Configuration ensemble with fixed degree sequences.
    jump : int
        Which of several jumps, in the order in which a falling erasure probability meets them; the last if omitted.

    References
    ----------
    Amraoui, Montanari, Richardson & Urbanke (2009), doi:10.1109/TIT.2008.2009580.
    """
    ensemble = parse_ensemble(ensemble)
    found, name = erasure_thresholds(ensemble), "erasure_probability"
    if not found.jumps or (jump == -1 and not found.jump):
        reason = found.reasons.get("bp_threshold", "learning is continuous at the threshold: no waterfall of this form")
        return Waterfall(name, found.bp_threshold, None, None, "", reason)
    chosen = found.jumps[jump]
    state = JumpState(ensemble, 1.0, chosen.erasure_probability, chosen.message_before, chosen.message_known)
    return _decorated(
        name,
        chosen.erasure_probability,
        _FIXED,
        lambda: (float(np.sqrt(erasure_variance(state))), erasure_shift(state)),
    )


def core_waterfall(uniformity: int) -> Waterfall:
    """Return the law of P(the 2-core of a random hypergraph is not empty) in edges per vertex.

    A hyperedge is a skill, a vertex a text: a vertex in one edge removes it. A fixed number of edges, each of
    ``uniformity`` vertices drawn independently; the size in `failure_probability` is the number of vertices.

    Parameters
    ----------
    uniformity : int
        Vertices per edge, at least 3.
    """
    if uniformity < 3:
        raise ValueError(f"uniformity must be at least 3, got {uniformity}")
    unit = erasure_thresholds(configuration(f"poisson:{uniformity}", f"fixed:{uniformity}"))
    assert unit.jump
    edges, message = unit.jumps[-1].erasure_probability, unit.jumps[-1].message_before
    # edges per vertex: a share eps of one edge per vertex
    ensemble = configuration(f"poisson:{uniformity * edges!r}", f"fixed:{uniformity}")
    state = JumpState(ensemble, 1.0, 1.0, message / edges, 1 - message / edges)
    alpha = float(np.sqrt(edges * (erasure_variance(state) + _multinomial_variance(state))))
    conditions = "fixed numbers of edges and vertices; vertices of an edge drawn independently"
    return Waterfall("edges_per_vertex", edges, alpha, float(np.cbrt(edges)) * erasure_shift(state), conditions, None)


def _multinomial_variance(state: JumpState) -> float:
    """What Poisson degrees of texts, given their sum, add to alpha^2 in the erasure probability."""
    mean, x, y = state.ensemble.skills_per_text.mean, state.message, state.failing
    xbar, per_text = 1 - x, 1 / state.ensemble.load_per_ratio
    power = mean * np.exp(-mean * x)
    square = mean * np.exp(-mean * (1 - xbar**2)) * (1 + mean * xbar**2)
    covariance = power * (1 + mean * xbar) - power * mean
    factor = state.skills(y, 1 - y, 1) / state.skills(y, 1 - y) / state.mean_degree
    return float(factor**2 * per_text * (square - power**2 - covariance**2 / mean) * state.erasure**2)


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

    Returns
    -------
    (n,) float64 array
        NaN where the width is not known.

    Raises
    ------
    ValueError
        If ``num_skills`` is not positive.

    References
    ----------
    Amraoui, Montanari, Richardson & Urbanke (2009), doi:10.1109/TIT.2008.2009580.

    Examples
    --------
    >>> law = waterfall("poisson:6")
    >>> failure_probability(law, 10_000, [4.4, 4.6, 4.8]).round(3).tolist()
    [0.947, 0.377, 0.012]
    """
    at = np.atleast_1d(np.asarray(value, dtype=float))
    if law.alpha is None or law.beta is None or law.threshold is None:
        return np.full(at.shape, np.nan)
    shift = law.beta * num_skills ** (-2 / 3)
    distance = at - law.threshold if law.parameter == "texts_per_skill_ratio" else law.threshold - at
    return special.ndtr(-np.sqrt(num_skills) * (distance - shift) / law.alpha)
