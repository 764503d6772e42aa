"""Simulation and theory of an ensemble of several classes side by side, by skill class."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import numpy as np

from skillgraph.checks import count, threads_of
from skillgraph.ensembles.types import TypedEnsemble
from skillgraph.graphs.types_sampling import sample_known_by_class, sample_types
from skillgraph.records import Record
from skillgraph.records.frames import Grid
from skillgraph.records.words import number
from skillgraph.replicates import in_order
from skillgraph.seeding import generator
from skillgraph.simulation.types import ClassCounts, count_by_class
from skillgraph.statistics.residuals import z_score
from skillgraph.theory.types_components import ClassPercolation
from skillgraph.theory.types_learning import ClassJump, ClassJumps
from skillgraph.theory.types_predictions import ClassPrediction, predict_by_class, with_all

__all__ = ["ClassComparison", "JumpOutcome", "TopicsOverview", "TypedAgreement", "compare_types"]

_OBSERVABLES = {
    "learned_share": "learned",
    "giant_component": "giant",
    "susceptibility": "excluded",
    "giant_association": "associated",
}
_COLUMNS = ("mean", "standard_error", "theory", "z_score")


class ClassComparison(Record):
    """One observable on the grid, by skill class; the last column are all skills.

    Attributes
    ----------
    mean, standard_error : (grid, skill classes + 1) float64 arrays
    theory : (grid, skill classes + 1) float64 array
        NaN where no theory holds.
    z_score : (grid, skill classes + 1) float64 array
        NaN where there is no theory, or one whose error is larger than the fluctuations.
    note : tuple of str
        Per grid point.
    """

    mean: np.ndarray
    standard_error: np.ndarray
    theory: np.ndarray
    z_score: np.ndarray
    note: tuple[str, ...]


class JumpOutcome(Record):
    """How many systems have not made a jump.

    Attributes
    ----------
    jump : ClassJump
    learned_between : float
        A system has not jumped while its learned share of all skills lies below this value, half way across.
    failure_probability, failure_probability_theory : (grid,) float64 arrays
        Share of the replicates, and the finite-size law; NaN where its width is not known.
    """

    jump: ClassJump
    learned_between: float
    failure_probability: np.ndarray
    failure_probability_theory: np.ndarray
    keys: ClassVar[Mapping[str, str]] = {"jump": "class_jump"}


class TypedAgreement(Record):
    """Result of `compare_types`.

    Attributes
    ----------
    ensemble : TypedEnsemble
    num_skills, replicates, seed : int
    scale : (grid,) float64 array
    num_texts : (grid,) int64 array
    texts_per_skill_ratio : (grid,) float64 array
    classes : tuple of str
        Skill classes, then ``"all"``.
    observables : dict
        ``learned_share``, ``giant_component`` (share of the class in the largest component of all), ``susceptibility``
        (mean component size of a skill of the class, largest component excluded), ``giant_association``.
    outcomes : tuple of JumpOutcome
    """

    ensemble: TypedEnsemble
    num_skills: int
    replicates: int
    seed: int
    scale: np.ndarray
    num_texts: np.ndarray
    texts_per_skill_ratio: np.ndarray
    classes: tuple[str, ...]
    observables: dict[str, ClassComparison]
    outcomes: tuple[JumpOutcome, ...]
    derived: ClassVar[tuple[str, ...]] = ("largest_z",)

    @property
    def largest_z(self) -> float:
        """Largest absolute z-score over all observables, classes and grid points."""
        scores = np.concatenate([one.z_score.ravel() for one in self.observables.values()])
        return float(np.nanmax(np.abs(scores))) if np.any(np.isfinite(scores)) else float("nan")

    def headline(self) -> Mapping[str, Any]:
        """Return what was asked, the end of every curve over all skills beside its theory, and the largest z-score."""
        asked = ("ensemble", "num_skills", "replicates", "seed", "scale")
        last = {
            f"{name.replace('_', ' ')} at the end": f"{number(one.mean[-1, -1])}, theory {number(one.theory[-1, -1])}"
            for name, one in self.observables.items()
        }
        judged = {"jumps at": tuple(one.jump.at for one in self.outcomes), "largest |z|": self.largest_z}
        return {name.replace("_", " "): getattr(self, name) for name in asked} | last | judged

    def columns(self) -> Mapping[str, Any]:
        """Return one row per observable, grid point and class."""
        parts, size, width = list(self.observables.values()), self.scale.size, len(self.classes)
        return {
            "observable": np.repeat(list(self.observables), size * width),
            "class": np.tile(self.classes, size * len(parts)),
            "scale": np.tile(np.repeat(self.scale, width), len(parts)),
            **{name: np.concatenate([getattr(one, name).ravel() for one in parts]) for name in _COLUMNS},
            "note": [note for one in parts for note in one.note for _ in range(width)],
        }

    def grid(self) -> Grid:
        """Return every column by observable, scale and class."""
        over, parts = ("observable", "scale", "class"), list(self.observables.values())
        return {"observable": list(self.observables), "scale": self.scale, "class": list(self.classes)}, {
            name: (over, np.array([getattr(one, name) for one in parts])) for name in _COLUMNS
        }


class TopicsOverview(Record):
    """What the command ``topics`` finds of an ensemble of several classes.

    Attributes
    ----------
    ensemble : TypedEnsemble
    percolation : ClassPercolation
    learning : ClassJumps
    scale : (grid,) float64 array
    learned_share : (grid, skill classes + 1) float64 array
        Theory of the infinite system; the last column are all skills.
    agreement : TypedAgreement or None
        The simulation on the same grid, if asked for.
    """

    ensemble: TypedEnsemble
    percolation: ClassPercolation
    learning: ClassJumps
    scale: np.ndarray
    learned_share: np.ndarray
    agreement: TypedAgreement | None = None
    derived: ClassVar[tuple[str, ...]] = ("texts_per_skill_ratio_at_scale_1",)

    @property
    def texts_per_skill_ratio_at_scale_1(self) -> float:
        """Texts per skill of the ensemble at scale 1."""
        return self.ensemble.total_rate

    def headline(self) -> Mapping[str, Any]:
        """Return the ensemble, its jumps and the largest z-score."""
        found = {
            "ensemble": self.ensemble,
            "texts per skill at scale 1": self.ensemble.total_rate,
            f"giant component from {self.percolation.along}": self.percolation.threshold,
            f"jumps along {self.learning.along}": tuple(one.at for one in self.learning.jumps),
            "reason": self.learning.reason,
            "scale": self.scale,
        }
        return found | ({} if self.agreement is None else dict(self.agreement.headline()))

    def columns(self) -> Mapping[str, Any]:
        """Return one row per observable, class and scale."""
        if self.agreement is not None:
            return self.agreement.columns()
        classes, size = (*self.ensemble.skill_classes, "all"), self.scale.size
        missing = np.full(size * len(classes), np.nan)
        return {
            "observable": np.repeat(["learned_share"], size * len(classes)),
            "class": np.tile(classes, size),
            "scale": np.repeat(self.scale, len(classes)),
            "mean": missing,
            "standard_error": missing,
            "theory": self.learned_share.ravel(),
            "z_score": missing,
            "note": [""] * (size * len(classes)),
        }


def compare_types(
    ensemble: TypedEnsemble,
    num_skills: int,
    scale: np.ndarray,
    *,
    replicates: int = 8,
    seed: int,
    threads: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> TypedAgreement:
    """Run replicates of an ensemble of several classes and set its theory beside them.

    Parameters
    ----------
    ensemble : TypedEnsemble
    num_skills : int
    scale : (grid,) array
        Increasing, not negative; multiplies all rates. At most 1 for configuration ensembles.
    replicates : int
    seed : int
        Replicate i stands at the address (seed, "compare_types", i).
    threads : int, optional
        Replicates side by side; the numbers do not depend on it.
    progress : callable, optional
        Called with the number of replicates finished.

    Returns
    -------
    TypedAgreement

    Raises
    ------
    ValueError
        If a parameter is out of range or the laws do not fit the classes.
    """
    size, number, grid = count("num_skills", num_skills), count("replicates", replicates), _grid(ensemble, scale)
    sizes = ensemble.sizes(size)
    num_texts = ensemble.text_numbers(size, grid).sum(axis=1)

    def one(replicate: int) -> ClassCounts:
        rng = generator(seed, "compare_types", replicate)
        typed = sample_types(ensemble, size, float(grid[-1]), rng=rng)
        known = sample_known_by_class(ensemble, sizes, rng) if any(ensemble.known) else None
        return count_by_class(typed, num_texts, np.array(ensemble.learners), known)

    found = list(in_order(one, range(number), threads_of(threads), progress))
    predicted = predict_by_class(ensemble, size, grid)
    shares = sizes / size
    values = {
        name: with_all(np.stack([getattr(counts, field) for counts in found]) / sizes, shares)
        for name, field in _OBSERVABLES.items()
    }
    observables = {name: _comparison(values[name], predicted.observables[name], size) for name in _OBSERVABLES}
    outcomes = tuple(
        _outcome(values["learned_share"][:, :, -1], jump, failure)
        for jump, failure in zip(predicted.jumps, predicted.failure, strict=True)
    )
    columns = (*ensemble.skill_classes, "all")
    return TypedAgreement(
        ensemble, size, number, seed, grid, num_texts, num_texts / size, columns, observables, outcomes
    )


def _grid(ensemble: TypedEnsemble, scale: np.ndarray) -> np.ndarray:
    grid = np.atleast_1d(np.asarray(scale, dtype=float))
    if grid.ndim != 1 or grid.size == 0 or not np.all(np.isfinite(grid)) or grid[0] < 0 or np.any(np.diff(grid) <= 0):
        raise ValueError("scale must be a row of finite, non-negative, increasing numbers")
    if grid[-1] == 0:
        raise ValueError("scale must reach above 0: with zero texts there is nothing to simulate")
    if ensemble.is_configuration and grid[-1] > 1 + 1e-9:
        raise ValueError(f"scale of a configuration ensemble must not exceed 1, got {grid[-1]:.6g}")
    return grid


def _comparison(values: np.ndarray, prediction: ClassPrediction, num_skills: int) -> ClassComparison:
    """Summarise (replicate, grid, column) values and compare them with a prediction."""
    number = values.shape[0]
    mean = values.mean(axis=0)
    error = values.std(axis=0, ddof=1) / np.sqrt(number) if number > 1 else np.full(mean.shape, np.nan)
    resolution = 0.5 / (num_skills * np.sqrt(number))
    z = z_score(mean - prediction.value, np.maximum(error, resolution), number - 1)
    scored = np.where(prediction.scored[:, None], z, np.nan)
    return ClassComparison(mean, error, prediction.value, scored, prediction.note)


def _outcome(learned: np.ndarray, jump: ClassJump, failure: np.ndarray) -> JumpOutcome:
    between = (jump.learned_before + jump.learned_after) / 2
    return JumpOutcome(jump, between, (learned < between).mean(axis=0), failure)
