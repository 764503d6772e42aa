"""``skillgraph check``: is the study file right, and what will it cost?"""

from __future__ import annotations

from pathlib import Path

import click

from skillgraph.commands.output import json_option, print_envelope, print_record
from skillgraph.commands.study_options import directory_option, set_option, target_argument, target_of
from skillgraph.records.values import fields_of


@click.command(name="check")
@target_argument
@set_option
@directory_option
@click.option(
    "--pilot", "seconds", type=click.FloatRange(min=0), default=3.0, help="Seconds for a pilot (default 3; 0: none)."
)
@json_option
def command(target: Path, overrides: tuple[str, ...], directory: Path | None, seconds: float, as_json: bool) -> int:
    """Check STUDY: grid, units, memory per graph, and the cost by a pilot of seconds in a process of its own."""
    from skillgraph.studies.cost import pilot, study_cost
    from skillgraph.studies.reports import CostReport

    run = target_of(target, overrides, directory)
    identity = run.identity  # finds the module of the model
    found = study_cost(run, pilot(run, seconds) if seconds else ())
    if as_json:
        report = CostReport(run.study.name, identity["model"], found)
        print_envelope("check", report, run.study.seed)
        return 1 if found.failures else 0
    print_record({"study": run.study.name, "model": identity["model"], **fields_of(found)})
    for point, message in found.failures.items():
        click.echo(f"failed: {point}: {message}", err=True)
    return 1 if found.failures else 0
