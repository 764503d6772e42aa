"""Excess entropy: what unlearned skills cost in training error, with the mean and with both outcomes of a jump."""

from __future__ import annotations

import numpy as np

from skillgraph.ensembles.laws import DegreeLaw
from skillgraph.optimal.objectives import JumpLaw

__all__ = ["bound_from_mean", "bound_from_outcomes", "training_error"]


def training_error(unlearned: np.ndarray | float, skills_per_text: DegreeLaw) -> np.ndarray:
    """Return the share of texts with at least two unlearned skills, P_e = 1 - L(1-u) - u L'(1-u).

    Parameters
    ----------
    unlearned : float or array
        u, share of skills.
    skills_per_text : DegreeLaw
    """
    u = np.asarray(unlearned, dtype=float)
    return skills_per_text.node_deficit(u) - u * skills_per_text.node_complement(u, 1)


def bound_from_mean(law: JumpLaw, skills_per_text: DegreeLaw, num_skills: float, texts_per_skill_ratio: float) -> float:
    """Return P_e(E u)^2 / 2, the lower bound of Nayak & Varshney (2024) with the mean unlearned share put in.

    It falls like R^-2 along the optimum, but the mean of a nonlinear function is not the function of the mean: see
    `bound_from_outcomes`.
    """
    return float(training_error(law.unlearned(num_skills, texts_per_skill_ratio), skills_per_text)) ** 2 / 2


def bound_from_outcomes(
    law: JumpLaw, skills_per_text: DegreeLaw, num_skills: float, texts_per_skill_ratio: float
) -> float:
    """Return E[P_e^2 / 2] over the two outcomes: failures, rare and large, and successes.

    It falls like R^-1/2 along the optimum, because P_fail does.

    Parameters
    ----------
    law : JumpLaw
    skills_per_text : DegreeLaw
    num_skills : float
        R.
    texts_per_skill_ratio : float
        Texts per skill.
    """
    failed = law.failure(num_skills, texts_per_skill_ratio)
    left = np.array(
        [law.unlearned_given_failure(texts_per_skill_ratio), law.unlearned_given_success(texts_per_skill_ratio)]
    )
    return float(np.array([failed, 1 - failed]) @ training_error(left, skills_per_text) ** 2) / 2
