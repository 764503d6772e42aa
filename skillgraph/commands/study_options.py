"""What the study commands share: target, overrides, progress, and how a run ends."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from skillgraph.commands.output import print_envelope
from skillgraph.studies.defaults import PATIENCE, PROGRESS_MODES

if TYPE_CHECKING:
    from skillgraph.studies.rundir import Run
    from skillgraph.studies.work import WorkOutcome

__all__ = [
    "directory_option",
    "end",
    "patience_option",
    "progress_option",
    "set_option",
    "target_argument",
    "target_of",
]

Command = TypeVar("Command", bound=Callable[..., Any])

target_argument = click.argument("target", metavar="STUDY", type=click.Path(path_type=Path))
set_option = click.option(
    "--set", "overrides", multiple=True, metavar="KEY=VALUE", help="Override, e.g. precision.batch=32 (repeatable)."
)
directory_option = click.option(
    "--directory", type=click.Path(path_type=Path, file_okay=False), help="Run directory (default NAME.run)."
)
progress_option = click.option(
    "--progress",
    type=click.Choice(PROGRESS_MODES),
    default="auto",
    help="A bar on a terminal, a line every 30 s elsewhere.",
)
patience_option = click.option(
    "--patience",
    type=click.FloatRange(min=0.5),
    default=PATIENCE,
    metavar="SECONDS",
    help="Silence after which another worker is taken for dead (default 30).",
)


def target_of(target: Path, overrides: tuple[str, ...] = (), directory: Path | None = None) -> Run:
    """Return the run that a command names."""
    from skillgraph.studies.rundir import find_run

    return find_run(target, overrides, directory)


def end(run: Run, outcome: WorkOutcome, command: str, as_json: bool = False) -> int:
    """Write the results of a finished run, say how it ended and return the exit code.

    0 done, 1 failed points, 3 incomplete and resumable.
    """
    from skillgraph.studies.reports import RunReport

    _say_failures(outcome)
    state, reason = outcome.state, outcome.reason or None
    files: tuple[Path, ...] = ()
    if state == "incomplete":
        click.echo(f"incomplete: {reason}; the same command resumes {run.directory}", err=True)
    else:
        state, reason, files = _finalized(run, outcome)
    told = outcome.units, outcome.capped, outcome.failures
    if as_json:
        report = RunReport(run.study.name, run.directory, state, reason, *told, files)
        print_envelope(command, report, run.study.seed)
    elif files:
        click.echo(f"{files[0]}: {outcome.units} units computed now")
    return 3 if state == "incomplete" else 1 if outcome.failures else 0


def _finalized(run: Run, outcome: WorkOutcome) -> tuple[str, str | None, tuple[Path, ...]]:
    """Write the results; return the state, why it is incomplete, and the files."""
    from skillgraph.studies.results import IncompleteError, finalize

    try:
        return outcome.state, None, finalize(run).files
    except IncompleteError as error:  # the file system does not show yet what other workers recorded
        click.echo(f"incomplete: {error}", err=True)
        return "incomplete", str(error), ()


def _say_failures(outcome: WorkOutcome) -> None:
    shown = list(outcome.failures.items())
    for point, message in shown[:10]:
        click.echo(f"failed: {point}: {message}", err=True)
    if len(shown) > 10:
        click.echo(f"failed: and {len(shown) - 10} points more", err=True)
    if outcome.capped:
        click.echo(
            f"{outcome.capped} points stopped at maximum_batches short of their target: see column stopped", err=True
        )
