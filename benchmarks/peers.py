"""The same work by this package and by its peers, in one run: components, Newman-Ziff sweeps, peeling.

    python benchmarks/peers.py components 1e6    # largest component of G(n, m), n = m; from arrays, building included
    python benchmarks/peers.py sweep 1e6         # the largest component after every edge
    python benchmarks/peers.py peeling 1e6       # random 3-uniform hypergraphs of 0.79 edges per vertex, to the end
    python benchmarks/peers.py components 1e6 --figure   # docs/performance.png from several sizes up to the one given

Peers that are not installed are skipped; where tools compute the same number it must be the same. Printed: processor
time per edge, median of several runs, and the ratio to the first line. The floor is a pass of random gathers over an
array of one word per node, the least that any method does.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np

from skillgraph import configuration, curve_by_texts, generator, peel, plotting, texts_by_law
from skillgraph.graphs import SkillTextGraph
from skillgraph.implicit import implicit_curve, implicit_peeling, stored_by_skill
from skillgraph.percolation import components

REPEATS = 3
Tool = Callable[[int, np.ndarray, np.ndarray], int]


def ours(nodes: int, one: np.ndarray, other: np.ndarray) -> int:
    """Static components; every edge is a text of two skills."""
    return int(components(_graph(nodes, one, other)).largest)


def our_curve(nodes: int, one: np.ndarray, other: np.ndarray) -> int:
    """Largest, second largest and susceptibility after every edge."""
    return int(curve_by_texts(_graph(nodes, one, other)).largest[-1])


def _graph(nodes: int, one: np.ndarray, other: np.ndarray) -> SkillTextGraph:
    skills = np.stack([one, other], axis=1).ravel()
    return SkillTextGraph(nodes, 2 * np.arange(one.size + 1, dtype=np.int32), skills)


def scipy_tool(nodes: int, one: np.ndarray, other: np.ndarray) -> int:
    from scipy import sparse

    ones = np.ones(one.size, np.int8)
    matrix = sparse.csr_array((ones, (one, other)), shape=(nodes, nodes))
    labels = sparse.csgraph.connected_components(matrix, directed=False)[1]
    return int(np.bincount(labels).max())


def networkx_tool(nodes: int, one: np.ndarray, other: np.ndarray) -> int:
    import networkx as nx

    graph = nx.Graph()
    graph.add_nodes_from(range(nodes))
    graph.add_edges_from(zip(one.tolist(), other.tolist(), strict=True))
    return max(len(part) for part in nx.connected_components(graph))


def igraph_tool(nodes: int, one: np.ndarray, other: np.ndarray) -> int:
    import igraph

    return max(igraph.Graph(nodes, np.stack([one, other], axis=1)).connected_components().sizes())


def networkit_tool(nodes: int, one: np.ndarray, other: np.ndarray) -> int:
    import networkit as nk

    graph = nk.GraphFromCoo((one.astype(np.uint64), other.astype(np.uint64)), n=nodes)
    found = nk.components.ConnectedComponents(graph)
    found.run()
    return max(found.getComponentSizes().values())


def rustworkx_tool(nodes: int, one: np.ndarray, other: np.ndarray) -> int:
    import rustworkx as rx

    graph = rx.PyGraph()
    graph.add_nodes_from(range(nodes))
    graph.add_edges_from_no_data(list(zip(one.tolist(), other.tolist(), strict=True)))
    return max(len(part) for part in rx.connected_components(graph))


def cpyrcolate_tool(nodes: int, one: np.ndarray, other: np.ndarray) -> int:
    from cpyrcolate import percolate_cy

    order = np.arange(one.size, dtype=np.int32)
    return int(np.max(percolate_cy.run_percolation(nodes, nodes, one, other, order, -1, -1)[0]))


def implicit_sweep(nodes: int, one: np.ndarray, other: np.ndarray) -> int:
    """Draw texts of two skills and join them; 1000 checkpoints. Not the same edges: they are never stored."""
    at = np.unique(np.linspace(0, one.size, 1001).astype(np.int64))
    return int(implicit_curve(texts_by_law("fixed:2"), nodes, at, seed=1).largest[-1])


def implicit_hypergraph(nodes: int, one: np.ndarray, other: np.ndarray) -> int:
    """Peel edges that are drawn when they are needed."""
    return implicit_peeling(_HYPERGRAPH, nodes, seed=1).learned_count


def stored_hypergraph(nodes: int, one: np.ndarray, other: np.ndarray) -> int:
    """Peel stored edges, round by round; sampling not counted."""
    return int(peel(_stored(nodes)).learned.sum())


@cache
def _stored(nodes: int) -> SkillTextGraph:
    graph = stored_by_skill(_HYPERGRAPH, nodes, seed=1)
    _ = graph.skill_texts
    return graph


_HYPERGRAPH = configuration(f"poisson:{3 * 0.79!r}", "fixed:3")

TASKS: dict[str, dict[str, tuple[Tool, int]]] = {
    "components": {},
    "sweep": {
        "skillgraph, stored edges, S1, S2, chi": (our_curve, 10**9),
        "skillgraph, implicit edges": (implicit_sweep, 10**9),
        "cpyrcolate, C kernel, S1": (cpyrcolate_tool, 10**9),
    },
    "peeling": {
        "skillgraph, implicit": (implicit_hypergraph, 10**9),
        "skillgraph, stored": (stored_hypergraph, 10**8),
    },
}
EDGES = {"components": 1, "sweep": 1, "peeling": 3}
COMPONENTS: dict[str, tuple[Tool, int]] = {
    "skillgraph, static": (ours, 10**9),
    "skillgraph, after every edge": (our_curve, 10**9),
    "scipy": (scipy_tool, 10**8),
    "networkit": (networkit_tool, 10**7),
    "igraph": (igraph_tool, 10**7),
    "rustworkx": (rustworkx_tool, 10**6),
    "networkx": (networkx_tool, 10**5),
}


def floor(nodes: int, one: np.ndarray) -> float:
    """Nanoseconds per random gather."""
    words = np.zeros(nodes, np.uint32)
    start = time.process_time()
    for _ in range(3):
        words[one].sum()
    return 1e9 * (time.process_time() - start) / (3 * one.size)


TASKS["components"] = COMPONENTS


def measure(task: str, size: int) -> dict[str, float]:
    """Return nanoseconds per edge of every tool that is installed, the median of several runs."""
    rng = generator(1, "peers", size)
    one, other = (rng.integers(0, size, size, dtype=np.int32) for _ in range(2))
    found, answers = {"floor": floor(size, one)}, {}
    for name, (tool, largest) in TASKS[task].items():
        if size > largest:
            continue
        times = []
        try:
            tool(1000, one[:1000] % 1000, other[:1000] % 1000)
            for _ in range(REPEATS if size <= 10**7 else 1):
                start = time.process_time()
                answers[name] = tool(size, one, other)
                times.append(time.process_time() - start)
        except ImportError:
            continue
        found[name] = 1e9 * float(np.median(times)) / (EDGES[task] * size)
    if task == "components" and len(set(answers.values())) != 1:
        raise SystemExit(f"the answers differ: {answers}")
    return found


def report(task: str, size: int, found: dict[str, float]) -> None:
    """Print a table in Markdown."""
    first = found[next(name for name in found if name != "floor")]
    print(f"\n| {task}, size {size:.0e} | ns per edge | ratio |\n|---|---|---|")
    for name, value in found.items():
        print(f"| {name} | {value:.1f} | {value / first:.1f} |")


def draw(results: dict[int, dict[str, float]]) -> None:
    """Draw time per edge against size."""
    with plotting.style():
        drawn, (axes,) = plotting.figure(1, width="single", aspect=0.8)
        names = [name for name in ("floor", *COMPONENTS) if any(name in found for found in results.values())]
        for index, name in enumerate(names):
            sizes = [size for size, found in results.items() if name in found]
            values = [results[size][name] for size in sizes]
            style = {"color": plotting.COLOURS[index % 7], "marker": plotting.MARKERS[index % 7]}
            axes.plot(sizes, values, label=name, markerfacecolor="white", **style)
        axes.set(xscale="log", yscale="log", xlabel="edges", ylabel="processor time per edge (ns)")
        axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
        plotting.save(drawn, Path(__file__).parents[1] / "docs" / "performance.png")


def main() -> None:
    """Measure at one size, or at every power of ten up to it."""
    words = [word for word in sys.argv[1:] if not word.startswith("--")]
    task, largest = words[0] if words else "components", int(float(words[1])) if len(words) > 1 else 10**6
    several = "--figure" in sys.argv
    sizes = [10**power for power in range(3, 10) if 10**power < largest] if several else []
    results = {}
    for size in [*sizes, largest]:
        results[size] = measure(task, size)
        report(task, size, results[size])
    if several:
        draw(results)


if __name__ == "__main__":
    main()
