"""Parameter studies: adaptive, resumable, the same numbers here, on Slurm and on Dask."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from skillgraph.studies.results import IncompleteError, Results, finalize
    from skillgraph.studies.rundir import Run, find_run, open_run, read_ledger
    from skillgraph.studies.runner import run_study
    from skillgraph.studies.standing import Standing
    from skillgraph.studies.study_file import Study, load_study, parse_study, schema
    from skillgraph.studies.tallies import Share
    from skillgraph.studies.work import Outcome

__all__ = [
    "IncompleteError",
    "Outcome",
    "Results",
    "Run",
    "Share",
    "Standing",
    "Study",
    "finalize",
    "find_run",
    "load_study",
    "open_run",
    "parse_study",
    "read_ledger",
    "run_study",
    "schema",
]

_HOMES = {
    "results": ("IncompleteError", "Results", "finalize"),
    "rundir": ("Run", "find_run", "open_run", "read_ledger"),
    "runner": ("run_study",),
    "standing": ("Standing",),
    "study_file": ("Study", "load_study", "parse_study", "schema"),
    "tallies": ("Share",),
    "work": ("Outcome",),
}


def __getattr__(name: str) -> Any:
    for home, names in _HOMES.items():
        if name in names:
            return getattr(importlib.import_module(f"skillgraph.studies.{home}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
