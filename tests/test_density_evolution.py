"""Theory of peeling: fixed points, thresholds, jumps, rates, against closed forms and the slow obvious way."""

from __future__ import annotations

import itertools

import mpmath
import numpy as np
import pytest

from skillgraph.ensembles.degrees import fixed, parse_law
from skillgraph.ensembles.ensemble import configuration, ldpc, ldpc_polynomials, texts_by_law
from skillgraph.theory.density_evolution import (
    asymptotic_rate,
    bottleneck_rounds,
    evolve,
    fixed_points,
    learned_share,
    rounds_to_converge,
    texts_with_one_unknown,
    unlearned_share,
)
from skillgraph.theory.erasure import erasure_thresholds
from skillgraph.theory.thresholds import critical_endpoint, critical_known, critical_one_skill_share, peeling_threshold
from tests.reference import density_evolution as slow

LAWS = ["poisson:4", "fixed:3", "0.2*fixed:1+0.8*fixed:4", "zipf:1.8:1:60", "geometric:3", "0.4*fixed:2+0.6*poisson:5"]


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize(("learner", "known"), [(1, 0.0), (1, 0.2), (2, 0.1), (3, 0.0)])
def test_unlearned_share_is_the_limit_of_plain_iteration(law, learner, known):
    ratios = np.array([0.1, 0.55, 0.9, 1.7])
    ours = unlearned_share(texts_by_law(law), ratios, learner=learner, known=known)
    pmf = parse_law(law).probabilities
    wanted = [slow.unlearned(pmf, r, learner, known) for r in ratios]
    np.testing.assert_allclose(ours, wanted, rtol=1e-7, atol=1e-13)


def test_configuration_ensembles_iterate_their_edge_perspective():
    ensemble = configuration("0.5*fixed:2+0.5*fixed:5", "zipf:1.5:1:20")
    texts, skills = ensemble.skills_per_text, ensemble.texts_per_skill
    for share, known in [(1.0, 0.3), (0.6, 0.05), (0.2, 0.5)]:
        x = 1 - known
        for _ in range(20_000):
            x = (1 - known) * float(skills.edge(1 - share * float(texts.edge(1 - x))))
        wanted = (1 - known) * float(skills.node(1 - share * float(texts.edge(1 - x))))
        ours = unlearned_share(ensemble, share * ensemble.full_ratio, known=known)[0]
        assert ours == pytest.approx(wanted, rel=1e-9)


def test_rounds_of_evolution():
    shares = evolve(ldpc(3, 6), rounds=5, known=0.6)
    x, wanted = 0.4, [0.4]
    for _ in range(5):
        wanted.append(0.4 * (1 - (1 - x) ** 5) ** 3)
        x = 0.4 * (1 - (1 - x) ** 5) ** 2
    np.testing.assert_allclose(shares, wanted, rtol=1e-12)
    u = evolve(texts_by_law("poisson:4"), 1.2, rounds=7, learner=2)
    for before, after in itertools.pairwise(u):
        assert after == pytest.approx(np.exp(-4 * 1.2 * np.exp(-4 * before) * (1 + 4 * before)), rel=1e-12)


def poisson_threshold(c):
    """Closed form in high precision: c u ln(1/u) = 1, the larger root."""
    mpmath.mp.dps = 40
    u = mpmath.findroot(lambda x: c * x * mpmath.log(1 / x) - 1, (0.37, 0.999), solver="anderson")
    return float(-mpmath.log(u) * mpmath.exp(c * u) / c), float(u)


@pytest.mark.parametrize("c", [2.72, 2.8, 3, 4, 5, 6, 9, 20])
def test_poisson_threshold_is_the_closed_form(c):
    found = peeling_threshold(texts_by_law(f"poisson:{c}"))
    ratio, u = poisson_threshold(c)
    assert found.threshold == pytest.approx(ratio, rel=1e-11)
    assert found.unlearned_before_jump == pytest.approx(u, abs=1e-5 if c < 2.75 else 1e-7)


@pytest.mark.parametrize(
    ("c", "learner", "ratio", "before"),
    [
        (3, 1, 1.0378856970, 0.538450),
        (4, 1, 1.4663503250, 0.699491),
        (5, 1, 2.4565308892, 0.771691),
        (6, 1, 4.5329896199, 0.815070),
        (6, 2, 0.7867143181, 0.767840),
        (6, 3, 0.2838172643, 0.665377),
    ],
)
def test_published_thresholds(c, learner, ratio, before):
    found = peeling_threshold(texts_by_law(f"poisson:{c}"), learner=learner)
    assert found.jump
    assert found.threshold == pytest.approx(ratio, abs=1e-9)
    assert found.unlearned_before_jump == pytest.approx(before, abs=1e-6)
    assert found.reason is None


