"""Simulation and theory of the same ensemble side by side, with a residual that says whether they agree."""

from __future__ import annotations

import operator
import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from scipy import special

from skillgraph import predictions
from skillgraph.ensembles import Ensemble
from skillgraph.graphs import SkillTextGraph, sample, sample_known
from skillgraph.peeling import learning_curve
from skillgraph.percolation import associations_curve, curve_by_texts
from skillgraph.predictions import Prediction
from skillgraph.seeding import generator

__all__ = ["Agreement", "Comparison", "Outcomes", "compare", "z_score"]

OBSERVABLES = ("learned_share", "giant_component", "susceptibility", "giant_association")


@dataclass(frozen=True)
class Comparison:
    """One observable on the grid: simulation, theory and their residual.

    Attributes
    ----------
    mean, standard_error : (grid,) float64 arrays
        Over the replicates.
    theory : (grid,) float64 array
        NaN where no theory holds.
    z_score : (grid,) float64 array
        Normal quantile of the t statistic of mean - theory; NaN where no theory holds.
    note : tuple of str
        Per grid point: the finite-size correction that the theory contains, or why there is none; "" for the
        theory of the infinite ensemble.
    """

    mean: np.ndarray
    standard_error: np.ndarray
    theory: np.ndarray
    z_score: np.ndarray
    note: tuple[str, ...]


@dataclass(frozen=True)
class Outcomes:
    """Success and failure at a jump, per grid point.

    Attributes
    ----------
    unlearned_share_between : float
        A replicate fails while its unlearned share lies above this value, half way across the jump.
    failure_probability : (grid,) float64 array
        Share of the replicates that fail.
    failure_probability_theory : (grid,) float64 array
        Finite-size law; NaN where its width is not known.
    learned_share_given_success, learned_share_given_failure : (grid,) float64 arrays
        Conditional means; NaN where no replicate had that outcome.
    """

    unlearned_share_between: float
    failure_probability: np.ndarray
    failure_probability_theory: np.ndarray
    learned_share_given_success: np.ndarray
    learned_share_given_failure: np.ndarray


@dataclass(frozen=True)
class Agreement:
    """Result of `compare`.

    Attributes
    ----------
    num_skills, replicates, seed, learner : int
    known : float
    num_texts : (grid,) int64 array
    texts_per_skill_ratio : (grid,) float64 array
        ``num_texts / num_skills``: the grid asked for, rounded to whole texts.
    observables : dict
        Name to `Comparison`: ``learned_share``, ``giant_component`` (share of all skills), ``susceptibility`` (mean
        component size of a random skill, largest component excluded), ``giant_association`` (largest component of the
        graph of learned skills, as a share of all skills).
    outcomes : Outcomes or None
        None for ensembles without a jump.
    """

    ensemble: Ensemble
    num_skills: int
    replicates: int
    seed: int
    learner: int
    known: float
    num_texts: np.ndarray
    texts_per_skill_ratio: np.ndarray
    observables: dict[str, Comparison]
    outcomes: Outcomes | None

    @property
    def largest_z(self) -> float:
        """Largest absolute z-score over all observables and grid points."""
        scores = np.concatenate([one.z_score for one in self.observables.values()])
        return float(np.nanmax(np.abs(scores))) if np.any(np.isfinite(scores)) else float("nan")


