"""Figures of ensembles of several classes: learned share and components by class, theory and simulation."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from skillgraph.agreement_types import TopicsOverview, TypedAgreement
from skillgraph.ensembles.types import TypedEnsemble
from skillgraph.figures import style as plotting
from skillgraph.theory.types_components import giant_by_class
from skillgraph.theory.types_learning import ClassJump, learned_by_class, learning_jumps

__all__ = ["draw_learned_by_class", "draw_topics_overview", "draw_typed_agreement"]

_FINE = 500
_MOST_CLASSES = 5


def draw_learned_by_class(axes: Axes, ensemble: TypedEnsemble, scale: np.ndarray, jumps: tuple[ClassJump, ...]) -> None:
    """Draw the theory of the learned share by class and of all skills, with the jumps marked."""
    grid = _around_jumps(scale, jumps)
    learned, ratio = learned_by_class(ensemble, grid), grid * ensemble.total_rate
    for place, name in _shown(ensemble):
        plotting.theory(axes, ratio, learned[:, place], place, name)
    axes.plot(ratio, learned @ np.array(ensemble.shares), color="black", linewidth=1.4, label="all skills", zorder=3)
    for jump in jumps:
        if grid[0] < jump.at < grid[-1]:
            plotting.mark(axes, jump.at * ensemble.total_rate, f"{jump.at * ensemble.total_rate:.4g}")
    axes.set(xlabel="texts per skill $r$", ylabel="learned share of skills", ylim=(-0.02, 1.04))


def _around_jumps(scale: np.ndarray, jumps: tuple[ClassJump, ...]) -> np.ndarray:
    """A fine grid with a place on both sides of every jump."""
    sides = [jump.at * (1 + step) for jump in jumps for step in (-1e-3, -1e-5, 1e-5) if scale[0] < jump.at < scale[-1]]
    return np.unique(np.concatenate([np.linspace(scale[0], scale[-1], _FINE), sides]))


def _shown(ensemble: TypedEnsemble) -> list[tuple[int, str]]:
    """Classes that are drawn one by one: all, if they are few."""
    names = ensemble.skill_classes
    return list(enumerate(names)) if len(names) <= _MOST_CLASSES else []


def draw_typed_agreement(result: TypedAgreement) -> Figure:
    """Draw learned share and largest component by class against texts per skill, and the z-scores of all below.

    Parameters
    ----------
    result : TypedAgreement

    Returns
    -------
    matplotlib.figure.Figure
    """
    ensemble, scale = result.ensemble, result.scale
    with plotting.style():
        drawn, axes = plotting.figure(4, width="double", aspect=0.66, rows=2, heights=(1, 0.36))
        learned, giant, learned_z, giant_z = axes
        draw_learned_by_class(learned, ensemble, scale, learning_jumps(ensemble).jumps)
        fine = np.linspace(scale[0], scale[-1], _FINE)
        shares = giant_by_class(ensemble, fine)
        for place, _ in _shown(ensemble):
            plotting.theory(giant, fine * ensemble.total_rate, shares[:, place], place)
        giant.plot(fine * ensemble.total_rate, shares @ np.array(ensemble.shares), color="black", linewidth=1.4)
        for upper, lower, name in ((learned, learned_z, "learned_share"), (giant, giant_z, "giant_component")):
            _points(upper, lower, result, name)
            lower.axhspan(-2, 2, color="0.9", linewidth=0, zorder=0)
            lower.set(xlabel="texts per skill $r$", ylim=(-5, 5), xlim=upper.get_xlim(), yticks=(-4, -2, 0, 2, 4))
        giant.set(ylabel="largest component, share", ylim=(-0.02, 1.04))
        learned_z.set_ylabel("$z$")
        plotting.panel_letters(axes)
        learned.legend(loc="upper left")
    return drawn


def draw_topics_overview(result: TopicsOverview) -> Figure:
    """Draw the learned share by class, or the simulation beside the theory where there is one."""
    if result.agreement is not None:
        return draw_typed_agreement(result.agreement)
    with plotting.style():
        drawn, (axes,) = plotting.figure(1, width="single", aspect=0.8)
        draw_learned_by_class(axes, result.ensemble, result.scale, learning_jumps(result.ensemble).jumps)
        axes.legend(loc="best")
    return drawn


def _points(upper: Axes, lower: Axes, result: TypedAgreement, name: str) -> None:
    one, ratio = result.observables[name], result.texts_per_skill_ratio
    for place, _ in _shown(result.ensemble):
        plotting.simulation(upper, ratio, one.mean[:, place], one.standard_error[:, place], place)
        plotting.simulation(lower, ratio, one.z_score[:, place], None, place)
    plotting.simulation(upper, ratio, one.mean[:, -1], one.standard_error[:, -1], 6)
    plotting.simulation(lower, ratio, one.z_score[:, -1], None, 6)
