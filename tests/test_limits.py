"""E(N, P, K) in theory: rates, bottlenecks, Lipschitz numbers, limits and their verdicts."""

from __future__ import annotations

import numpy as np
import pytest

from skillgraph.ensembles.degrees import fixed
from skillgraph.ensembles.ensemble import ldpc, ldpc_polynomials, texts_by_law
from skillgraph.limits.covering import condense, covering_number
from skillgraph.limits.lipschitz import asymptotic_by_iteration, lipschitz_numbers, power_metric_number
from skillgraph.limits.maps import ensemble_map
from skillgraph.limits.paths import limit_study, ray_limit
from skillgraph.limits.places import grid_points, points_at, power_ray, ratio_ray
from skillgraph.limits.surface import learning_map, performance, skill_model, theory_surface
from skillgraph.limits.verdicts import (
    bottlenecks,
    cauchy_bootstrap,
    limit_in_rounds,
    limit_of_size_and_rounds,
)
from skillgraph.seeding import generator
from skillgraph.statistics.sequences import aitken, extrapolate, rate_class, richardson, wynn_epsilon
from skillgraph.theory.density_evolution import asymptotic_rate, bottleneck_rounds, rounds_to_converge
from skillgraph.theory.thresholds import critical_one_skill_share

EPS_BP = 0.42943981441949
CODE = ldpc(3, 6)
TEXTS = "pmf:1=0.5,2=0.3,3=0.2"


def evolution(eps, **options):
    return ensemble_map(CODE, known=1 - eps, **options)


@pytest.fixture(scope="module")
def uniform_study():
    return limit_study(skill_model(TEXTS))


# --- Lipschitz numbers ------------------------------------------------------------------------------------------------


def test_global_lipschitz_number_is_not_one_at_the_threshold():
    assert lipschitz_numbers(evolution(EPS_BP)).global_number == pytest.approx(1.24705, abs=1e-5)


@pytest.mark.parametrize("eps", [0.3, 0.4, 0.42, 0.45, 0.6])
def test_pointed_number_is_eps_over_its_threshold(eps):
    assert lipschitz_numbers(evolution(eps)).pointed_number == pytest.approx(eps / EPS_BP, abs=1e-8)


def test_pointed_number_at_04():
    assert lipschitz_numbers(evolution(0.4)).pointed_number == pytest.approx(0.931446, abs=1e-6)


@pytest.mark.parametrize("distance", [-1e-3, -1e-6, 1e-6, 1e-3])
def test_uniqueness_and_the_pointed_number_change_at_the_threshold(distance):
    numbers = lipschitz_numbers(evolution(EPS_BP + distance))
    assert numbers.unique == (distance < 0)
    assert (numbers.pointed_number < 1) == (distance < 0)
    assert (numbers.asymptotic_number < 1) == (distance < 0)


def test_fixed_points_and_basins_at_045():
    large, middle, small = lipschitz_numbers(evolution(0.45)).fixed_points
    assert middle.value == pytest.approx(0.18661, abs=1e-5)
    assert large.value - small.value == pytest.approx(0.35544, abs=1e-5)
    assert large.slope == pytest.approx(0.690297, abs=1e-6)
    assert (large.stable, middle.stable, small.stable) == (True, False, True)
    assert large.basin == pytest.approx((middle.value, 0.45))
    assert small.basin == pytest.approx((0.0, middle.value))


def test_measured_asymptotic_number_tends_to_the_largest_slope_at_a_fixed_point():
    learning = evolution(0.45)
    measured = asymptotic_by_iteration(learning, 80)
    assert measured[0] == pytest.approx(lipschitz_numbers(learning).global_number, abs=1e-6)
    assert measured[-1] == pytest.approx(lipschitz_numbers(learning).asymptotic_number, rel=1e-3)


def test_no_power_metric_makes_the_lipschitz_number_one_at_the_threshold():
    learning = evolution(EPS_BP)
    values = [power_metric_number(learning, p) for p in (0.5, 1, 2, 4, 16, 64, 256)]
    assert values[1] == pytest.approx(1.24705, abs=1e-5)
    assert np.all(np.diff(values) < 0)
    assert 1.001 < values[-1] < 1.01  # 1 - T''(x*) x* / (2 p) to first order
    bend = learning.curvature(0.26057107)
    assert values[-1] - 1 == pytest.approx(-bend * 0.26057107 / (2 * 256), rel=0.05)