def test_after_the_jump_a_floor_remains():
    found = peeling_threshold(texts_by_law("poisson:6"))
    assert found.unlearned_after_jump == pytest.approx(1.542e-12, rel=1e-3)
    assert found.floor == found.unlearned_after_jump


@pytest.mark.parametrize(
    ("law", "learner", "known"),
    [
        ("0.1*fixed:1+0.9*fixed:4", 1, 0.0),
        ("fixed:3", 1, 0.02),
        ("0.4*fixed:2+0.6*fixed:6", 1, 0.01),
        ("fixed:5", 2, 0.05),
        ("zipf:0.5:1:20", 1, 0.0),
    ],
)
def test_other_thresholds_against_the_plain_iteration(law, learner, known):
    """Just below the threshold the plain iteration stays above the jump, just above it falls through."""
    found = peeling_threshold(texts_by_law(law), learner=learner, known=known)
    pmf, between = parse_law(law).probabilities, (found.unlearned_before_jump + found.unlearned_after_jump) / 2
    assert slow.unlearned(pmf, found.threshold * (1 - 2e-6), learner, known) > between
    assert slow.unlearned(pmf, found.threshold * (1 + 2e-6), learner, known) < between


def test_a_threshold_is_where_a_fixed_point_disappears():
    ensemble = texts_by_law("0.02*fixed:1+0.5*fixed:3+0.48*fixed:12")
    found = peeling_threshold(ensemble)
    below = len(fixed_points(ensemble, found.threshold * (1 - 1e-7)))
    above = len(fixed_points(ensemble, found.threshold * (1 + 1e-7)))
    assert below == above + 2
    for jump in found.jumps:
        shares = unlearned_share(ensemble, jump.texts_per_skill_ratio * np.array([1 - 1e-9, 1 + 1e-9]))
        assert shares[0] == pytest.approx(jump.unlearned_before, abs=1e-3)
        assert shares[1] == pytest.approx(jump.unlearned_after, abs=1e-3)


@pytest.mark.parametrize(
    ("ensemble", "known", "words"),
    [
        (texts_by_law("poisson:2.5"), 0.0, "continuous"),
        (texts_by_law("fixed:3"), 0.0, "never starts"),
        (texts_by_law("fixed:1"), 0.0, "continuous"),
        (texts_by_law("fixed:2"), 0.1, "continuous"),
        (ldpc(3, 6), 0.3, "more than the 0.5"),
    ],
)
def test_without_a_jump_there_is_a_reason_and_no_number(ensemble, known, words):
    found = peeling_threshold(ensemble, known=known)
    assert found.threshold is None
    assert not found.jump
    assert found.unlearned_before_jump is None
    assert words in found.reason


def test_fixed_points_alternate_and_are_fixed():
    points = fixed_points(texts_by_law("poisson:6"), 4.0)
    assert [p.stable for p in points] == [True, False, True]
    for point in points:
        u = point.unlearned_share
        assert u == pytest.approx(np.exp(-24 * np.exp(-6 * u)), rel=1e-9)
        assert point.slope == pytest.approx(24 * 6 * np.exp(-6 * u) * u, rel=1e-6)


def test_critical_endpoints():
    first = critical_endpoint()
    assert first.skills_per_text == pytest.approx(np.e, abs=1e-8)
    assert first.texts_per_skill_ratio == pytest.approx(1.0, abs=1e-8)
    assert first.unlearned_share == pytest.approx(1 / np.e, abs=1e-5)
    assert critical_endpoint(learner=2).skills_per_text == pytest.approx(4.2340, abs=1e-4)
    assert critical_endpoint(learner=3).skills_per_text == pytest.approx(5.6308, abs=1e-4)
    known = critical_endpoint(known=0.5)
    assert known.skills_per_text == pytest.approx(2 * np.e, abs=1e-7)
    assert known.unlearned_share == pytest.approx(0.5 / np.e, abs=1e-5)


def test_exponents_on_the_jump_line_and_at_the_endpoint():
    ensemble, found = texts_by_law("poisson:5"), peeling_threshold(texts_by_law("poisson:5"))
    steps = found.threshold * np.array([1e-7, 1e-6])
    gap = unlearned_share(ensemble, found.threshold - steps) - found.unlearned_before_jump
    assert np.log(gap[1] / gap[0]) / np.log(10) == pytest.approx(0.5, abs=0.005)
    above = 1 / np.e - unlearned_share(texts_by_law(f"poisson:{np.e!r}"), 1 + np.array([1e-8, 1e-7]))
    assert np.log(above[1] / above[0]) / np.log(10) == pytest.approx(1 / 3, abs=0.01)


