"""Random graphs of ensembles of several classes.

Skills of a class have consecutive numbers. Texts stand in order of arrival: the k-th text of a class of rate r_b
arrives at scale (k + 1/2) / (r_b R), so at every scale the number of texts of each class is the expected one, rounded.
Every scale of one graph is a prefix of its texts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from skillgraph._kernels import sampling as kernels
from skillgraph._kernels.types import place_rows
from skillgraph.checks import count
from skillgraph.ensembles.joint_laws import JointLaw, JointPoisson, Split
from skillgraph.ensembles.types import TypedEnsemble
from skillgraph.graphs.graph import LARGEST, SkillTextGraph
from skillgraph.seeding import counter_key

__all__ = ["TypedGraph", "sample_known_by_class", "sample_types"]

_TRIES = 10_000


@dataclass(frozen=True, eq=False)
class TypedGraph:
    """A graph with classes.

    Attributes
    ----------
    graph : SkillTextGraph
    skill_class : (num_skills,) int64 array
    text_class : (num_texts,) int64 array
    """

    graph: SkillTextGraph
    skill_class: np.ndarray
    text_class: np.ndarray


def sample_types(
    ensemble: TypedEnsemble, num_skills: int, scale: float = 1.0, *, rng: np.random.Generator
) -> TypedGraph:
    """Draw a graph of an ensemble of several classes.

    *Texts by law*: each text draws its numbers of skills from the joint law of its class, then its skills of every
    class uniformly without replacement. Poisson means independent edges: Binomial(R_a, c_ba / R_a). Numbers beyond the
    size of a class are drawn again. *Configuration*: degrees are drawn, for every pair of classes the sockets of both
    sides are matched uniformly, and a surplus on either side stays empty. Where a total is split over classes, the
    sockets of all texts together are, in the expected numbers.

    Parameters
    ----------
    ensemble : TypedEnsemble
    num_skills : int
        R, at least one for every skill class.
    scale : float
        At most 1 for configuration ensembles.
    rng : numpy.random.Generator

    Returns
    -------
    TypedGraph
    """
    sizes = ensemble.sizes(count("num_skills", num_skills, largest=LARGEST))
    if np.any(sizes == 0):
        empty = ensemble.skill_classes[int(np.argmin(sizes))]
        raise ValueError(f'num_skills must give every skill class a skill, got {num_skills}: "{empty}" has none')
    if ensemble.is_configuration and scale > 1 + 1e-9:
        raise ValueError(f"scale of a configuration ensemble must not exceed 1, got {scale}")
    numbers = ensemble.text_numbers(num_skills, scale)
    text_class = _arrivals(ensemble, numbers)
    draw = _matched if ensemble.is_configuration else _drawn
    graph = draw(ensemble, sizes, numbers, text_class, rng)
    return TypedGraph(graph, np.repeat(np.arange(sizes.size), sizes), text_class)


def sample_known_by_class(ensemble: TypedEnsemble, sizes: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw the skills known beforehand, each independently with the probability of its class, (num_skills,) bool."""
    return rng.random(int(sizes.sum())) < np.repeat(np.array(ensemble.known), sizes)


def _arrivals(ensemble: TypedEnsemble, numbers: np.ndarray) -> np.ndarray:
    """Return the class of every text in order of arrival; ties in the order of the classes."""
    rates = np.array(ensemble.rates)
    moments = [(np.arange(number) + 0.5) / rate for number, rate in zip(numbers, rates, strict=True) if number > 0]
    classes = np.repeat(np.arange(numbers.size), numbers)
    order = np.argsort(np.concatenate(moments), kind="stable") if moments else np.zeros(0, np.int64)
    return classes[order]


def _drawn(
    ensemble: TypedEnsemble, sizes: np.ndarray, numbers: np.ndarray, text_class: np.ndarray, rng: np.random.Generator
) -> SkillTextGraph:
    """Let every text draw its skills, one class after another."""
    needed = _by_text(
        text_class, [_fitting(law, sizes, int(n), rng) for law, n in zip(ensemble.needs, numbers, strict=True)]
    )
    indptr = _starts(needed.sum(axis=1))
    skills, place, offset = np.empty(int(indptr[-1]), np.int32), indptr[:-1].astype(np.int64), 0
    for a, size in enumerate(sizes):
        own = _starts(needed[:, a])
        drawn = np.empty(int(own[-1]), np.int32)
        many = int(needed[:, a].max(initial=0)) > int(kernels.FEW)
        stamps = np.zeros(int(size) if many else 0, np.int32)
        kernels.draw_uniform(counter_key(rng), own, np.uint64(size), stamps, drawn)
        place_rows(own, drawn, offset, place, skills)
        place, offset = place + needed[:, a], offset + int(size)
    return SkillTextGraph(int(sizes.sum()), indptr, skills)


