"""Levels of composite skills: how many there are, what joins two of them, what they need from the level below."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal

import numpy as np

from skillgraph.checks import count, positive
from skillgraph.ensembles.degrees import parse_law
from skillgraph.ensembles.parsing import LawLike
from skillgraph.records import Record

__all__ = [
    "PUBLISHED",
    "Convention",
    "Level",
    "LevelModel",
    "Task",
    "level_weights",
    "levels",
    "published_levels",
    "published_task",
    "task",
]

Tail = Literal["exact", "chernoff", "published"]
Pairs = Literal["unordered", "published"]
Needs = Literal["edge", "skill"]


class Level(Record):
    """One level.

    Parameters
    ----------
    composite_skills : int
        S, composite skills of the level.
    links : int
        eta, links that two of them must share to be joined, at least 1.
    prerequisites : int
        sigma, composite skills of the level below that each needs in the giant component there.
    """

    composite_skills: int
    links: int = 1
    prerequisites: int = 0


class Convention(Record):
    """How the theory is read where the literature differs.

    Parameters
    ----------
    tail : {"exact", "chernoff", "published"}
        Probability of enough links: binomial tail; Chernoff bound; the published switch of the bound, which takes the
        divergence in bits into an exponential of base e and the wrong prefactor below the mean.
    pairs : {"unordered", "published"}
        Mean links d^2 T / S^2, every unordered pair of skills counted for both ways round; published: half of it.
    needs : {"edge", "skill"}
        Each edge asks for prerequisites of its own (published), or each composite skill has its own, the same for all
        its edges.
    cliques : bool
        Whether levels with eta = 1 obey the law of cliques; False: the Erdos-Renyi law everywhere (published).
    """

    tail: Tail = "exact"
    pairs: Pairs = "unordered"
    needs: Needs = "edge"
    cliques: bool = True
    keys: ClassVar[Mapping[str, str]] = {"needs": "needs_kind"}

    def __post_init__(self) -> None:
        for name, value, known in (
            ("tail", self.tail, ("exact", "chernoff", "published")),
            ("pairs", self.pairs, ("unordered", "published")),
            ("needs", self.needs, ("edge", "skill")),
        ):
            if value not in known:
                raise ValueError(f'{name} must be one of {", ".join(known)}, got "{value}"')
        if not isinstance(self.cliques, bool):
            raise ValueError(f'cliques must be true or false, got "{self.cliques}"')


PUBLISHED = Convention("published", "published", "edge", False)


class LevelModel(Record):
    """Levels over one skill-text graph.

    Parameters
    ----------
    levels : tuple of Level
        From the first level up.
    skills_per_text : float
        Mean skills per text, d; Poisson.
    """

    levels: tuple[Level, ...]
    skills_per_text: float
    keys: ClassVar[Mapping[str, str]] = {"skills_per_text": "mean_skills_per_text"}


class Task(Record):
    """What a task asks for.

    Attributes
    ----------
    weights : (levels,) float64 array
        q(l), share of sub-tasks of each level; sums to 1.
    subtask_sizes : (n,) int64 array
        Composite skills that a sub-task needs at once.
    subtask_weights : (n,) or (levels, n) float64 array
        q(n) or q(n|l).
    """

    weights: np.ndarray
    subtask_sizes: np.ndarray
    subtask_weights: np.ndarray


def levels(
    composite_skills: int | Sequence[int],
    links: Sequence[int],
    prerequisites: int | Sequence[int],
    skills_per_text: float,
) -> LevelModel:
    """Return the model of checked levels.

    Parameters
    ----------
    composite_skills : int or sequence of int
        S_l; one number serves all levels.
    links : sequence of int
        eta_l, one per level.
    prerequisites : int or sequence of int
        sigma_l; 0 for the first level in effect, as nothing lies below it.
    skills_per_text : float

    Returns
    -------
    LevelModel

    Raises
    ------
    ValueError
        If there are no levels, a level has no composite skills, fewer than one link joins, or a level needs more
        prerequisites than the level below has composite skills.

    Examples
    --------
    >>> len(levels(1000, [1, 2, 4], [0, 1, 1], 6.0).levels)
    3
    """
    eta = [count("links", value, least=0) for value in links]
    if not eta:
        raise ValueError("levels must not be empty: give links for at least one level")
    sizes = _spread("composite_skills", composite_skills, len(eta))
    sigma = _spread("prerequisites", prerequisites, len(eta))
    mean = positive("skills_per_text", skills_per_text)
    for place, (size, link, need) in enumerate(zip(sizes, eta, sigma, strict=True), start=1):
        if size < 2:
            raise ValueError(f"level {place} must have at least 2 composite skills, got {size}")
        if link < 1:
            raise ValueError(f"level {place} must ask for at least 1 link, got {link}")
        below = sizes[place - 2] if place > 1 else None
        if below is None and need > 0:
            raise ValueError(f"level 1 has no level below it, so its prerequisites must be 0, got {need}")
        if below is not None and need > below:
            raise ValueError(f"level {place} needs {need} prerequisites, but the level below has {below} skills only")
    return LevelModel(tuple(map(Level, sizes, eta, sigma)), mean)


def _spread(name: str, values: int | Sequence[int], number: int) -> list[int]:
    if not np.iterable(values):
        return [count(name, values, least=0)] * number
    spread = [count(name, value, least=0) for value in values]
    if len(spread) != number:
        raise ValueError(f"{name} must be one number or one per level, {number}, got {len(spread)}")
    return spread


def task(
    weights: np.ndarray | Sequence[float],
    subtask_sizes: np.ndarray | Sequence[int] = (1,),
    subtask_weights: np.ndarray | Sequence[float] | None = None,
) -> Task:
    """Return a checked task.

    Parameters
    ----------
    weights : (levels,) array
        q(l) >= 0, summing to 1 within 1e-6.
    subtask_sizes : (n,) integer array
        At least 1 each.
    subtask_weights : (n,) or (levels, n) array, optional
        Equal weights if omitted; each row sums to 1 within 1e-6.

    Returns
    -------
    Task

    Raises
    ------
    ValueError
        If weights are negative or do not sum to 1, or sizes are below 1.

    Examples
    --------
    >>> task([0.25, 0.75], [2, 3]).weights.tolist()
    [0.25, 0.75]
    """
    q = np.asarray(weights, dtype=float)
    sizes = np.asarray(subtask_sizes, dtype=np.int64)
    if sizes.size == 0 or np.any(sizes < 1):
        raise ValueError(f"subtask_sizes must be at least 1, got {sizes.tolist()}")
    given = np.full(sizes.size, 1 / sizes.size) if subtask_weights is None else np.asarray(subtask_weights, dtype=float)
    if given.shape not in {(sizes.size,), (q.size, sizes.size)}:
        raise ValueError(f"subtask_weights must have one weight per size, {sizes.size}, got shape {given.shape}")
    _require_one("level weights", q)
    for row in np.atleast_2d(given):
        _require_one("subtask_weights", row)
    return Task(q, sizes, given)


def _require_one(name: str, weights: np.ndarray) -> None:
    if weights.ndim != 1 or weights.size == 0 or not np.all(np.isfinite(weights)) or np.any(weights < 0):
        raise ValueError(f"{name} must be a row of non-negative finite numbers, got {weights.tolist()}")
    total = float(weights.sum())
    if abs(total - 1) > 1e-6:
        raise ValueError(f"{name} must sum to 1, they sum to {total:.6g}")


def level_weights(law: LawLike, number: int) -> np.ndarray:
    """Return q(l) = P(l) of a degree law for l = 1, ..., number; (number,) float64."""
    return np.asarray(parse_law(law).pmf(np.arange(1, count("number", number) + 1)), dtype=float)


def published_levels() -> LevelModel:
    """Return the 100 levels of Nayak & Varshney (2024): S = 1000, eta = round(e^(7 l/100)), sigma = round(log2 l).

    Returns
    -------
    LevelModel

    Examples
    --------
    >>> len(published_levels().levels)
    100
    """
    place = np.arange(1, 101)
    links = np.rint(np.exp(0.07 * place)).astype(int)
    needs = np.rint(np.log2(place)).astype(int)
    return levels(1000, links.tolist(), needs.tolist(), 6.0)


PUBLISHED_WEIGHTS = {
    "unimodal": "binomial:100:0.5",
    "multimodal": "0.4*binomial:100:0.2+0.4*binomial:100:0.6+0.2*binomial:100:0.95",
}


def published_task(kind: Literal["unimodal", "multimodal"]) -> Task:
    """Return a task of Nayak & Varshney (2024): level weights, sub-tasks of 2 to 7 composite skills alike.

    Parameters
    ----------
    kind : {"unimodal", "multimodal"}

    Returns
    -------
    Task

    Raises
    ------
    KeyError
        If there is no such task.

    Examples
    --------
    >>> published_task('unimodal').weights.size
    100
    """
    return task(level_weights(parse_law(PUBLISHED_WEIGHTS[kind]), 100), range(2, 8))
