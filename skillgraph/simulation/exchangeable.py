"""Peeling without a graph: where skills are exchangeable, the numbers alone are a Markov chain, exact in every round.

Texts by law with uniform popularity. Given U unlearned skills, the texts that never had at most D unknown ones are
independent and identically distributed, conditioned on having more than D among the U. In one round (flooding) all
texts with 1 to D unknown skills teach; together they hit a uniformly random set of K skills, and each remaining text
turns into one with 0, 1, ..., D, more than D unknown skills with probabilities that follow from the law. So a round
costs a few random numbers, whatever the size: R = 10^12 is as cheap as R = 10^3. It is a third opinion beside graph and
theory.

The only approximation is the number K of different skills in very many draws: exact while few draws are expected to be
in vain, else normal with exact mean and variance and rounded, an error in the third moment only.
"""

from __future__ import annotations

import numpy as np

from skillgraph._kernels.chain import peel_chains
from skillgraph.checks import count, share, threads_of
from skillgraph.ensembles.ensemble import Ensemble
from skillgraph.ensembles.parsing import EnsembleLike, parse_ensemble
from skillgraph.ensembles.unknown_skills import UnknownSkills
from skillgraph.records import Record
from skillgraph.replicates import in_order
from skillgraph.seeding import counter_key, generator

__all__ = ["ChainOutcome", "peel_by_chain"]

_EXACT_DRAWS = 16  # up to so many expected draws in vain are drawn one by one
_SMALL = 64  # up to so many unlearned skills, always one by one
_FEW_SKILLS = 20_000  # up to so many unlearned skills, texts of several skills are drawn one by one
_BATCH = 256  # replicates that share a generator
_MOST_CHAINS = 2**24
_LARGEST = 10**15


class ChainOutcome(Record):
    """Final state of independent replicates.

    Attributes
    ----------
    num_skills, num_texts : int
    unlearned : (replicates,) int64 array
        Skills that are never learned.
    rounds : (replicates,) int64 array
        Rounds until nothing more was learned.
    """

    num_skills: int
    num_texts: int
    unlearned: np.ndarray
    rounds: np.ndarray

    def failure_probability(self, unlearned_between: float) -> float:
        """Return the share of replicates that end with more than this unlearned share."""
        return float(np.mean(self.unlearned > unlearned_between * self.num_skills))


