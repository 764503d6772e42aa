"""Skill-text graphs: frozen arrays, and sampling them from an ensemble."""

from __future__ import annotations

import operator
from collections.abc import Hashable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from skillgraph._kernels import sampling as kernels
from skillgraph.ensembles import Ensemble, Popularity
from skillgraph.laws import DegreeLaw
from skillgraph.seeding import counter_key

if TYPE_CHECKING:
    import networkx as nx
    from scipy import sparse

__all__ = [
    "SkillTextGraph",
    "from_edges",
    "from_networkx",
    "from_scipy",
    "sample",
    "sample_known",
    "to_networkx",
    "to_scipy",
]

_LARGEST = 2**31 - 1  # skills and texts are int32
_IGNORED_TAIL = 1e-6  # mass above num_skills up to which a law is conditioned on fitting


@dataclass(frozen=True, eq=False)
class SkillTextGraph:
    """Which text needs which skill: two CSR views of one bipartite graph.

    Rows are texts in order of arrival. Repeated edges are possible (configuration ensembles) and stand as repeated
    entries. Make one with `sample`, `from_edges` or a reader; the arrays are read-only.

    Attributes
    ----------
    text_indptr : (num_texts + 1,) int32 array (int64 from 2^31 edges on)
        Text t needs ``text_skills[text_indptr[t]:text_indptr[t + 1]]``.
    text_skills : (num_edges,) int32 array
    num_skills : int
    skill_names, text_names : tuple, optional
        Names from a table.
    """

    text_indptr: np.ndarray
    text_skills: np.ndarray
    num_skills: int
    skill_names: tuple[Hashable, ...] | None = None
    text_names: tuple[Hashable, ...] | None = None

    def __post_init__(self) -> None:
        for array in (self.text_indptr, self.text_skills):
            array.setflags(write=False)

    @property
    def num_texts(self) -> int:
        """Number of texts."""
        return int(self.text_indptr.size - 1)

    @property
    def num_edges(self) -> int:
        """Number of text-skill pairs, repeated ones counted as often as they stand."""
        return int(self.text_skills.size)

    @cached_property
    def _skill_side(self) -> tuple[np.ndarray, np.ndarray]:
        indptr = np.zeros(self.num_skills + 1, self.text_indptr.dtype)
        texts = np.empty(self.num_edges, np.int32)
        kernels.other_side(self.text_indptr, self.text_skills, indptr, texts)
        indptr.setflags(write=False)
        texts.setflags(write=False)
        return indptr, texts

    @property
    def skill_indptr(self) -> np.ndarray:
        """Row starts of ``skill_texts``, (num_skills + 1,); computed on first use."""
        return self._skill_side[0]

    @property
    def skill_texts(self) -> np.ndarray:
        """Texts of each skill in order of arrival, (num_edges,) int32; computed on first use."""
        return self._skill_side[1]

    @property
    def skills_per_text(self) -> np.ndarray:
        """Degree of every text, (num_texts,)."""
        return np.diff(self.text_indptr)

    @property
    def texts_per_skill(self) -> np.ndarray:
        """Degree of every skill, (num_skills,)."""
        return np.bincount(self.text_skills, minlength=self.num_skills)

    def skills_of(self, text: int) -> np.ndarray:
        """Return the skills of a text."""
        return self.text_skills[self.text_indptr[text] : self.text_indptr[text + 1]]

    def texts_of(self, skill: int) -> np.ndarray:
        """Return the texts of a skill."""
        return self.skill_texts[self.skill_indptr[skill] : self.skill_indptr[skill + 1]]

    @property
    def num_repeated_edges(self) -> int:
        """Number of entries that repeat an earlier one of the same text."""
        texts = np.repeat(np.arange(self.num_texts, dtype=np.int64), self.skills_per_text)
        return self.num_edges - int(np.unique(texts * self.num_skills + self.text_skills).size)

    def __repr__(self) -> str:
        return f"<SkillTextGraph: {self.num_skills} skills, {self.num_texts} texts, {self.num_edges} edges>"


def from_edges(
    texts: np.ndarray,
    skills: np.ndarray,
    num_texts: int | None = None,
    num_skills: int | None = None,
    *,
    text_names: tuple[Hashable, ...] | None = None,
    skill_names: tuple[Hashable, ...] | None = None,
) -> SkillTextGraph:
    """Make a graph from pairs of numbers.

    Parameters
    ----------
    texts, skills : (num_edges,) integer arrays
        Numbers from 0; repeated pairs are kept.
    num_texts, num_skills : int, optional
        Sizes, if there are empty texts or orphan skills beyond the largest number.

    Raises
    ------
    ValueError
        If the arrays differ in length, hold no integers, or a number is out of range.
    """
    rows, columns = np.asarray(texts), np.asarray(skills)
    if rows.ndim != 1 or rows.shape != columns.shape:
        raise ValueError(f"texts and skills must be rows of equal length, got shapes {rows.shape} and {columns.shape}")
    total_texts = _size("text", rows, num_texts)
    total_skills = _size("skill", columns, num_skills)
    indptr = np.zeros(total_texts + 1, _index_type(rows.size))
    text_skills = np.empty(rows.size, np.int32)
    kernels.fill_rows(rows.astype(np.int64), columns.astype(np.int64), indptr, text_skills)
    return SkillTextGraph(indptr, text_skills, total_skills, skill_names, text_names)


