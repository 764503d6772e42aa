"""The work loop of every engine: read the ledger, claim a few units, compute them, record them, until none is left.

Workers never talk to each other: each reads all segments and appends to its own. Any of them may die at any time.
"""

from __future__ import annotations

import time
import zlib
from collections import deque
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, wait
from dataclasses import dataclass, field
from typing import Any

from skillgraph.records import Record
from skillgraph.studies.claims import Claims
from skillgraph.studies.defaults import PATIENCE
from skillgraph.studies.engines import Engine
from skillgraph.studies.interrupts import Stop
from skillgraph.studies.ledger import Entry, Ledger
from skillgraph.studies.points import Unit
from skillgraph.studies.rundir import Run
from skillgraph.studies.standing import Standing
from skillgraph.studies.units import Job
from skillgraph.studies.writer import Writer

__all__ = ["WorkOutcome", "Worker"]

_ALONE_SECONDS, _SHARED_SECONDS = 0.2, 1.0  # work per job, without and with other workers on the ledger
_LONGEST_JOB = 512
_ATTEMPTS = 2


class WorkOutcome(Record):
    """How a worker ended.

    Attributes
    ----------
    state : {"done", "failed", "incomplete"}
    reason : str
        Why it is incomplete; "" otherwise.
    units : int
        Units computed by this worker.
    failures : dict
        Failed point, in words, to message.
    capped : int
        Points that stopped at maximum_batches short of their target.
    """

    state: str
    reason: str
    units: int
    failures: dict[str, str]
    capped: int


@dataclass(eq=False)
class _Flight:
    """Jobs in flight and the units that were lost with a dead worker."""

    jobs: dict[Future[list[dict[str, Any]]], Job] = field(default_factory=dict)
    suspects: deque[tuple[Unit, dict[str, Any]]] = field(default_factory=deque)
    deaths: dict[Unit, int] = field(default_factory=dict)

    @property
    def units(self) -> set[Unit]:
        """Units in flight or waiting to be tried alone."""
        flying = {unit for job in self.jobs.values() for unit, _ in job.units}
        return flying | {unit for unit, _ in self.suspects}


