"""Failure probability of learning at five sizes collapses on one normal tail.

Computed: Poisson texts, c = 6 skills per text, R = 300 to 30 000 skills. Each replicate is one graph whose texts arrive
one by one; the text at which its unlearned share falls through half the jump is recorded, so one pass gives P_fail at
every r. Theory: P_fail = Q(sqrt(R) (r - r* - beta R^(-2/3)) / alpha) with alpha = 10.342, beta = 16.092.
Drawn: P_fail against texts per skill with theory; the same against the scaled distance, with the normal tail and with
the width of Nayak & Varshney's released code, which has three wrong signs.
Must match: alpha fitted at R = 10^4 in 10.0 to 10.7; mean distance from theory below 0.4 R^(-1/3) plus noise;
exponent 1/2 and threshold of a free collapse within 5 and 1 % (corrections of order R^(-1/3) bias both);
P_fail at R = 10^4, r = 4.5677 (0.489).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure
from scipy import special

from skillgraph.ensembles.ensemble import texts_by_law
from skillgraph.figures import style as plotting
from skillgraph.graphs.sampling import sample
from skillgraph.optimal.published import erasure_point
from skillgraph.replicates import in_order
from skillgraph.reproduce import Check
from skillgraph.seeding import generator
from skillgraph.simulation.peeling import learning_curve
from skillgraph.statistics.collapse import collapse
from skillgraph.theory.finite_size import failure_probability, waterfall
from skillgraph.theory.thresholds import peeling_threshold

SEED, MEAN = 1, 6.0
SIZES = {300: 4000, 1000: 4000, 3000: 3000, 10_000: 4000, 30_000: 800}
QUICK = {300: 800, 1000: 600, 3000: 300, 10_000: 120}
PROBE = 4.5677


def compute(quick: bool) -> dict[str, Any]:
    """Moments of the jump in every replicate, P_fail on a grid, and the best collapse."""
    ensemble = texts_by_law(f"poisson:{MEAN:g}")
    found = peeling_threshold(ensemble)
    law = waterfall(ensemble, threshold=found)
    assert found.threshold is not None
    assert found.unlearned_before_jump is not None
    assert law.alpha is not None
    assert law.beta is not None
    half = found.unlearned_before_jump / 2
    sizes = QUICK if quick else SIZES
    curves = []
    for size, replicates in sizes.items():
        centre, width = found.threshold + law.beta * size ** (-2 / 3), law.alpha / np.sqrt(size)
        jumps = _jumps(size, replicates, centre + 6 * width, half)
        grid = centre + width * np.linspace(-2.5, 3.0, 23)
        failed = (jumps[:, None] > grid).astype(float)
        middle = (jumps > centre - 5 * width) & (jumps < centre + 5 * width)
        curves.append(
            {
                "num_skills": size,
                "replicates": replicates,
                "ratio": grid,
                "failure_probability": failed.mean(axis=0),
                "theory": failure_probability(law, size, grid),
                "alpha": float(np.std(jumps[middle], ddof=1) * np.sqrt(size)),
                "mean_jump": float(jumps[middle].mean()),
                "probe": float((jumps > PROBE).mean()),
                "jumps": jumps,
            }
        )
    fit = collapse(
        [one["num_skills"] for one in curves],
        [one["ratio"] for one in curves],
        [(one["jumps"][:, None] > one["ratio"]).astype(float) for one in curves],
        start={"critical": found.threshold, "a": 0.5, "shift": law.beta},
        fixed=("shift",),
        resamples=6 if quick else 20,
        rng=generator(SEED, "waterfall_collapse", "bootstrap"),
    )
    for one in curves:
        del one["jumps"]
    return {
        "seed": SEED,
        "threshold": found.threshold,
        "alpha": law.alpha,
        "beta": law.beta,
        "curves": curves,
        "collapse": fit,
        "released": _released(found.threshold),
    }


def _jumps(size: int, replicates: int, furthest: float, half: float) -> np.ndarray:
    """Texts per skill at which each replicate jumps; ``furthest`` for those that do not until there."""
    ensemble, texts = texts_by_law(f"poisson:{MEAN:g}"), int(np.ceil(furthest * size))

    def one(replicate: int) -> float:
        graph = sample(ensemble, size, texts, rng=generator(SEED, "waterfall_collapse", size, replicate))
        known = learning_curve(graph).learned_count
        place = int(np.searchsorted(known, size * (1 - half)))
        return min(place, texts) / size

    return np.array(list(in_order(one, range(replicates), 2)))


def _released(threshold: float) -> dict[str, Any]:
    """P_fail of the released law in the limit of large R, against sqrt(R) (r - r*)."""
    size = 1e10
    distance = np.linspace(-35, 40, 151)
    values = {
        signs: [
            erasure_point(size, (threshold + x / np.sqrt(size)) * size, MEAN, signs=signs).failure_probability
            for x in distance
        ]
        for signs in ("published", "right")
    }
    return {"distance": distance, **values}


def checks(numbers: dict[str, Any]) -> list[Check]:
    """Fitted width, free collapse, one probability."""
    fit, rows = numbers["collapse"], []
    large = next(one for one in numbers["curves"] if one["num_skills"] == 10_000)
    few = large["replicates"] < 1000
    rows.append(Check("alpha fitted at R = 10^4", 10.35, large["alpha"], 2.5 if few else 0.35, "covariance evolution"))
    rows.append(
        Check(
            "exponent of a free collapse",
            0.5,
            fit["a"],
            max(4 * fit["standard_error"]["a"], 0.05 if few else 0.025),
            "covariance evolution",
        )
    )
    rows.append(
        Check(
            "threshold of a free collapse",
            numbers["threshold"],
            fit["critical"],
            max(4 * fit["standard_error"]["critical"], 0.09 if few else 0.045),
            "density evolution",
        )
    )
    for one in numbers["curves"]:
        gap = np.array(one["failure_probability"]) - np.array(one["theory"])
        band = 0.4 * one["num_skills"] ** (-1 / 3) + 0.6 / np.sqrt(one["replicates"])
        rows.append(Check(f"mean distance from theory, R = {one['num_skills']}", 0.0, np.abs(gap).mean(), band))
    error = 5 * np.sqrt(0.25 / large["replicates"])
    rows.append(Check(f"P_fail at R = 10^4, r = {PROBE}", 0.489, large["probe"], error + 0.018, "Monte Carlo"))
    rows.append(Check("alpha of the theory", 10.34248, numbers["alpha"], 1e-4, "covariance evolution"))
    rows.append(Check("beta of the theory", 16.0921, numbers["beta"], 1e-3, "covariance evolution"))
    return rows


def draw(numbers: dict[str, Any]) -> Figure:
    """Two panels: against texts per skill, and scaled."""
    drawn, (left, right) = plotting.figure(2, width="double", aspect=0.72)
    threshold, alpha, beta = numbers["threshold"], numbers["alpha"], numbers["beta"]
    for place, one in enumerate(numbers["curves"]):
        size, ratio, failed = one["num_skills"], np.array(one["ratio"]), np.array(one["failure_probability"])
        error = np.sqrt(np.maximum(failed * (1 - failed), 1e-6) / one["replicates"])
        plotting.theory(left, ratio, one["theory"], place)
        plotting.simulation(left, ratio, failed, error, place, f"$R$ = {size:,}".replace(",", " "))
        scaled = np.sqrt(size) * (ratio - threshold - beta * size ** (-2 / 3)) / alpha
        plotting.simulation(right, scaled, failed, error, place)
    left.set(xlabel="texts per skill $r$", ylabel="failure probability", ylim=(-0.02, 1.02), xlim=(3.9, 7.2))
    plotting.mark(left, threshold, "$r^*$", y=0.12)
    left.legend(loc="upper right", title="simulation; lines: theory", title_fontsize=7)
    x = np.linspace(-2.7, 3.2, 200)
    right.plot(x, special.ndtr(-x), color="black", linewidth=1.2, label="$Q$, theory", zorder=2)
    released = numbers["released"]
    distance = np.array(released["distance"]) / alpha
    inside = (distance > -2.7) & (distance < 3.2)
    right.plot(
        distance[inside],
        np.array(released["published"])[inside],
        color="0.45",
        linestyle=(0, (4, 2)),
        label="released code of the peer",
    )
    right.set(
        xlabel=r"$\sqrt{R}\,(r - r^* - \beta R^{-2/3})/\alpha$",
        ylabel="failure probability",
        xlim=(-2.7, 3.2),
        ylim=(-0.02, 1.02),
    )
    right.legend(loc="upper right")
    plotting.panel_letters([left, right])
    return drawn
