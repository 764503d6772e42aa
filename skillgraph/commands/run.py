"""``skillgraph run``: a parameter study on this machine or on a Dask cluster."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from skillgraph.checks import processors
from skillgraph.commands.options import COUNT
from skillgraph.commands.output import json_option
from skillgraph.commands.study_options import (
    directory_option,
    end,
    patience_option,
    progress_option,
    set_option,
    target_argument,
    target_of,
)

if TYPE_CHECKING:
    from skillgraph.studies.engines import Engine


@click.command(name="run")
@target_argument
@click.option("-j", "--processes", type=COUNT, metavar="N", help="Processes (default: all processors).")
@click.option("--dask", "address", metavar="ADDRESS", help="Dask scheduler instead, e.g. tcp://host:8786.")
@click.option("--dask-file", type=click.Path(path_type=Path), help="The scheduler file of a Dask cluster instead.")
@set_option
@directory_option
@progress_option
@patience_option
@json_option
def command(
    target: Path,
    processes: int | None,
    address: str | None,
    dask_file: Path | None,
    overrides: tuple[str, ...],
    directory: Path | None,
    progress: str,
    patience: float,
    as_json: bool,
) -> int:
    """Run or resume STUDY (a study file or its run directory) and write its results.

    Ctrl-C once finishes the units in flight, twice stops now; the same command resumes. The results do not depend on
    the number of processes, on where they run, or on interruptions. Exit code 0 done, 1 error or failed points,
    2 usage, 3 incomplete and resumable.
    """
    if (address is not None or dask_file is not None) and processes is not None:
        raise click.UsageError("--processes is for this machine; a Dask cluster has its own")
    from skillgraph.studies.engines import one_thread_each
    from skillgraph.studies.progress import following
    from skillgraph.studies.rundir import open_run
    from skillgraph.studies.runner import work_on
    from skillgraph.studies.writer import LedgerFullError

    run = target_of(target, overrides, directory)
    open_run(run)
    try:
        with following(progress) as report, one_thread_each(), _engine(processes, address, dask_file) as engine:
            outcome = work_on(run, engine, patience=patience, report=report, retry=True)
    except KeyboardInterrupt:
        click.echo(f"stopped now: what is recorded is safe, the same command resumes {run.directory}", err=True)
        return 3
    except LedgerFullError as error:
        click.echo(f"skillgraph: {error}", err=True)
        return 1
    return end(run, outcome, "run", as_json)


@contextmanager
def _engine(processes: int | None, address: str | None, scheduler_file: Path | None) -> Iterator[Engine]:
    from skillgraph.studies.engines import Processes

    if address is None and scheduler_file is None:
        yield Processes(processes or processors())
        return
    from skillgraph.studies.dask import connected

    with connected(address, scheduler_file) as engine:
        yield engine