class Worker:
    """One process that computes units of a study.

    Parameters
    ----------
    run : Run
    engine : Engine
    patience : float
        Seconds without a sign of life after which the claims of another worker are void.
    report : callable, optional
        Called with the `Standing` again and again.
    """

    def __init__(
        self,
        run: Run,
        engine: Engine,
        *,
        patience: float = PATIENCE,
        report: Callable[[Standing], None] | None = None,
    ) -> None:
        self.run = run
        self.engine = engine
        self.standing = Standing(run.study)
        identity = run.identity
        self.ledger = Ledger(run.ledger, identity)
        self.writer = Writer(run.ledger, identity, beat=patience / 6)
        self.ledger.skip(self.writer.name)
        self.claims = Claims(self.ledger, patience)
        self.units = 0
        self._report = report or (lambda standing: None)
        self._flight = _Flight()
        self._unit_seconds: float | None = None
        self._lines = 1
        self._scanned = -1e9
        self._order = _rotated(list(self.standing.points), self.writer.name)

    def work(self, stop: Stop, *, retry: bool = False) -> WorkOutcome:
        """Compute until the study is complete, a limit is hit or ``stop`` is requested.

        Raises
        ------
        ModelError
            If the model does not import.
        LedgerFullError
            If the ledger cannot be written; everything recorded is safe.
        """
        try:
            with self.writer:
                self._scan()
                if retry and self.standing.failures_standing:
                    self._retry()
                return self._outcome(self._loop(stop))
        except BaseException:
            self.engine.close(kill=True)
            raise

    def _loop(self, stop: Stop) -> str:
        """Return why the loop ended before the study was complete, "" if it did not."""
        while not self.standing.complete:
            reason = stop.reason or self._limit()
            if not reason:
                self._fill()
            if not self._flight.jobs:
                if reason:
                    return reason
                self._wait_for_others()
            self._collect()
            self._report(self.standing)
        return ""

    def _limit(self) -> str:
        hours = self.run.study.precision.maximum_cpu_hours
        if hours is not None and self.standing.cpu_seconds >= hours * 3600:
            return f"maximum_cpu_hours of {hours:g} is used up"
        return ""

    def _retry(self) -> None:
        places = self.standing.failures_standing
        self.writer.retry(places)
        self._note({"kind": "retry", "failures": places})

    def _scan(self, *, now: bool = True) -> None:
        """Read what others appended; at most a twentieth of the time goes into it."""
        if now or time.monotonic() - self._scanned > max(0.2, 20 * self.ledger.scan_seconds):
            entries = self.ledger.refresh()
            self.standing.take(entries)
            self.claims.take(entries)
            self._scanned = time.monotonic()

    def _fill(self) -> None:
        flight = self._flight
        if flight.suspects:
            if not flight.jobs:
                self._submit((flight.suspects.popleft(),))
            return
        slots = self.engine.slots if self._unit_seconds is not None else 1
        while len(flight.jobs) < slots and not flight.suspects:
            self._scan(now=False)
            units = self._choose()
            if not units:
                return
            self._submit(tuple((unit, self.standing.points[unit[0]].parameters) for unit in units))

    def _choose(self) -> list[Unit]:
        """Claim the next units; with other workers alive, give up those that another claims too."""
        taken = self.claims.living() | self._flight.units
        wanted = self._job_size(len(taken))
        units: list[Unit] = []
        for unit in self.standing.missing(self._order):
            if unit not in taken:
                units.append(unit)
                if len(units) == wanted:
                    break
        if not units:
            return []
        self.writer.claim(units)
        self._lines += 1
        return self._agreed(units) if self.claims.workers else units

    def _agreed(self, units: list[Unit]) -> list[Unit]:
        self._scan()
        others = self.claims.living()
        missing = set(self.standing.missing({unit[0]: None for unit in units}))
        kept = [unit for unit in units if unit not in others and unit in missing]
        given_up = [unit for unit in units if unit not in kept]
        if given_up:
            self.writer.claim(given_up, release=True)
            self._lines += 1
        return kept

    def _job_size(self, taken: int) -> int:
        if self._unit_seconds is None:
            return 1
        others = self.claims.workers
        seconds = _SHARED_SECONDS if others else _ALONE_SECONDS
        by_time = int(seconds / max(self._unit_seconds, 1e-6))
        left = max(self.standing.pending - taken, 0)
        fair = -(-left // (2 * self.engine.slots * (others + 1)))
        return max(1, min(by_time, fair, _LONGEST_JOB))

    def _submit(self, units: tuple[tuple[Unit, dict[str, Any]], ...]) -> None:
        study = self.run.study
        job = Job(
            study.model.function,
            str(self.run.folder),
            study.seed,
            study.precision.batch,
            tuple(study.measures),
            units,
        )
        try:
            self._flight.jobs[self.engine.submit(job)] = job
        except BrokenExecutor:
            self._lose([job])

    def _wait_for_others(self) -> None:
        """All that is missing is claimed by others: look again soon."""
        time.sleep(0.1)
        self._scan()

    def _collect(self) -> None:
        flight = self._flight
        done, _ = wait(flight.jobs, timeout=1.0, return_when=FIRST_COMPLETED)
        records: list[dict[str, Any]] = []
        lost: list[Job] = []
        for future in done:
            job = flight.jobs.pop(future)
            error = future.exception()
            if error is None:
                records += future.result()
            elif isinstance(error, BrokenExecutor) or type(error).__name__ == "KilledWorker":
                lost.append(job)
            else:
                raise error
        if records:
            self._record(records)
        if lost:
            self._lose(lost)

    def _record(self, records: list[dict[str, Any]]) -> None:
        walls = [record.pop("wall") for record in records if record["kind"] == "unit"]
        self.writer.units(records)
        for record in records:
            self._note(record)
        if walls:
            mean = sum(walls) / len(walls)
            self._unit_seconds = mean if self._unit_seconds is None else (self._unit_seconds + mean) / 2
            self.units += len(walls)
        elif self._unit_seconds is None:
            self._unit_seconds = _ALONE_SECONDS

    def _note(self, record: dict[str, Any]) -> None:
        self._lines += 1
        self.standing.take([Entry(self.writer.name, self._lines, record)])

    def _lose(self, lost: list[Job]) -> None:
        """Try units lost with a dead worker one at a time; one that kills its worker again is a failure."""
        flight = self._flight
        lost = lost + list(flight.jobs.values())
        flight.jobs.clear()
        alone = sum(len(job.units) for job in lost) == 1
        for job in lost:
            for unit, parameters in job.units:
                flight.deaths[unit] = flight.deaths.get(unit, 0) + alone
                if flight.deaths[unit] >= _ATTEMPTS:
                    message = f"its worker died {_ATTEMPTS} times, killed or out of memory"
                    failure = {"kind": "failure", "point": unit[0], "batch": unit[1], "error": message}
                    self.writer.units([failure])
                    self._note(failure)
                else:
                    flight.suspects.append((unit, parameters))
        self.engine.rebuild()

    def _outcome(self, reason: str) -> WorkOutcome:
        standing = self.standing
        failures = {str(standing.points[key]): message for key, message in standing.failures.items()}
        capped = sum(one.stopped != "target" for one in standing.finished.values())
        state = "incomplete" if reason else "failed" if failures else "done"
        return WorkOutcome(state, reason, self.units, failures, capped)


def _rotated(keys: list[str], name: str) -> list[str]:
    """Start at a place of one's own, so that workers rarely want the same unit."""
    start = zlib.crc32(name.encode()) % max(len(keys), 1)
    return keys[start:] + keys[:start]
