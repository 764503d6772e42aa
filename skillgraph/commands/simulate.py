"""``skillgraph simulate``: an ensemble, simulated, with its theory beside it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click
import numpy as np

from skillgraph.commands.options import (
    COUNT,
    GRID,
    SEED,
    ensemble_from,
    ensemble_options,
    learner_options,
    output_options,
)
from skillgraph.commands.output import print_envelope, write_figure
from skillgraph.ensembles.ensemble import Ensemble
from skillgraph.records import write_columns

if TYPE_CHECKING:
    from skillgraph.agreement import Agreement
    from skillgraph.theory.overview import Overview

_DEFAULT_POINTS = 41


@click.command(name="simulate")
@ensemble_options
@click.option("--skills", type=COUNT, required=True, metavar="R", help="Number of skills, e.g. 1e6.")
@click.option("--texts", type=COUNT, metavar="T", help="Number of texts: the grid runs from 0 to T in 41 points.")
@click.option("--texts-per-skill-ratio", "ratio", type=GRID, metavar="GRID", help="Grid START:STOP:COUNT or a,b,c.")
@learner_options
@click.option("--replicates", type=COUNT, default=8, metavar="N", help="Independent graphs (default 8).")
@click.option("--seed", type=SEED, required=True, help="Root seed: same seed, same numbers.")
@click.option("--threads", type=COUNT, metavar="N", help="Replicates side by side (default: all processors).")
@output_options
def command(
    named: dict[str, str],
    skills: int,
    texts: int | None,
    ratio: np.ndarray | None,
    learner: int,
    known: float,
    replicates: int,
    seed: int,
    threads: int | None,
    as_json: bool,
    csv_path: Path | None,
    figure_path: Path | None,
) -> int:
    """Simulate an ensemble on a grid of texts per skill and set the theory of the same ensemble beside it.

    Each replicate is one graph; its whole learning curve and component curves are computed in one pass. Reported per
    grid point: mean, standard error, theory and z-score of the learned share, of the giant component, of the
    susceptibility and of the giant component of learned skills.
    """
    ensemble = ensemble_from(named)
    grid = _grid(ensemble, skills, texts, ratio)

    from skillgraph import agreement
    from skillgraph.theory.overview import describe

    with _progress(replicates) as tick:
        result = agreement.compare(
            ensemble,
            skills,
            grid,
            replicates=replicates,
            seed=seed,
            learner=learner,
            known=known,
            threads=threads,
            progress=tick,
        )
    whole = agreement.SimulatedEnsemble(describe(result.ensemble, learner=learner, known=known), result)
    if csv_path is not None:
        write_columns(csv_path, result.columns())
    if figure_path is not None:
        write_figure(figure_path, whole)
    if as_json:
        print_envelope("simulate", whole, seed)
    else:
        _print(whole.thresholds, result)
    return 0


def _grid(ensemble: Ensemble, skills: int, texts: int | None, ratio: np.ndarray | None) -> np.ndarray:
    if ratio is not None and texts is not None:
        raise click.UsageError("give --texts or --texts-per-skill-ratio, not both")
    if ratio is not None:
        return ratio
    full = ensemble.full_ratio
    if texts is None and full is None:
        raise click.UsageError("give --texts T or --texts-per-skill-ratio START:STOP:COUNT")
    last = texts / skills if texts is not None else full
    assert last is not None
    return np.linspace(0, last, _DEFAULT_POINTS)


@contextmanager
def _progress(total: int) -> Iterator[Callable[[int], None] | None]:
    """Show a bar on a terminal; stay silent in a pipe."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        job = bar.add_task("replicates", total=total)
        yield lambda finished: bar.update(job, completed=finished)


def _print(found: Overview, result: Agreement) -> None:
    """Print a table for a person: one line per grid point."""
    threshold, percolation = found.peeling_threshold, found.percolation_threshold
    click.echo(f"{result.ensemble}: {result.num_skills} skills, {result.replicates} replicates, seed {result.seed}")
    click.echo(f"peeling threshold {_short(threshold)}, percolation threshold {_short(percolation)} texts per skill")
    click.echo(f"{'ratio':>8}  {'learned':>9} {'theory':>9} {'z':>6}  {'giant':>9} {'theory':>9} {'z':>6}  remarks")
    learned, giant = result.observables["learned_share"], result.observables["giant_component"]
    for place, ratio in enumerate(result.texts_per_skill_ratio):
        notes = "; ".join(dict.fromkeys(note for note in (learned.note[place], giant.note[place]) if note))
        cells = "  ".join(
            f"{one.mean[place]:9.5f} {_short(one.theory[place]):>9} {_z(one.z_score[place]):>6}"
            for one in (learned, giant)
        )
        click.echo(f"{ratio:8.4f}  {cells}  {notes}".rstrip())
    click.echo(f"largest |z| {result.largest_z:.2f}")


def _short(value: float | None) -> str:
    return "-" if value is None or np.isnan(value) else f"{value:.5f}"


def _z(value: float) -> str:
    return "-" if np.isnan(value) else f"{value:+.2f}"
