"""Figure of the command ``limits``: the surface E(N, P, K) and how laws predict held-out scales."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from skillgraph.figures import style as plotting
from skillgraph.limits.laws_fit import LawComparison
from skillgraph.limits.overview import LimitsOverview, SurfaceComparison
from skillgraph.limits.surface import Surface

__all__ = ["draw_law_comparison", "draw_limits_overview", "draw_surface", "draw_surface_comparison"]

_MOST_LINES = 5


def draw_limits_overview(result: LimitsOverview) -> Figure:
    """Draw 1 - E against data size, one line per model size, and held-out errors of the laws, as far as they are there.

    Raises
    ------
    ValueError
        If there is neither.
    """
    surface, laws = result.surface, result.laws
    if surface is None and laws is None:
        raise ValueError("--figure draws the surface and the laws: give a section [surface] or [laws]")
    with plotting.style():
        number = (surface is not None) + (laws is not None)
        drawn, axes = plotting.figure(number, width="double" if number == 2 else "single", aspect=0.72)
        if surface is not None:
            _surface(axes[0], surface)
        if laws is not None:
            _laws(axes[-1], laws)
        if number == 2:
            plotting.panel_letters(axes)
    return drawn


def draw_surface(result: Surface) -> Figure:
    """Draw one surface."""
    return draw_surface_comparison(SurfaceComparison(result, None, None))


def draw_surface_comparison(result: SurfaceComparison) -> Figure:
    """Draw 1 - E against data size, one line per model size, simulated points on the lines."""
    return draw_limits_overview(LimitsOverview(None, result, None, (), None))


def draw_law_comparison(result: LawComparison) -> Figure:
    """Draw the held-out errors of all laws."""
    return draw_limits_overview(LimitsOverview(None, None, None, (), result))


def _surface(axes: Axes, surface: SurfaceComparison) -> None:
    theory, measured = surface.theory, surface.simulation
    where = theory.points
    last = where.steps == where.steps.max()
    sizes = np.unique(where.model_size)
    chosen = sizes[np.unique(np.linspace(0, sizes.size - 1, _MOST_LINES).astype(int))]
    for index, size in enumerate(chosen):
        here = last & (where.model_size == size)
        order = np.argsort(where.data_size[here])
        x = where.data_size[here][order]
        label = None if measured is not None else f"$P$ = {size:g}"
        plotting.theory(axes, x, theory.loss[here][order], index, label)
        if measured is not None:
            error = None if measured.standard_error is None else measured.standard_error[here][order]
            plotting.simulation(axes, x, measured.loss[here][order], error, index, f"$P$ = {size:g}")
    steps = where.steps.max()
    axes.set(
        xscale="log",
        yscale="log",
        xlabel="data size $N$ (texts)",
        ylabel=r"$1 - E$ at $K = \infty$" if np.isinf(steps) else f"$1 - E$ at $K$ = {steps:g}",
    )
    axes.legend(loc="best")


def _laws(axes: Axes, laws: LawComparison) -> None:
    rows = [(fit.form, fit.held_out_rms) for fit in laws.fits[::-1] if fit.held_out_rms is not None]
    names, values = [form for form, _ in rows], [error for _, error in rows]
    axes.barh(names, values, color=plotting.COLOURS[0], height=0.6)
    for place, value in enumerate(values):
        axes.annotate(
            f"{value:.3g}", (value, place), xytext=(2, 0), textcoords="offset points", va="center", fontsize=6.5
        )
    axes.set(xlabel="held-out rms error of $\\log(1 - E)$", xlim=(0, 1.18 * max(values)))
