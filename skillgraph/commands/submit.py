"""``skillgraph submit``: a study as a Slurm job array."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from skillgraph.commands.options import COUNT
from skillgraph.commands.output import json_option, print_envelope
from skillgraph.commands.study_options import (
    directory_option,
    patience_option,
    set_option,
    target_argument,
    target_of,
)

if TYPE_CHECKING:
    from skillgraph.studies.reports import SubmissionReport
    from skillgraph.studies.rundir import Run
    from skillgraph.studies.study_file import Cluster


@click.command(name="submit")
@target_argument
@click.option("--tasks", type=COUNT, help="Workers of the job array.")
@click.option("--time", "limit", metavar="TIME", help="Time limit of a job, e.g. 04:00:00.")
@click.option("--partition", help="Partition.")
@click.option("--account", help="Account.")
@click.option("--chain", type=COUNT, help="Job arrays one after the other, for studies longer than a time limit.")
@click.option("--dry-run", is_flag=True, help="Print the batch script and submit nothing.")
@set_option
@directory_option
@patience_option
@json_option
def command(
    target: Path,
    tasks: int | None,
    limit: str | None,
    partition: str | None,
    account: str | None,
    chain: int | None,
    dry_run: bool,
    overrides: tuple[str, ...],
    directory: Path | None,
    patience: float,
    as_json: bool,
) -> int:
    """Submit STUDY to Slurm as one job array of identical workers that share the ledger.

    No coordinator and nothing left on the login node: any worker may die, and the same command submits again.
    """
    from skillgraph.studies import slurm
    from skillgraph.studies.reports import SubmissionReport
    from skillgraph.studies.rundir import open_run, read_ledger
    from skillgraph.studies.writer import Writer

    run = target_of(target, overrides, directory)
    cluster = _cluster(run, tasks, limit, partition, account, chain)
    script = slurm.script(run, cluster, patience)
    if dry_run:
        return _end(SubmissionReport(*_named(run), script, (), cluster.tasks, (), False), run, as_json)
    slurm.require()
    open_run(run)
    _, standing = read_ledger(run)
    if standing.complete and not standing.failures:
        return _end(SubmissionReport(*_named(run), "", (), 0, (), True), run, as_json)
    if standing.failures_standing:
        with Writer(run.ledger, run.identity) as writer:
            writer.retry(standing.failures_standing)
    queued = tuple(slurm.queued(run))
    for line in queued:
        click.echo(f"note: a job of this study is in the queue already: {line}", err=True)
    jobs = slurm.submit(run, cluster, patience).jobs
    return _end(SubmissionReport(*_named(run), script, jobs, cluster.tasks, queued, False), run, as_json)


def _named(run: Run) -> tuple[str, Path]:
    return run.study.name, run.directory


def _end(report: SubmissionReport, run: Run, as_json: bool) -> int:
    """Print what was submitted, the script of a dry run, or that nothing is left."""
    if as_json:
        print_envelope("submit", report, run.study.seed)
    elif report.complete:
        click.echo(f"{run.directory} is complete: nothing to submit; skillgraph finalize writes the results")
    elif not report.jobs:
        click.echo(report.script, nl=False)
    else:
        told = f"submitted {', '.join(report.jobs)}: {report.workers} workers each"
        click.echo(f"{told}; skillgraph status {run.directory}")
    return 0


def _cluster(
    run: Run, tasks: int | None, limit: str | None, partition: str | None, account: str | None, chain: int | None
) -> Cluster:
    from skillgraph.studies.study_file import parse_study

    given = {"tasks": tasks, "time": limit, "partition": partition, "account": account, "chain": chain}
    wishes = {name: value for name, value in given.items() if value is not None}
    study = run.study.model_dump(mode="json")
    return parse_study(study | {"cluster": study["cluster"] | wishes}).cluster
