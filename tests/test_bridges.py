"""Graphs to and from SciPy and networkx."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from scipy import sparse

from skillgraph.graphs.bridges import from_networkx, from_scipy, to_networkx, to_scipy
from skillgraph.graphs.graph import SkillTextGraph
from tests.sizes import scaled
from tests.test_graphs import Rows, graph_of, small_rows

pytestmark = pytest.mark.kernel

some_examples = settings(max_examples=scaled(150, 50), deadline=None)


def sorted_rows(graph: SkillTextGraph) -> Rows:
    return [sorted(graph.skills_of(text).tolist()) for text in range(graph.num_texts)]


@some_examples
@given(small_rows())
def test_scipy_counts_how_often_a_text_needs_a_skill(drawn: tuple[Rows, int]) -> None:
    rows, num_skills = drawn
    matrix = to_scipy(graph_of(rows, num_skills))
    assert matrix.shape == (len(rows), num_skills)
    assert matrix.dtype == np.int32
    assert matrix.toarray().tolist() == [[row.count(skill) for skill in range(num_skills)] for row in rows]
    for form in (matrix, matrix.tocoo(), matrix.tocsc(), sparse.csr_matrix(matrix), matrix.tolil(), matrix.todok()):
        back = from_scipy(form)
        assert sorted_rows(back) == [sorted(set(row)) for row in rows]
        assert back.num_skills == num_skills


def test_every_entry_other_than_0_is_one_edge() -> None:
    entries = np.array([0.5, -2.0, 0.0, 1.0, 1.0])
    matrix = sparse.coo_array((entries, (np.array([0, 1, 1, 2, 2]), np.array([1, 0, 1, 2, 2]))), shape=(4, 4))
    graph = from_scipy(matrix)
    assert sorted_rows(graph) == [[1], [0], [2], []]
    assert graph.num_orphan_skills == 1
    assert sorted_rows(from_scipy(sparse.csr_array(np.array([[True, False], [True, True]])))) == [[0], [0, 1]]
    assert from_scipy(sparse.csr_array((3, 0))).num_texts == 3


def test_the_matrix_does_not_share_memory_with_the_graph() -> None:
    graph = graph_of([[0, 1], [1, 1]], 2)
    matrix = to_scipy(graph)
    matrix.data[:] = 9
    matrix.indices[:] = 0
    assert sorted_rows(graph) == [[0, 1], [1, 1]]


def test_what_is_no_matrix_of_edges_is_named() -> None:
    with pytest.raises(ValueError, match="a sparse matrix of two dimensions is needed, got ndarray"):
        from_scipy(np.eye(2))
    with pytest.raises(ValueError, match="a sparse matrix of two dimensions is needed, got coo_array"):
        from_scipy(sparse.coo_array(np.ones(3)))
    with pytest.raises(ValueError, match="must not hold NaN"):
        from_scipy(sparse.csr_array(np.array([[1.0, np.nan]])))


@some_examples
@given(small_rows())
def test_networkx_there_and_back(drawn: tuple[Rows, int]) -> None:
    rows, num_skills = drawn
    graph = graph_of(rows, num_skills)
    bipartite = to_networkx(graph)
    assert bipartite.number_of_nodes() == len(rows) + num_skills
    assert sum(count for *_, count in bipartite.edges(data="multiplicity")) == graph.num_edges
    back = from_networkx(bipartite)
    assert sorted_rows(back) == sorted_rows(graph)
    assert (back.num_skills, back.skill_names, back.text_names) == (num_skills, None, None)


def test_networkx_keeps_names() -> None:
    graph = SkillTextGraph(2, np.array([0, 2]), np.array([1, 0]), skill_names=("x", 7), text_names=("x",))
    bipartite = to_networkx(graph)
    assert dict(bipartite.nodes(data="bipartite")) == {("skill", "x"): 0, ("skill", 7): 0, ("text", "x"): 1}
    back = from_networkx(bipartite)
    assert (back.skill_names, back.text_names) == (("x", 7), ("x",))


@pytest.mark.parametrize("kind", [nx.Graph, nx.DiGraph, nx.MultiGraph, nx.MultiDiGraph])
def test_networkx_graphs_of_any_kind_and_any_node(kind: type[nx.Graph]) -> None:
    bipartite = kind()
    bipartite.add_nodes_from(["reading", 3.5, ("skill", "b")], bipartite=0)
    bipartite.add_nodes_from(["t1", "t0"], bipartite=1)
    bipartite.add_edge("reading", "t0")
    bipartite.add_edge("t1", 3.5, multiplicity=2)
    bipartite.add_edge("t1", 3.5, multiplicity=np.int64(2))
    graph = from_networkx(bipartite)
    assert graph.skill_names == ("reading", "3.5", "b")
    assert graph.text_names == ("t1", "t0")
    assert sorted_rows(graph) == [[1] * (4 if bipartite.is_multigraph() else 2), [0]]
    assert graph.num_orphan_skills == 1


def edge(**attributes: object) -> nx.Graph:
    bipartite = nx.Graph()
    bipartite.add_node("s", bipartite=0)
    bipartite.add_node("t", bipartite=1)
    bipartite.add_edge("s", "t", **attributes)
    return bipartite


def test_what_is_not_bipartite_is_named() -> None:
    bare = nx.Graph([("a", "b")])
    with pytest.raises(
        ValueError, match="node 'a' needs the attribute bipartite, 0 for a skill or 1 for a text, got None"
    ):
        from_networkx(bare)
    nx.set_node_attributes(bare, 0, "bipartite")
    with pytest.raises(ValueError, match="every edge must join a skill and a text, got 'a' and 'b'"):
        from_networkx(bare)
    nx.set_node_attributes(bare, 1, "bipartite")
    with pytest.raises(ValueError, match="every edge must join a skill and a text, got 'a' and 'b'"):
        from_networkx(bare)
    for multiplicity in (0, -1, 1.5, "2", None):
        with pytest.raises(ValueError, match="multiplicity of an edge must be an integer of at least 1, got"):
            from_networkx(edge(multiplicity=multiplicity))
    double = edge()
    double.add_node(("skill", "s"), bipartite=0)
    with pytest.raises(ValueError, match="skill_names must all be different"):
        from_networkx(double)
