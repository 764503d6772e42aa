"""Evaluation tables in: CSV, TSV, Parquet, files of evaluation tools, or a folder of them, become one long table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from skillgraph.checks import shown
from skillgraph.inference.columns import (
    HELPERS,
    NUMBERS,
    TEXTS,
    VALUES,
    RawTable,
    Source,
    numbers,
    parse_columns,
    parse_where,
    rows_where,
    texts,
)
from skillgraph.inference.delimited import DELIMITED, PARQUET, read_delimited, read_parquet
from skillgraph.inference.evaluations import Evaluations, evaluations
from skillgraph.inference.lm_harness import is_samples, read_samples
from skillgraph.inference.tool_files import read_json

__all__ = ["read_evaluations"]

_BOUNDARY = "/-_. :"


def read_evaluations(
    paths: str | Path | Iterable[str | Path],
    *,
    columns: Mapping[str, str] | Sequence[str] | None = None,
    where: Mapping[str, Any] | Sequence[str] | str | None = None,
    sizes: str | Path | None = None,
    tasks: str | Path | None = None,
) -> Evaluations:
    """Read evaluations of any known format as one long table.

    Parameters
    ----------
    paths : str, Path or several
        CSV or TSV with a header (``.gz`` and the like unpacked), Parquet, ``results_*.json`` and ``samples_*.jsonl`` of
        the lm-evaluation-harness, records of Every Eval Ever, logs of Inspect as JSON, ``stats.json`` of HELM, or a
        folder of any of these.
    columns : mapping or sequence of str, optional
        Where a role is filled from: ``parameters=params_B*1e9`` (a column, times a factor) or ``task=:sums`` (one text
        for all rows). A role not named is filled from the column of its name, where there is one. Roles are the columns
        of the long table, ``tokens_per_step`` (tokens = steps times it) and ``choices`` (chance = 1 / choices).
    where : sequence of str, optional
        Conditions that rows must satisfy, all of them: ``condition=main``, ``tokens>0``, ``model=160m|410m``.
    sizes : str or Path, optional
        A second table, model to parameters, tokens, ..., joined by the model's name (or by the end of it).
    tasks : str or Path, optional
        A third, task to chance, total, ..., joined by the task's name.

    Returns
    -------
    Evaluations
        Sorted, so that the same measurements give the same table in whatever format they came.

    Raises
    ------
    ValueError
        One sentence for whatever is wrong.
    OSError
        If a file cannot be read.
    ImportError
        If pyarrow is missing.
    """
    chosen = parse_columns(columns)
    files = [Path(paths)] if isinstance(paths, (str, Path)) else [Path(one) for one in paths]
    table = _united([raw for path in files for raw in _raw_tables(path)])
    table = _joined(table, sizes, chosen, "model")
    table = _joined(table, tasks, chosen, "task")
    table = _with_roles(table, chosen)
    table = rows_where(table, parse_where(where))
    return _long(table, {source.column for source in chosen.values()})


def _raw_tables(path: Path) -> list[RawTable]:
    if not path.is_dir():
        raw = _raw_table(path)
        return [] if raw is None else [raw]
    inside = sorted(one for one in path.rglob("*") if one.is_file() and (one.suffix == ".json" or is_samples(one)))
    tables = [raw for raw in map(_raw_table, inside) if raw is not None]
    if not tables:
        tables = [
            read_delimited(one, DELIMITED[one.suffix]) for one in sorted(path.iterdir()) if one.suffix in DELIMITED
        ]
    if not tables:
        raise ValueError(f"{path}: no file of a known format in this folder")
    return tables


def _raw_table(path: Path) -> RawTable | None:
    suffix = next((one for one in reversed(path.suffixes) if one not in (".gz", ".bz2", ".zst")), "")
    if is_samples(path):
        return read_samples(path)
    if suffix == ".json":
        return read_json(path)
    if suffix in PARQUET:
        return read_parquet(path)
    if suffix in DELIMITED:
        return read_delimited(path, DELIMITED[suffix])
    raise ValueError(f'{path}: a table must end in .csv, .tsv, .parquet, .json or samples_*.jsonl, got "{suffix}"')


def _united(tables: list[RawTable]) -> RawTable:
    """Put tables under one another; samples give way to results of the same model, task and metric."""
    if not tables:
        raise ValueError("no evaluation table was given")
    if len(tables) == 1:
        return tables[0]
    names = list(dict.fromkeys(name for table in tables for name in table.columns))
    columns = {
        name: np.concatenate([table.columns.get(name, np.full(table.size, None, dtype=object)) for table in tables])
        for name in names
    }
    return _without_told(RawTable(f"{len(tables)} files", columns))


def _without_told(table: RawTable) -> RawTable:
    """Leave out counts of samples where a results file gives the same number already."""
    if "file" not in table.columns:
        return table
    from_samples = np.array([str(name).startswith("samples_") for name in table.columns["file"]])
    keys = list(zip(*(table.columns[name] for name in ("model", "task", "metric")), strict=True))
    told = {key for key, sample in zip(keys, from_samples, strict=True) if not sample}
    kept = np.array([not sample or key not in told for key, sample in zip(keys, from_samples, strict=True)])
    return table.part(kept)


def _joined(table: RawTable, path: str | Path | None, chosen: dict[str, Source], role: str) -> RawTable:
    """Add the columns of a second table, found by the name of the model or task."""
    if path is None:
        return table
    other = _raw_table(Path(path))
    assert other is not None
    names = {one: _key_column(one, chosen, role) for one in (table, other)}
    where = _places(texts(table, names[table]), texts(other, names[other]), role, other.name)
    added = {name: column[where] for name, column in other.columns.items() if name != names[other]}
    own = dict(table.columns)
    own[names[table]] = other.columns[names[other]][where]
    return RawTable(table.name, {**own, **{name: _filled(own.get(name), column) for name, column in added.items()}})


def _key_column(table: RawTable, chosen: dict[str, Source], role: str) -> str:
    asked = chosen[role].column if role in chosen else None
    for name in (asked, role):
        if name is not None and name in table.columns:
            return name
    raise ValueError(f'{table.name}: no column "{asked or role}" to join by; the table has {", ".join(table.columns)}')


def _filled(own: np.ndarray | None, column: np.ndarray) -> np.ndarray:
    """Return the second table's cells, and the first one's where these are empty."""
    if own is None:
        return column
    return np.array([old if new is None else new for old, new in zip(own, column, strict=True)] + [None], dtype=object)[
        :-1
    ]


def _places(wanted: np.ndarray, known: np.ndarray, role: str, name: str) -> np.ndarray:
    rows = {label: place for place, label in enumerate(known.tolist())}
    if len(rows) != known.size:
        twice = next(label for label in rows if np.count_nonzero(known == label) > 1)
        raise ValueError(f"{name}: the {role} {shown(twice)} stands in more than one row")
    found = {label: _place(label, rows) for label in np.unique(wanted).tolist()}
    missing = [label for label, place in found.items() if place is None]
    if missing:
        more = f" (and {len(missing) - 1} more)" if len(missing) > 1 else ""
        raise ValueError(f"{name}: the {role} {shown(missing[0])} is missing in this table{more}")
    return np.array([found[label] for label in wanted.tolist()], dtype=np.int64)


def _place(label: str, rows: dict[str, int]) -> int | None:
    """Return the row of a name: the same name, else the longest one that ends it after a boundary."""
    if label in rows:
        return rows[label]
    endings = [one for one in rows if one and label.endswith(one) and label[-len(one) - 1] in _BOUNDARY]
    return rows[max(endings, key=len)] if endings else None


def _with_roles(table: RawTable, chosen: dict[str, Source]) -> RawTable:
    """Add the columns that play roles under the names of these roles; the file's own columns stay for ``where``."""
    columns = dict(table.columns)
    for role, source in chosen.items():
        if source.constant is not None:
            columns[role] = np.full(table.size, source.constant, dtype=object)
            continue
        assert source.column is not None
        if source.column not in table.columns:
            raise ValueError(f'{table.name}: no column "{source.column}" for {role}; it has {", ".join(table.columns)}')
        plain = source.factor == 1.0
        columns[role] = table.columns[source.column] if plain else numbers(table, source.column, source.factor)
    if "value" not in columns and "correct" not in columns:
        named = [name for name in VALUES if name in columns]
        if not named:
            raise ValueError(
                f"{table.name}: no column {', '.join(VALUES)}, or correct and total: name one with columns, "
                f"value=COLUMN; the table has {', '.join(table.columns)}"
            )
        columns["value"] = columns[named[0]]
        columns.setdefault("metric", np.full(table.size, named[0], dtype=object))
    return RawTable(table.name, columns)


def _long(table: RawTable, used: set[str | None]) -> Evaluations:
    kept: dict[str, np.ndarray] = {name: texts(table, name) for name in TEXTS if name in table.columns}
    kept |= {name: numbers(table, name) for name in (*NUMBERS, *HELPERS) if name in table.columns}
    each = kept.pop("tokens_per_step", None)
    if each is not None and "steps" in kept:
        given = kept.get("tokens", np.full(table.size, np.nan))
        kept["tokens"] = np.where(np.isnan(kept["steps"] * each), given, kept["steps"] * each)
    choices = kept.pop("choices", None)
    if choices is not None and "chance" not in kept:
        kept["chance"] = 1 / choices
    kept.setdefault("metric", np.full(table.size, "acc" if "correct" in kept else "value"))
    kept.setdefault("task", kept["metric"])
    kept.setdefault("model", np.char.add("row ", np.arange(1, table.size + 1).astype(str)))
    roles = {*used, *TEXTS, *NUMBERS, *HELPERS, *VALUES}
    telling = {name: column for name, column in table.columns.items() if name not in roles}
    return evaluations(kept, name=table.name, telling=telling)
