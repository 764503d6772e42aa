"""The surface E(N, P, K) and its limits: a joint limit only along rays, or one that all orders share.

Computed: texts of 1, 2 or 3 skills with probability 0.5, 0.3, 0.2. (a) Uniform popularity, skills grow with P: E at
infinitely many rounds along rays N/P = const by theory and on graphs, and the six iterated limits. (b) Zipf popularity
of exponent 1.5 (tail exponent a = 0.5), capacity P: 1 - E against N by theory and on graphs. (c) The order of graph
size and rounds at the BP threshold of (3, 6).
Drawn: E along rays against P with its limits 0 and 1 taken in order; 1 - E against N for several P; u after K rounds.
Must match: ray values 0.1381, 0.3108, 0.7052, 0.9618, 0.9989 by theory and by simulation; iterated limits 0 and 1;
limits of the capacity model agree; 0.2030 against 0.1015 at eps_BP.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter

from skillgraph.ensembles.ensemble import ldpc
from skillgraph.figures import style as plotting
from skillgraph.limits.maps import ensemble_map
from skillgraph.limits.paths import limit_study
from skillgraph.limits.places import grid_points, points_at
from skillgraph.limits.simulate import simulated_surface, surface_z_scores
from skillgraph.limits.surface import skill_model, theory_surface
from skillgraph.limits.verdicts import limit_of_size_and_rounds
from skillgraph.reproduce import Check
from skillgraph.theory.erasure import erasure_thresholds
from skillgraph.theory.finite_size import erasure_waterfall

SEED = 11
TEXTS = "pmf:1=0.5,2=0.3,3=0.2"
RATIOS = {0.25: 0.1381, 0.5: 0.3108, 1.0: 0.7052, 2.0: 0.9618, 4.0: 0.9989}


def compute(quick: bool) -> dict[str, Any]:
    """Surfaces by theory and simulation, limits in every order."""
    uniform, zipf = skill_model(TEXTS), skill_model(TEXTS, "zipf:1.5")
    study, capacity = limit_study(uniform, tuple(RATIOS)), limit_study(zipf, exponents=(0.67,))
    size_first, rounds_first, _ = limit_of_size_and_rounds(ldpc(3, 6))
    return {
        "seed": SEED,
        "rays": _rays(uniform, quick),
        "ray_limits": [verdict.value for verdict in study.rays[: len(RATIOS)]],
        "iterated": [{"order": list(order), "value": one.value} for order, one in study.iterated.items()],
        "joint": study.joint.kind,
        "capacity_iterated": [one.value for one in capacity.iterated.values()],
        "capacity_joint": capacity.joint.kind,
        "capacity": _capacity(zipf, quick),
        "orders": _orders(),
        "size_first": size_first.value,
        "rounds_first": rounds_first.value,
    }


def _rays(model: Any, quick: bool) -> dict[str, Any]:
    sizes = np.array(
        [30.0, 100.0, 300.0, 1000.0, 3000.0] if quick else [30.0, 100.0, 300.0, 1000.0, 10_000.0, 100_000.0]
    )
    mesh = np.array([(ratio * size, size, np.inf) for ratio in RATIOS for size in sizes]).T
    where = points_at(*mesh)
    theory = theory_surface(model, where)
    measured = simulated_surface(model, where, replicates=16 if quick else 24, seed=SEED)
    assert measured.standard_error is not None
    shape = (len(RATIOS), sizes.size)
    return {
        "ratios": list(RATIOS),
        "sizes": sizes,
        "theory": theory.performance.reshape(shape),
        "simulated": measured.performance.reshape(shape),
        "error": measured.standard_error.reshape(shape),
    }


def _capacity(model: Any, quick: bool) -> dict[str, Any]:
    data = np.logspace(2, 5 if quick else 6, 7 if quick else 9)
    sizes = [30, 300, 3000]
    where = grid_points(np.round(data), sizes, [np.inf])
    theory = theory_surface(model, where)
    measured = simulated_surface(model, where, replicates=6 if quick else 8, seed=SEED)
    assert measured.standard_error is not None
    z = surface_z_scores(measured, theory)
    return {
        "data": np.round(data),
        "sizes": sizes,
        "theory": theory.loss.reshape(data.size, 3).T,
        "simulated": measured.loss.reshape(data.size, 3).T,
        "error": measured.standard_error.reshape(data.size, 3).T,
        "largest_z": float(np.nanmax(np.abs(z))),
    }


def _orders() -> dict[str, Any]:
    """Mean unlearned share at eps_BP: rounds at infinite size, and sizes after infinitely many rounds."""
    code = ldpc(3, 6)
    eps = erasure_thresholds(code).bp_threshold
    assert eps is not None
    learning = ensemble_map(code, known=1 - eps)
    rounds = np.unique(np.geomspace(1, 10_000, 60).astype(int))
    states = learning.trajectory(int(rounds[-1]) + 1)
    shares = eps * (1 - (1 - states) ** 5) ** 3
    from scipy import special

    law = erasure_waterfall(code)
    assert law.alpha is not None
    assert law.beta is not None
    sizes = np.geomspace(1e3, 1e12, 40)
    stuck = special.ndtr(law.beta * sizes ** (-1 / 6) / law.alpha)
    return {"rounds": rounds, "after_rounds": shares[rounds - 1], "sizes": sizes, "of_size": stuck * shares[-1]}


def checks(numbers: dict[str, Any]) -> list[Check]:
    """Rays, orders, agreement of graphs with theory."""
    rows = [
        Check(f"E along N/P = {ratio:g}", want, have, 5e-5, "one-line map")
        for (ratio, want), have in zip(RATIOS.items(), numbers["ray_limits"], strict=True)
    ]
    rays = numbers["rays"]
    for index, (ratio, want) in enumerate(RATIOS.items()):
        error = max(rays["error"][index][-1], 1e-4)
        rows.append(
            Check(
                f"E on graphs of {rays['sizes'][-1]:g} skills, N/P = {ratio:g}",
                want,
                rays["simulated"][index][-1],
                5.5 * error + 5 / rays["sizes"][-1],
                "simulation",
            )
        )
    for one in numbers["iterated"]:
        first = "data" if one["order"].index("data") < one["order"].index("model") else "model"
        order = ", ".join(one["order"])
        rows.append(Check(f"uniform popularity, {order}", float(first == "data"), one["value"], 1e-4, f"{first} first"))
    low, high = min(numbers["capacity_iterated"]), max(numbers["capacity_iterated"])
    rows.append(Check("capacity model: spread of the six orders", 0.0, high - low, 1e-4, "limits commute"))
    rows.append(Check("n first, then K, at eps_BP", 0.2030, numbers["size_first"], 5e-5, "density evolution"))
    rows.append(Check("K first, then n, at eps_BP", 0.1015, numbers["rounds_first"], 5e-5, "finite-size law"))
    return rows


def draw(numbers: dict[str, Any]) -> Figure:
    """Three panels: rays, capacity, order of size and rounds."""
    drawn, (left, middle, right) = plotting.figure(3, width="double", aspect=0.95)
    rays = numbers["rays"]
    for index, ratio in enumerate(rays["ratios"]):
        plotting.theory(left, rays["sizes"], rays["theory"][index], index)
        plotting.simulation(left, rays["sizes"], rays["simulated"][index], rays["error"][index], index)
        left.annotate(
            f"{ratio:g}",
            (rays["sizes"][-1], rays["theory"][index][-1]),
            xytext=(5, -2 if ratio < 4 else 1),
            textcoords="offset points",
            fontsize=6.5,
            color=plotting.COLOURS[index],
        )
    left.set(xscale="log", xlabel="model size $P$", ylabel="$E$ along $N/P$ = const", ylim=(-0.02, 1.08))
    left.set_xlim(right=rays["sizes"][-1] * 4)
    capacity = numbers["capacity"]
    for index, size in enumerate(capacity["sizes"]):
        plotting.theory(middle, capacity["data"], capacity["theory"][index], index)
        values, error = capacity["simulated"][index], capacity["error"][index]
        plotting.simulation(middle, capacity["data"], values, error, index, f"$P$ = {size}")
    middle.set(xscale="log", yscale="log", xlabel="data size $N$", ylabel="loss $1 - E$ at $K = \\infty$")
    middle.yaxis.set_minor_formatter(NullFormatter())
    middle.legend(loc="lower left")
    orders = numbers["orders"]
    plotting.theory(right, orders["rounds"], orders["after_rounds"], 0, "after $K$ rounds, $n = \\infty$")
    plotting.theory(right, orders["sizes"], orders["of_size"], 1, "$n$ skills, $K = \\infty$")
    for level, text in ((numbers["size_first"], "0.2030"), (numbers["rounds_first"], "0.1015")):
        right.axhline(level, color="0.5", linewidth=0.6, linestyle=(0, (1, 1.5)))
        right.annotate(text, (1e12, level), xytext=(0, 2), textcoords="offset points", ha="right", fontsize=6.5)
    right.set(xscale="log", ylim=(0, 0.45), xlabel="$K$ or $n$", ylabel="mean unlearned share, $\\varepsilon_{BP}$")
    right.legend(loc="upper right")
    plotting.panel_letters([left, middle, right])
    return drawn
