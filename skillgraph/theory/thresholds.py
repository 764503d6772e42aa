"""Thresholds of learning at infinite size: where learning jumps, by how much, and where the jump ends."""

from __future__ import annotations

import numpy as np
from scipy import optimize

from skillgraph.ensembles.degrees import fixed, mixture, poisson
from skillgraph.ensembles.ensemble import texts_by_law
from skillgraph.ensembles.laws import DegreeLaw
from skillgraph.ensembles.parsing import EnsembleLike, parse_ensemble
from skillgraph.records import Record
from skillgraph.theory.density_evolution import load_curve
from skillgraph.theory.load_curve import LoadCurve

__all__ = [
    "CriticalEndpoint",
    "Jump",
    "PeelingThreshold",
    "critical_endpoint",
    "critical_known",
    "critical_one_skill_share",
    "peeling_threshold",
]


class Jump(Record):
    """One jump of the unlearned share as texts per skill increase.

    Attributes
    ----------
    texts_per_skill_ratio : float
    unlearned_before, unlearned_after : float
        Shares of skills on the two sides.
    message_before : float
        Edge perspective of ``unlearned_before``.
    """

    texts_per_skill_ratio: float
    unlearned_before: float
    unlearned_after: float
    message_before: float


class PeelingThreshold(Record):
    """Result of `peeling_threshold`.

    Attributes
    ----------
    threshold : float or None
        r*, texts per skill; None where there is no jump (``reason`` says why).
    jump : bool
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


def peeling_threshold(ensemble: EnsembleLike, *, learner: int = 1, known: float = 0.0) -> PeelingThreshold:
    """Find the texts per skill at which learning jumps.

    The threshold is the largest interior local maximum of the load curve, where the large fixed point of density
    evolution disappears; found to 1e-10 relative or better.

    Parameters
    ----------
    ensemble : Ensemble or str
    learner : int
        Unknown skills that one text can teach.
    known : float
        Share of skills known beforehand, in [0, 1).

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
    if curve.stuck:
        return _no_jump(_stuck_reason(curve))
    records = _records(curve, curve.maxima)
    full = ensemble.full_ratio
    reachable = [s for s in records if full is None or float(curve.load(s)) <= 1]
    if not records:
        return _no_jump(
            f"learning is continuous: the map of density evolution has a slope of at most {curve.steepest:.6g}, "
            f"never more than 1"
        )
    if not reachable:
        first = float(curve.load(records[0])) / ensemble.load_per_ratio
        return _no_jump(
            f"the jump would need {first:.6g} texts per skill, more than the {full:.6g} of the complete ensemble"
        )
    jumps = tuple(_jump(curve, s) for s in reachable)
    last = jumps[-1]
    return PeelingThreshold(
        last.texts_per_skill_ratio,
        True,
        last.unlearned_before,
        last.unlearned_after,
        last.unlearned_after,
        jumps,
        None,
    )


def _records(curve: LoadCurve, maxima: np.ndarray) -> list[float]:
    """Keep the maxima that are higher than all before: the others are passed without a jump."""
    kept: list[float] = []
    highest = -np.inf
    for s in maxima:
        value = float(curve.load(s))
        if value > highest:
            kept.append(float(s))
            highest = value
    return kept


def _jump(curve: LoadCurve, s: float) -> Jump:
    load, x = float(curve.load(s)), float(curve.message(s))
    above = np.array([load * (1 + 1e-14)])
    after = curve.largest_root(above)
    return Jump(
        load / curve.ensemble.load_per_ratio,
        float(curve.unlearned(x, load)),
        float(curve.unlearned(after, above)[0]),
        x,
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
    """

    def excess(c: float) -> float:
        return load_curve(texts_by_law(poisson(c)), learner=learner, known=known).steepest - 1

    low = 1.0
    while excess(2 * low) < 0:
        low *= 2
    c = float(optimize.brentq(excess, low / 2, 2 * low, xtol=1e-14, rtol=8.9e-16))
    curve = load_curve(texts_by_law(poisson(c)), learner=learner, known=known)
    s = _steepest_place(curve)
    load = float(curve.load(s))
    return CriticalEndpoint(c, load / c, float(curve.unlearned(curve.message(s), load)))


def _steepest_place(curve: LoadCurve) -> float:
    """Teaching load at which the slope is largest, from the vanishing of its derivative."""
    grid = np.geomspace(1e-4, 30.0, 4000)
    place = int(np.argmax(curve.slope(grid)))

    def rise(s: float) -> float:
        width = 1e-4 * s
        return float(curve.slope(s + width) - curve.slope(s - width))

    return float(optimize.brentq(rise, grid[place - 1], grid[place + 1], xtol=1e-15))


def critical_known(ensemble: EnsembleLike, *, learner: int = 1) -> float | None:
    """Return the share of skills known beforehand at which the jump vanishes; None if there is no jump without any."""
    ensemble = parse_ensemble(ensemble)

    def excess(known: float) -> float:
        return load_curve(ensemble, learner=learner, known=known).steepest - 1

    if excess(0.0) <= 0:
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
