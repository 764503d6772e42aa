"""Figures of thresholds: what is learned in the end, against texts per skill or the erasure probability."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure

from skillgraph.figures import style as plotting
from skillgraph.theory.density_evolution import learned_share, unlearned_share
from skillgraph.theory.overview import ErasureOverview, Overview

__all__ = ["draw_erasure_overview", "draw_overview"]

_POINTS, _COARSE = 1201, 241
_BESIDE = 1e-6


def draw_overview(result: Overview) -> Figure:
    """Draw the learned share against texts per skill, thresholds marked."""
    at = _ratios(result)
    learned = learned_share(result.ensemble, at, learner=result.learner, known=result.known)
    marks = {"$r^*$": result.peeling_threshold, "giant": result.percolation_threshold}
    return _curve(at, learned, ("learned share", "texts per skill $r$", "learned share of skills"), marks)


def draw_erasure_overview(result: ErasureOverview) -> Figure:
    """Draw the share that is never learned against the erasure probability, thresholds marked."""
    jump = result.bp_threshold
    beside = [] if jump is None else [jump * (1 - _BESIDE), jump * (1 + _BESIDE)]  # the jump is upright
    at = np.union1d(np.linspace(0, 1, _COARSE), np.clip(beside, 0, 1))
    unlearned = np.array([float(unlearned_share(result.ensemble, known=1 - eps)[0]) for eps in at])
    marks = {"BP": result.bp_threshold, "MAP": result.map_threshold}
    words = ("unlearned share", r"erasure probability $\epsilon$", "share of skills never learned")
    return _curve(at, unlearned, words, marks)


def _curve(
    at: np.ndarray, values: np.ndarray, words: tuple[str, str, str], marks: Mapping[str, float | None]
) -> Figure:
    """Draw one curve of a share; ``words`` name the curve and the axes."""
    with plotting.style():
        drawn, (axes,) = plotting.figure(1, width="single", aspect=0.75)
        plotting.theory(axes, at, values, 0, words[0])
        axes.set(xlabel=words[1], ylabel=words[2], ylim=(-0.02, 1.02), xlim=(at[0], at[-1]))
        for label, place in marks.items():
            if place is not None and at[0] < place < at[-1]:
                plotting.mark(axes, place, f"{label} {place:.4g}")
    return drawn


def _ratios(result: Overview) -> np.ndarray:
    """Texts per skill that show the transition: to twice the last threshold."""
    places = (result.peeling_threshold, result.association_threshold, result.percolation_threshold)
    last = 2 * max([place for place in places if place] or [1.0])
    return np.linspace(0, min(last, result.ensemble.full_ratio or last), _POINTS)
