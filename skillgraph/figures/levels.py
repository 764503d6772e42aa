"""Figure of levels: accuracy against scale with its plateaus, and the simulation."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from skillgraph.figures import style as plotting
from skillgraph.levels.overview import LevelsCurve, LevelsOverview, SimulatedCurve

__all__ = ["draw_levels_curve", "draw_levels_overview"]


def draw_levels_curve(result: LevelsCurve, simulated: SimulatedCurve | None = None) -> Figure:
    """Draw accuracy against parameters, plateaus shaded, simulated points beside it if given."""
    at = result.sizes.parameters
    with plotting.style():
        drawn, (axes,) = plotting.figure(1)
        plotting.theory(axes, at, result.accuracy, 0, "theory")
        for one in result.plateaus:
            axes.axvspan(one.start, one.end, color="0.9", zorder=0)
            middle = float(np.sqrt(one.start * one.end))
            axes.annotate(f"{one.height:.3f}", (middle, one.height), (0, 3), textcoords="offset points", ha="center")
        if simulated is not None:
            plotting.simulation(axes, at, simulated.accuracy, simulated.standard_error, 1, "simulation")
            axes.legend()
        axes.set(xscale="log", xlabel="parameters", ylabel="accuracy", ylim=(-0.02, 1.04))
    return drawn


def draw_levels_overview(result: LevelsOverview) -> Figure:
    """Draw the curve of an overview and its simulation.

    Raises
    ------
    ValueError
        If the overview has no curve.
    """
    if result.curve is None:
        raise ValueError("a curriculum alone has no curve to draw: give [levels] in the file")
    return draw_levels_curve(result.curve, result.simulated)
