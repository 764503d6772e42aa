"""Components by simulation: against networkx, against exact binomial sums, against the theory of Poisson graphs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats

from skillgraph.graphs.graph import SkillTextGraph
from skillgraph.seeding import generator
from skillgraph.simulation.percolation import (
    ComponentCurve,
    associations,
    associations_curve,
    components,
    curve_by_edges,
    curve_by_skills,
    curve_by_texts,
    largest_by_texts,
)
from skillgraph.statistics.canonical import _binomial_window, canonical
from tests.reference import percolation as reference
from tests.sizes import scaled

FALSE_ALARM = 1e-9
MISS = 1e-6

few_examples = settings(max_examples=scaled(250, 60), deadline=None)


def graph_of(rows: list[list[int]], num_skills: int) -> SkillTextGraph:
    indptr = np.cumsum([0, *(len(row) for row in rows)], dtype=np.int64)
    columns = np.array([skill for row in rows for skill in row], dtype=np.int32)
    return SkillTextGraph(num_skills=num_skills, text_indptr=indptr, text_skills=columns)


def poisson_graph(num_skills: int, num_texts: int, mean: float, rng: np.random.Generator) -> SkillTextGraph:
    degrees = rng.binomial(num_skills, mean / num_skills, size=num_texts)
    rows = [rng.choice(num_skills, degree, replace=False, shuffle=False).tolist() for degree in degrees]
    return graph_of(rows, num_skills)


def states(curve: ComponentCurve) -> list[tuple[int, int, int]]:
    return list(zip(curve.largest.tolist(), curve.second_largest.tolist(), curve.sum_squares.tolist(), strict=True))


@st.composite
def small_graphs(draw: st.DrawFn) -> tuple[list[list[int]], int]:
    """Empty texts, texts of one skill, repeated edges and orphan skills are all common here."""
    num_skills = draw(st.integers(0, 12))
    row = st.lists(st.integers(0, num_skills - 1), max_size=5) if num_skills else st.just([])
    rows = draw(st.lists(row, max_size=10))
    return rows, num_skills


@st.composite
def ordered_graphs(draw: st.DrawFn, things: str) -> tuple[list[list[int]], int, list[int]]:
    rows, num_skills = draw(small_graphs())
    number = {"texts": len(rows), "edges": sum(map(len, rows)), "skills": num_skills}[things]
    return rows, num_skills, draw(st.permutations(range(number)))


@st.composite
def learning(draw: st.DrawFn) -> tuple[list[list[int]], list[int], list[int]]:
    rows, num_skills, order = draw(ordered_graphs("texts"))
    moments = st.lists(st.integers(-1, len(rows)), min_size=num_skills, max_size=num_skills)
    return rows, draw(moments), order


@few_examples
@given(small_graphs())
def test_components_equal_networkx(drawn: tuple[list[list[int]], int]) -> None:
    rows, num_skills = drawn
    found = components(graph_of(rows, num_skills))
    edges = [(text, skill) for text, row in enumerate(rows) for skill in row]
    expected = sorted(map(sorted, reference.component_sets(edges, range(num_skills))))
    assert [np.flatnonzero(found.labels == label).tolist() for label in range(found.sizes.size)] == expected
    assert found.sizes.tolist() == [len(nodes) for nodes in expected]
    assert (found.largest, found.second_largest, found.sum_squares) == reference.state(edges, range(num_skills))


@few_examples
@given(ordered_graphs("texts"))
def test_curve_by_texts_equals_networkx_after_every_text(drawn: tuple[list[list[int]], int, list[int]]) -> None:
    rows, num_skills, order = drawn
    graph = graph_of(rows, num_skills)
    assert states(curve_by_texts(graph, np.array(order, dtype=np.int64))) == reference.states_by_texts(*drawn)
    assert states(curve_by_texts(graph)) == reference.states_by_texts(rows, num_skills, list(range(len(rows))))


@few_examples
@given(ordered_graphs("texts"), st.booleans())
def test_the_largest_alone_is_that_of_the_curve(drawn: tuple[list[list[int]], int, list[int]], every: bool) -> None:
    rows, num_skills, order = drawn
    graph, at = graph_of(rows, num_skills), None if every else np.arange(len(rows) % 2, len(rows) + 1, 2)
    for arrival in (None, np.array(order, dtype=np.int64)):
        expected = curve_by_texts(graph, arrival, at=at)
        assert largest_by_texts(graph, arrival, at=at).tolist() == expected.largest.tolist()


@st.composite
def edge_lists(draw: st.DrawFn) -> tuple[list[list[int]], int, list[int]]:
    """Draw graphs whose texts have two skills each, loops and repeated edges among them."""
    num_skills = draw(st.integers(1, 12))
    skill = st.integers(0, num_skills - 1)
    rows = draw(st.lists(st.lists(skill, min_size=2, max_size=2), max_size=100))
    return rows, num_skills, draw(st.permutations(range(len(rows))))


@few_examples
@given(edge_lists())
def test_edge_lists_equal_networkx_after_every_edge(drawn: tuple[list[list[int]], int, list[int]]) -> None:
    rows, num_skills, order = drawn
    graph, arrival = graph_of(rows, num_skills), np.array(order, dtype=np.int64)
    expected = reference.states_by_texts(*drawn)
    assert states(curve_by_texts(graph, arrival)) == expected
    at = np.arange(0, len(rows) + 1, 3)
    assert states(curve_by_texts(graph, arrival, at=at)) == expected[::3]
    assert largest_by_texts(graph, arrival).tolist() == [largest for largest, _, _ in expected]
    assert largest_by_texts(graph, arrival, at=at).tolist() == [largest for largest, _, _ in expected[::3]]


@few_examples
@given(ordered_graphs("edges"))
def test_curve_by_edges_equals_networkx_after_every_edge(drawn: tuple[list[list[int]], int, list[int]]) -> None:
    rows, num_skills, order = drawn
    curve = curve_by_edges(graph_of(rows, num_skills), np.array(order, dtype=np.int64))
    assert states(curve) == reference.states_by_edges(*drawn)


@few_examples
@given(ordered_graphs("skills"))
def test_curve_by_skills_equals_networkx_after_every_skill(drawn: tuple[list[list[int]], int, list[int]]) -> None:
    rows, num_skills, order = drawn
    curve = curve_by_skills(graph_of(rows, num_skills), np.array(order, dtype=np.int64))
    assert states(curve) == reference.states_by_skills(*drawn)


@few_examples
@given(learning())
def test_associations_equal_networkx_after_every_text(drawn: tuple[list[list[int]], list[int], list[int]]) -> None:
    rows, learned_at, order = drawn
    graph, moments = graph_of(rows, len(learned_at)), np.array(learned_at)
    curve = associations_curve(graph, moments, np.array(order, dtype=np.int64))
    assert states(curve) == reference.states_of_learned(*drawn)
    assert states(associations_curve(graph, moments)) == reference.states_of_learned(
        rows, learned_at, list(range(len(rows)))
    )
    final = associations(graph, moments >= 0)
    assert (final.largest, final.second_largest, final.sum_squares) == states(curve)[-1]
    assert ((final.labels < 0) == (moments < 0)).all()


def test_susceptibility_leaves_out_the_largest_and_is_per_skill() -> None:
    graph = graph_of([[0, 1, 2], [3, 4]], 6)
    curve = curve_by_texts(graph)
    assert curve.susceptibility.tolist() == [5 / 6, 3 / 6, 5 / 6]
    assert components(graph).susceptibility == 5 / 6
    assert curve_by_skills(graph, np.arange(6), at=[4]).susceptibility.tolist() == [1 / 6]


@pytest.fixture(scope="module")
def middle_graph() -> SkillTextGraph:
    return poisson_graph(scaled(3000, 150), scaled(3000, 150), 2.0, generator(1, "percolation", "middle"))


def test_long_curves_equal_components_of_prefixes(middle_graph: SkillTextGraph) -> None:
    curve = states(curve_by_texts(middle_graph))
    for texts in np.linspace(0, middle_graph.num_texts, 25).astype(int):
        indptr = middle_graph.text_indptr[: texts + 1]
        prefix = SkillTextGraph(
            num_skills=middle_graph.num_skills, text_indptr=indptr, text_skills=middle_graph.text_skills[: indptr[-1]]
        )
        found = components(prefix)
        assert curve[texts] == (found.largest, found.second_largest, found.sum_squares)


def test_last_points_do_not_depend_on_the_order_or_the_element(middle_graph: SkillTextGraph) -> None:
    rng = generator(1, "percolation", "orders")
    graph, last = middle_graph, states(curve_by_texts(middle_graph))[-1]
    everything = np.zeros(graph.num_skills, np.int64)
    for _ in range(3):
        assert states(curve_by_texts(graph, rng.permutation(graph.num_texts)))[-1] == last
        assert states(curve_by_edges(graph, rng.permutation(graph.num_edges)))[-1] == last
        assert states(curve_by_skills(graph, rng.permutation(graph.num_skills)))[-1] == last
        assert states(associations_curve(graph, everything, rng.permutation(graph.num_texts)))[-1] == last


def test_relabelled_skills_give_the_same_curves(middle_graph: SkillTextGraph) -> None:
    rng = generator(1, "percolation", "names")
    names = rng.permutation(middle_graph.num_skills)
    renamed = SkillTextGraph(
        num_skills=middle_graph.num_skills,
        text_indptr=middle_graph.text_indptr,
        text_skills=names[middle_graph.text_skills].astype(np.int32),
    )
    edges, skills = rng.permutation(renamed.num_edges), rng.permutation(renamed.num_skills)
    moments = rng.integers(-1, renamed.num_texts + 1, renamed.num_skills)
    moved = np.empty_like(moments)
    moved[names] = moments
    assert states(curve_by_texts(renamed)) == states(curve_by_texts(middle_graph))
    assert states(curve_by_edges(renamed, edges)) == states(curve_by_edges(middle_graph, edges))
    assert states(curve_by_skills(renamed, names[skills])) == states(curve_by_skills(middle_graph, skills))
    assert states(associations_curve(renamed, moved)) == states(associations_curve(middle_graph, moments))


def test_checkpoints_are_entries_of_the_full_curve(middle_graph: SkillTextGraph) -> None:
    rng = generator(1, "percolation", "checkpoints")
    graph = middle_graph
    moments = rng.integers(-1, graph.num_texts + 1, graph.num_skills)
    texts, edges, skills = (rng.permutation(n) for n in (graph.num_texts, graph.num_edges, graph.num_skills))
    sweeps = {
        graph.num_texts: lambda at: curve_by_texts(graph, texts, at=at),
        graph.num_edges: lambda at: curve_by_edges(graph, edges, at=at),
        graph.num_skills + 0.5: lambda at: curve_by_skills(graph, skills, at=at),
        graph.num_texts + 0.25: lambda at: associations_curve(graph, moments, texts, at=at),
    }
    for length, sweep in sweeps.items():
        full = states(sweep(None))
        for at in ([0], [1, 7, 50], [3, int(length)], range(int(length) + 1)):
            some = sweep(np.array(at))
            assert some.steps.tolist() == list(at)
            assert states(some) == [full[step] for step in at]


def test_orders_may_be_of_any_integer_type_and_are_not_changed() -> None:
    graph = graph_of([[0, 1], [2], [1, 2]], 4)
    expected = states(curve_by_texts(graph, np.array([2, 0, 1])))
    for kind in (np.int8, np.int32, np.uint16, np.uint64):
        order = np.array([2, 0, 1], dtype=kind)
        order.setflags(write=False)
        assert states(curve_by_texts(graph, order)) == expected


def test_canonical_equals_exact_binomial_sums() -> None:
    rng = generator(1, "percolation", "canonical")
    chances = np.array([[0.0, 1e-12, 1e-3, 0.1], [0.5, 0.77, 1 - 1e-9, 1.0]])
    for total in (0, 1, 2, 17, 400, 3000):
        values = rng.normal(size=total + 1)
        pmf = stats.binom.pmf(np.arange(total + 1), total, chances[..., None])
        np.testing.assert_allclose(canonical(values, chances), pmf @ values, rtol=0, atol=2e-12)


def test_canonical_keeps_within_its_stated_truncation() -> None:
    for tolerance in (1e-3, 1e-6):
        for chance in (0.001, 0.3, 0.98):
            first, weights = _binomial_window(5000, chance, tolerance)
            law = stats.binom(5000, chance)
            left_out = law.cdf(first - 1) + law.sf(first + weights.size - 1)
            assert tolerance**2 < left_out <= tolerance


def test_canonical_is_stable_for_a_billion_elements() -> None:
    total = 10**9
    for chance in (1e-9, 1e-4, 0.3, 0.999):
        np.testing.assert_allclose(
            canonical([0, total], chance, steps=[0, total]), total * chance, rtol=1e-11, err_msg=str(chance)
        )
        first, weights = _binomial_window(total, chance, 1e-15)
        offsets = first - total * chance + np.arange(weights.size)
        np.testing.assert_allclose(weights @ offsets**2, total * chance * (1 - chance), rtol=1e-8)


def giant_share(mean: float, ratio: float, active: float = 1.0) -> float:
    """Solve S = a (1 - exp(-c r (1 - exp(-c S)))) for the largest root (Poisson, skills active with chance a)."""
    return float(
        optimize.brentq(lambda s: s - active * -np.expm1(-mean * ratio * -np.expm1(-mean * s)), 1e-3, 1.0, xtol=1e-14)
    )


def assert_mean(sample: np.ndarray, expected: float, bias: float, resolution: float) -> None:
    """Fail when the mean is off (false alarm 1e-9), or when an error of ``resolution`` could be missed (1e-6)."""
    error = sample.std(ddof=1) / np.sqrt(sample.size)
    degrees = sample.size - 1
    band = bias + stats.t.isf(FALSE_ALARM / 2, degrees) * error
    assert abs(sample.mean() - expected) < band
    assert band + bias + stats.t.isf(MISS, degrees) * error < resolution


def test_largest_component_agrees_with_theory_by_texts_edges_and_skills() -> None:
    mean, num_skills, replicates = 2.0, scaled(10_000, 400), scaled(24, 16)
    bias, resolution = 10 / num_skills, scaled(0.04, 0.4)
    at = num_skills * np.array([1, 2]) // 2
    texts, edges, skills = [], [], []
    for replicate in range(replicates):
        rng = generator(1, "percolation", "theory", replicate)
        graph = poisson_graph(num_skills, num_skills, mean, rng)
        texts.append(curve_by_texts(graph, at=at).largest / num_skills)
        by_edges = curve_by_edges(graph, rng.permutation(graph.num_edges))
        edges.append(canonical(by_edges.largest, 0.75) / num_skills)
        by_skills = curve_by_skills(graph, rng.permutation(num_skills))
        skills.append(canonical(by_skills.largest, 0.6) / num_skills)
    assert_mean(np.array(texts)[:, 0], giant_share(mean, 0.5), bias, resolution)
    assert_mean(np.array(texts)[:, 1], giant_share(mean, 1.0), bias, resolution)
    assert_mean(np.array(edges), giant_share(0.75 * mean, 1.0), bias, resolution)
    assert_mean(np.array(skills), giant_share(mean, 1.0, active=0.6), bias, resolution)


def test_bad_orders_checkpoints_and_masks_are_named() -> None:
    graph = graph_of([[0, 1], [1, 2]], 3)
    with pytest.raises(ValueError, match="order must be a permutation of the 2 texts"):
        curve_by_texts(graph, np.array([0, 0]))
    with pytest.raises(ValueError, match="order must be a permutation of the 4 edges"):
        curve_by_edges(graph, np.array([0, 1, 2, 4]))
    with pytest.raises(ValueError, match="order must be a permutation of the 3 skills"):
        curve_by_skills(graph, np.array([0, 1, 1]))
    with pytest.raises(
        ValueError, match=r"order must be one integer per skill, shape \(3,\), got int64 of shape \(2,\)"
    ):
        curve_by_skills(graph, np.array([0, 1]))
    with pytest.raises(ValueError, match="order must be one integer per text"):
        curve_by_texts(graph, np.array([0.0, 1.0]))
    for at in ([1, 1], [-1], [3], []):
        with pytest.raises(ValueError, match=r"at must increase strictly within 0\.\.2"):
            curve_by_texts(graph, at=np.array(at, dtype=np.int64))
    with pytest.raises(ValueError, match="learned must be one bool per skill"):
        associations(graph, np.ones(3))
    with pytest.raises(ValueError, match="learned_at must have one entry per skill"):
        associations_curve(graph, np.zeros(2, np.int64))
    with pytest.raises(ValueError, match=r"learned_at must lie in -1\.\.2, got values from 0 to 3"):
        associations_curve(graph, np.array([0, 1, 3]))


def test_bad_mixing_is_named() -> None:
    for chance in (-0.1, 1.1, np.nan):
        with pytest.raises(ValueError, match="probability must lie in"):
            canonical(np.zeros(3), chance)
    with pytest.raises(ValueError, match="values must be a curve"):
        canonical(np.zeros((2, 2)), 0.5)
    with pytest.raises(ValueError, match="tolerance must lie between 0 and 1"):
        canonical(np.zeros(3), 0.5, tolerance=0)
    with pytest.raises(ValueError, match="steps must be one integer per value"):
        canonical(np.zeros(3), 0.5, steps=[0, 2])
