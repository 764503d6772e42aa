"""``skillgraph levels``: accuracy of a task against scale, its plateaus, and the order in which skills come."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from skillgraph.commands.options import COUNT, SEED, output_options, seed_of
from skillgraph.commands.output import print_envelope, write_figure
from skillgraph.records import write_columns

if TYPE_CHECKING:
    from skillgraph.levels.overview import AcquisitionOrder, LevelsCurve, LevelsOverview


@click.command(name="levels")
@click.argument("spec", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="SPEC.toml")
@click.option("--published", is_flag=True, help="Conventions of Nayak & Varshney (2024) as released.")
@click.option("--tolerance", type=float, default=0.005, help="Half height of a plateau (default 0.005).")
@click.option("--min-decades", type=float, default=0.3, help="Shortest plateau in factors of ten (default 0.3).")
@click.option("--replicates", type=COUNT, metavar="N", help="Simulate N two-layer objects at every scale.")
@click.option("--seed", type=SEED, help="Root seed of the simulation.")
@output_options
def command(
    spec: Path,
    published: bool,
    tolerance: float,
    min_decades: float,
    replicates: int | None,
    seed: int | None,
    as_json: bool,
    csv_path: Path | None,
    figure_path: Path | None,
) -> int:
    """Accuracy of a task of composite skills against scale, and the plateaus of the curve with start, end and height.

    The file says the levels (composite skills, links, prerequisites), the weights of the task and the scales; a
    [curriculum] reads prerequisites from a table and gives the order of acquisition and the bottlenecks.
    """
    from skillgraph.levels.overview import levels_overview
    from skillgraph.levels.spec import read_spec

    root = seed_of(seed, replicates)
    asked = read_spec(spec, published=published)
    if asked.model is None and (replicates is not None or figure_path is not None or csv_path is not None):
        raise click.UsageError("--replicates, --csv and --figure need [levels] in the file")
    result = levels_overview(asked, tolerance=tolerance, min_decades=min_decades, replicates=replicates, seed=root)
    if csv_path is not None and result.curve is not None:
        write_columns(csv_path, result.curve.columns())
    if figure_path is not None:
        write_figure(figure_path, result)
    if as_json:
        print_envelope("levels", result, seed)
    else:
        _print(result)
    return 0


def _print(result: LevelsOverview) -> None:
    if result.curve is not None:
        _print_curve(result.curve)
    for one in () if result.simulated is None else result.simulated.plateaus:
        low, high = one.height
        click.echo(f"simulated plateau at {one.plateau.height:.4f} (95 %: {low:.4f} to {high:.4f})")
    if result.curriculum is not None:
        _print_order(result.curriculum)


def _print_curve(curve: LevelsCurve) -> None:
    click.echo(f"{'parameters':>12} {'tokens':>12} {'accuracy':>9}")
    step = max(1, len(curve.accuracy) // 25)
    for values in list(zip(curve.sizes.parameters, curve.sizes.tokens, curve.accuracy, strict=True))[::step]:
        click.echo(f"{values[0]:12.4g} {values[1]:12.4g} {values[2]:9.5f}")
    for place, one in enumerate(curve.plateaus, start=1):
        click.echo(f"plateau {place}: {one.start:.4g} to {one.end:.4g} parameters at accuracy {one.height:.4f}")
    if not curve.plateaus:
        click.echo("no plateau" if curve.reason is None else curve.reason)


def _print_order(found: AcquisitionOrder) -> None:
    for one in found.order:
        held = f", held up by {one.held_by}" if one.held_by else ""
        click.echo(f"{one.acquired:12g}  {one.skill}{held}")
    for name in found.never:
        click.echo(f"{'never':>12}  {name}")
    for skill in found.bottlenecks:
        click.echo(
            f"bottleneck {skill.skill}: {skill.delayed} delayed, {skill.unlocked} unlocked, {skill.saved:g} saved"
        )
