"""Progress of a run: a bar on a terminal, a line every 30 seconds elsewhere, JSON lines on request."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

from skillgraph.studies.standing import Standing
from skillgraph.studies.status import clock

__all__ = ["following"]

_LINE_SECONDS = 30.0
_BAR_SECONDS = 0.2

Report = Callable[[Standing], None]


@contextmanager
def following(mode: str, stream: TextIO | None = None, seconds: float = _LINE_SECONDS) -> Iterator[Report]:
    """Yield the function that a worker calls again and again.

    Parameters
    ----------
    mode : {"auto", "lines", "json", "none"}
        ``"auto"`` is a bar on a terminal and lines elsewhere.
    stream : file, optional
        Standard error if omitted.
    seconds : float
        Time between lines.
    """
    out = sys.stderr if stream is None else stream
    if mode == "none":
        yield lambda standing: None
    elif mode == "auto" and out.isatty():
        with _bar() as report:
            yield report
    else:
        yield _every(seconds, lambda standing, start: print(_line(standing, start, mode), file=out, flush=True))


def _every(seconds: float, say: Callable[[Standing, tuple[float, int]], None]) -> Report:
    moment = time.monotonic()
    start: list[tuple[float, int]] = []

    def report(standing: Standing) -> None:
        nonlocal moment
        if not start:
            start.append((time.monotonic(), standing.units))
        now = time.monotonic()
        if now - moment >= seconds:
            moment = now
            say(standing, start[0])

    return report


def _line(standing: Standing, start: tuple[float, int], mode: str) -> str:
    elapsed, done = time.monotonic() - start[0], standing.units - start[1]
    record = {
        "points": len(standing.points),
        "finished": len(standing.finished),
        "failed": len(standing.failures),
        "units": standing.units,
        "pending": standing.pending,
        "rate": round(done / max(elapsed, 1e-3), 3),
        "cpu_hours": round(standing.cpu_seconds / 3600, 4),
    }
    if mode == "json":
        return json.dumps(record)
    now = time.strftime("%H:%M:%S")
    return (
        f"{now} {record['finished']}/{record['points']} points, {record['units']} units, "
        f"{record['rate']:g} units/s, {record['cpu_hours']:g} CPU h, running {clock(elapsed)}"
    )


@contextmanager
def _bar() -> Iterator[Report]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("points"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[units]} units"))
    with Progress(*columns, TimeElapsedColumn(), console=Console(stderr=True), transient=True) as bar:
        job = bar.add_task("points", total=None, units=0)
        moment = 0.0

        def report(standing: Standing) -> None:
            nonlocal moment
            if time.monotonic() - moment > _BAR_SECONDS:
                moment = time.monotonic()
                done = len(standing.finished) + len(standing.failures)
                bar.update(job, total=len(standing.points), completed=done, units=standing.units)

        yield report
