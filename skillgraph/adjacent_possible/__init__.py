"""Theory of the adjacent possible: what is possible next is what can be made of what is known.

Theory loads at once; what simulates (`simulation`, `coupled`) needs the compiler and loads when it is first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from skillgraph.adjacent_possible.birth_death import ExplosionLaw, explosion_law, extinction_probability, tipping_smear
from skillgraph.adjacent_possible.continuous import BlowUp, blow_up
from skillgraph.adjacent_possible.deterministic import (
    Equilibrium,
    Trajectory,
    critical_extinction,
    equilibrium,
    first_beyond,
    trajectory,
)
from skillgraph.adjacent_possible.innovation import (
    Innovation,
    constant,
    parse_innovation,
    power_law,
    powers,
    two_scale,
    weighted,
)
from skillgraph.adjacent_possible.resources import Resources, constrained_first_beyond, constrained_trajectory
from skillgraph.adjacent_possible.steady_states import final_state, interaction, phase_diagram, steady_states

if TYPE_CHECKING:
    from skillgraph.adjacent_possible.coupled import explore, learn_bounded, path_dependence
    from skillgraph.adjacent_possible.simulation import sample_paths, simulate_explosions

_ON_DEMAND = {
    "explore": "coupled",
    "learn_bounded": "coupled",
    "path_dependence": "coupled",
    "sample_paths": "simulation",
    "simulate_explosions": "simulation",
}

__all__ = [
    "BlowUp",
    "Equilibrium",
    "ExplosionLaw",
    "Innovation",
    "Resources",
    "Trajectory",
    "blow_up",
    "constant",
    "constrained_first_beyond",
    "constrained_trajectory",
    "critical_extinction",
    "equilibrium",
    "explore",
    "explosion_law",
    "extinction_probability",
    "final_state",
    "first_beyond",
    "interaction",
    "learn_bounded",
    "parse_innovation",
    "path_dependence",
    "phase_diagram",
    "power_law",
    "powers",
    "sample_paths",
    "simulate_explosions",
    "steady_states",
    "tipping_smear",
    "trajectory",
    "two_scale",
    "weighted",
]


def __getattr__(name: str) -> Any:
    if name not in _ON_DEMAND:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_ON_DEMAND[name]}"), name)
