"""Defaults and names that many need, apart so that needing them loads nothing."""

from __future__ import annotations

__all__ = ["BUILT_IN", "BUILT_IN_MEASURES", "BUILT_IN_PARAMETERS", "PATIENCE", "PROGRESS_MODES"]

BUILT_IN = "skillgraph"
"""Name of the built-in model."""
BUILT_IN_PARAMETERS = (
    "num_skills",
    "texts_per_skill_ratio",
    "skills_per_text",
    "skill_popularity",
    "texts_per_skill",
    "ldpc",
    "lambda_edges",
    "rho_edges",
    "learner",
    "known",
    "unlearned_between",
)
BUILT_IN_MEASURES = (
    "learned_share",
    "giant_component",
    "susceptibility",
    "giant_association",
    "success",
    "learned_share_given_success",
    "learned_share_given_failure",
)
PATIENCE = 30.0
"""Seconds without a sign of life after which a worker is taken for dead."""
PROGRESS_MODES = ("auto", "lines", "json", "none")
