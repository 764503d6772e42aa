"""``skillgraph tap``: growth by combination, how long until it explodes, what chance and resources make of it."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from skillgraph.commands.options import COUNT, COUNT_OR_ZERO, SEED, gathered, option, output_options, seed_of
from skillgraph.commands.output import print_envelope, print_record, write_figure
from skillgraph.records import write_csv
from skillgraph.records.values import exact, fields_of

if TYPE_CHECKING:
    from skillgraph.adjacent_possible.birth_death import ExplosionLaw
    from skillgraph.adjacent_possible.innovation import Innovation
    from skillgraph.adjacent_possible.overview import ConstrainedOutcome, TapOverview
    from skillgraph.adjacent_possible.resources import Resources

_NOT_PRINTED = ("law", "deviation_standard_error")
_FACTOR: dict[str, Any] = {"type": float, "default": 1.0, "metavar": "F"}
_CAP: dict[str, Any] = {"type": float, "default": math.inf, "metavar": "R"}
_LAWS = "Any law: constant:A, power_law:A:a, powers:A:P, two_scale:A1:A:a, ..."
_INNOVATION = {
    "alpha": option("--alpha", type=float, metavar="A", help="New items per combination: the constant law."),
    "decay": option("--decay", type=float, metavar="A", help="With --alpha: power law alpha_i = alpha / a^(i-1)."),
    "innovation": option("--innovation", metavar="LAW", help=_LAWS),
    "first": option("--smallest-combination", type=click.IntRange(1, 2), help="Where the sum over i starts, 1 or 2."),
}
_RESOURCES = {
    "architecture": option("--architecture", help="Factor in [0, 1] on the new items (default 1).", **_FACTOR),
    "training": option("--training", help="The same.", **_FACTOR),
    "context": option("--context", help="The same.", **_FACTOR),
    "architecture_cap": option("--architecture-cap", help="Most items that the architecture can carry.", **_CAP),
    "training_cap": option("--training-cap", help="Most items that the training data support.", **_CAP),
    "context_cap": option("--context-cap", help="Most items that the context can hold.", **_CAP),
    "kind": option("--cap-kind", type=click.Choice(["hard", "saturating"]), default="hard", help="How the cap acts."),
}


def _law(alpha: float | None, decay: float | None, innovation: str | None, first: int | None) -> Innovation:
    from skillgraph.adjacent_possible.innovation import constant, parse_innovation, power_law

    if (alpha is None) == (innovation is None):
        raise click.UsageError("name one innovation law: --alpha A [--decay A], or --innovation LAW")
    if innovation is not None:
        if decay is not None:
            raise click.UsageError("--decay goes with --alpha")
        return parse_innovation(innovation, first=first)
    assert alpha is not None
    start = 2 if first is None else first
    return constant(alpha, first=start) if decay is None else power_law(alpha, decay, first=start)


def _limits(**given: Any) -> Resources:
    from skillgraph.adjacent_possible.resources import Resources

    return Resources(**given)


@click.command(name="tap")
@gathered("law", _law, _INNOVATION)
@click.option("--items", type=float, default=2.0, metavar="M0", help="Items at the start (default 2).")
@click.option("--extinction", type=float, default=0.0, metavar="MU", help="Share of items lost per step (default 0).")
@click.option("--bound", type=float, default=1e12, metavar="M", help="First step beyond this number (default 1e12).")
@click.option("--steps", type=COUNT_OR_ZERO, metavar="T", help="Length of the trajectory that is written.")
@click.option(
    "--replicates", type=COUNT, metavar="N", help="Simulate N runs of the birth-death process (needs --seed)."
)
@click.option("--seed", type=SEED, help="Root seed: same seed, same numbers.")
@click.option("--method", type=click.Choice(["gillespie", "tau-leaping"]), default="gillespie", help="Of simulation.")
@click.option("--epsilon", type=float, default=0.03, metavar="E", help="Of tau-leaping (default 0.03).")
@click.option("--threads", type=COUNT, metavar="N", help="Runs side by side (default: all processors).")
@gathered("limits", _limits, _RESOURCES)
@output_options
def command(
    law: Innovation,
    items: float,
    extinction: float,
    bound: float,
    steps: int | None,
    replicates: int | None,
    seed: int | None,
    method: str,
    epsilon: float,
    threads: int | None,
    limits: Resources,
    as_json: bool,
    csv_path: Path | None,
    figure_path: Path | None,
) -> int:
    """Theory of the adjacent possible: M' = (1 - mu) M + sum over i of alpha_i C(M, i).

    Prints when the number of items passes a bound, the blow-up time in continuous time with closed estimates, the
    unstable equilibrium, the exact law of the explosion time under chance, and where factors and caps let it settle.
    The CSV file holds the trajectory, or the simulated runs where there are any.
    """
    from skillgraph.adjacent_possible.overview import tap_overview

    root = seed_of(seed, replicates)
    result = tap_overview(law, items, extinction, bound=bound, resources=limits, steps=steps)
    if replicates is not None:
        from skillgraph.adjacent_possible.birth_death import whole
        from skillgraph.adjacent_possible.simulation import simulate_explosions

        how: dict[str, Any] = {"method": method, "epsilon": epsilon, "threads": threads}
        runs = simulate_explosions(law, whole(items), extinction, replicates=replicates, seed=root, **how)
        result = replace(result, simulation=runs)
    if csv_path is not None:
        write_csv(csv_path, tuple(result.columns()), zip(*result.columns().values(), strict=True))
    if figure_path is not None:
        write_figure(figure_path, result)
    if as_json:
        print_envelope("tap", result, seed)
    else:
        _print(result)
    return 0


def _print(result: TapOverview) -> None:
    """Print theory, chance, resources and simulation, one value per line."""
    rest, fields = result.equilibrium, exact(result)
    asked = ("smallest_combination", "items", "extinction", "bound", "steps_beyond_bound", "critical_extinction")
    balance = {"equilibrium": rest.items, "multiplier": rest.multiplier, "steps_per_decade": rest.steps_per_decade}
    print_record(
        {"innovation": result.innovation.text}
        | {name: fields[name] for name in asked}
        | balance
        | {"multiplier_at_zero": rest.multiplier_at_zero, "reason": result.reason}
    )
    parts = {
        "continuous": fields["continuous"],
        "stochastic": _explosion(result.stochastic),
        "resources": _outcome(result.constrained),
        "simulation": None if result.simulation is None else fields["simulation"],
    }
    for part, values in parts.items():
        if values is not None:
            print_record({f"{part}_{name}": value for name, value in values.items() if name not in _NOT_PRINTED})


def _explosion(law: ExplosionLaw | None) -> dict[str, Any] | None:
    names = ("mean", "standard_deviation", "error", "extinction_probability")
    return None if law is None else {name: getattr(law, name) for name in names}


def _outcome(found: ConstrainedOutcome | None) -> dict[str, Any] | None:
    """Return what became of constrained growth, all values side by side."""
    if found is None:
        return None
    steady = {} if found.steady is None else fields_of(found.steady)
    scarce = {"factor": found.factor, "cap": found.cap, "scarcest": found.scarcest}
    return scarce | {"final_items": found.final.items, "outcome": found.final.outcome} | steady
