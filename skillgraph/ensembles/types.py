"""Ensembles of several classes: topics, hubs, degree classes, chains.

Skill class a holds a share s_a of the skills, text class b brings r_b texts per skill (of all skills), and each text of
class b draws how many skills of every class it needs from a joint law of means c_ba; the skills themselves uniformly
within their class. Two kinds, as with one class:

* *texts by law*: a skill of class a then occurs in a Poisson number of texts of class b, of mean scale r_b c_ba / s_a;
* *configuration*: the number of its texts of each class has a joint law too, and for every pair of classes the sockets
  of both sides are matched uniformly. All texts are there at scale 1; at a smaller scale the first of them.

``scale`` multiplies all rates.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from skillgraph.checks import count, positive, share, shown
from skillgraph.ensembles.degrees import parse_law, poisson
from skillgraph.ensembles.ensemble import Ensemble
from skillgraph.ensembles.joint_laws import JointLaw, JointPoisson, Split, independent
from skillgraph.ensembles.laws import DegreeLaw, Fixed

__all__ = ["TypedEnsemble", "coupled_chain", "joint_degrees", "one_class", "protograph", "topics", "types"]

_ROUNDING = 1e-9


@dataclass(frozen=True)
class TypedEnsemble:
    """A random law of skill-text graphs with classes; make one with `types`, `topics`, `protograph`, `coupled_chain`.

    Attributes
    ----------
    skill_classes, text_classes : tuple of str
        Names, all different on each side.
    shares : tuple of float
        s_a, positive, summing to 1.
    rates : tuple of float
        r_b, texts of each class per skill at scale 1.
    needs : tuple of JointLaw
        Per text class, over skill classes.
    known : tuple of float
        Per skill class, share of its skills known beforehand.
    learners : tuple of int
        Per text class, unknown skills that one text can teach.
    texts : tuple of JointLaw or None
        Configuration: per skill class, over text classes. None for texts by law.
    """

    skill_classes: tuple[str, ...]
    shares: tuple[float, ...]
    text_classes: tuple[str, ...]
    rates: tuple[float, ...]
    needs: tuple[JointLaw, ...]
    known: tuple[float, ...]
    learners: tuple[int, ...]
    texts: tuple[JointLaw, ...] | None = None

    @cached_property
    def mean_needs(self) -> np.ndarray:
        """c_ba, mean number of skills of class a that a text of class b needs, (text classes, skill classes)."""
        return np.array([law.means for law in self.needs])

    @property
    def total_rate(self) -> float:
        """Texts per skill at scale 1."""
        return float(sum(self.rates))

    @property
    def is_configuration(self) -> bool:
        """Whether both sides are prescribed, so that no scale goes beyond 1."""
        return self.texts is not None

    @cached_property
    def skill_laws(self) -> tuple[JointLaw, ...]:
        """Per skill class, the law of its texts over text classes: per unit of rate for texts by law, or prescribed."""
        if self.texts is not None:
            return self.texts
        means = self.mean_needs / np.array(self.shares)
        return tuple(JointPoisson(tuple(column)) for column in means.T.tolist())

    def sizes(self, num_skills: int) -> np.ndarray:
        """Return the number of skills of each class, (skill classes,) int64, by largest remainders."""
        number = count("num_skills", num_skills)
        exact = np.array(self.shares) * number
        out = np.floor(exact + _ROUNDING).astype(np.int64)
        missing = number - int(out.sum())
        out[np.argsort(out - exact, kind="stable")[:missing]] += 1
        return out

    def text_numbers(self, num_skills: int, scale: np.ndarray | float) -> np.ndarray:
        """Return the number of texts of each class, (..., text classes) int64, halves rounded up."""
        wanted = np.multiply.outer(np.asarray(scale, dtype=float), np.array(self.rates)) * num_skills
        return np.floor(wanted + 0.5 + _ROUNDING).astype(np.int64)

    def with_known(self, known: float | Sequence[float]) -> TypedEnsemble:
        """Return the same ensemble with other shares of skills known beforehand: one, or one per skill class."""
        return replace(self, known=_known(known, self.skill_classes))

    def __str__(self) -> str:
        skills = ", ".join(f"{name} {part:g}" for name, part in zip(self.skill_classes, self.shares, strict=True))
        texts = ", ".join(f"{name} {rate:g}" for name, rate in zip(self.text_classes, self.rates, strict=True))
        kind = "configuration" if self.is_configuration else "texts by law"
        return f"{kind}; skills: {_cut(skills)}; texts: {_cut(texts)}"


def types(
    shares: Sequence[float],
    rates: Sequence[float],
    needs: Sequence[Any],
    *,
    known: float | Sequence[float] = 0.0,
    learner: int | Sequence[int] = 1,
    texts: Sequence[Any] | None = None,
    skill_classes: Sequence[str] | None = None,
    text_classes: Sequence[str] | None = None,
) -> TypedEnsemble:
    """Return the ensemble of several skill classes and text classes.

    Parameters
    ----------
    shares : (skill classes,) numbers
        Summing to 1.
    rates : (text classes,) numbers
        Texts of each class per skill at scale 1; not negative, not all 0.
    needs : (text classes,) rows
        Each a row of one law per skill class (a number is the mean of a Poisson law), independent of each other, or a
        `JointLaw`.
    known : float or (skill classes,) numbers
    learner : int or (text classes,) ints
    texts : (skill classes,) rows, optional
        Each a row of one law per text class, or a `JointLaw`: a configuration ensemble.
    skill_classes, text_classes : names, optional
        ``a1, a2, ...`` and ``b1, b2, ...`` if omitted.

    Returns
    -------
    TypedEnsemble

    Raises
    ------
    ValueError
        If a number is out of range, shares do not sum to 1, all rates are 0, a skill class is used by no text, a text
        class needs no skill, or the two sides of a configuration ensemble have different numbers of edges.

    Examples
    --------
    >>> two = types((0.5, 0.5), (0.5, 0.5), [[4, 0.2], [0.2, 6]])
    >>> two.mean_needs.tolist()
    [[4.0, 0.2], [0.2, 6.0]]
    """
    skills = _names("skill class", skill_classes, len(shares), "a")
    groups = _names("text class", text_classes, len(rates), "b")
    laws = _laws("needs", needs, groups, skills)
    made = TypedEnsemble(
        skills,
        _shares(shares),
        groups,
        _rates(rates),
        laws,
        _known(known, skills),
        _learners(learner, groups),
        None if texts is None else _laws("texts", texts, skills, groups),
    )
    _require_use(made)
    if made.texts is not None:
        _require_balance(made)
    return made


def topics(
    blocks: int,
    overlap: float,
    skills_per_text: str | float | DegreeLaw = "poisson:4",
    texts_per_skill: float | Sequence[float] = 1.0,
    *,
    known: float = 0.0,
    learner: int = 1,
) -> TypedEnsemble:
    """Return equal topics with texts of their own that borrow from each other.

    Parameters
    ----------
    blocks : int
        Topics, each with an equal share of the skills.
    overlap : float
        Share of a text's skills that belong to other topics, evenly; 0 for topics that know nothing of each other.
    skills_per_text : law or number
        Law of the number of skills of a text, a number for a Poisson law of that mean.
    texts_per_skill : float or (blocks,) numbers
        Texts of each topic per skill of that topic, at scale 1.

    Returns
    -------
    TypedEnsemble
    """
    number, apart = count("blocks", blocks, largest=1000), share("overlap", overlap)
    if number == 1 and apart > 0:
        raise ValueError(f"overlap must be 0 with one block, got {shown(overlap)}")
    law = poisson(skills_per_text) if isinstance(skills_per_text, (int, float)) else parse_law(skills_per_text)
    ratios = np.broadcast_to(np.asarray(texts_per_skill, dtype=float), (number,)) / number
    mixed = np.full((number, number), apart / max(number - 1, 1))
    np.fill_diagonal(mixed, 1 - apart)
    rows = [Split(law, tuple(row)) for row in mixed.tolist()]
    names = [f"topic{place + 1}" for place in range(number)]
    whole = types(
        [1 / number] * number,
        ratios.tolist(),
        rows,
        known=known,
        learner=learner,
        skill_classes=names,
        text_classes=names,
    )
    return whole if not isinstance(law, type(poisson(1.0))) else _poisson_split(whole)


def _poisson_split(ensemble: TypedEnsemble) -> TypedEnsemble:
    """A Poisson total that is split gives independent Poisson numbers."""
    return replace(ensemble, needs=tuple(JointPoisson(tuple(law.means.tolist())) for law in ensemble.needs))


def protograph(base: Sequence[Sequence[int]]) -> TypedEnsemble:
    """Return the ensemble of a base matrix, as coding theorists write it: rows are checks (texts), columns variables.

    Every variable type and every check type has the same number of nodes; entry (b, a) counts the edges between them.
    """
    matrix = np.asarray(base)
    if matrix.ndim != 2 or matrix.dtype.kind not in "iu" or np.any(matrix < 0):
        raise ValueError(f"base matrix must be rows of non-negative integers, got {shown(base)}")
    checks, variables = matrix.shape
    return types(
        [1 / variables] * variables,
        [1 / variables] * checks,
        [[Fixed(int(k)) for k in row] for row in matrix],
        texts=[[Fixed(int(k)) for k in column] for column in matrix.T],
    )


def coupled_chain(texts_per_skill: int, skills_per_text: int, length: int) -> TypedEnsemble:
    """Return the spatially coupled (l, r, L) chain: see `skillgraph.theory.coupling`.

    Parameters
    ----------
    texts_per_skill : int
        l; a skill has one edge to a text at each of the l positions around it.
    skills_per_text : int
        r, a multiple of l.
    length : int
        L: positions -L, ..., L.
    """
    degree, width = count("texts_per_skill", texts_per_skill), count("skills_per_text", skills_per_text)
    positions = 2 * count("length", length) + 1
    if width % degree != 0:
        raise ValueError(f"skills per text of a coupled chain must be a multiple of {degree}, got {width}")
    near = np.zeros((positions + degree - 1, positions), np.int64)
    for step in range(degree):
        near[np.arange(positions) + step, np.arange(positions)] = 1
    return types(
        [1 / positions] * positions,
        [degree / width / positions] * near.shape[0],
        [[Fixed(int(k)) for k in row] for row in near * (width // degree)],
        texts=[[Fixed(int(k)) for k in column] for column in near.T],
    )


def joint_degrees(text_degree: np.ndarray, skill_degree: np.ndarray) -> TypedEnsemble:
    """Return the ensemble of all graphs in which edges join the same degrees as often as in a table.

    Parameters
    ----------
    text_degree, skill_degree : (edges,) integer arrays
        For every edge, the number of skills of its text and the number of texts of its skill. Texts and skills without
        an edge are left out.

    Returns
    -------
    TypedEnsemble
        Skill classes ``texts1, texts2, ...`` and text classes ``skills1, ...`` by degree.
    """
    sizes, size_of = np.unique(np.asarray(text_degree), return_inverse=True)
    degrees, degree_of = np.unique(np.asarray(skill_degree), return_inverse=True)
    edges = np.zeros((sizes.size, degrees.size))
    np.add.at(edges, (size_of.ravel(), degree_of.ravel()), 1.0)
    skills, texts = edges.sum(axis=0) / degrees, edges.sum(axis=1) / sizes
    by_text, by_skill = edges / edges.sum(axis=1, keepdims=True), (edges / edges.sum(axis=0)).T
    return types(
        (skills / skills.sum()).tolist(),
        (texts / skills.sum()).tolist(),
        [Split(Fixed(int(k)), tuple(row)) for k, row in zip(sizes, by_text.tolist(), strict=True)],
        texts=[Split(Fixed(int(k)), tuple(row)) for k, row in zip(degrees, by_skill.tolist(), strict=True)],
        skill_classes=[f"texts{k}" for k in degrees],
        text_classes=[f"skills{k}" for k in sizes],
    )


def one_class(ensemble: Ensemble, *, known: float = 0.0, learner: int = 1) -> TypedEnsemble:
    """Return an ensemble without classes as one with: one skill class per popularity, one text class, rate 1."""
    law = ensemble.skills_per_text
    if ensemble.texts_per_skill is not None:
        assert ensemble.full_ratio is not None
        texts = [[ensemble.texts_per_skill]]
        return types([1.0], [ensemble.full_ratio], [[law]], texts=texts, known=known, learner=learner)
    assert ensemble.popularity is not None
    weights, shares = ensemble.popularity.nodes()
    used = weights > 0
    chosen = shares[used] * weights[used] / float(shares[used] @ weights[used])
    needs: list[Any] = [[law]] if weights.size == 1 else [Split(law, tuple(chosen.tolist()))]
    return types((shares[used] / shares[used].sum()).tolist(), [1.0], needs, known=known, learner=learner)


def _names(kind: str, given: Sequence[str] | None, number: int, letter: str) -> tuple[str, ...]:
    if number == 0:
        raise ValueError(f"an ensemble needs at least one {kind}, got none")
    names = tuple(given) if given is not None else tuple(f"{letter}{place + 1}" for place in range(number))
    if len(names) != number or len(set(names)) != number:
        raise ValueError(f"names of the {kind}es must be {number} different ones, got {shown(list(names))}")
    return names


def _shares(values: Sequence[float]) -> tuple[float, ...]:
    shares = np.array([positive("share of a skill class", value) for value in values])
    if not abs(shares.sum() - 1) <= _ROUNDING:
        raise ValueError(f"shares of the skill classes must sum to 1, they sum to {shares.sum():.12g}")
    return tuple((shares / shares.sum()).tolist())


def _rates(values: Sequence[float]) -> tuple[float, ...]:
    rates = np.asarray(values, dtype=float)
    if not np.all(np.isfinite(rates)) or np.any(rates < 0):
        raise ValueError(f"rates of the text classes must be finite and not negative, got {shown(list(values))}")
    if rates.sum() == 0:
        raise ValueError(f"rates of the text classes must not all be zero, got {shown(list(values))}")
    return tuple(rates.tolist())


def _known(value: float | Sequence[float], skills: tuple[str, ...]) -> tuple[float, ...]:
    row = [value] * len(skills) if isinstance(value, (int, float)) else list(value)
    if len(row) != len(skills):
        raise ValueError(f"known must be one share per skill class, {len(skills)}, got {len(row)}")
    return tuple(share(f'known of skill class "{name}"', one) for name, one in zip(skills, row, strict=True))


def _learners(value: int | Sequence[int], texts: tuple[str, ...]) -> tuple[int, ...]:
    row = list(value) if isinstance(value, Sequence) else [value] * len(texts)
    if len(row) != len(texts):
        raise ValueError(f"learner must be one integer per text class, {len(texts)}, got {len(row)}")
    return tuple(
        count(f'learner of text class "{name}"', one, largest=2**20) for name, one in zip(texts, row, strict=True)
    )


def _laws(word: str, given: Sequence[Any], own: tuple[str, ...], other: tuple[str, ...]) -> tuple[JointLaw, ...]:
    if len(given) != len(own):
        raise ValueError(f"{word} must have one row per class, {len(own)}, got {len(given)}")
    return tuple(_law(word, row, name, len(other)) for row, name in zip(given, own, strict=True))


def _law(word: str, row: Any, name: str, number: int) -> JointLaw:
    law = row if isinstance(row, JointLaw) else independent([_degree_law(entry) for entry in row])
    if law.means.size != number:
        raise ValueError(f'{word} of class "{name}" must have {number} entries, got {law.means.size}')
    return law


def _degree_law(entry: Any) -> DegreeLaw:
    if isinstance(entry, (str, DegreeLaw)):
        return parse_law(entry)
    return poisson(operator.index(entry) if isinstance(entry, (int, np.integer)) else float(entry))


def _require_use(ensemble: TypedEnsemble) -> None:
    used = ensemble.mean_needs * (np.array(ensemble.rates)[:, None] > 0)
    for name, total in zip(ensemble.skill_classes, used.sum(axis=0), strict=True):
        if total == 0:
            raise ValueError(f'skill class "{name}" is used by no text: give it a text class of positive rate')
    for name, total in zip(ensemble.text_classes, ensemble.mean_needs.sum(axis=1), strict=True):
        if total == 0:
            raise ValueError(f'text class "{name}" needs no skill of any class')


def _require_balance(ensemble: TypedEnsemble) -> None:
    assert ensemble.texts is not None
    offered = np.array([law.means for law in ensemble.texts]).T * np.array(ensemble.shares)
    needed = ensemble.mean_needs * np.array(ensemble.rates)[:, None]
    wrong = np.argwhere(~(np.abs(offered - needed) <= 1e-9 * np.maximum(offered, needed)))
    if wrong.size > 0:
        b, a = wrong[0]
        raise ValueError(
            f'text class "{ensemble.text_classes[b]}" needs {needed[b, a]:.6g} edges per skill of class '
            f'"{ensemble.skill_classes[a]}", which offers {offered[b, a]:.6g}: both sides of a configuration ensemble '
            f"must have the same number"
        )


def _cut(text: str) -> str:
    return text if len(text) <= 120 else f"{text[:117]}..."
