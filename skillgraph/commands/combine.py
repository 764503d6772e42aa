"""``skillgraph combine``: one run directory of several, computed apart."""

from __future__ import annotations

from pathlib import Path

import click

from skillgraph.commands.output import json_option, print_envelope
from skillgraph.commands.study_options import target_of


@click.command(name="combine")
@click.argument("sources", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--into", type=click.Path(path_type=Path, file_okay=False), required=True, help="Run directory to fill.")
@json_option
def command(sources: tuple[Path, ...], into: Path, as_json: bool) -> int:
    """Copy what the run directories SOURCES hold of one study into another; units counted twice count once.

    The first of SOURCES (or what INTO holds already) says which study it is; another study is refused.
    """
    from skillgraph.studies.compact import combine

    merged = combine([target_of(source) for source in sources], into)
    if as_json:
        print_envelope("combine", merged, target_of(into).study.seed)
    else:
        click.echo(merged.message)
    return 0
