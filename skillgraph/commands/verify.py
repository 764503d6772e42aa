"""``skillgraph verify``: is the ledger whole, and do random units come out again, bit for bit?"""

from __future__ import annotations

from pathlib import Path

import click

from skillgraph.commands.options import COUNT, SEED
from skillgraph.commands.output import json_option, print_envelope
from skillgraph.commands.study_options import directory_option, target_argument, target_of


@click.command(name="verify")
@target_argument
@directory_option
@click.option("--units", type=COUNT, default=10, metavar="K", help="Random units to compute again (default 10).")
@click.option("--seed", type=SEED, help="Which units (default: the seed of the study).")
@json_option
def command(target: Path, directory: Path | None, units: int, seed: int | None, as_json: bool) -> int:
    """Check every line of the ledger of STUDY and compute K recorded units again.

    Exit code 1 if a line is damaged, a unit differs, or results.csv is not what the ledger gives.
    """
    from skillgraph.studies.engines import one_thread_each
    from skillgraph.studies.verify import verify

    run = target_of(target, directory=directory)
    root = run.study.seed if seed is None else seed
    with one_thread_each():
        found = verify(run, units, seed=root)
    if as_json:
        print_envelope("verify", found, root)
        return 0 if found.holds else 1
    for note in (*found.notes, *found.different):
        click.echo(note)
    click.echo(f"{found.recorded} units recorded, {found.computed} computed again, {len(found.different)} different")
    click.echo(f"results.csv {found.results}")
    return 0 if found.holds else 1
