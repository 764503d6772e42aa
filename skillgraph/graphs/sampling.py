"""Random graphs of an ensemble, and the skills known beforehand."""

from __future__ import annotations

from typing import Literal

import numpy as np

from skillgraph import checks
from skillgraph._kernels import sampling as kernels
from skillgraph.checks import all_texts, count
from skillgraph.ensembles.degrees import DegreeLaw, binomial, expected_counts
from skillgraph.ensembles.ensemble import Ensemble, Popularity
from skillgraph.ensembles.parsing import EnsembleLike, parse_ensemble
from skillgraph.graphs.graph import LARGEST, SkillTextGraph
from skillgraph.seeding import counter_key

__all__ = ["require_fit", "sample", "sample_known"]

_MOST_SOCKETS = 2**32
_MISFIT = 1e-6  # share of texts beyond the number of skills that is conditioned away


def sample(
    ensemble: EnsembleLike,
    num_skills: int,
    num_texts: int | None = None,
    *,
    rng: np.random.Generator,
    degrees: Literal["fixed", "random"] | None = None,
) -> SkillTextGraph:
    """Draw a graph of an ensemble.

    *Texts by law*: each text draws its number of skills from the law, then one skill after another without
    replacement, each proportional to popularity among those not yet drawn. Poisson with uniform popularity means
    independent edges: Binomial(num_skills, c / num_skills) skills per text. Another law that reaches beyond the number
    of skills is conditioned on fitting.

    *Configuration*: every node has as many sockets as its degree, and the sockets of both sides are matched
    uniformly. Repeated edges are kept. Where the numbers of sockets differ, the surplus stays empty: a text or skill
    then has fewer edges than drawn. With fewer texts than the full ensemble has, most skill sockets are empty so.

    Parameters
    ----------
    ensemble : Ensemble or str
    num_skills : int
        1 to 2**31 - 1.
    num_texts : int, optional
        At least 1; a configuration ensemble has all its texts if omitted: num_skills * full_ratio, rounded.
    rng : numpy.random.Generator
        Draws degrees and one key; endpoints are a pure function of the key.
    degrees : {"fixed", "random"}, optional
        ``"fixed"``: the numbers of nodes of each degree are the expected ones, rounded by largest remainders, in
        random order (the default of configuration ensembles); ``"random"``: each node draws its degree.

    Returns
    -------
    SkillTextGraph

    Raises
    ------
    ValueError
        If a number is out of range, or more than 1e-6 of the texts would need more skills than there are.

    Examples
    --------
    >>> from skillgraph import generator
    >>> sample("fixed:3", 100, 50, rng=generator(1, "graph")).num_edges
    150
    """
    ensemble = parse_ensemble(ensemble)
    size = count("num_skills", num_skills, largest=LARGEST)
    if degrees not in (None, "fixed", "random"):
        raise ValueError(f'degrees must be "fixed" or "random", got "{degrees}"')
    if ensemble.texts_per_skill is not None:
        return _sample_configuration(ensemble, ensemble.texts_per_skill, size, num_texts, rng, degrees != "random")
    if num_texts is None:
        raise ValueError("num_texts must be given: texts by law can be added without end")
    assert ensemble.popularity is not None
    popularity, number = ensemble.popularity, count("num_texts", num_texts, largest=LARGEST)
    weights = np.empty(0) if popularity.is_uniform else popularity.weights(size)
    available = size if popularity.is_uniform else int(np.count_nonzero(weights))
    law = _law_at_size(ensemble, size)
    indptr = _starts(_fitting_degrees(law, available, number, rng, degrees == "fixed"))
    return _with_drawn_skills(indptr, size, popularity, weights, counter_key(rng))


def sample_known(num_skills: int, share: float, rng: np.random.Generator) -> np.ndarray:
    """Draw the skills known beforehand, each independently.

    Parameters
    ----------
    num_skills : int
    share : float
        Probability that a skill is known, in [0, 1].
    rng : numpy.random.Generator

    Returns
    -------
    (num_skills,) bool array

    Raises
    ------
    ValueError
        If the share is no share.

    Examples
    --------
    >>> from skillgraph import generator
    >>> sample_known(5, 1.0, generator(1, "known")).tolist()
    [True, True, True, True, True]
    """
    chance = checks.share("share of known skills", share)
    return rng.random(count("num_skills", num_skills, least=0, largest=LARGEST)) < chance


def _law_at_size(ensemble: Ensemble, num_skills: int) -> DegreeLaw:
    """Return the law of skills per text; independent edges make a Poisson law binomial."""
    law = ensemble.skills_per_text
    if not ensemble.independent_edges:
        return law
    if law.mean > num_skills:
        raise ValueError(f"mean skills per text must not exceed num_skills, got {law.mean:g} and {num_skills}")
    return binomial(num_skills, law.mean / num_skills)


