"""Tables of measured performance as CSV, plain or gzipped: columns data, model, steps and performance or loss."""

from __future__ import annotations

import csv
import gzip
import io
from pathlib import Path

import numpy as np

from skillgraph.limits.laws_fit import LawTable, law_table

__all__ = ["COLUMNS", "read_law_table"]

COLUMNS = ("data", "model", "steps", "performance")


def read_law_table(
    path: Path,
    columns: dict[str, str] | None = None,
    where: dict[str, str | list[str]] | None = None,
) -> LawTable:
    """Read a table of losses.

    Parameters
    ----------
    path : Path
        CSV with a header line; ``.gz`` is unpacked.
    columns : dict, optional
        Our name (data, model, steps, and performance or loss) to the file's; the same names if omitted.
    where : dict, optional
        Column to the value, or list of values, that rows must have to count.

    Raises
    ------
    ValueError
        If columns are missing, no row is left, or values are not usable; one sentence each.
    """
    rows = _rows(path)
    name = path.name
    header = list(rows[0]) if rows else []
    measure = _measure(name, columns, header)
    names = {ours: (columns or {}).get(ours, ours) for ours in ("data", "model", "steps", measure)}
    missing = [theirs for theirs in (*names.values(), *(where or {})) if theirs not in header]
    if missing:
        raise ValueError(f'{name}: no column "{missing[0]}"; the table has {", ".join(header) or "no rows"}')
    kept = [row for row in rows if _chosen(row, where or {})]
    if not kept:
        raise ValueError(f"{name}: no row satisfies {where}")
    values = {ours: _numbers(name, theirs, kept) for ours, theirs in names.items()}
    if measure == "loss":
        return law_table(values["data"], values["model"], values["steps"], loss=values["loss"], name=name)
    return law_table(values["data"], values["model"], values["steps"], performance=values["performance"], name=name)


def _measure(name: str, columns: dict[str, str] | None, header: list[str]) -> str:
    if columns is not None:
        unknown = set(columns) - {"data", "model", "steps", "performance", "loss"}
        if unknown:
            raise ValueError(f'{name}: unknown column role "{min(unknown)}": roles are {", ".join(COLUMNS)} or loss')
        if "performance" in columns and "loss" in columns:
            raise ValueError(f"{name}: name performance or loss, not both")
        return "loss" if "loss" in columns else "performance"
    return "loss" if "loss" in header and "performance" not in header else "performance"


def _rows(path: Path) -> list[dict[str, str]]:
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return list(csv.DictReader(io.StringIO(content.decode("utf-8"), newline="")))


def _chosen(row: dict[str, str], where: dict[str, str | list[str]]) -> bool:
    return all(row[key] in (value if isinstance(value, list) else [value]) for key, value in where.items())


def _numbers(name: str, column: str, rows: list[dict[str, str]]) -> np.ndarray:
    values = np.empty(len(rows))
    for place, row in enumerate(rows):
        try:
            values[place] = float(row[column])
        except (TypeError, ValueError):
            raise ValueError(f'{name}: {column} must be a number, got "{row[column]}" in row {place + 1}') from None
    return values
