"""Thresholds of learning at infinite size: where learning jumps, by how much, and where the jump ends."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import ClassVar

import numpy as np
from scipy import optimize

from skillgraph.ensembles.degrees import fixed, mixture, poisson
from skillgraph.ensembles.ensemble import texts_by_law
from skillgraph.ensembles.laws import DegreeLaw
from skillgraph.ensembles.parsing import EnsembleLike, parse_ensemble
from skillgraph.records import Record
from skillgraph.theory.density_evolution import load_curve
from skillgraph.theory.load_curve import LoadCurve
from skillgraph.theory.turning import NOISE

__all__ = [
    "CriticalEndpoint",
    "Jump",
    "PeelingThreshold",
    "critical_endpoint",
    "critical_known",
    "critical_one_skill_share",
    "peeling_threshold",
]

_LARGEST = math.log(1e308)  # of the texts per skill that a number holds


class Jump(Record):
    """One jump of the unlearned share as texts per skill increase.

    Attributes
    ----------
    texts_per_skill_ratio : float
    unlearned_before, unlearned_after : float
        Shares of skills on the two sides.
    message_before, message_known : float
        Edge perspective of ``unlearned_before``, and 1 less it to full precision.
    """

    texts_per_skill_ratio: float
    unlearned_before: float
    unlearned_after: float
    message_before: float
    message_known: float


class PeelingThreshold(Record):
    """Result of `peeling_threshold`.

    Attributes
    ----------
    threshold : float or None
        r*, texts per skill; None where there is no jump, or where it exceeds the range of numbers (``reason`` says
        which).
    jump : bool
        Whether there is one.
    unlearned_before_jump, unlearned_after_jump : float or None
    floor : float or None
        Unlearned share that remains just above the threshold, the same as ``unlearned_after_jump``.
    jumps : tuple of Jump
        All jumps, in the order in which growing r meets them; the last one is the threshold.
    reason : str or None
    """

    threshold: float | None
    jump: bool
    unlearned_before_jump: float | None
    unlearned_after_jump: float | None
    floor: float | None
    jumps: tuple[Jump, ...]
    reason: str | None


class CriticalEndpoint(Record):
    """Where the line of jumps ends: Poisson texts of mean c, r texts per skill, unlearned share u."""

    skills_per_text: float
    texts_per_skill_ratio: float
    unlearned_share: float
    keys: ClassVar[Mapping[str, str]] = {"skills_per_text": "mean_skills_per_text"}


def peeling_threshold(ensemble: EnsembleLike, *, learner: int = 1, known: float = 0.0) -> PeelingThreshold:
    """Find the texts per skill at which learning jumps.

    The threshold is the largest interior local maximum of the load curve, where the large fixed point of density
    evolution disappears; found to 1e-10 relative or better. A jump is claimed where the slope of the map exceeds 1 by
    more than its rounding error of 1e-13; below that learning is called continuous.

    Parameters
    ----------
    ensemble : Ensemble or str
    learner : int
        Unknown skills that one text can teach.
    known : float
        Share of skills known beforehand, in [0, 1].

    Returns
    -------
    PeelingThreshold

    Raises
    ------
    ValueError
        If a parameter is out of range.

    References
    ----------
    Poisson texts, D = 1: c u* ln(1/u*) = 1 (larger root), r* = -ln(u*) e^{c u*} / c; Luby et al. (2001),
    doi:10.1109/18.910575. D-skill learners: Liao, Chang & Hong (2024), arXiv:2404.07009.

    Examples
    --------
    >>> round(peeling_threshold("poisson:6").threshold, 10)
    4.5329896199
    >>> peeling_threshold("poisson:2").threshold is None
    True
    """
    ensemble = parse_ensemble(ensemble)
    curve = load_curve(ensemble, learner=learner, known=known)
    if curve.stuck or curve.unknown == 0:
        return _no_jump(_stuck_reason(curve) if curve.stuck else "all skills are known beforehand")
    heights = curve.log_load(curve.records) - math.log(ensemble.load_per_ratio) if curve.records.size else np.empty(0)
    full = ensemble.full_ratio
    reachable = heights if full is None else heights[heights <= math.log(full) + 1e-14]
    if heights.size == 0:
        return _no_jump(_continuous_reason(curve))
    if reachable.size == 0:
        return _no_jump(
            f"the jump would need {math.exp(heights[0]):.6g} texts per skill, more than the {full:.6g} of the complete "
            f"ensemble"
        )
    jumps = tuple(_jump(curve, k, float(height)) for k, height in enumerate(reachable) if height < _LARGEST)
    last, highest = len(reachable) - 1, float(reachable[-1])
    before, after = float(curve.unlearned_at(curve.records[last])), float(curve.unlearned_at(curve.after_jump(last)))
    if highest >= _LARGEST:
        reason = f"learning jumps at about 10^{highest / math.log(10):.0f} texts per skill, beyond the range of numbers"
        return PeelingThreshold(None, True, before, after, after, jumps, reason)
    return PeelingThreshold(math.exp(highest), True, before, after, after, jumps, None)


def _jump(curve: LoadCurve, record: int, log_ratio: float) -> Jump:
    place = curve.records[record]
    state = curve.state(place)
    return Jump(
        math.exp(log_ratio),
        float(curve.unlearned_at(place)),
        float(curve.unlearned_at(curve.after_jump(record))),
        float(state.x),
        float(state.known),
    )


def _continuous_reason(curve: LoadCurve) -> str:
    if curve.turns:
        return "learning is continuous: where the map is steeper than 1, its fixed points are never reached"
    return (
        f"learning is continuous: the map of density evolution has a slope of at most {curve.steepest:.6g}, never more "
        f"than 1"
    )


def _no_jump(reason: str) -> PeelingThreshold:
    return PeelingThreshold(None, False, None, None, None, (), reason)


def _stuck_reason(curve: LoadCurve) -> str:
    skills = "one skill" if curve.learner == 1 else f"1 to {curve.learner} skills"
    return f"learning never starts: no text has {skills} and nothing is known beforehand"


def critical_endpoint(*, learner: int = 1, known: float = 0.0) -> CriticalEndpoint:
    """Find the endpoint of the line of jumps in the plane of Poisson skills per text and texts per skill.

    For D = 1 it is (e / eps, eps, eps / e).

    Parameters
    ----------
    learner : int
    known : float
        Share of skills known beforehand, in [0, 1).

    Raises
    ------
    ValueError
        If ``known`` is 1: there is nothing to learn.
    """
    if known == 1:
        raise ValueError("the line of jumps needs skills to learn: known must lie in [0, 1), got 1")

    def excess(c: float) -> float:
        return load_curve(texts_by_law(poisson(c)), learner=learner, known=known).steepest - 1

    low = 1.0
    while excess(2 * low) < 0:
        low *= 2
    c = float(optimize.brentq(excess, low / 2, 2 * low, xtol=1e-14, rtol=8.9e-16))
    curve = load_curve(texts_by_law(poisson(c)), learner=learner, known=known)
    place = _steepest_place(curve)
    return CriticalEndpoint(c, float(curve.load(place)) / c, float(curve.unlearned_at(place)))


def _steepest_place(curve: LoadCurve) -> float:
    """Place at which the slope is largest, from the vanishing of its derivative: better than a maximum is known."""
    middle = curve.steepest_place[0]

    def rise(place: float) -> float:
        width = 1e-4 * place
        return float(curve.slope(place + width) - curve.slope(place - width))

    return float(optimize.brentq(rise, 0.9 * middle, 1.1 * middle, xtol=1e-15))


def critical_known(ensemble: EnsembleLike, *, learner: int = 1) -> float | None:
    """Return the share of skills known beforehand at which the jump vanishes; None if there is no jump without any."""
    ensemble = parse_ensemble(ensemble)

    def excess(known: float) -> float:
        return load_curve(ensemble, learner=learner, known=known).steepest - 1

    if excess(0.0) <= NOISE:
        return None
    return float(optimize.brentq(excess, 0.0, 1 - 1e-9, xtol=1e-14))


def critical_one_skill_share(law: DegreeLaw) -> float | None:
    """Return the share of edges in one-skill texts at which the jump of a law of skills per text vanishes.

    Texts of one skill are mixed into the law; texts per skill are Poisson. For a fixed degree d it is A / (1 + A) with
    A = (ln(d-1) - y) y^(d-2), y = (d-2)/(d-1). None if there is no jump without them.
    """

    def excess(share: float) -> float:
        texts = mixture([(share, fixed(1)), ((1 - share) / law.mean, law)])
        return LoadCurve(texts_by_law(texts)).steepest - 1

    if excess(1e-12) <= 0:
        return None
    return float(optimize.brentq(excess, 1e-12, 1 - 1e-9, xtol=1e-14))
