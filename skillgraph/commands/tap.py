"""``skillgraph tap``: growth by combination, how long until it explodes, what chance and resources make of it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click
import numpy as np

from skillgraph.commands.options import COUNT, COUNT_OR_ZERO, SEED, gathered, option, output_options, seed_of
from skillgraph.commands.output import print_json, print_record
from skillgraph.records import write_csv

if TYPE_CHECKING:
    from skillgraph.adjacent_possible.birth_death import ExplosionLaw
    from skillgraph.adjacent_possible.innovation import Innovation
    from skillgraph.adjacent_possible.resources import Resources

_MOST_DEFAULT_STEPS = 100_000
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
    root = seed_of(seed, replicates)
    question = _Question(law, items, extinction, bound, limits)
    record = summary(question)
    simulated = None
    if replicates is not None:
        from skillgraph.adjacent_possible.birth_death import whole
        from skillgraph.adjacent_possible.simulation import simulate_explosions

        simulated = simulate_explosions(
            law,
            whole(items),
            extinction,
            replicates=replicates,
            seed=root,
            method=method,
            epsilon=epsilon,
            threads=threads,
        )
        record["simulation"] = _simulation(simulated, seed)
    length = _length(question, steps)
    paths = _paths(question, length)
    if steps is not None:
        record["trajectory"] = paths
    if csv_path is not None:
        _write(csv_path, paths, simulated)
    if figure_path is not None:
        _draw(figure_path, question, paths, simulated)
    if as_json:
        print_json(record)
    else:
        _print(record)
    return 0


class _Question(NamedTuple):
    law: Innovation
    items: float
    extinction: float
    bound: float
    limits: Resources

    @property
    def constrained(self) -> bool:
        return self.limits.factor < 1 or math.isfinite(self.limits.cap)


def summary(question: _Question) -> dict[str, Any]:
    """Return the record that ``--json`` prints: unconstrained theory first, constraints under ``resources``."""
    from skillgraph.adjacent_possible.continuous import blow_up
    from skillgraph.adjacent_possible.deterministic import critical_extinction, equilibrium, first_beyond

    law, items, mu = question.law, question.items, question.extinction
    crossing = first_beyond(law, items, mu, bound=question.bound)
    rest = equilibrium(law, mu)
    record: dict[str, Any] = {
        "innovation": law.text,
        "smallest_combination": law.fewest,
        "items": items,
        "extinction": mu,
        "bound": question.bound,
        "steps_beyond_bound": crossing.steps,
        "critical_extinction": critical_extinction(law, items),
        "continuous": blow_up(law, items, mu),
        "equilibrium": rest.items,
        "multiplier": rest.multiplier,
        "steps_per_decade": rest.steps_per_decade,
        "multiplier_at_zero": rest.multiplier_at_zero,
    }
    stochastic, why = _stochastic(question)
    record["stochastic"] = stochastic
    if question.constrained:
        record["resources"] = _constrained(question)
    reasons = {"steps_beyond_bound": crossing.reason, "equilibrium": rest.reason, "stochastic": why}
    record["reasons"] = {key: reason for key, reason in reasons.items() if reason}
    record["reason"] = "; ".join(record["reasons"].values()) or None
    return record


def _exact(question: _Question) -> ExplosionLaw | None:
    """Return the law of the explosion time; None where M0 is no whole number, or nothing can happen."""
    from skillgraph.adjacent_possible.birth_death import explosion_law

    if not float(question.items).is_integer() or question.items > 1e6:
        return None
    if question.extinction == 0 and question.law.rate(question.items) == 0:
        return None
    return explosion_law(question.law, int(question.items), question.extinction)


def _stochastic(question: _Question) -> tuple[dict[str, Any] | None, str | None]:
    law = _exact(question)
    if law is None:
        return None, "the stochastic theory needs a whole number M0, at most 1e6, that can combine or expire"
    exists = math.isfinite(law.mean)
    return {
        "mean_explosion_time": law.mean,
        "standard_deviation": law.standard_deviation,
        "error": law.error if exists else None,
        "extinction_probability": law.extinction_probability,
    }, None if exists else "there is no explosion time: the items die out, or growth is at most exponential"


def _constrained(question: _Question) -> dict[str, Any]:
    from skillgraph.adjacent_possible.steady_states import final_state, steady_states

    limits, mu = question.limits, question.extinction
    final = final_state(question.law, question.items, mu, limits)
    record = {
        "factor": limits.factor,
        "cap": limits.cap,
        "scarcest": limits.scarcest,
        "cap_kind": limits.kind,
        "final_items": final.items,
        "outcome": final.outcome,
    }
    return record | (vars(steady_states(question.law, mu, limits)) if mu > 0 else {})


def _simulation(simulated: Any, seed: int | None) -> dict[str, Any]:
    return {
        "method": simulated.method,
        "epsilon": simulated.epsilon,
        "replicates": simulated.times.size,
        "seed": seed,
        "mean_explosion_time": simulated.mean,
        "standard_error": simulated.standard_error,
        "standard_deviation": simulated.standard_deviation,
        "extinction_share": simulated.extinction_share,
        "z_scores": simulated.z_scores,
    }


def _length(question: _Question, steps: int | None) -> int:
    """Return the steps asked for, or as many as passing the bound, or settling under constraints, takes."""
    from skillgraph.adjacent_possible.deterministic import first_beyond
    from skillgraph.adjacent_possible.resources import constrained_trajectory

    if steps is not None:
        return steps
    law, items, mu = question.law, question.items, question.extinction
    crossing = first_beyond(law, items, mu, bound=question.bound)
    length = min(crossing.steps or 1000, _MOST_DEFAULT_STEPS)
    if not question.constrained:
        return length
    path = constrained_trajectory(law, items, mu, question.limits, steps=min(5 * length, _MOST_DEFAULT_STEPS))
    moving = np.flatnonzero(np.abs(np.diff(path)) > 1e-6 * path[1:]) if np.isfinite(path).all() else np.empty(0, int)
    return max(length, int(1.1 * moving[-1]) if moving.size else 0)


def _paths(question: _Question, length: int) -> dict[str, np.ndarray]:
    from skillgraph.adjacent_possible.deterministic import trajectory
    from skillgraph.adjacent_possible.resources import constrained_trajectory

    free = trajectory(question.law, question.items, question.extinction, steps=length)
    paths = {"items": free.items, "log10_items": free.log10_items}
    if question.constrained:
        paths["constrained_items"] = constrained_trajectory(
            question.law, question.items, question.extinction, question.limits, steps=length
        )
    return paths


def _write(path: Path, paths: dict[str, np.ndarray], simulated: Any) -> None:
    if simulated is not None:
        rows: Iterator[tuple[Any, ...]] = zip(
            range(simulated.times.size), simulated.times, simulated.extinction_times, strict=True
        )
        write_csv(path, ("replicate", "explosion_time", "extinction_time"), rows)
    else:
        write_csv(path, ("step", *paths), zip(range(paths["items"].size), *paths.values(), strict=True))


def _draw(path: Path, question: _Question, paths: dict[str, np.ndarray], simulated: Any) -> None:
    from skillgraph.figures import style as plotting
    from skillgraph.figures.adjacent_possible import draw_tap
    from skillgraph.records import write_whole

    curves = {question.law.text: paths["log10_items"]}
    if question.constrained:
        known = np.maximum(paths["constrained_items"], 1e-12)
        curves["with resources"] = np.log10(known)
    times = None if simulated is None else simulated.times
    drawn = draw_tap(curves, _exact(question), times, highest=1.05 * math.log10(question.bound))
    write_whole(path, lambda temporary: plotting.save(drawn, temporary))


def _print(record: dict[str, Any]) -> None:
    print_record(record)
    for name in ("continuous", "stochastic", "resources", "simulation"):
        if record.get(name) is not None:
            part = record[name] if isinstance(record[name], dict) else vars(record[name])
            print_record({f"{name}_{key}": value for key, value in part.items()})
