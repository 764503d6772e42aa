"""Tallies: what a unit of work leaves behind, and how tallies add up to a mean with an interval.

Counts are summed as integers and real values by correctly rounded sums, and tallies are merged in the order of their
batches, so the result does not depend on who computed them.
"""

from __future__ import annotations

import math
import numbers
import operator
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

from skillgraph.records import Record

__all__ = ["Estimate", "Share", "Tally", "estimate", "tally"]


class Share(Record):
    """A count out of a whole, returned by a model where exact sums are wanted.

    Attributes
    ----------
    count : int or sequence of int
    whole : int
        At least 1, the same for all replicates of a point.
    """

    count: Any
    whole: int


@dataclass(frozen=True)
class Tally:
    """Sums over the replicates of one measure.

    Attributes
    ----------
    kind : {"outcome", "count", "real"}
        Yes or no; integers; real numbers.
    number : int
        Replicates in which the measure existed.
    whole : int
        Divisor of counts, 1 for the others.
    sums : tuple
        Per position of the curve (one for a plain number): sum of the values.
    spreads : tuple
        Sum of squares of counts (exact); sum of squared deviations from the mean of real values.
    """

    kind: str
    number: int
    whole: int
    sums: tuple[Any, ...]
    spreads: tuple[Any, ...]

    def record(self) -> list[Any]:
        """Return what the ledger keeps."""
        return [self.kind, self.number, self.whole, list(self.sums), list(self.spreads)]

    @staticmethod
    def from_record(record: Sequence[Any]) -> Tally:
        """Read what `record` wrote."""
        kind, number, whole, sums, spreads = record
        return Tally(kind, number, whole, tuple(sums), tuple(spreads))


class Estimate(Record):
    """A mean with its interval, per position of the curve; None where nothing can be said."""

    number: int
    mean: tuple[float | None, ...]
    lower: tuple[float | None, ...]
    upper: tuple[float | None, ...]

    @property
    def half_widths(self) -> tuple[float | None, ...]:
        """Half the lengths of the intervals."""
        pairs = zip(self.lower, self.upper, strict=True)
        return tuple(None if low is None or high is None else (high - low) / 2 for low, high in pairs)

    @property
    def worst_half_width(self) -> float:
        """Largest half-width, infinite where there is none."""
        return max((math.inf if width is None else width for width in self.half_widths), default=math.inf)


def tally(values: Sequence[Any]) -> Tally:
    """Sum one measure over the replicates of a unit.

    Parameters
    ----------
    values : sequence
        Per replicate: bool (yes or no), int, float, `Share`, a sequence or array of one of them (a curve), or None
        where the measure does not exist in that replicate.

    Raises
    ------
    ValueError
        If a value is no finite number or the replicates differ in length or whole.
    """
    there = [value for value in values if value is not None]
    if not there:
        return Tally("count", 0, 1, (), ())
    wholes = {operator.index(value.whole) if isinstance(value, Share) else 1 for value in there}
    if len(wholes) > 1 or min(wholes) < 1:
        raise ValueError(f"a share must have one positive whole at a point, got {sorted(wholes)}")
    rows = [_row(value.count if isinstance(value, Share) else value) for value in there]
    if len({len(row) for row in rows}) > 1:
        raise ValueError(f"a curve must have one length at a point, got {sorted({len(row) for row in rows})}")
    columns = list(zip(*rows, strict=True))
    (whole,) = wholes
    everything = [value for row in rows for value in row]
    if all(isinstance(value, bool) for value in everything):
        sums = tuple(sum(column) for column in columns)
        return Tally("outcome", len(rows), 1, sums, sums)
    if all(isinstance(value, int) for value in everything):
        sums = tuple(sum(column) for column in columns)
        return Tally("count", len(rows), whole, sums, tuple(sum(v * v for v in column) for column in columns))
    return _real(columns, len(rows), whole)


def _row(value: Any) -> list[Any]:
    if hasattr(value, "tolist"):
        value = value.tolist()
    items = value if isinstance(value, (list, tuple)) else [value]
    return [_number(item.item() if hasattr(item, "item") else item) for item in items]


def _number(value: Any) -> bool | int | float:
    if isinstance(value, (bool, int)):
        return value
    if not isinstance(value, numbers.Real) or not math.isfinite(value):
        raise ValueError(f"a measure must be a finite number, yes/no, Share, a row of them or None, got {value!r}")
    return float(value)


