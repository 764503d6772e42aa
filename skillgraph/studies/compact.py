"""Merge segments: all of one run into one, or those of several runs into another run directory."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from skillgraph.records import Record, write_whole
from skillgraph.studies.defaults import PATIENCE
from skillgraph.studies.identity import digest
from skillgraph.studies.ledger import SUFFIX, Entry, Ledger, encode
from skillgraph.studies.points import Unit
from skillgraph.studies.rundir import Run, open_run

__all__ = ["Merged", "combine", "compact"]


class Merged(Record):
    """What was merged."""

    units: int
    segments: int
    message: str


def compact(run: Run, *, patience: float = PATIENCE) -> Merged:
    """Merge all segments of a run into one and remove them.

    Raises
    ------
    ValueError
        If a worker is alive.
    """
    ledger = Ledger(run.ledger, run.identity)
    entries = ledger.refresh()
    alive = ledger.alive(patience)
    if alive:
        raise ValueError(f"{run.ledger} cannot be compacted while {alive[0].name} is being written")
    read = {name: one.stamp[0] for name, one in ledger.segments.items() if not one.foreign}
    units = _write(run, entries)
    for name, size in read.items():
        path = run.ledger / name
        if path.stat().st_size == size:
            path.unlink()
    return Merged(units, len(read), f"{run.ledger}: {len(read)} segments merged into one with {units} units")


def combine(sources: Sequence[Run], into: Path) -> Merged:
    """Copy the units of several runs of one study into a run directory.

    Raises
    ------
    ValueError
        If the runs are of different studies; what differs is named.
    """
    target = replace(sources[0], directory=into)
    for source in sources:
        open_run(replace(source, directory=into))
    open_run(target)
    entries = [entry for source in sources for entry in Ledger(source.ledger, target.identity).refresh()]
    units = _write(target, entries)
    return Merged(units, len(sources), f"{into}: {units} units from {len(sources)} run directories")


def _write(run: Run, entries: Iterable[Entry]) -> int:
    """Write one segment with every unit once, in order; it appears whole."""
    salt = digest(run.identity).encode()
    units: dict[Unit, bytes] = {}
    for record in _units(entries):
        place, line = (record["point"], record["batch"]), encode(record, salt)
        units[place] = min(units.get(place, line), line)
    header = {"kind": "header", "identity": run.identity, "host": "", "pid": 0}

    def write(temporary: Path) -> None:
        with temporary.open("wb") as file:
            file.write(encode(header, b""))
            file.writelines(units[place] for place in sorted(units))
            file.write(encode({"kind": "end"}, salt))
            file.flush()
            os.fsync(file.fileno())

    write_whole(run.ledger / f"merged-{secrets.token_hex(4)}{SUFFIX}", write)
    return len(units)


def _units(entries: Iterable[Entry]) -> Iterator[dict[str, Any]]:
    return (entry.record for entry in entries if entry.record["kind"] == "unit")
