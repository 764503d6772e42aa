"""Figures of inference: loss surfaces, level mixtures with their plateaus, rivals, metrics, order."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from skillgraph.figures import style as plotting

__all__ = ["draw_losses"]


def draw_losses(fit: Any, table: Any, budget: Any = None) -> Figure:
    """Draw fitted against measured losses, residuals against compute, and the split of budgets.

    Parameters
    ----------
    fit : SurfaceFit
    table : LossTable
    budget : Allocation, optional
    """
    predicted = fit.loss(table.parameters, table.tokens, table.unique_tokens)
    with plotting.style():
        drawn, axes = plotting.figure(2 if budget is None else 3, width="double", aspect=0.9)
        order = np.argsort(predicted)
        plotting.simulation(axes[0], predicted, table.loss, None, 0, "runs")
        plotting.theory(axes[0], predicted[order], predicted[order], 1, "fitted = measured")
        axes[0].set(xscale="log", yscale="log", xlabel="fitted loss", ylabel="measured loss")
        axes[0].legend()
        compute = 6 * table.parameters * table.tokens
        plotting.simulation(axes[1], compute, np.log(table.loss / predicted), None, 0)
        axes[1].axhline(0, color="0.45", linewidth=0.7)
        axes[1].set(xscale="log", xlabel="compute (FLOPs)", ylabel="log residual")
        if budget is not None:
            _draw_split(axes[2], budget)
        plotting.panel_letters(axes)
    return drawn


def _draw_split(axes: Any, budget: Any) -> None:
    low, high = budget.tokens_per_parameter_interval.T
    axes.fill_between(budget.compute, low, high, color=plotting.COLOURS[0], alpha=0.2, linewidth=0)
    plotting.theory(axes, budget.compute, budget.tokens_per_parameter, 0, "fitted, 95 %")
    plotting.theory(axes, budget.compute, budget.mechanism, 1, "skills and texts")
    axes.set(xscale="log", yscale="log", xlabel="compute (FLOPs)", ylabel="tokens per parameter")
    axes.legend()
