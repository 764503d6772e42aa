"""Newton's method from below: the limit of plain iteration, the least of several, also where iteration crawls."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special

from skillgraph.ensembles.parsing import parse_ensemble
from skillgraph.theory import associations
from skillgraph.theory.density_evolution import load_curve, loads_of
from skillgraph.theory.least_fixed_point import least_fixed_point

CASES = [
    ("poisson:4", 1, 0.0),
    ("poisson:1", 2, 0.5),
    ("fixed:3", 1, 0.3),
    ("fixed:3", 2, 0.0),  # y stays 0
    ("geometric:2", 3, 0.1),
    ("0.4*fixed:1+0.6*poisson:5", 1, 0.0),
    ({"skills_per_text": "poisson:4", "skill_popularity": "zipf:0.5"}, 1, 0.3),
    ({"ldpc": "3,6"}, 1, 0.3),
    ({"ldpc": "3,6"}, 2, 0.0),  # nothing is ever learned
    ({"skills_per_text": "poisson:3", "texts_per_skill": "geometric:4"}, 2, 0.2),
]


@pytest.mark.parametrize(("ensemble", "learner", "known"), CASES, ids=str)
def test_it_is_the_limit_of_plain_iteration(ensemble, learner, known):
    """What is missing where iteration stops, plain at changes of 1e-12, ours at 1e-14: a geometric sum of changes."""
    law = parse_ensemble(ensemble)
    curve = load_curve(law, learner=learner, known=known)
    loads = loads_of(law, np.linspace(0.03, law.full_ratio or 1.6, 25))
    u, x, y, change, ratio = curve.largest_root(loads), np.zeros(25), np.zeros(25), np.ones(25), np.zeros(25)
    for _ in range(20_000):
        after = associations._step(curve, loads, u, x, y)
        before, change = change, np.maximum(np.abs(after[0] - x), np.abs(after[1] - y))
        np.divide(change, before, out=ratio, where=change > 1e-11)  # later ones are rounding
        x, y = after
        if np.all(change <= 1e-12):
            break
    missing, ours_missing = (1.5 * last / (1 - np.minimum(ratio, 0.9999)) + 1e-14 for last in (change, 1e-14))
    found = least_fixed_point(lambda at, x, y: associations._step(curve, loads[at], u[at], x, y), 25)
    for ours, plain in zip(found, (x, y), strict=True):
        assert np.all(ours >= plain - ours_missing)
        assert np.all(ours <= plain + missing)


def counted(means):
    """Return the map of the extinction of two independent branching processes, and how often it was asked."""
    calls = []

    def step(at, x, y):
        calls.append(at.size)
        return np.exp(-means[at] * (1 - x)), np.exp(-2 * means[at] * (1 - y))

    return step, calls


def test_it_is_the_extinction_probability():
    means = np.array([0.3, 0.99, 1.2, 3.0])
    step, calls = counted(means)
    x, y = least_fixed_point(step, means.size)
    for found, mean in ((x, means), (y, 2 * means)):
        exact = np.where(mean <= 1, 1.0, -special.lambertw(-mean * np.exp(-mean)).real / mean)
        np.testing.assert_allclose(found, exact, rtol=0, atol=1e-12)
    assert len(calls) < 60


def test_a_critical_place_takes_few_rounds():
    """Plain iteration is 2/k away from 1 after k rounds; a change of 1e-14 means 1.4e-7, and rounding as much."""
    step, calls = counted(np.array([1.0]))
    x, _ = least_fixed_point(step, 1)
    assert 1 - 1e-6 < x[0] <= 1
    assert len(calls) < 120


def test_places_that_have_settled_are_left_alone():
    step, calls = counted(np.array([1.0, 0.1, 0.1]))
    least_fixed_point(step, 3)
    assert calls[0] == 3
    assert calls[-1] == 1
