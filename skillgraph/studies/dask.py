"""Dask: units computed on a cluster that the user has; needs the extra ``dask``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from skillgraph.studies.engines import Borrowed

__all__ = ["connected"]


@contextmanager
def connected(
    address: str | None = None, scheduler_file: Path | None = None, seconds: float = 60.0
) -> Iterator[Borrowed]:
    """Connect to a Dask cluster and yield it as an engine.

    Parameters
    ----------
    address : str, optional
        ``"tcp://host:8786"``.
    scheduler_file : Path, optional
        As written by ``dask scheduler --scheduler-file``.
    seconds : float
        How long to wait for the scheduler and its first worker.

    Raises
    ------
    ValueError
        If Dask is not installed or the cluster does not answer.
    """
    try:
        from distributed import Client
    except ModuleNotFoundError:
        raise ValueError('Dask is not installed: pip install "skillgraph[dask]"') from None
    if (address is None) == (scheduler_file is None):
        raise ValueError("give the address of the Dask scheduler or its scheduler file, one of them")
    place = address if address is not None else str(scheduler_file)
    keywords = {"address": address} if address is not None else {"scheduler_file": str(scheduler_file)}
    try:
        client = Client(**keywords, timeout=seconds, set_as_default=False)
        client.wait_for_workers(1, timeout=seconds)
    except (OSError, TimeoutError, ValueError) as error:
        raise ValueError(f"the Dask cluster at {place} does not answer within {seconds:g} s: {error}") from None
    with client:
        threads = sum(client.ncores().values())
        yield Borrowed(client.get_executor(pure=False), 2 * max(threads, 1))
