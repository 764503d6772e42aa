"""A task along a scale: accuracy of levels as model and data grow together, and where each level emerges."""

from __future__ import annotations

import numpy as np

from skillgraph.levels.emergence import accuracy, emergence, level_accuracy
from skillgraph.levels.model import Convention, LevelModel, Task
from skillgraph.records import Record

__all__ = ["AccuracyCurve", "accuracy_curve", "first_scale", "onsets"]


class AccuracyCurve(Record):
    """Accuracy along a scale.

    Attributes
    ----------
    num_skills, num_texts : (scales,) float64 arrays
    gamma : (levels, scales) float64 array
    levels : (levels, scales) float64 array
        Accuracy of a task of one level alone.
    accuracy : (scales,) float64 array
        Of the task.
    """

    num_skills: np.ndarray
    num_texts: np.ndarray
    gamma: np.ndarray
    levels: np.ndarray
    accuracy: np.ndarray


def accuracy_curve(
    model: LevelModel,
    asked: Task,
    num_skills: np.ndarray,
    num_texts: np.ndarray,
    convention: Convention | None = None,
) -> AccuracyCurve:
    """Compute the accuracy of a task at every scale; see `skillgraph.levels.emergence.emergence`.

    Parameters
    ----------
    model : LevelModel
    asked : Task
    num_skills, num_texts : (scales,) arrays
        R and T, positive.
    convention : Convention, optional

    Returns
    -------
    AccuracyCurve

    Examples
    --------
    >>> from skillgraph.levels.model import levels, task
    >>> model = levels(1000, [4, 8], 0, 6.0)
    >>> curve = accuracy_curve(model, task([0.5, 0.5]), [1e5, 1e5], [1e4, 1e5])
    >>> curve.accuracy.round(3).tolist()
    [0.0, 1.0]
    """
    found = emergence(model, num_skills, num_texts, convention)
    return AccuracyCurve(
        found.num_skills,
        found.num_texts,
        found.gamma,
        level_accuracy(found.gamma, asked),
        accuracy(found.gamma, asked),
    )


def first_scale(scale: np.ndarray, values: np.ndarray, target: float) -> float:
    """Return where values first reach a target, interpolated in the logarithm of scale; infinite if never."""
    x, y = np.asarray(scale, dtype=float), np.asarray(values, dtype=float)
    above = np.flatnonzero(y >= target)
    if above.size == 0:
        return float("inf")
    place = int(above[0])
    if place == 0:
        return float(x[0])
    share = (target - y[place - 1]) / (y[place] - y[place - 1])
    return float(x[place - 1] * (x[place] / x[place - 1]) ** share)


def onsets(scale: np.ndarray, levels: np.ndarray, target: float = 0.5) -> np.ndarray:
    """Return the scale at which each level reaches a target accuracy, (levels,) float64, infinite if never."""
    return np.array([first_scale(scale, row, target) for row in levels])
