"""Exact finite peeling: rational recursions, every graph, published digits, the sampled chain, tails, costs."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from fractions import Fraction

import numpy as np
import pytest
from scipy import stats

from skillgraph._kernels.solvers.masses import binomial_mass, powers
from skillgraph.ensembles.ensemble import configuration, ldpc, texts_by_law
from skillgraph.records import from_record
from skillgraph.simulation.exchangeable import peel_by_chain
from skillgraph.theory.exact_cost import operations
from skillgraph.theory.exact_peeling import exact_peeling
from skillgraph.theory.text_number import fixed_number
from tests.reference import exact_blocks, peeling
from tests.reference import exact_peeling as reference
from tests.sizes import JIT_DISABLED, scaled

# law, R, T, known, D: mean learned share, P(u > R/2), P(all learned). D > 1: the recursion at fixed T of the reference
# in floats, whose terms are all positive. D = 1: the renewal equation and the banded chain, which agree to 1e-13.
DIGITS = [
    ("poisson:4", 60, 90, 0.0, 1, 0.32293603334, 0.81285329185, 0.15344394439),
    ("poisson:4", 200, 300, 0.0, 1, 0.42861242205, 0.71994266899, 0.15896456050),
    ("poisson:4", 500, 740, 0.0, 1, 0.45391736576, 0.70311738684, 0.06631982328),
    ("fixed:3", 100, 100, 0.1, 1, 0.31346736757, 0.77496466763, 0.00042900571),
    ("poisson:6", 128, 600, 0.0, 1, 0.27454681160, 0.80998815528, 0.19001184471),
    ("poisson:4", 40, 32, 0.0, 2, 0.93670423556, 0.03463853551, 0.22696536943),
    ("poisson:5", 60, 30, 0.0, 3, 0.91650050307, 0.01056460799, 0.00940411177),
]
MIXED = {1: Fraction(1, 5), 2: Fraction(3, 10), 3: Fraction(1, 2)}
MIXED_TEXT = "0.2*fixed:1+0.3*fixed:2+0.5*fixed:3"


def unknown_law(size, known):
    return {u: math.comb(size, u) * (1 - known) ** u * known ** (size - u) for u in range(size + 1)}


def dense(law):
    return np.array([float(chance) for chance in law])


@pytest.mark.kernel
@pytest.mark.parametrize(("law", "size", "texts", "known", "learner", "mean", "half", "all_of_them"), DIGITS)
def test_known_digits(law, size, texts, known, learner, mean, half, all_of_them):
    if JIT_DISABLED and size > 40:
        pytest.skip("slow without the compiler")
    found = exact_peeling(texts_by_law(law), size, texts, known=known, learner=learner)
    assert found.learned_share == pytest.approx(mean, abs=2e-11)
    assert found.failure_probability(0.5) == pytest.approx(half, abs=2e-11)
    assert found.all_learned == pytest.approx(all_of_them, abs=2e-11)
    assert found.rounding_error < 1e-12
    assert found.truncation_error < 1e-12


@pytest.mark.parametrize("learner", [1, 2, 3])
def test_the_reference_is_peeling_of_every_graph(learner):
    known, size = Fraction(1, 3), 4
    slow = reference.by_all_graphs(MIXED, size, 3, learner, known)
    assert slow == reference.unlearned_law(reference.by_law(MIXED, size), 3, learner, unknown_law(size, known))
    assert sum(slow) == 1


@pytest.mark.kernel
@pytest.mark.parametrize(
    ("size", "texts", "learner", "known"),
    [
        (1, 1, 1, Fraction(0)),
        (3, 1, 1, Fraction(1, 2)),
        (5, 6, 1, Fraction(1, 4)),
        (6, 5, 2, Fraction(0)),
        (7, 4, 3, Fraction(1, 5)),
        (3, 5, 4, Fraction(1, 8)),
    ],
)
def test_small_systems_in_rational_numbers(size, texts, learner, known):
    if size > 2:
        law, text, fitting = MIXED, MIXED_TEXT, reference.by_law(MIXED, size)
        wanted = reference.unlearned_law(fitting, texts, learner, unknown_law(size, known))
        found = exact_peeling(texts_by_law(text), size, texts, learner=learner, known=float(known))
        np.testing.assert_allclose(found.distribution(), dense(wanted), atol=1e-14)
        assert sum(law.values()) == 1
    edges = reference.independent_edges(Fraction(1, 3), size)
    wanted = reference.unlearned_law(edges, texts, learner, unknown_law(size, known))
    found = exact_peeling(texts_by_law(f"poisson:{size / 3!r}"), size, texts, learner=learner, known=float(known))
    np.testing.assert_allclose(found.distribution(), dense(wanted), atol=1e-14)


@pytest.mark.parametrize("learner", [1, 2])
def test_known_number_poisson_and_binomial_texts(learner):
    size, ensemble = 5, texts_by_law(MIXED_TEXT)
    chances = reference.by_law(MIXED, size)
    exactly = reference.unlearned_law(chances, 4, learner, {3: Fraction(1)})
    found = exact_peeling(ensemble, size, 4, learner=learner, known_skills=2)
    np.testing.assert_allclose(found.distribution(), dense(exactly), atol=1e-14)
    by_texts = np.array([dense(reference.unlearned_law(chances, n, learner)) for n in range(scaled(19, 11))])
    binomial = stats.binom.pmf(np.arange(5), 4, 0.3) @ by_texts[:5]
    found = exact_peeling(ensemble, size, 4, learner=learner, arrived=0.3)
    np.testing.assert_allclose(found.distribution(), binomial, atol=1e-14)
    poisson = stats.poisson.pmf(np.arange(len(by_texts)), 2) @ by_texts
    found = exact_peeling(ensemble, size, 4, learner=learner, arrived=0.5, number="poisson")
    np.testing.assert_allclose(found.distribution(), poisson, atol=2 * stats.poisson.sf(len(by_texts) - 1, 2) + 1e-13)


def test_nothing_to_learn_and_nothing_to_learn_from():
    ensemble = texts_by_law("poisson:2")
    assert exact_peeling(ensemble, 10, 5, known=1.0).all_learned == pytest.approx(1, abs=1e-14)
    assert exact_peeling(ensemble, 10, 5, known_skills=10, learner=2).all_learned == pytest.approx(1, abs=1e-14)
    without = exact_peeling(ensemble, 10, 0, known=0.3)
    np.testing.assert_allclose(without.distribution(), stats.binom.pmf(np.arange(11), 10, 0.7), atol=1e-15)
    stuck = exact_peeling(texts_by_law("fixed:3"), 10, 50)
    assert stuck.distribution()[10] == pytest.approx(1, abs=1e-14)


@pytest.mark.kernel
@pytest.mark.parametrize(
    ("skill_degree", "text_degree", "size", "texts"),
    [(2, 4, 4, 2), (3, 6, 4, 2), (2, 3, 3, 2), (1, 1, 3, 3), (3, 3, 2, 2), (2, 3, 4, 1), (1, 3, 2, 1)],
)
def test_regular_configurations_in_rational_numbers(skill_degree, text_degree, size, texts):
    """Fewer texts than skills have sockets leave sockets idle: texts of one socket that teach nothing."""
    known, ensemble = Fraction(1, 4), ldpc(skill_degree, text_degree)
    found = exact_peeling(ensemble, size, texts, known=float(known))
    if skill_degree * size == text_degree * texts:
        law = exact_blocks.unknown_at_random((skill_degree,) * size, (text_degree,) * texts, 1 - known)
    else:
        law = by_matchings_with_idle_sockets(skill_degree, text_degree, size, texts, 1 - known)
    wanted = [float(law.get(u, 0)) for u in range(size + 1)]
    np.testing.assert_allclose(found.distribution(), wanted, atol=1e-14)


def by_matchings_with_idle_sockets(skill_degree, text_degree, size, texts, epsilon):
    """All matchings of the sockets of skills with those of texts; what is left over on one side stays empty."""
    sockets = [skill for skill in range(size) for _ in range(skill_degree)]
    sockets += [-1] * (text_degree * texts - len(sockets))  # sockets of texts without a skill
    law = Counter()
    for matched in itertools.permutations(sockets, text_degree * texts):
        rows = [[skill for skill in row if skill >= 0] for row in exact_blocks.rows_of(matched, (text_degree,) * texts)]
        for unknown in range(2**size):
            subset = {skill for skill in range(size) if unknown >> skill & 1}
            chance = epsilon ** len(subset) * (1 - epsilon) ** (size - len(subset))
            law[len(peeling.unlearned(rows, subset))] += chance
    ways = math.perm(len(sockets), text_degree * texts)
    return {unlearned: chance / ways for unlearned, chance in law.items()}


def test_the_two_ways_agree_for_one_skill_learners(monkeypatch):
    """Renewal at the diagonal against the banded chain, every probability above 1e-20."""
    size, texts = scaled((300, 440), (16, 30))
    ensemble, nothing = texts_by_law("poisson:4"), -math.inf
    first = exact_peeling(ensemble, size, texts, known=0.02)
    monkeypatch.setattr("skillgraph.theory.exact_peeling.LOG_AMPLIFICATION", nothing)
    second = exact_peeling(ensemble, size, texts, known=0.02)
    assert second.method == "banded chain"
    if not JIT_DISABLED:
        assert first.method == "first passage"
    np.testing.assert_allclose(first.distribution(), second.distribution(), atol=2e-14)
    failing = second.distribution()[size // 2 :]
    np.testing.assert_allclose(first.distribution()[size // 2 :], failing, rtol=1e-9, atol=1e-22)


@pytest.mark.kernel
def test_small_probabilities_of_failure_keep_their_digits():
    """P_fail down to 1e-13 against the recursion at fixed T, whose terms are all positive."""
    size, texts = scaled((16, 64), (8, 30))
    wanted = np.array(reference.unlearned_law(reference.independent_edges(4 / size, size), texts))
    found = exact_peeling(texts_by_law("poisson:4"), size, texts).distribution()
    assert JIT_DISABLED or wanted[wanted > 1e-14].min() < 1e-12
    np.testing.assert_allclose(found[wanted > 1e-14], wanted[wanted > 1e-14], rtol=1e-6)
    np.testing.assert_allclose(found[wanted > 1e-10], wanted[wanted > 1e-10], rtol=1e-9)


CHAINS = [
    ("poisson:4", 1000, 1480, 1, 0.0, 20_000),
    ("fixed:3", 400, 410, 1, 0.1, 4000),
    ("poisson:5", 200, 90, 3, 0.05, 4000),
]


def chi_square(ensemble, size, texts, learner, known, replicates, seed):
    """P-value of the sampled whole law against the exact one, cells of at least 20 expected."""
    exact = exact_peeling(ensemble, size, texts, learner=learner, known=known).distribution()
    drawn = peel_by_chain(ensemble, size, texts, replicates=replicates, seed=seed, learner=learner, known=known)
    seen = np.bincount(drawn.unlearned, minlength=size + 1)
    cell = np.minimum(np.cumsum(exact) * replicates // 20, (1 - 1e-12) * replicates // 20).astype(int)
    observed, expected = np.bincount(cell, seen), np.bincount(cell, exact * replicates)
    full = expected >= 20
    observed = np.append(observed[full], observed[~full].sum())
    expected = np.append(expected[full], expected[~full].sum())
    used = expected > 0
    assert observed[~used].sum() == 0
    statistic = float(((observed - expected)[used] ** 2 / expected[used]).sum())
    assert used.sum() > scaled(20, 3)
    return float(stats.chi2.sf(statistic, used.sum() - 1))


@pytest.mark.parametrize(("law", "size", "texts", "learner", "known", "replicates"), CHAINS)
def test_the_sampled_chain_has_the_exact_law(law, size, texts, learner, known, replicates):
    """False alarm 1e-7 per case."""
    if JIT_DISABLED:
        size, texts = size // 20, texts // 20
    chance = chi_square(texts_by_law(law), size, texts, learner, known, scaled(replicates, 1000), 5)
    assert chance > 1e-7


@pytest.mark.slow
def test_a_million_sampled_chains_have_the_exact_law():
    assert chi_square(texts_by_law("poisson:4"), 1000, 1480, 1, 0.0, 10**6, 6) > 1e-7
    assert chi_square(texts_by_law("fixed:3"), 1000, 1010, 1, 0.1, 10**6, 7) > 1e-7


def test_a_wrong_law_is_noticed():
    """The mean, a few texts off: six standard errors either way, at least 12 between the two."""
    ensemble, size, replicates = texts_by_law("poisson:4"), scaled(1000, 40), scaled(20_000, 500)
    texts, further = round(1.48 * size), scaled(15, 30)
    exact, other = exact_peeling(ensemble, size, texts), exact_peeling(ensemble, size, texts + further)
    drawn = peel_by_chain(ensemble, size, texts, replicates=replicates, seed=8)
    error = exact.deviation / math.sqrt(replicates)
    mean = 1 - drawn.unlearned.mean() / size
    assert other.learned_share - exact.learned_share > 12 * error
    assert abs(mean - exact.learned_share) < 6 * error


@pytest.mark.slow
def test_large_systems():
    ensemble = texts_by_law("poisson:4")
    found = exact_peeling(ensemble, 10_000, 14_800)
    assert found.rounding_error < 1e-11
    drawn = peel_by_chain(ensemble, 10_000, 14_800, replicates=40_000, seed=2)
    mean, error = 1 - drawn.unlearned.mean() / 10_000, found.deviation / math.sqrt(40_000)
    assert abs(mean - found.learned_share) < 5 * error
    failed = drawn.failure_probability(0.3)
    chance = found.failure_probability(0.3)
    assert abs(failed - chance) < 5 * math.sqrt(chance * (1 - chance) / 40_000)


def test_a_law_is_a_record():
    found = exact_peeling("poisson:4", 30, 40)
    back = from_record(found.record())
    assert back == found
    assert back.deviation == found.deviation
    assert "learned share" in repr(found)
    assert sum(found.columns()["probability"]) == pytest.approx(1, abs=1e-13)


def test_masses_and_powers():
    n = np.array([5, 40, 1000, 100_000])
    for number in n:
        for k in {0, 1, number // 3, number - 1, number}:
            wanted = stats.binom.pmf(k, number, 0.3)
            assert binomial_mass(float(number), float(k), 0.3, 0.7) == pytest.approx(wanted, rel=1e-10, abs=1e-300)
    base = np.array([0.9 + 0.2j, 1.01 - 0.3j])
    real, imag = np.ones(2), np.zeros(2)
    powers(13, base.real.copy(), base.imag.copy(), real, imag)
    np.testing.assert_allclose(real + 1j * imag, base**13, rtol=1e-13)


@pytest.mark.parametrize("texts", [1, 2, 7, 40, 300, 5000, 10**7])
def test_the_circle_returns_a_fixed_number(texts):
    """f(T) = z^T has F(m) = e^{m (z - 1)}; smooth ones come back, and 1 to the last digits."""
    nodes = fixed_number(texts)
    means = nodes.mean + nodes.shift
    assert float(nodes.weight.sum().real) == pytest.approx(1, abs=1e-13 * math.sqrt(texts) + 1e-14)
    for miss in (0.1 / texts, 0.5 / texts, 0.9 / texts):
        value = float((nodes.weight @ np.exp(-means * miss)).real)
        wanted = math.exp(texts * math.log1p(-miss))
        assert value == pytest.approx(wanted, rel=1e-13 * math.sqrt(texts) + 1e-14)


def test_costs_follow_size_and_budget():
    ensemble = texts_by_law("poisson:4")
    small, large = (operations(ensemble, size, np.array([0.8 * size]))[0] for size in (1000, 16_000))
    assert 4 < large / small < 60  # away from the jump the work grows like R
    inside, outside = operations(ensemble, 4000, np.array([5880, 10_000]))
    assert inside > 5 * outside
    assert operations(ensemble, 1000, np.array([700]), learner=2)[0] > operations(ensemble, 300, [210], learner=2)[0]
    assert operations(ldpc(3, 6), 400, [200], known=0.6)[0] > operations(ldpc(3, 6), 100, [50], known=0.6)[0]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"ensemble": texts_by_law("fixed:3", "zipf:0.5")}, "skills of different popularity are not exchangeable"),
        ({"ensemble": configuration("poisson:4", "fixed:3")}, "one degree each"),
        ({"ensemble": ldpc(3, 6), "learner": 2, "num_texts": 5}, "solved for learner 1"),
        ({"ensemble": ldpc(3, 6), "num_texts": 6}, "num_texts must be an integer from 0 to 5"),
        ({"ensemble": ldpc(3, 6), "num_texts": 5, "number": "poisson"}, "a fixed number of texts"),
        ({"number": "binomial"}, 'number must be "fixed" or "poisson", got "binomial"'),
        ({"known": 1.5}, r"known must lie in \[0, 1\]"),
        ({"known_skills": 11}, "known_skills must be an integer from 0 to 10"),
        ({"arrived": -1}, r"arrived must lie in \[0, 1\]"),
        ({"num_texts": 1.5}, "num_texts must be an integer"),
    ],
)
def test_bad_parameters(options, words):
    values = {"ensemble": texts_by_law("poisson:3"), "num_skills": 10, "num_texts": 12, **options}
    with pytest.raises(ValueError, match=words):
        exact_peeling(**values)
