"""Simulation and theory of the same ensemble side by side, with a residual that says whether they agree."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from skillgraph.checks import count, share, texts_of, threads_of
from skillgraph.ensembles.ensemble import Ensemble
from skillgraph.ensembles.parsing import EnsembleLike, parse_ensemble
from skillgraph.records import Record
from skillgraph.records.frames import Grid
from skillgraph.records.words import number
from skillgraph.replicates import in_order
from skillgraph.seeding import generator
from skillgraph.simulation.observe import OBSERVABLES, observe_replicate
from skillgraph.statistics.residuals import z_score
from skillgraph.theory import predictions
from skillgraph.theory.overview import Overview
from skillgraph.theory.predictions import Prediction

__all__ = ["Agreement", "Comparison", "Outcomes", "SimulatedEnsemble", "compare"]

_COLUMNS = ("mean", "standard_error", "theory", "z_score")


class Comparison(Record):
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

    @property
    def largest_z(self) -> float:
        """Largest absolute z-score on the grid; NaN where no theory holds anywhere."""
        return _largest(self.z_score)

    def headline(self) -> Mapping[str, Any]:
        """Return means and the worst residual."""
        return {"mean": self.mean, "theory": self.theory, "largest |z|": self.largest_z}


class Outcomes(Record):
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


class Agreement(Record):
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
    derived: ClassVar[tuple[str, ...]] = ("largest_z",)

    @property
    def largest_z(self) -> float:
        """Largest absolute z-score over all observables and grid points."""
        return _largest(np.concatenate([one.z_score for one in self.observables.values()]))

    def headline(self) -> Mapping[str, Any]:
        """Return what was asked, the end of every curve beside its theory, and the largest z-score."""
        asked = ("ensemble", "num_skills", "replicates", "seed", "learner", "known", "texts_per_skill_ratio")
        last = {
            f"{name.replace('_', ' ')} at the end": (
                f"{number(one.mean[-1])} +- {number(one.standard_error[-1])}, theory {number(one.theory[-1])}, "
                f"largest |z| {number(one.largest_z)}"
            )
            for name, one in self.observables.items()
        }
        return {name.replace("_", " "): getattr(self, name) for name in asked} | last | {"largest |z|": self._worst()}

    def _worst(self) -> str:
        """Say where the largest z-score stands."""
        scores = np.abs(np.stack([one.z_score for one in self.observables.values()]))
        if not np.any(np.isfinite(scores)):
            return "no theory holds"
        which, place = np.unravel_index(np.nanargmax(scores), scores.shape)
        where = f"{list(self.observables)[which]} at {number(self.texts_per_skill_ratio[place])} texts per skill"
        return f"{self.largest_z:.2f}: {where.replace('_', ' ')}"

    def columns(self) -> Mapping[str, Any]:
        """Return one row per observable and grid point."""
        parts = list(self.observables.values())
        return {
            "observable": np.repeat(list(self.observables), self.num_texts.size),
            "texts_per_skill_ratio": np.tile(self.texts_per_skill_ratio, len(parts)),
            "num_texts": np.tile(self.num_texts, len(parts)),
            **{name: np.concatenate([getattr(one, name) for one in parts]) for name in _COLUMNS},
            "note": [note for one in parts for note in one.note],
        }

    def grid(self) -> Grid:
        """Return every column of every observable along texts per skill."""
        over = ("observable", "texts_per_skill_ratio")
        parts = list(self.observables.values())
        return {"observable": list(self.observables), "texts_per_skill_ratio": self.texts_per_skill_ratio}, {
            name: (over, np.array([getattr(one, name) for one in parts])) for name in (*_COLUMNS, "note")
        }


class SimulatedEnsemble(Record):
    """What the command ``simulate`` finds: the thresholds of an ensemble beside its simulation.

    Attributes
    ----------
    thresholds : Overview
    agreement : Agreement
    """

    thresholds: Overview
    agreement: Agreement

    def headline(self) -> Mapping[str, Any]:
        """Return the thresholds and the headline of the agreement."""
        names = ("peeling_threshold", "percolation_threshold")
        thresholds = {name.replace("_", " "): getattr(self.thresholds, name) for name in names}
        return thresholds | dict(self.agreement.headline())

    def columns(self) -> Mapping[str, Any]:
        """Return one row per observable and grid point."""
        return self.agreement.columns()

    def grid(self) -> Grid:
        """Return every column of every observable along texts per skill."""
        return self.agreement.grid()


def _largest(scores: np.ndarray) -> float:
    return float(np.nanmax(np.abs(scores))) if np.any(np.isfinite(scores)) else float("nan")


def compare(
    ensemble: EnsembleLike,
    num_skills: int,
    texts_per_skill_ratio: ArrayLike | str,
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
    ensemble : Ensemble or str
    num_skills : int
    texts_per_skill_ratio : (grid,) array or str
        Increasing, not negative; a configuration ensemble ends at its full ratio. A text is a grid START:STOP:COUNT.
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

    Examples
    --------
    >>> result = compare("poisson:4", 500, [1.0, 2.0], replicates=4, seed=1)
    >>> result.num_texts.tolist()
    [500, 1000]
    >>> bool(result.observables["learned_share"].mean[1] > result.observables["learned_share"].mean[0])
    True
    """
    ensemble = parse_ensemble(ensemble)
    size, number = count("num_skills", num_skills), count("replicates", replicates)
    num_texts, known = texts_of(texts_per_skill_ratio, size, ensemble.full_ratio), share("known", known)

    def one(replicate: int) -> dict[str, np.ndarray]:
        rng = generator(seed, "compare", replicate)
        return observe_replicate(ensemble, size, num_texts, rng, learner=learner, known=known)

    counts = list(in_order(one, range(number), threads_of(threads), progress))
    shares = {name: np.stack([count[name] for count in counts]) / size for name in OBSERVABLES}
    ratio, law, full = num_texts / size, ensemble.at_size(size), ensemble.full_ratio
    inside = ratio if full is None else np.minimum(ratio, full)
    predicted = predictions.predict(law, size, inside, learner=learner, known=known)
    observables = {name: _comparison(shares[name], predicted.observables[name], size) for name in OBSERVABLES}
    outcomes = _outcomes(shares["learned_share"], predicted)
    return Agreement(law, size, number, seed, learner, known, num_texts, ratio, observables, outcomes)


def _comparison(values: np.ndarray, prediction: Prediction, num_skills: int) -> Comparison:
    """Summarise (replicate, grid) values and compare them with a prediction."""
    count = values.shape[0]
    mean = values.mean(axis=0)
    error = values.std(axis=0, ddof=1) / np.sqrt(count) if count > 1 else np.full(mean.shape, np.nan)
    resolution = 0.5 / (num_skills * np.sqrt(count))
    z = z_score(mean - prediction.value, np.maximum(error, resolution), count - 1)
    return Comparison(mean, error, prediction.value, z, prediction.note)


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
