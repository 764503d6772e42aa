"""The adjacent possible without graphs and without simulation: sums, blow-up, equilibria, exact laws, resources."""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest

from skillgraph.adjacent_possible import (
    Resources,
    blow_up,
    constant,
    equilibrium,
    explosion_law,
    extinction_probability,
    first_beyond,
    parse_innovation,
    phase_diagram,
    power_law,
    trajectory,
    two_scale,
)
from skillgraph.adjacent_possible.birth_death import tipping_smear
from skillgraph.adjacent_possible.deterministic import critical_extinction
from skillgraph.adjacent_possible.innovation import powers, weighted
from skillgraph.adjacent_possible.resources import constrained_first_beyond, constrained_trajectory
from skillgraph.adjacent_possible.steady_states import final_state, interaction, steady_states
from tests.reference import adjacent_possible as reference

STEEL = powers(0.01)


@pytest.mark.parametrize("items", [0, 1, 2, 3, 7, 20, 60])
def test_closed_forms_equal_sums_over_combinations(items: int) -> None:
    for first in (1, 2):
        cases = [
            (constant(0.03, first=first), lambda i: 0.03),
            (power_law(0.5, 3.0, first=first), lambda i: 0.5 / 3.0 ** (i - 1)),
            (power_law(0.5, 1000.0, first=first), lambda i: 0.5 / 1000.0 ** (i - 1)),
            (powers(0.01, 0.7, first=first), lambda i: 0.7 * 0.01**i),
        ]
        for law, weight in cases:
            assert law.rate(items) == pytest.approx(reference.innovation_sum(weight, items, first), rel=1e-13, abs=0)
    both = two_scale(0.2, 0.01, 4.0)
    expected = reference.innovation_sum(lambda i: 0.2 if i == 1 else 0.01 / 4.0 ** (i - 1), items, 1)
    assert both.rate(items) == pytest.approx(expected, rel=1e-13)
    weights = [0.1, 0.0, 0.02, 0.3]
    expected = reference.innovation_sum(lambda i: weights[i - 1] if i <= 4 else 0.0, items, 1)
    assert weighted(weights).rate(items) == pytest.approx(expected, rel=1e-13)


def test_rates_keep_their_precision_where_combinations_are_rare() -> None:
    """With a = 1e6 all but 1e-12 of (1 + 1/a)^M cancels."""
    with mpmath.workdps(60):
        for a in (1e3, 1e6, 1e9):
            exact = mpmath.mpf(a) * ((1 + 1 / mpmath.mpf(a)) ** 2 - 1 - 2 / mpmath.mpf(a))
            assert power_law(1.0, a).rate(2) == pytest.approx(float(exact), rel=1e-12)


def test_slopes_are_derivatives() -> None:
    laws = [constant(0.1), power_law(1.0, 50.0, first=1), STEEL, two_scale(0.1, 0.01, 3.0), weighted([0.1, 0.2, 0.01])]
    for law in laws:
        for items in (1.5, 2.5, 6.3, 12.1):
            numeric = (law.rate(items + 1e-6) - law.rate(items - 1e-6)) / 2e-6
            assert law.slope(items) == pytest.approx(numeric, rel=1e-7)


@pytest.mark.parametrize(("alpha", "steps"), [(1.0, 4), (1e-2, 84), (1e-4, 7806)])
def test_first_step_beyond_the_bound(alpha: float, steps: int) -> None:
    assert first_beyond(constant(alpha), 2).steps == steps


def test_first_step_beyond_the_bound_with_extinction() -> None:
    assert first_beyond(constant(1e-2), 2, 4.99e-3).steps == 503


@pytest.mark.parametrize(("a", "steps"), [(10, 17), (100, 143), (1000, 1391)])
def test_first_step_beyond_the_bound_for_power_laws(a: float, steps: int) -> None:
    assert first_beyond(power_law(1.0, a), 2).steps == steps


def test_other_starts_and_ratios_equal_exact_arithmetic() -> None:
    """Integer M and binomials in exact rational steps are out of reach; 60 digits are not."""
    for start, alpha, a, mu in ((3, 0.02, 1, 0.0), (5, 0.3, 40, 0.01), (17, 1.0, 250, 0.002), (2.5, 0.05, 2, 0.01)):
        with mpmath.workdps(60):
            q, number, step = 1 / mpmath.mpf(a), mpmath.mpf(start), 0
            while number <= mpmath.mpf(10) ** 12:
                number = (1 - mpmath.mpf(mu)) * number + alpha * a * ((1 + q) ** number - 1 - number * q)
                step += 1
        assert first_beyond(power_law(alpha, a), start, mu).steps == step


