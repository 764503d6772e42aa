"""``skillgraph status``: where a study stands, read from its ledger on any machine."""

from __future__ import annotations

from pathlib import Path

import click

from skillgraph.commands.output import print_json
from skillgraph.commands.study_options import directory_option, patience_option, target_argument, target_of


@click.command(name="status")
@target_argument
@directory_option
@patience_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON with full precision.")
def command(target: Path, directory: Path | None, patience: float, as_json: bool) -> int:
    """Say where STUDY stands: points, widest interval against its target, rate, time left, CPU hours.

    Exit code 0 done, 1 done with failed points, 3 incomplete.
    """
    from skillgraph.studies import slurm
    from skillgraph.studies.status import lines, status

    run = target_of(target, directory=directory)
    found = status(run, patience=patience)
    jobs = slurm.queued(run)
    if as_json:
        print_json({"study": run.study.name, "complete": found.complete, **vars(found), "squeue": jobs})
    else:
        for name, value in [*lines(found), *(("squeue says", line) for line in jobs)]:
            click.echo(f"{name:<16} {value}")
    return found.exit_code
