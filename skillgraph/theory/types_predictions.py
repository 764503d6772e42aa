"""Theory of a finite system with several classes on a grid of scales: a number by class, or why there is none.

Columns are the skill classes and, last, all skills. Away from jumps the learned share is that of the infinite system
plus its bias of order 1/R. In the window of a jump it is the mean of both sides, weighted by the failure law, whose
error is of order R^(-1/3): that value gets no z-score.
"""

from __future__ import annotations

import numpy as np

from skillgraph.ensembles.types import TypedEnsemble
from skillgraph.records import Record
from skillgraph.theory.types_branch import iterate
from skillgraph.theory.types_components import (
    association_by_class,
    giant_by_class,
    percolation_by_class,
    scaled_texts,
    susceptibility_of_classes,
)
from skillgraph.theory.types_learning import ClassJump, failures_of_jumps, learning_jumps
from skillgraph.theory.types_messages import Messages
from skillgraph.theory.types_width import fluctuations

__all__ = ["ClassPrediction", "ClassPredictions", "predict_by_class", "with_all"]

_WIDTHS = 5.0  # half width of the window of a jump in standard deviations
_VISIBLE = 0.5  # largest bias, in standard deviations of one system, that is corrected for
_FLATNESS = 30.0
_BELOW, _ABOVE = 6.0, 4.0  # half widths of the percolation window in R^(-1/3)
_UNSURE = 4.0  # width of a jump, in sqrt(share), where its law is not known


class ClassPrediction(Record):
    """Theory of one observable.

    Attributes
    ----------
    value : (grid, skill classes + 1) float64 array
        NaN where no theory holds; the last column are all skills.
    note : tuple of str
        Per grid point: "" for the infinite system, else what the value is, or why there is none.
    scored : (grid,) bool array
        Whether a residual means something.
    """

    value: np.ndarray
    note: tuple[str, ...]
    scored: np.ndarray


class ClassPredictions(Record):
    """Theory of all observables, and the jumps with their failure probabilities, (grid,) each."""

    observables: dict[str, ClassPrediction]
    jumps: tuple[ClassJump, ...]
    failure: tuple[np.ndarray, ...]


def predict_by_class(ensemble: TypedEnsemble, num_skills: int, scale: np.ndarray) -> ClassPredictions:
    """Return the theory of an ensemble of a given size on a grid of scales.

    Parameters
    ----------
    ensemble : TypedEnsemble
    num_skills : int
        R.
    scale : (grid,) array

    Returns
    -------
    ClassPredictions
    """
    jumps = learning_jumps(ensemble).jumps
    failure = tuple(failures_of_jumps(ensemble, jumps, num_skills, scale))
    windows = _windows(jumps, num_skills, scale)
    learned = _learned(ensemble, num_skills, scale, jumps, failure, windows)
    giant, excluded, percolating = _components(ensemble, num_skills, scale)
    associated = _associated(ensemble, scale, windows, learned.note, percolating)
    observables = {
        "learned_share": learned,
        "giant_component": giant,
        "susceptibility": excluded,
        "giant_association": associated,
    }
    return ClassPredictions(observables, jumps, failure)


