"""The largest component of the same random graph, by this package and by its peers, in one run.

    python benchmarks/peers.py 1e6            # G(n, m) with n = m = 10^6; peers that are not installed are skipped
    python benchmarks/peers.py 1e5 --figure   # also draws docs/performance.png from several sizes up to the one given

Every tool gets the same edges; its answer must be the same. Printed: processor time per edge from the edge arrays to
the largest component, building the tool's own graph included, and the ratio to this package. The floor is a pass of
random gathers over an array of one word per node, the least that any method does.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import numpy as np

from skillgraph import curve_by_texts, generator
from skillgraph.graphs import SkillTextGraph
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


TOOLS: dict[str, tuple[Tool, int]] = {
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


def measure(size: int) -> dict[str, float]:
    """Return nanoseconds per edge of every tool that is installed, the median of several runs."""
    rng = generator(1, "peers", size)
    one, other = (rng.integers(0, size, size, dtype=np.int32) for _ in range(2))
    found: dict[str, float] = {"floor": floor(size, one)}
    answer = ours(size, one, other)
    our_curve(size, one, other)
    for name, (tool, largest) in TOOLS.items():
        if size > largest:
            continue
        times = []
        try:
            for _ in range(REPEATS if size <= 10**7 else 1):
                start = time.process_time()
                result = tool(size, one, other)
                times.append(time.process_time() - start)
                if result != answer:
                    raise SystemExit(f"{name} finds {result}, skillgraph {answer}")
        except ImportError:
            continue
        found[name] = 1e9 * float(np.median(times)) / size
    return found


def report(size: int, found: dict[str, float]) -> None:
    """Print a table in Markdown."""
    print(f"\n| {size:.0e} edges and nodes | ns per edge | times skillgraph, static |\n|---|---|---|")
    for name, value in found.items():
        print(f"| {name} | {value:.1f} | {value / found['skillgraph, static']:.1f} |")


def draw(results: dict[int, dict[str, float]]) -> None:
    """Draw time per edge against size."""
    from pathlib import Path

    from skillgraph import plotting

    with plotting.style():
        drawn, (axes,) = plotting.figure(1, width="single", aspect=0.8)
        names = [name for name in ("floor", *TOOLS) if any(name in found for found in results.values())]
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
    largest = int(float(words[0])) if words else 10**6
    several = "--figure" in sys.argv
    sizes = [10**power for power in range(3, 10) if 10**power < largest] if several else []
    results = {}
    for size in [*sizes, largest]:
        results[size] = measure(size)
        report(size, results[size])
    if several:
        draw(results)


if __name__ == "__main__":
    main()
