"""``skillgraph optimal``: what a compute budget should buy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import numpy as np

from skillgraph.commands.options import COUNT, GRID, SEED, ensemble_from, learner_options, output_options, seed_of
from skillgraph.commands.output import print_json
from skillgraph.records import write_csv

_SIMULATED_BUDGET = 1e9
_SIZES = 1 + 0.12 * np.linspace(-1, 1, 9)


@click.command(name="optimal")
@click.option("--compute", type=GRID, required=True, metavar="GRID", help="FLOPs, e.g. log:1e18:1e26:9; a,b,c; one.")
@click.option("--skills-per-text", default="poisson:6", metavar="LAW", help="Default poisson:6.")
@click.option("--skill-popularity", metavar="LAW", help="uniform (default) or zipf:EXPONENT.")
@click.option("--zipf-frequencies", type=float, metavar="A", help="Skills used with frequencies i^-(1+A).")
@learner_options
@click.option("--parameters-per-skill", type=float, default=2e5, help="Default 2e5.")
@click.option("--tokens-per-text", type=float, default=8e5, help="Default 8e5.")
@click.option("--training-flops", type=float, default=6.0, help="Per parameter and token (default 6).")
@click.option("--inference-tokens", type=float, default=0.0, help="Tokens served over the model's life (default 0).")
@click.option("--unique-texts", type=float, metavar="U", help="Texts that exist; more are repetitions.")
@click.option("--published", is_flag=True, help="Finite-size law of Nayak & Varshney (2024) as released.")
@click.option(
    "--replicates", type=COUNT, metavar="N", help="Also find each optimum on N graphs per size (needs --seed)."
)
@click.option("--seed", type=SEED, help="Root seed of the simulation.")
@output_options
def command(
    compute: np.ndarray,
    skills_per_text: str,
    skill_popularity: str | None,
    zipf_frequencies: float | None,
    learner: int,
    known: float,
    parameters_per_skill: float,
    tokens_per_text: float,
    training_flops: float,
    inference_tokens: float,
    unique_texts: float | None,
    published: bool,
    replicates: int | None,
    seed: int | None,
    as_json: bool,
    csv_path: Path | None,
    figure_path: Path | None,
) -> int:
    """Compute-optimal skills and texts, parameters and tokens, for a grid of budgets, and their exponents.

    The optimum maximises the expected number of learned skills: a larger model holds more, but is left with too few
    texts to learn them.
    """
    from skillgraph.optimal.cost import CostModel
    from skillgraph.optimal.sizes import optimal_sizes

    root = seed_of(seed, replicates)
    if published and (learner != 1 or known or skill_popularity or zipf_frequencies is not None):
        raise click.UsageError("--published goes with --skills-per-text poisson:C alone")
    cost = CostModel(parameters_per_skill, tokens_per_text, training_flops, inference_tokens, unique_texts=unique_texts)
    popularity = {} if skill_popularity is None else {"skill_popularity": skill_popularity}
    ensemble = ensemble_from({"skills_per_text": skills_per_text} | popularity)
    if replicates is not None and zipf_frequencies is not None:
        raise click.UsageError("--replicates does not go with --zipf-frequencies")
    objective = _objective(ensemble, published, zipf_frequencies, learner, known)
    best = optimal_sizes(objective, cost, compute)
    record = _record(best, ensemble, cost, learner, known, zipf_frequencies)
    if replicates is not None:
        record["simulated"] = _simulated(ensemble, best, cost, replicates, root, learner, known)
    if csv_path is not None:
        columns = [record[name] for name in _COLUMNS]
        write_csv(csv_path, _COLUMNS, zip(*columns, strict=True))
    if figure_path is not None:
        _draw(record, figure_path)
    if as_json:
        print_json(record)
    else:
        _print(record)
    return 0


_COLUMNS = (
    "compute",
    "num_skills",
    "num_texts",
    "parameters",
    "tokens",
    "tokens_per_parameter",
    "parameters_exponent",
    "tokens_exponent",
    "value",
    "unspent",
)


def _objective(ensemble: Any, published: bool, zipf_frequencies: float | None, learner: int, known: float) -> Any:
    from skillgraph.ensembles.laws import Poisson
    from skillgraph.optimal.objectives import expected_learned, zipf_mastery
    from skillgraph.optimal.published import published_learned

    if zipf_frequencies is not None:
        if learner != 1 or known or not ensemble.popularity.is_uniform:
            raise click.UsageError("--zipf-frequencies goes with --skills-per-text alone")
        return zipf_mastery(zipf_frequencies, ensemble.skills_per_text)
    if published:
        if not isinstance(ensemble.skills_per_text, Poisson):
            raise ValueError(f'--published needs skills per text poisson:C, got "{ensemble.skills_per_text}"')
        return published_learned(ensemble.skills_per_text.mean)
    return expected_learned(ensemble, learner=learner, known=known)


def _record(
    best: Any, ensemble: Any, cost: Any, learner: int, known: float, zipf_frequencies: float | None
) -> dict[str, Any]:
    from skillgraph.optimal.branches import limiting_ratio
    from skillgraph.optimal.sizes import fitted_exponent
    from skillgraph.theory.thresholds import peeling_threshold

    record = {name: getattr(best, name) for name in _COLUMNS}
    for name, sizes in (("parameters", best.parameters), ("tokens", best.tokens)):
        several = np.count_nonzero(best.spent) > 1
        fitted = fitted_exponent(best.compute[best.spent], sizes[best.spent]) if several else None
        record[f"fitted_{name}_exponent"] = fitted
    record["skills_per_text"] = str(ensemble.skills_per_text)
    record["cost"] = cost
    if zipf_frequencies is not None:
        record["reason"] = "the limit of tokens per parameter does not exist: their exponents differ"
        record["limit_tokens_per_parameter"] = None
        return record
    found = peeling_threshold(ensemble, learner=learner, known=known)
    ratio, reason = limiting_ratio(ensemble, learner=learner, known=known), found.reason
    per_ratio = cost.tokens_per_text / cost.parameters_per_skill
    limit = None if ratio is None else ratio.texts_per_skill_ratio * per_ratio
    if cost.inference_tokens > 0 or cost.unique_texts is not None:
        limit, reason = None, "tokens per parameter keep changing with inference or repeated data"
    return record | {
        "peeling_threshold": found.threshold,
        "limit_tokens_per_parameter": limit,
        "reason": reason,
    }


def _simulated(
    ensemble: Any, best: Any, cost: Any, replicates: int, seed: int, learner: int, known: float
) -> list[Any]:
    from skillgraph.optimal.cost import num_texts_within
    from skillgraph.optimal.monte_carlo import simulated_optimum

    areas = best.num_skills * best.num_texts
    if areas.max() > _SIMULATED_BUDGET:
        raise ValueError(
            f"skills times texts must not exceed {_SIMULATED_BUDGET:g} to be simulated, got {areas.max():.3g}"
        )
    found = []
    options: Any = {"replicates": replicates, "seed": seed, "learner": learner, "known": known}
    for skills, area, compute in zip(best.num_skills, areas, best.compute, strict=True):
        sizes = np.unique(np.maximum(np.rint(skills * _SIZES), 1))
        texts = np.array([cost.distinct_texts(num_texts_within(cost, compute, r)) for r in sizes])
        found.append(simulated_optimum(ensemble, area, sizes, num_texts=texts, **options))
    return found


def _draw(record: dict[str, Any], path: Path) -> None:
    from skillgraph.figures import style as plotting
    from skillgraph.records import write_whole

    with plotting.style():
        drawn, (axes,) = plotting.figure(1)
        for place, name in enumerate(("parameters", "tokens")):
            if record["compute"].size > 1:
                plotting.theory(axes, record["compute"], record[name], place, name)
            else:
                plotting.simulation(axes, record["compute"], record[name], None, place, name)
        axes.set(xscale="log", yscale="log", xlabel="compute (FLOPs)", ylabel="optimal parameters, tokens")
        axes.legend()
    write_whole(path, lambda temporary: plotting.save(drawn, temporary))


def _print(record: dict[str, Any]) -> None:
    click.echo(f"{'compute':>11} {'parameters':>11} {'tokens':>11} {'tok/par':>8} {'skills':>11} {'texts':>11}")
    names = ("compute", "parameters", "tokens", "tokens_per_parameter", "num_skills", "num_texts")
    for row in zip(*(record[name] for name in names), strict=True):
        click.echo(f"{row[0]:11.4g} {row[1]:11.4g} {row[2]:11.4g} {row[3]:8.3f} {row[4]:11.5g} {row[5]:11.5g}")
    if record["fitted_parameters_exponent"] is not None:
        pair = record["fitted_parameters_exponent"], record["fitted_tokens_exponent"]
        click.echo(f"exponents: parameters {pair[0]:.4f}, tokens {pair[1]:.4f}")
    if np.any(record["unspent"] > 1e-6):
        click.echo(f"compute is left over at {np.sum(record['unspent'] > 1e-6)} budgets: every text has been read")
    limit = record["limit_tokens_per_parameter"]
    click.echo(f"limit of tokens per parameter: {limit:.4f}" if limit is not None else str(record["reason"]))
    for one in record.get("simulated", ()):
        where = f"R = {one.optimum:.1f} ({one.interval[0]:.1f} to {one.interval[1]:.1f})"
        where = f"no optimum between R = {one.num_skills[0]} and {one.num_skills[-1]}" if one.at_edge else where
        click.echo(f"simulated, RT = {one.budget:.4g}: {where}")
