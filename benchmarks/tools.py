"""What the benchmarks compare: for every tool, a first part (its own graph from arrays) and a second (the work).

A tool is a function of the input that returns two functions, ``build() -> graph`` and ``work(graph) -> answer``. One
that is not installed raises ImportError.
"""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from skillgraph import configuration, curve_by_texts, largest_by_texts, learning_curve, peel, texts_by_law
from skillgraph.graphs.graph import SkillTextGraph
from skillgraph.simulation.exploration import explore_components
from skillgraph.simulation.implicit import (
    implicit_components,
    implicit_curve,
    implicit_peeling,
    stored_by_skill,
    stored_by_text,
)
from skillgraph.simulation.percolation import components

Parts = tuple[Callable[[], Any], Callable[[Any], Any]]


@dataclass(frozen=True)
class Pairs:
    """An edge list: (2 edges,) uint32, both ends of every edge."""

    nodes: int
    ends: np.ndarray

    @property
    def edges(self) -> int:
        """Number of edges."""
        return self.ends.size // 2

    @property
    def sides(self) -> tuple[np.ndarray, np.ndarray]:
        """Both sides as int32 arrays."""
        return self.ends[::2].astype(np.int32), self.ends[1::2].astype(np.int32)


def edge_list(pairs: Pairs) -> SkillTextGraph:
    """Return the graph whose texts are the edges."""
    starts = np.arange(0, 2 * pairs.edges + 1, 2, dtype=np.int64)
    return SkillTextGraph(pairs.nodes, starts, pairs.ends.view(np.int32))


def skillgraph_largest_static(pairs: Pairs) -> Parts:
    last = np.array([pairs.edges])
    return lambda: edge_list(pairs), lambda graph: int(largest_by_texts(graph, at=last)[0])


def skillgraph_labels(pairs: Pairs) -> Parts:
    return lambda: edge_list(pairs), lambda graph: int(components(graph).largest)


def skillgraph_drawn(threads: int) -> Callable[[Pairs], Parts]:
    law = texts_by_law("fixed:2")

    def tool(pairs: Pairs) -> Parts:
        def work(_: None) -> None:
            implicit_components(law, pairs.nodes, pairs.edges, seed=1, threads=threads)

        return lambda: None, work

    return tool


def skillgraph_largest(pairs: Pairs) -> Parts:
    return lambda: edge_list(pairs), lambda graph: int(largest_by_texts(graph)[-1])


def skillgraph_all(pairs: Pairs) -> Parts:
    return lambda: edge_list(pairs), lambda graph: int(curve_by_texts(graph).largest[-1])


def skillgraph_drawn_curve(pairs: Pairs) -> Parts:
    at = np.unique(np.linspace(0, pairs.edges, 1001).astype(np.int64))

    def work(_: None) -> None:
        implicit_curve(texts_by_law("fixed:2"), pairs.nodes, at, seed=1)

    return lambda: None, work


def scipy_tool(pairs: Pairs) -> Parts:
    from scipy import sparse

    def build() -> Any:
        one, other = pairs.sides
        return sparse.csr_array((np.ones(one.size, np.int8), (one, other)), shape=(pairs.nodes, pairs.nodes))

    def work(matrix: Any) -> int:
        return int(np.bincount(sparse.csgraph.connected_components(matrix, directed=False)[1]).max())

    return build, work


def networkx_tool(pairs: Pairs) -> Parts:
    import networkx as nx

    def build() -> Any:
        graph = nx.Graph()
        graph.add_nodes_from(range(pairs.nodes))
        graph.add_edges_from(zip(*(side.tolist() for side in pairs.sides), strict=True))
        return graph

    return build, lambda graph: max(len(part) for part in nx.connected_components(graph))


def igraph_tool(pairs: Pairs) -> Parts:
    import igraph

    ends = pairs.ends.reshape(-1, 2)
    return lambda: igraph.Graph(pairs.nodes, ends), lambda graph: max(graph.connected_components().sizes())


def networkit_tool(pairs: Pairs) -> Parts:
    import networkit as nk

    nk.setNumberOfThreads(1)

    def build() -> Any:
        return nk.GraphFromCoo(tuple(side.astype(np.uint64) for side in pairs.sides), n=pairs.nodes)

    def work(graph: Any) -> int:
        found = nk.components.ConnectedComponents(graph)
        found.run()
        return max(found.getComponentSizes().values())

    return build, work


def rustworkx_tool(pairs: Pairs) -> Parts:
    import rustworkx as rx

    def build() -> Any:
        graph = rx.PyGraph()
        graph.add_nodes_from(range(pairs.nodes))
        graph.add_edges_from_no_data(list(zip(*(side.tolist() for side in pairs.sides), strict=True)))
        return graph

    return build, lambda graph: max(len(part) for part in rx.connected_components(graph))


def cpyrcolate_tool(pairs: Pairs) -> Parts:
    from cpyrcolate import percolate_cy

    def build() -> Any:
        return *pairs.sides, np.arange(pairs.edges, dtype=np.int32)

    def work(graph: Any) -> int:
        return int(np.max(percolate_cy.run_percolation(pairs.nodes, pairs.edges, *graph, -1, -1)[0]))

    return build, work


