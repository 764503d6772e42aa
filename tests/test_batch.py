"""Many replicates at once: words of a slow second way, laws of the draws, counts of the single kernels."""

from __future__ import annotations

import itertools
import json
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from skillgraph._kernels import batch as kernels
from skillgraph._kernels import batch_draws as draws
from skillgraph.checks import all_texts
from skillgraph.ensembles.ensemble import Ensemble, measured_popularity
from skillgraph.ensembles.parsing import parse_ensemble
from skillgraph.records import from_record
from skillgraph.seeding import counter_key, generator
from skillgraph.simulation import batch
from skillgraph.simulation.batch import graph_of_replicate, observe_many
from skillgraph.simulation.batch_laws import drawing_room, law_of
from skillgraph.simulation.exchangeable_curves import curves_by_chain
from skillgraph.simulation.observe import OBSERVABLES, observe
from tests.reference import batch as reference
from tests.sizes import scaled
from tests.test_sampling import assert_law

pytestmark = pytest.mark.kernel

KEY = counter_key(generator(7, "test"))
FALSE_ALARM = 1e-9
ENSEMBLES = [
    "poisson:2.5",
    "fixed:3",
    "0.5*fixed:1+0.5*geometric:2",
    "zipf:1.2:1:9",
    {"skills_per_text": "fixed:4", "skill_popularity": "zipf:1"},
    {"skills_per_text": "0.3*fixed:1+0.7*fixed:5", "skill_popularity": "zipf:0.5"},
    {"ldpc": "3,6"},
    {"skills_per_text": "0.5*fixed:2+0.5*fixed:5", "texts_per_skill": "0.9*fixed:2+0.1*fixed:17"},
    {"skills_per_text": "poisson:3", "texts_per_skill": "geometric:4"},
]
names = pytest.mark.parametrize("name", ENSEMBLES, ids=str)


def rows_of(graph):
    return [row.tolist() for row in np.split(graph.text_skills, graph.text_indptr[1:-1])]


def texts_for(name, num_skills, wanted):
    full = parse_ensemble(name).full_ratio
    return wanted if full is None else min(wanted, all_texts(full, num_skills))


@names
@pytest.mark.parametrize(("num_skills", "replicate"), [(60, 0), (scaled(400, 90), 2**32 - 1)])
def test_graphs_are_those_of_the_words(name, num_skills, replicate):
    ensemble, texts = parse_ensemble(name), texts_for(name, num_skills, scaled(700, 70))
    key = counter_key(generator(3, "batch"))
    graph, known = graph_of_replicate(ensemble, num_skills, texts, replicate, seed=3, known=0.4)
    law = law_of(ensemble, num_skills, texts)
    assert rows_of(graph) == reference.rows_of(key, replicate, law, texts)
    assert known.tolist() == reference.known_of(key, replicate, 0.4, num_skills)


@st.composite
def cases(draw):
    name, num_skills = draw(st.sampled_from(ENSEMBLES)), draw(st.integers(40, scaled(150, 50)))
    last = texts_for(name, num_skills, draw(st.integers(0, 2 * num_skills)))
    grid = sorted(draw(st.lists(st.integers(0, last), min_size=1, max_size=6)))
    rules = {"learner": draw(st.integers(1, 4)), "known": draw(st.sampled_from([0.0, 0.1, 0.6, 1.0]))}
    return name, num_skills, np.array(grid), draw(st.integers(0, 2**20)), rules


@settings(max_examples=scaled(150, 15), deadline=None)
@given(cases())
def test_counts_are_those_of_the_single_kernels_on_the_same_graphs(case):
    name, num_skills, grid, seed, rules = case
    seen = observe_many(name, num_skills, grid, replicates=4, seed=seed, first=seed, each=True, threads=1, **rules)
    for i in range(4):
        graph, known = graph_of_replicate(name, num_skills, int(grid[-1]), seed + i, seed=seed, known=rules["known"])
        counts = observe(graph, grid, known_skills=known, learner=rules["learner"])
        assert {one: seen.each[one][i].tolist() for one in OBSERVABLES} == {
            one: row.tolist() for one, row in counts.items()
        }


