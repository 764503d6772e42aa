"""Theory of a finite system point by point on a grid of texts per skill: a number, or the reason why there is none.

The theory of the infinite system holds wherever the corrections, of order 1/R, are far below the fluctuations, of
order R^(-1/2). It does not where a fixed point is about to vanish or the giant component is about to appear: there the
value is NaN and the note says so. Below the percolation threshold the theory is that of the finite system.
"""

from __future__ import annotations

import numpy as np

from skillgraph.ensembles.ensemble import Ensemble
from skillgraph.ensembles.parsing import EnsembleLike, parse_ensemble
from skillgraph.records import Record
from skillgraph.theory.associations import association_threshold, giant_association
from skillgraph.theory.component_sizes import largest_component
from skillgraph.theory.components import critical_window, giant_component, percolation_threshold, susceptibility
from skillgraph.theory.density_evolution import load_curve, loads_of
from skillgraph.theory.finite_size import Waterfall, failure_probability, waterfall
from skillgraph.theory.load_curve import LoadCurve
from skillgraph.theory.thresholds import Jump, PeelingThreshold, peeling_threshold

__all__ = ["Prediction", "Predictions", "predict"]

_WIDTHS = 5.0  # half width of a jump's window in standard deviations
_UNSURE_WIDTHS = 8.0  # where alpha is an estimate
_FLATNESS = 10.0  # the bias of u counts as soon as it exceeds 1/20 of its standard deviation
_VISIBLE = 0.2  # largest share of repeated draws, in units of R^(-1/2)
_BELOW, _ABOVE = 6.0, 4.0  # half widths of the percolation window in R^(-1/3)


class Prediction(Record):
    """Theory of one observable on the grid.

    Attributes
    ----------
    value : (grid,) float64 array
        NaN where no theory holds.
    note : tuple of str
        Per grid point: "" for the infinite system, else the correction contained, or why there is no value.
    """

    value: np.ndarray
    note: tuple[str, ...]


class Predictions(Record):
    """Theory of all observables of `skillgraph.agreement.compare`.

    Attributes
    ----------
    observables : dict
        Name to `Prediction`.
    unlearned_between : float or None
        Unlearned share half way across the last jump; None without a jump.
    failure_probability : (grid,) float64 array
        Probability that the jump has not happened; NaN where its width is not known.
    """

    observables: dict[str, Prediction]
    unlearned_between: float | None
    failure_probability: np.ndarray


def predict(
    ensemble: EnsembleLike, num_skills: int, texts_per_skill_ratio: np.ndarray, *, learner: int = 1, known: float = 0.0
) -> Predictions:
    """Return the theory of an ensemble of a given size.

    Parameters
    ----------
    ensemble : Ensemble or str
    num_skills : int
        R.
    texts_per_skill_ratio : (grid,) array
    learner : int
    known : float
        In [0, 1].

    Returns
    -------
    Predictions
    """
    ensemble = parse_ensemble(ensemble)
    ratio = np.atleast_1d(np.asarray(texts_per_skill_ratio, dtype=float))
    if _too_steep(ensemble, num_skills):
        return _no_theory(ratio.size)
    giant, excluded = _components(ensemble, num_skills, ratio)
    threshold = peeling_threshold(ensemble, learner=learner, known=known)
    law = waterfall(ensemble, learner=learner, known=known, threshold=threshold)
    curve = load_curve(ensemble, learner=learner, known=known)
    reasons = _learning_reasons(curve, threshold, law, num_skills, ratio)
    learned = _learned(curve, ratio, reasons)
    everything = curve.unknown == 0  # is learned: the graph of learned skills is the graph
    associated = giant if everything else _associated(ensemble, num_skills, ratio, learner, known, reasons)
    observables = {
        "learned_share": learned,
        "giant_component": giant,
        "susceptibility": excluded,
        "giant_association": associated,
    }
    failure = failure_probability(law, num_skills, ratio)
    return Predictions(observables, _between(threshold), failure)


def _too_steep(ensemble: Ensemble, num_skills: int) -> bool:
    """Whether texts would draw popular skills twice so often that drawing them once shows."""
    if ensemble.popularity is None or ensemble.popularity.is_uniform:
        return False
    pairs = ensemble.skills_per_text.factorial_moment(2) / (2 * ensemble.skills_per_text.mean)
    return pairs * ensemble.popularity.second_moment(num_skills) / num_skills > _VISIBLE * num_skills**-0.5


def _no_theory(points: int) -> Predictions:
    note = "no theory: at this size popular skills would often be drawn twice by a text, and are drawn once"
    nothing = Prediction(np.full(points, np.nan), (note,) * points)
    names = ("learned_share", "giant_component", "susceptibility", "giant_association")
    return Predictions(dict.fromkeys(names, nothing), None, np.full(points, np.nan))


def _between(threshold: PeelingThreshold) -> float | None:
    if threshold.unlearned_before_jump is None or threshold.unlearned_after_jump is None:
        return None
    return (threshold.unlearned_before_jump + threshold.unlearned_after_jump) / 2


