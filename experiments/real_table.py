"""Two real text-skill tables: what is learned and what hangs together, and the ensemble of the same degrees.

Computed: theorems of set.mm (the proof is the text, the theorems and definitions it cites are its skills) and WordNet's
definitions (the definition is the text, the lemmas in it are its skills). Texts arrive in the order of the table and in
random order; learned share and largest component after every text. Theory: configuration ensemble with the degree laws
of the table, at infinite size.
Drawn: both degree laws (a, d), learned share (b, e) and largest component (c, f), one row per table.
Must match: numbers of pairs and the largest degree as counted by the publishers of the data; the largest component as
SciPy finds it; the learned share of all texts in any order, because peeling is confluent. The distance between table
and theory is a finding, not a check: it is written beside the figure.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import skillgraph
from skillgraph.analysis import ArrivalCurves, analyse
from skillgraph.figures import style as plotting
from skillgraph.graphs.bridges import to_scipy
from skillgraph.graphs.graph import SkillTextGraph
from skillgraph.graphs.tables import read_graph
from skillgraph.reproduce import Check, MissingDataError

SEED = 1
TABLES = {
    "set.mm": ("metamath_setmm_edges.parquet", "theorem_id", "cited_id", 732_022, 12_700),
    "WordNet": ("wordnet_gloss_edges.parquet", "synset_id", "lemma_id", 640_394, 4_023),
}


def compute(quick: bool) -> dict[str, Any]:
    """Curves of the two tables."""
    return {"seed": SEED, "tables": [_table(name, 4 if quick else 32) for name in TABLES]}


def _table(name: str, replicates: int) -> dict[str, Any]:
    graph = _graph(name)
    found = analyse(graph, points=41, replicates=replicates, seed=SEED)
    curves = {key: getattr(found, key) for key in ("file_order", "random_order", "random_order_deviation", "theory")}
    return {
        "name": name,
        "num_texts": graph.num_texts,
        "num_skills": graph.num_skills,
        "num_edges": graph.num_edges,
        "most_texts_per_skill": int(graph.texts_per_skill.max()),
        "replicates": replicates,
        "ratio": found.texts_per_skill_ratio,
        "curves": {key: _plain(one) for key, one in curves.items()},
        "distance": found.distance,
        "peeling_reason": found.continued.reason,
        "percolation_threshold": found.percolation_threshold,
        "largest_component_by_scipy": _largest_by_scipy(graph),
        "tails": {"skills per text": _tail(graph.skills_per_text), "texts per skill": _tail(graph.texts_per_skill)},
    }


def _graph(name: str) -> SkillTextGraph:
    file, text_column, skill_column = TABLES[name][:3]
    beside = Path(skillgraph.__file__).parents[1] / ".." / "shared" / "data"
    place = Path(os.environ.get("SKILLGRAPH_DATA", beside)) / "graphs" / file
    if not place.is_file():
        raise MissingDataError(f'the table "{file}" is not there: set SKILLGRAPH_DATA to the folder of real data')
    return read_graph(place, text_column=text_column, skill_column=skill_column)[0]


def _plain(one: ArrivalCurves) -> dict[str, np.ndarray]:
    return {"learned_share": one.learned_share, "giant_component": one.giant_component}


def _largest_by_scipy(graph: SkillTextGraph) -> float:
    """Share of skills in the largest component of the bipartite graph, an independent count."""
    from scipy import sparse

    matrix = to_scipy(graph)
    both = sparse.block_array([[None, matrix], [matrix.T, None]], format="csr")
    labels = sparse.csgraph.connected_components(both, directed=False)[1][graph.num_texts :]
    return float(np.bincount(labels).max()) / graph.num_skills


def _tail(degrees: np.ndarray) -> dict[str, np.ndarray]:
    """Share of nodes of at least each degree that occurs."""
    values, counts = np.unique(degrees, return_counts=True)
    return {"degree": values, "share": np.cumsum(counts[::-1])[::-1] / degrees.size}


def checks(numbers: dict[str, Any]) -> list[Check]:
    """Counts, components, confluence."""
    rows = []
    for one in numbers["tables"]:
        name, curves = one["name"], one["curves"]
        pairs, most = TABLES[name][3:]
        rows.append(Check(f"pairs of {name}", pairs, one["num_edges"], 0, "publisher"))
        rows.append(Check(f"most texts of one skill of {name}", most, one["most_texts_per_skill"], 0, "publisher"))
        last = curves["file_order"]["giant_component"][-1]
        rows.append(Check(f"largest component of {name}", one["largest_component_by_scipy"], last, 1e-12, "SciPy"))
        orders = [curves[order]["learned_share"][-1] for order in ("file_order", "random_order")]
        rows.append(Check(f"learned share of all texts of {name}", orders[0], orders[1], 1e-12, "confluence"))
    return rows


def draw(numbers: dict[str, Any]) -> Figure:
    """Six panels, one row per table."""
    drawn, axes = plotting.figure(6, width="double", aspect=0.85, rows=2)
    for row, one in enumerate(numbers["tables"]):
        degrees, learned, giant = axes[3 * row : 3 * row + 3]
        for index, (label, tail) in enumerate(one["tails"].items()):
            style = {"color": plotting.COLOURS[index], "linestyle": plotting.DASHES[index]}
            degrees.plot(tail["degree"], tail["share"], drawstyle="steps-pre", label=label, **style)
        degrees.set(xscale="log", yscale="log", xlabel="degree $k$", ylabel="share of degree at least $k$")
        _arrival(learned, one, "learned_share", "learned share of skills")
        _arrival(giant, one, "giant_component", "largest component, share")
        for panel in (degrees, learned, giant):
            panel.annotate(one["name"], (1, 1.02), xycoords="axes fraction", ha="right", fontsize=7, color="0.3")
    axes[0].legend(loc="lower left")
    axes[1].legend(loc="upper left")
    plotting.panel_letters(axes)
    return drawn


def _arrival(axes: Axes, one: dict[str, Any], name: str, label: str) -> None:
    ratio, curves = np.array(one["ratio"]), one["curves"]
    axes.plot(ratio, curves["theory"][name], color="black", zorder=4, label="theory, same degrees")
    deviation = np.array(curves["random_order_deviation"][name])
    plotting.simulation(axes, ratio, curves["random_order"][name], deviation, 0, "random order")
    plotting.simulation(axes, ratio, curves["file_order"][name], None, 1, "order of the table")
    axes.set(xlabel="texts per skill $r$", ylabel=label, ylim=(-0.02, 1.02))
