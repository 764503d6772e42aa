"""The waterfall of learning at 10^3 to 10^12 skills, by a Markov chain that needs no graph.

Computed: Poisson texts of mean 6; the share of failures (a large part of the skills is never learned) at given
distances from the threshold, in widths alpha R^(-1/2), by the exact chain of unlearned skills, waiting and teaching
texts. Theory: P_fail = Q(z) with the shift beta R^(-2/3), whose errors are of order R^(-1/3).
Drawn: failures against z with Q (a); their distance from Q(0) = 1/2 at z = 0 against R, with and without the shift (b).
Must match: Q at z = -1, 0, 1 for the largest size within 5 standard errors; the decay of the distance without shift,
beta R^(-1/6) / alpha, within 5 standard errors and the error of the law; alpha and beta.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure
from scipy import special

from skillgraph.ensembles.ensemble import texts_by_law
from skillgraph.figures import style as plotting
from skillgraph.reproduce import Check
from skillgraph.simulation.exchangeable import peel_by_chain
from skillgraph.theory.finite_size import waterfall

SEED = 1
BETWEEN = 0.4
PLACES = np.linspace(-2.5, 2.5, 11)


def compute(quick: bool) -> dict[str, Any]:
    """Share of failures by size and place."""
    ensemble = texts_by_law("poisson:6")
    law = waterfall(ensemble)
    assert law.threshold is not None
    assert law.alpha is not None
    assert law.beta is not None
    sizes = [10**3, 10**5, 10**7, 10**9] if quick else [10**power for power in range(3, 13)]
    rows = []
    for size in sizes:
        count = 1000 if quick else (20_000 if size < 10**8 else 4000)
        centre = law.threshold + law.beta * size ** (-2 / 3)
        shares = []
        for place in (*PLACES, -law.beta * size ** (-1 / 6) / law.alpha):
            texts = round((centre + place * law.alpha * size**-0.5) * size)
            found = peel_by_chain(ensemble, size, texts, replicates=count, seed=SEED)
            shares.append(found.failure_probability(BETWEEN))
        rows.append({"num_skills": size, "replicates": count, "failures": shares[:-1], "at_threshold": shares[-1]})
    return {"seed": SEED, "alpha": law.alpha, "beta": law.beta, "threshold": law.threshold, "z": PLACES, "sizes": rows}


def checks(numbers: dict[str, Any]) -> list[Check]:
    """Q at the largest size; the threshold without the shift."""
    rows = [
        Check("alpha", 10.34248, numbers["alpha"], 1e-4, "covariance evolution"),
        Check("beta", 16.0921, numbers["beta"], 1e-3, "covariance evolution"),
    ]
    last = numbers["sizes"][-1]
    size, count = last["num_skills"], last["replicates"]
    for place in (-1.0, 0.0, 1.0):
        at = int(np.argmin(np.abs(np.array(numbers["z"]) - place)))
        q = float(special.ndtr(-place))
        error = 5 * np.sqrt(q * (1 - q) / count) + size ** (-1 / 3)
        rows.append(Check(f"failures at z = {place:g}, R = {size:.0e}", q, last["failures"][at], error, "Q(z)"))
    shifted = float(special.ndtr(numbers["beta"] * size ** (-1 / 6) / numbers["alpha"]))
    error = 5 * np.sqrt(shifted * (1 - shifted) / count) + size ** (-1 / 3)
    rows.append(Check(f"failures at r*, R = {size:.0e}", shifted, last["at_threshold"], error, "the shift alone"))
    return rows


def draw(numbers: dict[str, Any]) -> Figure:
    """Two panels."""
    drawn, (left, right) = plotting.figure(2, width="double", aspect=0.68)
    z = np.array(numbers["z"])
    fine = np.linspace(z[0], z[-1], 200)
    left.plot(fine, special.ndtr(-fine), color="black", label="$Q(z)$")
    shown = numbers["sizes"][:: max(1, len(numbers["sizes"]) // 4)]
    for index, row in enumerate(shown):
        label = f"$R = 10^{{{round(np.log10(row['num_skills']))}}}$"
        plotting.simulation(left, z, row["failures"], None, index, label)
    left.set(xlabel=r"$z = \sqrt{R}\,(r - r^* - \beta R^{-2/3}) / \alpha$", ylabel="share of failures")
    left.legend(loc="upper right")
    sizes = np.array([row["num_skills"] for row in numbers["sizes"]], dtype=float)
    centre = int(np.argmin(np.abs(z)))
    at_centre = np.array([row["failures"][centre] for row in numbers["sizes"]])
    at_threshold = np.array([row["at_threshold"] for row in numbers["sizes"]])
    error = 0.5 / np.sqrt([row["replicates"] for row in numbers["sizes"]])
    theory = special.ndtr(numbers["beta"] * sizes ** (-1 / 6) / numbers["alpha"])
    plotting.theory(right, sizes, theory, 1)
    plotting.simulation(right, sizes, at_threshold, error, 1, "at $r^*$")
    right.axhline(0.5, color=plotting.COLOURS[0], linewidth=1)
    plotting.simulation(right, sizes, at_centre, error, 0, r"at $r^* + \beta R^{-2/3}$")
    right.set(xscale="log", xlabel="number of skills $R$", ylabel="share of failures", ylim=(0.4, 1.0))
    right.legend(loc="upper right")
    plotting.panel_letters([left, right])
    return drawn
