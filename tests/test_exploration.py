"""Exploration without a graph: binomial draws, component sizes against graphs and theory, sizes beyond memory."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from skillgraph._kernels import exploration as kernels
from skillgraph.ensembles.ensemble import texts_by_law
from skillgraph.graphs.sampling import sample
from skillgraph.seeding import generator
from skillgraph.simulation.exploration import explore_components
from skillgraph.simulation.percolation import curve_by_texts
from skillgraph.theory.components import giant_component, susceptibility
from tests.sizes import scaled

pytestmark = pytest.mark.kernel


@pytest.mark.parametrize(
    ("number", "chance"), [(7, 0.3), (1000, 0.002), (200, 0.2), (60, 0.5), (300, 0.9), (40, 0.97), (10**6, 3e-4)]
)
def test_binomial_draws_have_the_binomial_law(number, chance):
    """Chi-square over cells of at least 10 expected draws, false alarm 1e-8 each."""
    key, count, clock = np.array([3, number], np.uint64), scaled(40_000, 3000), np.uint64(0)
    draws = np.empty(count, np.int64)
    for i in range(count):
        drawn, clock = kernels.binomial(float(number), math.log1p(-chance), key, np.uint64(clock))
        draws[i] = int(drawn)
    law = stats.binom(number, chance)
    edges = np.unique(law.ppf(np.linspace(0.02, 0.98, 25)))
    wanted = np.diff(np.concatenate(([0.0], law.cdf(edges), [1.0]))) * count
    found = np.bincount(np.searchsorted(edges, draws), minlength=wanted.size)
    keep = wanted > 10
    assert keep.sum() >= 2
    assert stats.chisquare(found[keep], wanted[keep] * found[keep].sum() / wanted[keep].sum()).pvalue > 1e-8


@pytest.mark.parametrize(("mean", "ratio"), [(2.0, 0.15), (2.0, 0.25), (3.0, 0.3)], ids=["below", "at", "above"])
def test_largest_component_has_the_law_of_the_graph(mean, ratio):
    """Two samples, Kolmogorov-Smirnov on largest, second largest and sum of squares, false alarm 1e-7 each."""
    size, count = scaled(400, 80), scaled(3000, 300)
    texts, ensemble = round(ratio * size), texts_by_law(f"poisson:{mean}")
    explored = explore_components(ensemble, size, texts, replicates=count, seed=5)
    curves = [
        curve_by_texts(sample(ensemble, size, texts, rng=generator(6, i)), at=np.array([texts])) for i in range(count)
    ]
    for ours, name in (
        (explored.largest, "largest"),
        (explored.second_largest, "second_largest"),
        (explored.sum_squares, "sum_squares"),
    ):
        graphs = np.array([getattr(curve, name)[0] for curve in curves], dtype=float)
        assert stats.ks_2samp(ours, graphs).pvalue > 1e-7


def test_a_million_skills_follow_the_theory():
    ensemble, size, count = texts_by_law("poisson:3"), scaled(1_000_000, 20_000), 6
    found = explore_components(ensemble, size, round(0.3 * size), replicates=count, seed=1)
    share = giant_component(ensemble, 0.3).share[0]
    error = max(np.std(found.largest, ddof=1) / np.sqrt(count), 1.0)
    assert abs(found.largest.mean() - share * size) < 25 * error  # t of 5 degrees of freedom: false alarm 2e-6
    excluded = (found.sum_squares - found.largest**2) / size
    assert excluded.mean() == pytest.approx(susceptibility(ensemble, 0.3)[0], rel=scaled(0.02, 0.3))


def test_the_giant_of_a_trillion_skills():
    ensemble, size = texts_by_law("poisson:4"), 10**12
    found = explore_components(ensemble, size, size // 10, seed=3, giant_only=True)
    assert found.largest[0] / size == pytest.approx(giant_component(ensemble, 0.1).share[0], abs=2e-5)
    assert found.num_components[0] < 10_000
    assert np.isnan(found.second_largest[0])


def test_giant_only_finds_the_largest_of_all():
    ensemble, size = texts_by_law("poisson:3"), scaled(20_000, 2000)
    options = {"replicates": 20, "seed": 8}
    whole = explore_components(ensemble, size, size // 4, **options)
    first = explore_components(ensemble, size, size // 4, giant_only=True, **options)
    np.testing.assert_array_equal(whole.largest, first.largest)
    assert first.num_components.sum() < whole.num_components.sum()


def test_threads_do_not_show():
    ensemble = texts_by_law("poisson:2")
    one, many = (explore_components(ensemble, 5000, 1500, replicates=5, seed=2, threads=n) for n in (1, 4))
    np.testing.assert_array_equal(one.largest, many.largest)
    np.testing.assert_array_equal(one.sum_squares, many.sum_squares)


def test_slices_do_not_show(monkeypatch):
    from skillgraph.simulation import exploration

    ensemble = texts_by_law("poisson:2")
    whole = explore_components(ensemble, 3000, 1000, replicates=3, seed=2)
    monkeypatch.setattr(exploration, "_SLICE", 7)
    sliced = explore_components(ensemble, 3000, 1000, replicates=3, seed=2)
    np.testing.assert_array_equal(whole.sum_squares, sliced.sum_squares)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"ensemble": texts_by_law("fixed:3")}, "needs Poisson skills per text"),
        ({"num_skills": 0}, "num_skills must be an integer"),
        ({"num_skills": 2}, "must be below num_skills"),
    ],
)
def test_bad_parameters(arguments, words):
    values = {"ensemble": texts_by_law("poisson:3"), "num_skills": 100, "num_texts": 10, "seed": 1, **arguments}
    with pytest.raises(ValueError, match=words):
        explore_components(**values)