def peel_by_chain(
    ensemble: EnsembleLike,
    num_skills: int,
    num_texts: int,
    *,
    replicates: int,
    seed: int,
    learner: int = 1,
    known: float = 0.0,
    most_rounds: int = 10_000_000,
    threads: int | None = None,
) -> ChainOutcome:
    """Peel random graphs of an ensemble without building them.

    Parameters
    ----------
    ensemble : Ensemble or str
        Texts by law with uniform popularity.
    num_skills, num_texts : int
        Up to 10^15.
    replicates : int
    seed : int
        Replicate i of Poisson texts and learner 1 stands at the address (seed, "chain") and counter i; else replicates
        i = 256 b, ..., 256 b + 255 draw from the address (seed, "chain", b).
    learner : int
        Unknown skills that one text can teach.
    known : float
        Share of skills known beforehand, each independently.
    most_rounds : int
        Where to give up (learners of several skills and other laws).
    threads : int, optional
        Replicates side by side; the numbers do not depend on it.

    Returns
    -------
    ChainOutcome

    Raises
    ------
    ValueError
        If skills are not exchangeable or a parameter is out of range.
    """
    ensemble = parse_ensemble(ensemble)
    if ensemble.popularity is None or not ensemble.popularity.is_uniform:
        raise ValueError(f"peeling without a graph needs texts by law with uniform popularity, got {ensemble}")
    size, texts = count("num_skills", num_skills, largest=_LARGEST), count("num_texts", num_texts, largest=_LARGEST)
    number, capacity = count("replicates", replicates), count("learner", learner)
    known = share("known", known)
    if ensemble.independent_edges and capacity == 1 and number <= _MOST_CHAINS:
        return _compiled(ensemble, size, texts, number, seed, known, threads_of(threads))
    chances = UnknownSkills(ensemble, size, capacity)
    parts = [
        _batch(
            chances, texts, min(_BATCH, number - first), generator(seed, "chain", first // _BATCH), known, most_rounds
        )
        for first in range(0, number, _BATCH)
    ]
    unlearned, rounds = (np.concatenate(part) for part in zip(*parts, strict=True))
    return ChainOutcome(size, texts, unlearned, rounds)


def _compiled(
    ensemble: Ensemble, size: int, texts: int, number: int, seed: int, known: float, workers: int
) -> ChainOutcome:
    """Run the compiled chain of Poisson texts, replicates in threads."""
    if ensemble.skills_per_text.mean >= size:
        raise ValueError(f"mean skills per text must be below num_skills={size}, got {ensemble.skills_per_text.mean:g}")
    key, chance = counter_key(generator(seed, "chain")), ensemble.skills_per_text.mean / size
    unlearned, rounds = np.empty(number, np.int64), np.empty(number, np.int64)
    step = max(1, min(4096, -(-number // workers)))

    def run(first: int) -> None:
        part = slice(first, first + step)
        peel_chains(key, first, float(size), float(texts), chance, known, unlearned[part], rounds[part])

    for _ in in_order(run, range(0, number, step), workers):
        pass
    return ChainOutcome(size, texts, unlearned, rounds)


def _batch(
    chances: UnknownSkills, num_texts: int, count: int, rng: np.random.Generator, known: float, most_rounds: int
) -> tuple[np.ndarray, np.ndarray]:
    """Run the chain of some replicates side by side."""
    size = chances.num_skills
    unlearned = rng.binomial(size, 1 - known, count) if known > 0 else np.full(count, size, np.int64)
    few = chances.at(unlearned)
    waiting, teaching = _split(rng, np.full(count, num_texts, np.int64), few)
    rounds = np.zeros(count, np.int64)
    for _ in range(most_rounds):
        active = np.flatnonzero(teaching[:, 1:].sum(axis=1) > 0)
        if active.size == 0:
            return unlearned, rounds
        before = unlearned[active]
        learned = _different(rng, before, teaching[active, 1:])
        after = before - learned
        rounds[active] += 1
        moved = chances.moving(before, after)
        waiting[active], teaching[active] = _split(rng, waiting[active], moved)
        unlearned[active] = after
    raise ValueError(f"peeling needs more than {most_rounds} rounds at {num_texts / size:.6g} texts per skill")


def _split(rng: np.random.Generator, texts: np.ndarray, chances: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Split texts into those with more than D unknown skills and those with 0, ..., D, (n, D + 1) int64."""
    counts, left, mass = np.zeros(chances.shape, np.int64), texts.copy(), np.ones(texts.shape)
    for j in range(chances.shape[1]):
        share = np.clip(np.divide(chances[:, j], mass, out=np.zeros(mass.shape), where=mass > 0), 0.0, 1.0)
        counts[:, j] = rng.binomial(left, share)
        left -= counts[:, j]
        mass -= chances[:, j]
    return left, counts


def _different(rng: np.random.Generator, unlearned: np.ndarray, teaching: np.ndarray) -> np.ndarray:
    """Return how many different skills the teaching texts hit; column j - 1: texts with j unknown skills."""
    sizes = np.arange(1, teaching.shape[1] + 1)
    cells, draws = unlearned.astype(float), (teaching * sizes).sum(axis=1)
    few = (draws.astype(float) ** 2 / (2 * cells) <= _EXACT_DRAWS) | (unlearned <= _SMALL)
    one_by_one = few & (unlearned <= _FEW_SKILLS) & (sizes.size > 1)
    out = np.zeros(unlearned.shape, np.int64)
    out[few] = _occupied(rng, unlearned[few], draws[few])
    for place in np.flatnonzero(one_by_one):
        out[place] = _by_texts(rng, int(unlearned[place]), teaching[place])
    out[~few] = _normal_different(rng, cells[~few], teaching[~few], sizes)
    return out


def _by_texts(rng: np.random.Generator, cells: int, teaching: np.ndarray) -> int:
    """Return the number of skills hit, text by text: the skills of one text are all different."""
    hit = 0
    for wanted in np.repeat(np.arange(1, teaching.size + 1), teaching).tolist():
        hit += wanted - int(rng.hypergeometric(hit, cells - hit, wanted)) if hit else wanted
    return hit


def _occupied(rng: np.random.Generator, cells: np.ndarray, balls: np.ndarray) -> np.ndarray:
    """Return the number of cells that balls hit, exactly, for several experiments side by side.

    Between two balls in vain the number of hits grows by one per ball. The next ball in vain is looked for at the
    largest chance that it can have until the end, and kept with the share that its true chance is of it.
    """
    hit, left = np.zeros(cells.shape, np.int64), balls.copy()
    active = np.flatnonzero(left > 0)
    while active.size:
        n, h, rest = cells[active], hit[active], left[active]
        highest = np.minimum(n, h + rest) / n
        wait = rng.geometric(highest)
        inside = wait <= rest
        reached = np.where(inside, h + wait - 1, h + rest)
        kept = rng.random(active.size) * highest < reached / n
        hit[active] = np.minimum(np.where(inside & ~kept, reached + 1, reached), n)
        left[active] = np.where(inside, rest - wait, 0)
        active = active[(left[active] > 0) & (hit[active] < cells[active])]
    return hit


def _normal_different(
    rng: np.random.Generator, cells: np.ndarray, teaching: np.ndarray, sizes: np.ndarray
) -> np.ndarray:
    """Skills hit by very many texts: normal with the exact mean and variance, rounded."""
    n, count = cells[:, None], teaching.astype(float)
    with np.errstate(divide="ignore", invalid="ignore"):
        log_empty = np.where(count > 0, count * np.log1p(-np.minimum(sizes / n, 1.0)), 0.0).sum(axis=1)
        ratio = -sizes / ((n - sizes) * np.maximum(n - 1, 1))
        log_pair = np.where((count > 0) & (n - sizes > 1), count * np.log1p(np.maximum(ratio, -1.0)), 0.0).sum(axis=1)
    empty = np.exp(log_empty)
    variance = cells * empty * -np.expm1(log_empty) + cells * (cells - 1) * empty**2 * np.expm1(log_pair)
    drawn = rng.normal(cells * -np.expm1(log_empty), np.sqrt(np.maximum(variance, 0.0)))
    return np.clip(np.rint(drawn), 1, np.minimum(cells, (teaching * sizes).sum(axis=1))).astype(np.int64)
