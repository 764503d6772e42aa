"""The adjacent possible by simulation: explosion times by Gillespie's direct method or by tau-leaping, and whole paths.

A run ends at a ceiling beyond which chance no longer matters: what is left there of the variance of the explosion time
and of the risk of extinction is below 1e-9 of the whole, and the mean time that is left is added. Every random word is
a function of (seed, replicate, event), so the numbers do not depend on threads, and the first runs of a long
simulation are a short one.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from skillgraph._kernels import adjacent_possible as kernels
from skillgraph.adjacent_possible.birth_death import explosion_law, whole
from skillgraph.adjacent_possible.deterministic import extinction_of
from skillgraph.adjacent_possible.explosions import Explosions
from skillgraph.adjacent_possible.innovation import Innovation
from skillgraph.adjacent_possible.passages import passage
from skillgraph.adjacent_possible.resources import Resources
from skillgraph.adjacent_possible.tau_leaping import leap
from skillgraph.checks import count, threads_of
from skillgraph.replicates import in_order
from skillgraph.seeding import counter_key, generator

__all__ = ["sample_paths", "simulate_explosions"]

METHODS = ("gillespie", "tau-leaping")
_LEFT_OUT = 1e-9
_MOST_EVENTS = 2**32 - 2
_MOST_ITEMS = 200_000  # of an unconstrained path: beyond it the run counts as exploded


def simulate_explosions(
    innovation: Innovation,
    items: int,
    extinction: float = 0.0,
    *,
    replicates: int,
    seed: int,
    method: str = "gillespie",
    epsilon: float = 0.03,
    threads: int | None = None,
) -> Explosions:
    """Simulate the birth-death process until it explodes or dies out.

    Parameters
    ----------
    innovation : Innovation
        An explosive law.
    items : int
        M0, at least 1.
    extinction : float
        mu in [0, 1): death rate per item.
    replicates : int
        Number of runs, at least 1.
    seed : int
        Same seed, same numbers, whatever the number of threads.
    method : {"gillespie", "tau-leaping"}
        Exact, or in leaps during which the rates are held fixed; leaps lag behind the growth, so their explosion
        times are too long (``z_scores`` shows by how much).
    epsilon : float
        Of tau-leaping: largest expected relative change of the birth rate in a leap, in (0, 1].
    threads : int, optional
        Replicates side by side; all processors if omitted.

    Returns
    -------
    Explosions

    Raises
    ------
    ValueError
        If an argument is out of range, growth is at most exponential, or M0 items can neither combine nor expire.

    References
    ----------
    Gillespie (1977), doi:10.1021/j100540a008 (direct method); Gillespie (2001), doi:10.1063/1.1378322, and Cao,
    Gillespie & Petzold (2006), doi:10.1063/1.2159468 (leaps); Steel, Hordijk & Kauffman (2020), arXiv:1904.03290.

    Examples
    --------
    >>> from skillgraph.adjacent_possible.innovation import constant
    >>> found = simulate_explosions(constant(0.01), 10, replicates=200, seed=1)
    >>> found.times.size
    200
    """
    law = explosion_law(innovation, items, extinction)
    number, start = count("replicates", replicates), whole(items)
    if not innovation.explosive:
        raise ValueError(f"growth by {innovation.text} is at most exponential: there is no explosion time")
    if method not in METHODS:
        raise ValueError(f'method must be "gillespie" or "tau-leaping", got "{method}"')
    if not 0 < epsilon <= 1:
        raise ValueError(f"epsilon must lie in (0, 1], got {epsilon:g}")
    births, left = _table(innovation, start, float(extinction))
    fewest, died = innovation.fewest, np.full(number, np.nan)
    if method == "gillespie":
        times, ends = _gillespie(births, float(extinction), start, fewest, number, seed, threads)
    else:
        times, ends = leap(births, float(extinction), start, fewest, epsilon, number, seed)
    lost = ends < fewest
    died[lost] = times[lost]
    return Explosions(
        np.where(lost, np.nan, times + left), died, law, method, epsilon if method == "tau-leaping" else None
    )


def sample_paths(
    innovation: Innovation,
    items: int,
    extinction: float = 0.0,
    *,
    times: np.ndarray,
    replicates: int,
    seed: int,
    resources: Resources | None = None,
    threads: int | None = None,
) -> np.ndarray:
    """Simulate the birth-death process and note the number of items at given times.

    Parameters
    ----------
    innovation : Innovation
    items : int
        M0, at least 1.
    extinction : float
        mu in [0, 1): death rate per item.
    times : (times,) float array
        Increasing, none negative.
    replicates : int
        Number of runs, at least 1.
    seed : int
    resources : Resources, optional
        Factors multiply the birth rate and no item is born at the (hard) cap.
    threads : int, optional

    Returns
    -------
    (replicates, times) float64 array
        inf once a run has passed 200,000 items or, with an exponential law, so many that it explodes within 1e-12.

    Raises
    ------
    ValueError
        If an argument is out of range, or the cap is not hard or lies below M0.
    """
    start, mu, number = whole(items), extinction_of(extinction), count("replicates", replicates)
    moments = np.asarray(times, float)
    if moments.ndim != 1 or moments.size == 0 or not moments[0] >= 0 or not np.all(np.diff(moments) > 0):
        raise ValueError("times must be a row of increasing numbers, none negative")
    limits = resources or Resources()
    births, capped = _births_under(innovation, start, limits)
    key = counter_key(generator(seed, "adjacent-possible", "paths"))
    found = np.empty((number, moments.size), np.int64)

    def work(first: int, last: int) -> None:
        kernels.follow(births, mu, start, key, first, moments, found[first:last])

    _side_by_side(work, number, threads)
    return np.where(found >= births.size, np.inf, found.astype(float)) if not capped else found.astype(float)


def _births_under(innovation: Innovation, start: int, limits: Resources) -> tuple[np.ndarray, bool]:
    """Return the birth rates of 0, 1, ... items up to the cap, or up to where nothing but an explosion can follow."""
    if limits.kind != "hard":
        raise ValueError(f'the cap of a random path must be "hard", got "{limits.kind}"')
    if math.isfinite(limits.cap):
        limits.require_room(start)
        cap = math.floor(limits.cap)
        rates = limits.factor * innovation.rates(np.arange(cap)) if limits.factor else np.zeros(cap)
        return np.append(rates, 0.0), True
    table: list[float] = []
    for number in range(max(_MOST_ITEMS, start + 1)):
        table.append(limits.factor * innovation.rate(number) if limits.factor else 0.0)
        if number > start and innovation.scale and table[-1] * innovation.ratio > 1e12:
            break
    return np.array(table), False


def _table(innovation: Innovation, start: int, extinction: float) -> tuple[np.ndarray, float]:
    """Return the birth rates of 0, 1, ..., ceiling - 1 items and the mean time that is left at the ceiling."""
    steps = passage(innovation, start, extinction)
    beyond = steps.after_variance + np.cumsum(steps.variances[::-1])[::-1]
    risk = -np.expm1(np.cumsum(steps.log_steps[::-1])[::-1])
    settled = (beyond <= _LEFT_OUT * beyond[start - 1]) & (risk <= _LEFT_OUT)
    settled[:start] = False
    last = int(np.argmax(settled)) if settled.any() else settled.size
    left = float(steps.means[last:].sum()) + steps.after_mean
    return np.append(0.0, steps.births[:last]), left


def _gillespie(
    births: np.ndarray, extinction: float, start: int, fewest: int, number: int, seed: int, threads: int | None
) -> tuple[np.ndarray, np.ndarray]:
    key = counter_key(generator(seed, "adjacent-possible", "explosions"))
    times, ends = np.empty(number), np.empty(number, np.int64)

    def work(first: int, last: int) -> None:
        out = times[first:last], ends[first:last]
        kernels.explode(births, extinction, start, fewest, key, first, _MOST_EVENTS, *out)

    _side_by_side(work, number, threads)
    return times, ends


def _side_by_side(work: Callable[[int, int], None], number: int, threads: int | None) -> None:
    """Call work(first, last) on chunks of the replicates."""
    workers = threads_of(threads)
    size = max(1, min(1024, -(-number // workers)))
    for _ in in_order(lambda first: work(first, min(first + size, number)), range(0, number, size), workers):
        pass
