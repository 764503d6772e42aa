"""What a levels file asks for as one record: the curve with its plateaus, its simulation, the order of acquisition."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from skillgraph.checks import seed_of
from skillgraph.levels.dag import BottleneckSkill, Curriculum, acquire, bottleneck_skills
from skillgraph.levels.model import Convention, LevelModel, Task
from skillgraph.levels.plateaus import (
    Plateau,
    PlateauInterval,
    find_plateaus,
    plateau_intervals,
    theoretical_heights,
)
from skillgraph.levels.scale import accuracy_curve, first_scale, onsets
from skillgraph.levels.spec import LevelsSpec, ScaleRow
from skillgraph.records import Record
from skillgraph.records.words import number
from skillgraph.seeding import generator

__all__ = [
    "AcquiredSkill",
    "AcquisitionOrder",
    "LevelsCurve",
    "LevelsOverview",
    "SimulatedCurve",
    "acquisition_order",
    "levels_curve",
    "levels_overview",
    "simulated_curve",
]

_SIMULATED_SKILLS = 2_000_000
_FEWEST_SCALES = 3
_SHARES = (0.1, 0.5, 0.9)


class LevelsCurve(Record):
    """Accuracy of a task against scale, and its plateaus.

    Attributes
    ----------
    model : LevelModel
    task : Task
    convention : Convention
    sizes : ScaleRow
    accuracy : (scales,) float64 array
    level_accuracy : (levels, scales) float64 array
        Accuracy of a task of one level alone.
    parameters_at : dict
        Share ("0.1", "0.5", "0.9") to the parameters at which the accuracy reaches it, infinite if never.
    plateaus : tuple of Plateau
    reason : str or None
        Why no plateau was looked for.
    plateau_heights_from_weights : (plateaus,) float64 array
    level_onsets : (levels,) float64 array
        Parameters at which each level reaches half of its accuracy, infinite if never.
    """

    model: LevelModel
    task: Task
    convention: Convention
    sizes: ScaleRow
    accuracy: np.ndarray
    level_accuracy: np.ndarray
    parameters_at: dict[str, float]
    plateaus: tuple[Plateau, ...]
    reason: str | None
    plateau_heights_from_weights: np.ndarray
    level_onsets: np.ndarray

    def headline(self) -> Mapping[str, Any]:
        """Return the size of the question, both ends of the curve and its plateaus."""
        plateaus = {
            f"plateau {place}": f"{number(one.start)} to {number(one.end)} parameters at {number(one.height)}"
            for place, one in enumerate(self.plateaus[:5], start=1)
        }
        return {
            "levels": len(self.model.levels),
            "convention": self.convention,
            "parameters": self.sizes.parameters,
            "accuracy": self.accuracy,
            "parameters at accuracy": self.parameters_at,
            "plateaus": len(self.plateaus),
            "reason": self.reason,
        } | plateaus

    def columns(self) -> Mapping[str, Any]:
        """Return one row per scale."""
        row = self.sizes
        compute = np.full(row.parameters.shape, np.nan) if row.compute is None else row.compute
        names = ("parameters", "tokens", "num_skills", "num_texts")
        return {"compute": compute} | {name: getattr(row, name) for name in names} | {"accuracy": self.accuracy}


class SimulatedCurve(Record):
    """The same curve by simulation of two-layer objects.

    Attributes
    ----------
    replicates, seed : int
    accuracy : (scales,) float64 array
    standard_error : (scales,) float64 array or None
        None for a single replicate.
    plateaus : tuple of PlateauInterval
    """

    replicates: int
    seed: int
    accuracy: np.ndarray
    standard_error: np.ndarray | None
    plateaus: tuple[PlateauInterval, ...]


class AcquiredSkill(Record):
    """When a skill is acquired, and which prerequisite held it up."""

    skill: str
    acquired: float
    held_by: str | None


class AcquisitionOrder(Record):
    """The order in which the skills of a curriculum are acquired.

    Attributes
    ----------
    order : tuple of AcquiredSkill
    never : tuple of str
    bottlenecks : tuple of BottleneckSkill
    """

    order: tuple[AcquiredSkill, ...]
    never: tuple[str, ...]
    bottlenecks: tuple[BottleneckSkill, ...]


class LevelsOverview(Record):
    """What a levels file asks for; what it did not ask for is None.

    Attributes
    ----------
    curve : LevelsCurve or None
    simulated : SimulatedCurve or None
    curriculum : AcquisitionOrder or None
    """

    curve: LevelsCurve | None
    simulated: SimulatedCurve | None = None
    curriculum: AcquisitionOrder | None = None

    def headline(self) -> Mapping[str, Any]:
        """Return the headline of the curve, the simulation beside it and the first skills acquired."""
        curve = {} if self.curve is None else dict(self.curve.headline())
        seen: dict[str, Any] = {} if self.simulated is None else {"simulated accuracy": self.simulated.accuracy}
        seen |= {} if self.curve is None or self.simulated is None else {"largest |z|": self._largest_z()}
        order = (
            {}
            if self.curriculum is None
            else {
                "skills acquired": len(self.curriculum.order),
                "skills never acquired": self.curriculum.never,
                "bottlenecks": tuple(one.skill for one in self.curriculum.bottlenecks),
            }
        )
        return curve | seen | order

    def _largest_z(self) -> float:
        """Largest difference of simulation and theory in standard errors, where there is one."""
        assert self.curve is not None
        assert self.simulated is not None
        error = self.simulated.standard_error
        if error is None or not np.any(error > 0):
            return float("nan")
        off = np.abs(self.simulated.accuracy - self.curve.accuracy)
        return float(np.max(off[error > 0] / error[error > 0]))

    def columns(self) -> Mapping[str, Any]:
        """Return one row per scale, or per skill of a curriculum alone."""
        if self.curve is None:
            return {} if self.curriculum is None else self.curriculum.columns()
        beside = {} if self.simulated is None else {"simulated": self.simulated.accuracy}
        return dict(self.curve.columns()) | beside


def levels_overview(
    asked: LevelsSpec,
    *,
    tolerance: float = 0.005,
    min_decades: float = 0.3,
    replicates: int | None = None,
    seed: int | None = None,
) -> LevelsOverview:
    """Answer a levels file.

    Parameters
    ----------
    asked : LevelsSpec
    tolerance : float
        Half height of a plateau.
    min_decades : float
        Shortest plateau in factors of ten.
    replicates : int, optional
        Two-layer objects to simulate at every scale; none if omitted.
    seed : int
        Root seed of the simulation; needed with ``replicates``.

    Raises
    ------
    ValueError
        If replicates have no seed, or a scale is too large to be simulated.
    """
    theory = None if asked.model is None else levels_curve(asked, tolerance=tolerance, min_decades=min_decades)
    seen = None
    if replicates is not None:
        root, how = seed_of(seed), {"tolerance": tolerance, "min_decades": min_decades}
        seen = simulated_curve(asked, replicates=replicates, seed=root, **how)
    order = None if asked.curriculum is None else acquisition_order(asked.curriculum, asked.moments)
    return LevelsOverview(theory, seen, order)


def levels_curve(asked: LevelsSpec, *, tolerance: float = 0.005, min_decades: float = 0.3) -> LevelsCurve:
    """Compute the accuracy of the task of a file along its scale, and find the plateaus."""
    model, task, row = _needed(asked)
    curve = accuracy_curve(model, task, row.num_skills, row.num_texts, asked.convention)
    starts = onsets(row.parameters, curve.levels)
    enough = row.parameters.size >= _FEWEST_SCALES
    found: tuple[Plateau, ...] = ()
    if enough:
        found = find_plateaus(row.parameters, curve.accuracy, tolerance=tolerance, min_decades=min_decades)
    return LevelsCurve(
        model,
        task,
        asked.convention,
        row,
        curve.accuracy,
        curve.levels,
        {f"{share:g}": first_scale(row.parameters, curve.accuracy, share) for share in _SHARES},
        found,
        None if enough else f"plateaus need at least {_FEWEST_SCALES} scales",
        theoretical_heights(task.weights, starts, min_decades=min_decades),
        starts,
    )


def _needed(asked: LevelsSpec) -> tuple[LevelModel, Task, ScaleRow]:
    if asked.model is None or asked.task is None or asked.scale is None:
        raise ValueError("a curve needs [levels], [task] and [scale] in the file")
    return asked.model, asked.task, asked.scale


def simulated_curve(
    asked: LevelsSpec, *, replicates: int, seed: int, tolerance: float = 0.005, min_decades: float = 0.3
) -> SimulatedCurve:
    """Simulate two-layer objects at every scale of a file.

    Raises
    ------
    ValueError
        If a scale has more than two million skills, or the file has no levels.
    """
    from skillgraph.levels.monte_carlo import simulate_levels, simulated_accuracy

    model, task, row = _needed(asked)
    largest = float(np.max(row.num_skills))
    if largest > _SIMULATED_SKILLS:
        raise ValueError(f"num_skills must not exceed {_SIMULATED_SKILLS} to be simulated, got {largest:g}")
    curves = []
    for size, texts in zip(row.num_skills, row.num_texts, strict=True):
        whole = max(round(size), 1), max(round(texts), 1)
        drawn = simulate_levels(model, *whole, replicates=replicates, seed=seed, needs=asked.convention.needs)
        curves.append(simulated_accuracy(drawn, model, task))
    table = np.array(curves).T
    found: tuple[PlateauInterval, ...] = ()
    if replicates > 1 and table.shape[1] >= _FEWEST_SCALES:
        rng = generator(seed, "levels", "bootstrap")
        found = plateau_intervals(row.parameters, table, rng, tolerance=tolerance, min_decades=min_decades)
    error = table.std(axis=0, ddof=1) / np.sqrt(replicates) if replicates > 1 else None
    return SimulatedCurve(replicates, seed, table.mean(axis=0), error, found)


def acquisition_order(table: Curriculum, moments: Mapping[str, float]) -> AcquisitionOrder:
    """Return when every skill of a curriculum is acquired, what held it up, and the bottlenecks."""
    found = acquire(table, moments)
    order = tuple(
        AcquiredSkill(
            table.skills[place],
            float(found.acquired[place]),
            table.skills[found.held_by[place]] if found.held_by[place] >= 0 else None,
        )
        for place in found.order
    )
    never = tuple(name for name, when in zip(table.skills, found.acquired, strict=True) if not np.isfinite(when))
    return AcquisitionOrder(order, never, tuple(bottleneck_skills(table, moments)))
