"""Implicit graphs: the same numbers as the stored graph of the same address, and the law of the ensemble."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from skillgraph.ensembles.ensemble import configuration, texts_by_law
from skillgraph.simulation.implicit import (
    implicit_components,
    implicit_curve,
    implicit_peeling,
    stored_by_skill,
    stored_by_text,
)
from skillgraph.simulation.peeling import peel
from skillgraph.simulation.percolation import components, curve_by_texts
from tests.sizes import scaled

pytestmark = pytest.mark.kernel


@pytest.mark.parametrize("law", ["poisson:4", "fixed:3", "0.5*fixed:1+0.5*geometric:6", "zipf:2:1:50"])
def test_the_curve_is_that_of_the_stored_graph(law):
    ensemble, size, texts = texts_by_law(law), scaled(5000, 120), scaled(9000, 150)
    at = np.unique(np.linspace(0, texts, 23).astype(np.int64))
    ours = implicit_curve(ensemble, size, at, seed=5)
    stored = curve_by_texts(stored_by_text(ensemble, size, texts, seed=5), at=at)
    np.testing.assert_array_equal(ours.largest, stored.largest)
    np.testing.assert_array_equal(ours.second_largest, stored.second_largest)
    np.testing.assert_array_equal(ours.sum_squares, stored.sum_squares)
    np.testing.assert_array_equal(ours.steps, at)


@pytest.mark.parametrize("threads", [1, 2, 5])
@pytest.mark.parametrize("law", ["poisson:1.5", "fixed:2", "0.5*fixed:1+0.5*geometric:6"])
def test_components_are_those_of_the_stored_graph(law, threads, monkeypatch):
    from skillgraph.simulation import implicit

    monkeypatch.setattr(implicit, "_SHARE", scaled(500, 50))
    ensemble, size, texts = texts_by_law(law), scaled(20_000, 150), scaled(21_000, 160)
    ours = implicit_components(ensemble, size, texts, seed=6, threads=threads)
    stored = components(stored_by_text(ensemble, size, texts, seed=6))
    assert (ours.largest, ours.second_largest) == (stored.largest, stored.second_largest)
    assert (ours.sum_squares, ours.num_components) == (stored.sum_squares, stored.sizes.size)


@pytest.mark.parametrize(
    ("ensemble", "ratio"),
    [
        (texts_by_law("poisson:4"), 1.3),
        (texts_by_law("poisson:4"), 1.7),
        (configuration("poisson:2.3", "fixed:3"), None),
        (configuration("poisson:3", "0.5*fixed:2+0.5*fixed:6"), None),
    ],
    ids=["stuck", "learned", "hypergraph", "irregular"],
)
def test_peeling_is_that_of_the_stored_graph(ensemble, ratio):
    size = scaled(6000, 150)
    texts = None if ratio is None else round(ratio * size)
    ours = implicit_peeling(ensemble, size, texts, seed=9)
    graph = stored_by_skill(ensemble, size, texts, seed=9)
    stored = peel(graph)
    assert graph.num_repeated_edges == 0
    assert ours.num_edges == graph.num_edges
    assert ours.learned_count == stored.learned.sum()
    np.testing.assert_array_equal(ours.learned_by_round, stored.learned_by_round)


@pytest.mark.parametrize("capacity", [3, 64, 8192])
@pytest.mark.parametrize("known", [0.0, 0.2])
def test_waiting_in_buckets_changes_nothing(capacity, known, monkeypatch):
    from skillgraph.simulation import implicit

    ensemble, size = texts_by_law("poisson:4"), scaled(120_000, 500)
    plain = implicit_peeling(ensemble, size, round(1.6 * size), seed=3, known=known)
    monkeypatch.setattr(implicit, "_CACHED", 10)
    monkeypatch.setattr(implicit, "_CAPACITY", capacity)
    monkeypatch.setattr(implicit, "_FULL", 5)
    waiting = implicit_peeling(ensemble, size, round(1.6 * size), seed=3, known=known)
    assert waiting.num_edges == plain.num_edges
    np.testing.assert_array_equal(waiting.learned_by_round, plain.learned_by_round)


def test_known_skills_are_known():
    size = scaled(40_000, 400)
    ours = implicit_peeling(texts_by_law("poisson:5"), size, size, seed=2, known=0.3)
    assert ours.learned_by_round[0] == ours.known_count
    assert stats.binomtest(ours.known_count, size, 0.3).pvalue > 1e-9
    everything = implicit_peeling(texts_by_law("poisson:5"), size, size, seed=2, known=1.0)
    assert everything.learned_count == size
    assert everything.num_edges == 0


def test_edges_are_independent_from_both_sides():
    """Degrees of both sides are binomial: chi-square, false alarm 1e-9 each."""
    size, texts, ensemble = scaled(20_000, 800), scaled(12_000, 600), texts_by_law("poisson:3")
    for graph in (
        stored_by_text(ensemble, size, texts, seed=4),
        stored_by_skill(ensemble, size, texts, seed=4),
    ):
        for degrees, trials in ((graph.skills_per_text, size), (graph.texts_per_skill, texts)):
            law = stats.binom(trials, 3 / size)
            last = int(law.isf(20 / degrees.size))
            found = np.bincount(np.minimum(degrees, last), minlength=last + 1)
            wanted = np.append(law.pmf(np.arange(last)), law.sf(last - 1)) * degrees.size
            assert stats.chisquare(found, wanted * found.sum() / wanted.sum()).pvalue > 1e-9


def test_slices_do_not_show(monkeypatch):
    from skillgraph.simulation import implicit

    ensemble, at = texts_by_law("poisson:3"), np.array([0, 10, 333, 700])
    whole = implicit_curve(ensemble, 500, at, seed=1), implicit_peeling(ensemble, 500, 700, seed=1)
    monkeypatch.setattr(implicit, "_SLICE", 64)
    seen = []
    sliced = (
        implicit_curve(ensemble, 500, at, seed=1, progress=lambda *step: seen.append(step)),
        implicit_peeling(ensemble, 500, 700, seed=1, known=0.0),
    )
    np.testing.assert_array_equal(whole[0].largest, sliced[0].largest)
    np.testing.assert_array_equal(whole[1].learned_by_round, sliced[1].learned_by_round)
    assert seen[-1] == ("texts", 700, 700)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (
            lambda: implicit_curve(texts_by_law("poisson:3", "zipf:0.5"), 10, np.array([1]), seed=1),
            "uniform popularity",
        ),
        (lambda: implicit_curve(texts_by_law("poisson:3"), 0, np.array([1]), seed=1), "num_skills must be an integer"),
        (lambda: implicit_curve(texts_by_law("poisson:3"), 10, np.array([3, 2]), seed=1), "at must be increasing"),
        (
            lambda: implicit_curve(texts_by_law("poisson:3"), 10, np.array([3, 2], np.uint64), seed=1),
            "at must be increasing",
        ),
        (lambda: implicit_curve(texts_by_law("fixed:30"), 10, np.array([3]), seed=1), "exceed the 10 nodes"),
        (lambda: implicit_peeling(texts_by_law("fixed:3"), 10, 5, seed=1), "needs Poisson skills per text"),
        (lambda: implicit_peeling(texts_by_law("poisson:3"), 10, seed=1), "num_texts must be given"),
        (lambda: implicit_peeling(texts_by_law("poisson:3"), 10, 5, seed=1, known=-1), "known must lie"),
    ],
)
def test_bad_parameters(call, words):
    with pytest.raises(ValueError, match=words):
        call()
