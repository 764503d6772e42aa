"""Figure of the command ``limits``: the surface E(N, P, K) and how laws predict held-out scales."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from skillgraph.figures import style as plotting

__all__ = ["draw_limits"]

_MOST_LINES = 5


def draw_limits(surface: dict[str, Any] | None, laws: Any) -> Figure:
    """Draw 1 - E against data size, one line per model size, and held-out errors of the laws.

    Parameters
    ----------
    surface : dict or None
        Keys theory and simulation (or None).
    laws : LawComparison or None

    Raises
    ------
    ValueError
        If there is neither.
    """
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


def _surface(axes: Axes, surface: dict[str, Any]) -> None:
    theory, measured = surface["theory"], surface["simulation"]
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
            error = measured.standard_error[here][order]
            plotting.simulation(axes, x, measured.loss[here][order], error, index, f"$P$ = {size:g}")
    steps = where.steps.max()
    axes.set(
        xscale="log",
        yscale="log",
        xlabel="data size $N$ (texts)",
        ylabel=r"$1 - E$ at $K = \infty$" if np.isinf(steps) else f"$1 - E$ at $K$ = {steps:g}",
    )
    axes.legend(loc="best")


def _laws(axes: Axes, laws: Any) -> None:
    names = [fit.form for fit in laws.fits][::-1]
    values = [fit.held_out_rms for fit in laws.fits][::-1]
    axes.barh(names, values, color=plotting.COLOURS[0], height=0.6)
    for place, value in enumerate(values):
        axes.annotate(
            f"{value:.3g}", (value, place), xytext=(2, 0), textcoords="offset points", va="center", fontsize=6.5
        )
    axes.set(xlabel="held-out rms error of $\\log(1 - E)$", xlim=(0, 1.18 * max(values)))
