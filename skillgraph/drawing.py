"""Figures of results: an agreement between simulation and theory, and what becomes of a real table."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from skillgraph import plotting
from skillgraph.agreement import Agreement, Comparison
from skillgraph.analysis import Analysis
from skillgraph.laws import DegreeLaw

__all__ = ["draw_agreement", "draw_analysis"]

_LABELS = {
    "learned_share": "learned share",
    "giant_component": "all skills",
    "giant_association": "learned skills",
}


def draw_agreement(result: Agreement, marks: dict[str, float] | None = None) -> Figure:
    """Draw learned share (left) and giant components (right) against texts per skill.

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
        drawn, (left, right) = plotting.figure(2, width="double", aspect=0.68)
        _comparison(left, result, "learned_share", 0)
        for place, name in enumerate(("giant_component", "giant_association"), start=1):
            _comparison(right, result, name, place)
        for label, ratio in (marks or {}).items():
            if result.texts_per_skill_ratio[0] < ratio < result.texts_per_skill_ratio[-1]:
                plotting.mark(left, ratio, label)
        left.set_ylabel("learned share of skills")
        right.set_ylabel("largest component, share of skills")
        for axes in (left, right):
            axes.set(xlabel="texts per skill $r$", ylim=(-0.02, 1.02))
        plotting.panel_letters([left, right])
        right.legend(loc="best")
    return drawn


def _comparison(axes: Axes, result: Agreement, name: str, index: int) -> None:
    one: Comparison = result.observables[name]
    ratio = result.texts_per_skill_ratio
    plotting.theory(axes, ratio, one.theory, index)
    plotting.simulation(axes, ratio, one.mean, one.standard_error, index, _LABELS[name])


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
