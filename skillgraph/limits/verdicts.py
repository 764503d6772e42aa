"""Verdicts on limits: of rounds, with the plateau trap; of size and rounds; of noisy measurements.

Verdicts are words with numbers: "exists", "depends on the path", "not converged", "not decided".
"""

from __future__ import annotations

import numpy as np
from scipy import special

from skillgraph.ensembles.parsing import EnsembleLike, parse_ensemble
from skillgraph.limits.maps import LearningMap
from skillgraph.records import Record
from skillgraph.statistics.sequences import extrapolate
from skillgraph.theory.erasure import erasure_thresholds
from skillgraph.theory.finite_size import erasure_waterfall

__all__ = [
    "Bottleneck",
    "LimitVerdict",
    "bottlenecks",
    "cauchy_bootstrap",
    "limit_in_rounds",
    "limit_of_size_and_rounds",
]

_ROUNDING = 1e-14  # relative

EXISTS, PATH, OPEN, NOT_CONVERGED = "exists", "depends on the path", "not decided", "not converged"


class LimitVerdict(Record):
    """Whether a limit exists.

    Attributes
    ----------
    kind : {"exists", "depends on the path", "not converged", "not decided"}
    value : float or None
        The limit where it exists.
    interval : (low, high) or None
        Around the limit; where it depends on the path, from the smallest to the largest.
    sentence : str
        The verdict in words, with its numbers.
    path : str
        What was sent to infinity, and how.
    """

    kind: str
    value: float | None
    interval: tuple[float, float] | None
    sentence: str
    path: str = ""


class Bottleneck(Record):
    """A narrow place that learning still has to pass.

    Attributes
    ----------
    state : float
        q at the ghost fixed point.
    gap : float
        Smallest change per round there.
    rounds : float
        pi sqrt(2 / (gap |T''|)): rounds that the passage takes.
    """

    state: float
    gap: float
    rounds: float


def bottlenecks(learning: LearningMap, below: float | None = None) -> tuple[Bottleneck, ...]:
    """Return the ghosts between the limit of a map and a state, from the largest q down.

    Parameters
    ----------
    learning : LearningMap
    below : float, optional
        State; the start if omitted.

    Returns
    -------
    tuple of Bottleneck
        From the largest state to the smallest.

    References
    ----------
    Saddle-node passage time: Strogatz, Nonlinear Dynamics and Chaos, section 4.3.

    Examples
    --------
    >>> from skillgraph.limits.maps import ensemble_map
    >>> len(bottlenecks(ensemble_map('poisson:6', 4.54)))  # just above the threshold: one slow passage
    1
    """
    top = learning.start if below is None else below
    found = []
    for state, gap in learning.near_tangencies:
        bend = learning.curvature(state)
        if learning.limit < state < top and bend < 0:
            found.append(Bottleneck(state, gap, float(np.pi * np.sqrt(2 / (gap * -bend)))))
    return tuple(found)


