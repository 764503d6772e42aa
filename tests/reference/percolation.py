"""Components by networkx on the bipartite graph of what is active: the slow, obvious way."""

from __future__ import annotations

from collections.abc import Iterable

import networkx as nx

Edge = tuple[int, int]
State = tuple[int, int, int]


def component_sets(edges: Iterable[Edge], skills: Iterable[int]) -> list[set[int]]:
    """Return the sets of given skills joined by (text, skill) edges; edges to other skills do not count."""
    graph = nx.Graph()
    present = set(skills)
    graph.add_nodes_from(("skill", skill) for skill in present)
    graph.add_edges_from((("text", text), ("skill", skill)) for text, skill in edges if skill in present)
    found = [{i for kind, i in nodes if kind == "skill"} for nodes in nx.connected_components(graph)]
    return [nodes for nodes in found if nodes]


def state(edges: Iterable[Edge], skills: Iterable[int]) -> State:
    """Return largest, second largest and sum of squares of the component sizes."""
    sizes = sorted((len(nodes) for nodes in component_sets(edges, skills)), reverse=True)
    return (*[*sizes, 0, 0][:2], sum(size * size for size in sizes))  # type: ignore[return-value]


def states_by_texts(rows: list[list[int]], num_skills: int, order: list[int]) -> list[State]:
    """Return the state after 0, 1, ... texts."""
    return [
        state([(text, skill) for text in order[:step] for skill in rows[text]], range(num_skills))
        for step in range(len(rows) + 1)
    ]


def states_by_edges(rows: list[list[int]], num_skills: int, order: list[int]) -> list[State]:
    """Return the state after 0, 1, ... edges, numbered text by text."""
    edges = [(text, skill) for text, row in enumerate(rows) for skill in row]
    return [state([edges[edge] for edge in order[:step]], range(num_skills)) for step in range(len(edges) + 1)]


def states_by_skills(rows: list[list[int]], num_skills: int, order: list[int]) -> list[State]:
    """Return the state after 0, 1, ... active skills."""
    edges = [(text, skill) for text, row in enumerate(rows) for skill in row]
    return [state(edges, order[:step]) for step in range(num_skills + 1)]


def states_of_learned(rows: list[list[int]], learned_at: list[int], order: list[int]) -> list[State]:
    """Return the state of the graph of learned skills after 0, 1, ... texts have arrived."""
    return [
        state(
            [(text, skill) for text in order[:step] for skill in rows[text]],
            [skill for skill, moment in enumerate(learned_at) if 0 <= moment <= step],
        )
        for step in range(len(rows) + 1)
    ]
