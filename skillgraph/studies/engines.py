"""Where units are computed: in this process, in processes of this machine, or in any PEP 3148 executor."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from typing import Any, Protocol

from skillgraph.studies.units import Job, compute

__all__ = ["THREADS", "Borrowed", "Engine", "Here", "Processes", "engine_of", "one_thread_each"]

THREADS = (
    "OMP_NUMTHREADS",
    "OPENBLAS_NUMTHREADS",
    "MKL_NUMTHREADS",
    "NUMBA_NUMTHREADS",
    "VECLIB_MAXIMUMTHREADS",
    "BLIS_NUMTHREADS",
)


class Engine(Protocol):
    """Computes jobs."""

    slots: int
    """Jobs worth having in flight."""

    def submit(self, job: Job) -> Future[list[dict[str, Any]]]:
        """Start a job."""

    def rebuild(self) -> None:
        """Recover after a worker died."""

    def close(self, *, kill: bool = False) -> None:
        """End; with ``kill``, without waiting for jobs in flight."""


class Here:
    """Computes in this process, one job at a time."""

    slots = 1

    def submit(self, job: Job) -> Future[list[dict[str, Any]]]:
        """Compute a job at once."""
        future: Future[list[dict[str, Any]]] = Future()
        try:
            future.set_result(compute(job))
        except ValueError as error:
            future.set_exception(error)
        return future

    def rebuild(self) -> None:
        """Nothing can die here but this process."""

    def close(self, *, kill: bool = False) -> None:
        """Nothing to end."""


class Processes:
    """Computes in processes of this machine, started afresh, with one thread each in numeric libraries.

    Parameters
    ----------
    number : int
    """

    def __init__(self, number: int) -> None:
        self.number = number
        self.slots = 2 * number
        self._pool = self._start()

    def _start(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(self.number, multiprocessing.get_context("spawn"), initializer=_begin)

    def submit(self, job: Job) -> Future[list[dict[str, Any]]]:
        """Start a job."""
        return self._pool.submit(compute, job)

    def rebuild(self) -> None:
        """Start new processes after one was killed."""
        self.close(kill=True)
        self._pool = self._start()

    def close(self, *, kill: bool = False) -> None:
        """End the processes."""
        processes = list((self._pool._processes or {}).values())
        self._pool.shutdown(wait=not kill, cancel_futures=True)
        for process in processes if kill else []:
            process.kill()
            process.join()


def _begin() -> None:
    """Leave Ctrl-C to the parent, and end when the parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1.0)
        os._exit(1)

    if sys.platform != "win32":
        threading.Thread(target=watch, name="watch parent", daemon=True).start()


class Borrowed:
    """Computes in an executor that the caller has: Dask's, mpi4py's, or any other of PEP 3148.

    Parameters
    ----------
    executor : concurrent.futures.Executor
    slots : int
        Jobs worth having in flight.
    """

    def __init__(self, executor: Executor, slots: int) -> None:
        self._executor = executor
        self.slots = slots

    def submit(self, job: Job) -> Future[list[dict[str, Any]]]:
        """Start a job."""
        return self._executor.submit(compute, job)

    def rebuild(self) -> None:
        """Mending a cluster is its owner's affair; lost jobs are submitted again."""

    def close(self, *, kill: bool = False) -> None:
        """The executor stays the caller's."""


def engine_of(processes: int) -> Engine:
    """Return processes of this machine, or this process itself for 0."""
    return Processes(processes) if processes else Here()


@contextmanager
def one_thread_each() -> Iterator[None]:
    """Pin the threads of numeric libraries to one, here and in processes started inside."""
    before = {name: os.environ.get(name) for name in THREADS}
    os.environ.update(dict.fromkeys(THREADS, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
