"""``skillgraph reproduce``: recompute a figure and compare its numbers."""

from __future__ import annotations

import time
from pathlib import Path

import click

from skillgraph import reproduce as experiments
from skillgraph.commands.output import json_option, print_envelope


@click.command(name="reproduce")
@click.argument("name", default="")
@click.option("--quick", is_flag=True, help="Small sizes: all experiments in minutes.")
@click.option("--published", is_flag=True, help="Check the numbers of a published figure as printed, not as corrected.")
@click.option("--output", type=click.Path(path_type=Path), default=Path("figures"), help="Folder (default figures).")
@json_option
def command(name: str, quick: bool, published: bool, output: Path, as_json: bool) -> int:
    """Recompute the figure NAME, or all; without NAME, list what there is.

    Writes NAME.pdf, NAME.png, NAME.json (every number drawn) and NAME.csv (expected, ours, difference, tolerance).
    Exit code 1 if a number is outside its tolerance.
    """
    if not name:
        return _list(as_json)
    names = list(experiments.available()) if name == "all" else [name]
    outcomes = [outcome for one in names if (outcome := _run(one, output, quick, published, as_json)) is not None]
    if as_json:
        print_envelope("reproduce", experiments.Reproductions(None, tuple(outcomes)))
    return 0 if all(outcome.holds for outcome in outcomes) else 1


def _list(as_json: bool) -> int:
    known = experiments.available()
    if as_json:
        print_envelope("reproduce", experiments.Reproductions(known, ()))
    else:
        click.echo("\n".join(f"{name:<28}  {purpose}" for name, purpose in known.items()))
    return 0


def _run(name: str, output: Path, quick: bool, published: bool, as_json: bool) -> experiments.Reproduction | None:
    start = time.perf_counter()
    try:
        outcome = experiments.reproduce(name, output, quick=quick, published=published)
    except experiments.MissingDataError as missing:
        click.echo(f"{name}: skipped: {missing}", err=True)
        return None
    if not as_json:
        click.echo(f"{name}: {time.perf_counter() - start:.1f} s, {output / name}.pdf")
        _print_checks(outcome)
    return outcome


def _print_checks(outcome: experiments.Reproduction) -> None:
    width = max((len(check.quantity) for check in outcome.checks), default=8)
    click.echo(f"  {'quantity':<{width}}  {'expected':>14} {'ours':>14} {'difference':>11} {'tolerance':>10}")
    for c in outcome.checks:
        verdict = "" if c.holds else "  OUTSIDE"
        click.echo(
            f"  {c.quantity:<{width}}  {c.expected:>14.8g} {c.ours:>14.8g} {c.difference:>11.2e} {c.tolerance:>10.2g}"
            f"{verdict}"
        )
