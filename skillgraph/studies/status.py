"""Where a run stands, from what its ledger says: points, worst interval, rate, what is left, who is at work."""

from __future__ import annotations

import math
import time
from bisect import bisect_left
from typing import Any, ClassVar

from skillgraph.records import Record
from skillgraph.studies.defaults import PATIENCE
from skillgraph.studies.ledger import Ledger
from skillgraph.studies.rundir import Run, read_ledger
from skillgraph.studies.standing import Standing

__all__ = ["Status", "Worst", "status", "summarise"]

_RECENT = 300.0  # seconds over which the rate is taken


class Worst(Record):
    """The widest interval against its target, among points not yet finished."""

    point: str
    measure: str
    half_width: float | None
    target: float


class Status(Record):
    """State of a run.

    Attributes
    ----------
    points, finished, failed, capped : int
        Capped points stopped at maximum_batches short of their target.
    units, units_left : int
        Units recorded, and units still needed as far as the present intervals tell.
    cpu_hours : float
    maximum_cpu_hours : float or None
    workers : int
        Writers that gave a sign of life of late.
    rate : float
        Units per second over the last minutes, 0 where nothing was recorded.
    seconds_left : float or None
        None where there is no rate.
    worst : Worst or None
    failures : dict
    notes : tuple of str
        Damage of the ledger.
    """

    points: int
    finished: int
    failed: int
    capped: int
    units: int
    units_left: int
    cpu_hours: float
    maximum_cpu_hours: float | None
    workers: int
    rate: float
    seconds_left: float | None
    worst: Worst | None
    failures: dict[str, str]
    notes: tuple[str, ...]
    derived: ClassVar[tuple[str, ...]] = ("complete",)

    @property
    def complete(self) -> bool:
        """Whether nothing is left to do."""
        return self.finished + self.failed == self.points

    @property
    def exit_code(self) -> int:
        """0 done, 1 with failed points, 3 incomplete."""
        return 3 if not self.complete else 1 if self.failed else 0


def status(run: Run, *, patience: float = PATIENCE) -> Status:
    """Read the ledger of a run and say where it stands."""
    ledger, standing = read_ledger(run)
    return summarise(ledger, standing, patience)


def summarise(ledger: Ledger, standing: Standing, patience: float = PATIENCE) -> Status:
    """Sum up a ledger that has been read."""
    left = sum(_units_left(standing, key) for key in _open(standing))
    workers = len(ledger.alive(patience))
    rate = _rate(standing, time.time())
    seconds = None if rate == 0 else left / rate
    return Status(
        len(standing.points),
        len(standing.finished),
        len(standing.failures),
        sum(one.stopped != "target" for one in standing.finished.values()),
        standing.units,
        left,
        standing.cpu_seconds / 3600,
        standing.study.precision.maximum_cpu_hours,
        workers,
        rate,
        seconds,
        _worst(standing),
        {str(standing.points[key]): message for key, message in standing.failures.items()},
        tuple(ledger.notes(patience)),
    )


def _open(standing: Standing) -> list[str]:
    failures = standing.failures
    return [key for key in standing.points if key not in standing.finished and key not in failures]


def _rate(standing: Standing, now: float) -> float:
    """Units per second since the recent window began, or since the first unit in it."""
    recent = [moment for moment, _ in standing.latest if now - moment < _RECENT]
    return 0.0 if len(recent) < 2 else len(recent) / max(now - min(recent), 1e-3)


def _units_left(standing: Standing, key: str) -> int:
    """Extrapolate: the half-width shrinks with the square root of the batches, and looks are discrete."""
    seen = standing.present_look(key)
    have = len(standing.tallies[key])
    if seen is None:
        return max(standing.looks[0] - have, 1)
    needed = 0.0
    for name, measure in standing.study.measures.items():
        width = seen.estimates[name].worst_half_width
        if measure.half_width is not None:
            needed = max(needed, seen.batches * (width / measure.half_width) ** 2)
    if not math.isfinite(needed):
        needed = standing.looks[-1]
    place = min(bisect_left(standing.looks, needed), len(standing.looks) - 1)
    place = max(place, bisect_left(standing.looks, seen.batches + 1))
    return max(standing.looks[place] - have, 1)


def _worst(standing: Standing) -> Worst | None:
    worst: tuple[float, Worst] | None = None
    for key in _open(standing):
        seen = standing.present_look(key)
        for name, measure in standing.study.measures.items():
            if seen is None or measure.half_width is None:
                continue
            width = seen.estimates[name].worst_half_width
            ratio = width / measure.half_width
            if worst is None or ratio > worst[0]:
                shown = width if math.isfinite(width) else None
                worst = ratio, Worst(str(standing.points[key]), name, shown, measure.half_width)
    return None if worst is None else worst[1]


def lines(one: Status) -> list[tuple[str, str]]:
    """Return a status as pairs of words for a person."""
    found = [
        ("points finished", f"{one.finished} of {one.points}"),
        ("units recorded", f"{one.units}, about {one.units_left} left"),
        ("CPU hours", f"{one.cpu_hours:.3g}" + _of(one.maximum_cpu_hours)),
        ("workers alive", str(one.workers)),
        ("rate", f"{one.rate:.3g} units per second"),
        ("time left", "-" if one.seconds_left is None else clock(one.seconds_left)),
    ]
    if one.worst is not None:
        width = "none yet" if one.worst.half_width is None else f"{one.worst.half_width:.3g}"
        found.append(("widest interval", f"{one.worst.measure} at {one.worst.point}: {width} for {one.worst.target:g}"))
    if one.capped:
        found.append(("short of target", f"{one.capped} points stopped at maximum_batches"))
    found += [("failed", f"{point}: {message}") for point, message in list(one.failures.items())[:5]]
    if len(one.failures) > 5:
        found.append(("failed", f"and {len(one.failures) - 5} points more"))
    found += [("ledger", note) for note in one.notes]
    return found


def _of(maximum: Any) -> str:
    return "" if maximum is None else f" of at most {maximum:g}"


def clock(seconds: float) -> str:
    """Return a duration as hours, minutes and seconds."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}"
