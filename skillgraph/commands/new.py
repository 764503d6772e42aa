"""``skillgraph new``: a study file to start from."""

from __future__ import annotations

from pathlib import Path

import click

from skillgraph.commands.output import json_option, print_envelope
from skillgraph.studies.template import write_template


@click.command(name="new")
@click.argument("path", metavar="STUDY.toml", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--force", is_flag=True, help="Replace an existing file.")
@json_option
def command(path: Path, force: bool, as_json: bool) -> int:
    """Write a commented study file to start from."""
    if path.suffix != ".toml":
        raise click.UsageError(f'a study file ends in .toml, got "{path}"')
    if path.exists() and not force:
        raise click.UsageError(f"{path} exists: choose another name, or --force")
    write_template(path)
    if as_json:
        from skillgraph.studies.reports import NewStudy

        print_envelope("new", NewStudy(path))
    else:
        click.echo(f"{path}: now skillgraph check {path}")
    return 0
