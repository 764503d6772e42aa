"""Figures of results: an agreement between simulation and theory, and what becomes of a real table."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from skillgraph.agreement import Agreement, SimulatedEnsemble
from skillgraph.analysis import AnalysedTable, Analysis
from skillgraph.ensembles.laws import DegreeLaw
from skillgraph.figures import style as plotting
from skillgraph.theory.associations import giant_association
from skillgraph.theory.components import giant_component
from skillgraph.theory.density_evolution import learned_share

__all__ = ["draw_agreement", "draw_analysed_table", "draw_analysis", "draw_simulated_ensemble"]

_LABELS = {"giant_component": "all skills", "giant_association": "learned skills"}
_FINE = 600


def draw_agreement(result: Agreement, marks: dict[str, float] | None = None) -> Figure:
    """Draw learned share and giant components against texts per skill, and the z-scores below.

    Lines are the theory of the infinite ensemble, points the simulation; the z-scores are those of the theory of the
    finite system, where there is one.

    Parameters
    ----------
    result : Agreement
    marks : dict, optional
        Label to texts per skill: thresholds to mark in the left panel.

    Returns
    -------
    matplotlib.figure.Figure
    """
    with plotting.style():
        drawn, axes = plotting.figure(4, width="double", aspect=0.62, rows=2, heights=(1, 0.36))
        learned, giant, learned_z, giant_z = axes
        _infinite_theory(learned, giant, result)
        _observable(learned, learned_z, result, "learned_share", 0)
        for place, name in enumerate(_LABELS, start=1):
            _observable(giant, giant_z, result, name, place)
        for label, ratio in (marks or {}).items():
            if result.texts_per_skill_ratio[0] < ratio < result.texts_per_skill_ratio[-1]:
                plotting.mark(learned, ratio, label)
        learned.set_ylabel("learned share of skills")
        giant.set_ylabel("largest component, share")
        for upper, lower in ((learned, learned_z), (giant, giant_z)):
            upper.set(ylim=(-0.02, 1.05))
            lower.axhspan(-2, 2, color="0.9", linewidth=0, zorder=0)
            lower.set(xlabel="texts per skill $r$", ylim=(-5, 5), xlim=upper.get_xlim(), yticks=(-4, -2, 0, 2, 4))
        learned_z.set_ylabel("$z$")
        plotting.panel_letters(axes)
        giant.legend(loc="center right")
    return drawn


def draw_simulated_ensemble(result: SimulatedEnsemble) -> Figure:
    """Draw the agreement with the peeling threshold marked."""
    threshold = result.thresholds.peeling_threshold
    return draw_agreement(result.agreement, {} if threshold is None else {f"$r^*$ = {threshold:.4g}": threshold})


def _infinite_theory(learned: Axes, giant: Axes, result: Agreement) -> None:
    """Draw the theory of the infinite ensemble as lines."""
    ratio, ensemble, learner, known = result.texts_per_skill_ratio, result.ensemble, result.learner, result.known
    fine = np.linspace(ratio[0], ratio[-1], _FINE) if ratio.size > 1 else ratio
    plotting.theory(learned, fine, learned_share(ensemble, fine, learner=learner, known=known), 0)
    plotting.theory(giant, fine, giant_component(ensemble, fine).share, 1)
    plotting.theory(giant, fine, giant_association(ensemble, fine, learner=learner, known=known), 2)


def _observable(upper: Axes, lower: Axes, result: Agreement, name: str, index: int) -> None:
    """Draw the points of one observable and their z-scores."""
    one, ratio = result.observables[name], result.texts_per_skill_ratio
    plotting.simulation(upper, ratio, one.mean, one.standard_error, index, _LABELS.get(name))
    plotting.simulation(lower, ratio, one.z_score, None, index)


def draw_analysis(result: Analysis) -> Figure:
    """Draw the degree laws of a table (left), what is learned (middle) and what hangs together (right)."""
    with plotting.style():
        drawn, (degrees, learned, giant) = plotting.figure(3, width="double", aspect=0.95)
        for place, (law, label) in enumerate(
            ((result.skills_per_text, "skills per text"), (result.texts_per_skill, "texts per skill"))
        ):
            _degree_tail(degrees, law, place, label)
        degrees.set(xscale="log", yscale="log", xlabel="degree $k$", ylabel="share of nodes with degree at least $k$")
        degrees.legend(loc="lower left")
        _arrival(learned, result, "learned_share", "learned share of skills")
        _arrival(giant, result, "giant_component", "largest component, share of skills")
        learned.legend(loc="best")
        plotting.panel_letters([degrees, learned, giant])
    return drawn


def draw_analysed_table(result: AnalysedTable) -> Figure:
    """Draw the analysis of a table."""
    return draw_analysis(result.analysis)


def _degree_tail(axes: Axes, law: DegreeLaw, index: int, label: str) -> None:
    pmf = law.probabilities
    tail = np.cumsum(pmf[::-1])[::-1]
    positive = np.flatnonzero(pmf > 0)
    positive = positive[positive > 0]
    axes.plot(
        positive,
        tail[positive],
        color=plotting.COLOURS[index],
        linestyle=plotting.DASHES[index],
        label=label,
        drawstyle="steps-post",
    )


def _arrival(axes: Axes, result: Analysis, name: str, label: str) -> None:
    ratio = result.texts_per_skill_ratio
    axes.plot(ratio, getattr(result.theory, name), color="black", zorder=4, label="theory, same degrees")
    mean, deviation = getattr(result.random_order, name), getattr(result.random_order_deviation, name)
    plotting.simulation(axes, ratio, mean, deviation, 0, "table, random order")
    plotting.simulation(axes, ratio, getattr(result.file_order, name), None, 1, "table, file order")
    axes.set(xlabel="texts per skill $r$", ylabel=label, ylim=(-0.02, 1.02))
