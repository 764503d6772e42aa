"""``skillgraph threshold``: the infinite-size theory of an ensemble."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from skillgraph.commands.options import COUNT, ensemble_from, ensemble_options, learner_options, output_options
from skillgraph.commands.output import print_envelope, print_record, write_figure
from skillgraph.records import write_csv
from skillgraph.records.values import fields_of

if TYPE_CHECKING:
    from skillgraph.theory.overview import ErasureOverview, Overview

_REASONS = ("reason", "reasons")


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
    result = (
        describe_erasure(ensemble) if erasures else describe(ensemble, learner=learner, known=known, num_skills=skills)
    )
    if csv_path is not None:
        write_csv(csv_path, ("name", "value", "reason"), _rows(result))
    if figure_path is not None:
        write_figure(figure_path, result)
    if as_json:
        print_envelope("threshold", result)
    else:
        print_record({name: value for name, value in _values(result).items() if name != "conditions"})
        for name, reason in result.reasons.items():
            click.echo(f"no {name.replace('_', ' ')}: {reason}")
    return 0


def _values(result: Overview | ErasureOverview) -> dict[str, Any]:
    """Return what is printed for a person: names of the ensemble, then every value."""
    values = fields_of(result)
    return {**values.pop("ensemble"), **{name: value for name, value in values.items() if name not in _REASONS}}


def _rows(result: Overview | ErasureOverview) -> Iterator[tuple[Any, ...]]:
    for name, value in _values(result).items():
        if not isinstance(value, (dict, list)):
            yield (name, value, result.reasons.get(name))