def _real(columns: Sequence[Sequence[Any]], number: int, whole: int) -> Tally:
    values = [[value / whole for value in column] for column in columns]
    sums = tuple(math.fsum(column) for column in values)
    spreads = tuple(
        math.fsum((value - total / number) ** 2 for value in column) for column, total in zip(values, sums, strict=True)
    )
    return Tally("real", number, 1, sums, spreads)


def estimate(tallies: Sequence[Tally], confidence: float, interval: str = "auto") -> Estimate:
    """Merge tallies in batch order into a mean with its interval.

    Parameters
    ----------
    tallies : sequence of Tally
        In the order of their batches.
    confidence : float
    interval : {"auto", "t", "wilson"}
        Student's t, or Wilson's interval for yes/no outcomes; ``"auto"`` is Wilson's for outcomes.

    Returns
    -------
    Estimate
        Student intervals of counts are never narrower than half a count allows.

    References
    ----------
    Wilson (1927), J. Am. Stat. Assoc. 22, 209; Chow & Robbins (1965), doi:10.1214/aoms/1177700156 (sequential
    intervals of fixed width).
    """
    there = [one for one in tallies if one.number]
    number = sum(one.number for one in there)
    if not there:
        return Estimate(0, (None,), (None,), (None,))
    width = len(there[0].sums)
    kinds = {one.kind for one in there}
    wilson = interval == "wilson" or (interval == "auto" and kinds == {"outcome"})
    if wilson and kinds != {"outcome"}:
        raise ValueError(f"wilson intervals are for yes/no outcomes, got {', '.join(sorted(kinds))}")
    cells = [_cell(there, place, number, confidence, wilson) for place in range(width)]
    mean, lower, upper = zip(*cells, strict=True)
    return Estimate(number, mean, lower, upper)


def _cell(
    there: Sequence[Tally], place: int, number: int, confidence: float, wilson: bool
) -> tuple[float, float | None, float | None]:
    mean, variance, resolution = _moments(there, place, number)
    if wilson:
        return (mean, *_wilson(mean, number, confidence))
    if number < 2:
        return mean, None, None
    # a disputed tally may be absurd; the dispute is reported where results are written
    error = max(math.sqrt(max(variance, 0.0) / number), resolution / math.sqrt(number))
    half = _student(number - 1, confidence) * error
    return mean, mean - half, mean + half


def _moments(there: Sequence[Tally], place: int, number: int) -> tuple[float, float, float]:
    """Return mean, variance (number - 1 in the denominator) and resolution of a value."""
    wholes = {one.whole for one in there}
    if all(one.kind != "real" for one in there) and len(wholes) == 1:
        (whole,) = wholes
        total, squares = (sum(getattr(one, name)[place] for one in there) for name in ("sums", "spreads"))
        variance = (number * squares - total**2) / (number * max(number - 1, 1) * whole**2)
        return total / (number * whole), variance, 0.5 / whole if whole > 1 else 0.0
    parts = [_as_real(one, place) for one in there]
    mean = math.fsum(part[1] for part in parts) / number
    between = math.fsum(count * (total / count - mean) ** 2 for count, total, _ in parts)
    within = math.fsum(spread for _, _, spread in parts)
    return mean, (between + within) / max(number - 1, 1), 0.0


def _as_real(one: Tally, place: int) -> tuple[int, float, float]:
    total, spread = one.sums[place], one.spreads[place]
    if one.kind == "real":
        return one.number, total, spread
    return one.number, total / one.whole, float((Fraction(spread) - Fraction(total**2, one.number)) / one.whole**2)


@lru_cache(maxsize=4096)
def _student(degrees_of_freedom: int, confidence: float) -> float:
    from scipy import special

    return float(special.stdtrit(degrees_of_freedom, (1 + confidence) / 2))


@lru_cache(maxsize=64)
def _normal(confidence: float) -> float:
    from scipy import special

    return float(special.ndtri((1 + confidence) / 2))


def _wilson(mean: float, number: int, confidence: float) -> tuple[float, float]:
    z = _normal(confidence)
    scale = 1 + z * z / number
    centre = (mean + z * z / (2 * number)) / scale
    half = z / scale * math.sqrt(max(mean * (1 - mean), 0.0) / number + (z / (2 * number)) ** 2)
    return max(centre - half, 0.0), min(centre + half, 1.0)


def read_tallies(record: Mapping[str, Sequence[Any]]) -> dict[str, Tally]:
    """Read the tallies of a unit from the ledger."""
    return {name: Tally.from_record(one) for name, one in record.items()}
