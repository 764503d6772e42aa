"""Where a study stands: what is known of every point, what is missing at its present look, what failed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from skillgraph.records import Record
from skillgraph.studies.ledger import Entry
from skillgraph.studies.points import Point, Unit, study_points
from skillgraph.studies.stopping import Look, look, looks
from skillgraph.studies.study_file import Study
from skillgraph.studies.tallies import Tally, read_tallies

__all__ = ["Finished", "Standing"]


class Finished(Record):
    """A point that needs no more work: its last look, and why it stopped ("target" or "maximum_batches")."""

    look: Look
    stopped: str


class Standing:
    """Takes the entries of a ledger in any order and knows what is left to do.

    Parameters
    ----------
    study : Study
    """

    def __init__(self, study: Study) -> None:
        self.study = study
        self.points: dict[str, Point] = {point.key: point for point in study_points(study)}
        self.looks = looks(study.precision)
        self.tallies: dict[str, dict[int, dict[str, Tally]]] = {key: {} for key in self.points}
        self.finished: dict[str, Finished] = {}
        self.conflicts: list[str] = []
        self.units = 0
        self.doubled = 0
        self.cpu_seconds = 0.0
        self.latest: list[tuple[float, float]] = []
        self._failures: dict[tuple[str, int], tuple[str, str]] = {}
        self._retried: set[tuple[str, int]] = set()
        self._missing: dict[str, set[int]] = {key: set(range(self.looks[0])) for key in self.points}
        self._stage = dict.fromkeys(self.points, 0)

    def take(self, entries: Iterable[Entry]) -> None:
        """Add entries of the ledger; claims and headers are not for here."""
        touched = {key for entry in entries if (key := self._take(entry)) is not None}
        for key in touched:
            self._advance(key)

    def _take(self, entry: Entry) -> str | None:
        record = entry.record
        if record["kind"] == "unit":
            return self._take_unit(record)
        if record["kind"] == "failure":
            self._failures[entry.segment, entry.line] = record["point"], record["error"]
        elif record["kind"] == "retry":
            self._retried.update((segment, line) for segment, line in record["failures"])
        return None

    def _take_unit(self, record: Mapping[str, Any]) -> str | None:
        key, batch = record["point"], record["batch"]
        self.cpu_seconds += record["seconds"]
        self.latest.append((record["time"], record["seconds"]))
        if key not in self.points:  # of a grid that was larger once
            return None
        found, before = read_tallies(record["tallies"]), self.tallies[key].get(batch)
        if before is not None:
            self.doubled += 1
            if before != found:
                self.conflicts.append(f"{self.points[key]}, batch {batch}: two workers recorded different numbers")
            return None
        self.units += 1
        self.tallies[key][batch] = found
        self._missing.get(key, set()).discard(batch)
        return key

    def _advance(self, key: str) -> None:
        """Judge a point whose present look is complete, and open the next."""
        known = self.tallies[key]
        while key in self._missing and not self._missing[key]:
            stage = self._stage[key]
            judged = look(self.study, [known[batch] for batch in range(self.looks[stage])])
            last = stage + 1 == len(self.looks)
            if judged.reached or last:
                self.finished[key] = Finished(judged, "target" if judged.reached else "maximum_batches")
                del self._missing[key]
                return
            self._stage[key] = stage + 1
            self._missing[key] = {batch for batch in range(self.looks[stage + 1]) if batch not in known}

    @property
    def failures(self) -> dict[str, str]:
        """Point that failed to message, for those not to be tried again."""
        stand = (one for place, one in self._failures.items() if place not in self._retried)
        return {key: message for key, message in stand if key in self.points and key not in self.finished}

    @property
    def failures_standing(self) -> list[tuple[str, int]]:
        """Segments and lines of the failures that have not been retried."""
        return [place for place in self._failures if place not in self._retried]

    @property
    def complete(self) -> bool:
        """Whether nothing can be done any more: every point is finished or failed."""
        if len(self.finished) == len(self.points):
            return True
        return len(self.finished) + len(self.failures) == len(self.points)

    @property
    def pending(self) -> int:
        """Units missing at the present looks."""
        failed = self.failures
        return sum(len(batches) for key, batches in self._missing.items() if key not in failed)

    def missing(self, keys: Iterable[str]) -> Iterator[Unit]:
        """Yield the units missing at the present looks, points in the given order."""
        failed = self.failures
        for key in keys:
            batches = self._missing.get(key)
            if batches and key not in failed:
                yield from ((key, batch) for batch in sorted(batches))

    def present_look(self, key: str) -> Look | None:
        """Return the last complete look of a point, None before the first."""
        if key in self.finished:
            return self.finished[key].look
        stage = self._stage[key]
        if stage == 0:
            return None
        known = self.tallies[key]
        return look(self.study, [known[batch] for batch in range(self.looks[stage - 1])])
