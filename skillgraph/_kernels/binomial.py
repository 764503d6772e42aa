"""Binomial numbers from counted words: inversion for small means, rejection for all others."""

from __future__ import annotations

import math

import numpy as np

from skillgraph._kernels import jit
from skillgraph._kernels.counter import unit, word_pair

__all__ = ["FEW", "binomial", "by_inversion"]

ZERO = np.uint64(0)
FEW = 14.0  # largest mean drawn by inversion


@jit
def _stirling(k: float) -> float:
    """Correction of Stirling's formula, ln k! - (k + 1/2) ln(k + 1) + (k + 1) - ln(2 pi)/2."""
    square = (k + 1.0) ** 2
    return (1.0 / 12 - (1.0 / 360 - 1.0 / 1260 / square) / square) / (k + 1.0)


@jit
def by_inversion(number: float, chance: float, nothing: float, uniform: float) -> float:
    """Smallest k with P(X <= k) > uniform; nothing: P(X = 0), number and chance those of a binomial law."""
    count, mass, odds = 0.0, nothing, chance / (1.0 - chance)
    while uniform >= mass and count < number:
        uniform -= mass
        mass *= (number - count) / (count + 1.0) * odds
        count += 1.0
        if mass < 1e-300:
            break
    return count


@jit
def _by_rejection(number: float, chance: float, key: np.ndarray, clock: np.uint64) -> tuple[float, np.uint64]:
    """Draw a binomial number of mean 10 and more, chance at most 1/2; returns it and the next clock.

    Hormann (1993), The generation of binomial random variates, algorithm BTRS; ln k! by Stirling's series.
    """
    spread = math.sqrt(number * chance * (1 - chance))
    b = 1.15 + 2.53 * spread
    a, centre = -0.0873 + 0.0248 * b + 0.01 * chance, number * chance + 0.5
    alpha, accept = (2.83 + 5.1 / b) * spread, 0.92 - 4.2 / b
    mode, odds = math.floor((number + 1) * chance), chance / (1 - chance)
    while True:
        first, second = word_pair(key, clock, ZERO)
        clock += np.uint64(1)
        u, v = unit(first) - 0.5, unit(second)
        us = 0.5 - abs(u)
        k = math.floor((2 * a / us + b) * u + centre)
        if us >= 0.07 and v <= accept:
            return k, clock
        if k < 0 or k > number:
            continue
        bound = math.log(v * alpha / (a / (us * us) + b))
        density = (
            (mode + 0.5) * math.log((mode + 1) / (odds * (number - mode + 1)))
            + (number + 1) * math.log((number - mode + 1) / (number - k + 1))
            + (k + 0.5) * math.log((number - k + 1) * odds / (k + 1))
            + _stirling(mode)
            + _stirling(number - mode)
            - _stirling(k)
            - _stirling(number - k)
        )
        if bound <= density:
            return k, clock


@jit
def binomial(number: float, log_miss: float, key: np.ndarray, clock: np.uint64) -> tuple[float, np.uint64]:
    """Draw Binomial(number, 1 - e^log_miss) and return it with the next clock.

    number: float64, an integer up to 2^53; log_miss: float64, negative; key: (2,) uint64; clock: uint64, counts draws.
    """
    if number <= 0.0:
        return 0.0, clock
    chance = -math.expm1(log_miss)
    if chance >= 1.0:
        return number, clock
    if number * chance < FEW:
        word, _ = word_pair(key, clock, ZERO)
        return by_inversion(number, chance, math.exp(number * log_miss), unit(word)), clock + np.uint64(1)
    if chance <= 0.5:
        return _by_rejection(number, chance, key, clock)
    rest = math.exp(log_miss)
    if number * rest < FEW:
        word, _ = word_pair(key, clock, ZERO)
        nothing = math.exp(number * math.log1p(-rest))
        return number - by_inversion(number, rest, nothing, unit(word)), clock + np.uint64(1)
    missed, clock = _by_rejection(number, rest, key, clock)
    return number - missed, clock
