"""Skill-text graphs to and from SciPy sparse matrices and networkx."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from skillgraph.graphs.graph import SkillTextGraph, from_edges

if TYPE_CHECKING:
    import networkx
    from scipy import sparse

__all__ = ["from_networkx", "from_scipy", "to_networkx", "to_scipy"]

_SKILL, _TEXT = 0, 1


def to_scipy(graph: SkillTextGraph) -> sparse.csr_array:
    """Return the (num_texts, num_skills) matrix of how often a text needs a skill, int32; names are not kept.

    Parameters
    ----------
    graph : SkillTextGraph

    Returns
    -------
    scipy.sparse.csr_array
        (num_texts, num_skills); an entry counts how often a pair occurs.

    Raises
    ------
    TypeError
        If ``graph`` is no `SkillTextGraph`.

    Examples
    --------
    >>> from skillgraph import from_edges
    >>> to_scipy(from_edges([0, 0, 1], [0, 1, 1])).toarray().tolist()
    [[1, 1], [0, 1]]
    """
    from scipy import sparse

    ones = np.ones(graph.num_edges, np.int32)
    shape = (graph.num_texts, graph.num_skills)
    matrix = sparse.csr_array((ones, graph.text_skills.copy(), graph.text_indptr.copy()), shape=shape)
    matrix.sum_duplicates()
    return matrix


def from_scipy(matrix: sparse.sparray | sparse.spmatrix) -> SkillTextGraph:
    """Return the graph of a sparse matrix, rows texts, columns skills.

    Parameters
    ----------
    matrix : SciPy sparse array or matrix, two dimensions
        Every entry other than 0 is one edge, whatever its value; entries stored twice are one edge.

    Returns
    -------
    SkillTextGraph

    Raises
    ------
    ValueError
        If it is no sparse matrix, or a value is NaN.

    Examples
    --------
    >>> from scipy import sparse
    >>> from_scipy(sparse.csr_array([[1, 1, 0], [0, 1, 1]])).num_edges
    4
    """
    rows, columns = nonzero_entries(matrix)
    num_texts, num_skills = matrix.shape
    pairs = np.unique(rows.astype(np.int64) * max(1, num_skills) + columns)
    return from_edges(pairs // max(1, num_skills), pairs % max(1, num_skills), num_texts, num_skills)


def nonzero_entries(matrix: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return rows and columns of the stored entries other than 0, repeated ones included, (entries,) each."""
    from scipy import sparse

    if not sparse.issparse(matrix) or matrix.ndim != 2:
        raise ValueError(f"a sparse matrix of two dimensions is needed, got {type(matrix).__name__}")
    if hasattr(matrix, "check_format"):
        matrix.check_format(full_check=True)
    entries = matrix.tocoo()
    if np.any(np.isnan(entries.data)):
        raise ValueError("a sparse matrix of texts and skills must not hold NaN")
    kept = np.flatnonzero(entries.data)
    return entries.row[kept], entries.col[kept]


def to_networkx(graph: SkillTextGraph) -> networkx.Graph:
    """Return the bipartite graph.

    Nodes are ``("skill", name)`` with ``bipartite=0`` and ``("text", name)`` with ``bipartite=1``, where the name is
    the number if the graph has no names. Edges carry ``multiplicity``, how often the pair occurs.

    Parameters
    ----------
    graph : SkillTextGraph

    Returns
    -------
    networkx.MultiGraph or networkx.Graph

    Raises
    ------
    TypeError
        If ``graph`` is no `SkillTextGraph`.

    Examples
    --------
    >>> from skillgraph import from_edges
    >>> to_networkx(from_edges([0, 0, 1], [0, 1, 1])).number_of_edges()
    3
    """
    import networkx as nx

    skills = [("skill", name) for name in graph.skill_names or range(graph.num_skills)]
    texts = [("text", name) for name in graph.text_names or range(graph.num_texts)]
    result = nx.Graph()
    result.add_nodes_from(skills, bipartite=_SKILL)
    result.add_nodes_from(texts, bipartite=_TEXT)
    matrix = to_scipy(graph).tocoo()
    for text, skill, multiplicity in zip(matrix.row, matrix.col, matrix.data.tolist(), strict=True):
        result.add_edge(texts[text], skills[skill], multiplicity=multiplicity)
    return result


def from_networkx(graph: networkx.Graph) -> SkillTextGraph:
    """Return the skill-text graph of a networkx graph, in the order of its nodes.

    Parameters
    ----------
    graph : networkx.Graph or networkx.MultiGraph, directed or not
        Nodes with ``bipartite=0`` are skills, with ``bipartite=1`` texts. An edge counts ``multiplicity`` times (1
        if absent). A node ``("skill", name)`` or ``("text", name)`` has that name, any other its own text or number.

    Returns
    -------
    SkillTextGraph

    Raises
    ------
    ValueError
        If a node has no such attribute, an edge joins two skills or two texts, a multiplicity is no positive integer,
        or two texts or two skills have the same name.

    Examples
    --------
    >>> import networkx as nx
    >>> graph = from_networkx(nx.davis_southern_women_graph())
    >>> graph.num_texts, graph.num_skills
    (14, 18)
    """
    nodes: tuple[list[Hashable], list[Hashable]] = ([], [])
    for node, side in graph.nodes(data="bipartite"):
        if side not in (_SKILL, _TEXT):
            raise ValueError(f"node {node!r} needs the attribute bipartite, 0 for a skill or 1 for a text, got {side}")
        nodes[side].append(node)
    skills, texts = ({node: place for place, node in enumerate(side)} for side in nodes)
    pairs: list[tuple[int, int]] = []
    for one, other, multiplicity in graph.edges(data="multiplicity", default=1):
        text, skill = (one, other) if one in texts else (other, one)
        if text not in texts or skill not in skills:
            raise ValueError(f"every edge must join a skill and a text, got {one!r} and {other!r}")
        if not isinstance(multiplicity, (int, np.integer)) or multiplicity < 1:
            raise ValueError(f"multiplicity of an edge must be an integer of at least 1, got {multiplicity!r}")
        pairs += [(texts[text], skills[skill])] * int(multiplicity)
    edges = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    return from_edges(
        edges[:, 0],
        edges[:, 1],
        len(texts),
        len(skills),
        text_names=_node_names("text", nodes[_TEXT]),
        skill_names=_node_names("skill", nodes[_SKILL]),
    )


def _node_names(side: str, nodes: Sequence[Hashable]) -> list[str | int] | None:
    """Return the names of nodes, or None if they are merely numbered."""
    names: list[str | int] = []
    for node in nodes:
        inner = node[1] if isinstance(node, tuple) and len(node) == 2 and node[0] == side else node
        names.append(inner if isinstance(inner, (str, int)) else str(inner))
    return None if names == list(range(len(names))) else names