@pytest.mark.parametrize(("size", "share"), [(3, 0.088068), (4, 0.161057)])
def test_one_skill_texts_switch_the_jump_off(size, share):
    assert critical_one_skill_share(fixed(size)) == pytest.approx(share, abs=1e-6)
    y = (size - 2) / (size - 1)
    a = (np.log(size - 1) - y) * y ** (size - 2)
    assert critical_one_skill_share(fixed(size)) == pytest.approx(a / (1 + a), abs=1e-9)


def test_prior_knowledge_switches_the_jump_off():
    known = critical_known(texts_by_law("poisson:6"))
    assert known == pytest.approx(1 - np.e / 6, abs=1e-9)
    assert peeling_threshold(texts_by_law("poisson:6"), known=known - 1e-4).jump
    assert not peeling_threshold(texts_by_law("poisson:6"), known=known + 1e-4).jump


def test_rates():
    assert asymptotic_rate(ldpc(3, 6), known=0.55).value == pytest.approx(0.690297, abs=1e-6)
    assert asymptotic_rate(ldpc(3, 6), known=0.7).kind == "quadratic"
    below = asymptotic_rate(ldpc_polynomials("0.2*x+0.8*x^2", "x^5"), known=0.7)
    assert below.value == pytest.approx(0.2 * 5 * 0.3, rel=1e-9)
    eps = erasure_thresholds(ldpc(3, 6)).bp_threshold
    at = asymptotic_rate(ldpc(3, 6), known=1 - eps)
    assert at.kind == "algebraic"
    assert at.value == pytest.approx(0.572948, abs=1e-4)


def test_the_bottleneck_is_as_long_as_predicted():
    eps = erasure_thresholds(ldpc(3, 6)).bp_threshold
    for delta, rounds in [(1e-2, 31), (1e-3, 97), (1e-4, 306), (1e-5, 966), (1e-6, 3053)]:
        found = bottleneck_rounds(ldpc(3, 6), known=1 - eps + delta, known_at_threshold=1 - eps)
        assert found == pytest.approx(rounds, abs=1)
    counted = rounds_to_converge(ldpc(3, 6), known=1 - eps + 1e-6, tolerance=1e-9)
    assert counted == pytest.approx(3053, abs=40)


def test_texts_with_one_unknown_vanish_at_fixed_points():
    ensemble = texts_by_law("poisson:6")
    for point in fixed_points(ensemble, 4.0):
        assert texts_with_one_unknown(ensemble, 4.0, np.array([point.unlearned_share]))[0] == pytest.approx(0, abs=1e-9)
    u = np.array([0.3, 0.9])
    wanted = u * (24 * np.exp(-6 * u) + np.log(u))
    np.testing.assert_allclose(texts_with_one_unknown(ensemble, 4.0, u), wanted, rtol=1e-12)


def test_popularity_is_an_average_over_skills():
    ensemble = texts_by_law("poisson:3", "zipf:0.6").at_size(2000)
    weights = np.arange(1.0, 2001) ** -0.6
    weights /= weights.mean()
    x = 1.0
    for _ in range(5000):
        x = float(np.mean(weights * np.exp(-weights * 3 * 1.1 * np.exp(-3 * x))))
    wanted = 1 - np.mean(np.exp(-weights * 3 * 1.1 * np.exp(-3 * x)))
    assert learned_share(ensemble, 1.1)[0] == pytest.approx(wanted, rel=1e-9)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"learner": 0}, "learner must be an integer of at least 1"),
        ({"known": 1.2}, r"known must lie in \[0, 1\]"),
        ({"texts_per_skill_ratio": -1.0}, "finite and not negative"),
        ({"texts_per_skill_ratio": np.nan}, "finite and not negative"),
        ({"texts_per_skill_ratio": None}, "must be given"),
    ],
)
def test_bad_parameters(arguments, words):
    values = {"texts_per_skill_ratio": 1.0, **arguments}
    with pytest.raises(ValueError, match=words):
        unlearned_share(texts_by_law("poisson:4"), **values)


@pytest.mark.parametrize("law", ["poisson:4", "fixed:3", "0.3*fixed:1+0.7*poisson:8"])
def test_everything_known_is_the_limit_of_nearly_everything_known(law):
    """The load curve answers known = 1 itself; the step from 1 - 1e-9 is of that size."""
    for ratio in (0.1, 1.0, 4.0):
        assert learned_share(law, [ratio], known=1.0)[0] == 1
        assert 1 - learned_share(law, [ratio], known=1 - 1e-9)[0] <= 1e-9
