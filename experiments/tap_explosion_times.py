"""The adjacent possible by chance: law of the explosion time, smeared tipping point, error of tau-leaping.

Computed: birth-death process with birth rate (1 + alpha)^n - 1, alpha = 0.01, and death rate mu n: 20,000 Gillespie
runs from 10 items at mu = 0 and 0.01; share of runs that die out against the number of items at the start, mu = 0.0105;
mean explosion time by tau-leaping against epsilon. Theory: first-passage recursion, its transform inverted for the
density.
Drawn: densities with histograms; extinction probability exact and simulated with the deterministic tipping point;
relative error of leaps.
Must match: exact mean 241.7296 and standard deviation 27.767; simulated mean within 3 standard errors; extinction
probabilities 0.00074, 0.4943, 0.6681, 0.8222, 0.9761 at mu = 0.005, 0.01, 0.0105, 0.011, 0.012; chi-square of the
histograms.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from skillgraph.adjacent_possible import explosion_law, extinction_probability, simulate_explosions
from skillgraph.adjacent_possible.birth_death import tipping_smear
from skillgraph.adjacent_possible.innovation import powers
from skillgraph.figures import style as plotting
from skillgraph.reproduce import Check
from skillgraph.statistics.ergodicity import histogram

SEED = 1
LAW = powers(0.01)
EXTINCTION = {0.005: 0.00074, 0.01: 0.4943, 0.0105: 0.6681, 0.011: 0.8222, 0.012: 0.9761}
RATES = (0.0, 0.01)
SMEAR = 0.0105


def compute(quick: bool) -> dict[str, Any]:
    """Runs, exact laws, extinction shares, leaps."""
    runs = 4000 if quick else 20_000
    smear = tipping_smear(LAW, SMEAR)
    starts = [2, 5, 10, 15, 20, 30, 40, 60]
    died = [simulate_explosions(LAW, n, SMEAR, replicates=runs // 4, seed=SEED + n).extinction_share for n in starts]
    return {
        "runs": runs,
        "seed": SEED,
        "laws": [_law(mu, runs) for mu in RATES],
        "extinction": {str(mu): extinction_probability(LAW, 10, mu) for mu in EXTINCTION},
        "smear": {
            "items": smear.items,
            "exact": smear.extinction_probability,
            "tipping_point": smear.tipping_point,
            "starts": starts,
            "died": died,
            "error": [float(np.sqrt(max(p * (1 - p), 1e-4) / (runs // 4))) for p in died],
        },
        "leaps": [_leap(epsilon, runs) for epsilon in (0.02, 0.03, 0.05, 0.1, 0.2, 0.4)],
    }


def _law(mu: float, runs: int) -> dict[str, Any]:
    exact = explosion_law(LAW, 10, mu)
    found = simulate_explosions(LAW, 10, mu, replicates=runs, seed=SEED)
    bins = histogram(found.times, bins=30, cdf=exact.cdf)
    grid = np.linspace(0, exact.mean + 5 * exact.standard_deviation, 400)
    return {
        "mu": mu,
        "exact_mean": exact.mean,
        "exact_deviation": exact.standard_deviation,
        "mean": found.mean,
        "standard_error": found.standard_error,
        "deviation": found.standard_deviation,
        "deviation_error": found.deviation_standard_error,
        "edges": bins.edges,
        "counts": bins.counts,
        "p_value": bins.p_value,
        "grid": grid,
        "density": exact.pdf(grid),
    }


def _leap(epsilon: float, runs: int) -> dict[str, float]:
    found = simulate_explosions(LAW, 10, replicates=runs, seed=SEED, method="tau-leaping", epsilon=epsilon)
    exact = found.law.mean
    return {"epsilon": epsilon, "error": found.mean / exact - 1, "standard_error": found.standard_error / exact}


def checks(numbers: dict[str, Any]) -> list[Check]:
    """Exact values, simulated ones within their errors."""
    plain = numbers["laws"][0]
    rows = [
        Check("exact mean, mu = 0", 241.7296, plain["exact_mean"], 1e-3, "sum of 1/rate"),
        Check("exact standard deviation, mu = 0", 27.767, plain["exact_deviation"], 1e-3, "sum of 1/rate^2"),
    ]
    for one in numbers["laws"]:
        name = f"mu = {one['mu']:g}, {numbers['runs']} runs"
        rows.append(Check(f"mean, {name}", one["exact_mean"], one["mean"], 3 * one["standard_error"], "exact"))
        rows.append(
            Check(f"s.d., {name}", one["exact_deviation"], one["deviation"], 4 * one["deviation_error"], "exact")
        )
        rows.append(Check(f"p-value of the histogram, {name}", 0.5, one["p_value"], 0.4999, "chi-square"))
    rows += [
        Check(
            f"extinction probability, mu = {mu}", EXTINCTION[float(mu)], value, 1e-5 if mu == "0.005" else 1e-4, "chain"
        )
        for mu, value in numbers["extinction"].items()
    ]
    smear = numbers["smear"]
    for start, share, error in zip(smear["starts"], smear["died"], smear["error"], strict=True):
        exact = smear["exact"][start - 1] if start <= len(smear["exact"]) else 0.0
        rows.append(Check(f"share died out from {start}", exact, share, 5 * error, "recursion"))
    return rows


def draw(numbers: dict[str, Any]) -> Figure:
    """Densities (a), extinction (b), leaps (c)."""
    drawn, (law, smear, leaps) = plotting.figure(3, width="double", aspect=1.0)
    for index, one in enumerate(numbers["laws"]):
        edges, counts = np.array(one["edges"]), np.array(one["counts"])
        scale = counts.sum() * (edges[1] - edges[0]) / one["exact_mean"]
        middle = (edges[1:] + edges[:-1]) / 2 / one["exact_mean"]
        plotting.simulation(law, middle, counts / scale, np.sqrt(counts) / scale, index)
        grid, density = np.array(one["grid"]) / one["exact_mean"], np.array(one["density"]) * one["exact_mean"]
        plotting.theory(law, grid, density, index, rf"$\mu$ = {one['mu']:g}")
    law.set(xlabel="explosion time / mean", ylabel=r"density $\times$ mean", xlim=(0, 3.2))
    law.set_ylim(bottom=-0.06)
    law.legend(loc="upper right")
    one = numbers["smear"]
    plotting.theory(smear, one["items"], one["exact"], 0, "exact")
    plotting.simulation(smear, one["starts"], one["died"], one["error"], 1, "Gillespie")
    plotting.mark(smear, one["tipping_point"], "without chance", y=0.55)
    smear.set(xlabel="items at the start $M_0$", ylabel="probability of dying out", xlim=(0, 65), ylim=(-0.02, 1.02))
    smear.legend(loc="upper right")
    epsilon, error = ([leap[key] for leap in numbers["leaps"]] for key in ("epsilon", "error"))
    plotting.simulation(leaps, epsilon, 100 * np.array(error), [100 * x["standard_error"] for x in numbers["leaps"]], 2)
    leaps.axhline(0, color="0.5", linewidth=0.7)
    leaps.set(xscale="log", xlabel=r"tau-leaping, $\epsilon$", ylabel="error of the mean time (%)")
    leaps.set_xticks([0.02, 0.05, 0.1, 0.2, 0.4], ["0.02", "0.05", "0.1", "0.2", "0.4"])
    leaps.minorticks_off()
    plotting.panel_letters([law, smear, leaps])
    return drawn
