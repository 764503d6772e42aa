"""All thresholds of an ensemble as one record, with a reason for every value that does not exist."""

from __future__ import annotations

from typing import Any

from skillgraph.ensembles.ensemble import Ensemble
from skillgraph.ensembles.laws import Poisson
from skillgraph.ensembles.parsing import EnsembleLike, parse_ensemble
from skillgraph.theory.associations import association_threshold
from skillgraph.theory.components import percolation_threshold
from skillgraph.theory.erasure import erasure_thresholds
from skillgraph.theory.finite_size import erasure_waterfall, waterfall
from skillgraph.theory.thresholds import CriticalEndpoint, critical_endpoint, critical_known, peeling_threshold

__all__ = ["describe", "describe_erasure"]


def describe(ensemble: EnsembleLike, *, learner: int = 1, known: float = 0.0) -> dict[str, Any]:
    """Return the infinite-size theory of an ensemble as texts per skill grow.

    Parameters
    ----------
    ensemble : Ensemble or str
    learner : int
        Unknown skills that one text can teach.
    known : float
        Share of skills known beforehand, in [0, 1].

    Returns
    -------
    dict
        Thresholds in texts per skill, shares of skills; a missing value is None, and ``reasons`` says why by name,
        ``reason`` in one line.
    """
    ensemble = parse_ensemble(ensemble)
    if known == 1:
        return _nothing_to_learn(ensemble, learner)
    reasons: dict[str, str | None] = {}
    percolation = percolation_threshold(ensemble)
    peeling = peeling_threshold(ensemble, learner=learner, known=known)
    law = waterfall(ensemble, learner=learner, known=known, threshold=peeling)
    endpoint, reasons["critical_endpoint"] = _endpoint(ensemble, learner, known)
    association = association_threshold(ensemble, learner=learner, known=known)
    reasons["percolation_threshold"] = percolation.reason
    for name in ("peeling_threshold", "unlearned_before_jump", "unlearned_after_jump", "floor"):
        reasons[name] = peeling.reason
    reasons["alpha"] = reasons["beta"] = law.reason
    if association is None:
        reasons["association_threshold"] = "learned skills never form a giant component"
    vanishing = critical_known(ensemble, learner=learner) if peeling.jump or known > 0 else None
    if vanishing is None:
        reasons["critical_known"] = "there is no jump without prior knowledge" if known > 0 else peeling.reason
    return {
        **_names(ensemble, learner, known),
        "percolation_threshold": percolation.threshold,
        "peeling_threshold": peeling.threshold,
        "jump": peeling.jump,
        "unlearned_before_jump": peeling.unlearned_before_jump,
        "unlearned_after_jump": peeling.unlearned_after_jump,
        "floor": peeling.floor,
        "jumps": peeling.jumps,
        "critical_endpoint": endpoint,
        "critical_known": vanishing,
        "association_threshold": association,
        "alpha": law.alpha,
        "beta": law.beta,
        "conditions": law.conditions or None,
        **_told(reasons),
    }


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
