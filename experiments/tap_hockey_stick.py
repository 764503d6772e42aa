"""Growth by combination: a long crawl, then an explosion (the hockey stick), and how long the crawl takes.

Computed: M' = (1 - mu) M + sum over i >= 2 of alpha_i C(M, i) from M0 = 2 for alpha_i = alpha and several extinction
rates around the critical one, rate(M0) / M0 = 0.005 at alpha = 0.01; first step beyond 10^12 for alpha_i = alpha and
for alpha_i = alpha / a^(i-1), with the blow-up time in continuous time and its estimate from pairs alone.
Drawn: trajectories; steps to 10^12 against alpha and against a, iterated and continuous.
Must match: 4, 84, 7806 steps at alpha = 1, 10^-2, 10^-4; 503 at alpha = 10^-2, mu = 4.99e-3; 17, 143, 1391 at a = 10,
100, 1000; continuous blow-up time 1381.449 at a = 1000; 182 more steps per ten times closer start (alpha = 10^-2, mu =
0.005).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from skillgraph.adjacent_possible import blow_up, constant, equilibrium, first_beyond, power_law, trajectory
from skillgraph.figures import style as plotting
from skillgraph.reproduce import Check

RATES = (0.0, 0.004, 4.99e-3, 5.01e-3)
STEPS = 560
BY_ALPHA = {1.0: 4, 1e-2: 84, 1e-4: 7806}
BY_A = {10.0: 17, 100.0: 143, 1000.0: 1391}
SOURCE = "Cortes et al. 2022"


def compute(quick: bool) -> dict[str, Any]:
    """Trajectories, crossings and blow-up times."""
    points = 9 if quick else 17
    alphas, ratios = np.geomspace(1e-4, 1, points), np.geomspace(1, 1e3, points)
    starts = [first_beyond(constant(0.01), 2 + 10.0**-k, 0.005).steps for k in (5, 6, 7, 8)]
    return {
        "paths": [trajectory(constant(0.01), 2, mu, steps=STEPS).log10_items for mu in RATES],
        "alphas": alphas,
        "by_alpha": [_times(constant(alpha)) for alpha in alphas.tolist()],
        "ratios": ratios,
        "by_a": [_times(power_law(1.0, a)) for a in ratios.tolist()],
        "steps_by_alpha": {str(alpha): first_beyond(constant(alpha), 2).steps for alpha in BY_ALPHA},
        "steps_by_a": {str(a): first_beyond(power_law(1.0, a), 2).steps for a in BY_A},
        "steps_near_critical": first_beyond(constant(1e-2), 2, 4.99e-3).steps,
        "continuous": blow_up(power_law(1.0, 1000.0), 2).integral,
        "delay_per_decade": float(np.diff(np.array(starts, float)).mean()),
        "steps_per_decade": equilibrium(constant(0.01), 0.005).steps_per_decade,
    }


def _times(law: Any) -> list[float | None]:
    estimate = blow_up(law, 2)
    return [first_beyond(law, 2).steps, estimate.integral, estimate.pairs]


def checks(numbers: dict[str, Any]) -> list[Check]:
    """Steps are whole numbers and must be equal."""
    rows = [
        Check(f"steps beyond 1e12, alpha = {alpha:g}", want, numbers["steps_by_alpha"][str(alpha)], 0, SOURCE)
        for alpha, want in BY_ALPHA.items()
    ]
    rows += [
        Check(f"steps beyond 1e12, alpha = 1, a = {a:g}", want, numbers["steps_by_a"][str(a)], 0, SOURCE)
        for a, want in BY_A.items()
    ]
    rows.append(Check("steps beyond 1e12, mu = 4.99e-3", 503, numbers["steps_near_critical"], 0, SOURCE))
    rows.append(Check("continuous blow-up time, a = 1000", 1381.449, numbers["continuous"], 1e-3, "integral"))
    rows.append(
        Check("delay per decade, iterated", numbers["steps_per_decade"], numbers["delay_per_decade"], 1, "multiplier")
    )
    rows.append(Check("delay per decade, theory", 182, numbers["steps_per_decade"], 0.5, "ln 10 / ln multiplier"))
    return rows


def draw(numbers: dict[str, Any]) -> Figure:
    """Trajectories (a), steps against alpha (b) and against a (c)."""
    drawn, (paths, by_alpha, by_a) = plotting.figure(3, width="double", aspect=1.0)
    for index, (mu, path) in enumerate(zip(RATES, numbers["paths"], strict=True)):
        known = [value for value in path if value is not None]
        plotting.theory(paths, np.arange(len(known)), np.array(known), index, rf"$\mu$ = {mu:g}")
    paths.set(xlabel="step $t$", ylabel=r"number of items, $\log_{10} M_t$", ylim=(-0.3, 9), xlim=(0, STEPS))
    paths.legend(loc="upper center")
    for axes, name, grid, label in (
        (by_alpha, "by_alpha", "alphas", r"$\alpha$"),
        (by_a, "by_a", "ratios", r"$a$, at $\alpha = 1$"),
    ):
        table = np.array(numbers[name], float)
        plotting.theory(axes, numbers[grid], table[:, 1], 0, "continuous time")
        plotting.theory(axes, numbers[grid], table[:, 2], 1, "pairs alone")
        plotting.simulation(axes, numbers[grid], table[:, 0], None, 2, "iterated")
        axes.set(xscale="log", yscale="log", xlabel=label, ylabel="steps until $M > 10^{12}$")
    by_alpha.legend(loc="upper right")
    plotting.panel_letters([paths, by_alpha, by_a])
    return drawn
