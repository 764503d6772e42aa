"""The adjacent possible on a graph: confluence of plain peeling, and history with little room or a short memory."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skillgraph.adjacent_possible import Resources, constant, explore, path_dependence
from skillgraph.adjacent_possible.coupled import adjacent_skills, learn_bounded
from skillgraph.adjacent_possible.innovation import weighted
from skillgraph.ensembles.ensemble import texts_by_law
from skillgraph.graphs.graph import SkillTextGraph
from skillgraph.graphs.sampling import sample
from skillgraph.seeding import generator
from skillgraph.simulation.peeling import learning_curve, peel
from tests.reference import adjacent_possible as reference
from tests.sizes import scaled

pytestmark = pytest.mark.kernel

few_examples = settings(max_examples=scaled(250, 60), deadline=None)


def graph_of(rows: list[list[int]], num_skills: int) -> SkillTextGraph:
    indptr = np.cumsum([0, *(len(row) for row in rows)], dtype=np.int64)
    return SkillTextGraph(num_skills, indptr, np.array([skill for row in rows for skill in row], dtype=np.int32))


@st.composite
def ordered_graphs(draw: st.DrawFn) -> tuple[list[list[int]], int, list[int]]:
    num_skills = draw(st.integers(1, 9))
    rows = draw(st.lists(st.lists(st.integers(0, num_skills - 1), max_size=4, unique=True), min_size=1, max_size=12))
    return rows, num_skills, draw(st.permutations(range(len(rows))))


@few_examples
@given(ordered_graphs(), st.integers(1, 3), st.sets(st.integers(0, 8)))
def test_plain_peeling_is_confluent(
    drawn: tuple[list[list[int]], int, list[int]], learner: int, beforehand: set[int]
) -> None:
    """Texts one by one in any order, all at once in rounds, and picked at will teach the same skills."""
    rows, num_skills, order = drawn
    graph, known = graph_of(rows, num_skills), np.isin(np.arange(num_skills), list(beforehand))
    final = peel(graph, known, learner=learner).learned
    curve = learn_bounded(graph, known, learner=learner, order=np.array(order))
    assert np.array_equal(curve.learned_at >= 0, final)
    same = learning_curve(graph, known, learner=learner, order=np.array(order))
    assert np.array_equal(curve.learned_at, same.learned_at)
    assert np.array_equal(curve.learned_count, same.learned_count)
    state, left = set(np.flatnonzero(known).tolist()), True
    while left:  # the last text in this order that can teach goes first: as unlike a queue as can be
        able = [t for t in order if 0 < len(set(rows[t]) - state) <= learner]
        left = bool(able)
        state |= set(rows[able[-1]]) if able else set()
    assert state == set(np.flatnonzero(final).tolist())


@few_examples
@given(ordered_graphs(), st.integers(1, 3), st.integers(1, 12))
def test_finite_memory_equals_reading_all_held_texts_over_and_over(
    drawn: tuple[list[list[int]], int, list[int]], learner: int, memory: int
) -> None:
    rows, num_skills, order = drawn
    expected = reference.bounded_learning(rows, order, [], learner, num_skills, memory)
    found = learn_bounded(graph_of(rows, num_skills), learner=learner, order=np.array(order), memory=memory)
    assert found.learned_count.tolist() == [len(known) for known in expected]
    assert set(np.flatnonzero(found.learned_at >= 0).tolist()) == expected[-1]


@few_examples
@given(ordered_graphs(), st.integers(1, 3), st.integers(0, 9), st.integers(1, 12))
def test_capacity_and_memory_only_take_away(
    drawn: tuple[list[list[int]], int, list[int]], learner: int, capacity: int, memory: int
) -> None:
    rows, num_skills, order = drawn
    graph = graph_of(rows, num_skills)
    everything = peel(graph, learner=learner).learned
    found = learn_bounded(graph, learner=learner, order=np.array(order), capacity=capacity, memory=memory)
    assert found.learned_count[-1] <= capacity
    assert np.all(np.diff(found.learned_count) >= 0)
    assert not np.any((found.learned_at >= 0) & ~everything)
    if memory >= len(rows):
        assert found.learned_count[-1] == min(capacity, everything.sum())


def test_first_come_is_first_served() -> None:
    graph = graph_of([[0], [1], [0, 2], [1, 3]], 4)
    first = learn_bounded(graph, order=np.array([0, 2, 1, 3]), capacity=2)
    second = learn_bounded(graph, order=np.array([1, 3, 0, 2]), capacity=2)
    assert first.learned_at.tolist() == [1, -1, 2, -1]
    assert second.learned_at.tolist() == [-1, 1, -1, 2]
    forgotten = learn_bounded(graph, order=np.array([2, 1, 0, 3]), memory=2)
    assert forgotten.learned_at.tolist() == [3, 2, -1, 4]  # the text {0, 2} is gone when 0 is learned


def test_history_matters_with_little_room_or_a_short_memory() -> None:
    """Texts of 1, 2 or 3 skills (10, 50, 40 %), uniform: 1 without limits, about 0.28 and 0.54 with them."""
    skills, texts, scale = scaled(5000, 250), scaled(8000, 400), scaled(1, 20)
    ensemble = texts_by_law("0.1*fixed:1+0.5*fixed:2+0.4*fixed:3")
    found = []
    for place in range(scaled(4, 1)):
        graph = sample(ensemble, skills, texts, rng=generator(21, "graph", place))
        found.append(
            [
                path_dependence(graph, orders=12, seed=place).overlap,
                path_dependence(graph, orders=12, seed=place, capacity=1500 // scale).overlap,
                path_dependence(graph, orders=12, seed=place, memory=500 // scale).overlap,
            ]
        )
    means = np.mean([[one.mean for one in row] for row in found], axis=0)
    assert means[0] == 1.0
    assert means[1] == pytest.approx(0.28, abs=scaled(0.02, 0.15))
    assert means[2] == pytest.approx(0.54, abs=scaled(0.04, 0.3))
    assert means[1] > found[0][1].by_chance


def test_candidates_are_neighbours_or_teachable() -> None:
    graph = graph_of([[0, 1], [1, 2, 3], [4], [3, 5]], 6)
    known = np.array([True, False, False, False, False, False])
    assert np.flatnonzero(adjacent_skills(graph, known)).tolist() == [1]
    assert np.flatnonzero(adjacent_skills(graph, known, candidates="teachable")).tolist() == [1, 4]
    known[1] = True
    assert np.flatnonzero(adjacent_skills(graph, known)).tolist() == [2, 3]
    assert np.flatnonzero(adjacent_skills(graph, known, candidates="teachable")).tolist() == [4]
    two = adjacent_skills(graph, known, candidates="teachable", learner=2)
    assert np.flatnonzero(two).tolist() == [2, 3, 4, 5]


def test_exploration_stays_in_its_component_and_below_its_cap() -> None:
    graph = sample(texts_by_law("fixed:2"), 200, 160, rng=generator(3, "walk"))
    start = np.zeros(200, np.bool_)
    start[graph.text_skills[0]] = True
    found = explore(graph, start, weighted([1.0]), steps=60, rng=generator(3, "steps"))
    component = start.copy()
    while (beside := adjacent_skills(graph, component)).any():
        component |= beside
    assert np.array_equal(found.known_skills, component)
    assert found.candidate_count[-1] == 0
    capped = explore(
        graph, start, weighted([1.0]), steps=60, rng=generator(3, "steps"), resources=Resources(context_cap=20.5)
    )
    assert capped.known_count.max() == min(20, component.sum())


def test_exploration_grows_by_its_law_while_candidates_last() -> None:
    """A clique: every unknown skill is a candidate, so M' = M + alpha C(M, 2) up to rounding at random."""
    graph = graph_of([list(range(400))], 400)
    start = np.zeros(400, np.bool_)
    start[:4] = True
    law, sizes = constant(0.05), []
    for place in range(300):
        sizes.append(explore(graph, start, law, steps=1, rng=generator(5, "clique", place)).known_count[1])
    mean = 4 + law.rate(4)
    spread = np.sqrt((law.rate(4) % 1) * (1 - law.rate(4) % 1) / 300)
    assert abs(np.mean(sizes) - mean) < 5.5 * spread
    lost = explore(graph, np.ones(400, np.bool_), law, steps=1, rng=generator(5, "loss"), extinction=0.5).known_count
    assert abs(int(lost[1]) - 200) < 60


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda g: learn_bounded(g, capacity=-1), "capacity must be an integer of at least 0, got -1"),
        (lambda g: learn_bounded(g, memory=0), "memory must be an integer of at least 1, got 0"),
        (lambda g: learn_bounded(g, learner=0), "learner must be an integer of at least 1, got 0"),
        (lambda g: learn_bounded(g, order=np.array([0, 0])), "order must be a permutation of the 2 texts"),
        (lambda g: learn_bounded(g, np.ones(5, np.bool_)), "known_skills must be one bool per skill"),
        (lambda g: path_dependence(g, orders=1, seed=1), "orders must be an integer of at least 2"),
        (lambda g: adjacent_skills(g, np.ones(3, np.bool_), candidates="all"), 'candidates must be "adjacent"'),
        (
            lambda g: explore(g, np.zeros(3, np.bool_), constant(1), steps=1, rng=generator(1)),
            "M0 must be at least 1",
        ),
        (
            lambda g: explore(g, np.ones(3, np.bool_), constant(1), steps=-1, rng=generator(1)),
            "steps must be an integer of at least",
        ),
        (
            lambda g: explore(
                g, np.ones(3, np.bool_), constant(1), steps=1, rng=generator(1), resources=Resources(context_cap=2)
            ),
            "the cap must be at least M0 = 3, got 2",
        ),
    ],
)
def test_bad_input_is_named(call, message: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match=message):
        call(graph_of([[0, 1], [1, 2]], 3))
