"""Rows of result files of evaluation tools: what a file says of one model, task and metric."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from skillgraph.inference.columns import RawTable

__all__ = ["STEP", "Row", "number_of", "step_of", "table_of"]

Row = dict[str, Any]
STEP = re.compile(r"step[_-]?([0-9]+)")
_COLUMNS = ("model", "parameters", "steps", "task", "metric", "value", "stderr", "correct", "total", "shots", "file")


def table_of(path: Path, rows: Iterable[Row]) -> RawTable:
    """Return the rows of a file as a raw table, or say that there is none."""
    kept = list(rows)
    if not kept:
        raise ValueError(f"{path}: no task with a metric in this file")
    for row in kept:
        row["file"] = path.name
    names = [name for name in _COLUMNS if any(row.get(name) is not None for row in kept)]
    columns = {name: np.array([row.get(name) for row in kept] + [None], dtype=object)[:-1] for name in names}
    return RawTable(path.name, columns)


def number_of(value: Any) -> float | None:
    """Return a finite number, or None for anything else ("N/A", True, None)."""
    known = isinstance(value, (int, float)) and not isinstance(value, bool)
    return float(value) if known and math.isfinite(value) else None


def step_of(text: str) -> float | None:
    """Return the training step that a revision or a name says, as in step1000."""
    match = STEP.search(text)
    return float(match[1]) if match else None
