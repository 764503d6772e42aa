"""The compute-optimal size by simulation: no formula, graphs only."""

from __future__ import annotations

import numpy as np

from skillgraph.checks import count
from skillgraph.ensembles.parsing import EnsembleLike, parse_ensemble
from skillgraph.optimal.sizes import SimulatedOptimum
from skillgraph.seeding import generator
from skillgraph.simulation.observe import observe_replicate

__all__ = ["SimulatedOptimum", "learned_counts", "simulated_optimum"]

_RESAMPLES = 200
_EDGE = 1e-3


def learned_counts(
    ensemble: EnsembleLike,
    num_skills: int,
    num_texts: np.ndarray,
    *,
    replicates: int,
    seed: int,
    learner: int = 1,
    known: float = 0.0,
) -> np.ndarray:
    """Return how many skills are learned from the first T texts of each replicate, for many T at once.

    Skills known beforehand do not count.

    One pass over the texts of a graph gives every T. Replicate i stands at the address (seed, "optimal", i) at every
    size, so that sizes and budgets are compared on common random numbers.

    Parameters
    ----------
    ensemble : Ensemble or str
        Texts by law.
    num_skills : int
    num_texts : (n,) integer array
    replicates, seed : int
    learner : int
    known : float

    Returns
    -------
    (replicates, n) int64 array
        Skills learned from texts; those known beforehand do not count.
    """
    ensemble = parse_ensemble(ensemble)
    wanted, number = np.asarray(num_texts, dtype=np.int64), count("replicates", replicates, least=2)
    texts, place = np.unique(np.append(0, wanted), return_inverse=True)
    counts = np.empty((number, wanted.size), np.int64)
    for replicate in range(number):
        rng = generator(seed, "optimal", replicate)
        seen = observe_replicate(
            ensemble, num_skills, texts, rng, learner=learner, known=known, observables=("learned_share",)
        )
        learned = seen["learned_share"][place]
        counts[replicate] = learned[1:] - learned[0]
    return counts


def simulated_optimum(
    ensemble: EnsembleLike,
    budget: float,
    num_skills: np.ndarray,
    *,
    replicates: int,
    seed: int,
    learner: int = 1,
    known: float = 0.0,
    num_texts: np.ndarray | None = None,
) -> SimulatedOptimum:
    """Find the R that learns most skills at a budget RT by simulation.

    Parameters
    ----------
    ensemble : Ensemble or str
        Texts by law.
    budget : float
        R T, positive.
    num_skills : (sizes,) integer array
        At least 5 sizes around the optimum, within about 15 % of it.
    replicates : int
        Graphs per size.
    seed : int
    learner : int
    known : float
    num_texts : (sizes,) array, optional
        Different texts that the budget leaves for each size, in the order of ``num_skills``; budget / R if omitted.

    Returns
    -------
    SimulatedOptimum

    Raises
    ------
    ValueError
        If sizes or replicates are too few.

    Examples
    --------
    >>> found = simulated_optimum('poisson:3', 4e4, np.array([100, 150, 200, 250, 300]), replicates=20, seed=1)
    >>> 100 <= found.optimum <= 300
    True
    """
    ensemble = parse_ensemble(ensemble)
    if not 0 < budget < np.inf:
        raise ValueError(f"budget must be positive and finite, got {budget:g}")
    sizes, places = np.unique(np.asarray(num_skills, dtype=np.int64), return_index=True)
    if sizes.size < 5 or sizes[0] < 1:
        raise ValueError(f"num_skills must be at least 5 different positive sizes, got {sizes.tolist()}")
    left = budget / sizes if num_texts is None else np.asarray(num_texts, dtype=float)[places]
    texts = np.maximum(np.rint(left).astype(np.int64), 1)
    options = {"replicates": replicates, "seed": seed}
    counts = np.stack(
        [
            learned_counts(ensemble, int(r), np.array([t]), learner=learner, known=known, **options)[:, 0]
            for r, t in zip(sizes, texts, strict=True)
        ],
        axis=1,
    )
    errors = np.maximum(counts.std(axis=0, ddof=1) / np.sqrt(replicates), 0.5 / np.sqrt(replicates))
    best = _peak(sizes, counts.mean(axis=0), errors)
    rng = generator(seed, "optimal", "bootstrap")
    peaks = [
        _peak(sizes, counts[rng.integers(0, replicates, replicates)].mean(axis=0), errors) for _ in range(_RESAMPLES)
    ]
    low, high = np.quantile(peaks, [0.025, 0.975])
    edge = not sizes[0] * (1 + _EDGE) < best < sizes[-1] * (1 - _EDGE)
    interval = float(low), float(high)
    return SimulatedOptimum(float(budget), sizes, texts, counts.mean(axis=0), errors, best, interval, edge)


def _peak(sizes: np.ndarray, means: np.ndarray, errors: np.ndarray) -> float:
    """Return the R that learns most: a cubic in ln R through the log odds of the unlearned share, weighted."""
    x = np.log(sizes) - np.log(sizes).mean()
    unlearned = 1 - means / sizes
    usable = (unlearned > 2 * errors / sizes) & (unlearned < 1)
    if np.count_nonzero(usable) < 4:
        return float(sizes[int(np.argmax(means))])
    share = unlearned[usable]
    odds, spread = np.log(share / (1 - share)), errors[usable] / sizes[usable] / (share * (1 - share))
    cubic = np.polynomial.Polynomial.fit(x[usable], odds, 3, w=1 / spread)
    grid = np.linspace(x[usable][0], x[-1], 4001)
    learned = np.exp(grid) / (1 + np.exp(cubic(grid)))
    return float(np.exp(grid[int(np.argmax(learned))] + np.log(sizes).mean()))
