"""Data collapse on data whose exponents are known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special

from skillgraph.seeding import generator
from skillgraph.statistics.collapse import collapse, crossings, peak_positions, pseudo_critical, quality, scaled

SIZES = [300, 1000, 3000, 10_000]


def waterfall_data(replicates: int = 1000) -> tuple[list[np.ndarray], list[np.ndarray]]:
    rng = generator(1, "collapse", "waterfall")
    x, y = [], []
    for size in SIZES:
        centre = 4.5 + 16 * size ** (-2 / 3)
        grid = centre + 10 / np.sqrt(size) * np.linspace(-2.2, 2.2, 17)
        chance = special.ndtr(-np.sqrt(size) * (grid - centre) / 10)
        x.append(grid)
        y.append((rng.random((replicates, 17)) < chance).astype(float))
    return x, y


def peak_data(noise: float = 0.01) -> tuple[list[np.ndarray], list[np.ndarray]]:
    rng = generator(1, "collapse", "peak")
    x, y = [], []
    for size in SIZES:
        z = np.linspace(-3, 3, 25)
        x.append(1 + z * size ** (-1 / 3))
        y.append(size ** (-1 / 3) * (np.exp(-(z**2) / 4) * (1 + 0.3 * z) + noise * rng.normal(size=(100, 25))))
    return x, y


def test_known_exponents_of_a_waterfall_come_back() -> None:
    x, y = waterfall_data()
    start = {"critical": 4.55, "a": 0.45, "shift": 16.0}
    found = collapse(SIZES, x, y, start=start, fixed=("shift",), resamples=5, rng=generator(1, "collapse", "b"))
    assert abs(found.a - 0.5) < max(6 * found.standard_error["a"], 0.01)
    assert abs(found.critical - 4.5) < max(6 * found.standard_error["critical"], 0.01)
    assert 0.5 < found.quality < 2.5
    assert set(found.standard_error) == {"a", "critical"}


def test_all_three_parameters_of_a_peak_come_back() -> None:
    x, y = peak_data()
    start = {"critical": 1.02, "a": 0.3, "b": -0.3}
    found = collapse(SIZES, x, y, start=start, resamples=3, rng=generator(1, "collapse", "c"))
    assert found.a == pytest.approx(1 / 3, abs=0.003)
    assert found.b == pytest.approx(-1 / 3, abs=0.003)
    assert found.critical == pytest.approx(1.0, abs=0.002)


def test_quality_is_one_for_pure_noise_and_large_for_wrong_exponents() -> None:
    x, y = peak_data(noise=0.1)
    means = [one.mean(axis=0) for one in y]
    errors = [one.std(axis=0, ddof=1) / 10 for one in y]

    def at(a: float, b: float) -> float:
        across, up = scaled(SIZES, x, means, critical=1.0, a=a, b=b)
        return quality(across, up, [size**-b * one for size, one in zip(SIZES, errors, strict=True)])

    assert 0.4 < at(1 / 3, -1 / 3) < 2
    assert at(1 / 3, -0.28) > 10
    assert at(0.42, -1 / 3) > 4


def test_errors_shrink_with_replicates() -> None:
    x, y = waterfall_data()
    options = {"start": {"critical": 4.5, "a": 0.5, "shift": 16.0}, "fixed": ("shift", "critical"), "resamples": 6}
    many = collapse(SIZES, x, y, rng=generator(1, "collapse", "d"), **options)
    few = collapse(SIZES, x, [one[:60] for one in y], rng=generator(1, "collapse", "d"), **options)
    assert many.standard_error["a"] < few.standard_error["a"]


def test_crossings_and_peaks() -> None:
    x, y = peak_data(noise=0.0)
    means = [one.mean(axis=0) for one in y]
    near = [one.x for one in crossings(SIZES, x, means, b=-1 / 3) if abs(one.x - 1) < 0.02]
    assert len(near) == 3
    np.testing.assert_allclose(near, 1.0, atol=0.002)
    z = peak_positions(x, means)
    top = (-1 + np.sqrt(1 + 8 * 0.09)) / (2 * 0.3)
    np.testing.assert_allclose((z - 1) * np.cbrt(SIZES), top, atol=0.01)
    known = pseudo_critical(SIZES, z, a=1 / 3)
    assert known.critical == pytest.approx(1.0, abs=1e-3)
    free = pseudo_critical(SIZES, z)
    assert free.a == pytest.approx(1 / 3, abs=0.01)
    assert np.isfinite(free.a_standard_error)
    assert np.isnan(pseudo_critical(SIZES[:2], z[:2], a=1 / 3).critical_standard_error)


def test_bad_collapses_are_named() -> None:
    x, y = peak_data()
    rng = generator(1, "collapse", "bad")
    start = {"critical": 1.0, "a": 0.3}
    with pytest.raises(ValueError, match="at least 2 different positive numbers"):
        collapse([3, 3], x[:2], y[:2], start=start, rng=rng)
    with pytest.raises(ValueError, match="one curve per size is needed"):
        collapse(SIZES, x[:2], y[:2], start=start, rng=rng)
    with pytest.raises(ValueError, match="replicates must be"):
        collapse(SIZES, x, [one[:1] for one in y], start=start, rng=rng)
    with pytest.raises(ValueError, match='start must name "critical" and "a"'):
        collapse(SIZES, x, y, start={"critical": 1.0}, rng=rng)
    with pytest.raises(ValueError, match="start may name"):
        collapse(SIZES, x, y, start=start | {"q": 1.0}, rng=rng)
    with pytest.raises(ValueError, match="increase"):
        collapse(SIZES, [one[::-1] for one in x], y, start=start, rng=rng)
    with pytest.raises(ValueError, match="at least 3 sizes"):
        pseudo_critical([1, 2], [1.0, 2.0])


def test_the_quality_of_fractional_replicates_is_about_one():
    """Curves that do fall on one, with known Gaussian scatter of each replicate: chi square per point near 1.

    480 points; the master line through the neighbours adds its own variance and correlates them, so the mean of the
    statistic is 1 and its standard deviation at most 3 sqrt(2/480); 5 of them.
    """
    rng, sizes = generator(3, "quality"), [100.0, 1000.0, 10_000.0]
    x = [0.5 + np.linspace(-3, 3, 160) * size**-0.5 for size in sizes]
    truth = 0.5 + 0.4 * np.tanh(np.linspace(-3, 3, 160) / 2)
    replicates = [truth + 0.02 * rng.normal(size=(50, 160)) for _ in sizes]
    found = collapse(
        sizes, x, replicates, start={"critical": 0.5, "a": 0.5}, fixed=("a",), resamples=2, rng=generator(3, "b")
    )
    assert abs(found.quality - 1) < 15 * np.sqrt(2 / 480)