def test_trajectory_goes_on_beyond_double_precision() -> None:
    path = trajectory(constant(1.0), 2, steps=8)
    assert path.items[:5].tolist() == [2.0, 3.0, 7.0, 127.0, 2.0**127 - 1]
    assert path.items[5] == math.inf
    assert path.log10_items[5] == pytest.approx((2.0**127 - 1) * math.log10(2), rel=1e-15)
    assert path.height.tolist() == [0, 0, 0, 0, 0, 1, 2, 3, 4]
    powers_of_two = trajectory(weighted([0.0, 2.0]), 1e100, steps=12)  # M' = M^2, so ln M doubles
    assert powers_of_two.log10_items[-1] == pytest.approx(100 * 2**12, rel=1e-12)


def test_extinction_and_standstill_are_named() -> None:
    below = first_beyond(constant(1e-2), 2, 0.0051)
    assert below.steps is None
    assert "extinction outruns innovation" in str(below.reason)
    assert "equilibrium" in str(first_beyond(constant(1e-2), 2, critical_extinction(constant(1e-2), 2)).reason)
    assert "still below the bound" in str(first_beyond(constant(1e-9), 2, most_steps=10).reason)


def test_continuous_blow_up_time() -> None:
    found = blow_up(power_law(1.0, 1000.0), 2)
    assert found.integral == pytest.approx(1381.449, abs=1e-3)
    assert found.pairs == pytest.approx(2000 * math.log(2), rel=1e-12)
    pairs = blow_up(weighted([0.0, 0.02]), 3.0)
    assert pairs.integral == pytest.approx(100 * math.log(1.5), rel=1e-12)
    with mpmath.workdps(30):
        for law, a, scale, mu in ((constant(0.01), 1, 0.01, 0.004), (power_law(0.3, 20.0), 20, 6.0, 0.002)):
            exact = mpmath.quad(
                lambda m, a=a, s=scale, mu=mu: (
                    1 / (s * ((1 + mpmath.mpf(1) / a) ** m - 1 - m / mpmath.mpf(a)) - mu * m)
                ),
                [2, 3, 5, 10, 20, 40, 80, 160, 320, 640, 1280, 2560, mpmath.inf],
            )
            assert blow_up(law, 2, mu).integral == pytest.approx(float(exact), rel=1e-10)


def test_estimates_bound_the_blow_up_time() -> None:
    for law in (constant(0.3), constant(1e-3), power_law(1.0, 0.5)):
        for items in (2, 3, 10):
            found = blow_up(law, items)
            assert found.integral <= found.pairs  # type: ignore[operator]
            assert found.geometric_bound is not None
            assert found.integral <= found.geometric_bound
    assert blow_up(constant(0.01), 2, 0.005).integral == math.inf
    assert blow_up(weighted([0.1]), 2).integral == math.inf


def test_equilibrium_and_its_multiplier() -> None:
    rest = equilibrium(constant(0.01), 0.005)
    assert rest.items == pytest.approx(2.0, rel=1e-12)
    assert rest.multiplier == pytest.approx(1 - 0.005 + 0.01 * (4 * math.log(2) - 1), rel=1e-12)
    assert rest.steps_per_decade == pytest.approx(182, abs=0.5)
    assert rest.multiplier_at_zero == 0.995
    for law in (power_law(1.0, 30.0), two_scale(0.01, 0.001, 5.0), weighted([0.0, 0.0, 0.02])):
        found = equilibrium(law, 0.03)
        assert found.items is not None
        assert law.rate(found.items) == pytest.approx(0.03 * found.items, rel=1e-11)
    assert "innovation outruns" in str(equilibrium(two_scale(0.1, 0.01), 0.05).reason)
    assert "extinction outruns" in str(equilibrium(weighted([0.1]), 0.2).reason)


def test_delay_per_decade_is_seen_in_the_iteration() -> None:
    rest = equilibrium(constant(0.01), 0.005)
    steps = [first_beyond(constant(0.01), 2 + 10.0**-k, 0.005).steps for k in (5, 6, 7, 8)]
    assert np.diff(steps).tolist() == pytest.approx([rest.steps_per_decade] * 3, abs=1.5)  # type: ignore[arg-type]


