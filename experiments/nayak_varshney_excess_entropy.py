"""Excess entropy along compute-optimal sizes: the bound with the mean, and with both outcomes of the jump.

Computed: P_e, the share of texts with at least two unlearned skills, at the compute-optimal sizes of c = 6. Published:
P_e of the mean unlearned share, squared over 2, from the law as released. Corrected: the same with the right law, and
the ensemble average E[P_e^2 / 2] over success and failure. Simulated: both, from graphs at three budgets.
Drawn: the curves against R with their exponents.
Must match: the exponent of the ensemble average near -1/2, of the bound with the mean near -2; their ratio, which goes
with 1 / P_fail^3 and grows with R, about 100 to 200 at R = 253; in simulation the ratio of two outcomes with
the simulated P_fail, within 20 %.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from skillgraph.ensembles.ensemble import texts_by_law
from skillgraph.figures import style as plotting
from skillgraph.optimal.cost import CostModel
from skillgraph.optimal.excess_entropy import bound_from_mean, bound_from_outcomes, training_error
from skillgraph.optimal.monte_carlo import learned_counts
from skillgraph.optimal.objectives import expected_learned, jump_law
from skillgraph.optimal.published import erasure_point, published_budgets, published_learned
from skillgraph.optimal.sizes import optimal_sizes
from skillgraph.reproduce import Check

SEED = 1
OPTIMA = ((4.15e5, 253), (3.33e6, 772), (2.67e7, 2276))  # RT and its simulated optimum
FLOPS_PER_AREA = 6 * 2e5 * 8e5


def compute(quick: bool) -> dict[str, Any]:
    """Bounds along the optimum and from graphs."""
    ensemble, cost = texts_by_law("poisson:6"), CostModel()
    law, texts = jump_law(ensemble), ensemble.skills_per_text
    assert law is not None
    budgets = published_budgets()[::2]
    best = optimal_sizes(expected_learned(ensemble), cost, budgets)
    ratio = best.num_texts / best.num_skills
    pairs = list(zip(best.num_skills, ratio, strict=True))
    released = optimal_sizes(published_learned(6.0), cost, budgets)
    points = [erasure_point(r, t, 6.0) for r, t in zip(released.num_skills, released.num_texts, strict=True)]
    left = np.array([one.unlearned_share * one.failure_probability for one in points])
    simulated = [_simulated(area, size, 1200 if quick else 8000) for area, size in OPTIMA[: 2 if quick else 3]]
    outcomes = np.array([bound_from_outcomes(law, texts, r, q) for r, q in pairs])
    means = np.array([bound_from_mean(law, texts, r, q) for r, q in pairs])
    return {
        "seed": SEED,
        "num_skills": best.num_skills,
        "outcomes": outcomes,
        "mean": means,
        "published_skills": released.num_skills,
        "published": training_error(left, texts) ** 2 / 2,
        "exponents": [_slope(best.num_skills, one) for one in (outcomes, means)],
        "simulated": simulated,
    }


def _simulated(area: float, size: int, replicates: int) -> dict[str, Any]:
    """Both bounds from graphs, and what two outcomes with the simulated P_fail would give."""
    ensemble = texts_by_law("poisson:6")
    texts = ensemble.skills_per_text
    counts = learned_counts(ensemble, size, np.array([round(area / size)]), replicates=replicates, seed=SEED)
    unlearned = 1 - counts[:, 0] / size
    failed = unlearned > 0.4
    left = float(unlearned[failed].mean())
    outcomes = float(np.mean(training_error(unlearned, texts) ** 2)) / 2
    mean = float(training_error(unlearned.mean(), texts)) ** 2 / 2
    share = float(failed.mean())
    predicted = share * float(training_error(left, texts)) ** 2 / float(training_error(share * left, texts)) ** 2
    return {
        "area": area,
        "num_skills": size,
        "failure_probability": share,
        "outcomes": outcomes,
        "mean": mean,
        "ratio": outcomes / mean,
        "two_outcomes": predicted,
    }


def _slope(size: np.ndarray, bound: np.ndarray) -> float:
    chosen = size > 1e3
    return float(np.polyfit(np.log(size[chosen]), np.log(bound[chosen]), 1)[0])


def checks(numbers: dict[str, Any]) -> list[Check]:
    """Exponents and ratios."""
    rows = [
        Check("exponent of E[P_e^2/2] in R", -0.5, numbers["exponents"][0], 0.06, "P_fail along the optimum"),
        Check("exponent of the bound with the mean", -2.0, numbers["exponents"][1], 0.2, "its square"),
        Check(
            "log10 of the ratio at R = 253, simulated",
            2.15,
            np.log10(numbers["simulated"][0]["ratio"]),
            0.5,
            "100 to 200",
        ),
    ]
    for one in numbers["simulated"]:
        expected, ours = np.log(one["two_outcomes"]), np.log(one["ratio"])
        rows.append(Check(f"ratio at R = {one['num_skills']}, log", expected, ours, 0.2, "two outcomes"))
    return rows


def draw(numbers: dict[str, Any]) -> Figure:
    """One panel, both axes logarithmic."""
    drawn, (axes,) = plotting.figure(1)
    plotting.theory(axes, numbers["num_skills"], numbers["outcomes"], 0, "average over outcomes")
    plotting.theory(axes, numbers["num_skills"], numbers["mean"], 1, "with the mean")
    plotting.theory(axes, numbers["published_skills"], numbers["published"], 2, "with the mean, published")
    seen = numbers["simulated"]
    skills = np.array([one["num_skills"] for one in seen])
    plotting.simulation(axes, skills, np.array([one["outcomes"] for one in seen]), None, 0, "simulation")
    plotting.simulation(axes, skills, np.array([one["mean"] for one in seen]), None, 1)
    first, second = numbers["exponents"]
    axes.annotate(f"$R^{{{first:.2f}}}$", (1e6, 3e-4), fontsize=7)
    axes.annotate(f"$R^{{{second:.2f}}}$", (1.2e4, 2e-10), fontsize=7)
    axes.set(xscale="log", yscale="log", xlabel="compute-optimal skills $R^*$", ylabel="excess entropy bound (nats)")
    axes.legend(loc="lower left", fontsize=6)
    return drawn
