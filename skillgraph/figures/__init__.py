"""Figures: the style, and one drawing for every result; results know no figure."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["draw"]

_DRAWINGS = {
    "Agreement": ("agreement", "draw_agreement"),
    "Analysis": ("agreement", "draw_analysis"),
}


def draw(result: Any) -> Figure:
    """Draw a result.

    Parameters
    ----------
    result : Agreement, Analysis
        What `compare`, `analyse`, ... return.

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