def test_exact_law_of_the_explosion_time() -> None:
    law = explosion_law(STEEL, 10)
    assert law.mean == pytest.approx(241.7296, abs=1e-3)
    assert law.standard_deviation == pytest.approx(27.767, abs=1e-3)
    assert law.extinction_probability == 0
    terms = [1 / STEEL.rate(n) for n in range(10, 6000)]
    assert law.mean == pytest.approx(math.fsum(terms), rel=1e-12)
    assert law.standard_deviation == pytest.approx(math.sqrt(math.fsum(t * t for t in terms)), rel=1e-12)


@pytest.mark.parametrize(
    ("mu", "probability"), [(0.005, 0.00074), (0.01, 0.4943), (0.0105, 0.6681), (0.011, 0.8222), (0.012, 0.9761)]
)
def test_extinction_probability(mu: float, probability: float) -> None:
    digits = 1e-5 if mu == 0.005 else 1e-4
    assert extinction_probability(STEEL, 10, mu) == pytest.approx(probability, abs=digits)


def test_exact_law_equals_linear_equations() -> None:
    for law, mu, start in ((powers(0.05), 0.055, 10), (constant(0.02), 0.05, 3), (power_law(0.5, 5.0), 0.1, 4)):
        ceiling = 1 + next(n for n in range(2, 5000) if law.rate(n) > 1e14)
        reached, mean, variance = reference.chain(law.rate, mu, start, law.fewest, ceiling)
        found = explosion_law(law, start, mu)
        assert found.explosion_probability == pytest.approx(reached, rel=1e-9)
        assert found.mean == pytest.approx(mean, rel=1e-8)
        assert found.standard_deviation == pytest.approx(math.sqrt(variance), rel=1e-7)


def test_polynomial_laws_have_closed_sums() -> None:
    """Pairs: sum 2 / (alpha n (n - 1)) telescopes to 2 / (alpha (M0 - 1))."""
    found = explosion_law(weighted([0.0, 0.01]), 10)
    assert found.mean == pytest.approx(200 / 9, rel=1e-12)
    assert found.error < 1e-8
    variance = 200**2 * (math.pi**2 / 3 - 3 - sum(1 / (n * (n - 1)) ** 2 for n in range(2, 10)))
    assert found.standard_deviation == pytest.approx(math.sqrt(variance), rel=1e-9)


def test_exponential_growth_never_explodes_but_may_die_out() -> None:
    found = explosion_law(weighted([0.1]), 3, 0.05)
    assert found.mean == math.inf
    assert found.extinction_probability == pytest.approx(0.5**3, rel=1e-14)
    with pytest.raises(ValueError, match="no explosion time"):
        found.cdf(np.array([1.0]))


def test_distribution_has_the_moments_of_the_series() -> None:
    for mu in (0.0, 0.01):
        law = explosion_law(STEEL, 10, mu)
        t = np.linspace(0, law.mean + 40 * law.standard_deviation, 1201)
        cdf, pdf = law.cdf(t), law.pdf(t)
        assert cdf[0] == pytest.approx(0, abs=1e-9)
        assert np.all(np.diff(cdf) > -1e-9)
        assert np.trapezoid(1 - cdf, t) == pytest.approx(law.mean, rel=2e-4)
        assert np.trapezoid((t - law.mean) ** 2 * pdf, t) == pytest.approx(law.standard_deviation**2, rel=1e-3)
    one = explosion_law(weighted([0.0, 0.0, 0.0, 0.0, 1e-3]), 5)
    assert one.cdf(np.array([1e9]))[0] == 1


def test_chance_smears_the_tipping_point() -> None:
    smear = tipping_smear(STEEL, 0.0105)
    assert smear.tipping_point == pytest.approx(10.71, abs=0.01)
    assert smear.extinction_probability[9] == pytest.approx(0.6681, abs=1e-4)
    assert smear.extinction_probability[smear.even - 1] <= 0.5 < smear.extinction_probability[smear.even - 2]
    assert smear.width > 10
    assert np.all(np.diff(smear.extinction_probability) < 0)