def _size(name: str, numbers: np.ndarray, size: int | None) -> int:
    """Check the numbers of one side and return how many there are."""
    if numbers.size and not np.issubdtype(numbers.dtype, np.integer):
        raise ValueError(f"{name} numbers must be integers, got {numbers.dtype}")
    if numbers.size and numbers.min() < 0:
        raise ValueError(f"{name} numbers must not be negative, got {numbers.min()}")
    largest = int(numbers.max()) + 1 if numbers.size else 0
    total = largest if size is None else operator.index(size)
    if total < largest:
        raise ValueError(f"num_{name}s must be at least {largest}, the largest {name} number plus 1, got {total}")
    return _node_count(f"num_{name}s", total)


def _node_count(name: str, value: int) -> int:
    number = operator.index(value)
    if not 0 <= number <= _LARGEST:
        raise ValueError(f"{name} must be an integer from 0 to {_LARGEST}, got {number}")
    return number


def _index_type(num_edges: int) -> type[np.signedinteger[Any]]:
    return np.int32 if num_edges <= _LARGEST else np.int64


def to_scipy(graph: SkillTextGraph) -> sparse.csr_array:
    """Return the (num_texts, num_skills) matrix of edge multiplicities, int32."""
    from scipy import sparse

    ones = np.ones(graph.num_edges, np.int32)
    shape = (graph.num_texts, graph.num_skills)
    matrix = sparse.csr_array((ones, graph.text_skills.copy(), graph.text_indptr.copy()), shape=shape)
    matrix.sum_duplicates()
    return matrix


def from_scipy(matrix: sparse.sparray) -> SkillTextGraph:
    """Make a graph from a (num_texts, num_skills) matrix; an entry other than 0 is an edge, a count is kept as one."""
    coordinates = matrix.tocoo()
    keep = coordinates.data != 0
    return from_edges(coordinates.row[keep], coordinates.col[keep], *matrix.shape)


def to_networkx(graph: SkillTextGraph) -> nx.Graph:
    """Return a bipartite networkx graph with nodes ("skill", s) and ("text", t); repeated edges become one."""
    import networkx as nx

    network = nx.Graph()
    network.add_nodes_from((("skill", s) for s in range(graph.num_skills)), bipartite=0)
    network.add_nodes_from((("text", t) for t in range(graph.num_texts)), bipartite=1)
    texts = np.repeat(np.arange(graph.num_texts), graph.skills_per_text)
    pairs = zip(texts.tolist(), graph.text_skills.tolist(), strict=True)
    network.add_edges_from((("text", t), ("skill", s)) for t, s in pairs)
    return network


def from_networkx(network: nx.Graph) -> SkillTextGraph:
    """Make a graph from a bipartite networkx graph.

    Parameters
    ----------
    network : networkx.Graph
        Node attribute ``bipartite``: 0 for skills, 1 for texts. Texts arrive in node order.

    Raises
    ------
    ValueError
        If a node has no such attribute, or an edge joins two nodes of one side.
    """
    sides: dict[int, dict[Hashable, int]] = {0: {}, 1: {}}
    for node, side in network.nodes(data="bipartite"):
        if side not in sides:
            raise ValueError(f"every node needs bipartite=0 (skill) or 1 (text), got {side} at node {node!r}")
        sides[side][node] = len(sides[side])
    skills, texts = sides[0], sides[1]
    pairs = [(u, v) if u in texts else (v, u) for u, v in network.edges()]
    for text, skill in pairs:
        if text not in texts or skill not in skills:
            raise ValueError(f"every edge must join a text and a skill, got {text!r} and {skill!r}")
    rows = np.array([texts[text] for text, _ in pairs], dtype=np.int64)
    columns = np.array([skills[skill] for _, skill in pairs], dtype=np.int64)
    return from_edges(rows, columns, len(texts), len(skills), text_names=tuple(texts), skill_names=tuple(skills))


