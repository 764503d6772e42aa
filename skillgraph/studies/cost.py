"""What a study will cost: grid and memory by arithmetic, time and batches by a pilot of seconds."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import TimeoutError as LateError
from typing import Any

from skillgraph.records import Record
from skillgraph.studies.defaults import BUILT_IN
from skillgraph.studies.engines import Processes, one_thread_each
from skillgraph.studies.points import Point, study_points
from skillgraph.studies.rundir import Run
from skillgraph.studies.stopping import look, looks
from skillgraph.studies.tallies import read_tallies
from skillgraph.studies.units import Job

__all__ = ["StudyCost", "pilot", "study_cost"]

_BYTES_PER_EDGE, _BYTES_PER_NODE = 16, 48  # both directions with offsets; learning and component state
_LONGEST_UNIT = 600.0


class StudyCost(Record):
    """Size of a study and an estimate of its cost.

    Attributes
    ----------
    points : int
    least_units, most_units : int
        With minimum_batches and with maximum_batches at every point.
    megabytes_per_graph : float or None
        Of the largest graph; None for a model of the user.
    pilot_units : int
    seconds_per_unit, estimated_units, estimated_cpu_hours : float or None
        From the pilot; None without.
    failures : dict
        Point that failed in the pilot to message.
    """

    points: int
    least_units: int
    most_units: int
    megabytes_per_graph: float | None
    pilot_units: int
    seconds_per_unit: float | None
    estimated_units: int | None
    estimated_cpu_hours: float | None
    failures: dict[str, str]


def pilot(run: Run, seconds: float) -> list[tuple[Point, list[dict[str, Any]]]]:
    """Compute the first two units of points spread over the grid, in a process of its own, for some seconds.

    Raises
    ------
    ValueError
        If the model does not import, or one unit takes longer than ten minutes.
    """
    study = run.study
    found: list[tuple[Point, list[dict[str, Any]]]] = []
    deadline = math.inf
    with one_thread_each():
        engine = Processes(1)
        try:
            for point in _spread(study_points(study)):
                if time.monotonic() > deadline:
                    break
                number = max(2, -(-2 // study.precision.batch))
                units = tuple(((point.key, batch), point.parameters) for batch in range(number))
                job = Job(
                    study.model.function,
                    str(run.folder),
                    study.seed,
                    study.precision.batch,
                    tuple(study.measures),
                    units,
                )
                found.append((point, engine.submit(job).result(timeout=_LONGEST_UNIT)))
                deadline = min(deadline, time.monotonic() + seconds)  # compilation is not counted
        except LateError:
            raise ValueError(f"one unit takes longer than {_LONGEST_UNIT:g} s: make precision.batch smaller") from None
        finally:
            engine.close(kill=True)
    return found[1:] if len(found) > 1 else found


def _spread(everything: Sequence[Point]) -> list[Point]:
    """Order points so that the first few lie spread over the grid."""
    number = len(everything)
    step = max(1, round(number * 0.6180339887))
    while math.gcd(step, number) != 1:
        step += 1
    return [everything[place * step % number] for place in range(number)]


def study_cost(run: Run, tried: Sequence[tuple[Point, list[dict[str, Any]]]]) -> StudyCost:
    """Sum up size and cost of a study from its pilot."""
    study = run.study
    everything = study_points(study)
    number, precision = len(everything), study.precision
    units = [record for _, records in tried for record in records if record["kind"] == "unit"]
    failures = {
        str(point): record["error"] for point, records in tried for record in records if record["kind"] == "failure"
    }
    graphs = [_megabytes(point.parameters) for point in everything] if study.model.function == BUILT_IN else []
    seconds = sum(record["seconds"] for record in units) / len(units) if units else None
    needed, hours = _estimate(run, tried, number)
    return StudyCost(
        number,
        number * precision.minimum_batches,
        number * precision.maximum_batches,
        max((one for one in graphs if one is not None), default=None),
        len(units),
        seconds,
        needed,
        hours,
        failures,
    )


def _estimate(
    run: Run, tried: Sequence[tuple[Point, list[dict[str, Any]]]], number: int
) -> tuple[int | None, float | None]:
    batches, seconds = [], []
    for _, records in tried:
        if any(record["kind"] == "failure" for record in records):
            continue
        batches.append(_batches(run, records))
        seconds.append(batches[-1] * sum(record["seconds"] for record in records) / len(records))
    if not batches:
        return None, None
    return round(number * sum(batches) / len(batches)), number * sum(seconds) / len(seconds) / 3600


def _batches(run: Run, records: Sequence[Mapping[str, Any]]) -> int:
    """Estimate how many batches a point needs from the width of its first intervals."""
    seen = look(run.study, [read_tallies(record["tallies"]) for record in records])
    widths = ((seen.estimates[name].worst_half_width, one.half_width) for name, one in run.study.measures.items())
    ratio = max((width / target for width, target in widths if target is not None), default=0.0)
    needed = len(records) * ratio**2 if math.isfinite(ratio) else math.inf
    return next((one for one in looks(run.study.precision) if one >= needed), run.study.precision.maximum_batches)


def _megabytes(parameters: Mapping[str, Any]) -> float | None:
    """Estimate the memory of one graph; None where the parameters do not tell."""
    from skillgraph.studies.model_size import expected_edges

    edges = expected_edges(parameters)
    if edges is None:
        return None
    ratio = parameters["texts_per_skill_ratio"]
    nodes = parameters["num_skills"] * (1 + (max(ratio) if isinstance(ratio, list) else ratio))
    return (edges * _BYTES_PER_EDGE + nodes * _BYTES_PER_NODE) / 1e6
