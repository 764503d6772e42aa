"""Claims: which units other living workers are about to compute. Hints only; a wrong one costs time, never numbers."""

from __future__ import annotations

from collections.abc import Iterable

from skillgraph.studies.ledger import Entry, Ledger
from skillgraph.studies.points import Unit

__all__ = ["Claims"]


class Claims:
    """Collects claims of all segments.

    Parameters
    ----------
    ledger : Ledger
    patience : float
        Seconds without a sign of life after which a worker's claims are void.
    """

    def __init__(self, ledger: Ledger, patience: float) -> None:
        self._ledger = ledger
        self._patience = patience
        self._of: dict[str, set[Unit]] = {}

    def take(self, entries: Iterable[Entry]) -> None:
        """Add claims, releases and finished units."""
        for entry in entries:
            record = entry.record
            mine = self._of.setdefault(entry.segment, set())
            if record["kind"] in {"claim", "release"}:
                units = {(key, batch) for key, batch in record["units"]}
                self._of[entry.segment] = mine | units if record["kind"] == "claim" else mine - units
            elif record["kind"] in {"unit", "failure"}:
                mine.discard((record["point"], record["batch"]))

    def living(self) -> set[Unit]:
        """Return the units claimed by workers that live."""
        names = {segment.name for segment in self._ledger.alive(self._patience)}
        return {unit for name, units in self._of.items() if name in names for unit in units}

    @property
    def workers(self) -> int:
        """Number of other workers that live."""
        return len(self._ledger.alive(self._patience))