@cache
def c_kernels() -> ctypes.CDLL:
    """Compile `kernels.c`, or raise ImportError without a compiler."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        raise ImportError("no C compiler")
    folder = Path(tempfile.mkdtemp())
    source = Path(__file__).with_name("kernels.c")
    options = ["-O3", "-march=native", "-shared", "-fPIC", "-o", str(folder / "kernels.so"), str(source)]
    subprocess.run([compiler, *options], check=True)
    library = ctypes.CDLL(str(folder / "kernels.so"))
    library.afforest.restype = ctypes.c_uint64
    shutil.rmtree(folder)
    return library


def _pointers(*arrays: np.ndarray) -> list[ctypes.c_void_p]:
    return [array.ctypes.data_as(ctypes.c_void_p) for array in arrays]


def c_sweep(pairs: Pairs) -> Parts:
    """Do the same in C."""
    library = c_kernels()

    def work(_: None) -> int:
        words, out = np.empty(pairs.nodes, np.uint32), np.empty(pairs.edges + 1, np.int32)
        sizes = ctypes.c_uint64(pairs.nodes), ctypes.c_uint64(pairs.edges)
        library.sweep(*sizes, *_pointers(pairs.ends, words, out))
        return int(out[-1])

    return lambda: None, work


def c_afforest(pairs: Pairs) -> Parts:
    """Build rows of both directions in C; Afforest on them."""
    library = c_kernels()

    def build() -> Any:
        starts, others = np.empty(pairs.nodes + 1, np.uint64), np.empty(2 * pairs.edges, np.uint32)
        sizes = ctypes.c_uint64(pairs.nodes), ctypes.c_uint64(pairs.edges)
        library.rows(*sizes, *_pointers(pairs.ends, starts, others))
        return starts, others

    def work(graph: Any) -> int:
        parents, counts = np.empty(pairs.nodes, np.uint32), np.empty(pairs.nodes, np.uint32)
        return int(library.afforest(ctypes.c_uint64(pairs.nodes), *_pointers(*graph, parents, counts)))

    return build, work


_GRAPH_TOOL = """
import sys, time
import numpy as np
import graph_tool as gt
from graph_tool import topology
gt.openmp_set_num_threads(1)
task, path, nodes = sys.argv[1], sys.argv[2], int(sys.argv[3])
ends = np.load(path).reshape(-1, 2).astype(np.int64)
start = time.perf_counter()
graph = gt.Graph(directed=False)
graph.add_vertex(nodes)
graph.add_edge_list(ends)
built = time.perf_counter()
if task == "sweep":
    largest = int(topology.edge_percolation(graph, ends)[0][-1])
else:
    largest = int(topology.label_components(graph)[1].max())
print(built - start, time.perf_counter() - built, largest)
"""


def graph_tool(task: str) -> Callable[[Pairs], Parts]:
    """Run Debian's graph-tool in the interpreter that has it; it measures itself."""

    def tool(pairs: Pairs) -> Parts:
        found = [one for one in ("python3", "/usr/bin/python3") if _has_graph_tool(one)]
        if not found:
            raise ImportError("no graph-tool")

        def work(_: None) -> tuple[float, float, int]:
            with tempfile.TemporaryDirectory() as folder:
                np.save(Path(folder) / "ends.npy", pairs.ends)
                words = [found[0], "-c", _GRAPH_TOOL, task, str(Path(folder) / "ends.npy"), str(pairs.nodes)]
                answer = subprocess.run(words, check=True, capture_output=True, text=True).stdout.split()
            return float(answer[0]), float(answer[1]), int(answer[2])

        return lambda: None, work

    return tool


@cache
def _has_graph_tool(interpreter: str) -> bool:
    if shutil.which(interpreter) is None:
        return False
    return subprocess.run([interpreter, "-c", "import graph_tool"], check=False, capture_output=True).returncode == 0


@dataclass(frozen=True)
class Table:
    """As many texts as skills, Poisson(3) skills per text: the graph and its edges as arrays."""

    graph: SkillTextGraph
    texts: np.ndarray
    skills: np.ndarray

    @property
    def edges(self) -> int:
        """Number of incidences."""
        return self.graph.num_edges


_THREE = texts_by_law("poisson:3")


def table(size: int) -> Table:
    """Draw the table of a size."""
    graph = stored_by_text(_THREE, size, size, seed=1)
    texts = np.repeat(np.arange(size, dtype=np.int32), graph.skills_per_text)
    return Table(graph, texts, graph.text_skills)


def skills_stored(data: Table) -> Parts:
    last = np.array([data.graph.num_texts])
    return lambda: data.graph, lambda graph: int(largest_by_texts(graph, at=last)[0])


def skills_drawn(data: Table) -> Parts:
    size = data.graph.num_skills
    return lambda: None, lambda _: implicit_components(_THREE, size, size, seed=1, threads=1).largest


