"""Topics: every jump of a multimodal ensemble ends a plateau; too few texts of one topic, helped by another.

Computed: learned share by topic, theory (every jump by continuation, width in closed form) and simulation. (a) Three
topics of 50, 30 and 20 % of the skills with 4, 0.5 and 0.05 texts per skill of their own, which borrow 0.002 % of their
skills: plateaus of the simulated curve beside the heights that `levels` finds from the theory, every skill a level.
(b) Three topics
with two jumps, by topic. (c) Two topics with 1.6 and 1.2 texts per skill of their own that share a part of their texts'
skills: the poorer topic is learned only inside a window of overlap. (d) Systems that have not made each jump of (b).
Moments of the jump at R = 10^5 for five ensembles.
Drawn: learned share against texts per skill with plateaus; by topic; against overlap; failures at both jumps.
Must match: jumps to 1e-9, percolation threshold, edges of the window; mean place of the jump within five standard
errors and the slow convergence of the law (R^(-1/3) of its width), its width within five standard errors and 5 %;
z-scores; plateau heights within 0.01 of those of `levels`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from skillgraph.agreement_types import compare_types
from skillgraph.checks import processors
from skillgraph.ensembles.types import TypedEnsemble, topics, types
from skillgraph.figures import style as plotting
from skillgraph.graphs.types_sampling import sample_known_by_class, sample_types
from skillgraph.levels.plateaus import find_plateaus, theoretical_heights
from skillgraph.replicates import in_order
from skillgraph.reproduce import Check
from skillgraph.seeding import generator
from skillgraph.simulation.types import learned_at_each
from skillgraph.theory.types_components import percolation_by_class
from skillgraph.theory.types_learning import ClassJump, failures_of_jumps, learned_by_class, learning_jumps

SEED = 1
SHARES, OWN_TEXTS, BORROWED = (0.5, 0.3, 0.2), (4.0, 0.5, 0.05), 0.00002
THREE = types((0.4, 0.4, 0.2), (0.3, 0.4, 0.3), [[3.5, 0.1, 0], [0.3, 5, 0.1], [0.2, 0.3, 6]])
HUBS = types((0.1, 0.9), (1,), [[1, 3]])
CASES: dict[str, tuple[TypedEnsemble, tuple[float, ...]]] = {
    "two topics": (types((0.5, 0.5), (0.5, 0.5), [[4, 0.2], [0.2, 6]]), (1.769230676,)),
    "three topics": (THREE, (1.735018633, 1.775303494)),
    "hubs": (HUBS, (1.248732904,)),
    "known hubs": (HUBS.with_known((0.8, 0.0)), (0.968264116,)),
    "one topic in two": (types((0.5, 0.5), (0.5, 0.5), [[2, 2], [2, 2]]), (1.466350325,)),
}
EDGES, OVERLAPS = (0.012, 0.088), (0.0, 0.004, 0.008, 0.016, 0.024, 0.04, 0.06, 0.075, 0.083, 0.095, 0.12, 0.16)


def multimodal() -> TypedEnsemble:
    """Topics with texts of their own, of 6 skills each, that borrow a few from the others."""
    needs = 6 * ((1 - 1.5 * BORROWED) * np.eye(3) + BORROWED / 2)
    rates = [share * own for share, own in zip(SHARES, OWN_TEXTS, strict=True)]
    return types(SHARES, rates, needs.tolist())


def compute(quick: bool) -> dict[str, Any]:
    """Jumps, moments, plateaus, the window of overlap."""
    size, replicates = (10_000, 12) if quick else (100_000, 64)
    return {
        "seed": SEED,
        "num_skills": size,
        "plateaus": _plateaus(size // 10, 4 if quick else 16),
        "cases": [_case(name, size, replicates) for name in CASES],
        "percolation_threshold": percolation_by_class(THREE).threshold,
        "by_topic": _by_topic(size, 6 if quick else 24),
        "window": _window(size, 2 if quick else 8),
        "failures": _failures(2000 if quick else 10_000, 100 if quick else 400),
    }


def _plateaus(size: int, replicates: int) -> dict[str, Any]:
    ensemble = multimodal()
    jumps = learning_jumps(ensemble).jumps
    scale = np.geomspace(0.1, 110.0, 61)
    one = compare_types(ensemble, size, scale, replicates=replicates, seed=SEED).observables["learned_share"]
    fine = np.unique(
        np.concatenate([np.geomspace(0.1, 110.0, 800), [j.at * (1 + d) for j in jumps for d in (-1e-5, 1e-5)]])
    )
    theory = learned_by_class(ensemble, fine) @ np.array(SHARES)
    mean = one.mean[:, -1]
    heights = theoretical_heights(np.diff(theory, prepend=0.0), fine)
    found = [flat for flat in find_plateaus(scale, mean, tolerance=0.01) if flat.height > 0.1]
    return {
        "rate": ensemble.total_rate,
        "scale": scale,
        "mean": mean,
        "standard_error": one.standard_error[:, -1],
        "z_score": one.z_score,
        "fine": fine,
        "theory": theory,
        "jumps": [jump.at for jump in jumps],
        "heights": heights,
        "found": found,
    }


def _case(name: str, size: int, replicates: int) -> dict[str, Any]:
    ensemble, expected = CASES[name]
    jumps = learning_jumps(ensemble).jumps
    places = _moments(name, ensemble, jumps, size, replicates)
    rows = [
        {
            "expected": wanted,
            "at": jump.at,
            "learned_before": jump.learned_before,
            "learned_after": jump.learned_after,
            "alpha": jump.alpha,
            "beta": jump.beta,
            "mean_place": float(place.mean()),
            "deviation": float(place.std(ddof=1)),
            "predicted_place": jump.at + jump.beta * size ** (-2 / 3),
            "predicted_deviation": jump.alpha * size**-0.5,
        }
        for jump, wanted, place in zip(jumps, expected, places.T, strict=True)
    ]
    return {"name": name, "replicates": replicates, "jumps": rows}


def _moments(
    name: str, ensemble: TypedEnsemble, jumps: tuple[ClassJump, ...], size: int, replicates: int
) -> np.ndarray:
    """Scales at which each replicate makes each jump, (replicates, jumps)."""
    last = jumps[-1]
    end = last.at + last.beta * size ** (-2 / 3) + 9 * last.alpha * size**-0.5
    between = np.array([(jump.learned_before + jump.learned_after) / 2 for jump in jumps])

    def one(replicate: int) -> np.ndarray:
        rng = generator(SEED, "topics_plateaus", name, replicate)
        typed = sample_types(ensemble, size, end, rng=rng)
        known = sample_known_by_class(ensemble, ensemble.sizes(size), rng)
        learned_at = learned_at_each(typed.graph, np.ones(typed.graph.num_texts, int), known)
        order = np.sort(learned_at[learned_at >= 0])
        ranks = np.minimum(np.ceil(between * size).astype(int) - 1, order.size - 1)
        return order[ranks] / (size * ensemble.total_rate)

    return np.stack(list(in_order(one, range(replicates), processors())))


def _by_topic(size: int, replicates: int) -> dict[str, Any]:
    scale = np.concatenate([[0.3, 0.8, 1.2], np.linspace(1.5, 1.98, 25)])
    result = compare_types(THREE, size, scale, replicates=replicates, seed=SEED)
    jumps = [jump.at for jump in learning_jumps(THREE).jumps]
    fine = np.unique(
        np.concatenate([np.linspace(1.48, 2.0, 500), [at + step for at in jumps for step in (-1e-5, 1e-5)]])
    )
    return {
        "scale": scale,
        "observables": {
            name: {"mean": one.mean, "standard_error": one.standard_error, "z_score": one.z_score}
            for name, one in result.observables.items()
        },
        "fine": fine,
        "theory": learned_by_class(THREE, fine),
        "jumps": jumps,
    }


def _window(size: int, replicates: int) -> dict[str, Any]:
    fine = np.unique(
        np.concatenate([np.linspace(0, 0.17, 86), np.linspace(0.010, 0.014, 21), np.linspace(0.086, 0.090, 21)])
    )
    results = [
        compare_types(_pair(d), size, np.array([1.0]), replicates=replicates, seed=SEED).observables["learned_share"]
        for d in OVERLAPS
    ]
    theory = np.stack([learned_by_class(_pair(d), 1.0)[0] for d in fine])
    learned = fine[theory[:, 1] > 0.5]
    return {
        "overlap": OVERLAPS,
        "mean": [one.mean[0] for one in results],
        "standard_error": [one.standard_error[0] for one in results],
        "z_score": [one.z_score[0] for one in results],
        "fine": fine,
        "theory": theory,
        "edges": (float(learned[0]), float(learned[-1])),
    }


def _pair(overlap: float) -> TypedEnsemble:
    return topics(2, overlap, "poisson:4", (1.6, 1.2))


def _failures(size: int, replicates: int) -> dict[str, Any]:
    jumps = learning_jumps(THREE).jumps
    places = _moments("failures", THREE, jumps, size, replicates)
    grids = [_around(jump, size) for jump in jumps]
    return {
        "num_skills": size,
        "replicates": replicates,
        "scale": grids,
        "failed": [(places[:, k, None] > grid).mean(axis=0) for k, grid in enumerate(grids)],
        "theory": [failures_of_jumps(THREE, jumps, size, grid)[k] for k, grid in enumerate(grids)],
    }


def _around(jump: ClassJump, size: int) -> np.ndarray:
    assert jump.alpha is not None
    assert jump.beta is not None
    return jump.at + jump.beta * size ** (-2 / 3) + jump.alpha * size**-0.5 * np.linspace(-3, 3, 25)


def checks(numbers: dict[str, Any]) -> list[Check]:
    """Jumps, moments, window, plateaus, z-scores."""
    size = numbers["num_skills"]
    rows = [
        Check("percolation threshold of three topics", 0.01841525665, numbers["percolation_threshold"], 1e-10, "radius")
    ]
    for case in numbers["cases"]:
        for place, jump in enumerate(case["jumps"]):
            name, error = f"jump {place + 1} of {case['name']}", jump["deviation"] / np.sqrt(case["replicates"])
            slow = size ** (-1 / 3) * jump["predicted_deviation"]
            spread = jump["predicted_deviation"] * (5 / np.sqrt(2 * case["replicates"]) + 0.05)
            rows.append(Check(name, jump["expected"], jump["at"], 1e-9, "fold of the fixed point"))
            rows.append(
                Check(f"{name}: mean place", jump["predicted_place"], jump["mean_place"], 5 * error + 4 * slow, "beta")
            )
            rows.append(Check(f"{name}: deviation", jump["predicted_deviation"], jump["deviation"], spread, "alpha"))
    window = numbers["window"]
    for wanted, found, side in zip(EDGES, window["edges"], ("lower", "upper"), strict=True):
        rows.append(Check(f"{side} edge of the overlap", wanted, found, 0.002, "density evolution"))
    for wanted, one in zip(numbers["plateaus"]["heights"], numbers["plateaus"]["found"], strict=True):
        rows.append(Check(f"plateau at {wanted:.2g}", wanted, one["height"], 0.01, "levels.theoretical_heights"))
    scores = [np.array(one["z_score"], dtype=float) for one in numbers["by_topic"]["observables"].values()]
    scores += [np.array(numbers["plateaus"]["z_score"], dtype=float), np.array(window["z_score"], dtype=float)]
    whole = np.concatenate([one.ravel() for one in scores])
    count = np.count_nonzero(np.isfinite(whole))
    rows.append(Check("largest |z|", 0.0, float(np.nanmax(np.abs(whole))), 5.5, f"{count} values"))
    return rows


def draw(numbers: dict[str, Any]) -> Figure:
    """Four panels."""
    drawn, (steps, by_topic, window, failures) = plotting.figure(4, width="double", aspect=0.68, rows=2)
    _draw_plateaus(steps, numbers["plateaus"])
    one = numbers["by_topic"]
    learned, theory = one["observables"]["learned_share"], np.array(one["theory"])
    for place in range(3):
        plotting.theory(by_topic, np.array(one["fine"]), theory[:, place], place)
        mean, error = (np.array(learned[key])[:, place] for key in ("mean", "standard_error"))
        plotting.simulation(by_topic, one["scale"], mean, error, place, f"topic {place + 1}")
    for at in one["jumps"]:
        plotting.mark(by_topic, at, f"{at:.4f}", y=0.62)
    by_topic.set(
        xlabel="texts per skill $r$", ylabel="learned share of the topic", xlim=(1.5, 1.98), ylim=(-0.02, 1.04)
    )
    by_topic.legend(loc="upper left")
    _draw_window(window, numbers["window"])
    _draw_failures(failures, numbers["failures"])
    plotting.panel_letters([steps, by_topic, window, failures])
    return drawn


def _draw_plateaus(axes: Any, one: dict[str, Any]) -> None:
    rate = one["rate"]
    plotting.theory(axes, np.array(one["fine"]) * rate, np.array(one["theory"]), 0, "theory")
    plotting.simulation(axes, np.array(one["scale"]) * rate, one["mean"], one["standard_error"], 0, "simulation")
    for height in one["heights"]:
        axes.axhline(height, color="0.6", linewidth=0.7, linestyle=(0, (1, 1.5)), zorder=1)
    for found in one["found"]:
        ends = [found["start"] * rate, found["end"] * rate]
        axes.plot(ends, [found["height"]] * 2, color=plotting.COLOURS[1], linewidth=3, alpha=0.5, zorder=1.5)
    axes.plot([], [], color=plotting.COLOURS[1], linewidth=3, alpha=0.5, label="plateaus found")
    axes.plot([], [], color="0.6", linewidth=0.7, linestyle=(0, (1, 1.5)), label="heights by levels")
    axes.set(xscale="log", xlabel="texts per skill $r$", ylabel="learned share of skills", ylim=(-0.02, 1.04))
    axes.legend(loc="lower right")


def _draw_window(axes: Any, one: dict[str, Any]) -> None:
    for place, label in enumerate(("topic of 1.6 texts per skill", "topic of 1.2 texts per skill")):
        plotting.theory(axes, np.array(one["fine"]), np.array(one["theory"])[:, place], place)
        mean, error = (np.array(one[key])[:, place] for key in ("mean", "standard_error"))
        plotting.simulation(axes, one["overlap"], mean, error, place, label)
    for edge in one["edges"]:
        plotting.mark(axes, edge, f"{edge:.3f}", y=0.16)
    axes.set(xlabel="share of a text's skills that it borrows", ylabel="learned share of the topic", ylim=(-0.02, 1.04))
    axes.legend(loc="upper right", bbox_to_anchor=(1.0, 0.94))


def _draw_failures(axes: Any, one: dict[str, Any]) -> None:
    for place, (scale, failed, theory) in enumerate(zip(one["scale"], one["failed"], one["theory"], strict=True)):
        share = np.array(failed)
        error = np.sqrt(np.maximum(share * (1 - share), 1e-6) / one["replicates"])
        plotting.theory(axes, np.array(scale), np.array(theory), place)
        plotting.simulation(axes, scale, share, error, place, f"jump {place + 1}")
    axes.set(xlabel="texts per skill $r$", ylabel="systems that have not jumped", ylim=(-0.02, 1.04))
    axes.annotate(f"$R$ = {one['num_skills']}", (0.04, 0.06), xycoords="axes fraction", fontsize=7)
    axes.legend(loc="upper right")
