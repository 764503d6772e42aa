"""Learning curves and thresholds for four laws of skills per text, with theory.

Computed: 10^5 skills; texts arrive one by one and every text with one unknown skill teaches it (incremental peeling).
Laws: Poisson of mean 4 (a jump), texts of 1 or 4 skills (an early start, then a jump), texts of 1 or 3 skills with so
many one-skill texts that the jump is gone, and a truncated power law. Theory: largest fixed point of density evolution.
Drawn: learned share against texts per skill, simulation and theory, with the peeling thresholds marked.
Must match: the thresholds against closed forms or bisection of the iterated map; every grid point outside the
transition windows within 5 standard errors (z-score).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from skillgraph.agreement import compare
from skillgraph.ensembles.ensemble import texts_by_law
from skillgraph.figures import style as plotting
from skillgraph.reproduce import Check
from skillgraph.theory.density_evolution import learned_share
from skillgraph.theory.thresholds import peeling_threshold

SEED = 1
LAWS = {
    "poisson:4": "Poisson, mean 4",
    "0.1*fixed:1+0.9*fixed:4": "1 or 4 skills, 10 % ones",
    "0.3*fixed:1+0.7*fixed:3": "1 or 3 skills, 30 % ones",
    "zipf:2:1:100": "power law $k^{-2}$, 1 to 100",
}
JUMPS = {"poisson:4": 1.4663503250}


def compute(quick: bool) -> dict[str, Any]:
    """Learning curves of the four laws."""
    size, replicates = (20_000, 8) if quick else (100_000, 32)
    return {"seed": SEED, "num_skills": size, "curves": [_curve(text, size, replicates) for text in LAWS]}


def _curve(text: str, size: int, replicates: int) -> dict[str, Any]:
    ensemble = texts_by_law(text)
    ratio, fine = np.linspace(0.0, 2.4, 25)[1:], np.linspace(0.01, 2.4, 600)
    one = compare(ensemble, size, ratio, replicates=replicates, seed=SEED).observables["learned_share"]
    threshold = peeling_threshold(ensemble)
    return {
        "law": text,
        "replicates": replicates,
        "ratio": ratio,
        "mean": one.mean,
        "standard_error": one.standard_error,
        "z_score": one.z_score,
        "fine_ratio": fine,
        "theory": learned_share(ensemble, fine),
        "peeling_threshold": threshold.threshold,
        "iterated_threshold": _by_iteration(text, fine[0], fine[-1]) if threshold.jump else None,
    }


def _by_iteration(text: str, low: float, high: float) -> float:
    """Find the jump by bisection on the plain iteration of density evolution: the slow, obvious way."""
    law = texts_by_law(text).skills_per_text
    middle = _before_jump(law, low, high)

    def stuck(ratio: float) -> bool:
        u = 1.0
        for _ in range(100_000):
            after = float(np.exp(-law.mean * ratio * law.edge(1 - u)))
            if u - after < 1e-13:
                break
            u = after
        return u > middle

    for _ in range(24):
        half = (low + high) / 2
        low, high = (half, high) if stuck(half) else (low, half)
    return (low + high) / 2


def _before_jump(law: Any, low: float, high: float) -> float:
    """Unlearned share half way across the largest step of the iterated map over a coarse grid."""
    values = []
    for ratio in np.linspace(low, high, 120):
        u = 1.0
        for _ in range(2000):
            u = float(np.exp(-law.mean * ratio * law.edge(1 - u)))
        values.append(u)
    place = int(np.argmax(-np.diff(values)))
    return (values[place] + values[place + 1]) / 2


def checks(numbers: dict[str, Any]) -> list[Check]:
    """Thresholds and z-scores."""
    rows = []
    for curve in numbers["curves"]:
        law, threshold = curve["law"], curve["peeling_threshold"]
        if law in JUMPS:
            rows.append(Check(f"r* of {law}", JUMPS[law], threshold, 1e-9, "c u* ln(1/u*) = 1"))
        if threshold is not None:
            rows.append(Check(f"r* of {law}", curve["iterated_threshold"], threshold, 1e-6, "bisection"))
        scores = [abs(z) for z in curve["z_score"] if z is not None]
        rows.append(Check(f"largest |z| of {law}", 0.0, max(scores), 5.0, f"{len(scores)} grid points"))
    return rows


def draw(numbers: dict[str, Any]) -> Figure:
    """One panel, four laws."""
    drawn, (axes,) = plotting.figure(1, width="single", aspect=0.86)
    for index, curve in enumerate(numbers["curves"]):
        plotting.theory(axes, np.array(curve["fine_ratio"]), np.array(curve["theory"]), index)
        label = LAWS[curve["law"]]
        plotting.simulation(axes, curve["ratio"], curve["mean"], curve["standard_error"], index, label)
        if curve["peeling_threshold"] is not None:
            plotting.mark(axes, curve["peeling_threshold"], f"$r^*$ = {curve['peeling_threshold']:.3f}", y=0.62)
    axes.set(xlabel="texts per skill $r$", ylabel="learned share of skills", xlim=(0, 2.45), ylim=(-0.02, 1.02))
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2, columnspacing=1.2)
    return drawn
