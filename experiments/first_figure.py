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

from skillgraph.agreement import Agreement, Comparison, compare
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
    return {
        "seed": SEED,
        "skills_per_text": LAW,
        "num_skills": size,
        "replicates": run.replicates,
        "num_texts": run.num_texts,
        "texts_per_skill_ratio": run.texts_per_skill_ratio,
        "observables": run.observables,
        "outcomes": run.outcomes,
        "peeling_threshold": peeling_threshold(ensemble).threshold,
    }


def checks(numbers: dict[str, Any]) -> list[Check]:
    """Threshold, z-scores, failures."""
    rows = [Check("peeling threshold r*", 1.4663503250, numbers["peeling_threshold"], 1e-9, "c u* ln(1/u*) = 1")]
    for name, one in numbers["observables"].items():
        scores = [abs(z) for z in one["z_score"] if z is not None]
        rows.append(Check(f"largest |z| of {name}", 0, max(scores), 4.5, f"{len(scores)} grid points"))
    outcomes, count = numbers["outcomes"], numbers["replicates"]
    place = int(np.argmin(np.abs(np.array(outcomes["failure_probability_theory"]) - 0.5)))
    expected, ours = (outcomes[key][place] for key in ("failure_probability_theory", "failure_probability"))
    error = 5 * np.sqrt(max(expected * (1 - expected), 0.01) / count)
    ratio = numbers["texts_per_skill_ratio"][place]
    rows.append(Check(f"failures at r = {ratio:.4g}", expected, ours, error, "finite-size law"))
    return rows


def draw(numbers: dict[str, Any]) -> Figure:
    """Draw what `skillgraph simulate --figure` draws."""
    result = Agreement(
        ensemble=texts_by_law(numbers["skills_per_text"]),
        num_skills=numbers["num_skills"],
        replicates=numbers["replicates"],
        seed=numbers["seed"],
        learner=1,
        known=0.0,
        num_texts=np.array(numbers["num_texts"]),
        texts_per_skill_ratio=np.array(numbers["texts_per_skill_ratio"]),
        observables={name: _comparison(one) for name, one in numbers["observables"].items()},
        outcomes=None,
    )
    return draw_agreement(result, {f"$r^*$ = {numbers['peeling_threshold']:.4f}": numbers["peeling_threshold"]})


def _comparison(one: dict[str, Any]) -> Comparison:
    """Missing values are None in JSON and NaN in arrays."""
    columns = [np.array(one[key], dtype=float) for key in ("mean", "standard_error", "theory", "z_score")]
    return Comparison(*columns, note=tuple(one["note"]))
