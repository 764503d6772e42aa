"""What the study commands report, as records."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

from skillgraph.records import Record
from skillgraph.studies.cost import StudyCost
from skillgraph.studies.doctor import Finding
from skillgraph.studies.status import Status

__all__ = ["CostReport", "Examination", "NewStudy", "PrintedSchema", "RunReport"]
__all__ += ["StatusReport", "StudyFigures", "SubmissionReport"]


class RunReport(Record):
    """How a run, or one worker of it, ended.

    Attributes
    ----------
    study : str
    directory : Path
    state : {"done", "failed", "incomplete"}
    reason : str or None
        Why it is incomplete.
    units : int
        Units computed now.
    capped : int
        Points that stopped at maximum_batches short of their target.
    failures : dict
        Failed point to message.
    files : tuple of Path
        Results written.
    """

    study: str
    directory: Path
    state: str
    reason: str | None
    units: int
    capped: int
    failures: dict[str, str]
    files: tuple[Path, ...]


class SubmissionReport(Record):
    """What was handed to Slurm.

    Attributes
    ----------
    study : str
    directory : Path
    script : str
        The batch script, "" where nothing was left to submit.
    jobs : tuple of str
        Numbers of the job arrays; none in a dry run or where nothing was left to submit.
    workers : int
        Of each array.
    queued : tuple of str
        Jobs of this study that were in the queue already.
    complete : bool
        Whether nothing was left to submit.
    """

    study: str
    directory: Path
    script: str
    jobs: tuple[str, ...]
    workers: int
    queued: tuple[str, ...]
    complete: bool


class StatusReport(Record):
    """Where a study stands, by its ledger and by Slurm."""

    study: str
    directory: Path
    status: Status
    queued: tuple[str, ...]


class CostReport(Record):
    """What a study will cost, and which model it runs."""

    study: str
    function: str
    cost: StudyCost


class StudyFigures(Record):
    """Figures drawn from the results of a study."""

    study: str
    files: tuple[Path, ...]


class NewStudy(Record):
    """A study file to start from."""

    file: Path


class Examination(Record):
    """What was found of a machine and a folder."""

    folder: Path
    findings: tuple[Finding, ...]
    derived: ClassVar[tuple[str, ...]] = ("broken",)

    @property
    def broken(self) -> bool:
        """Whether something is broken."""
        return any(one.verdict == "broken" for one in self.findings)


class PrintedSchema(Record):
    """A JSON Schema, and what it is the schema of."""

    of: str
    json: dict[str, Any]
