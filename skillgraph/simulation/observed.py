"""What many replicates showed: exact sums, which add up in any order."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from skillgraph.records import Record

__all__ = ["Observed"]


class Observed(Record):
    """What many replicates showed: exact sums of counts, which add up.

    Attributes
    ----------
    num_skills, replicates : int
    num_texts : (grid,) int64 array
    sums, squares : dict
        Name of an observable (see `skillgraph.simulation.observe.observe`) to a tuple of one integer per grid point:
        the sum over replicates of its count, and of the square of its count. A share is a count over ``num_skills``.
    most_unlearned : int or None
        A replicate fails while more skills are unlearned; None where no boundary was given.
    failures : tuple of int, or None
        Per grid point, replicates that fail.
    failed_sums, failed_squares : tuple of int, or None
        Sum of the skills learned in replicates that fail, and of their squares.
    each : dict or None
        Name to (replicates, grid) int64 array, the count of every replicate, where asked for.
    """

    num_skills: int
    replicates: int
    num_texts: np.ndarray
    sums: dict[str, tuple[int, ...]]
    squares: dict[str, tuple[int, ...]]
    most_unlearned: int | None = None
    failures: tuple[int, ...] | None = None
    failed_sums: tuple[int, ...] | None = None
    failed_squares: tuple[int, ...] | None = None
    each: dict[str, np.ndarray] | None = None

    def mean(self, name: str) -> np.ndarray:
        """Return the mean share of an observable, (grid,) float64."""
        return _mean(self.sums[name], self.replicates) / self.num_skills

    def standard_error(self, name: str) -> np.ndarray:
        """Return the standard error of the mean share, (grid,) float64; NaN for one replicate."""
        n = self.replicates
        spreads = (n * two - one * one for one, two in zip(self.sums[name], self.squares[name], strict=True))
        deviations = [math.sqrt(spread / (n * n * (n - 1))) if n > 1 else math.nan for spread in spreads]
        return np.array(deviations) / self.num_skills

    def learned_share_given(self, *, success: bool) -> np.ndarray:
        """Return the mean learned share of the replicates that succeed or fail, (grid,) float64; NaN without any.

        Raises
        ------
        ValueError
            If the replicates were observed without a boundary.
        """
        number, total = self._outcome(success)
        with np.errstate(invalid="ignore"):
            return np.array(total, float) / np.array(number, float) / self.num_skills

    def _outcome(self, success: bool) -> tuple[Sequence[int], Sequence[int]]:
        """Return how many replicates had an outcome, and the sum of their learned skills."""
        if self.failures is None or self.failed_sums is None:
            raise ValueError("outcomes need a boundary: observe with unlearned_between")
        if not success:
            return self.failures, self.failed_sums
        learned = self.sums["learned_share"]
        number = [self.replicates - one for one in self.failures]
        return number, [total - part for total, part in zip(learned, self.failed_sums, strict=True)]

    def __add__(self, other: Observed) -> Observed:
        """Return the sums over the replicates of both, which the caller knows to be different ones.

        Raises
        ------
        ValueError
            If they answer different questions.
        """
        if self._question() != other._question():
            raise ValueError("observations add up where num_skills, num_texts and the boundary are the same")
        return Observed(
            self.num_skills,
            self.replicates + other.replicates,
            self.num_texts,
            {name: _added(row, other.sums[name]) for name, row in self.sums.items()},
            {name: _added(row, other.squares[name]) for name, row in self.squares.items()},
            self.most_unlearned,
            _added_if(self.failures, other.failures),
            _added_if(self.failed_sums, other.failed_sums),
            _added_if(self.failed_squares, other.failed_squares),
            _joined(self.each, other.each),
        )

    def _question(self) -> tuple[int, int | None, list[int]]:
        return self.num_skills, self.most_unlearned, self.num_texts.tolist()


def _mean(totals: Sequence[int], number: int) -> np.ndarray:
    return np.array([total / number for total in totals])


def _added(one: Sequence[int], other: Sequence[int]) -> tuple[int, ...]:
    return tuple(a + b for a, b in zip(one, other, strict=True))


def _added_if(one: Sequence[int] | None, other: Sequence[int] | None) -> tuple[int, ...] | None:
    return None if one is None or other is None else _added(one, other)


def _joined(
    one: Mapping[str, np.ndarray] | None, other: Mapping[str, np.ndarray] | None
) -> dict[str, np.ndarray] | None:
    if one is None or other is None:
        return None
    return {name: np.concatenate([rows, other[name]]) for name, rows in one.items()}
