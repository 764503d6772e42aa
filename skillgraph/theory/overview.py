"""All thresholds of an ensemble as one record, with a reason for every value that does not exist."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any, TypeVar

from skillgraph.ensembles.ensemble import Ensemble
from skillgraph.ensembles.laws import Poisson
from skillgraph.ensembles.parsing import EnsembleLike, parse_ensemble
from skillgraph.records import Record
from skillgraph.theory.associations import association_threshold
from skillgraph.theory.components import percolation_threshold
from skillgraph.theory.density_evolution import load_curve
from skillgraph.theory.erasure import erasure_thresholds
from skillgraph.theory.erasure_curve import ErasureJump
from skillgraph.theory.finite_size import Waterfall, erasure_waterfall, waterfalls
from skillgraph.theory.thresholds import (
    CriticalEndpoint,
    Jump,
    critical_endpoint,
    critical_known,
    peeling_threshold,
)

__all__ = ["ErasureOverview", "Overview", "SizedErasureJump", "SizedJump", "describe", "describe_erasure"]

_Value = TypeVar("_Value")
_Sized = TypeVar("_Sized", "SizedJump", "SizedErasureJump")


class SizedJump(Record):
    """One jump with the finite-size law of its own.

    Attributes
    ----------
    texts_per_skill_ratio, unlearned_before, unlearned_after, message_before : float
        As in `Jump`.
    alpha, beta : float or None
        Width and shift.
    window : (low, high) or None
        Where a system of the size asked for jumps.
    reason : str or None
        Why one of them is missing.
    """

    texts_per_skill_ratio: float
    unlearned_before: float
    unlearned_after: float
    message_before: float
    alpha: float | None
    beta: float | None
    window: tuple[float, float] | None
    reason: str | None


class SizedErasureJump(Record):
    """The same for a jump in the erasure probability."""

    erasure_probability: float
    unlearned_before: float
    unlearned_after: float
    message_before: float
    alpha: float | None
    beta: float | None
    window: tuple[float, float] | None
    reason: str | None


class Overview(Record):
    """Infinite-size theory of an ensemble as texts per skill grow; a value that does not exist is None with a reason.

    Attributes
    ----------
    ensemble : Ensemble
    learner : int
    known : float
    percolation_threshold, peeling_threshold, association_threshold : float or None
        Texts per skill.
    jump : bool
        Whether what is learned jumps there.
    unlearned_before_jump, unlearned_after_jump, floor : float or None
        Shares of skills.
    jumps : tuple of SizedJump
    critical_endpoint : CriticalEndpoint or None
    critical_known : float or None
        Share known beforehand at which the jump vanishes.
    alpha, beta : float or None
        Finite-size width and shift.
    conditions : str or None
        What alpha and beta hold for.
    reason : str or None
        All reasons in one line.
    reasons : dict
        Name of a value that does not exist to the reason.
    """

    ensemble: Ensemble
    learner: int
    known: float
    percolation_threshold: float | None
    peeling_threshold: float | None
    jump: bool
    unlearned_before_jump: float | None
    unlearned_after_jump: float | None
    floor: float | None
    jumps: tuple[SizedJump, ...]
    critical_endpoint: CriticalEndpoint | None
    critical_known: float | None
    association_threshold: float | None
    alpha: float | None
    beta: float | None
    conditions: str | None
    reason: str | None
    reasons: dict[str, str]

    def headline(self) -> Mapping[str, Any]:
        """Return every single value and why others do not exist."""
        return _without(super().headline(), "jumps", "conditions", "reasons")


class ErasureOverview(Record):
    """Infinite-size theory of a configuration ensemble as the erasure probability grows, all texts there.

    Attributes
    ----------
    ensemble : Ensemble
    design_rate : float
    bp_threshold, map_threshold, stability_threshold : float or None
        Erasure probabilities.
    jump : bool
    unlearned_before_jump, floor : float or None
    jumps : tuple of SizedErasureJump
    percolation_threshold : float or None
        Texts per skill.
    alpha, beta, conditions, reason, reasons
        As in `Overview`.
    """

    ensemble: Ensemble
    design_rate: float
    bp_threshold: float | None
    map_threshold: float | None
    stability_threshold: float | None
    jump: bool
    unlearned_before_jump: float | None
    floor: float | None
    jumps: tuple[SizedErasureJump, ...]
    percolation_threshold: float | None
    alpha: float | None
    beta: float | None
    conditions: str | None
    reason: str | None
    reasons: dict[str, str]

    def headline(self) -> Mapping[str, Any]:
        """Return every single value and why others do not exist."""
        return _without(super().headline(), "jumps", "conditions", "reasons")


def _without(headline: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {label: value for label, value in headline.items() if label not in names}


def describe(
    ensemble: EnsembleLike, *, learner: int = 1, known: float = 0.0, num_skills: int | None = None
) -> Overview:
    """Return the infinite-size theory of an ensemble as texts per skill grow.

    Parameters
    ----------
    ensemble : Ensemble or str
    learner : int
        Unknown skills that one text can teach.
    known : float
        Share of skills known beforehand, in [0, 1].
    num_skills : int, optional
        Size at which the windows of the jumps are given.

    Returns
    -------
    Overview
    """
    ensemble = parse_ensemble(ensemble)
    if known == 1:
        return _nothing_to_learn(ensemble, learner)
    reasons: dict[str, str | None] = {}
    percolation = percolation_threshold(ensemble)
    peeling = peeling_threshold(ensemble, learner=learner, known=known)
    laws = waterfalls(ensemble, learner=learner, known=known, threshold=peeling)
    law = laws[-1] if laws and peeling.threshold is not None else None
    endpoint, reasons["critical_endpoint"] = _optional(lambda: _endpoint(ensemble, learner, known))
    association, reasons["association_threshold"] = _optional(
        lambda: (association_threshold(ensemble, learner=learner, known=known), None)
    )
    reasons["percolation_threshold"] = percolation.reason
    reasons["peeling_threshold"] = peeling.reason
    for name in ("unlearned_before_jump", "unlearned_after_jump", "floor"):
        reasons[name] = None if peeling.jump else peeling.reason
    reasons["alpha"] = reasons["beta"] = peeling.reason if law is None else law.reason
    if association == math.inf:
        association, reasons["association_threshold"] = None, "beyond the range of numbers"
    elif association is None and reasons["association_threshold"] is None:
        stuck = load_curve(ensemble, learner=learner, known=known).stuck
        reasons["association_threshold"] = peeling.reason if stuck else "learned skills never form a giant component"
    vanishing, reasons["critical_known"] = None, peeling.reason
    if peeling.jump or known > 0:
        vanishing, reasons["critical_known"] = _optional(lambda: (critical_known(ensemble, learner=learner), None))
        if vanishing is None and reasons["critical_known"] is None:
            reasons["critical_known"] = "there is no jump without prior knowledge"
    return Overview(
        ensemble=ensemble,
        learner=learner,
        known=known,
        percolation_threshold=percolation.threshold,
        peeling_threshold=peeling.threshold,
        jump=peeling.jump,
        unlearned_before_jump=peeling.unlearned_before_jump,
        unlearned_after_jump=peeling.unlearned_after_jump,
        floor=peeling.floor,
        jumps=tuple(_sized(SizedJump, *pair, num_skills) for pair in zip(peeling.jumps, laws, strict=True)),
        critical_endpoint=endpoint,
        critical_known=vanishing,
        association_threshold=association,
        alpha=None if law is None else law.alpha,
        beta=None if law is None else law.beta,
        conditions=None if law is None else law.conditions or None,
        **_told(reasons),
    )


def _sized(kind: type[_Sized], jump: Jump | ErasureJump, law: Waterfall, num_skills: int | None) -> _Sized:
    """Return one jump with the finite-size law of its own."""
    values = {one.name: getattr(jump, one.name) for one in fields(jump) if one.name != "message_known"}
    window = None if num_skills is None else law.window(num_skills)
    reason = law.reason or ("a window needs a number of skills" if num_skills is None else None)
    return kind(**values, alpha=law.alpha, beta=law.beta, window=window, reason=reason)


def _optional(compute: Callable[[], tuple[_Value, str | None]]) -> tuple[_Value | None, str | None]:
    """Return a number that only decorates the answer, and a reason; whatever stops it must not stop the answer."""
    try:
        return compute()
    except (ArithmeticError, ValueError, RuntimeError) as error:
        return None, f"cannot be computed in double precision here ({error})"


def _nothing_to_learn(ensemble: Ensemble, learner: int) -> Overview:
    """Return the record of an ensemble whose skills are all known beforehand."""
    percolation = percolation_threshold(ensemble)
    shares = ("peeling_threshold", "unlearned_before_jump", "unlearned_after_jump", "floor")
    missing = (*shares, "critical_endpoint", "critical_known", "alpha", "beta")
    reasons: dict[str, str | None] = dict.fromkeys(missing, "all skills are known beforehand")
    reasons["percolation_threshold"] = percolation.reason
    return Overview(
        ensemble=ensemble,
        learner=learner,
        known=1.0,
        percolation_threshold=percolation.threshold,
        association_threshold=percolation.threshold,
        jump=False,
        jumps=(),
        **dict.fromkeys(missing),  # type: ignore[arg-type]
        conditions=None,
        **_told(reasons),
    )


def describe_erasure(ensemble: EnsembleLike) -> ErasureOverview:
    """Return the infinite-size theory of an LDPC ensemble as the erasure probability grows, all texts there.

    Parameters
    ----------
    ensemble : Ensemble or str
        Configuration ensemble.

    Returns
    -------
    ErasureOverview
    """
    ensemble = parse_ensemble(ensemble)
    found, law = erasure_thresholds(ensemble), erasure_waterfall(ensemble)
    laws = [erasure_waterfall(ensemble, jump=k) for k in range(len(found.jumps))]
    percolation = percolation_threshold(ensemble)
    reasons: dict[str, str | None] = dict(found.reasons)
    reasons["alpha"] = reasons["beta"] = law.reason
    reasons["percolation_threshold"] = percolation.reason
    return ErasureOverview(
        ensemble=ensemble,
        design_rate=found.design_rate,
        bp_threshold=found.bp_threshold,
        map_threshold=found.map_threshold,
        stability_threshold=found.stability_threshold,
        jump=found.jump,
        unlearned_before_jump=found.unlearned_before_jump,
        floor=found.floor,
        jumps=tuple(_sized(SizedErasureJump, *pair, None) for pair in zip(found.jumps, laws, strict=True)),
        percolation_threshold=percolation.threshold,
        alpha=law.alpha,
        beta=law.beta,
        conditions=law.conditions or None,
        **_told(reasons),
    )


def _endpoint(ensemble: Ensemble, learner: int, known: float) -> tuple[CriticalEndpoint | None, str | None]:
    if isinstance(ensemble.skills_per_text, Poisson) and ensemble.independent_edges:
        return critical_endpoint(learner=learner, known=known), None
    return None, "the line of jumps and its end are given for Poisson skills per text with uniform popularity"


def _told(reasons: dict[str, str | None]) -> dict[str, Any]:
    """Return the reasons by name, and all of them in one line, names with the same reason together."""
    given = {name: reason for name, reason in reasons.items() if reason is not None}
    together: dict[str, list[str]] = {}
    for name, reason in given.items():
        together.setdefault(reason, []).append(name)
    line = "; ".join(f"{', '.join(names)}: {reason}" for reason, names in together.items())
    return {"reason": line or None, "reasons": given}
