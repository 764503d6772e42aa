"""Learning mechanics: seven falsifiable predictions of the skill-text model, each measured.

1. Joint limits of data and model size depend on their ratio alone when skills grow with the model.
2. Scaling exponents are known beforehand: a in model size, a/(1+a) in data, for tail exponent a of skill frequencies.
3. So are the compute-optimal ones: tokens C^((1+a)/(2+a)), parameters C^(1/(2+a)), loss C^(-a/(2+a)).
4. Plateaus come in three classes: their length grows as distance^(-1/2) (a ghost), as the logarithm of the distance (an
   unstable state), as distance^(-1) (a continuous threshold).
5. Finite size hurts at a threshold: more than half of the graphs of n skills get stuck at eps_BP, with
   P - 1/2 ~ n^(-1/6); off criticality the mean learned share differs from the infinite one by ~ n^(-1) only.
6. The window is universal: P_fail = Q(z) in the scaled distance z for every ensemble.
7. One-skill texts switch the jump off at a share w_c(d) = A/(1+A), A = (ln(d-1) - y) y^(d-2), y = (d-2)/(d-1).

Computed: each number by an experiment of its own: on graphs (1, 2, 5, 6, 7), by optimisation or iteration (3, 4).
Drawn: the table of predictions, measured values with errors, and verdicts.
Must match: every row within its tolerance.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure
from scipy import optimize, special

from skillgraph.ensembles.degrees import fixed, mixture
from skillgraph.ensembles.ensemble import Ensemble, ldpc, texts_by_law
from skillgraph.figures import style as plotting
from skillgraph.graphs.sampling import sample, sample_known
from skillgraph.limits.maps import LearningMap, ensemble_map
from skillgraph.limits.places import points_at, ratio_ray
from skillgraph.limits.simulate import simulated_surface, simulated_values
from skillgraph.limits.surface import performance, skill_model
from skillgraph.reproduce import Check
from skillgraph.seeding import generator
from skillgraph.simulation.peeling import learning_curve, peel
from skillgraph.theory.density_evolution import unlearned_share
from skillgraph.theory.finite_size import erasure_waterfall, waterfall
from skillgraph.theory.thresholds import peeling_threshold

SEED = 14
TEXTS = "pmf:1=0.5,2=0.3,3=0.2"
TAIL = 0.5
EPS_BP = 0.42943981441949


def compute(quick: bool) -> dict[str, Any]:
    """One list of rows: prediction, quantity, expected, measured, error, tolerance."""
    rows = [
        *_ratio_rows(quick),
        *_exponent_rows(quick),
        *_optimal_rows(),
        *_plateau_rows(),
        *_size_rows(quick),
        *_window_rows(quick),
        *_switch_rows(quick),
    ]
    for row in rows:
        row["verdict"] = "holds" if abs(row["measured"] - row["expected"]) <= row["tolerance"] else "fails"
    return {"seed": SEED, "quick": quick, "rows": rows}


def _row(
    number: int, quantity: str, expected: float, measured: float, tolerance: float, error: float | None = None
) -> dict[str, Any]:
    return {
        "prediction": number,
        "quantity": quantity,
        "expected": float(expected),
        "measured": float(measured),
        "error": None if error is None else float(error),
        "tolerance": float(tolerance),
    }


def _ratio_rows(quick: bool) -> list[dict[str, Any]]:
    model, sizes = skill_model(TEXTS), [3000.0] if quick else [30_000.0]
    rows = []
    for ratio in (0.5, 1.0, 2.0):
        run = simulated_surface(model, ratio_ray(ratio, sizes), replicates=12, seed=SEED)
        assert run.standard_error is not None
        expected = performance(model, ratio * 1e6, 1e6, np.inf)
        error = float(run.standard_error[0])
        rows.append(_row(1, f"E at N/P = {ratio:g}", expected, run.performance[0], 6 * error + 5 / sizes[0], error))
    return rows


def _exponent_rows(quick: bool) -> list[dict[str, Any]]:
    """Slopes of log loss on graphs: model size at plenty of data, data at plenty of model."""
    model = skill_model(TEXTS, f"zipf:{1 + TAIL}")
    most = 2e5 if quick else 8e5
    sizes = np.round(np.geomspace(10, 300, 5))
    by_model = points_at(np.full(5, most), sizes, np.full(5, np.inf))
    data = np.round(np.geomspace(most / 100, most / 4, 5))
    by_data = points_at(data, np.full(5, 30_000 if quick else 100_000), np.full(5, np.inf))
    rows = []
    for label, where, x, expected in (
        ("model size: a", by_model, sizes, TAIL),
        ("data size: a/(1+a)", by_data, data, TAIL / (1 + TAIL)),
    ):
        values = 1 - simulated_values(model, where, replicates=6, seed=SEED)
        slopes = [-np.polyfit(np.log(x), np.log(column), 1)[0] for column in values.T]
        error = np.std(slopes, ddof=1) / np.sqrt(len(slopes))
        rows.append(_row(2, f"exponent of {label}", expected, np.mean(slopes), 0.05 * expected + 6 * error, error))
    return rows


def _optimal_rows() -> list[dict[str, Any]]:
    """Minimise the loss over the split of compute C = N P, by theory."""
    model = skill_model(TEXTS, f"zipf:{1 + TAIL}")
    computes = np.geomspace(1e12, 1e16, 5)
    best = np.array([_best_split(model, c) for c in computes])
    slopes = np.polyfit(np.log(computes), np.log(best), 1)[0]
    expected = ((1 + TAIL) / (2 + TAIL), 1 / (2 + TAIL), -TAIL / (2 + TAIL))
    names = ("tokens", "parameters", "loss")
    return [
        _row(3, f"compute exponent of {name}", want, have, 0.01)
        for name, want, have in zip(names, expected, slopes, strict=True)
    ]


def _best_split(model: Any, compute_size: float) -> tuple[float, float, float]:
    def loss(log_size: float) -> float:
        size = round(np.exp(log_size))
        return np.log(1 - performance(model, compute_size / size, size, np.inf))

    guess = np.log(compute_size) / (2 + TAIL)
    found = optimize.minimize_scalar(loss, bounds=(guess - 3, guess + 3), method="bounded", options={"xatol": 1e-4})
    size = float(np.exp(found.x))
    return compute_size / size, size, float(np.exp(found.fun))


def _plateau_rows() -> list[dict[str, Any]]:
    """Rounds spent, against the distance that causes the plateau."""
    distances, fine = np.geomspace(1e-6, 1e-4, 5), np.geomspace(1e-12, 1e-3, 28)
    ghost = [_rounds(ensemble_map(ldpc(3, 6), known=1 - EPS_BP + d), None, 1e-6) for d in distances]
    learning = ensemble_map(ldpc(3, 6), known=0.55)
    unstable = learning.fixed_points[1]
    passing = [_rounds(learning, unstable.value - d, 1e-3) for d in fine]
    continuous = ldpc(2, 4)  # threshold 1/3 by stability, no jump
    decay = [_decay(ensemble_map(continuous, known=2 / 3 + d)) for d in np.geomspace(1e-4, 1e-2, 5)]
    return [
        _row(4, "ghost: exponent of plateau length", -0.5, _slope(distances, ghost), 0.01),
        _row(
            4,
            "unstable state: rounds per unit of log distance",
            1 / np.log(unstable.slope),
            -np.polyfit(np.log(fine), passing, 1)[0],
            0.05,
        ),
        _row(4, "continuous threshold: exponent", -1.0, _slope(np.geomspace(1e-4, 1e-2, 5), decay), 0.01),
    ]


def _rounds(learning: LearningMap, start: float | None, end: float) -> int:
    q = learning.start if start is None else start
    count = 0
    while q > end:
        q, count = float(learning.step(q)), count + 1
    return count


def _decay(learning: LearningMap) -> int:
    """Rounds in which a small state shrinks a million times."""
    return _rounds(learning, 1e-6, 1e-12)


def _slope(x: np.ndarray, y: list[Any]) -> float:
    return float(np.polyfit(np.log(x), np.log(np.array(y, dtype=float)), 1)[0])


def _size_rows(quick: bool) -> list[dict[str, Any]]:
    """Stuck graphs at eps_BP, and the mean learned share away from any threshold."""
    sizes = (256, 1024, 4096) if quick else (256, 1024, 4096, 16_384)
    number = 300 if quick else 800
    law = erasure_waterfall(ldpc(3, 6))
    assert law.alpha is not None
    assert law.beta is not None
    stuck = np.array([_stuck_share(ldpc(3, 6), size, None, 1 - EPS_BP, number, 0.1) for size in sizes])
    error = np.sqrt(stuck * (1 - stuck) / number)
    predicted = special.ndtr(law.beta * np.array(sizes) ** (-1 / 6) / law.alpha)
    rows = [
        _row(5, f"P stuck at eps_BP, n = {size}", want, have, 0.05 + 5.5 * e, e)
        for size, want, have, e in zip(sizes, predicted, stuck, error, strict=True)
    ]
    bias, spread = _off_critical(quick)
    rows.append(_row(5, "off criticality: exponent of the mean deviation", -1.0, bias, 5 * spread + 0.1, spread))
    return rows


def _stuck_share(ensemble: Ensemble, size: int, texts: int | None, known: float, number: int, least: float) -> float:
    """Share of graphs that leave more than ``least`` of the skills unlearned."""
    count = 0
    for replicate in range(number):
        rng = generator(SEED, "stuck", str(ensemble), size, replicate)
        graph = sample(ensemble, size, texts, rng=rng)
        beforehand = sample_known(size, known, rng) if known else None
        count += peel(graph, beforehand).learned_share < 1 - least
    return count / number


def _off_critical(quick: bool) -> tuple[float, float]:
    """Exponent in n of mean learned share minus theory, Poisson texts of 2 skills, 1 text per skill; and its error."""
    ensemble, sizes = texts_by_law("poisson:2"), np.array([128, 256, 512])
    number = 2500 if quick else 12_000
    limit = 1 - float(unlearned_share(ensemble, 1.0)[0])
    means, errors = [], []
    for size in sizes:
        shares = np.array(
            [
                peel(sample(ensemble, int(size), int(size), rng=generator(SEED, "off", int(size), k))).learned_share
                for k in range(number)
            ]
        )
        means.append(abs(shares.mean() - limit))
        errors.append(shares.std() / np.sqrt(number))
    relative = np.array(errors) / np.array(means)
    slope, _ = np.polyfit(np.log(sizes), np.log(means), 1)
    centred = np.log(sizes) - np.log(sizes).mean()
    spread = np.sqrt(np.sum((centred * relative) ** 2)) / np.sum(centred**2)
    return float(slope), float(spread)


def _window_rows(quick: bool) -> list[dict[str, Any]]:
    """P_fail of three ensembles at z = 0 and z = 1."""
    number, size = (250, 2048) if quick else (600, 8192)
    rows = []
    for label, ensemble in (("Poisson c = 4", texts_by_law("poisson:4")), ("fixed 3", texts_by_law("fixed:3"))):
        known = 0.0 if label.startswith("Poisson") else 0.1
        law = waterfall(ensemble, known=known)
        assert law.threshold is not None
        assert law.alpha is not None
        assert law.beta is not None
        least = 0.5 * float(peeling_threshold(ensemble, known=known).unlearned_before_jump or 0.0)
        for z in (0.0, 1.0):
            ratio = law.threshold + law.beta * size ** (-2 / 3) + z * law.alpha / np.sqrt(size)
            have = _stuck_share(ensemble, size, round(ratio * size), known, number, least)
            error = np.sqrt(max(have * (1 - have), 1e-3) / number)
            want = float(special.ndtr(-z))
            rows.append(_row(6, f"P_fail at z = {z:g}, {label}", want, have, 0.04 + 5.5 * error, error))
    return rows


def _switch_rows(quick: bool) -> list[dict[str, Any]]:
    """Largest step of the learned share in a window of texts, on both sides of w_c, on graphs."""
    rows = []
    size, replicates = (20_000, 3) if quick else (200_000, 4)
    for degree in (3, 4):
        y = (degree - 2) / (degree - 1)
        strength = (np.log(degree - 1) - y) * y ** (degree - 2)
        expected = strength / (1 + strength)
        rows.append(_row(7, f"w_c of d = {degree}: last share with a jump, theory", expected, _last_jump(degree), 1e-5))
        for factor in (0.5, 1.5):
            steps = [_largest_step(degree, factor * expected, size, k) for k in range(replicates)]
            jump = _jump_size(degree, factor * expected)
            error = np.std(steps, ddof=1) / np.sqrt(replicates)
            rows.append(
                _row(7, f"jump on graphs at w = {factor:g} w_c, d = {degree}", jump, np.mean(steps), 0.12, error)
            )
    return rows


def _ensemble(degree: int, share: float) -> Ensemble:
    return texts_by_law(mixture([(share, fixed(1)), ((1 - share) / degree, fixed(degree))]))


def _jump_size(degree: int, share: float) -> float:
    found = peeling_threshold(_ensemble(degree, share))
    if not found.jump:
        return 0.0
    assert found.unlearned_before_jump is not None
    assert found.unlearned_after_jump is not None
    return found.unlearned_before_jump - found.unlearned_after_jump


def _last_jump(degree: int) -> float:
    """Bisect the largest share of edges in one-skill texts that still has a jump."""
    low, high = 0.0 + 1e-6, 0.5
    while high - low > 1e-7:
        middle = (low + high) / 2
        low, high = (middle, high) if peeling_threshold(_ensemble(degree, middle)).jump else (low, middle)
    return (low + high) / 2


def _largest_step(degree: int, share: float, size: int, replicate: int) -> float:
    """Largest growth of the learned share while 0.3 % of the texts arrive."""
    rng = generator(SEED, "switch", degree, round(1e6 * share), replicate)
    ensemble = _ensemble(degree, share)
    graph = sample(ensemble, size, round(2.2 * size), rng=rng)
    curve = learning_curve(graph).learned_share
    window = graph.num_texts * 3 // 1000
    return float(np.max(curve[window:] - curve[:-window]))


def checks(numbers: dict[str, Any]) -> list[Check]:
    """One check per row of the table."""
    return [
        Check(
            f"{row['prediction']}. {row['quantity']}",
            row["expected"],
            row["measured"],
            row["tolerance"],
            f"prediction {row['prediction']}",
        )
        for row in numbers["rows"]
    ]


def draw(numbers: dict[str, Any]) -> Figure:
    """Draw the table, grouped by prediction."""
    rows = numbers["rows"]
    drawn, (axes,) = plotting.figure(1, width="double", aspect=0.023 * len(rows) + 0.06)
    axes.set_axis_off()
    columns = (0.0, 0.045, 0.56, 0.70, 0.88)
    for x, title in zip(columns, ("", "prediction", "predicted", "measured", "verdict"), strict=True):
        axes.text(x, 1.0, title, fontsize=7.5, fontweight="bold", va="center", transform=axes.transAxes)
    shown = 0
    for place, row in enumerate(rows):
        y = 1 - (place + 1.2) / (len(rows) + 1)
        if row["prediction"] != shown:
            axes.axhline(y + 0.5 / (len(rows) + 1), color="0.7", linewidth=0.5)
            axes.text(columns[0], y, str(row["prediction"]), fontsize=7.5, va="center", fontweight="bold")
            shown = row["prediction"]
        error = "" if not row["error"] else f" ± {row['error']:.2g}"
        texts = (row["quantity"], f"{row['expected']:.5g}", f"{row['measured']:.5g}{error}", row["verdict"])
        for x, text in zip(columns[1:], texts, strict=True):
            axes.text(x, y, text, fontsize=7, va="center")
    axes.set(xlim=(0, 1), ylim=(0, 1))
    return drawn