@pytest.mark.parametrize("known", [0.0, 0.1])
@names
def test_threads_pieces_and_engines_do_not_show(name, known, monkeypatch):
    num_skills, number = scaled(300, 50), scaled(60, 12)
    last = texts_for(name, num_skills, 2 * num_skills)
    grid = np.unique(np.concatenate([np.arange(12), np.linspace(0, last, 7).astype(int)]))
    rules = {"seed": 4, "learner": 2, "known": known, "unlearned_between": 0.4, "each": True}
    whole = observe_many(name, num_skills, grid, replicates=number, threads=1, **rules)
    halves = [
        observe_many(name, num_skills, grid, replicates=n, first=first, **rules)
        for first, n in ((0, number - 5), (number - 5, 5))
    ]
    assert halves[0] + halves[1] == whole
    monkeypatch.setattr(batch, "_PIECE", 1.0)
    assert observe_many(name, num_skills, grid, replicates=number, threads=5, **rules) == whole
    monkeypatch.setattr(batch, "_PIECE", 9.0 * num_skills)
    assert observe_many(name, num_skills, grid, replicates=number, threads=2, **rules) == whole
    monkeypatch.setattr(batch, "mean_edges", lambda *_: 0)
    assert observe_many(name, num_skills, grid, replicates=number, **rules) == whole
    monkeypatch.setattr(batch, "_LARGE", 0)
    assert observe_many(name, num_skills, grid, replicates=number, threads=2, **rules) == whole


