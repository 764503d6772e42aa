"""``skillgraph optimal``: what a compute budget should buy."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import numpy as np

from skillgraph.commands.options import COUNT, GRID, SEED, ensemble_from, learner_options, output_options, seed_of
from skillgraph.commands.output import print_envelope, write_figure
from skillgraph.records import write_columns

if TYPE_CHECKING:
    from skillgraph.optimal.overview import OptimalOverview


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
    from skillgraph.optimal.overview import optimal_overview, simulated_optima

    root = seed_of(seed, replicates)
    if published and (learner != 1 or known or skill_popularity or zipf_frequencies is not None):
        raise click.UsageError("--published goes with --skills-per-text poisson:C alone")
    cost = CostModel(parameters_per_skill, tokens_per_text, training_flops, inference_tokens, unique_texts=unique_texts)
    popularity = {} if skill_popularity is None else {"skill_popularity": skill_popularity}
    ensemble = ensemble_from({"skills_per_text": skills_per_text} | popularity)
    if replicates is not None and zipf_frequencies is not None:
        raise click.UsageError("--replicates does not go with --zipf-frequencies")
    objective = _objective(ensemble, published, zipf_frequencies, learner, known)
    result = optimal_overview(
        objective, cost, compute, ensemble, learner=learner, known=known, zipf_frequencies=zipf_frequencies
    )
    if replicates is not None:
        found = simulated_optima(
            ensemble, result.sizes, cost, replicates=replicates, seed=root, learner=learner, known=known
        )
        result = replace(result, simulated=found)
    if csv_path is not None:
        write_columns(csv_path, {name: getattr(result.sizes, name) for name in _COLUMNS})
    if figure_path is not None:
        write_figure(figure_path, result)
    if as_json:
        print_envelope("optimal", result, seed)
    else:
        _print(result)
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


def _print(result: OptimalOverview) -> None:
    click.echo(f"{'compute':>11} {'parameters':>11} {'tokens':>11} {'tok/par':>8} {'skills':>11} {'texts':>11}")
    names = ("compute", "parameters", "tokens", "tokens_per_parameter", "num_skills", "num_texts")
    for row in zip(*(getattr(result.sizes, name) for name in names), strict=True):
        click.echo(f"{row[0]:11.4g} {row[1]:11.4g} {row[2]:11.4g} {row[3]:8.3f} {row[4]:11.5g} {row[5]:11.5g}")
    if result.fitted_parameters_exponent is not None:
        pair = result.fitted_parameters_exponent, result.fitted_tokens_exponent
        click.echo(f"exponents: parameters {pair[0]:.4f}, tokens {pair[1]:.4f}")
    left = result.sizes.unspent > 1e-6
    if np.any(left):
        click.echo(f"compute is left over at {np.sum(left)} budgets: every text has been read")
    limit = result.limit_tokens_per_parameter
    click.echo(f"limit of tokens per parameter: {limit:.4f}" if limit is not None else str(result.reason))
    for one in result.simulated:
        where = f"R = {one.optimum:.1f} ({one.interval[0]:.1f} to {one.interval[1]:.1f})"
        where = f"no optimum between R = {one.num_skills[0]} and {one.num_skills[-1]}" if one.at_edge else where
        click.echo(f"simulated, RT = {one.budget:.4g}: {where}")
