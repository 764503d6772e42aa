"""From a Poisson number of texts to a fixed one: Cauchy's integral over a circle of complex means.

A probability f(T) at T texts and F(m) at a Poisson number of mean m are tied by e^m F(m) = sum_T m^T / T! f(T), so

    f(T) = T!/T^T (1 / 2 pi) integral e^(m - i T theta) F(m) dtheta,   m = T e^(i theta).

The weight falls like exp(-T (1 - cos theta)), but F may grow nearly as fast as that where f changes abruptly with T, as
it does at small T. So |theta| goes up to a bound that is 10/sqrt(T) for many texts and the whole circle for few; the
size of the last term is reported.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import special

from skillgraph._kernels.solvers.masses import stirling_error

__all__ = ["TextNumber", "fixed_number", "poisson_number"]

_LOG_ALIAS = 46.0  # -ln of the share of texts T +- (number of points) that is mixed in
_LOG_WEIGHT, _FEW_TEXTS = 50.0, 4e4  # -ln of the least weight: 50 + 4e4 / T


@dataclass(frozen=True, eq=False)
class TextNumber:
    """How a law at complex means becomes the law at a number of texts: f = Re sum_k weight_k F(mean + shift_k).

    Attributes
    ----------
    mean : float
    shift : (nodes,) complex128 array
        The first is 0.
    weight : (nodes,) complex128 array
    complete : bool
        Whether no point was left out.
    """

    mean: float
    shift: np.ndarray
    weight: np.ndarray
    complete: bool

    def left_out(self, real: np.ndarray, imag: np.ndarray) -> float:
        """Estimate what the points beyond the last would add in total, from the last; real, imag: (n, nodes) of F."""
        if self.complete:
            return 0.0
        return float(2 * np.abs(self.weight[-1]) * np.hypot(real[:, -1], imag[:, -1]).sum())


def poisson_number(mean: float) -> TextNumber:
    """Return the number of texts that is Poisson itself."""
    return TextNumber(float(mean), np.zeros(1, complex), np.ones(1, complex), True)


def fixed_number(num_texts: int) -> TextNumber:
    """Return the nodes and weights for exactly so many texts."""
    if num_texts == 0:
        return poisson_number(0.0)
    points, texts = _points(num_texts), float(num_texts)
    angle = 2 * math.pi * np.arange(points // 2 + 1) / points
    damping = 2 * texts * np.sin(angle / 2) ** 2
    kept = damping <= _LOG_WEIGHT + _FEW_TEXTS / texts
    angle, damping = angle[kept], damping[kept]
    size = math.sqrt(2 * math.pi * texts) * math.exp(stirling_error(texts)) / points
    weight = size * np.exp(-damping + 1j * texts * (np.sin(angle) - angle))
    both_sides = (angle > 0) & (angle < math.pi * (1 - 1e-9))
    shift = -damping + 1j * texts * np.sin(angle)
    return TextNumber(texts, shift, np.where(both_sides, 2, 1) * weight, bool(kept.all()))


def _points(num_texts: int) -> int:
    """Return the number of points on the circle that keeps other numbers of texts below e^-46."""
    points = math.ceil(math.sqrt(2 * _LOG_ALIAS * num_texts)) + 1
    while _log_alias(num_texts, points) > -_LOG_ALIAS:
        points += 1 + points // 64
    return points


def _log_alias(num_texts: int, points: int) -> float:
    """Return ln of the larger weight of T + points and T - points texts, in units of that of T."""
    centre = special.gammaln(num_texts + 1.0)
    above = centre - special.gammaln(num_texts + points + 1.0) + points * math.log(num_texts)
    if points > num_texts:
        return float(above)
    below = centre - special.gammaln(num_texts - points + 1.0) - points * math.log(num_texts)
    return float(max(above, below))
