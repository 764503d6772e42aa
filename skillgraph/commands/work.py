"""``skillgraph work``: one worker of a study, as a cluster's job array starts it."""

from __future__ import annotations

from pathlib import Path

import click

from skillgraph.commands.options import COUNT_OR_ZERO
from skillgraph.commands.output import json_option
from skillgraph.commands.study_options import end, patience_option, progress_option, target_of


@click.command(name="work")
@click.argument("directory", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("-j", "--processes", type=COUNT_OR_ZERO, default=0, help="Processes; 0, the default, is this one.")
@progress_option
@patience_option
@json_option
def command(directory: Path, processes: int, progress: str, patience: float, as_json: bool) -> int:
    """Work on the run in DIRECTORY beside any number of other workers, until nothing is left.

    Workers share nothing but the ledger; any of them may die. The last one writes the results.
    """
    from skillgraph.studies.engines import engine_of, one_thread_each
    from skillgraph.studies.progress import following
    from skillgraph.studies.runner import work_on
    from skillgraph.studies.writer import LedgerFullError

    run = target_of(directory)
    try:
        with following(progress) as report, one_thread_each():
            outcome = work_on(run, engine_of(processes), patience=patience, report=report)
    except KeyboardInterrupt:
        click.echo(f"stopped now: what is recorded is safe; resume {run.directory}", err=True)
        return 3
    except LedgerFullError as error:
        click.echo(f"skillgraph: {error}", err=True)
        return 1
    return end(run, outcome, "work", as_json)
