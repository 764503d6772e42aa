"""Onset of the giant component by system size, with theory.

Computed: Poisson texts of mean 3 skills on 10^3 to 10^6 skills; largest component of skills after every text
(Newman-Ziff by texts), averaged over replicates. Theory: S = 1 - exp(-c r (1 - exp(-c S))), threshold r_c = 1/c^2.
Drawn: largest component against r / r_c with the infinite-size line (a); largest component at r_c against the number of
skills, with the mean-field power 2/3 (b).
Must match: the threshold; S at 1.5, 2 and 4 thresholds (largest size, within 5 standard errors); the exponent 2/3.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from skillgraph.agreement import Agreement, compare
from skillgraph.ensembles.ensemble import texts_by_law
from skillgraph.figures import style as plotting
from skillgraph.reproduce import Check
from skillgraph.theory.components import giant_component, percolation_threshold

MEAN = 3.0
SEED = 1
MULTIPLES = np.concatenate([np.linspace(0.2, 0.9, 8), [1.0], np.linspace(1.1, 2, 10), [2.5, 3, 3.5, 4.0]])


def compute(quick: bool) -> dict[str, Any]:
    """Largest component by size."""
    ensemble = texts_by_law(f"poisson:{MEAN}")
    threshold = percolation_threshold(ensemble).threshold
    assert threshold is not None
    plan = {1000: 100, 10_000: 30, 100_000: 8} if quick else {1000: 2000, 10_000: 400, 100_000: 60, 1_000_000: 16}
    runs = {
        size: compare(ensemble, size, MULTIPLES * threshold, replicates=count, seed=SEED)
        for size, count in plan.items()
    }
    fine = np.linspace(0.2, 4, 400)
    return {
        "seed": SEED,
        "threshold": threshold,
        "sizes": [_summary(run, threshold) for run in runs.values()],
        "theory": {"multiple": fine, "share": giant_component(ensemble, fine * threshold).share},
    }


def _summary(run: Agreement, threshold: float) -> dict[str, Any]:
    one = run.observables["giant_component"]
    return {
        "num_skills": run.num_skills,
        "replicates": run.replicates,
        "multiple": run.texts_per_skill_ratio / threshold,
        "mean": one.mean,
        "standard_error": one.standard_error,
        "theory": one.theory,
    }


def checks(numbers: dict[str, Any]) -> list[Check]:
    """Threshold, giant shares, exponent at the threshold."""
    largest = numbers["sizes"][-1]
    rows = [Check("percolation threshold r_c", 1 / MEAN**2, numbers["threshold"], 1e-12, "c^2 r = 1")]
    for multiple in (1.5, 2.0, 4.0):
        place = int(np.argmin(np.abs(np.array(largest["multiple"]) - multiple)))
        expected, ours, error = (largest[key][place] for key in ("theory", "mean", "standard_error"))
        rows.append(Check(f"giant component at {multiple} r_c", expected, ours, 5 * error, "generating functions"))
    slope, error = _critical_slope(numbers)
    rows.append(Check("exponent of the largest component at r_c", 2 / 3, slope, 5 * error + 0.03, "mean field"))
    return rows


def _at_threshold(numbers: dict[str, Any]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Sizes, mean largest component in skills and its relative error at r_c."""
    place = int(np.argmin(np.abs(MULTIPLES - 1)))
    sizes = np.array([one["num_skills"] for one in numbers["sizes"]], dtype=float)
    mean = np.array([one["mean"][place] for one in numbers["sizes"]])
    error = np.array([one["standard_error"][place] for one in numbers["sizes"]])
    return sizes, mean * sizes, error / mean


def _critical_slope(numbers: dict[str, Any]) -> tuple[float, float]:
    sizes, largest, relative = _at_threshold(numbers)
    coefficients, covariance = np.polyfit(np.log(sizes), np.log(largest), 1, w=1 / relative, cov="unscaled")
    return float(coefficients[0]), float(np.sqrt(covariance[0, 0]))


def draw(numbers: dict[str, Any]) -> Figure:
    """Two panels: curves by size; the largest component at the threshold."""
    drawn, (left, right) = plotting.figure(2, width="double", aspect=0.7)
    theory = numbers["theory"]
    left.plot(theory["multiple"], theory["share"], color="black", label="infinite size")
    for index, one in enumerate(numbers["sizes"]):
        label = f"$10^{round(np.log10(one['num_skills']))}$ skills"
        plotting.simulation(left, one["multiple"], one["mean"], one["standard_error"], index, label)
    left.set(xlabel="texts per skill over threshold $r / r_c$", ylabel="largest component, share of skills")
    left.legend(loc="lower right")
    sizes, largest, relative = _at_threshold(numbers)
    plotting.simulation(right, sizes, largest, largest * relative, 0)
    slope, error = _critical_slope(numbers)
    reference = largest[0] * (sizes / sizes[0]) ** (2 / 3)
    right.plot(sizes, reference, color="black", label=f"slope 2/3 (fit {slope:.3f} ± {error:.3f})")
    right.set(xscale="log", yscale="log", xlabel="number of skills", ylabel="largest component at $r_c$, skills")
    right.legend(loc="upper left")
    plotting.panel_letters([left, right])
    return drawn
