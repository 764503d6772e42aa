"""When a point is exact enough: a look at fixed numbers of batches, so the answer is a function of the study alone."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from skillgraph.records import Record
from skillgraph.studies.study_file import Precision, Study
from skillgraph.studies.tallies import Estimate, Tally, estimate

__all__ = ["Look", "look", "looks"]


class Look(Record):
    """What is known of a point after a number of batches.

    Attributes
    ----------
    batches : int
    estimates : dict
        Measure to `Estimate`.
    reached : bool
        Whether every target is met.
    """

    batches: int
    estimates: dict[str, Estimate]
    reached: bool


def looks(precision: Precision) -> tuple[int, ...]:
    """Return the numbers of batches at which a point is judged: growing geometrically to the maximum."""
    numbers = []
    batches = precision.minimum_batches
    while batches < precision.maximum_batches:
        numbers.append(batches)
        batches = max(batches + 1, math.ceil(batches * precision.growth - 1e-9))
    return (*numbers, precision.maximum_batches)


def look(study: Study, batches: Sequence[Mapping[str, Tally]]) -> Look:
    """Judge a point by the tallies of its first batches, in order."""
    confidence = study.precision.confidence
    estimates = {
        name: estimate([one[name] for one in batches], confidence, measure.interval)
        for name, measure in study.measures.items()
    }
    targets = ((estimates[name], measure.half_width) for name, measure in study.measures.items())
    reached = all(width is None or found.worst_half_width <= width for found, width in targets)
    return Look(len(batches), estimates, reached)
