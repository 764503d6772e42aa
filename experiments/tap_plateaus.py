"""Three kinds of plateau, told apart by how they grow: near a tipping point, at a ghost, and where novelty is rare.

Computed: length L of the flat stretch against the distance delta from what causes it. (1) Tipping point: alpha = 0.01,
mu = 0.005, start 2 (1 + delta) beside the unstable equilibrium; L grows by a constant per decade (exponent 0). (2)
Ghost of a fold: a saturating cap with the factor a share delta below the fold, L = pi / sqrt(drift x curvature x
delta); and peeling of Poisson texts of mean 4 a share delta above its threshold, rounds of density evolution (exponent
-1/2). (3) Rare combinations: delta = alpha itself, L ~ 1 / alpha (exponent -1).
Drawn: L against delta; the local exponent d ln L / d ln delta.
Must match: 182 steps per decade; exponents -1/2, -1/2 and -1 over the last decade; the ghost's prefactors.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from skillgraph.adjacent_possible import Resources, constant, equilibrium, first_beyond, power_law
from skillgraph.adjacent_possible.resources import constrained_trajectory
from skillgraph.adjacent_possible.steady_states import steady_states
from skillgraph.ensembles.ensemble import texts_by_law
from skillgraph.figures import style as plotting
from skillgraph.reproduce import Check
from skillgraph.theory.thresholds import peeling_threshold

LAW, EXTINCTION, CAP = power_law(0.4, 6.0), 0.05, 20.0
KINDS = ("tipping point", "ghost of a fold", "ghost in peeling", "rare combinations")
MEAN = 4.0


def compute(quick: bool) -> dict[str, Any]:
    """Lengths of the four series."""
    points = 9 if quick else 13
    deep = np.geomspace(1e-2, 1e-8, points)
    shallow, rare = np.geomspace(1e-2, 1e-5 if quick else 1e-6, points), np.geomspace(1e-1, 1e-4, points)
    fold, center = _fold()
    threshold = peeling_threshold(texts_by_law(f"poisson:{MEAN}"))
    r_star = threshold.threshold
    assert r_star is not None
    return {
        "distance": [deep, shallow, shallow, rare],
        "length": [
            [first_beyond(constant(0.01), 2 * (1 + d), 0.005).steps for d in deep.tolist()],
            [_ghost(fold * (1 - d), center / 2) for d in shallow.tolist()],
            [_rounds(r_star * (1 + d)) for d in shallow.tolist()],
            [first_beyond(constant(d), 2).steps for d in rare.tolist()],
        ],
        "steps_per_decade": equilibrium(constant(0.01), 0.005).steps_per_decade,
        "ghost_prefactor": _fold_prefactor(fold, center),
        "rounds_prefactor": _peeling_prefactor(r_star),
    }


def _limits(factor: float) -> Resources:
    return Resources(context=factor, context_cap=CAP, kind="saturating")


def _fold() -> tuple[float, float]:
    """Return the factor at the fold and the items there."""
    fold = steady_states(LAW, EXTINCTION, _limits(1.0)).fold_factor
    near = steady_states(LAW, EXTINCTION, _limits(fold * (1 + 1e-10)))
    assert near.upper is not None
    assert near.tipping_point is not None
    return fold, (near.upper + near.tipping_point) / 2


def _step(items: float, factor: float) -> float:
    return float(np.diff(constrained_trajectory(LAW, items, EXTINCTION, _limits(factor), steps=1))[0])


def _fold_prefactor(fold: float, center: float) -> float:
    """Return pi / sqrt(drift x curvature): the map is M - (drift delta + curvature (M - center)^2) beside the fold."""
    h = 1e-3
    curvature = -(_step(center + h, fold) - 2 * _step(center, fold) + _step(center - h, fold)) / (2 * h * h)
    drift = (_step(center, fold * (1 + h)) - _step(center, fold * (1 - h))) / (2 * h)
    return math.pi / math.sqrt(drift * curvature)


def _peeling_prefactor(ratio: float) -> float:
    """Return pi / sqrt(drift x curvature) for u -> exp(-c r e^{-c u}) at threshold."""
    upper, u = 1.0, 1.0
    for _ in range(200_000):
        upper, u = u, math.exp(-MEAN * ratio * (1 - 1e-12) * math.exp(-MEAN * u))
        if upper - u < 1e-14:
            break
    x = MEAN * ratio * math.exp(-MEAN * u)
    drift, curvature = u * x, u * (x * x * MEAN**2 - x * MEAN**2) / 2
    return math.pi / math.sqrt(drift * abs(curvature))


def _ghost(factor: float, end: float) -> int:
    """Return the steps from the cap until the items have fallen to ``end``."""
    steps, items = 0, CAP
    while items > end:
        items = float(constrained_trajectory(LAW, items, EXTINCTION, _limits(factor), steps=1)[-1])
        steps += 1
    return steps


def _rounds(ratio: float) -> int:
    """Return the rounds until less than one skill in ten is unlearned."""
    u, rounds = 1.0, 0
    while u > 0.1:
        u, rounds = math.exp(-MEAN * ratio * math.exp(-MEAN * u)), rounds + 1
    return rounds


def _exponents(numbers: dict[str, Any], kind: int) -> tuple[np.ndarray, np.ndarray]:
    """Return geometric middles and local exponents."""
    x, y = np.log(np.array(numbers["distance"][kind])), np.log(np.array(numbers["length"][kind], float))
    return np.exp((x[1:] + x[:-1]) / 2), np.diff(y) / np.diff(x)


def checks(numbers: dict[str, Any]) -> list[Check]:
    """Growth per decade, exponents, prefactors."""
    x, y = np.array(numbers["distance"][0]), np.array(numbers["length"][0], float)
    rows = [
        Check(
            "steps per decade, tipping point, theory", 182, numbers["steps_per_decade"], 0.5, "ln 10 / ln multiplier"
        ),
        Check(
            "steps per decade, tipping point, last decades",
            numbers["steps_per_decade"],
            float((y[-1] - y[-3]) / math.log10(x[-3] / x[-1])),
            2.5,
            "ln 10 / ln multiplier",
        ),
    ]
    for kind, want, tolerance in ((1, -0.5, 0.02), (2, -0.5, 0.02), (3, -1.0, 0.01)):
        have = float(_exponents(numbers, kind)[1][-1])
        rows.append(
            Check(f"exponent, {KINDS[kind]}", want, have, tolerance, "saddle-node" if kind < 3 else "1 / alpha")
        )
    for kind, name in ((1, "ghost_prefactor"), (2, "rounds_prefactor")):
        have = numbers["length"][kind][-1] * math.sqrt(numbers["distance"][kind][-1])
        rows.append(Check(f"L sqrt(delta), {KINDS[kind]}", numbers[name], have, 0.03 * numbers[name], "bottleneck"))
    return rows


def draw(numbers: dict[str, Any]) -> Figure:
    """Lengths (a) and local exponents (b)."""
    drawn, (lengths, exponents) = plotting.figure(2, width="double", aspect=0.75)
    for kind, label in enumerate(KINDS):
        x, y = np.array(numbers["distance"][kind]), np.array(numbers["length"][kind], float)
        plotting.simulation(lengths, x, y, None, kind, label)
        plotting.simulation(exponents, *_exponents(numbers, kind), None, kind)
    for kind, name in ((1, "ghost_prefactor"), (2, "rounds_prefactor")):
        x = np.array(numbers["distance"][kind])
        plotting.theory(lengths, x, numbers[name] / np.sqrt(x), kind)
    x, y = np.array(numbers["distance"][0]), np.array(numbers["length"][0], float)
    plotting.theory(lengths, x, y[-1] + numbers["steps_per_decade"] * np.log10(x[-1] / x), 0)
    x, y = np.array(numbers["distance"][3]), np.array(numbers["length"][3], float)
    plotting.theory(lengths, x, y[-1] * x[-1] / x, 3)
    for value, name in ((0.0, "logarithm"), (-0.5, "ghost"), (-1.0, "rarity")):
        exponents.axhline(value, color="0.55", linewidth=0.7, linestyle=(0, (1, 1.5)), zorder=1)
        exponents.annotate(name, (1.3e-8, value), xytext=(0, 2), textcoords="offset points", fontsize=6.5, color="0.25")
    lengths.set(xscale="log", yscale="log", xlabel=r"distance $\delta$", ylabel="length of the plateau, steps")
    exponents.set(xscale="log", xlabel=r"distance $\delta$", ylabel=r"d ln $L$ / d ln $\delta$", ylim=(-1.12, 0.12))
    lengths.set_ylim(bottom=1.5)
    lengths.legend(loc="lower left")
    plotting.panel_letters([lengths, exponents])
    return drawn