def _learning_reasons(
    curve: LoadCurve, threshold: PeelingThreshold, law: Waterfall, num_skills: int, ratio: np.ndarray
) -> list[str]:
    """Return per grid point why the infinite system does not describe what is learned, or ""."""
    reasons = [""] * ratio.size
    flat = _nearly_marginal(curve, num_skills, loads_of(curve.ensemble, ratio))
    for place in np.flatnonzero(flat):
        reasons[place] = "close to a critical point: fluctuations are larger than in the infinite theory"
    for jump in threshold.jumps:
        centre, half = _window(curve, jump, law, num_skills)
        for place in np.flatnonzero(np.abs(ratio - centre) < half):
            reasons[place] = f"in the window of the jump at {jump.texts_per_skill_ratio:.6g}: see the outcomes"
    return reasons


def _nearly_marginal(curve: LoadCurve, num_skills: int, loads: np.ndarray) -> np.ndarray:
    """Whether the slope of a round is so near 1 that the curvature biases u by a share of its standard deviation.

    With a = 1 - T', b = |T''| and fluctuations of u(1-u)/R per round, bias / deviation = b sqrt(u(1-u)/R) / (2 a^2).
    """
    x = curve.largest_root(loads)
    width = np.clip(1e-4 * np.minimum(x, curve.unknown - x), 1e-9, None)
    low, high = np.maximum(x - width, 0.0), np.maximum(np.minimum(x + width, curve.unknown), 1e-9)
    bend = np.abs(curve.map_slope(high, loads) - curve.map_slope(low, loads)) / (high - low)
    margin = 1 - curve.map_slope(x, loads)
    return margin**2 < _FLATNESS * bend * np.sqrt(np.maximum(x * (1 - x), 0.0) / num_skills)


def _window(curve: LoadCurve, jump: Jump, law: Waterfall, num_skills: int) -> tuple[float, float]:
    """Return centre and half width, in texts per skill, of the range in which some graphs jump and others do not."""
    root = num_skills**-0.5
    if law.alpha is not None and law.beta is not None and jump.texts_per_skill_ratio == law.threshold:
        centre = jump.texts_per_skill_ratio + law.beta * num_skills ** (-2 / 3)
        return centre, _WIDTHS * law.alpha * root + law.beta * num_skills ** (-2 / 3)
    alpha = _estimated_width(curve, jump)
    shift = alpha * num_skills ** (-2 / 3)
    return jump.texts_per_skill_ratio + shift, _UNSURE_WIDTHS * alpha * root + 2 * shift


def _estimated_width(curve: LoadCurve, jump: Jump) -> float:
    """Width alpha from the fluctuations of one round alone: sqrt(x (1 - x)) / |dT/dr|."""
    x, load = jump.message_before, jump.texts_per_skill_ratio * curve.ensemble.load_per_ratio
    teaches = float(curve.teaches(x))
    slope = -curve.unknown * float(curve.ensemble.edge_survival(load * teaches, 1)) * teaches
    return float(np.sqrt(x * (1 - x))) / (slope * curve.ensemble.load_per_ratio)


def _learned(curve: LoadCurve, ratio: np.ndarray, reasons: list[str]) -> Prediction:
    loads = loads_of(curve.ensemble, ratio)
    value = 1 - curve.unlearned(curve.largest_root(loads), loads)
    return Prediction(np.where([bool(reason) for reason in reasons], np.nan, value), tuple(reasons))


def _components(ensemble: Ensemble, num_skills: int, ratio: np.ndarray) -> tuple[Prediction, Prediction]:
    """Return the largest component, as a share of all skills, and the susceptibility without it."""
    lower, upper = critical_window(ensemble, num_skills, _BELOW), critical_window(ensemble, num_skills, _ABOVE)
    share, excluded = giant_component(ensemble, ratio).share, susceptibility(ensemble, ratio)
    notes = [""] * ratio.size
    for place, r in enumerate(ratio):
        if lower is None or r < lower[0] or r == 0:
            share[place], excluded[place], notes[place] = _below(ensemble, num_skills, float(r), excluded[place])
        elif upper is not None and r < upper[1]:
            share[place] = excluded[place] = np.nan
            notes[place] = f"in the window of the percolation threshold {percolation_threshold(ensemble).threshold:.6g}"
    return Prediction(share, tuple(notes)), Prediction(excluded, tuple(notes))


def _below(ensemble: Ensemble, num_skills: int, ratio: float, excluded: float) -> tuple[float, float, str]:
    """Return largest component and susceptibility of the finite system below the threshold, and the note."""
    try:
        largest = largest_component(ensemble, num_skills, ratio)
    except ValueError as error:
        return float("nan"), float("nan"), str(error)
    without = float(excluded) - largest.mean_square / num_skills
    return largest.mean / num_skills, without, "below the percolation threshold: expected largest finite component"


def _associated(
    ensemble: Ensemble, num_skills: int, ratio: np.ndarray, learner: int, known: float, reasons: list[str]
) -> Prediction:
    """Return the giant component of the graph of learned skills."""
    value, notes = giant_association(ensemble, ratio, learner=learner, known=known), list(reasons)
    threshold = association_threshold(ensemble, learner=learner, known=known)
    window = num_skills ** (-1 / 3)
    for place, r in enumerate(ratio):
        if threshold is None or r <= threshold * (1 - _ABOVE * window):
            notes[place] = notes[place] or "no giant component of learned skills"
        elif r < threshold * (1 + _ABOVE * window):
            notes[place] = notes[place] or f"in the window of the association threshold {threshold:.6g}"
    return Prediction(np.where([bool(note) for note in notes], np.nan, value), tuple(notes))
