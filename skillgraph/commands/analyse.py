"""``skillgraph analyse``: a real text-skill table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from skillgraph.commands.options import COUNT, SEED, learner_options, output_options
from skillgraph.commands.output import print_envelope, write_figure
from skillgraph.records import write_columns

_OBSERVABLES = ("learned_share", "giant_component", "giant_association")


@click.command(name="analyse")
@click.argument("table", type=click.Path(path_type=Path))
@click.option("--text-column", metavar="NAME", help="Column of the texts (default: text, or the first of two).")
@click.option("--skill-column", metavar="NAME", help="Column of the skills (default: skill, or the second of two).")
@learner_options
@click.option("--points", type=COUNT, default=41, metavar="N", help="Grid points from 0 to all texts (default 41).")
@click.option("--replicates", type=COUNT, default=8, metavar="N", help="Random orders of the texts (default 8).")
@click.option("--seed", type=SEED, required=True, help="Root seed of the random orders: same seed, same numbers.")
@click.option("--threads", type=COUNT, metavar="N", help="Orders side by side (default: all processors).")
@output_options
def command(
    table: Path,
    text_column: str | None,
    skill_column: str | None,
    learner: int,
    known: float,
    points: int,
    replicates: int,
    seed: int,
    threads: int | None,
    as_json: bool,
    csv_path: Path | None,
    figure_path: Path | None,
) -> int:
    """Analyse TABLE (CSV, TSV, Parquet, Matrix Market): which text needs which skill.

    Prints both degree laws, the thresholds of the configuration ensemble with the same degrees, learned share and
    giant component as texts arrive in the order of the table and in random order, how far they are from the theory,
    and how many texts of the same kind are missing to the peeling threshold.
    """
    from skillgraph.graphs.tables import read_graph

    graph, report = read_graph(table, text_column=text_column, skill_column=skill_column)

    from skillgraph.analysis import AnalysedTable, analyse

    result = analyse(
        graph, points=points, replicates=replicates, seed=seed, learner=learner, known=known, threads=threads
    )
    if csv_path is not None:
        write_columns(csv_path, result.columns())
    if figure_path is not None:
        write_figure(figure_path, result)
    if as_json:
        print_envelope("analyse", AnalysedTable(table.name, report, result), seed)
    else:
        _print(result, report)
    return 0


def _print(result: Any, report: Any) -> None:
    click.echo(report.message)
    click.echo(f"{result.num_texts} texts, {result.num_skills} skills, {result.num_edges} text-skill pairs")
    for name, law in (("skills per text", result.skills_per_text), ("texts per skill", result.texts_per_skill)):
        click.echo(
            f"{name}: mean {law.mean:.4g}, variance {law.variance:.4g}, from {law.minimum} to {law.maximum}, "
            f"none {law.pmf(0):.3g}, one {law.pmf(1):.3g}"
        )
    full = result.num_texts / result.num_skills
    click.echo(f"texts per skill: {full:.5g} with all texts")
    click.echo(f"percolation threshold: {_value(result.percolation_threshold, result.percolation_reason)}")
    click.echo(f"peeling threshold: {_value(result.peeling.threshold, result.peeling.reason)}")
    click.echo(f"peeling threshold, texts going on: {_value(result.continued.threshold, result.continued.reason)}")
    if result.texts_missing is not None:
        click.echo(f"texts missing to it: {result.texts_missing}")
    click.echo(f"{'share of all skills, all texts':<32} {'this table':>10} {'theory':>10}")
    for name in _OBSERVABLES:
        ours, theory = getattr(result.file_order, name)[-1], getattr(result.theory, name)[-1]
        click.echo(f"{name.replace('_', ' '):<32} {ours:>10.5f} {theory:>10.5f}")
    click.echo(f"{'largest distance over all texts':<32} {'to theory':>10} {'of orders':>10}")
    for name, distance in result.distance.items():
        label = name.replace("_", " ")
        first, second = distance["random_order_to_theory"], distance["file_order_to_random_order"]
        click.echo(f"{label:<32} {first:>10.5f} {second:>10.5f}")


def _value(value: float | None, reason: str | None) -> str:
    return f"none: {reason}" if value is None else f"{value:.6g} texts per skill"
