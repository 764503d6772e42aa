"""Thresholds of LDPC ensembles in the erasure probability, their finite-size law, and coupled chains."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate

from skillgraph.agreement import compare
from skillgraph.ensembles.ensemble import configuration, ldpc, ldpc_polynomials, texts_by_law
from skillgraph.simulation.exchangeable import peel_by_chain
from skillgraph.theory.coupling import coupled_threshold, coupled_unlearned
from skillgraph.theory.covariance_evolution import covariance_width
from skillgraph.theory.density_evolution import unlearned_share
from skillgraph.theory.erasure import design_rate, erasure_thresholds
from skillgraph.theory.finite_size import core_waterfall, erasure_waterfall, failure_probability, waterfall
from skillgraph.theory.jump_width import (
    OMEGA,
    JumpState,
    degree_variance,
    erasure_shift,
    erasure_variance,
    ratio_slope,
)
from skillgraph.theory.thresholds import peeling_threshold
from tests.sizes import scaled

IRREGULAR = ("x/6+5x^3/6", "x^5")


@pytest.mark.parametrize(
    ("pair", "bp", "tolerance"),
    [
        ((3, 6), 0.42943981441949, 1e-12),
        ((3, 4), 0.6474256494, 1e-9),
        ((3, 5), 0.5175701819, 1e-9),
        ((4, 8), 0.3834465723, 1e-9),
    ],
)
def test_bp_threshold(pair, bp, tolerance):
    assert erasure_thresholds(ldpc(*pair)).bp_threshold == pytest.approx(bp, abs=tolerance)


def test_threshold_separates_recovery_from_failure():
    for ensemble in (ldpc(3, 6), ldpc_polynomials(*IRREGULAR), ldpc_polynomials("0.3*x+0.7*x^4", "0.5*x^3+0.5*x^6")):
        eps = erasure_thresholds(ensemble).bp_threshold
        assert unlearned_share(ensemble, known=1 - eps + 1e-6)[0] < 1e-9
        assert unlearned_share(ensemble, known=1 - eps - 1e-6)[0] > 1e-6


def test_map_threshold_by_the_area_under_the_bp_curve():
    """Integrate the residual as seen by one more text, from the threshold to 1: it must equal the design rate."""
    ensemble = ldpc(3, 6)
    found = erasure_thresholds(ensemble)
    assert found.map_threshold == pytest.approx(0.48815, abs=1e-5)

    def exit_curve(eps):
        x = 1.0
        for _ in range(3000):
            x = eps * (1 - (1 - x) ** 5) ** 2
        return (1 - (1 - x) ** 5) ** 3

    area = integrate.quad(exit_curve, found.map_threshold, 1, limit=100)[0]
    assert area == pytest.approx(design_rate(ensemble), abs=1e-6)


def test_stability():
    assert erasure_thresholds(ldpc(3, 6)).stability_threshold is None
    assert "stability_threshold" in erasure_thresholds(ldpc(3, 6)).reasons
    found = erasure_thresholds(ldpc_polynomials("0.5*x+0.5*x^2", "x^5"))
    assert found.stability_threshold == pytest.approx(1 / (0.5 * 5), rel=1e-12)
    assert found.jump
    assert found.bp_threshold < found.stability_threshold
    pairs = erasure_thresholds(ldpc_polynomials("x", "x^5"))
    assert pairs.bp_threshold == pytest.approx(1 / 5, rel=1e-9)
    assert not pairs.jump


def test_skills_of_one_text_are_never_all_recovered():
    found = erasure_thresholds(ldpc(1, 4))
    assert found.bp_threshold is None
    assert "one text only" in found.reasons["bp_threshold"]


def test_peelability_of_random_hypergraphs():
    assert erasure_thresholds(configuration("poisson:3", "fixed:3")).bp_threshold == pytest.approx(0.818469, abs=1e-6)
    assert erasure_thresholds(configuration("poisson:4", "fixed:4")).bp_threshold == pytest.approx(0.772280, abs=1e-6)


def test_slotted_access():
    found = erasure_thresholds(configuration("poisson:3.6", "0.5*fixed:2+0.28*fixed:3+0.22*fixed:8"))
    assert found.bp_threshold == pytest.approx(0.938635, abs=1e-6)


@pytest.mark.parametrize(
    ("ensemble", "alpha", "beta"),
    [
        (ldpc(3, 6), 0.560355, 0.616949),
        (ldpc(3, 4), 0.542483, None),
        (ldpc(4, 8), None, 0.560092),
        (ldpc_polynomials(*IRREGULAR), 0.57912, 0.68869),
    ],
)
def test_waterfall_of_ldpc_ensembles(ensemble, alpha, beta):
    law = erasure_waterfall(ensemble)
    if alpha is not None:
        assert law.alpha == pytest.approx(alpha, abs=1e-5)
    if beta is not None:
        assert law.beta / OMEGA == pytest.approx(beta, abs=1e-5)


def test_regular_alpha_has_a_closed_form():
    for left, right in [(3, 6), (4, 8), (5, 10), (3, 9)]:
        found = erasure_thresholds(ldpc(left, right))
        x = found.message_before_jump
        y = 1 - (1 - x) ** (right - 1)
        wanted = found.bp_threshold * np.sqrt((left - 1) / left * (1 / x - 1 / y))
        assert erasure_waterfall(ldpc(left, right)).alpha == pytest.approx(wanted, rel=1e-9)


def test_waterfall_in_texts_per_skill():
    assert waterfall(texts_by_law("poisson:6")).alpha == pytest.approx(10.34248, abs=1e-4)
    assert waterfall(texts_by_law("poisson:6")).beta == pytest.approx(16.0921, abs=1e-3)
    assert waterfall(texts_by_law("poisson:3")).alpha == pytest.approx(1.171109, abs=1e-5)
    share = failure_probability(waterfall(texts_by_law("poisson:6")), 10_000, 4.5677)[0]
    assert share == pytest.approx(0.4998, abs=1e-4)
    coded = failure_probability(erasure_waterfall(ldpc(3, 6)), 4096, 0.418283)[0]
    assert coded == pytest.approx(0.15866, abs=1e-4)


@pytest.mark.parametrize("law", ["poisson:4", "fixed:4", "0.1*fixed:1+0.9*fixed:5", "zipf:0.5:1:20"])
def test_width_of_texts_by_law_has_a_closed_form(law):
    """Two derivations, one result: alpha^2 = (u (1 - u) - r p^2) / p^2, p = -u ln(u/eps) / r, and its beta."""
    ensemble, known = texts_by_law(law), 0.02
    found = peeling_threshold(ensemble, known=known)
    r, u, texts = found.threshold, found.unlearned_before_jump, ensemble.skills_per_text
    p = -u * np.log(u / (1 - known)) / r
    jump = found.jumps[-1]
    state = JumpState(ensemble, r * texts.mean, 1 - known, jump.message_before, jump.message_known)
    alpha = np.sqrt(erasure_variance(state) + degree_variance(state)) / ratio_slope(state)
    ours = waterfall(ensemble, known=known)
    assert ours.alpha == pytest.approx(alpha, rel=1e-9)
    assert ours.beta == pytest.approx(erasure_shift(state) / ratio_slope(state), rel=1e-9)
    assert ours.alpha == pytest.approx(np.sqrt(u * (1 - u) - r * p**2) / p, rel=1e-6)
    first, second = (texts.mean * r * float(texts.edge_complement(u, order)) for order in (1, 2))
    bend = 2 * (1 / u - first) + u * (second - 1 / u**2)
    assert ours.beta == pytest.approx(OMEGA / (p * np.cbrt(bend)), rel=1e-6)


def test_width_in_the_erasure_probability():
    """Half of the skills known, texts of 12 skills: 0.5905 at fixed degrees, 0.599 if they fluctuate."""
    options = {"known": 0.5, "parameter": "erasure_probability"}
    assert waterfall(texts_by_law("poisson:12"), degrees="fixed", **options).alpha == pytest.approx(0.5905, abs=1e-4)
    assert waterfall(texts_by_law("poisson:12"), **options).alpha == pytest.approx(0.599, abs=5e-4)


def test_cores_of_random_hypergraphs():
    law = core_waterfall(3)
    assert law.threshold == pytest.approx(0.818469, abs=1e-6)
    assert law.alpha == pytest.approx(0.497867, abs=1e-5)
    assert law.beta == pytest.approx(0.960856, abs=1e-5)
    with pytest.raises(ValueError, match="at least 3"):
        core_waterfall(2)


@pytest.mark.kernel
@pytest.mark.parametrize(
    ("ensemble", "known"),
    [
        (texts_by_law("poisson:5"), 0.0),
        (texts_by_law("fixed:3", "zipf:0.4").at_size(scaled(4000, 150)), 0.03),
        (configuration("fixed:6", "fixed:5"), 0.56),
        (configuration("0.5*fixed:5+0.5*fixed:9", "0.5*fixed:3+0.5*fixed:9"), 0.5),
    ],
    ids=["poisson", "popular", "regular", "irregular"],
)
def test_failures_of_any_ensemble_follow_the_law(ensemble, known):
    """The place where half of the graphs fail, and the width, within the slow convergence of the law."""
    size, count = scaled(4000, 150), scaled(160, 24)
    law = waterfall(ensemble, known=known)
    centre = law.threshold + law.beta * size ** (-2 / 3)
    grid = centre + law.alpha / np.sqrt(size) * np.array([-1.2, 0.0, 1.2])
    result = compare(ensemble, size, grid, replicates=count, seed=21, known=known)
    found, theory = result.outcomes.failure_probability, result.outcomes.failure_probability_theory
    spread = np.sqrt(theory * (1 - theory) / count)
    assert np.all(np.abs(found - theory) < 5.5 * spread + scaled(0.06, 0.15))


@pytest.mark.parametrize(("law", "known"), [("poisson:6", 0.0), ("fixed:4", 0.1), ("0.1*fixed:1+0.9*fixed:5", 0.0)])
def test_covariance_evolution_is_the_closed_form(law, known):
    """Two derivations of alpha and beta: the linearised chain in rounds, and fluctuating degrees."""
    ensemble = texts_by_law(law)
    jump = peeling_threshold(ensemble, known=known).jumps[-1]
    alpha, beta = covariance_width(ensemble, jump, known=known, rounds=800)
    closed = waterfall(ensemble, known=known)
    assert alpha == pytest.approx(closed.alpha, rel=2e-4)
    assert beta == pytest.approx(closed.beta, rel=2e-4)


@pytest.mark.parametrize(("text", "learner", "known"), [("poisson:6", 2, 0.0), ("fixed:6", 3, 0.1)])
def test_failures_of_learners_of_several_skills_follow_the_law(text, learner, known):
    ensemble, size, count = texts_by_law(text), 100_000, 300
    law = waterfall(ensemble, learner=learner, known=known)
    found = peeling_threshold(ensemble, learner=learner, known=known)
    between = (found.unlearned_before_jump + found.unlearned_after_jump) / 2
    for place in (-1.0, 0.0, 1.0):
        ratio = law.threshold + law.beta * size ** (-2 / 3) + place * law.alpha * size**-0.5
        chain = peel_by_chain(
            ensemble, size, round(ratio * size), replicates=count, seed=4, learner=learner, known=known
        )
        theory = failure_probability(law, size, round(ratio * size) / size)[0]
        spread = np.sqrt(theory * (1 - theory) / count)
        assert abs(chain.failure_probability(between) - theory) < 5.5 * spread + 0.03


def test_without_a_known_width_there_is_none():
    law = waterfall(texts_by_law("poisson:6", "zipf:0.3").at_size(1000), learner=2)
    assert law.alpha is None
    assert "uniform popularity" in law.reason
    assert np.isnan(failure_probability(law, 1000, 3.0)).all()


@pytest.mark.parametrize(("length", "threshold"), [(1, 0.714309), (2, 0.587842)])
def test_coupled_chain(length, threshold):
    assert coupled_threshold(3, 6, length, 1e-5) == pytest.approx(threshold, abs=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize(("length", "threshold"), [(4, 0.512034), (8, 0.488757), (16, 0.488151)])
def test_long_coupled_chains_approach_the_map_threshold(length, threshold):
    assert coupled_threshold(3, 6, length, 5e-7) == pytest.approx(threshold, abs=1e-6)


def test_the_middle_of_a_long_chain_is_the_uncoupled_ensemble():
    """Far from the ends, a few rounds see no end."""
    eps, x = 0.45, 0.45
    for _ in range(5):
        x = eps * (1 - (1 - x) ** 5) ** 2
    wanted = eps * (1 - (1 - x) ** 5) ** 3
    assert coupled_unlearned(3, 6, 12, eps, rounds=5)[12] == pytest.approx(wanted, rel=1e-12)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [((4, 8, 3), "odd"), ((3, 7, 3), "multiple of 3"), ((3, 6, 0), "length must be an integer of at least 1")],
)
def test_bad_chains(arguments, words):
    with pytest.raises(ValueError, match=words):
        coupled_threshold(*arguments)
