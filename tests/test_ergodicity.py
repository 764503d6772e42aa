"""Diagnostics of runs: averages, growth, overlap, two groups, histograms, transitions."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from scipy import stats

from skillgraph.seeding import generator
from skillgraph.statistics import ergodicity
from skillgraph.statistics.outcome_shapes import dip_statistic
from tests.reference import adjacent_possible as reference


def autoregressive(runs: int, times: int, memory: float) -> np.ndarray:
    rng = generator(1, "ergodicity", "ar")
    values = np.empty((runs, times))
    values[:, 0] = rng.normal(size=runs)
    for t in range(1, times):
        values[:, t] = memory * values[:, t - 1] + math.sqrt(1 - memory**2) * rng.normal(size=runs)
    return values


def test_gap_is_small_if_every_run_sees_everything_and_one_if_runs_are_stuck() -> None:
    mixing = autoregressive(200, 2000, 0.9)
    found = ergodicity.averages(mixing, seed=0)
    expected = (1 + 0.9) / (1 - 0.9) / 2000  # correlation time over the window
    assert found.gap == pytest.approx(expected, rel=0.6)
    assert found.gap_interval[0] <= found.gap <= found.gap_interval[1]
    stuck = np.repeat(generator(2, "stuck").normal(size=(200, 1)), 50, axis=1)
    assert ergodicity.averages(stuck, seed=0).gap == pytest.approx(1.0)
    half = ergodicity.averages(stuck + np.tile(generator(3, "noise").normal(size=(200, 50)), 1), seed=0)
    assert half.gap == pytest.approx(0.5, abs=0.15)


def test_averages_and_their_intervals() -> None:
    runs = autoregressive(400, 30, 0.5) + np.arange(30)
    found = ergodicity.averages(runs, burn_in=10, seed=0)
    assert found.ensemble == pytest.approx(runs.mean(axis=0))
    assert found.time == pytest.approx(runs[:, 10:].mean(axis=1))
    assert found.window_average == pytest.approx(found.time.mean())
    half = stats.t.isf(0.025, 399) * runs.std(axis=0, ddof=1) / 20
    assert found.ensemble_interval[1] - found.ensemble == pytest.approx(half)
    assert np.mean((found.time > found.time_interval[0]) & (found.time < found.time_interval[1])) > 0.93
    assert ergodicity.averages(np.ones((3, 4)), seed=0).gap == 0


def test_growth_of_the_average_exceeds_average_growth() -> None:
    """Lognormal growth: ln of the mean grows by s^2/2 faster than the mean of ln."""
    rng, spread = generator(4, "growth"), 0.3
    steps = rng.normal(0.01, spread, size=(20_000, 5))
    runs = np.exp(np.concatenate([np.zeros((20_000, 1)), np.cumsum(steps, axis=1)], axis=1))
    found = ergodicity.growth_gap(runs, duration=5.0, seed=0)
    assert found.gap == pytest.approx(spread**2 / 2, rel=0.15)
    assert found.average == pytest.approx(0.01, abs=6 * spread / math.sqrt(100_000))
    assert found.interval[0] < found.gap < found.interval[1]
    assert found.of_average - found.average == pytest.approx(found.gap)


def test_jaccard_overlap_equals_sets() -> None:
    rng = generator(5, "sets")
    mask = rng.random((7, 40)) < 0.4
    mask[6] = mask[5] = False
    sets = [set(np.flatnonzero(row).tolist()) for row in mask]
    expected = [len(a & b) / len(a | b) if a | b else 1.0 for a, b in itertools.combinations(sets, 2)]
    found = ergodicity.jaccard_overlap(mask)
    assert found.pairs == pytest.approx(expected)
    assert found.mean == pytest.approx(np.mean(expected))
    left_out = [
        np.mean([e for e, (a, b) in zip(expected, itertools.combinations(range(7), 2), strict=True) if k not in (a, b)])
        for k in range(7)
    ]
    jackknife = math.sqrt(6 / 7 * sum((x - np.mean(left_out)) ** 2 for x in left_out))
    assert found.standard_error == pytest.approx(jackknife)


def test_jaccard_error_covers_repetitions() -> None:
    """Independent sets: the jackknife error is the spread of the mean over repetitions."""
    rng = generator(6, "coverage")
    found = [ergodicity.jaccard_overlap(rng.random((12, 300)) < 0.3) for _ in range(200)]
    spread = np.std([one.mean for one in found])
    assert np.mean([one.standard_error for one in found]) == pytest.approx(spread, rel=0.35)
    assert np.mean([one.mean for one in found]) == pytest.approx(np.mean([one.by_chance for one in found]), rel=0.02)


def test_dip_equals_linear_programs() -> None:
    rng = generator(7, "dip")
    for case in range(30):
        n = int(rng.integers(4, 18))
        values = [
            rng.random(n),
            rng.normal(size=n),
            np.concatenate([rng.normal(size=n // 2), 6 + rng.normal(size=n - n // 2)]),
        ][case % 3]
        assert dip_statistic(np.sort(values)) == pytest.approx(reference.dip(values.tolist()), abs=1e-9)
    for _ in range(10):
        tied = np.sort(rng.integers(0, 5, 12).astype(float))
        assert dip_statistic(tied) >= reference.dip(tied.tolist()) - 1e-9
    assert dip_statistic(np.array([0.0, 0.0, 1.0, 1.0])) == pytest.approx(0.25)


def test_two_groups_are_told_from_one() -> None:
    rng = generator(8, "groups")
    one = ergodicity.bimodality(rng.normal(size=300), resamples=199, seed=0)
    skewed = ergodicity.bimodality(rng.exponential(size=300), resamples=199, seed=0)
    two = ergodicity.bimodality(
        np.concatenate([rng.normal(size=200), 5 + 0.5 * rng.normal(size=100)]), resamples=199, seed=0
    )
    points = ergodicity.bimodality(np.repeat([0.0, 7.0], [40, 60]), resamples=9, seed=0)
    assert one.p_value > 0.05
    assert skewed.p_value > 0.05
    assert two.p_value == 1 / 200
    assert two.upper_share == pytest.approx(1 / 3, abs=0.02)
    assert two.separation > 4 > one.separation
    assert (points.coefficient, points.separation) == (pytest.approx(1.0), math.inf)
    assert (points.lower_mean, points.upper_mean, points.split, points.upper_share) == (0, 7, 3.5, 0.6)


def test_histogram_is_compared_with_a_law() -> None:
    rng = generator(9, "histogram")
    values = np.append(rng.exponential(size=5000), np.nan)
    law = stats.expon.cdf
    found = ergodicity.histogram(values, bins=30, cdf=law)
    assert found.counts.sum() == 5000
    assert found.expected is not None
    assert found.expected.sum() == pytest.approx(5000)
    assert found.p_value is not None
    assert found.p_value > 1e-6
    wrong = ergodicity.histogram(values * 1.2, bins=30, cdf=law)
    assert wrong.p_value is not None
    assert wrong.p_value < 1e-9
    assert ergodicity.histogram(values, bins=5).expected is None


def test_transitions_are_found_where_they_are() -> None:
    rng = generator(10, "transitions")
    series = np.repeat([0.0, 1.0, 5.0, 4.0], [80, 60, 100, 50]) + 0.1 * rng.normal(size=290)
    found = ergodicity.transitions(series)
    assert found.positions.tolist() == [80, 140, 240]
    assert found.levels == pytest.approx([0, 1, 5, 4], abs=0.06)
    assert found.noise == pytest.approx(0.1, rel=0.25)
    exact = ergodicity.transitions(np.repeat([3.0, 8.0], [5, 4]))
    assert (exact.positions.tolist(), exact.levels.tolist()) == ([5], [3.0, 8.0])
    assert ergodicity.transitions(np.full(9, 2.0)).positions.size == 0


def test_white_noise_has_no_transitions() -> None:
    """False alarm per series below 1e-3 by simulation, so 3 or more of 200 have probability below 2e-3 ** 3 x 1e6."""
    rng = generator(11, "quiet")
    alarms = sum(ergodicity.transitions(rng.normal(size=200), noise=1.0).positions.size > 0 for _ in range(200))
    assert alarms <= 3


def test_best_partition_is_best() -> None:
    rng = generator(12, "brute")
    for _ in range(10):
        values = rng.normal(size=8) + np.repeat([0, rng.integers(0, 4)], 4)
        found = ergodicity.transitions(values, noise=1.0, penalty=0.5)
        price = math.log(8)

        def cost(cuts: tuple[int, ...], values: np.ndarray = values, price: float = price) -> float:
            return sum(((p - p.mean()) ** 2).sum() for p in np.split(values, cuts)) + price * len(cuts)

        cuts = [c for k in range(8) for c in itertools.combinations(range(1, 8), k)]
        assert cost(tuple(found.positions.tolist())) == pytest.approx(min(cost(c) for c in cuts))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: ergodicity.averages(np.ones(3), seed=0), "runs must be an array of at least 2 runs"),
        (lambda: ergodicity.averages(np.array([[1.0, np.inf], [1, 2]]), seed=0), "runs must be finite: cut them"),
        (
            lambda: ergodicity.averages(np.ones((2, 3)), burn_in=3, seed=0),
            r"burn_in must be an integer from 0 to 2, got 3",
        ),
        (lambda: ergodicity.averages(np.ones((2, 3)), level=1.0, seed=0), r"level must lie in \(0, 1\), got 1"),
        (lambda: ergodicity.growth_gap(np.zeros((2, 3)), seed=0), "runs must be positive to have a growth rate, got 0"),
        (lambda: ergodicity.growth_gap(np.ones((2, 3)), duration=0, seed=0), "duration must be positive, got 0"),
        (lambda: ergodicity.jaccard_overlap(np.ones((3, 4))), "sets must be a bool array of at least 2 rows"),
        (lambda: ergodicity.histogram(np.array([np.nan])), "values must hold at least one number"),
        (lambda: ergodicity.histogram(np.ones(3), bins=0), "bins must be an integer of at least 1, got 0"),
        (lambda: ergodicity.bimodality(np.ones(9), seed=0), "not all equal"),
        (lambda: ergodicity.transitions(np.ones(1)), "series must be a row of 2 to 20000"),
        (lambda: ergodicity.transitions(np.arange(9.0), penalty=0), "penalty and noise must be positive"),
    ],
)
def test_bad_input_is_named(call, message: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize("width", [5, 20, 60, 150])
@pytest.mark.parametrize("noise", [0.0, 0.01, 0.1])
def test_a_smooth_rise_has_no_sudden_change(width, noise):
    time = np.arange(600.0)
    rise = 1 / (1 + np.exp(-(time - 300) / width)) + noise * generator(1, "smooth", width).normal(size=600)
    assert ergodicity.transitions(rise).positions.size == 0


@pytest.mark.parametrize("height", [6.0, 20.0, 1000.0])
def test_a_step_in_noise_is_sudden(height):
    series = height * (np.arange(400) >= 150) + generator(1, "step").normal(size=400)
    np.testing.assert_allclose(ergodicity.transitions(series).positions, [150], atol=1)


def test_a_trend_in_noise_has_no_sudden_change():
    series = 0.03 * np.arange(500) + generator(1, "trend").normal(size=500)
    assert ergodicity.transitions(series).positions.size == 0
