"""The adjacent possible with chance: n -> n + 1 at rate(n), n -> n - 1 at mu n; the exact law of the explosion time.

With rho_n(s) = E[exp(-s x time from n to n + 1); it happens], first-step analysis gives

    rho_n(s) = rate(n) / (rate(n) + mu n + s - mu n rho_{n-1}(s)),   rho_0 = 0,

and the time to explode from M0 has transform prod_{n >= M0} rho_n(s). At s = 0 the product is the probability of
explosion, its logarithmic derivatives are mean and variance given explosion, and on the imaginary axis it is inverted
for the distribution. Without deaths the mean is sum 1/rate(n) and the variance sum 1/rate(n)^2.
"""

from __future__ import annotations

import math
from functools import cached_property

import numpy as np

from skillgraph.adjacent_possible.deterministic import equilibrium, extinction_of
from skillgraph.adjacent_possible.innovation import Innovation
from skillgraph.adjacent_possible.passages import Passage, passage
from skillgraph.checks import count
from skillgraph.records import Record

__all__ = ["ExplosionLaw", "TippingSmear", "explosion_law", "extinction_probability", "tipping_smear"]

_FREQUENCIES = 20_000
_BLOCK = 256
_VANISHED = 1e-12
_NO_SKEW = 1e-12


class ExplosionLaw(Record):
    """Law of the time at which the number of items becomes infinite.

    Attributes
    ----------
    innovation : Innovation
    items : int
        M0, at the start.
    extinction : float
        Death rate per item.
    mean, standard_deviation : float
        Given explosion, NaN if there is none; inf where growth is only exponential.
    error : float
        Bound on the error of ``mean`` from terms of the series that were not added one by one.
    extinction_probability : float
        Probability that the items die out, or fall below the fewest that can be combined.
    """

    innovation: Innovation
    items: int
    extinction: float
    mean: float
    standard_deviation: float
    error: float
    extinction_probability: float

    @property
    def explosion_probability(self) -> float:
        """One minus the extinction probability."""
        return 1 - self.extinction_probability

    def cdf(self, times: np.ndarray) -> np.ndarray:
        """Return P(explosion time <= t) given explosion.

        Parameters
        ----------
        times : array

        Returns
        -------
        array of the same shape
        """
        t = np.asarray(times, float)
        frequency, transform = self._spectrum
        inside = np.clip(t, 0.0, self._period)
        coefficients = transform / (1j * frequency)
        waves = _real_sum(inside, frequency[0], coefficients) - np.real(coefficients.sum())
        total = inside / self._period + 2 / self._period * waves
        return np.where(t >= self._period, 1.0, np.clip(total, 0.0, 1.0))

    def pdf(self, times: np.ndarray) -> np.ndarray:
        """Return the density of the explosion time given explosion.

        Parameters
        ----------
        times : array

        Returns
        -------
        array of the same shape
        """
        t = np.asarray(times, float)
        frequency, transform = self._spectrum
        density = (1 + 2 * _real_sum(t, frequency[0], transform)) / self._period
        return np.where((t >= 0) & (t <= self._period), np.maximum(density, 0.0), 0.0)

    @cached_property
    def _steps(self) -> Passage:
        return passage(self.innovation, self.items, self.extinction)

    @cached_property
    def _period(self) -> float:
        """Length of the window of the Fourier series; the law has no weight beyond it that a double would show."""
        return self.mean + 32 * self.standard_deviation

    @cached_property
    def _spectrum(self) -> tuple[np.ndarray, np.ndarray]:
        """Frequencies 2 pi k / period and E[exp(-i frequency T)], until it has vanished or after 20,000."""
        if not math.isfinite(self.mean):
            raise ValueError("growth is at most exponential: there is no explosion time")
        frequencies, transforms = [], []
        for first in range(1, _FREQUENCIES, _BLOCK):
            frequencies.append(2 * math.pi / self._period * np.arange(first, first + _BLOCK))
            transforms.append(self._transform(frequencies[-1]))
            if abs(transforms[-1][-1]) < _VANISHED:
                break
        return np.concatenate(frequencies), np.concatenate(transforms)

    @cached_property
    def _after(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Mean, variance and half the third cumulant of the time left from n = 1, 2, ... items on."""
        steps, skew = self._steps, self._steps.variances**1.5
        mean = steps.after_mean + np.cumsum(steps.means[::-1])[::-1]
        return mean, steps.after_variance + np.cumsum(steps.variances[::-1])[::-1], np.cumsum(skew[::-1])[::-1]

    def _transform(self, frequency: np.ndarray) -> np.ndarray:
        """Multiply the passages one by one until mean and variance are enough for all that follow."""
        s, (mean, variance, skew) = 1j * frequency, self._after
        enough = np.flatnonzero(frequency[-1] ** 3 * skew[self.items :] < _NO_SKEW)
        last = self.items + (int(enough[0]) if enough.size else skew.size - self.items)
        left = (
            (mean[last], variance[last]) if last < mean.size else (self._steps.after_mean, self._steps.after_variance)
        )
        zero, ratio = np.zeros(s.shape, complex), np.zeros(s.shape, complex)
        total, norm, step = np.exp(-s * left[0] + s**2 * left[1] / 2), 1.0, 0.0
        for n, birth in enumerate(self._steps.births[:last].tolist(), 1):
            if birth == 0:
                ratio, step = zero, 0.0
                continue
            death = self.extinction * n
            ratio = birth / (birth + death + s - death * ratio)
            step = birth / (birth + death - death * step)
            if n >= self.items:
                total, norm = total * ratio, norm * step
        return total / norm


def explosion_law(innovation: Innovation, items: int, extinction: float = 0.0) -> ExplosionLaw:
    """Return the exact law of the explosion time of the birth-death process.

    Parameters
    ----------
    innovation : Innovation
        Birth rate as a function of the number of items; `powers` is the law of the reference.
    items : int
        M0, at least 1.
    extinction : float
        mu in [0, 1): death rate per item.

    Returns
    -------
    ExplosionLaw

    Raises
    ------
    ValueError
        If ``items`` < 1, ``extinction`` is outside [0, 1), or without extinction M0 items cannot be combined.

    References
    ----------
    Steel, Hordijk & Kauffman (2020), arXiv:1904.03290 (series without deaths); Karlin & McGregor (1957),
    doi:10.1090/S0002-9947-1957-0094854-8 (passage times).

    Examples
    --------
    >>> from skillgraph.adjacent_possible.innovation import constant
    >>> law = explosion_law(constant(0.01), 10)
    >>> round(law.mean, 4), round(law.standard_deviation, 4)
    (0.1968, 0.1138)
    """
    start, mu = whole(items), extinction_of(extinction)
    if innovation.rate(start) == 0:
        if mu == 0:
            raise ValueError(f"M0 must be at least {innovation.fewest}, the fewest items that combine, got {start}")
        return ExplosionLaw(innovation, start, mu, math.nan, math.nan, 0.0, 1.0)
    found = passage(innovation, start, mu)
    if not innovation.explosive:
        probability = _linear_extinction(innovation, start, mu)
        return ExplosionLaw(innovation, start, mu, math.inf, math.inf, 0.0, probability)
    mean = float(found.means[start - 1 :].sum()) + found.after_mean
    variance = float(found.variances[start - 1 :].sum()) + found.after_variance
    died = 0.0 - math.expm1(float(found.log_steps[start - 1 :].sum()))
    return ExplosionLaw(innovation, start, mu, mean, math.sqrt(variance), found.error, died)


def extinction_probability(innovation: Innovation, items: int, extinction: float) -> float:
    """Return the probability that the items die out, or fall below the fewest that can be combined.

    Parameters
    ----------
    innovation : Innovation
    items : int
        M0, at least 1.
    extinction : float
        mu in [0, 1).

    Returns
    -------
    float
        Accurate in relative terms, however small.

    Raises
    ------
    ValueError
        As `explosion_law`.

    Examples
    --------
    >>> from skillgraph.adjacent_possible.innovation import constant
    >>> round(extinction_probability(constant(0.01), 10, 0.1), 6)
    0.001036
    """
    return explosion_law(innovation, items, extinction).extinction_probability


def _real_sum(times: np.ndarray, lowest: float, coefficients: np.ndarray) -> np.ndarray:
    """Return the real part of sum_k coefficients_k exp(i k lowest t), k = 1, 2, ..., by Horner's rule."""
    turn = np.exp(1j * lowest * times)
    total = np.zeros(times.shape, complex)
    for coefficient in coefficients[::-1].tolist():
        total = (total + coefficient) * turn
    return np.real(total)


class TippingSmear(Record):
    """Extinction probability against the number of items at the start: chance smears the tipping point.

    Attributes
    ----------
    items : (count,) int64 array
        M0 = 1, 2, ...
    extinction_probability : (count,) float64 array
    tipping_point : float or None
        Where the deterministic theory jumps from 1 to 0.
    even : int
        Fewest items that die out with probability at most 1/2.
    width : int
        Items between extinction probabilities 0.9 and 0.1.
    """

    items: np.ndarray
    extinction_probability: np.ndarray
    tipping_point: float | None
    even: int
    width: int


def tipping_smear(innovation: Innovation, extinction: float) -> TippingSmear:
    """Return the extinction probability from every number of items up to where it is below 1e-12.

    Parameters
    ----------
    innovation : Innovation
        An explosive one.
    extinction : float
        mu in (0, 1).

    Returns
    -------
    TippingSmear

    Raises
    ------
    ValueError
        If ``extinction`` is outside (0, 1) or growth is at most exponential.
    """
    mu = extinction_of(extinction)
    if mu == 0 or not innovation.explosive:
        raise ValueError(f"a tipping point needs extinction and an explosive law, got mu = {mu:g}, {innovation.text}")
    place = equilibrium(innovation, mu).items
    found = passage(innovation, max(1, math.ceil(place or 1)), mu)
    died = -np.expm1(np.cumsum(found.log_steps[::-1])[::-1])
    count = int(np.argmax(died < 1e-12)) + 1 if died[-1] < 1e-12 else died.size
    at = [int(np.argmax(died <= level)) + 1 for level in (0.5, 0.9, 0.1)]
    return TippingSmear(np.arange(1, count + 1), died[:count], place, at[0], at[2] - at[1])


def _linear_extinction(innovation: Innovation, start: int, mu: float) -> float:
    return min(1.0, mu / innovation.slope_at_zero) ** start


def whole(items: float) -> int:
    """Return M0 of the stochastic theory, a whole number of at least 1."""
    return count("M0", items)
