"""What the replicates of a batch draw from, as the tables that the kernels read."""

from __future__ import annotations

import numpy as np

from skillgraph._kernels import batch_draws as kernels
from skillgraph._kernels.sampling import alias_table
from skillgraph.checks import all_texts
from skillgraph.ensembles.degrees import expected_counts
from skillgraph.ensembles.ensemble import Ensemble, Popularity
from skillgraph.graphs.sampling import require_fit

__all__ = ["drawing_room", "law_of", "mean_edges"]

_NO_PATIENCE_NEEDED = 2**62  # texts of uniform skills wait for the next new one
_SPREADS, _MORE = 12, 60  # degrees beyond mean + 12 standard deviations + 60 have less than 10^-17


def law_of(ensemble: Ensemble, num_skills: int, num_texts: int) -> kernels.Law:
    """Return the tables of an ensemble.

    Parameters
    ----------
    ensemble : Ensemble
    num_skills, num_texts : int
        Texts that a replicate draws; of a configuration ensemble, at most all of them.

    Raises
    ------
    ValueError
        If the law of skills per text does not fit the number of skills, or a configuration ensemble has fewer texts.
    """
    if ensemble.texts_per_skill is not None:
        return _configuration(ensemble, num_skills, num_texts)
    assert ensemble.popularity is not None
    popularity = ensemble.popularity
    weights = np.empty(0) if popularity.is_uniform else popularity.weights(num_skills)
    available = num_skills if popularity.is_uniform else int(np.count_nonzero(weights))
    degrees = _alias(_skills_per_text(ensemble, num_skills, available))
    kind, skills, patience = _choice(popularity, weights, num_skills)
    nothing = np.empty(0, np.uint32)
    return kernels.Law(kind, np.uint64(num_skills), *degrees, *skills, weights, nothing, nothing, patience)


def _choice(
    popularity: Popularity, weights: np.ndarray, num_skills: int
) -> tuple[int, tuple[np.ndarray, np.ndarray], int]:
    """Return kind, alias table and patience of the choice of skills."""
    if popularity.is_uniform:
        return kernels.UNIFORM, (np.empty(0, np.uint64), np.empty(0, np.uint32)), _NO_PATIENCE_NEEDED
    return kernels.POPULAR, _alias(weights), num_skills


def _skills_per_text(ensemble: Ensemble, num_skills: int, available: int) -> np.ndarray:
    """Return the probabilities of 0, 1, ... skills per text, given that they fit."""
    law = ensemble.skills_per_text
    if ensemble.independent_edges:
        if law.mean > num_skills:
            raise ValueError(f"mean skills per text must not exceed num_skills, got {law.mean:g} and {num_skills}")
        return _independent(num_skills, law.mean / num_skills)
    require_fit(law, available)
    return law.probabilities[: available + 1]


def _independent(num_skills: int, chance: float) -> np.ndarray:
    """Return the binomial probabilities of independent edges, up to where nothing is left, by the ratios of neighbours.

    ln p_k = R ln(1 - p) + sum_{j<k} ln((R - j) p / ((j + 1) (1 - p))), so the error stays near 10^-16 (c + 1).
    """
    if chance == 1:
        return np.concatenate([np.zeros(num_skills), [1.0]])
    mean = num_skills * chance
    last = min(num_skills, int(np.ceil(mean + _SPREADS * np.sqrt(mean) + _MORE)))
    k = np.arange(last)
    ratios = np.log(num_skills - k) - np.log(k + 1.0) + np.log(chance) - np.log1p(-chance)
    logarithms = np.concatenate([[0.0], np.cumsum(ratios)])
    return np.exp(num_skills * np.log1p(-chance) + logarithms)


def _alias(weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return an alias table: chances out of 2^64 to stay in a column, and where to go else."""
    keep, alias = np.empty(weights.size), np.empty(weights.size, np.int32)
    alias_table(weights / weights.mean(), keep, alias)
    sure = keep >= 1  # their alias is the column itself
    limits = np.where(sure, 0.0, keep) * 2.0**64
    return np.where(sure, np.uint64(2**64 - 1), limits.astype(np.uint64)), alias.astype(np.uint32)


def _configuration(ensemble: Ensemble, num_skills: int, num_texts: int) -> kernels.Law:
    """Return the degrees of all texts and the sockets of all skills, which replicates shuffle."""
    assert ensemble.texts_per_skill is not None
    assert ensemble.full_ratio is not None
    full = all_texts(ensemble.full_ratio, num_skills)
    if num_texts > full:
        raise ValueError(
            f"num_texts must not exceed {full}, all texts of the configuration ensemble on {num_skills} skills, "
            f"got {num_texts}"
        )
    needed = _degrees(ensemble.skills_per_text.probabilities, full)
    offered = np.repeat(
        np.arange(num_skills, dtype=np.uint32), _degrees(ensemble.texts_per_skill.probabilities, num_skills)
    )
    empty = max(0, int(needed.sum(dtype=np.int64)) - offered.size)
    sockets = np.concatenate([offered, np.full(empty, num_skills, np.uint32)])
    none, nobody = np.empty(0, np.uint64), np.empty(0, np.uint32)
    tables = none, nobody, none, nobody, np.empty(0)
    return kernels.Law(kernels.SOCKETS, np.uint64(num_skills), *tables, needed, sockets, _NO_PATIENCE_NEEDED)


def _degrees(probabilities: np.ndarray, number: int) -> np.ndarray:
    counts = expected_counts(probabilities, number)
    return np.repeat(np.arange(counts.size, dtype=np.uint32), counts)


def drawing_room(law: kernels.Law) -> kernels.Room:
    """Return what one thread draws in."""
    calls = kernels.CALLS
    return kernels.Room(
        np.zeros(4, np.uint64),
        np.empty(4 * calls, np.uint32),
        np.empty(2 * calls, np.uint32),
        np.empty(2 * calls, np.uint64),
        np.empty(2 * calls, np.uint32),
        np.empty(4 * calls, np.uint32),
        np.empty_like(law.degrees),
        np.empty_like(law.sockets),
    )


def mean_edges(ensemble: Ensemble, num_texts: int) -> int:
    """Return about as many edges as a replicate draws, a little more than most do."""
    law = ensemble.skills_per_text
    mean = law.mean * num_texts
    spread = 4 * np.sqrt(law.variance * num_texts) if np.isfinite(law.variance) else 0.0
    return int(mean + spread) + 64