def test_pointed_number_of_the_frequency_map_crosses_one_where_a_second_fixed_point_appears():
    model = skill_model("poisson:4")
    below, above = (learning_map(model, ratio * 1000, 1000) for ratio in (1.45, 1.48))
    assert lipschitz_numbers(below).pointed_number > 1
    assert not lipschitz_numbers(below).unique
    assert lipschitz_numbers(above).pointed_number < 1
    assert lipschitz_numbers(above).unique


# --- Rates and bottlenecks --------------------------------------------------------------------------------------------


def test_rate_at_045_by_slope_and_by_sequence():
    assert asymptotic_rate(CODE, known=0.55).value == pytest.approx(0.690297, abs=1e-6)
    seen = rate_class(evolution(0.45).trajectory(40))
    assert seen.kind == "geometric"
    assert seen.value == pytest.approx(0.690297, abs=1e-5)


def test_rate_below_threshold_is_the_stability_product():
    code = ldpc_polynomials("x/6+5x^3/6", "x^5")
    eps = 0.4
    states = ensemble_map(code, known=1 - eps).trajectory(60)
    seen = rate_class(states[(states < 1e-2) & (states > 1e-11)])
    assert seen.kind == "geometric"
    assert seen.value == pytest.approx(eps * 5 / 6, abs=1e-4)


def test_convergence_is_quadratic_without_skills_of_two_texts():
    assert rate_class(evolution(0.25).trajectory(6)).kind == "superlinear"
    states = evolution(0.4).trajectory(60)
    tail = states[(states < 1e-3) & (states > 1e-100)]
    assert tail[-1] / tail[-2] ** 2 == pytest.approx(0.4 * 25, rel=1e-3)  # eps lambda''(0)/2 rho'(1)^2


def test_convergence_at_the_threshold_is_algebraic():
    states = evolution(EPS_BP).trajectory(40_000)
    assert 40_000 * (states[-1] - 0.26057107290657616) == pytest.approx(0.572948, rel=2e-3)
    seen = rate_class(states[1000:4000], np.arange(1000, 4000))
    assert seen.kind == "algebraic"
    assert seen.value == pytest.approx(1.0, abs=0.05)


@pytest.mark.parametrize(("distance", "rounds"), [(1e-2, 31), (1e-3, 98), (1e-4, 306), (1e-5, 967), (1e-6, 3054)])
def test_bottleneck_rounds_below_the_threshold(distance, rounds):
    known = 1 - EPS_BP + distance
    assert rounds_to_converge(CODE, known=known, tolerance=1e-10) == pytest.approx(rounds, abs=1)
    assert bottleneck_rounds(CODE, known=known, known_at_threshold=1 - EPS_BP) == pytest.approx(rounds, rel=0.02)
    (ghost,) = bottlenecks(evolution(EPS_BP - distance))
    assert ghost.rounds == pytest.approx(rounds, rel=0.02)
    if distance == 1e-4:
        assert ghost.rounds == pytest.approx(306, abs=3)


@pytest.mark.parametrize(("degree", "share"), [(3, 0.088068), (4, 0.161057)])
def test_share_of_one_skill_texts_that_makes_emergence_continuous(degree, share):
    assert critical_one_skill_share(fixed(degree)) == pytest.approx(share, abs=1e-6)


# --- Sequences --------------------------------------------------------------------------------------------------------


def test_accelerations_are_exact_on_their_own_class():
    k = np.arange(12.0)
    assert aitken(0.3 + 0.5 * 0.8**k)[-1] == pytest.approx(0.3, abs=1e-13)
    assert wynn_epsilon(0.3 + 0.5 * 0.8**k - 0.1 * 0.5**k)[-1] == pytest.approx(0.3, abs=1e-10)
    n = np.arange(10.0, 100.0)
    assert richardson(0.3 + 2 / n**1.5, 1.5, 10)[-1] == pytest.approx(0.3, abs=1e-13)


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (0.3 + 0.5 * 0.8 ** np.arange(30.0), "geometric"),
        (0.3 + 1 / np.arange(20.0, 200.0), "algebraic"),
        (0.3 + 0.5 ** (2.0 ** np.arange(8)), "superlinear"),
        (np.sin(np.arange(40.0)), "neither"),
        (np.full(9, 0.4), "settled"),
        (np.arange(20.0), "neither"),
    ],
)
def test_rate_classes(values, kind):
    assert rate_class(values, np.arange(20.0, 200.0) if kind == "algebraic" else None).kind == kind


