"""Results and samples of the lm-evaluation-harness, with and without filters.

Aggregates of other tasks (groups) are left out: a file names them.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from skillgraph.inference.columns import RawTable
from skillgraph.inference.tool_rows import STEP, Row, number_of, step_of, table_of

__all__ = ["harness_rows", "is_samples", "read_samples"]

_NO_METRICS = frozenset({"alias", "samples", "name", "sample_len", "sample_count", " "})
_STAMP = re.compile(r"_[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9.:-]+$")


def harness_rows(content: dict[str, Any], path: Path) -> Iterator[Row]:
    """Yield the rows of a results file."""
    config = content.get("config") or {}
    model, steps = _harness_model(content, path)
    parameters = number_of(config.get("model_num_parameters"))
    groups = {name for name, parts in (content.get("group_subtasks") or {}).items() if parts}
    shots = content.get("n-shot") or {}
    for task, measured in content["results"].items():
        if task in groups or not isinstance(measured, dict):
            continue
        about = {"model": model, "steps": steps, "parameters": parameters, "task": task}
        about["shots"] = number_of(shots.get(task, config.get("num_fewshot")))
        about["total"] = _samples(content, task, measured)
        yield from ({**about, **one} for one in _harness_metrics(measured))


def _harness_metrics(measured: dict[str, Any]) -> Iterator[Row]:
    for key, cell in measured.items():
        name, _, method = key.partition(",")
        value = number_of(cell)
        if key in _NO_METRICS or name.endswith("_stderr") or value is None:
            continue
        error = number_of(measured.get(f"{name}_stderr,{method}" if method else f"{name}_stderr"))
        yield {"metric": name if method in ("", "none") else key, "value": value, "stderr": error}


def _samples(content: dict[str, Any], task: str, measured: dict[str, Any]) -> float | None:
    counted = (content.get("n-samples") or {}).get(task) or {}
    return (
        number_of(counted.get("effective"))
        or number_of(measured.get("samples"))
        or number_of(measured.get("sample_len"))
    )


def _harness_model(content: dict[str, Any], path: Path) -> tuple[str, float | None]:
    """Return the model's name and step: by the arguments, else by the name of the file."""
    config = content.get("config") or {}
    given = config.get("model_args") or {}
    if isinstance(given, str):
        given = dict(pair.split("=", 1) for pair in given.split(",") if "=" in pair)
    name = given.get("pretrained") or given.get("model") or content.get("model_name")
    step = step_of(str(given.get("revision", ""))) or step_of(path.stem)
    return str(name or STEP.sub("", path.stem).strip("_- ")), step


def is_samples(path: Path) -> bool:
    """Whether a file holds the samples of a task as the lm-evaluation-harness writes them."""
    return path.name.startswith("samples_") and path.suffix == ".jsonl"


def read_samples(path: Path) -> RawTable:
    """Count the right answers of ``samples_TASK_TIME.jsonl``; model and step are named by the folder.

    Metrics whose samples are all 0 or 1 are counted, others averaged.

    Raises
    ------
    ValueError
        If a line is no JSON or no metric is found.
    """
    task = _STAMP.sub("", path.stem.removeprefix("samples_"))
    step, folder = step_of(path.parent.name), STEP.sub("", path.parent.name).strip("_-").replace("__", "/")
    seen: dict[str, list[float]] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if line.strip():
            for key, value in _sample(path, number, line):
                seen.setdefault(key, []).append(value)
    about = {"model": folder, "steps": step, "task": task}
    return table_of(path, ({**about, **_counted(key, np.array(values))} for key, values in seen.items()))


def _sample(path: Path, number: int, line: str) -> Iterator[tuple[str, float]]:
    try:
        sample = json.loads(line)
    except json.JSONDecodeError as error:
        raise ValueError(f"{path}, line {number}: no readable JSON ({error})") from None
    known = {"doc_id", "filter"}
    names = sample.get("metrics") or [key for key, value in sample.items() if key not in known]
    method = sample.get("filter", "none")
    for name in names:
        value = sample.get(name)
        cell = float(value) if isinstance(value, bool) else number_of(value)
        if cell is not None:
            yield (name if method in ("", "none", None) else f"{name},{method}"), cell


def _counted(metric: str, values: np.ndarray) -> Row:
    row: Row = {"metric": metric, "value": float(values.mean()), "total": float(values.size)}
    if np.all((values == 0) | (values == 1)):
        return row | {"correct": float(values.sum())}
    spread = float(values.std(ddof=1) / math.sqrt(values.size)) if values.size > 1 else None
    return row | {"stderr": spread}
