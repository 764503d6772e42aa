"""``skillgraph plot``: the figures of a study, from its results."""

from __future__ import annotations

import csv
from pathlib import Path

import click

from skillgraph.commands.output import json_option, print_envelope
from skillgraph.commands.study_options import directory_option, target_argument, target_of


@click.command(name="plot")
@target_argument
@directory_option
@click.option("--format", "suffix", type=click.Choice(["pdf", "png", "svg"]), default="pdf", help="Default pdf.")
@json_option
def command(target: Path, directory: Path | None, suffix: str, as_json: bool) -> int:
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

    from skillgraph.figures import style as plotting
    from skillgraph.figures.study import draw_study
    from skillgraph.records import write_whole
    from skillgraph.studies.reports import StudyFigures

    drawings = []
    for wanted in run.study.figures:
        path = run.directory / f"{wanted.name}.{suffix}"
        with plotting.style():
            drawn = draw_study(run.study, wanted, rows)
            write_whole(path, lambda temporary, drawn=drawn: plotting.save(drawn, temporary))  # type: ignore[misc]
        drawings.append(path)
    if as_json:
        print_envelope("plot", StudyFigures(run.study.name, tuple(drawings)), run.study.seed)
    else:
        click.echo("\n".join(map(str, drawings)))
    return 0
