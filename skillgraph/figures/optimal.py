"""Figure of compute-optimal sizes: parameters and tokens against the budget."""

from __future__ import annotations

from matplotlib.figure import Figure

from skillgraph.figures import style as plotting
from skillgraph.optimal.overview import OptimalOverview
from skillgraph.optimal.sizes import OptimalSizes

__all__ = ["draw_optimal_overview", "draw_optimal_sizes"]


def draw_optimal_sizes(result: OptimalSizes) -> Figure:
    """Draw optimal parameters and tokens against compute."""
    with plotting.style():
        drawn, (axes,) = plotting.figure(1)
        for place, name in enumerate(("parameters", "tokens")):
            if result.compute.size > 1:
                plotting.theory(axes, result.compute, getattr(result, name), place, name)
            else:
                plotting.simulation(axes, result.compute, getattr(result, name), None, place, name)
        axes.set(xscale="log", yscale="log", xlabel="compute (FLOPs)", ylabel="optimal parameters, tokens")
        axes.legend()
    return drawn


def draw_optimal_overview(result: OptimalOverview) -> Figure:
    """Draw the sizes of the overview."""
    return draw_optimal_sizes(result.sizes)
