"""Ensembles: popularity by quadrature against sums over all skills, survival in both kinds."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate

from skillgraph.ensembles.degrees import parse_law
from skillgraph.ensembles.ensemble import (
    Popularity,
    configuration,
    ldpc,
    ldpc_polynomials,
    measured_popularity,
    parse_popularity,
    texts_by_law,
)

LOADS = np.array([0.0, 1e-9, 0.1, 1.0, 5.0, 40.0])


@pytest.mark.parametrize("exponent", [0.3, 0.5, 1.0, 1.7])
@pytest.mark.parametrize("num_skills", [1, 10, 50_000])
def test_survival_of_zipf_popularity_is_the_mean_over_skills(exponent, num_skills):
    ensemble = texts_by_law("poisson:6", f"zipf:{exponent}").at_size(num_skills)
    weights = np.arange(1.0, num_skills + 1) ** -exponent
    weights /= weights.mean()
    for order in range(3):
        direct = [np.mean((-weights) ** order * np.exp(-s * weights)) for s in LOADS]
        np.testing.assert_allclose(ensemble.survival(LOADS, order), direct, rtol=1e-11)
    direct = [np.mean(-np.expm1(-s * weights)) for s in LOADS]
    np.testing.assert_allclose(ensemble.reached(LOADS), direct, rtol=1e-11)
    direct = [np.mean(-weights * np.expm1(-s * weights)) for s in LOADS]
    np.testing.assert_allclose(ensemble.edge_reached(LOADS), direct, rtol=1e-11)


@pytest.mark.parametrize("exponent", [0.2, 0.5, 0.9])
def test_infinite_limit_of_zipf_popularity(exponent):
    ensemble = texts_by_law("fixed:3", f"zipf:{exponent}")
    for load in (0.1, 1.0, 5.0):

        def survives(t, load=load):
            return np.exp(-t - load * (1 - exponent) * np.exp(exponent * t))

        direct = integrate.quad(survives, 0, 300, epsabs=0, epsrel=1e-12, limit=400, points=[1, 4, 20])[0]
        assert float(ensemble.survival(load)) == pytest.approx(direct, rel=1e-10)


def test_uniform_popularity_is_poisson():
    ensemble = texts_by_law("poisson:6")
    np.testing.assert_allclose(ensemble.edge_survival(LOADS), np.exp(-LOADS))
    np.testing.assert_allclose(ensemble.reached(LOADS), -np.expm1(-LOADS))
    assert ensemble.independent_edges
    assert ensemble.load_per_ratio == 6
    assert not texts_by_law("poisson:6", "zipf:0.5").independent_edges
    assert not texts_by_law("fixed:6").independent_edges


def test_configuration_survival_is_the_thinned_law():
    ensemble = configuration("fixed:6", "0.5*fixed:2+0.5*fixed:4")
    s = np.array([0.0, 0.3, 1.0])
    np.testing.assert_allclose(ensemble.survival(s), (1 - s) ** 2 / 2 + (1 - s) ** 4 / 2)
    np.testing.assert_allclose(ensemble.survival(s, 1), -(1 - s) - 2 * (1 - s) ** 3)
    np.testing.assert_allclose(ensemble.edge_survival(s), (1 - s) / 3 + 2 * (1 - s) ** 3 / 3)
    np.testing.assert_allclose(ensemble.edge_reached(s), 1 - ensemble.edge_survival(s), atol=1e-15)
    assert ensemble.full_ratio == pytest.approx(0.5)
    assert ensemble.load_per_ratio == pytest.approx(2)


def test_ldpc_ensembles_two_ways():
    regular, polynomials = ldpc(3, 6), ldpc_polynomials("x^2", "x^5")
    s = np.linspace(0, 1, 7)
    np.testing.assert_allclose(regular.edge_survival(s), polynomials.edge_survival(s))
    assert regular.full_ratio == polynomials.full_ratio == pytest.approx(0.5)


def test_measured_popularity():
    popularity = measured_popularity(np.array([0.0, 1.0, 1.0, 2.0]))
    weights, shares = popularity.nodes()
    np.testing.assert_allclose(weights, [0, 1, 2])
    np.testing.assert_allclose(shares, [0.25, 0.5, 0.25])
    np.testing.assert_allclose(popularity.weights(4), [0, 1, 1, 2])
    with pytest.raises(ValueError, match="4 skills cannot serve 5 skills"):
        popularity.weights(5)


def test_second_moment_diverges_from_exponent_one_half():
    assert Popularity(0.5).second_moment() == np.inf
    assert Popularity(0.25).second_moment() == pytest.approx(0.75**2 / 0.5, rel=1e-9)
    ranks = np.arange(1.0, 1001) ** -0.5
    assert Popularity(0.5).second_moment(1000) == pytest.approx(np.mean(ranks**2) / np.mean(ranks) ** 2)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: texts_by_law("poisson:0"), 'skills per text must have a positive mean, got "poisson:0"'),
        (lambda: configuration("fixed:3", "fixed:0"), 'texts per skill must have a positive mean, got "fixed:0"'),
        (lambda: parse_popularity("zip:1"), 'unknown skill popularity "zip:1"'),
        (lambda: parse_popularity("zipf:x"), "must have the form zipf:EXPONENT"),
        (lambda: parse_popularity("zipf:-1"), r"must lie in \[0, 10\]"),
        (lambda: parse_popularity("zipf:nan"), r"must lie in \[0, 10\]"),
        (lambda: measured_popularity(np.zeros(3)), "must not sum to 0"),
        (lambda: measured_popularity(np.array([1, np.nan])), "non-negative finite"),
        (lambda: Popularity(1.2).nodes(), "give the number of skills"),
        (lambda: ldpc(0, 6), "texts per skill must be an integer of at least 1, got 0"),
    ],
)
def test_bad_ensembles(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_text_of_an_ensemble():
    assert str(texts_by_law(parse_law("poisson:6"), "zipf:0.5")) == "skills per text poisson:6, popularity zipf:0.5"
    assert str(ldpc(3, 6)) == "skills per text fixed:6, texts per skill fixed:3"


def test_an_ensemble_at_a_size_has_the_popularity_of_that_size():
    limit = texts_by_law("poisson:6", "zipf:0.5")
    assert limit.at_size(1e3) == limit.at_size(1000)
    assert limit.at_size(1000) != limit
    assert texts_by_law("poisson:6").at_size(1000) == texts_by_law("poisson:6")
    assert texts_by_law("fixed:2", "zipf:1.5").at_size(50).survival(0.3) > 0
    assert limit.at_size(1000).popularity.second_moment() < np.inf
