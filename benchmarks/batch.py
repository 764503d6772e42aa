"""Many small graphs, everything counted on a grid: the compiled batch against the loop over the single kernels.

    python benchmarks/batch.py [REPLICATES]

Processor time of this process per edge, so other work on the machine shows only through shared caches; all ways take
turns, and ratios are of the same run. Elapsed time is beside it for what a second thread gains.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numba
import numpy as np

from skillgraph.ensembles.parsing import parse_ensemble
from skillgraph.graphs.graph import SkillTextGraph
from skillgraph.seeding import generator
from skillgraph.simulation.batch import graph_of_replicate, observe_many
from skillgraph.simulation.observe import OBSERVABLES, observe, observe_replicate

SIZE, POINTS, TURNS = 1000, 41, 5


@dataclass(frozen=True)
class Case:
    """An ensemble and how far its texts go."""

    name: str
    ensemble: Any
    most_texts: int
    known: float = 0.0
    learner: int = 1

    @property
    def at(self) -> np.ndarray:
        """The grid."""
        return np.rint(np.linspace(0.03, 1.0, POINTS) * self.most_texts).astype(np.int64)

    @property
    def edges(self) -> float:
        """Mean edges of a replicate."""
        return parse_ensemble(self.ensemble).skills_per_text.mean * self.most_texts


CASES = [
    Case("poisson:4", "poisson:4", 1600),
    Case("poisson:4, 0.2 known", "poisson:4", 1600, known=0.2),
    Case("poisson:4, two at a time", "poisson:4", 1600, learner=2),
    Case("poisson:4, zipf:0.5", {"skills_per_text": "poisson:4", "skill_popularity": "zipf:0.5"}, 1600),
    Case("ldpc 3,6, 0.55 known", {"ldpc": "3,6"}, 500, known=0.55),
    Case("zipf:2:1:100", "zipf:2:1:100", 3000),
]


def batch(case: Case, replicates: int, threads: int) -> Any:
    """Return what the batch sees."""
    return observe_many(
        case.ensemble,
        SIZE,
        case.at,
        replicates=replicates,
        seed=1,
        learner=case.learner,
        known=case.known,
        threads=threads,
    )


def loop(case: Case, replicates: int) -> Any:
    """Return sums of the loop over sampling and single kernels, other graphs of the same law."""
    ensemble = parse_ensemble(case.ensemble)
    rules = {"learner": case.learner, "known": case.known}
    seen = [
        observe_replicate(ensemble, SIZE, case.at, generator(1, "loop", i), **rules)["learned_share"]
        for i in range(replicates)
    ]
    return np.sum(seen, axis=0)


def on_stored(case: Case, graphs: list[tuple[SkillTextGraph, np.ndarray | None]]) -> Any:
    """Return the counts of the single kernels on the graphs of the batch, which are there already."""
    fresh = [(SkillTextGraph(SIZE, graph.text_indptr, graph.text_skills), known) for graph, known in graphs]
    return [observe(graph, case.at, known_skills=known, learner=case.learner) for graph, known in fresh]


def scipy_components(case: Case, graphs: list[tuple[SkillTextGraph, np.ndarray | None]]) -> list[int]:
    """Return the largest component at every grid point, with SciPy."""
    from scipy import sparse

    found = []
    for graph, _ in graphs:
        for texts in case.at:
            edges, nodes = int(graph.text_indptr[texts]), SIZE + int(texts)
            starts = np.concatenate([graph.text_indptr[: texts + 1], np.full(SIZE, edges, np.int32)])
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
            rows = np.repeat(np.arange(texts), np.diff(graph.text_indptr[: texts + 1])) + SIZE
            one = igraph.Graph(SIZE + int(texts), np.stack([rows, skills], axis=1))
            labels = np.array(one.connected_components().membership)
            found.append(int(np.bincount(labels[:SIZE]).max()))
    return found


@numba.njit(nogil=True)
def spin(steps: int) -> int:
    """Count in registers."""
    word = np.uint64(1)
    for _ in range(steps):
        word = word * np.uint64(6364136223846793005) + np.uint64(1442695040888963407)
    return word


def spread(steps: int, threads: int) -> None:
    """Count in registers, in 16 parts side by side: what threads gain where nothing is shared."""
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(spin, [steps] * 16))


def timed(work: Callable[[], Any]) -> tuple[float, float, Any]:
    """Return processor and elapsed seconds, and the result."""
    cpu, wall = time.process_time(), time.perf_counter()
    result = work()
    return time.process_time() - cpu, time.perf_counter() - wall, result


def measure(case: Case, replicates: int) -> None:
    """Print one case."""
    some = max(2, replicates // 20)
    texts = int(case.at[-1])
    graphs = [graph_of_replicate(case.ensemble, SIZE, texts, i, seed=1, known=case.known) for i in range(some)]
    spins = 6000 * replicates
    ways: dict[str, tuple[int, Callable[[], Any]]] = {
        "a loop in registers": (replicates, lambda: spread(spins, 1)),
        "the same, two threads": (replicates, lambda: spread(spins, 2)),
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
        case.ensemble, SIZE, case.at, replicates=some, seed=1, learner=case.learner, known=case.known, each=True
    )
    stored = results["loop, graphs stored"]
    if any(not np.array_equal(mine.each[name][i], stored[i][name]) for name in OBSERVABLES for i in range(some)):
        raise SystemExit(f"{case.name}: batch and stored graphs differ")
    one = best["batch"][0]
    cells = [f"{1e9 * best[name][0] / case.edges:.1f}" for name in list(ways)[2:]]
    gain = best["batch"][1] / best["batch, two threads"][1]
    free = best["a loop in registers"][1] / best["the same, two threads"][1]
    ratios = [f"{best[name][0] / one:.1f}" for name in ("loop, sampling included", "loop, graphs stored")]
    print(f"| {case.name} | {' | '.join(cells)} | {gain:.2f} of {free:.2f} | {' | '.join(ratios)} |", flush=True)


def measure_peers(case: Case) -> None:
    """Print what components alone cost with general tools, one replicate."""
    graphs = [graph_of_replicate(case.ensemble, SIZE, int(case.at[-1]), 0, seed=1)]
    expected = observe(graphs[0][0], case.at)["giant_component"].tolist()
    mine, _, _ = timed(lambda: batch(case, 200, 1))
    for name, tool in (("SciPy", scipy_components), ("igraph", igraph_components)):
        try:
            tool(case, graphs)
        except ImportError:
            continue
        cpu, _, found = timed(lambda tool=tool: tool(case, graphs))
        if found != expected:
            raise SystemExit(f"{name} finds other components")
        print(f"| {name} | {1e9 * cpu / case.edges:.0f} | {200 * cpu / mine:.0f} |")


def main() -> None:
    """Print all tables."""
    replicates = int(float(sys.argv[1])) if len(sys.argv) > 1 else 2000
    print(f"{replicates} replicates of {SIZE} skills, {POINTS} points; processor time, ns per edge\n")
    print(
        "| | batch | two threads | loop | loop, stored | gain, of a register loop's | loop / batch | stored / batch |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for case in CASES:
        measure(case, replicates)
    print(f"\n| components alone, {CASES[0].name} | ns per edge | against the batch, which counts all |\n|---|---|---|")
    measure_peers(CASES[0])


if __name__ == "__main__":
    main()
