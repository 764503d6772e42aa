"""Peeling without a graph: the chain against graphs, the finite-size law, and sizes that no memory holds."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from skillgraph._kernels.chain import occupied
from skillgraph.ensembles.ensemble import texts_by_law
from skillgraph.graphs.sampling import sample, sample_known
from skillgraph.seeding import generator
from skillgraph.simulation.exchangeable import peel_by_chain
from skillgraph.simulation.peeling import peel
from skillgraph.theory.density_evolution import unlearned_share
from skillgraph.theory.finite_size import failure_probability, waterfall
from tests.sizes import scaled

CASES = [
    ("poisson:4", 60, 80, 1, 0.0),
    ("poisson:3", 40, 42, 2, 0.1),
    ("fixed:3", 50, 60, 1, 0.15),
    ("0.3*fixed:1+0.7*fixed:5", 40, 60, 1, 0.0),
    ("0.2*fixed:1+0.8*fixed:6", 30, 12, 3, 0.05),
]


@pytest.mark.kernel
@pytest.mark.parametrize(("law", "size", "texts", "learner", "known"), CASES)
def test_the_chain_has_the_law_of_the_graph(law, size, texts, learner, known):
    """Two samples of (unlearned, rounds): chi-square over the cells of the joint law, false alarm 1e-7."""
    ensemble, count = texts_by_law(law), scaled(4000, 500)
    chain = peel_by_chain(ensemble, size, texts, replicates=4000, seed=3, learner=learner, known=known)
    pairs = []
    for i in range(count):
        rng = generator(17, i)
        graph = sample(ensemble, size, texts, rng=rng)
        result = peel(graph, sample_known(size, known, rng), learner=learner)
        pairs.append((size - int(result.learned.sum()), result.rounds))
    ours = np.stack([chain.unlearned, chain.rounds], axis=1)
    cells, place = np.unique(np.concatenate([ours, np.array(pairs)]), axis=0, return_inverse=True)
    first = np.bincount(place.ravel()[: len(ours)], minlength=len(cells))
    second = np.bincount(place.ravel()[len(ours) :], minlength=len(cells))
    common = first + second >= scaled(40, 100)
    table = np.stack([first[common], second[common]])
    table = np.concatenate([table, [[first[~common].sum()], [second[~common].sum()]]], axis=1)
    table = table[:, table.sum(axis=0) > 0]
    assert table.shape[1] >= 4
    assert stats.chi2_contingency(table).pvalue > 1e-7


def test_away_from_the_jump_it_is_the_infinite_theory():
    ensemble, size = texts_by_law("0.2*fixed:1+0.8*fixed:4"), 10**12
    for ratio in (0.8, 2.5):
        found = peel_by_chain(ensemble, size, int(ratio * size), replicates=20, seed=1)
        theory = unlearned_share(ensemble, ratio)[0]
        np.testing.assert_allclose(found.unlearned / size, theory, atol=2e-5)


def test_two_skill_learners_of_a_large_system():
    ensemble, size = texts_by_law("poisson:6"), 10**10
    for ratio in (0.7, 0.85):
        found = peel_by_chain(ensemble, size, int(ratio * size), replicates=8, seed=1, learner=2)
        theory = unlearned_share(ensemble, ratio, learner=2)[0]
        np.testing.assert_allclose(found.unlearned / size, theory, atol=1e-4)


def test_failures_of_a_million_skills_follow_the_law():
    ensemble, size, count = texts_by_law("poisson:6"), 10**6, scaled(400, 400)
    law = waterfall(ensemble)
    for place in (-1.0, 0.0, 1.0):
        ratio = law.threshold + law.beta * size ** (-2 / 3) + place * law.alpha * size**-0.5
        found = peel_by_chain(ensemble, size, round(ratio * size), replicates=count, seed=8).failure_probability(0.4)
        theory = failure_probability(law, size, round(ratio * size) / size)[0]
        assert abs(found - theory) < 5.5 * np.sqrt(theory * (1 - theory) / count) + 0.02


@pytest.mark.kernel
@pytest.mark.parametrize(("cells", "balls"), [(1, 3), (1, 40), (5, 4), (40, 90), (3000, 60)])
def test_occupied_cells_have_the_exact_law(cells, balls):
    """P(k hit) by the recursion over balls; chi-square, false alarm 1e-8."""
    law = np.zeros(balls + 2)
    law[0] = 1
    for _ in range(balls):
        k = np.arange(law.size)
        law = law * np.minimum(k / cells, 1) + np.concatenate(([0], (law * np.maximum(1 - k / cells, 0))[:-1]))
    key, clock, count = np.array([1, cells], np.uint64), np.uint64(0), scaled(20_000, 3000)
    found = np.zeros(law.size)
    for _ in range(count):
        hit, clock = occupied(float(balls), float(cells), key, np.uint64(clock))
        found[int(hit)] += 1
    keep = law * count > 8
    assert found[law <= 0].sum() == 0
    if keep.sum() > 1:
        assert stats.chisquare(found[keep], law[keep] * found[keep].sum() / law[keep].sum()).pvalue > 1e-8


def test_threads_do_not_show():
    ensemble = texts_by_law("poisson:4")
    one, many = (peel_by_chain(ensemble, 300, 450, replicates=900, seed=1, threads=n) for n in (1, 5))
    np.testing.assert_array_equal(one.unlearned, many.unlearned)
    np.testing.assert_array_equal(one.rounds, many.rounds)


@pytest.mark.parametrize("law", ["poisson:3", "fixed:3"])
def test_replicates_stand_at_addresses(law):
    ensemble = texts_by_law(law)
    few = peel_by_chain(ensemble, 1000, 1200, replicates=256, seed=2, known=0.1)
    more = peel_by_chain(ensemble, 1000, 1200, replicates=600, seed=2, known=0.1)
    np.testing.assert_array_equal(few.unlearned, more.unlearned[:256])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"ensemble": texts_by_law("poisson:3", "zipf:0.5")}, "uniform popularity"),
        ({"num_skills": 0}, "num_skills must be an integer"),
        ({"replicates": 0}, "replicates must be an integer"),
        ({"known": -0.1}, r"known must lie in \[0, 1\]"),
        ({"most_rounds": 2, "learner": 2}, "more than 2 rounds"),
        ({"num_skills": 3}, "must be below num_skills"),
    ],
)
def test_bad_parameters(arguments, words):
    values = {"ensemble": texts_by_law("poisson:3"), "num_skills": 1000, "num_texts": 1000, "replicates": 3, "seed": 1}
    with pytest.raises(ValueError, match=words):
        peel_by_chain(**{**values, **arguments})
