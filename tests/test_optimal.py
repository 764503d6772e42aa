"""Compute-optimal sizes: published numbers, the right law, simulation, excess entropy."""

from __future__ import annotations

import numpy as np
import pytest

from skillgraph.ensembles.degrees import parse_law, poisson
from skillgraph.ensembles.ensemble import ldpc, texts_by_law
from skillgraph.optimal.analytic import analytic_optimum
from skillgraph.optimal.cost import CostModel, num_texts_within
from skillgraph.optimal.excess_entropy import bound_from_mean, bound_from_outcomes, training_error
from skillgraph.optimal.monte_carlo import learned_counts, simulated_optimum
from skillgraph.optimal.objectives import expected_learned, jump_law, zipf_mastery
from skillgraph.optimal.published import erasure_point, published_budgets, published_learned
from skillgraph.optimal.sizes import fitted_exponent, isoflop, optimal_sizes
from skillgraph.theory.finite_size import waterfall
from tests.sizes import scaled

FLOPS_PER_AREA = 6 * 2e5 * 8e5  # of one skill times one text
POISSON = texts_by_law("poisson:6")


def test_published_sizes_at_the_compute_of_chinchilla() -> None:
    """Oracle nv-optimal."""
    best = optimal_sizes(published_learned(6.0), CostModel(), 5.73e23)
    assert best.parameters[0] == pytest.approx(7.145e10, rel=1e-3)
    assert best.tokens[0] == pytest.approx(1.337e12, rel=1e-3)
    assert best.tokens_per_parameter[0] == pytest.approx(18.71, abs=0.02)


def test_published_exponents() -> None:
    """Oracle nv-slope, fitted from 1e20 to 1e30 FLOPs."""
    budgets = published_budgets()
    best = optimal_sizes(published_learned(6.0), CostModel(), budgets[20:])
    assert fitted_exponent(best.compute, best.parameters, 1e20, 1e30) == pytest.approx(0.5033, abs=5e-4)
    assert fitted_exponent(best.compute, best.tokens, 1e20, 1e30) == pytest.approx(0.4967, abs=5e-4)


@pytest.mark.parametrize(("area", "skills"), [(415040.4757850472, 246.00), (26738416.1583995, 2141.50)])
def test_published_optima_of_small_budgets(area: float, skills: float) -> None:
    best = optimal_sizes(published_learned(6.0), CostModel(), area * FLOPS_PER_AREA)
    assert best.num_skills[0] == pytest.approx(skills, rel=1e-4)


def test_published_width_and_its_right_signs() -> None:
    """Oracle alpha-nv: 0.5905; the released code gives 0.9404."""
    size, ratio = 1e10, waterfall(POISSON).threshold
    assert ratio is not None
    assert erasure_point(size, ratio * size, 6.0).alpha == pytest.approx(0.9404, abs=2e-4)
    right = erasure_point(size, ratio * size, 6.0, signs="right")
    assert right.alpha == pytest.approx(0.5905, abs=1e-3)
    assert right.threshold == pytest.approx(0.5, abs=1e-6)
    assert right.unlearned_share == pytest.approx(0.815070, abs=1e-5)


def test_limit_of_tokens_per_parameter() -> None:
    best = optimal_sizes(expected_learned(POISSON), CostModel(), [1e30, 1e36])
    threshold = waterfall(POISSON).threshold
    assert threshold is not None
    assert 4 * threshold == pytest.approx(18.13, abs=0.003)
    excess = best.tokens_per_parameter - 4 * threshold
    assert np.all(excess > 0)
    assert excess[1] < 0.05 * excess[0]


def test_closed_form_agrees_with_the_numerical_optimum() -> None:
    law = jump_law(POISSON)
    assert law is not None
    areas = np.array([1e6, 1e8, 1e12])
    best = optimal_sizes(expected_learned(POISSON), CostModel(), areas * FLOPS_PER_AREA)
    for area, skills, tolerance in zip(areas, best.num_skills, (0.02, 0.002, 1e-4), strict=True):
        found = analytic_optimum(law.waterfall, law.unlearned_given_failure(law.threshold), area)
        assert found.num_skills == pytest.approx(skills, rel=tolerance)
        assert found.num_texts is not None
        assert found.num_skills is not None
        assert found.num_skills * found.num_texts == pytest.approx(area)
    small = analytic_optimum(law.waterfall, 0.8, 1000.0)
    assert small.num_skills is None
    assert "below the range" in str(small.reason)


