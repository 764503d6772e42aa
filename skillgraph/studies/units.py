"""What a worker is sent and what it returns: a few units of work, each a pure function of its address."""

from __future__ import annotations

import importlib
import inspect
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from skillgraph.seeding import generator
from skillgraph.studies.defaults import BUILT_IN
from skillgraph.studies.tallies import tally

if TYPE_CHECKING:
    from skillgraph.studies.points import Unit

__all__ = ["Job", "ModelError", "compute"]


class ModelError(ValueError):
    """The model cannot be called at all: no point can be computed."""


@dataclass(frozen=True, eq=False)
class Job:
    """Units to be computed one after the other in one process.

    Attributes
    ----------
    function : str
        ``"skillgraph"`` or ``"module:function"``.
    folder : str
        Where modules of the user are looked for first.
    seed, batch : int
    measures : tuple of str
    units : tuple
        (unit, parameters of its point).
    """

    function: str
    folder: str
    seed: int
    batch: int
    measures: tuple[str, ...]
    units: tuple[tuple[Unit, dict[str, Any]], ...]


def compute(job: Job) -> list[dict[str, Any]]:
    """Compute the units of a job and return their records for the ledger.

    Raises
    ------
    ModelError
        If the model does not import or cannot be called.
    """
    model = _load(job.function, job.folder, job.measures)
    return [_record(model, job, unit, parameters) for unit, parameters in job.units]


def _record(model: Callable[..., Any], job: Job, unit: Unit, parameters: Mapping[str, Any]) -> dict[str, Any]:
    key, batch = unit
    cpu, wall = time.thread_time(), time.perf_counter()
    try:
        rng = generator(job.seed, key, batch)
        results = [model(rng, **parameters) for _ in range(job.batch)]
        tallies = {name: tally([_measured(one, name) for one in results]).record() for name in job.measures}
    except Exception as error:  # whatever the model raises is recorded under its point, and the others go on
        return {"kind": "failure", "point": key, "batch": batch, "error": f"{type(error).__name__}: {error}"}
    return {
        "kind": "unit",
        "point": key,
        "batch": batch,
        "tallies": tallies,
        "seconds": round(time.thread_time() - cpu, 6),
        "wall": round(time.perf_counter() - wall, 6),
        "time": round(time.time(), 3),
    }


def _measured(result: Any, name: str) -> Any:
    if not isinstance(result, Mapping):
        raise ValueError(f"a model must return a mapping of measures, got {type(result).__name__}")
    if name not in result:
        raise ValueError(f'the model returned no measure "{name}": it has {", ".join(map(str, result))}')
    return result[name]


def _load(function: str, folder: str, measures: tuple[str, ...]) -> Callable[..., Any]:
    if function == BUILT_IN:
        from skillgraph.studies.model import replicate

        return lambda rng, **parameters: replicate(rng, measures=measures, **parameters)
    module_name, _, name = function.partition(":")
    if folder not in sys.path:
        sys.path.insert(0, folder)
    try:
        module = importlib.import_module(module_name)
    except Exception as error:
        text = f"{type(error).__name__}: {error}"
        raise ModelError(f'module "{module_name}" of the model does not import: {text}') from None
    found = getattr(module, name, None)
    if not callable(found):
        known = ", ".join(one for one, value in vars(module).items() if inspect.isfunction(value)) or "none"
        raise ModelError(f'module "{module_name}" has no function "{name}": it has {known}')
    model: Callable[..., Any] = found
    return model
