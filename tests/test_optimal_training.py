"""Training time: rounds and passes, theory against simulation and a plain second implementation."""

from __future__ import annotations

import numpy as np
import pytest

from skillgraph.ensembles.ensemble import ldpc, texts_by_law
from skillgraph.graphs.graph import SkillTextGraph
from skillgraph.graphs.sampling import sample, sample_known
from skillgraph.optimal.training import (
    learned_after_passes,
    learned_after_reading,
    learned_after_rounds,
    read_in_passes,
)
from skillgraph.seeding import generator
from skillgraph.simulation.peeling import peel
from skillgraph.theory.density_evolution import learned_share
from tests.sizes import scaled

pytestmark = pytest.mark.kernel


def plain_passes(rows: list[list[int]], num_skills: int, passes: int, learner: int, known: set[int]) -> list[int]:
    """Obvious second way: sets."""
    now, counts = set(known), [len(known)]
    for _ in range(passes):
        for row in rows:
            missing = [skill for skill in row if skill not in now]
            if 1 <= len(missing) <= learner:
                now.update(missing)
        counts.append(len(now))
    return counts


def test_reading_equals_a_plain_loop() -> None:
    for replicate in range(40):
        rng = generator(5, "passes", replicate)
        rows = [rng.integers(0, 12, rng.integers(0, 5)).tolist() for _ in range(15)]
        indptr = np.cumsum([0, *map(len, rows)])
        graph = SkillTextGraph(
            num_skills=12, text_indptr=indptr, text_skills=np.array([s for row in rows for s in row], dtype=np.int32)
        )
        known = rng.random(12) < 0.2
        learner = int(rng.integers(1, 4))
        order = rng.permutation(15)
        found = read_in_passes(graph, 4, known_skills=known, learner=learner, order=order)
        inorder = [rows[text] for text in order]
        assert found.tolist() == plain_passes(inorder, 12, 4, learner, set(np.flatnonzero(known).tolist()))


def test_many_passes_end_where_peeling_ends() -> None:
    graph = sample(texts_by_law("poisson:3"), 400, 500, rng=generator(1, "passes", "end"))
    assert read_in_passes(graph, 400)[-1] == np.count_nonzero(peel(graph).learned)


@pytest.mark.parametrize(
    ("law", "ratio", "learner", "known"),
    [
        ("poisson:3", 1.1, 1, 0.0),
        ("poisson:3", 1.5, 1, 0.0),
        ("poisson:6", 0.7, 2, 0.1),
        ("0.1*fixed:1+0.9*fixed:3", 1, 1, 0),
    ],
)
def test_passes_agree_with_simulation(law: str, ratio: float, learner: int, known: float) -> None:
    """Fluctuations of the learned share are O(R^-1/2), amplified below 30 times near a jump."""
    size, ensemble = scaled(200_000, 3000), texts_by_law(law)
    rng = generator(1, "passes", law, learner)
    graph = sample(ensemble, size, round(ratio * size), rng=rng)
    beforehand = sample_known(size, known, rng)
    seen = read_in_passes(graph, 4, known_skills=beforehand, learner=learner) / size
    theory = learned_after_passes(ensemble, ratio, 4, learner=learner, known=known)
    np.testing.assert_allclose(seen, theory, atol=12 / np.sqrt(size))


def test_passes_of_a_configuration_ensemble_agree_with_simulation() -> None:
    size, ensemble = scaled(200_000, 3000), ldpc(3, 6)
    rng = generator(1, "passes", "ldpc")
    graph = sample(ensemble, size, rng=rng)
    known = sample_known(size, 0.62, rng)
    order = rng.permutation(graph.num_texts)
    seen = read_in_passes(graph, 3, known_skills=known, order=order) / size
    theory = learned_after_passes(ensemble, graph.num_texts / size, 3, known=0.62)
    np.testing.assert_allclose(seen, theory, atol=12 / np.sqrt(size))


def test_passes_approach_peeling_from_below_and_repetition_never_exceeds_it() -> None:
    ensemble = texts_by_law("poisson:4")
    shares = learned_after_passes(ensemble, 2.0, 25)
    end = float(learned_share(ensemble, 2.0)[0])
    assert np.all(np.diff(shares) >= -1e-12)
    assert shares[-1] <= end + 1e-9
    assert shares[-1] == pytest.approx(end, abs=1e-6)
    assert learned_after_reading(ensemble, 2.0, 2.0) == pytest.approx(shares[2], abs=1e-12)
    assert shares[1] < learned_after_reading(ensemble, 2.0, 1.5) < shares[2]


def test_one_pass_over_one_skill_texts_is_coupon_collecting() -> None:
    shares = learned_after_passes(texts_by_law("fixed:1"), 1.3, 2)
    np.testing.assert_allclose(shares, [0, 1 - np.exp(-1.3), 1 - np.exp(-1.3)], atol=1e-9)


def test_rounds_are_density_evolution() -> None:
    shares = learned_after_rounds(texts_by_law("poisson:3"), 1.5, 2)
    first = 1 - np.exp(-4.5 * np.exp(-3))
    second = 1 - np.exp(-4.5 * np.exp(-3 * (1 - first)))
    np.testing.assert_allclose(shares, [0, first, second], rtol=1e-12)


def test_bad_passes_are_named() -> None:
    graph = sample(texts_by_law("poisson:2"), 10, 10, rng=generator(1, "bad"))
    with pytest.raises(ValueError, match="passes must be an integer of at least 0, got -1"):
        learned_after_passes(texts_by_law("poisson:2"), 1.0, -1)
    with pytest.raises(ValueError, match="reads must be a finite number of at least 0, got nan"):
        learned_after_reading(texts_by_law("poisson:2"), 1.0, float("nan"))
    with pytest.raises(ValueError, match="passes must be an integer of at least 0, got -1"):
        read_in_passes(graph, -1)
    with pytest.raises(ValueError, match="permutation of the 10 texts"):
        read_in_passes(graph, 1, order=np.zeros(10, np.int64))
    with pytest.raises(ValueError, match="one bool per skill"):
        read_in_passes(graph, 1, known_skills=np.zeros(3, bool))
