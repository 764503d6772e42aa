"""Figures of a study, from the rows of its results: lines with intervals, or a map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from skillgraph.figures import style as plotting

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from skillgraph.studies.results import Results
    from skillgraph.studies.study_file import FigureOfStudy, Study

__all__ = ["draw_results", "draw_study"]

Row = Mapping[str, str]


def draw_results(result: Results, name: str | None = None) -> Figure:
    """Draw a figure that the study names: the first, or the one of a name.

    Raises
    ------
    ValueError
        If the study names no such figure.
    """
    study = result.definition
    wanted = next((one for one in study.figures if name in (None, one.name)), None)
    if wanted is None:
        known = ", ".join(one.name for one in study.figures) or "none"
        raise ValueError(f'study "{study.name}" has no figure {"at all" if name is None else name}: it names {known}')
    rows = [dict(zip(result.tidy, map(_text, row), strict=True)) for row in zip(*result.tidy.values(), strict=True)]
    with plotting.style():
        return draw_study(study, wanted, rows)


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def draw_study(study: Study, wanted: FigureOfStudy, rows: Sequence[Row]) -> Figure:
    """Draw one figure of a study from the rows of its results."""
    mine = [row for row in rows if row["measure"] == wanted.measure and row["mean"]]
    if not mine:
        raise ValueError(f'figure "{wanted.name}": the results hold no value of {wanted.measure}')
    left_out = [name for name in (*study.grid, *study.curve) if name not in (wanted.x, wanted.y, wanted.series)]
    for name in left_out:
        values = sorted({row[name] for row in mine})
        if len(values) > 1:
            raise ValueError(
                f'figure "{wanted.name}" must use axis "{name}" as x, y or series: it has {len(values)} values'
            )
    return _map(wanted, mine) if wanted.kind == "map" else _lines(study, wanted, mine)


def _lines(study: Study, wanted: FigureOfStudy, rows: Sequence[Row]) -> Figure:
    drawn, (axes,) = plotting.figure(1)
    names = list(dict.fromkeys(row[wanted.series] for row in rows)) if wanted.series else [""]
    for place, name in enumerate(names):
        mine = [row for row in rows if not wanted.series or row[wanted.series] == name]
        x, mean = (np.array([float(row[column]) for row in mine]) for column in (wanted.x, "mean"))
        ends = [[row[end] for row in mine] for end in ("lower", "upper")]
        known = all(all(one) for one in ends)
        bars = np.abs(np.array(ends, dtype=float) - mean) if known else None
        label = f"{_words(wanted.series)} {name}" if wanted.series else None
        plotting.simulation(axes, x, mean, bars, index=place, label=label)
    axes.set(xlabel=_words(wanted.x), ylabel=_words(wanted.measure))
    if wanted.series:
        axes.legend(ncols=1 + (len(names) > 6))
    axes.set_title(f"{round(100 * study.precision.confidence)} % intervals", loc="right", fontsize=6.5, color="0.35")
    return drawn


def _map(wanted: FigureOfStudy, rows: Sequence[Row]) -> Figure:
    assert wanted.y is not None
    x, y = (_axis(rows, name) for name in (wanted.x, wanted.y))
    values = np.full((len(y), len(x)), np.nan)
    for row in rows:
        values[y.index(float(row[wanted.y])), x.index(float(row[wanted.x]))] = float(row["mean"])
    drawn, (axes,) = plotting.figure(1, aspect=0.82)
    shade = axes.pcolormesh(x, y, values, cmap="cividis", shading="nearest", rasterized=True)
    drawn.colorbar(shade, ax=axes, pad=0.02).set_label(_words(wanted.measure))
    axes.set(xlabel=_words(wanted.x), ylabel=_words(wanted.y))
    return drawn


def _axis(rows: Sequence[Row], name: str) -> list[float]:
    try:
        return sorted({float(row[name]) for row in rows})
    except ValueError:
        raise ValueError(f'a map needs numbers on its axes, and "{name}" has texts') from None


def _words(name: Any) -> str:
    return str(name).replace("_", " ")
