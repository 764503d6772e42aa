"""One run is not the average of runs: capped growth by combination near its tipping point.

Computed: birth-death process, f times alpha_i = 0.05 / 8^(i-1), death rate 0.02 per item, at most 40 items, 300 runs
from 16 items for factors f between 0.1 and 1, followed for 2,000 units of time. Second half: ergodicity gap (variance
of time averages over variance of all values), spread of time averages, their dip and split into groups.
Drawn: runs with their ensemble average at f = 0.25; histogram of time averages there; share of runs at the cap and
spread of time averages against f.
Must match: the share of runs alive at the end lies within 5 standard errors of the exact probability of reaching the
cap before dying out; at f = 0.25 the gap exceeds 0.9, the dip rejects one group, and the ensemble average lies where
no run is; with one outcome only (f = 1, start at the cap) the gap is below 0.05.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from skillgraph.adjacent_possible import Resources, power_law
from skillgraph.adjacent_possible.simulation import sample_paths
from skillgraph.adjacent_possible.steady_states import steady_states
from skillgraph.figures import style as plotting
from skillgraph.reproduce import Check
from skillgraph.statistics.ergodicity import averages, bimodality

SEED = 1
LAW, EXTINCTION, START, CAP = power_law(0.05, 8.0), 0.02, 16, 40
SHOWN = 0.25


def compute(quick: bool) -> dict[str, Any]:
    """Runs at every factor."""
    runs = 100 if quick else 300
    factors = np.array([0.1, 0.15, 0.2, 0.225, 0.25, 0.275, 0.3, 0.35, 0.4, 0.5, 0.7, 1.0])
    times, fine = np.linspace(0, 2000, 401), np.linspace(0.08, 1, 93)
    points = [_point(factor, times, runs) for factor in factors.tolist()]
    paths = _paths(SHOWN, times, runs)
    found = averages(paths, burn_in=200, seed=0)
    groups = bimodality(found.time, seed=0)
    balance = steady_states(LAW, EXTINCTION, Resources(training=SHOWN, context_cap=CAP))
    return {
        "seed": SEED,
        "runs": runs,
        "times": times,
        "factors": factors,
        "points": points,
        "fine_factors": fine,
        "reaches_cap": [_reaches_cap(factor) for factor in fine.tolist()],
        "some_paths": paths[:12],
        "ensemble": found.ensemble,
        "time_averages": found.time,
        "window_average": found.window_average,
        "gap": found.gap,
        "dip_p_value": groups.p_value,
        "upper_mean": groups.upper_mean,
        "upper_share": groups.upper_share,
        "near_average": float(np.mean(np.abs(found.time - found.window_average) < 0.15 * CAP)),
        "gap_of_one_outcome": averages(_paths(1.0, times, runs, CAP), burn_in=200, seed=0).gap,
        "tipping_point": balance.tipping_point,
    }


def _paths(factor: float, times: np.ndarray, runs: int, start: int = START) -> np.ndarray:
    limits = Resources(training=factor, context_cap=CAP)
    return sample_paths(LAW, start, EXTINCTION, times=times, replicates=runs, seed=SEED, resources=limits)


def _point(factor: float, times: np.ndarray, runs: int) -> dict[str, float]:
    paths = _paths(factor, times, runs)
    found = averages(paths, burn_in=200, seed=0)
    return {
        "gap": found.gap,
        "spread": float(found.time.std() / CAP),
        "alive": float(np.mean(paths[:, -1] > CAP / 2)),
        "exact": _reaches_cap(factor),
    }


def _reaches_cap(factor: float) -> float:
    """Return the probability of reaching the cap before one item is left, by the gambler's ratio of rates."""
    ratios = [1.0]
    for n in range(2, CAP):
        ratios.append(ratios[-1] * EXTINCTION * n / (factor * LAW.rate(n)))
    return float(np.sum(ratios[: START - 1]) / np.sum(ratios))


def checks(numbers: dict[str, Any]) -> list[Check]:
    """Shares against the exact probability, and what the shown case must be like."""
    rows = []
    for factor, point in zip(numbers["factors"], numbers["points"], strict=True):
        if factor >= 0.25:
            error = np.sqrt(max(point["exact"] * (1 - point["exact"]), 0.002) / numbers["runs"])
            rows.append(
                Check(f"share alive, f = {factor:g}", point["exact"], point["alive"], 5 * error, "ratio of rates")
            )
    rows.append(Check(f"ergodicity gap, f = {SHOWN:g}", 1.0, numbers["gap"], 0.1, "two groups of stuck runs"))
    rows.append(Check(f"p-value of one group, f = {SHOWN:g}", 0.0, numbers["dip_p_value"], 0.01, "dip"))
    rows.append(Check("share of runs near the ensemble average", 0.0, numbers["near_average"], 0.05, "two groups"))
    rows.append(Check("gap where one outcome is certain", 0.0, numbers["gap_of_one_outcome"], 0.05, "one group"))
    return rows


def draw(numbers: dict[str, Any]) -> Figure:
    """Runs (a), their time averages (b), gap against factor (c)."""
    drawn, (runs, groups, gap) = plotting.figure(3, width="double", aspect=1.0)
    times = np.array(numbers["times"])
    for path in numbers["some_paths"]:
        runs.plot(times, path, color="0.7", linewidth=0.5, zorder=1)
    plotting.theory(runs, times, np.array(numbers["ensemble"]), 1, "average of runs")
    runs.axhline(numbers["tipping_point"], color="0.2", linewidth=0.8, linestyle=(0, (1, 1.5)), label="tipping point")
    runs.set(xlabel="time", ylabel="items", ylim=(-1, 50), xlim=(0, 2000))
    runs.legend(loc="upper left", ncols=2, columnspacing=0.8, handlelength=1.4, borderaxespad=0.1)
    groups.hist(numbers["time_averages"], bins=np.linspace(-0.5, CAP + 0.5, 31), color=plotting.COLOURS[0], alpha=0.75)
    plotting.mark(groups, numbers["window_average"], "average of runs")
    groups.set(xlabel="time average of a run, items", ylabel="runs")
    factors, points = np.array(numbers["factors"]), numbers["points"]
    fine, share = np.array(numbers["fine_factors"]), np.array(numbers["reaches_cap"])
    plotting.theory(gap, fine, share, 0)
    plotting.theory(gap, fine, np.sqrt(share * (1 - share)), 1)
    plotting.simulation(gap, factors, [one["alive"] for one in points], None, 0, "runs at the cap")
    plotting.simulation(gap, factors, [one["spread"] for one in points], None, 1, "spread of time averages / $R$")
    gap.set(xlabel="factor $f$", ylabel="share of runs, spread", ylim=(-0.03, 1.35))
    gap.set_yticks([0, 0.25, 0.5, 0.75, 1])
    gap.legend(loc="upper right", handlelength=1.0)
    plotting.panel_letters([runs, groups, gap])
    return drawn
