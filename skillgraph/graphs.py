"""Skill-text graphs: the frozen pair of compressed arrays, and random graphs of an ensemble."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from skillgraph._kernels import csr, sampling
from skillgraph.degrees import DegreeLaw, binomial
from skillgraph.ensembles import Ensemble, Popularity
from skillgraph.seeding import counter_key

__all__ = ["SkillTextGraph", "from_edges", "sample", "sample_known"]

Names = Sequence[str | int]

_LARGEST = 2**31 - 1  # skills and texts are int32
_MOST_SOCKETS = 2**32
_MISFIT = 1e-6  # share of texts beyond the number of skills that is conditioned away


@dataclass(frozen=True, eq=False, repr=False)
class SkillTextGraph:
    """Which text needs which skills; the arrays are read-only.

    Texts keep their order: it is the order in which they arrive. A pair may occur several times (configuration
    ensembles); every occurrence is an edge of its own.

    Parameters
    ----------
    num_skills : int
        0 to 2**31 - 1; skills that occur in no text are orphans.
    text_indptr : (num_texts + 1,) integer array
        Where the skills of each text start in ``text_skills``; kept as int32, or int64 beyond 2**31 - 1 edges.
    text_skills : (num_edges,) integer array
        Skills of text 0, then of text 1, ...; kept as int32.
    skill_names, text_names : sequences of str or int, optional
        One name per skill or text, all different.

    Raises
    ------
    ValueError
        If the arrays do not describe a graph, or names are too few, too many or not unique.
    """

    num_skills: int
    text_indptr: np.ndarray
    text_skills: np.ndarray
    skill_names: tuple[str | int, ...] | None = None
    text_names: tuple[str | int, ...] | None = None

    def __post_init__(self) -> None:
        num_skills = _count("num_skills", self.num_skills)
        indptr = _row("text_indptr", self.text_indptr)
        skills = _row("text_skills", self.text_skills)
        if indptr.size == 0 or indptr[0] != 0 or indptr[-1] != skills.size or np.any(indptr[1:] < indptr[:-1]):
            raise ValueError(f"text_indptr must rise from 0 to the number of edges, {skills.size}")
        _count("num_texts", indptr.size - 1)
        _require_range("text_skills", skills, num_skills, "num_skills")
        index = np.int32 if skills.size <= _LARGEST else np.int64
        object.__setattr__(self, "num_skills", num_skills)
        object.__setattr__(self, "text_indptr", _frozen(indptr, index))
        object.__setattr__(self, "text_skills", _frozen(skills, np.int32))
        object.__setattr__(self, "skill_names", _names("skill_names", self.skill_names, num_skills))
        object.__setattr__(self, "text_names", _names("text_names", self.text_names, indptr.size - 1))

    @property
    def num_texts(self) -> int:
        """Number of texts, empty ones included."""
        return int(self.text_indptr.size - 1)

    @property
    def num_edges(self) -> int:
        """Number of edges, every occurrence of a repeated one counted."""
        return int(self.text_skills.size)

    @property
    def skill_indptr(self) -> np.ndarray:
        """Where the texts of each skill start in ``skill_texts``, (num_skills + 1,), dtype of ``text_indptr``."""
        return self._by_skill[0]

    @property
    def skill_texts(self) -> np.ndarray:
        """Texts of skill 0, then of skill 1, ..., each in order of arrival, (num_edges,) int32."""
        return self._by_skill[1]

    @property
    def skills_per_text(self) -> np.ndarray:
        """Number of skills of every text, (num_texts,) int64."""
        return np.diff(self.text_indptr).astype(np.int64)

    @property
    def texts_per_skill(self) -> np.ndarray:
        """Number of texts of every skill, (num_skills,) int64."""
        return np.diff(self.skill_indptr).astype(np.int64)

    @property
    def num_empty_texts(self) -> int:
        """Number of texts without a skill."""
        return int(np.count_nonzero(self.text_indptr[1:] == self.text_indptr[:-1]))

    @property
    def num_orphan_skills(self) -> int:
        """Number of skills that occur in no text."""
        return int(np.count_nonzero(self.skill_indptr[1:] == self.skill_indptr[:-1]))

    @cached_property
    def num_repeated_edges(self) -> int:
        """Number of edges that repeat an earlier one, 0 for a simple graph."""
        stamps = np.zeros(self.num_skills, np.int32)
        return int(csr.mark_repeats(self.text_indptr, self.text_skills, stamps, np.empty(0, np.bool_)))

    @cached_property
    def _by_skill(self) -> tuple[np.ndarray, np.ndarray]:
        indptr = np.zeros(self.num_skills + 1, self.text_indptr.dtype)
        texts = np.empty(self.num_edges, np.int32)
        csr.transpose(self.text_indptr, self.text_skills, indptr, texts)
        return _frozen(indptr, indptr.dtype), _frozen(texts, np.int32)

    def skills_of(self, text: int) -> np.ndarray:
        """Return the skills of a text, (skills_per_text[text],) int32."""
        place = _place("text", text, self.num_texts)
        return self.text_skills[self.text_indptr[place] : self.text_indptr[place + 1]]

    def texts_of(self, skill: int) -> np.ndarray:
        """Return the texts of a skill in order of arrival, (texts_per_skill[skill],) int32."""
        place = _place("skill", skill, self.num_skills)
        return self.skill_texts[self.skill_indptr[place] : self.skill_indptr[place + 1]]

    def __repr__(self) -> str:
        return f"<SkillTextGraph: {self.num_skills} skills, {self.num_texts} texts, {self.num_edges} edges>"


def from_edges(
    texts: np.ndarray,
    skills: np.ndarray,
    num_texts: int | None = None,
    num_skills: int | None = None,
    *,
    text_names: Names | None = None,
    skill_names: Names | None = None,
) -> SkillTextGraph:
    """Make a graph of a list of edges.

    Parameters
    ----------
    texts, skills : (num_edges,) integer arrays
        One entry per edge, counted from 0, in any order; repeated pairs are kept.
    num_texts, num_skills : int, optional
        Number of texts and skills, unused ones included; the largest number plus 1 if omitted.
    text_names, skill_names : sequences of str or int, optional

    Raises
    ------
    ValueError
        If the arrays differ in length, hold other than integers, or a number is out of range.
    """
    rows, columns = _row("texts", texts), _row("skills", skills)
    if rows.size != columns.size:
        raise ValueError(f"texts and skills must have the same length, got {rows.size} and {columns.size}")
    number = _size("num_texts", num_texts, rows)
    width = _size("num_skills", num_skills, columns)
    _require_range("texts", rows, number, "num_texts")
    _require_range("skills", columns, width, "num_skills")
    indptr = np.zeros(number + 1, np.int32 if rows.size <= _LARGEST else np.int64)
    grouped = np.empty(rows.size, np.int32)
    csr.group(rows.astype(np.int32, copy=False), columns.astype(np.int32, copy=False), indptr, grouped)
    return SkillTextGraph(width, indptr, grouped, _as_tuple(skill_names), _as_tuple(text_names))


def sample(
    ensemble: Ensemble,
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
    ensemble : Ensemble
    num_skills : int
        1 to 2**31 - 1.
    num_texts : int, optional
        At least 1; a configuration ensemble has all its texts if omitted: num_skills * full_ratio, rounded.
    rng : numpy.random.Generator
        Draws degrees and one key; endpoints are a pure function of the key.
    degrees : {"fixed", "random"}, optional
        ``"fixed"``: the numbers of nodes of each degree are the expected ones, rounded by largest remainders, in
        random order (the default of configuration ensembles); ``"random"``: each node draws its degree.

    Raises
    ------
    ValueError
        If a number is out of range, or more than 1e-6 of the texts would need more skills than there are.
    """
    size = _positive("num_skills", num_skills)
    if degrees not in (None, "fixed", "random"):
        raise ValueError(f'degrees must be "fixed" or "random", got "{degrees}"')
    if ensemble.texts_per_skill is not None:
        return _sample_configuration(ensemble, ensemble.texts_per_skill, size, num_texts, rng, degrees != "random")
    if num_texts is None:
        raise ValueError("num_texts must be given: texts by law can be added without end")
    assert ensemble.popularity is not None
    popularity, number = ensemble.popularity, _positive("num_texts", num_texts)
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
    """
    if not 0 <= share <= 1:
        raise ValueError(f"share of known skills must lie in [0, 1], got {share}")
    return rng.random(_count("num_skills", num_skills)) < share


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
    beyond = law.exceeds(available) if law.maximum is None or law.maximum > available else 0.0
    if beyond > _MISFIT:
        raise ValueError(
            f'skills per text "{law}" exceed the {available} skills that can be drawn in a share {beyond:.3g} of '
            f"the texts (at most {_MISFIT:g} is conditioned away); truncate the law or take more skills"
        )
    if fixed_counts:
        return _expected_degrees(law.probabilities[: available + 1], number, rng)
    degrees = law.sample(rng, number)
    misfits = np.flatnonzero(degrees > available)
    while misfits.size > 0:
        degrees[misfits] = law.sample(rng, misfits.size)
        misfits = misfits[degrees[misfits] > available]
    return degrees


def _expected_degrees(probabilities: np.ndarray, number: int, rng: np.random.Generator) -> np.ndarray:
    """Return ``number`` degrees in random order whose counts are the expected ones, by largest remainders."""
    expected = probabilities * (number / probabilities.sum())
    counts = np.floor(expected + 1e-9).astype(np.int64)
    missing = number - int(counts.sum())
    counts[np.argsort(counts - expected, kind="stable")[:missing]] += 1
    return rng.permutation(np.repeat(np.arange(counts.size), counts))


def _with_drawn_skills(
    indptr: np.ndarray, num_skills: int, popularity: Popularity, weights: np.ndarray, key: np.ndarray
) -> SkillTextGraph:
    """Let every text draw its skills."""
    skills = np.empty(int(indptr[-1]), np.int32)
    if popularity.is_uniform:
        stamped = int(np.diff(indptr).max(initial=0)) > int(sampling.FEW)
        stamps = np.zeros(num_skills if stamped else 0, np.int32)
        sampling.draw_uniform(key, indptr, np.uint64(num_skills), stamps, skills)
        return SkillTextGraph(num_skills, indptr, skills)
    keep, alias = np.empty(num_skills), np.empty(num_skills, np.int32)
    sampling.alias_table(weights.copy(), keep, alias)
    patience = min(num_skills, 2**30)
    sampling.draw_weighted(key, indptr, weights, keep, alias, patience, np.zeros(num_skills, np.int32), skills)
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
    full = max(1, int(np.floor(num_skills * ensemble.full_ratio + 0.5)))
    number = _positive("num_texts", full if num_texts is None else num_texts)
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
    sampling.shuffle(key, sockets)
    partners = sockets[: int(indptr[-1])]
    if surplus > 0:
        filled = np.concatenate(([0], np.cumsum(partners >= 0)))
        indptr, partners = filled[indptr], partners[partners >= 0]
    return SkillTextGraph(offered.size, indptr, partners.copy())


def _starts(degrees: np.ndarray) -> np.ndarray:
    """Return where rows of these lengths start, (n + 1,) int32 while it fits."""
    total = int(degrees.sum())
    indptr = np.zeros(degrees.size + 1, np.int32 if total <= _LARGEST else np.int64)
    np.cumsum(degrees, out=indptr[1:])
    return indptr


def _frozen(array: np.ndarray, dtype: np.dtype | type) -> np.ndarray:
    view = np.ascontiguousarray(array, dtype=dtype).view()
    view.flags.writeable = False
    return view


def _row(name: str, values: np.ndarray) -> np.ndarray:
    array = np.asarray(values)
    if array.ndim != 1 or (array.size > 0 and array.dtype.kind not in "iu"):
        raise ValueError(f"{name} must be a row of integers, got {array.dtype} of shape {array.shape}")
    return array if array.size > 0 else array.astype(np.int32)


def _size(name: str, given: int | None, values: np.ndarray) -> int:
    smallest = int(values.max()) + 1 if values.size > 0 else 0
    return _count(name, smallest if given is None else given)


def _require_range(name: str, values: np.ndarray, number: int, limit: str) -> None:
    if values.size > 0 and (values.min() < 0 or values.max() >= number):
        wrong = values.min() if values.min() < 0 else values.max()
        raise ValueError(f"{name} must lie in 0, ..., {limit} - 1 = {number - 1}, got {wrong}")


def _count(name: str, value: int) -> int:
    number = operator.index(value)
    if not 0 <= number <= _LARGEST:
        raise ValueError(f"{name} must be an integer from 0 to {_LARGEST}, got {number}")
    return number


def _positive(name: str, value: int) -> int:
    if _count(name, value) == 0:
        raise ValueError(f"{name} must be at least 1, got 0")
    return operator.index(value)


def _place(name: str, value: int, number: int) -> int:
    place = operator.index(value)
    if not 0 <= place < number:
        raise ValueError(f"{name} must lie in 0, ..., {number - 1}, got {place}")
    return place


def _as_tuple(names: Names | None) -> tuple[str | int, ...] | None:
    return None if names is None else tuple(names)


def _names(name: str, names: Names | None, number: int) -> tuple[str | int, ...] | None:
    if names is None:
        return None
    kept = tuple(names)
    if len(kept) != number:
        raise ValueError(f"{name} must be {number} names, got {len(kept)}")
    if len(set(kept)) != number:
        raise ValueError(f"{name} must all be different, got {number - len(set(kept))} repeated")
    return kept
