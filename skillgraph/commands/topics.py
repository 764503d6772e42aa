"""``skillgraph topics``: ensembles of several classes, theory and simulation by class."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click
import numpy as np

from skillgraph.checks import parse_number
from skillgraph.commands.options import COUNT, GRID, output_options
from skillgraph.commands.output import print_envelope, write_figure
from skillgraph.ensembles.types import TypedEnsemble
from skillgraph.ensembles.types_text import parse_topics, read_types
from skillgraph.records import write_columns

if TYPE_CHECKING:
    from skillgraph.agreement_types import ClassComparison, TopicsOverview, TypedAgreement
    from skillgraph.theory.types_learning import ClassJumps

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
    result = _overview(ensemble, along, scale)
    if skills is not None:
        from skillgraph.agreement_types import compare_types

        assert seed is not None
        found = compare_types(ensemble, skills, result.scale, replicates=replicates, seed=seed, threads=threads)
        result = replace(result, agreement=found)
    if csv_path is not None:
        write_columns(csv_path, result.columns())
    if figure_path is not None:
        write_figure(figure_path, result)
    if as_json:
        print_envelope("topics", result, None if skills is None else seed)
    else:
        _print(result)
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


def _overview(ensemble: TypedEnsemble, along: str, scale: np.ndarray | None) -> TopicsOverview:
    from skillgraph.agreement_types import TopicsOverview
    from skillgraph.theory.types_components import percolation_by_class
    from skillgraph.theory.types_learning import learned_by_class, learning_jumps

    found = learning_jumps(ensemble, along)
    percolation = percolation_by_class(ensemble, "scale" if along == "known" else along)
    grid = _grid(ensemble, found, scale)
    learned = learned_by_class(ensemble, grid)
    everything = learned @ np.array(ensemble.shares)
    return TopicsOverview(ensemble, percolation, found, grid, np.column_stack([learned, everything]))


def _grid(ensemble: TypedEnsemble, found: ClassJumps, scale: np.ndarray | None) -> np.ndarray:
    """The scales asked for, or a row that shows every jump along the scale."""
    if scale is not None:
        return scale
    if ensemble.is_configuration:
        return np.linspace(0, 1, _POINTS)[1:]
    last = max([jump.at for jump in found.jumps] if found.along == "scale" else [], default=2.0)
    return np.linspace(0, 1.4 * last, _POINTS)[1:]


def _print(result: TopicsOverview) -> None:
    along = result.learning.along
    click.echo(str(result.ensemble))
    click.echo(f"texts per skill at scale 1: {result.ensemble.total_rate:.6g}")
    click.echo(f"giant component from {along} {_number(result.percolation.threshold)}")
    for jump in result.learning.jumps:
        width = jump.width.reason or f"alpha {jump.alpha:.6g}, beta {jump.beta:.6g}"
        shares = f"learned {jump.learned_before:.6g} -> {jump.learned_after:.6g}"
        click.echo(f"jump at {along} {jump.at:.10g}: {shares}; {width}")
        sides = zip(result.ensemble.skill_classes, jump.unlearned_before, jump.unlearned_after, strict=True)
        for name, before, after in sides:
            click.echo(f"  {name}: {1 - before:.6g} -> {1 - after:.6g}")
    reasons = {"percolation threshold": result.percolation.reason, "jumps": result.learning.reason}
    for name, reason in reasons.items():
        if reason is not None:
            click.echo(f"no {name}: {reason}")
    if result.agreement is not None:
        _print_simulation(result.agreement)


def _print_simulation(found: TypedAgreement) -> None:
    click.echo(f"{found.num_skills} skills, {found.replicates} replicates, seed {found.seed}; all skills:")
    click.echo(f"{'scale':>8}  {'learned':>9} {'theory':>9} {'z':>6}  {'giant':>9} {'theory':>9} {'z':>6}  remarks")
    learned, giant = found.observables["learned_share"], found.observables["giant_component"]
    for place, scale in enumerate(found.scale):
        cells = "  ".join(_cells(one, place) for one in (learned, giant))
        notes = "; ".join(dict.fromkeys(note for note in (learned.note[place], giant.note[place]) if note))
        click.echo(f"{scale:8.4f}  {cells}  {notes}".rstrip())
    click.echo(f"largest |z| over all classes {found.largest_z:.2f}")


def _cells(one: ClassComparison, place: int) -> str:
    theory, z = _number(one.theory[place, -1], 9), _number(one.z_score[place, -1], 6, "+.2f")
    return f"{one.mean[place, -1]:9.5f} {theory} {z}"


def _number(value: float | None, width: int = 0, form: str = ".5f") -> str:
    return f"{'-' if value is None or np.isnan(value) else format(value, form):>{width}}"
