"""Check a ledger: every line by its checksum, random units by computing them again, the results by the ledger."""

from __future__ import annotations

from typing import ClassVar

from skillgraph.checks import count
from skillgraph.records import Record, plain
from skillgraph.seeding import generator
from skillgraph.studies.defaults import PATIENCE
from skillgraph.studies.points import Unit
from skillgraph.studies.results import table
from skillgraph.studies.rundir import Run, read_ledger
from skillgraph.studies.standing import Standing
from skillgraph.studies.units import Job, compute

__all__ = ["Verified", "verify"]


class Verified(Record):
    """What was checked.

    Attributes
    ----------
    recorded, computed : int
        Units recorded, and computed again.
    different : tuple of str
        Units that came out differently.
    notes : tuple of str
        Damage of the ledger; units recorded twice with different numbers.
    results : str
        Whether results.csv is what the ledger gives.
    """

    recorded: int
    computed: int
    different: tuple[str, ...]
    notes: tuple[str, ...]
    results: str
    derived: ClassVar[tuple[str, ...]] = ("holds",)

    @property
    def holds(self) -> bool:
        """Whether everything is as it should be."""
        return not self.different and not self.notes and not self.results.startswith("differs")


def verify(run: Run, units: int = 10, *, seed: int) -> Verified:
    """Check the ledger of a run.

    Parameters
    ----------
    run : Run
    units : int
        Recorded units to compute again, chosen at random.
    seed : int
        Of the choice.
    """
    ledger, standing = read_ledger(run)
    recorded = sorted((key, batch) for key, batches in standing.tallies.items() for batch in batches)
    rng = generator(seed, "verify")
    order = rng.permutation(len(recorded))[: count("units", units)].tolist()
    chosen = [recorded[place] for place in order]
    different = [text for unit in chosen if (text := _difference(run, standing, unit)) is not None]
    notes = (*ledger.notes(PATIENCE), *standing.conflicts)
    return Verified(len(recorded), len(chosen), tuple(different), notes, _results(run, standing))


def _difference(run: Run, standing: Standing, unit: Unit) -> str | None:
    key, batch = unit
    point, study = standing.points[key], run.study
    units = ((unit, point.parameters),)
    job = Job(study.model.function, str(run.folder), study.seed, study.precision.batch, tuple(study.measures), units)
    (record,) = compute(job)
    where = f"{point}, batch {batch}"
    if record["kind"] == "failure":
        return f"{where}: {record['error']}"
    now = plain(record["tallies"])
    before = {name: one.record() for name, one in standing.tallies[key][batch].items()}
    wrong = [name for name in now if now[name] != before.get(name)]
    return f"{where}: {', '.join(wrong)} came out differently" if wrong else None


def _results(run: Run, standing: Standing) -> str:
    path = run.directory / "results.csv"
    if not path.is_file():
        return "not written yet"
    columns, rows = table(standing)
    lines = [",".join(columns)]
    found = path.read_text(encoding="utf-8").splitlines()
    if len(found) != len(rows) + len(lines) or found[0] != lines[0]:
        return "differs from the ledger: write it again with skillgraph finalize"
    import csv

    ours = [["" if cell is None else str(cell) for cell in row] for row in rows]
    same = list(csv.reader(found[1:])) == ours
    return "is what the ledger gives" if same else "differs from the ledger: write it again with skillgraph finalize"
