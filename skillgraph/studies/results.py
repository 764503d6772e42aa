"""Results of a study: one tidy table with its schema; the same bytes whoever computed the units."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from skillgraph.records import Record, write_csv, write_whole
from skillgraph.records.frames import Grid
from skillgraph.studies.points import Point
from skillgraph.studies.provenance import provenance
from skillgraph.studies.rundir import Run, read_ledger
from skillgraph.studies.standing import Standing
from skillgraph.studies.stopping import Look
from skillgraph.studies.study_file import Study, axis_values

__all__ = ["IncompleteError", "Results", "finalize", "table"]

_COLUMNS = {
    "measure": ("text", "", "Name of the measure."),
    "mean": ("number", None, "Mean over the replicates; empty where the measure never existed."),
    "lower": ("number", None, "Lower end of the interval."),
    "upper": ("number", None, "Upper end of the interval."),
    "half_width": ("number", None, "Half the length of the interval."),
    "replicates": ("integer", "1", "Replicates in which the measure existed."),
    "batches": ("integer", "1", "Batches of replicates used."),
    "stopped": ("text", "", "Why the point stopped: target, maximum_batches, failed, or unfinished."),
}


class IncompleteError(ValueError):
    """The study is not complete; it can be resumed."""


class Results(Record):
    """Results of a study: the tidy table, the files written by `finalize`, and what they leave out.

    Attributes
    ----------
    study : str
    files : tuple of Path
    points, unfinished, failed : int
    definition : Study
        The resolved study.
    tidy : dict
        Column to values, one per row of results.csv.
    """

    study: str
    files: tuple[Path, ...]
    points: int
    unfinished: int
    failed: int
    definition: Study
    tidy: dict[str, tuple[Any, ...]]

    def headline(self) -> Mapping[str, Any]:
        """Return the size of the study and the widest interval of every measure."""
        names = ("study", "points", "unfinished", "failed")
        widest = {f"widest interval of {name}": self._widest(name) for name in self.definition.measures}
        files = {"files": tuple(path.name for path in self.files)}
        return {name: getattr(self, name) for name in names} | {"grid": self._axes()} | widest | files

    def _axes(self) -> dict[str, int]:
        return {name: len(axis_values(axis)) for name, axis in (self.definition.grid | self.definition.curve).items()}

    def _widest(self, measure: str) -> str:
        """Say the largest half-width of a measure against its target."""
        widths = zip(self.tidy["measure"], self.tidy["half_width"], strict=True)
        known = [width for name, width in widths if name == measure and width is not None]
        target = self.definition.measures[measure].half_width
        return f"+- {max(known):.3g}" + ("" if target is None else f", target {target:g}") if known else "none"

    def columns(self) -> Mapping[str, Any]:
        """Return the columns of results.csv."""
        return self.tidy

    def grid(self) -> Grid:
        """Return mean and interval of every measure over the axes of the study."""
        axes = {name: list(axis_values(axis)) for name, axis in (self.definition.grid | self.definition.curve).items()}
        shape = tuple(len(values) for values in axes.values())
        variables = {}
        for measure in self.definition.measures:
            here = [place for place, name in enumerate(self.tidy["measure"]) if name == measure]
            for column, suffix in (("mean", ""), ("lower", "_lower"), ("upper", "_upper")):
                values = np.array([self.tidy[column][place] for place in here], dtype=float).reshape(shape)
                variables[measure + suffix] = (tuple(axes), values)
        return axes, variables


def finalize(run: Run, *, partial: bool = False, arrays: bool | None = None) -> Results:
    """Write results.csv, results.schema.json, provenance.json and, with the extra ``io``, results.nc.

    Parameters
    ----------
    run : Run
    partial : bool
        Write what there is although points are unfinished; their rows say so.
    arrays : bool, optional
        Whether to write results.nc; if omitted, only where there is an older one to replace.

    Returns
    -------
    Results

    Raises
    ------
    IncompleteError
        If points are unfinished and ``partial`` is not set.
    ValueError
        If ``arrays`` is wanted and the extra is not installed, or two workers recorded different numbers for a unit.

    Examples
    --------
    >>> small = ['parameters.num_skills=100', 'grid.texts_per_skill_ratio=[1.0]',
    ...          'measures.learned_share.half_width=0.1']
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from skillgraph.studies.template import write_template
    >>> from skillgraph.studies.rundir import find_run
    >>> from skillgraph.studies.runner import run_study
    >>> with TemporaryDirectory() as folder:
    ...     path = write_template(Path(folder, 'small.toml'))
    ...     outcome = run_study(path, overrides=small)
    ...     results = finalize(find_run(path, small))
    >>> type(results).__name__
    'Results'
    """
    ledger, standing = read_ledger(run)
    if standing.conflicts:
        raise ValueError(f"results are not reproducible: {standing.conflicts[0]}; see skillgraph verify")
    unfinished = len(standing.points) - len(standing.finished) - len(standing.failures)
    if unfinished and not partial:
        raise IncompleteError(
            f"{unfinished} of {len(standing.points)} points are unfinished: run the study again to resume it, "
            "or finalize with --partial"
        )
    columns, rows = table(standing)
    csv_path, schema_path = run.directory / "results.csv", run.directory / "results.schema.json"
    write_csv(csv_path, columns, rows)
    _write_json(schema_path, _schema(run.study, columns))
    files = [csv_path, schema_path]
    arrays_path = run.directory / "results.nc"
    if arrays or (arrays is None and arrays_path.exists()):
        from skillgraph.studies.arrays import write_arrays

        files.append(write_arrays(run.study, standing, arrays_path))
    record = run.directory / "provenance.json"
    _write_json(record, provenance(run, ledger, standing, csv_path))
    counts = len(standing.points), unfinished, len(standing.failures)
    told = dict(zip(columns, zip(*rows, strict=True), strict=True)) if rows else dict.fromkeys(columns, ())
    return Results(run.study.name, (*files, record), *counts, run.study, told)


def table(standing: Standing) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Return columns and rows of the results, points in the order of the grid."""
    study = standing.study
    columns = [*study.grid, *study.curve, *_COLUMNS]
    rows = [row for point in standing.points.values() for row in _rows(standing, point)]
    return columns, rows


