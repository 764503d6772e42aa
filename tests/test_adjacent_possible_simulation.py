"""The adjacent possible by chance: Gillespie and tau-leaping against the exact law, seeds, threads, capped paths."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from skillgraph.adjacent_possible import Resources, constant, explosion_law, simulate_explosions
from skillgraph.adjacent_possible.innovation import Innovation, powers, weighted
from skillgraph.adjacent_possible.simulation import Explosions, sample_paths
from skillgraph.statistics.ergodicity import histogram
from tests.sizes import scaled

pytestmark = pytest.mark.kernel

STEEL = powers(0.01)
FALSE_ALARM = 1e-7


def run(law: Innovation, items: int, mu: float, runs: int, **options) -> Explosions:  # type: ignore[no-untyped-def]
    return simulate_explosions(law, items, mu, replicates=runs, seed=11, **options)


def assert_mean(found: Explosions) -> None:
    """Student's t with false alarm 1e-7; 20,000 runs tell 1.5 % of one standard deviation times 3.5."""
    limit = stats.t.isf(FALSE_ALARM / 2, found.exploded.size - 1)
    assert abs(found.z_scores["mean"]) < limit


def assert_extinction(found: Explosions) -> None:
    died = int(np.isnan(found.times).sum())
    assert stats.binomtest(died, found.times.size, found.law.extinction_probability).pvalue > FALSE_ALARM


def test_default_case_is_within_three_standard_errors() -> None:
    """One fixed seed at the published size; the statistical tests below do not depend on it."""
    found = run(STEEL, 10, 0.0, scaled(20_000, 40))
    assert abs(found.z_scores["mean"]) < scaled(3, 6)
    assert found.law.mean == pytest.approx(241.7296, abs=1e-3)
    assert abs(found.z_scores["standard_deviation"]) < scaled(6, 20)
    assert found.extinction_share == 0


@pytest.mark.parametrize("mu", [0.005, 0.01, 0.012])
def test_extinction_and_mean_time_equal_the_exact_law(mu: float) -> None:
    found = run(STEEL, 10, mu, scaled(20_000, 12))
    assert_extinction(found)
    if found.exploded.size > 2:
        assert_mean(found)


def test_other_laws_equal_the_exact_law() -> None:
    for law, items, mu in ((constant(0.02), 3, 0.05), (weighted([0.0, 0.02]), 4, 0.03)):
        found = run(law, items, mu, scaled(4000, 10))
        assert_extinction(found)
        assert_mean(found)


def test_explosion_times_have_the_exact_distribution() -> None:
    for mu in (0.0, 0.005):
        found = run(STEEL, 10, mu, scaled(20_000, 60))
        assert stats.kstest(found.exploded, found.law.cdf).pvalue > FALSE_ALARM
        bins = histogram(found.times, bins=20, cdf=found.law.cdf)
        assert bins.p_value is None or bins.p_value > FALSE_ALARM
    shifted = run(STEEL, 10, 0.0, scaled(20_000, 60)).exploded + scaled(3, 60)
    assert stats.kstest(shifted, found.law.cdf).pvalue < 1e-6  # power: three units are seen


def test_small_leaps_are_exact_and_large_ones_lag_behind() -> None:
    runs = scaled(6000, 2000)
    small, large = (run(STEEL, 10, 0.0, runs, method="tau-leaping", epsilon=e) for e in (0.01, 0.3))
    assert_mean(small)
    assert large.z_scores["mean"] > 30
    assert 1.05 < large.mean / large.law.mean < 1.3
    loss = run(STEEL, 10, 0.01, runs, method="tau-leaping", epsilon=0.01)
    assert_extinction(loss)
    assert_mean(loss)


