"""Sizes of finite components below the percolation threshold, and the largest of them in a finite graph.

With g(z) the generating function of the skills reached along an edge into a text's other skills,

    g = z phi(load (1 - rho(g))),    H(z) = z Phi(load (1 - rho(g(z)))) = sum_t P(t) z^t,

P(t) the probability that a random skill lies in a component of t skills. The generating function is solved on the unit
circle and inverted by a fast Fourier transform. Components of a given size are then nearly Poisson in number, so

    E[largest] = sum_{s >= 0} (1 - exp(-R sum_{t > s} P(t)/t)).
"""

from __future__ import annotations

import numpy as np
from numpy.polynomial import polynomial

from skillgraph.ensembles.ensemble import Ensemble
from skillgraph.ensembles.parsing import EnsembleLike, parse_ensemble
from skillgraph.records import Record
from skillgraph.theory.components import percolation_threshold

__all__ = ["LargestComponent", "component_size_law", "largest_component"]

_SHORTEST, _LONGEST = 2**9, 2**18
_START, _NEWTON = 12, 60


class LargestComponent(Record):
    """Mean and mean square of the number of skills in the largest component of a finite graph."""

    mean: float
    mean_square: float


def component_size_law(ensemble: EnsembleLike, texts_per_skill_ratio: float, tail: float = 1e-12) -> np.ndarray:
    """Return the law of the component size of a random skill below the percolation threshold.

    Parameters
    ----------
    ensemble : Ensemble or str
    texts_per_skill_ratio : float
        Below the percolation threshold.
    tail : float
        The law is computed up to sizes beyond which about this much probability is left.

    Returns
    -------
    (n,) float64 array
        P(0) = 0, P(1), P(2), ...

    Raises
    ------
    ValueError
        At or above the threshold, or if components of more than 2^17 skills matter.

    References
    ----------
    Newman, Strogatz & Watts (2001), doi:10.1103/PhysRevE.64.026118, section II D.
    """
    ensemble = parse_ensemble(ensemble)
    threshold = percolation_threshold(ensemble).threshold
    if threshold is not None and not texts_per_skill_ratio < threshold:
        raise ValueError(f"texts_per_skill_ratio must lie below {threshold:.6g}, got {texts_per_skill_ratio:.6g}")
    length = _SHORTEST
    while length <= _LONGEST:
        law = _inverted(ensemble, texts_per_skill_ratio, length)
        if float(law[-length // 8 :].sum()) < tail:
            return law[: length // 2]
        length *= 4
    raise ValueError(f"components of more than {_LONGEST // 2} skills matter at {texts_per_skill_ratio:.6g}")


def _inverted(ensemble: Ensemble, ratio: float, length: int) -> np.ndarray:
    """Return P(0), ..., P(length - 1), computed on the unit circle."""
    z = np.exp(-2j * np.pi * np.arange(length // 2 + 1) / length)
    texts, load = _excess(ensemble.skills_per_text.probabilities), ensemble.load_per_ratio * ratio
    g = z.copy()
    for _ in range(_START):
        g = z * _survival(ensemble, load * (1 - polynomial.polyval(g, texts)), 1)
    slopes = polynomial.polyder(texts)
    for _ in range(_NEWTON):
        s = load * (1 - polynomial.polyval(g, texts))
        miss = g - z * _survival(ensemble, s, 1)
        slope = 1 + z * load * _survival(ensemble, s, 2) * polynomial.polyval(g, slopes)
        g = g - miss / slope
        if np.max(np.abs(miss)) < 1e-14:
            break
    values = z * _survival(ensemble, load * (1 - polynomial.polyval(g, texts)), 0)
    return np.maximum(np.fft.irfft(values, length), 0.0)


def _excess(pmf: np.ndarray) -> np.ndarray:
    """Coefficients of the edge perspective of a pmf."""
    degrees = np.arange(1, pmf.size)
    return degrees * pmf[1:] / (degrees @ pmf[1:])


def _survival(ensemble: Ensemble, s: np.ndarray, kind: int) -> np.ndarray:
    """Return Phi (kind 0), phi (1) or phi' (2) at complex arguments."""
    if ensemble.texts_per_skill is not None:
        pmf = ensemble.texts_per_skill.probabilities
        coefficients = pmf if kind == 0 else _excess(pmf)
        if kind < 2:
            return polynomial.polyval(1 - s, coefficients)
        return -polynomial.polyval(1 - s, polynomial.polyder(coefficients))
    assert ensemble.popularity is not None
    weights, shares = ensemble.popularity.nodes()
    total = np.zeros(s.shape, complex)
    for weight, share in zip(weights, shares, strict=True):
        total += share * weight ** min(kind, 1) * (-weight) ** max(kind - 1, 0) * np.exp(-weight * s)
    return total


def largest_component(ensemble: EnsembleLike, num_skills: int, texts_per_skill_ratio: float) -> LargestComponent:
    """Return the expected largest component of a finite graph below the percolation threshold.

    Parameters
    ----------
    ensemble : Ensemble or str
    num_skills : int
    texts_per_skill_ratio : float
        Well below the threshold: outside its window of relative width num_skills^(-1/3).

    Returns
    -------
    LargestComponent
    """
    ensemble = parse_ensemble(ensemble)
    law = component_size_law(ensemble, texts_per_skill_ratio, 1e-5 / num_skills)
    sizes = np.arange(law.size)
    larger = np.cumsum((law[1:] / sizes[1:])[::-1])[::-1]  # entry s: components of more than s skills, per skill
    beyond = -np.expm1(-num_skills * larger)
    return LargestComponent(float(beyond.sum()), float(((2 * sizes[:-1] + 1) * beyond).sum()))
