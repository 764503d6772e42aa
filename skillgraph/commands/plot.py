"""``skillgraph plot``: the figures of a study, from its results."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import numpy as np

from skillgraph.commands.study_options import directory_option, target_argument, target_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from skillgraph.studies.study_file import FigureOfStudy, Study

Row = Mapping[str, str]


@click.command(name="plot")
@target_argument
@directory_option
@click.option("--format", "suffix", type=click.Choice(["pdf", "png", "svg"]), default="pdf", help="Default pdf.")
def command(target: Path, directory: Path | None, suffix: str) -> int:
    """Draw the figures that STUDY names from its results.csv, into its run directory."""
    run = target_of(target, directory=directory)
    table = run.directory / "results.csv"
    if not table.is_file():
        raise ValueError(
            f"{table} is missing: run the study, or write what there is with skillgraph finalize --partial"
        )
    if not run.study.figures:
        raise ValueError(f'study "{run.study.name}" names no figures: add [[figures]] to its file')
    with table.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))

    from skillgraph import plotting
    from skillgraph.records import write_whole

    for wanted in run.study.figures:
        path = run.directory / f"{wanted.name}.{suffix}"
        with plotting.style():
            drawn = draw(run.study, wanted, rows)
            write_whole(path, lambda temporary, drawn=drawn: plotting.save(drawn, temporary))  # type: ignore[misc]
        click.echo(str(path))
    return 0


def draw(study: Study, wanted: FigureOfStudy, rows: Sequence[Row]) -> Figure:
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
    from skillgraph import plotting

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
    from skillgraph import plotting

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
