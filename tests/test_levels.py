"""Levels: published numbers, tails, laws of the giant component, plateaus."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy import optimize, stats

from skillgraph.ensembles.degrees import parse_law
from skillgraph.ensembles.ensemble import texts_by_law
from skillgraph.levels.counted import counted_emergence
from skillgraph.levels.emergence import accuracy, emergence, giant_share, level_accuracy, tuple_competence
from skillgraph.levels.metrics import brier, exact_match, judge, pass_at, per_token, rise
from skillgraph.levels.model import (
    PUBLISHED,
    Convention,
    level_weights,
    levels,
    published_levels,
    published_task,
    task,
)
from skillgraph.levels.plateaus import find_plateaus, plateau_intervals, theoretical_heights
from skillgraph.levels.scale import accuracy_curve, first_scale, onsets
from skillgraph.levels.spec import read_spec
from skillgraph.levels.tails import enough_links, link_trials, mean_links
from skillgraph.optimal.cost import CostModel
from skillgraph.optimal.objectives import expected_learned
from skillgraph.optimal.published import published_budgets, published_learned
from skillgraph.optimal.sizes import OptimalSizes, optimal_sizes
from skillgraph.seeding import generator


@pytest.fixture(scope="module")
def released() -> OptimalSizes:
    return optimal_sizes(published_learned(6.0), CostModel(), published_budgets())


@pytest.fixture(scope="module")
def corrected() -> OptimalSizes:
    return optimal_sizes(expected_learned(texts_by_law("poisson:6")), CostModel(), published_budgets())


def test_published_level_11(released: OptimalSizes) -> None:
    """Oracle nv-level-11."""
    found = emergence(published_levels(), released.num_skills, released.num_texts, PUBLISHED)
    assert first_scale(released.parameters, found.gamma[10] ** 7, 0.5) == pytest.approx(5.08e9, abs=0.02e9)


def test_published_unimodal_task(released: OptimalSizes) -> None:
    """Oracle nv-unimodal."""
    asked = published_task("unimodal")
    curve = accuracy_curve(published_levels(), asked, released.num_skills, released.num_texts, PUBLISHED)
    found = [first_scale(released.parameters, curve.accuracy, share) for share in (0.1, 0.5, 0.9)]
    np.testing.assert_allclose(found, [4.94e10, 7.87e10, 1.25e11], rtol=0.01)


def test_published_plateaus(released: OptimalSizes) -> None:
    """Oracles nv-plateau-1 and nv-plateau-2; the ends are given to one and two digits."""
    asked = published_task("multimodal")
    curve = accuracy_curve(published_levels(), asked, released.num_skills, released.num_texts, PUBLISHED)
    first, second = find_plateaus(released.parameters, curve.accuracy)
    assert first.height == pytest.approx(0.4, abs=0.002)
    assert (first.start, first.end) == (pytest.approx(2e10, rel=0.05), pytest.approx(7e10, rel=0.05))
    assert second.height == pytest.approx(0.8, abs=0.002)
    assert (second.start, second.end) == (pytest.approx(3.5e11, rel=0.02), pytest.approx(1.36e12, rel=0.02))
    heights = theoretical_heights(asked.weights, onsets(released.parameters, curve.levels))
    np.testing.assert_allclose(heights, [0.4, 0.8], atol=0.002)


@pytest.mark.parametrize("tail", ["exact", "chernoff"])
@pytest.mark.parametrize("needs", ["edge", "skill"])
def test_heights_hold_in_every_variant(corrected: OptimalSizes, tail: str, needs: str) -> None:
    how = Convention(tail=tail, needs=needs)  # type: ignore[arg-type]
    asked = published_task("multimodal")
    curve = accuracy_curve(published_levels(), asked, corrected.num_skills, corrected.num_texts, how)
    heights = np.array([one.height for one in find_plateaus(corrected.parameters, curve.accuracy)])
    assert np.min(np.abs(heights - 0.8)) < 0.002
    assert np.min(np.abs(heights - 0.4)) < 0.01  # the bound makes the first plateau creep


def test_corrected_positions_move_and_heights_do_not(released: OptimalSizes, corrected: OptimalSizes) -> None:
    asked, places = published_task("multimodal"), []
    for sizes, how in ((released, PUBLISHED), (corrected, Convention())):
        curve = accuracy_curve(published_levels(), asked, sizes.num_skills, sizes.num_texts, how)
        places.append(find_plateaus(sizes.parameters, curve.accuracy)[-2:])
    for before, after in zip(*places, strict=True):
        assert after.height == pytest.approx(before.height, abs=0.001)
        assert before.start / after.start > 2


def test_exact_tail_is_the_binomial_tail() -> None:
    trials, chance = np.array([10.0, 200.0, 5e6]), np.array([0.2, 0.03, 1e-6])
    for links in (1, 2, 7):
        expected = stats.binom.sf(links - 1, trials, chance)
        np.testing.assert_allclose(enough_links(trials, chance, links), expected, rtol=1e-10)
    huge = enough_links(np.array([0.9e11, 1.1e11]), np.array([5 / 0.9e11, 5 / 1.1e11]), 3)
    np.testing.assert_allclose(huge, stats.poisson.sf(2, 5.0), rtol=1e-9)
    assert enough_links(np.array([3.0]), np.array([0.5]), 4)[0] == 0


def test_chernoff_bounds_the_exact_tail() -> None:
    trials = np.full(40, 1e5)
    chance = np.geomspace(1e-6, 1e-2, 40)
    for links in (1, 20, 300):
        exact, bound = enough_links(trials, chance, links), enough_links(trials, chance, links, "chernoff")
        above = links / trials < chance
        assert np.all(bound[above] <= exact[above] + 1e-12)
        assert np.all(bound[~above] >= exact[~above] - 1e-12)


def test_mean_links_and_pairs() -> None:
    right = mean_links(np.array([1e6]), np.array([1e5]), 6.0, 1000, "unordered")
    half = mean_links(np.array([1e6]), np.array([1e5]), 6.0, 1000, "published")
    assert right[0] == pytest.approx(36 * 1e5 / 1e6, rel=1e-5)
    assert half[0] == pytest.approx(right[0] / 2)
    trials, chance = link_trials(np.array([10.0]), np.array([1e9]), 6.0, 2, "unordered")
    assert trials[0] == 45
    assert chance[0] == pytest.approx(0.5)


def test_giant_share_solves_its_equation() -> None:
    """Oracles er-giant."""
    np.testing.assert_allclose(giant_share(np.array([1.1, 1.5, 2.0])), [0.176134, 0.582812, 0.796812], atol=1e-6)
    assert np.all(giant_share(np.array([0.0, 0.5, 1.0])) == 0)
    k = np.array([1 + 1e-9, 30.0, 800.0])
    share = giant_share(k)
    np.testing.assert_allclose(share, -np.expm1(-k * share), atol=1e-8)


def test_one_link_obeys_the_law_of_cliques() -> None:
    """Oracle clique-giant."""
    model = levels(1000, [1], 0, 2.0)
    found = emergence(model, np.full(3, 1e6), np.array([200.0, 400.0, 2000.0])).gamma[0]
    assert found[0] == 0  # d^2 T/S = 0.8
    for share, ratio in zip(found[1:], (0.4, 2.0), strict=True):
        root = optimize.brentq(lambda s, r=ratio: s + np.expm1(-2 * r * -np.expm1(-2 * s)), 1e-6, 1)
        assert share == pytest.approx(root, abs=1e-10)
    plain = emergence(model, 1e6, 400.0, Convention(cliques=False)).gamma[0, 0]
    assert plain == pytest.approx(giant_share(np.array([1.6]))[0], rel=3e-3)


def test_prerequisites_close_levels() -> None:
    model = levels(500, [3, 3], [0, 4], 6.0)
    texts = np.array([9000.0, 30_000.0])
    by_edge = emergence(model, 1e7, texts).gamma
    by_skill = emergence(model, 1e7, texts, Convention(needs="skill")).gamma
    assert np.all(by_edge[1] <= by_edge[0])
    ready = by_edge[0] ** 4
    degree = 500 * emergence(model, 1e7, texts).link_probability[1]
    np.testing.assert_allclose(by_edge[1], giant_share(degree * ready**2), rtol=1e-12)
    np.testing.assert_allclose(by_skill[1], ready * giant_share(degree * ready), rtol=1e-12)


def test_accuracy_is_the_weighted_sum() -> None:
    gamma = np.array([[0.5, 1.0], [0.1, 0.2]])
    asked = task([0.25, 0.75], [1, 3], [[1.0, 0.0], [0.5, 0.5]])
    expected = 0.25 * np.array([0.5, 1.0]) + 0.75 * (0.5 * np.array([0.1, 0.2]) + 0.5 * np.array([0.001, 0.008]))
    np.testing.assert_allclose(accuracy(gamma, asked), expected)
    assert level_accuracy(gamma, asked).shape == (2, 2)


def test_tuples_exact_and_in_the_limit() -> None:
    assert tuple_competence(0.5, 3, 4) == 0
    assert tuple_competence(0.75, 2, 4) == pytest.approx(3 * 2 / (4 * 3))
    assert tuple_competence(0.5, 3) == 0.125
    assert tuple_competence(0.5, 3, 10**9) == pytest.approx(0.125, rel=1e-8)


def test_plateaus_of_a_known_staircase() -> None:
    x = np.geomspace(1, 1e6, 400)
    y = sum(h / (1 + np.exp(-20 * np.log10(x / c))) for h, c in ((0.3, 1e1), (0.5, 1e3), (0.2, 1e5)))
    first, second = find_plateaus(x, y)
    assert first.height == pytest.approx(0.3, abs=1e-3)
    assert second.height == pytest.approx(0.8, abs=1e-3)
    for one, before, after in ((first, (0.3, 1e1), (0.5, 1e3)), (second, (0.5, 1e3), (0.2, 1e5))):
        start = before[1] * 10 ** (np.log(before[0] / 0.005 - 1) / 20)
        end = after[1] * 10 ** (-np.log(after[0] / 0.005 - 1) / 20)
        assert one.start == pytest.approx(start, rel=0.02)
        assert one.end == pytest.approx(end, rel=0.02)
    assert find_plateaus(x, np.log(x) / np.log(1e6)) == ()


def test_plateaus_of_noisy_replicates_have_intervals_that_cover() -> None:
    rng = generator(1, "levels", "noise")
    x = np.geomspace(1, 1e4, 60)
    truth = 0.45 / (1 + np.exp(-12 * (np.log10(x) - 1))) + 0.55 / (1 + np.exp(-12 * (np.log10(x) - 3)))
    curves = np.clip(truth + 0.02 * rng.normal(size=(30, 60)), 0, 1)
    (found,) = plateau_intervals(x, curves, rng, tolerance=0.02, resamples=60)
    assert found.found > 0.9
    assert found.height[0] - 0.01 <= 0.45 <= found.height[1] + 0.01
    assert found.start[0] <= found.plateau.start * 1.2
    assert found.end[1] >= found.plateau.end / 1.2


def test_metric_artefacts_are_told_from_emergence() -> None:
    x = np.geomspace(1, 1e4, 400)
    gradual = 0.3 + 0.69 * np.log(x) / np.log(1e4)
    abrupt = 0.1 + 0.9 / (1 + np.exp(-30 * np.log10(x / 100)))
    assert judge(x, gradual, exact_match(gradual, 50)).kind == "artefact"
    assert judge(x, abrupt, exact_match(abrupt, 5)).kind == "emergence"
    assert judge(x, gradual, brier(gradual)).kind == "gradual"
    sharpening = judge(x, gradual, exact_match(gradual, 50)).sharpening
    assert sharpening is not None
    assert sharpening > 5
    assert rise(x, np.full(400, 0.2)).decades is None
    np.testing.assert_allclose(per_token(gradual), gradual)
    np.testing.assert_allclose(pass_at(np.array([0.0, 0.2, 1.0]), 3), [0, 1 - 0.8**3, 1], atol=1e-12)


def test_object_theory_is_the_binomial_theory_for_many_skills_and_links() -> None:
    model = levels(2000, [60, 60], [0, 2], 6.0)
    for texts in (3_200_000, 3_600_000, 8_000_000):
        plain = emergence(model, 1e9, float(texts)).gamma[:, 0]
        counted = counted_emergence(model, 10**9, texts)
        np.testing.assert_allclose(counted, plain, atol=0.03)


def test_bad_levels_are_named() -> None:
    with pytest.raises(ValueError, match="levels must not be empty"):
        levels(10, [], 0, 6.0)
    with pytest.raises(ValueError, match="level 2 must have at least 2 composite skills, got 0"):
        levels([10, 0], [1, 1], 0, 6.0)
    with pytest.raises(ValueError, match="level 2 needs 11 prerequisites, but the level below has 10 skills only"):
        levels(10, [1, 1], [0, 11], 6.0)
    with pytest.raises(ValueError, match="level 1 has no level below it"):
        levels(10, [1, 1], [1, 0], 6.0)
    with pytest.raises(ValueError, match="level 1 must ask for at least 1 link, got 0"):
        levels(10, [0], 0, 6.0)
    with pytest.raises(ValueError, match="one per level, 2, got 3"):
        levels([1, 2, 3], [1, 1], 0, 6.0)
    with pytest.raises(ValueError, match="skills_per_text must be positive and finite, got nan"):
        levels(10, [1], 0, float("nan"))
    with pytest.raises(ValueError, match=r"level weights must sum to 1, they sum to 0\.9"):
        task([0.5, 0.4])
    with pytest.raises(ValueError, match="non-negative finite numbers"):
        task([1.5, -0.5])
    with pytest.raises(ValueError, match="subtask_sizes must be at least 1"):
        task([1.0], [0])
    with pytest.raises(ValueError, match='tail must be one of exact, chernoff, published, got "x"'):
        Convention(tail="x")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="the task has weights for 1 levels, the model has 2"):
        accuracy(np.ones((2, 1)), task([1.0]))
    with pytest.raises(ValueError, match="num_skills must exceed 1 and num_texts must be positive"):
        emergence(levels(10, [1], 0, 6.0), np.array([np.nan]), np.array([1.0]))
    with pytest.raises(ValueError, match="increasing"):
        find_plateaus(np.array([1.0, 1.0, 2.0]), np.zeros(3))
    with pytest.raises(ValueError, match=r"competence must lie in \[0, 1\]"):
        exact_match(1.2, 3)


SPEC = """
[levels]
count = 3
composite_skills = [50, 60, 70]
links = "exponential:0.5"
prerequisites = "log2"
[task]
weights = [0.5, 0.25, 0.25]
[scale]
num_skills = "log:1e3:1e5:9"
texts_per_skill_ratio = 5
[costs]
parameters_per_skill = 10
"""


def test_spec_is_read(tmp_path: Path) -> None:
    path = tmp_path / "spec.toml"
    path.write_text(SPEC)
    spec = read_spec(path)
    assert spec.model is not None
    assert spec.scale is not None
    assert [level.links for level in spec.model.levels] == [2, 3, 4]
    assert [level.prerequisites for level in spec.model.levels] == [0, 1, 2]
    np.testing.assert_allclose(spec.scale.parameters, 10 * np.geomspace(1e3, 1e5, 9))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[scale]", "[scales]", r"unknown table \[scales\]"),
        ("count = 3", "number = 3", "unknown key number in"),
        ("[0.5, 0.25, 0.25]", "[0.5, 0.25, 0.2]", r"must sum to 1, they sum to 0\.95"),
        ("[0.5, 0.25, 0.25]", "[0.5, 0.5]", "weights must be one number per level, 3, got 2"),
        ("texts_per_skill_ratio = 5", "", "texts_per_skill_ratio must be a positive number, got None"),
        ('"log2"', '"log3"', 'prerequisites must be an integer, a list of them, "exponential:RATE" or "log2"'),
        ("count = 3", "count = 0", "must say count, at least 1"),
        ("count = 3", "count =", "is not a TOML file"),
        ('"log:1e3:1e5:9"', '"log:0:1e5:9"', "num_skills must start above 0"),
        ('"log:1e3:1e5:9"', '"1e3:1e5"', "num_skills must have the form START:STOP:COUNT or log:START:STOP:COUNT"),
        ('"log:1e3:1e5:9"', '"0:1e5:9"', "num_skills must be positive, got"),
        ('"log:1e3:1e5:9"', "[1, 1]", "num_skills must be a row of finite, increasing numbers"),
    ],
)
def test_bad_specs_are_named(tmp_path: Path, old: str, new: str, message: str) -> None:
    path = tmp_path / "spec.toml"
    path.write_text(SPEC.replace(old, new))
    with pytest.raises(ValueError, match=message):
        read_spec(path)


def test_weights_from_a_law() -> None:
    weights = level_weights(parse_law("binomial:4:0.5"), 4)
    np.testing.assert_allclose(weights, np.array([4, 6, 4, 1]) / 16)


SMOOTH = {
    "logistic": lambda x: 1 / (1 + np.exp(-2 * (x - 8))),
    "sharp": lambda x: 1 / (1 + np.exp(-8 * (x - 8))),
    "gompertz": lambda x: np.exp(-np.exp(-1.5 * (x - 7.5))),
    "linear": lambda x: (x - 6) / 4,
    "power": lambda x: 1 - 10 ** (-0.3 * (x - 6)),
}


@pytest.mark.parametrize("shape", SMOOTH)
def test_a_smooth_measured_rise_has_no_plateau(shape):
    """False alarms at level 0.01: of 12 curves at most 4 (binomial tail below 1e-5 for the five shapes together)."""
    x, alarms = np.linspace(6, 10, 25), 0
    for place in range(12):
        rng = generator(5, "smooth", shape, place)
        curves = SMOOTH[shape](x) + 0.05 * rng.normal(size=(10, 25))
        alarms += len(plateau_intervals(10**x, curves, rng, resamples=99)) > 0
    assert alarms <= 4


def test_two_measured_rises_have_one_between_them():
    x, found = np.linspace(6, 10, 25), 0
    truth = 0.5 / (1 + np.exp(-6 * (x - 7))) + 0.5 / (1 + np.exp(-6 * (x - 9)))
    for place in range(6):
        rng = generator(5, "two", place)
        plateaus_found = plateau_intervals(10**x, truth + 0.05 * rng.normal(size=(10, 25)), rng, resamples=99)
        found += any(abs(one.plateau.height - 0.5) < 0.05 and one.p_value <= 0.01 for one in plateaus_found)
    assert found == 6
