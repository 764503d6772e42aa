"""Binomial probabilities to full relative accuracy, and integer powers of rows of complex numbers."""

from __future__ import annotations

import math

import numpy as np

from skillgraph._kernels import jit

__all__ = ["binomial_mass", "powers", "stirling_error"]

SERIES = 16.0  # from here on Stirling's series is exact to rounding


@jit
def stirling_error(n: float) -> float:
    """Return ln n! - ln(sqrt(2 pi n) (n/e)^n), n > 0."""
    if n < SERIES:
        return math.lgamma(n + 1.0) - (n + 0.5) * math.log(n) + n - 0.5 * math.log(2 * math.pi)
    square = n * n
    inner = 1.0 / 1260 - (1.0 / 1680 - (1.0 / 1188 - 691.0 / 360360 / square) / square) / square
    return (1.0 / 12 - (1.0 / 360 - inner / square) / square) / n


@jit
def _deviance(x: float, mean: float) -> float:
    """Return x ln(x / mean) + mean - x without cancellation, x > 0."""
    ratio = (x - mean) / (x + mean)
    if abs(ratio) > 0.1:
        return x * math.log(x / mean) + mean - x
    total, term, square, order = (x - mean) * ratio, 2 * x * ratio, ratio * ratio, 1.0
    while True:
        term *= square
        order += 2.0
        following = total + term / order
        if following == total:
            return total
        total = following


@jit
def binomial_mass(n: float, k: float, chance: float, miss: float) -> float:
    """Return P(Binomial(n, chance) = k) to full relative accuracy; miss: 1 - chance, given apart. Loader (2000)."""
    if chance == 0.0 or miss == 0.0:
        return 1.0 if k == (0.0 if chance == 0.0 else n) else 0.0
    if k == 0.0:
        return math.exp(n * (math.log(miss) if chance > 0.5 else math.log1p(-chance)))
    if k == n:
        return math.exp(n * (math.log(chance) if miss > 0.5 else math.log1p(-miss)))
    left = n - k
    correction = stirling_error(n) - stirling_error(k) - stirling_error(left)
    exponent = correction - _deviance(k, n * chance) - _deviance(left, n * miss)
    return math.exp(exponent) * math.sqrt(n / (2 * math.pi * k * left))


@jit
def powers(exponent: int, base_real: np.ndarray, base_imag: np.ndarray, real: np.ndarray, imag: np.ndarray) -> None:
    """Multiply a row by an integer power of another, by repeated squaring.

    exponent: int64, not negative; base_real, base_imag: (n,) float64, destroyed; real, imag: (n,) float64, multiplied.
    """
    while exponent > 0:
        if exponent & 1:
            for k in range(real.size):
                kept = real[k]
                real[k] = kept * base_real[k] - imag[k] * base_imag[k]
                imag[k] = kept * base_imag[k] + imag[k] * base_real[k]
        exponent >>= 1
        if exponent > 0:
            for k in range(real.size):
                kept = base_real[k]
                base_real[k] = (kept - base_imag[k]) * (kept + base_imag[k])
                base_imag[k] = 2 * kept * base_imag[k]