def _rows(standing: Standing, point: Point) -> Iterator[tuple[Any, ...]]:
    study, failures = standing.study, standing.failures
    finished = standing.finished.get(point.key)
    axes = tuple(point.axes.values())
    seen = standing.present_look(point.key)
    unfinished = "failed" if point.key in failures else "unfinished"
    stopped = unfinished if finished is None else finished.stopped
    for name in study.measures:
        for place, coordinate in enumerate(_coordinates(study)):
            yield (*axes, *coordinate, name, *_cells(seen, name, place), stopped)


def _coordinates(study: Study) -> list[tuple[Any, ...]]:
    if not study.curve:
        return [()]
    (axis,) = study.curve.values()
    return [(value,) for value in axis_values(axis)]


def _cells(seen: Look | None, name: str, place: int) -> tuple[Any, ...]:
    if seen is None:
        return (None, None, None, None, 0, 0)
    found = seen.estimates[name]
    if found.number == 0:
        return (None, None, None, None, 0, seen.batches)
    ends = found.mean[place], found.lower[place], found.upper[place], found.half_widths[place]
    return (*ends, found.number, seen.batches)


def _schema(study: Study, columns: list[str]) -> dict[str, Any]:
    """Describe the columns: name, type, units, meaning."""
    described = []
    for name in columns:
        if name in _COLUMNS:
            kind, units, meaning = _COLUMNS[name]
            described.append({"name": name, "type": kind, "units": units, "description": meaning})
        else:
            role = "axis of the grid" if name in study.grid else "coordinate along the curve"
            values = axis_values((study.grid | study.curve)[name])
            numeric = all(isinstance(value, (int, float)) for value in values)
            described.append({"name": name, "type": "number" if numeric else "text", "units": "1", "description": role})
    measures = {
        name: {"units": one.units, "description": one.description, "target_half_width": one.half_width}
        for name, one in study.measures.items()
    }
    return {
        "study": study.name,
        "description": study.description,
        "encoding": "UTF-8, RFC 4180; missing values are empty",
        "columns": described,
        "measures": measures,
        "confidence": study.precision.confidence,
        "parameters": dict(study.parameters),
    }


def _write_json(path: Path, record: dict[str, Any]) -> None:
    text = json.dumps(record, indent=1, allow_nan=False) + "\n"
    write_whole(path, lambda temporary: temporary.write_text(text, encoding="utf-8"))
