"""The first figure: learned share and components against texts per skill, simulation with its theory.

Computed: Poisson texts of mean 4 skills on 10^5 skills, 16 graphs whose texts arrive one by one; learned share, largest
component, susceptibility, largest component of learned skills. Theory of the same ensemble at every grid point.
Drawn: learned share with the peeling threshold (a), largest components of all and of learned skills (b).
Must match: the threshold; no |z| above 4.5 at any of the grid points that have a theory; the failures at the grid point
nearest to the jump against the finite-size law.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from skillgraph.agreement import Agreement, compare
from skillgraph.ensembles.ensemble import texts_by_law
from skillgraph.figures.agreement import draw_agreement
from skillgraph.reproduce import Check
from skillgraph.theory.thresholds import peeling_threshold

SEED = 1
LAW = "poisson:4"


def compute(quick: bool) -> dict[str, Any]:
    """Run the replicates and the theory."""
    ensemble, size = texts_by_law(LAW), 20_000 if quick else 100_000
    run = compare(ensemble, size, np.linspace(0.5, 2.5, 41), replicates=16, seed=SEED)
    threshold = peeling_threshold(ensemble).threshold
    return {"seed": SEED, "agreement": run.record(), "peeling_threshold": threshold}


def checks(numbers: dict[str, Any]) -> list[Check]:
    """Threshold, z-scores, failures."""
    rows = [Check("peeling threshold r*", 1.4663503250, numbers["peeling_threshold"], 1e-9, "c u* ln(1/u*) = 1")]
    run = Agreement.from_record(numbers["agreement"])
    for name, one in run.observables.items():
        known = int(np.isfinite(one.z_score).sum())
        rows.append(Check(f"largest |z| of {name}", 0, one.largest_z, 4.5, f"{known} grid points"))
    assert run.outcomes is not None
    place = int(np.argmin(np.abs(run.outcomes.failure_probability_theory - 0.5)))
    expected = float(run.outcomes.failure_probability_theory[place])
    ours, ratio = float(run.outcomes.failure_probability[place]), run.texts_per_skill_ratio[place]
    error = 5 * np.sqrt(max(expected * (1 - expected), 0.01) / run.replicates)
    rows.append(Check(f"failures at r = {ratio:.4g}", expected, ours, error, "finite-size law"))
    return rows


def draw(numbers: dict[str, Any]) -> Figure:
    """Draw what `skillgraph simulate --figure` draws."""
    result, threshold = Agreement.from_record(numbers["agreement"]), numbers["peeling_threshold"]
    return draw_agreement(result, {f"$r^*$ = {threshold:.4f}": threshold})
