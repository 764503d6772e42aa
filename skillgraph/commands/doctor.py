"""``skillgraph doctor``: is this machine, and this folder, fit for studies?"""

from __future__ import annotations

from pathlib import Path

import click

from skillgraph.commands.output import json_option, print_envelope


@click.command(name="doctor")
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False), default=Path("."))
@json_option
def command(folder: Path, as_json: bool) -> int:
    """Examine software, processors, the file system of FOLDER, Slurm and Dask. Exit code 1 if something is broken."""
    from skillgraph.studies.doctor import examine
    from skillgraph.studies.reports import Examination

    found = Examination(folder, tuple(examine(folder)))
    if as_json:
        print_envelope("doctor", found)
    else:
        for one in found.findings:
            click.echo(f"{one.verdict:<7} {one.what:<22} {one.found}")
    return 1 if found.broken else 0
