"""Figure of the adjacent possible: the trajectory, and the law of the explosion time with simulated runs."""

from __future__ import annotations

import math

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from skillgraph.adjacent_possible.birth_death import ExplosionLaw
from skillgraph.adjacent_possible.deterministic import Trajectory
from skillgraph.adjacent_possible.explosions import Explosions
from skillgraph.adjacent_possible.overview import TapOverview
from skillgraph.figures import style as plotting
from skillgraph.statistics.ergodicity import histogram

__all__ = [
    "draw_explosion_law",
    "draw_explosions",
    "draw_law_of_explosion",
    "draw_path",
    "draw_tap",
    "draw_tap_overview",
    "draw_trajectory",
]


def draw_tap(
    trajectories: dict[str, np.ndarray],
    law: ExplosionLaw | None = None,
    times: np.ndarray | None = None,
    *,
    highest: float = 12.0,
) -> Figure:
    """Draw log10 of the number of items against steps and, where there is one, the law of the explosion time.

    Parameters
    ----------
    trajectories : dict
        Label to (steps + 1,) log10 of the number of items; what is not finite is left out.
    law : ExplosionLaw, optional
        Of the stochastic theory; a second panel if its mean is finite.
    times : (runs,) float array, optional
        Simulated explosion times, NaN where the items died out.
    highest : float
        Where the axis of log10 ends at the latest.

    Returns
    -------
    matplotlib.figure.Figure
    """
    both = law is not None and math.isfinite(law.mean)
    with plotting.style():
        drawn, axes = plotting.figure(2 if both else 1, width="double" if both else "single", aspect=0.72)
        for index, (label, values) in enumerate(trajectories.items()):
            draw_trajectory(axes[0], values, index, label)
        axes[0].set(xlabel="step $t$", ylabel=r"number of items, $\log_{10} M_t$")
        tops = [float(values[np.isfinite(values)].max()) for values in trajectories.values()]
        axes[0].set_ylim(top=min(1.05 * max(*tops, 0.1), highest))
        axes[0].legend(loc="upper left")
        if both and law is not None:
            draw_explosion_law(axes[1], law, times)
            plotting.panel_letters(axes)
    return drawn


def draw_tap_overview(result: TapOverview) -> Figure:
    """Draw the path, the constrained one beside it, and the exact law of the explosion time with simulated runs."""
    paths = result.paths()
    curves = {result.innovation.text: paths["log10_items"]}
    if "constrained_items" in paths:
        curves["with resources"] = np.log10(np.maximum(paths["constrained_items"], 1e-12))
    times = None if result.simulation is None else result.simulation.times
    return draw_tap(curves, result.stochastic, times, highest=1.05 * math.log10(result.bound))


def draw_path(result: Trajectory) -> Figure:
    """Draw one path."""
    with plotting.style():
        drawn, (axes,) = plotting.figure(1)
        draw_trajectory(axes, result.log10_items)
        axes.set(xlabel="step $t$", ylabel=r"number of items, $\log_{10} M_t$")
    return drawn


def draw_explosions(result: Explosions) -> Figure:
    """Draw the exact law of the explosion time with simulated runs.

    Raises
    ------
    ValueError
        If there is no explosion.
    """
    return _law_alone(result.law, result.times)


def draw_law_of_explosion(result: ExplosionLaw) -> Figure:
    """Draw the density of the explosion time.

    Raises
    ------
    ValueError
        If there is no explosion.
    """
    return _law_alone(result, None)


def _law_alone(law: ExplosionLaw, times: np.ndarray | None) -> Figure:
    if not math.isfinite(law.mean):
        raise ValueError("growth is at most exponential: there is no explosion time to draw")
    with plotting.style():
        drawn, (axes,) = plotting.figure(1)
        draw_explosion_law(axes, law, times)
    return drawn


def draw_trajectory(axes: Axes, log10_items: np.ndarray, index: int = 0, label: str | None = None) -> Axes:
    """Draw one trajectory as far as its logarithm is a number."""
    values = np.asarray(log10_items, float)
    steps = np.flatnonzero(np.isfinite(values))
    return plotting.theory(axes, steps, values[steps], index, label)


def draw_explosion_law(axes: Axes, law: ExplosionLaw, times: np.ndarray | None = None, bins: int = 40) -> Axes:
    """Draw the density of the explosion time given explosion, and simulated runs with Poisson error bars."""
    exploded = np.empty(0) if times is None else times[~np.isnan(times)]
    low, high = max(0.0, law.mean - 4 * law.standard_deviation), law.mean + 5 * law.standard_deviation
    if exploded.size > 1 and np.ptp(exploded) > 0:
        found = histogram(exploded, bins=bins)
        low, high = min(low, float(found.edges[0])), max(high, float(found.edges[-1]))
        scale = exploded.size * float(found.edges[1] - found.edges[0])
        middle = (found.edges[1:] + found.edges[:-1]) / 2
        label = f"{exploded.size} simulated runs"
        plotting.simulation(axes, middle, found.counts / scale, np.sqrt(found.counts) / scale, 1, label)
    grid = np.linspace(low, high, 400)
    plotting.theory(axes, grid, law.pdf(grid), 0, "exact")
    plotting.mark(axes, law.mean, f"mean {law.mean:.5g}", y=0.45)
    axes.set(xlabel="explosion time", ylabel="density, given explosion")
    axes.set_ylim(bottom=0)
    axes.legend(loc="upper right")
    return axes
