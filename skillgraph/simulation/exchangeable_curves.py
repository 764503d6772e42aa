"""Learning curves without a graph: as texts arrive, unlearned skills and waiting texts alone are a Markov chain, exact.

Texts by law with uniform popularity, learners of one skill. The cost is a random number per text and one per learned
skill, and nothing depends on who computes it: 10^5 replicates of 10^3 skills in seconds, with their whole curves.
"""

from __future__ import annotations

import math

import numpy as np

from skillgraph._kernels.chain import learn_chains
from skillgraph.checks import count, increasing, share, threads_of
from skillgraph.ensembles.ensemble import Ensemble
from skillgraph.ensembles.parsing import EnsembleLike, parse_ensemble
from skillgraph.ensembles.unknown_skills import UnknownSkills
from skillgraph.replicates import in_order
from skillgraph.seeding import counter_key, generator

__all__ = ["curves_by_chain"]

_MOST_SKILLS = 10**8
_MOST_CHAINS = 2**24
_SHARE = 2_000_000  # texts and skills that a thread takes at once


def curves_by_chain(
    ensemble: EnsembleLike,
    num_skills: int,
    at: np.ndarray,
    *,
    replicates: int,
    seed: int,
    known: float = 0.0,
    threads: int | None = None,
) -> np.ndarray:
    """Return the learning curves of random graphs without building them (D = 1).

    The law is that of `skillgraph.simulation.peeling.learning_curve` on graphs of `skillgraph.graphs.sampling.sample`.

    Parameters
    ----------
    ensemble : Ensemble or str
        Texts by law with uniform popularity.
    num_skills : int
        Up to 10^8, of 32 bytes each.
    at : (points,) integer array
        Increasing numbers of texts, not negative.
    replicates : int
        Up to 2^24.
    seed : int
        Replicate i stands at the address (seed, "chain curves") and counter i.
    known : float
        Share of skills known beforehand, each independently.
    threads : int, optional
        Replicates side by side; the numbers do not depend on it. All processors if omitted.

    Returns
    -------
    (replicates, points) int64 array
        Known skills after each number of texts.

    Raises
    ------
    ValueError
        If skills are not exchangeable or a parameter is out of range.
    """
    ensemble = parse_ensemble(ensemble)
    if ensemble.popularity is None or not ensemble.popularity.is_uniform:
        raise ValueError(f"curves without a graph need texts by law with uniform popularity, got {ensemble}")
    size = count("num_skills", num_skills, largest=_MOST_SKILLS)
    number, known = count("replicates", replicates, largest=_MOST_CHAINS), share("known", known)
    if ensemble.skills_per_text.mean > size:
        raise ValueError(
            f"mean skills per text must not exceed num_skills={size}, got {ensemble.skills_per_text.mean:g}"
        )
    points = increasing("at", at)
    tables = _tables(ensemble, size)
    key, log_known = counter_key(generator(seed, "chain curves")), math.log(known) if known > 0 else -math.inf
    learned = np.empty((number, points.size), np.int64)
    workers = threads_of(threads)
    step = max(1, min(_SHARE // (size + int(points[-1])), -(-number // workers)))

    def run(first: int) -> None:
        learn_chains(key, first, log_known, *tables, points, learned[first : first + step])

    for _ in in_order(run, range(0, number, step), workers):
        pass
    return learned


def _tables(ensemble: Ensemble, num_skills: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return none, one, chance and log_stay of `learn_chains`, each (num_skills + 1,) float64."""
    unlearned = np.arange(num_skills + 1)
    law = UnknownSkills(ensemble, num_skills, 1)
    few = law.at(unlearned)
    chance = np.minimum(law.moving(unlearned, np.maximum(unlearned - 1, 0))[:, 1], 1 - 2.0**-53)
    return few[:, 0].copy(), few.sum(axis=1), chance, np.log1p(-chance)
