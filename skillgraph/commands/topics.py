"""``skillgraph topics``: ensembles of several classes, theory and simulation by class."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import numpy as np

from skillgraph.checks import parse_number
from skillgraph.commands.options import COUNT, GRID, output_options
from skillgraph.commands.output import print_json
from skillgraph.ensembles.types import TypedEnsemble
from skillgraph.ensembles.types_text import parse_topics, read_types
from skillgraph.records import write_csv, write_whole

_POINTS = 25


@click.command(name="topics")
@click.argument("spec", required=False, type=click.Path(path_type=Path))
@click.option("--topics", "blocks", metavar="BLOCKS:OVERLAP", help="Equal topics in place of a file, e.g. 2:0.05.")
@click.option("--skills-per-text", default="poisson:4", metavar="LAW", help="Of equal topics (default poisson:4).")
@click.option("--texts-per-skill", type=str, metavar="a,b,...", help="Of each topic, per skill of it (default 1).")
@click.option("--along", default="scale", metavar="PATH", help="Jumps along scale (default), known, or a text class.")
@click.option("--scale", type=GRID, metavar="GRID", help="Multiples of all rates: START:STOP:COUNT or a,b,c.")
@click.option("--skills", type=COUNT, metavar="R", help="Simulate with so many skills.")
@click.option("--replicates", type=COUNT, default=8, metavar="N", help="Independent graphs (default 8).")
@click.option("--seed", type=click.IntRange(min=0), help="Root seed: same seed, same numbers.")
@click.option("--threads", type=COUNT, metavar="N", help="Replicates side by side (default: all processors).")
@output_options
def command(
    spec: Path | None,
    blocks: str | None,
    skills_per_text: str,
    texts_per_skill: str | None,
    along: str,
    scale: np.ndarray | None,
    skills: int | None,
    replicates: int,
    seed: int | None,
    threads: int | None,
    as_json: bool,
    csv_path: Path | None,
    figure_path: Path | None,
) -> int:
    """Compute what an ensemble of several classes learns: every jump, its width, the giant component, by class.

    SPEC.toml names skill classes, text classes and what texts need (docs/ensembles-rich.md). With --skills R --seed S
    the ensemble is simulated on the grid of scales and the theory set beside it.
    """
    ensemble = _ensemble(spec, blocks, skills_per_text, texts_per_skill)
    if skills is not None and seed is None:
        raise click.UsageError("a simulation needs --seed S: same seed, same numbers")
    record = _theory(ensemble, along)
    grid = _grid(ensemble, record, scale)
    result = None
    if skills is not None:
        from skillgraph.agreement_types import compare_types

        assert seed is not None
        result = compare_types(ensemble, skills, grid, replicates=replicates, seed=seed, threads=threads)
        record |= _simulated(result)
    else:
        record |= _learned(ensemble, grid)
    if csv_path is not None:
        write_csv(
            csv_path,
            ("observable", "class", "scale", "mean", "standard_error", "theory", "z_score", "note"),
            _rows(record),
        )
    if figure_path is not None:
        _draw(ensemble, grid, result, figure_path)
    if as_json:
        print_json(record)
    else:
        _print(record)
    return 0


def _ensemble(
    spec: Path | None, blocks: str | None, skills_per_text: str, texts_per_skill: str | None
) -> TypedEnsemble:
    if (spec is None) == (blocks is None):
        raise click.UsageError("name one ensemble: SPEC.toml, or --topics BLOCKS:OVERLAP")
    if spec is not None:
        return read_types(spec)
    assert blocks is not None
    words = texts_per_skill.split(",") if texts_per_skill is not None else ["1"]
    ratios = [parse_number(word, "--texts-per-skill") for word in words]
    return parse_topics(blocks, skills_per_text, ratios)


def _theory(ensemble: TypedEnsemble, along: str) -> dict[str, Any]:
    from skillgraph.theory.types_components import percolation_by_class
    from skillgraph.theory.types_learning import learning_jumps

    found = learning_jumps(ensemble, along)
    percolation = percolation_by_class(ensemble, "scale" if along == "known" else along)
    return {
        "ensemble": str(ensemble),
        "skill_classes": ensemble.skill_classes,
        "text_classes": ensemble.text_classes,
        "texts_per_skill_ratio_at_scale_1": ensemble.total_rate,
        "along": along,
        "percolation_threshold": percolation.threshold,
        "jumps": [_jump(one) for one in found.jumps],
        "reasons": {
            name: reason
            for name, reason in (("percolation_threshold", percolation.reason), ("jumps", found.reason))
            if reason is not None
        },
    }


def _jump(one: Any) -> dict[str, Any]:
    names = ("at", "learned_before", "learned_after", "unlearned_before", "unlearned_after", "alpha", "beta")
    return {**{name: getattr(one, name) for name in names}, "reason": one.width.reason or None}


def _grid(ensemble: TypedEnsemble, record: dict[str, Any], scale: np.ndarray | None) -> np.ndarray:
    """The scales asked for, or a row that shows every jump along the scale."""
    if scale is not None:
        return scale
    if ensemble.is_configuration:
        return np.linspace(0, 1, _POINTS)[1:]
    last = max([jump["at"] for jump in record["jumps"]] if record["along"] == "scale" else [], default=2.0)
    return np.linspace(0, 1.4 * last, _POINTS)[1:]


def _learned(ensemble: TypedEnsemble, grid: np.ndarray) -> dict[str, Any]:
    from skillgraph.theory.types_learning import learned_by_class

    learned = learned_by_class(ensemble, grid)
    everything = learned @ np.array(ensemble.shares)
    return {"scale": grid, "learned_share_theory": np.column_stack([learned, everything])}


def _simulated(result: Any) -> dict[str, Any]:
    return {
        "num_skills": result.num_skills,
        "replicates": result.replicates,
        "seed": result.seed,
        "scale": result.scale,
        "num_texts": result.num_texts,
        "texts_per_skill_ratio": result.texts_per_skill_ratio,
        "columns": result.columns,
        **result.observables,
        "outcomes": [
            {
                "at": one.jump.at,
                "learned_between": one.learned_between,
                "failure_probability": one.failure_probability,
                "failure_probability_theory": one.failure_probability_theory,
            }
            for one in result.outcomes
        ],
        "largest_z": result.largest_z,
    }


def _rows(record: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    columns = (*record["skill_classes"], "all")
    for place, scale in enumerate(record["scale"]):
        for column, name in enumerate(columns):
            if "largest_z" not in record:
                yield "learned_share", name, scale, None, None, record["learned_share_theory"][place, column], None, ""
                continue
            for observable in ("learned_share", "giant_component", "susceptibility", "giant_association"):
                one = record[observable]
                values = [part[place, column] for part in (one.mean, one.standard_error, one.theory, one.z_score)]
                yield observable, name, scale, *values, one.note[place]


def _draw(ensemble: TypedEnsemble, grid: np.ndarray, result: Any, path: Path) -> None:
    from skillgraph.figures import style as plotting
    from skillgraph.figures import types as figures
    from skillgraph.theory.types_learning import learning_jumps

    with plotting.style():
        if result is not None:
            drawn = figures.draw_typed_agreement(result)
        else:
            drawn, (axes,) = plotting.figure(1, width="single", aspect=0.8)
            figures.draw_learned_by_class(axes, ensemble, grid, learning_jumps(ensemble).jumps)
            axes.legend(loc="best")
    write_whole(path, lambda temporary: plotting.save(drawn, temporary))


def _print(record: dict[str, Any]) -> None:
    click.echo(record["ensemble"])
    click.echo(f"texts per skill at scale 1: {record['texts_per_skill_ratio_at_scale_1']:.6g}")
    click.echo(f"giant component from {record['along']} {_number(record['percolation_threshold'])}")
    for jump in record["jumps"]:
        width = jump["reason"] or f"alpha {jump['alpha']:.6g}, beta {jump['beta']:.6g}"
        shares = f"learned {jump['learned_before']:.6g} -> {jump['learned_after']:.6g}"
        click.echo(f"jump at {record['along']} {jump['at']:.10g}: {shares}; {width}")
        for name, *sides in zip(
            record["skill_classes"], jump["unlearned_before"], jump["unlearned_after"], strict=True
        ):
            click.echo(f"  {name}: {1 - sides[0]:.6g} -> {1 - sides[1]:.6g}")
    for name, reason in record["reasons"].items():
        click.echo(f"no {name.replace('_', ' ')}: {reason}")
    if "largest_z" in record:
        _print_simulation(record)


def _print_simulation(record: dict[str, Any]) -> None:
    click.echo(f"{record['num_skills']} skills, {record['replicates']} replicates, seed {record['seed']}; all skills:")
    click.echo(f"{'scale':>8}  {'learned':>9} {'theory':>9} {'z':>6}  {'giant':>9} {'theory':>9} {'z':>6}  remarks")
    learned, giant = record["learned_share"], record["giant_component"]
    for place, scale in enumerate(record["scale"]):
        cells = "  ".join(_cells(one, place) for one in (learned, giant))
        notes = "; ".join(dict.fromkeys(note for note in (learned.note[place], giant.note[place]) if note))
        click.echo(f"{scale:8.4f}  {cells}  {notes}".rstrip())
    click.echo(f"largest |z| over all classes {record['largest_z']:.2f}")


def _cells(one: Any, place: int) -> str:
    theory, z = _number(one.theory[place, -1], 9), _number(one.z_score[place, -1], 6, "+.2f")
    return f"{one.mean[place, -1]:9.5f} {theory} {z}"


def _number(value: float | None, width: int = 0, form: str = ".5f") -> str:
    return f"{'-' if value is None or np.isnan(value) else format(value, form):>{width}}"
