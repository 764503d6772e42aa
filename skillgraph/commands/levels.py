"""``skillgraph levels``: accuracy of a task against scale, its plateaus, and the order in which skills come."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import numpy as np

from skillgraph.commands.options import COUNT, SEED, output_options, seed_of
from skillgraph.commands.output import print_json
from skillgraph.records import write_csv

_SIMULATED_SKILLS = 2_000_000


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
    from skillgraph.levels.spec import read_spec

    root = seed_of(seed, replicates)
    asked = read_spec(spec, published=published)
    record: dict[str, Any] = {}
    rows: list[tuple[Any, ...]] = []
    if asked.model is not None:
        record, rows = _curve(asked, tolerance, min_decades)
        if replicates is not None:
            record["simulated"] = _simulated(asked, replicates, root, tolerance, min_decades)
    elif replicates is not None or figure_path is not None or csv_path is not None:
        raise click.UsageError("--replicates, --csv and --figure need [levels] in the file")
    if asked.curriculum is not None:
        record["curriculum"] = _order(asked)
    if csv_path is not None:
        write_csv(csv_path, _COLUMNS, rows)
    if figure_path is not None:
        _draw(record, figure_path)
    if as_json:
        print_json(record)
    else:
        _print(record)
    return 0


_COLUMNS = ("compute", "parameters", "tokens", "num_skills", "num_texts", "accuracy")


def _curve(asked: Any, tolerance: float, min_decades: float) -> tuple[dict[str, Any], list[tuple[Any, ...]]]:
    from skillgraph.levels.plateaus import find_plateaus, theoretical_heights
    from skillgraph.levels.scale import accuracy_curve, first_scale, onsets

    row = asked.scale
    curve = accuracy_curve(asked.model, asked.task, row.num_skills, row.num_texts, asked.convention)
    starts = onsets(row.parameters, curve.levels)
    enough = row.parameters.size >= 3
    found = (
        find_plateaus(row.parameters, curve.accuracy, tolerance=tolerance, min_decades=min_decades) if enough else ()
    )
    record = {
        "convention": asked.convention,
        "num_levels": len(asked.model.levels),
        "compute": row.compute,
        "parameters": row.parameters,
        "tokens": row.tokens,
        "num_skills": row.num_skills,
        "num_texts": row.num_texts,
        "accuracy": curve.accuracy,
        "parameters_at": {
            f"{share:g}": first_scale(row.parameters, curve.accuracy, share) for share in (0.1, 0.5, 0.9)
        },
        "plateaus": found,
        "reason": None if enough else "plateaus need at least 3 scales",
        "plateau_heights_from_weights": theoretical_heights(asked.task.weights, starts, min_decades=min_decades),
        "level_onsets": starts,
    }
    columns = (row.compute if row.compute is not None else np.full(row.parameters.shape, np.nan), row.parameters)
    table = zip(*columns, row.tokens, row.num_skills, row.num_texts, curve.accuracy, strict=True)
    return record, list(table)


def _simulated(asked: Any, replicates: int, seed: int, tolerance: float, min_decades: float) -> dict[str, Any]:
    from skillgraph.levels.monte_carlo import simulate_levels, simulated_accuracy
    from skillgraph.levels.plateaus import plateau_intervals
    from skillgraph.seeding import generator

    largest = float(np.max(asked.scale.num_skills))
    if largest > _SIMULATED_SKILLS:
        raise ValueError(f"num_skills must not exceed {_SIMULATED_SKILLS} to be simulated, got {largest:g}")
    curves = []
    for size, texts in zip(asked.scale.num_skills, asked.scale.num_texts, strict=True):
        drawn = simulate_levels(
            asked.model,
            max(round(size), 1),
            max(round(texts), 1),
            replicates=replicates,
            seed=seed,
            needs=asked.convention.needs,
        )
        curves.append(simulated_accuracy(drawn, asked.model, asked.task))
    table = np.array(curves).T
    several = replicates > 1 and table.shape[1] >= 3
    rng = generator(seed, "levels", "bootstrap")
    found = (
        plateau_intervals(asked.scale.parameters, table, rng, tolerance=tolerance, min_decades=min_decades)
        if several
        else ()
    )
    return {
        "replicates": replicates,
        "seed": seed,
        "accuracy": table.mean(axis=0),
        "standard_error": table.std(axis=0, ddof=1) / np.sqrt(replicates) if replicates > 1 else None,
        "plateaus": found,
    }


def _order(asked: Any) -> dict[str, Any]:
    from skillgraph.levels.dag import acquire, bottleneck_skills

    table = asked.curriculum
    result = acquire(table, asked.moments)
    return {
        "order": [
            {
                "skill": table.skills[place],
                "acquired": result.acquired[place],
                "held_by": table.skills[result.held_by[place]] if result.held_by[place] >= 0 else None,
            }
            for place in result.order
        ],
        "never": [name for name, moment in zip(table.skills, result.acquired, strict=True) if not np.isfinite(moment)],
        "bottlenecks": bottleneck_skills(table, asked.moments),
    }


def _draw(record: dict[str, Any], path: Path) -> None:
    from skillgraph.figures import style as plotting
    from skillgraph.records import write_whole

    with plotting.style():
        drawn, (axes,) = plotting.figure(1)
        plotting.theory(axes, record["parameters"], record["accuracy"], 0, "theory")
        for one in record["plateaus"]:
            axes.axvspan(one.start, one.end, color="0.9", zorder=0)
            middle = float(np.sqrt(one.start * one.end))
            axes.annotate(f"{one.height:.3f}", (middle, one.height), (0, 3), textcoords="offset points", ha="center")
        if "simulated" in record:
            seen = record["simulated"]
            plotting.simulation(axes, record["parameters"], seen["accuracy"], seen["standard_error"], 1, "simulation")
            axes.legend()
        axes.set(xscale="log", xlabel="parameters", ylabel="accuracy", ylim=(-0.02, 1.04))
    write_whole(path, lambda temporary: plotting.save(drawn, temporary))


def _print(record: dict[str, Any]) -> None:
    if "accuracy" in record:
        click.echo(f"{'parameters':>12} {'tokens':>12} {'accuracy':>9}")
        step = max(1, len(record["accuracy"]) // 25)
        for values in list(zip(record["parameters"], record["tokens"], record["accuracy"], strict=True))[::step]:
            click.echo(f"{values[0]:12.4g} {values[1]:12.4g} {values[2]:9.5f}")
        for place, one in enumerate(record["plateaus"], start=1):
            click.echo(f"plateau {place}: {one.start:.4g} to {one.end:.4g} parameters at accuracy {one.height:.4f}")
        if not record["plateaus"]:
            click.echo("no plateau" if record["reason"] is None else record["reason"])
    if "simulated" in record:
        for one in record["simulated"]["plateaus"]:
            low, high = one.height
            click.echo(f"simulated plateau at {one.plateau.height:.4f} (95 %: {low:.4f} to {high:.4f})")
    if "curriculum" in record:
        for one in record["curriculum"]["order"]:
            held = f", held up by {one['held_by']}" if one["held_by"] else ""
            click.echo(f"{one['acquired']:12g}  {one['skill']}{held}")
        for name in record["curriculum"]["never"]:
            click.echo(f"{'never':>12}  {name}")
        for one in record["curriculum"]["bottlenecks"]:
            click.echo(f"bottleneck {one.skill}: {one.delayed} delayed, {one.unlocked} unlocked, {one.saved:g} saved")
