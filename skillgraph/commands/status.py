"""``skillgraph status``: where a study stands, read from its ledger on any machine."""

from __future__ import annotations

from pathlib import Path

import click

from skillgraph.commands.output import json_option, print_envelope
from skillgraph.commands.study_options import directory_option, patience_option, target_argument, target_of


@click.command(name="status")
@target_argument
@directory_option
@patience_option
@json_option
def command(target: Path, directory: Path | None, patience: float, as_json: bool) -> int:
    """Say where STUDY stands: points, widest interval against its target, rate, time left, CPU hours.

    Exit code 0 done, 1 done with failed points, 3 incomplete.
    """
    from skillgraph.studies import slurm
    from skillgraph.studies.reports import StatusReport
    from skillgraph.studies.status import lines, status

    run = target_of(target, directory=directory)
    found = status(run, patience=patience)
    jobs = slurm.queued(run)
    if as_json:
        report = StatusReport(run.study.name, run.directory, found, tuple(jobs))
        print_envelope("status", report, run.study.seed)
    else:
        for name, value in [*lines(found), *(("squeue says", line) for line in jobs)]:
            click.echo(f"{name:<16} {value}")
    return found.exit_code
