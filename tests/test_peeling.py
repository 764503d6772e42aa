"""Learning by simulation: against all stopping sets, slow rounds, peeling from scratch, and exact rational laws."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from skillgraph._kernels import peeling as kernels
from skillgraph.ensembles.degrees import empirical
from skillgraph.ensembles.ensemble import configuration, ldpc, texts_by_law
from skillgraph.graphs.graph import SkillTextGraph, from_edges
from skillgraph.graphs.sampling import sample, sample_known
from skillgraph.seeding import generator
from skillgraph.simulation.peeling import learning_curve, peel
from tests.reference import exact_blocks as exact
from tests.reference import peeling as reference
from tests.sizes import scaled
from tests.test_graphs import Rows, graph_of

pytestmark = pytest.mark.kernel

FALSE_ALARM = 1e-9
MISS = 1e-6

many_examples = settings(max_examples=scaled(200, 80), deadline=None)

Drawn = tuple[Rows, list[bool], list[int], int]


@st.composite
def learning(draw: st.DrawFn) -> Drawn:
    """Draw rows, known skills, an order of texts, and a learner; repeated edges and empty texts are common."""
    num_skills = draw(st.integers(0, 10))
    row = st.lists(st.integers(0, num_skills - 1), max_size=5) if num_skills else st.just([])
    rows = draw(st.lists(row, max_size=12))
    known = draw(st.lists(st.sampled_from([False, False, False, True]), min_size=num_skills, max_size=num_skills))
    return rows, known, draw(st.permutations(range(len(rows)))), draw(st.integers(1, 3))


def marked(known: list[bool]) -> set[int]:
    return {skill for skill, is_known in enumerate(known) if is_known}


@many_examples
@given(learning())
def test_what_stays_unlearned_is_the_union_of_all_stopping_sets(drawn: Drawn) -> None:
    rows, known, _, learner = drawn
    found = peel(graph_of(rows, len(known)), np.array(known, dtype=bool), learner=learner)
    unknown = set(range(len(known))) - marked(known)
    union = reference.union_of_stopping_sets(rows, unknown, learner)
    assert set(found.stopping_set.tolist()) == union
    assert union == reference.unlearned(rows, unknown, learner)
    assert found.learned.tolist() == [skill not in union for skill in range(len(known))]


@many_examples
@given(learning())
def test_rounds_equal_slow_flooding(drawn: Drawn) -> None:
    rows, known, _, learner = drawn
    found = peel(graph_of(rows, len(known)), np.array(known, dtype=bool), learner=learner)
    expected = reference.rounds(rows, len(known), marked(known), learner)
    assert found.round_learned.tolist() == expected
    assert found.rounds == max([0, *expected])
    assert found.learned_by_round.tolist() == [
        sum(0 <= moment <= round_ for moment in expected) for round_ in range(found.rounds + 1)
    ]


@many_examples
@given(learning())
def test_the_learning_curve_equals_peeling_from_scratch_after_every_text(drawn: Drawn) -> None:
    rows, known, order, learner = drawn
    graph, mask = graph_of(rows, len(known)), np.array(known, dtype=bool)
    for arrival in (order, None):
        given_order = None if arrival is None else np.array(arrival, dtype=np.int64)
        curve = learning_curve(graph, mask, learner=learner, order=given_order)
        places = list(range(len(rows))) if arrival is None else arrival
        expected = reference.arrivals(rows, len(known), marked(known), places, learner)
        assert curve.learned_at.tolist() == expected
        assert curve.learned_count.tolist() == [
            sum(0 <= moment <= arrived for moment in expected) for arrived in range(len(rows) + 1)
        ]


@many_examples
@given(learning(), st.data())
def test_peeling_is_confluent_and_more_never_unlearns(drawn: Drawn, data: st.DataObject) -> None:
    rows, known, order, learner = drawn
    graph, mask = graph_of(rows, len(known)), np.array(known, dtype=bool)
    learned = peel(graph, mask, learner=learner).learned
    curve = learning_curve(graph, mask, learner=learner, order=np.array(order, dtype=np.int64))
    assert ((curve.learned_at >= 0) == learned).all()
    moved = graph_of([list(reversed(rows[text])) for text in order], len(known))
    assert (peel(moved, mask, learner=learner).learned == learned).all()
    names = np.array(data.draw(st.permutations(range(len(known)))), dtype=np.int64)
    renamed = graph_of([names[row].tolist() if row else [] for row in rows], len(known))
    renamed_mask = np.zeros(len(known), dtype=bool)
    renamed_mask[names] = mask
    assert (peel(renamed, renamed_mask, learner=learner).learned[names] == learned).all()
    assert peel(graph, mask, learner=learner + 1).learned[learned].all()
    assert peel(graph, learned, learner=learner).rounds == 0
    more = mask | np.array(data.draw(st.lists(st.booleans(), min_size=mask.size, max_size=mask.size)), dtype=bool)
    assert peel(graph, more, learner=learner).learned[learned].all()
    fewer = graph_of(rows[:-1], len(known))
    assert learned[peel(fewer, mask, learner=learner).learned].all()


@pytest.mark.parametrize("learner", [1, 2, 3, 10**12])
def test_middle_graphs_equal_the_reference(learner: int) -> None:
    """Rounds, curve and final state at a size where cascades are long, with repeated edges and prior knowledge."""
    rng = generator(1, "peeling", "middle")
    for ensemble, num_texts, share in (
        (texts_by_law("poisson:3"), 130, 0.1),
        (texts_by_law("zipf:2:1:20", "zipf:0.7"), 200, 0.0),
        (ldpc(3, 6), None, 0.6),
        (configuration("fixed:3", "poisson:4"), 100, 0.05),
    ):
        graph, known = sample(ensemble, 100, num_texts, rng=rng), sample_known(100, share, rng)
        rows = [graph.skills_of(text).tolist() for text in range(graph.num_texts)]
        found, known_set = peel(graph, known, learner=learner), marked(known.tolist())
        assert found.round_learned.tolist() == reference.rounds(rows, 100, known_set, learner)
        order = rng.permutation(graph.num_texts)
        curve = learning_curve(graph, known, learner=learner, order=order)
        assert ((curve.learned_at >= 0) == found.learned).all()
        for arrived in np.linspace(0, graph.num_texts, 6).astype(int):
            left = reference.unlearned([rows[text] for text in order[:arrived]], set(range(100)) - known_set, learner)
            assert set(np.flatnonzero((curve.learned_at < 0) | (curve.learned_at > arrived)).tolist()) == left
            assert curve.learned_count[arrived] == 100 - len(left)


def test_a_text_joined_twice_to_its_only_unknown_skill_does_not_teach_it() -> None:
    twice, with_known = graph_of([[0, 0]], 1), graph_of([[1, 0, 0, 1]], 2)
    assert peel(twice).stopping_set.tolist() == [0]
    assert learning_curve(twice).learned_count.tolist() == [0, 0]
    assert peel(with_known, np.array([False, True])).stopping_set.tolist() == [0]
    assert peel(twice, learner=2).learned.all()
    assert learning_curve(with_known, np.array([False, True]), learner=2).learned_at.tolist() == [1, 0]
    assert peel(graph_of([[0, 0], [0]], 1)).round_learned.tolist() == [1]


def test_a_chain_is_learned_one_skill_a_round() -> None:
    graph = graph_of([[3, 4], [2, 3], [1, 2], [0, 1], [0]], 6)
    found = peel(graph)
    assert found.round_learned.tolist() == [1, 2, 3, 4, 5, -1]
    assert found.rounds == 5
    assert found.learned_share == 5 / 6
    assert found.stopping_set.tolist() == [5]
    assert found.learned_by_round.tolist() == [0, 1, 2, 3, 4, 5]
    curve = learning_curve(graph)
    assert curve.learned_at.tolist() == [5, 5, 5, 5, 5, -1]
    assert curve.learned_share.tolist() == [0, 0, 0, 0, 0, 5 / 6]
    backwards = learning_curve(graph, order=np.arange(5)[::-1])
    assert backwards.learned_at.tolist() == [1, 2, 3, 4, 5, -1]


def test_inputs_are_not_changed_and_orders_may_be_of_any_integer_type() -> None:
    graph, known = graph_of([[0, 1], [1]], 3), np.array([False, False, True])
    known.setflags(write=False)
    for kind in (np.int8, np.int32, np.uint16, np.uint64):
        order = np.array([1, 0], dtype=kind)
        order.setflags(write=False)
        assert learning_curve(graph, known, order=order).learned_at.tolist() == [2, 1, 0]
    assert peel(graph, known).round_learned.dtype == np.int32


def test_bad_knowledge_orders_and_learners_are_named() -> None:
    graph = graph_of([[0, 1], [1]], 3)
    for teach in (peel, learning_curve):
        with pytest.raises(
            ValueError, match=r"known_skills must be one bool per skill, shape \(3,\), got bool of shape \(2,\)"
        ):
            teach(graph, np.array([True, False]))
        with pytest.raises(ValueError, match=r"known_skills must be one bool per skill, .* got float64"):
            teach(graph, np.zeros(3))
        with pytest.raises(ValueError, match="learner must be an integer of at least 1, got 0"):
            teach(graph, learner=0)
        with pytest.raises(ValueError, match=r"learner must be an integer of at least 1, got 1\.5"):
            teach(graph, learner=1.5)
    for order in ([0, 0], [0, 2], [-1, 0]):
        with pytest.raises(ValueError, match="order must be a permutation of the 2 texts"):
            learning_curve(graph, order=np.array(order))
    for wrong in (np.array([0]), np.array([0.0, 1.0])):
        with pytest.raises(ValueError, match=r"order must be one integer per text, shape \(2,\)"):
            learning_curve(graph, order=wrong)


def test_exact_laws_equal_all_matchings() -> None:
    for skills, texts in (((1, 2, 3), (2, 2, 2)), ((2, 2, 2), (3, 3)), ((1, 2, 2), (0, 1, 4))):
        for learner in (1, 2, 3):
            assert exact.unlearned_law(skills, texts, learner) == exact.by_all_matchings(skills, texts, learner)
    # known skills keep their sockets: unknown or not, each skill alone
    mixed = exact.unknown_at_random((2, 2, 2), (3, 3), Fraction(1, 2))
    direct: Counter[int] = Counter()
    rows = [exact.rows_of(matched, (3, 3)) for matched in sorted(set(_arrangements((0, 0, 1, 1, 2, 2))))]
    for unknown in range(8):
        for row in rows:
            left = reference.unlearned(row, {skill for skill in range(3) if unknown >> skill & 1})
            direct[len(left)] += Fraction(1, 8 * len(rows))
    assert {unlearned: chance for unlearned, chance in mixed.items() if chance} == dict(direct)


def _arrangements(sockets: tuple[int, ...]) -> list[tuple[int, ...]]:
    if not sockets:
        return [()]
    return [
        (first, *rest)
        for first in sorted(set(sockets))
        for rest in _arrangements((*sockets[: sockets.index(first)], *sockets[sockets.index(first) + 1 :]))
    ]


def test_exact_block_failures_of_known_ensembles() -> None:
    law = partial(exact.known_beforehand, (3,) * 8, (6,) * 4)
    assert exact.block_failure(law(1)) == Fraction(10, 253)
    assert exact.block_failure(law(2)) == Fraction(629, 3059)
    assert exact.choices_with_replacement(5, 3, 8)[0] == Fraction(38957399145, 68719476736)
    for epsilon, block, bit in (
        (Fraction(2, 5), 0.6245163440962322, 0.2832140012860904),
        (Fraction(1, 5), 0.2205598753582, 0.06941909386652),
    ):
        unlearned = exact.unknown_at_random((3,) * 8, (6,) * 4, epsilon)
        assert sum(unlearned.values()) == 1
        assert float(exact.block_failure(unlearned)) == pytest.approx(block, abs=1e-12)
        assert float(exact.mean_unlearned(unlearned) / 8) == pytest.approx(bit, abs=1e-12)


def assert_law(unlearned: list[int], law: dict[int, Fraction], resolution: float) -> None:
    """Fail when the numbers left unlearned leave their law (false alarm 1e-9), or one of 1e-6 could be missed.

    ``resolution``: of P(nothing is left) and of the mean.
    """
    number, counts = len(unlearned), Counter(unlearned)
    assert set(counts) <= {value for value, chance in law.items() if chance}, "an impossible number was left"
    for value, chance in law.items():
        below, above = stats.binom(number, float(chance)).interval(1 - FALSE_ALARM)
        assert below <= counts[value] <= above, f"{value} unlearned"
    spread = stats.norm.isf(FALSE_ALARM / 2) + stats.norm.isf(MISS)
    assert spread * np.sqrt(float(exact.block_failure(law) * (1 - exact.block_failure(law))) / number) < resolution


@pytest.mark.parametrize(("epsilon", "learner"), [(0.4, 1), (0.2, 1), (0.7, 2), (0.9, 3)])
def test_sampled_ldpc_blocks_follow_the_exact_law(epsilon: float, learner: int) -> None:
    law = exact.unknown_at_random((3,) * 8, (6,) * 4, Fraction(epsilon).limit_denominator(10), learner)
    rng = generator(1, "peeling", "blocks", learner, int(100 * epsilon))
    unlearned = [
        peel(sample(ldpc(3, 6), 8, rng=rng), sample_known(8, 1 - epsilon, rng), learner=learner).stopping_set.size
        for _ in range(scaled(5000, 1500))
    ]
    assert_law(unlearned, law, scaled(0.08, 0.15))


def test_sampled_blocks_of_mixed_degrees_follow_the_exact_law() -> None:
    """Both sides irregular: 2, 2, 2, 4, 4, 4 sockets of skills, 3, 3, 6, 6 of texts."""
    ensemble = configuration("0.5*fixed:3+0.5*fixed:6", "0.5*fixed:2+0.5*fixed:4")
    law = exact.unknown_at_random((2, 2, 2, 4, 4, 4), (3, 3, 6, 6), Fraction(1, 2))
    rng = generator(1, "peeling", "mixed")
    unlearned = [
        peel(sample(ensemble, 6, rng=rng), sample_known(6, 0.5, rng)).stopping_set.size
        for _ in range(scaled(5000, 1500))
    ]
    assert_law(unlearned, law, scaled(0.08, 0.15))


def test_sampled_curves_of_random_degrees_follow_the_exact_law() -> None:
    """Two skills of 1 to 3 sockets, texts of 2: after one text and after both."""
    shares = {1: Fraction(1, 4), 2: Fraction(1, 2), 3: Fraction(1, 4)}
    laws: list[Counter[int]] = [Counter(), Counter()]
    for first, chance_1 in shares.items():
        for second, chance_2 in shares.items():
            offered = tuple(sorted((first, second)))
            surplus = max(0, 4 - sum(offered))
            for num_texts, law in enumerate(laws, 1):
                for unlearned, chance in _curve_law(offered, surplus, num_texts).items():
                    law[unlearned] += chance_1 * chance_2 * chance
    ensemble = configuration("fixed:2", empirical({1: 0.25, 2: 0.5, 3: 0.25}))
    rng = generator(1, "peeling", "curves")
    curves = np.array(
        [
            2 - learning_curve(sample(ensemble, 2, rng=rng, degrees="random")).learned_count[1:]
            for _ in range(scaled(5000, 1500))
        ]
    )
    for num_texts, law in enumerate(laws, 1):
        assert_law(curves[:, num_texts - 1].tolist(), dict(law), scaled(0.08, 0.15))


def _curve_law(offered: tuple[int, ...], surplus: int, num_texts: int) -> dict[int, Fraction]:
    """Return the law of unlearned skills after texts of 2 sockets, by all arrangements; -1 is an empty partner."""
    sockets = tuple(sorted([-1] * surplus + [skill for skill, degree in enumerate(offered) for _ in range(degree)]))
    arrangements = _arrangements(sockets)
    law: Counter[int] = Counter()
    for matched in arrangements:
        rows = [
            [skill for skill in row if skill >= 0] for row in exact.rows_of(matched[: 2 * num_texts], (2,) * num_texts)
        ]
        law[len(reference.unlearned(rows, {0, 1}))] += Fraction(1, len(arrangements))
    return dict(law)


def test_hyperedges_on_cells_follow_the_exact_law() -> None:
    """Five skills that each choose three of eight texts, with replacement."""
    draws = scaled(10_000, 2000)
    choices = generator(1, "peeling", "cells").integers(0, 8, (draws, 15))
    skills = np.repeat(np.arange(5), 3)
    unlearned = [peel(from_edges(texts, skills, 8, 5)).stopping_set.size for texts in choices]
    assert_law(unlearned, exact.choices_with_replacement(5, 3, 8), scaled(0.07, 0.15))


def test_no_skills_no_texts() -> None:
    nothing = SkillTextGraph(0, np.array([0]), np.array([], int))
    assert peel(nothing).rounds == 0
    assert learning_curve(nothing).learned_count.tolist() == [0]
    alone = SkillTextGraph(3, np.array([0]), np.array([], int))
    assert peel(alone, np.array([True, False, False])).learned_share == 1 / 3
    assert learning_curve(alone).learned_count.tolist() == [0]


@pytest.mark.parametrize("shuffled", [False, True])
@pytest.mark.parametrize("known", [None, 0.1])
def test_avalanches_equal_those_of_the_kernels_for_any_learner(shuffled: bool, known: float | None) -> None:
    """One word per text against counts and rows, past the threshold, where most is learned at once."""
    size = scaled(20_000, 300)
    rng = generator(17, "avalanche")
    graph = sample(texts_by_law("poisson:4"), size, 2 * size, rng=rng)
    beforehand = None if known is None else sample_known(size, known, rng)
    state = np.full(size, -1, np.int32)
    if beforehand is not None:
        state[beforehand] = 0
    sides = graph.text_indptr, graph.text_skills, graph.skill_indptr, graph.skill_texts
    queue, scratch = np.empty(size, np.int32), np.empty((2, 2 * size), np.int32)
    in_rounds, on_arrival = state.copy(), state.copy()
    rounds = kernels.learn_by_rounds(*sides, 1, scratch[0], scratch[1], in_rounds, queue)
    found = peel(graph, beforehand)
    assert found.rounds == rounds
    np.testing.assert_array_equal(found.round_learned, in_rounds)
    order = rng.permutation(2 * size).astype(np.int64) if shuffled else np.empty(0, np.int64)
    counts = np.zeros(2 * size + 1, np.int32)
    counts[0] = np.count_nonzero(state == 0)
    scratch[0] = -1
    kernels.learn_by_arrival(*sides, order, 1, scratch[0], on_arrival, queue, counts)
    curve = learning_curve(graph, beforehand, order=order if shuffled else None)
    np.testing.assert_array_equal(curve.learned_at, on_arrival)
    np.testing.assert_array_equal(curve.learned_count, counts)
    assert counts[-1] > 0.9 * size
