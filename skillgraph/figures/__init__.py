"""Figures: the style, and one drawing for every result; results know no figure."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["draw"]

_DRAWINGS = {
    "Agreement": ("agreement", "draw_agreement"),
    "AnalysedTable": ("agreement", "draw_analysed_table"),
    "Analysis": ("agreement", "draw_analysis"),
    "ErasureOverview": ("threshold", "draw_erasure_overview"),
    "ExplosionLaw": ("adjacent_possible", "draw_law_of_explosion"),
    "Explosions": ("adjacent_possible", "draw_explosions"),
    "LawComparison": ("limits", "draw_law_comparison"),
    "LevelsCurve": ("levels", "draw_levels_curve"),
    "LevelsOverview": ("levels", "draw_levels_overview"),
    "LimitsOverview": ("limits", "draw_limits_overview"),
    "OptimalOverview": ("optimal", "draw_optimal_overview"),
    "OptimalSizes": ("optimal", "draw_optimal_sizes"),
    "Overview": ("threshold", "draw_overview"),
    "Results": ("study", "draw_results"),
    "SimulatedEnsemble": ("agreement", "draw_simulated_ensemble"),
    "Surface": ("limits", "draw_surface"),
    "SurfaceComparison": ("limits", "draw_surface_comparison"),
    "TapOverview": ("adjacent_possible", "draw_tap_overview"),
    "TopicsOverview": ("types", "draw_topics_overview"),
    "Trajectory": ("adjacent_possible", "draw_path"),
    "TypedAgreement": ("types", "draw_typed_agreement"),
}


def draw(result: Any) -> Figure:
    """Draw a result.

    Parameters
    ----------
    result : Record
        What `compare`, `analyse`, `describe`, ... return; a command draws the same with ``--figure``.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    TypeError
        If there is no drawing of this kind of result.

    Examples
    --------
    >>> from skillgraph import compare
    >>> figure = draw(compare("poisson:3", 100, [0.5, 1.0], replicates=2, seed=1))
    >>> len(figure.axes) > 0
    True
    """
    kind = type(result).__name__
    if kind not in _DRAWINGS:
        raise TypeError(f"there is no drawing of a {kind}: known are {', '.join(sorted(_DRAWINGS))}")
    module, function = _DRAWINGS[kind]
    drawn: Figure = getattr(importlib.import_module(f"skillgraph.figures.{module}"), function)(result)
    return drawn
