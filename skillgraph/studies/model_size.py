"""How large the graphs of the built-in model are, from the parameters alone."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from skillgraph.ensembles.parsing import KEYS, parse_ensemble

__all__ = ["expected_edges"]


def expected_edges(parameters: Mapping[str, Any]) -> float | None:
    """Return the expected number of skill-text edges of a point; None where the parameters do not tell."""
    size, ratio = parameters.get("num_skills"), parameters.get("texts_per_skill_ratio")
    named = tuple((key, parameters[key]) for key in KEYS if key in parameters)
    if size is None or ratio is None or not named:
        return None
    return float(size * (max(ratio) if isinstance(ratio, list) else ratio) * _mean_skills_per_text(named))


@lru_cache(maxsize=256)
def _mean_skills_per_text(named: tuple[tuple[str, str | float], ...]) -> float:
    return float(parse_ensemble(dict(named)).skills_per_text.mean)
