"""The long table of evaluations: one row per model, task and metric, whatever format it came from.

What determines what is filled in, and nothing else: correct / total gives the value; a value that is a whole number of
right answers out of ``total`` gives ``correct`` and, as the lm-evaluation-harness computes it, the standard error
sqrt(v (1 - v) / (n - 1)); such a standard error gives back n; 6 parameters tokens gives the compute.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

import numpy as np

from skillgraph.checks import shown

__all__ = ["Evaluations", "evaluations", "is_accuracy", "same_metric"]

_KEY = ("family", "model", "parameters", "tokens", "steps", "unique_tokens", "task", "metric")
_SHARES = ("acc", "exact_match", "f1", "em", "mc1", "mc2", "pass@", "pass_", "quasi_", "prefix_", "win_rate")
_NO_SHARES = ("loss", "ppl", "perplex", "bits", "byte", "nll", "likelihood", "logprob", "difference", "bleu", "rouge")
_PERCENT_FROM = 2.0  # a value above it is no accuracy with a slip of the pen
_WHOLE = 2e-6  # by how much a rounded value may miss a whole number of right answers, as a share
_EXACT = 1e-6  # relative error of a number of questions told from a standard error


@dataclass(frozen=True, eq=False)
class Evaluations:
    """Measured values of models on tasks; texts are empty and numbers NaN where nothing is known.

    Attributes
    ----------
    model, family, task, metric : (n,) str arrays
    parameters, tokens, steps : (n,) float64 arrays
        Sizes of model and data, optimiser steps.
    value, stderr : (n,) float64 arrays
        Accuracies as shares, not percent.
    correct, total : (n,) float64 arrays
        Right answers and questions.
    compute, unique_tokens, chance : (n,) float64 arrays
    notes : tuple of str
        What was done to the file's numbers, one sentence each.
    name : str
    """

    model: np.ndarray
    family: np.ndarray
    parameters: np.ndarray
    tokens: np.ndarray
    steps: np.ndarray
    task: np.ndarray
    metric: np.ndarray
    value: np.ndarray
    stderr: np.ndarray
    correct: np.ndarray
    total: np.ndarray
    compute: np.ndarray
    unique_tokens: np.ndarray
    chance: np.ndarray
    notes: tuple[str, ...] = ()
    name: str = "table"

    @property
    def size(self) -> int:
        """Number of rows."""
        return int(self.value.size)

    def __repr__(self) -> str:
        """Say how much there is."""
        counts = [np.unique(column).size for column in (self.model, self.task, self.metric)]
        return "Evaluations({} rows, {} models, {} tasks, {} metrics)".format(self.size, *counts)

    def columns(self) -> dict[str, np.ndarray]:
        """Return the columns by name, in order."""
        names = [field.name for field in fields(self) if field.name not in ("notes", "name")]
        return {name: getattr(self, name) for name in names}

    def part(self, chosen: np.ndarray) -> Evaluations:
        """Return the rows of a mask or of places."""
        kept = {name: column[chosen] for name, column in self.columns().items()}
        return Evaluations(**kept, notes=self.notes, name=self.name)

    def tasks(self) -> tuple[tuple[str, str], ...]:
        """Return every task with every metric it has, sorted."""
        return tuple(sorted(set(zip(self.task.tolist(), self.metric.tolist(), strict=True))))


def is_accuracy(metric: str) -> bool:
    """Whether a metric's name says that it is a share of right answers."""
    name = metric.lower()
    return name.startswith(_SHARES) or "accuracy" in name


def same_metric(names: np.ndarray, wanted: str) -> np.ndarray:
    """Return where names are the metric wanted; acc and accuracy are one."""
    plain = "acc" if wanted == "accuracy" else wanted
    return np.asarray(np.where(names == "accuracy", "acc", names) == plain)


def evaluations(
    columns: Mapping[str, Sequence[object] | np.ndarray],
    *,
    name: str = "table",
    notes: tuple[str, ...] = (),
    telling: Mapping[str, np.ndarray] | None = None,
) -> Evaluations:
    """Check, complete and sort a long table.

    Parameters
    ----------
    columns : mapping
        At least ``value``, or ``correct`` and ``total``; see `Evaluations` for the names.
    name : str
        For messages.
    notes : tuple of str
    telling : mapping of str to (n,) array, optional
        Further columns of the file, by which the message about doubled rows says what to choose by.

    Raises
    ------
    ValueError
        If accuracies do not lie in [0, 1] (or all in percent), a standard error is negative, ``correct`` exceeds
        ``total``, sizes are not positive, or two rows are the same measurement.
    """
    full = _arrays(columns, name)
    said = [*notes, *_in_shares(full, name)]
    _check(full, name)
    _complete(full)
    order = np.lexsort([full[key] for key in reversed(_KEY)])
    _no_doubles(full, order, name, telling or {})
    return Evaluations(**{key: column[order] for key, column in full.items()}, notes=tuple(said), name=name)


def _arrays(columns: Mapping[str, Sequence[object] | np.ndarray], name: str) -> dict[str, np.ndarray]:
    known = [field.name for field in fields(Evaluations) if field.name not in ("notes", "name")]
    unknown = sorted(set(columns) - set(known))
    if unknown:
        raise ValueError(f'{name}: unknown column "{unknown[0]}": columns are {", ".join(known)}')
    if "value" not in columns and not {"correct", "total"} <= set(columns):
        raise ValueError(
            f"{name}: a table needs a column value, or correct and total; got {', '.join(columns) or 'none'}"
        )
    rows = {len(column) for column in columns.values()}
    if len(rows) != 1 or rows == {0}:
        raise ValueError(f"{name}: columns must have the same number of rows, at least 1, got {sorted(rows)}")
    size = rows.pop()
    full = {}
    for key in known:
        kind = str if key in ("model", "family", "task", "metric") else float
        blank = "" if kind is str else np.nan
        full[key] = np.array(columns[key], dtype=kind) if key in columns else np.full(size, blank)
    return full


