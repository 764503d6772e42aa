"""Tau-leaping: many births and deaths at once, with the rates of the beginning of the leap.

A leap may change the number of items by about s = epsilon b / b', the change that alters the birth rate b by a share
epsilon. Where that makes fewer than two events the run takes one exact step instead, so epsilon -> 0 is the exact
process; leaps are worth their error only where one item more changes the rate by much less than epsilon.
"""

from __future__ import annotations

import numpy as np

from skillgraph.seeding import generator

__all__ = ["leap"]

_BLOCK = 1024
_FEWEST_EVENTS = 2.0  # of a leap


def leap(
    births: np.ndarray, extinction: float, start: int, fewest: int, epsilon: float, replicates: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Run replicates by leaps until the items leave fewest..births.size - 1.

    Parameters
    ----------
    births : (ceiling,) float64 array
        Birth rate of 0, 1, ..., ceiling - 1 items.
    extinction : float
        Death rate per item.
    start, fewest : int
    epsilon : float
        Expected relative change of the birth rate in a leap.
    replicates : int
    seed : int
        Every 1024 replicates have a generator of their own.

    Returns
    -------
    times : (replicates,) float64 array
        When the run ended.
    ends : (replicates,) int64 array
        Number of items then.

    References
    ----------
    Cao, Gillespie & Petzold (2006), doi:10.1063/1.2159468, equation 33.
    """
    lengths = _leap_lengths(births, extinction, epsilon)
    times, ends = np.zeros(replicates), np.full(replicates, start, np.int64)
    for block, first in enumerate(range(0, replicates, _BLOCK)):
        rng = generator(seed, "adjacent-possible", "tau-leaping", block)
        part = slice(first, first + _BLOCK)
        _leap_block(births, extinction, lengths, fewest, rng, times[part], ends[part])
    return times, ends


def _leap_lengths(births: np.ndarray, extinction: float, epsilon: float) -> np.ndarray:
    """Return tau for every number of items, 0 for an exact step: mean and spread of the change stay below s."""
    items = np.arange(births.size)
    slope = np.gradient(births) if births.size > 1 else np.zeros(1)
    change = epsilon * births / np.where(slope > 0, slope, np.inf)
    up, down = births, extinction * items
    with np.errstate(divide="ignore", invalid="ignore"):
        lengths: np.ndarray = np.minimum(change / np.abs(up - down), change**2 / (up + down))
    return np.where((up + down) * lengths >= _FEWEST_EVENTS, lengths, 0.0)


def _leap_block(
    births: np.ndarray,
    extinction: float,
    lengths: np.ndarray,
    fewest: int,
    rng: np.random.Generator,
    times: np.ndarray,
    ends: np.ndarray,
) -> None:
    """Advance one block in place; runs that have ended stand still."""
    while True:
        running = np.flatnonzero((ends >= fewest) & (ends < births.size))
        if running.size == 0:
            return
        items = ends[running]
        up, tau = births[items], lengths[items]
        total, exact = up + extinction * items, tau == 0
        change = rng.poisson(up * tau) - rng.poisson(extinction * items * tau)
        single = np.where(rng.random(items.size) * total < up, 1, -1)
        times[running] += np.where(exact, rng.standard_exponential(items.size) / total, tau)
        ends[running] = np.maximum(items + np.where(exact, single, change), 0)