def _fitting(law: JointLaw, sizes: np.ndarray, number: int, rng: np.random.Generator) -> np.ndarray:
    """Draw the needs of ``number`` texts, conditioned on fitting the classes."""
    if isinstance(law, JointPoisson):
        if np.any(law.means > sizes):
            a = int(np.argmax(law.means > sizes))
            raise ValueError(
                f"mean skills per text must not exceed the class, got {law.means[a]:g} of {sizes[a]} skills"
            )
        return rng.binomial(sizes, law.means / sizes, (number, sizes.size))
    out = law.sample(rng, number)
    for _ in range(_TRIES):
        wrong = np.flatnonzero(np.any(out > sizes, axis=1))
        if wrong.size == 0:
            return out
        out[wrong] = law.sample(rng, wrong.size)
    raise ValueError(f'skills per text "{law}" do not fit classes of {sizes.tolist()} skills')


def _by_text(text_class: np.ndarray, parts: list[np.ndarray]) -> np.ndarray:
    """Put the rows of every class where its texts stand, (num_texts, columns)."""
    out = np.empty((text_class.size, parts[0].shape[1]), np.int64)
    for b, part in enumerate(parts):
        out[text_class == b] = part
    return out


def _starts(degrees: np.ndarray) -> np.ndarray:
    """Return where rows of these lengths start, (n + 1,) int32 while it fits."""
    total = int(degrees.sum())
    indptr = np.zeros(degrees.size + 1, np.int32 if total <= LARGEST else np.int64)
    np.cumsum(degrees, out=indptr[1:])
    return indptr


def _matched(
    ensemble: TypedEnsemble, sizes: np.ndarray, numbers: np.ndarray, text_class: np.ndarray, rng: np.random.Generator
) -> SkillTextGraph:
    """Match the sockets of every pair of classes."""
    assert ensemble.texts is not None
    needed = _by_text(text_class, [_sockets(law, int(n), rng) for law, n in zip(ensemble.needs, numbers, strict=True)])
    offered = np.concatenate([_sockets(law, int(n), rng) for law, n in zip(ensemble.texts, sizes, strict=True)])
    skill_class = np.repeat(np.arange(sizes.size), sizes)
    rows, columns = [], []
    for b, a in np.argwhere(ensemble.mean_needs > 0):
        texts, skills = np.flatnonzero(text_class == b), np.flatnonzero(skill_class == a)
        left = np.repeat(texts, needed[texts, a])
        right = np.repeat(skills, offered[skills, b]).astype(np.int32)
        full = np.concatenate([right, np.full(max(0, left.size - right.size), -1, np.int32)])
        kernels.shuffle(counter_key(rng), full)
        rows.append(left)
        columns.append(full[: left.size])
    text, skill = np.concatenate(rows), np.concatenate(columns)
    kept = skill >= 0
    order = np.argsort(text[kept], kind="stable")
    return SkillTextGraph(
        int(sizes.sum()), _starts(np.bincount(text[kept], minlength=text_class.size)), skill[kept][order]
    )


def _sockets(law: JointLaw, number: int, rng: np.random.Generator) -> np.ndarray:
    """Draw the sockets of ``number`` nodes by class of partner, (number, classes)."""
    if not isinstance(law, Split):
        return law.sample(rng, number)
    totals = law.total.sample(rng, number)
    exact = totals.sum() * np.array(law.shares)
    quota = np.floor(exact + 1e-9).astype(np.int64)
    quota[np.argsort(quota - exact, kind="stable")[: int(totals.sum() - quota.sum())]] += 1
    partner = rng.permutation(np.repeat(np.arange(quota.size), quota))
    out = np.zeros((number, quota.size), np.int64)
    np.add.at(out, (np.repeat(np.arange(number), totals), partner), 1)
    return out
