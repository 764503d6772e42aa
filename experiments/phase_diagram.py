"""Phase diagram of skills per text and texts per skill: percolation line, peeling line and critical endpoint.

Computed: Poisson texts; learned share on a grid of mean skills per text c and texts per skill r, simulated on 10^4
skills. Theory: the giant component appears at c^2 r = 1; learning jumps at r*(c), which exists for c > e and ends in
the critical endpoint (c, r, u) = (e, 1, 1/e).
Drawn: simulated learned share as shades, the two lines and the endpoint.
Must match: the endpoint; r* at c = 3, 4, 5, 6; the simulated jump (largest step of the learned share along r) at
c = 4 and 6 within one grid step plus the finite-size width.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from skillgraph.agreement import compare
from skillgraph.ensembles.ensemble import texts_by_law
from skillgraph.figures import style as plotting
from skillgraph.reproduce import Check
from skillgraph.theory.components import percolation_threshold
from skillgraph.theory.thresholds import critical_endpoint, peeling_threshold

SEED = 1
R_STAR = {3.0: 1.0378856970, 4.0: 1.4663503250, 5.0: 2.4565308892, 6.0: 4.5329896199}


def compute(quick: bool) -> dict[str, Any]:
    """Learned share on the grid and the lines of theory."""
    size, replicates = (2000, 2) if quick else (10_000, 8)
    means = np.linspace(0.25, 6.0, 24 if quick else 47)
    ratios = np.linspace(0.05, 5.0, 67 if quick else 100)
    shares = [_column(mean, ratios, size, replicates) for mean in means]
    endpoint = critical_endpoint()
    above = np.linspace(endpoint.skills_per_text + 1e-3, 6.0, 120)
    return {
        "seed": SEED,
        "num_skills": size,
        "replicates": replicates,
        "skills_per_text": means,
        "texts_per_skill_ratio": ratios,
        "learned_share": shares,
        "peeling_line": [{"skills_per_text": c, "ratio": _threshold(c)} for c in above],
        "thresholds": {str(c): _threshold(c) for c in R_STAR},
        "percolation": {str(c): percolation_threshold(texts_by_law(f"poisson:{c}")).threshold for c in (1.0, 2.0)},
        "endpoint": [endpoint.skills_per_text, endpoint.texts_per_skill_ratio, endpoint.unlearned_share],
    }


def _column(mean: float, ratios: np.ndarray, size: int, replicates: int) -> list[float]:
    run = compare(texts_by_law(f"poisson:{mean}"), size, ratios, replicates=replicates, seed=SEED)
    values: list[float] = run.observables["learned_share"].mean.tolist()
    return values


def _threshold(mean: float) -> float | None:
    return peeling_threshold(texts_by_law(f"poisson:{mean}")).threshold


def checks(numbers: dict[str, Any]) -> list[Check]:
    """Endpoint, thresholds, simulated jumps."""
    names = ("skills per text", "texts per skill", "unlearned share")
    expected = (np.e, 1.0, 1 / np.e)
    rows = [
        Check(f"critical endpoint, {name}", want, have, 1e-6, "closed form")
        for name, want, have in zip(names, expected, numbers["endpoint"], strict=True)
    ]
    rows += [
        Check(f"r* at c = {c:g}", r, numbers["thresholds"][str(c)], 1e-9, "closed form") for c, r in R_STAR.items()
    ]
    rows += [
        Check(f"percolation at c = {c}", 1 / float(c) ** 2, r, 1e-12, "c^2 r = 1")
        for c, r in numbers["percolation"].items()
    ]
    ratios = np.array(numbers["texts_per_skill_ratio"])
    for c in (4.0, 6.0):
        column = int(np.argmin(np.abs(np.array(numbers["skills_per_text"]) - c)))
        steps = np.diff(numbers["learned_share"][column])
        jump = float(ratios[:-1][int(np.argmax(steps))] + np.diff(ratios)[0] / 2)
        width = 12 / np.sqrt(numbers["num_skills"]) * (3 if c == 6.0 else 1)
        rows.append(
            Check(f"simulated jump at c = {c:g}", R_STAR[c], jump, np.diff(ratios)[0] + width, "density evolution")
        )
    return rows


def draw(numbers: dict[str, Any]) -> Figure:
    """One panel: shades, two lines, one point."""
    drawn, (axes,) = plotting.figure(1, width="single", aspect=0.86)
    shade = axes.pcolormesh(
        numbers["skills_per_text"],
        numbers["texts_per_skill_ratio"],
        np.array(numbers["learned_share"]).T,
        cmap="cividis",
        vmin=0,
        vmax=1,
        shading="nearest",
        rasterized=True,
    )
    bar = drawn.colorbar(shade, ax=axes, pad=0.02)
    bar.set_label("learned share (simulated)")
    c = np.linspace(0.4, 6, 300)
    axes.plot(c, c**-2.0, color="white", linestyle=(0, (5, 1.5)), label="giant component, $c^2 r = 1$")
    line = numbers["peeling_line"]
    x, y = [one["skills_per_text"] for one in line], [one["ratio"] for one in line]
    axes.plot(x, y, color="#D55E00", linewidth=1.6, label="learning jumps, $r^*(c)$")
    end = numbers["endpoint"]
    axes.plot(
        [end[0]],
        [end[1]],
        marker="o",
        color="#D55E00",
        markeredgecolor="white",
        markersize=5,
        linestyle="none",
        label="critical endpoint $(e, 1)$",
    )
    axes.set(xlabel="mean skills per text $c$", ylabel="texts per skill $r$", xlim=(0.25, 6), ylim=(0.05, 5))
    axes.legend(loc="upper center", fontsize=6.5, frameon=True, facecolor="0.25", labelcolor="white", framealpha=0.85)
    return drawn
