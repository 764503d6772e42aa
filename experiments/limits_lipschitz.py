"""Lipschitz numbers, bottlenecks and damage spreading around the threshold of (3, 6).

Computed: density evolution of the (3, 6) ensemble at erasure probability eps. Global, pointed and asymptotic Lipschitz
numbers against eps - eps_BP; Lipschitz numbers at eps_BP in the metrics |x^p - y^p|; rounds to converge below eps_BP;
two message-passing runs on one graph at eps = 0.45 from different starts.
Drawn: the numbers against distance to threshold; rounds against distance; distance of the two runs per round.
Must match: Lip = 1.24705 at eps_BP; pointed number = eps/eps_BP; 31, 98, 306, 967, 3054 rounds at 10^-2 ... 10^-6
below; rate 0.690297; runs above the unstable point 0.18661 merge, below it stay 0.354 apart.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from skillgraph.ensembles.ensemble import ldpc
from skillgraph.figures import style as plotting
from skillgraph.graphs.sampling import sample
from skillgraph.limits.damage import spread_damage
from skillgraph.limits.lipschitz import lipschitz_numbers, power_metric_number
from skillgraph.limits.maps import ensemble_map
from skillgraph.limits.verdicts import bottlenecks
from skillgraph.reproduce import Check
from skillgraph.seeding import generator
from skillgraph.theory.density_evolution import rounds_to_converge
from skillgraph.theory.erasure import erasure_thresholds

SEED = 12
ROUNDS = {1e-2: 31, 1e-3: 98, 1e-4: 306, 1e-5: 967, 1e-6: 3054}
STARTS = {"0.25": 0.25, "0.19": 0.19, "0.18": 0.18, "0.15": 0.15}


def compute(quick: bool) -> dict[str, Any]:
    """Numbers by theory, damage on a graph."""
    code = ldpc(3, 6)
    eps_bp = erasure_thresholds(code).bp_threshold
    assert eps_bp is not None
    shares = np.unique(np.append(np.linspace(0.33, 0.53, 21 if quick else 81), [eps_bp - 1e-6, eps_bp]))
    found = [lipschitz_numbers(ensemble_map(code, known=1 - eps), ()) for eps in shares]
    at = ensemble_map(code, known=1 - eps_bp)
    powers = np.geomspace(0.25, 64, 9 if quick else 25)
    return {
        "seed": SEED,
        "eps_bp": eps_bp,
        "eps": shares,
        "global": [one.global_number for one in found],
        "pointed": [one.pointed_number for one in found],
        "asymptotic": [one.asymptotic_number for one in found],
        "at_threshold": lipschitz_numbers(at, ()).global_number,
        "powers": powers,
        "power_numbers": [power_metric_number(at, float(p)) for p in powers],
        "bottleneck": [_bottleneck(eps_bp, distance) for distance in ROUNDS],
        "fixed_points": [point.value for point in ensemble_map(code, known=0.55).fixed_points],
        "rate": ensemble_map(code, known=0.55).fixed_points[0].slope,
        "damage": _damage(20_000 if quick else 200_000),
    }


def _bottleneck(eps_bp: float, distance: float) -> dict[str, Any]:
    known = 1 - eps_bp + distance
    (ghost,) = bottlenecks(ensemble_map(ldpc(3, 6), known=known))
    measured = rounds_to_converge(ldpc(3, 6), known=known, tolerance=1e-10)
    return {"distance": distance, "predicted": ghost.rounds, "measured": measured}


def _damage(size: int) -> dict[str, Any]:
    graph = sample(ldpc(3, 6), size, rng=generator(SEED, "graph"))
    known = np.zeros(size, np.bool_)
    known[generator(SEED, "known").permutation(size)[: round(0.55 * size)]] = True
    runs = {
        name: spread_damage(graph, known, 0.45, start, rounds=80, rng=generator(SEED, "damage", name))
        for name, start in STARTS.items()
    }
    ratios = [
        spread_damage(graph, known, 0.365, 0.345, rounds=12, rng=generator(SEED, "close", k)).ratio(at_least=50, skip=2)
        for k in range(12)
    ]
    found = np.array([ratio for ratio in ratios if ratio is not None])
    return {
        "num_skills": size,
        "distance": {name: run.distance for name, run in runs.items()},
        "ratio": float(found.mean()),
        "ratio_error": float(found.std(ddof=1) / np.sqrt(found.size)),
    }


def checks(numbers: dict[str, Any]) -> list[Check]:
    """Oracles of the theory, merging and separation on the graph."""
    eps, pointed = np.array(numbers["eps"]), np.array(numbers["pointed"])
    rows = [
        Check("global Lipschitz number at eps_BP", 1.24705, numbers["at_threshold"], 1e-5, "density evolution"),
        Check(
            "largest |pointed - eps/eps_BP|",
            0.0,
            float(np.max(np.abs(pointed - eps / numbers["eps_bp"]))),
            1e-7,
            "area under eps(x)",
        ),
        Check("rate at eps = 0.45", 0.690297, numbers["rate"], 1e-6, "slope at the fixed point"),
        Check("unstable point at eps = 0.45", 0.18661, numbers["fixed_points"][1], 1e-5, "density evolution"),
    ]
    for one, (distance, rounds) in zip(numbers["bottleneck"], ROUNDS.items(), strict=True):
        rows.append(Check(f"rounds at {distance:g} below", rounds, one["measured"], 1, "iteration"))
        rows.append(Check(f"bottleneck formula at {distance:g}", rounds, one["predicted"], 3 + 0.01 * rounds, "ghost"))
    damage = numbers["damage"]
    slack = 2.5 / np.sqrt(damage["num_skills"])
    rows.append(Check("damage ratio per round", 0.690297, damage["ratio"], 5 * damage["ratio_error"] + slack, "slope"))
    rows.append(Check("distance from start 0.25", 0.0, damage["distance"]["0.25"][-1], 1e-3, "merge"))
    rows.append(Check("distance from start 0.15", 0.354, damage["distance"]["0.15"][-1], 0.002 + slack, "stay apart"))
    return rows


def draw(numbers: dict[str, Any]) -> Figure:
    """Three panels: numbers, bottleneck, damage."""
    drawn, (left, middle, right) = plotting.figure(3, width="double", aspect=0.95)
    distance = np.array(numbers["eps"]) - numbers["eps_bp"]
    for index, (name, label) in enumerate((("global", "global"), ("pointed", "pointed"), ("asymptotic", "asymptotic"))):
        plotting.theory(left, distance, numbers[name], index, label)
    left.axhline(1, color="0.5", linewidth=0.6)
    left.axvline(0, color="0.5", linewidth=0.6, linestyle=(0, (1, 1.5)))
    left.set(xlabel="$\\varepsilon - \\varepsilon_{BP}$", ylabel="Lipschitz number", ylim=(-0.05, 2.1))
    left.legend(loc="upper left", handlelength=1.8)
    x = [one["distance"] for one in numbers["bottleneck"]]
    plotting.theory(middle, x, [one["predicted"] for one in numbers["bottleneck"]], 0, "ghost formula")
    plotting.simulation(middle, x, [one["measured"] for one in numbers["bottleneck"]], None, 1, "iteration")
    middle.set(xscale="log", yscale="log", xlabel="$\\varepsilon_{BP} - \\varepsilon$", ylabel="rounds to converge")
    middle.legend(loc="upper right")
    for index, (name, values) in enumerate(numbers["damage"]["distance"].items()):
        shown = np.maximum(np.array(values), 1e-6)
        plotting.theory(right, np.arange(shown.size), shown, index, f"start {name}")
    right.set(yscale="log", xlabel="round $k$", ylabel="distance of two runs", ylim=(1e-5, 1))
    right.legend(loc="center right", bbox_to_anchor=(1.0, 0.6), fontsize=6.5)
    plotting.panel_letters([left, middle, right])
    return drawn
