"""Run a study: here, or in an executor that the caller has."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from pathlib import Path

from skillgraph.studies.defaults import PATIENCE
from skillgraph.studies.engines import Borrowed, Engine, engine_of, one_thread_each
from skillgraph.studies.interrupts import interruptible
from skillgraph.studies.results import finalize
from skillgraph.studies.rundir import Run, find_run, open_run
from skillgraph.studies.standing import Standing
from skillgraph.studies.work import Worker, WorkOutcome

__all__ = ["run_study", "work_on"]


def run_study(
    target: str | os.PathLike[str],
    *,
    overrides: Sequence[str] = (),
    directory: str | os.PathLike[str] | None = None,
    processes: int = 1,
    executor: Executor | None = None,
    slots: int = 8,
    patience: float = PATIENCE,
    report: Callable[[Standing], None] | None = None,
) -> WorkOutcome:
    """Run or resume a study and write its results.

    The results do not depend on the number of processes, on the executor, or on interruptions.

    Parameters
    ----------
    target : path
        Study file or run directory.
    overrides : sequence of str
        ``"precision.batch=32"``.
    directory : path, optional
        Run directory; NAME.run beside the study file if omitted.
    processes : int
        Processes of this machine; 0 computes in this process.
    executor : concurrent.futures.Executor, optional
        Used instead: Dask's ``client.get_executor()``, ``mpi4py.futures.MPIPoolExecutor``, or another of PEP 3148.
    slots : int
        Jobs in flight in ``executor``; about twice its workers.
    patience : float
        Seconds without a sign of life after which the claims of another worker are void.
    report : callable, optional
        Called with the `Standing` again and again.

    Returns
    -------
    WorkOutcome

    Raises
    ------
    ValueError
        If the study file is wrong, or the run directory holds another study.
    OSError
        If the ledger cannot be written.

    Examples
    --------
    >>> small = ['parameters.num_skills=100', 'grid.texts_per_skill_ratio=[1.0]',
    ...          'measures.learned_share.half_width=0.1']
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from skillgraph.studies.template import write_template
    >>> with TemporaryDirectory() as folder:
    ...     path = write_template(Path(folder, 'small.toml'))
    ...     outcome = run_study(path, overrides=small)
    ...     written = any(Path(folder).rglob('results.csv'))
    >>> written
    True
    """
    run = find_run(Path(target), overrides, None if directory is None else Path(directory))
    open_run(run)
    with one_thread_each():
        engine: Engine = engine_of(processes) if executor is None else Borrowed(executor, slots)
        outcome = work_on(run, engine, patience=patience, report=report, retry=True)
    if outcome.state != "incomplete":
        finalize(run)
    return outcome


def work_on(
    run: Run,
    engine: Engine,
    *,
    patience: float = PATIENCE,
    report: Callable[[Standing], None] | None = None,
    retry: bool = False,
) -> WorkOutcome:
    """Compute units of an opened run until it is complete, a limit is hit, or an interrupt."""
    worker = Worker(run, engine, patience=patience, report=report)
    with interruptible(lambda text: print(f"skillgraph: {text}", file=sys.stderr, flush=True)) as stop:
        outcome = worker.work(stop, retry=retry)
    engine.close()
    return outcome
