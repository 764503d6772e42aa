"""The two-layer object: brute force, theory where it holds, and where it does not."""

from __future__ import annotations

from itertools import combinations

import networkx as nx
import numpy as np
import pytest

from skillgraph.ensembles.ensemble import texts_by_law
from skillgraph.graphs.sampling import sample
from skillgraph.levels.counted import counted_emergence
from skillgraph.levels.emergence import accuracy, emergence
from skillgraph.levels.model import Convention, levels, task
from skillgraph.levels.monte_carlo import _level, linked_skills, simulate_levels, simulated_accuracy
from skillgraph.seeding import generator
from tests.sizes import scaled

pytestmark = pytest.mark.kernel


def test_linked_skills_equal_brute_force() -> None:
    graph = sample(texts_by_law("poisson:4"), 30, 25, rng=generator(1, "pairs"))
    among = generator(1, "among").random(30) < 0.7
    expected = {pair for text in range(25) for pair in combinations(sorted({int(s) for s in graph.skills_of(text)}), 2)}
    assert {tuple(pair) for pair in linked_skills(graph).tolist()} == expected
    kept = {pair for pair in expected if among[list(pair)].all()}
    assert {tuple(pair) for pair in linked_skills(graph, among).tolist()} == kept


def test_a_level_equals_networkx() -> None:
    graph = sample(texts_by_law("poisson:4"), 60, 60, rng=generator(1, "level"))
    pairs = linked_skills(graph)
    model = levels(8, [3], 0, 4.0)
    inside, shared = _level(model.levels[0], pairs, 60, None, "edge", generator(1, "owner"))
    owner = generator(1, "owner").integers(0, 8, 60)
    counts: dict[tuple[int, int], int] = {}
    for one, other in pairs:
        key = tuple(sorted((int(owner[one]), int(owner[other]))))
        if key[0] != key[1]:
            counts[key] = counts.get(key, 0) + 1
    plain = nx.Graph()
    plain.add_nodes_from(range(8))
    plain.add_edges_from(key for key, count in counts.items() if count >= 3)
    assert shared == plain.number_of_edges()
    assert inside.sum() == max(map(len, nx.connected_components(plain)))


CASES = [
    (levels(300, [1], 0, 6.0), 30_000, 30, "edge"),
    (levels(600, [3], 0, 6.0), 120_000, 4000, "edge"),
    (levels(600, [5, 5], [0, 2], 6.0), 120_000, 12_500, "edge"),
    (levels(600, [5, 5], [0, 2], 6.0), 120_000, 12_500, "skill"),
]


@pytest.mark.parametrize(("model", "skills", "texts", "needs"), CASES)
def test_simulated_levels_agree_with_the_theory_of_the_object(model, skills, texts, needs) -> None:
    """Standard error below 0.01; finite S shifts a giant component by less than 0.04 away from its threshold."""
    drawn = simulate_levels(model, skills, texts, replicates=scaled(5, 3), seed=1, needs=needs)
    share = drawn.largest.mean(axis=0) / model.levels[0].composite_skills
    error = drawn.largest.std(axis=0, ddof=1) / model.levels[0].composite_skills / np.sqrt(scaled(5, 3))
    theory = counted_emergence(model, skills, texts, needs=needs)
    assert np.all(np.abs(share - theory) < 0.04 + 4 * error)
    asked = task(np.full(len(model.levels), 1 / len(model.levels)), [1, 2])
    seen = simulated_accuracy(drawn, model, asked)
    assert abs(seen.mean() - accuracy(theory[:, None], asked)[0]) < 0.05 + 4 * seen.std() / np.sqrt(seen.size)


def test_independent_links_miss_clumps() -> None:
    """Few links asked for: the binomial law is far below the object, the theory of the object is not; half the pairs
    would see nothing at all."""
    model = levels(600, [3], 0, 6.0)
    drawn = simulate_levels(model, 120_000, 2300, replicates=6, seed=1)
    share = drawn.largest.mean() / 600
    assert share > 0.2
    assert emergence(model, 120_000, 2300, Convention()).gamma[0, 0] < share - 0.1
    assert emergence(model, 120_000, 2300, Convention(pairs="published")).gamma[0, 0] == 0
    assert counted_emergence(model, 120_000, 2300)[0] == pytest.approx(share, abs=0.1)


def test_only_learned_skills_link() -> None:
    model = levels(100, [1], 0, 6.0)
    free = simulate_levels(model, 2000, 3000, replicates=2, seed=1)
    bound = simulate_levels(model, 2000, 3000, replicates=2, seed=1, learned_only=True)
    assert np.all(bound.shared_edges < free.shared_edges)


def test_replicates_stand_at_their_addresses() -> None:
    model = levels(50, [2, 3], [0, 1], 4.0)
    few = simulate_levels(model, 500, 400, replicates=2, seed=9)
    more = simulate_levels(model, 500, 400, replicates=3, seed=9)
    np.testing.assert_array_equal(more.largest[:2], few.largest)


def test_bad_sizes_are_named() -> None:
    with pytest.raises(ValueError, match="num_texts must be an integer from 1 to"):
        simulate_levels(levels(5, [1], 0, 2.0), 10, 0, replicates=1, seed=1)