def _fitting_degrees(
    law: DegreeLaw, available: int, number: int, rng: np.random.Generator, fixed_counts: bool
) -> np.ndarray:
    """Draw skills per text, conditioned on at most ``available``."""
    require_fit(law, available)
    if fixed_counts:
        return _expected_degrees(law.probabilities[: available + 1], number, rng)
    degrees = law.sample(rng, number)
    misfits = np.flatnonzero(degrees > available)
    while misfits.size > 0:
        degrees[misfits] = law.sample(rng, misfits.size)
        misfits = misfits[degrees[misfits] > available]
    return degrees


def require_fit(law: DegreeLaw, available: int) -> None:
    """Raise ValueError if more than 10^-6 of the texts would need more skills than can be drawn."""
    beyond = law.exceeds(available) if law.maximum is None or law.maximum > available else 0.0
    if beyond > _MISFIT:
        raise ValueError(
            f'skills per text "{law}" exceed the {available} skills that can be drawn in a share {beyond:.3g} of '
            f"the texts (at most {_MISFIT:g} is conditioned away); truncate the law or take more skills"
        )


def _expected_degrees(probabilities: np.ndarray, number: int, rng: np.random.Generator) -> np.ndarray:
    """Return ``number`` degrees in random order whose counts are the expected ones, by largest remainders."""
    counts = expected_counts(probabilities, number)
    return rng.permutation(np.repeat(np.arange(counts.size), counts))


def _with_drawn_skills(
    indptr: np.ndarray, num_skills: int, popularity: Popularity, weights: np.ndarray, key: np.ndarray
) -> SkillTextGraph:
    """Let every text draw its skills."""
    skills = np.empty(int(indptr[-1]), np.int32)
    if popularity.is_uniform:
        stamped = int(np.diff(indptr).max(initial=0)) > int(kernels.FEW)
        stamps = np.zeros(num_skills if stamped else 0, np.int32)
        kernels.draw_uniform(key, indptr, np.uint64(num_skills), stamps, skills)
        return SkillTextGraph(num_skills, indptr, skills)
    keep, alias = np.empty(num_skills), np.empty(num_skills, np.int32)
    kernels.alias_table(weights.copy(), keep, alias)
    patience = min(num_skills, 2**30)
    kernels.draw_weighted(key, indptr, weights, keep, alias, patience, np.zeros(num_skills, np.int32), skills)
    return SkillTextGraph(num_skills, indptr, skills)


def _sample_configuration(
    ensemble: Ensemble,
    texts_per_skill: DegreeLaw,
    num_skills: int,
    num_texts: int | None,
    rng: np.random.Generator,
    fixed_counts: bool,
) -> SkillTextGraph:
    """Draw both degree sequences and match their sockets."""
    assert ensemble.full_ratio is not None
    full = all_texts(ensemble.full_ratio, num_skills)
    number = count("num_texts", full if num_texts is None else num_texts, largest=LARGEST)
    if number > full:
        raise ValueError(
            f"num_texts must not exceed {full}, all texts of the configuration ensemble on {num_skills} skills, "
            f"got {number}"
        )
    needed = _node_degrees(ensemble.skills_per_text, number, rng, fixed_counts)
    offered = _node_degrees(texts_per_skill, num_skills, rng, fixed_counts)
    return _matched(needed, offered, counter_key(rng))


def _node_degrees(law: DegreeLaw, number: int, rng: np.random.Generator, fixed_counts: bool) -> np.ndarray:
    return _expected_degrees(law.probabilities, number, rng) if fixed_counts else law.sample(rng, number)


def _matched(needed: np.ndarray, offered: np.ndarray, key: np.ndarray) -> SkillTextGraph:
    """Match the sockets of texts with the sockets of skills uniformly; an empty partner is -1."""
    indptr, total = _starts(needed), int(offered.sum())
    surplus = max(0, int(indptr[-1]) - total)
    if total + surplus > _MOST_SOCKETS:
        raise ValueError(f"a configuration ensemble can match at most {_MOST_SOCKETS} sockets, got {total + surplus}")
    sockets = np.full(total + surplus, -1, np.int32)
    sockets[:total] = np.repeat(np.arange(offered.size, dtype=np.int32), offered)
    kernels.shuffle(key, sockets)
    partners = sockets[: int(indptr[-1])]
    if surplus > 0:
        filled = np.concatenate(([0], np.cumsum(partners >= 0)))
        indptr, partners = filled[indptr], partners[partners >= 0]
    return SkillTextGraph(offered.size, indptr, partners.copy())


def _starts(degrees: np.ndarray) -> np.ndarray:
    """Return where rows of these lengths start, (n + 1,) int32 while it fits."""
    total = int(degrees.sum())
    indptr = np.zeros(degrees.size + 1, np.int32 if total <= LARGEST else np.int64)
    np.cumsum(degrees, out=indptr[1:])
    return indptr
