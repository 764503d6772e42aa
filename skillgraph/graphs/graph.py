"""Skill-text graphs: the frozen pair of compressed arrays."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from skillgraph._kernels import csr
from skillgraph.checks import count

__all__ = ["LARGEST", "SkillTextGraph", "from_edges", "inverse"]

Names = Sequence[str | int]

LARGEST = 2**31 - 1  # skills and texts are int32


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
        num_skills = count("num_skills", self.num_skills, least=0, largest=LARGEST)
        indptr = _row("text_indptr", self.text_indptr)
        skills = _row("text_skills", self.text_skills)
        if indptr.size == 0 or indptr[0] != 0 or indptr[-1] != skills.size or np.any(indptr[1:] < indptr[:-1]):
            raise ValueError(f"text_indptr must rise from 0 to the number of edges, {skills.size}")
        count("num_texts", indptr.size - 1, least=0, largest=LARGEST)
        _require_range("text_skills", skills, num_skills, "num_skills")
        index = np.int32 if skills.size <= LARGEST else np.int64
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

    Returns
    -------
    SkillTextGraph

    Raises
    ------
    ValueError
        If the arrays differ in length, hold other than integers, or a number is out of range.

    Examples
    --------
    >>> graph = from_edges([0, 0, 1], [0, 1, 1])
    >>> graph.num_texts, graph.num_skills, graph.num_edges
    (2, 2, 3)
    """
    rows, columns = _row("texts", texts), _row("skills", skills)
    if rows.size != columns.size:
        raise ValueError(f"texts and skills must have the same length, got {rows.size} and {columns.size}")
    number = _size("num_texts", num_texts, rows)
    width = _size("num_skills", num_skills, columns)
    _require_range("texts", rows, number, "num_texts")
    _require_range("skills", columns, width, "num_skills")
    indptr = np.zeros(number + 1, np.int32 if rows.size <= LARGEST else np.int64)
    grouped = np.empty(rows.size, np.int32)
    csr.group(rows.astype(np.int32, copy=False), columns.astype(np.int32, copy=False), indptr, grouped)
    return SkillTextGraph(width, indptr, grouped, _as_tuple(skill_names), _as_tuple(text_names))


def inverse(order: np.ndarray) -> np.ndarray:
    """Return the place of each thing in an order, a permutation, (n,) uint32."""
    places = np.empty(len(order), np.uint32)
    places[order] = np.arange(len(order), dtype=np.uint32)
    return places


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
    return count(name, smallest if given is None else given, least=0, largest=LARGEST)


def _require_range(name: str, values: np.ndarray, number: int, limit: str) -> None:
    if values.size > 0 and (values.min() < 0 or values.max() >= number):
        wrong = values.min() if values.min() < 0 else values.max()
        raise ValueError(f"{name} must lie in 0, ..., {limit} - 1 = {number - 1}, got {wrong}")


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
