"""The finite-size law that Nayak & Varshney (2024) use, as published and with the signs of its width put right.

R skills to be learned are erased variables of an LDPC code of n = R / eps variables; every edge between a text and a
variable is there with probability c / R, so both degree laws are binomial and an unlearned skill counts
eps* L(y*) Q / eps. The published width has a plus in front of three of its terms where a minus belongs.
"""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
from scipy import optimize, special

from skillgraph.records import Record

__all__ = ["ErasurePoint", "erasure_point", "published_budgets", "published_learned"]

Signs = Literal["published", "right"]
_SMALLEST, _POINTS = 0.1, 40  # where the interior minimum is looked for: the published search
_LOWEST_RATIO, _HIGHEST_RATIO = (
    1 / 0.6**2,
    1 / 0.2**2,
)  # texts per skill: the published search, 0.2 <= R/sqrt(RT) <= 0.6


class ErasurePoint(Record):
    """Threshold and width in the erasure probability at given sizes.

    Attributes
    ----------
    threshold : float
        eps*, the erasure probability up to which all is learned.
    alpha : float
        Width.
    unlearned_share : float
        Share of the R skills that a failure leaves unlearned, eps* L(y*) / eps.
    failure_probability : float
        Q(sqrt(n) (eps* - eps) / alpha); the published law has no shift beta.
    """

    threshold: float
    alpha: float
    unlearned_share: float
    failure_probability: float


def erasure_point(
    num_skills: float, num_texts: float, skills_per_text: float, erased: float = 0.5, *, signs: Signs = "published"
) -> ErasurePoint:
    """Evaluate the published law.

    Parameters
    ----------
    num_skills, num_texts : float
        R and T.
    skills_per_text : float
        Mean number of *unknown* skills per text, c.
    erased : float
        eps, share of the n variables that are unknown, in (0, 1).
    signs : {"published", "right"}
        Signs of three terms of the width.

    References
    ----------
    Nayak & Varshney (2024), arXiv:2410.01243; width: Amraoui et al. (2009), doi:10.1109/TIT.2008.2009580.
    """
    n, share = num_skills / erased, min(skills_per_text / num_skills, 1.0)
    point, message = _threshold(n, num_texts, share)
    alpha = _width(n, num_texts, share, point, message, 1.0 if signs == "published" else -1.0)
    y = 1 - _edge(1 - message, share, n)
    none = (1 - share) ** num_texts
    left = point * (_power(y, share, num_texts) - none) / (1 - none) / erased
    failed = float(special.ndtr(-np.sqrt(n) * (point - erased) / alpha))
    return ErasurePoint(point, alpha, left, failed)


class PublishedLearned(Record):
    """Number of learned skills of the published law as a function of R and T; see `published_learned`."""

    skills_per_text: float
    erased: float
    signs: Signs
    ratio_range: ClassVar[tuple[float, float]] = (_LOWEST_RATIO, _HIGHEST_RATIO)

    def __call__(self, num_skills: float, num_texts: float) -> float:
        """Return the expected number of learned skills."""
        ratio = num_texts / num_skills
        if ratio > _HIGHEST_RATIO:
            return num_skills
        if ratio < _LOWEST_RATIO or self.skills_per_text >= num_skills:
            return 0.0
        at = erasure_point(num_skills, num_texts, self.skills_per_text, self.erased, signs=self.signs)
        return num_skills * (1 - at.unlearned_share * at.failure_probability)


def published_learned(
    skills_per_text: float = 6.0, erased: float = 0.5, *, signs: Signs = "published"
) -> PublishedLearned:
    """Return the number of learned skills of the published law as a function of R and T.

    The law is evaluated for 2.8 to 25 texts per skill, the range of the published search; with fewer nothing counts as
    learned, with more everything does. An optimum at an end of this range is refused by `optimal_sizes`.

    Parameters
    ----------
    skills_per_text : float
    erased : float
        Erasure probability of the code that stands for a learner.
    signs : {"published", "right"}
        Of the three terms of alpha^2.

    Returns
    -------
    PublishedLearned
        Callable of R and T.

    Raises
    ------
    ValueError
        If ``erased`` does not lie in (0, 1).

    Examples
    --------
    >>> round(published_learned()(1000, 6000))
    915
    """
    if not 0 < erased < 1:
        raise ValueError(f"erased must lie in (0, 1), got {erased}")
    return PublishedLearned(float(skills_per_text), float(erased), signs)


def _power(x: np.ndarray | float, share: float, count: float) -> float:
    """(1 - share + share x)^count: generating function of a binomial law."""
    return np.exp(count * np.log1p(-share * (1 - np.asarray(x, dtype=float))))  # type: ignore[return-value]


def _edge(x: np.ndarray | float, share: float, count: float) -> float:
    return _power(x, share, count - 1)


def _slope(x: np.ndarray | float, share: float, count: float) -> float:
    return (count - 1) * share * _power(x, share, count - 2)


def _threshold(n: float, num_texts: float, share: float) -> tuple[float, float]:
    """Return eps* and x*: the interior minimum of x / lambda(1 - rho(1 - x))."""

    def erasure(x: np.ndarray | float) -> float:
        return x / _edge(1 - _edge(1 - np.asarray(x), share, n), share, num_texts)  # type: ignore[return-value]

    grid = np.linspace(_SMALLEST, 1, _POINTS)
    place = int(np.argmin(erasure(grid)))
    ends = grid[max(place - 1, 0)], grid[min(place + 1, _POINTS - 1)]
    found = optimize.minimize_scalar(erasure, bounds=ends, method="bounded", options={"xatol": 1e-12})
    return min(float(found.fun), 1.0), float(found.x)


def _width(n: float, num_texts: float, share: float, eps: float, x: float, sign: float) -> float:
    xbar = 1 - x
    rho, rho_slope = _edge(xbar, share, n), _slope(xbar, share, n)
    y = 1 - rho
    lam = _edge(y, share, num_texts)
    weight = num_texts * share / (1 - (1 - share) ** num_texts) * lam**2
    checks = rho**2 - _edge(xbar**2, share, n) + rho_slope * (1 - 2 * x * rho)
    checks += sign * xbar**2 * _slope(xbar**2, share, n)
    erased = lam**2 + sign * (_edge(y**2, share, num_texts) + y**2 * _slope(y**2, share, num_texts))
    return float(np.sqrt(checks / (weight * rho_slope**2) + eps**2 * erased / weight))


def published_budgets() -> np.ndarray:
    """Return the 70 budgets (FLOPs) of the published figures: RT from 5.2e4 to 1.6e17 with their costs."""
    return np.logspace(2, 20, 200)[30:170:2] * 6 * 2e5 * 8e5
