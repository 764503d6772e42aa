"""skillgraph: the random-graph emergence simulator.

Skills and texts form a bipartite random graph. What is learned is peeling, what hangs together is percolation; theory
and simulation of the same ensemble come in one call, with a residual that says whether they agree.

Names are loaded when they are first used, so importing the package costs next to nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from skillgraph.agreement import compare
    from skillgraph.analysis import analyse
    from skillgraph.associations import giant_association
    from skillgraph.branching import giant_component, percolation_threshold
    from skillgraph.bridges import from_networkx, from_scipy, to_networkx, to_scipy
    from skillgraph.degrees import parse_law
    from skillgraph.density_evolution import evolve, fixed_points, learned_share
    from skillgraph.drawing import draw_agreement, draw_analysis
    from skillgraph.ensembles import configuration, ldpc, ldpc_polynomials, texts_by_law
    from skillgraph.erasure import erasure_thresholds
    from skillgraph.finite_size import failure_probability, waterfall
    from skillgraph.graphs import SkillTextGraph, from_edges, sample, sample_known
    from skillgraph.mixing import canonical
    from skillgraph.peeling import learning_curve, peel
    from skillgraph.percolation import components, curve_by_edges, curve_by_skills, curve_by_texts, largest_by_texts
    from skillgraph.seeding import generator
    from skillgraph.tables import read_graph, write_graph
    from skillgraph.thresholds import peeling_threshold

_HOMES = {
    "agreement": ("compare",),
    "analysis": ("analyse",),
    "associations": ("giant_association",),
    "branching": ("giant_component", "percolation_threshold"),
    "bridges": ("from_networkx", "from_scipy", "to_networkx", "to_scipy"),
    "degrees": ("parse_law",),
    "density_evolution": ("evolve", "fixed_points", "learned_share"),
    "drawing": ("draw_agreement", "draw_analysis"),
    "ensembles": ("configuration", "ldpc", "ldpc_polynomials", "texts_by_law"),
    "erasure": ("erasure_thresholds",),
    "finite_size": ("failure_probability", "waterfall"),
    "graphs": ("SkillTextGraph", "from_edges", "sample", "sample_known"),
    "mixing": ("canonical",),
    "peeling": ("learning_curve", "peel"),
    "percolation": ("components", "curve_by_edges", "curve_by_skills", "curve_by_texts", "largest_by_texts"),
    "seeding": ("generator",),
    "tables": ("read_graph", "write_graph"),
    "thresholds": ("peeling_threshold",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "SkillTextGraph",
    "analyse",
    "canonical",
    "compare",
    "components",
    "configuration",
    "curve_by_edges",
    "curve_by_skills",
    "curve_by_texts",
    "draw_agreement",
    "draw_analysis",
    "erasure_thresholds",
    "evolve",
    "failure_probability",
    "fixed_points",
    "from_edges",
    "from_networkx",
    "from_scipy",
    "generator",
    "giant_association",
    "giant_component",
    "largest_by_texts",
    "ldpc",
    "ldpc_polynomials",
    "learned_share",
    "learning_curve",
    "parse_law",
    "peel",
    "peeling_threshold",
    "percolation_threshold",
    "read_graph",
    "sample",
    "sample_known",
    "texts_by_law",
    "to_networkx",
    "to_scipy",
    "waterfall",
    "write_graph",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module 'skillgraph' has no attribute '{name}'")
    value = getattr(importlib.import_module(f"skillgraph.{_HOME_OF[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