def _in_shares(full: dict[str, np.ndarray], name: str) -> list[str]:
    """Turn percent into shares, metric by metric; return what was done."""
    said = []
    for metric in np.unique(full["metric"]):
        here = full["metric"] == metric
        values = full["value"][here]
        values = values[np.isfinite(values)]
        if any(word in metric.lower() for word in _NO_SHARES) or not values.size or values.max() <= _PERCENT_FROM:
            continue
        label = f'"{metric}"' if metric else "value"
        within = values[(values > 0) & (values < 1)].size
        if values.min() < 0 or values.max() > 100 or 2 * within > values.size:
            if is_accuracy(metric):
                span = f"{values.min():g} to {values.max():g}"
                raise ValueError(f"{name}: {label} must lie in [0, 1] or, all of it, in percent, got {span}")
            continue
        full["value"][here] /= 100
        full["stderr"][here] /= 100
        said.append(f"{name}: {label} is in percent (up to {values.max():g}) and was divided by 100")
    return said


def _check(full: dict[str, np.ndarray], name: str) -> None:
    for key in ("parameters", "tokens", "compute", "unique_tokens", "total"):
        _require(name, key, full[key], full[key] >= 0, "must not be negative")
    _require(name, "parameters", full["parameters"], full["parameters"] > 0, "must be positive")
    _require(name, "steps", full["steps"], full["steps"] >= 0, "must not be negative")
    _require(name, "stderr", full["stderr"], full["stderr"] >= 0, "must not be negative")
    _require(name, "correct", full["correct"], full["correct"] >= 0, "must not be negative")
    _require(name, "total", full["total"], full["total"] >= 1, "must be at least 1")
    _require(name, "chance", full["chance"], (full["chance"] >= 0) & (full["chance"] < 1), "must lie in [0, 1)")
    over = full["correct"] > full["total"]
    if over.any():
        row = int(np.argmax(over))
        got = f"{full['correct'][row]:g} of {full['total'][row]:g} in row {row + 1}"
        raise ValueError(f"{name}: correct must not exceed total, got {got}")
    shares = np.array([is_accuracy(metric) for metric in full["metric"]])
    inside = (full["value"] >= 0) & (full["value"] <= 1)
    _require(name, "an accuracy", np.where(shares, full["value"], np.nan), inside, "must lie in [0, 1]")


def _require(name: str, key: str, column: np.ndarray, holds: np.ndarray, rule: str) -> None:
    bad = ~holds & ~np.isnan(column)
    if bad.any() or np.isinf(column).any():
        row = int(np.argmax(bad | np.isinf(column)))
        said = rule if bad[row] else "must be finite"
        raise ValueError(f"{name}: {key} {said}, got {column[row]:g} in row {row + 1}")


def _complete(full: dict[str, np.ndarray]) -> None:
    value, correct, total, error = (full[key] for key in ("value", "correct", "total", "stderr"))
    given = np.isnan(value) & ~np.isnan(correct) & (total > 0)
    value[given] = correct[given] / total[given]
    inner = (value > 0) & (value < 1)
    _questions_from_error(value, error, total, inner)
    counted = value * total
    whole = (
        np.isnan(correct) & (value >= 0) & (value <= 1) & (np.abs(counted - np.rint(counted)) <= _WHOLE * total + 1e-9)
    )
    correct[whole] = np.rint(counted[whole])
    bare = np.isnan(error) & ~np.isnan(correct) & (total > 1)
    error[bare] = np.sqrt(value[bare] * (1 - value[bare]) / (total[bare] - 1))
    product = 6 * full["parameters"] * full["tokens"]
    full["compute"][:] = np.where(np.isnan(full["compute"]), product, full["compute"])


def _questions_from_error(value: np.ndarray, error: np.ndarray, total: np.ndarray, inner: np.ndarray) -> None:
    """Find the number of questions that a standard error with all its digits was computed from."""
    asked = inner & np.isnan(total) & (error > 0)
    count = np.full(value.size, np.nan)
    count[asked] = value[asked] * (1 - value[asked]) / error[asked] ** 2 + 1
    nearest = np.rint(count)
    right = value * nearest
    exact = asked & (np.abs(count - nearest) <= _EXACT * count) & (np.abs(right - np.rint(right)) <= _EXACT * count)
    total[exact] = nearest[exact]


def _no_doubles(full: dict[str, np.ndarray], order: np.ndarray, name: str, telling: Mapping[str, np.ndarray]) -> None:
    same = np.ones(max(order.size - 1, 0), dtype=bool)
    for key in _KEY:
        column = full[key][order]
        equal = column[1:] == column[:-1]
        same &= equal if column.dtype.kind == "U" else equal | (np.isnan(column[1:]) & np.isnan(column[:-1]))
    if not same.any():
        return
    first, second = order[int(np.argmax(same)) : int(np.argmax(same)) + 2]
    what = ", ".join(_label(full[key][first]) for key in ("model", "task", "metric") if _label(full[key][first]))
    differ = [key for key, column in telling.items() if key not in full and str(column[first]) != str(column[second])]
    remedy = f"; they differ in {differ[0]}: choose by it with where" if differ else "; leave one of them out"
    raise ValueError(f"{name}: rows {min(first, second) + 1} and {max(first, second) + 1} are doubled ({what}){remedy}")


def _label(text: np.str_) -> str:
    return shown(str(text)).strip('"')
