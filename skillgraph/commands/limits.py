"""``skillgraph limits``: E(N, P, K), its limits, Lipschitz numbers and laws."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import numpy as np

from skillgraph.commands.options import output_options
from skillgraph.commands.output import print_json
from skillgraph.records import write_csv


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
    from skillgraph.limits.spec import read_spec

    spec = read_spec(spec_path)
    result = _compute(spec)
    if csv_path is not None:
        if result["surface"] is None:
            raise ValueError("--csv writes the surface: give a section [surface]")
        write_csv(csv_path, _COLUMNS, _surface_rows(result["surface"]))
    if figure_path is not None:
        _draw(result, figure_path)
    if as_json:
        print_json(_record(result))
    else:
        _print(result)
    return 0


def _compute(spec: Any) -> dict[str, Any]:
    from skillgraph.limits.paths import limit_study

    wants_limits = spec.ratios is not None
    surface = _surface(spec) if spec.surface is not None else None
    return {
        "model": spec.model,
        "surface": surface,
        "limits": limit_study(spec.model, spec.ratios, spec.exponents) if wants_limits else None,
        "dynamics": _dynamics(spec.dynamics) if spec.dynamics is not None else None,
        "laws": _laws(spec.laws, surface) if spec.laws is not None else None,
    }


def _surface(spec: Any) -> dict[str, Any]:
    from skillgraph.limits.surface import theory_surface

    theory = theory_surface(spec.model, spec.surface.where)
    if not spec.surface.replicates:
        return {"theory": theory, "simulation": None, "z_score": None}
    from skillgraph.limits.simulate import simulated_surface, surface_z_scores

    measured = simulated_surface(
        spec.model, spec.surface.where, replicates=spec.surface.replicates, seed=spec.surface.seed
    )
    return {"theory": theory, "simulation": measured, "z_score": surface_z_scores(measured, theory)}


def _dynamics(spec: Any) -> list[dict[str, Any]]:
    from skillgraph.limits.lipschitz import lipschitz_numbers
    from skillgraph.limits.verdicts import limit_in_rounds

    rows = []
    for known, learning in zip(spec.known, spec.maps(), strict=True):
        numbers = lipschitz_numbers(learning)
        rows.append({"known": known, "rounds": limit_in_rounds(learning, spec.rounds), "lipschitz": numbers})
    return rows


def _laws(spec: Any, surface: dict[str, Any] | None) -> Any:
    from skillgraph.limits.law_tables import read_law_table
    from skillgraph.limits.laws_fit import compare_laws, law_table, split_by_scale

    if spec.table is not None:
        table = read_law_table(spec.table, spec.columns, spec.where)
    else:
        assert surface is not None
        one = surface["simulation"] or surface["theory"]
        where, finite = one.points, np.isfinite(one.points.steps)
        steps = np.where(finite, where.steps, 4 * where.steps[finite].max(initial=1.0))
        table = law_table(where.data_size, where.model_size, steps, performance=one.performance, name="surface")
    train, held_out = split_by_scale(table, spec.hold_out)
    return compare_laws(train, held_out, floor=spec.floor, seed=spec.seed, resamples=spec.resamples)


_COLUMNS = ("data", "model", "steps", "performance", "loss", "simulated", "standard_error", "z_score")


def _surface_rows(surface: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    theory, measured = surface["theory"], surface["simulation"]
    for place in range(theory.performance.size):
        beside = (None, None, None)
        if measured is not None:
            beside = (measured.performance[place], measured.standard_error[place], surface["z_score"][place])
        where = theory.points
        yield (
            where.data_size[place],
            where.model_size[place],
            "inf" if np.isinf(where.steps[place]) else where.steps[place],
            theory.performance[place],
            theory.loss[place],
            *beside,
        )


def _record(result: dict[str, Any]) -> dict[str, Any]:
    """Return the record that ``--json`` prints; sections that were not asked for are null."""
    surface, limits, laws = result["surface"], result["limits"], result["laws"]
    model = result["model"]
    return {
        "model": None
        if model is None
        else {
            "skills_per_text": str(model.skills_per_text),
            "skill_popularity": str(model.popularity),
            "num_skills": model.popularity.size,
            "damping": model.damping,
            "model_size_means": model.model_size_means,
            "steps_mean": model.steps_mean,
        },
        "surface": None
        if surface is None
        else [dict(zip(_COLUMNS, row, strict=True)) for row in _surface_rows(surface)],
        "limits": None
        if limits is None
        else {
            "iterated": [{"order": list(order), "verdict": verdict} for order, verdict in limits.iterated.items()],
            "rays": limits.rays,
            "joint": limits.joint,
        },
        "dynamics": result["dynamics"],
        "laws": laws,
        "reason": "sections that are null were not in the specification",
    }


def _draw(result: dict[str, Any], path: Path) -> None:
    from skillgraph.figures import style as plotting
    from skillgraph.figures.limits import draw_limits
    from skillgraph.records import write_whole

    drawn = draw_limits(result["surface"], result["laws"])
    write_whole(path, lambda temporary: plotting.save(drawn, temporary))


def _print(result: dict[str, Any]) -> None:
    """Print tables for a person."""
    if result["model"] is not None:
        click.echo(f"P is {result['model'].model_size_means}")
        click.echo(f"K is {result['model'].steps_mean}")
    if result["surface"] is not None:
        _print_surface(result["surface"])
    if result["limits"] is not None:
        click.echo("limits")
        for verdict in (*result["limits"].iterated.values(), *result["limits"].rays):
            click.echo(f"  {verdict.sentence}")
        click.echo(f"  joint limit: {result['limits'].joint.kind}: {result['limits'].joint.sentence}")
    for row in result["dynamics"] or []:
        numbers = row["lipschitz"]
        click.echo(
            f"known {row['known']:g}: {row['rounds'].sentence}; Lip {numbers.global_number:.6g}, pointed "
            f"{numbers.pointed_number:.6g}, asymptotic {numbers.asymptotic_number:.6g}, "
            f"{len(numbers.fixed_points)} fixed point{'s' if len(numbers.fixed_points) > 1 else ''}"
        )
    if result["laws"] is not None:
        _print_laws(result["laws"])


def _print_surface(surface: dict[str, Any]) -> None:
    click.echo(f"{'data':>10} {'model':>10} {'steps':>6}  {'E':>9} {'1 - E':>10}  {'simulated':>9} {'z':>6}")
    for data, model, steps, value, loss, simulated, _, z in _surface_rows(surface):
        beside = "" if simulated is None else f"  {simulated:9.5f} {'-' if np.isnan(z) else f'{z:+.2f}':>6}"
        click.echo(f"{data:10.6g} {model:10.6g} {steps!s:>6.6}  {value:9.6f} {loss:10.4g}{beside}")


def _print_laws(laws: Any) -> None:
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
