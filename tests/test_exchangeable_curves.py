"""Learning curves without a graph: the law of graphs, the theory at large sizes, nothing depends on the threads."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from skillgraph.ensembles.ensemble import configuration, texts_by_law
from skillgraph.graphs.sampling import sample, sample_known
from skillgraph.seeding import generator
from skillgraph.simulation.exchangeable_curves import curves_by_chain
from skillgraph.simulation.peeling import learning_curve
from skillgraph.theory.density_evolution import learned_share
from tests.sizes import scaled

CASES = [
    ("poisson:3", 12, (6, 10), 0.0),
    ("poisson:4", 60, (70, 95), 0.05),
    ("fixed:3", 50, (30, 60), 0.15),
    ("0.3*fixed:1+0.7*fixed:5", 40, (25, 60), 0.0),
    ("0.1*fixed:0+0.1*fixed:1+0.8*fixed:2", 20, (15, 30), 0.0),
]


@pytest.mark.kernel
@pytest.mark.parametrize(("law", "size", "at", "known"), CASES)
def test_curves_have_the_law_of_graphs(law, size, at, known):
    """Two samples of the joint law at two points: chi-square over its cells, false alarm 1e-7."""
    ensemble, count = texts_by_law(law), scaled(6000, 400)
    ours = curves_by_chain(ensemble, size, np.array(at), replicates=scaled(6000, 400), seed=3, known=known)
    theirs = []
    for i in range(count):
        rng = generator(23, i)
        graph = sample(ensemble, size, at[-1], rng=rng)
        theirs.append(learning_curve(graph, sample_known(size, known, rng)).learned_count[list(at)])
    cells, place = np.unique(np.concatenate([ours, np.array(theirs)]), axis=0, return_inverse=True)
    first = np.bincount(place.ravel()[: len(ours)], minlength=len(cells))
    second = np.bincount(place.ravel()[len(ours) :], minlength=len(cells))
    common = first + second >= scaled(40, 10)
    table = np.stack([first[common], second[common]])
    table = np.concatenate([table, [[first[~common].sum()], [second[~common].sum()]]], axis=1)
    table = table[:, table.sum(axis=0) > 0]
    assert table.shape[1] >= scaled(4, 2)
    assert stats.chi2_contingency(table).pvalue > 1e-7


def test_large_systems_follow_the_theory():
    """Away from the jump the learned share is that of density evolution: six standard errors and 1/R."""
    ensemble, size = texts_by_law("poisson:4"), scaled(200_000, 2000)
    ratio = np.array([0.4, 1.0, 1.4, 2.0])
    ours = curves_by_chain(ensemble, size, (ratio * size).astype(np.int64), replicates=scaled(40, 10), seed=1) / size
    error = ours.std(axis=0, ddof=1) / np.sqrt(ours.shape[0])
    assert np.all(np.abs(ours.mean(axis=0) - learned_share(ensemble, ratio)) < 6 * error + 20 / size)
    assert np.all(error < 0.05)


def test_threads_and_the_grid_change_nothing():
    ensemble, count = texts_by_law("poisson:4"), scaled(60, 8)
    at = np.array([0, 1, 300, 350, 500])
    whole = curves_by_chain(ensemble, 200, at, replicates=count, seed=8, known=0.01, threads=1)
    for threads in (2, 5):
        again = curves_by_chain(ensemble, 200, at, replicates=count, seed=8, known=0.01, threads=threads)
        np.testing.assert_array_equal(whole, again)
    fewer = curves_by_chain(ensemble, 200, at[[2, 4]], replicates=count // 2, seed=8, known=0.01)
    np.testing.assert_array_equal(fewer, whole[: count // 2, [2, 4]])
    assert np.all(np.diff(whole, axis=1) >= 0)


def test_everything_known_and_texts_that_teach_nothing():
    assert np.all(curves_by_chain(texts_by_law("poisson:2"), 30, np.array([0, 9]), replicates=3, seed=1, known=1) == 30)
    nothing = curves_by_chain(texts_by_law("fixed:2"), 30, np.array([0, 50]), replicates=3, seed=1)
    assert np.all(nothing == 0)
    assert np.all(curves_by_chain(texts_by_law("fixed:1"), 5, np.array([500]), replicates=3, seed=1) == 5)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"ensemble": configuration("fixed:3", "poisson:2")}, "need texts by law with uniform popularity"),
        ({"ensemble": texts_by_law("poisson:3", "zipf:0.5")}, "uniform popularity"),
        ({"num_skills": 10**9}, "num_skills must be an integer from 1 to 10.8, got 1000000000"),
        ({"replicates": 0}, "replicates must be an integer"),
        ({"known": 2.0}, "known must lie"),
        ({"at": np.array([3, 2])}, "at must be increasing"),
        ({"at": np.array([0.5])}, "at must be increasing"),
        ({"num_skills": 2}, "must not exceed num_skills=2"),
    ],
)
def test_bad_parameters(change, words):
    sound = {"ensemble": texts_by_law("poisson:3"), "num_skills": 20, "at": np.array([4]), "replicates": 2}
    wanted = {**sound, **change}
    with pytest.raises(ValueError, match=words):
        curves_by_chain(
            wanted["ensemble"],
            wanted["num_skills"],
            wanted["at"],
            replicates=wanted["replicates"],
            known=wanted.get("known", 0.0),
            seed=1,
        )
