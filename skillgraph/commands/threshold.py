"""``skillgraph threshold``: the infinite-size theory of an ensemble."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import numpy as np

from skillgraph.commands.options import COUNT, ensemble_from, ensemble_options, learner_options, output_options
from skillgraph.commands.output import print_json, print_record
from skillgraph.ensembles.ensemble import Ensemble
from skillgraph.records import plain, write_csv, write_whole

_NOT_PRINTED = ("reason", "reasons", "conditions")


@click.command(name="threshold")
@ensemble_options
@click.option(
    "--skills",
    type=COUNT,
    metavar="R",
    help="Size: of a Zipf popularity (default: infinitely many) and of the windows of jumps.",
)
@learner_options
@output_options
def command(
    named: dict[str, str],
    skills: int | None,
    learner: int,
    known: float,
    as_json: bool,
    csv_path: Path | None,
    figure_path: Path | None,
) -> int:
    """Compute the thresholds of an infinitely large ensemble.

    With --skills-per-text: texts per skill at which the giant component appears, at which learning jumps and by how
    much, the critical endpoint, the floor that remains, and the finite-size width alpha and shift beta. With --ldpc, or
    --lambda and --rho: the thresholds in the erasure probability (belief propagation, MAP, stability).
    """
    ensemble = ensemble_from(named)

    if skills is not None:
        ensemble = ensemble.at_size(skills)

    from skillgraph.theory.overview import describe, describe_erasure

    erasures = "skills_per_text" not in named
    if erasures and (learner != 1 or known != 0):
        raise click.UsageError("LDPC thresholds are those of erasures: leave out --learner and --known")
    record = (
        describe_erasure(ensemble) if erasures else describe(ensemble, learner=learner, known=known, num_skills=skills)
    )
    if csv_path is not None:
        write_csv(csv_path, ("name", "value", "reason"), _rows(record))
    if figure_path is not None:
        _draw(ensemble, record, erasures, learner, known, figure_path)
    if as_json:
        print_json(record)
    else:
        print_record({key: value for key, value in record.items() if key not in _NOT_PRINTED})
        for name, reason in record["reasons"].items():
            click.echo(f"no {name.replace('_', ' ')}: {reason}")
    return 0


def _rows(record: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    for name, value in plain(record).items():
        if name not in ("reason", "reasons") and not isinstance(value, (dict, list)):
            yield (name, value, record["reasons"].get(name))


def _draw(ensemble: Ensemble, record: dict[str, Any], erasures: bool, learner: int, known: float, path: Path) -> None:
    """Draw what is learned in the end against texts per skill, or against the erasure probability."""
    from skillgraph.figures import style as plotting
    from skillgraph.theory.density_evolution import learned_share, unlearned_share

    with plotting.style():
        drawn, (axes,) = plotting.figure(1, width="single", aspect=0.75)
        if erasures:
            at = np.linspace(0, 1, 1201)
            unlearned = [float(unlearned_share(ensemble, known=1 - eps)[0]) for eps in at]
            plotting.theory(axes, at, np.array(unlearned), 0, "unlearned share")
            axes.set(xlabel=r"erasure probability $\epsilon$", ylabel="share of skills never learned")
            marks = {"BP": record["bp_threshold"], "MAP": record["map_threshold"]}
        else:
            at = _ratios(ensemble, record)
            plotting.theory(axes, at, learned_share(ensemble, at, learner=learner, known=known), 0, "learned share")
            axes.set(xlabel="texts per skill $r$", ylabel="learned share of skills")
            marks = {"$r^*$": record["peeling_threshold"], "giant": record["percolation_threshold"]}
        axes.set(ylim=(-0.02, 1.02), xlim=(at[0], at[-1]))
        for label, place in marks.items():
            if place is not None and at[0] < place < at[-1]:
                plotting.mark(axes, place, f"{label} {place:.4g}")
    write_whole(path, lambda temporary: plotting.save(drawn, temporary))


def _ratios(ensemble: Ensemble, record: dict[str, Any]) -> np.ndarray:
    """Texts per skill that show the transition: to twice the last threshold."""
    places = [record[name] for name in ("peeling_threshold", "association_threshold", "percolation_threshold")]
    last = 2 * max([place for place in places if place] or [1.0])
    return np.linspace(0, min(last, ensemble.full_ratio or last), 1201)