def test_optimum_is_the_highest_point_of_its_isoflop_curve() -> None:
    objective, cost = expected_learned(POISSON), CostModel()
    best = optimal_sizes(objective, cost, 1e22)
    curve = isoflop(objective, cost, 1e22, best.num_skills[0] * np.linspace(0.5, 2, 301))
    assert curve.value.max() <= best.value[0] * (1 + 1e-9)
    np.testing.assert_allclose(curve.num_skills * curve.num_texts * FLOPS_PER_AREA, 1e22, rtol=1e-12)


def test_zipf_frequencies_split_compute_unevenly() -> None:
    budgets = np.array([1e26, 1e28])
    for a in (0.5,):
        best = optimal_sizes(zipf_mastery(a, parse_law("geometric:1")), CostModel(), budgets)
        assert best.parameters_exponent[0] == pytest.approx(1 / (2 + a), abs=0.004)
        assert best.tokens_exponent[0] == pytest.approx((1 + a) / (2 + a), abs=0.004)
        loss = np.diff(np.log(1 - best.value))[0] / np.log(100)
        assert loss == pytest.approx(-a / (2 + a), abs=0.002)


def test_zipf_mastery_equals_a_plain_sum() -> None:
    exponent, skills, texts, law = 0.7, 300, 500.0, parse_law("poisson:2")
    ranks = np.arange(1, 2_000_001.0)
    p = ranks**-1.7
    p /= p.sum() + 2_000_000.5**-0.7 / 0.7
    q = 1.0
    for _ in range(5000):
        reach = texts * 2 * np.exp(-2 * q)
        q = float(np.sum(p[:skills] * np.exp(-reach * p[:skills])) + 1 - p[:skills].sum())
    assert zipf_mastery(exponent, law)(skills, texts) == pytest.approx(1 - q, abs=1e-9)


def test_costs_invert_and_inference_buys_smaller_models() -> None:
    plain, served = CostModel(), CostModel(inference_tokens=1e13)
    for cost in (plain, served):
        texts = num_texts_within(cost, 1e24, 1000.0)
        assert cost.compute(1000.0, texts) == pytest.approx(1e24)
    small = optimal_sizes(expected_learned(POISSON), served, 1e24)
    large = optimal_sizes(expected_learned(POISSON), plain, 1e24)
    assert small.parameters[0] < large.parameters[0]
    assert num_texts_within(served, 1.0, 1000.0) == 0.0


def test_repeated_texts_teach_nothing_new() -> None:
    limited = optimal_sizes(expected_learned(POISSON), CostModel(unique_texts=1e5), 1e26)
    free = optimal_sizes(expected_learned(POISSON), CostModel(), 1e26)
    assert limited.value[0] < 1e5 / 4.5
    assert limited.value[0] < free.value[0] / 10


def test_a_cost_model_of_ones_own() -> None:
    class Cubic:
        def compute(self, num_skills: float, num_texts: float) -> float:
            return num_skills**2 * num_texts

        def parameters(self, num_skills: float) -> float:
            return num_skills

        def tokens(self, num_texts: float) -> float:
            return num_texts

        def distinct_texts(self, num_texts: float) -> float:
            return num_texts

    best = optimal_sizes(expected_learned(POISSON), Cubic(), np.geomspace(1e20, 1e24, 3))
    np.testing.assert_allclose(best.num_skills**2 * best.num_texts, best.compute, rtol=1e-9)
    np.testing.assert_allclose(best.parameters_exponent, 1 / 3, atol=0.005)


def test_expected_learned_without_a_jump_is_density_evolution() -> None:
    value = expected_learned(texts_by_law("poisson:2"))(1e6, 2e6)
    u = 1.0
    for _ in range(2000):
        u = float(np.exp(-4 * np.exp(-2 * u)))
    assert value / 1e6 == pytest.approx(1 - u, abs=1e-5)


@pytest.mark.kernel
def test_simulated_learning_agrees_with_the_expected() -> None:
    """At the optimum of RT = 4.15e5; the law is off by O(R^-1/3), up to 0.03 in P_fail."""
    replicates = scaled(800, 20)
    counts = learned_counts(POISSON, 250, np.array([1660, 2500]), replicates=replicates, seed=1)
    failed = np.mean(counts[:, 0] < 150)
    law = jump_law(POISSON)
    assert law is not None
    assert abs(failed - law.failure(250, 6.64)) < 5 * np.sqrt(0.03 / replicates) + 0.03
    assert np.all(counts[:, 1] >= counts[:, 0])


