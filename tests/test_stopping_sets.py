"""Expected numbers of small stopping sets: exact small blocks, brute force, and the floor of real decoding."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from skillgraph.ensembles.ensemble import configuration, ldpc, texts_by_law
from skillgraph.graphs.sampling import sample
from skillgraph.seeding import generator
from skillgraph.theory.stopping_sets import expected_stopping_sets, floor_bound
from tests.sizes import scaled


def test_one_erasure_fails_as_often_as_it_is_a_stopping_set():
    """(3, 6), 8 skills: P(failure of one erasure) = 10/253."""
    counts = expected_stopping_sets(ldpc(3, 6), 8, 2)
    assert counts[0] / 8 == pytest.approx(10 / 253, rel=1e-14)
    assert 2 * counts[0] / 8 + counts[1] / 28 >= 629 / 3059  # union bound on two erasures


@pytest.mark.parametrize("ensemble", [ldpc(2, 4), configuration("fixed:4", "0.5*fixed:2+0.5*fixed:4")], ids=str)
def test_against_counting_in_random_graphs(ensemble):
    size, count = 8, scaled(3000, 300)
    found = np.zeros((count, 3))
    for i in range(count):
        graph = sample(ensemble, size, rng=generator(3, i))
        texts = [graph.texts_of(skill) for skill in range(size)]
        for number in (1, 2, 3):
            for chosen in combinations(range(size), number):
                met = np.bincount(np.concatenate([texts[skill] for skill in chosen]), minlength=graph.num_texts)
                found[i, number - 1] += not np.any(met == 1)
    wanted = expected_stopping_sets(ensemble, size, 3)
    error = found.std(axis=0, ddof=1) / np.sqrt(count)
    assert np.all(np.abs(found.mean(axis=0) - wanted) < 6 * error + 1e-12)


def test_the_floor_falls_with_size_and_erasure():
    assert floor_bound(ldpc(3, 6), 200, 0.2) < floor_bound(ldpc(3, 6), 100, 0.2)
    assert floor_bound(ldpc(3, 6), 100, 0.1) < floor_bound(ldpc(3, 6), 100, 0.2)
    assert floor_bound(ldpc(3, 6), 100, 0.0) == 0


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: expected_stopping_sets(texts_by_law("poisson:3"), 10, 2), "configuration ensembles"),
        (lambda: expected_stopping_sets(ldpc(3, 6), 0, 2), "num_skills must be an integer of at least 1"),
        (lambda: expected_stopping_sets(ldpc(3, 6), 8, 13), "largest must be an integer from 1 to 12"),
        (lambda: floor_bound(ldpc(3, 6), 8, 1.5), "erasure must lie"),
    ],
)
def test_bad_parameters(call, words):
    with pytest.raises(ValueError, match=words):
        call()
