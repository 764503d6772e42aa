"""What a limits file asks for as one record: surface, limits, dynamics, laws."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from skillgraph.limits.law_tables import read_law_table
from skillgraph.limits.laws_fit import LawComparison, compare_laws, law_table, split_by_scale
from skillgraph.limits.lipschitz import LipschitzNumbers, lipschitz_numbers
from skillgraph.limits.paths import LimitStudy, limit_study
from skillgraph.limits.spec import DynamicsSpec, LawsSpec, LimitsSpec, SurfaceSpec
from skillgraph.limits.surface import SkillModel, Surface, theory_surface
from skillgraph.limits.verdicts import LimitVerdict, limit_in_rounds
from skillgraph.records import Record
from skillgraph.records.frames import Grid

__all__ = ["Dynamics", "LimitsOverview", "SurfaceComparison", "limits_overview"]


class SurfaceComparison(Record):
    """E(N, P, K) by theory, and by simulation beside it where it was asked for.

    Attributes
    ----------
    theory : Surface
    simulation : Surface or None
    z_score : (n,) float64 array or None
        Of simulation minus theory.
    """

    theory: Surface
    simulation: Surface | None
    z_score: np.ndarray | None
    keys: ClassVar[Mapping[str, str]] = {"theory": "theory_surface", "simulation": "simulated_surface"}

    @property
    def largest_z(self) -> float:
        """Largest absolute z-score, NaN without a simulation."""
        known = np.empty(0) if self.z_score is None else np.abs(self.z_score[np.isfinite(self.z_score)])
        return float(known.max()) if known.size else float("nan")

    def headline(self) -> Mapping[str, Any]:
        """Return the surface and the worst residual."""
        residual = {} if self.simulation is None else {"largest |z|": self.largest_z}
        return dict(self.theory.headline()) | residual

    def columns(self) -> Mapping[str, Any]:
        """Return one row per place."""
        missing = np.full(self.theory.performance.shape, np.nan)
        one, where = self.simulation, self.theory.points
        error = None if one is None else one.standard_error
        return {
            "data": where.data_size,
            "model": where.model_size,
            "steps": where.steps,
            "performance": self.theory.performance,
            "loss": self.theory.loss,
            "simulated": missing if one is None else one.performance,
            "standard_error": missing if error is None else error,
            "z_score": missing if self.z_score is None else self.z_score,
        }

    def grid(self) -> Grid | None:
        """Return theory and simulation over data size, model size and steps, where the places are a grid."""
        grid = self.theory.grid()
        if grid is None or self.simulation is None or self.z_score is None:
            return grid
        coordinates, variables = grid
        over, values = variables["performance"]
        beside = {"simulated": self.simulation.performance, "z_score": self.z_score}
        return coordinates, {**variables, **{name: (over, one.reshape(values.shape)) for name, one in beside.items()}}


class Dynamics(Record):
    """Density evolution of one ensemble at one share known beforehand.

    Attributes
    ----------
    known : float
    limit_in_rounds : LimitVerdict
    lipschitz : LipschitzNumbers
    """

    known: float
    limit_in_rounds: LimitVerdict
    lipschitz: LipschitzNumbers


class LimitsOverview(Record):
    """What a limits file asks for; sections that it has not are None or empty.

    Attributes
    ----------
    model : SkillModel or None
    surface : SurfaceComparison or None
    limits : LimitStudy or None
    dynamics : tuple of Dynamics
    laws : LawComparison or None
    """

    model: SkillModel | None
    surface: SurfaceComparison | None
    limits: LimitStudy | None
    dynamics: tuple[Dynamics, ...]
    laws: LawComparison | None

    def headline(self) -> Mapping[str, Any]:
        """Return the model and the headline of every section."""
        found: dict[str, Any] = {} if self.model is None else {"model": self.model}
        for part in (self.surface, self.limits):
            found |= {} if part is None else dict(part.headline())
        found |= {} if self.laws is None else {"best law": self.laws.winner or "undecided"}
        return found | {f"rounds, known {one.known:g}": one.limit_in_rounds.sentence for one in self.dynamics[:3]}

    def columns(self) -> Mapping[str, Any]:
        """Return one row per place of the surface, else the rows of the first section that there is."""
        parts = [part for part in (self.surface, self.laws, self.limits) if part is not None]
        return parts[0].columns() if parts else super().columns()

    def grid(self) -> Grid | None:
        """Return the surface, where its places are a grid."""
        return None if self.surface is None else self.surface.grid()


def limits_overview(spec: LimitsSpec) -> LimitsOverview:
    """Answer a limits file.

    Parameters
    ----------
    spec : LimitsSpec
        Of `skillgraph.limits.spec.read_spec`.
    """
    surface = _surface(spec.model, spec.surface) if spec.model is not None and spec.surface is not None else None
    limits = None
    if spec.model is not None and spec.ratios is not None and spec.exponents is not None:
        limits = limit_study(spec.model, spec.ratios, spec.exponents)
    dynamics = () if spec.dynamics is None else _dynamics(spec.dynamics)
    return LimitsOverview(
        spec.model, surface, limits, dynamics, None if spec.laws is None else _laws(spec.laws, surface)
    )


def _surface(model: SkillModel, asked: SurfaceSpec) -> SurfaceComparison:
    theory = theory_surface(model, asked.where)
    if not asked.replicates:
        return SurfaceComparison(theory, None, None)
    from skillgraph.limits.simulate import simulated_surface, surface_z_scores

    measured = simulated_surface(model, asked.where, replicates=asked.replicates, seed=asked.seed)
    return SurfaceComparison(theory, measured, surface_z_scores(measured, theory))


def _dynamics(asked: DynamicsSpec) -> tuple[Dynamics, ...]:
    return tuple(
        Dynamics(known, limit_in_rounds(learning, asked.rounds), lipschitz_numbers(learning))
        for known, learning in zip(asked.known, asked.maps(), strict=True)
    )


def _laws(asked: LawsSpec, surface: SurfaceComparison | None) -> LawComparison:
    if asked.table is not None:
        table = read_law_table(asked.table, asked.columns, asked.where)
    else:
        assert surface is not None
        one = surface.simulation or surface.theory
        where, finite = one.points, np.isfinite(one.points.steps)
        steps = np.where(finite, where.steps, 4 * where.steps[finite].max(initial=1.0))
        table = law_table(where.data_size, where.model_size, steps, performance=one.performance, name="surface")
    train, held_out = split_by_scale(table, asked.hold_out)
    return compare_laws(train, held_out, floor=asked.floor, seed=asked.seed, resamples=asked.resamples)
