"""Points of a study and their names: a point is its parameters, and its name is a hash of their canonical text."""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from skillgraph.studies.study_file import Study, axis_values

__all__ = ["Point", "Unit", "canonical_text", "canonical_value", "study_points"]

Unit = tuple[str, int]
"""A unit of work: (key of the point, batch number)."""


@dataclass(frozen=True, eq=False)
class Point:
    """A parameter point.

    Attributes
    ----------
    key : str
        32 hexadecimal digits, the hash of ``parameters``; names the point in the ledger and addresses its randomness.
    axes : dict
        Values on the axes of the grid, as written in the study.
    parameters : dict
        Everything the model is given, canonical: fixed parameters, axes and the curve as a list.
    """

    key: str
    axes: dict[str, Any]
    parameters: dict[str, Any]

    def __str__(self) -> str:
        return ", ".join(f"{name} = {value}" for name, value in self.axes.items()) or "the only point"


def canonical_value(value: Any) -> Any:
    """Return a value such that equal numbers have equal texts: 6.0 becomes 6, -0.0 becomes 0."""
    if isinstance(value, Mapping):
        return {str(key): canonical_value(item) for key, item in sorted(value.items())}
    if isinstance(value, (list, tuple)):
        return [canonical_value(item) for item in value]
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    return value


def canonical_text(value: Any) -> str:
    """Return the canonical JSON text of a value."""
    return json.dumps(canonical_value(value), sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def study_points(study: Study) -> tuple[Point, ...]:
    """Return all points of a study, the last axis running fastest."""
    curve = {name: list(axis_values(axis)) for name, axis in study.curve.items()}
    fixed = {**study.parameters, **curve}
    names = list(study.grid)
    combinations = itertools.product(*(axis_values(axis) for axis in study.grid.values()))
    return tuple(_point(dict(zip(names, values, strict=True)), fixed) for values in combinations)


def _point(axes: dict[str, Any], fixed: dict[str, Any]) -> Point:
    parameters = canonical_value({**fixed, **axes})
    key = hashlib.blake2b(canonical_text(parameters).encode(), digest_size=16).hexdigest()
    return Point(key, axes, parameters)
