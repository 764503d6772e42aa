"""Emergence of levels: the share of each level's composite skills in its giant component, as data and model grow."""

from __future__ import annotations

import numpy as np
from scipy import special

from skillgraph.levels.model import Convention, LevelModel, Task
from skillgraph.levels.tails import enough_links, link_trials
from skillgraph.records import Record

__all__ = ["Emergence", "accuracy", "emergence", "giant_share", "level_accuracy", "tuple_competence"]


class Emergence(Record):
    """All levels on a row of scales.

    Attributes
    ----------
    num_skills, num_texts : (scales,) float64 arrays
    link_probability : (levels, scales) float64 array
        Probability that two composite skills share enough links.
    gamma : (levels, scales) float64 array
        Share of composite skills in the giant component of their level.
    """

    num_skills: np.ndarray
    num_texts: np.ndarray
    link_probability: np.ndarray
    gamma: np.ndarray


def giant_share(mean_degree: np.ndarray) -> np.ndarray:
    """Return the giant component of G(n, k/n), 1 + W0(-k e^-k) / k; 0 up to k = 1."""
    k = np.asarray(mean_degree, dtype=float)
    above = np.where(k > 1, k, 2.0)
    argument = np.maximum(-above * np.exp(-above), -np.exp(-1.0))
    return np.where(k > 1, np.maximum(1 + special.lambertw(argument).real / above, 0.0), 0.0)


def _clique_share(texts_per_composite: np.ndarray, skills_per_text: float, active: np.ndarray) -> np.ndarray:
    """Largest root of G = a (1 - exp(-d r (1 - e^(-d G)))): texts act as cliques, nodes active with probability a."""
    edges = skills_per_text * texts_per_composite
    low, high = np.zeros(edges.shape), active.copy()
    emerged = active * skills_per_text * edges > 1
    for _ in range(60):  # the map minus the identity is concave: positive below the root, negative above
        middle = (low + high) / 2
        image = active * -np.expm1(-edges * -np.expm1(-skills_per_text * middle))
        low, high = np.where(image > middle, middle, low), np.where(image > middle, high, middle)
    return np.where(emerged, (low + high) / 2, 0.0)


def emergence(
    model: LevelModel, num_skills: np.ndarray, num_texts: np.ndarray, convention: Convention | None = None
) -> Emergence:
    """Compute the giant component of every level at every scale.

    With p_l the probability of enough links and g = gamma_(l-1)^sigma_l,

        needs = "edge":  gamma_l = giant(S p_l g^2),        needs = "skill":  gamma_l = g giant(S p_l g),

    giant(k) = 1 + W0(-k e^-k) / k. Where eta = 1 a text joins all composite skills in it, and the law of cliques
    gamma = g (1 - exp(-d (T/S) (1 - e^(-d gamma)))) takes its place (for needs = "edge" only while g = 1).

    Parameters
    ----------
    model : LevelModel
    num_skills, num_texts : (scales,) arrays
        R and T, positive.
    convention : Convention, optional
        Exact tail, correct number of pairs and cliques if omitted.

    References
    ----------
    Nayak & Varshney (2024), arXiv:2410.01243, section 4.
    """
    how = convention or Convention()
    size, texts = np.broadcast_arrays(
        np.atleast_1d(np.asarray(num_skills, dtype=float)), np.atleast_1d(np.asarray(num_texts, dtype=float))
    )
    if size.ndim != 1 or not (np.all(size > 1) and np.all(texts > 0) and np.all(np.isfinite(size * texts))):
        raise ValueError("num_skills must exceed 1 and num_texts must be positive, one number per scale")
    chances, shares = [], []
    below = np.ones(size.shape)
    for level in model.levels:
        trials, chance = link_trials(size, texts, model.skills_per_text, level.composite_skills, how.pairs)
        enough = enough_links(trials, chance, level.links, how.tail)
        ready = below**level.prerequisites
        degree = level.composite_skills * enough
        active, kept = (ready, ready) if how.needs == "skill" else (np.ones(ready.shape), ready**2)
        share = active * giant_share(degree * kept)
        if how.cliques and level.links == 1 and (how.needs == "skill" or level.prerequisites == 0):
            share = _clique_share(texts / level.composite_skills, model.skills_per_text, ready)
        chances.append(enough)
        shares.append(share)
        below = share
    return Emergence(size, texts, np.array(chances), np.array(shares))


def level_accuracy(gamma: np.ndarray, asked: Task) -> np.ndarray:
    """Return sum_n q(n|l) gamma_l^n for every level, (levels, scales)."""
    shares = np.asarray(gamma, dtype=float)
    if asked.weights.size != shares.shape[0]:
        raise ValueError(f"the task has weights for {asked.weights.size} levels, the model has {shares.shape[0]}")
    parts = np.broadcast_to(asked.subtask_weights, (shares.shape[0], asked.subtask_sizes.size))
    powers = shares[:, None, :] ** asked.subtask_sizes[None, :, None]
    return np.einsum("ln,lns->ls", parts, powers)


def accuracy(gamma: np.ndarray, asked: Task) -> np.ndarray:
    """Return the accuracy of a task, sum_l q(l) sum_n q(n|l) gamma_l^n, (scales,).

    Parameters
    ----------
    gamma : (levels, scales) array
    asked : Task
    """
    return asked.weights @ level_accuracy(gamma, asked)


def tuple_competence(gamma: np.ndarray, size: int, composite_skills: int | None = None) -> np.ndarray:
    """Return the probability that ``size`` different composite skills all lie in the giant component.

    Parameters
    ----------
    gamma : array
        Share in the giant component.
    size : int
        k.
    composite_skills : int, optional
        S: exact, G (G-1) ... / S (S-1) ... with G = gamma S; gamma^k, the limit of many, if omitted.
    """
    share = np.asarray(gamma, dtype=float)
    if composite_skills is None:
        return share**size
    steps = np.arange(size)
    factors = np.maximum(share[..., None] * composite_skills - steps, 0.0) / np.maximum(composite_skills - steps, 1)
    return np.asarray(np.prod(factors, axis=-1))
