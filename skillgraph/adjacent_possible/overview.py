"""Everything that is asked of a growth by combination as one record: theory, chance, resources, simulation, path."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from skillgraph.adjacent_possible.birth_death import ExplosionLaw, explosion_law
from skillgraph.adjacent_possible.continuous import BlowUp, blow_up
from skillgraph.adjacent_possible.deterministic import (
    Equilibrium,
    Trajectory,
    critical_extinction,
    equilibrium,
    first_beyond,
    trajectory,
)
from skillgraph.adjacent_possible.explosions import Explosions
from skillgraph.adjacent_possible.innovation import Innovation
from skillgraph.adjacent_possible.resources import Resources, constrained_trajectory
from skillgraph.adjacent_possible.steady_states import FinalState, SteadyStates, final_state, steady_states
from skillgraph.records import Record

__all__ = ["ConstrainedOutcome", "TapOverview", "tap_overview"]

_MOST_DEFAULT_STEPS = 100_000
_MOST_EXACT_ITEMS = 1e6


class ConstrainedOutcome(Record):
    """What becomes of growth with scarce resources.

    Attributes
    ----------
    factor, cap : float
        Product of the factors, smallest cap.
    scarcest : str or None
    final : FinalState
    steady : SteadyStates or None
        None without extinction.
    """

    factor: float
    cap: float
    scarcest: str | None
    final: FinalState
    steady: SteadyStates | None


class TapOverview(Record):
    """Growth by combination: how long until it explodes, what chance and resources make of it.

    Attributes
    ----------
    innovation : Innovation
    items, extinction, bound : float
        M0, share of items lost per step, number of items to be passed.
    resources : Resources
    steps_beyond_bound : int or None
    critical_extinction : float
    continuous : BlowUp
    equilibrium : Equilibrium
    stochastic : ExplosionLaw or None
    constrained : ConstrainedOutcome or None
        None where no resource is scarce.
    reason : str or None
        All reasons in one line.
    reasons : dict
        Name of what does not exist to why.
    steps : int
        Length of the path of `paths`.
    simulation : Explosions or None
    trajectory : Trajectory or None
        The path without constraints, if its length was asked for.
    """

    innovation: Innovation
    items: float
    extinction: float
    bound: float
    resources: Resources
    steps_beyond_bound: int | None
    critical_extinction: float
    continuous: BlowUp
    equilibrium: Equilibrium
    stochastic: ExplosionLaw | None
    constrained: ConstrainedOutcome | None
    reason: str | None
    reasons: dict[str, str]
    steps: int
    simulation: Explosions | None = None
    trajectory: Trajectory | None = None
    derived: ClassVar[tuple[str, ...]] = ("smallest_combination",)

    @property
    def smallest_combination(self) -> int:
        """Fewest items that bring forth another one."""
        return self.innovation.fewest

    def headline(self) -> Mapping[str, Any]:
        """Return the law, when it explodes, and the distance of the simulation from the exact law."""
        asked = {name: getattr(self, name) for name in ("items", "extinction", "bound")}
        exact = self.stochastic
        found = {
            "steps beyond bound": self.steps_beyond_bound,
            "critical extinction": self.critical_extinction,
            "blow-up in continuous time": self.continuous.integral,
            "equilibrium": self.equilibrium.items,
            "mean explosion time": None if exact is None else exact.mean,
            "extinction probability": None if exact is None else exact.extinction_probability,
            "reason": self.reason,
        }
        scarce = {} if self.constrained is None else {"with resources": self.constrained.final}
        seen = (
            {}
            if self.simulation is None
            else {
                "simulated mean": f"{self.simulation.mean:.6g} +- {self.simulation.standard_error:.2g}",
                "z-scores": self.simulation.z_scores,
            }
        )
        return {"innovation": self.innovation.text} | asked | found | scarce | seen

    def paths(self) -> dict[str, np.ndarray]:
        """Return the number of items after 0, 1, ..., steps, its log10, and the constrained path where there is one."""
        free = self.trajectory or trajectory(self.innovation, self.items, self.extinction, steps=self.steps)
        found = {"items": free.items, "log10_items": free.log10_items}
        if self.constrained is None:
            return found
        asked = self.innovation, self.items, self.extinction, self.resources
        return found | {"constrained_items": constrained_trajectory(*asked, steps=self.steps)}

    def columns(self) -> Mapping[str, Any]:
        """Return one row per simulated run, or per step where nothing was simulated."""
        if self.simulation is not None:
            return self.simulation.columns()
        return {"step": np.arange(self.steps + 1)} | self.paths()


def tap_overview(
    innovation: Innovation,
    items: float = 2.0,
    extinction: float = 0.0,
    *,
    bound: float = 1e12,
    resources: Resources | None = None,
    steps: int | None = None,
    simulation: Explosions | None = None,
) -> TapOverview:
    """Answer every question of the theory for one law of innovation.

    Parameters
    ----------
    innovation : Innovation
    items : float
        M0, at least 1.
    extinction : float
        mu in [0, 1).
    bound : float
        Number of items to be passed.
    resources : Resources, optional
        Nothing is scarce if omitted.
    steps : int, optional
        Length of the path, which is then kept in the record; until the bound is passed, or the constrained path rests,
        if omitted.
    simulation : Explosions, optional
        Runs of the same process, to stand beside.

    Raises
    ------
    ValueError
        If a parameter is out of range.

    Examples
    --------
    >>> from skillgraph.adjacent_possible import constant
    >>> tap_overview(constant(0.01)).steps_beyond_bound
    84
    """
    limits = Resources() if resources is None else resources
    crossing = first_beyond(innovation, items, extinction, bound=bound)
    rest = equilibrium(innovation, extinction)
    exact, why = _stochastic(innovation, items, extinction)
    scarce = limits.factor < 1 or math.isfinite(limits.cap)
    told = {"steps_beyond_bound": crossing.reason, "equilibrium": rest.reason, "stochastic": why}
    reasons = {key: reason for key, reason in told.items() if reason}
    length = steps
    if length is None:
        length = min(crossing.steps or 1000, _MOST_DEFAULT_STEPS)
        length = max(length, _settling(innovation, items, extinction, limits, length)) if scarce else length
    return TapOverview(
        innovation,
        items,
        extinction,
        bound,
        limits,
        crossing.steps,
        critical_extinction(innovation, items),
        blow_up(innovation, items, extinction),
        rest,
        exact,
        _constrained(innovation, items, extinction, limits) if scarce else None,
        "; ".join(reasons.values()) or None,
        reasons,
        length,
        simulation,
        None if steps is None else trajectory(innovation, items, extinction, steps=steps),
    )


def _stochastic(law: Innovation, items: float, mu: float) -> tuple[ExplosionLaw | None, str | None]:
    """Return the law of the explosion time, or why there is none; a law without an explosion has a reason too."""
    combines = law.rate(items) > 0 or mu > 0
    if not float(items).is_integer() or items > _MOST_EXACT_ITEMS or not combines:
        return None, "the stochastic theory needs a whole number M0, at most 1e6, that can combine or expire"
    found = explosion_law(law, int(items), mu)
    exists = math.isfinite(found.mean)
    return found, None if exists else "there is no explosion time: the items die out, or growth is at most exponential"


def _constrained(law: Innovation, items: float, mu: float, limits: Resources) -> ConstrainedOutcome:
    final = final_state(law, items, mu, limits)
    steady = steady_states(law, mu, limits) if mu > 0 else None
    return ConstrainedOutcome(limits.factor, limits.cap, limits.scarcest, final, steady)


def _settling(law: Innovation, items: float, mu: float, limits: Resources, length: int) -> int:
    """Return the steps after which the constrained path hardly moves, 0 if it never does."""
    path = constrained_trajectory(law, items, mu, limits, steps=min(5 * length, _MOST_DEFAULT_STEPS))
    if not np.isfinite(path).all():
        return 0
    moving = np.flatnonzero(np.abs(np.diff(path)) > 1e-6 * path[1:])
    return int(1.1 * moving[-1]) if moving.size else 0
