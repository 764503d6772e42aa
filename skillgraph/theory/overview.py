"""All thresholds of an ensemble as one record, with a reason for every value that does not exist."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict
from typing import Any, TypeVar

from skillgraph.ensembles.ensemble import Ensemble
from skillgraph.ensembles.laws import Poisson
from skillgraph.ensembles.parsing import EnsembleLike, parse_ensemble
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

__all__ = ["describe", "describe_erasure"]

_Value = TypeVar("_Value")


def describe(
    ensemble: EnsembleLike, *, learner: int = 1, known: float = 0.0, num_skills: int | None = None
) -> dict[str, Any]:
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
    dict
        Thresholds in texts per skill, shares of skills; a missing value is None, and ``reasons`` says why by name,
        ``reason`` in one line. Each of the ``jumps`` has its own alpha, beta and window.
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
    return {
        **_names(ensemble, learner, known),
        "percolation_threshold": percolation.threshold,
        "peeling_threshold": peeling.threshold,
        "jump": peeling.jump,
        "unlearned_before_jump": peeling.unlearned_before_jump,
        "unlearned_after_jump": peeling.unlearned_after_jump,
        "floor": peeling.floor,
        "jumps": tuple(_jump(*pair, num_skills) for pair in zip(peeling.jumps, laws, strict=True)),
        "critical_endpoint": endpoint,
        "critical_known": vanishing,
        "association_threshold": association,
        "alpha": None if law is None else law.alpha,
        "beta": None if law is None else law.beta,
        "conditions": None if law is None else law.conditions or None,
        **_told(reasons),
    }


def _jump(jump: Jump | ErasureJump, law: Waterfall, num_skills: int | None) -> dict[str, Any]:
    """Return one jump with the finite-size law of its own."""
    values = asdict(jump)
    del values["message_known"]
    window = None if num_skills is None else law.window(num_skills)
    reason = law.reason or ("a window needs a number of skills" if num_skills is None else None)
    return values | {"alpha": law.alpha, "beta": law.beta, "window": window, "reason": reason}


def _optional(compute: Callable[[], tuple[_Value, str | None]]) -> tuple[_Value | None, str | None]:
    """Return a number that only decorates the answer, and a reason; whatever stops it must not stop the answer."""
    try:
        return compute()
    except (ArithmeticError, ValueError, RuntimeError) as error:
        return None, f"cannot be computed in double precision here ({error})"


def _nothing_to_learn(ensemble: Ensemble, learner: int) -> dict[str, Any]:
    """Return the record of an ensemble whose skills are all known beforehand."""
    percolation = percolation_threshold(ensemble)
    shares = ("peeling_threshold", "unlearned_before_jump", "unlearned_after_jump", "floor")
    missing = (*shares, "critical_endpoint", "critical_known", "alpha", "beta")
    reasons: dict[str, str | None] = dict.fromkeys(missing, "all skills are known beforehand")
    reasons["percolation_threshold"] = percolation.reason
    return {
        **_names(ensemble, learner, 1.0),
        "percolation_threshold": percolation.threshold,
        "association_threshold": percolation.threshold,
        "jump": False,
        "jumps": (),
        **dict.fromkeys(missing),
        "conditions": None,
        **_told(reasons),
    }


def describe_erasure(ensemble: EnsembleLike) -> dict[str, Any]:
    """Return the infinite-size theory of an LDPC ensemble as the erasure probability grows, all texts there.

    Parameters
    ----------
    ensemble : Ensemble or str
        Configuration ensemble.

    Returns
    -------
    dict
        As `describe`, with thresholds in erasure probability.
    """
    ensemble = parse_ensemble(ensemble)
    found, law = erasure_thresholds(ensemble), erasure_waterfall(ensemble)
    laws = [erasure_waterfall(ensemble, jump=k) for k in range(len(found.jumps))]
    percolation = percolation_threshold(ensemble)
    reasons: dict[str, str | None] = dict(found.reasons)
    reasons["alpha"] = reasons["beta"] = law.reason
    reasons["percolation_threshold"] = percolation.reason
    return {
        **_names(ensemble, 1, None),
        "design_rate": found.design_rate,
        "bp_threshold": found.bp_threshold,
        "map_threshold": found.map_threshold,
        "stability_threshold": found.stability_threshold,
        "jump": found.jump,
        "unlearned_before_jump": found.unlearned_before_jump,
        "floor": found.floor,
        "jumps": tuple(_jump(*pair, None) for pair in zip(found.jumps, laws, strict=True)),
        "percolation_threshold": percolation.threshold,
        "alpha": law.alpha,
        "beta": law.beta,
        "conditions": law.conditions or None,
        **_told(reasons),
    }


def _names(ensemble: Ensemble, learner: int, known: float | None) -> dict[str, Any]:
    skills = ensemble.texts_per_skill
    side = {"skill_popularity": str(ensemble.popularity)} if skills is None else {"texts_per_skill": str(skills)}
    return {
        "skills_per_text": str(ensemble.skills_per_text),
        **side,
        "learner": learner,
        **({} if known is None else {"known": known}),
    }


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
