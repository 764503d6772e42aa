"""Emergence of levels and of a unimodal task: published and corrected.

Computed: 100 levels of 1000 composite skills, eta = round(e^(7 l/100)) links, sigma = round(log2 l) prerequisites,
along compute-optimal sizes (c = 6). Published: finite-size law as released, half the pairs, Chernoff switch.
Corrected: width from covariance evolution, all pairs, exact tail, cliques where one link is enough.
Drawn: accuracy of a task of level 11 alone (7 composite skills at once); accuracy of the task with level weights
Binomial(100, 1/2); both modes.
Must match: published, on the published grid of budgets: level 11 at 5.08e9 parameters; 10, 50, 90 % of the unimodal
task at 4.94e10, 7.87e10, 1.25e11. Corrected: where they move to, level 11 by 45 times.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from skillgraph.ensembles.ensemble import texts_by_law
from skillgraph.figures import style as plotting
from skillgraph.levels.model import PUBLISHED, Convention, published_levels, published_task
from skillgraph.levels.scale import accuracy_curve, first_scale
from skillgraph.optimal.cost import CostModel
from skillgraph.optimal.objectives import expected_learned
from skillgraph.optimal.published import published_budgets, published_learned
from skillgraph.optimal.sizes import optimal_sizes
from skillgraph.reproduce import Check

SHARES = (0.1, 0.5, 0.9)


def compute(quick: bool) -> dict[str, Any]:
    """Positions on the published budgets; curves to be drawn on a finer grid."""
    model, asked = published_levels(), published_task("unimodal")
    modes = {
        "published": (published_learned(6.0), PUBLISHED),
        "corrected": (expected_learned(texts_by_law("poisson:6")), Convention()),
    }
    out: dict[str, Any] = {}
    for name, (objective, how) in modes.items():
        best = optimal_sizes(objective, CostModel(), published_budgets())
        curve = accuracy_curve(model, asked, best.num_skills, best.num_texts, how)
        eleven = curve.gamma[10] ** 7
        budgets = np.geomspace(published_budgets()[0], published_budgets()[-1], 40 if quick else 700)
        fine = optimal_sizes(objective, CostModel(), budgets)
        drawn = accuracy_curve(model, asked, fine.num_skills, fine.num_texts, how)
        out[name] = {
            "parameters": fine.parameters,
            "level_11": drawn.gamma[10] ** 7,
            "unimodal": drawn.accuracy,
            "level_11_at": first_scale(best.parameters, eleven, 0.5),
            "unimodal_at": [first_scale(best.parameters, curve.accuracy, share) for share in SHARES],
        }
    return {"quick": quick, "modes": out}


def checks(numbers: dict[str, Any]) -> list[Check]:
    """Positions in both modes."""
    published, corrected = numbers["modes"]["published"], numbers["modes"]["corrected"]
    rows = [Check("published: level 11 at accuracy 0.5", 5.08e9, published["level_11_at"], 0.02e9, "published code")]
    for share, want, have in zip(SHARES, (4.94e10, 7.87e10, 1.25e11), published["unimodal_at"], strict=True):
        rows.append(Check(f"published: unimodal at {share:g}", want, have, 0.01 * want, "published code"))
    moved = published["level_11_at"] / corrected["level_11_at"]
    rows.append(Check("level 11 comes earlier by a factor of", 45.0, moved, 2.0, "exact tail, all pairs"))
    for share, want, have in zip(SHARES, (1.24e10, 2.34e10, 4.14e10), corrected["unimodal_at"], strict=True):
        rows.append(Check(f"corrected: unimodal at {share:g}", want, have, 0.01 * want, "this work"))
    return rows


def draw(numbers: dict[str, Any]) -> Figure:
    """Two panels: one level, all levels."""
    drawn, (left, right) = plotting.figure(2, width="double", aspect=0.62)
    for place, name in enumerate(("corrected", "published")):
        mode = numbers["modes"][name]
        plotting.theory(left, mode["parameters"], mode["level_11"], place, name)
        plotting.theory(right, mode["parameters"], mode["unimodal"], place, name)
    left.set(xlim=(1e7, 1e11), ylabel="accuracy, level 11 alone")
    right.set(xlim=(1e8, 1e12), ylabel="accuracy, unimodal task")
    for axes in (left, right):
        axes.set(xscale="log", xlabel="parameters $N^*$", ylim=(-0.02, 1.02))
        axes.legend(loc="center" if axes is left else "upper left")
    plotting.panel_letters([left, right])
    return drawn
