"""Compute-optimal model and data size: published, corrected, and found by simulation.

Computed: c = 6 unknown skills per text, 2e5 parameters per skill, 8e5 tokens per text, compute 6 N D. Published: the
finite-size law as released by Nayak & Varshney (2024), three signs of its width wrong, no shift. Corrected: Poisson
edges at fixed R and T, alpha and beta from covariance evolution. Simulated: graphs only, RT = 4.15e5, 3.33e6, 2.67e7.
Drawn: N* and D* against compute; tokens per parameter against compute with their limit 18.13; isoFLOP curves, learned
skills against R at the simulated budgets.
Must match: published N* = 7.145e10, D* = 1.337e12, D/N = 18.71 at C = 5.73e23 and exponents 0.5033 / 0.4967 (fitted
from 1e20 to 1e30 FLOPs); the simulated optima near R = 249, 762, 2281; limit 18.13.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from skillgraph.ensembles.ensemble import texts_by_law
from skillgraph.figures import style as plotting
from skillgraph.optimal.analytic import analytic_optimum
from skillgraph.optimal.cost import CostModel
from skillgraph.optimal.monte_carlo import simulated_optimum
from skillgraph.optimal.objectives import expected_learned, jump_law
from skillgraph.optimal.published import published_budgets, published_learned
from skillgraph.optimal.sizes import fitted_exponent, isoflop, optimal_sizes
from skillgraph.replicates import in_order
from skillgraph.reproduce import Check

SEED, CHINCHILLA = 1, 5.73e23
AREAS = {4.15040475785e5: 249, 3.33129478793e6: 762, 2.67384161584e7: 2281}
FLOPS_PER_AREA = 6 * 2e5 * 8e5


def compute(quick: bool) -> dict[str, Any]:
    """Optimal sizes in both modes, isoFLOP curves, simulated optima."""
    ensemble, cost = texts_by_law("poisson:6"), CostModel()
    budgets = published_budgets()
    objectives = {"published": published_learned(6.0), "corrected": expected_learned(ensemble)}
    modes = {}
    for name, objective in objectives.items():
        best = optimal_sizes(objective, cost, budgets)
        at = optimal_sizes(objective, cost, CHINCHILLA)
        modes[name] = {
            "parameters": best.parameters,
            "tokens": best.tokens,
            "exponents": [fitted_exponent(budgets, size, 1e20, 1e30) for size in (best.parameters, best.tokens)],
            "chinchilla": [float(at.parameters[0]), float(at.tokens[0]), float(at.tokens_per_parameter[0])],
        }
    law = jump_law(ensemble)
    assert law is not None
    closed = [
        analytic_optimum(law.waterfall, law.unlearned_given_failure(law.threshold), b / FLOPS_PER_AREA).num_skills
        for b in budgets
    ]
    areas = dict(list(AREAS.items())[:2]) if quick else AREAS
    replicates = [400, 250] if quick else [6000, 4000, 2500]

    def simulated(entry: tuple[float, int]) -> dict[str, Any]:
        area, expected = entry
        at = optimal_sizes(objectives["corrected"], cost, area * FLOPS_PER_AREA).num_skills[0]
        sizes = np.unique(np.rint(at * np.linspace(0.89, 1.11, 9)))
        run = simulated_optimum(ensemble, area, sizes, replicates=replicates[list(areas).index(area)], seed=SEED)
        wide = at * np.linspace(0.82, 1.2, 60)
        flops = area * FLOPS_PER_AREA
        curves = {name: isoflop(objective, cost, flops, wide).value for name, objective in objectives.items()}
        return {
            "area": area,
            "expected": expected,
            "corrected": float(at),
            "optimum": run.optimum,
            "interval": list(run.interval),
            "num_skills": run.num_skills,
            "mean_learned": run.mean_learned,
            "standard_error": run.standard_error,
            "curve_skills": wide,
            "curves": curves,
        }

    optima = list(in_order(simulated, areas.items(), 2))
    return {
        "seed": SEED,
        "quick": quick,
        "compute": budgets,
        "modes": modes,
        "closed_form": closed,
        "limit": law.threshold * cost.tokens_per_text / cost.parameters_per_skill,
        "simulated": optima,
    }


def checks(numbers: dict[str, Any]) -> list[Check]:
    """The paper's numbers in published mode, and what the corrected mode and simulation give."""
    source = "published code"
    published, corrected = numbers["modes"]["published"], numbers["modes"]["corrected"]
    size, tokens, ratio = published["chinchilla"]
    rows = [
        Check("published: N* at C = 5.73e23", 7.145e10, size, 0.01e10, source),
        Check("published: D* at C = 5.73e23", 1.337e12, tokens, 0.002e12, source),
        Check("published: tokens per parameter at C = 5.73e23", 18.71, ratio, 0.02, source),
        Check("published: exponent of N*", 0.5033, published["exponents"][0], 0.0005, source),
        Check("published: exponent of D*", 0.4967, published["exponents"][1], 0.0005, source),
        Check("limit of tokens per parameter", 18.132, numbers["limit"], 0.001, "r* times cost of a text over a skill"),
        Check("corrected: tokens per parameter at C = 5.73e23", 18.36, corrected["chinchilla"][2], 0.02, "this work"),
        Check("corrected: exponent of N*", 0.5016, corrected["exponents"][0], 0.0005, "this work"),
    ]
    for one in numbers["simulated"]:
        low, high = one["interval"]
        slack = 0.06 if numbers["quick"] else 0.025
        rows.append(
            Check(
                f"simulated optimal R at RT = {one['area']:.3g}",
                one["expected"],
                one["optimum"],
                slack * one["expected"] + (high - low),
                "simulation",
            )
        )
    return rows


