"""``skillgraph doctor``: is this machine, and this folder, fit for studies?"""

from __future__ import annotations

from pathlib import Path

import click

from skillgraph.commands.output import print_json


@click.command(name="doctor")
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False), default=Path("."))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(folder: Path, as_json: bool) -> int:
    """Examine software, processors, the file system of FOLDER, Slurm and Dask. Exit code 1 if something is broken."""
    from skillgraph.studies.doctor import examine

    findings = examine(folder)
    if as_json:
        print_json({"findings": [vars(one) for one in findings]})
    else:
        for one in findings:
            click.echo(f"{one.verdict:<7} {one.what:<22} {one.found}")
    return 1 if any(one.verdict == "broken" for one in findings) else 0
