"""The compute-optimal size in closed form."""

from __future__ import annotations

import numpy as np

from skillgraph.records import Record
from skillgraph.theory.finite_size import Waterfall

__all__ = ["AnalyticOptimum", "analytic_optimum"]


class AnalyticOptimum(Record):
    """Optimum of a budget RT.

    Attributes
    ----------
    num_skills, num_texts, texts_per_skill_ratio : float or None
        None with a ``reason`` where the budget is too small for the formula.
    margin : float or None
        z, the distance from the threshold in widths.
    reason : str or None
    """

    num_skills: float | None
    num_texts: float | None
    texts_per_skill_ratio: float | None
    margin: float | None
    reason: str | None


def analytic_optimum(law: Waterfall, unlearned: float, budget: float, *, shift: bool = True) -> AnalyticOptimum:
    """Maximise R (1 - u* P_fail) at fixed RT.

    The derivative vanishes where phi(z) = alpha / (2 r* u* sqrt(R)), so

        z^2 = 2 ln(2 r* u* sqrt(R) / (alpha sqrt(2 pi))),    T/R = r* + beta R^(-2/3) + alpha z / sqrt(R).

    Parameters
    ----------
    law : Waterfall
        In texts per skill, with known width.
    unlearned : float
        u*, what a failure leaves more than a success.
    budget : float
        R T.
    shift : bool
        Whether to include beta.

    Returns
    -------
    AnalyticOptimum

    Raises
    ------
    ValueError
        If a parameter is out of range.

    Examples
    --------
    >>> from skillgraph import waterfall
    >>> found = analytic_optimum(waterfall('poisson:6'), 0.815, 1e10)
    >>> found.num_skills > 0 and found.num_texts > 0
    True
    """
    if not 0 < budget < np.inf:
        raise ValueError(f"budget must be positive and finite, got {budget:g}")
    if law.threshold is None or law.alpha is None or law.beta is None:
        return AnalyticOptimum(None, None, None, None, law.reason)
    ratio, z = law.threshold, 0.0
    for _ in range(200):
        size = np.sqrt(budget / ratio)
        inside = 2 * law.threshold * unlearned * np.sqrt(size) / (law.alpha * np.sqrt(2 * np.pi))
        if inside <= 1:
            reason = f"a budget of {budget:g} texts times skills is below the range of the formula"
            return AnalyticOptimum(None, None, None, None, reason)
        z = float(np.sqrt(2 * np.log(inside)))
        moved = law.beta * size ** (-2 / 3) if shift else 0.0
        ratio = (ratio + law.threshold + moved + law.alpha * z / np.sqrt(size)) / 2
    size = float(np.sqrt(budget / ratio))
    return AnalyticOptimum(size, budget / size, float(ratio), z, None)
