"""History matters: overlap of what is learned from the same texts in different orders, against capacity and memory.

Computed: 5,000 skills and 8,000 texts of 1, 2 or 3 skills (10, 50, 40 %), drawn uniformly; each graph in 12 random
orders. A learner learns from a text with one unknown skill; it has room for a number of skills (first come, first
served), or holds only the last texts in memory. Jaccard overlap of the final sets, averaged over pairs of orders and
over independent graphs.
Drawn: overlap against capacity and against memory with the overlap of random sets of the same size, and the learned
share.
Must match: overlap exactly 1 without limits (peeling is confluent); about 0.28 with room for 1,500 skills and about
0.54 with a memory of 500 texts.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from skillgraph.adjacent_possible import path_dependence
from skillgraph.ensembles.ensemble import texts_by_law
from skillgraph.figures import style as plotting
from skillgraph.graphs.sampling import sample
from skillgraph.reproduce import Check
from skillgraph.seeding import generator

SEED = 1
SKILLS, TEXTS, ORDERS = 5000, 8000, 12
LAW = "0.1*fixed:1+0.5*fixed:2+0.4*fixed:3"
CAPACITIES = (250, 500, 1000, 1500, 2000, 3000, 4000, 4500, 4700, 5000)
MEMORIES = (50, 100, 200, 500, 1000, 2000, 4000, 6000, 8000)


def compute(quick: bool) -> dict[str, Any]:
    """Overlap and learned share at every capacity and memory."""
    graphs = 4 if quick else 24
    drawn = [sample(texts_by_law(LAW), SKILLS, TEXTS, rng=generator(SEED, "path", k)) for k in range(graphs)]
    return {
        "seed": SEED,
        "graphs": graphs,
        "capacity": [_point(drawn, capacity=c) for c in CAPACITIES],
        "memory": [_point(drawn, memory=m) for m in MEMORIES],
    }


def _point(graphs: list[Any], capacity: int | None = None, memory: int | None = None) -> dict[str, float]:
    found = [
        path_dependence(graph, orders=ORDERS, seed=SEED + place, capacity=capacity, memory=memory)
        for place, graph in enumerate(graphs)
    ]
    means = np.array([one.overlap.mean for one in found])
    return {
        "overlap": float(means.mean()),
        "standard_error": float(means.std(ddof=1) / np.sqrt(means.size)),
        "by_chance": float(np.mean([one.overlap.by_chance for one in found])),
        "learned_share": float(np.mean([one.learned_share.mean() for one in found])),
    }


def checks(numbers: dict[str, Any]) -> list[Check]:
    """The three numbers, and what the pattern is."""
    room, held = numbers["capacity"], numbers["memory"]
    some, few = room[CAPACITIES.index(1500)], held[MEMORIES.index(500)]
    return [
        Check("overlap without limits", 1.0, room[-1]["overlap"], 0, "confluence"),
        Check("overlap with memory of all texts", 1.0, held[-1]["overlap"], 0, "confluence"),
        Check("overlap with room for 1500 skills", 0.28, some["overlap"], 0.02, "about 0.28"),
        Check("overlap with a memory of 500 texts", 0.54, few["overlap"], 0.02, "about 0.54"),
        Check(
            "overlap beyond chance, room for 1500", 1, float(some["overlap"] > 1.2 * some["by_chance"]), 0, "by chance"
        ),
    ]


def draw(numbers: dict[str, Any]) -> Figure:
    """Against capacity (a) and memory (b)."""
    drawn, (left, right) = plotting.figure(2, width="double", aspect=0.7)
    for axes, name, grid, label in (
        (left, "capacity", CAPACITIES, "capacity, skills"),
        (right, "memory", MEMORIES, "memory, texts"),
    ):
        rows = numbers[name]
        plotting.theory(axes, grid, [one["by_chance"] for one in rows], 0, "overlap by chance")
        plotting.theory(axes, grid, [one["learned_share"] for one in rows], 2, "learned share")
        errors = [one["standard_error"] for one in rows]
        plotting.simulation(axes, grid, [one["overlap"] for one in rows], errors, 1, "Jaccard overlap")
        axes.set(xlabel=label, ylabel="overlap, share", ylim=(-0.02, 1.05))
    right.set_xscale("log")
    left.legend(loc="upper left")
    plotting.panel_letters([left, right])
    return drawn
