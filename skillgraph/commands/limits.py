"""``skillgraph limits``: E(N, P, K), its limits, Lipschitz numbers and laws."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
import numpy as np

from skillgraph.commands.options import output_options
from skillgraph.commands.output import print_envelope, write_figure
from skillgraph.records import write_columns

if TYPE_CHECKING:
    from skillgraph.limits.laws_fit import LawComparison
    from skillgraph.limits.overview import LimitsOverview, SurfaceComparison
    from skillgraph.limits.spec import LimitsSpec


@click.command(name="limits")
@click.argument("spec_path", metavar="SPEC.toml", type=click.Path(path_type=Path))
@output_options
def command(spec_path: Path, as_json: bool, csv_path: Path | None, figure_path: Path | None) -> int:
    """Performance E(N, P, K) of data size, model size and training steps: do its limits exist, and by which law?

    SPEC.toml has sections: [model] what is learned; [surface] sizes, with replicates for a simulation beside theory;
    [limits] rays besides the six iterated limits; [dynamics] an ensemble whose Lipschitz numbers and rounds are judged;
    [laws] a table of data, model, steps, performance (or the surface) on which laws are compared. docs/limits.md has
    examples.
    """
    from skillgraph.limits.overview import limits_overview
    from skillgraph.limits.spec import read_spec

    spec = read_spec(spec_path)
    result = limits_overview(spec)
    if csv_path is not None:
        if result.surface is None:
            raise ValueError("--csv writes the surface: give a section [surface]")
        write_columns(csv_path, result.surface.columns())
    if figure_path is not None:
        write_figure(figure_path, result)
    if as_json:
        print_envelope("limits", result, _seed(spec))
    else:
        _print(result)
    return 0


def _seed(spec: LimitsSpec) -> int | None:
    """Return the seed of the surface, or that of the intervals of laws where nothing else is drawn."""
    if spec.surface is not None and spec.surface.replicates:
        return spec.surface.seed
    return None if spec.laws is None else spec.laws.seed


def _print(result: LimitsOverview) -> None:
    """Print tables for a person."""
    if result.model is not None:
        click.echo(f"P is {result.model.model_size_means}")
        click.echo(f"K is {result.model.steps_mean}")
    if result.surface is not None:
        _print_surface(result.surface)
    if result.limits is not None:
        click.echo("limits")
        for verdict in (*result.limits.iterated.values(), *result.limits.rays):
            click.echo(f"  {verdict.sentence}")
        click.echo(f"  joint limit: {result.limits.joint.kind}: {result.limits.joint.sentence}")
    for row in result.dynamics:
        numbers = row.lipschitz
        click.echo(
            f"known {row.known:g}: {row.limit_in_rounds.sentence}; Lip {numbers.global_number:.6g}, pointed "
            f"{numbers.pointed_number:.6g}, asymptotic {numbers.asymptotic_number:.6g}, "
            f"{len(numbers.fixed_points)} fixed point{'s' if len(numbers.fixed_points) > 1 else ''}"
        )
    if result.laws is not None:
        _print_laws(result.laws)


def _print_surface(surface: SurfaceComparison) -> None:
    click.echo(f"{'data':>10} {'model':>10} {'steps':>6}  {'E':>9} {'1 - E':>10}  {'simulated':>9} {'z':>6}")
    for data, model, steps, value, loss, simulated, _, z in zip(*surface.columns().values(), strict=True):
        beside = "" if np.isnan(simulated) else f"  {simulated:9.5f} {'-' if np.isnan(z) else f'{z:+.2f}':>6}"
        click.echo(f"{data:10.6g} {model:10.6g} {steps!s:>6.6}  {value:9.6f} {loss:10.4g}{beside}")


def _print_laws(laws: LawComparison) -> None:
    click.echo(f"laws: {laws.training} training points, {laws.held_out} held out on larger scales")
    click.echo(f"  {'form':<18} {'AICc':>9} {'train rms':>9} {'held-out':>9} {'score':>8} {'condition':>9}  exponents")
    for fit in laws.fits:
        shown = ", ".join(
            f"{k} = {v:.4g}" + (" [{:.4g}, {:.4g}]".format(*fit.intervals[k]) if k in fit.intervals else "")
            for k, v in fit.parameters.items()
            if k in ("a", "b", "s", "beta")
        )
        click.echo(
            f"  {fit.form:<18} {fit.aicc:9.1f} {fit.train_rms:9.4f} {fit.held_out_rms:9.4f} "
            f"{fit.held_out_score:8.2f} {fit.condition_number:9.2g}  {shown}"
        )
    click.echo(f"  verdict: {laws.winner or 'undecided'}" + "".join(f"; {reason}" for reason in laws.reasons))
