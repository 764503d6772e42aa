"""The figure style: journal widths, colours safe for colour-blind readers, distinct in grey.

Theory is drawn as lines (colour plus dash), simulation as points with error bars (colour plus marker). Functions take
axes and return them; nothing here computes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

__all__ = ["COLOURS", "figure", "mark", "panel_letters", "save", "simulation", "style", "theory"]

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")  # Okabe & Ito
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
DASHES = ("-", (0, (5, 1.5)), (0, (1.5, 1.2)), (0, (6, 1.5, 1.5, 1.5)), (0, (3, 1, 1, 1, 1, 1)), (0, (8, 2)), ":")
WIDTHS = {"single": 3.42, "double": 7.0}  # inches: one and two columns of a journal

_STYLE: dict[str, Any] = {
    "font.size": 8,
    "axes.labelsize": 8,
    "axes.titlesize": 8,
    "legend.fontsize": 7,
    "xtick.labelsize": 7,
    "ytick.labelsize": 7,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "lines.linewidth": 1.1,
    "lines.markersize": 3.2,
    "errorbar.capsize": 0,
    "legend.frameon": False,
    "legend.handlelength": 2.4,
    "figure.constrained_layout.use": True,
    "savefig.dpi": 300,
    "pdf.fonttype": 42,
    "svg.fonttype": "none",
    "svg.hashsalt": "skillgraph",
    "axes.prop_cycle": cycler(color=COLOURS),
}


@contextmanager
def style() -> Iterator[None]:
    """Use the figure style inside a ``with`` block."""
    with mpl.rc_context(_STYLE):  # type: ignore[arg-type]
        yield


def figure(
    panels: int = 1,
    *,
    width: str = "single",
    aspect: float = 0.72,
    rows: int = 1,
    heights: tuple[float, ...] | None = None,
) -> tuple[Figure, list[Axes]]:
    """Return a figure of journal width with its axes in reading order.

    Parameters
    ----------
    panels : int
        Number of axes.
    width : {"single", "double"}
        One or two columns of a journal.
    aspect : float
        Height of one panel over its width.
    rows : int
        Rows of panels.
    heights : tuple of float, optional
        Height of each row as a multiple of ``aspect``; 1 if omitted.
    """
    columns = -(-panels // rows)
    inches, multiples = WIDTHS[width], heights or (1.0,) * rows
    drawn = Figure(figsize=(inches, inches / columns * aspect * sum(multiples)))
    FigureCanvasAgg(drawn)
    grid = drawn.add_gridspec(rows, columns, height_ratios=multiples)
    axes = [drawn.add_subplot(grid[place // columns, place % columns]) for place in range(panels)]
    return drawn, axes


def theory(axes: Axes, x: np.ndarray, y: np.ndarray, index: int = 0, label: str | None = None) -> Axes:
    """Draw theory as a line; ``index`` picks colour and dash."""
    axes.plot(x, y, color=COLOURS[index % 7], linestyle=DASHES[index % 7], label=label, zorder=2)
    return axes


def simulation(
    axes: Axes,
    x: np.ndarray,
    mean: np.ndarray,
    standard_error: np.ndarray | None = None,
    index: int = 0,
    label: str | None = None,
) -> Axes:
    """Draw simulation as points with error bars of one standard error; ``index`` picks colour and marker."""
    axes.errorbar(
        x,
        mean,
        yerr=standard_error,
        color=COLOURS[index % 7],
        marker=MARKERS[index % 7],
        linestyle="none",
        markerfacecolor="white",
        markeredgewidth=0.8,
        elinewidth=0.8,
        label=label,
        zorder=3,
    )
    return axes


def mark(axes: Axes, x: float, text: str, *, y: float = 0.97) -> Axes:
    """Mark a threshold by a thin vertical line with its name."""
    axes.axvline(x, color="0.45", linewidth=0.7, linestyle=(0, (1, 1.5)), zorder=1)
    axes.annotate(
        text,
        (x, y),
        xycoords=("data", "axes fraction"),
        xytext=(-2, 0),
        textcoords="offset points",
        rotation=90,
        ha="right",
        va="top",
        fontsize=6.5,
        color="0.25",
    )
    return axes


def panel_letters(axes: list[Axes]) -> None:
    """Write (a), (b), ... above the panels."""
    for letter, one in zip("abcdefghijklmnop", axes, strict=False):
        one.set_title(f"({letter})", loc="left", fontsize=8)


def save(drawn: Figure, path: Path) -> None:
    """Save as PDF, SVG or PNG; the same figure gives the same bytes."""
    no_date = {".pdf": {"CreationDate": None}, ".svg": {"Date": None}}
    with style():
        drawn.savefig(path, metadata=no_date.get(path.suffix.lower()))