def sample(
    ensemble: Ensemble,
    num_skills: int,
    num_texts: int | None = None,
    *,
    rng: np.random.Generator,
    degrees: str = "fixed",
) -> SkillTextGraph:
    """Sample a graph from an ensemble.

    Parameters
    ----------
    ensemble : Ensemble
    num_skills : int
        At least 1.
    num_texts : int, optional
        Needed for texts by law; a configuration ensemble has ``round(num_skills * full_ratio)`` texts if omitted.
    rng : numpy.random.Generator
    degrees : {"fixed", "random"}
        Configuration ensembles: degrees in proportion to the law, rounded by largest remainders and put in random
        order; or drawn independently from the law.

    Returns
    -------
    SkillTextGraph
        Texts in random order. In a configuration ensemble sockets are matched uniformly and repeated edges are kept;
        where the two sides have different numbers of sockets the surplus sockets stay empty.

    Raises
    ------
    ValueError
        If a size is out of range or more than 1e-6 of the law of skills per text lies above ``num_skills``.
    """
    size = _node_count("num_skills", num_skills)
    if size < 1:
        raise ValueError(f"num_skills must be at least 1, got {size}")
    if ensemble.texts_per_skill is not None:
        return _sample_configuration(ensemble, size, num_texts, rng, degrees)
    if num_texts is None:
        raise ValueError("num_texts must be given for an ensemble of texts by law")
    lengths = _text_degrees(ensemble, size, _node_count("num_texts", num_texts), rng)
    indptr = np.zeros(lengths.size + 1, _index_type(int(lengths.sum())))
    np.cumsum(lengths, out=indptr[1:])
    skills = np.empty(int(indptr[-1]), np.int32)
    longest = int(lengths.max(initial=0))
    seen = np.zeros(size if longest > kernels._SCAN else 0, np.int32)
    assert ensemble.popularity is not None
    if ensemble.popularity.is_uniform:
        kernels.draw_uniform(counter_key(rng), indptr, size, seen, skills)
    else:
        _draw_popular(ensemble.popularity, size, longest, counter_key(rng), indptr, seen, skills)
    return SkillTextGraph(indptr, skills, size)


def _text_degrees(ensemble: Ensemble, num_skills: int, num_texts: int, rng: np.random.Generator) -> np.ndarray:
    """Draw the skills per text; every edge independently for the Poisson ensemble."""
    law = ensemble.skills_per_text
    if ensemble.independent_edges:
        if law.mean > num_skills:
            raise ValueError(f"skills per text must have a mean of at most num_skills={num_skills}, got {law}")
        return rng.binomial(num_skills, law.mean / num_skills, num_texts)
    beyond = law.exceeds(num_skills)
    if beyond > _IGNORED_TAIL:
        raise ValueError(
            f"skills per text must fit num_skills={num_skills}: {law} exceeds it with probability {beyond:.3g}; "
            f"take more skills or bound the law"
        )
    return _fitting_degrees(law, num_skills, num_texts, rng)


def _fitting_degrees(law: DegreeLaw, num_skills: int, count: int, rng: np.random.Generator) -> np.ndarray:
    degrees = law.sample(rng, count)
    while np.any(too_large := degrees > num_skills):
        degrees[too_large] = law.sample(rng, int(too_large.sum()))
    return degrees


def _draw_popular(
    popularity: Popularity,
    num_skills: int,
    longest: int,
    key: np.ndarray,
    indptr: np.ndarray,
    seen: np.ndarray,
    skills: np.ndarray,
) -> None:
    weights = popularity.weights(num_skills)
    choices = int(np.count_nonzero(weights))
    if longest > choices:
        raise ValueError(f"a text needs {longest} skills, but only {choices} skills have a positive popularity")
    accept, alias = np.empty(num_skills), np.empty(num_skills, np.int32)
    kernels.alias_table(weights, accept, alias)
    kernels.draw_weighted(key, indptr, weights, accept, alias, seen, skills)


def _sample_configuration(
    ensemble: Ensemble, num_skills: int, num_texts: int | None, rng: np.random.Generator, degrees: str
) -> SkillTextGraph:
    if degrees not in ("fixed", "random"):
        raise ValueError(f'degrees must be "fixed" or "random", got "{degrees}"')
    assert ensemble.texts_per_skill is not None
    assert ensemble.full_ratio is not None
    full = round(num_skills * ensemble.full_ratio) if num_texts is None else _node_count("num_texts", num_texts)
    draw = _apportioned_degrees if degrees == "fixed" else _independent_degrees
    skill_degrees, text_degrees = (
        draw(ensemble.texts_per_skill, num_skills, rng),
        draw(ensemble.skills_per_text, full, rng),
    )
    sockets = np.repeat(np.arange(num_skills, dtype=np.int32), skill_degrees)
    wanted = int(text_degrees.sum())
    if sockets.size < wanted:
        sockets = np.concatenate([sockets, np.full(wanted - sockets.size, -1, np.int32)])
    rng.shuffle(sockets)
    matched, texts = sockets[:wanted], np.repeat(np.arange(full, dtype=np.int32), text_degrees)
    return from_edges(texts[matched >= 0], matched[matched >= 0], full, num_skills)


def _independent_degrees(law: DegreeLaw, count: int, rng: np.random.Generator) -> np.ndarray:
    return law.sample(rng, count)


def _apportioned_degrees(law: DegreeLaw, count: int, rng: np.random.Generator) -> np.ndarray:
    """Give ``count`` nodes degrees in proportion to the law (largest remainders), in random order."""
    quota = law.probabilities / law.probabilities.sum() * count
    seats = np.floor(quota).astype(np.int64)
    remainders = np.argsort(seats - quota, kind="stable")
    seats[remainders[: count - int(seats.sum())]] += 1
    return rng.permutation(np.repeat(np.arange(seats.size), seats))


def sample_known(num_skills: int, share: float, rng: np.random.Generator) -> np.ndarray:
    """Draw which skills are known beforehand, each independently.

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
    return rng.random(_node_count("num_skills", num_skills)) < share