def skills_explored(data: Table) -> Parts:
    """Another graph of the same law: there is no edge to share."""
    size = data.graph.num_skills

    def work(_: None) -> None:
        explore_components(_THREE, size, size, seed=1, threads=1)

    return lambda: None, work


def skills_scipy(data: Table) -> Parts:
    """Components of the bipartite graph, texts not counted."""
    from scipy import sparse

    size, texts = data.graph.num_skills, data.graph.num_texts

    def build() -> Any:
        ones = np.ones(data.edges, np.int8)
        return sparse.csr_array((ones, (data.skills, data.texts + size)), shape=(size + texts, size + texts))

    def work(matrix: Any) -> int:
        labels = sparse.csgraph.connected_components(matrix, directed=False)[1]
        return int(np.bincount(labels[:size]).max())

    return build, work


def skills_scipy_projected(data: Table) -> Parts:
    """Multiply the incidence matrix with its transpose, then components."""
    from scipy import sparse

    size, texts = data.graph.num_skills, data.graph.num_texts

    def build() -> Any:
        ones = np.ones(data.edges, np.int32)
        matrix = sparse.csr_array((ones, (data.skills, data.texts)), shape=(size, texts))
        return matrix @ matrix.T

    def work(matrix: Any) -> int:
        return int(np.bincount(sparse.csgraph.connected_components(matrix, directed=False)[1]).max())

    return build, work


def skills_networkit(data: Table) -> Parts:
    import networkit as nk

    nk.setNumberOfThreads(1)
    size, texts = data.graph.num_skills, data.graph.num_texts

    def build() -> Any:
        ends = data.skills.astype(np.uint64), data.texts.astype(np.uint64) + np.uint64(size)
        return nk.GraphFromCoo(ends, n=size + texts)

    def work(graph: Any) -> int:
        found = nk.components.ConnectedComponents(graph)
        found.run()
        partition = np.array(found.getPartition().getVector())
        return int(np.bincount(partition[:size]).max())

    return build, work


def skills_xgi(data: Table) -> Parts:
    import xgi

    def build() -> Any:
        hypergraph = xgi.Hypergraph()
        hypergraph.add_nodes_from(range(data.graph.num_skills))
        rows = np.split(data.skills, data.graph.text_indptr[1:-1])
        hypergraph.add_edges_from([row.tolist() for row in rows if row.size])
        return hypergraph

    return build, lambda graph: max(len(part) for part in xgi.connected_components(graph))


def skills_hypergraphx(data: Table) -> Parts:
    import hypergraphx as hx

    def build() -> Any:
        rows = np.split(data.skills, data.graph.text_indptr[1:-1])
        hypergraph = hx.Hypergraph([tuple(row.tolist()) for row in rows if row.size])
        hypergraph.add_nodes(list(range(data.graph.num_skills)))
        return hypergraph

    return build, lambda graph: max(len(part) for part in graph.connected_components())


@dataclass(frozen=True)
class Keys:
    """Edges of three uniform vertices each, 0.79 edges per vertex: what a filter of as many keys peels."""

    size: int

    @property
    def edges(self) -> int:
        """Sockets of all keys."""
        return 3 * self.size


_HYPERGRAPH = configuration(f"poisson:{3 * 0.79!r}", "fixed:3")
_FOUR = texts_by_law("poisson:4")


def peel_drawn(keys: Keys) -> Parts:
    return lambda: None, lambda _: implicit_peeling(_HYPERGRAPH, keys.size, seed=1).learned_count


@cache
def _hypergraph(size: int) -> SkillTextGraph:
    graph = stored_by_skill(_HYPERGRAPH, size, seed=1)
    _ = graph.skill_texts
    return graph


def peel_stored(keys: Keys) -> Parts:
    return lambda: _hypergraph(keys.size), lambda graph: int(peel(graph).learned.sum())


@cache
def _growing(size: int) -> SkillTextGraph:
    graph = stored_by_skill(_FOUR, size, round(1.5 * size), seed=1)
    _ = graph.skill_texts
    return graph


def peel_growing(keys: Keys) -> Parts:
    return lambda: _growing(keys.size // 2), lambda graph: peel(graph).learned_share


def curve_growing(keys: Keys) -> Parts:
    return lambda: _growing(keys.size // 2), lambda graph: learning_curve(graph).learned_share[-1]


def c_filter(name: str) -> Callable[[Keys], Parts]:
    """Construct a filter in C: hashing, peeling and fingerprints; keys and memory beforehand."""

    def tool(keys: Keys) -> Parts:
        from pyfusefilter._xorfilter import ffi, lib

        def build() -> Any:
            made = np.random.Generator(np.random.PCG64(1)).integers(0, 2**64, keys.size, dtype=np.uint64)
            kept = ffi.new(f"{name}_t *")
            getattr(lib, f"{name}_allocate")(keys.size, kept)
            return made, kept

        def work(graph: Any) -> None:
            populate = getattr(lib, f"{name}_buffered_populate", None) or getattr(lib, f"{name}_populate")
            populate(ffi.cast("uint64_t *", ffi.from_buffer(graph[0])), keys.size, graph[1])
            getattr(lib, f"{name}_free")(graph[1])

        return build, work

    return tool