def test_seeds_threads_and_prefixes() -> None:
    runs = scaled(3000, 12)
    one = run(STEEL, 10, 0.01, runs, threads=1).times
    assert np.array_equal(one, run(STEEL, 10, 0.01, runs, threads=5).times, equal_nan=True)
    assert np.array_equal(one[:5], run(STEEL, 10, 0.01, 5).times, equal_nan=True)
    other = simulate_explosions(STEEL, 10, 0.01, replicates=runs, seed=12).times
    assert not np.array_equal(one, other, equal_nan=True)
    lives = one[~np.isnan(one)]
    assert np.unique(lives).size == lives.size
    leaps = [run(STEEL, 10, 0.01, 50, method="tau-leaping").times for _ in range(2)]
    assert np.array_equal(*leaps, equal_nan=True)


def test_every_run_ends_one_way() -> None:
    found = run(STEEL, 10, 0.012, scaled(500, 8))
    assert np.array_equal(np.isnan(found.times), ~np.isnan(found.extinction_times))


def test_paths_have_the_exact_law_of_explosion_in_their_margins() -> None:
    runs, times = scaled(5000, 40), np.array([0.0, 150.0, 241.0, 300.0])
    paths = sample_paths(STEEL, 10, times=times, replicates=runs, seed=3)
    assert np.all(paths[:, 0] == 10)
    chance = explosion_law(STEEL, 10).cdf(times)
    for place in (1, 2, 3):
        number = int(np.isinf(paths[:, place]).sum())
        assert stats.binomtest(number, runs, chance[place]).pvalue > FALSE_ALARM


def test_paths_of_linear_growth_have_known_mean_and_variance() -> None:
    """Yule process with deaths: mean M0 e^{(b-d)t}, variance M0 (b+d)/(b-d) e^{(b-d)t} (e^{(b-d)t} - 1)."""
    runs, t = scaled(20_000, 300), 10.0
    found = sample_paths(weighted([0.2]), 5, 0.1, times=np.array([t]), replicates=runs, seed=4)[:, 0]
    growth = math.exp(0.1 * t)
    variance = 5 * 3 * growth * (growth - 1)
    assert abs(found.mean() - 5 * growth) < stats.norm.isf(FALSE_ALARM / 2) * math.sqrt(variance / runs)
    assert found.var() == pytest.approx(variance, rel=scaled(0.15, 0.9))


def test_no_path_passes_the_cap() -> None:
    limits = Resources(context_cap=25.0, training=0.7)
    times = np.linspace(0, 300, 30)
    paths = sample_paths(constant(0.02), 4, 0.02, times=times, replicates=scaled(200, 10), seed=5, resources=limits)
    assert paths.max() <= 25
    assert paths.min() >= 0
    stuck = sample_paths(constant(0.02), 4, 0.0, times=times, replicates=3, seed=5, resources=Resources(context=0.0))
    assert np.all(stuck == 4)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"replicates": 0}, "replicates must be an integer of at least 1, got 0"),
        ({"method": "euler"}, 'method must be "gillespie" or "tau-leaping", got "euler"'),
        ({"epsilon": 0.0}, r"epsilon must lie in \(0, 1\], got 0"),
        ({"extinction": 1.0}, "mu"),
        ({"items": 0}, "M0 must be an integer of at least 1"),
        ({"innovation": weighted([0.1])}, "at most exponential"),
        ({"threads": 0}, "threads must be an integer from 1 to 1024"),
        ({"seed": -1}, "seed"),
    ],
)
def test_bad_input_is_named(change: dict[str, object], message: str) -> None:
    good = {"innovation": STEEL, "items": 10, "extinction": 0.0, "replicates": 2, "seed": 1}
    with pytest.raises(ValueError, match=message):
        simulate_explosions(**(good | change))  # type: ignore[arg-type]


def test_bad_paths_are_named() -> None:
    with pytest.raises(ValueError, match="times must be a row of increasing numbers"):
        sample_paths(STEEL, 10, times=np.array([1.0, 1.0]), replicates=1, seed=1)
    with pytest.raises(ValueError, match='the cap of a random path must be "hard"'):
        sample_paths(STEEL, 10, times=np.ones(1), replicates=1, seed=1, resources=Resources(kind="saturating"))
    with pytest.raises(ValueError, match="the cap must be at least M0 = 10, got 9"):
        sample_paths(STEEL, 10, times=np.ones(1), replicates=1, seed=1, resources=Resources(context_cap=9))