def draw(numbers: dict[str, Any]) -> Figure:
    """Three panels: sizes, tokens per parameter, isoFLOP curves."""
    drawn, (sizes, ratios, curves) = plotting.figure(3, width="double", aspect=0.95)
    budget = np.array(numbers["compute"])
    for name, style in (("published", "--"), ("corrected", "-")):
        mode = numbers["modes"][name]
        for quantity, colour in (("parameters", plotting.COLOURS[0]), ("tokens", plotting.COLOURS[1])):
            label = f"{'$N^*$' if quantity == 'parameters' else '$D^*$'} {name}"
            sizes.plot(budget, mode[quantity], style, color=colour, label=label)
        per = np.array(mode["tokens"]) / np.array(mode["parameters"])
        ratios.plot(budget, per, style, color=plotting.COLOURS[2], label=name)
    sizes.plot([CHINCHILLA] * 2, [63e9, 1.4e12], "k*", markersize=5, linestyle="none", label="Chinchilla")
    sizes.set(xscale="log", yscale="log", xlabel="compute (FLOPs)", ylabel="parameters $N^*$, tokens $D^*$")
    sizes.legend(fontsize=5.5, loc="upper left")
    closed = np.array([np.nan if one is None else one for one in numbers["closed_form"]])
    area = budget / FLOPS_PER_AREA
    ratios.plot(budget, 4 * area / closed**2, ":", color="black", label="closed form")
    ratios.axhline(numbers["limit"], color="0.6", linewidth=0.7, zorder=0)
    ratios.annotate(
        "limit 18.13",
        (budget[-1], numbers["limit"]),
        (0, -3),
        textcoords="offset points",
        ha="right",
        va="top",
        fontsize=6,
    )
    ratios.set(xscale="log", xlabel="compute (FLOPs)", ylabel="tokens per parameter", ylim=(16.5, 30))
    ratios.legend(fontsize=6)
    for place, one in enumerate(numbers["simulated"]):
        colour = plotting.COLOURS[place]
        x, best = np.array(one["curve_skills"]), one["optimum"]
        curves.plot(x / best, np.array(one["curves"]["corrected"]) / best, "-", color=colour)
        curves.plot(x / best, np.array(one["curves"]["published"]) / best, "--", color=colour, linewidth=0.8)
        curves.errorbar(
            np.array(one["num_skills"]) / best,
            np.array(one["mean_learned"]) / best,
            np.array(one["standard_error"]) / best,
            marker=plotting.MARKERS[place],
            color=colour,
            linestyle="none",
            markerfacecolor="white",
            label=f"$R^*$ = {best:.0f}",
        )
    curves.set(
        xlabel="$R$ / simulated optimum $R^*$", ylabel="learned skills / $R^*$", xlim=(0.86, 1.14), ylim=(0.62, 1.02)
    )
    curves.legend(fontsize=6, loc="lower left")
    plotting.panel_letters([sizes, ratios, curves])
    return drawn
