"""How large the graphs of the built-in model are, from the parameters alone."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from skillgraph.ensembles.degrees import edge_polynomial, parse_law

__all__ = ["expected_edges"]


def expected_edges(parameters: Mapping[str, Any]) -> float | None:
    """Return the expected number of skill-text edges of a point; None where the parameters do not tell."""
    size, ratio = parameters.get("num_skills"), parameters.get("texts_per_skill_ratio")
    per_text = _mean_skills_per_text(
        parameters.get("skills_per_text"), parameters.get("ldpc"), parameters.get("rho_edges")
    )
    if size is None or ratio is None or per_text is None:
        return None
    return float(size * (max(ratio) if isinstance(ratio, list) else ratio) * per_text)


@lru_cache(maxsize=256)
def _mean_skills_per_text(law: str | float | None, pair: str | None, rho: str | None) -> float | None:
    if isinstance(law, (int, float)):
        return float(law)
    if law is not None:
        return float(parse_law(law).mean)
    if pair is not None:
        return float(pair.partition(",")[2])
    return float(edge_polynomial(rho).mean) if rho is not None else None
