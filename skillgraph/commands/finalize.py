"""``skillgraph finalize``: the results of a study, from its ledger."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import click

from skillgraph.commands.output import json_option, print_envelope
from skillgraph.commands.study_options import directory_option, target_argument, target_of


@click.command(name="finalize")
@target_argument
@directory_option
@click.option("--partial", is_flag=True, help="Write what there is; rows of unfinished points say so.")
@click.option("--arrays/--no-arrays", default=None, help="Write results.nc (default: where xarray is installed).")
@click.option("--compact", is_flag=True, help="Also merge all segments of the ledger into one.")
@json_option
def command(
    target: Path, directory: Path | None, partial: bool, arrays: bool | None, compact: bool, as_json: bool
) -> int:
    """Write results.csv, results.schema.json, results.nc and provenance.json of STUDY.

    Exit code 0 done, 1 with failed points, 3 if points are unfinished.
    """
    from skillgraph.studies.results import IncompleteError, finalize

    run = target_of(target, directory=directory)
    wanted = find_spec("xarray") is not None and find_spec("h5netcdf") is not None if arrays is None else arrays
    try:
        results = finalize(run, partial=partial, arrays=wanted or None)
    except IncompleteError as error:
        click.echo(f"skillgraph: {error}", err=True)
        return 3
    told = [str(path) for path in results.files]
    if compact:
        from skillgraph.studies.compact import compact as merge

        told.append(merge(run).message)
    if as_json:
        print_envelope("finalize", results, run.study.seed)
    else:
        click.echo("\n".join(told))
    return 3 if results.unfinished else 1 if results.failed else 0