def test_wrong_class_extrapolations_are_not_used():
    algebraic = 0.3 + 1 / np.arange(50.0, 400.0)
    assert abs(aitken(algebraic)[-1] - 0.3) > 5e-4  # Aitken halves the error of 1/k and stops there
    found = extrapolate(algebraic, first=50)
    assert found.method == "richardson"
    assert found.value == pytest.approx(0.3, abs=1e-5)
    assert found.interval[0] <= 0.3 <= found.interval[1]


def test_noise_forbids_extrapolation():
    rng = generator(3, "noise")
    values = 0.3 + 0.5 * 0.8 ** np.arange(10.0) + rng.normal(0, 0.05, 10)
    found = extrapolate(values, np.full(10, 0.05))
    assert found.method in ("last value", "none")
    clear = extrapolate(0.3 + 0.5 * 0.6 ** np.arange(8.0), np.full(8, 1e-5))
    assert clear.method == "bounded geometric fit"
    assert clear.interval[0] < 0.3 < clear.interval[1]


def test_sequences_reject_what_is_no_sequence():
    with pytest.raises(ValueError, match="at least 6 terms, got 2"):
        rate_class(np.array([1.0, 2.0]))
    with pytest.raises(ValueError, match="finite numbers"):
        extrapolate(np.array([1.0, np.nan, 1, 1, 1, 1]))


# --- The surface and its limits ---------------------------------------------------------------------------------------

RAYS = {0.25: 0.1381, 0.5: 0.3108, 1.0: 0.7052, 2.0: 0.9618, 4.0: 0.9989}


@pytest.mark.parametrize("ratio", RAYS)
def test_ray_values_of_uniform_popularity(ratio):
    verdict = ray_limit(skill_model(TEXTS), ratio=ratio)
    assert verdict.kind == "exists"
    assert verdict.value == pytest.approx(RAYS[ratio], abs=5e-5)


def test_uniform_popularity_has_no_joint_limit_off_rays(uniform_study):
    value = {order: verdict.value for order, verdict in uniform_study.iterated.items()}
    for order, limit in value.items():
        data_first = order.index("data") < order.index("model")
        assert limit == pytest.approx(1.0 if data_first else 0.0, abs=1e-6)
    assert uniform_study.joint.kind == "depends on the path"
    assert "no joint limit off rays" in uniform_study.joint.sentence


def test_limits_of_the_capacity_model_commute():
    study = limit_study(skill_model(TEXTS, "zipf:1.5"), exponents=(0.67,))
    assert study.joint.kind == "exists"
    assert study.joint.value == pytest.approx(1.0, abs=1e-4)
    assert all(verdict.value == pytest.approx(1.0, abs=1e-4) for verdict in study.iterated.values())


def test_limits_commute_with_depth_for_model_size():
    study = limit_study(skill_model(TEXTS, num_skills=500, reading="depth"), ratios=(), exponents=())
    assert study.joint.kind == "exists"
    assert study.joint.value == pytest.approx(1.0, abs=1e-4)


def test_orders_of_size_and_rounds_disagree_at_the_threshold():
    size_first, rounds_first, joint = limit_of_size_and_rounds(CODE)
    assert size_first.value == pytest.approx(0.2030, abs=5e-5)
    assert rounds_first.value == pytest.approx(0.1015, abs=5e-5)
    assert joint.kind == "depends on the path"
    assert "do not commute" in joint.sentence


def test_plateau_trap():
    trapped = limit_in_rounds(evolution(EPS_BP - 1e-5), 256)
    assert trapped.kind == "not converged"
    assert trapped.value is None
    assert "bottleneck of about 965 rounds" in trapped.sentence
    freed = limit_in_rounds(evolution(EPS_BP - 1e-5), 1200)
    assert freed.kind == "exists"
    assert freed.value == 0.0


def test_limit_in_rounds_at_and_above_the_threshold():
    at = limit_in_rounds(evolution(EPS_BP), 256)
    assert at.kind == "exists"
    assert "algebraic" in at.sentence
    assert at.interval[0] <= 0.26057107 <= at.interval[1]
    short = limit_in_rounds(evolution(0.45), 20)
    assert short.value == pytest.approx(0.3554433, abs=1e-6)


def test_surface_agrees_with_density_evolution_of_the_same_ensemble():
    ensemble = texts_by_law("poisson:4")
    states = ensemble_map(ensemble, 1.2).trajectory(12)
    surface = theory_surface(skill_model("poisson:4"), points_at([1.2e6] * 3, [10**6] * 3, [1, 5, 12]))
    assert surface.loss == pytest.approx(states[[1, 5, 12]], rel=1e-12)