def limit_in_rounds(learning: LearningMap, rounds: int, tolerance: float = 1e-6) -> LimitVerdict:
    """Judge the limit K -> infinity from a run of K rounds, with the theory of the map as witness.

    A run may look converged while it creeps through the bottleneck that a vanished fixed point has left behind. The
    verdict then is "not converged", with the rounds that the bottleneck takes, and no number.

    Parameters
    ----------
    learning : LearningMap
    rounds : int
        At least 10.
    tolerance : float
        Distance to the fixed point that counts as converged.

    Returns
    -------
    LimitVerdict

    Raises
    ------
    ValueError
        If there are too few rounds.

    Examples
    --------
    >>> from skillgraph.limits.maps import ensemble_map
    >>> limit_in_rounds(ensemble_map('poisson:4', 1.0), 200).kind
    'exists'
    """
    if rounds < 10:
        raise ValueError(f"rounds must be at least 10 to judge a limit, got {rounds}")
    states = learning.trajectory(rounds)
    last, end = float(states[-1]), learning.limit
    path = f"K to {rounds}"
    ahead = bottlenecks(learning, float(states[0]))
    slow = [ghost for ghost in ahead if last > ghost.state - _passed(learning, ghost)]
    if last - end <= tolerance:
        within = f"{last - end:.1g}" if last - end > _ROUNDING * end else "rounding"
        return LimitVerdict(EXISTS, end, (end, max(last, end)), f"converged to {end:.6g} within {within}", path)
    if slow:
        needed = sum(ghost.rounds for ghost in slow)
        return LimitVerdict(
            NOT_CONVERGED,
            None,
            None,
            f"not converged: bottleneck of about {needed:.0f} rounds predicted near {slow[0].state:.4g}, "
            f"{rounds} rounds were run (last change {states[-2] - last:.1e} per round)",
            path,
        )
    found = extrapolate(states[rounds // 4 :], first=rounds // 4)
    if found.interval is None or not found.interval[0] - tolerance <= end <= found.interval[1] + tolerance:
        sentence = f"not converged: still {last - end:.2g} above the fixed point {end:.6g}; {found.reason}"
        return LimitVerdict(NOT_CONVERGED, None, None, sentence, path)
    sentence = f"{found.rate.kind} approach, {found.method} gives {found.value:.6g}; the fixed point is {end:.6g}"
    low, high = found.interval if found.interval is not None else (end, end)
    return LimitVerdict(EXISTS, end, (min(low, end), max(high, end)), sentence, path)


def _passed(learning: LearningMap, ghost: Bottleneck) -> float:
    """Distance below a ghost at which the passage is over: where the change per round is four times the smallest."""
    return float(np.sqrt(6 * ghost.gap / abs(learning.curvature(ghost.state))))


def limit_of_size_and_rounds(ensemble: EnsembleLike) -> tuple[LimitVerdict, LimitVerdict, LimitVerdict]:
    """Compare the orders of graph size n and rounds K at the BP threshold of an LDPC ensemble.

    n first: density evolution stops at the fixed point that is just vanishing, u* (node perspective). K first: a graph
    of n variables gets stuck with probability Q(-beta n^(-1/6) / alpha), which tends to 1/2, so the mean tends to u*/2.

    Returns
    -------
    size_first, rounds_first, joint : LimitVerdict

    Raises
    ------
    ValueError
        If the residual does not jump at the threshold.
    """
    ensemble = parse_ensemble(ensemble)
    thresholds, law = erasure_thresholds(ensemble), erasure_waterfall(ensemble)
    if not thresholds.jump or thresholds.unlearned_before_jump is None or law.alpha is None or law.beta is None:
        raise ValueError("the order of size and rounds matters at a jump only, and this ensemble has none")
    stuck = thresholds.unlearned_before_jump
    share = float(special.ndtr(0.0))
    at_million = float(special.ndtr(law.beta * 1e6 ** (-1 / 6) / law.alpha))
    first = _exact(stuck, "n to infinity, then K to infinity", f"the ghost fixed point {stuck:.4f}")
    second = _exact(
        stuck * share,
        "K to infinity, then n to infinity",
        f"a graph is stuck with probability 1/2 ({at_million:.3f} at n = 10^6): mean {stuck * share:.4f}",
    )
    sentence = f"the limits of size and rounds do not commute at the threshold: {stuck:.4f} against {stuck / 2:.4f}"
    return first, second, LimitVerdict(PATH, None, None, sentence, "n and K jointly")


def _exact(value: float, path: str, sentence: str) -> LimitVerdict:
    return LimitVerdict(EXISTS, value, (value, value), sentence, path)


def cauchy_bootstrap(
    values: np.ndarray, *, rng: np.random.Generator, tolerance: float, resamples: int = 2000
) -> LimitVerdict:
    """Judge a measured sequence by the Cauchy criterion, resampling graphs.

    The largest distance between any two of the last three terms is bootstrapped over graphs. Its upper 97.5 % point
    below the tolerance means that the sequence is settled; its lower 2.5 % point above it, that it is not.

    Parameters
    ----------
    values : (terms, graphs) array
        Each row one term (a size, a number of steps), each column one independent graph.
    rng : numpy.random.Generator
    tolerance : float
        Distance that counts as none.
    resamples : int
    """
    table = np.asarray(values, dtype=float)
    if table.ndim != 2 or table.shape[0] < 3 or table.shape[1] < 4 or not np.all(np.isfinite(table)):
        raise ValueError(f"the Cauchy test needs at least 3 terms and 4 graphs of finite values, got {table.shape}")
    last = table[-3:]
    chosen = rng.integers(0, table.shape[1], (resamples, table.shape[1]))
    means = last[:, chosen].mean(axis=2)
    low, high = np.quantile(np.ptp(means, axis=0), [0.025, 0.975])
    mean = float(last[-1].mean())
    left, right = (float(v) for v in np.quantile(means[-1], [0.025, 0.975]))
    spread = f"the last three terms differ by {low:.2g} to {high:.2g}"
    if high <= tolerance:
        return LimitVerdict(EXISTS, mean, (left, right), f"settled: {spread}, tolerance {tolerance:g}")
    if low > tolerance:
        return LimitVerdict(NOT_CONVERGED, None, None, f"still moving: {spread}, tolerance {tolerance:g}")
    return LimitVerdict(OPEN, None, None, f"{spread}, tolerance {tolerance:g}: more graphs or terms are needed")
