"""Degree laws against direct sums, against their own samples, and their text form."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from skillgraph.ensembles.degrees import (
    binomial,
    edge_polynomial,
    empirical,
    fixed,
    from_pmf,
    geometric,
    mixture,
    negative_binomial,
    parse_law,
    poisson,
    zipf,
)
from skillgraph.seeding import generator
from tests.sizes import scaled

TEXTS = [
    "fixed:1",
    "fixed:3",
    "poisson:6",
    "poisson:0.3",
    "binomial:10:0.3",
    "binomial:7:1",
    "geometric:2.5",
    "negative_binomial:4:2.5",
    "zipf:1.5:1:1000",
    "zipf:0:2:5",
    "pmf:0=0.25,1=0.25,4=0.5",
    "0.4*fixed:2+0.6*poisson:5",
    "0.5*zipf:2:1:50+0.25*geometric:1+0.25*fixed:0",
]


def degree_laws() -> st.SearchStrategy:
    mean = st.floats(0.01, 20)
    single = st.one_of(
        st.integers(0, 9).map(fixed),
        mean.map(poisson),
        st.tuples(st.integers(1, 30), st.floats(1e-9, 1)).map(lambda p: binomial(*p)),
        st.tuples(mean, st.floats(0.1, 9)).map(lambda p: negative_binomial(*p)),
        st.tuples(st.floats(-1, 4), st.integers(1, 5), st.integers(5, 60)).map(lambda p: zipf(*p)),
        st.dictionaries(st.integers(0, 12), st.integers(1, 50), min_size=1).map(empirical),
    )
    part = st.tuples(st.floats(0.01, 1), single)
    return st.one_of(single, st.lists(part, min_size=1, max_size=3).map(mixture))


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("y", [0.0, 1e-12, 1e-3, 0.3, 0.9, 1.0])
def test_generating_function_is_the_sum_of_its_pmf(text, y):
    mpmath.mp.dps = 40
    law = parse_law(text)
    pmf = [mpmath.mpf(float(p)) for p in law.probabilities]
    x = 1 - mpmath.mpf(y)
    for order in range(4):
        direct = mpmath.fsum(p * mpmath.ff(k, order) * x ** (k - order) for k, p in enumerate(pmf) if k >= order)
        assert float(law.node_complement(y, order)) == pytest.approx(float(direct), rel=1e-10, abs=1e-12)
    deficit = mpmath.fsum(p * (1 - x**k) for k, p in enumerate(pmf))
    assert float(law.node_deficit(y)) == pytest.approx(float(deficit), rel=1e-12, abs=1e-30)


@pytest.mark.parametrize("text", [t for t in TEXTS if parse_law(t).mean > 0])
def test_edge_perspective_is_the_derivative_over_the_mean(text):
    law = parse_law(text)
    y = np.array([0.0, 1e-9, 0.2, 0.7, 1.0])
    for order in range(3):
        np.testing.assert_allclose(
            law.edge_complement(y, order), law.node_complement(y, order + 1) / law.mean, rtol=1e-11, atol=1e-13
        )
    np.testing.assert_allclose(law.edge_deficit(y), 1 - law.edge_complement(y), rtol=1e-6, atol=1e-15)
    np.testing.assert_allclose(law.edge(1 - y), law.edge_complement(y), rtol=1e-13)


@given(degree_laws())
@settings(max_examples=scaled(80, 20), deadline=None)
def test_moments_text_and_support(law):
    pmf, k = law.probabilities, np.arange(law.probabilities.size)
    assert pmf.sum() == pytest.approx(1, abs=1e-9)
    assert law.mean == pytest.approx(float(pmf @ k), rel=1e-9, abs=1e-12)
    assert law.variance == pytest.approx(float(pmf @ (k - law.mean) ** 2), rel=1e-8, abs=1e-9)
    assert str(parse_law(str(law))) == str(law)
    positive = np.flatnonzero(pmf > 0)
    assert law.minimum <= positive[0]
    assert law.maximum is None or law.maximum >= positive[-1]
    assert law.truncation_error < 1e-12


@pytest.mark.parametrize("text", TEXTS)
def test_samples_follow_the_pmf(text):
    """Chi-square at false alarm 1e-9; 2e5 draws notice a shift of 3 % of the mass with certainty."""
    law, size = parse_law(text), 200_000
    draws = law.sample(generator(1, "degrees", text), size)
    pmf = law.probabilities
    bins = _bins_of_at_least(pmf * size, 25)
    observed = np.add.reduceat(np.bincount(draws, minlength=pmf.size)[: pmf.size], bins)
    expected = np.add.reduceat(pmf * size, bins)
    assert draws.size == size
    assert draws.dtype == np.int64
    if bins.size > 1:
        expected *= observed.sum() / expected.sum()
        assert stats.chisquare(observed, expected).pvalue > 1e-9
    else:
        assert observed[0] == size


def _bins_of_at_least(expected, smallest):
    """Starts of runs whose expected counts reach ``smallest``."""
    starts, total = [0], 0.0
    for place, count in enumerate(expected):
        if total >= smallest and expected[place:].sum() >= smallest:
            starts.append(place)
            total = 0.0
        total += count
    return np.array(starts)


def test_long_power_law_is_summed_by_few_points():
    law = zipf(2.2, 2, 300_000)
    k = np.arange(2, 300_001, dtype=float)
    p = k**-2.2 / np.sum(k**-2.2)
    assert law._points.size < 1500
    assert law.mean == pytest.approx(float(p @ k), rel=1e-12)
    for y in (1e-7, 1e-5, 1e-3, 0.1, 0.9):
        assert float(law.node_deficit(y)) == pytest.approx(float(p @ -np.expm1(k * np.log1p(-y))), rel=1e-11)
        direct = float((p * k) @ np.exp((k - 1) * np.log1p(-y)))
        assert float(law.node_complement(y, 1)) == pytest.approx(direct, rel=1e-11)


def test_edge_polynomials_of_the_coding_literature():
    law = edge_polynomial("x/6+5x^3/6")
    x = np.linspace(0, 1, 11)
    np.testing.assert_allclose(law.edge(x), x / 6 + 5 * x**3 / 6, atol=1e-14)
    np.testing.assert_allclose(edge_polynomial("0.2*x+0.8*x^2").edge(x), 0.2 * x + 0.8 * x**2, atol=1e-14)
    assert str(edge_polynomial("x^5")) == "pmf:6=1"
    assert edge_polynomial("0.3+0.7*x**2").pmf(1) == pytest.approx(0.3 / (0.3 + 0.7 / 3))


def test_empirical_law_of_observed_degrees():
    law = empirical(np.array([1, 1, 2, 5]))
    assert str(law) == "pmf:1=0.5,2=0.25,5=0.25"
    assert from_pmf([0, 0.5, 0, 0.5]).mean == 2
    assert geometric(2).variance == pytest.approx(6)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("foo:3", 'unknown degree law "foo:3"'),
        ("poisson:-1", "mean of poisson must be a non-negative finite number, got -1"),
        ("poisson:nan", "mean of poisson must be a non-negative finite number, got nan"),
        ("poisson", "must have the form poisson:MEAN"),
        ("fixed:2.5", "needs an integer where it says 2.5"),
        ("fixed:-2", "degree of fixed must be an integer from 0"),
        ("zipf:1:0:3", "zipf needs 1 <= minimum <= maximum"),
        ("0*fixed:2+0*poisson:2", "weights of a mixture must not sum to 0"),
        ("-1*fixed:2+2*poisson:2", "weights of a mixture must be non-negative"),
        ("pmf:1=.5", "probabilities of a pmf must sum to 1, got 0.5"),
        ("counts:1=0", "counts must not sum to 0"),
        ("counts:", "must have the form counts:DEGREE=VALUE"),
        ("poisson:abc", 'needs a number where it says "abc"'),
        ("geometric:inf", "mean of geometric must be a non-negative finite number"),
        ("binomial:3:2", r"probability of binomial must lie in \[0, 1\]"),
        ("negative_binomial:3:0", "dispersion of negative_binomial must be positive"),
    ],
)
def test_bad_text_gets_one_clear_sentence(text, message):
    with pytest.raises(ValueError, match=message):
        parse_law(text)


@pytest.mark.parametrize("text", ["", "y", "0.2*x+0.9*x^2", "x^-1"])
def test_bad_polynomials(text):
    with pytest.raises(ValueError, match="edge polynomial"):
        edge_polynomial(text)