def test_surface_sums_skills_one_by_one():
    model = skill_model(TEXTS, "zipf:1.5")
    rank = np.arange(1.0, 301)
    p = rank**-1.5 / 2.6123753486854883  # zeta(3/2)
    q = 1.0
    for _ in range(7):
        y = 1 - q
        q = 1 - p.sum() + p @ np.exp(-500 * p * (0.5 + 0.6 * y + 0.6 * y * y))
    assert performance(model, 500, 300, 7) == pytest.approx(1 - q, abs=1e-10)


def test_damped_map_has_the_same_limit_later():
    fast, slow = (skill_model(TEXTS, damping=eta) for eta in (1.0, 0.2))
    assert performance(slow, 1000, 1000, np.inf) == pytest.approx(performance(fast, 1000, 1000, np.inf), abs=1e-12)
    assert performance(slow, 1000, 1000, 3) < performance(fast, 1000, 1000, 3)


def test_depth_multiplies_steps():
    deep, wide = (skill_model(TEXTS, num_skills=100, reading=word) for word in ("depth", "capacity"))
    assert performance(deep, 100, 3, 2) == performance(wide, 100, 100, 6)
    assert "depth" in deep.model_size_means


def test_grid_and_rays():
    grid = grid_points([1, 2], [3, 4, 5], [1, np.inf])
    assert grid.shape == (2, 3, 2)
    assert ratio_ray(0.5, [10, 20]).data_size.tolist() == [5, 10]
    assert power_ray(0.5, [100, 10_000]).model_size.tolist() == [10, 100]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: grid_points([1], [2], [3]), "at least 2 points along one of data, model and steps"),
        (lambda: grid_points([-1, 2], [2], [3]), "data sizes must be finite and not negative, got -1"),
        (lambda: grid_points([1, 2], [-2], [3]), "model sizes must be whole numbers of at least 1, got -2"),
        (lambda: grid_points([1, 2], [2], [3.5]), "steps must be whole numbers of at least 0, or inf, got 3.5"),
        (lambda: grid_points([1, np.nan], [2], [3]), "data sizes must be finite"),
        (lambda: skill_model("poisson:0"), "positive mean"),
        (lambda: skill_model(TEXTS, damping=0.0), r"damping must lie in \(0, 1\], got 0"),
        (lambda: skill_model(TEXTS, reading="width"), 'must be "capacity" or "depth", got "width"'),
        (lambda: skill_model(TEXTS, reading="depth"), "number of skills must be given"),
        (lambda: ray_limit(skill_model(TEXTS)), "name one of them"),
        (lambda: limit_in_rounds(evolution(0.4), 3), "at least 10"),
        (lambda: power_metric_number(evolution(0.4), 0), "power of the metric"),
    ],
)
def test_bad_input_is_one_sentence(call, message):
    with pytest.raises(ValueError, match=message):
        call()


# --- Measured sequences -----------------------------------------------------------------------------------------------


def test_cauchy_bootstrap_settled_moving_and_open():
    rng = generator(5, "cauchy")
    settled = 0.7 + rng.normal(0, 1e-4, (4, 40))
    moving = np.array([0.2, 0.4, 0.6, 0.8])[:, None] + rng.normal(0, 1e-3, (4, 40))
    vague = 0.7 + rng.normal(0, 0.3, (4, 8))
    kinds = [cauchy_bootstrap(table, rng=rng, tolerance=0.01).kind for table in (settled, moving)]
    assert kinds == ["exists", "not converged"]
    assert cauchy_bootstrap(vague, rng=rng, tolerance=0.2).kind in ("not decided", "not converged")
    with pytest.raises(ValueError, match="at least 3 terms and 4 graphs"):
        cauchy_bootstrap(np.ones((2, 9)), rng=rng, tolerance=0.1)


# --- Depth: condensing ------------------------------------------------------------------------------------------------


def test_blocks_condense_below_the_threshold_and_not_above():
    below = condense([evolution(0.4)] * 60, 0.01)
    assert below.condenses
    assert below.covering[0] > 10
    above = condense([evolution(0.45)] * 60, 0.01)
    assert above.spread[-1] == pytest.approx(0.35544, abs=1e-4)
    assert not above.condenses
    assert np.all(above.covering <= above.bound)


def test_layers_may_differ():
    layers = [evolution(0.45)] * 20 + [evolution(0.3)] * 20
    assert condense(layers, 0.01).condenses


def test_covering_number_of_points_on_a_line():
    place = np.array([0.0, 0.1, 0.2, 1.0, 1.1])
    assert covering_number(np.abs(place[:, None] - place), 0.25) == 2
    assert covering_number(np.abs(place[:, None] - place), 5.0) == 1
