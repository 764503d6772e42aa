"""The main job at a given size: sample, learning curve, Newman-Ziff curve; processor seconds and peak memory.

    python benchmarks/main_job.py 1e6 4e6 poisson:4

Small graphs are run first, so compilation does not count; one thread.
"""

from __future__ import annotations

import resource
import sys
import time

from skillgraph import curve_by_texts, generator, learning_curve, sample, texts_by_law


def main(num_skills: int, num_texts: int, law: str) -> None:
    """Measure and print one line per part."""
    ensemble = texts_by_law(law)
    small = sample(ensemble, 100, 200, rng=generator(1, "warm"))
    learning_curve(small)
    curve_by_texts(small)
    start = time.process_time()
    graph = sample(ensemble, num_skills, num_texts, rng=generator(1, "main_job"))
    sampled = time.process_time()
    _ = graph.skill_texts
    other = time.process_time()
    learned = learning_curve(graph)
    curve = time.process_time()
    components = curve_by_texts(graph)
    end = time.process_time()
    rows = {
        "sample": sampled - start,
        "texts of every skill": other - sampled,
        "learning curve": curve - other,
        "components by texts": end - curve,
        "together": end - start,
    }
    print(f"{graph}; learned {learned.learned_share[-1]:.6f}, largest {components.largest[-1] / num_skills:.6f}")
    for name, seconds in rows.items():
        print(f"{name:<22} {seconds:8.2f} s {1e9 * seconds / graph.num_edges:8.1f} ns per edge")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"peak memory {peak:.2f} GiB, {peak * 2**30 / graph.num_edges:.0f} bytes per edge")


if __name__ == "__main__":
    words = sys.argv[1:] or ["1e6", "4e6", "poisson:4"]
    main(int(float(words[0])), int(float(words[1])), words[2])
