"""``skillgraph simulate``: an ensemble, simulated, with its theory beside it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

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
from skillgraph.commands.output import print_json
from skillgraph.ensembles.ensemble import Ensemble
from skillgraph.records import write_csv

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
    record = summary(result)
    if csv_path is not None:
        write_csv(csv_path, _COLUMNS, _rows(result))
    if figure_path is not None:
        _draw(result, record, figure_path)
    if as_json:
        print_json(record)
    else:
        _print(result, record)
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


def summary(result: Any) -> dict[str, Any]:
    """Return the record that ``--json`` prints."""
    from skillgraph.theory.overview import describe

    return {
        **describe(result.ensemble, learner=result.learner, known=result.known),
        "num_skills": result.num_skills,
        "replicates": result.replicates,
        "seed": result.seed,
        "texts_per_skill_ratio": result.texts_per_skill_ratio,
        "num_texts": result.num_texts,
        **result.observables,
        "outcomes": result.outcomes,
        "largest_z": result.largest_z,
    }


_COLUMNS = (
    "observable",
    "texts_per_skill_ratio",
    "num_texts",
    "mean",
    "standard_error",
    "theory",
    "z_score",
    "note",
)


def _rows(result: Any) -> Iterator[tuple[Any, ...]]:
    for name, one in result.observables.items():
        columns = (one.mean, one.standard_error, one.theory, one.z_score, one.note)
        for values in zip(result.texts_per_skill_ratio, result.num_texts, *columns, strict=True):
            yield (name, *values)


def _draw(result: Any, record: dict[str, Any], path: Path) -> None:
    from skillgraph.figures import style as plotting
    from skillgraph.figures.agreement import draw_agreement
    from skillgraph.records import write_whole

    threshold = record["peeling_threshold"]
    marks = {} if threshold is None else {f"$r^*$ = {threshold:.4g}": threshold}
    drawn = draw_agreement(result, marks)
    write_whole(path, lambda temporary: plotting.save(drawn, temporary))


def _print(result: Any, record: dict[str, Any]) -> None:
    """Print a table for a person: one line per grid point."""
    threshold, percolation = record["peeling_threshold"], record["percolation_threshold"]
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
