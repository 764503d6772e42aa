"""The same work by this package and by its peers, in one run: components, sweeps, projections, peeling, many graphs.

    python benchmarks/peers.py components 1e6    # largest component of G(n, m), n = m
    python benchmarks/peers.py sweep 1e6         # the largest component after every edge
    python benchmarks/peers.py projection 1e6    # giant component of skills, as many texts of mean 3
    python benchmarks/peers.py peeling 1e6       # hypergraphs of 0.79 edges per vertex, to the end; learning curves
    python benchmarks/peers.py many 1e5          # replicates of 1000 skills, one and two threads
    python benchmarks/peers.py components 1e7 --figure   # docs/performance.png, powers of ten up to the one given

Peers that are not installed are skipped; tools that work on the same edges must find the same. Wall time, one thread,
median of several runs; "build" is each tool's own graph from arrays, "work" what it is compared by. The floor
is a random read and a random read-and-write with hints, of an array of one word per node, per edge. Freed memory stays
with the process, for all tools alike: on a virtual machine its first use can cost more than the work.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba
import numpy as np
import tools

from skillgraph import generator, texts_by_law
from skillgraph._kernels.prefetch import prefetch
from skillgraph.figures import style as plotting
from skillgraph.simulation.exchangeable import peel_by_chain
from skillgraph.simulation.exchangeable_curves import curves_by_chain

Tool = Callable[[Any], tools.Parts]
SETTINGS = {"OMP_NUM_THREADS": "1", "MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": str(10**11)}

# name: (tool, largest size, whether the answer is that of the others)
TASKS: dict[str, dict[str, tuple[Tool, float, bool]]] = {
    "components": {
        "skillgraph, stored edges": (tools.skillgraph_largest_static, 1e9, True),
        "skillgraph, stored edges, labels": (tools.skillgraph_labels, 1e9, True),
        "skillgraph, edges drawn, 1 thread": (tools.skillgraph_drawn(1), 1e9, False),
        "skillgraph, edges drawn, 2 threads": (tools.skillgraph_drawn(2), 1e9, False),
        "Afforest in C": (tools.c_afforest, 1e8, True),
        "NetworKit": (tools.networkit_tool, 1e7, True),
        "SciPy": (tools.scipy_tool, 1e8, True),
        "igraph": (tools.igraph_tool, 1e7, True),
        "graph-tool": (tools.graph_tool("components"), 1e7, True),
        "rustworkx": (tools.rustworkx_tool, 1e6, True),
        "networkx": (tools.networkx_tool, 1e5, True),
    },
    "sweep": {
        "skillgraph, largest": (tools.skillgraph_largest, 1e9, True),
        "skillgraph, largest, second, susceptibility": (tools.skillgraph_all, 1e9, True),
        "skillgraph, all, edges drawn": (tools.skillgraph_drawn_curve, 1e9, False),
        "the kernel for the largest in C": (tools.c_sweep, 1e9, True),
        "cpyrcolate, C kernel": (tools.cpyrcolate_tool, 1e8, True),
        "graph-tool": (tools.graph_tool("sweep"), 1e7, True),
    },
    "projection": {
        "skillgraph, stored": (tools.skills_stored, 1e9, True),
        "skillgraph, edges drawn": (tools.skills_drawn, 1e9, True),
        "skillgraph, without a graph": (tools.skills_explored, 1e9, False),
        "SciPy, bipartite graph": (tools.skills_scipy, 1e7, True),
        "SciPy, projection": (tools.skills_scipy_projected, 1e6, True),
        "NetworKit, bipartite graph": (tools.skills_networkit, 1e6, True),
        "XGI": (tools.skills_xgi, 1e5, True),
        "HypergraphX": (tools.skills_hypergraphx, 1e5, True),
    },
    "peeling": {
        "skillgraph, edges drawn": (tools.peel_drawn, 1e9, True),
        "skillgraph, stored edges": (tools.peel_stored, 3e7, True),
        "xor filter, C": (tools.c_filter("xor8"), 1e8, False),
        "binary fuse filter, C": (tools.c_filter("binary_fuse8"), 1e8, False),
        "skillgraph, poisson:4, r = 1.5, to the end": (tools.peel_growing, 3e7, False),
        "skillgraph, poisson:4, r = 1.5, after every text": (tools.curve_growing, 3e7, False),
    },
}


@numba.njit
def _gather(words: np.ndarray, places: np.ndarray) -> int:
    total = 0
    for place in places:
        total += words[place]
    return total


@numba.njit
def _update(words: np.ndarray, places: np.ndarray) -> None:
    for i in range(places.size - 64):
        prefetch(words, places[i + 64])
        words[places[i]] += np.uint32(1)


@numba.njit(nogil=True)
def _registers(steps: int) -> int:
    word = np.uint64(1)
    for _ in range(steps):
        word = word * np.uint64(6364136223846793005) + np.uint64(1442695040888963407)
    return np.int64(word)


def floor(nodes: int) -> float:
    """Nanoseconds of one random read and one random read-and-write with hints."""
    words = np.zeros(nodes, np.uint32)
    places = generator(2, "floor").integers(0, nodes, min(2 * nodes, 2 * 10**7), dtype=np.uint32)
    best = [np.inf, np.inf]
    for _ in range(4):
        for part, kernel in enumerate((_gather, _update)):
            start = time.perf_counter()
            kernel(words, places)
            best[part] = min(best[part], time.perf_counter() - start)
    return 1e9 * sum(best) / places.size


def made(task: str, size: int) -> Any:
    """Return what the tools of a task work on."""
    if task == "projection":
        return tools.table(size)
    if task == "peeling":
        return tools.Keys(size)
    ends = generator(1, "peers", size).integers(0, size, 2 * size, dtype=np.uint32)
    return tools.Pairs(size, ends)


def measure(task: str, size: int) -> dict[str, tuple[float, float]]:
    """Return build and work of every tool that is installed, nanoseconds per edge."""
    data, small = made(task, size), made(task, 1000)
    times: dict[str, list[tuple[float, float]]] = {}
    answers: dict[str, Any] = {}
    repeats = 5 if size <= 10**6 else 3 if size <= 10**7 else 1
    able = {name: tool for name, (tool, largest, _) in TASKS[task].items() if size <= largest and _runs(tool, small)}
    for name, tool in able.items():
        for _ in range(repeats):
            build, work = tool(data)
            start = time.perf_counter()
            while time.perf_counter() < start + 0.05:  # a processor that has waited is slow at first
                pass
            start = time.perf_counter()
            graph = build()
            built = time.perf_counter()
            answer = work(graph)
            parts = built - start, time.perf_counter() - built
            if isinstance(answer, tuple):  # a tool in another process measures itself
                parts, answer = answer[:2], answer[2]
            times.setdefault(name, []).append(parts)
            if TASKS[task][name][2]:
                answers[name] = answer
            del graph
    if len(set(answers.values())) > 1:
        raise SystemExit(f"the answers differ: {answers}")
    return {name: tuple(1e9 * np.median(parts, axis=0) / data.edges) for name, parts in times.items()}


def _runs(tool: Tool, data: Any) -> bool:
    try:
        build, work = tool(data)
        work(build())
    except ImportError:
        return False
    return True


def report(task: str, size: int, found: dict[str, tuple[float, float]], lowest: float) -> None:
    """Print a table in Markdown."""
    build_first, first = next(iter(found.values()))
    print(
        f"\n| {task}, size {size:.0e}; ns per edge | build | work | work, ratio | both, ratio |\n|---|---|---|---|---|"
    )
    print(f"| random read and read-and-write | | {lowest:.1f} | {lowest / first:.2f} | |")
    for name, (build, work) in found.items():
        total = (build + work) / (build_first + first)
        print(f"| {name} | {build:.1f} | {work:.1f} | {work / first:.2f} | {total:.2f} |", flush=True)


def many(replicates: int) -> None:
    """Print the cost of many small graphs, and what a second thread gains."""
    law, at = texts_by_law("poisson:4"), np.linspace(0, 1600, 41).astype(np.int64)
    edges = replicates * 6400
    work: dict[str, Callable[[int], Any]] = {
        "a loop in registers": lambda threads: _spread(threads, replicates),
        "learned share in the end": lambda threads: (
            peel_by_chain(law, 1000, 1600, replicates=replicates, seed=1, threads=threads).unlearned
        ),
        "whole learning curves": lambda threads: curves_by_chain(
            law, 1000, at, replicates=replicates, seed=1, threads=threads
        ),
    }
    _registers(10)
    print(
        f"\n| {replicates} replicates of 1000 skills, poisson:4 | ns per edge | 2 threads | gain |\n|---|---|---|---|"
    )
    for name, one in work.items():
        results, best = {}, {}
        for threads in (1, 2, 1, 2, 1, 2):
            start = time.perf_counter()
            results[threads] = one(threads)
            best[threads] = min(best.get(threads, np.inf), time.perf_counter() - start)
        if not np.array_equal(results[1], results[2]):
            raise SystemExit(f"{name}: the threads show")
        values = [1e9 * best[threads] / edges for threads in (1, 2)]
        print(f"| {name} | {values[0]:.2f} | {values[1]:.2f} | {values[0] / values[1]:.2f} |", flush=True)


def _spread(threads: int, replicates: int) -> int:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(_registers, [20_000 * replicates // 16] * 16))
    return 0


def draw(results: dict[int, dict[str, tuple[float, float]]], floors: dict[int, float]) -> None:
    """Draw time per edge against size."""
    with plotting.style():
        drawn, (axes,) = plotting.figure(1, width="double", aspect=0.5)
        axes.plot(list(floors), list(floors.values()), color="0.6", linestyle=":", label="random read and write")
        names = [name for name in TASKS["components"] if any(name in found for found in results.values())]
        for index, name in enumerate(names):
            sizes = [size for size, found in results.items() if name in found]
            values = [sum(results[size][name]) for size in sizes]
            style = {
                "color": plotting.COLOURS[index % 7],
                "marker": plotting.MARKERS[index % 7],
                "linestyle": "-" if index < 7 else "--",
            }
            axes.plot(sizes, values, label=name, markerfacecolor="white", **style)
        axes.set(xscale="log", yscale="log", xlabel="edges", ylabel="build and work, time per edge (ns)")
        axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
        plotting.save(drawn, Path(__file__).parents[1] / "docs" / "performance.png")


def main() -> None:
    """Measure at one size, or at every power of ten up to it."""
    if any(os.environ.get(name) != value for name, value in SETTINGS.items()):
        os.environ.update(SETTINGS)  # libraries read them when a process starts
        os.execv(sys.executable, [sys.executable, *sys.argv])
    words = [word for word in sys.argv[1:] if not word.startswith("--")]
    task, largest = words[0] if words else "components", int(float(words[1])) if len(words) > 1 else 10**6
    if task == "many":
        many(largest)
        return
    several = "--figure" in sys.argv
    sizes = [10**power for power in range(4, 10) if 10**power < largest] if several else []
    results, floors = {}, {}
    for size in [*sizes, largest]:
        floors[size] = floor(size)
        results[size] = measure(task, size)
        report(task, size, results[size], floors[size])
    if several and task == "components":
        draw(results, floors)


if __name__ == "__main__":
    main()
