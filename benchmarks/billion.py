"""Percolation, components and peeling of a billion edges that are never stored: seconds, ns per edge, peak memory.

python benchmarks/billion.py 1e9
"""

from __future__ import annotations

import resource
import sys
import time

import numpy as np

from skillgraph import texts_by_law
from skillgraph.simulation.implicit import implicit_components, implicit_curve, implicit_peeling
from skillgraph.theory.components import giant_component
from skillgraph.theory.density_evolution import learned_share


def show(name: str, done: int, total: int) -> None:
    """Print progress on a terminal."""
    if sys.stderr.isatty():
        print(f"\r{name} {done / total:6.1%}", end="", file=sys.stderr)


def main(edges: int) -> None:
    """Measure both parts."""
    ensemble = texts_by_law("poisson:4")
    texts = edges // 4
    pairs = texts_by_law("fixed:2")
    implicit_curve(ensemble, 100, np.array([50]), seed=1)
    implicit_components(pairs, 100, 50, seed=1, threads=2)
    implicit_peeling(ensemble, 100, 50, seed=1)
    start = time.perf_counter()
    found = implicit_components(pairs, edges, edges, seed=1, threads=2, progress=show)
    report("components of G(n, m), n = m, two threads", time.perf_counter() - start, edges)
    print(f"  largest {found.largest / edges:.7f}, theory {giant_component(pairs, 1.0).share[0]:.7f}")
    at = np.unique(np.linspace(0, texts, 1001).astype(np.int64))
    start = time.perf_counter()
    curve = implicit_curve(ensemble, texts, at, seed=1, progress=show)
    report("percolation curve", time.perf_counter() - start, edges)
    print(f"  giant {curve.largest[-1] / texts:.7f}, theory {giant_component(ensemble, 1.0).share[0]:.7f}")
    skills = round(texts / 1.6)
    start = time.perf_counter()
    result = implicit_peeling(ensemble, skills, texts, seed=1, progress=show)
    report("peeling to the end", time.perf_counter() - start, result.num_edges)
    theory = learned_share(ensemble, texts / skills)[0]
    print(f"  learned {result.learned_share:.7f}, theory {theory:.7f}, {result.learned_by_round.size - 1} rounds")


def report(name: str, seconds: float, edges: int) -> None:
    """Print one line."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"{name}: {edges} edges, {seconds:.1f} s, {1e9 * seconds / edges:.1f} ns per edge, peak {peak:.2f} GiB")


if __name__ == "__main__":
    main(int(float(sys.argv[1])) if len(sys.argv) > 1 else 10**9)
