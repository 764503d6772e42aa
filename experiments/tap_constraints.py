"""Resources of the adjacent possible: phase diagram, bistability, and whether two constraints multiply.

Computed: alpha_i = 0.05 / 8^(i-1), extinction 0.02 per step, 10 items at the start; new items times a factor f
(architecture x training x context), filling the room below a cap R at a falling rate. Final state on a grid of f and R;
tipping point and upper state against f at R = 20, with paths iterated from several starts; two factors of 0.6, each
alone and together: ln(time_both x time_none / (time_1 x time_2)) to 95 % of R = 20, against extinction (alpha and
extinction a hundred times smaller, so that steps are small).
Drawn: final items with the survival line of 10 items and the fold; both branches with iterated end points; departure
from a product.
Must match: iterated end points lie on the branches; survival on the grid changes at its line; without extinction and
with small steps delays multiply (departure below 0.02); it grows with extinction.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from skillgraph.adjacent_possible import Resources, phase_diagram, power_law
from skillgraph.adjacent_possible.resources import constrained_first_beyond, constrained_trajectory
from skillgraph.adjacent_possible.steady_states import interaction, steady_states
from skillgraph.figures import style as plotting
from skillgraph.reproduce import Check

LAW = power_law(0.05, 8.0)
EXTINCTION, START, CAP = 0.02, 10.0, 20.0
STARTS = (4.0, 8.0, 11.0, 14.0, 20.0)


def compute(quick: bool) -> dict[str, Any]:
    """Grid, branches, end points, interactions."""
    points, steps = (25, 4000) if quick else (61, 20_000)
    factors, caps = np.linspace(0.01, 1, points), np.linspace(START + 0.5, 80, points)
    diagram = phase_diagram(LAW, START, EXTINCTION, factors=factors, caps=caps, kind="saturating")
    fold = steady_states(LAW, EXTINCTION, _limits(1.0)).fold_factor
    fine = np.concatenate([fold * (1 + np.geomspace(1e-6, 0.05, 40)), np.linspace(1.06 * fold, 1, 120)])
    states = [steady_states(LAW, EXTINCTION, _limits(f)) for f in fine.tolist()]
    some = np.linspace(0.03, 0.99, 17 if quick else 33)
    rates = np.array([0.0, 0.001, 0.002, 0.004, 0.006, 0.008, 0.01, 0.012, 0.014])
    slow = power_law(0.05 / 100, 8.0)
    return {
        "factors": factors,
        "caps": caps,
        "items": diagram.items,
        "survival_factor": diagram.survival_factor,
        "fold_factor": diagram.fold_factor,
        "branch_factors": fine,
        "tipping_point": [one.tipping_point for one in states],
        "upper": [one.upper for one in states],
        "fold": fold,
        "iterated_factors": some,
        "iterated": [[_end(start, f, steps) for f in some.tolist()] for start in STARTS],
        "interaction_rates": rates,
        "interaction": [_departure(slow, mu / 100) for mu in rates.tolist()],
    }


def _limits(factor: float) -> Resources:
    return Resources(training=factor, context_cap=CAP, kind="saturating")


def _end(start: float, factor: float, steps: int) -> float:
    return float(constrained_trajectory(LAW, start, EXTINCTION, _limits(factor), steps=steps)[-1])


def _departure(law: Any, mu: float) -> float | None:
    """Return the departure of the time to 95 % of the cap from a product, for factors of 0.6 each."""

    def time(limits: Resources) -> float:
        capped = Resources(limits.architecture, limits.training, limits.context, context_cap=CAP, kind="saturating")
        return constrained_first_beyond(law, START, mu, capped, bound=0.95 * CAP) or float("nan")

    one, other = Resources(training=0.6, kind="saturating"), Resources(architecture=0.6, kind="saturating")
    return interaction(time, one, other).departure


def checks(numbers: dict[str, Any]) -> list[Check]:
    """Branches against iteration, lines against the grid, interaction."""
    alive = np.array(numbers["items"]) > 0
    line = np.array(numbers["factors"])[:, None] >= np.array(numbers["survival_factor"])
    rows = [Check("grid points on the wrong side of the survival line", 0, int((alive != line).sum()), 0, "iteration")]
    worst, wrong = 0.0, 0
    for start, ends in zip(STARTS, numbers["iterated"], strict=True):
        for factor, end in zip(numbers["iterated_factors"], ends, strict=True):
            states = steady_states(LAW, EXTINCTION, _limits(factor))
            lives = states.upper is not None and start > (states.tipping_point or 0.0)
            wrong += lives != (end > 1)
            worst = max(worst, abs(end - (states.upper or 0.0)) if lives else end)
    rows.append(Check("iterated end points in the wrong basin", 0, wrong, 0, "tipping point"))
    rows.append(Check("largest distance of an end point from its branch", 0, worst, 0.01, "balance factor"))
    found = [value for value in numbers["interaction"] if value is not None]
    rows.append(Check("departure from a product without extinction", 0, found[0], 0.02, "1 / (f1 f2)"))
    rising = float(np.min(np.diff(found)))
    rows.append(Check("smallest rise of the departure with extinction", 1.0, float(rising > 0), 0, "rises throughout"))
    return rows


def draw(numbers: dict[str, Any]) -> Figure:
    """Phase diagram (a), branches (b), interaction (c)."""
    drawn, (phase, branch, cross) = plotting.figure(3, width="double", aspect=1.0)
    shade = phase.pcolormesh(
        numbers["caps"],
        numbers["factors"],
        np.array(numbers["items"]),
        cmap="cividis",
        shading="nearest",
        rasterized=True,
    )
    drawn.colorbar(shade, ax=phase, pad=0.02).set_label("final items")
    caps = np.array(numbers["caps"])
    phase.plot(caps, numbers["survival_factor"], color="#D55E00", linewidth=1.6, label="survival from $M_0$ = 10")
    phase.plot(caps, numbers["fold_factor"], color="white", linestyle=(0, (5, 1.5)), label="fold: from any $M_0$")
    phase.set(xlabel="cap $R$", ylabel="factor $f$", ylim=(0.0, 1), xlim=(caps[0], caps[-1]))
    phase.legend(loc="upper right", labelcolor="white", fontsize=6)
    fine = np.array(numbers["branch_factors"])
    tipping = np.array(numbers["tipping_point"], float)
    plotting.theory(branch, fine, np.array(numbers["upper"], float), 0, "upper state")
    plotting.theory(branch, fine, tipping, 1, "tipping point")
    for start, ends in zip(STARTS, numbers["iterated"], strict=True):
        plotting.simulation(
            branch, numbers["iterated_factors"], np.array(ends), None, 2, "iterated" if start == 4 else None
        )
    branch.set(xlabel="factor $f$ at $R$ = 20", ylabel="items", ylim=(-1, 21.5))
    branch.legend(loc="upper right", bbox_to_anchor=(1.0, 0.9))
    values = np.array(numbers["interaction"], float)
    plotting.simulation(cross, 1e4 * np.array(numbers["interaction_rates"]) / 100, values, None, 3)
    cross.axhline(0, color="0.5", linewidth=0.7)
    cross.set(xlabel=r"extinction $10^4 \mu$", ylabel="departure from a product")
    plotting.panel_letters([phase, branch, cross])
    return drawn
