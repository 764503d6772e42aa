"""E(N, P, K) and damage spreading on graphs, against the theory of the same model."""

from __future__ import annotations

import numpy as np
import pytest

from skillgraph.ensembles.ensemble import ldpc
from skillgraph.ensembles.frequencies import each_frequency
from skillgraph.graphs.graph import from_edges
from skillgraph.graphs.sampling import sample
from skillgraph.limits.covering import condense_on_graph
from skillgraph.limits.damage import message_round, spread_damage
from skillgraph.limits.maps import ensemble_map
from skillgraph.limits.places import grid_points
from skillgraph.limits.simulate import (
    draw_texts,
    rounds_with_damping,
    simulated_surface,
    surface_z_scores,
)
from skillgraph.limits.surface import skill_model, theory_surface
from skillgraph.seeding import generator
from skillgraph.simulation.peeling import peel
from tests.sizes import JIT_DISABLED, scaled

pytestmark = pytest.mark.kernel

TEXTS = "pmf:1=0.5,2=0.3,3=0.2"
STEPS = [1, 3, 8, np.inf]
FAR = 5.3  # |z| that 1e-7 of all points exceed


@pytest.mark.parametrize(
    ("popularity", "num_skills", "damping"),
    [("uniform", None, 1.0), ("uniform", None, 0.3), ("zipf:1.5", None, 1.0), ("zipf:0.7", 4000, 1.0)],
)
def test_simulated_surface_agrees_with_theory(popularity, num_skills, damping):
    model = skill_model(TEXTS, popularity, num_skills=num_skills, damping=damping)
    size = scaled(4000, 500)
    where = grid_points([size // 2, 2 * size], [size // 2, size], STEPS)
    theory = theory_surface(model, where)
    measured = simulated_surface(model, where, replicates=12, seed=7)
    z = surface_z_scores(measured, theory)
    bias = np.abs(measured.performance - theory.performance) < 10 / size  # of order 1 / size
    assert np.all((np.abs(z) < FAR) | bias)
    assert np.max(np.abs(measured.performance - theory.performance)) < 8 / np.sqrt(size)


def test_simulated_surface_is_reproducible_and_monotone():
    model = skill_model(TEXTS, "zipf:1.5")
    where = grid_points([100, 300], [50], [0, 1, 2, 4, np.inf])
    one, two = (simulated_surface(model, where, replicates=3, seed=5).performance for _ in range(2))
    assert np.array_equal(one, two)
    assert np.all(np.diff(one.reshape(2, 5)) >= 0)
    assert np.all(one.reshape(2, 5)[:, 0] == 0)


def test_texts_beyond_the_capacity_cannot_teach():
    model = skill_model(TEXTS, "zipf:1.2", num_skills=1000)
    frequency = each_frequency(model.popularity, 10)
    assert frequency.size == 10
    assert frequency.sum() < 1
    graph = draw_texts(model, frequency, 2000, generator(1, "texts"))
    assert graph.num_skills == 10
    assert graph.num_empty_texts > 200  # lost with a skill beyond the capacity
    assert graph.num_repeated_edges == 0


def test_damping_one_is_peeling():
    model = skill_model(TEXTS)
    graph = draw_texts(model, each_frequency(model.popularity, 300), 300, generator(2, "texts"))
    moment = rounds_with_damping(graph, 1.0, 50, generator(2, "awake"))
    assert np.array_equal(moment, peel(graph).round_learned)


def test_message_round_by_hand():
    graph = from_edges(np.array([0, 0, 1, 1]), np.array([0, 1, 1, 2]), 2, 3)
    rows = np.array([0, 0, 1, 1])
    hidden = np.array([False, True, True, True])  # skill 0 is known beforehand
    after = message_round(graph, rows, hidden, hidden.copy())
    # text 0 tells skill 1, which tells text 1; text 1 has told nobody yet
    assert after.tolist() == [False, True, False, True]
    again = message_round(graph, rows, hidden, after)
    assert again.tolist() == [False, True, False, True]


def test_damage_of_equal_starts_is_none():
    graph = sample(ldpc(3, 6), 200, rng=generator(1, "graph"))
    known = np.zeros(200, np.bool_)
    known[:110] = True
    run = spread_damage(graph, known, 0.3, 0.3, rounds=5, rng=generator(1, "damage"))
    assert run.differing.tolist() == [0] * 6
    assert run.ratio() is None
    with pytest.raises(ValueError, match="0 <= better <= worse <= 1"):
        spread_damage(graph, known, 0.2, 0.3, rounds=5, rng=generator(1, "damage"))


@pytest.fixture(scope="module")
def large_graph():
    """A (3, 6) graph with a share of exactly 0.55 known."""
    size = scaled(200_000, 6000)
    graph = sample(ldpc(3, 6), size, rng=generator(4, "graph"))
    known = np.zeros(size, np.bool_)
    known[generator(4, "known").permutation(size)[: round(0.55 * size)]] = True
    return graph, known


def test_starts_above_the_unstable_point_merge_at_the_slope(large_graph):
    run = spread_damage(*large_graph, 0.45, 0.25, rounds=scaled(70, 90), rng=generator(4, "damage"))
    assert run.merged
    close = spread_damage(*large_graph, 0.365, 0.345, rounds=14, rng=generator(4, "damage"))
    if not JIT_DISABLED:
        assert close.ratio(at_least=100, skip=3) == pytest.approx(0.690, abs=0.025)


def test_starts_below_the_unstable_point_stay_apart(large_graph):
    run = spread_damage(*large_graph, 0.45, 0.15, rounds=70, rng=generator(4, "damage"))
    assert not run.merged
    assert run.better[-1] < 1e-3
    assert run.distance[-1] == pytest.approx(0.354, abs=scaled(6, 35) / 1000)


def test_first_rounds_follow_density_evolution(large_graph):
    learning = ensemble_map(ldpc(3, 6), known=0.55)
    run = spread_damage(*large_graph, 0.3, 0.2, rounds=4, rng=generator(5, "damage"))
    slack = 12 / np.sqrt(large_graph[0].num_edges)
    assert run.worse == pytest.approx(learning.trajectory(4, start=0.3), abs=slack)
    assert run.better == pytest.approx(learning.trajectory(4, start=0.2), abs=slack)


def test_a_cloud_of_states_condenses_on_a_graph_below_the_threshold():
    size = scaled(4000, 800)
    graph = sample(ldpc(3, 6), size, rng=generator(6, "graph"))
    order = generator(6, "known").permutation(size)
    results = []
    for share in (0.65, 0.5):
        known = np.zeros(size, np.bool_)
        known[order[: round(share * size)]] = True
        results.append(condense_on_graph(graph, known, depth=40, states=12, radius=0.02, rng=generator(6, "cloud")))
    below, above = results
    assert below.covering[0] >= 10
    assert below.condenses
    assert not above.condenses
    assert above.spread[-1] > 0.3


def test_simulation_rejects_bad_input():
    where = grid_points([10, 20], [10], [1])
    with pytest.raises(ValueError, match="replicates must be an integer of at least 2, got 1"):
        simulated_surface(skill_model(TEXTS), where, replicates=1, seed=1)
    with pytest.raises(ValueError, match="depth is theory only"):
        simulated_surface(skill_model(TEXTS, num_skills=9, reading="depth"), where, replicates=2, seed=1)
