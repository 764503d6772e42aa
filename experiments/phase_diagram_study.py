"""Phase diagram as a parameter study: 31 x 61 points, each computed until its mean is known to 0.005.

Computed: Poisson texts on 10^4 skills; learned share for mean skills per text c from 0.2 to 6.2 and texts per skill r
from 0.1 to 6.1, the study `phase_diagram_study.toml`: 95 % intervals of half-width 0.005, in batches of 16 replicates.
Its run directory is phase_diagram_study in the folder SKILLGRAPH_RUNS, where a run computed elsewhere (also on a
cluster) is taken up; without that variable it is a temporary one.
Drawn: learned share as shades with the percolation line c^2 r = 1, the peeling line r*(c) and the critical endpoint;
replicates per point, which grow where outcomes fluctuate, at the jump.
Must match: density evolution at every point outside the transition window, within 4.9 standard errors; the place of
the jump at c = 4 and c = 6 within one step of the grid; no point short of its target.
"""

from __future__ import annotations

import csv
import os
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke

from skillgraph.ensembles.ensemble import texts_by_law
from skillgraph.figures import style as plotting
from skillgraph.reproduce import Check
from skillgraph.studies import run_study
from skillgraph.theory.density_evolution import learned_share
from skillgraph.theory.thresholds import critical_endpoint, peeling_threshold

STUDY = Path(__file__).with_suffix(".toml")
QUICK = (
    "parameters.num_skills=1000",
    "grid.skills_per_text={start=2, stop=6, count=5}",
    "grid.texts_per_skill_ratio={start=0.5, stop=6, count=12}",
    "measures.learned_share.half_width=0.05",
)
R_STAR = {4.0: 1.4663503250, 6.0: 4.5329896199}


def compute(quick: bool) -> dict[str, Any]:
    """Run or resume the study and set the lines of theory beside it."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary if quick else os.environ.get("SKILLGRAPH_RUNS", temporary)) / STUDY.stem
        processes = 1 if quick else os.cpu_count() or 1
        run_study(STUDY, overrides=QUICK if quick else (), directory=folder, processes=processes)
        with (folder / "results.csv").open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
    means, ratios = (
        sorted({float(row[name]) for row in rows}) for name in ("skills_per_text", "texts_per_skill_ratio")
    )
    shape = len(means), len(ratios)
    endpoint = critical_endpoint()
    above = np.linspace(endpoint.skills_per_text + 1e-3, means[-1], 120)
    return {
        "seed": 1,
        "skills_per_text": means,
        "texts_per_skill_ratio": ratios,
        "target": 0.05 if quick else 0.005,
        **{name: _grid(rows, name, shape) for name in ("mean", "half_width", "replicates")},
        "short_of_target": sum(row["stopped"] != "target" for row in rows),
        "theory": [learned_share(texts_by_law(f"poisson:{c!r}"), np.array(ratios)) for c in means],
        "thresholds": {repr(c): _threshold(c) for c in means},
        "peeling_line": [[c, _threshold(c)] for c in above.tolist()],
        "endpoint": [endpoint.skills_per_text, endpoint.texts_per_skill_ratio],
    }


def _grid(rows: list[dict[str, str]], name: str, shape: tuple[int, int]) -> np.ndarray:
    return np.array([float(row[name]) for row in rows]).reshape(shape)


def _threshold(mean: float) -> float | None:
    return peeling_threshold(texts_by_law(f"poisson:{mean!r}")).threshold


def checks(numbers: dict[str, Any]) -> list[Check]:
    """Theory outside the window, the place of the jump, the targets."""
    ratios, target = np.array(numbers["texts_per_skill_ratio"]), numbers["target"]
    step = float(ratios[1] - ratios[0])
    deviation = np.abs(np.array(numbers["mean"]) - np.array(numbers["theory"]))
    outside = np.array([_outside(c, ratios, numbers, step) for c in numbers["skills_per_text"]])
    rows = [
        Check("largest deviation outside the window", 0, deviation[outside].max(), 2.5 * target, "density evolution"),
        Check("points short of their target", 0, numbers["short_of_target"], 0, "the study"),
    ]
    for c, wanted in R_STAR.items():
        shares = np.array(numbers["mean"][int(np.argmin(np.abs(np.array(numbers["skills_per_text"]) - c)))])
        place = int(np.argmax(np.diff(shares)))
        rows.append(Check(f"jump at c = {c:g}", wanted, ratios[place] + step / 2, step, "peeling threshold"))
    return rows


def _outside(mean: float, ratios: np.ndarray, numbers: dict[str, Any], step: float) -> np.ndarray:
    """Where the finite system follows the infinite one: away from the jump and, below its end, from the steep rise."""
    threshold = numbers["thresholds"][repr(mean)]
    if threshold is not None:
        return np.abs(ratios - threshold) > max(0.15, 0.07 * threshold, 1.5 * step)
    near_end = abs(mean - numbers["endpoint"][0]) < 0.75
    return np.abs(ratios - numbers["endpoint"][1]) > (0.45 if near_end else 0.0)


def draw(numbers: dict[str, Any]) -> Figure:
    """Two panels: learned share with the lines of theory; replicates per point."""
    drawn, axes = plotting.figure(2, width="double", aspect=0.86)
    x, y = numbers["skills_per_text"], numbers["texts_per_skill_ratio"]
    share = axes[0].pcolormesh(
        x, y, np.array(numbers["mean"]).T, cmap="cividis", vmin=0, vmax=1, shading="nearest", rasterized=True
    )
    drawn.colorbar(share, ax=axes[0], pad=0.02).set_label("learned share (simulated)")
    replicates = np.array(numbers["replicates"]).T
    effort = axes[1].pcolormesh(
        x, y, replicates, cmap="Greys", norm=LogNorm(replicates.min() / 2), shading="nearest", rasterized=True
    )
    drawn.colorbar(effort, ax=axes[1], pad=0.02).set_label("replicates")
    for place, one in enumerate(axes):
        _lines(one, numbers, "white" if place == 0 else "#0072B2")
        one.set(xlabel="mean skills per text $c$", ylabel="texts per skill $r$", xlim=(x[0], x[-1]), ylim=(y[0], y[-1]))
    axes[1].legend(loc="upper center", fontsize=6.5)
    plotting.panel_letters(axes)
    return drawn


def _lines(axes: Any, numbers: dict[str, Any], percolation: str) -> None:
    c = np.linspace(0.3, numbers["skills_per_text"][-1], 300)
    outline = [withStroke(linewidth=2.4, foreground="black")] if percolation == "white" else None
    label = "giant component, $c^2 r = 1$"
    axes.plot(c, c**-2.0, color=percolation, linestyle=(0, (5, 1.5)), path_effects=outline, label=label)
    line = np.array([pair for pair in numbers["peeling_line"] if pair[1] is not None])
    axes.plot(line[:, 0], line[:, 1], color="#D55E00", linewidth=1.4, label="learning jumps, $r^*(c)$")
    axes.plot(
        *([one] for one in numbers["endpoint"]),
        marker="o",
        color="#D55E00",
        markeredgecolor="white",
        markersize=5,
        linestyle="none",
        label="critical endpoint $(e, 1)$",
    )
