"""Plateaus of a multimodal task: published, corrected, and in simulated two-layer objects.

Computed: the levels of nayak_varshney_emergence with level weights 0.4 Bin(100, .2) + 0.4 Bin(100, .6) + 0.2 Bin(100,
.95). Plateaus are found from the curve and their heights from the weights alone. Simulated: a smaller object of three
groups of levels (1, 8, 40 links; weights 0.4, 0.4, 0.2), graphs drawn and links counted.
Drawn: level weights; accuracy in both modes with the plateaus found; the simulated object with its theory.
Must match: published plateaus 0.400 (2e10 to 7e10) and 0.800 (3.5e11 to 1.36e12); the same heights corrected, at other
places; simulated heights 0.400 and 0.800, simulation and theory of the object within 0.03 in the mean.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from skillgraph.ensembles.ensemble import texts_by_law
from skillgraph.figures import style as plotting
from skillgraph.levels.counted import counted_emergence
from skillgraph.levels.emergence import accuracy
from skillgraph.levels.model import PUBLISHED, Convention, levels, published_levels, published_task, task
from skillgraph.levels.monte_carlo import simulate_levels, simulated_accuracy
from skillgraph.levels.plateaus import find_plateaus, plateau_intervals, theoretical_heights
from skillgraph.levels.scale import accuracy_curve, onsets
from skillgraph.optimal.cost import CostModel
from skillgraph.optimal.objectives import expected_learned
from skillgraph.optimal.published import published_budgets, published_learned
from skillgraph.optimal.sizes import optimal_sizes
from skillgraph.reproduce import Check
from skillgraph.seeding import generator

SEED = 1
OBJECT = levels(150, [1, 2, 12, 40], [0, 1, 1, 2], 6.0)
OBJECT_TASK = task([0.4, 0.0, 0.4, 0.2], [2])


def compute(quick: bool) -> dict[str, Any]:
    """Plateaus in both modes and of simulated objects."""
    model, asked = published_levels(), published_task("multimodal")
    modes = {
        "published": (published_learned(6.0), PUBLISHED),
        "corrected": (expected_learned(texts_by_law("poisson:6")), Convention()),
    }
    out: dict[str, Any] = {}
    for name, (objective, how) in modes.items():
        best = optimal_sizes(objective, CostModel(), published_budgets())
        curve = accuracy_curve(model, asked, best.num_skills, best.num_texts, how)
        starts = onsets(best.parameters, curve.levels)
        out[name] = {
            "parameters": best.parameters,
            "accuracy": curve.accuracy,
            "plateaus": find_plateaus(best.parameters, curve.accuracy),
            "heights_from_weights": theoretical_heights(asked.weights, starts),
        }
    return {"seed": SEED, "quick": quick, "weights": asked.weights, "modes": out, "object": _object(quick)}


def _object(quick: bool) -> dict[str, Any]:
    """Simulate the small object at 60 skills per composite skill, texts growing a thousandfold."""
    skills, replicates = 9000, 4 if quick else 16
    texts = np.unique(np.rint(np.geomspace(4, 40_000 if not quick else 16_000, 16 if quick else 33)).astype(int))
    runs = [
        simulated_accuracy(
            simulate_levels(OBJECT, skills, int(t), replicates=replicates, seed=SEED), OBJECT, OBJECT_TASK
        )
        for t in texts
    ]
    table = np.array(runs).T
    rng = generator(SEED, "nayak_varshney_plateaus", "bootstrap")
    gamma = np.array([counted_emergence(OBJECT, skills, int(t)) for t in texts]).T
    plain = accuracy_curve(OBJECT, OBJECT_TASK, np.full(texts.shape, float(skills)), texts.astype(float))
    return {
        "num_skills": skills,
        "num_texts": texts,
        "accuracy": table.mean(axis=0),
        "standard_error": table.std(axis=0, ddof=1) / np.sqrt(replicates),
        "counted": accuracy(gamma, OBJECT_TASK),
        "binomial": plain.accuracy,
        "plateaus": plateau_intervals(texts.astype(float), table, rng, tolerance=0.02, min_decades=0.2, resamples=100),
    }


def checks(numbers: dict[str, Any]) -> list[Check]:
    """Start, end and height of every plateau."""
    expected = ((1.95e10, 7.2e10, 0.4, 2e10, 7e10), (3.5e11, 1.36e12, 0.8, 3.5e11, 1.36e12))
    rows = []
    for place, (*_, height, start, end) in enumerate(expected):
        found = numbers["modes"]["published"]["plateaus"][place]
        rows.append(
            Check(f"published: height of plateau {place + 1}", height, found["height"], 0.002, "published code")
        )
        rows.append(
            Check(f"published: start of plateau {place + 1}", start, found["start"], 0.05 * start, "published code")
        )
        rows.append(Check(f"published: end of plateau {place + 1}", end, found["end"], 0.05 * end, "published code"))
    late = numbers["modes"]["corrected"]["plateaus"][-2:]
    moved = ((2.75e9, 2.08e10, 0.4), (1.39e11, 5.9e11, 0.8))
    for place, ((start, end, height), found) in enumerate(zip(moved, late, strict=True), start=1):
        rows.append(Check(f"corrected: height of plateau {place}", height, found["height"], 0.002, "the weights"))
        rows.append(Check(f"corrected: start of plateau {place}", start, found["start"], 0.05 * start, "this work"))
        rows.append(Check(f"corrected: end of plateau {place}", end, found["end"], 0.05 * end, "this work"))
    seen = numbers["object"]
    heights = [one["plateau"]["height"] for one in seen["plateaus"]]
    for height in (0.4, 0.8):
        nearest = min(heights, key=lambda value: abs(value - height)) if heights else 0.0
        rows.append(Check(f"simulated object: plateau at {height:g}", height, nearest, 0.02, "the weights"))
    gap = float(np.mean(np.abs(np.array(seen["accuracy"]) - np.array(seen["counted"]))))
    rows.append(Check("simulated object: mean distance from its theory", 0.0, gap, 0.03, "counted_emergence"))
    return rows


def draw(numbers: dict[str, Any]) -> Figure:
    """Three panels: weights, both modes, the simulated object."""
    drawn, (weights, modes, seen) = plotting.figure(3, width="double", aspect=0.95)
    weights.bar(np.arange(1, 101), numbers["weights"], width=1.0, color=plotting.COLOURS[0])
    weights.set(xlabel="level $l$", ylabel="weight $q(l)$")
    for place, name in enumerate(("corrected", "published")):
        mode = numbers["modes"][name]
        plotting.theory(modes, mode["parameters"], mode["accuracy"], place, name)
        for one in mode["plateaus"]:
            if one["height"] > 0.1:
                modes.plot(
                    [one["start"], one["end"]],
                    [one["height"] + 0.03 * (1 - 2 * place)] * 2,
                    color=plotting.COLOURS[place],
                    linewidth=2.5,
                    solid_capstyle="butt",
                )
    modes.set(xscale="log", xlabel="parameters $N^*$", ylabel="accuracy", xlim=(1e8, 1e13), ylim=(-0.02, 1.05))
    modes.legend(loc="upper left")
    one = numbers["object"]
    plotting.theory(seen, one["num_texts"], one["counted"], 6, "theory of the object")
    plotting.theory(seen, one["num_texts"], one["binomial"], 1, "links independent")
    plotting.simulation(seen, one["num_texts"], one["accuracy"], one["standard_error"], 0, "simulation")
    seen.set(xscale="log", xlabel="texts $T$", ylabel="accuracy", ylim=(-0.02, 1.05))
    seen.legend(loc="upper left", fontsize=6)
    plotting.panel_letters([weights, modes, seen])
    return drawn