def test_hard_and_saturating_caps_hold_and_the_logistic_factor_overshoots() -> None:
    law, cap = constant(0.1), 30.0
    for kind in ("hard", "saturating"):
        path = constrained_trajectory(law, 2, 0.02, Resources(context_cap=cap, kind=kind), steps=500)  # type: ignore[arg-type]
        assert path.max() <= cap
        assert path[-1] == pytest.approx(cap, rel=1e-6)
    logistic = constrained_trajectory(law, 2, 0.02, Resources(context_cap=cap, kind="logistic"), steps=500)
    assert logistic.max() > 2 * cap
    free = constrained_trajectory(law, 2, 0.01, Resources(), steps=5)
    assert free.tolist() == trajectory(law, 2, 0.01, steps=5).items.tolist()


def test_final_states_equal_long_iterations() -> None:
    rng = np.random.default_rng(7)
    laws = [constant(0.03), power_law(0.4, 6.0), STEEL, two_scale(0.01, 0.001, 5.0), weighted([0.0, 0.02, 0.01])]
    laws += [weighted([0.05]), weighted([0.0, 0.0, 0.01])]
    checked = 0
    for case in range(80):
        law, mu = laws[case % len(laws)], 10 ** rng.uniform(-2.2, -0.2)
        kind = ("hard", "saturating")[case % 2]
        limits = Resources(training=rng.uniform(0, 1), training_cap=10 ** rng.uniform(0.5, 2.2), kind=kind)  # type: ignore[arg-type]
        start = min(rng.uniform(1, 20), limits.cap)
        path = constrained_trajectory(law, start, mu, limits, steps=3000)
        found = final_state(law, start, mu, limits)
        settled = abs(path[-1] - path[-500]) < 1e-9 * max(path[-1], 1e-3)
        if settled or found.outcome == "extinct":
            where = path[-1] < path[0] if not settled else abs(path[-1] - found.items) <= 1e-6 * max(1.0, path[-1])
            assert where, (law.text, mu, limits, start)
            checked += settled
    assert checked > 60


def test_bistability_and_its_fold() -> None:
    law, mu = power_law(0.4, 6.0), 0.05
    limits = Resources(training=0.9, training_cap=20.0, kind="saturating")
    found = steady_states(law, mu, limits)
    assert found.bistable
    assert found.tipping_multiplier is not None
    assert found.upper_multiplier is not None
    assert found.tipping_multiplier > 1 > found.upper_multiplier
    for place in (found.tipping_point, found.upper):
        step = constrained_trajectory(law, place or 0, mu, limits, steps=1)
        assert step[1] == pytest.approx(step[0], rel=1e-9)
    for factor, bistable in ((found.fold_factor * 1.001, True), (found.fold_factor * 0.999, False)):
        near = steady_states(law, mu, Resources(training=factor, training_cap=20.0, kind="saturating"))
        assert near.bistable is bistable
    hard = steady_states(law, mu, Resources(training_cap=20.0))
    assert hard.fold_factor == pytest.approx(mu * 20 / law.rate(20), rel=1e-12)
    assert hard.tipping_point == pytest.approx(equilibrium(law, mu).items, rel=1e-12)


def test_outcomes_have_names() -> None:
    law = constant(0.01)
    assert final_state(law, 2, 0.0, Resources()).outcome == "explosion"
    assert final_state(law, 2, 0.0, Resources(context_cap=9)).outcome == "cap"
    assert final_state(law, 1, 0.0, Resources(context_cap=9)).outcome == "at rest"
    assert final_state(law, 2, 0.0, Resources(context=0)).outcome == "at rest"
    assert final_state(law, 2, 0.004, Resources(context=0.5)).outcome == "extinct"
    assert final_state(law, 2, 0.005, Resources()).outcome == "at rest"
    weak = Resources(training=0.9, training_cap=20.0, kind="saturating")
    assert final_state(weighted([0.06]), 5, 0.05, weak).outcome == "below the cap"


def test_phase_diagram_changes_at_its_lines() -> None:
    law, mu, start = constant(0.01), 0.004, 2
    factors, caps = np.linspace(0.053, 0.997, 20), np.array([2.0, 4.0, 8.0, 16.0])
    for kind in ("hard", "saturating"):
        found = phase_diagram(law, start, mu, factors=factors, caps=caps, kind=kind)
        assert found.items.shape == (20, 4)
        alive = found.items > 0
        assert np.array_equal(alive, factors[:, None] >= found.survival_factor)
        assert np.all(found.survival_factor >= found.fold_factor * (1 - 1e-9))
    early = phase_diagram(law, start, 0.0, factors=factors, caps=caps, steps=10)
    assert np.all(np.diff(early.items, axis=0) >= 0)