def compare(
    ensemble: Ensemble,
    num_skills: int,
    texts_per_skill_ratio: np.ndarray,
    *,
    replicates: int = 8,
    seed: int,
    learner: int = 1,
    known: float = 0.0,
    threads: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> Agreement:
    """Run replicates of an ensemble and set its theory beside them.

    Each replicate is one graph whose texts arrive one by one; its whole learning curve and component curves are
    computed in one pass and read at the grid.

    Parameters
    ----------
    ensemble : Ensemble
    num_skills : int
    texts_per_skill_ratio : (grid,) array
        Increasing, not negative; a configuration ensemble ends at its full ratio.
    replicates : int
        Independent graphs, at least 2 for a standard error.
    seed : int
        Root seed; replicate i stands at the address (seed, "compare", i) whatever runs it.
    learner : int
        Unknown skills that one text can teach.
    known : float
        Share of skills known beforehand, each independently.
    threads : int, optional
        Replicates computed side by side; the numbers do not depend on it. All processors if omitted.
    progress : callable, optional
        Called with the number of replicates finished.

    Returns
    -------
    Agreement

    Raises
    ------
    ValueError
        If a parameter is out of range or the law does not fit the number of skills.
    """
    size, grid = _positive("num_skills", num_skills), _checked_grid(ensemble, texts_per_skill_ratio)
    count, workers = _positive("replicates", replicates), _positive("threads", threads or os.cpu_count() or 1)
    if not 0 <= known <= 1:
        raise ValueError(f"known must lie in [0, 1], got {known}")
    num_texts = np.rint(grid * size).astype(np.int64)

    def one(replicate: int) -> np.ndarray:
        return _replicate(ensemble, size, num_texts, generator(seed, "compare", replicate), learner, known)

    tallies = np.stack(list(_in_threads(one, count, workers, progress)))
    ratio = num_texts / size
    law = ensemble.at_size(size)
    shares = {
        "learned_share": tallies[:, 0] / size,
        "giant_component": tallies[:, 1] / size,
        "susceptibility": tallies[:, 2] / size,
        "giant_association": tallies[:, 3] / size,
    }
    predicted = predictions.predict(law, size, ratio, learner=learner, known=known)
    observables = {name: _comparison(shares[name], predicted.observables[name], size) for name in OBSERVABLES}
    outcomes = _outcomes(shares["learned_share"], predicted)
    return Agreement(law, size, count, seed, learner, known, num_texts, ratio, observables, outcomes)


def _replicate(
    ensemble: Ensemble, num_skills: int, num_texts: np.ndarray, rng: np.random.Generator, learner: int, known: float
) -> np.ndarray:
    """Sample one graph and return its tallies at the grid, (observable, grid) int64 array."""
    graph = _sampled(ensemble, num_skills, int(num_texts[-1]), rng)
    order = rng.permutation(graph.num_texts).astype(np.int64) if ensemble.full_ratio is not None else None
    beforehand = sample_known(num_skills, known, rng) if known > 0 else None
    learning = learning_curve(graph, beforehand, learner=learner, order=order)
    components = curve_by_texts(graph, order)
    largest = np.asarray(components.largest, dtype=np.int64)[num_texts]
    excluded = np.asarray(components.sum_squares, dtype=np.int64)[num_texts] - largest**2
    associated = associations_curve(graph, learning.learned_at, order).largest[num_texts]
    return np.stack([learning.learned_count[num_texts], largest, excluded, associated]).astype(np.int64)


def _sampled(ensemble: Ensemble, num_skills: int, num_texts: int, rng: np.random.Generator) -> SkillTextGraph:
    """Sample the graph; a configuration ensemble always has all its texts, of which the first are used."""
    return sample(ensemble, num_skills, None if ensemble.full_ratio is not None else num_texts, rng=rng)


def _in_threads(
    one: Callable[[int], np.ndarray], count: int, workers: int, progress: Callable[[int], None] | None
) -> Iterable[np.ndarray]:
    """Yield the replicates in order, computed side by side."""
    with ThreadPoolExecutor(min(workers, count)) as pool:
        for finished, result in enumerate(pool.map(one, range(count)), start=1):
            if progress is not None:
                progress(finished)
            yield result


def _comparison(values: np.ndarray, prediction: Prediction, num_skills: int) -> Comparison:
    """Summarise (replicate, grid) values and compare them with a prediction."""
    count = values.shape[0]
    mean = values.mean(axis=0)
    error = values.std(axis=0, ddof=1) / np.sqrt(count) if count > 1 else np.full(mean.shape, np.nan)
    resolution = 0.5 / (num_skills * np.sqrt(count))
    z = z_score(mean - prediction.value, np.maximum(error, resolution), count - 1)
    return Comparison(mean, error, prediction.value, z, prediction.note)


def z_score(difference: np.ndarray, standard_error: np.ndarray, degrees_of_freedom: int) -> np.ndarray:
    """Return the normal quantile of a t statistic.

    Parameters
    ----------
    difference, standard_error : arrays
    degrees_of_freedom : int
        Replicates minus 1; NaN is returned for 0.
    """
    if degrees_of_freedom < 1:
        return np.full(np.shape(difference), np.nan)
    t = np.asarray(difference, dtype=float) / standard_error
    tail = special.stdtr(degrees_of_freedom, -np.abs(t))
    return -np.sign(t) * special.ndtri(np.maximum(tail, 1e-300))


def _outcomes(learned_share: np.ndarray, predicted: predictions.Predictions) -> Outcomes | None:
    """Split the replicates at a jump."""
    if predicted.unlearned_between is None:
        return None
    failed = 1 - learned_share > predicted.unlearned_between
    success = _conditional_mean(learned_share, ~failed)
    failure = _conditional_mean(learned_share, failed)
    return Outcomes(predicted.unlearned_between, failed.mean(axis=0), predicted.failure_probability, success, failure)


def _conditional_mean(values: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    count = chosen.sum(axis=0)
    total = np.where(chosen, values, 0.0).sum(axis=0)
    return np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0)


def _positive(name: str, value: int) -> int:
    number = operator.index(value)
    if number < 1:
        raise ValueError(f"{name} must be at least 1, got {number}")
    return number


def _checked_grid(ensemble: Ensemble, ratios: np.ndarray) -> np.ndarray:
    grid = np.atleast_1d(np.asarray(ratios, dtype=float))
    if grid.size == 0 or not np.all(np.isfinite(grid)) or grid[0] < 0 or np.any(np.diff(grid) <= 0):
        raise ValueError("texts_per_skill_ratio must be a row of finite, non-negative, increasing numbers")
    if grid[-1] == 0:
        raise ValueError("texts_per_skill_ratio must reach above 0: with zero texts there is nothing to simulate")
    full = ensemble.full_ratio
    if full is not None and grid[-1] > full * (1 + 1e-12):
        raise ValueError(
            f"texts_per_skill_ratio must not exceed {full:.6g}, where the configuration ensemble has all its texts, "
            f"got {grid[-1]:.6g}"
        )
    return grid
