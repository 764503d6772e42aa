"""The run directory of a study: the resolved study, the ledger, the results."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from skillgraph.records import write_whole
from skillgraph.studies.identity import differences, identity
from skillgraph.studies.ledger import Ledger
from skillgraph.studies.standing import Standing
from skillgraph.studies.study_file import Study, load_study, parse_study

__all__ = ["Run", "find_run", "open_run", "read_ledger"]

_RECORD = "study.json"


@dataclass(frozen=True, eq=False)
class Run:
    """A study with its run directory.

    Attributes
    ----------
    study : Study
    directory : Path
        Holds study.json, ledger/, logs/ and the results.
    folder : Path
        Where modules of the user are looked for first: the folder of the study file.
    """

    study: Study
    directory: Path
    folder: Path

    @property
    def ledger(self) -> Path:
        """Folder of the segments."""
        return self.directory / "ledger"

    @property
    def identity(self) -> dict[str, Any]:
        """What units of this run depend on."""
        return identity(self.study, self.folder)


def find_run(target: Path, overrides: Sequence[str] = (), directory: Path | None = None) -> Run:
    """Read a study file or a run directory; nothing is written.

    Parameters
    ----------
    target : Path
        A study file (its run directory is NAME.run beside it unless given) or a run directory.
    overrides : sequence of str
        ``"precision.batch=32"``; for study files.
    directory : Path, optional
        Another run directory.

    Returns
    -------
    Run

    Raises
    ------
    ValueError
        If there is no such study, or it is wrong.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from skillgraph.studies.template import write_template
    >>> with TemporaryDirectory() as folder:
    ...     path = write_template(Path(folder, 'small.toml'))
    ...     run = find_run(path)
    >>> run.study.name
    'small'
    """
    if target.is_dir():
        record = target / _RECORD
        if not record.is_file():
            raise ValueError(f"{target} is no run directory: it has no {_RECORD}")
        kept = json.loads(record.read_text(encoding="utf-8"))
        study = parse_study(kept["study"]) if not overrides else _overridden(kept["study"], record, overrides)
        return Run(study, directory or target, Path(kept["folder"]))
    if not target.is_file():
        raise ValueError(f"{target}: no such study file or run directory")
    study = load_study(target, overrides)
    return Run(study, directory or target.with_suffix(".run"), target.resolve().parent)


def _overridden(record: dict[str, Any], path: Path, overrides: Sequence[str]) -> Study:
    raise ValueError(
        f"--set changes a study file, and {path.parent} is a run directory of a resolved study: "
        f"change the file and run it again (got --set {overrides[0]})"
    )


def open_run(run: Run) -> None:
    """Make the run directory and store the resolved study.

    Parameters
    ----------
    run : Run

    Returns
    -------
    None

    Raises
    ------
    ValueError
        If the directory holds another study: what differs is named.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from skillgraph.studies.template import write_template
    >>> with TemporaryDirectory() as folder:
    ...     path = write_template(Path(folder, 'small.toml'))
    ...     run = find_run(path)
    ...     open_run(run)
    ...     made = run.directory.is_dir()
    >>> made
    True
    """
    record = run.directory / _RECORD
    if record.is_file():
        kept = json.loads(record.read_text(encoding="utf-8"))
        what = differences(run.identity, kept["identity"])
        if what:
            raise ValueError(
                f"{run.directory} holds results of another study, which do not mix: {'; '.join(what)}; "
                "give another --directory, or undo the change"
            )
    run.ledger.mkdir(parents=True, exist_ok=True)
    text = json.dumps(
        {"study": run.study.model_dump(mode="json"), "identity": run.identity, "folder": str(run.folder)}, indent=1
    )
    write_whole(record, lambda temporary: temporary.write_text(text + "\n", encoding="utf-8"))


def read_ledger(run: Run) -> tuple[Ledger, Standing]:
    """Read all that is recorded.

    Parameters
    ----------
    run : Run

    Returns
    -------
    tuple of (Ledger, Standing)

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from skillgraph.studies.template import write_template
    >>> with TemporaryDirectory() as folder:
    ...     path = write_template(Path(folder, 'small.toml'))
    ...     run = find_run(path)
    ...     open_run(run)
    ...     ledger, standing = read_ledger(run)
    >>> ledger is not None
    True
    """
    ledger, standing = Ledger(run.ledger, run.identity), Standing(run.study)
    standing.take(ledger.refresh())
    return ledger, standing