def test_interaction_is_measured() -> None:
    law = constant(0.001)
    one, other = Resources(architecture=0.5), Resources(training=0.4)

    def time(mu: float):  # type: ignore[no-untyped-def]
        return lambda limits: float(constrained_first_beyond(law, 2, mu, limits, bound=1e6) or math.nan)

    slow = interaction(time(0.0), one, other)
    assert slow.departure == pytest.approx(0, abs=0.005)  # delays multiply where nothing is lost
    lossy = interaction(time(0.00008), one, other)
    assert lossy.departure is not None
    assert lossy.departure > 0.3  # and much more than multiply near the tipping point
    caps = interaction(
        lambda limits: final_state(law, 2, 0.0, limits).items if math.isfinite(limits.cap) else 100.0,
        Resources(context_cap=10),
        Resources(training_cap=20),
    )
    assert caps.departure == pytest.approx(math.log(10 * 100 / (10 * 20)))  # only the smaller cap counts
    assert caps.multiplicative is False
    gone = interaction(lambda limits: final_state(law, 2, 0.004, limits).items, one, other)
    assert gone.departure is None
    assert "0 or not finite" in str(gone.reason)


def test_laws_are_read_as_written() -> None:
    for text in ("constant:0.01", "power_law:1:1000", "powers:0.01:1", "two_scale:0.1:0.01:10", "weights:0,0.1,0.01"):
        assert parse_innovation(text).text == text
    assert parse_innovation("constant:0.01", first=1).rate(1) == pytest.approx(0.01)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: constant(0.0), "alpha must be positive and finite, got 0"),
        (lambda: constant(math.nan), "alpha must be positive and finite, got nan"),
        (lambda: power_law(1.0, -2.0), "a must be positive and finite, got -2"),
        (lambda: powers(0.1, 0.0), "P must be positive and finite, got 0"),
        (lambda: constant(0.1, first=3), "first must be an integer from 1 to 2"),
        (lambda: weighted([0.1, -1.0]), "alpha_2 must be a finite number >= 0, got -1"),
        (lambda: weighted([0.0]), "at least one of the weights"),
        (lambda: first_beyond(constant(0.1), 0.5), "M0 must be at least 1 item and at most 1e300, got 0.5"),
        (lambda: first_beyond(constant(0.1), 2, 1.0), r"mu \(extinction rate\) must lie in \[0, 1\), got 1"),
        (lambda: first_beyond(constant(0.1), 2, -0.1), "mu"),
        (lambda: first_beyond(constant(0.1), 2, bound=1.0), "bound must lie between M0 = 2 and 1e300, got 1"),
        (lambda: trajectory(constant(0.1), 2, steps=-1), "steps must be an integer of at least 0, got -1"),
        (lambda: explosion_law(STEEL, 2.5), "M0 must be an integer of at least 1"),  # type: ignore[arg-type]
        (lambda: explosion_law(STEEL, 0), "M0 must be an integer of at least 1, got 0"),
        (lambda: explosion_law(constant(0.1), 1), "M0 must be at least 2, the fewest items that combine, got 1"),
        (lambda: tipping_smear(STEEL, 0.0), "a tipping point needs extinction"),
        (lambda: Resources(training=1.5), r"training factor must lie in \[0, 1\], got 1.5"),
        (lambda: Resources(context=-0.1), r"context factor must lie in \[0, 1\], got -0.1"),
        (lambda: Resources(context_cap=0.5), "context cap must be at least 1 item, got 0.5"),
        (lambda: Resources(kind="soft"), 'kind of cap must be "hard", "saturating" or "logistic"'),  # type: ignore[arg-type]
        (
            lambda: final_state(constant(0.1), 5, 0.1, Resources(context_cap=3)),
            r"the cap must be at least M0 = 5, got 3 \(context\)",
        ),
        (lambda: final_state(constant(0.1), 5, 0.1, Resources(kind="logistic")), "logistic cap overshoots"),
        (lambda: steady_states(constant(0.1), 0.0, Resources()), "need extinction"),
        (lambda: parse_innovation("linear:1"), 'unknown innovation law "linear:1"'),
        (lambda: parse_innovation("constant:x"), "must have the form constant:ALPHA"),
        (lambda: parse_innovation("power_law:1"), "must have the form power_law:ALPHA:A"),
        (lambda: parse_innovation("weights:1,2", first=2), "leave out the smallest combination"),
    ],
)
def test_bad_input_is_named(call, message: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match=message):
        call()
