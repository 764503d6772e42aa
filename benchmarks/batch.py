"""Many small graphs, everything counted on a grid: the compiled batch against the loop over the single kernels.

    python benchmarks/batch.py [REPLICATES [SKILLS]]

Processor time of this process per edge, so other work on the machine shows only through shared caches; all ways take
turns, and ratios are of the same run. What a second thread gains is computed from what does not depend on other work:
the processor time per edge with one and two threads, and the share of time in which threads wait for anything but a
processor (Linux only); the elapsed time beside it means something on a quiet machine.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from skillgraph.ensembles.parsing import parse_ensemble
from skillgraph.graphs.graph import SkillTextGraph
from skillgraph.seeding import generator
from skillgraph.simulation.batch import graph_of_replicate, observe_many
from skillgraph.simulation.observe import OBSERVABLES, observe, observe_replicate

POINTS, TURNS = 41, 5
TASKS = Path("/proc/self/task")


@dataclass(frozen=True)
class Case:
    """An ensemble and how far its texts go."""

    name: str
    ensemble: Any
    size: int
    ratio: float
    known: float = 0.0
    learner: int = 1

    @property
    def at(self) -> np.ndarray:
        """The grid."""
        return np.rint(np.linspace(0.03, 1.0, POINTS) * self.ratio * self.size).astype(np.int64)

    @property
    def edges(self) -> float:
        """Mean edges of a replicate."""
        return parse_ensemble(self.ensemble).skills_per_text.mean * self.ratio * self.size


def cases(size: int) -> list[Case]:
    """Return what is measured."""
    popular = {"skills_per_text": "poisson:4", "skill_popularity": "zipf:0.5"}
    return [
        Case("poisson:4", "poisson:4", size, 1.6),
        Case("poisson:4, 0.2 known", "poisson:4", size, 1.6, known=0.2),
        Case("poisson:4, two at a time", "poisson:4", size, 1.6, learner=2),
        Case("poisson:4, zipf:0.5", popular, size, 1.6),
        Case("ldpc 3,6, 0.55 known", {"ldpc": "3,6"}, size, 0.5, known=0.55),
        Case("zipf:2:1:100", "zipf:2:1:100", size, 3.0),
    ]


def batch(case: Case, replicates: int, threads: int, progress: Callable[[int], None] | None = None) -> Any:
    """Return what the batch sees."""
    return observe_many(
        case.ensemble,
        case.size,
        case.at,
        replicates=replicates,
        seed=1,
        learner=case.learner,
        known=case.known,
        threads=threads,
        progress=progress,
    )


def loop(case: Case, replicates: int) -> Any:
    """Return sums of the loop over sampling and single kernels, other graphs of the same law."""
    ensemble = parse_ensemble(case.ensemble)
    rules = {"learner": case.learner, "known": case.known}
    seen = [
        observe_replicate(ensemble, case.size, case.at, generator(1, "loop", i), **rules)["learned_share"]
        for i in range(replicates)
    ]
    return np.sum(seen, axis=0)


def on_stored(case: Case, graphs: list[tuple[SkillTextGraph, np.ndarray | None]]) -> Any:
    """Return the counts of the single kernels on the graphs of the batch, which are there already."""
    fresh = [(SkillTextGraph(case.size, graph.text_indptr, graph.text_skills), known) for graph, known in graphs]
    return [observe(graph, case.at, known_skills=known, learner=case.learner) for graph, known in fresh]


def scipy_components(case: Case, graphs: list[tuple[SkillTextGraph, np.ndarray | None]]) -> list[int]:
    """Return the largest component at every grid point, with SciPy."""
    from scipy import sparse

    found = []
    for graph, _ in graphs:
        for texts in case.at:
            edges, nodes = int(graph.text_indptr[texts]), case.size + int(texts)
            starts = np.concatenate([graph.text_indptr[: texts + 1], np.full(case.size, edges, np.int32)])
            parts = np.ones(edges), graph.text_skills[:edges] + np.int32(texts), starts
            matrix = sparse.csr_array(parts, shape=(nodes, nodes))
            labels = sparse.csgraph.connected_components(matrix, directed=False)[1]
            found.append(int(np.bincount(labels[texts:]).max()))
    return found


def igraph_components(case: Case, graphs: list[tuple[SkillTextGraph, np.ndarray | None]]) -> list[int]:
    """Return the largest component at every grid point, with igraph."""
    import igraph

    found = []
    for graph, _ in graphs:
        for texts in case.at:
            skills = graph.text_skills[: graph.text_indptr[texts]]
            rows = np.repeat(np.arange(texts), np.diff(graph.text_indptr[: texts + 1])) + case.size
            one = igraph.Graph(case.size + int(texts), np.stack([rows, skills], axis=1))
            labels = np.array(one.connected_components().membership)
            found.append(int(np.bincount(labels[: case.size]).max()))
    return found


def waits(case: Case, replicates: int) -> float:
    """Return the share of time in which two threads of a batch wait for anything but a processor; NaN if unknown."""
    if not TASKS.is_dir():
        return float("nan")
    seen: list[tuple[float, dict[str, float]]] = []

    def look(_: int) -> None:
        busy = {task.name: sum(map(int, (task / "schedstat").read_text().split()[:2])) for task in TASKS.iterdir()}
        seen.append((time.perf_counter_ns(), busy))

    batch(case, replicates, 2, look)
    (start, before), (end, after) = seen[2], seen[-3]  # while both threads have work
    main = str(os.getpid())
    workers = sorted((after[name] - before[name] for name in after if name in before and name != main), reverse=True)
    return 1 - sum(workers[:2]) / (2 * (end - start))


def timed(work: Callable[[], Any]) -> tuple[float, float, Any]:
    """Return processor and elapsed seconds, and the result."""
    cpu, wall = time.process_time(), time.perf_counter()
    result = work()
    return time.process_time() - cpu, time.perf_counter() - wall, result


def measure(case: Case, replicates: int) -> None:
    """Print one case."""
    some = max(2, replicates // 20)
    texts = int(case.at[-1])
    graphs = [graph_of_replicate(case.ensemble, case.size, texts, i, seed=1, known=case.known) for i in range(some)]
    ways: dict[str, tuple[int, Callable[[], Any]]] = {
        "batch": (replicates, lambda: batch(case, replicates, 1)),
        "batch, two threads": (replicates, lambda: batch(case, replicates, 2)),
        "loop, sampling included": (some, lambda: loop(case, some)),
        "loop, graphs stored": (some, lambda: on_stored(case, graphs)),
    }
    best: dict[str, tuple[float, float]] = {}
    results: dict[str, Any] = {}
    for turn in range(TURNS + 1):
        for name, (number, work) in ways.items():
            cpu, wall, results[name] = timed(work)
            if turn > 0:  # the first compiles
                before = best.get(name, (np.inf, np.inf))
                best[name] = min(before[0], cpu / number), min(before[1], wall / number)
    if results["batch"] != results["batch, two threads"]:
        raise SystemExit(f"{case.name}: the threads show")
    mine = observe_many(
        case.ensemble, case.size, case.at, replicates=some, seed=1, learner=case.learner, known=case.known, each=True
    )
    stored = results["loop, graphs stored"]
    if any(not np.array_equal(mine.each[name][i], stored[i][name]) for name in OBSERVABLES for i in range(some)):
        raise SystemExit(f"{case.name}: batch and stored graphs differ")
    one = best["batch"][0]
    cells = [f"{1e9 * cpu / case.edges:.1f}" for cpu, _ in best.values()]
    elapsed = best["batch"][1] / best["batch, two threads"][1]
    gain = 2 * one / best["batch, two threads"][0] * (1 - waits(case, 4 * replicates))
    ratios = [f"{best[name][0] / one:.1f}" for name in ("loop, sampling included", "loop, graphs stored")]
    print(f"| {case.name} | {' | '.join(cells)} | {gain:.2f} | {elapsed:.2f} | {' | '.join(ratios)} |", flush=True)


def measure_peers(case: Case) -> None:
    """Print what components alone cost with general tools, one replicate."""
    graphs = [graph_of_replicate(case.ensemble, case.size, int(case.at[-1]), 0, seed=1)]
    expected = observe(graphs[0][0], case.at)["giant_component"].tolist()
    some = 20
    mine, _, _ = timed(lambda: batch(case, some, 1))
    for name, tool in (("SciPy", scipy_components), ("igraph", igraph_components)):
        try:
            tool(case, graphs)
        except ImportError:
            continue
        cpu, _, found = timed(lambda tool=tool: tool(case, graphs))
        if found != expected:
            raise SystemExit(f"{name} finds other components")
        print(f"| {name} | {1e9 * cpu / case.edges:.0f} | {some * cpu / mine:.0f} |")


def main() -> None:
    """Print all tables."""
    words = [int(float(word)) for word in sys.argv[1:]]
    replicates, size = words[0] if words else 2000, words[1] if len(words) > 1 else 1000
    print(f"{replicates} replicates of {size} skills, {POINTS} points; processor time, ns per edge\n")
    columns = ("", "batch", "two threads", "loop", "loop, stored", "gain", "elapsed", "loop / batch", "stored / batch")
    print(f"| {' | '.join(columns)} |\n|{'---|' * len(columns)}")
    for case in cases(size):
        measure(case, replicates)
    first = cases(size)[0]
    print(f"\n| components alone, {first.name} | ns per edge | against the batch, which counts all |\n|---|---|---|")
    measure_peers(first)


if __name__ == "__main__":
    main()