def test_sums_are_those_of_the_replicates():
    number, grid = scaled(200, 30), [100, 150, 150, 190]
    rules = {"replicates": number, "seed": 2, "each": True}
    learned = observe_many("poisson:4", 100, grid, **rules).each["learned_share"][:, 1]
    boundary = 100 - np.sort(learned)[number // 2]
    seen = observe_many("poisson:4", 100, grid, **rules, unlearned_between=boundary / 100)
    for name in OBSERVABLES:
        values = seen.each[name] / 100
        assert seen.sums[name] == tuple(seen.each[name].sum(axis=0).tolist())
        assert seen.squares[name] == tuple((seen.each[name] ** 2).sum(axis=0).tolist())
        np.testing.assert_allclose(seen.mean(name), values.mean(axis=0), rtol=1e-13)
        np.testing.assert_allclose(
            seen.standard_error(name), values.std(axis=0, ddof=1) / np.sqrt(number), rtol=1e-11, atol=1e-15
        )
    learned = seen.each["learned_share"]
    failed = 100 - learned > boundary
    assert 0 < failed[:, 1].sum() < number
    assert (100 - learned == boundary).any(), "nobody stands on the boundary"
    assert seen.failures == tuple(failed.sum(axis=0).tolist())
    assert seen.failed_squares == tuple(np.where(failed, learned**2, 0).sum(axis=0).tolist())
    for success in (False, True):
        chosen = np.where(failed != success, learned / 100, np.nan)
        expected = [row[np.isfinite(row)].mean() if np.isfinite(row).any() else np.nan for row in chosen.T]
        np.testing.assert_allclose(seen.learned_share_given(success=success), expected, rtol=1e-12)
    assert from_record(json.loads(json.dumps(seen.record()))) == seen


@given(st.lists(st.integers(0, 2**61 - 1), min_size=1, max_size=20))
def test_sums_of_squares_do_not_overflow(values):
    limbs = np.zeros(kernels.LIMBS, np.uint64)
    for value in values:
        kernels.add(value, limbs)
    (total,), (square,) = batch._integers(limbs[None])
    assert total == sum(values)
    assert square == sum(value**2 for value in values)


@pytest.mark.parametrize(("boundary", "size", "most"), [(0.29, 100, 29), (0.57, 100, 57), (0.0, 7, 0), (1.0, 7, 7)])
def test_a_share_on_the_boundary_is_a_success(boundary, size, most):
    seen = observe_many("fixed:1", size, [0], replicates=1, seed=1, unlearned_between=boundary)
    assert seen.most_unlearned == most


def drawn_rows(law, num_texts, replicates):
    """Yield the rows of replicates 0, 1, ..., drawn through the kernel."""
    room, marks = drawing_room(law), np.empty(int(law.num_skills), np.uint64)
    for replicate in range(replicates):
        lengths, indptr = np.empty(num_texts, np.int64), np.zeros(num_texts + 1, np.int64)
        draws.open_replicate(law, room)
        draws.draw_lengths(KEY, np.uint64(replicate), law, room, lengths)
        np.cumsum(lengths, out=indptr[1:])
        skills = np.empty(int(indptr[-1]), np.int32)
        draws.draw_rows(KEY, np.uint64(replicate), law, room, indptr, marks, skills)
        yield [tuple(row.tolist()) for row in np.split(skills[: indptr[-1]], indptr[1:-1])]


def test_a_text_draws_uniformly_without_replacement():
    texts, replicates = scaled(100, 60), scaled(300, 60)
    law = law_of(parse_ensemble("fixed:3"), 5, texts)
    found = Counter(row for rows in drawn_rows(law, texts, replicates) for row in rows)
    triples = list(itertools.permutations(range(5), 3))
    assert_law(found, dict.fromkeys(triples, 1 / len(triples)), scaled(0.09, 0.3))


@pytest.mark.parametrize("patience", [10, 0], ids=["again", "looked-through"])
def test_a_text_draws_by_popularity_without_replacement(patience):
    weights, texts, replicates = np.array([1.0, 0.0, 2.0, 4.0]), scaled(100, 60), scaled(300, 60)
    ensemble = Ensemble(parse_ensemble("fixed:2").skills_per_text, popularity=measured_popularity(weights))
    law = law_of(ensemble, 4, texts)._replace(patience=patience)
    found = Counter(row for rows in drawn_rows(law, texts, replicates) for row in rows)
    chance = weights / weights.sum()
    pairs = itertools.permutations([0, 2, 3], 2)
    assert_law(found, {(i, j): chance[i] * chance[j] / (1 - chance[i]) for i, j in pairs}, scaled(0.09, 0.3))


def test_sockets_match_uniformly_and_may_stay_empty():
    """Skills of degrees 1 and 3, texts of degrees 1, 1 and 3: one of five places stays empty."""
    replicates = scaled(20_000, 2500)
    law = law_of(parse_ensemble({"ldpc": "2,2"}), 2, 2)._replace(
        degrees=np.array([1, 1, 3], np.uint32), sockets=np.array([0, 1, 1, 1, 2], np.uint32)
    )
    found = Counter(tuple(rows) for rows in drawn_rows(law, 3, replicates))
    expected: Counter = Counter()
    for lengths in set(itertools.permutations([1, 1, 3])):
        for deck in itertools.permutations([0, 1, 1, 1, 2]):
            ends = np.cumsum((0, *lengths))
            rows = [tuple(s for s in deck[a:b] if s < 2) for a, b in itertools.pairwise(ends.tolist())]
            expected[tuple(rows)] += 1 / (3 * 120)
    assert_law(found, expected, scaled(0.12, 0.4))


def test_words_too_many_are_passed_over():
    """Of 3 x 2^30 skills a quarter of the words stands for none; the others stand for all of them alike."""
    number, out, clock = np.uint64(3 * 2**30), np.empty(4 * scaled(20_000, 1500), np.uint32), np.zeros(4, np.uint64)
    draws.make_skills(KEY, np.uint64(5), clock, number, out)
    found = Counter((out // np.uint32(2**28)).tolist())
    assert_law(found, {**dict.fromkeys(range(12), 0.75 / 12), 12: 0.25}, scaled(0.06, 0.2))


@pytest.mark.parametrize("law", ["poisson:2", "0.4*fixed:1+0.6*geometric:2"])
def test_texts_have_as_many_skills_as_the_law_says(law):
    texts, replicates, size = scaled(200, 60), scaled(200, 60), 40
    ensemble = parse_ensemble(law)
    found = Counter(
        min(len(row), 6) for rows in drawn_rows(law_of(ensemble, size, texts), texts, replicates) for row in rows
    )
    exact = stats.binom(size, 2 / size).pmf(range(6)) if ensemble.independent_edges else None
    share = ensemble.skills_per_text.pmf(np.arange(6)) if exact is None else exact
    assert_law(found, {**dict(enumerate(share.tolist())), 6: 1 - float(share.sum())}, scaled(0.06, 0.2))


@pytest.mark.parametrize(("num_skills", "mean"), [(1, 1.0), (7, 3.0), (1000, 4.0), (10**6, 4.0), (5000, 900.0)])
def test_probabilities_of_independent_edges(num_skills, mean):
    ours = law_of(parse_ensemble(f"poisson:{mean}"), num_skills, 1)
    keep, alias = ours.degree_keep.astype(float) / 2.0**64, ours.degree_alias
    chance = np.bincount(np.arange(keep.size), keep) + np.bincount(alias, 1 - keep, minlength=keep.size)
    exact = stats.binom(num_skills, mean / num_skills).pmf(np.arange(keep.size))
    np.testing.assert_allclose(chance / keep.size, exact, rtol=0, atol=3e-13)


def test_neighbouring_replicates_and_streams_are_independent():
    replicates = scaled(20_000, 2000)
    law = law_of(parse_ensemble("fixed:1"), 4, 1)
    first = [rows[0][0] for rows in drawn_rows(law, 1, replicates + 1)]
    found = Counter(itertools.pairwise(first))
    assert_law(found, dict.fromkeys(itertools.product(range(4), repeat=2), 1 / 16), scaled(0.12, 0.4))


def test_learning_has_the_law_of_the_chain_that_needs_no_graph():
    """Two engines without a common line of drawing code: two-sample z below 6.2 (false alarm 1e-9 over 12 points)."""
    number, size = scaled(4000, 60), scaled(300, 60)
    grid = np.linspace(0.2, 2.0, 12)
    at = np.rint(grid * size).astype(int)
    seen = observe_many("poisson:4", size, at, replicates=number, seed=5, known=0.05)
    chain = curves_by_chain("poisson:4", size, at, replicates=number, seed=6, known=0.05)
    other = chain / size
    error = np.hypot(seen.standard_error("learned_share"), other.std(axis=0, ddof=1) / np.sqrt(number))
    z = (seen.mean("learned_share") - other.mean(axis=0)) / error
    assert np.abs(z).max() < stats.norm.isf(FALSE_ALARM / 24)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"replicates": 0}, "replicates must be an integer from 1"),
        ({"num_texts": [3, 2]}, "num_texts must be integers that are not negative and never fall"),
        ({"num_texts": [0.5]}, "num_texts must be integers"),
        ({"num_skills": 2}, "mean skills per text must not exceed num_skills, got 4 and 2"),
        ({"ensemble": "fixed:30"}, "exceed the 20 skills that can be drawn"),
        ({"ensemble": {"ldpc": "3,6"}}, "num_texts must not exceed 10, all texts of the configuration ensemble"),
        ({"first": -1}, "first must be an integer"),
        ({"learner": 0}, "learner must be an integer of at least 1"),
        ({"known": 1.5}, "known must lie in"),
        ({"unlearned_between": 2.0}, "unlearned_between must lie in"),
        ({"threads": 0}, "threads must be an integer"),
    ],
)
def test_bad_parameters(change, words):
    good = {"ensemble": "poisson:4", "num_skills": 20, "num_texts": [10, 30], "replicates": 2, "seed": 1}
    with pytest.raises(ValueError, match=words):
        observe_many(**(good | change))


def test_outcomes_need_a_boundary_and_sums_the_same_question():
    one = observe_many("poisson:4", 20, [10], replicates=2, seed=1)
    with pytest.raises(ValueError, match="outcomes need a boundary"):
        one.learned_share_given(success=True)
    with pytest.raises(ValueError, match="add up where"):
        one + observe_many("poisson:4", 20, [11], replicates=2, seed=1)