def with_all(by_class: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Append the mean over all skills to (..., skill classes) values."""
    return np.concatenate([by_class, (by_class @ shares)[..., None]], axis=-1)


def _windows(jumps: tuple[ClassJump, ...], num_skills: int, scale: np.ndarray) -> np.ndarray:
    """Return a jump in whose window a scale lies, -1 for none, (grid,)."""
    out = np.full(scale.size, -1)
    for place, jump in enumerate(jumps):
        if jump.alpha is None or jump.beta is None:
            centre, half = jump.at, _UNSURE * _WIDTHS * jump.at * num_skills**-0.5
        else:
            shift = jump.beta * num_skills ** (-2 / 3)
            centre, half = jump.at + shift, _WIDTHS * jump.alpha * num_skills**-0.5 + shift
        out[np.abs(scale - centre) < half] = place
    return out


def _learned(
    ensemble: TypedEnsemble,
    num_skills: int,
    scale: np.ndarray,
    jumps: tuple[ClassJump, ...],
    failure: tuple[np.ndarray, ...],
    windows: np.ndarray,
) -> ClassPrediction:
    messages, texts, shares = Messages(ensemble), scaled_texts(ensemble, scale), np.array(ensemble.shares)
    eps = np.repeat(1 - np.array(ensemble.known)[:, None], scale.size, axis=1)
    unlearned = messages.unlearned(iterate(messages, texts, eps), texts, eps).T
    notes, scored = [""] * scale.size, np.ones(scale.size, np.bool_)
    for place, window in enumerate(windows):
        if window >= 0:
            failed = np.array([one[place] for one in failure])
            unlearned[place] = _all_sides(jumps, unlearned[place], failed, scale[place])
            notes[place] = f"in the window of the jump at {jumps[window].at:.6g}: the sides weighted by the failure law"
            scored[place] = False
            continue
        bias, steady = _bias(messages, texts[:, place], eps[:, place], unlearned[place], num_skills)
        unlearned[place] += bias
        if not steady:
            notes[place], scored[place] = "close to a critical point: fluctuations are larger than in theory", False
    return ClassPrediction(with_all(1 - unlearned, shares), tuple(notes), scored)


def _all_sides(jumps: tuple[ClassJump, ...], here: np.ndarray, failed: np.ndarray, scale: float) -> np.ndarray:
    """Mean over the number of jumps made; a jump is made after the one before it.

    The infinite system, ``here``, has made those below ``scale``. A system that has made fewer stands before the next,
    one that has made more behind its last.
    """
    made = sum(jump.at < scale for jump in jumps)
    sides = [jump.unlearned_before for jump in jumps[:made]] + [here] + [jump.unlearned_after for jump in jumps[made:]]
    cumulative = np.concatenate([np.maximum.accumulate(failed), [1.0]])
    return np.asarray(np.diff(cumulative, prepend=0.0) @ np.stack(sides))


def _bias(
    messages: Messages, texts: np.ndarray, eps: np.ndarray, unlearned: np.ndarray, num_skills: int
) -> tuple[np.ndarray, bool]:
    """Return the bias of u by class, and whether it is small against the fluctuations."""
    nothing = np.zeros(unlearned.size)
    if not np.any(texts > 0) or not np.any(unlearned > 0):
        return nothing, True
    if messages.ensemble.is_configuration:
        return nothing, _steady(messages, texts, eps, unlearned, num_skills)
    found = fluctuations(messages, texts, eps, unlearned)
    deviation = np.sqrt(np.maximum(np.diag(found.covariance), 0.0) / num_skills)
    small = bool(np.all(np.abs(found.bias) / num_skills <= _VISIBLE * deviation + 1e-12))
    if max(messages.ensemble.learners) > 1:
        return nothing, small
    return found.bias / num_skills / np.array(messages.ensemble.shares), small


def _steady(messages: Messages, texts: np.ndarray, eps: np.ndarray, unlearned: np.ndarray, num_skills: int) -> bool:
    """Whether the largest eigenvalue of a round keeps its distance from 1."""
    z = iterate(messages, texts[:, None], eps[:, None])[:, 0]
    radius = float(np.max(np.abs(np.linalg.eigvals(messages.jacobian(z, texts, eps)))))
    spread = np.sqrt(float(np.max(unlearned * (1 - unlearned))) / (num_skills * min(messages.ensemble.shares)))
    return (1 - radius) ** 2 > _FLATNESS * spread


def _components(
    ensemble: TypedEnsemble, num_skills: int, scale: np.ndarray
) -> tuple[ClassPrediction, ClassPrediction, np.ndarray]:
    """Return largest component, susceptibility, and whether there is one giant component beyond doubt."""
    threshold, half = percolation_by_class(ensemble).threshold, num_skills ** (-1 / 3)
    shares = np.array(ensemble.shares)
    giant, sizes = giant_by_class(ensemble, scale), susceptibility_of_classes(ensemble, scale)
    notes, percolating = [""] * scale.size, np.zeros(scale.size, np.bool_)
    rival = _rivals(ensemble, giant)
    for place, p in enumerate(scale):
        if threshold is None or p < threshold * (1 - _BELOW * half):
            notes[place] = "below the percolation threshold: no giant component"
        elif p < threshold * (1 + _ABOVE * half):
            notes[place] = f"in the window of the percolation threshold {threshold:.6g}"
        elif rival[place]:
            notes[place] = "topics that no text ties together have giant components of their own"
        else:
            percolating[place] = True
    for values in (giant, sizes):
        values[~percolating] = np.nan
    found = [ClassPrediction(with_all(values, shares), tuple(notes), percolating) for values in (giant, sizes)]
    return found[0], found[1], percolating


def _rivals(ensemble: TypedEnsemble, giant: np.ndarray) -> np.ndarray:
    """Whether skill classes that no text ties together have giant components at the same time, (grid,)."""
    ties = (ensemble.mean_needs.T @ ensemble.mean_needs > 0).astype(float)
    reach = np.linalg.matrix_power(ties + np.eye(ties.shape[0]), ties.shape[0]) > 0 if ties.shape[0] < 64 else ties > 0
    together = np.array([[bool(np.all(reach[np.ix_(row > 0, row > 0)]))] for row in giant])
    return ~together[:, 0]


def _associated(
    ensemble: TypedEnsemble,
    scale: np.ndarray,
    windows: np.ndarray,
    learned_note: tuple[str, ...],
    percolating: np.ndarray,
) -> ClassPrediction:
    value = with_all(association_by_class(ensemble, scale), np.array(ensemble.shares))
    notes, scored = list(learned_note), np.ones(scale.size, np.bool_)
    for place in range(scale.size):
        if windows[place] >= 0 or learned_note[place]:
            notes[place] = learned_note[place] if windows[place] < 0 else "in the window of a jump"
        elif not percolating[place]:
            notes[place] = "no single giant component of all skills"
        elif value[place, -1] == 0:
            notes[place] = "no giant component of learned skills"
        scored[place] = not notes[place]
    value[~scored] = np.nan
    return ClassPrediction(value, tuple(notes), scored)