@pytest.mark.kernel
def test_simulated_optimum_is_near_the_theory() -> None:
    """R near 249 at RT = 4.15e5."""
    area, centre = scaled(415_000, 41_500), scaled(252, 78)
    sizes = np.rint(centre * np.linspace(0.9, 1.12, 5))
    found = simulated_optimum(POISSON, area, sizes, replicates=scaled(400, 12), seed=1)
    assert abs(found.optimum - centre) < 0.15 * centre
    low, high = found.interval
    assert low <= found.optimum <= high or high - low < 5


@pytest.mark.kernel
def test_simulation_does_not_depend_on_the_other_sizes() -> None:
    both = learned_counts(POISSON, 60, np.array([200, 400]), replicates=4, seed=3)
    again = learned_counts(POISSON, 60, np.array([200, 400]), replicates=4, seed=3)
    np.testing.assert_array_equal(both, again)
    assert not np.array_equal(both, learned_counts(POISSON, 60, np.array([200, 400]), replicates=4, seed=4))


def test_training_error_is_the_share_of_texts_with_two_unlearned_skills() -> None:
    u = np.array([0.0, 1e-6, 0.3, 1.0])
    expected = -np.expm1(-6 * u) - 6 * u * np.exp(-6 * u)
    np.testing.assert_allclose(training_error(u, poisson(6.0)), expected, rtol=1e-4, atol=1e-16)
    assert training_error(1.0, parse_law("fixed:1")) == 0


def test_excess_entropy_of_outcomes_exceeds_that_of_the_mean() -> None:
    law = jump_law(POISSON)
    assert law is not None
    areas = np.array([1e5, 3e5, 1e8, 1e12])
    best = optimal_sizes(expected_learned(POISSON), CostModel(), areas * FLOPS_PER_AREA)
    pairs = list(zip(best.num_skills, best.num_texts / best.num_skills, strict=True))
    outcomes = np.array([bound_from_outcomes(law, poisson(6.0), r, q) for r, q in pairs])
    means = np.array([bound_from_mean(law, poisson(6.0), r, q) for r, q in pairs])
    assert (outcomes / means)[0] == pytest.approx(150, abs=50)
    assert np.all(np.diff(outcomes / means) > 0)
    slope = np.diff(np.log(outcomes[2:])) / np.diff(np.log(best.num_skills[2:]))
    assert slope[0] == pytest.approx(-0.5, abs=0.06)


@pytest.mark.parametrize("bad", [0.0, -1.0, np.nan, np.inf])
def test_bad_budgets_are_named(bad: float) -> None:
    with pytest.raises(ValueError, match="compute must be positive and finite, got"):
        optimal_sizes(expected_learned(POISSON), CostModel(), bad)


def test_bad_input_is_named() -> None:
    with pytest.raises(ValueError, match=r"compute must buy at least one skill and one text, 9.6e\+11, got 100"):
        optimal_sizes(expected_learned(POISSON), CostModel(), 100.0)
    with pytest.raises(ValueError, match="parameters_per_skill must be positive and finite, got 0"):
        CostModel(parameters_per_skill=0)
    with pytest.raises(ValueError, match="unique_texts must be positive and finite, got nan"):
        CostModel(unique_texts=float("nan"))
    with pytest.raises(ValueError, match="inference_tokens must not be negative"):
        CostModel(inference_tokens=-1)
    with pytest.raises(ValueError, match="need an ensemble of texts by law"):
        expected_learned(ldpc(3, 6))
    with pytest.raises(ValueError, match=r"erased must lie in \(0, 1\), got 1"):
        published_learned(6.0, 1.0)
    with pytest.raises(ValueError, match="exponent of the frequencies must be positive"):
        zipf_mastery(0.0, poisson(2.0))
    with pytest.raises(ValueError, match='must include texts of one skill, got "fixed:3"'):
        zipf_mastery(1.0, parse_law("fixed:3"))
    with pytest.raises(ValueError, match="at least 5 different positive sizes"):
        simulated_optimum(POISSON, 1e4, np.array([10, 20]), replicates=2, seed=1)
    with pytest.raises(ValueError, match="replicates must be an integer of at least 2, got 1"):
        learned_counts(POISSON, 10, np.array([5]), replicates=1, seed=1)
