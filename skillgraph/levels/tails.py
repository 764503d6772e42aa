"""Whether two composite skills share enough links: exact binomial tail, Chernoff bound, and the published switch."""

from __future__ import annotations

import numpy as np
from scipy import special

__all__ = ["enough_links", "link_trials", "mean_links"]

_POISSON_FROM = 1e11  # trials beyond which binomial and Poisson tails agree to all digits that matter


def link_trials(
    num_skills: np.ndarray, num_texts: np.ndarray, skills_per_text: float, composite_skills: int, pairs: str
) -> tuple[np.ndarray, np.ndarray]:
    """Return trials and success probability of the binomial number of links of two composite skills.

    Each of the R (R-1) / 2 pairs of skills is linked if it shares a text, 1 - (1 - (d/R)^2)^T, and each skill belongs
    to one of S composite skills: a given unordered pair of skills falls on a given pair of composite skills with
    probability 2 / S^2 (published: 1 / S^2).

    Parameters
    ----------
    num_skills, num_texts : (n,) arrays
    skills_per_text : float
    composite_skills : int
        S.
    pairs : {"unordered", "published"}
    """
    size = np.asarray(num_skills, dtype=float)
    together = -np.expm1(np.asarray(num_texts) * np.log1p(-np.minimum((skills_per_text / size) ** 2, 1 - 1e-16)))
    ways = 2.0 if pairs == "unordered" else 1.0
    return size * (size - 1) / 2, np.minimum(ways * together / composite_skills**2, 1.0)


def mean_links(
    num_skills: np.ndarray, num_texts: np.ndarray, skills_per_text: float, composite_skills: int, pairs: str
) -> np.ndarray:
    """Return mu, d^2 T / S^2 (published: half of it) while few pairs of skills share more than one text."""
    trials, chance = link_trials(num_skills, num_texts, skills_per_text, composite_skills, pairs)
    return trials * chance


def enough_links(trials: np.ndarray, chance: np.ndarray, links: int, tail: str = "exact") -> np.ndarray:
    """Return P(at least ``links`` links), or a bound of it.

    Parameters
    ----------
    trials, chance : (n,) arrays
        Of the binomial law.
    links : int
        eta, at least 1.
    tail : {"exact", "chernoff", "published"}
        ``"chernoff"``: exp(-trials KL) where eta exceeds the mean (an upper bound), 1 - exp(-trials KL) where it does
        not (a lower bound), KL in nats. ``"published"``: KL in bits, and the upper bound divided by sqrt(2 trials).

    Returns
    -------
    (n,) float64 array
    """
    number, p = np.asarray(trials, dtype=float), np.asarray(chance, dtype=float)
    if tail == "exact":
        poisson = special.gammainc(links, number * p)
        inside = np.maximum(number - links + 1, 1e-300)
        return np.where(
            number > _POISSON_FROM, poisson, np.where(number >= links, special.betainc(links, inside, p), 0.0)
        )
    share = np.minimum(links / np.maximum(number, 1e-300), 1.0)
    divergence = number * (special.rel_entr(share, p) + special.rel_entr(1 - share, 1 - p))
    above, decay = share < p, np.exp(-divergence)
    if tail == "chernoff":
        return np.where(above, 1 - decay, np.where(number >= links, decay, 0.0))
    decay = np.exp(-divergence / np.log(2))
    below = decay / np.sqrt(2 * number)
    return np.where(above, 1 - decay, np.where(share > p, below, 0.0))
